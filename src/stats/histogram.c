#include "stats/histogram.h"

#include <math.h>
#include <string.h>

enum { FLOAT_LEAST = -1000 };

void tend_histogram_init(tend_histogram *h, int whole_numbers) {
    *h = (tend_histogram){.least_exponent = whole_numbers ? 0 : FLOAT_LEAST, .min = INFINITY, .max = -INFINITY};
}

double tend_histogram_edge(const tend_histogram *h, int i) { return ldexp(h->first + i, h->exponent); }

static double cell(double v, int exponent) { return floor(ldexp(v, -exponent)); }

/* The smallest exponent for [low, high]: bins no narrower than the numbers' own resolution, and no more of them than there
 * is room for. */
static int exponent_for(double low, double high, int at_least) {
    double magnitude = fmax(fabs(low), fabs(high)), half = high / 2 - low / 2;
    int e = at_least;
    if (magnitude > 0 && ilogb(magnitude) - 52 > e)
        e = ilogb(magnitude) - 52;
    if (half > 0 && ilogb(half) - 5 > e)
        e = ilogb(half) - 5;
    while (cell(high, e) - cell(low, e) >= TEND_HISTOGRAM_BINS)
        e++;
    return e;
}

/* Counts on an older, finer or shorter grid, added to h's. */
static void pour(tend_histogram *h, const int64_t *counts, int n, double first, int exponent) {
    for (int i = 0; i < n; i++)
        if (counts[i])
            h->counts[(int)(floor(ldexp(first + i, exponent - h->exponent)) - h->first)] += counts[i];
}

static void cover(tend_histogram *h, double low, double high, int at_least) {
    tend_histogram old = *h;
    h->min = low < h->min ? low : h->min;
    h->max = high > h->max ? high : h->max;
    int least = h->least_exponent > at_least ? h->least_exponent : at_least;
    h->exponent = exponent_for(h->min, h->max, old.n_bins > 0 && old.exponent > least ? old.exponent : least);
    h->first = cell(h->min, h->exponent);
    h->n_bins = (int)(cell(h->max, h->exponent) - h->first) + 1;
    if (h->exponent == old.exponent && h->first == old.first && old.n_bins > 0)
        return;
    memset(h->counts, 0, sizeof h->counts);
    pour(h, old.counts, old.n_bins, old.first, old.exponent);
}

void tend_histogram_add(tend_histogram *h, const double *values, size_t n) {
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i]))
            continue;
        low = values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
    }
    if (low > high)
        return;
    if (h->n_bins == 0 || low < h->min || high > h->max)
        cover(h, low, high, h->least_exponent);
    double scale = ldexp(1, -h->exponent);
    int64_t first = (int64_t)h->first;
    for (size_t i = 0; i < n; i++) {
        double at = values[i] * scale; /* exact, and below 2^57 */
        if (!isfinite(values[i]))
            continue;
        int64_t whole = (int64_t)at;
        h->counts[whole - (at < (double)whole) - first]++;
    }
}

void tend_histogram_merge(tend_histogram *into, const tend_histogram *other) {
    if (other->n_bins == 0)
        return;
    cover(into, other->min, other->max, other->exponent);
    pour(into, other->counts, other->n_bins, other->first, other->exponent);
}
