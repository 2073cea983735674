#include "feature/numeric.h"

#include <math.h>
#include <stdlib.h>

/* log x = e ln 2 + log m with m in [sqrt(1/2), sqrt(2)), log m = 2 atanh(s), s = (m - 1) / (m + 1):
 * the series in s^2 <= 0.0295 needs 11 terms for 2^-56. ln 2 is split so that e times its upper
 * part is exact. */
double tend_log_exact(double x) {
    if (!(x > 0) || isinf(x))
        return x == 0 ? -(double)INFINITY : (x > 0 ? x : (double)NAN);
    static const double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
    int exponent;
    double m = frexp(x, &exponent);
    if (m < 0x1.6a09e667f3bcdp-1) {
        m *= 2;
        exponent--;
    }
    double s = (m - 1) / (m + 1), square = s * s, sum = 0;
    for (int k = 11; k >= 1; k--)
        sum = square * (sum + 1.0 / (2 * k + 1));
    return exponent * ln2_high + (2 * s + (2 * s * sum + exponent * ln2_low));
}

/* What rounding 1 + x loses is given back by the factor x / (u - 1) (Kahan). */
double tend_log1p_exact(double x) {
    double u = 1 + x;
    if (u == 1)
        return x;
    if (isinf(u))
        return u;
    return tend_log_exact(u) * (x / (u - 1));
}

void tend_sin_cos_turn(double part, double *out_sin, double *out_cos) {
    double a = (part > 0.5 ? part - 1 : part) * 6.283185307179586; /* in [-pi, pi] */
    double sine = 0, cosine = 0;
    for (int k = 16; k >= 0; k--) { /* Taylor, from the smallest term */
        sine = 1 - sine * a * a / ((2 * k + 2) * (2 * k + 3));
        cosine = 1 - cosine * a * a / ((2 * k + 1) * (2 * k + 2));
    }
    *out_sin = sine * a;
    *out_cos = cosine;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double *tend_sorted_numbers(const tend_values *values, tend_arena *arena, int64_t *out_n) {
    double *sorted = TEND_ARRAY(arena, double, values->n);
    int64_t n = 0;
    for (int64_t i = 0; i < values->n; i++)
        if (isfinite(values->numbers[i]))
            sorted[n++] = values->numbers[i] + 0.0; /* one zero, not two */
    if (n)
        qsort(sorted, (size_t)n, sizeof *sorted, compare_doubles);
    *out_n = n;
    return sorted;
}

double tend_sorted_quantile(const double *sorted, int64_t n, double q) {
    double position = q * (double)(n - 1);
    int64_t low = (int64_t)position;
    if (low >= n - 1)
        return sorted[n - 1];
    double t = position - (double)low, gap = sorted[low + 1] - sorted[low];
    return t < 0.5 ? sorted[low] + gap * t : sorted[low + 1] - gap * (1 - t);
}
