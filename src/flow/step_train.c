/* train: every learner on the same validation rows, the best one again on all training rows.
 *
 * The matrix is made once: encodings that use the target are out of fold in it, so a validation row never sees its own target. A
 * learner's score is the metric over all rows that were predicted while held out, pooled.
 */
#include "base/log.h"
#include "base/thread.h"
#include "flow/state.h"
#include "flow/train.h"
#include "stats/metric.h"

#include <math.h>
#include <stdlib.h>

typedef struct contender {
    const tend_trial_spec *spec;
    tend_scored held_out; /* rows in the order of training->held */
    tend_estimate score;
    double rounds;      /* mean over the folds */
    tend_node *history; /* of the last fold */
    const char *history_metric;
    tend_predictor *fitted; /* of the only fold; NULL with several */
} contender;

typedef struct training {
    tend_flow *flow;
    const tend_target *target;
    const tend_split *split;
    const float *x;
    double *y;
    int width;
    tend_held_out held;
    const tend_metric *metric;
    contender *trials;
    int n_trials;
} training;

/* ---- which learners ---- */

static tend_status parse_trials(training *t, tend_trial_spec **out, int *out_n, tend_error *err) {
    tend_flow *flow = t->flow;
    const tend_node *learners = flow->project->learners;
    if (!learners) {
        tend_node *list = tend_node_new_list(flow->arena);
        tend_node_push(list, tend_node_new_string(flow->arena, "xgboost"));
        tend_node_push(list, tend_node_new_string(flow->arena, t->target->task == TEND_TASK_REGRESSION ? "ridge" : "logistic"));
        learners = list;
    }
    tend_diags diags;
    tend_diags_init(&diags, flow->arena);
    TEND_TRY(tend_trials_parse(learners, t->target->task, flow->arena, &diags, out, out_n, err));
    return tend_diags_status(&diags, err);
}

/* ---- fitting ---- */

static tend_status gather(training *t, int fold, bool held, tend_dataset *out, int64_t **out_rows) {
    int64_t n = 0;
    int64_t *rows = tend_malloc((size_t)(t->split->n_train + 1) * sizeof *rows);
    for (int64_t i = 0; i < t->split->n_train; i++)
        if (held ? tend_held_out_is(&t->held, i, fold) : tend_held_out_trains(&t->held, i, fold))
            rows[n++] = i;
    size_t width = (size_t)t->width;
    float *x = tend_malloc((size_t)n * width * sizeof *x + 1);
    double *y = tend_malloc((size_t)n * sizeof *y + 1);
    for (int64_t k = 0; k < n; k++) {
        memcpy(x + (size_t)k * width, t->x + (size_t)rows[k] * width, width * sizeof *x);
        y[k] = t->y[rows[k]];
    }
    *out = (tend_dataset){.x = x, .y = y, .n = n, .n_features = t->width, .outputs = tend_pipeline_outputs(t->flow->pipeline)};
    *out_rows = rows;
    return TEND_OK;
}

static void drop_dataset(tend_dataset *d, int64_t *rows) {
    free((void *)(uintptr_t)d->x);
    free((void *)(uintptr_t)d->y);
    free(rows);
}

static tend_status fit(training *t, const tend_trial_spec *spec, const double *params, const tend_dataset *train, const tend_dataset *valid,
                       tend_learn_result *out, tend_error *err) {
    tend_learn_options options = {.task = t->target->task,
                                  .n_classes = t->target->n_classes,
                                  .params = params,
                                  .valid = valid,
                                  .metric = t->metric->name,
                                  .seed = t->flow->project->seed,
                                  .threads = t->flow->project->threads};
    TEND_TRY_WRAP(spec->learner->fit(train, &options, t->flow->arena, out, err), err, "training %s", spec->learner->name);
    return TEND_OK;
}

tend_status tend_flow_predict_matrix(tend_flow *flow, const tend_predictor *predictor, const tend_target *target, const float *x, int64_t n,
                                     double threshold, tend_predictions *out, tend_error *err) {
    tend_model model = {.task = target->task,
                        .n_classes = target->n_classes,
                        .classes = target->classes,
                        .threshold = threshold,
                        .predictor = (tend_predictor *)(uintptr_t)predictor};
    return tend_model_predict_matrix(&model, x, n, flow->arena, out, err);
}

/* The held-out predictions of one fold, put where pooled scores keep them. */
static tend_status pool(training *t, contender *trial, const tend_predictor *predictor, const tend_dataset *valid, const int64_t *rows,
                        tend_error *err) {
    tend_predictions p;
    double threshold = isnan(t->flow->project->threshold) ? 0.5 : t->flow->project->threshold;
    TEND_TRY(tend_flow_predict_matrix(t->flow, predictor, t->target, valid->x, valid->n, threshold, &p, err));
    int k = t->target->n_classes;
    for (int64_t i = 0; i < valid->n; i++) {
        int64_t at = t->held.position[rows[i]];
        ((double *)(uintptr_t)trial->held_out.score)[at] = p.score[i];
        if (p.class_index)
            ((int32_t *)(uintptr_t)trial->held_out.decided)[at] = p.class_index[i];
        if (p.scores)
            memcpy((double *)(uintptr_t)trial->held_out.scores + at * k, p.scores + i * k, (size_t)k * sizeof(double));
    }
    return TEND_OK;
}

static void prepare_pool(training *t, contender *trial) {
    tend_arena *arena = t->flow->arena;
    int64_t n = t->held.n;
    double *y = TEND_ARRAY(arena, double, n + 1);
    for (int64_t i = 0; i < t->split->n_train; i++)
        if (t->held.position[i] >= 0)
            y[t->held.position[i]] = t->y[i];
    trial->held_out = (tend_scored){.n = n, .n_classes = t->target->n_classes, .y = y, .score = TEND_ARRAY(arena, double, n + 1)};
    if (t->target->n_classes) {
        trial->held_out.decided = TEND_ARRAY(arena, int32_t, n + 1);
        if (t->target->n_classes > 2)
            trial->held_out.scores = TEND_ARRAY(arena, double, n * t->target->n_classes + 1);
    }
}

static tend_status run_fold(training *t, contender *trial, int fold, tend_error *err) {
    tend_dataset train, valid;
    int64_t *train_rows, *valid_rows;
    TEND_TRY(gather(t, fold, false, &train, &train_rows));
    TEND_TRY(gather(t, fold, true, &valid, &valid_rows));
    tend_learn_result result = {0};
    tend_status status = fit(t, trial->spec, trial->spec->params, &train, &valid, &result, err);
    if (status == TEND_OK)
        status = pool(t, trial, result.predictor, &valid, valid_rows, err);
    trial->rounds += (double)result.rounds / t->held.n_folds;
    trial->history = result.history;
    trial->history_metric = result.history_metric;
    if (t->held.n_folds == 1)
        trial->fitted = result.predictor;
    else
        tend_predictor_free(result.predictor);
    drop_dataset(&train, train_rows);
    drop_dataset(&valid, valid_rows);
    return status;
}

static tend_status run_trial(training *t, contender *trial, tend_error *err) {
    prepare_pool(t, trial);
    for (int fold = 0; fold < t->held.n_folds; fold++) {
        if (tend_cancel_requested())
            return TEND_FAIL(err, CANCELLED, "stopped while training %s", trial->spec->learner->name);
        tend_progress(trial->spec->learner->title, fold, t->held.n_folds, "folds");
        TEND_TRY(run_fold(t, trial, fold, err));
    }
    tend_progress(trial->spec->learner->title, t->held.n_folds, t->held.n_folds, "folds");
    return tend_metrics_estimate(&trial->held_out, &t->metric, 1, 200, 0.95, t->flow->project->seed, &trial->score, err);
}

static contender *best_trial(training *t) {
    contender *best = &t->trials[0];
    for (int i = 1; i < t->n_trials; i++) {
        double a = t->trials[i].score.value, b = best->score.value;
        if (isnan(b) || (t->metric->greater_is_better ? a > b : a < b))
            best = &t->trials[i];
    }
    return best;
}

/* The best once more, on all training rows, with as many rounds as the held-out rows asked for. */
static tend_status refit(training *t, contender *best, tend_predictor **out, tend_error *err) {
    if (t->held.n_folds == 1 && !t->flow->project->refit) {
        *out = TEND_STEAL(best->fitted);
        return TEND_OK;
    }
    const tend_learner *learner = best->spec->learner;
    double *params = tend_arena_memdup(t->flow->arena, best->spec->params, (size_t)learner->n_params * sizeof(double));
    for (int i = 0; i < learner->n_params; i++)
        if (!strcmp(learner->params[i].name, "rounds") && best->rounds >= 1)
            params[i] = round(best->rounds);
    tend_dataset all = {
        .x = t->x, .y = t->y, .n = t->split->n_train, .n_features = t->width, .outputs = tend_pipeline_outputs(t->flow->pipeline)};
    tend_learn_result result = {0};
    TEND_TRY(fit(t, best->spec, params, &all, NULL, &result, err));
    *out = result.predictor;
    return TEND_OK;
}

/* ---- results ---- */

static void set_estimate(tend_arena *arena, tend_node *map, const char *key, tend_estimate e) {
    tend_node *node = tend_node_set_map(arena, map, key);
    tend_node_set_double(arena, node, "value", e.value);
    tend_node_set_double(arena, node, "low", e.low);
    tend_node_set_double(arena, node, "high", e.high);
}

static tend_status validation_metrics(training *t, const contender *best, tend_node *doc, tend_error *err) {
    const tend_metric *metrics[64];
    tend_estimate estimates[64];
    int n = 0;
    for (int i = 0; i < tend_n_metrics && n < 64; i++)
        if (tend_metrics[i].tasks & tend_metric_task_bit(t->target->n_classes))
            metrics[n++] = &tend_metrics[i];
    TEND_TRY(tend_metrics_estimate(&best->held_out, metrics, n, 200, 0.95, t->flow->project->seed, estimates, err));
    tend_node *map = tend_node_set_map(t->flow->arena, doc, "validation");
    for (int i = 0; i < n; i++)
        set_estimate(t->flow->arena, map, metrics[i]->name, estimates[i]);
    return TEND_OK;
}

/* Best first; equal scores keep the order of tend.yaml. */
static void leaderboard(training *t, const contender *best, tend_node *doc) {
    tend_arena *arena = t->flow->arena;
    tend_node *list = tend_node_set_list(arena, doc, "leaderboard");
    bool *listed = TEND_ARRAY(arena, bool, t->n_trials);
    for (int k = 0; k < t->n_trials; k++) {
        int next = -1;
        for (int i = 0; i < t->n_trials; i++) {
            if (listed[i])
                continue;
            double a = t->trials[i].score.value, b = next < 0 ? 0 : t->trials[next].score.value;
            if (next < 0 || (t->metric->greater_is_better ? a > b : a < b))
                next = i;
        }
        listed[next] = true;
        const contender *trial = &t->trials[next];
        tend_node *item = tend_node_push(list, tend_node_new_map(arena));
        tend_node_set_string(arena, item, "learner", trial->spec->learner->name);
        tend_node_set_string(arena, item, "title", trial->spec->learner->title);
        tend_node_set(arena, item, "params", tend_params_to_node(trial->spec->learner, trial->spec->params, arena));
        set_estimate(arena, item, "score", trial->score);
        tend_node_set_int(arena, item, "rounds", (int64_t)round(trial->rounds));
        tend_node_set_bool(arena, item, "best", trial == best);
    }
}

static tend_node *result_node(training *t, const contender *best, double threshold) {
    tend_arena *arena = t->flow->arena;
    tend_node *doc = tend_node_new_map(arena);
    const tend_learner *learner = best->spec->learner;
    tend_node_set_string(arena, doc, "metric", t->metric->name);
    tend_node_set_bool(arena, doc, "greater_is_better", t->metric->greater_is_better);
    tend_node_set_string(arena, doc, "learner", learner->name);
    tend_node_set_string(arena, doc, "title", learner->title);
    tend_node_set(arena, doc, "params", tend_params_to_node(learner, best->spec->params, arena));
    tend_node_set_int(arena, doc, "rounds", (int64_t)round(best->rounds));
    tend_node_set_int(arena, doc, "folds", t->held.n_folds);
    tend_node_set_int(arena, doc, "held_out_rows", t->held.n);
    if (t->target->task == TEND_TASK_BINARY)
        tend_node_set_double(arena, doc, "threshold", threshold);
    leaderboard(t, best, doc);
    if (best->history) {
        tend_node_set(arena, doc, "history", tend_node_copy(arena, best->history));
        tend_node_set_string(arena, doc, "history_metric", best->history_metric);
    }
    tend_node *versions = tend_node_set_map(arena, doc, "libraries");
    for (int i = 0; i < t->n_trials; i++)
        if (t->trials[i].spec->learner->version && t->trials[i].spec->learner->version())
            tend_node_set_string(arena, versions, "xgboost", t->trials[i].spec->learner->version());
    return doc;
}

/* The metric is the user's, and it does not go with the task: which ones do. */
static tend_status fail_metric(const training *t, tend_error *err) {
    const tend_node *node = tend_node_path(t->flow->project->config, "problem.metric");
    tend_status status =
        TEND_FAIL_AT(err, CONFIG, node ? node->span : t->flow->project->target_span, "problem.metric %s does not fit a %s task",
                     tend_flow_metric(t->flow, t->target), tend_task_name(t->target->task));
    tend_buf names = TEND_BUF_INIT;
    for (int i = 0; i < tend_n_metrics; i++)
        if (tend_metrics[i].tasks & tend_metric_task_bit(t->target->n_classes))
            tend_buf_printf(&names, "%s%s", names.size ? ", " : "", tend_metrics[i].name);
    status = tend_error_hint(err, status, "%s", tend_buf_text(&names));
    tend_buf_done(&names);
    return status;
}

static tend_status collect(training *t, tend_error *err) {
    tend_flow *flow = t->flow;
    const tend_table *table;
    const tend_pipeline *pipeline;
    TEND_TRY(tend_flow_table(flow, &table, err));
    TEND_TRY(tend_flow_target(flow, &t->target, err));
    TEND_TRY(tend_flow_split(flow, &t->split, err));
    TEND_TRY(tend_flow_pipeline(flow, &pipeline, err));
    TEND_TRY(tend_flow_x_train(flow, &t->x, err));
    t->width = tend_pipeline_width(pipeline);
    if (!t->width)
        return TEND_FAIL(err, DATA, "no feature is left to learn from");
    t->y = tend_flow_y(flow, t->target, t->split->train, t->split->n_train);
    t->metric = tend_metric_find(tend_flow_metric(flow, t->target));
    if (!t->metric || !(t->metric->tasks & tend_metric_task_bit(t->target->n_classes)))
        return fail_metric(t, err);
    return tend_held_out_make(flow->project, table, t->split, t->y, t->target->n_classes, flow->arena, &t->held, err);
}

tend_status tend_step_train(tend_flow *flow, tend_step_record *record, tend_error *err) {
    training t = {.flow = flow};
    tend_trial_spec *specs;
    TEND_TRY(collect(&t, err));
    TEND_TRY(parse_trials(&t, &specs, &t.n_trials, err));
    t.trials = TEND_ARRAY(flow->arena, contender, t.n_trials);
    tend_status status = TEND_OK;
    for (int i = 0; i < t.n_trials && status == TEND_OK; i++) {
        t.trials[i].spec = &specs[i];
        status = run_trial(&t, &t.trials[i], err);
    }
    contender *best = best_trial(&t);
    if (status == TEND_OK)
        status = refit(&t, best, &flow->predictor, err);
    for (int i = 0; i < t.n_trials; i++)
        tend_predictor_free(t.trials[i].fitted);
    TEND_TRY(status);

    double threshold = flow->project->threshold;
    if (isnan(threshold))
        threshold = t.target->task == TEND_TASK_BINARY
                        ? tend_best_threshold(&best->held_out, tend_metric_find(flow->project->decide), flow->arena)
                        : 0.5;
    if (t.target->task == TEND_TASK_BINARY)
        for (int64_t i = 0; i < best->held_out.n; i++)
            ((int32_t *)(uintptr_t)best->held_out.decided)[i] = best->held_out.score[i] >= threshold;
    tend_node *doc = result_node(&t, best, threshold);
    TEND_TRY(validation_metrics(&t, best, doc, err));
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_predictor_save(flow->predictor, &bytes);
    TEND_TRY(tend_flow_emit(flow, record, "predictor", tend_buf_text(&bytes), bytes.size, err));
    TEND_TRY(tend_flow_emit_json(flow, record, "result", doc, err));
    if (isnan(best->score.value))
        tend_flow_summary(flow, record, "%s is taken of %d: %s says nothing on %lld held-out rows", best->spec->learner->name, t.n_trials,
                          t.metric->name, (long long)t.held.n);
    else
        tend_flow_summary(flow, record, "%s is best of %d: %s %.4f (%.4f–%.4f) on %lld held-out rows", best->spec->learner->name,
                          t.n_trials, t.metric->name, best->score.value, best->score.low, best->score.high, (long long)t.held.n);
    return TEND_OK;
}
