/* The schema: what each column must be. Inferred once by `tend init`, then written in tend.yaml under data.expect, where the
 * user owns it; a copy travels in every bundle, so that serving holds requests against the same words.
 *
 *     data:
 *       missing: ["", "?", NA]
 *       expect:
 *         rows: {min: 10000, max: 1000000}
 *         columns: exact                      # names and their order as listed; the default lets further columns pass
 *         age: {type: integer, range: [0, 120], required: true}
 *         workclass: {values: [Private, State-gov], severity: warning}
 *         born: {type: date, range: [1900-01-01, null]}     # null: open on that side; dates in ISO 8601
 *         neighbourhood_group: {drift: {test: kl, max: 0.2, against: reference}}
 *         unique: [person_id]                 # or [[a, b], c], or {columns: [[a, b]], severity: warning}
 *         no_future: "signup <= churned"      # any other key with text: a rule in SQL, true for a good row
 *         no_debt: {sql: "debt = 0", severity: warning}
 *
 * Without a `severity` a rule is an error. A column that is itself named rows, columns or unique is described like any other
 * (`rows: {type: integer}`): what the map holds tells the two apart.
 */
#ifndef TEND_DATA_SCHEMA_H
#define TEND_DATA_SCHEMA_H

#include "base/node.h"
#include "data/table.h"

/* What happens to what breaks a rule: `warning` is reported; `quarantine` puts the row aside with its reason and goes on;
 * `error` puts the row aside and stops the run after everything was checked. */
typedef enum tend_rule_severity { TEND_RULE_WARNING, TEND_RULE_QUARANTINE, TEND_RULE_ERROR } tend_rule_severity;
const char *tend_rule_severity_name(tend_rule_severity s); /* "quarantine" */

typedef struct tend_field {
    const char *name;
    tend_type type;
    bool has_type;
    bool required; /* missing values break the rule */
    bool has_min, has_max;
    double min, max;     /* inclusive; dates as days, timestamps as microseconds */
    const char **values; /* allowed text forms; NULL: any */
    int n_values;
    bool unique;
    const char *pattern;    /* shell-style pattern for strings; NULL: any */
    const char *drift_test; /* "kl", "psi", "js", "ks"; NULL: none */
    double drift_max;
    const char *drift_against;   /* a snapshot's name or digest; "reference" when not given */
    tend_rule_severity severity; /* of every rule here; a cell that cannot be read as `type` is quarantined at least */
    tend_span span;              /* in tend.yaml */
} tend_field;

typedef struct tend_sql_rule {
    const char *name, *sql;
    tend_rule_severity severity;
    tend_span span;
} tend_sql_rule;

typedef struct tend_unique_rule {
    const char **columns;
    int n_columns;
    tend_rule_severity severity;
    tend_span span;
} tend_unique_rule;

typedef struct tend_schema {
    tend_field *fields;
    int n_fields;
    const char **missing; /* texts read as missing */
    int n_missing;
    bool exact_columns;
    int64_t min_rows, max_rows; /* -1: no bound */
    tend_rule_severity rows_severity;
    tend_span rows_span;
    tend_unique_rule *unique;
    int n_unique;
    tend_sql_rule *rules;
    int n_rules;
} tend_schema;

const tend_field *tend_schema_find(const tend_schema *schema, const char *name);
/* From the `data.missing` and `data.expect` nodes of tend.yaml (either may be NULL); faults go to diags, all of them. Never NULL:
 * after faults it holds what was sound. Everything lives in the arena. */
tend_schema *tend_schema_parse(const tend_node *missing, const tend_node *expect, tend_arena *arena, tend_diags *diags);
/* To and from JSON, for the bundle: {"missing": […], "exact": bool, "rows": {min, max, severity}, "columns": [{"name": …,
 * and the keys of tend.yaml}], "unique": [{columns: [[…]], severity}], "rules": [{name, sql, severity}]}. Deterministic;
 * spans are not kept. */
tend_node *tend_schema_to_node(const tend_schema *schema, tend_arena *arena);
tend_status tend_schema_from_node(const tend_node *node, tend_arena *arena, tend_schema **out, tend_error *err) TEND_MUST_USE;
/* One field as its map in tend.yaml, without the name: {"type": "integer", "required": true, "range": [0, 120], …}. A
 * `severity` that is the default is left out. `tend init` writes its lines from this. */
tend_node *tend_schema_field_to_node(const tend_field *field, tend_arena *arena);

/* Sensible expectations from data, meant to be read and owned by a person: types; `required` where nothing is missing;
 * ranges with a quarter of the span as room on both sides, rounded outward to round numbers (columns that are never
 * negative get no bound below 0; shares, percentages and coordinates their natural one; a long tail leaves its side open;
 * codes such as 0/1 or months stay as they are); the levels of text that has at most 30 and repeats them; `unique` for
 * identifiers, which get no range. Dates get no range: tomorrow's data is later. Severity is `warning`, so that new data
 * does not stop a run before its owner has said that it should; cells that are not of their type are quarantined all the
 * same. */
tend_schema *tend_schema_infer(const tend_table *table, tend_arena *arena);

#endif
