/* How well one column alone predicts the target: cheap, and honest, since what is fitted on one half of the rows is scored
 * on the other. Private to check*.c. */
#ifndef TEND_DATA_CHECK_SCORE_H
#define TEND_DATA_CHECK_SCORE_H

#include "data/table.h"

enum { SCORE_MAX_ROWS = 100000 }; /* of larger tables an evenly spaced sample is scored */

/* The target over the rows that are scored: those where it is not missing. */
typedef struct score_target {
    int64_t n;
    int64_t *rows; /* in the table */
    uint8_t *fold; /* 0 or 1 */
    int n_classes; /* 0: a number */
    int32_t *classes;
    double *y;
} score_target;

/* Text and booleans are classes, and numbers with at most 10 distinct whole values. False when there is nothing to predict:
 * fewer than 30 rows, one value only, more than 200 classes. Lives in the arena. */
bool score_target_init(score_target *t, const tend_column *column, uint64_t seed, tend_arena *arena);
/* In [0, 1]: AUC for two classes, the smaller of accuracy and macro one-vs-rest AUC for more, R² for numbers. Fitted values
 * are the means by level, or by up to 32 quantile bins of a number (missing values are a bin of their own; levels with
 * fewer than 5 rows are one). Numbers are scored as they stand, too: by their rank AUC, or the squared correlation of
 * values and of ranks, whichever says most. NaN: undefined. */
double score_column(const score_target *t, const tend_column *column);
const char *score_name(const score_target *t); /* "AUC", "accuracy", "R²" */

#endif
