/* Rows through an ensemble: blocks of rows, so that a tree is read once for many. */
#include "model/explain_plan.h"
#include "model/trees_target.h"

#include <math.h>

#define KERNEL(name) portable_##name
#include "model/explain_kernel.inc.h"
#undef KERNEL

#if defined(__x86_64__)
#define KERNEL(name) avx2_##name
TREE_TARGET_BEGIN("avx2")
#include "model/explain_kernel.inc.h"
TREE_TARGET_END
#undef KERNEL
#endif

/* Sums of a block of rows should stay in the first cache beside a tree. */
enum { BLOCK_ROWS = 16, BLOCK_BYTES = 16384 };

static shap_scratch new_scratch(const tend_tree_shap *shap, tend_arena *arena) {
    shap_scratch s;
    s.vectors = tend_arena_alloc_aligned(arena, tend_mul_or_die(shap->most_vectors, sizeof *s.vectors), 64);
    s.steps = TEND_ARRAY(arena, shap_step, shap->most_inner);
    s.right = TEND_ARRAY(arena, uint32_t, shap->most_splits);
    s.satisfied = TEND_ARRAY(arena, uint32_t, 1 + 2 * (size_t)shap->most_inner);
    s.satisfied[0] = UINT32_MAX;
    return s;
}

static void one_tree(const tend_tree_shap *shap, const shap_tree *tree, const float *x, const shap_scratch *s, shap_vector *phi) {
#if defined(__x86_64__)
    if (shap->wide) {
        avx2_tree(shap, tree, x, s, phi);
        return;
    }
#endif
    portable_tree(shap, tree, x, s, phi);
}

static void block(const tend_tree_shap *shap, const float *x, size_t n, const shap_scratch *s, shap_vector *phi, double *out) {
    size_t width = (size_t)shap->trees->n_groups * shap->n_parts;
    memset(phi, 0, n * width * sizeof *phi);
    for (uint32_t t = 0; t < shap->n_trees; t++) {
        const shap_tree *tree = &shap->shap_trees[t];
        shap_vector *sums = phi + (size_t)tree->group * shap->n_parts;
        for (size_t i = 0; i < n; i++)
            one_tree(shap, tree, x + i * shap->trees->n_features, s, sums + i * width);
    }
    for (size_t i = 0; i < n * width; i++)
        out[i] = (phi[i][0] + phi[i][1]) + (phi[i][2] + phi[i][3]);
}

void tend_tree_shap_rows(const tend_tree_shap *shap, const float *x, size_t n, double *out, tend_arena *scratch) {
    size_t width = (size_t)shap->trees->n_groups * shap->n_parts, rows = BLOCK_BYTES / (width * sizeof(shap_vector) + 1);
    rows = rows < 1 ? 1 : rows > BLOCK_ROWS ? BLOCK_ROWS : rows;
    shap_scratch s = new_scratch(shap, scratch);
    shap_vector *phi = tend_arena_alloc_aligned(scratch, tend_mul_or_die(rows * width, sizeof *phi), 64);
    for (size_t i = 0; i < n; i += rows)
        block(shap, x + i * shap->trees->n_features, n - i < rows ? n - i : rows, &s, phi, out + i * width);
}
