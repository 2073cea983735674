/* The trivial answers that every model must beat: they look at no feature. */
#include "learn/dataset.h"
#include "learn/params.h"

enum { STRATEGY };
enum { AUTO, PRIOR, MAJORITY, MEAN, MEDIAN };

static const tend_param_spec specs[] = {
    TEND_PARAM_CHOICE_ROW("strategy", AUTO, "auto|prior|majority|mean|median",
                          "classes: their shares (prior) or the most frequent one for certain "
                          "(majority); numbers: mean or median; "
                          "auto: prior, mean"),
};

static const char *refuse(tend_task task, const double *params) {
    bool numbers = task == TEND_TASK_REGRESSION;
    int strategy = (int)params[STRATEGY];
    if (numbers && (strategy == PRIOR || strategy == MAJORITY))
        return "baseline.strategy: prior and majority are for classes; numbers have mean and "
               "median";
    if (!numbers && (strategy == MEAN || strategy == MEDIAN))
        return "baseline.strategy: mean and median are for numbers; classes have prior and "
               "majority";
    return NULL;
}

static void certain(double *shares, int n) {
    int best = 0;
    for (int k = 1; k < n; k++)
        best = shares[k] > shares[best] ? k : best;
    for (int k = 0; k < n; k++)
        shares[k] = k == best;
}

static tend_linear *class_shares(const tend_dataset *train, const tend_learn_options *options) {
    bool binary = options->task == TEND_TASK_BINARY;
    int n = binary ? 2 : options->n_classes;
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    double *shares = TEND_ARRAY(arena, double, n);
    tend_dataset_shares(train, n, shares);
    if ((int)options->params[STRATEGY] == MAJORITY)
        certain(shares, n);
    tend_linear *linear = tend_linear_new(train->n_features, binary ? 1 : n);
    memcpy(linear->bias, binary ? shares + 1 : shares, (size_t)linear->n_groups * sizeof(double));
    return linear;
}

static tend_linear *one_number(const tend_dataset *train, const tend_learn_options *options) {
    tend_linear *linear = tend_linear_new(train->n_features, 1);
    linear->bias[0] = (int)options->params[STRATEGY] == MEDIAN ? tend_dataset_median(train) : tend_dataset_mean(train);
    return linear;
}

static tend_status fit(const tend_dataset *train, const tend_learn_options *options, tend_arena *arena, tend_learn_result *out,
                       tend_error *err) {
    (void)arena;
    TEND_TRY(tend_dataset_check(train, options, err));
    const char *reason = refuse(options->task, options->params);
    if (reason)
        return TEND_FAIL(err, INVALID, "%s", reason);
    bool numbers = options->task == TEND_TASK_REGRESSION;
    tend_linear *linear = numbers ? one_number(train, options) : class_shares(train, options);
    *out = (tend_learn_result){.predictor = tend_predictor_of_linear(linear, numbers ? TEND_LINK_IDENTITY : TEND_LINK_PROBABILITY)};
    return TEND_OK;
}

const tend_learner tend_learner_baseline = {
    .name = "baseline",
    .title = "baseline",
    .help = "one answer for every row: the shares of the classes, the most frequent class, the "
            "mean or the median",
    .tasks = 1U << TEND_TASK_REGRESSION | 1U << TEND_TASK_BINARY | 1U << TEND_TASK_MULTICLASS,
    .params = specs,
    .n_params = sizeof specs / sizeof *specs,
    .fit = fit,
    .refuse = refuse,
};
