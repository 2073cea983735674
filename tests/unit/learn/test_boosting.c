/* Trees from XGBoost: that our predictor repeats its margins bit for bit, that trainings repeat,
 * that they stop. */
#include "learn/booster.h"
#include "learn/learner.h"
#include "model/explain_trees.h"
#include "support/suite.h"

/* ALL is large enough for several threads; most tests are content with the first ROWS. */
enum { ALL = 34500, ROWS = 3000, WIDE = 6, VALID = 800 };

typedef struct problem {
    float *x;
    double *number, *binary, *multi, *counts;
    tend_output outputs[WIDE];
} problem;

static uint64_t noise_state;

static double noise(void) {
    noise_state = noise_state * 6364136223846793005u + 1442695040888963407u;
    return (double)(noise_state >> 11) * 0x1p-53;
}

/* Five numbers, some missing, and a category of eight levels. */
static problem *make_problem(void) {
    static problem p;
    if (p.x)
        return &p;
    noise_state = 5;
    p.x = calloc((size_t)ALL * WIDE, sizeof *p.x);
    double **targets[] = {&p.number, &p.binary, &p.multi, &p.counts};
    for (int t = 0; t < 4; t++)
        *targets[t] = calloc(ALL, sizeof(double));
    for (int i = 0; i < ALL; i++) {
        double v[WIDE];
        for (int j = 0; j < WIDE; j++)
            v[j] = j == 5 ? floor(noise() * 8) : noise() * 4 - 2;
        p.number[i] = 2 * v[0] + v[1] * v[2] + ((int)v[5] % 3) + noise();
        p.binary[i] = p.number[i] > 1.2;
        p.multi[i] = p.number[i] < 0 ? 0 : p.number[i] < 2 ? 1 : 2;
        p.counts[i] = floor(fmax(0, p.number[i]));
        for (int j = 0; j < WIDE; j++)
            p.x[i * WIDE + j] = noise() < 0.05 ? NAN : (float)v[j];
    }
    for (int j = 0; j < WIDE; j++)
        p.outputs[j] = (tend_output){.name = "f", .source = "f", .columns = "f", .categorical = j == 5};
    return &p;
}

static tend_dataset rows_of(const problem *p, const double *y, int begin, int n) {
    return (tend_dataset){.x = p->x + begin * WIDE, .y = y + begin, .n = n, .n_features = WIDE, .outputs = p->outputs};
}

typedef struct fit_case {
    const char *learner;
    tend_task task;
    int n_classes;
    const double *y;
    const char *metric;
    const char *setting;
    double value;
    int threads;
    bool stop;
    int rows; /* 0: ROWS */
} fit_case;

static tend_learn_result run(const fit_case *c, tend_arena *arena) {
    const problem *p = make_problem();
    const tend_learner *learner = tend_learner_find(c->learner);
    double *params = tend_params_default(learner, arena);
    int rounds = tend_param_index(learner, "rounds"), trees = tend_param_index(learner, "trees");
    if (rounds >= 0 && !c->stop)
        params[rounds] = 20;
    if (trees >= 0)
        params[trees] = 12;
    if (c->setting)
        params[tend_param_index(learner, c->setting)] = c->value;
    int n = c->rows ? c->rows : ROWS;
    tend_dataset train = rows_of(p, c->y, 0, n - VALID), valid = rows_of(p, c->y, n - VALID, VALID);
    tend_learn_options options = {.task = c->task,
                                  .n_classes = c->n_classes,
                                  .params = params,
                                  .metric = c->metric,
                                  .seed = 3,
                                  .threads = c->threads,
                                  .valid = c->stop ? &valid : NULL};
    tend_learn_result result = {0};
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(learner->fit(&train, &options, arena, &result, &err), &err);
    return result;
}

/* A training by hand, its model imported, and both asked about every row. */
static void check_margins(const char *objective, const double *y, int n_classes, const char *const *settings, tend_link link) {
    const problem *p = make_problem();
    tend_dataset data = rows_of(p, y, 0, ROWS);
    tend_learn_options options = {
        .task = n_classes > 2 ? TEND_TASK_MULTICLASS : TEND_TASK_REGRESSION, .n_classes = n_classes, .threads = 2, .seed = 1};
    TEND_AUTO_BOOSTER booster = {0};
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_booster_init(&booster, &data, &options, &err), &err);
    ASSERT_OK(tend_booster_set(&booster, "objective", objective, &err), &err);
    for (; *settings; settings += 2)
        ASSERT_OK(tend_booster_set(&booster, settings[0], settings[1], &err), &err);
    for (int round = 0; round < 15; round++)
        ASSERT_OK(tend_booster_update(&booster, round, &err), &err);
    TEND_AUTO(tend_predictor) *predictor = NULL;
    ASSERT_OK(tend_booster_import(&booster, link, &predictor, &err), &err);
    const float *theirs = NULL;
    ASSERT_OK(tend_booster_margins(&booster, booster.train, &theirs, &err), &err);
    size_t n = (size_t)ROWS * (size_t)predictor->n_groups;
    float *ours = calloc(n, sizeof *ours);
    tend_predictor_margins(predictor, p->x, ROWS, ours);
    ASSERT_MEM_EQ(ours, theirs, n * sizeof *ours);
    free(ours);
}

TEST(margins_are_xgboosts_bit_for_bit) {
    const problem *p = make_problem();
    const char *plain[] = {"base_score", "0.3", NULL};
    const char *sampled[] = {"subsample", "0.7", "colsample_bytree", "0.6", "max_depth", "9", "base_score", "0.7", NULL};
    const char *classes[] = {"num_class", "3", NULL};
    const char *forest[] = {"num_parallel_tree", "5", "eta", "1", "lambda", "0", "max_depth", "12", "subsample", "0.6", NULL};
    check_margins("binary:logistic", p->binary, 2, plain, TEND_LINK_LOGISTIC);
    check_margins("binary:logistic", p->binary, 2, sampled, TEND_LINK_LOGISTIC);
    check_margins("multi:softprob", p->multi, 3, classes, TEND_LINK_SOFTMAX);
    check_margins("reg:squarederror", p->number, 0, plain, TEND_LINK_IDENTITY);
    check_margins("reg:absoluteerror", p->number, 0, plain, TEND_LINK_IDENTITY);
    check_margins("count:poisson", p->counts, 0, plain, TEND_LINK_EXP);
    check_margins("reg:squarederror", p->number, 0, forest, TEND_LINK_IDENTITY);
}

/* XGBoost computes in float: equal means within 1e-5 of the row's largest. */
static void check_contributions(const char *objective, const double *y, int n_classes, const char *depth) {
    const problem *p = make_problem();
    tend_dataset data = rows_of(p, y, 0, ROWS);
    tend_learn_options options = {
        .task = n_classes > 2 ? TEND_TASK_MULTICLASS : TEND_TASK_REGRESSION, .n_classes = n_classes, .threads = 2, .seed = 1};
    TEND_AUTO_BOOSTER booster = {0};
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_booster_init(&booster, &data, &options, &err), &err);
    ASSERT_OK(tend_booster_set(&booster, "objective", objective, &err), &err);
    ASSERT_OK(tend_booster_set(&booster, "max_depth", depth, &err), &err);
    if (n_classes > 2)
        ASSERT_OK(tend_booster_set_number(&booster, "num_class", n_classes, &err), &err);
    for (int round = 0; round < 10; round++)
        ASSERT_OK(tend_booster_update(&booster, round, &err), &err);
    TEND_AUTO(tend_predictor) *predictor = NULL;
    ASSERT_OK(tend_booster_import(&booster, TEND_LINK_IDENTITY, &predictor, &err), &err);
    const bst_ulong *shape;
    bst_ulong dimensions;
    const float *theirs;
    ASSERT_EQ(tend_xgb.XGBoosterPredictFromDMatrix(
                  booster.handle, booster.train,
                  "{\"type\":2,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,\"strict_shape\":true}", &shape, &dimensions,
                  &theirs),
              0);
    uint32_t own[WIDE] = {0, 1, 2, 3, 4, 5};
    TEND_AUTO(tend_tree_shap) *shap = tend_tree_shap_new(predictor->trees, own, WIDE);
    double *ours = TEND_ARRAY(arena, double, ROWS * predictor->n_groups * WIDE);
    tend_tree_shap_rows(shap, p->x, ROWS, ours, arena);
    for (int i = 0; i < ROWS * predictor->n_groups; i++, theirs += WIDE + 1, ours += WIDE) {
        double largest = 0;
        for (int j = 0; j <= WIDE; j++)
            largest = fmax(largest, fabs((double)theirs[j]));
        for (int j = 0; j < WIDE; j++)
            ASSERT_NEAR(ours[j], theirs[j], 1e-5 * largest);
        ASSERT_NEAR(tend_tree_shap_base(shap)[i % predictor->n_groups], theirs[WIDE], 1e-5 * largest);
    }
}

TEST(contributions_are_xgboosts) {
    const problem *p = make_problem();
    check_contributions("binary:logistic", p->binary, 2, "6");
    check_contributions("reg:squarederror", p->number, 0, "12");
    check_contributions("multi:softprob", p->multi, 3, "4");
    check_contributions("count:poisson", p->counts, 0, "3");
}

static double fit_error(const tend_predictor *predictor, const double *y) {
    const problem *p = make_problem();
    double sum = 0;
    for (int i = ROWS - VALID; i < ROWS; i++) {
        float margin = 0;
        double score = 0;
        tend_predictor_margins(predictor, p->x + i * WIDE, 1, &margin);
        tend_predictor_scores(predictor, &margin, 1, &score);
        sum += fabs(score - y[i]);
    }
    return sum / VALID;
}

static void check_repeats(const fit_case *c) {
    fit_case one = *c, many = *c;
    one.threads = 1;
    many.threads = 3;
    one.rows = many.rows = ALL;
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_learn_result a = run(&one, arena), b = run(&many, arena);
    TEND_AUTO_BUF first = TEND_BUF_INIT, second = TEND_BUF_INIT;
    tend_predictor_save(a.predictor, &first);
    tend_predictor_save(b.predictor, &second);
    ASSERT_EQ(first.size, second.size);
    ASSERT_MEM_EQ(first.data, second.data, first.size);
    ASSERT_EQ(a.rounds, b.rounds);
    tend_predictor_free(a.predictor);
    tend_predictor_free(b.predictor);
}

TEST(the_same_bytes_on_one_thread_and_on_three) {
    const problem *p = make_problem();
    check_repeats(
        &(fit_case){.learner = "xgboost", .task = TEND_TASK_BINARY, .n_classes = 2, .y = p->binary, .setting = "subsample", .value = 0.7});
    check_repeats(
        &(fit_case){.learner = "xgboost", .task = TEND_TASK_REGRESSION, .y = p->number, .stop = true, .setting = "rounds", .value = 30});
    check_repeats(&(fit_case){.learner = "random_forest", .task = TEND_TASK_MULTICLASS, .n_classes = 3, .y = p->multi});
    check_repeats(&(fit_case){.learner = "random_forest", .task = TEND_TASK_REGRESSION, .y = p->number});
}

TEST(early_stopping_keeps_the_best_round) {
    const problem *p = make_problem();
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    fit_case c = {.learner = "xgboost",
                  .task = TEND_TASK_BINARY,
                  .n_classes = 2,
                  .y = p->binary,
                  .stop = true,
                  .metric = "log_loss",
                  .setting = "eta",
                  .value = 0.3};
    tend_learn_result result = run(&c, arena);
    ASSERT_TRUE(result.rounds > 2 && result.rounds < 1900);
    ASSERT_EQ(result.predictor->trees->n_trees, result.rounds);
    const tend_node *last = result.history->last;
    ASSERT_STR_EQ(result.history_metric, "log_loss");
    ASSERT_TRUE(tend_node_int(tend_node_get(last, "step"), 0) == result.rounds + 50); /* patience */
    double worst = tend_node_double(tend_node_get(last, "validation"), 0);
    ASSERT_TRUE(tend_node_double(tend_node_get(last, "train"), 1) < worst);
    TEND_NODE_EACH(point, result.history)
        ASSERT_TRUE(tend_node_double(tend_node_get(point, "validation"), 0) > 0);
    tend_predictor_free(result.predictor);
}

TEST(a_metric_of_decisions_is_stood_for_by_the_loss) {
    const problem *p = make_problem();
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    fit_case loss = {.learner = "xgboost", .task = TEND_TASK_BINARY, .n_classes = 2, .y = p->binary, .stop = true, .metric = "log_loss"};
    fit_case f1 = loss;
    f1.metric = "f1";
    tend_learn_result a = run(&loss, arena), b = run(&f1, arena);
    ASSERT_EQ(a.rounds, b.rounds);
    tend_predictor_free(a.predictor);
    tend_predictor_free(b.predictor);
}

TEST(each_objective_learns) {
    const problem *p = make_problem();
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    double spread = 0, mean = 0;
    for (int i = 0; i < ROWS; i++)
        mean += p->number[i] / ROWS;
    for (int i = 0; i < ROWS; i++)
        spread += fabs(p->number[i] - mean) / ROWS;
    for (int objective = 1; objective <= 2; objective++) {
        fit_case c = {.learner = "xgboost",
                      .task = TEND_TASK_REGRESSION,
                      .y = p->number,
                      .stop = true,
                      .setting = "objective",
                      .value = objective,
                      .metric = objective == 2 ? "mae" : "rmse"};
        tend_learn_result result = run(&c, arena);
        ASSERT_TRUE(fit_error(result.predictor, p->number) < spread / 2.5);
        tend_predictor_free(result.predictor);
    }
    fit_case counts = {
        .learner = "xgboost", .task = TEND_TASK_REGRESSION, .y = p->counts, .stop = true, .setting = "objective", .value = 3};
    tend_learn_result result = run(&counts, arena);
    ASSERT_EQ(result.predictor->link, TEND_LINK_EXP);
    ASSERT_TRUE(fit_error(result.predictor, p->counts) < 0.6);
    tend_predictor_free(result.predictor);
}

TEST(a_forests_scores_are_probabilities_of_the_right_size) {
    const problem *p = make_problem();
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    fit_case c = {.learner = "random_forest", .task = TEND_TASK_MULTICLASS, .n_classes = 3, .y = p->multi};
    tend_learn_result result = run(&c, arena);
    ASSERT_EQ(result.predictor->n_groups, 3);
    float margins[3];
    double scores[3], mean[3] = {0}, observed[3] = {0};
    for (int i = ROWS - VALID; i < ROWS; i++) {
        tend_predictor_margins(result.predictor, p->x + i * WIDE, 1, margins);
        tend_predictor_scores(result.predictor, margins, 1, scores);
        ASSERT_NEAR(scores[0] + scores[1] + scores[2], 1, 1e-12);
        for (int g = 0; g < 3; g++) {
            ASSERT_TRUE(scores[g] >= 0 && scores[g] <= 1);
            mean[g] += scores[g] / VALID;
            observed[g] += (p->multi[i] == g) / (double)VALID;
        }
    }
    for (int g = 0; g < 3; g++)
        ASSERT_NEAR(mean[g], observed[g], 0.04);
    tend_predictor_free(result.predictor);
}

TEST(what_xgboost_refuses_is_told_without_its_stack) {
    const problem *p = make_problem();
    tend_dataset data = rows_of(p, p->number, 0, ROWS);
    tend_learn_options options = {.task = TEND_TASK_REGRESSION, .threads = 1};
    TEND_AUTO_BOOSTER booster = {0};
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_booster_init(&booster, &data, &options, &err), &err);
    ASSERT_OK(tend_booster_set(&booster, "objective", "reg:squarederror", &err), &err);
    ASSERT_OK(tend_booster_set(&booster, "max_depth", "-3", &err), &err);
    ASSERT_FAILS(tend_booster_update(&booster, 0, &err), &err, INVALID, "max_depth");
    ASSERT_NULL(strstr(err.message, "Stack trace"));
    ASSERT_NULL(strstr(err.message, ".cc:"));
    ASSERT_NULL(strchr(err.message, '\n'));
}

TEST(negative_counts_are_refused_for_poisson) {
    const problem *p = make_problem();
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const tend_learner *learner = tend_learner_find("xgboost");
    double *params = tend_params_default(learner, arena);
    params[tend_param_index(learner, "objective")] = 3;
    tend_dataset data = rows_of(p, p->number, 0, ROWS);
    tend_learn_options options = {.task = TEND_TASK_REGRESSION, .params = params};
    tend_learn_result result = {0};
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(learner->fit(&data, &options, arena, &result, &err), &err, INVALID, "poisson");
    data.n_features = 0;
    params[tend_param_index(learner, "objective")] = 0;
    ASSERT_FAILS(learner->fit(&data, &options, arena, &result, &err), &err, INVALID, "no feature");
}

TEST(the_library_says_its_version) { ASSERT_HAS(tend_learner_find("xgboost")->version(), "."); }
