/* What training shares with evaluation: held-out rows, thresholds, predictions from a matrix. Private to the flow room. */
#ifndef TEND_FLOW_TRAIN_H
#define TEND_FLOW_TRAIN_H

#include "flow/state.h"
#include "stats/metric.h"

/* Which training rows are held out in which fold. With a split by time, folds are consecutive and a fold is trained on older rows only;
 * with a split by group, groups stay together. Positions count the rows that are held out in some fold. */
typedef struct tend_held_out {
    int32_t *fold;      /* per training row */
    int64_t *position;  /* per training row: its place among the held-out rows, or -1 */
    int64_t n;          /* held-out rows */
    int n_folds, first; /* folds first … first + n_folds - 1 are held out in turn */
    bool ordered;       /* train on smaller folds only */
} tend_held_out;

tend_status tend_held_out_make(const tend_project *project, const tend_table *table, const tend_split *split, const double *y,
                               int n_classes, tend_arena *arena, tend_held_out *out, tend_error *err) TEND_MUST_USE;
static inline bool tend_held_out_is(const tend_held_out *h, int64_t row, int fold) { return h->fold[row] == h->first + fold; }
static inline bool tend_held_out_trains(const tend_held_out *h, int64_t row, int fold) {
    return h->ordered ? h->fold[row] < h->first + fold : h->fold[row] != h->first + fold;
}

/* The threshold in (0, 1) at which the metric is best on these rows; among equals the one nearest to 0.5. At most 200 candidates, quantiles
 * of the scores. */
double tend_best_threshold(const tend_scored *scored, const tend_metric *metric, tend_arena *arena);

tend_status tend_flow_predict_matrix(tend_flow *flow, const tend_predictor *predictor, const tend_target *target, const float *x, int64_t n,
                                     double threshold, tend_predictions *out, tend_error *err) TEND_MUST_USE;

#endif
