/* Is the data enough? The best learner again on growing parts of the training rows, judged on the same test rows. */
#include "base/rng.h"
#include "flow/baselines.h"
#include "flow/train.h"
#include "learn/learning_curve.h"

#include <math.h>
#include <stdlib.h>

enum { PARTS = 4, FEWEST_ROWS = 80 };

typedef struct part_fit {
    tend_flow *flow;
    const tend_target *target;
    const tend_split *split;
    const float *x;
    const double *y;
    int width;
    const tend_learner *learner;
    double *params;
    const tend_metric *metric;
    int64_t *order; /* a random order of the training rows: each part is the beginning of it */
} part_fit;

/* The learner that won, with its rounds as they were kept. */
static tend_status find_learner(part_fit *p, const tend_node *trained, tend_error *err) {
    p->learner = tend_learner_find(tend_node_string(tend_node_get(trained, "learner"), ""));
    if (!p->learner)
        return TEND_FAIL(err, CORRUPT, "the record of training names no learner");
    p->params = tend_params_from_node(p->learner, tend_node_get(trained, "params"), p->flow->arena);
    int64_t rounds = tend_node_int(tend_node_get(trained, "rounds"), 0);
    for (int i = 0; i < p->learner->n_params; i++)
        if (!strcmp(p->learner->params[i].name, "rounds") && rounds >= 1)
            p->params[i] = (double)rounds;
    return TEND_OK;
}

static tend_status score_of(part_fit *p, const tend_predictor *predictor, const float *x_test, const double *y_test, double *out,
                            tend_error *err) {
    tend_predictions predictions;
    TEND_TRY(tend_flow_predict_matrix(p->flow, predictor, p->target, x_test, p->split->n_test, 0.5, &predictions, err));
    tend_scored scored = {.n = predictions.n,
                          .n_classes = p->target->n_classes,
                          .y = y_test,
                          .score = predictions.score,
                          .scores = predictions.scores,
                          .decided = predictions.class_index};
    *out = p->metric->compute(&scored);
    return TEND_OK;
}

static tend_status fit_part(part_fit *p, int64_t n, const float *x_test, const double *y_test, double *out, tend_error *err) {
    size_t width = (size_t)p->width;
    float *x = tend_malloc((size_t)n * width * sizeof *x);
    double *y = tend_malloc((size_t)n * sizeof *y);
    for (int64_t i = 0; i < n; i++) {
        memcpy(x + (size_t)i * width, p->x + (size_t)p->order[i] * width, width * sizeof *x);
        y[i] = p->y[p->order[i]];
    }
    tend_dataset part = {.x = x, .y = y, .n = n, .n_features = p->width, .outputs = tend_pipeline_outputs(p->flow->pipeline)};
    tend_learn_options options = {.task = p->target->task,
                                  .n_classes = p->target->n_classes,
                                  .params = p->params,
                                  .metric = p->metric->name,
                                  .seed = p->flow->project->seed,
                                  .threads = p->flow->project->threads};
    tend_learn_result result = {0};
    tend_status status = p->learner->fit(&part, &options, p->flow->arena, &result, err);
    free(x);
    free(y);
    if (status == TEND_OK)
        status = score_of(p, result.predictor, x_test, y_test, out, err);
    tend_predictor_free(result.predictor);
    return status;
}

tend_status tend_enough_data(tend_flow *flow, const tend_node *trained, const float *x_test, const double *y_test, tend_node *doc,
                             tend_error *err) {
    part_fit p = {.flow = flow};
    const tend_predictor *predictor;
    TEND_TRY(tend_flow_target(flow, &p.target, err));
    TEND_TRY(tend_flow_split(flow, &p.split, err));
    TEND_TRY(tend_flow_predictor(flow, &predictor, err));
    if (p.split->n_train < FEWEST_ROWS)
        return TEND_OK;
    TEND_TRY(tend_flow_x_train(flow, &p.x, err));
    p.y = tend_flow_y(flow, p.target, p.split->train, p.split->n_train);
    p.width = tend_pipeline_width(flow->pipeline);
    p.metric = tend_metric_find(tend_flow_metric(flow, p.target));
    TEND_TRY(find_learner(&p, trained, err));
    p.order = TEND_ARRAY(flow->arena, int64_t, p.split->n_train);
    for (int64_t i = 0; i < p.split->n_train; i++)
        p.order[i] = i;
    tend_rng rng;
    tend_rng_init(&rng, flow->project->seed, "learning curve");
    tend_rng_shuffle(&rng, p.order, (size_t)p.split->n_train);

    double sizes[PARTS], scores[PARTS];
    int k = 0;
    for (int i = 0; i < PARTS; i++) {
        int64_t n = p.split->n_train >> (PARTS - 1 - i);
        sizes[k] = (double)n;
        tend_status status =
            i == PARTS - 1 ? score_of(&p, predictor, x_test, y_test, &scores[k], err) : fit_part(&p, n, x_test, y_test, &scores[k], err);
        /* A small part may lack a class or a spread: it is left out. */
        if (status == TEND_CANCELLED)
            return status;
        k += status == TEND_OK && isfinite(scores[k]);
    }
    tend_learning_curve curve;
    if (k < 3 || tend_learning_curve_fit(sizes, scores, k, p.metric, 0, &curve, NULL) != TEND_OK)
        return TEND_OK;
    tend_node_set(flow->arena, doc, "learning_curve", tend_learning_curve_to_node(&curve, sizes, scores, k, flow->arena));
    return TEND_OK;
}
