/* Private to the metrics: what the rows of the table (metric.c) compute, and what they share. */
#ifndef TEND_STATS_METRIC_ROWS_H
#define TEND_STATS_METRIC_ROWS_H

#include "stats/metric.h"

#include <math.h>

#define UNDEFINED ((double)NAN)

/* metric_rank.c */
double tend_metric_roc_auc(const tend_scored *s);
double tend_metric_pr_auc(const tend_scored *s);
double tend_metric_calibration_error(const tend_scored *s);
/* metric_loss.c */
double tend_metric_log_loss(const tend_scored *s);
double tend_metric_brier(const tend_scored *s);
/* metric_decision.c */
double tend_metric_accuracy(const tend_scored *s);
double tend_metric_balanced_accuracy(const tend_scored *s);
double tend_metric_precision(const tend_scored *s);
double tend_metric_recall(const tend_scored *s);
double tend_metric_specificity(const tend_scored *s);
double tend_metric_f1(const tend_scored *s);
double tend_metric_mcc(const tend_scored *s);
double tend_metric_precision_macro(const tend_scored *s);
double tend_metric_recall_macro(const tend_scored *s);
double tend_metric_f1_macro(const tend_scored *s);
double tend_metric_f1_weighted(const tend_scored *s);
/* metric_regression.c */
double tend_metric_rmse(const tend_scored *s);
double tend_metric_mae(const tend_scored *s);
double tend_metric_median_absolute_error(const tend_scored *s);
double tend_metric_r2(const tend_scored *s);
double tend_metric_mape(const tend_scored *s);
double tend_metric_rmsle(const tend_scored *s);
double tend_metric_max_error(const tend_scored *s);

static inline double tend_weight_of(const tend_scored *s, int64_t row) { return s->weight ? s->weight[row] : 1; }

/* sum / total: a mean, undefined without weight. */
static inline double tend_mean_of(double sum, double total) { return total > 0 ? sum / total : UNDEFINED; }

/* ln(x) for finite x > 0, from multiplications, additions and one division alone: the C library's
 * log differs in the last bit between processors (with and without fused multiply-add), and metrics
 * reach the bundle's digest. Within 2 units in the last place. */
double tend_metric_log(double x);

#endif
