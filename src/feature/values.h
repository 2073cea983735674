/* Values on their way through a chain of transforms: one column's rows as numbers, texts or times.
 *
 * The same struct carries all training rows while a pipeline is fitted, some hundreds of rows of a
 * batch and the single row of a request. A missing value is NaN, a text whose `at` is NULL, or
 * TEND_TIME_MISSING. Times are microseconds UTC since 1970, also for dates. The three buffers are
 * made when they are first asked for, in the arena; texts borrow their bytes from the table or the
 * arena.
 */
#ifndef TEND_FEATURE_VALUES_H
#define TEND_FEATURE_VALUES_H

#include "base/arena.h"
#include "data/table.h"

typedef enum tend_value_kind { TEND_VALUE_NUMBER, TEND_VALUE_TEXT, TEND_VALUE_TIME } tend_value_kind;
tend_value_kind tend_value_kind_of(tend_type type);

#define TEND_TIME_MISSING   INT64_MIN
#define TEND_MICROS_PER_DAY INT64_C(86400000000)

typedef struct tend_values {
    tend_arena *arena;
    int64_t n;
    tend_value_kind kind;
    bool boolean; /* numbers that were true and false: as text they are again */
    double *numbers;
    tend_str *texts;
    int64_t *times;
} tend_values;

/* Makes `kind` the current one and its buffer ready to be written (contents undefined). */
void tend_values_use(tend_values *values, tend_value_kind kind);
/* The rows rows[0..n), or begin .. begin+n when rows is NULL, read as a column of type `want`. A
 * column with nothing but missing values reads as any type; else tend_values_can_read must hold. */
void tend_values_read(tend_values *values, const tend_column *column, tend_type want, const int64_t *rows, int64_t begin);
bool tend_values_can_read(const tend_column *column, tend_type want);
/* Numbers to their text: integers without a point, floats in the shortest exact form, true and
 * false. */
void tend_values_to_text(tend_values *values);

static inline bool tend_values_missing(const tend_values *v, int64_t i) {
    if (v->kind == TEND_VALUE_NUMBER)
        return v->numbers[i] != v->numbers[i];
    return v->kind == TEND_VALUE_TEXT ? !v->texts[i].at : v->times[i] == TEND_TIME_MISSING;
}

#endif
