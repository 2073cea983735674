/* Count, mean, variance, minimum and maximum of a stream, exact up to rounding, and mergeable.
 *
 * Blocks are summed in two passes and joined by the update of Chan, Golub & LeVeque (1979), which neither overflows nor
 * cancels as a sum of squares would. The same values in the same blocks give the same bits. NaN values are left out.
 */
#ifndef TEND_STATS_MOMENTS_H
#define TEND_STATS_MOMENTS_H

#include <stddef.h>
#include <stdint.h>

typedef struct tend_moments {
    int64_t n;
    double mean, m2; /* m2: sum of squared deviations from the mean */
    double min, max; /* inf and -inf while n is 0 */
} tend_moments;

void tend_moments_init(tend_moments *m);
void tend_moments_add(tend_moments *m, const double *values, size_t n);
void tend_moments_merge(tend_moments *into, const tend_moments *other);
/* The sample variance's root (divisor n - 1); NaN below two values. */
double tend_moments_sd(const tend_moments *m);

#endif
