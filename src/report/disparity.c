/* Differences between groups. From the rates of each slice (Hardt, Price & Srebro 2016 name them): the selection rate
 * follows from recall, specificity and the share of positives, as (TP + FP) / n = (recall P + (1 - specificity) (n -
 * P)) / n. */
#include "report/report_parts.h"
#include "report/words.h"

#include <math.h>

bool slice_same_columns(const tend_node *a, const tend_node *b) {
    const tend_node *x = tend_node_get(a, "by"), *y = tend_node_get(b, "by");
    x = x ? x->first : NULL;
    y = y ? y->first : NULL;
    for (; x && y && x->key && y->key; x = x->next, y = y->next)
        if (strcmp(x->key, y->key) != 0)
            return false;
    return !x && !y;
}

void slice_columns(tend_buf *out, const tend_node *slice) {
    const tend_node *by = tend_node_get(slice, "by");
    TEND_NODE_EACH(column, by) {
        text_clean(out, column->key ? column->key : "", 60);
        tend_buf_puts(out, !column->next ? "" : column->next->next ? ", " : " and ");
    }
}

void slice_values(tend_buf *out, const tend_node *slice) {
    const tend_node *by = tend_node_get(slice, "by");
    TEND_NODE_EACH(column, by) {
        text_clean(out, tend_node_scalar(column, "?"), 60);
        tend_buf_puts(out, column->next ? ", " : "");
    }
}

static double metric_of(const tend_node *slice, const char *name) {
    return name ? estimate_of(tend_node_get(tend_node_get(slice, "metrics"), name)).value : NO_VALUE;
}

static double selection_rate(const tend_node *slice) {
    double n = tend_node_double(tend_node_get(slice, "n"), NO_VALUE),
           positives = tend_node_double(tend_node_get(slice, "positives"), NO_VALUE);
    double recall = metric_of(slice, "recall"), specificity = metric_of(slice, "specificity");
    /* Without positives recall says nothing, without negatives specificity. */
    double found = positives > 0 ? recall * positives : 0, wrong = n > positives ? (1 - specificity) * (n - positives) : 0;
    return n > 0 ? (found + wrong) / n : NO_VALUE;
}

static double true_positive_rate(const tend_node *slice) {
    return tend_node_double(tend_node_get(slice, "positives"), 0) > 0 ? metric_of(slice, "recall") : NO_VALUE;
}

static double false_positive_rate(const tend_node *slice) {
    bool has_negatives = tend_node_double(tend_node_get(slice, "n"), 0) > tend_node_double(tend_node_get(slice, "positives"), INFINITY);
    return has_negatives ? 1 - metric_of(slice, "specificity") : NO_VALUE;
}

static void widen(disparity_gap *gap, const char *title, const tend_node *slice, double value) {
    if (isnan(value))
        return;
    gap->title = title;
    if (!gap->low || value < gap->low_value) {
        gap->low = slice;
        gap->low_value = value;
    }
    if (!gap->high || value > gap->high_value) {
        gap->high = slice;
        gap->high_value = value;
    }
}

disparity disparity_of(const report *r, const tend_node *first) {
    disparity d = {0};
    bool binary = r->task && !strcmp(r->task, "binary");
    for (const tend_node *slice = first; slice && slice_same_columns(first, slice); slice = slice->next) {
        d.n++;
        if (tend_node_bool(tend_node_get(slice, "small"), false)) {
            d.n_small++;
            continue;
        }
        widen(&d.gap[0], words_metric_title(r->metric), slice, metric_of(slice, r->metric));
        if (!binary)
            continue;
        widen(&d.gap[1], "selection rate", slice, selection_rate(slice));
        widen(&d.gap[2], "true positive rate", slice, true_positive_rate(slice));
        widen(&d.gap[3], "false positive rate", slice, false_positive_rate(slice));
    }
    for (int i = 0; i < DISPARITY_MEASURES; i++)
        if (d.gap[i].low == d.gap[i].high)
            d.gap[i] = (disparity_gap){0};
    return d;
}
