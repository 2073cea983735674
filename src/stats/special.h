/* Special functions and the distributions behind p-values: the incomplete gamma and beta functions, and the normal,
 * Student's t and chi-square distributions with their quantiles.
 *
 * Relative accuracy is about 1e-12 over the range that tests use (arguments up to 1e6), in the tails too: ask for the upper
 * tail (`_sf`, "survival function", scipy's word) instead of 1 - cdf. NaN in gives NaN out; an argument outside the domain
 * (a <= 0, p outside [0, 1]) gives NaN. Pure functions, thread-safe. DLMF is the NIST Digital Library of Mathematical
 * Functions, dlmf.nist.gov.
 */
#ifndef TEND_STATS_SPECIAL_H
#define TEND_STATS_SPECIAL_H

/* Regularised incomplete gamma: P(a,x) = γ(a,x)/Γ(a) and Q = 1 - P, a > 0, x >= 0 (DLMF 8.2.4; series 8.7.1 below the mean, the
 * continued fraction 8.9.2 above it). */
double tend_gamma_p(double a, double x);
double tend_gamma_q(double a, double x);
/* Regularised incomplete beta I_x(a,b), a, b > 0, 0 <= x <= 1 (DLMF 8.17.2; by the continued fraction of
 * Didonato & Morris 1992, ACM TOMS algorithm 708). */
double tend_beta_i(double a, double b, double x);

/* The standard normal: Φ(x) = erfc(-x/√2)/2, and x with Φ(x) = p. p = 0 and 1 give -inf and inf. */
double tend_normal_cdf(double x);
double tend_normal_quantile(double p);

/* Student's t with df > 0 degrees of freedom (may be fractional): P(T <= t) and P(T > t). */
double tend_t_cdf(double t, double df);
double tend_t_sf(double t, double df);
double tend_t_quantile(double p, double df);

/* Chi-square with df > 0: P(X <= x) = P(df/2, x/2), P(X > x) = Q(df/2, x/2); 0 and 1 below zero. */
double tend_chi2_cdf(double x, double df);
double tend_chi2_sf(double x, double df);
double tend_chi2_quantile(double p, double df);

/* ln Γ(x) for x > 0, without touching the C library's global signgam. */
double tend_log_gamma(double x);

#endif
