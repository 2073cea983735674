/* What every learner asks of its training rows before it starts. */
#ifndef TEND_LEARN_DATASET_H
#define TEND_LEARN_DATASET_H

#include "learn/learner.h"

/* At least one row, sizes that agree, finite features or NaN, finite targets, classes within
 * n_classes, weights finite, not negative and not all zero. INVALID names the feature and the row
 * (from 1). */
tend_status tend_dataset_check(const tend_dataset *data, const tend_learn_options *options, tend_error *err) TEND_MUST_USE;
static inline double tend_dataset_weight(const tend_dataset *data, int64_t i) { return data->weight ? data->weight[i] : 1.0; }
double tend_dataset_mean(const tend_dataset *data);   /* of y, weighted */
double tend_dataset_median(const tend_dataset *data); /* of y, weighted: the lower one of two */
/* The weight of each class; shares[n_classes] sum to 1. */
void tend_dataset_shares(const tend_dataset *data, int n_classes, double *shares);

#endif
