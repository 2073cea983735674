/* What must hold for any ensemble that a parser let through. */
#ifndef TEND_FUZZ_ENSEMBLE_H
#define TEND_FUZZ_ENSEMBLE_H

#include "rows.h"

#include "model/trees.h"

enum { ENSEMBLE_ROWS = 67, MOST_FEATURES = 500, MOST_GROUPS = 500 };

static void check_equal(const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        FUZZ_CHECK(memcmp(&a[i], &b[i], sizeof *a) == 0 || (isnan(a[i]) && isnan(b[i])));
}

/* Each way of running it gives the reference's bits, for one row and for many. */
static void check_plan(const tend_trees *trees, tend_tree_path path, const float *x, size_t stride, const float *expected, float *out) {
    TEND_AUTO(tend_tree_plan) *plan = NULL;
    tend_error err = TEND_ERROR_INIT;
    FUZZ_CHECK(tend_trees_compile(trees, path, &plan, &err) == TEND_OK);
    tend_tree_plan_margins(plan, x, ENSEMBLE_ROWS, stride, out, NULL);
    check_equal(out, expected, (size_t)ENSEMBLE_ROWS * trees->n_groups);
    for (size_t row = 0; row < ENSEMBLE_ROWS; row += 16) {
        tend_tree_plan_margins(plan, x + row * stride, 1, stride, out, NULL);
        check_equal(out, expected + row * trees->n_groups, trees->n_groups);
    }
}

static void check_saved(const tend_trees *trees) {
    TEND_AUTO_BUF bytes = TEND_BUF_INIT, bytes_again = TEND_BUF_INIT;
    TEND_AUTO(tend_trees) *again = NULL;
    tend_error err = TEND_ERROR_INIT;
    tend_trees_save(trees, &bytes);
    FUZZ_CHECK(tend_trees_load(bytes.data, bytes.size, &again, &err) == TEND_OK);
    tend_trees_save(again, &bytes_again);
    FUZZ_CHECK(bytes.size == bytes_again.size && memcmp(bytes.data, bytes_again.data, bytes.size) == 0);
}

static inline void check_ensemble(const tend_trees *trees) {
    FUZZ_CHECK(tend_trees_check(trees, NULL) == TEND_OK);
    check_saved(trees);
    for (uint32_t i = 0; i < trees->n_trees; i++)
        FUZZ_CHECK(tend_trees_depth(trees, i) <= trees->n_nodes / 2);
    if (trees->n_features > MOST_FEATURES || trees->n_groups > MOST_GROUPS)
        return;
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    size_t stride = trees->n_features, n = ENSEMBLE_ROWS * stride;
    float *x = TEND_ARRAY(arena, float, n);
    for (size_t i = 0; i < n; i++)
        x[i] = odd_float(i, trees->value, trees->n_nodes);
    float *expected = TEND_ARRAY(arena, float, (size_t)ENSEMBLE_ROWS * trees->n_groups),
          *out = TEND_ARRAY(arena, float, (size_t)ENSEMBLE_ROWS * trees->n_groups);
    tend_trees_margins(trees, x, ENSEMBLE_ROWS, stride, expected);
    for (int path = TEND_TREE_PATH_REFERENCE; path < TEND_TREE_PATHS; path++)
        if (tend_tree_path_available((tend_tree_path)path))
            check_plan(trees, (tend_tree_path)path, x, stride, expected, out);
}

#endif
