/* One row, 64 trees at a time: for each place in the tree the 64 trees' bytes are fetched from the
 * row's bytes by one permutation and compared with their 64 cuts; masks choose between the leaf
 * numbers of the two sides. For ensembles of at most six levels that ask for at most 256 different
 * bytes. */
#ifndef TEND_MODEL_TREES_LANES_H
#define TEND_MODEL_TREES_LANES_H

#include "model/trees_compile.h"

enum { TREE_LANE_BYTES = 256 }; /* the most that can be permuted */

/* Up to 64 consecutive trees of one group, laid out to the deepest one's levels. */
typedef struct tree_lane_batch {
    uint32_t group, levels;
    const uint8_t *places; /* [2^levels - 1][2][64], each split behind the splits below it: which
                              byte, which cut */
    const float *leaves;   /* [64][2^levels]; -0 (which adds nothing) where there is no tree */
} tree_lane_batch;

typedef struct tree_lanes {
    uint32_t n_batches;
    tree_lane_batch *batches;
} tree_lanes;

/* Sets plan->lanes where it can. */
void tend_tree_compile_lanes(tree_compiler *c);
/* trees_lanes_avx512.c: bytes is 64-byte aligned with room for TREE_LANE_BYTES. */
void tend_tree_lanes_sum(const tend_tree_plan *plan, const uint8_t *bytes, float *out);

#endif
