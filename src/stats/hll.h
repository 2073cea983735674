/* How many distinct values: HyperLogLog (Flajolet, Fusy, Gandouet & Meunier 2007) with the estimator of Ertl (2017, "New
 * cardinality estimation algorithms for HyperLogLog sketches", algorithms 4 to 6), which needs no correction tables.
 *
 * Exact up to 1,024 distinct values; beyond, 4,096 registers in 4 kB and a relative standard error of 1.04/√4096 = 1.6 %.
 * Works on 64-bit hashes: tend_hll_hash for numbers, tend_hash64 for bytes. The order of values and of merges does not
 * matter.
 */
#ifndef TEND_STATS_HLL_H
#define TEND_STATS_HLL_H

#include "base/buf.h"

typedef struct tend_hll tend_hll;

tend_hll *tend_hll_new(void);
void tend_hll_free(tend_hll *hll);
void tend_hll_add(tend_hll *hll, uint64_t hash);
void tend_hll_merge(tend_hll *into, const tend_hll *other);
double tend_hll_count(const tend_hll *hll); /* a whole number while exact */
bool tend_hll_is_exact(const tend_hll *hll);
/* Deterministic bytes; equal sets give equal bytes. load returns NULL when the bytes are broken. */
void tend_hll_save(const tend_hll *hll, tend_buf *out);
tend_hll *tend_hll_load(tend_cursor *c);

/* A hash of 64 bits: splitmix64's finaliser (Steele, Lea & Flood 2014), a bijection. */
static inline uint64_t tend_hll_hash(uint64_t x) {
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

#endif
