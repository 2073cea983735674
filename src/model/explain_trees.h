/* Path-dependent TreeSHAP of an ensemble by quadrature. Internal to explain.c and its tests.
 *
 * The Shapley value of feature i in one leaf, with o (0 or 1: does the row satisfy all splits on the feature on the way to the leaf) and
 * z (the share of the cover that does) per feature of the path, is (Lundberg et al. 2020, algorithm 2, written per leaf)
 *
 *     v (o_i - z_i) sum over S of |S|! (m - |S| - 1)! / m! * prod_{j in S} o_j prod_{j not in S} z_j
 *       = v (o_i - z_i) int_0^1 prod_{j != i} (t o_j + (1 - t) z_j) dt,
 *
 * since the weights are beta functions. The integrand is a polynomial of degree m - 1, so a Gauss-Legendre rule of m / 2 points
 * gives it exactly. All that remains are products and sums of vectors with one lane per point, no term of which is negative but for
 * v: one walk down a tree (the product G of the path to each node) and one up (the sum H of what the leaves below add, divided by
 * G). With zc the share of a node's cold side and hot its side that the row takes, the whole arithmetic of a split is
 *
 *     d = H_hot - H_cold,   H = H_hot - A zc d,   G_cold = A zc G,   G_hot = G - G_cold,   phi[feature] += sum_t G B zc d
 *
 * where A = 1 - t and B = 1, unless the feature was already asked for on the path: then, with p the product of its shares so far and
 * F = t + (1 - t) p, A = (1 - t) p / F and B = p / F^2 while the row satisfies it, and A = 1, B = 0 once it does not.
 */
#ifndef TEND_MODEL_EXPLAIN_TREES_H
#define TEND_MODEL_EXPLAIN_TREES_H

#include "model/trees.h"

typedef struct tend_tree_shap tend_tree_shap;

/* part_of[n_features] < n_parts: what a feature's values are added to. `trees` must outlive the result. */
tend_tree_shap *tend_tree_shap_new(const tend_trees *trees, const uint32_t *part_of, uint32_t n_parts);
void tend_tree_shap_free(tend_tree_shap *shap);
TEND_DEFINE_AUTO(tend_tree_shap)
/* The expected margin of each group over the covers: [n_groups]. */
const double *tend_tree_shap_base(const tend_tree_shap *shap);
/* out[n][n_groups][n_parts] for x[n][n_features]. The same bits for a row in any batch and on any instruction set. */
void tend_tree_shap_rows(const tend_tree_shap *shap, const float *x, size_t n, double *out, tend_arena *scratch);

#endif
