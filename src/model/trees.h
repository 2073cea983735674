/* Tree ensembles: one canonical form for every boosted model and forest, and the predictor that
 * runs it.
 *
 * Two objects, both immutable once made, both shared freely between threads:
 *
 *   tend_trees       the ensemble as data: what a bundle holds, what explanation and export read.
 * Flat little-endian arrays that are used in place, straight from a mapped file. tend_tree_plan the
 * same ensemble laid out for this machine: what prediction runs. Never stored.
 *
 *     tend_trees *trees = NULL;
 *     TEND_TRY(tend_trees_parse_ubj(bytes, size, &trees, err));       // XGBoost's own model file
 *     tend_tree_plan *plan = NULL;
 *     TEND_TRY(tend_trees_compile(trees, TEND_TREE_PATH_AUTO, &plan, err));
 *     tend_tree_plan_margins(plan, x, n, n_features, margins, NULL);  // x[n][n_features], NaN =
 * missing
 *
 * A margin is the raw score of a row for one group (one class, or the only output): the group's
 * base margin plus the leaf values that the row reaches in the group's trees, added one by one in
 * tree order in float. Nothing is ever reordered, so every path below gives the bits that XGBoost
 * gives.
 *
 * How the plan is fast: docs/internals and trees_plan.h.
 */
#ifndef TEND_MODEL_TREES_H
#define TEND_MODEL_TREES_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

enum {
    TEND_TREE_DEFAULT_LEFT = 1, /* a missing value goes left */
    TEND_TREE_CATEGORICAL = 2,  /* the split asks for membership in a set, not for an order */
};

/* Nodes of all trees stand one after another, each tree in breadth-first order: node 0 of a tree is
 * its root, the two children of a split are neighbours, and children come in the order of their
 * parents. So the links can be checked in one pass, and no input can hide a cycle or a shared
 * subtree.
 *
 * A numeric split sends x < value left, in float. A categorical split takes x as a category number
 * (truncated towards zero) and sends it RIGHT when it is in the set; what is below 0, not below
 * 2^24 or beyond the set's last word is in no set and goes left. NaN follows
 * TEND_TREE_DEFAULT_LEFT. */
typedef struct tend_trees {
    uint32_t n_trees;
    uint32_t n_features; /* a row has this many floats */
    uint32_t n_groups;   /* margins per row */
    uint32_t n_nodes;
    uint32_t n_sets; /* categorical splits */
    uint32_t n_set_words;
    const float *base_margin;   /* [n_groups], already in margin space */
    const uint32_t *tree_begin; /* [n_trees + 1], first node of each tree */
    const uint32_t *tree_group; /* [n_trees], < n_groups */
    const int32_t *feature;     /* [n_nodes], -1 at a leaf */
    const float *value;         /* [n_nodes], the threshold of a split, the margin of a leaf */
    const uint32_t *left;       /* [n_nodes], relative to the tree's first node; right child is left + 1;
                                   0 at a leaf */
    const float *cover;         /* [n_nodes], sum of hessians that trained the node (explanation) */
    const float *gain;          /* [n_nodes], loss reduction of the split, 0 at a leaf (importance) */
    const uint32_t *set;        /* [n_nodes] or NULL without categorical splits: which set, else UINT32_MAX */
    const uint32_t *set_begin;  /* [n_sets + 1], first word of each set */
    const uint32_t *set_words;  /* [n_set_words], bit c % 32 (from the lowest) of word c / 32: category c */
    const uint8_t *flags;       /* [n_nodes] */
    tend_arena *arena;          /* owns this struct, and the arrays unless they lie in the caller's bytes */
} tend_trees;

void tend_trees_free(tend_trees *trees); /* NULL is fine */
TEND_DEFINE_AUTO(tend_trees)

/* Everything the struct promises above. Whatever passes can be predicted, compiled and explained
 * without a further check: no index leads out of bounds and every walk ends at a leaf. CORRUPT
 * names tree and node. */
tend_status tend_trees_check(const tend_trees *trees, tend_error *err) TEND_MUST_USE;
/* Levels of splits above the deepest leaf: 0 for a tree that is one leaf. */
uint32_t tend_trees_depth(const tend_trees *trees, uint32_t tree);

/* Whether a categorical split with this set sends x right; NaN is in no set. */
bool tend_trees_in_set(const tend_trees *trees, uint32_t set, float x);
/* The leaf that a row reaches, relative to the tree's first node. The definition of the arithmetic:
 * every fast path is tested against it. */
uint32_t tend_trees_leaf(const tend_trees *trees, uint32_t tree, const float *x);
/* The same from `node` on, in the tree whose first node is `begin`. */
uint32_t tend_trees_walk(const tend_trees *trees, uint32_t begin, uint32_t node, const float *x);
/* out[n][n_groups] by walking. x[n] rows of n_features floats, `stride` floats apart. */
void tend_trees_margins(const tend_trees *trees, const float *x, size_t n, size_t stride, float *out);

/* XGBoost's model as UBJSON, what XGBoosterSaveModelToBuffer writes with {"format":"ubj"}: gbtree,
 * also with num_parallel_tree (forests), multi-class, categorical splits. base_score becomes a
 * margin the way XGBoost does it. DART and linear boosters, vector leaves and unknown objectives
 * are UNSUPPORTED; bytes that are not such a model are CORRUPT, with the offset. Nothing in the
 * bytes can make it crash or allocate out of proportion. The result does not need `bytes`
 * afterwards. */
tend_status tend_trees_parse_ubj(const void *bytes, size_t size, tend_trees **out, tend_error *err) TEND_MUST_USE;

/* The stored form: a 64-byte header, then the arrays, each 64-byte aligned (docs/formats/trees.md).
 * Equal ensembles give equal bytes. */
void tend_trees_save(const tend_trees *trees, tend_buf *out);
/* Checks and uses in place: `bytes` (64-byte aligned, as a bundle maps it; else they are copied)
 * must outlive the result. About 1 ns per node. */
tend_status tend_trees_load(const void *bytes, size_t size, tend_trees **out, tend_error *err) TEND_MUST_USE;

/* The instruction sets a plan can be laid out for. All give the same bits. */
typedef enum tend_tree_path {
    TEND_TREE_PATH_AUTO,      /* the best of the following that this machine has */
    TEND_TREE_PATH_REFERENCE, /* tend_trees_margins */
    TEND_TREE_PATH_PORTABLE,  /* C, any machine */
    TEND_TREE_PATH_AVX2,
    TEND_TREE_PATH_AVX512, /* with VBMI and GFNI: Ice Lake, Zen 4 and later */
} tend_tree_path;
#define TEND_TREE_PATHS 5
const char *tend_tree_path_name(tend_tree_path path); /* "avx2" */
bool tend_tree_path_available(tend_tree_path path);

typedef struct tend_tree_plan tend_tree_plan;

/* `trees` must have passed tend_trees_check (as everything from parse and load has) and outlive the
 * plan. UNSUPPORTED when the machine does not have the path. */
tend_status tend_trees_compile(const tend_trees *trees, tend_tree_path path, tend_tree_plan **out, tend_error *err) TEND_MUST_USE;
void tend_tree_plan_free(tend_tree_plan *plan);
TEND_DEFINE_AUTO(tend_tree_plan)
tend_tree_path tend_tree_plan_path(const tend_tree_plan *plan);

/* Margins of n rows (row-major, `stride` floats apart, NaN = missing) into out[n][n_groups]. Good
 * for one row and for a million. `scratch` is memory of tend_tree_plan_scratch(plan) bytes that no
 * other thread uses meanwhile; with NULL the plan lends one of its own (allocated on first use,
 * kept). */
void tend_tree_plan_margins(const tend_tree_plan *plan, const float *x, size_t n, size_t stride, float *out, void *scratch);
size_t tend_tree_plan_scratch(const tend_tree_plan *plan);

#endif
