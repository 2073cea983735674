/* The orders that metrics walk: a stable radix sort of doubles, so that a million scores take
 * milliseconds and equal ones stay in row order. */
#include "stats/metric_ranking.h"

#include "base/arena.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

typedef struct item {
    uint64_t key;
    int32_t row;
} item;

enum { DIGIT_BITS = 8, DIGITS = 64 / DIGIT_BITS, BUCKETS = 1 << DIGIT_BITS, SMALL = 48 };

/* Unsigned keys in the order of the doubles; NaN comes last either way. */
static uint64_t key_of(double v, bool falling) {
    if (isnan(v))
        return UINT64_MAX;
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    bits = bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
    return falling ? ~bits : bits;
}

static void sort_small(item *items, int64_t n) {
    for (int64_t i = 1; i < n; i++) {
        item moved = items[i];
        int64_t j = i;
        for (; j > 0 && items[j - 1].key > moved.key; j--)
            items[j] = items[j - 1];
        items[j] = moved;
    }
}

/* One stable pass over one digit; false when all keys share it and nothing had to move. */
static bool sort_by_digit(const item *from, item *to, int64_t n, const int64_t *counts, int digit) {
    int64_t starts[BUCKETS], at = 0;
    for (int b = 0; b < BUCKETS; b++) {
        if (counts[b] == n)
            return false;
        starts[b] = at;
        at += counts[b];
    }
    for (int64_t i = 0; i < n; i++)
        to[starts[(from[i].key >> (digit * DIGIT_BITS)) & (BUCKETS - 1)]++] = from[i];
    return true;
}

/* Sorts items using `spare`; returns whichever of the two holds the result. */
static item *sort_items(item *items, item *spare, int64_t n) {
    if (n <= SMALL) {
        sort_small(items, n);
        return items;
    }
    int64_t counts[DIGITS][BUCKETS] = {0};
    for (int64_t i = 0; i < n; i++)
        for (int d = 0; d < DIGITS; d++)
            counts[d][(items[i].key >> (d * DIGIT_BITS)) & (BUCKETS - 1)]++;
    for (int d = 0; d < DIGITS; d++) {
        if (!sort_by_digit(items, spare, n, counts[d], d))
            continue;
        item *t = items;
        items = spare;
        spare = t;
    }
    return items;
}

static double key_value(const tend_scored *s, int which, int64_t row) {
    if (s->n_classes == 0)
        return fabs(s->score[row] - s->y[row]);
    return s->n_classes == 2 ? s->score[row] : s->scores[row * s->n_classes + which];
}

void tend_scored_order_by(const tend_scored *s, int which, int32_t *out) {
    assert(s->n < INT32_MAX);
    size_t n = (size_t)s->n;
    item *items = tend_malloc(tend_mul_or_die(2 * n + 1, sizeof *items));
    for (int64_t i = 0; i < s->n; i++)
        items[i] = (item){key_of(key_value(s, which, i), s->n_classes != 0), (int32_t)i};
    const item *sorted = sort_items(items, items + n, s->n);
    for (int64_t i = 0; i < s->n; i++)
        out[i] = sorted[i].row;
    free(items);
}

int32_t *tend_scored_order(const tend_scored *s) {
    int n_orders = tend_scored_n_orders(s);
    size_t rows = tend_mul_or_die((size_t)s->n, (size_t)n_orders);
    int32_t *order = tend_malloc(tend_mul_or_die(rows + 1, sizeof *order));
    for (int which = 0; which < n_orders; which++)
        tend_scored_order_by(s, which, order + which * s->n);
    return order;
}
