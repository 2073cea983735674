#include "stats/chisquare.h"

#include "base/arena.h"
#include "stats/special.h"

#include <math.h>
#include <stdlib.h>

static const tend_chi2_test undefined = {(double)NAN, (double)NAN, (double)NAN};

static double sum_of(const double *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum;
}

tend_chi2_test tend_chi2_goodness(const double *observed, const double *expected, size_t n) {
    double scale = sum_of(observed, n) / sum_of(expected, n), statistic = 0, df = -1;
    if (!(scale > 0) || isinf(scale))
        return undefined;
    for (size_t i = 0; i < n; i++) {
        double e = expected[i] * scale, d = observed[i] - e;
        if (e == 0 && observed[i] == 0)
            continue;
        statistic += e > 0 ? d * d / e : (double)INFINITY;
        df++;
    }
    if (df <= 0) /* one level: nothing can differ */
        return (tend_chi2_test){0, 0, (double)NAN};
    return (tend_chi2_test){statistic, df, isinf(statistic) ? 0 : tend_chi2_sf(statistic, df)};
}

tend_chi2_test tend_chi2_contingency(const double *counts, size_t rows, size_t columns) {
    double *margins = tend_calloc(rows + columns + 1, sizeof *margins), *column_sums = margins + rows;
    double total = 0, statistic = 0, n_rows = 0, n_columns = 0;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            margins[i] += counts[i * columns + j];
            column_sums[j] += counts[i * columns + j];
        }
    for (size_t i = 0; i < rows; i++) {
        total += margins[i];
        n_rows += margins[i] > 0;
    }
    for (size_t j = 0; j < columns; j++)
        n_columns += column_sums[j] > 0;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            double e = margins[i] * column_sums[j] / total, d = counts[i * columns + j] - e;
            statistic += e > 0 ? d * d / e : 0;
        }
    free(margins);
    if (!(total > 0))
        return undefined;
    double df = (n_rows - 1) * (n_columns - 1);
    return df > 0 ? (tend_chi2_test){statistic, df, tend_chi2_sf(statistic, df)} : (tend_chi2_test){0, 0, 1};
}
