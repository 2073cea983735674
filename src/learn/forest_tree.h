/* One tree of a forest, grown on binned rows by the squared error (for classes: the Gini impurity,
 * which is the squared error of their 0/1 indicators). Private to the forest.
 *
 * A node's rows are summed per code of a feature: their weight, and the weighted target of each
 * output. What a split gains is sum_k L_k^2 / W_L + R_k^2 / W_R - S_k^2 / W Missing values are
 * tried on both sides. Categories are ordered by the mean of the (most frequent) output, after
 * which the best of all subsets is a prefix (Fisher 1958; exact for one output). Everything a tree
 * does depends on the data, the seed and its number alone.
 */
#ifndef TEND_LEARN_FOREST_TREE_H
#define TEND_LEARN_FOREST_TREE_H

#include "base/rng.h"
#include "learn/forest_bins.h"

typedef struct tend_forest_rows {
    const tend_bins *bins;
    int n_outputs;        /* 1, or one per class */
    const double *weight; /* [n] */
    const double *value;  /* [n] weight times target; for several outputs weight, counted for output slot[i] */
    const int32_t *slot;  /* [n] NULL with one output */
    double row_share, feature_share, min_leaf;
    int max_depth;
    uint64_t seed;
} tend_forest_rows;

/* Nodes breadth-first, children beside each other, in the order of their parents: as tend_trees has
 * them. */
typedef struct tend_grown_node {
    int32_t feature; /* -1: leaf */
    float threshold; /* numeric: x < threshold goes left */
    uint32_t left;
    float gain, cover;
    bool missing_left, categorical;
    uint32_t set[8]; /* categorical: the codes that go right */
} tend_grown_node;

typedef struct tend_grown_tree {
    tend_grown_node *nodes;
    double *mean; /* [n_nodes][n_outputs] */
    int n_nodes;
} tend_grown_tree; /* malloc'd */

void tend_forest_grow(const tend_forest_rows *rows, int tree, tend_grown_tree *out);

#endif
