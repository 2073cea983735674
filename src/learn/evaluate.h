/* Evaluation: what a model is worth, on rows it has not seen.
 *
 *     tend_evaluate_options options = {.task = task, .n_classes = 2, .classes = classes,
 *                                      .metric = "roc_auc", .slices = slices, .target = "salary"};
 *     TEND_TRY(tend_evaluate(table, rows, &scored, &options, arena, diags, &evaluation, err));
 *     TEND_TRY(tend_gates_apply(gates, evaluation, arena, &results, &n_results, err));
 *
 * All of it is deterministic: the same rows and seed give the same document, byte for byte, on any
 * number of threads.
 */
#ifndef TEND_LEARN_EVALUATE_H
#define TEND_LEARN_EVALUATE_H

#include "base/diag.h"
#include "base/node.h"
#include "feature/pipeline.h"
#include "model/model.h"
#include "stats/metric.h"

typedef struct tend_evaluate_options {
    tend_task task;
    int n_classes; /* 0 for regression */
    const char *const *classes;
    const char *metric;      /* the problem's own; NULL: tend_metric_default */
    const char *target;      /* never sliced by automatically; may be NULL */
    const tend_node *slices; /* [sex, race, [sex, race]]; NULL or `auto`: see below; []: none */
    int64_t min_slice;       /* slices with fewer rows are small: no intervals; 30 when 0 */
    int replicates;          /* 500 when 0; slices take at most 200 */
    uint64_t seed;
} tend_evaluate_options;

/* The evaluation document. `rows` are table rows (NULL: all, in order); scored's arrays are in the
 * same order. An estimate is {"value", "low", "high"} with a 95 % bootstrap interval, null where
 * undefined.
 *
 *   "n", "metric"   the problem's own
 *   "metrics"       {name: estimate}, every metric of the task
 *   "confusion"     classes: {"classes": […], "counts": [[…]]}, a line per true class; beyond 30
 *                   classes the rarest are pooled as "(other)"
 *   "curves"        binary: each of at most 200 points, the ones that bend most;
 *                   "roc": [[fpr, tpr] …], "pr": [[recall, precision] …],
 *                   "gain": [[share of rows, share of positives] …],
 *                   "calibration": [{"mean_score", "observed", "low", "high", "n"} …], 10 bins of
 *                   equal count with Wilson's 95 % interval
 *   "residuals"     regression, truth - prediction: "quantiles": {"min", "p01" …},
 *                   "histogram": {"edges", "counts"} between the 0.5 % and 99.5 % quantiles, the
 *                   rest in the end bins; "points": at most 500 [predicted, actual], sampled
 *   "slices"        [{"by": {"sex": "Female"}, "n", "positives" (binary),
 *                     "metrics": {name: estimate}, "small": true (where it is)} …]
 *   "slice_counts"  {"total", "small", "min_slice"}
 *   "worst_slices"  at most 10 of [{"by", "n", "metric", "value", "low", "high", "overall", "gap",
 *                   "significant"}], by how much worse than all rows the problem's metric is for
 *                   sure: the distance from the overall value to the near end of the slice's
 *                   interval. "significant": so large a gap would stand out among as many slices
 *                   by chance in less than 5 % of cases (Bonferroni, normal approximation).
 *
 * Slices by a text or boolean column: one per value; by a number or a date with more than 10
 * values: its quartiles, named by the values they reach from and to ("25–37"). Beyond the 50 most
 * frequent values (or combinations) the rest is "(other)"; missing is "(missing)". Automatic
 * slices: all text and boolean columns with 2 to 20 values, the first 12.
 *
 * Faults in options->slices go to diags, and the call fails with the first. */
tend_status tend_evaluate(const tend_table *table, const int64_t *rows, const tend_scored *scored, const tend_evaluate_options *options,
                          tend_arena *arena, tend_diags *diags, tend_node **out, tend_error *err) TEND_MUST_USE;
/* Only the faults in evaluate.slices: unknown columns with the nearest right name, wrong shapes.
 * For before the training. */
void tend_slices_check(const tend_node *slices, const tend_table *table, tend_diags *diags);

/* Gates, one condition each: "roc_auc >= 0.92", "min(slice.roc_auc) >= 0.85",
 * "max(slice.mae) < 50", "mean(slice.f1) > 0.6". Operators: >= > <= < ==. Over slices, only those
 * count that are not small and where the metric is defined. A gate on an undefined metric fails. */
typedef struct tend_gate_result {
    const char *gate; /* as written */
    bool passed;
    double value, limit;
    /* "roc_auc is 0.913, below 0.92",
     * "the worst slice (sex=Female, n=2,126) has roc_auc 0.84, below 0.85" */
    const char *message;
    tend_span span;
} tend_gate_result;
/* Only the faults (unknown metric, syntax): all, with nearest right words and the columns of the
 * word at fault. */
void tend_gates_check(const tend_node *gates, tend_task task, tend_diags *diags);
/* `evaluation` is tend_evaluate's document, or one read back from JSON. A gate that cannot be
 * parsed is an error here. */
tend_status tend_gates_apply(const tend_node *gates, const tend_node *evaluation, tend_arena *arena, tend_gate_result **out, int *out_n,
                             tend_error *err) TEND_MUST_USE;

/* Permutation importance (Breiman 2001, section 10; Fisher, Rudin & Dominici 2019) on held-out
 * rows: how much the metric loses when one feature's columns are shuffled together. On at most
 * 5,000 rows, sampled by the seed. Sorted, most important first; low and high are the least and the
 * greatest loss over the repeats (3 when 0). x[n][width of the pipeline]. Parallel over features.
 * [{"feature", "importance", "low", "high"}] */
tend_status tend_importance(const tend_model *model, const float *x, const double *y, int64_t n, const tend_metric *metric, int repeats,
                            uint64_t seed, tend_arena *arena, tend_node **out, tend_error *err) TEND_MUST_USE;

/* Is machine learning needed? Compares the model with each baseline on the same rows, paired.
 * {"needed": "yes" | "no" | "unclear", "sentence": "…", "metric", "value", "min_gain",
 *  "best_baseline", "rows_needed": test rows that would settle it (unclear only, when reasonable),
 *  "against": [{"baseline", "value", "gain": {"value", "low", "high"}} …]}
 * "yes": the low end of the interval of the gain over the best baseline is at least min_gain, and
 * above 0; "no": its high end is below min_gain, or not above 0; else "unclear". On fewer than 30 test
 * rows, or fewer than 10 outside of the most frequent class, resampling cannot tell how far chance
 * reaches: "unclear", whatever the interval says, and the sentence says so. Gains are oriented
 * so that more is better. `metric` NULL: tend_metric_default; `replicates` 0: 500. */
typedef struct tend_baseline {
    const char *name;   /* "majority", "mean", "median", "rule" */
    tend_scored scored; /* the same rows and truth */
} tend_baseline;
tend_status tend_verdict(const tend_scored *model, const tend_baseline *baselines, int n_baselines, const char *metric, double min_gain,
                         int replicates, uint64_t seed, tend_arena *arena, tend_node **out, tend_error *err) TEND_MUST_USE;

#endif
