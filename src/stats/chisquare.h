/* Pearson's chi-square tests (Pearson 1900). */
#ifndef TEND_STATS_CHISQUARE_H
#define TEND_STATS_CHISQUARE_H

#include <stddef.h>

typedef struct tend_chi2_test {
    double statistic, df, p; /* p: probability of a statistic at least as large if nothing differs; NaN with df 0 */
} tend_chi2_test;

/* Do observed counts follow expected ones? `expected` is scaled to the observed total; df = n - 1; as
 * scipy.stats.chisquare. A level expected 0 and never observed is left out; one that was observed gives statistic inf and p
 * 0. NaN when a side sums to 0. */
tend_chi2_test tend_chi2_goodness(const double *observed, const double *expected, size_t n);
/* Are rows and columns of a table of counts independent? `counts` is row by row; df = (rows-1)(columns-1); rows and columns
 * that are all zero are left out; no continuity correction: as scipy.stats.chi2_contingency(correction=False). A table with
 * fewer than two rows or columns left gives statistic 0, df 0, p 1. */
tend_chi2_test tend_chi2_contingency(const double *counts, size_t rows, size_t columns);

#endif
