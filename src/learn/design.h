/* The rows as linear learners see them: in double, missing values filled with the feature's mean,
 * each feature with mean 0 and standard deviation 1. Made block by block from the float matrix,
 * never held whole.
 *
 * A learner fits in this space, where one penalty suits all features, and folds the scale back into
 * weights per unit of the feature.
 */
#ifndef TEND_LEARN_DESIGN_H
#define TEND_LEARN_DESIGN_H

#include "learn/dataset.h"

#define TEND_DESIGN_BLOCK 256

typedef struct tend_design {
    const tend_dataset *data;
    double *mean, *scale; /* [n_features]; scale 1/sd, 0 for a feature that is constant or always missing */
    double total_weight;
    int64_t chunk_rows; /* rows of one parallel task: depends on n alone, so sums are the same on
                           any number of threads */
    int n_chunks;
} tend_design;

/* `most_chunks`: a bound on the partial results that the caller keeps, one per chunk. */
void tend_design_init(tend_design *design, const tend_dataset *data, int most_chunks, int threads, tend_arena *arena);
/* Rows [begin, begin + n), n <= TEND_DESIGN_BLOCK, into z[n][n_features]. */
void tend_design_rows(const tend_design *design, int64_t begin, int64_t n, double *z);
/* Weights of the standardised features as weights of the features: a linear predictor.
 * coef[n_groups][n_features], bias[n_groups]. */
tend_linear *tend_design_fold(const tend_design *design, const double *coef, const double *bias, int n_groups);

/* Calls fn(ctx, chunk, begin, end) for every chunk, in parallel. */
void tend_design_each(const tend_design *design, int threads, void (*fn)(void *ctx, int chunk, int64_t begin, int64_t end), void *ctx);

#endif
