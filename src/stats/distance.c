#include "stats/distance.h"

#include "stats/sort.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* The sum, or NaN when the entries are no distribution. */
static double total_of(const double *counts, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(counts[i] >= 0) || isinf(counts[i]))
            return (double)NAN;
        sum += counts[i];
    }
    return sum > 0 ? sum : (double)NAN;
}

static double log_unit(double base) { return base > 0 ? log(base) : 1; }

/* p ln(p/q) with its limits. */
static double relative_entropy(double p, double q) { return p == 0 ? 0 : q == 0 ? (double)INFINITY : p * log(p / q); }

double tend_kl_divergence(const double *p, const double *q, size_t n, double base) {
    double p_sum = total_of(p, n), q_sum = total_of(q, n), sum = 0;
    if (isnan(p_sum) || isnan(q_sum))
        return (double)NAN;
    for (size_t i = 0; i < n; i++)
        sum += relative_entropy(p[i] / p_sum, q[i] / q_sum);
    return sum / log_unit(base);
}

static double floor_share(const double *counts, size_t n, double sum, double floor) {
    if (floor > 0)
        return floor;
    double least = INFINITY;
    for (size_t i = 0; i < n; i++)
        if (counts[i] > 0 && counts[i] / sum < least)
            least = counts[i] / sum;
    return least <= 1e-4 ? least / 1e6 : 1e-4;
}

double tend_psi(const double *reference, const double *current, size_t n, double floor) {
    double r_sum = total_of(reference, n), c_sum = total_of(current, n), sum = 0;
    if (isnan(r_sum) || isnan(c_sum))
        return (double)NAN;
    double r_floor = floor_share(reference, n, r_sum, floor), c_floor = floor_share(current, n, c_sum, floor);
    for (size_t i = 0; i < n; i++) {
        if (reference[i] == 0 && current[i] == 0 && r_floor == c_floor)
            continue;
        double r = reference[i] > 0 ? reference[i] / r_sum : r_floor;
        double c = current[i] > 0 ? current[i] / c_sum : c_floor;
        sum += (r - c) * log(r / c);
    }
    return sum;
}

double tend_js_distance(const double *p, const double *q, size_t n, double base) {
    double p_sum = total_of(p, n), q_sum = total_of(q, n), sum = 0;
    if (isnan(p_sum) || isnan(q_sum))
        return (double)NAN;
    for (size_t i = 0; i < n; i++) {
        double a = p[i] / p_sum, b = q[i] / q_sum, middle = (a + b) / 2;
        sum += relative_entropy(a, middle) + relative_entropy(b, middle);
    }
    sum /= log_unit(base);
    return sqrt(sum > 0 ? sum / 2 : 0); /* rounding can leave a hair below zero */
}

double tend_hellinger(const double *p, const double *q, size_t n) {
    double p_sum = total_of(p, n), q_sum = total_of(q, n), sum = 0;
    if (isnan(p_sum) || isnan(q_sum))
        return (double)NAN;
    for (size_t i = 0; i < n; i++) {
        double d = sqrt(p[i] / p_sum) - sqrt(q[i] / q_sum); /* Σ (√p - √q)² / 2 does not cancel for near distributions */
        sum += d * d;
    }
    return sqrt(sum / 2);
}

double tend_linf(const double *p, const double *q, size_t n) {
    double p_sum = total_of(p, n), q_sum = total_of(q, n), most = 0;
    if (isnan(p_sum) || isnan(q_sum))
        return (double)NAN;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(p[i] / p_sum - q[i] / q_sum));
    return most;
}

/* Walks both sorted samples at once; between two neighbouring values F and G are constant. */
static double area_between(const double *x, size_t nx, const double *y, size_t ny) {
    size_t i = 0, j = 0;
    double area = 0, last = x[0] < y[0] ? x[0] : y[0];
    while (i < nx || j < ny) {
        double next = j >= ny || (i < nx && x[i] <= y[j]) ? x[i] : y[j];
        if (i != 0 || j != 0) {
            double gap = fabs((double)i / (double)nx - (double)j / (double)ny);
            area += gap > 0 ? gap * (next - last) : 0;
        }
        while (i < nx && x[i] == next)
            i++;
        while (j < ny && y[j] == next)
            j++;
        last = next;
    }
    return area;
}

double tend_wasserstein1(const double *x, size_t nx, const double *y, size_t ny) {
    double *a = tend_sorted_copy(x, nx, &nx), *b = tend_sorted_copy(y, ny, &ny);
    double area = nx == 0 || ny == 0 ? (double)NAN : area_between(a, nx, b, ny);
    free(a);
    free(b);
    return area;
}
