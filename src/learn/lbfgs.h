/* Minimising a smooth convex function of many variables by L-BFGS (Nocedal 1980; Nocedal & Wright,
 * Numerical Optimization, algorithm 7.4).
 *
 * Only gradients are asked for: along a line, a convex function's slope rises through zero at the
 * minimum, so the search brackets that zero. No logarithm is needed, and no two function values are
 * compared that differ by rounding alone. Deterministic.
 */
#ifndef TEND_LEARN_LBFGS_H
#define TEND_LEARN_LBFGS_H

#include "base/arena.h"

#include <stdbool.h>

typedef struct tend_lbfgs {
    int n;
    void (*gradient)(void *ctx, const double *x, double *out_gradient);
    void *ctx;
    double tolerance; /* stop when no component of the gradient is larger */
    int max_iterations;
} tend_lbfgs;

/* Improves x in place. Returns the iterations taken; *out_converged says whether the tolerance was
 * reached (or no further progress is possible in double). Stops early when the process is asked to
 * (tend_cancel_requested). */
int tend_lbfgs_minimise(const tend_lbfgs *problem, double *x, bool *out_converged);

#endif
