#include "learn/evaluate_parts.h"

#include <math.h>

enum { DEFAULT_MIN_SLICE = 30 };

tend_node *tend_estimate_to_node(tend_arena *arena, tend_estimate estimate) {
    tend_node *node = tend_node_new_map(arena);
    tend_node_set_double(arena, node, "value", estimate.value);
    tend_node_set_double(arena, node, "low", estimate.low);
    tend_node_set_double(arena, node, "high", estimate.high);
    return node;
}

tend_node *tend_estimates_to_node(const tend_evaluation *e, const tend_estimate *estimates) {
    tend_node *node = tend_node_new_map(e->arena);
    for (int i = 0; i < e->n_metrics; i++)
        tend_node_set(e->arena, node, e->metrics[i]->name, tend_estimate_to_node(e->arena, estimates[i]));
    return node;
}

static tend_status choose_metrics(tend_evaluation *e, tend_error *err) {
    unsigned task = tend_metric_task_bit(e->scored->n_classes);
    for (int i = 0; i < tend_n_metrics && e->n_metrics < TEND_EVALUATE_METRICS_MAX; i++)
        if (tend_metrics[i].tasks & task)
            e->metrics[e->n_metrics++] = &tend_metrics[i];
    const char *name = e->options->metric ? e->options->metric : tend_metric_default(e->scored->n_classes);
    e->main = tend_metric_find(name);
    if (!e->main || !(e->main->tasks & task))
        return TEND_FAIL(err, INVALID, "the metric '%s' does not apply to %s", name, tend_task_name(e->options->task));
    return TEND_OK;
}

static tend_status estimate_all(tend_evaluation *e, tend_node *out, tend_error *err) {
    tend_bootstrap_options options = {.replicates = e->options->replicates, .seed = e->options->seed};
    tend_estimate estimates[TEND_EVALUATE_METRICS_MAX];
    TEND_TRY(tend_bootstrap(e->scored, e->metrics, e->n_metrics, &options, estimates, err));
    for (int i = 0; i < e->n_metrics; i++)
        if (e->metrics[i] == e->main)
            e->overall = estimates[i];
    tend_node_set_int(e->arena, out, "n", e->scored->n);
    tend_node_set_string(e->arena, out, "metric", e->main->name);
    tend_node_set(e->arena, out, "metrics", tend_estimates_to_node(e, estimates));
    return TEND_OK;
}

static void add_task_parts(const tend_evaluation *e, tend_node *out) {
    int n_classes = e->scored->n_classes;
    if (n_classes >= 2)
        tend_node_set(e->arena, out, "confusion", tend_evaluate_confusion(e));
    if (n_classes == 2)
        tend_node_set(e->arena, out, "curves", tend_evaluate_curves(e));
    if (n_classes == 0)
        tend_node_set(e->arena, out, "residuals", tend_evaluate_residuals(e));
}

tend_status tend_evaluate(const tend_table *table, const int64_t *rows, const tend_scored *scored, const tend_evaluate_options *options,
                          tend_arena *arena, tend_diags *diags, tend_node **out, tend_error *err) {
    tend_evaluation e = {
        .table = table,
        .rows = rows,
        .scored = scored,
        .options = options,
        .arena = arena,
        .min_slice = options->min_slice > 0 ? options->min_slice : DEFAULT_MIN_SLICE,
    };
    tend_node *document = tend_node_new_map(arena);
    TEND_TRY(choose_metrics(&e, err));
    TEND_TRY(estimate_all(&e, document, err));
    add_task_parts(&e, document);
    TEND_TRY(tend_evaluate_slices(&e, diags, document, err));
    *out = document;
    return TEND_OK;
}
