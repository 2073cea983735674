/* What a model must beat: constants and today's rule; and whether more data would help. Private to the flow room. */
#ifndef TEND_FLOW_BASELINES_H
#define TEND_FLOW_BASELINES_H

#include "flow/state.h"
#include "learn/evaluate.h"

enum { TEND_MAX_BASELINES = 3 };

/* For the test rows, in their order: the most frequent class, or mean and median, of the training rows; then the rule, if there is one. */
tend_status tend_baselines_make(tend_flow *flow, const double *y_test, tend_baseline out[TEND_MAX_BASELINES], int *out_n,
                                tend_error *err) TEND_MUST_USE;
/* Trains the best learner again on growing parts of the training rows and extrapolates: adds "learning_curve" to doc. */
tend_status tend_enough_data(tend_flow *flow, const tend_node *trained, const float *x_test, const double *y_test, tend_node *doc,
                             tend_error *err) TEND_MUST_USE;

#endif
