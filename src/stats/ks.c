#include "stats/ks.h"

#include "base/arena.h"
#include "stats/sort.h"
#include "stats/special.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define EXACT_LIMIT  10000
#define MATRIX_LIMIT 61 /* rows of the largest matrix that is raised to a power */

double tend_ks_statistic(const double *x, size_t nx, const double *y, size_t ny, double *out_location) {
    size_t i = 0, j = 0;
    double most = 0, location = (double)NAN;
    while (i < nx && j < ny) {
        double at = x[i] <= y[j] ? x[i] : y[j];
        while (i < nx && x[i] == at)
            i++;
        while (j < ny && y[j] == at)
            j++;
        double gap = fabs((double)i / (double)nx - (double)j / (double)ny);
        if (gap > most || isnan(location)) {
            most = gap;
            location = at;
        }
    }
    if (out_location)
        *out_location = location;
    return most;
}

static size_t gcd(size_t a, size_t b) {
    while (b) {
        size_t t = a % b;
        a = b;
        b = t;
    }
    return a;
}

/* touched[j] = P(a random path from (0,0) to (i,j) has left the band |i/nx - j/ny| < d): the last step came from (i-1,j) with
 * probability i/(i+j), from (i,j-1) with j/(i+j). Integers decide what lies outside, so that no rounding does. */
double tend_ks_exact_p(double d, size_t nx, size_t ny) {
    if (nx == 0 || ny == 0 || isnan(d))
        return (double)NAN;
    size_t divisor = gcd(nx, ny), step_x = ny / divisor, step_y = nx / divisor;
    double limit = round(d * (double)nx * (double)step_x);
    if (limit <= 0)
        return 1;
    double *touched = tend_calloc(ny + 1, sizeof *touched);
    for (size_t i = 0; i <= nx; i++)
        for (size_t j = 0; j <= ny; j++) {
            double apart = fabs((double)(i * step_x) - (double)(j * step_y));
            if (apart >= limit)
                touched[j] = 1;
            else if (i + j > 0) {
                double from_x = i > 0 ? (double)i * touched[j] : 0;
                double from_y = j > 0 ? (double)j * touched[j - 1] : 0;
                touched[j] = (from_x + from_y) / (double)(i + j);
            }
        }
    double p = touched[ny];
    free(touched);
    return p;
}

/* ---- one sample ---- */

/* P(D+ >= d) = d Σ_j C(n,j) (d + j/n)^(j-1) (1 - d - j/n)^(n-j), j up to n(1-d): all terms are positive. */
static double one_sided_sf(double d, double n) {
    double sum = 0, log_n = tend_log_gamma(n + 1);
    for (double j = 0; j <= floor(n * (1 - d)); j++) {
        double a = d + j / n, b = 1 - a;
        if (b <= 0) {
            sum += j == n ? exp((j - 1) * log(a)) : 0;
            continue;
        }
        sum += exp(log_n - tend_log_gamma(j + 1) - tend_log_gamma(n - j + 1) + (j - 1) * log(a) + (n - j) * log1p(-a));
    }
    return fmin(1, d * sum);
}

/* A square matrix times 10^exponent, so that powers do not overflow. */
typedef struct scaled {
    double *v;
    int exponent;
} scaled;

static void multiply(const scaled *a, const scaled *b, scaled *out, int m) {
    for (int i = 0; i < m; i++)
        for (int j = 0; j < m; j++) {
            double sum = 0;
            for (int k = 0; k < m; k++)
                sum += a->v[i * m + k] * b->v[k * m + j];
            out->v[i * m + j] = sum;
        }
    out->exponent = a->exponent + b->exponent;
    if (out->v[(m / 2) * m + m / 2] > 1e140) {
        for (int i = 0; i < m * m; i++)
            out->v[i] *= 1e-140;
        out->exponent += 140;
    }
}

static void swap(scaled *a, scaled *b) {
    scaled t = *a;
    *a = *b;
    *b = t;
}

/* power = base^n by squaring; base is spent. */
static void raise(scaled *base, scaled *power, scaled *spare, int m, uint64_t n) {
    for (int i = 0; i < m; i++)
        power->v[i * m + i] = 1;
    for (; n; n >>= 1) {
        if (n & 1) {
            multiply(power, base, spare, m);
            swap(power, spare);
        }
        if (n > 1) {
            multiply(base, base, spare, m);
            swap(base, spare);
        }
    }
}

/* Marsaglia, Tsang & Wang's matrix H for d = (k - h)/n. */
static void fill_matrix(double *v, int m, double h) {
    for (int i = 0; i < m; i++)
        for (int j = 0; j < m; j++)
            v[i * m + j] = i - j + 1 >= 0;
    for (int i = 0; i < m; i++) {
        v[i * m] -= pow(h, i + 1);
        v[(m - 1) * m + i] -= pow(h, m - i);
    }
    v[(m - 1) * m] += 2 * h - 1 > 0 ? pow(2 * h - 1, m) : 0;
    for (int i = 0; i < m; i++)
        for (int j = 0; j < m; j++)
            for (int g = 1; g <= i - j + 1; g++)
                v[i * m + j] /= g;
}

static double matrix_cdf(double d, double n) {
    int k = (int)(n * d) + 1, m = 2 * k - 1;
    size_t cells = (size_t)m * (size_t)m;
    double *memory = tend_calloc(3 * cells, sizeof *memory);
    scaled base = {memory, 0}, power = {memory + cells, 0}, spare = {memory + 2 * cells, 0};
    fill_matrix(base.v, m, k - n * d);
    raise(&base, &power, &spare, m, (uint64_t)n);
    double cdf = power.v[(k - 1) * m + k - 1];
    int exponent = power.exponent;
    for (double i = 1; i <= n; i++) { /* times n!/n^n */
        cdf *= i / n;
        if (cdf < 1e-140) {
            cdf *= 1e140;
            exponent -= 140;
        }
    }
    free(memory);
    return cdf * pow(10, exponent);
}

/* Pelz & Good's expansion in 1/√n, in the form of Simard & L'Ecuyer's (2011) equations for K0 … K3, z = d√n. */
static double series_cdf(double d, double n) {
    double root = sqrt(n), z = d * root, z2 = z * z, z4 = z2 * z2, z6 = z4 * z2, pi2 = M_PI * M_PI, pi4 = pi2 * pi2;
    double k0 = 0, k1 = 0, k2 = 0, k3 = 0, k2_even = 0, k3_even = 0;
    for (int k = 20; k >= 0; k--) {
        double odd = (k + 0.5) * (k + 0.5), even = (double)k * k, e = exp(-pi2 * odd / (2 * z2)), f = exp(-pi2 * even / (2 * z2));
        k0 += e;
        k1 += (pi2 * odd - z2) * e;
        k2 += (6 * z6 + 2 * z4 + pi2 * (2 * z4 - 5 * z2) * odd + pi4 * (1 - 2 * z2) * odd * odd) * e;
        k3 += (pi4 * pi2 * odd * odd * odd * (5 - 30 * z2) + pi4 * odd * odd * (-60 * z2 + 212 * z4) + pi2 * odd * (135 * z4 - 96 * z6) -
               30 * z6 - 90 * z6 * z2) *
              e;
        k2_even += pi2 * even * f;
        k3_even += (3 * pi2 * even * z2 - pi4 * even * even) * f;
    }
    double half = sqrt(M_PI / 2) * 2; /* both signs of k */
    k0 *= half / z;
    k1 *= half / (6 * z4);
    k2 = half * (k2 / (72 * z6 * z) - k2_even / (36 * z2 * z));
    k3 = half * (k3 / (6480 * z6 * z4) + k3_even / (216 * z6));
    return fmin(1, fmax(0, k0 + k1 / root + k2 / n + k3 / (n * root)));
}

double tend_ks_one_sample_sf(double d, double n) {
    if (isnan(d) || !(n >= 1))
        return (double)NAN;
    n = round(n);
    if (d >= 1 || n * d <= 0.5)
        return d >= 1 ? 0 : 1;
    double tail = n * d * d;
    if (tail >= (n <= 140 ? 4 : 2.2) || d >= 0.5)
        return fmin(1, 2 * one_sided_sf(d, n));
    bool small = 2 * (n * d) + 1 <= MATRIX_LIMIT && n <= 100000;
    return fmin(1, fmax(0, 1 - (small ? matrix_cdf(d, n) : series_cdf(d, n))));
}

tend_ks_test tend_ks_2samp(const double *x, size_t nx, const double *y, size_t ny, tend_ks_method method) {
    tend_ks_test result = {(double)NAN, (double)NAN, (double)NAN};
    double *a = tend_sorted_copy(x, nx, &nx), *b = tend_sorted_copy(y, ny, &ny);
    if (nx > 0 && ny > 0) {
        result.statistic = tend_ks_statistic(a, nx, b, ny, &result.location);
        bool exact = method == TEND_KS_EXACT || (method == TEND_KS_AUTO && nx <= EXACT_LIMIT && ny <= EXACT_LIMIT);
        double both = (double)nx * (double)ny / ((double)nx + (double)ny);
        result.p = exact ? tend_ks_exact_p(result.statistic, nx, ny) : tend_ks_one_sample_sf(result.statistic, fmax(1, round(both)));
    }
    free(a);
    free(b);
    return result;
}
