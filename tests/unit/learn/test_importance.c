/* Permutation importance of linear models whose weights are known. */
#include "base/rng.h"
#include "learn/evaluate.h"
#include "support/suite.h"

typedef struct problem {
    tend_arena *arena;
    tend_model model;
    float *x;
    double *y;
    int64_t n;
    int width;
} problem;

/* Columns: strong and weak numbers, idle that no weight uses, and a colour of three values. The
 * model is exact: y = 2 strong + 0.5 weak + (red ? 3 : 0). */
static problem problem_new(int64_t n) {
    problem p = {.arena = tend_arena_new(), .n = n};
    static const char *const names[] = {"strong", "weak", "idle", "colour"};
    tend_column_builder *b[4];
    for (int c = 0; c < 4; c++)
        b[c] = tend_column_builder_new(p.arena, names[c], c < 3 ? TEND_FLOAT : TEND_STRING);
    tend_rng rng;
    tend_rng_init(&rng, 1, "problem");
    for (int64_t i = 0; i < n; i++) {
        for (int c = 0; c < 3; c++)
            tend_column_add_double(b[c], tend_rng_normal(&rng));
        static const char *const colours[] = {"red", "green", "blue"};
        tend_column_add_string(b[3], tend_str_of(colours[tend_rng_below(&rng, 3)]));
    }
    tend_table *table = tend_table_new(p.arena, 4, n);
    for (int c = 0; c < 4; c++)
        tend_column_build(b[c], &table->columns[c]);

    tend_error err = TEND_ERROR_INIT;
    tend_diags diags;
    tend_diags_init(&diags, p.arena);
    static const char features[] = "strong: {transform: passthrough}\nweak: {transform: passthrough}\nidle: {transform: "
                                   "passthrough}\ncolour: {transform: one_hot}\n";
    tend_node *node = NULL;
    ASSERT_OK(tend_yaml_parse(features, strlen(features), "tend.yaml", &diags, &node, &err), &err);
    int64_t *rows = TEND_ARRAY(p.arena, int64_t, n);
    p.y = TEND_ARRAY(p.arena, double, n);
    for (int64_t i = 0; i < n; i++)
        rows[i] = i;
    tend_pipeline_options options = {.features = node, .task = TEND_TASK_REGRESSION, .y = p.y, .rows = rows, .n_rows = n};
    ASSERT_OK(tend_pipeline_fit(table, &options, &diags, &p.model.pipeline, &err), &err);
    p.width = tend_pipeline_width(p.model.pipeline);
    p.x = TEND_ARRAY(p.arena, float, n *p.width);
    ASSERT_OK(tend_pipeline_apply_rows(p.model.pipeline, table, rows, n, p.x, &err), &err);

    tend_linear *linear = tend_linear_new(p.width, 1);
    const tend_output *outputs = tend_pipeline_outputs(p.model.pipeline);
    for (int c = 0; c < p.width; c++)
        linear->weight[c] = strcmp(outputs[c].source, "strong") == 0 ? 2
                            : strcmp(outputs[c].source, "weak") == 0 ? 0.5
                            : strstr(outputs[c].name, "red")         ? 3
                                                                     : 0;
    p.model.task = TEND_TASK_REGRESSION;
    p.model.predictor = tend_predictor_of_linear(linear, TEND_LINK_IDENTITY);
    float *margins = TEND_ARRAY(p.arena, float, n);
    tend_predictor_margins(p.model.predictor, p.x, n, margins);
    tend_predictor_scores(p.model.predictor, margins, n, p.y);
    return p;
}

static void problem_free(problem *p) {
    tend_predictor_free(p->model.predictor);
    tend_pipeline_free(p->model.pipeline);
    tend_arena_free(p->arena);
}

static const tend_node *importance(problem *p, const char *metric, int repeats) {
    tend_error err = TEND_ERROR_INIT;
    tend_node *out = NULL;
    ASSERT_OK(tend_importance(&p->model, p->x, p->y, p->n, tend_metric_find(metric), repeats, 7, p->arena, &out, &err), &err);
    return out;
}

static const char *feature_at(const tend_node *list, size_t i) {
    return tend_node_string(tend_node_get(tend_node_at(list, i), "feature"), "");
}
static double value_at(const tend_node *list, size_t i, const char *key) {
    return tend_node_double(tend_node_get(tend_node_at(list, i), key), (double)NAN);
}

/* Shuffling x moves w x by w (x - x'), whose root mean square is w sqrt(2) sd(x); for the one-hot
 * colour 3 sqrt(2 p (1 - p)), p = 1/3. */
TEST(losses_are_what_theory_says) {
    problem p = problem_new(4000);
    const tend_node *list = importance(&p, "rmse", 0);
    ASSERT_EQ(list->count, 4);
    static const char *const order[] = {"strong", "colour", "weak", "idle"};
    const double want[] = {2 * sqrt(2), 2, 0.5 * sqrt(2), 0};
    for (size_t i = 0; i < 4; i++) {
        ASSERT_STR_EQ(feature_at(list, i), order[i]);
        ASSERT_NEAR(value_at(list, i, "importance"), want[i], 0.06 * want[i]);
        ASSERT_TRUE(value_at(list, i, "low") <= value_at(list, i, "importance") &&
                    value_at(list, i, "importance") <= value_at(list, i, "high"));
    }
    problem_free(&p);
}

TEST(losses_of_r2_are_oriented) {
    problem p = problem_new(1000);
    const tend_node *list = importance(&p, "r2", 2);
    ASSERT_STR_EQ(feature_at(list, 0), "strong");
    ASSERT_TRUE(value_at(list, 0, "importance") > 0.5);
    problem_free(&p);
}

TEST(large_tables_are_sampled) {
    problem p = problem_new(20000);
    ASSERT_NEAR(value_at(importance(&p, "rmse", 1), 0, "importance"), 2 * sqrt(2), 0.15);
    problem_free(&p);
}

/* One row far out: a shuffle moves it to exactly one other row, so the squared error is twice its
 * square; drawing with replacement would lose it or show it more often. */
TEST(every_row_is_used_once) {
    problem p = problem_new(2000);
    const tend_output *outputs = tend_pipeline_outputs(p.model.pipeline);
    for (int c = 0; c < p.width; c++)
        if (strcmp(outputs[c].source, "strong") == 0)
            p.x[1500 * p.width + c] = 1000;
    float margin;
    tend_predictor_margins(p.model.predictor, p.x + 1500 * p.width, 1, &margin);
    p.y[1500] = (double)margin;
    const tend_node *list = importance(&p, "rmse", 5);
    ASSERT_NEAR(value_at(list, 0, "low"), 2000 * sqrt(2.0 / 2000), 1);
    ASSERT_NEAR(value_at(list, 0, "high"), 2000 * sqrt(2.0 / 2000), 1);
    problem_free(&p);
}

TEST(threads_never_change_the_result) {
    problem p = problem_new(600);
    setenv("TEND_JOBS", "1", 1);
    const tend_node *one = importance(&p, "mae", 3);
    setenv("TEND_JOBS", "4", 1);
    const tend_node *many = importance(&p, "mae", 3);
    unsetenv("TEND_JOBS");
    ASSERT_TRUE(tend_node_equal(one, many));
    problem_free(&p);
}

TEST(an_undefined_metric_has_no_importance) {
    problem p = problem_new(50);
    for (int64_t i = 0; i < 50; i++)
        p.y[i] = 1;
    tend_error err = TEND_ERROR_INIT;
    tend_node *out = NULL;
    ASSERT_FAILS(tend_importance(&p.model, p.x, p.y, p.n, tend_metric_find("r2"), 1, 7, p.arena, &out, &err), &err, INVALID,
                 "r2 is undefined");
    problem_free(&p);
}

/* The same model read as a classifier: scores through the logistic link, decided at the threshold.
 */
TEST(classes_are_decided_at_the_models_threshold) {
    problem p = problem_new(2000);
    p.model.task = TEND_TASK_BINARY;
    p.model.n_classes = 2;
    p.model.predictor->link = TEND_LINK_LOGISTIC;
    p.model.threshold = 0.8;
    double *margin = p.y;
    for (int64_t i = 0; i < p.n; i++)
        margin[i] = 1 / (1 + exp(-margin[i])) >= 0.8;
    const tend_node *list = importance(&p, "accuracy", 2);
    ASSERT_STR_EQ(feature_at(list, 0), "strong");
    ASSERT_TRUE(value_at(list, 0, "importance") > 0.2 && value_at(list, 0, "importance") < 0.5);
    ASSERT_NEAR(value_at(list, 3, "importance"), 0, 0);
    problem_free(&p);
}
