/* Rows on their way to a prediction, value by value: from a request, a program, a stream.
 *
 *   tend_inputs   what the model reads: its columns with their types and expectations, made ready once per model. Immutable,
 *                 shared by threads.
 *   tend_rows     some rows being filled, checked and predicted by one thread, used again and again without allocating.
 *
 *     TEND_AUTO(tend_inputs) *inputs = tend_inputs_new(model);
 *     TEND_AUTO(tend_rows) *rows = tend_rows_new(inputs);
 *     tend_rows_begin(rows);                                   // a row, everything not given
 *     tend_rows_set_double(rows, tend_inputs_find(inputs, TEND_STR("age"), 0), 39);
 *     if (tend_rows_end(rows))                                 // expectations; false: the row has a fault
 *         tend_rows_predict(rows);
 *
 * A value is held against the same rules as a cell in a file that `tend predict` reads: the type, the schema's words for missing,
 * and the column's expectations, with their severities. What breaks a rule of severity `warning` is noted, and the row is
 * predicted; anything else makes the row bad, and it gets no prediction. What concerns a whole table (uniqueness, drift, SQL
 * rules) is not looked at.
 */
#ifndef TEND_MODEL_INPUTS_H
#define TEND_MODEL_INPUTS_H

#include "model/model.h"

typedef struct tend_inputs tend_inputs;

/* The model must outlive it. */
tend_inputs *tend_inputs_new(const tend_model *model);
void tend_inputs_free(tend_inputs *inputs);
TEND_DEFINE_AUTO(tend_inputs)
const tend_model *tend_inputs_model(const tend_inputs *inputs);
int tend_inputs_count(const tend_inputs *inputs);
const char *tend_inputs_name(const tend_inputs *inputs, int i);
tend_type tend_inputs_type(const tend_inputs *inputs, int i);
/* The name as a key of JSON: "age": with its quotes, escaped, and the colon. */
tend_str tend_inputs_json_key(const tend_inputs *inputs, int i);
/* The column's expectations; NULL: there are none. */
const tend_field *tend_inputs_field(const tend_inputs *inputs, int i);
/* -1: the model reads no such column. `guess` is looked at first: the one after the last found, when names come in order. */
int tend_inputs_find(const tend_inputs *inputs, tend_str name, int guess);
/* The nearest name to one that is unknown; NULL: none is near. */
const char *tend_inputs_nearest(const tend_inputs *inputs, tend_str name);

/* One value that is not as it should be. Texts live until the rows are cleared. */
typedef struct tend_input_fault {
    int64_t row;
    int input;
    const char *rule; /* "type", "required", "absent", "range", "values", "pattern" */
    tend_rule_severity severity;
    const char *found;    /* as JSON would show it: 39.5, "abc", null; NULL when nothing was given */
    const char *expected; /* "a whole number", "at least 0" */
    const char *hint;     /* may be NULL */
} tend_input_fault;

typedef struct tend_rows tend_rows;

tend_rows *tend_rows_new(const tend_inputs *inputs);
void tend_rows_free(tend_rows *rows);
TEND_DEFINE_AUTO(tend_rows)
void tend_rows_clear(tend_rows *rows); /* no rows, no faults; memory is kept up to a bound */
const tend_inputs *tend_rows_inputs(const tend_rows *rows);
int64_t tend_rows_count(const tend_rows *rows);

/* A new row, in which nothing is given yet. */
void tend_rows_begin(tend_rows *rows);
/* Values of the row that was begun last. A value given twice: the last counts, and the call says false (so that a request can
 * be refused). What does not fit the column's type is a fault of rule "type", shown when the row ends. */
bool tend_rows_set_missing(tend_rows *rows, int input);
bool tend_rows_set_int(tend_rows *rows, int input, int64_t value);
bool tend_rows_set_double(tend_rows *rows, int input, double value); /* NaN: missing; infinite: a fault */
bool tend_rows_set_bool(tend_rows *rows, int input, bool value);
/* Days since 1970-01-01 or microseconds UTC, for a column of dates or timestamps; no other. */
bool tend_rows_set_time(tend_rows *rows, int input, int64_t value);
/* A text of a typed document: for columns of text, dates and timestamps; for others a fault. */
bool tend_rows_set_string(tend_rows *rows, int input, tend_str value);
/* A cell of a text file, for any column: the words for missing, then the type is read from it. */
bool tend_rows_set_cell(tend_rows *rows, int input, tend_str text);
/* Something else was given (a list, an object): a fault that shows `found`. */
bool tend_rows_set_misfit(tend_rows *rows, int input, tend_str found);
/* Ends the row: what was not given is a fault of rule "absent" when `absent_is_fault`, else missing; then the expectations. True: the
 * row can be predicted. */
bool tend_rows_end(tend_rows *rows, bool absent_is_fault);
/* A row is bad for a reason of the caller's: the newest one, instead of ending it, or one that was predicted. */
void tend_rows_fail(tend_rows *rows, int64_t row);
/* Forgets the newest row's faults, so that it can be changed and ended again. */
void tend_rows_forgive(tend_rows *rows);

int tend_rows_n_faults(const tend_rows *rows); /* at most 1,000 are kept */
const tend_input_fault *tend_rows_faults(const tend_rows *rows);
int64_t tend_rows_n_bad(const tend_rows *rows);
bool tend_rows_is_bad(const tend_rows *rows, int64_t row);

/* Predicts every row (bad ones too; do not look at those). The results belong to `rows`, until it is cleared. */
tend_status tend_rows_predict(tend_rows *rows, const tend_predictions **out, tend_error *err) TEND_MUST_USE;
/* After a prediction: one row of the matrix, and its margins. */
const float *tend_rows_matrix(const tend_rows *rows, int64_t row);
const float *tend_rows_margins(const tend_rows *rows, int64_t row);
/* The rows as a table, in the order of the inputs; a view, until they change. */
const tend_table *tend_rows_table(const tend_rows *rows);

#endif
