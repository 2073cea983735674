#include "model/link.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* ln 2 in two parts: the first has 21 trailing zero bits, so that k * LN2_HIGH is exact for every
 * exponent k. */
#define LN2_HIGH 0x1.62e42fee00000p-1
#define LN2_LOW  0x1.a39ef35793c76p-33
#define LOG2_E   0x1.71547652b82fep+0
/* Adding and taking away 1.5 * 2^52 rounds to a whole number, ties to even, without a call. */
#define ROUNDER 0x1.8p+52

static double power_of_two(int k) { /* -1022 <= k <= 1023 */
    uint64_t bits = (uint64_t)(k + 1023) << 52;
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* e^r - 1 - r for |r| <= ln(2)/2: the Taylor series up to r^13/13!, whose next term is below 2^-57.
 */
static double exp_tail(double r) {
    double p = 1.0 / 6227020800.0;
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    return p * (r * r);
}

double tend_exp(double x) {
    if (isnan(x))
        return x;
    if (x > 709.79)
        return (double)INFINITY;
    if (x < -745.2)
        return 0.0;
    double k = (x * LOG2_E + ROUNDER) - ROUNDER;
    double high = x - k * LN2_HIGH, low = k * LN2_LOW;
    double r = high - low;
    double lost = (high - r) - low; /* what rounding took from r */
    double y = 1.0 + (r + (exp_tail(r) + lost));
    int whole = (int)k;
    if (whole > 1000) /* in two steps: 2^1024 is no double, but y * 2^1024 may be */
        return y * power_of_two(1000) * power_of_two(whole - 1000);
    if (whole < -1000)
        return y * power_of_two(-1000) * power_of_two(whole + 1000);
    return y * power_of_two(whole);
}

double tend_logistic(double x) {
    if (x >= 0)
        return 1.0 / (1.0 + tend_exp(-x));
    double e = tend_exp(x);
    return e / (1.0 + e);
}

void tend_softmax(double *x, int n) {
    double largest = x[0], sum = 0;
    for (int i = 1; i < n; i++)
        largest = x[i] > largest ? x[i] : largest;
    for (int i = 0; i < n; i++)
        sum += x[i] = tend_exp(x[i] - largest);
    for (int i = 0; i < n; i++)
        x[i] /= sum;
}
