/* Checks: a table held against its schema, and the leaks that make a model look better than it is.
 *
 * Every rule is applied to every row; each broken one becomes an anomaly (which rule, how many rows, the first places) and, for
 * severities above warning, each offending row goes to the quarantine with all its reasons. Nothing is dropped here: the caller
 * decides from the row marks.
 */
#ifndef TEND_DATA_CHECK_H
#define TEND_DATA_CHECK_H

#include "data/reader.h"
#include "data/schema.h"

typedef struct tend_anomaly {
    const char *rule;   /* "range", "type", "values", "required", "pattern", "unique", "rows", "columns", "sql", "drift", "unreadable" (rows
                         * that entered no table), "leak.target", "leak.sum", "leak.overlap", "constant", "identifier", "collinear",
                         * "duplicate_rows" */
    const char *column; /* or the SQL rule's name, or several columns, separated by ", "; may be NULL */
    tend_rule_severity severity;
    int64_t n_rows;      /* offending rows; 0 for rules about the whole table */
    double value, limit; /* measured and allowed, where that makes sense; else NaN */
    const char *message; /* a sentence: "longitude: 1 of 46,428 rows is below -74.25 (first: -74.26 at data/a.csv:812)" */
    const char *hint;    /* may be NULL */
    tend_span span;      /* of the rule in tend.yaml; file NULL for built-in checks */
} tend_anomaly;

typedef struct tend_quarantined {
    int64_t row;        /* in the table, or -1 for rows that never entered it */
    const char *reason; /* all reasons, separated by "; " */
    const char *text;   /* the raw row for rows that never entered the table; else NULL */
    const char *file;   /* may be NULL */
    uint32_t line;
} tend_quarantined;

/* What a drift rule measured; absent when there was no reference to compare with. */
typedef struct tend_drift_value {
    const char *column;
    double value;
} tend_drift_value;

typedef struct tend_check {
    tend_anomaly *anomalies;
    int n_anomalies;
    int n_errors, n_warnings;     /* anomalies at severity error; at warning or quarantine */
    tend_quarantined *quarantine; /* by row */
    int64_t n_quarantine;
    uint8_t *bad_row;         /* n_rows marks: 1 = quarantined; NULL when none is */
    tend_drift_value *drifts; /* one per drift rule that was checked */
    int n_drifts;
} tend_check;

/* SQL rules need the engine, which this room does not know: the caller evaluates one over the table. `out` gets 1 (holds),
 * 0 (broken) or 2 (NULL: unknown, treated as holding) per row. */
typedef tend_status (*tend_sql_eval)(void *ctx, const tend_table *table, const tend_sql_rule *rule, uint8_t *out, tend_error *err);
/* The reference table for a drift rule; *out NULL when there is none yet (the rule is then skipped with a note). */
typedef tend_status (*tend_reference_lookup)(void *ctx, const char *name, tend_arena *arena, tend_table **out, tend_error *err);

typedef struct tend_check_options {
    const tend_bad_rows *bad; /* what the reader could not read; may be NULL */
    tend_sql_eval sql;        /* NULL: SQL rules are reported as not checked */
    tend_reference_lookup reference;
    void *ctx;
} tend_check_options;

/* Expectations. A fault of the data is an anomaly, not an error; errors are wrong SQL and the like. */
tend_status tend_check_table(const tend_table *table, const tend_schema *schema, const tend_check_options *options, tend_arena *arena,
                             tend_check *out, tend_error *err) TEND_MUST_USE;

/* Leakage and usefulness, on the rows that remain. `target` NULL: only constant, identifier and collinear columns are
 * looked for. For each feature column: does it alone predict the target (cross-validated single-column score: for class
 * targets AUC or accuracy of its binned/level means, for numbers R²; leak at >= `leak_above`, default 0.995 when 0)? A
 * named group of columns that leaks is refused with every column named. Do two number columns make up a target that is a
 * number, as a sum or a difference in every row? The findings are appended to out (severity: leak.target and leak.sum ERROR,
 * others WARNING), and `suggest_drop` gets the names of identifier, constant and leaking columns. */
typedef struct tend_leak_options {
    const char *target;
    const char *const *ignore; /* columns already dropped by the user, or allowed */
    int n_ignore;
    double leak_above;
    uint64_t seed;
} tend_leak_options;
tend_status tend_check_leaks(const tend_table *table, const tend_leak_options *options, tend_arena *arena, tend_check *out,
                             const char ***suggest_drop, int *n_drop, tend_error *err) TEND_MUST_USE;
/* How well each column alone predicts the target, cross-fitted: [{"column", "score", "kind"}] in the table's order; kind is
 * "AUC", "accuracy" or "R²". Empty when the target says nothing (fewer than 30 rows, one value). */
tend_status tend_check_associations(const tend_table *table, const char *target, uint64_t seed, tend_arena *arena, tend_node **out,
                                    tend_error *err) TEND_MUST_USE;
/* Whole rows (features and target, identifiers left out by the caller's selection) that stand on both sides of a split. */
tend_status tend_check_overlap(const tend_table *table, const int64_t *train, int64_t n_train, const int64_t *test, int64_t n_test,
                               tend_arena *arena, tend_check *out, tend_error *err) TEND_MUST_USE;

/* Every expectation of the schema and what became of it: [{"rule", "column" (or the SQL rule's name; null for the whole table),
 * "expected" (as in tend.yaml), "holds" (null: not checked), "rows" that broke it, "value" (what a drift rule measured)}]. */
tend_node *tend_check_outcomes(const tend_table *table, const tend_schema *schema, const tend_check *check, tend_arena *arena);
tend_node *tend_check_to_node(const tend_check *check, tend_arena *arena); /* {"anomalies": […], "quarantined": n, …} */

#endif
