/* Random forest (Breiman 2001), grown here on binned rows: 4 to 8 times faster than XGBoost's
 * parallel trees at depth 15 (census, rental prices), where most nodes hold a few rows and a whole
 * histogram for each is waste.
 *
 * Each tree sees a share of the rows, each split a share of the features. A leaf's value is the
 * mean of its rows: of the target, or of each class's 0/1 indicator, which is the class's share.
 * The forest is the mean over the trees: an average of probabilities, so it needs no link and is
 * calibrated as well as its leaves are large. (Logistic leaves would be averaged on the log-odds
 * scale and pulled to the extremes.) A share of 0.632 of the rows without replacement is what a
 * bootstrap sample holds of distinct ones.
 */
#include "base/log.h"
#include "base/thread.h"
#include "learn/forest_tree.h"
#include "learn/params.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { TREES, MAX_DEPTH, MIN_SAMPLES_LEAF, MAX_FEATURES, ROW_SHARE };

static const tend_param_spec specs[] = {
    TEND_PARAM_INT_ROW("trees", 300, 1, 10000, 0, 0, false, "how many trees are averaged"),
    TEND_PARAM_INT_ROW("max_depth", 15, 1, 64, 6, 24, false, "levels of splits in a tree"),
    TEND_PARAM_REAL_ROW("min_samples_leaf", 3, 1, 1e9, 1, 30, true, "least number of rows (or sum of weights) in a leaf"),
    TEND_PARAM_REAL_ROW("max_features", 0, 0, 1, 0.1, 1, false,
                        "share of the features tried at each split; 0: the square root of their "
                        "number for classes, a third for numbers"),
    TEND_PARAM_REAL_ROW("row_share", 0.632, 0.01, 1, 0, 0, false, "share of the rows that each tree sees, without replacement"),
};

typedef struct forest {
    tend_forest_rows rows;
    tend_grown_tree *trees;
    int n_trees;
    atomic_int done;
    double base; /* taken from the target before, added to the margin after */
} forest;

static double feature_share(const tend_dataset *train, const tend_learn_options *options) {
    if (options->params[MAX_FEATURES] > 0)
        return options->params[MAX_FEATURES];
    return options->task == TEND_TASK_REGRESSION ? 1.0 / 3 : 1 / sqrt(train->n_features);
}

static void set_targets(forest *f, const tend_dataset *train, tend_arena *arena) {
    bool several = f->rows.n_outputs > 1;
    double *weight = TEND_ARRAY(arena, double, train->n), *value = TEND_ARRAY(arena, double, train->n);
    int32_t *slot = several ? TEND_ARRAY(arena, int32_t, train->n) : NULL;
    for (int64_t i = 0; i < train->n; i++) {
        weight[i] = tend_dataset_weight(train, i);
        value[i] = several ? weight[i] : weight[i] * (train->y[i] - f->base);
        if (several)
            slot[i] = (int32_t)train->y[i];
    }
    f->rows.weight = weight;
    f->rows.value = value;
    f->rows.slot = slot;
}

static void grow_tree(void *ctx, size_t i) {
    forest *f = ctx;
    if (tend_cancel_requested())
        return;
    tend_forest_grow(&f->rows, (int)i, &f->trees[i]);
    tend_progress("train random forest", atomic_fetch_add(&f->done, 1) + 1, f->n_trees, "trees");
}

/* The arrays of tend_trees while they are filled. */
typedef struct arrays {
    int32_t *feature;
    float *value, *cover, *gain, *base;
    uint32_t *left, *set, *begin, *group, *set_begin, *set_words;
    uint8_t *flags;
    uint32_t n_sets;
} arrays;

static void put_split(arrays *a, const tend_grown_node *node, uint32_t at) {
    a->feature[at] = node->feature;
    a->value[at] = node->threshold;
    a->left[at] = node->left;
    a->gain[at] = node->gain;
    a->flags[at] = (uint8_t)((node->missing_left ? TEND_TREE_DEFAULT_LEFT : 0) | (node->categorical ? TEND_TREE_CATEGORICAL : 0));
    if (!node->categorical)
        return;
    a->set[at] = a->n_sets++;
    a->set_begin[a->n_sets] = a->n_sets * 8;
    memcpy(a->set_words + (size_t)a->set[at] * 8, node->set, sizeof node->set);
}

static void put_tree(arrays *a, const forest *f, const tend_grown_tree *tree, int output, uint32_t at) {
    for (int i = 0; i < tree->n_nodes; i++, at++) {
        const tend_grown_node *node = &tree->nodes[i];
        a->cover[at] = node->cover;
        if (a->set)
            a->set[at] = UINT32_MAX;
        if (node->feature >= 0) {
            put_split(a, node, at);
            continue;
        }
        a->feature[at] = -1;
        a->value[at] = (float)(tree->mean[(size_t)i * (size_t)f->rows.n_outputs + (size_t)output] / f->n_trees);
    }
}

static void count(const forest *f, size_t *out_nodes, size_t *out_sets) {
    size_t k = (size_t)f->rows.n_outputs;
    *out_nodes = *out_sets = 0;
    for (int t = 0; t < f->n_trees; t++) {
        *out_nodes += (size_t)f->trees[t].n_nodes * k;
        for (int i = 0; i < f->trees[t].n_nodes; i++)
            *out_sets += f->trees[t].nodes[i].feature >= 0 && f->trees[t].nodes[i].categorical ? k : 0;
    }
}

static void allocate(arrays *a, size_t nodes, size_t sets, size_t trees, tend_arena *arena) {
    a->feature = TEND_ARRAY(arena, int32_t, nodes);
    a->value = TEND_ARRAY(arena, float, nodes);
    a->cover = TEND_ARRAY(arena, float, nodes);
    a->gain = TEND_ARRAY(arena, float, nodes);
    a->left = TEND_ARRAY(arena, uint32_t, nodes);
    a->flags = TEND_ARRAY(arena, uint8_t, nodes);
    a->begin = TEND_ARRAY(arena, uint32_t, trees + 1);
    a->group = TEND_ARRAY(arena, uint32_t, trees);
    a->set = sets ? TEND_ARRAY(arena, uint32_t, nodes) : NULL;
    a->set_begin = TEND_ARRAY(arena, uint32_t, sets + 1);
    a->set_words = TEND_ARRAY(arena, uint32_t, sets * 8 + 1);
}

/* For several outputs each tree stands once per output, with that output's leaves. */
static void assemble(const forest *f, arrays *a) {
    uint32_t k = (uint32_t)f->rows.n_outputs;
    for (uint32_t t = 0; t < (uint32_t)f->n_trees * k; t++) {
        const tend_grown_tree *tree = &f->trees[t / k];
        put_tree(a, f, tree, (int)(t % k), a->begin[t]);
        a->begin[t + 1] = a->begin[t] + (uint32_t)tree->n_nodes;
        a->group[t] = t % k;
    }
}

static tend_status to_trees(const forest *f, tend_trees **out, tend_error *err) {
    size_t nodes = 0, sets = 0;
    count(f, &nodes, &sets);
    if (nodes > INT32_MAX)
        return TEND_FAIL(err, LIMIT,
                         "the forest has %zu nodes: grow fewer or smaller trees (trees, max_depth, "
                         "min_samples_leaf)",
                         nodes);
    uint32_t k = (uint32_t)f->rows.n_outputs, n_trees = (uint32_t)f->n_trees * k;
    tend_arena *arena = tend_arena_new();
    arrays a = {0};
    allocate(&a, nodes, sets, n_trees, arena);
    a.base = TEND_ARRAY(arena, float, k);
    a.base[0] = (float)f->base;
    assemble(f, &a);
    tend_trees *trees = TEND_NEW(arena, tend_trees);
    *trees = (tend_trees){.n_trees = n_trees,
                          .n_features = (uint32_t)f->rows.bins->p,
                          .n_groups = k,
                          .n_nodes = (uint32_t)nodes,
                          .n_sets = (uint32_t)sets,
                          .n_set_words = (uint32_t)sets * 8,
                          .base_margin = a.base,
                          .tree_begin = a.begin,
                          .tree_group = a.group,
                          .feature = a.feature,
                          .value = a.value,
                          .left = a.left,
                          .cover = a.cover,
                          .gain = a.gain,
                          .set = a.set,
                          .set_begin = a.set_begin,
                          .set_words = a.set_words,
                          .flags = a.flags,
                          .arena = arena};
    *out = trees;
    return tend_trees_check(trees, err);
}

static tend_status fit_forest(forest *f, const tend_dataset *train, const tend_learn_options *options, tend_arena *scratch,
                              tend_trees **out, tend_error *err) {
    tend_bins bins;
    tend_bins_make(&bins, train, TEND_BIN_MOST_CUTS, options->threads, scratch);
    f->rows = (tend_forest_rows){.bins = &bins,
                                 .max_depth = (int)options->params[MAX_DEPTH],
                                 .seed = options->seed,
                                 .row_share = options->params[ROW_SHARE],
                                 .min_leaf = options->params[MIN_SAMPLES_LEAF],
                                 .feature_share = feature_share(train, options)};
    f->rows.n_outputs = options->task == TEND_TASK_MULTICLASS ? options->n_classes : 1;
    f->base = f->rows.n_outputs > 1 ? 0 : (double)(float)tend_dataset_mean(train);
    set_targets(f, train, scratch);
    f->trees = TEND_ARRAY(scratch, tend_grown_tree, f->n_trees);
    tend_parallel_for((size_t)f->n_trees, options->threads, grow_tree, f);
    tend_status status = tend_cancel_requested() ? TEND_FAIL(err, CANCELLED, "the training was stopped") : to_trees(f, out, err);
    for (int t = 0; t < f->n_trees; t++) {
        free(f->trees[t].nodes);
        free(f->trees[t].mean);
    }
    return status;
}

static tend_status fit(const tend_dataset *train, const tend_learn_options *options, tend_arena *arena, tend_learn_result *out,
                       tend_error *err) {
    (void)arena;
    TEND_TRY(tend_dataset_check(train, options, err));
    if (train->n_features == 0)
        return TEND_FAIL(err, INVALID, "there is no feature to learn from");
    if (train->n > INT32_MAX)
        return TEND_FAIL(err, LIMIT, "a forest takes at most %d rows", INT32_MAX);
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    forest f = {.n_trees = (int)options->params[TREES]};
    TEND_AUTO(tend_trees) *trees = NULL;
    TEND_TRY(fit_forest(&f, train, options, scratch, &trees, err));
    tend_learn_result result = {.rounds = f.n_trees};
    tend_link link = options->task == TEND_TASK_REGRESSION ? TEND_LINK_IDENTITY : TEND_LINK_PROBABILITY;
    TEND_TRY(tend_predictor_of_trees(TEND_STEAL(trees), link, &result.predictor, err));
    *out = result;
    return TEND_OK;
}

const tend_learner tend_learner_random_forest = {
    .name = "random_forest",
    .title = "random forest",
    .help = "many deep trees on samples of rows and features, averaged; hard to mistune, well "
            "calibrated",
    .tasks = 1U << TEND_TASK_REGRESSION | 1U << TEND_TASK_BINARY | 1U << TEND_TASK_MULTICLASS,
    .params = specs,
    .n_params = sizeof specs / sizeof *specs,
    .fit = fit,
};
