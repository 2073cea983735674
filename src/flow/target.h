/* The target column as numbers: the class index per row, or the value. Private to the flow room. */
#ifndef TEND_FLOW_TARGET_H
#define TEND_FLOW_TARGET_H

#include "data/table.h"
#include "feature/pipeline.h"

typedef struct tend_target {
    tend_task task;
    int n_classes;        /* 0 for regression */
    const char **classes; /* text forms in index order; BINARY: index 1 is the positive class */
    int64_t *class_counts;
    double share_positive; /* BINARY */
    double *y;             /* per row; NaN where the target is missing */
    int64_t n_missing;
} tend_target;

typedef struct tend_target_options {
    const char *column;
    bool has_task; /* else inferred: text and booleans are classes; whole numbers with at most 10 values too */
    tend_task task;
    const char *positive;          /* NULL: "1", "true", "yes" … or the rarer class */
    tend_span span, positive_span; /* of problem.target and problem.positive, for errors */
} tend_target_options;

/* Errors: a target that is absent, all missing or constant; text for a regression; a positive class that does not occur;
 * more than two classes for binary; more than 1,000 for multiclass. */
tend_status tend_target_make(const tend_table *table, const tend_target_options *options, tend_arena *arena, tend_target *out,
                             tend_error *err) TEND_MUST_USE;

#endif
