/* evaluate: the model on rows it has not seen, against the rule and the trivial baselines; slices, gates, and the verdict. */
#include "flow/baselines.h"
#include "flow/state.h"
#include "flow/train.h"
#include "learn/evaluate.h"

#include <math.h>

typedef struct evaluation {
    tend_flow *flow;
    const tend_table *table;
    const tend_target *target;
    const tend_split *split;
    const tend_predictor *predictor;
    const float *x_test;
    double *y_test, threshold;
    tend_scored scored;
    tend_node *trained; /* train.result */
    const char *metric;
} evaluation;

static tend_status collect(evaluation *e, tend_error *err) {
    tend_flow *flow = e->flow;
    TEND_TRY(tend_flow_table(flow, &e->table, err));
    TEND_TRY(tend_flow_target(flow, &e->target, err));
    TEND_TRY(tend_flow_split(flow, &e->split, err));
    TEND_TRY(tend_flow_predictor(flow, &e->predictor, err));
    TEND_TRY(tend_flow_x_test(flow, &e->x_test, err));
    TEND_TRY(tend_flow_load_json(flow, TEND_STEP_TRAIN, "result", &e->trained, err));
    e->threshold = tend_node_double(tend_node_get(e->trained, "threshold"), 0.5);
    e->metric = tend_flow_metric(flow, e->target);
    e->y_test = tend_flow_y(flow, e->target, e->split->test, e->split->n_test);
    tend_predictions p;
    TEND_TRY(tend_flow_predict_matrix(flow, e->predictor, e->target, e->x_test, e->split->n_test, e->threshold, &p, err));
    e->scored = (tend_scored){
        .n = p.n, .n_classes = e->target->n_classes, .y = e->y_test, .score = p.score, .scores = p.scores, .decided = p.class_index};
    return TEND_OK;
}

static tend_status judge(evaluation *e, tend_node **out, tend_error *err) {
    const tend_project *p = e->flow->project;
    tend_diags diags;
    tend_diags_init(&diags, e->flow->arena);
    tend_evaluate_options options = {.task = e->target->task,
                                     .n_classes = e->target->n_classes,
                                     .classes = e->target->classes,
                                     .target = p->target,
                                     .metric = e->metric,
                                     .slices = p->slices,
                                     .min_slice = p->min_slice,
                                     .replicates = p->replicates,
                                     .seed = p->seed};
    TEND_TRY(tend_evaluate(e->table, e->split->test, &e->scored, &options, e->flow->arena, &diags, out, err));
    return tend_diags_status(&diags, err);
}

static tend_status add_verdict(evaluation *e, tend_node *doc, tend_error *err) {
    const tend_project *p = e->flow->project;
    tend_baseline baselines[TEND_MAX_BASELINES];
    int n;
    tend_node *verdict;
    TEND_TRY(tend_baselines_make(e->flow, e->y_test, baselines, &n, err));
    TEND_TRY(tend_verdict(&e->scored, baselines, n, e->metric, p->min_gain, p->replicates, p->seed, e->flow->arena, &verdict, err));
    tend_node_set(e->flow->arena, doc, "verdict", verdict);
    return TEND_OK;
}

/* problem.goal is a gate like the others, written by itself. */
static const tend_node *all_gates(evaluation *e) {
    const tend_project *p = e->flow->project;
    tend_arena *arena = e->flow->arena;
    tend_node *list = tend_node_new_list(arena);
    if (p->has_goal) {
        char goal[32];
        tend_text_format_double(p->goal, goal);
        tend_node *gate = tend_node_new_string(
            arena, tend_arena_printf(arena, "%s %s %s", e->metric, tend_metric_find(e->metric)->greater_is_better ? ">=" : "<=", goal));
        gate->span = tend_node_path(p->config, "problem.goal")->span;
        tend_node_push(list, gate);
    }
    TEND_NODE_EACH(gate, p->gates)
        tend_node_push(list, tend_node_copy(arena, gate));
    return list;
}

static tend_status add_gates(evaluation *e, tend_node *doc, bool *out_passed, tend_error *err) {
    tend_arena *arena = e->flow->arena;
    const tend_node *gates = all_gates(e);
    tend_diags diags;
    tend_diags_init(&diags, arena);
    tend_gates_check(gates, e->target->task, &diags);
    TEND_TRY(tend_diags_status(&diags, err));
    tend_gate_result *results;
    int n;
    TEND_TRY(tend_gates_apply(gates, doc, arena, &results, &n, err));
    tend_node *list = tend_node_set_list(arena, doc, "gates");
    *out_passed = true;
    for (int i = 0; i < n; i++) {
        tend_node *item = tend_node_push(list, tend_node_new_map(arena));
        tend_node_set_string(arena, item, "gate", results[i].gate);
        tend_node_set_bool(arena, item, "passed", results[i].passed);
        tend_node_set_double(arena, item, "value", results[i].value);
        tend_node_set_double(arena, item, "limit", results[i].limit);
        tend_node_set_string(arena, item, "message", results[i].message);
        *out_passed = *out_passed && results[i].passed;
    }
    return TEND_OK;
}

static tend_status add_importance(evaluation *e, tend_node *doc, tend_error *err) {
    tend_model model = {.task = e->target->task,
                        .n_classes = e->target->n_classes,
                        .classes = e->target->classes,
                        .threshold = e->threshold,
                        .pipeline = e->flow->pipeline,
                        .predictor = (tend_predictor *)(uintptr_t)e->predictor};
    tend_node *list;
    TEND_TRY(tend_importance(&model, e->x_test, e->y_test, e->split->n_test, tend_metric_find(e->metric), 3, e->flow->project->seed,
                             e->flow->arena, &list, err));
    tend_node_set(e->flow->arena, doc, "importance", list);
    return TEND_OK;
}

tend_status tend_step_evaluate(tend_flow *flow, tend_step_record *record, tend_error *err) {
    evaluation e = {.flow = flow};
    tend_node *doc;
    bool passed;
    TEND_TRY(collect(&e, err));
    TEND_TRY(judge(&e, &doc, err));
    TEND_TRY(add_verdict(&e, doc, err));
    TEND_TRY(add_importance(&e, doc, err));
    TEND_TRY(tend_enough_data(flow, e.trained, e.x_test, e.y_test, doc, err));
    TEND_TRY(add_gates(&e, doc, &passed, err));
    tend_node_set_string(flow->arena, doc, "metric", e.metric);
    tend_node_set_bool(flow->arena, doc, "passed", passed);
    record->refused = !passed;
    TEND_TRY(tend_flow_emit_json(flow, record, "result", doc, err));
    const tend_node *own = tend_node_path(doc, tend_arena_printf(flow->arena, "metrics.%s", e.metric));
    tend_flow_summary(flow, record, "%s %.4f (%.4f–%.4f) on %lld test rows%s", e.metric, tend_node_double(tend_node_get(own, "value"), NAN),
                      tend_node_double(tend_node_get(own, "low"), NAN), tend_node_double(tend_node_get(own, "high"), NAN),
                      (long long)e.split->n_test, passed ? "" : "; a gate failed");
    return TEND_OK;
}
