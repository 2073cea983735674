/* Gradient boosting with XGBoost, histogram trees. */
#include "base/log.h"
#include "learn/booster.h"
#include "learn/params.h"
#include "learn/stopping.h"

#include <math.h>

enum {
    ROUNDS,
    ETA,
    MAX_DEPTH,
    MIN_CHILD_WEIGHT,
    SUBSAMPLE,
    COLSAMPLE,
    LAMBDA,
    ALPHA,
    GAMMA,
    MAX_BIN,
    SCALE_POS_WEIGHT,
    PATIENCE,
    OBJECTIVE
};
enum { AUTO, SQUARED_ERROR, ABSOLUTE_ERROR, POISSON };

#define ROUNDS_STOPPED 2000 /* with validation rows: more than are ever kept */
#define ROUNDS_BLIND   300
#define HISTORY_EVERY  10

static const tend_param_spec specs[] = {
    TEND_PARAM_INT_ROW("rounds", 0, 0, 100000, 0, 0, false,
                       "the most boosting rounds; 0: 2000 with early stopping when there are "
                       "validation rows, else 300"),
    TEND_PARAM_REAL_ROW("eta", 0.1, 1e-4, 1, 0.02, 0.3, true, "learning rate: how much of each tree is added"),
    TEND_PARAM_INT_ROW("max_depth", 6, 1, 30, 3, 10, false, "levels of splits in a tree"),
    TEND_PARAM_REAL_ROW("min_child_weight", 1, 0, 1e9, 1, 32, true, "least sum of hessians (for squared error: rows) in a leaf"),
    TEND_PARAM_REAL_ROW("subsample", 0.8, 0.01, 1, 0.5, 1, false, "share of the rows that each tree sees"),
    TEND_PARAM_REAL_ROW("colsample_bytree", 0.8, 0.01, 1, 0.4, 1, false, "share of the features that each tree sees"),
    TEND_PARAM_REAL_ROW("lambda", 1, 0, 1e9, 0.01, 100, true, "L2 penalty on leaf values"),
    TEND_PARAM_REAL_ROW("alpha", 0, 0, 1e9, 0, 0, false, "L1 penalty on leaf values"),
    TEND_PARAM_REAL_ROW("gamma", 0, 0, 1e9, 0, 5, false, "least gain of a split"),
    TEND_PARAM_INT_ROW("max_bin", 256, 2, 65536, 0, 0, false, "histogram bins per feature"),
    {.name = "scale_pos_weight",
     .type = TEND_PARAM_REAL,
     .fallback = 1,
     .min = 1e-6,
     .max = 1e6,
     .help = "weight of positive rows; other than 1 the scores are no longer probabilities",
     .tasks = 1U << TEND_TASK_BINARY},
    TEND_PARAM_INT_ROW("patience", 50, 1, 100000, 0, 0, false, "early stopping: rounds without gain on the validation rows"),
    {.name = "objective",
     .type = TEND_PARAM_CHOICE,
     .choices = "auto|squared_error|absolute_error|poisson",
     .help = "what the trees minimise; auto: absolute_error when the metric is mae, else squared_error",
     .tasks = 1U << TEND_TASK_REGRESSION},
};

typedef struct objective {
    const char *name;
    tend_link link;
    double base_score;
    bool absolute; /* our own derivatives of the absolute error */
} objective;

typedef struct training {
    tend_booster *booster;
    const tend_dataset *data;
    tend_stopping *stopping;
    const objective *goal;
    int patience;
    double spread; /* of the target: mean distance from its median */
    float *gradient, *hessian;
} training;

static bool asks_for_absolute_error(const tend_learn_options *options) {
    const char *metric = options->metric ? options->metric : "";
    return strcmp(metric, "mae") == 0 || strcmp(metric, "median_absolute_error") == 0;
}

static objective numeric_objective(const tend_dataset *train, const tend_learn_options *options) {
    int choice = (int)options->params[OBJECTIVE];
    if (choice == ABSOLUTE_ERROR || (choice == AUTO && asks_for_absolute_error(options)))
        return (objective){.name = "reg:squarederror", .base_score = tend_dataset_median(train), .absolute = true};
    if (choice == POISSON)
        return (objective){.name = "count:poisson", .link = TEND_LINK_EXP, .base_score = fmax(tend_dataset_mean(train), 1e-6)};
    return (objective){.name = "reg:squarederror", .base_score = tend_dataset_mean(train)};
}

static objective objective_of(const tend_dataset *train, const tend_learn_options *options) {
    if (options->task == TEND_TASK_REGRESSION)
        return numeric_objective(train, options);
    if (options->task == TEND_TASK_MULTICLASS)
        return (objective){.name = "multi:softprob", .link = TEND_LINK_SOFTMAX, .base_score = 0.5};
    double positive = fmin(fmax(tend_dataset_mean(train), 1e-6), 1 - 1e-6);
    return (objective){.name = "binary:logistic", .link = TEND_LINK_LOGISTIC, .base_score = positive};
}

static tend_status check_counts(const tend_dataset *train, const objective *goal, tend_error *err) {
    for (int64_t i = 0; goal->link == TEND_LINK_EXP && i < train->n; i++)
        if (train->y[i] < 0)
            return TEND_FAIL(err, INVALID, "objective poisson needs targets that are 0 or more; training row %lld has %g", (long long)i + 1,
                             train->y[i]);
    return TEND_OK;
}

static tend_status configure(tend_booster *booster, const objective *goal, const tend_learn_options *options, tend_error *err) {
    /* Our names are XGBoost's; these go over as they are. */
    static const int plain[] = {ETA, MAX_DEPTH, MIN_CHILD_WEIGHT, SUBSAMPLE, COLSAMPLE, LAMBDA, ALPHA, GAMMA, MAX_BIN};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        TEND_TRY(tend_booster_set_number(booster, specs[plain[i]].name, options->params[plain[i]], err));
    if (options->task == TEND_TASK_BINARY)
        TEND_TRY(tend_booster_set_number(booster, "scale_pos_weight", options->params[SCALE_POS_WEIGHT], err));
    if (options->task == TEND_TASK_MULTICLASS)
        TEND_TRY(tend_booster_set_number(booster, "num_class", options->n_classes, err));
    TEND_TRY(tend_booster_set(booster, "objective", goal->name, err));
    return tend_booster_set_number(booster, "base_score", (double)(float)goal->base_score, err);
}

/* The absolute error by Newton steps on |r|: its curvature is 0, so a parabola through r stands for
 * it (iteratively reweighted least squares), which makes a leaf's step a weighted mean that goes to
 * the median of its residuals. Within a twentieth of the spread the parabola is fixed, as Huber's.
 * (XGBoost's reg:absoluteerror takes no account of the learning rate before 2.0.) */
static void absolute_derivatives(training *t, const float *margins) {
    for (int64_t i = 0; i < t->data->n; i++) {
        double r = (double)margins[i] - t->data->y[i];
        double h = tend_dataset_weight(t->data, i) * t->spread / fmax(fabs(r), 0.05 * t->spread);
        t->gradient[i] = (float)(h * r);
        t->hessian[i] = (float)h;
    }
}

static double spread_of(const tend_dataset *data, double median) {
    double sum = 0, total = 0;
    for (int64_t i = 0; i < data->n; i++) {
        sum += tend_dataset_weight(data, i) * fabs(data->y[i] - median);
        total += tend_dataset_weight(data, i);
    }
    return sum > 0 ? sum / total : 1;
}

static tend_status grow(training *t, int round, tend_error *err) {
    if (!t->goal->absolute)
        return tend_booster_update(t->booster, round, err);
    const float *margins = NULL;
    TEND_TRY(tend_booster_margins(t->booster, t->booster->train, &margins, err));
    absolute_derivatives(t, margins);
    return tend_booster_boost(t->booster, round, t->gradient, t->hessian, t->data->n, err);
}

static tend_status note_round(training *t, int round, double valid_value, tend_error *err) {
    const float *margins = NULL;
    TEND_TRY(tend_booster_margins(t->booster, t->booster->train, &margins, err));
    tend_stopping_note(t->stopping, round, margins, NULL);
    if (t->stopping->has_valid)
        tend_node_set_double(t->stopping->arena, t->stopping->history->last, "validation", valid_value);
    return TEND_OK;
}

/* One round: train, measure, note. *out_go_on false: no gain for `patience` rounds. */
static tend_status boost_round(training *t, int round, bool *out_go_on, tend_error *err) {
    double value = (double)NAN;
    TEND_TRY(grow(t, round, err));
    if (t->stopping->has_valid) {
        const float *margins = NULL;
        TEND_TRY(tend_booster_margins(t->booster, t->booster->valid, &margins, err));
        value = tend_stopping_step(t->stopping, round, margins);
        *out_go_on = round - t->stopping->best_round < t->patience;
    }
    return round % HISTORY_EVERY == 0 || !*out_go_on ? note_round(t, round, value, err) : TEND_OK;
}

static tend_status boost(training *t, int asked, int *out_rounds, tend_error *err) {
    int most = asked ? asked : t->stopping->has_valid ? ROUNDS_STOPPED : ROUNDS_BLIND;
    bool go_on = true;
    int round = 0;
    for (; round < most && go_on; round++) {
        TEND_TRY(boost_round(t, round, &go_on, err));
        tend_progress("train gradient boosting", round + 1, most, "rounds");
    }
    *out_rounds = round;
    if (t->stopping->has_valid && t->stopping->best_round + 1 < round) {
        *out_rounds = t->stopping->best_round + 1;
        TEND_TRY(tend_booster_cut(t->booster, *out_rounds, err));
    }
    return TEND_OK;
}

static void prepare_derivatives(training *t, tend_arena *arena) {
    if (!t->goal->absolute)
        return;
    t->spread = spread_of(t->data, t->goal->base_score);
    t->gradient = TEND_ARRAY(arena, float, t->data->n);
    t->hessian = TEND_ARRAY(arena, float, t->data->n);
}

static tend_status fit(const tend_dataset *train, const tend_learn_options *options, tend_arena *arena, tend_learn_result *out,
                       tend_error *err) {
    TEND_TRY(tend_dataset_check(train, options, err));
    objective goal = objective_of(train, options);
    TEND_TRY(check_counts(train, &goal, err));
    TEND_AUTO_BOOSTER booster = {0};
    TEND_TRY(tend_booster_init(&booster, train, options, err));
    TEND_TRY(configure(&booster, &goal, options, err));
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    tend_stopping stopping;
    tend_stopping_init(&stopping, train, options, goal.link, booster.n_outputs, arena);
    training t = {.booster = &booster, .data = train, .stopping = &stopping, .goal = &goal};
    t.patience = (int)options->params[PATIENCE];
    prepare_derivatives(&t, scratch);
    tend_learn_result result = {.history = stopping.history};
    TEND_TRY(boost(&t, (int)options->params[ROUNDS], &result.rounds, err));
    TEND_TRY(tend_booster_import(&booster, goal.link, &result.predictor, err));
    result.history_metric = stopping.metric->name;
    *out = result;
    return TEND_OK;
}

const tend_learner tend_learner_xgboost = {
    .name = "xgboost",
    .title = "gradient boosting (XGBoost)",
    .help = "trees, each correcting the ones before; the strongest on most tables, with missing "
            "values and categories as they are",
    .tasks = 1U << TEND_TASK_REGRESSION | 1U << TEND_TASK_BINARY | 1U << TEND_TASK_MULTICLASS,
    .params = specs,
    .n_params = sizeof specs / sizeof *specs,
    .fit = fit,
    .version = tend_xgb_version,
};
