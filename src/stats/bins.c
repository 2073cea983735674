#include "stats/bins.h"

#include "stats/sort.h"

#include <math.h>
#include <stdint.h>

size_t tend_bins_quantile(const double *sorted, size_t n, size_t bins, double *cuts) {
    size_t n_cuts = 0;
    if (n == 0)
        return 0;
    double last = sorted[0];
    for (size_t i = 1; i < bins; i++) {
        double cut = tend_quantile_sorted(sorted, n, (double)i / (double)bins);
        if (cut > last && cut < sorted[n - 1])
            cuts[n_cuts++] = last = cut;
    }
    return n_cuts;
}

size_t tend_bins_equal(double low, double high, size_t bins, double *cuts) {
    if (!(low < high) || !isfinite(low) || !isfinite(high))
        return 0;
    double width = (high - low) / (double)bins;
    for (size_t i = 1; i < bins; i++)
        cuts[i - 1] = (double)i * width + low;
    return bins - 1;
}

size_t tend_bins_sturges(size_t n) { return n == 0 ? 1 : (size_t)ceil(log2((double)n) + 1); }

size_t tend_bins_distinct(const double *sorted, size_t n, size_t max_values, double *cuts) {
    size_t n_cuts = 0;
    for (size_t i = 1; i < n; i++) {
        if (sorted[i] == sorted[i - 1])
            continue;
        if (n_cuts + 1 >= max_values)
            return SIZE_MAX;
        cuts[n_cuts++] = sorted[i];
    }
    return n_cuts;
}

size_t tend_bins_find(const double *cuts, size_t n_cuts, double v) {
    size_t low = 0, high = n_cuts; /* the number of cuts <= v */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cuts[middle] <= v)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void tend_bins_count(const double *cuts, size_t n_cuts, const double *values, size_t n, double *counts) {
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            counts[tend_bins_find(cuts, n_cuts, values[i])]++;
}
