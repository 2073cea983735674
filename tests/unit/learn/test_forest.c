#include "learn/learner.h"

#include "support/suite.h"

static uint64_t noise_state = 11;

static double noise(void) {
    noise_state = noise_state * 6364136223846793005u + 1442695040888963407u;
    return (double)(noise_state >> 11) * 0x1p-53;
}

typedef struct setting {
    const char *name;
    double value;
} setting;

/* Every row and every feature for each tree, unless the settings say otherwise: what a tree does
 * can then be told by hand. */
static tend_predictor *grow(const tend_dataset *data, tend_task task, int n_classes, const setting *settings) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const tend_learner *learner = tend_learner_find("random_forest");
    double *params = tend_params_default(learner, arena);
    const setting whole[] = {{"trees", 1}, {"row_share", 1}, {"max_features", 1}, {"min_samples_leaf", 1}, {0}};
    for (const setting *s = whole; s->name; s++)
        params[tend_param_index(learner, s->name)] = s->value;
    for (; settings && settings->name; settings++)
        params[tend_param_index(learner, settings->name)] = settings->value;
    tend_learn_options options = {.task = task, .n_classes = n_classes, .params = params, .seed = 4, .threads = 2};
    tend_learn_result result = {0};
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(learner->fit(data, &options, arena, &result, &err), &err);
    return result.predictor;
}

static double score_of(const tend_predictor *predictor, const float *x) {
    float margin[16];
    double score[16];
    tend_predictor_margins(predictor, x, 1, margin);
    tend_predictor_scores(predictor, margin, 1, score);
    return score[0];
}

TEST(one_tree_finds_a_step) {
    float x[20];
    double y[20];
    for (int i = 0; i < 20; i++) {
        x[i] = (float)i;
        y[i] = i < 7 ? 10 : 30;
    }
    tend_dataset data = {.x = x, .y = y, .n = 20, .n_features = 1};
    TEND_AUTO(tend_predictor) *p = grow(&data, TEND_TASK_REGRESSION, 0, NULL);
    ASSERT_EQ(p->trees->n_nodes, 3);
    ASSERT_TRUE(p->trees->value[0] == 6.5F); /* half way between 6 and 7 */
    ASSERT_NEAR(score_of(p, &x[6]), 10, 1e-5);
    ASSERT_NEAR(score_of(p, &x[7]), 30, 1e-5);
    ASSERT_NEAR(p->trees->gain[0], 1820, 1e-3); /* 20 rows: sum of squares about the mean, all of it explained: 7 * 13 / 20 * 400 */
}

TEST(missing_values_go_where_they_belong) {
    float x[30];
    double y[30];
    for (int i = 0; i < 30; i++) {
        x[i] = i % 3 == 0 ? NAN : (float)i;
        y[i] = i % 3 == 0 || i > 20; /* missing is like large */
    }
    tend_dataset data = {.x = x, .y = y, .n = 30, .n_features = 1};
    TEND_AUTO(tend_predictor) *p = grow(&data, TEND_TASK_BINARY, 2, NULL);
    for (int i = 0; i < 30; i++)
        ASSERT_NEAR(score_of(p, &x[i]), y[i], 1e-6);
    for (int i = 0; i < 30; i++)
        y[i] = i % 3 == 0; /* only being missing matters */
    TEND_AUTO(tend_predictor) *q = grow(&data, TEND_TASK_BINARY, 2, (setting[]){{"max_depth", 1}, {0}});
    for (int i = 0; i < 30; i++)
        ASSERT_NEAR(score_of(q, &x[i]), y[i], 1e-6);
}

TEST(categories_are_split_as_sets) {
    float x[60];
    double y[60];
    for (int i = 0; i < 60; i++) {
        x[i] = (float)(i % 6);
        y[i] = i % 6 == 1 || i % 6 == 4 ? 5 : 1;
    }
    tend_output output = {.name = "c", .source = "c", .columns = "c", .categorical = true};
    tend_dataset data = {.x = x, .y = y, .n = 60, .n_features = 1, .outputs = &output};
    TEND_AUTO(tend_predictor) *p = grow(&data, TEND_TASK_REGRESSION, 0, (setting[]){{"max_depth", 1}, {0}});
    ASSERT_EQ(p->trees->n_sets, 1);
    ASSERT_EQ(p->trees->set_words[0], (1U << 1) | (1U << 4));
    for (int i = 0; i < 6; i++)
        ASSERT_NEAR(score_of(p, &x[i]), y[i], 1e-5);
    float unseen = 9;
    ASSERT_NEAR(score_of(p, &unseen), 1, 1e-5); /* in no set: left */
}

TEST(leaves_and_depth_are_bounded) {
    enum { ROWS = 500, WIDE = 3 };
    float *x = calloc(ROWS * WIDE, sizeof *x);
    double *y = calloc(ROWS, sizeof *y);
    for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < WIDE; j++)
            x[i * WIDE + j] = (float)noise();
        y[i] = noise();
    }
    tend_dataset data = {.x = x, .y = y, .n = ROWS, .n_features = WIDE};
    TEND_AUTO(tend_predictor) *p =
        grow(&data, TEND_TASK_REGRESSION, 0, (setting[]){{"min_samples_leaf", 20}, {"trees", 4}, {"row_share", 0.5}, {0}});
    TEND_AUTO(tend_predictor) *q = grow(&data, TEND_TASK_REGRESSION, 0, (setting[]){{"max_depth", 3}, {0}});
    for (uint32_t t = 0; t < p->trees->n_trees; t++)
        ASSERT_NEAR(p->trees->cover[p->trees->tree_begin[t]], 250, 0);
    for (uint32_t i = 0; i < p->trees->n_nodes; i++)
        ASSERT_TRUE(p->trees->cover[i] >= 20);
    ASSERT_EQ(tend_trees_depth(q->trees, 0), 3);
    free(x);
    free(y);
}

TEST(a_constant_target_is_one_leaf) {
    float x[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    double y[8] = {3, 3, 3, 3, 3, 3, 3, 3};
    tend_dataset data = {.x = x, .y = y, .n = 8, .n_features = 1};
    TEND_AUTO(tend_predictor) *p = grow(&data, TEND_TASK_REGRESSION, 0, NULL);
    ASSERT_EQ(p->trees->n_nodes, 1);
    ASSERT_NEAR(score_of(p, x), 3, 1e-6);
}

TEST(a_weight_is_so_many_copies) {
    enum { ROWS = 200 };
    float x[ROWS * 2], copies[ROWS * 4];
    double y[ROWS], weight[ROWS], copied[ROWS * 2];
    int n = 0;
    for (int i = 0; i < ROWS; i++) {
        x[i * 2] = (float)noise();
        x[i * 2 + 1] = (float)noise();
        y[i] = noise() < (double)x[i * 2];
        weight[i] = 1 + i % 2;
        for (int c = 0; c <= i % 2; c++, n++) {
            memcpy(copies + (size_t)n * 2, x + (size_t)i * 2, 2 * sizeof *x);
            copied[n] = y[i];
        }
    }
    tend_dataset weighted = {.x = x, .y = y, .weight = weight, .n = ROWS, .n_features = 2};
    tend_dataset plain = {.x = copies, .y = copied, .n = n, .n_features = 2};
    TEND_AUTO(tend_predictor) *a = grow(&weighted, TEND_TASK_BINARY, 2, (setting[]){{"min_samples_leaf", 5}, {0}});
    TEND_AUTO(tend_predictor) *b = grow(&plain, TEND_TASK_BINARY, 2, (setting[]){{"min_samples_leaf", 5}, {0}});
    for (int i = 0; i < ROWS; i++)
        ASSERT_NEAR(score_of(a, x + i * 2), score_of(b, x + i * 2), 1e-6);
}

TEST(classes_share_the_shape_of_a_tree_and_its_leaves_are_their_shares) {
    enum { ROWS = 300 };
    float x[ROWS];
    double y[ROWS];
    for (int i = 0; i < ROWS; i++) {
        x[i] = (float)(i % 3);
        y[i] = i % 3 == 0 ? 0 : i % 3 == 1 ? 1 + (i / 3) % 2 : 2; /* 0: class 0; 1: half 1, half 2; 2: class 2 */
    }
    tend_dataset data = {.x = x, .y = y, .n = ROWS, .n_features = 1};
    TEND_AUTO(tend_predictor) *p = grow(&data, TEND_TASK_MULTICLASS, 3, (setting[]){{"trees", 2}, {0}});
    ASSERT_EQ(p->trees->n_trees, 6);
    ASSERT_EQ(p->n_groups, 3);
    double want[3][3] = {{1, 0, 0}, {0, 0.5, 0.5}, {0, 0, 1}};
    for (int v = 0; v < 3; v++) {
        float row = (float)v, margins[3];
        double scores[3];
        tend_predictor_margins(p, &row, 1, margins);
        tend_predictor_scores(p, margins, 1, scores);
        for (int g = 0; g < 3; g++)
            ASSERT_NEAR(scores[g], want[v][g], 1e-6);
    }
}

TEST(many_values_are_cut_at_even_shares) {
    enum { ROWS = 4000 };
    float *x = calloc(ROWS, sizeof *x);
    double *y = calloc(ROWS, sizeof *y);
    for (int i = 0; i < ROWS; i++) {
        x[i] = (float)exp(6 * noise()); /* very skewed: cuts at even widths would miss the lower half */
        y[i] = x[i] < 2;
    }
    tend_dataset data = {.x = x, .y = y, .n = ROWS, .n_features = 1};
    TEND_AUTO(tend_predictor) *p = grow(&data, TEND_TASK_BINARY, 2, (setting[]){{"max_depth", 1}, {0}});
    ASSERT_NEAR(p->trees->value[0], 2, 0.05); /* 254 cuts in 6 log units: 2.4 % apart */
    free(x);
    free(y);
}

TEST(values_next_to_each_other_are_told_apart) {
    float x[4] = {1, nextafterf(1, 2), 1, nextafterf(1, 2)};
    double y[4] = {0, 1, 0, 1};
    tend_dataset data = {.x = x, .y = y, .n = 4, .n_features = 1};
    TEND_AUTO(tend_predictor) *p = grow(&data, TEND_TASK_BINARY, 2, NULL);
    for (int i = 0; i < 4; i++)
        ASSERT_NEAR(score_of(p, &x[i]), y[i], 1e-6);
}
