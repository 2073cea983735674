/* Lasso and elastic net by coordinate descent on the Gram matrix (Friedman, Hastie & Tibshirani
 * 2010), stopped by the duality gap (Kim et al. 2007): min 1/(2W) sum w (y - b - z'c)^2 + alpha
 * (l1_ratio sd(y) |c|_1 + (1 - l1_ratio)/2 |c|_2^2) which is scikit-learn's ElasticNet with
 * standardised features and target: one default suits prices and probabilities.
 */
#include "base/thread.h"
#include "learn/least_squares.h"
#include "learn/params.h"

#include <math.h>

enum { ALPHA, L1_RATIO, MAX_ITER, TOLERANCE };

static const tend_param_spec specs[] = {
    TEND_PARAM_REAL_ROW("alpha", 0.001, 0, 1e6, 1e-5, 1, true,
                        "penalty on the weights of the standardised features, in standard "
                        "deviations of the target"),
    TEND_PARAM_REAL_ROW("l1_ratio", 1, 0, 1, 0, 0, false, "1: lasso, weights that do not matter become 0; below 1: elastic net"),
    TEND_PARAM_INT_ROW("max_iter", 10000, 1, 1000000, 0, 0, false, "most sweeps over the features"),
    TEND_PARAM_REAL_ROW("tolerance", 1e-8, 1e-14, 1, 0, 0, false, "duality gap to reach, as a share of the target's variance"),
};

typedef struct descent {
    const tend_gram *gram;
    double l1, l2; /* penalties in the scale of the Gram matrix: times the total weight */
    double *coef;
    double *residual; /* zy - zz coef */
} descent;

static double soft(double v, double threshold) { return v > threshold ? v - threshold : v < -threshold ? v + threshold : 0; }

static void move(descent *d, int j) {
    const tend_gram *gram = d->gram;
    const double *row = gram->zz + (size_t)j * (size_t)gram->p;
    if (row[j] == 0)
        return;
    double next = soft(d->residual[j] + row[j] * d->coef[j], d->l1) / (row[j] + d->l2);
    double step = next - d->coef[j];
    if (step == 0)
        return;
    d->coef[j] = next;
    for (int k = 0; k < gram->p; k++)
        d->residual[k] -= step * row[k];
}

/* Of the lasso whose rows are extended by sqrt(l2) I, which is the elastic net. */
static double duality_gap(const descent *d) {
    double largest = 0, c1 = 0, c2 = 0, explained = 0, fit = 0;
    for (int j = 0; j < d->gram->p; j++) {
        largest = fmax(largest, fabs(d->residual[j] - d->l2 * d->coef[j]));
        c1 += fabs(d->coef[j]);
        c2 += d->coef[j] * d->coef[j];
        explained += d->coef[j] * d->gram->zy[j];
        fit += d->coef[j] * d->residual[j];
    }
    double rr = d->gram->yy - explained - fit + d->l2 * c2; /* |y - Zc|^2, extended */
    double ry = d->gram->yy - explained;
    double shrink = largest > d->l1 ? d->l1 / largest : 1;
    double primal = 0.5 * rr + d->l1 * c1;
    double dual = shrink * ry - 0.5 * shrink * shrink * rr;
    return primal - dual;
}

static tend_status descend(descent *d, const tend_learn_options *options, int *out_sweeps, tend_error *err) {
    double enough = options->params[TOLERANCE] * fmax(d->gram->yy, 1e-300);
    int most = (int)options->params[MAX_ITER], sweep = 0;
    double gap = (double)INFINITY;
    while (sweep < most && gap > enough) {
        if (tend_cancel_requested())
            return TEND_FAIL(err, CANCELLED, "the training was stopped after %d sweeps", sweep);
        for (int j = 0; j < d->gram->p; j++)
            move(d, j);
        gap = duality_gap(d);
        sweep++;
    }
    *out_sweeps = sweep;
    return TEND_OK;
}

static tend_status fit(const tend_dataset *train, const tend_learn_options *options, tend_arena *arena, tend_learn_result *out,
                       tend_error *err) {
    (void)arena;
    TEND_TRY(tend_dataset_check(train, options, err));
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    tend_gram gram;
    TEND_TRY(tend_gram_init(&gram, train, options->threads, scratch, err));
    double total = gram.design.total_weight, sd = sqrt(gram.yy / total);
    double penalty = options->params[ALPHA] * total, ratio = options->params[L1_RATIO];
    descent d = {.gram = &gram, .l1 = penalty * ratio * sd, .l2 = penalty * (1 - ratio)};
    d.coef = TEND_ARRAY(scratch, double, gram.p);
    d.residual = tend_arena_memdup(scratch, gram.zy, (size_t)gram.p * sizeof(double));
    tend_learn_result result = {0};
    TEND_TRY(descend(&d, options, &result.rounds, err));
    result.predictor = tend_gram_predictor(&gram, d.coef);
    *out = result;
    return TEND_OK;
}

const tend_learner tend_learner_lasso = {
    .name = "lasso",
    .title = "lasso (elastic net)",
    .help = "a weight per feature, most of them exactly 0; says which features matter",
    .tasks = 1U << TEND_TASK_REGRESSION,
    .params = specs,
    .n_params = sizeof specs / sizeof *specs,
    .fit = fit,
};
