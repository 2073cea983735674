/* The linear learners against scikit-learn 1.9.1: SimpleImputer(mean), StandardScaler, then the
 * estimator named beside each reference, with tolerance 1e-12 or tighter; its coefficients folded
 * back to the units of the features. */
#include "learn/learner.h"
#include "support/suite.h"

enum { N = 16, P = 3 };

static const float x16[N * P] = {1.75F,   11.75F,  0,      -1.875F, 8.875F, -0.125F, -0.125F, 7.5F,    0,       -0.5F,   4.75F, NAN,
                                 0.875F,  16.875F, 0,      -0.375F, 7.875F, -0.75F,  1,       5.625F,  -0.625F, -0.25F,  16,    0.125F,
                                 -1,      7.125F,  0.375F, NAN,     6.875F, -0.125F, 0.75F,   17.875F, -0.625F, -0.625F, 6.75F, -1.25F,
                                 -0.875F, 5.875F,  0.5F,   -0.125F, 3.5F,   0.375F,  -0.375F, 3,       -0.25F,  -0.625F, 6.5F,  0};
static const double y16[N] = {-4.625, -8.875, -3,     -1,     -5.625, -5.875, -1.25, -9.25,
                              -3.625, -5.875, -9.875, -10.25, -2.125, 0.5,    -3.25, -2.75};
static const double two[N] = {0, 0, 0, 1, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1};
static const double rare[N] = {1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 1};
static const double three[N] = {1, 0, 2, 2, 1, 2, 2, 0, 1, 1, 0, 0, 2, 2, 1, 2};

typedef struct fitted {
    tend_predictor *predictor;
    tend_arena *arena;
} fitted;

static void fitted_free(fitted *f) {
    tend_predictor_free(f->predictor);
    tend_arena_free(f->arena);
}
#define FITTED __attribute__((cleanup(fitted_free))) fitted

typedef struct setting {
    const char *name;
    double value;
} setting;

static tend_status try_fit(const char *name, const tend_dataset *data, tend_task task, int n_classes, int threads, const setting *settings,
                           fitted *out, tend_error *err) {
    const tend_learner *learner = tend_learner_find(name);
    out->arena = tend_arena_new();
    double *params = tend_params_default(learner, out->arena);
    for (; settings && settings->name; settings++)
        params[tend_param_index(learner, settings->name)] = settings->value;
    tend_learn_options options = {.task = task, .n_classes = n_classes, .params = params, .seed = 1, .threads = threads};
    tend_learn_result result = {0};
    TEND_TRY(learner->fit(data, &options, out->arena, &result, err));
    out->predictor = result.predictor;
    return TEND_OK;
}

static fitted fit(const char *name, const tend_dataset *data, tend_task task, int n_classes, const setting *settings) {
    tend_error err = TEND_ERROR_INIT;
    fitted out = {0};
    ASSERT_OK(try_fit(name, data, task, n_classes, 1, settings, &out, &err), &err);
    return out;
}

static tend_dataset rows16(const double *y) { return (tend_dataset){.x = x16, .y = y, .n = N, .n_features = P}; }

static void check_group(const tend_linear *linear, int group, double w0, double w1, double w2, double bias, double tolerance) {
    ASSERT_NEAR(linear->weight[group * P], w0, tolerance);
    ASSERT_NEAR(linear->weight[group * P + 1], w1, tolerance);
    ASSERT_NEAR(linear->weight[group * P + 2], w2, tolerance);
    ASSERT_NEAR(linear->bias[group], bias, tolerance);
}

TEST(ridge_is_scikit_learns) { /* Ridge(alpha=1) */
    tend_dataset data = rows16(y16);
    FITTED f = fit("ridge", &data, TEND_TASK_REGRESSION, 0, NULL);
    check_group(f.predictor->linear, 0, 1.7155187469930466, -0.5503081263969227, 3.538019679483583, 0.7383500186574983, 1e-11);
    ASSERT_EQ(f.predictor->link, TEND_LINK_IDENTITY);
}

TEST(ridge_without_penalty_is_least_squares) { /* LinearRegression() */
    tend_dataset data = rows16(y16);
    FITTED f = fit("ridge", &data, TEND_TASK_REGRESSION, 0, (setting[]){{"alpha", 0}, {0}});
    check_group(f.predictor->linear, 0, 1.9584295877645737, -0.6026795265101672, 3.795933049894786, 1.265258995770984, 1e-11);
}

TEST(lasso_is_scikit_learns) { /* Lasso(alpha=0.1 * std(y)) */
    tend_dataset data = rows16(y16);
    FITTED f = fit("lasso", &data, TEND_TASK_REGRESSION, 0, (setting[]){{"alpha", 0.1}, {"tolerance", 1e-14}, {0}});
    check_group(f.predictor->linear, 0, 1.2363735920625314, -0.47750771238251133, 2.9392697232398466, -0.054532745807847505, 1e-6);
}

TEST(elastic_net_is_scikit_learns) { /* ElasticNet with l1 penalty 0.05 std(y) and l2 penalty 0.05 */
    tend_dataset data = rows16(y16);
    setting settings[] = {{"alpha", 0.1}, {"l1_ratio", 0.5}, {"tolerance", 1e-14}, {0}};
    FITTED f = fit("lasso", &data, TEND_TASK_REGRESSION, 0, settings);
    check_group(f.predictor->linear, 0, 1.4286747744336252, -0.5025101344821848, 3.183602196862668, 0.22829349277433675, 1e-6);
}

TEST(a_strong_lasso_keeps_only_the_mean) {
    tend_dataset data = rows16(y16);
    FITTED f = fit("lasso", &data, TEND_TASK_REGRESSION, 0, (setting[]){{"alpha", 2}, {0}});
    check_group(f.predictor->linear, 0, 0, 0, 0, -4.796875, 1e-12); /* numpy.mean(y) */
}

TEST(logistic_is_scikit_learns) { /* LogisticRegression(C=1) */
    tend_dataset data = rows16(two);
    FITTED f = fit("logistic", &data, TEND_TASK_BINARY, 2, (setting[]){{"tolerance", 1e-11}, {0}});
    check_group(f.predictor->linear, 0, -0.05825469487122089, -0.17723751144078714, 1.8400372275481576, 1.7635033401587754, 1e-8);
    ASSERT_EQ(f.predictor->link, TEND_LINK_LOGISTIC);
}

TEST(balanced_logistic_is_scikit_learns) { /* LogisticRegression(C=0.5, class_weight="balanced") */
    tend_dataset data = rows16(rare);
    FITTED f = fit("logistic", &data, TEND_TASK_BINARY, 2, (setting[]){{"C", 0.5}, {"balanced", 1}, {"tolerance", 1e-11}, {0}});
    check_group(f.predictor->linear, 0, 0.6698934962519895, -0.16260606528553373, 1.1103633266828294, 1.5034318855078816, 1e-8);
}

TEST(multinomial_logistic_is_scikit_learns) { /* LogisticRegression(C=1, solver="newton-cholesky") */
    tend_dataset data = rows16(three);
    FITTED f = fit("logistic", &data, TEND_TASK_MULTICLASS, 3, (setting[]){{"tolerance", 1e-11}, {0}});
    const tend_linear *linear = f.predictor->linear;
    check_group(linear, 0, -0.8932179537648914, 0.21689098237677037, -1.4403739171778724, -2.8093155868470685, 1e-9);
    check_group(linear, 1, 0.618263540735458, -0.028242339085643765, 1.0607198752432003, 0.6646566541582419, 1e-9);
    check_group(linear, 2, 0.2749544130294333, -0.18864864329112666, 0.37965404193467134, 2.144658932688827, 1e-9);
    ASSERT_EQ(f.predictor->link, TEND_LINK_SOFTMAX);
}

TEST(a_weight_is_so_many_copies) {
    double weight[N];
    float *x = calloc((size_t)N * 3 * P, sizeof *x);
    double copied_y[N * 3], copied_two[N * 3];
    int n = 0;
    for (int i = 0; i < N; i++) {
        weight[i] = i % 3 + 1;
        for (int c = 0; c <= i % 3; c++, n++) {
            memcpy(x + n * P, x16 + i * P, P * sizeof *x);
            copied_y[n] = y16[i];
            copied_two[n] = two[i];
        }
    }
    const char *names[] = {"ridge", "lasso", "logistic"};
    for (int l = 0; l < 3; l++) {
        bool classes = l == 2;
        tend_dataset weighted = rows16(classes ? two : y16);
        weighted.weight = weight;
        tend_dataset copies = {.x = x, .y = classes ? copied_two : copied_y, .n = n, .n_features = P};
        tend_task task = classes ? TEND_TASK_BINARY : TEND_TASK_REGRESSION;
        setting tight[] = {{l == 0 ? "alpha" : "tolerance", l == 0 ? 1 : 1e-12}, {0}};
        FITTED a = fit(names[l], &weighted, task, 2, tight);
        FITTED b = fit(names[l], &copies, task, 2, tight);
        const tend_linear *w = b.predictor->linear;
        check_group(a.predictor->linear, 0, w->weight[0], w->weight[1], w->weight[2], w->bias[0], 1e-6);
    }
    free(x);
}

/* n rows of p features from a fixed recipe; every class a noisy function of the first two features.
 */
static float *make_rows(int n, int p, double *y, double *classes) {
    float *x = calloc((size_t)n * (size_t)p, sizeof *x);
    uint64_t s = 7;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < p; j++) {
            s = s * 6364136223846793005u + 1442695040888963407u;
            x[i * p + j] = (float)(s >> 40) / 16777216.0F - 0.5F;
        }
        y[i] = 3 * (double)x[i * p] - (double)x[i * p + (p > 1)] + 0.1 * (i % 7);
        classes[i] = y[i] > 0.3;
    }
    return x;
}

TEST(the_same_bytes_on_one_thread_and_on_three) {
    enum { ROWS = 20000, WIDE = 7 };
    double *y = calloc(ROWS, sizeof *y), *classes = calloc(ROWS, sizeof *classes);
    float *x = make_rows(ROWS, WIDE, y, classes);
    const char *names[] = {"ridge", "lasso", "logistic"};
    for (int l = 0; l < 3; l++) {
        tend_dataset data = {.x = x, .y = l == 2 ? classes : y, .n = ROWS, .n_features = WIDE};
        tend_task task = l == 2 ? TEND_TASK_BINARY : TEND_TASK_REGRESSION;
        FITTED one = {0}, many = {0};
        tend_error err = TEND_ERROR_INIT;
        ASSERT_OK(try_fit(names[l], &data, task, 2, 1, NULL, &one, &err), &err);
        ASSERT_OK(try_fit(names[l], &data, task, 2, 3, NULL, &many, &err), &err);
        TEND_AUTO_BUF a = TEND_BUF_INIT, b = TEND_BUF_INIT;
        tend_predictor_save(one.predictor, &a);
        tend_predictor_save(many.predictor, &b);
        ASSERT_EQ(a.size, b.size);
        ASSERT_MEM_EQ(a.data, b.data, a.size);
    }
    free(x);
    free(y);
    free(classes);
}

TEST(separable_classes_get_finite_weights) {
    enum { ROWS = 40 };
    float x[ROWS];
    double y[ROWS];
    for (int i = 0; i < ROWS; i++) {
        x[i] = (float)i;
        y[i] = i >= 20;
    }
    tend_dataset data = {.x = x, .y = y, .n = ROWS, .n_features = 1};
    FITTED f = fit("logistic", &data, TEND_TASK_BINARY, 2, (setting[]){{"C", 1e6}, {0}});
    ASSERT_TRUE(isfinite(f.predictor->linear->weight[0]) && f.predictor->linear->weight[0] > 0);
    float margins[ROWS];
    tend_predictor_margins(f.predictor, x, ROWS, margins);
    for (int i = 0; i < ROWS; i++)
        ASSERT_TRUE((margins[i] > 0) == (y[i] == 1));
}

/* A constant column, one that is never there, and a copy of another column: nothing of them may be
 * NaN, and no weight may be given to nothing. */
TEST(columns_that_say_nothing_are_harmless) {
    enum { ROWS = 60, WIDE = 4 };
    float x[ROWS * WIDE];
    double y[ROWS], classes[ROWS];
    for (int i = 0; i < ROWS; i++) {
        float v = (float)(i * 37 % 60);
        float row[WIDE] = {v, 5, NAN, v};
        memcpy(x + i * WIDE, row, sizeof row);
        y[i] = 2 * (double)v + i % 3;
        classes[i] = v + (float)(i % 11) > 35;
    }
    const char *names[] = {"ridge", "ridge", "lasso", "logistic"};
    for (int l = 0; l < 4; l++) {
        tend_dataset data = {.x = x, .y = l == 3 ? classes : y, .n = ROWS, .n_features = WIDE};
        setting free_of_penalty[] = {{"alpha", 0}, {0}};
        FITTED f = fit(names[l], &data, l == 3 ? TEND_TASK_BINARY : TEND_TASK_REGRESSION, 2, l == 1 ? free_of_penalty : NULL);
        const tend_linear *linear = f.predictor->linear;
        ASSERT_TRUE(linear->weight[1] == 0 && linear->weight[2] == 0);
        ASSERT_TRUE(isfinite(linear->bias[0]) && linear->weight[0] + linear->weight[3] > 0.01);
        float margins[ROWS];
        tend_predictor_margins(f.predictor, x, ROWS, margins);
        ASSERT_TRUE(isfinite(margins[0]));
    }
}

TEST(fewer_rows_than_features) {
    enum { ROWS = 5, WIDE = 12 };
    double y[ROWS], classes[ROWS];
    float *x = make_rows(ROWS, WIDE, y, classes);
    classes[0] = 1;
    classes[1] = 0;
    const char *names[] = {"ridge", "lasso", "logistic"};
    for (int l = 0; l < 3; l++) {
        tend_dataset data = {.x = x, .y = l == 2 ? classes : y, .n = ROWS, .n_features = WIDE};
        FITTED f = fit(names[l], &data, l == 2 ? TEND_TASK_BINARY : TEND_TASK_REGRESSION, 2, NULL);
        for (int j = 0; j < WIDE; j++)
            ASSERT_TRUE(isfinite(f.predictor->linear->weight[j]));
    }
    free(x);
}

TEST(baselines_know_only_the_target) {
    tend_dataset data = rows16(y16);
    FITTED mean = fit("baseline", &data, TEND_TASK_REGRESSION, 0, NULL);
    ASSERT_NEAR(mean.predictor->linear->bias[0], -4.796875, 1e-12); /* numpy.mean(y) */
    FITTED median = fit("baseline", &data, TEND_TASK_REGRESSION, 0, (setting[]){{"strategy", 4}, {0}});
    ASSERT_NEAR(median.predictor->linear->bias[0], -4.625, 0); /* the eighth of sixteen */
    data.y = rare;
    FITTED prior = fit("baseline", &data, TEND_TASK_BINARY, 2, NULL);
    double score = 0;
    float margin = 0;
    tend_predictor_margins(prior.predictor, x16, 1, &margin);
    tend_predictor_scores(prior.predictor, &margin, 1, &score);
    ASSERT_NEAR(score, 6.0 / 16, 1e-12);
    data.y = three;
    FITTED majority = fit("baseline", &data, TEND_TASK_MULTICLASS, 3, (setting[]){{"strategy", 2}, {0}});
    ASSERT_TRUE(majority.predictor->linear->bias[2] == 1 && majority.predictor->linear->bias[0] == 0);
}

TEST(rows_that_cannot_be_learnt_from_are_named) {
    tend_error err = TEND_ERROR_INIT;
    tend_dataset data = rows16(y16);
    double bad_y[N];
    float bad_x[N * P];
    memcpy(bad_y, y16, sizeof y16);
    memcpy(bad_x, x16, sizeof x16);
    bad_y[4] = (double)NAN;
    bad_x[7] = INFINITY;
    FITTED a = {0}, b = {0}, c = {0}, d = {0}, e = {0};
    data.y = bad_y;
    ASSERT_FAILS(try_fit("ridge", &data, TEND_TASK_REGRESSION, 0, 1, NULL, &a, &err), &err, INVALID, "training row 5");
    data.y = y16;
    data.x = bad_x;
    ASSERT_FAILS(try_fit("ridge", &data, TEND_TASK_REGRESSION, 0, 1, NULL, &b, &err), &err, INVALID, "infinite");
    data = rows16(three);
    ASSERT_FAILS(try_fit("logistic", &data, TEND_TASK_BINARY, 2, 1, NULL, &c, &err), &err, INVALID, "class 2");
    data.n = 0;
    ASSERT_FAILS(try_fit("logistic", &data, TEND_TASK_MULTICLASS, 3, 1, NULL, &d, &err), &err, INVALID, "no training rows");
    data = rows16(y16);
    ASSERT_FAILS(try_fit("baseline", &data, TEND_TASK_REGRESSION, 0, 1, (setting[]){{"strategy", 1}, {0}}, &e, &err), &err, INVALID,
                 "mean and median");
}
