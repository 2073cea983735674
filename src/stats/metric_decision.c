/* Metrics of decisions: what was predicted against what is true, whatever the scores. */
#include "stats/metric_rows.h"

#include "base/arena.h"

#include <stdlib.h>

/* Binary: the four cells. */
typedef struct cells {
    double tp, fp, fn, tn;
} cells;

static cells count_cells(const tend_scored *s) {
    double cell[2][2] = {{0}};
    for (int64_t i = 0; i < s->n; i++)
        cell[s->y[i] == 1][s->decided[i] == 1] += tend_weight_of(s, i);
    return (cells){.tp = cell[1][1], .fp = cell[0][1], .fn = cell[1][0], .tn = cell[0][0]};
}

static bool no_rows(const cells *c) { return !(c->tp + c->fp + c->fn + c->tn > 0); }

static double ratio_or(double part, double whole, double when_empty) { return whole > 0 ? part / whole : when_empty; }

double tend_metric_precision(const tend_scored *s) {
    cells c = count_cells(s);
    return no_rows(&c) ? UNDEFINED : ratio_or(c.tp, c.tp + c.fp, 1);
}

double tend_metric_recall(const tend_scored *s) {
    cells c = count_cells(s);
    return no_rows(&c) ? UNDEFINED : ratio_or(c.tp, c.tp + c.fn, 1);
}

double tend_metric_specificity(const tend_scored *s) {
    cells c = count_cells(s);
    return no_rows(&c) ? UNDEFINED : ratio_or(c.tn, c.tn + c.fp, 1);
}

double tend_metric_f1(const tend_scored *s) {
    cells c = count_cells(s);
    return no_rows(&c) ? UNDEFINED : ratio_or(2 * c.tp, 2 * c.tp + c.fp + c.fn, 1);
}

double tend_metric_accuracy(const tend_scored *s) {
    double right = 0, total = 0;
    for (int64_t i = 0; i < s->n; i++) {
        double w = tend_weight_of(s, i);
        right += s->decided[i] == s->y[i] ? w : 0;
        total += w;
    }
    return tend_mean_of(right, total);
}

/* Any number of classes: the margins of the confusion matrix and its diagonal. */
typedef struct tally {
    int n_classes;
    double total;
    double *right, *predicted, *actual; /* one block of memory, per class */
} tally;

static tally tally_new(const tend_scored *s) {
    size_t k = (size_t)s->n_classes;
    tally t = {.n_classes = s->n_classes, .right = tend_calloc(3 * k + 1, sizeof(double))};
    t.predicted = t.right + k;
    t.actual = t.predicted + k;
    for (int64_t i = 0; i < s->n; i++) {
        double w = tend_weight_of(s, i);
        int64_t truth = (int64_t)s->y[i], decided = s->decided[i];
        t.right[truth] += truth == decided ? w : 0;
        t.predicted[decided] += w;
        t.actual[truth] += w;
        t.total += w;
    }
    return t;
}

typedef double per_class(const tally *t, int k);

static double class_precision(const tally *t, int k) { return ratio_or(t->right[k], t->predicted[k], 0); }
static double class_recall(const tally *t, int k) { return ratio_or(t->right[k], t->actual[k], 0); }
static double class_f1(const tally *t, int k) { return ratio_or(2 * t->right[k], t->predicted[k] + t->actual[k], 0); }

/* The mean over the classes that are true or predicted somewhere. */
static double macro(const tend_scored *s, per_class *value) {
    tally t = tally_new(s);
    double sum = 0;
    int n = 0;
    for (int k = 0; k < t.n_classes; k++) {
        if (t.predicted[k] + t.actual[k] > 0) {
            sum += value(&t, k);
            n++;
        }
    }
    free(t.right);
    return tend_mean_of(sum, n);
}

double tend_metric_precision_macro(const tend_scored *s) { return macro(s, class_precision); }
double tend_metric_recall_macro(const tend_scored *s) { return macro(s, class_recall); }
double tend_metric_f1_macro(const tend_scored *s) { return macro(s, class_f1); }

double tend_metric_f1_weighted(const tend_scored *s) {
    tally t = tally_new(s);
    double sum = 0;
    for (int k = 0; k < t.n_classes; k++)
        sum += t.actual[k] * class_f1(&t, k);
    free(t.right);
    return tend_mean_of(sum, t.total);
}

/* The mean recall of the classes that are true somewhere. */
double tend_metric_balanced_accuracy(const tend_scored *s) {
    tally t = tally_new(s);
    double sum = 0;
    int n = 0;
    for (int k = 0; k < t.n_classes; k++) {
        if (t.actual[k] > 0) {
            sum += t.right[k] / t.actual[k];
            n++;
        }
    }
    free(t.right);
    return tend_mean_of(sum, n);
}

/* Gorodkin's correlation R_K (2004), which is Matthews' for two classes; 0 when all is predicted
 * as, or is, one class. */
double tend_metric_mcc(const tend_scored *s) {
    tally t = tally_new(s);
    double right = 0, cross = 0, predicted2 = 0, actual2 = 0;
    for (int k = 0; k < t.n_classes; k++) {
        right += t.right[k];
        cross += t.predicted[k] * t.actual[k];
        predicted2 += t.predicted[k] * t.predicted[k];
        actual2 += t.actual[k] * t.actual[k];
    }
    free(t.right);
    if (!(t.total > 0))
        return UNDEFINED;
    double n2 = t.total * t.total;
    double spread = (n2 - predicted2) * (n2 - actual2);
    return spread > 0 ? (right * t.total - cross) / sqrt(spread) : 0;
}
