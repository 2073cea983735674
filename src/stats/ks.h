/* The two-sample Kolmogorov-Smirnov test: could both samples come from one continuous distribution?
 *
 * The statistic is D = max |F - G| over the two empirical distribution functions. The p-value is the probability of a D at
 * least as large if they do. Ties between the samples make it conservative (too large), as everywhere.
 */
#ifndef TEND_STATS_KS_H
#define TEND_STATS_KS_H

#include <stddef.h>

typedef enum tend_ks_method {
    TEND_KS_AUTO, /* exact when the larger sample has at most 10,000 values (scipy's rule), else asymptotic */
    TEND_KS_EXACT,
    TEND_KS_ASYMPTOTIC
} tend_ks_method;

typedef struct tend_ks_test {
    double statistic, p;
    double location; /* the value at which the two functions differ most */
} tend_ks_test;

/* NaN values are left out; with an empty side everything is NaN. As scipy.stats.ks_2samp (two-sided). */
tend_ks_test tend_ks_2samp(const double *x, size_t nx, const double *y, size_t ny, tend_ks_method method);
/* The statistic alone, from sorted samples without NaN: one walk over both. `out_location` may be NULL. */
double tend_ks_statistic(const double *x, size_t nx, const double *y, size_t ny, double *out_location);

/* P(D >= d) for two samples: exact by counting lattice paths (Hodges 1957; the recursion of Viehmann 2021, which adds only
 * positive terms and so keeps its digits in the tail), O(nx ny d). */
double tend_ks_exact_p(double d, size_t nx, size_t ny);
/* P(D_n >= d) of the one-sample statistic for n values, which stands in for two samples with n = nx ny / (nx + ny),
 * rounded: as scipy's method="asymp". Exact for small n d (Marsaglia, Tsang & Wang 2003), twice the one-sided tail
 * (Birnbaum & Tingey 1951) for large n d², and the series of Pelz & Good (1976) between; the choice follows Simard &
 * L'Ecuyer (2011). About 10 digits, 5 in the series' range. */
double tend_ks_one_sample_sf(double d, double n);

#endif
