/* Pairs of number columns that make up the target exactly: casual + registered = count. Neither gives it away alone. */
#include "data/check_internal.h"

#include <math.h>

enum { MIN_ROWS = 30, N_PROBES = 64 };

typedef struct sums {
    const tend_column *target;
    int64_t probes[N_PROBES]; /* rows with something in them: what is nearly always 0 agrees nearly everywhere */
    int n_probes;
} sums;

static bool is_number(const tend_column *c) { return c->type == TEND_INT || c->type == TEND_FLOAT; }

/* Whether a + sign·b is the target's value in a row, but for the rounding of decimal figures; true where one of the three is missing, and
 * then it does not count. */
static bool agrees(const tend_column *target, const tend_column *a, const tend_column *b, double sign, int64_t row, int64_t *n) {
    double x = tend_column_double(a, row), z = sign * tend_column_double(b, row), y = tend_column_double(target, row);
    if (!isfinite(x) || !isfinite(z) || !isfinite(y))
        return true;
    ++*n;
    return fabs(x + z - y) <= 8 * 2.220446049250313e-16 * (fabs(x) + fabs(z) + fabs(y));
}

static bool makes_up(const sums *s, const tend_column *a, const tend_column *b, double sign) {
    int64_t n = 0;
    for (int i = 0; i < s->n_probes; i++)
        if (!agrees(s->target, a, b, sign, s->probes[i], &n))
            return false;
    n = 0;
    for (int64_t row = 0; row < s->target->n_rows; row++)
        if (!agrees(s->target, a, b, sign, row, &n))
            return false;
    return n >= MIN_ROWS && 2 * n >= s->target->n_rows - s->target->n_missing;
}

/* The first rows of N_PROBES even stretches in which the target is neither missing nor 0. */
static void choose_probes(sums *s) {
    int64_t n = s->target->n_rows, from = 0;
    for (int k = 1; k <= N_PROBES; k++) {
        int64_t to = n * k / N_PROBES;
        for (int64_t row = from; row < to; row++) {
            double y = tend_column_double(s->target, row);
            if (isfinite(y) && y != 0) {
                s->probes[s->n_probes++] = row;
                break;
            }
        }
        from = to;
    }
}

void check_sums(const tend_column *target, const tend_column *const *columns, int n, column_pair_fn fn, void *ctx) {
    sums s = {.target = target};
    if (!is_number(target))
        return;
    choose_probes(&s);
    if (!s.n_probes)
        return;
    for (int i = 0; i < n; i++)
        for (int k = i + 1; is_number(columns[i]) && k < n; k++) {
            if (!is_number(columns[k]))
                continue;
            if (makes_up(&s, columns[i], columns[k], 1))
                fn(ctx, i, k, '+');
            else if (makes_up(&s, columns[i], columns[k], -1))
                fn(ctx, i, k, '-');
            else if (makes_up(&s, columns[k], columns[i], -1))
                fn(ctx, k, i, '-');
        }
}
