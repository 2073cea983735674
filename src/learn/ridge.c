/* Ridge regression: least squares with an L2 penalty (Hoerl & Kennard 1970), solved exactly. */
#include "learn/least_squares.h"
#include "learn/params.h"

enum { ALPHA };

static const tend_param_spec specs[] = {
    TEND_PARAM_REAL_ROW("alpha", 1, 0, 1e12, 1e-3, 1e4, true,
                        "penalty on the squared weights of the standardised features "
                        "(scikit-learn's Ridge behind a StandardScaler)"),
};

static tend_status fit(const tend_dataset *train, const tend_learn_options *options, tend_arena *arena, tend_learn_result *out,
                       tend_error *err) {
    (void)arena;
    TEND_TRY(tend_dataset_check(train, options, err));
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    tend_gram gram;
    TEND_TRY(tend_gram_init(&gram, train, options->threads, scratch, err));
    double *coef = TEND_ARRAY(scratch, double, gram.p);
    tend_gram_solve(&gram, options->params[ALPHA], coef, scratch);
    *out = (tend_learn_result){.predictor = tend_gram_predictor(&gram, coef)};
    return TEND_OK;
}

const tend_learner tend_learner_ridge = {
    .name = "ridge",
    .title = "ridge regression",
    .help = "a weight per feature, least squares with an L2 penalty; exact and fast",
    .tasks = 1U << TEND_TASK_REGRESSION,
    .params = specs,
    .n_params = sizeof specs / sizeof *specs,
    .fit = fit,
};
