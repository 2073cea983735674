/* Contributions: against Shapley's definition, summed over all subsets, and the laws that they keep. XGBoost's own are in
 * tests/unit/learn/test_boosting.c. */
#include "model/explain.h"
#include "model/explain_plan.h"
#include "unit/feature/feature_case.h"
#include "unit/model/trees_grower.h"

static grower *grow_covered(const shape *s, uint64_t seed) {
    grower *g = grow(s, seed);
    for (uint32_t t = s->trees; t-- > 0;)
        for (uint32_t begin = g->tree_begin[t], i = g->tree_begin[t + 1]; i-- > begin;) {
            uint32_t left = begin + g->left[i];
            g->cover[i] = g->feature[i] < 0 ? (float)(1 + below(g, 50)) : g->cover[left] + g->cover[left + 1];
        }
    return g;
}

/* The expectation of one tree when only the features in `known` are: the others follow the covers. */
static double expect(const tend_trees *t, uint32_t begin, uint32_t node, const float *x, uint32_t known) {
    uint32_t at = begin + node, left = t->left[at];
    if (t->feature[at] < 0)
        return (double)t->value[at];
    if (known >> t->feature[at] & 1) {
        float v = x[t->feature[at]];
        bool right = isnan(v)                               ? !(t->flags[at] & TEND_TREE_DEFAULT_LEFT)
                     : t->flags[at] & TEND_TREE_CATEGORICAL ? tend_trees_in_set(t, t->set[at], v)
                                                            : v >= t->value[at];
        return expect(t, begin, left + right, x, known);
    }
    double a = (double)t->cover[begin + left], b = (double)t->cover[begin + left + 1];
    return (a * expect(t, begin, left, x, known) + b * expect(t, begin, left + 1, x, known)) / (a + b);
}

static double expect_group(const tend_trees *t, uint32_t group, const float *x, uint32_t known) {
    double sum = (double)t->base_margin[group];
    for (uint32_t i = 0; i < t->n_trees; i++)
        sum += t->tree_group[i] == group ? expect(t, t->tree_begin[i], 0, x, known) : 0;
    return sum;
}

/* Shapley 1953: the mean over all orders of what knowing `feature` changes. */
static double shapley(const double *game, uint32_t n, uint32_t feature) {
    double sum = 0;
    for (uint32_t s = 0; s < 1U << n; s++) {
        if (s >> feature & 1)
            continue;
        double size = __builtin_popcount(s);
        sum += exp(lgamma(size + 1) + lgamma(n - size) - lgamma(n + 1.0)) * (game[s | 1U << feature] - game[s]);
    }
    return sum;
}

static uint32_t identity[64];

static tend_tree_shap *shap_of(const tend_trees *trees) {
    for (uint32_t i = 0; i < 64; i++)
        identity[i] = i;
    return tend_tree_shap_new(trees, identity, trees->n_features);
}

static void compare_with_shapley(const shape *s, uint64_t seed, int n_rows) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    grower *g = grow_covered(s, seed);
    TEND_AUTO(tend_tree_shap) *shap = shap_of(&g->t);
    double *game = TEND_ARRAY(arena, double, (size_t)1 << s->features), *got = TEND_ARRAY(arena, double, s->groups * s->features);
    for (int r = 0; r < n_rows; r++) {
        float x[16];
        for (uint32_t j = 0; j < s->features; j++)
            x[j] = value_for(g, s);
        tend_tree_shap_rows(shap, x, 1, got, arena);
        for (uint32_t k = 0; k < s->groups; k++) {
            for (uint32_t known = 0; known < 1U << s->features; known++)
                game[known] = expect_group(&g->t, k, x, known);
            ASSERT_NEAR(tend_tree_shap_base(shap)[k], game[0], 1e-12);
            for (uint32_t j = 0; j < s->features; j++)
                ASSERT_NEAR(got[k * s->features + j], shapley(game, s->features, j), 1e-11);
        }
    }
    free(g);
}

TEST(contributions_are_shapley_values) {
    for (uint64_t seed = 1; seed <= 12; seed++) {
        compare_with_shapley(&(shape){.trees = 6, .features = 7, .groups = 1, .depth = 5, .cuts = 20, .stop = 0.1}, seed, 5);
        compare_with_shapley(&(shape){.trees = 9, .features = 5, .groups = 3, .depth = 7, .cuts = 12, .stop = 0.3}, seed, 3);
        compare_with_shapley(&(shape){.trees = 5, .features = 6, .groups = 1, .depth = 6, .cuts = 30, .categorical = 0.5}, seed, 4);
        compare_with_shapley(&(shape){.trees = 4, .features = 2, .groups = 1, .depth = 9, .cuts = 60, .stop = 0.05}, seed, 4);
    }
}

/* More than 8 features on a path: rules of several vectors. */
TEST(long_paths_too) {
    for (uint64_t seed = 1; seed <= 3; seed++)
        compare_with_shapley(&(shape){.trees = 3, .features = 11, .groups = 1, .depth = 13, .cuts = 16, .stop = 0.2}, seed, 1);
}

/* A chain: one split after the other, each on a feature of its own. The leaf at its end is 1, all others are 0, all sides are
 * alike likely. By symmetry each satisfied feature of a row that reaches the end has the same value, and all of them sum to 1 - 2^-n. */
static void check_chain(uint32_t n) {
    grower *g = calloc(1, sizeof *g);
    g->t = (tend_trees){.n_trees = 1,
                        .n_features = n,
                        .n_groups = 1,
                        .n_nodes = 2 * n + 1,
                        .base_margin = g->base,
                        .tree_begin = g->tree_begin,
                        .tree_group = g->tree_group,
                        .feature = g->feature,
                        .value = g->value,
                        .left = g->left,
                        .cover = g->cover,
                        .gain = g->gain,
                        .set_begin = g->set_begin,
                        .flags = g->flags};
    g->tree_begin[1] = 2 * n + 1;
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    uint32_t *parts = TEND_ARRAY(arena, uint32_t, n);
    for (uint32_t i = 0; i <= 2 * n; i++) {
        bool split = i % 2 == 0 && i < 2 * n; /* splits at 0, 2, 4 …: the right child of each is the next */
        g->feature[i] = split ? (int32_t)i / 2 : -1;
        g->left[i] = split ? i + 1 : 0;
        g->cover[i] = 1;
        g->value[i] = split ? 0.5F : i == 2 * n;
    }
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_trees_check(&g->t, &err), &err);
    float *x = TEND_ARRAY(arena, float, n);
    for (uint32_t i = 0; i < n; i++) {
        x[i] = 1;
        parts[i] = i;
    }
    double *out = TEND_ARRAY(arena, double, n), want = (1 - ldexp(1, -(int)n)) / n;
    TEND_AUTO(tend_tree_shap) *shap = tend_tree_shap_new(&g->t, parts, n);
    tend_tree_shap_rows(shap, x, 1, out, arena);
    for (uint32_t i = 0; i < n; i++)
        ASSERT_NEAR(out[i], want, 1e-12);
    free(g);
}

TEST(a_chain_shares_equally_at_any_length) {
    static const uint32_t lengths[] = {1, 2, 3, 7, 8, 9, 16, 17, 64, 255, 256, 257, 1000, 5000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        check_chain(lengths[i]);
}

enum { MANY = 300 };

TEST(a_row_is_the_same_alone_in_a_batch_and_on_any_machine) {
    shape s = {.trees = 40, .features = 9, .groups = 3, .depth = 10, .cuts = 40, .stop = 0.1, .categorical = 0.2};
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    grower *g = grow_covered(&s, 5);
    TEND_AUTO(tend_tree_shap) *shap = shap_of(&g->t);
    float *x = TEND_ARRAY(arena, float, MANY * 9);
    double *all = TEND_ARRAY(arena, double, MANY * 27), one[27];
    for (int i = 0; i < MANY * 9; i++)
        x[i] = value_for(g, &s);
    tend_tree_shap_rows(shap, x, MANY, all, arena);
    for (int narrow = 0; narrow < 2; narrow++, shap->wide = false)
        for (int i = 0; i < MANY; i++) {
            tend_tree_shap_rows(shap, x + i * 9, 1, one, arena);
            ASSERT_MEM_EQ(one, all + i * 27, sizeof one);
        }
    free(g);
}

/* ---- models ---- */

static const char numbers[] = "a:number,b:number,c:number,d:number,e:number,town:string\n"
                              "1,2,3,4,5,Ulm\n2,3,4,5,6,Bonn\n3,4,5,6,7,Ulm\n4,5,6,7,8,Bonn\n5,6,7,8,9,Rom\n";

static tend_model *model_of(tend_predictor *predictor, const char *features) {
    tend_model *model = tend_model_new();
    tend_table *table = case_table(model->arena, numbers);
    tend_pipeline_options options = case_options(model->arena, table, features, NULL);
    tend_diags diags;
    tend_diags_init(&diags, model->arena);
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_pipeline_fit(table, &options, &diags, &model->pipeline, &err), &err);
    model->predictor = predictor;
    ASSERT_EQ(tend_pipeline_width(model->pipeline), predictor->n_features);
    return model;
}

static const char five[] = "{a: {transform: passthrough}, b: {transform: passthrough}, c: {transform: passthrough}, d: {transform: "
                           "passthrough}, e: {transform: passthrough}, rest: drop}";
static const char hot[] = "{a: {transform: passthrough}, town: {transform: one_hot}, rest: drop}";

static uint64_t noise = 1;
static uint32_t draw(uint32_t n) {
    noise = noise * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(noise >> 33) % n;
}

/* Base and values in orders of all kinds. */
static void check_sum(const double *base, const double *values, int n, double want) {
    double terms[64];
    memcpy(terms, values, (size_t)n * sizeof *terms);
    terms[n++] = *base;
    for (int order = 0; order < 4; order++) {
        double sum = 0;
        for (int i = 0; i < n; i++)
            sum += terms[i];
        ASSERT_TRUE(sum == want);
        for (int i = n - 1; i > 0; i--) {
            int j = (int)draw((uint32_t)i + 1);
            double t = terms[i];
            terms[i] = terms[j];
            terms[j] = t;
        }
    }
}

static void check_exact(tend_model *model, const float *x, int n) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_explainer) *e = tend_explainer_new(model);
    int groups = model->predictor->n_groups, parts = tend_explainer_n_parts(e);
    float *margins = TEND_ARRAY(arena, float, n *groups);
    double *base = TEND_ARRAY(arena, double, n *groups), *values = TEND_ARRAY(arena, double, n *groups *parts);
    tend_predictor_margins(model->predictor, x, n, margins);
    tend_explain_rows(e, x, n, margins, base, values, arena);
    for (int i = 0; i < n * groups; i++)
        check_sum(&base[i], values + i * parts, parts, (double)margins[i]);
}

/* The trees of a grower as a predictor; `scale` multiplies every leaf. */
static tend_predictor *predictor_of(grower *g, double scale, tend_link link) {
    for (uint32_t i = 0; i < g->t.n_nodes; i++)
        if (g->feature[i] < 0)
            g->value[i] = (float)((double)g->value[i] * scale);
    TEND_AUTO_BUF saved = TEND_BUF_INIT;
    tend_trees_save(&g->t, &saved);
    tend_trees *trees = NULL;
    tend_predictor *predictor = NULL;
    tend_error err = TEND_ERROR_INIT;
    char *copy = aligned_alloc(64, (saved.size + 63) / 64 * 64);
    memcpy(copy, saved.data, saved.size);
    ASSERT_OK(tend_trees_load(copy, saved.size, &trees, &err), &err);
    tend_arena_defer(trees->arena, free, copy);
    ASSERT_OK(tend_predictor_of_trees(trees, link, &predictor, &err), &err);
    return predictor;
}

TEST(base_and_values_sum_to_the_margin_exactly) {
    static const double scales[] = {1, 1e-3, 1e6, 1e-30, 1e30, 3e-44};
    for (int i = 0; i < 6; i++) {
        shape s = {.trees = 60, .features = 5, .groups = 1 + (uint32_t)i % 3, .depth = 6, .cuts = 40, .stop = 0.1};
        grower *g = grow_covered(&s, 11 + (uint64_t)i);
        TEND_AUTO(tend_model) *model = model_of(predictor_of(g, scales[i], i % 2 ? TEND_LINK_PROBABILITY : TEND_LINK_IDENTITY), five);
        enum { N = 1000 };
        float *x = malloc(N * 5 * sizeof *x);
        for (int k = 0; k < N * 5; k++)
            x[k] = value_for(g, &s);
        check_exact(model, x, N);
        free(x);
        free(g);
    }
}

static void set_leaves(grower *g, const float *values, uint32_t n) {
    for (uint32_t i = 0; i < g->t.n_nodes; i++)
        if (g->feature[i] < 0)
            g->value[i] = values[i % n];
}

TEST(sums_stay_exact_where_leaves_cancel) {
    static const float cancelling[] = {1e6F, -1e6F, 0.1F, 1e6F, -0.1F, -1e6F, 3.0F};
    shape s = {.trees = 30, .features = 5, .groups = 1, .depth = 5, .cuts = 20};
    grower *g = grow_covered(&s, 3);
    set_leaves(g, cancelling, 7);
    TEND_AUTO(tend_model) *model = model_of(predictor_of(g, 1, TEND_LINK_IDENTITY), five);
    float x[500 * 5];
    for (int k = 0; k < 500 * 5; k++)
        x[k] = value_for(g, &s);
    check_exact(model, x, 500);
    free(g);
}

TEST(a_margin_that_is_not_finite_is_all_base) {
    static const float huge[] = {3e38F, 3e38F, INFINITY};
    for (uint32_t kinds = 2; kinds <= 3; kinds++) {
        shape s = {.trees = 3, .features = 5, .groups = 1, .depth = 3, .cuts = 20};
        grower *g = grow_covered(&s, 3);
        set_leaves(g, huge, kinds);
        TEND_AUTO(tend_model) *model = model_of(predictor_of(g, 1, TEND_LINK_IDENTITY), five);
        check_exact(model, (float[]){1, 2, 3, 4, 5}, 1);
        free(g);
    }
}

/* A margin of 1e-30 beside values of 1: what the header says instead. */
static void check_too_small(void) {
    shape s = {.trees = 2, .features = 5, .groups = 1, .depth = 1, .cuts = 20};
    grower *g = grow_covered(&s, 3);
    for (uint32_t t = 0; t < 2; t++) {
        uint32_t begin = g->tree_begin[t];
        g->feature[begin] = (int32_t)t;
        g->value[begin] = 0;
        g->value[begin + 1] = 7;
        g->value[begin + 2] = t ? -1 : 1;
    }
    g->base[0] = 0;
    tend_predictor *predictor = predictor_of(g, 1, TEND_LINK_IDENTITY);
    TEND_AUTO(tend_model) *model = model_of(predictor, five);
    TEND_AUTO(tend_explainer) *e = tend_explainer_new(model);
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    float margin = 1e-30F, x[5] = {1, 1};
    double base, values[5];
    tend_explain_rows(e, x, 1, &margin, &base, values, arena);
    check_sum(&base, values, 5, 0);
    free(g);
}

TEST(a_margin_far_below_its_terms_is_met_as_nearly_as_doubles_can) { check_too_small(); }

TEST(a_feature_that_no_tree_asks_for_gets_nothing_and_the_base_stays) {
    shape s = {.trees = 30, .features = 4, .groups = 1, .depth = 5, .cuts = 20};
    grower *g = grow_covered(&s, 8);
    g->t.n_features = 5;
    TEND_AUTO(tend_model) *model = model_of(predictor_of(g, 1, TEND_LINK_LOGISTIC), five);
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_explainer) *e = tend_explainer_new(model);
    ASSERT_EQ(tend_explainer_n_parts(e), 5);
    ASSERT_STR_EQ(tend_explainer_part(e, 4), "e");
    double first = 0, base = 0, values[5];
    for (int i = 0; i < 200; i++) {
        float x[5], margin;
        for (int j = 0; j < 5; j++)
            x[j] = value_for(g, &s);
        tend_predictor_margins(model->predictor, x, 1, &margin);
        tend_explain_rows(e, x, 1, &margin, &base, values, arena);
        first = i ? first : base;
        ASSERT_TRUE(base == first);
        ASSERT_TRUE(values[4] == 0);
    }
    free(g);
}

/* Two features that the trees treat alike, with the same value, share alike. */
TEST(features_that_do_the_same_get_the_same) {
    shape s = {.trees = 10, .features = 3, .groups = 1, .depth = 4, .cuts = 20};
    grower *g = grow_covered(&s, 21), *twin = grow_covered(&s, 21);
    for (uint32_t i = 0; i < twin->t.n_nodes; i++)
        if (twin->feature[i] == 0 || twin->feature[i] == 1)
            twin->feature[i] = 1 - twin->feature[i];
    TEND_AUTO(tend_tree_shap) *a = shap_of(&g->t);
    TEND_AUTO(tend_tree_shap) *b = shap_of(&twin->t);
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    for (int r = 0; r < 50; r++) {
        float x[3] = {value_for(g, &s), 0, value_for(g, &s)};
        x[1] = x[0];
        double p[3], q[3];
        tend_tree_shap_rows(a, x, 1, p, arena);
        tend_tree_shap_rows(b, x, 1, q, arena);
        ASSERT_TRUE(p[0] == q[1] && p[1] == q[0] && p[2] == q[2]);
    }
    free(g);
    free(twin);
}

TEST(covers_that_are_none_are_even_shares) {
    static const float odd[] = {NAN, -5, 0, INFINITY, 3};
    shape s = {.trees = 10, .features = 5, .groups = 1, .depth = 5, .cuts = 20};
    grower *g = grow_covered(&s, 4);
    for (uint32_t i = 0; i < g->t.n_nodes; i++)
        g->cover[i] = odd[i % 5];
    TEND_AUTO(tend_model) *model = model_of(predictor_of(g, 1, TEND_LINK_IDENTITY), five);
    check_exact(model, (float[]){1, 2, NAN, 4, 5}, 1);
    free(g);
}

TEST(linear_models_are_weights_times_distances_from_the_fill) {
    tend_linear *linear = tend_linear_new(4, 2); /* a and the three towns */
    for (int j = 0; j < 8; j++)
        linear->weight[j] = j + 1;
    double fill[] = {10, 0.5, 0.25, 0.25}, bias[] = {1, -1};
    memcpy(linear->fill, fill, sizeof fill);
    memcpy(linear->bias, bias, sizeof bias);
    TEND_AUTO(tend_model) *model = model_of(tend_predictor_of_linear(linear, TEND_LINK_SOFTMAX), hot);
    TEND_AUTO(tend_explainer) *e = tend_explainer_new(model);
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    ASSERT_EQ(tend_explainer_n_parts(e), 2);
    ASSERT_STR_EQ(tend_explainer_part(e, 1), "town");
    float x[8] = {12, 1, 0, 0, NAN, 0, 0, 1}, margins[4];
    double base[4], values[8];
    tend_predictor_margins(model->predictor, x, 2, margins);
    tend_explain_rows(e, x, 2, margins, base, values, arena);
    ASSERT_NEAR(base[0], 1 + 10 + 1 + 0.75 + 1, 1e-12);
    ASSERT_NEAR(values[0], 1 * 2, 1e-12);
    ASSERT_NEAR(values[1], 2 * 0.5 - 3 * 0.25 - 4 * 0.25, 1e-12);
    ASSERT_NEAR(values[2], 5 * 2, 1e-12);
    ASSERT_TRUE(values[4] == 0); /* missing: nothing is known, nothing is said */
    ASSERT_NEAR(values[5], -2 * 0.5 - 3 * 0.25 + 4 * 0.75, 1e-12);
    check_exact(model, x, 2);
}

TEST(a_constant_is_all_base) {
    tend_linear *linear = tend_linear_new(5, 1);
    linear->bias[0] = 0.1;
    TEND_AUTO(tend_model) *model = model_of(tend_predictor_of_linear(linear, TEND_LINK_PROBABILITY), five);
    TEND_AUTO(tend_explainer) *e = tend_explainer_new(model);
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    float x[5] = {1, 2, 3, 4, 5}, margin;
    double base, values[5];
    tend_predictor_margins(model->predictor, x, 1, &margin);
    tend_explain_rows(e, x, 1, &margin, &base, values, arena);
    ASSERT_TRUE(base == (double)0.1F);
    for (int i = 0; i < 5; i++)
        ASSERT_TRUE(values[i] == 0);
}
