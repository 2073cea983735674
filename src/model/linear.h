/* Linear predictors: margin[g] = bias[g] + sum_j weight[g][j] * (x[j] is NaN ? fill[j] : x[j]), summed in double in column
 * order. Standardisation is folded into the weights by the learner, so a model is what it looks like: a weight per unit of the feature.
 */
#ifndef TEND_MODEL_LINEAR_H
#define TEND_MODEL_LINEAR_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

typedef struct tend_linear {
    int n_features, n_groups;
    double *bias;   /* [n_groups] */
    double *weight; /* [n_groups][n_features] */
    double *fill;   /* [n_features] what stands for a missing value */
} tend_linear;

tend_linear *tend_linear_new(int n_features, int n_groups); /* zeros; owned by the caller */
void tend_linear_free(tend_linear *linear);
TEND_DEFINE_AUTO(tend_linear)
void tend_linear_margins(const tend_linear *linear, const float *x, int64_t n, float *out);
void tend_linear_save(const tend_linear *linear, tend_buf *out);
tend_status tend_linear_load(const void *bytes, size_t size, tend_linear **out, tend_error *err) TEND_MUST_USE;

#endif
