#include "stats/moments.h"

#include <math.h>

void tend_moments_init(tend_moments *m) { *m = (tend_moments){.min = INFINITY, .max = -INFINITY}; }

void tend_moments_merge(tend_moments *into, const tend_moments *other) {
    if (other->n == 0)
        return;
    double n = (double)into->n, k = (double)other->n, gap = other->mean - into->mean;
    into->n += other->n;
    into->mean = n == 0 ? other->mean : into->mean + gap * (k / (n + k));
    into->m2 += other->m2 + gap * gap * (n * k / (n + k));
    into->min = other->min < into->min ? other->min : into->min;
    into->max = other->max > into->max ? other->max : into->max;
}

void tend_moments_add(tend_moments *m, const double *values, size_t n) {
    tend_moments block;
    double sum[2] = {0}, squares[2] = {0}; /* two lanes: half the latency, the same order every time */
    tend_moments_init(&block);
    for (size_t i = 0; i < n; i++) {
        double v = values[i];
        if (isnan(v))
            continue;
        sum[block.n++ & 1] += v;
        block.min = v < block.min ? v : block.min;
        block.max = v > block.max ? v : block.max;
    }
    if (block.n == 0)
        return;
    block.mean = (sum[0] + sum[1]) / (double)block.n;
    for (size_t i = 0, k = 0; i < n; i++) {
        double d = values[i] - block.mean;
        if (!isnan(values[i]))
            squares[k++ & 1] += d * d;
    }
    block.m2 = squares[0] + squares[1];
    tend_moments_merge(m, &block);
}

double tend_moments_sd(const tend_moments *m) { return m->n > 1 ? sqrt(m->m2 / (double)(m->n - 1)) : (double)NAN; }
