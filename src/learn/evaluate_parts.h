/* Private to evaluation: the parts of the document, each made by a file of its own. */
#ifndef TEND_LEARN_EVALUATE_PARTS_H
#define TEND_LEARN_EVALUATE_PARTS_H

#include "learn/evaluate.h"

enum { TEND_EVALUATE_METRICS_MAX = 32, TEND_CURVE_POINTS_MAX = 200 };

/* What all parts read. */
typedef struct tend_evaluation {
    const tend_table *table;
    const int64_t *rows; /* NULL: all */
    const tend_scored *scored;
    const tend_evaluate_options *options;
    tend_arena *arena;
    const tend_metric *metrics[TEND_EVALUATE_METRICS_MAX];
    int n_metrics;
    const tend_metric *main; /* the problem's own */
    int64_t min_slice;
    tend_estimate overall; /* of main */
} tend_evaluation;

static inline int64_t tend_evaluation_row(const tend_evaluation *e, int64_t i) { return e->rows ? e->rows[i] : i; }

/* {"value", "low", "high"} */
tend_node *tend_estimate_to_node(tend_arena *arena, tend_estimate estimate);
tend_node *tend_estimates_to_node(const tend_evaluation *e, const tend_estimate *estimates);

/* evaluate_curves.c. Binary. */
tend_node *tend_evaluate_curves(const tend_evaluation *e);
/* Keeps the first, the last and the points that bend most, at most TEND_CURVE_POINTS_MAX; returns
 * how many, moved to the front. */
typedef struct tend_point {
    double x, y;
} tend_point;
int64_t tend_curve_thin(tend_point *points, int64_t n);
/* evaluate_residuals.c. Regression. */
tend_node *tend_evaluate_residuals(const tend_evaluation *e);
/* evaluate_confusion.c. Classes. */
tend_node *tend_evaluate_confusion(const tend_evaluation *e);

/* evaluate_levels.c: a column's values (or quartiles) over the evaluated rows, as small numbers. */
typedef struct tend_levels {
    const char *column;
    int32_t *level; /* per evaluated row */
    int n;
    const char **label; /* the frequent first, or by value; "(other)" and "(missing)" last */
} tend_levels;
tend_levels tend_levels_of(const tend_evaluation *e, const tend_column *column);

/* evaluate_slices.c: sets "slices", "slice_counts" and "worst_slices". */
tend_status tend_evaluate_slices(const tend_evaluation *e, tend_diags *diags, tend_node *out, tend_error *err);
/* evaluate_slice_spec.c: which columns, alone or crossed, to slice by. */
enum { TEND_SLICE_COLUMNS_MAX = 4, TEND_SLICE_LEVELS_MAX = 50, TEND_AUTO_SLICES_MAX = 12 };
typedef struct tend_slice_spec {
    const tend_column *columns[TEND_SLICE_COLUMNS_MAX];
    int n_columns;
} tend_slice_spec;
/* Whether tend picks the columns itself. */
bool tend_slices_are_automatic(const tend_node *slices);
/* The specs that have no fault; the faults go to diags. */
int tend_slice_specs_parse(const tend_node *slices, const tend_table *table, tend_arena *arena, tend_diags *diags, tend_slice_spec **out);
/* evaluate_worst.c */
tend_node *tend_worst_slices(const tend_evaluation *e, const tend_node *slices);

#endif
