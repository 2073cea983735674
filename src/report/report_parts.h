/* Inside this room: what the parts of a report share. Each part writes its sentence and its body; the heading and the
 * order are report.c's. */
#ifndef TEND_REPORT_PARTS_H
#define TEND_REPORT_PARTS_H

#include "report/html.h"

typedef struct report {
    const tend_node *run;
    tend_buf *out;
    const char *name;   /* the project's; never NULL */
    const char *target; /* may be NULL */
    const char *metric; /* the problem's own; may be NULL */
    const char *task;   /* "binary", "multiclass", "regression"; may be NULL */
    bool greater;       /* is more of the metric better? */
    estimate own;       /* the metric on the test rows */
} report;

report report_of(const tend_node *run, tend_buf *out);
const tend_node *report_get(const report *r, const char *path);
int64_t report_int(const report *r, const char *path, int64_t fallback);
const char *report_string(const report *r, const char *path); /* NULL when it is no text or empty */
bool report_is_better(const report *r, double a, double b);
/* Rows that were put aside before learning. */
int64_t report_rows_aside(const report *r);
/* A list's elements; 0 for what is no list. */
size_t report_count(const tend_node *list);
/* A number of rounds that was left to early stopping (0): what was asked, not what was done. */
bool report_is_automatic(const tend_node *param);
/* The anomalies of validation and split. */
void report_each_anomaly(const report *r, void (*visit)(void *ctx, const tend_node *anomaly), void *ctx);

void report_headline(const report *r);
void report_data(const report *r);
void report_expectations(const report *r); /* part of the data section */
void report_need(const report *r);
void report_enough(const report *r);
void report_leaderboard(const report *r);
void report_quality(const report *r);
void report_slices(const report *r);
void report_importance(const report *r);
void report_features(const report *r);
void report_columns(const report *r);
void report_provenance(const report *r);

void report_curves(const report *r); /* ROC, precision-recall, calibration, gains; residuals */
void report_confusion(const report *r);
void report_anomaly_table(tend_buf *out, const tend_node *const *anomalies, size_t n);

/* Column cards: at most 100, `first` (the target, may be NULL) before the others. scores: [{column, score}], may be
 * NULL. */
void profile_cards(tend_buf *out, const tend_node *profile, const char *first, const tend_node *scores);

/* Groups: what a column's slices say about each other. */
enum { DISPARITY_MEASURES = 4 };
typedef struct disparity_gap {
    const char *title;           /* "selection rate"; NULL: not available */
    const tend_node *low, *high; /* slices, by the measure */
    double low_value, high_value;
} disparity_gap;
typedef struct disparity {
    size_t n, n_small; /* slices of this column (or cross), and those too small to compare */
    disparity_gap gap[DISPARITY_MEASURES];
} disparity;
/* The slices by the same columns as `first`, from it on. The first gap is the report's metric; then, for two classes:
 * selection rate, true positive rate, false positive rate. */
disparity disparity_of(const report *r, const tend_node *first);
bool slice_same_columns(const tend_node *a, const tend_node *b);
/* The columns of a slice: "sex", "sex and race"; its values: "Female", "Female, Black". Plain text. */
void slice_columns(tend_buf *out, const tend_node *slice);
void slice_values(tend_buf *out, const tend_node *slice);

#endif
