#include "stats/special.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#define MAX_TERMS 200000
#define TINY      1e-300

double tend_log_gamma(double x) {
    int sign = 0;
    return lgamma_r(x, &sign);
}

/* ln Γ(a+1) minus Stirling's main part; the series (DLMF 5.11.1) keeps full accuracy where the difference of two large
 * numbers would lose it. */
static double stirling_error(double a) {
    if (a < 16)
        return tend_log_gamma(a + 1) - (a + 0.5) * log(a) + a - 0.5 * log(2 * M_PI);
    double inverse = 1 / (a * a);
    return (1.0 / 12 - inverse * (1.0 / 360 - inverse * (1.0 / 1260 - inverse * (1.0 / 1680 - inverse / 1188)))) / a;
}

/* a ln(a/x) + x - a, where gap = x - a is given, without cancellation near x = a: with e = gap/a it is a (e - ln(1+e)). */
static double deviance(double a, double x, double gap) {
    double e = gap / a;
    if (fabs(e) > 0.1)
        return a * log(a / x) + gap;
    double sum = 0, power = -e;
    for (int k = 2; k < 40; k++) { /* e - ln(1+e) = e²/2 - e³/3 + e⁴/4 … */
        power *= -e;
        sum += power / k;
        if (fabs(power) <= fabs(sum) * DBL_EPSILON)
            break;
    }
    return a * sum;
}

/* x^a e^-x / Γ(a+1), Loader's saddle-point form (C. Loader 2000, "Fast and accurate computation of binomial
 * probabilities"). */
static double gamma_front(double a, double x) {
    if (a < 1e-3) /* Stirling's main part has a pole at 0 */
        return exp(a * log(x) - x - tend_log_gamma(a + 1));
    return exp(-stirling_error(a) - deviance(a, x, x - a)) / sqrt(2 * M_PI * a);
}

static double gamma_series(double a, double x) {
    double term = 1, sum = 1;
    for (int n = 1; n < MAX_TERMS && term > sum * DBL_EPSILON; n++) {
        term *= x / (a + n);
        sum += term;
    }
    return sum * gamma_front(a, x);
}

/* Lentz's method on DLMF 8.9.2 in its even form. */
static double gamma_fraction(double a, double x) {
    double b = x + 1 - a;
    double c = 1 / TINY, d = 1 / b, h = d;
    for (int n = 1; n < MAX_TERMS; n++) {
        double an = -n * (n - a);
        b += 2;
        d = an * d + b;
        d = 1 / (fabs(d) < TINY ? TINY : d);
        c = b + an / c;
        c = fabs(c) < TINY ? TINY : c;
        double step = c * d;
        h *= step;
        if (fabs(step - 1) < DBL_EPSILON)
            break;
    }
    return h * a * gamma_front(a, x);
}

static double gamma_tail(double a, double x, bool upper) {
    if (!(a > 0) || !(x >= 0))
        return NAN;
    if (x == 0 || isinf(x))
        return (x == 0) == upper ? 1 : 0;
    if (x < a + 1) {
        double p = gamma_series(a, x);
        return upper ? 1 - p : p;
    }
    double q = gamma_fraction(a, x);
    return upper ? q : 1 - q;
}

double tend_gamma_p(double a, double x) { return gamma_tail(a, x, false); }
double tend_gamma_q(double a, double x) { return gamma_tail(a, x, true); }

/* The even part of DLMF 8.17.22, as Didonato & Morris (1992, equations 9) write it: in terms of lambda = a - (a+b)x it does
 * not feel the rounding of an x near 1. Lentz's method. */
static double beta_fraction(double a, double b, double x, double y, double lambda) {
    double c = 1 / TINY, d = a / (a + 1) * (lambda + 1), h;
    d = 1 / (fabs(d) < TINY ? TINY : d);
    h = d;
    for (int n = 1; n < MAX_TERMS; n++) {
        double step = a + 2 * n - 1;
        double top = (a + n - 1) / step * ((a + b + n - 1) / step) * n * (b - n) * x * x;
        double bottom = n + n * (b - n) * x / step + (a + n) / (a + 2 * n + 1) * (lambda + 1 + n * (1 + y));
        d = bottom + top * d;
        d = 1 / (fabs(d) < TINY ? TINY : d);
        c = bottom + top / c;
        c = fabs(c) < TINY ? TINY : c;
        h *= c * d;
        if (fabs(c * d - 1) < DBL_EPSILON)
            break;
    }
    return h;
}

/* x^a (1-x)^b / B(a,b), with ln B from Stirling's errors so that large a, b keep their digits. */
static double beta_front(double a, double b, double x, double y, double lambda) {
    double n = a + b;
    if (a < 1e-3 || b < 1e-3)
        return exp(a * log(x) + b * log(y) + tend_log_gamma(n) - tend_log_gamma(a) - tend_log_gamma(b));
    double scale = stirling_error(n) - stirling_error(a) - stirling_error(b);
    return exp(scale - deviance(a, n * x, -lambda) - deviance(b, n * y, lambda)) * sqrt(a * b / (2 * M_PI * n));
}

/* I_x(a,b) with y = 1 - x given, so that neither tail loses digits. */
static double beta_tail(double a, double b, double x, double y) {
    if (x <= 0 || y <= 0)
        return x <= 0 ? 0 : 1;
    double lambda = x < y ? a - (a + b) * x : (a + b) * y - b; /* from the smaller one, which has more digits behind the point */
    if (lambda >= 0)
        return beta_front(a, b, x, y, lambda) * beta_fraction(a, b, x, y, lambda);
    return 1 - beta_front(b, a, y, x, -lambda) * beta_fraction(b, a, y, x, -lambda);
}

double tend_beta_i(double a, double b, double x) {
    if (!(a > 0) || !(b > 0) || !(x >= 0 && x <= 1))
        return NAN;
    return beta_tail(a, b, x, 1 - x);
}

double tend_normal_cdf(double x) { return 0.5 * erfc(-x * M_SQRT1_2); }

/* The lower half only: Abramowitz & Stegun 26.2.23 as a start (error < 4.5e-4), then Newton's method on ln Φ, whose slope
 * φ/Φ stays tame far out in the tail. */
static double normal_quantile_low(double p) {
    double t = sqrt(-2 * log(p));
    double x = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
    for (int i = 0; i < 6; i++) {
        double cdf = tend_normal_cdf(x);
        double density = exp(-0.5 * x * x) / sqrt(2 * M_PI);
        double step = log(cdf / p) * cdf / density;
        x -= step;
        if (fabs(step) <= fabs(x) * 1e-16)
            break;
    }
    return x;
}

double tend_normal_quantile(double p) {
    if (!(p >= 0 && p <= 1))
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? -INFINITY : INFINITY;
    if (p == 0.5)
        return 0;
    return p < 0.5 ? normal_quantile_low(p) : -normal_quantile_low(1 - p);
}

double tend_t_sf(double t, double df) {
    if (!(df > 0) || isnan(t))
        return NAN;
    if (isinf(df) || isinf(t))
        return tend_normal_cdf(-t);
    double square = t * t;
    double half = 0.5 * beta_tail(df / 2, 0.5, df / (df + square), square / (df + square));
    return t >= 0 ? half : 1 - half;
}

double tend_t_cdf(double t, double df) { return tend_t_sf(-t, df); }

double tend_chi2_cdf(double x, double df) { return x < 0 && df > 0 ? 0 : tend_gamma_p(df / 2, x / 2); }
double tend_chi2_sf(double x, double df) { return x < 0 && df > 0 ? 1 : tend_gamma_q(df / 2, x / 2); }

/* The x in [low, high] with tail(x, df) = p for a monotone tail: bisection, which needs no derivative and always ends. */
static double invert(double (*tail)(double x, double df), double p, double df, double low, double high) {
    bool rising = tail(high, df) > tail(low, df);
    for (int i = 0; i < 400; i++) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            break;
        bool too_low = rising ? tail(middle, df) < p : tail(middle, df) > p;
        *(too_low ? &low : &high) = middle;
    }
    return low + (high - low) / 2;
}

double tend_t_quantile(double p, double df) {
    if (!(p >= 0 && p <= 1) || !(df > 0))
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? -INFINITY : INFINITY;
    if (p == 0.5)
        return 0;
    double upper = p < 0.5 ? p : 1 - p, high = 2;
    while (high < 1e300 && tend_t_sf(high, df) > upper)
        high *= 2;
    double t = invert(tend_t_sf, upper, df, 0, high);
    return p < 0.5 ? -t : t;
}

double tend_chi2_quantile(double p, double df) {
    if (!(p >= 0 && p <= 1) || !(df > 0))
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? 0 : INFINITY;
    double high = df + 1;
    while (high < 1e300 && tend_chi2_cdf(high, df) < p)
        high *= 2;
    return p > 0.5 ? invert(tend_chi2_sf, 1 - p, df, 0, high) : invert(tend_chi2_cdf, p, df, 0, high);
}
