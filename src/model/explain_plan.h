/* An ensemble laid out for explain_kernel.inc.h. */
#ifndef TEND_MODEL_EXPLAIN_PLAN_H
#define TEND_MODEL_EXPLAIN_PLAN_H

#include "model/explain_trees.h"

enum {
    SHAP_LANES = 4,      /* points of a rule per vector */
    SHAP_MOST_RUNS = 32, /* vectors per rule: 128 points, exact for 256 different features on one path, then as good as exact */
    SHAP_FRESH = 0,      /* the coefficients of a feature's first split on a path */
    SHAP_DEAD = 1,       /* and of a split below one on the same feature that the row does not satisfy */
    SHAP_MISSING_RIGHT = 1,
    SHAP_CATEGORICAL = 2,
    SHAP_FEATURE_SHIFT = 2,
};

typedef double shap_vector __attribute__((vector_size(SHAP_LANES * sizeof(double))));

/* A split. Places of a tree: first its splits with a split below, each level after the one above it; then those that have two leaves;
 * then the leaves beside a split. Half a cache line, because for one row the time is that of reading these. */
typedef struct shap_node {
    double share_left;
    union {
        float threshold;
        uint32_t set; /* SHAP_CATEGORICAL */
    } at;
    uint32_t feature;      /* << SHAP_FEATURE_SHIFT | SHAP_MISSING_RIGHT | SHAP_CATEGORICAL */
    uint32_t link;         /* the edge that last asked for the feature: 1 + 2 * place + side, or 0 */
    uint32_t coefficients; /* index in the rule's, while the row satisfies that edge */
    union {
        uint32_t child[2]; /* places */
        float leaf[2];
    } below;
} shap_node;

/* Points and weights for paths of up to 8 * runs features, and coefficients at these points: vectors A[runs], B[runs] per entry. */
typedef struct shap_rule {
    uint32_t runs;
    shap_vector *t, *weight, *coefficients;
    size_t n, capacity; /* entries */
} shap_rule;

typedef struct shap_tree {
    const shap_rule *rule;
    const shap_node *nodes; /* [n_inner + n_last] */
    const float *beside;    /* [n_beside] leaves beside a split */
    uint32_t n_inner, n_last, n_beside, group;
    bool has_sets;
} shap_tree;

struct tend_tree_shap {
    const tend_trees *trees;
    const uint32_t *part_of;
    uint32_t n_parts, n_trees; /* trees with a split */
    shap_tree *shap_trees;
    double *base;
    shap_rule rules[SHAP_MOST_RUNS + 1];
    uint32_t most_inner, most_splits;
    size_t most_vectors;
    bool wide; /* the machine has AVX2 */
    tend_arena *arena;
};

/* What the walk up needs to know again of the walk down. */
typedef struct shap_step {
    const shap_vector *a; /* the split's A, then its B */
    double share_cold;
    uint32_t hot, cold;
} shap_step;

typedef struct shap_scratch {
    shap_vector *vectors; /* per place: G on the way down, H on the way up */
    shap_step *steps;
    uint32_t *right;     /* per split: 1 if the row goes there */
    uint32_t *satisfied; /* per edge: all bits if the row satisfies all splits on the feature so far, else none */
} shap_scratch;

/* The rule of so many runs, made on first use, and a further entry of its coefficients for a feature whose shares so far have the
 * product p: its index. Entries SHAP_FRESH and SHAP_DEAD are always there. */
shap_rule *tend_shap_rule(tend_tree_shap *shap, uint32_t runs);
uint32_t tend_shap_rule_add(shap_rule *rule, double p);

#endif
