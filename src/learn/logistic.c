/* Logistic regression, two classes or many (softmax), with an L2 penalty:
 *     min sum_i w_i loss(y_i, b + z_i'c) + |c|^2 / (2 C)
 * over standardised features z; the intercepts b are not penalised. The same objective as
 * scikit-learn's LogisticRegression behind a StandardScaler. Gradients are summed over fixed chunks
 * of rows in chunk order: the same bits on any number of threads.
 */
#include "base/log.h"
#include "base/thread.h"
#include "learn/design.h"
#include "learn/lbfgs.h"
#include "learn/params.h"
#include "model/link.h"

enum { C, BALANCED, MAX_ITER, TOLERANCE };

static const tend_param_spec specs[] = {
    TEND_PARAM_REAL_ROW("C", 1, 1e-9, 1e9, 1e-4, 1e3, true, "inverse strength of the L2 penalty on the standardised features"),
    TEND_PARAM_BOOL_ROW("balanced", 0,
                        "weigh the classes as if they were equally frequent; the scores are then "
                        "no longer calibrated"),
    TEND_PARAM_INT_ROW("max_iter", 500, 1, 1000000, 0, 0, false, "most iterations of L-BFGS"),
    TEND_PARAM_REAL_ROW("tolerance", 1e-6, 1e-14, 1, 0, 0, false, "largest component of the mean gradient to stop at"),
};

typedef struct logistic {
    tend_design design;
    int p, k; /* features; margins per row: 1 for two classes */
    int threads;
    double penalty;       /* 1 / (C W) */
    double *class_weight; /* [classes] */
    double total;         /* sum of row weight times class weight */
    double *parts;        /* [n_chunks][k (p + 1)] gradients; per group the features, then the intercept */
    const double *point;
} logistic;

/* Four sums side by side, so that the additions overlap; always in the same order. */
static double dot4(const double *a, const double *b, int n) {
    double sum[4] = {0};
    int i = 0;
    for (; i + 4 <= n; i += 4)
        for (int lane = 0; lane < 4; lane++)
            sum[lane] += a[i + lane] * b[i + lane];
    for (; i < n; i++)
        sum[0] += a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Margins in, the loss's derivative by each margin out. */
static void derivative(const logistic *m, int y, double weight, double *row) {
    if (m->k == 1) {
        row[0] = weight * (tend_logistic(row[0]) - y);
        return;
    }
    tend_softmax(row, m->k);
    for (int g = 0; g < m->k; g++)
        row[g] = weight * (row[g] - (g == y));
}

static void add_row(const logistic *m, int64_t i, const double *z, double *row, double *gradient) {
    const tend_dataset *data = m->design.data;
    int p = m->p, y = (int)data->y[i];
    for (int g = 0; g < m->k; g++) {
        const double *coef = m->point + (size_t)g * (size_t)(p + 1);
        row[g] = coef[p] + dot4(coef, z, p);
    }
    derivative(m, y, tend_dataset_weight(data, i) * m->class_weight[y], row);
    for (int g = 0; g < m->k; g++) {
        double *out = gradient + (size_t)g * (size_t)(p + 1);
        for (int j = 0; j < p; j++)
            out[j] += row[g] * z[j];
        out[p] += row[g];
    }
}

static void chunk_gradient(void *ctx, int chunk, int64_t begin, int64_t end) {
    const logistic *m = ctx;
    size_t size = (size_t)m->k * (size_t)(m->p + 1);
    double *gradient = m->parts + (size_t)chunk * size;
    memset(gradient, 0, size * sizeof *gradient);
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    double *z = TEND_ARRAY(arena, double, (size_t)TEND_DESIGN_BLOCK *(size_t)m->p);
    double *row = TEND_ARRAY(arena, double, m->k);
    for (int64_t at = begin; at < end; at += TEND_DESIGN_BLOCK) {
        int64_t n = end - at < TEND_DESIGN_BLOCK ? end - at : TEND_DESIGN_BLOCK;
        tend_design_rows(&m->design, at, n, z);
        for (int64_t i = 0; i < n; i++)
            add_row(m, at + i, z + i * m->p, row, gradient);
    }
}

/* Of the mean loss, so that the tolerance means the same for any number of rows. */
static void gradient(void *ctx, const double *x, double *out) {
    logistic *m = ctx;
    size_t size = (size_t)m->k * (size_t)(m->p + 1);
    m->point = x;
    tend_design_each(&m->design, m->threads, chunk_gradient, m);
    memset(out, 0, size * sizeof *out);
    for (int c = 0; c < m->design.n_chunks; c++)
        for (size_t i = 0; i < size; i++)
            out[i] += m->parts[(size_t)c * size + i];
    for (size_t i = 0; i < size; i++) {
        bool intercept = i % (size_t)(m->p + 1) == (size_t)m->p;
        out[i] = out[i] / m->total + (intercept ? 0 : m->penalty * x[i]);
    }
}

static void weigh_classes(logistic *m, const tend_learn_options *options, int n_classes, tend_arena *arena) {
    const tend_dataset *data = m->design.data;
    double *shares = TEND_ARRAY(arena, double, n_classes);
    m->class_weight = TEND_ARRAY(arena, double, n_classes);
    tend_dataset_shares(data, n_classes, shares);
    for (int g = 0; g < n_classes; g++)
        m->class_weight[g] = options->params[BALANCED] != 0 && shares[g] > 0 ? 1 / (n_classes * shares[g]) : 1;
    for (int64_t i = 0; i < data->n; i++)
        m->total += tend_dataset_weight(data, i) * m->class_weight[(int)data->y[i]];
}

static tend_predictor *fold(const logistic *m, const double *x, tend_arena *arena) {
    double *coef = TEND_ARRAY(arena, double, (size_t)m->k *(size_t)m->p), *bias = TEND_ARRAY(arena, double, m->k);
    for (int g = 0; g < m->k; g++) {
        const double *from = x + (size_t)g * (size_t)(m->p + 1);
        memcpy(coef + (size_t)g * (size_t)m->p, from, (size_t)m->p * sizeof *coef);
        bias[g] = from[m->p];
    }
    tend_linear *linear = tend_design_fold(&m->design, coef, bias, m->k);
    return tend_predictor_of_linear(linear, m->k == 1 ? TEND_LINK_LOGISTIC : TEND_LINK_SOFTMAX);
}

static tend_status minimise(logistic *m, const tend_learn_options *options, double *x, int *out_iterations, tend_error *err) {
    tend_lbfgs problem = {.n = m->k * (m->p + 1), .gradient = gradient, .ctx = m};
    problem.tolerance = options->params[TOLERANCE];
    problem.max_iterations = (int)options->params[MAX_ITER];
    bool converged = false;
    *out_iterations = tend_lbfgs_minimise(&problem, x, &converged);
    if (tend_cancel_requested())
        return TEND_FAIL(err, CANCELLED, "the training was stopped after %d iterations", *out_iterations);
    if (!converged && *out_iterations == problem.max_iterations)
        tend_log(TEND_LOG_WARNING, "logistic regression did not converge in %d iterations (raise max_iter, or lower C)", *out_iterations);
    return TEND_OK;
}

static tend_status fit(const tend_dataset *train, const tend_learn_options *options, tend_arena *arena, tend_learn_result *out,
                       tend_error *err) {
    (void)arena;
    TEND_TRY(tend_dataset_check(train, options, err));
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    int n_classes = options->task == TEND_TASK_BINARY ? 2 : options->n_classes;
    logistic m = {.p = train->n_features, .threads = options->threads};
    m.k = options->task == TEND_TASK_BINARY ? 1 : n_classes;
    tend_design_init(&m.design, train, 64, options->threads, scratch);
    weigh_classes(&m, options, n_classes, scratch);
    m.penalty = 1 / (options->params[C] * m.total);
    size_t size = (size_t)m.k * (size_t)(m.p + 1);
    m.parts = TEND_ARRAY(scratch, double, tend_mul_or_die((size_t)m.design.n_chunks, size));
    double *x = TEND_ARRAY(scratch, double, size);
    tend_learn_result result = {0};
    TEND_TRY(minimise(&m, options, x, &result.rounds, err));
    result.predictor = fold(&m, x, scratch);
    *out = result;
    return TEND_OK;
}

const tend_learner tend_learner_logistic = {
    .name = "logistic",
    .title = "logistic regression",
    .help = "a weight per feature, class probabilities by the logistic function; small, fast and "
            "easy to explain",
    .tasks = 1U << TEND_TASK_BINARY | 1U << TEND_TASK_MULTICLASS,
    .params = specs,
    .n_params = sizeof specs / sizeof *specs,
    .fit = fit,
};
