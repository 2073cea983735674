/* Bins for a numeric column, as cut points between them: k cuts make k + 1 bins, open at both ends, so that a value that the
 * reference never saw still falls into one.
 *
 *     double cuts[9];
 *     size_t n_cuts = tend_bins_quantile(sorted, n, 10, cuts);
 *     counts[tend_bins_find(cuts, n_cuts, v)]++;
 *
 * A bin holds cut[i-1] <= v < cut[i]. NaN has no bin: leave it out, or give it one of its own.
 */
#ifndef TEND_STATS_BINS_H
#define TEND_STATS_BINS_H

#include <stddef.h>

/* Cuts at the quantiles i/bins of sorted values (tend_quantile_sorted), equal ones merged, without the two ends. `cuts` takes
 * bins - 1. Returns their number; 0 when n is 0 or all values are equal. */
size_t tend_bins_quantile(const double *sorted, size_t n, size_t bins, double *cuts);
/* Equal widths over [low, high], as numpy's histogram: `cuts` takes bins - 1. 0 cuts unless low < high and both are finite. */
size_t tend_bins_equal(double low, double high, size_t bins, double *cuts);
/* Sturges' (1926) number of bins for n values: ceil(log2(n) + 1), numpy's "sturges"; 1 for none. */
size_t tend_bins_sturges(size_t n);
/* A bin for each distinct value: cuts at every value but the smallest. Returns the number of cuts, or SIZE_MAX when there
 * are more than max_values distinct ones. `cuts` takes max_values - 1. */
size_t tend_bins_distinct(const double *sorted, size_t n, size_t max_values, double *cuts);
/* The bin of v, 0 … n_cuts. */
size_t tend_bins_find(const double *cuts, size_t n_cuts, double v);
/* Adds 1 to counts[bin] for each value that is not NaN; counts has n_cuts + 1. */
void tend_bins_count(const double *cuts, size_t n_cuts, const double *values, size_t n, double *counts);

#endif
