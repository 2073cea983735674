/* How far apart two distributions are.
 *
 * The first five take two arrays of n counts or shares, level by level or bin by bin; each is divided by its own sum. All
 * return NaN when one side sums to 0, holds a negative, NaN or infinite entry, or n is 0. `base` is the base of the
 * logarithm: 2 gives bits, M_E or 0 natural units.
 */
#ifndef TEND_STATS_DISTANCE_H
#define TEND_STATS_DISTANCE_H

#include <stddef.h>

/* Kullback & Leibler (1951): Σ p ln(p/q), with 0 ln 0 = 0, and inf when some q is 0 where p is not: as
 * scipy.stats.entropy(p, q, base). Not symmetric: p is what is observed, q the reference. */
double tend_kl_divergence(const double *p, const double *q, size_t n, double base);
/* Population stability index: Σ (c - r) ln(c/r), the symmetric sum of both KL divergences. A zero share becomes `floor`;
 * with floor 0 it becomes 1e-4, or, where a side's smallest non-zero share is no larger than that, a millionth of it (the
 * rule of the Evidently library). Customary reading: below 0.1 stable, above 0.25 shifted. */
double tend_psi(const double *reference, const double *current, size_t n, double floor);
/* The square root of the Jensen-Shannon divergence (Lin 1991), a metric; in [0, 1] for base 2: as
 * scipy.spatial.distance.jensenshannon(p, q, base). */
double tend_js_distance(const double *p, const double *q, size_t n, double base);
/* √(1 - Σ √(pq)), in [0, 1]. */
double tend_hellinger(const double *p, const double *q, size_t n);
/* The largest difference of shares, max |p - q|, in [0, 1]: TensorFlow Data Validation's L-infinity distance. */
double tend_linf(const double *p, const double *q, size_t n);

/* Wasserstein-1 (earth mover's) distance of two samples, ∫ |F - G|, in the unit of the values: as
 * scipy.stats.wasserstein_distance. NaN values are left out; NaN when a side is empty. */
double tend_wasserstein1(const double *x, size_t nx, const double *y, size_t ny);

#endif
