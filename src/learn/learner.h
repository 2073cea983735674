/* Learners: one row per algorithm. The row's parameter specs drive the checks of tend.yaml, the search space, the help, the
 * JSON Schema and the documentation; adding an algorithm is adding a row (learn/learners.c).
 *
 *     train:
 *       learners: [xgboost, logistic, {xgboost: {max_depth: 4, eta: 0.05}}]
 */
#ifndef TEND_LEARN_LEARNER_H
#define TEND_LEARN_LEARNER_H

#include "base/diag.h"
#include "base/node.h"
#include "model/model.h"

typedef enum tend_param_type { TEND_PARAM_INT, TEND_PARAM_REAL, TEND_PARAM_BOOL, TEND_PARAM_CHOICE } tend_param_type;

typedef struct tend_param_spec {
    const char *name;
    tend_param_type type;
    double fallback;               /* default; CHOICE: index into choices; BOOL: 0 or 1 */
    double min, max;               /* inclusive */
    double search_min, search_max; /* the range worth searching; equal: not searched */
    bool log_scale;
    const char *choices; /* CHOICE: "gini|entropy" */
    const char *help;
    unsigned tasks; /* bits 1 << tend_task for which it has a meaning; 0: all that the learner has */
} tend_param_spec;

/* A dense training problem. Rows are row-major float32, NaN missing; y is the class index or the number. Borrowed. */
typedef struct tend_dataset {
    const float *x;
    const double *y;
    const double *weight; /* NULL: ones */
    int64_t n;
    int n_features;
    const tend_output *outputs; /* names and kinds of the features; may be NULL */
} tend_dataset;

typedef struct tend_learn_options {
    tend_task task;
    int n_classes;
    const double *params;      /* one value per spec of the learner, in its order */
    const tend_dataset *valid; /* for early stopping; NULL: none */
    const char *metric;        /* the problem's metric (stats/metric.h names), for early stopping */
    uint64_t seed;
    int threads; /* 0: all; never changes the result */
} tend_learn_options;

typedef struct tend_learn_result {
    tend_predictor *predictor;  /* owned by the caller */
    int rounds;                 /* boosting rounds or iterations kept; 0 where it has no meaning */
    tend_node *history;         /* [{"step": i, "train": v, "validation": v}], or NULL; in options' arena */
    const char *history_metric; /* what the history measures: the metric that stops, which need not be the problem's */
} tend_learn_result;

typedef struct tend_learner {
    const char *name, *title; /* "xgboost", "gradient boosting (XGBoost)" */
    const char *help;
    unsigned tasks; /* bits 1 << tend_task */
    const tend_param_spec *params;
    int n_params;
    tend_status (*fit)(const tend_dataset *train, const tend_learn_options *options, tend_arena *arena, tend_learn_result *out,
                       tend_error *err);
    const char *(*version)(void); /* of the library behind it; NULL: ours */
    /* Optional: why these values make no sense together or for the task ("a median needs a numeric target"); NULL: they do. */
    const char *(*refuse)(tend_task task, const double *params);
} tend_learner;

extern const tend_learner *const tend_learners[];        /* NULL-terminated: xgboost, random_forest, logistic, ridge, lasso, baseline */
const tend_learner *tend_learner_find(const char *name); /* NULL: unknown */

/* The defaults, in the order of the specs. */
double *tend_params_default(const tend_learner *learner, tend_arena *arena);
int tend_param_index(const tend_learner *learner, const char *name); /* -1: it has none of that name */

/* One entry of train.learners: a name or {name: {parameter: value}}; faults (all of them, nearest right words) go to diags. */
typedef struct tend_trial_spec {
    const tend_learner *learner;
    double *params;
    tend_span span;
} tend_trial_spec;
/* `learners` is a list, or one entry; NULL gives none. */
tend_status tend_trials_parse(const tend_node *learners, tend_task task, tend_arena *arena, tend_diags *diags, tend_trial_spec **out,
                              int *out_n, tend_error *err);
/* {"max_depth": 6, "objective": "squared_error" …}: every parameter, also those left at their defaults. */
/* What tend_params_to_node wrote, back, without the checks of what a user may say. */
double *tend_params_from_node(const tend_learner *learner, const tend_node *node, tend_arena *arena);
tend_node *tend_params_to_node(const tend_learner *learner, const double *params, tend_arena *arena);

#endif
