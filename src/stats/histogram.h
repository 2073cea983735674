/* A histogram whose bins are the same for everybody: equal widths that are a power of two, on a grid through 0, at most 32
 * of them.
 *
 * The width is the smallest that covers the values seen, so the result depends on the values alone, not on their order or
 * on how they were split; counts are exact and two histograms merge exactly. NaN and infinite values are left out. Plain
 * data: copy it by assignment.
 */
#ifndef TEND_STATS_HISTOGRAM_H
#define TEND_STATS_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define TEND_HISTOGRAM_BINS 32

typedef struct tend_histogram {
    int exponent;       /* bins are 2^exponent wide */
    int least_exponent; /* 0 for whole numbers: no bin narrower than 1 */
    double first;       /* bin i covers [(first + i) 2^exponent, (first + i + 1) 2^exponent) */
    int n_bins;         /* 0: empty */
    double min, max;    /* of the values seen */
    int64_t counts[TEND_HISTOGRAM_BINS];
} tend_histogram;

void tend_histogram_init(tend_histogram *h, int whole_numbers);
void tend_histogram_add(tend_histogram *h, const double *values, size_t n);
void tend_histogram_merge(tend_histogram *into, const tend_histogram *other);
double tend_histogram_edge(const tend_histogram *h, int i); /* i in 0 … n_bins */

#endif
