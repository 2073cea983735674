#include "stats/sort.h"

#include "base/arena.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { DIGIT_BITS = 11, DIGITS = 6, BUCKETS = 1 << DIGIT_BITS, SMALL = 1024, RUN = 12, RADIX_FROM = 4096 };

/* Unsigned keys in the order of the doubles (sign flipped, negatives reversed); NaN above everything. */
static uint64_t key_of(double v) {
    uint64_t bits;
    if (isnan(v))
        return UINT64_MAX;
    memcpy(&bits, &v, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double value_of(uint64_t key) {
    uint64_t bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
    double v;
    if (key == UINT64_MAX)
        return (double)NAN;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static void sort_run(uint64_t *keys, size_t n) {
    for (size_t i = 1; i < n; i++) {
        uint64_t moved = keys[i];
        size_t j = i;
        for (; j > 0 && keys[j - 1] > moved; j--)
            keys[j] = keys[j - 1];
        keys[j] = moved;
    }
}

/* Both parts are not empty. The choice compiles to a conditional move: a comparison of random keys cannot be predicted. */
static void merge_runs(const uint64_t *a, const uint64_t *a_end, const uint64_t *b, const uint64_t *b_end, uint64_t *to) {
    while (a < a_end && b < b_end) {
        uint64_t x = *a, y = *b;
        bool second = y < x;
        *to++ = second ? y : x;
        a += !second;
        b += second;
    }
    memcpy(to, a, (size_t)(a_end - a) * sizeof *to);
    memcpy(to + (a_end - a), b, (size_t)(b_end - b) * sizeof *to);
}

/* Returns whichever of the two arrays holds the sorted keys. */
static uint64_t *merge_sort(uint64_t *from, uint64_t *to, size_t n) {
    for (size_t i = 0; i < n; i += RUN)
        sort_run(from + i, n - i < RUN ? n - i : RUN);
    for (size_t width = RUN; width < n; width *= 2) {
        for (size_t i = 0; i < n; i += 2 * width) {
            size_t middle = i + width < n ? i + width : n, end = middle + width < n ? middle + width : n;
            merge_runs(from + i, from + middle, from + middle, from + end, to + i);
        }
        uint64_t *t = from;
        from = to;
        to = t;
    }
    return from;
}

/* One stable pass; false when all keys share the digit and nothing had to move. */
static bool pass(const uint64_t *from, uint64_t *to, size_t n, const uint32_t *counts, int digit) {
    uint32_t starts[BUCKETS], at = 0;
    for (int b = 0; b < BUCKETS; b++) {
        if (counts[b] == n)
            return false;
        starts[b] = at;
        at += counts[b];
    }
    for (size_t i = 0; i < n; i++)
        to[starts[(from[i] >> (digit * DIGIT_BITS)) & (BUCKETS - 1)]++] = from[i];
    return true;
}

/* Returns whichever of the two arrays holds the sorted keys. */
static uint64_t *radix_sort(uint64_t *from, uint64_t *to, size_t n) {
    uint32_t(*counts)[BUCKETS] = tend_calloc(DIGITS, sizeof *counts);
    for (size_t i = 0; i < n; i++)
        for (int d = 0; d < DIGITS; d++)
            counts[d][(from[i] >> (d * DIGIT_BITS)) & (BUCKETS - 1)]++;
    for (int d = 0; d < DIGITS; d++) {
        if (!pass(from, to, n, counts[d], d))
            continue;
        uint64_t *t = from;
        from = to;
        to = t;
    }
    free(counts);
    return from;
}

void tend_sort_doubles(double *values, size_t n) {
    uint64_t small[2 * SMALL];
    uint64_t *keys = n <= SMALL ? small : tend_malloc(tend_mul_or_die(2 * n, sizeof *keys));
    for (size_t i = 0; i < n; i++)
        keys[i] = key_of(values[i]);
    bool radix = n > RADIX_FROM && n < UINT32_MAX;
    const uint64_t *sorted = radix ? radix_sort(keys, keys + n, n) : merge_sort(keys, keys + n, n);
    for (size_t i = 0; i < n; i++)
        values[i] = value_of(sorted[i]);
    if (keys != small)
        free(keys);
}

double *tend_sorted_copy(const double *values, size_t n, size_t *out_n) {
    double *copy = tend_malloc(tend_mul_or_die(n + 1, sizeof *copy));
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            copy[kept++] = values[i];
    tend_sort_doubles(copy, kept);
    *out_n = kept;
    return copy;
}

double tend_quantile_sorted(const double *sorted, size_t n, double q) {
    if (n == 0 || !(q >= 0 && q <= 1))
        return (double)NAN;
    double at = q * (double)(n - 1);
    size_t low = (size_t)at, high = low + 1 < n ? low + 1 : low;
    double t = at - (double)low, a = sorted[low], b = sorted[high];
    if (a == b) /* infinities too */
        return a;
    return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t); /* from the nearer end, as numpy does */
}
