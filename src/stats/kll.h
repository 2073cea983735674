/* Quantiles of a stream: the KLL sketch (Karnin, Lang & Liberty 2016, "Optimal quantile approximation in streams").
 *
 * Exact while at most 4,096 values were added. Beyond, levels of halving resolution hold some 1,500 of them: an item on
 * level h stands for 2^h values, and a full level is sorted and every second item, from a random start, moves one level up.
 * Beyond 262,144 values only one, picked at random, of each 2^s consecutive ones enters at all (the paper's sampler), with
 * s growing so that picking adds a standard error of at most 0.14 % to ranks. The rank of any value is off by less than 1 %
 * of n in 99 % of cases; the tests hold it to that.
 *
 *     tend_kll *sketch = tend_kll_new();
 *     tend_kll_add(sketch, values, n);
 *     double median = tend_kll_quantile(sketch, 0.5);
 *     tend_kll_free(sketch);
 *
 * Deterministic: the random choices come from a fixed stream, so the same values in the same order give the same sketch,
 * however they were split over calls. Merging is associative in its guarantee, not in its bits: the order of merges matters
 * for the last digits. NaN values are left out. Not thread-safe.
 */
#ifndef TEND_STATS_KLL_H
#define TEND_STATS_KLL_H

#include "base/buf.h"

typedef struct tend_kll tend_kll;

tend_kll *tend_kll_new(void);
void tend_kll_free(tend_kll *kll);
void tend_kll_add(tend_kll *kll, const double *values, size_t n);
void tend_kll_merge(tend_kll *into, const tend_kll *other);
int64_t tend_kll_count(const tend_kll *kll);
bool tend_kll_is_exact(const tend_kll *kll);
/* The q-quantiles, q in [0, 1] (0 and 1 are exact: minimum and maximum), linear between order statistics as
 * tend_quantile_sorted; NaN when the sketch is empty or q is outside. */
void tend_kll_quantiles(const tend_kll *kll, const double *q, size_t n, double *out);
double tend_kll_quantile(const tend_kll *kll, double q);
/* The share of values <= v; NaN when empty. */
double tend_kll_rank(const tend_kll *kll, double v);
/* With the state of the random stream, so that adding goes on after a reload as if nothing had happened. load returns NULL
 * when the bytes are broken. */
void tend_kll_save(const tend_kll *kll, tend_buf *out);
tend_kll *tend_kll_load(tend_cursor *c);

#endif
