/* What the files of the check share: the growing list of anomalies and the reasons per row. Private to check*.c. */
#ifndef TEND_DATA_CHECK_INTERNAL_H
#define TEND_DATA_CHECK_INTERNAL_H

#include "data/check.h"

/* One reason for which a row is put aside; a row's reasons are a list in the order of the rules. */
typedef struct check_reason {
    const char *text;
    struct check_reason *next;
} check_reason;

typedef struct checker {
    const tend_table *table;
    const tend_schema *schema;
    const tend_check_options *options;
    tend_arena *arena;
    tend_check *out;
    check_reason **reasons; /* by row; NULL until the first */
} checker;

/* The rows that broke one rule, while they are being counted. */
typedef struct breach {
    checker *checker;
    tend_rule_severity severity;
    int64_t n, first; /* first: row, -1 while there is none */
} breach;

/* Adds an anomaly, and counts it by severity. The list's memory is always a power of two, so that later checks can append. */
tend_anomaly *check_push(tend_check *out, tend_arena *arena, tend_anomaly anomaly);

breach breach_start(checker *c, tend_rule_severity severity);
/* Counts a row, and keeps the reason when the rule's severity puts rows aside. */
void breach_add(breach *b, int64_t row, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* "3 of 46,428 rows (2.1%)". Appends. */
void check_count_text(int64_t n, int64_t total, tend_buf *out);
/* " (first: -74.26 at data/a.csv:812)"; without a column only the place. Appends. */
void check_first_text(const tend_table *table, const tend_column *column, int64_t row, tend_buf *out);
/* A cell in quotes when it is text, cut at 60 bytes. Appends. */
void check_value_text(const tend_column *column, int64_t row, tend_buf *out);

/* Rows of one table that are equal over some columns. `rows` chooses and orders them; NULL: the first n. Missing values:
 * `missing_equal` false leaves rows with one out (SQL's UNIQUE), true lets missing equal missing. For each row that equals
 * an earlier one of the list calls fn(ctx, place, earliest) with their places in the list. */
typedef void (*row_repeat_fn)(void *ctx, int64_t place, int64_t earliest);
void check_repeated_rows(const tend_column *const *columns, int n_columns, const int64_t *rows, int64_t n, bool missing_equal,
                         row_repeat_fn fn, void *ctx);

/* Pairs of columns[0..n) of which the target is the sum or the difference in every row (at least 30, and in half of the target's all three
 * are known): calls fn(ctx, i, k, '+') or, for columns[i] - columns[k], '-'. */
typedef void (*column_pair_fn)(void *ctx, int i, int k, char sign);
void check_sums(const tend_column *target, const tend_column *const *columns, int n, column_pair_fn fn, void *ctx);

/* The drift rule of one column (check_drift.c), and the keys (check_unique.c). */
tend_status check_drift(checker *c, const tend_field *field, const tend_column *column, tend_error *err) TEND_MUST_USE;
void check_unique(checker *c, const char *const *names, int n, tend_rule_severity severity, tend_span span);

#endif
