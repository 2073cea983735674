/* Least squares by its normal equations: the Gram matrix of the standardised features, from one
 * pass over the rows, is all that ridge and lasso look at afterwards. Private to the room.
 */
#ifndef TEND_LEARN_LEAST_SQUARES_H
#define TEND_LEARN_LEAST_SQUARES_H

#include "learn/design.h"

typedef struct tend_gram {
    tend_design design;
    int p;
    double *zz; /* [p][p] sum of w z z', symmetric */
    double *zy; /* [p] sum of w z (y - mean_y) */
    double yy;  /* sum of w (y - mean_y)^2 */
    double mean_y;
} tend_gram;

/* LIMIT beyond 8192 features, where the matrix would take more than half a gigabyte. */
tend_status tend_gram_init(tend_gram *gram, const tend_dataset *data, int threads, tend_arena *arena, tend_error *err) TEND_MUST_USE;
/* Solves (zz + penalty I) coef = zy by Cholesky. A feature that is a linear combination of those
 * before it gets coefficient 0. */
void tend_gram_solve(const tend_gram *gram, double penalty, double *coef, tend_arena *arena);
/* The coefficients as a predictor of y. */
tend_predictor *tend_gram_predictor(const tend_gram *gram, const double *coef);

#endif
