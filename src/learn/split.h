/* Splits: which rows train and which rows test. And folds, for comparing learners on training rows alone.
 *
 * All of it is drawn from a seed and depends on nothing else; row numbers are sorted. Rows whose y is NaN belong nowhere.
 */
#ifndef TEND_LEARN_SPLIT_H
#define TEND_LEARN_SPLIT_H

#include "base/error.h"
#include "data/table.h"
#include "feature/pipeline.h"

typedef enum tend_split_kind { TEND_SPLIT_RANDOM, TEND_SPLIT_TIME, TEND_SPLIT_GROUP, TEND_SPLIT_ROWS } tend_split_kind;

typedef struct tend_split {
    int64_t *train, *test; /* sorted row numbers */
    int64_t n_train, n_test;
} tend_split;

typedef struct tend_split_options {
    tend_split_kind kind;
    double test_share;    /* of the rows */
    const char *column;   /* TIME: order by it, the newest test; GROUP: its values stay together */
    const char *stratify; /* RANDOM: keep the shares of this column's values; NULL: of the classes (nothing for regression) */
    const int64_t *rows;  /* ROWS: the test rows */
    int64_t n_rows;
    uint64_t seed;
    tend_span span; /* of data.split, for errors */
} tend_split_options;

/* Errors: an unknown column (nearest named), a class with one row ("class 'x' has 1 row: …"), a share that leaves one side empty,
 * row numbers out of range, a time column that is missing somewhere. y: class index or value per table row. */
tend_status tend_split_make(const tend_table *table, const double *y, int n_classes, const tend_split_options *options, tend_arena *arena,
                            tend_split *out, tend_error *err) TEND_MUST_USE;

/* fold[i] in [0, n_folds) for each of the n rows whose y is given: stratified by class; `group` (a value per row, NULL: none)
 * keeps equal values in one fold. */
tend_status tend_folds_make(const double *y, int64_t n, int n_classes, const uint64_t *group, int n_folds, uint64_t seed, int32_t *out_fold,
                            tend_error *err) TEND_MUST_USE;

#endif
