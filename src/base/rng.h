/* Random numbers that are the same everywhere: xoshiro256** (Blackman & Vigna 2018) seeded by splitmix64 from a seed and a
 * stream name, so that each use draws from a stream of its own and adding one changes no other.
 */
#ifndef TEND_BASE_RNG_H
#define TEND_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

typedef struct tend_rng {
    uint64_t s[4];
} tend_rng;

void tend_rng_init(tend_rng *rng, uint64_t seed, const char *stream);
uint64_t tend_rng_next(tend_rng *rng);
double tend_rng_uniform(tend_rng *rng);                         /* [0, 1), 53 bits */
uint64_t tend_rng_below(tend_rng *rng, uint64_t n);             /* [0, n), unbiased (Lemire 2019); n > 0 */
double tend_rng_normal(tend_rng *rng);                          /* mean 0, variance 1 */
void tend_rng_shuffle(tend_rng *rng, int64_t *items, size_t n); /* Fisher-Yates */

#endif
