/* What is left of the truth after the prediction: how the residuals spread, and a sample of points
 * for a plot. */
#include "base/rng.h"
#include "learn/evaluate_parts.h"
#include "stats/sort.h"

#include <math.h>
#include <stdlib.h>

enum { BINS = 30, POINTS_MAX = 500 };

static const struct {
    const char *name;
    double share;
} QUANTILES[] = {{"min", 0},    {"p01", 0.01}, {"p05", 0.05}, {"p25", 0.25}, {"p50", 0.5},
                 {"p75", 0.75}, {"p95", 0.95}, {"p99", 0.99}, {"max", 1}};

static tend_node *quantiles(const double *sorted, size_t n, tend_arena *arena) {
    tend_node *node = tend_node_new_map(arena);
    for (size_t i = 0; i < sizeof QUANTILES / sizeof *QUANTILES; i++)
        tend_node_set_double(arena, node, QUANTILES[i].name, tend_quantile_sorted(sorted, n, QUANTILES[i].share));
    return node;
}

static int bin_of(double v, double low, double high) {
    double at = (v - low) / (high - low) * BINS;
    return at < 0 ? 0 : at >= BINS ? BINS - 1 : (int)at;
}

static tend_node *histogram(const double *sorted, size_t n, tend_arena *arena) {
    double low = tend_quantile_sorted(sorted, n, 0.005), high = tend_quantile_sorted(sorted, n, 0.995);
    if (!(high > low)) {
        double margin = fmax(fabs(low) * 1e-6, 1e-6); /* all the same: one bin in the middle holds them */
        low -= margin;
        high += margin;
    }
    int64_t counts[BINS] = {0};
    for (size_t i = 0; i < n; i++)
        counts[bin_of(sorted[i], low, high)]++;
    tend_node *node = tend_node_new_map(arena);
    tend_node *edges = tend_node_set_list(arena, node, "edges"), *list = tend_node_set_list(arena, node, "counts");
    for (int b = 0; b <= BINS; b++)
        tend_node_push(edges, tend_node_new_double(arena, low + (high - low) * b / BINS));
    for (int b = 0; b < BINS; b++)
        tend_node_push(list, tend_node_new_int(arena, counts[b]));
    return node;
}

/* Selection sampling (Knuth, TAOCP 2, algorithm 3.4.2 S): in row order, each subset equally likely.
 */
static tend_node *sample_points(const tend_evaluation *e) {
    const tend_scored *s = e->scored;
    tend_node *list = tend_node_new_list(e->arena);
    tend_rng rng;
    tend_rng_init(&rng, e->options->seed, "residual points");
    int64_t wanted = s->n < POINTS_MAX ? s->n : POINTS_MAX;
    for (int64_t i = 0; i < s->n && wanted > 0; i++) {
        if (tend_rng_below(&rng, (uint64_t)(s->n - i)) >= (uint64_t)wanted)
            continue;
        tend_node *pair = tend_node_push(list, tend_node_new_list(e->arena));
        tend_node_push(pair, tend_node_new_double(e->arena, s->score[i]));
        tend_node_push(pair, tend_node_new_double(e->arena, s->y[i]));
        wanted--;
    }
    return list;
}

tend_node *tend_evaluate_residuals(const tend_evaluation *e) {
    const tend_scored *s = e->scored;
    tend_node *node = tend_node_new_map(e->arena);
    if (s->n == 0)
        return node;
    double *residuals = tend_malloc(tend_mul_or_die((size_t)s->n, sizeof *residuals));
    for (int64_t i = 0; i < s->n; i++)
        residuals[i] = s->y[i] - s->score[i];
    tend_sort_doubles(residuals, (size_t)s->n);
    tend_node_set(e->arena, node, "histogram", histogram(residuals, (size_t)s->n, e->arena));
    tend_node_set(e->arena, node, "quantiles", quantiles(residuals, (size_t)s->n, e->arena));
    tend_node_set(e->arena, node, "points", sample_points(e));
    free(residuals);
    return node;
}
