/* Every path of the predictor against the plain walk, on ensembles and rows made to be awkward. */
#include "unit/model/trees_grower.h"

#include <pthread.h>

enum { MAX_ROWS = 1500 };

static void compare_paths(const shape *s, uint64_t seed) {
    static const size_t counts[] = {0, 1, 2, 7, 8, 9, 31, 63, 64, 65, 127, 128, 129, 255, 257, 511, 512, 513, 1024, MAX_ROWS};
    grower *g = grow(s, seed);
    size_t stride = s->features + 3, groups = s->groups;
    float *x = malloc(MAX_ROWS * stride * sizeof *x), *want = malloc(MAX_ROWS * groups * sizeof *want);
    float *got = malloc((MAX_ROWS + 1) * groups * sizeof *got);
    for (size_t i = 0; i < MAX_ROWS * stride; i++)
        x[i] = value_for(g, s);
    tend_trees_margins(&g->t, x, MAX_ROWS, stride, want);
    for (int path = TEND_TREE_PATH_REFERENCE; path < TEND_TREE_PATHS; path++) {
        if (!tend_tree_path_available((tend_tree_path)path))
            continue;
        TEND_AUTO(tend_tree_plan) *plan = NULL;
        tend_error err = TEND_ERROR_INIT;
        ASSERT_OK(tend_trees_compile(&g->t, (tend_tree_path)path, &plan, &err), &err);
        ASSERT_EQ(tend_tree_plan_path(plan), path);
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
            size_t n = counts[i];
            memset(got, 0x55, (MAX_ROWS + 1) * groups * sizeof *got);
            float *rows = malloc((n * stride + 1) * sizeof *rows); /* nothing behind the last row may be read */
            memcpy(rows, x, n * stride * sizeof *rows);
            tend_tree_plan_margins(plan, rows, n, stride, got, NULL);
            free(rows);
            ASSERT_MEM_EQ(got, want, n * groups * sizeof *got);
            for (size_t j = n * groups; j < (n + 1) * groups; j++)
                ASSERT_MEM_EQ(&got[j], "\x55\x55\x55\x55", 4);
        }
    }
    free(x);
    free(want);
    free(got);
    free(g);
}

TEST(every_depth) {
    for (uint32_t depth = 0; depth <= 9; depth++)
        compare_paths(&(shape){.trees = 9, .features = 6, .groups = 1, .depth = depth, .cuts = 40, .stop = 0.05}, depth + 1);
}
TEST(unbalanced_trees_of_depth_20) {
    compare_paths(&(shape){.trees = 12, .features = 5, .groups = 1, .depth = 20, .cuts = 300, .stop = 0.42}, 77);
}
TEST(deep_full_trees) { compare_paths(&(shape){.trees = 5, .features = 9, .groups = 1, .depth = 11, .cuts = 250, .stop = 0.02}, 78); }
TEST(more_than_255_cuts) { compare_paths(&(shape){.trees = 40, .features = 1, .groups = 1, .depth = 7, .cuts = 3000, .stop = 0}, 5); }
TEST(exactly_few_cuts) {
    for (uint32_t cuts = 1; cuts <= 34; cuts += 3)
        compare_paths(&(shape){.trees = 20, .features = 3, .groups = 1, .depth = 4, .cuts = cuts, .stop = 0.1}, cuts);
}
TEST(many_trees_in_lanes) {
    for (uint32_t trees = 63; trees <= 66; trees++)
        compare_paths(&(shape){.trees = trees, .features = 4, .groups = 1, .depth = 3, .cuts = 60, .stop = 0.1}, trees);
    compare_paths(&(shape){.trees = 200, .features = 30, .groups = 1, .depth = 6, .cuts = 200, .stop = 0.01}, 3);
}
TEST(many_groups_in_any_order) {
    compare_paths(&(shape){.trees = 70, .features = 7, .groups = 5, .depth = 6, .cuts = 100, .stop = 0.1}, 9);
    compare_paths(&(shape){.trees = 30, .features = 7, .groups = 3, .depth = 10, .cuts = 100, .stop = 0.3}, 10);
}
TEST(categorical_splits) {
    compare_paths(&(shape){.trees = 30, .features = 4, .groups = 2, .depth = 5, .cuts = 700, .stop = 0.1, .categorical = 0.5}, 13);
    compare_paths(&(shape){.trees = 10, .features = 4, .groups = 1, .depth = 12, .cuts = 700, .stop = 0.3, .categorical = 0.9}, 14);
}
TEST(many_features) {
    compare_paths(&(shape){.trees = 100, .features = 90, .groups = 1, .depth = 5, .cuts = 50, .stop = 0.05}, 15);
    compare_paths(&(shape){.trees = 100, .features = 300, .groups = 1, .depth = 6, .cuts = 20, .stop = 0.05}, 16);
}
TEST(no_trees_at_all) { compare_paths(&(shape){.trees = 0, .features = 2, .groups = 2, .depth = 0, .cuts = 1}, 1); }
TEST(more_masks_than_one_chunk_holds) {
    compare_paths(&(shape){.trees = 400, .features = 60, .groups = 2, .depth = 6, .cuts = 1000, .stop = 0.02}, 21);
}

TEST(broken_ensembles_are_found) {
    shape s = {.trees = 5, .features = 3, .groups = 2, .depth = 3, .cuts = 20};
    tend_error err = TEND_ERROR_INIT;
    grower *g = grow(&s, 4);
    uint32_t split = g->tree_begin[1]; /* the root of a tree that has splits */
    g->feature[split] = 3;
    ASSERT_FAILS(tend_trees_check(&g->t, &err), &err, CORRUPT, "tree 1, node 0 splits on feature 3");
    g->feature[split] = 0;
    g->left[split] = 0;
    ASSERT_FAILS(tend_trees_check(&g->t, &err), &err, CORRUPT, "left child 0");
    g->left[split] = 1;
    g->value[split] = NAN;
    ASSERT_FAILS(tend_trees_check(&g->t, &err), &err, CORRUPT, "not a number");
    g->value[split] = 1;
    g->flags[split] |= TEND_TREE_CATEGORICAL;
    ASSERT_FAILS(tend_trees_check(&g->t, &err), &err, CORRUPT, "category set");
    g->flags[split] = 0;
    g->tree_group[2] = 2;
    ASSERT_FAILS(tend_trees_check(&g->t, &err), &err, CORRUPT, "group 2 of 2");
    g->tree_group[2] = 0;
    ASSERT_OK(tend_trees_check(&g->t, &err), &err);
    free(g);
}

TEST(few_sets_become_bytes) {
    compare_paths(&(shape){.trees = 6, .features = 4, .groups = 1, .depth = 4, .cuts = 200, .stop = 0.2, .categorical = 0.4}, 31);
    compare_paths(&(shape){.trees = 3, .features = 3, .groups = 1, .depth = 10, .cuts = 200, .stop = 0.44, .categorical = 0.2}, 32);
}

/* One split on a set that reaches beyond the categories that get a mask each. */
TEST(thousands_of_categories) {
    shape s = {.trees = 1, .features = 1, .groups = 1, .depth = 1, .cuts = 4};
    grower *g = grow(&s, 6);
    g->t.set = g->set;
    g->t.n_sets = 1;
    g->t.n_set_words = g->set_begin[1] = 200;
    for (uint32_t i = 0; i < 200; i++)
        g->set_words[i] = 0x10305070U + i;
    g->set[0] = 0;
    g->flags[0] = TEND_TREE_CATEGORICAL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_trees_check(&g->t, &err), &err);
    float x[600], want[600], got[600];
    for (int i = 0; i < 600; i++)
        x[i] = i % 50 == 0 ? NAN : (float)(i * 12 - 100);
    tend_trees_margins(&g->t, x, 600, 1, want);
    ASSERT_TRUE(memcmp(&want[20], &want[21], 4) != 0 || memcmp(&want[21], &want[22], 4) != 0);
    for (int path = TEND_TREE_PATH_PORTABLE; path < TEND_TREE_PATHS; path++) {
        if (!tend_tree_path_available((tend_tree_path)path))
            continue;
        TEND_AUTO(tend_tree_plan) *plan = NULL;
        ASSERT_OK(tend_trees_compile(&g->t, (tend_tree_path)path, &plan, &err), &err);
        tend_tree_plan_margins(plan, x, 600, 1, got, NULL);
        ASSERT_MEM_EQ(got, want, sizeof want);
    }
    free(g);
}

typedef struct job {
    const tend_tree_plan *plan;
    const float *x, *want;
    bool own_scratch;
    int different;
} job;

static void *run_job(void *ctx) {
    job *j = ctx;
    float got[700];
    void *scratch = j->own_scratch ? malloc(tend_tree_plan_scratch(j->plan)) : NULL;
    for (int i = 0; i < 20; i++) {
        size_t n = i % 2 ? 700 : 5;
        tend_tree_plan_margins(j->plan, j->x, n, 4, got, scratch);
        j->different += memcmp(got, j->want, n * sizeof *got) != 0;
    }
    free(scratch);
    return NULL;
}

TEST(threads_share_a_plan) {
    shape s = {.trees = 30, .features = 4, .groups = 1, .depth = 9, .cuts = 200, .stop = 0.1};
    grower *g = grow(&s, 8);
    float x[700 * 4], want[700];
    for (int i = 0; i < 700 * 4; i++)
        x[i] = value_for(g, &s);
    tend_trees_margins(&g->t, x, 700, 4, want);
    TEND_AUTO(tend_tree_plan) *plan = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_trees_compile(&g->t, TEND_TREE_PATH_AUTO, &plan, &err), &err);
    pthread_t threads[6];
    job jobs[6];
    for (int i = 0; i < 6; i++) {
        jobs[i] = (job){.plan = plan, .x = x, .want = want, .own_scratch = i % 3 == 0};
        ASSERT_EQ(pthread_create(&threads[i], NULL, run_job, &jobs[i]), 0);
    }
    for (int i = 0; i < 6; i++) {
        pthread_join(threads[i], NULL);
        ASSERT_EQ(jobs[i].different, 0);
    }
    free(g);
}
