#include "stats/metric_rows.h"

#include "base/arena.h"

#include <math.h>
#include <string.h>

#define REG   TEND_METRIC_REGRESSION
#define BIN   TEND_METRIC_BINARY
#define MULTI TEND_METRIC_MULTICLASS
#define UP    true
#define DOWN  false
#define ORDER true
#define PLAIN false

const tend_metric tend_metrics[] = {
    {"roc_auc", "area under the ROC curve",
     "chance that a positive scores above a negative, ties counting half; multi-class: mean over "
     "one-versus-rest; undefined with one class only",
     BIN | MULTI, UP, ORDER, 1, tend_metric_roc_auc},
    {"pr_auc", "average precision",
     "sum of recall steps times precision over all thresholds, not interpolated; undefined without "
     "positives",
     BIN, UP, ORDER, 1, tend_metric_pr_auc},
    {"log_loss", "log loss", "mean of -ln(probability of the true class), probabilities clipped to [2.2e-16, 1 - 2.2e-16]", BIN | MULTI,
     DOWN, PLAIN, 0, tend_metric_log_loss},
    {"brier", "Brier score", "mean squared distance of the probability from 0 or 1; multi-class: summed over the classes", BIN | MULTI,
     DOWN, PLAIN, 0, tend_metric_brier},
    {"calibration_error", "expected calibration error",
     "weighted mean over 10 bins of equal count of |mean score - share of positives|; equal scores "
     "share a bin",
     BIN, DOWN, ORDER, 0, tend_metric_calibration_error},
    {"accuracy", "accuracy", "share of right decisions", BIN | MULTI, UP, PLAIN, 1, tend_metric_accuracy},
    {"balanced_accuracy", "balanced accuracy", "mean recall of the classes that occur", BIN | MULTI, UP, PLAIN, 1,
     tend_metric_balanced_accuracy},
    {"precision", "precision", "TP / (TP + FP); 1 when nothing is predicted positive", BIN, UP, PLAIN, 1, tend_metric_precision},
    {"recall", "recall", "TP / (TP + FN); 1 when nothing is positive", BIN, UP, PLAIN, 1, tend_metric_recall},
    {"f1", "F1", "2 TP / (2 TP + FP + FN); 1 when nothing is positive and nothing is predicted so", BIN, UP, PLAIN, 1, tend_metric_f1},
    {"specificity", "specificity", "TN / (TN + FP); 1 when nothing is negative", BIN, UP, PLAIN, 1, tend_metric_specificity},
    {"precision_macro", "precision, macro average",
     "mean of each class's precision over the classes true or predicted somewhere; 0 for one never "
     "predicted",
     MULTI, UP, PLAIN, 1, tend_metric_precision_macro},
    {"recall_macro", "recall, macro average",
     "mean of each class's recall over the classes true or predicted somewhere; 0 for one never "
     "true",
     MULTI, UP, PLAIN, 1, tend_metric_recall_macro},
    {"f1_macro", "F1, macro average", "mean of each class's F1 over the classes true or predicted somewhere", MULTI, UP, PLAIN, 1,
     tend_metric_f1_macro},
    {"f1_weighted", "F1, weighted average", "mean of each class's F1, weighted by its true rows", MULTI, UP, PLAIN, 1,
     tend_metric_f1_weighted},
    {"mcc", "Matthews correlation", "correlation of decision and truth; 0 when either is constant", BIN | MULTI, UP, PLAIN, 1,
     tend_metric_mcc},
    {"rmse", "root mean squared error", "sqrt(mean of (prediction - truth)^2)", REG, DOWN, PLAIN, 0, tend_metric_rmse},
    {"mae", "mean absolute error", "mean of |prediction - truth|", REG, DOWN, PLAIN, 0, tend_metric_mae},
    {"median_absolute_error", "median absolute error", "median of |prediction - truth|", REG, DOWN, ORDER, 0,
     tend_metric_median_absolute_error},
    {"r2", "R squared", "1 - mean squared error / variance of the truth; undefined when the truth is constant", REG, UP, PLAIN, 1,
     tend_metric_r2},
    {"mape", "mean absolute percentage error", "mean of |prediction - truth| / |truth|, as a fraction; rows whose truth is 0 are left out",
     REG, DOWN, PLAIN, 0, tend_metric_mape},
    {"rmsle", "root mean squared logarithmic error",
     "sqrt(mean of (ln(1 + prediction) - ln(1 + truth))^2); negative predictions count as 0; "
     "undefined when a truth is negative",
     REG, DOWN, PLAIN, 0, tend_metric_rmsle},
    {"max_error", "largest error", "maximum of |prediction - truth|", REG, DOWN, PLAIN, 0, tend_metric_max_error},
};

const int tend_n_metrics = sizeof tend_metrics / sizeof *tend_metrics;

const tend_metric *tend_metric_find(const char *name) {
    for (int i = 0; i < tend_n_metrics; i++)
        if (strcmp(tend_metrics[i].name, name) == 0)
            return &tend_metrics[i];
    return NULL;
}

unsigned tend_metric_task_bit(int n_classes) {
    return n_classes == 0 ? TEND_METRIC_REGRESSION : n_classes == 2 ? TEND_METRIC_BINARY : TEND_METRIC_MULTICLASS;
}

const char *tend_metric_default(int n_classes) { return n_classes == 0 ? "rmse" : n_classes == 2 ? "roc_auc" : "log_loss"; }

static bool is_probability(double p) { return p >= 0 && p <= 1; }

static tend_status check_classes(const tend_scored *s, int64_t i, tend_error *err) {
    double y = s->y[i];
    if (!(y >= 0 && y < s->n_classes && y == floor(y)))
        return TEND_FAIL(err, INVALID, "row %lld: the class %g is not one of 0 to %d", (long long)i + 1, y, s->n_classes - 1);
    if (s->decided[i] < 0 || s->decided[i] >= s->n_classes)
        return TEND_FAIL(err, INVALID, "row %lld: the decision %d is not one of 0 to %d", (long long)i + 1, (int)s->decided[i],
                         s->n_classes - 1);
    const double *p = s->n_classes == 2 ? &s->score[i] : &s->scores[i * s->n_classes];
    for (int k = 0; k < (s->n_classes == 2 ? 1 : s->n_classes); k++)
        if (!is_probability(p[k]))
            return TEND_FAIL(err, INVALID, "row %lld: the score %g is not a probability", (long long)i + 1, p[k]);
    return TEND_OK;
}

static tend_status check_numbers(const tend_scored *s, int64_t i, tend_error *err) {
    if (!isfinite(s->y[i]))
        return TEND_FAIL(err, INVALID, "row %lld: the truth is %g, expected a finite number", (long long)i + 1, s->y[i]);
    if (!isfinite(s->score[i]))
        return TEND_FAIL(err, INVALID, "row %lld: the prediction is %g, expected a finite number", (long long)i + 1, s->score[i]);
    return TEND_OK;
}

tend_status tend_scored_check(const tend_scored *s, tend_error *err) {
    if (s->n < 0 || s->n >= INT32_MAX)
        return TEND_FAIL(err, LIMIT, "metrics take at most %d rows, not %lld", INT32_MAX - 1, (long long)s->n);
    if (s->n_classes < 0 || s->n_classes == 1)
        return TEND_FAIL(err, INVALID, "metrics need two classes or more (or none, for numbers), not %d", s->n_classes);
    for (int64_t i = 0; i < s->n; i++) {
        TEND_TRY(s->n_classes ? check_classes(s, i, err) : check_numbers(s, i, err));
        if (s->weight && !(s->weight[i] >= 0 && isfinite(s->weight[i])))
            return TEND_FAIL(err, INVALID, "row %lld: the weight is %g, expected 0 or more", (long long)i + 1, s->weight[i]);
    }
    return TEND_OK;
}

static double *gather(tend_arena *arena, const double *from, const int64_t *rows, int64_t n, int width) {
    if (!from)
        return NULL;
    double *out = TEND_ARRAY(arena, double, n *width);
    for (int64_t i = 0; i < n; i++)
        memcpy(out + i * width, from + rows[i] * width, sizeof(double) * (size_t)width);
    return out;
}

static int32_t *gather_decided(tend_arena *arena, const int32_t *from, const int64_t *rows, int64_t n) {
    if (!from)
        return NULL;
    int32_t *out = TEND_ARRAY(arena, int32_t, n);
    for (int64_t i = 0; i < n; i++)
        out[i] = from[rows[i]];
    return out;
}

tend_scored tend_scored_take(const tend_scored *s, const int64_t *rows, int64_t n, tend_arena *arena) {
    return (tend_scored){
        .n = n,
        .n_classes = s->n_classes,
        .y = gather(arena, s->y, rows, n, 1),
        .score = gather(arena, s->score, rows, n, 1),
        .scores = gather(arena, s->scores, rows, n, s->n_classes),
        .decided = gather_decided(arena, s->decided, rows, n),
        .weight = gather(arena, s->weight, rows, n, 1),
    };
}
