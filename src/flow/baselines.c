#include "flow/baselines.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double *constant(tend_arena *arena, int64_t n, double v) {
    double *out = TEND_ARRAY(arena, double, n + 1);
    for (int64_t i = 0; i < n; i++)
        out[i] = v;
    return out;
}

static int32_t *decide_all(tend_arena *arena, int64_t n, int32_t class_index) {
    int32_t *out = TEND_ARRAY(arena, int32_t, n + 1);
    for (int64_t i = 0; i < n; i++)
        out[i] = class_index;
    return out;
}

static void numbers(tend_flow *flow, const double *y, int64_t n_train, int64_t n, tend_baseline *out) {
    tend_arena *arena = flow->arena;
    double *sorted = tend_arena_memdup(arena, y, (size_t)n_train * sizeof(double)), sum = 0;
    for (int64_t i = 0; i < n_train; i++)
        sum += y[i];
    qsort(sorted, (size_t)n_train, sizeof(double), by_value);
    double median = n_train % 2 ? sorted[n_train / 2] : (sorted[n_train / 2 - 1] + sorted[n_train / 2]) / 2;
    out[0].name = "mean";
    out[0].scored.score = constant(arena, n, sum / (double)n_train);
    out[1].name = "median";
    out[1].scored.score = constant(arena, n, median);
}

static void majority(tend_flow *flow, const tend_target *target, const double *y, int64_t n_train, int64_t n, tend_baseline *out) {
    int k = target->n_classes;
    tend_arena *arena = flow->arena;
    double *share = TEND_ARRAY(arena, double, k);
    int best = 0;
    for (int64_t i = 0; i < n_train; i++)
        share[(int)y[i]] += 1.0 / (double)n_train;
    for (int c = 1; c < k; c++)
        if (share[c] > share[best])
            best = c;
    out->name = "majority";
    out->scored.decided = decide_all(arena, n, best);
    out->scored.score = constant(arena, n, k == 2 ? share[1] : share[best]);
    if (k > 2) {
        double *scores = TEND_ARRAY(arena, double, n *k + 1);
        for (int64_t i = 0; i < n; i++)
            memcpy(scores + i * k, share, (size_t)k * sizeof(double));
        out->scored.scores = scores;
    }
}

/* A class named by text per row; what is not a class counts as the most frequent one. */
static tend_status class_rule(tend_flow *flow, tend_engine *engine, const tend_table *table, const tend_target *target,
                              const tend_split *split, tend_baseline *out, tend_error *err) {
    const tend_project *p = flow->project;
    tend_column said;
    TEND_TRY(tend_engine_texts(engine, table, p->baseline, p->baseline_span, flow->arena, &said, err));
    int64_t n = split->n_test;
    int k = target->n_classes;
    int32_t *decided = decide_all(flow->arena, n, 0);
    double *scores = TEND_ARRAY(flow->arena, double, n *k + 1), *score = constant(flow->arena, n, 1);
    for (int64_t i = 0; i < n; i++) {
        tend_str text = tend_column_str(&said, split->test[i]);
        for (int c = 0; c < k; c++)
            if (tend_str_is(text, target->classes[c]))
                decided[i] = c;
        scores[i * k + decided[i]] = 1;
    }
    out->scored.decided = decided;
    out->scored.scores = scores;
    out->scored.score = score;
    return TEND_OK;
}

static tend_status number_rule(tend_flow *flow, tend_engine *engine, const tend_table *table, const tend_split *split, double unknown,
                               tend_baseline *out, tend_error *err) {
    const tend_project *p = flow->project;
    double *all = TEND_ARRAY(flow->arena, double, table->n_rows + 1);
    TEND_TRY(tend_engine_numbers(engine, table, p->baseline, p->baseline_span, all, err));
    int64_t n = split->n_test;
    double *score = constant(flow->arena, n, unknown);
    int32_t *decided = decide_all(flow->arena, n, 0);
    for (int64_t i = 0; i < n; i++) {
        double v = all[split->test[i]];
        if (!isnan(v))
            score[i] = v;
        decided[i] = score[i] >= 0.5;
    }
    out->scored.score = score;
    if (out->scored.n_classes)
        out->scored.decided = decided;
    return TEND_OK;
}

tend_status tend_baselines_make(tend_flow *flow, const double *y_test, tend_baseline out[TEND_MAX_BASELINES], int *out_n, tend_error *err) {
    const tend_table *table;
    const tend_target *target;
    const tend_split *split;
    TEND_TRY(tend_flow_table(flow, &table, err));
    TEND_TRY(tend_flow_target(flow, &target, err));
    TEND_TRY(tend_flow_split(flow, &split, err));
    const double *y = tend_flow_y(flow, target, split->train, split->n_train);
    for (int i = 0; i < TEND_MAX_BASELINES; i++)
        out[i] = (tend_baseline){.scored = {.n = split->n_test, .n_classes = target->n_classes, .y = y_test}};
    int n = 1;
    if (target->task == TEND_TASK_REGRESSION) {
        numbers(flow, y, split->n_train, split->n_test, out);
        n = 2;
    } else {
        majority(flow, target, y, split->n_train, split->n_test, out);
    }
    if (flow->project->baseline) {
        tend_engine *engine;
        TEND_TRY(tend_flow_engine(flow, &engine, err));
        out[n].name = "rule";
        if (target->task == TEND_TASK_MULTICLASS)
            TEND_TRY(class_rule(flow, engine, table, target, split, &out[n], err));
        else
            TEND_TRY(number_rule(flow, engine, table, split, target->n_classes ? 0 : out[0].scored.score[0], &out[n], err));
        n++;
    }
    *out_n = n;
    return TEND_OK;
}
