/* Bootstrap intervals of metrics: resamples are row weights, so that what was sorted once stays
 * sorted. metric.h says what is computed. */
#include "stats/metric_ranking.h"

#include "base/arena.h"
#include "base/rng.h"
#include "base/thread.h"
#include "stats/sort.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    DEFAULT_REPLICATES = 500,
    DEFAULT_BLOCK_ROWS = 20000,
    LEAST_BLOCK_ROWS = 2000,
    SERIAL_WORK = 1000 * 1000, /* below this many metric rows, starting threads costs more than it saves */
};

/* One model, or two over the same rows whose metrics are subtracted. */
typedef struct side {
    tend_scored scored;
    int32_t *order; /* owned */
} side;

/* Rows that are resampled together: all of them, or one of the equal parts of a large table. */
typedef struct block {
    tend_arena *arena;   /* of its own, so that blocks can be made in parallel */
    const int64_t *rows; /* NULL: all, in place */
    int64_t n;
    side sides[2];
    double *values; /* per metric, on the block as it is */
} block;

typedef struct plan {
    tend_arena *arena;
    const tend_metric *const *metrics;
    int n_sides, n_metrics, replicates, n_blocks;
    bool needs_order; /* some metric does */
    uint64_t seed;
    int64_t n;
    double level;
    block *blocks;
    const tend_scored *whole[2];
    side all[2];     /* the whole, with its order */
    double *values;  /* per metric, on all rows */
    double *samples; /* [n_metrics][replicates] */
} plan;

static double value_of(const tend_metric *metric, const side *sides, int n_sides) {
    double value = metric->compute(&sides[0].scored);
    return n_sides == 2 ? value - metric->compute(&sides[1].scored) : value;
}

/* Blocks. */

static int64_t rows_per_block(const tend_scored *s, int64_t asked) {
    int64_t rows = asked > 0 ? asked : DEFAULT_BLOCK_ROWS;
    int n_orders = tend_scored_n_orders(s);
    if (n_orders > 2)
        rows = rows * 2 / n_orders;
    return rows > LEAST_BLOCK_ROWS ? rows : LEAST_BLOCK_ROWS;
}

static void block_task(void *ctx, size_t index) {
    plan *p = ctx;
    block *b = &p->blocks[index];
    b->arena = tend_arena_new();
    for (int i = 0; i < p->n_sides; i++) {
        side *one = &b->sides[i];
        one->scored = b->rows ? tend_scored_take(p->whole[i], b->rows, b->n, b->arena) : *p->whole[i];
        one->order = p->needs_order ? tend_scored_order(&one->scored) : NULL;
        one->scored.order = one->order;
    }
    b->values = TEND_ARRAY(b->arena, double, p->n_metrics);
    for (int m = 0; m < p->n_metrics; m++)
        b->values[m] = value_of(p->metrics[m], b->sides, p->n_sides);
}

static void deal_rows(plan *p) {
    int64_t *rows = TEND_ARRAY(p->arena, int64_t, p->n);
    for (int64_t i = 0; i < p->n; i++)
        rows[i] = i;
    tend_rng rng;
    tend_rng_init(&rng, p->seed, "bootstrap blocks");
    tend_rng_shuffle(&rng, rows, (size_t)p->n);
    for (int b = 0; b < p->n_blocks; b++) {
        int64_t begin = p->n * b / p->n_blocks, end = p->n * (b + 1) / p->n_blocks;
        p->blocks[b].rows = rows + begin;
        p->blocks[b].n = end - begin;
    }
}

static int threads_for(const plan *p, int64_t passes) { return p->n * p->n_metrics * passes < SERIAL_WORK ? 1 : 0; }

static void value_task(void *ctx, size_t m) {
    plan *p = ctx;
    p->values[m] = value_of(p->metrics[m], p->all, p->n_sides);
}

/* Every metric on all rows. One order serves them all, unless there is one for each of many
 * classes: too much to keep. */
static void take_values(plan *p) {
    for (int i = 0; i < p->n_sides; i++) {
        p->all[i].scored = *p->whole[i];
        if (p->needs_order && tend_scored_n_orders(p->whole[i]) == 1)
            p->all[i].scored.order = p->all[i].order = tend_scored_order(p->whole[i]);
    }
    p->values = TEND_ARRAY(p->arena, double, p->n_metrics);
    tend_parallel_for((size_t)p->n_metrics, threads_for(p, 1), value_task, p);
}

static void prepare(plan *p, int64_t block_rows) {
    int64_t rows = rows_per_block(p->whole[0], block_rows);
    p->n_blocks = (int)((p->n + rows - 1) / rows);
    p->n_blocks = p->n_blocks < 1 ? 1 : p->n_blocks > p->replicates ? p->replicates : p->n_blocks;
    p->blocks = TEND_ARRAY(p->arena, block, p->n_blocks);
    p->blocks[0].n = p->n;
    if (p->n_blocks > 1) {
        take_values(p);
        deal_rows(p);
    }
    tend_parallel_for((size_t)p->n_blocks, threads_for(p, 1), block_task, p);
    if (p->n_blocks == 1)
        p->values = p->blocks[0].values;
}

/* Replicates. */

/* How often each row of the block is drawn, times its weight. */
static void draw_weights(const plan *p, const block *b, size_t replicate, double *counts) {
    char stream[40];
    snprintf(stream, sizeof stream, "bootstrap %zu", replicate);
    tend_rng rng;
    tend_rng_init(&rng, p->seed, stream);
    memset(counts, 0, sizeof(double) * (size_t)b->n);
    for (int64_t i = 0; i < b->n; i++)
        counts[tend_rng_below(&rng, (uint64_t)b->n)] += 1;
}

static void apply_weights(side *sides, int n_sides, const double *counts, double *weights) {
    for (int i = 0; i < n_sides; i++) {
        tend_scored *s = &sides[i].scored;
        double *out = weights + i * s->n;
        for (int64_t row = 0; row < s->n; row++)
            out[row] = counts[row] * (s->weight ? s->weight[row] : 1);
        s->weight = out;
    }
}

static void replicate_task(void *ctx, size_t r) {
    plan *p = ctx;
    const block *b = &p->blocks[r % (size_t)p->n_blocks];
    if (tend_cancel_requested())
        return;
    double *counts = tend_malloc(tend_mul_or_die((size_t)b->n * 3 + 1, sizeof(double)));
    draw_weights(p, b, r, counts);
    side sides[2] = {b->sides[0], b->sides[1]};
    apply_weights(sides, p->n_sides, counts, counts + b->n);
    double scale = sqrt((double)b->n / (double)p->n);
    for (int m = 0; m < p->n_metrics; m++) {
        double value = value_of(p->metrics[m], sides, p->n_sides);
        if (p->n_blocks > 1)
            value = p->values[m] + scale * (value - b->values[m]);
        p->samples[(size_t)m * (size_t)p->replicates + r] = value;
    }
    free(counts);
}

/* Intervals. */

static tend_estimate interval(double value, double *samples, int n, double level) {
    size_t kept = 0;
    for (int i = 0; i < n; i++)
        if (isfinite(samples[i]))
            samples[kept++] = samples[i];
    if (isnan(value) || kept == 0 || kept < (size_t)n / 2)
        return (tend_estimate){value, (double)NAN, (double)NAN};
    tend_sort_doubles(samples, kept);
    double tail = (1 - level) / 2;
    double low = tend_quantile_sorted(samples, kept, tail), high = tend_quantile_sorted(samples, kept, 1 - tail);
    return (tend_estimate){value, fmin(value, low), fmax(value, high)};
}

static void run(plan *p, tend_estimate *out) {
    if (p->n > 0)
        tend_parallel_for((size_t)p->replicates, threads_for(p, p->replicates), replicate_task, p);
    for (int m = 0; m < p->n_metrics; m++)
        out[m] = interval(p->values[m], p->samples + (size_t)m * (size_t)p->replicates, p->n > 0 ? p->replicates : 0, p->level);
}

static void values_only(plan *p, tend_estimate *out) {
    take_values(p);
    for (int m = 0; m < p->n_metrics; m++)
        out[m] = (tend_estimate){p->values[m], (double)NAN, (double)NAN};
}

static void plan_done(plan *p) {
    for (int b = 0; p->blocks && b < p->n_blocks; b++) {
        for (int i = 0; i < p->n_sides; i++)
            free(p->blocks[b].sides[i].order);
        tend_arena_free(p->blocks[b].arena);
    }
    for (int i = 0; i < p->n_sides; i++)
        free(p->all[i].order);
}

static tend_status check(const tend_scored *s, const tend_metric *const *metrics, int n_metrics, tend_error *err) {
    TEND_TRY(tend_scored_check(s, err));
    unsigned task = tend_metric_task_bit(s->n_classes);
    for (int m = 0; m < n_metrics; m++)
        if (!(metrics[m]->tasks & task))
            return TEND_FAIL(err, INVALID, "the metric %s does not apply to %s", metrics[m]->name,
                             s->n_classes == 0   ? "numbers"
                             : s->n_classes == 2 ? "two classes"
                                                 : "more than two classes");
    return TEND_OK;
}

static tend_status bootstrap(plan *p, const tend_bootstrap_options *options, tend_estimate *out, tend_error *err) {
    p->level = options->level == 0 ? 0.95 : options->level;
    if (!(p->level > 0 && p->level < 1))
        return TEND_FAIL(err, INVALID, "the level of an interval lies between 0 and 1, not at %g", p->level);
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    p->arena = arena;
    p->n = p->whole[0]->n;
    p->seed = options->seed;
    for (int m = 0; m < p->n_metrics; m++)
        p->needs_order |= p->metrics[m]->needs_order;
    p->replicates = options->replicates ? options->replicates : DEFAULT_REPLICATES;
    if (p->replicates < 0) {
        values_only(p, out);
        plan_done(p);
        return TEND_OK;
    }
    p->samples = TEND_ARRAY(arena, double, (size_t)p->n_metrics *(size_t)p->replicates);
    prepare(p, options->block_rows);
    run(p, out);
    plan_done(p);
    return tend_cancel_requested() ? TEND_FAIL(err, CANCELLED, "stopped while taking metrics") : TEND_OK;
}

tend_status tend_bootstrap(const tend_scored *scored, const tend_metric *const *metrics, int n_metrics,
                           const tend_bootstrap_options *options, tend_estimate *out, tend_error *err) {
    TEND_TRY(check(scored, metrics, n_metrics, err));
    plan p = {.metrics = metrics, .n_metrics = n_metrics, .n_sides = 1, .whole = {scored}};
    return bootstrap(&p, options, out, err);
}

tend_status tend_bootstrap_difference(const tend_scored *a, const tend_scored *b, const tend_metric *const *metrics, int n_metrics,
                                      const tend_bootstrap_options *options, tend_estimate *out, tend_error *err) {
    TEND_TRY(check(a, metrics, n_metrics, err));
    TEND_TRY(check(b, metrics, n_metrics, err));
    if (a->n != b->n || a->n_classes != b->n_classes)
        return TEND_FAIL(err, INVALID,
                         "a paired difference needs the same rows on both sides: %lld rows of %d "
                         "classes, %lld of %d",
                         (long long)a->n, a->n_classes, (long long)b->n, b->n_classes);
    plan p = {.metrics = metrics, .n_metrics = n_metrics, .n_sides = 2, .whole = {a, b}};
    return bootstrap(&p, options, out, err);
}

tend_status tend_metrics_estimate(const tend_scored *scored, const tend_metric *const *metrics, int n_metrics, int replicates, double level,
                                  uint64_t seed, tend_estimate *out, tend_error *err) {
    tend_bootstrap_options options = {.replicates = replicates, .level = level, .seed = seed};
    return tend_bootstrap(scored, metrics, n_metrics, &options, out, err);
}

tend_status tend_metric_difference(const tend_scored *a, const tend_scored *b, const tend_metric *metric, int replicates, double level,
                                   uint64_t seed, tend_estimate *out, tend_error *err) {
    tend_bootstrap_options options = {.replicates = replicates, .level = level, .seed = seed};
    return tend_bootstrap_difference(a, b, &metric, 1, &options, out, err);
}
