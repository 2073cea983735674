/* Metrics: one row each. Every metric takes the truth, the scores and (for classes) the decisions,
 * with optional row weights, so that a bootstrap replicate is the same call with other weights.
 *
 * Three laws hold for every row of the table, and the tests check them:
 *   - the order of the rows does not matter (to the last digits: sums are taken in row order);
 *   - a row with weight 3 counts exactly as three copies of it, a row with weight 0 as none;
 *   - where a formula is undefined (one class only, no rows, constant truth) the value is NaN,
 *     never a made-up number; precision and its kin have the zero rule instead.
 *
 *     tend_scored scored = {.n = n, .n_classes = 2, .y = y, .score = p, .decided = decided};
 *     double auc = tend_metric_find("roc_auc")->compute(&scored);
 *
 * The zero rule of precision, recall and f1 (binary): nothing predicted gives precision 1, nothing
 * true gives recall 1, and f1 is 2 TP / (predicted + true), 1 when both are 0:
 *     neither predicted nor true       1, 1, 1
 *     predicted but none true          0, 1, 0
 *     none predicted but some true     1, 0, 0
 * (scikit-learn: zero_division=1.) Macro averages take a class that is never predicted, or never
 * true, as 0 (scikit-learn's default).
 *
 * Threads: everything here is pure; the table is constant.
 */
#ifndef TEND_STATS_METRIC_H
#define TEND_STATS_METRIC_H

#include "base/error.h"

/* What a metric sees. Borrowed; all arrays have n rows. */
typedef struct tend_scored {
    int64_t n;
    int n_classes;          /* 0: regression; 2: binary; more: multi-class */
    const double *y;        /* the number, or the class index */
    const double *score;    /* regression: the prediction; binary: the positive class's probability;
                               multi-class: unused */
    const double *scores;   /* multi-class: [n][n_classes] probabilities */
    const int32_t *decided; /* classes: the class decided for */
    const double *weight;   /* NULL: ones. Any non-negative weights; whole ones are counts */
    const int32_t *order;   /* tend_scored_order of these very rows, if it is at hand; else NULL */
} tend_scored;

enum { TEND_METRIC_REGRESSION = 1, TEND_METRIC_BINARY = 2, TEND_METRIC_MULTICLASS = 4 };

typedef struct tend_metric {
    const char *name, *title, *help; /* help: one line with the formula and the zero rule */
    unsigned tasks;
    bool greater_is_better;
    bool needs_order; /* computed from the order of scores: a bootstrap sorts once */
    double best;      /* the value of a perfect model: 1 or 0 */
    /* NaN when undefined (one class only, no rows …). The rows must pass tend_scored_check, save
     * that a score may be NaN: so is the metric then, if it reads scores. */
    double (*compute)(const tend_scored *scored);
} tend_metric;

/* By task: the metrics of classes first, then of numbers; within a task the most telling first. */
extern const tend_metric tend_metrics[];
extern const int tend_n_metrics;
const tend_metric *tend_metric_find(const char *name); /* NULL: unknown */
unsigned tend_metric_task_bit(int n_classes);
/* The usual first metric: roc_auc for two classes, log_loss for more, rmse for numbers. */
const char *tend_metric_default(int n_classes);

/* Whether metrics may be taken of these rows: finite truth and scores, probabilities in [0, 1],
 * classes within n_classes, weights finite and not negative. INVALID with the row (from 1)
 * otherwise. */
tend_status tend_scored_check(const tend_scored *scored, tend_error *err) TEND_MUST_USE;
/* The orders that metrics walk, for `order` above: binary, rows by falling score; multi-class, one
 * such order per class, [n_classes][n]; regression, rows by rising absolute error. Equal keys stay
 * in row order. n must be below 2^31. The caller frees it. */
int32_t *tend_scored_order(const tend_scored *scored);

/* The rows of the given numbers (they may repeat), copied into the arena; `order` is not taken
 * along. */
struct tend_arena;
tend_scored tend_scored_take(const tend_scored *scored, const int64_t *rows, int64_t n, struct tend_arena *arena);

/* How to resample. Zero-initialised: 500 replicates, level 0.95, blocks of 20,000 rows. */
typedef struct tend_bootstrap_options {
    int replicates; /* negative: no intervals (low and high are NaN) */
    double level;   /* of the interval */
    uint64_t seed;
    int64_t block_rows; /* more rows than this are resampled in blocks (see below) */
} tend_bootstrap_options;

typedef struct tend_estimate {
    double value, low, high; /* a percentile bootstrap interval; NaN where undefined */
} tend_estimate;

/* All the named metrics with percentile intervals (Efron & Tibshirani 1993, ch. 13) from resamples
 * of the rows: replicate r draws n rows with replacement from the random stream "bootstrap r" of
 * `seed`, so that it is the same for each metric and, given equal n and seed, for each model.
 * Sorting is done once. Parallel; the same bits on any number of threads.
 *
 * Large tables: with more than block_rows rows, the rows are dealt at random into equal blocks,
 * each replicate resamples one block in turn, and its deviation from the block's own value is
 * scaled by sqrt(block rows / n) before it is added to the value on all rows (the rescaled
 * bootstrap of m out of n, Bickel, Götze & van Zwet 1997). The cost is bounded while the width
 * stays right. The more classes there are to rank, the smaller the blocks.
 *
 * A replicate in which a metric is undefined is left out; when that is more than half of them, low
 * and high are NaN. An interval that does not hold the value (a calibration error's resamples are
 * biased upward) is widened to it. */
tend_status tend_bootstrap(const tend_scored *scored, const tend_metric *const *metrics, int n_metrics,
                           const tend_bootstrap_options *options, tend_estimate *out, tend_error *err) TEND_MUST_USE;
/* The same for metric(a) - metric(b) over the same rows: paired resamples. `b` must have a's n. */
tend_status tend_bootstrap_difference(const tend_scored *a, const tend_scored *b, const tend_metric *const *metrics, int n_metrics,
                                      const tend_bootstrap_options *options, tend_estimate *out, tend_error *err) TEND_MUST_USE;

/* The two above in short. `replicates` 0: 500. */
tend_status tend_metrics_estimate(const tend_scored *scored, const tend_metric *const *metrics, int n_metrics, int replicates, double level,
                                  uint64_t seed, tend_estimate *out, tend_error *err) TEND_MUST_USE;
tend_status tend_metric_difference(const tend_scored *a, const tend_scored *b, const tend_metric *metric, int replicates, double level,
                                   uint64_t seed, tend_estimate *out, tend_error *err) TEND_MUST_USE;

#endif
