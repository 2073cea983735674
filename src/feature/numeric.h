/* The mathematics of the transforms: the same bits on every machine.
 *
 * log, sine and cosine are our own because the system's differ in the last digit from one library
 * version and processor to the next, and fitted values reach digests. Errors are within 2 units in
 * the last place.
 */
#ifndef TEND_FEATURE_NUMERIC_H
#define TEND_FEATURE_NUMERIC_H

#include "feature/values.h"

double tend_log_exact(double x);   /* natural logarithm; NaN below 0, -inf at 0 */
double tend_log1p_exact(double x); /* log(1 + x), exact for small x too */
/* Sine and cosine of `part` whole turns, part in [0, 1]. */
void tend_sin_cos_turn(double part, double *out_sin, double *out_cos);

/* The numbers that are not missing and finite, sorted. *out_n of them, in the arena. */
double *tend_sorted_numbers(const tend_values *values, tend_arena *arena, int64_t *out_n);
/* Linear interpolation between the closest ranks (numpy's default, Hyndman and Fan's type 7); q in
 * [0, 1], n > 0. */
double tend_sorted_quantile(const double *sorted, int64_t n, double q);

#endif
