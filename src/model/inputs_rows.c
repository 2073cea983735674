/* Rows being filled: columns that grow, and what their values are predicted to be. */
#include "data/iso.h"
#include "model/inputs_plan.h"

#include <math.h>
#include <stdlib.h>

enum { FIRST_ROWS = 8, KEPT_ROWS = 4096, KEPT_BYTES = 1 << 20, BLOCK = 1024 };

/* ---- memory ---- */

static size_t valid_size(int64_t rows) { return (size_t)(rows + 7) / 8 + 1; }

static void grow_column(row_column *c, tend_type type, int64_t capacity) {
    size_t n = (size_t)capacity;
    c->valid = tend_realloc(c->valid, valid_size(capacity));
    if (type == TEND_STRING)
        c->offsets = tend_realloc(c->offsets, (n + 1) * sizeof *c->offsets);
    else if (type == TEND_FLOAT)
        c->floats = tend_realloc(c->floats, n * sizeof *c->floats);
    else
        c->ints = tend_realloc(c->ints, n * sizeof *c->ints);
}

static void point_table(tend_rows *rows) {
    for (int i = 0; i < rows->inputs->n; i++) {
        row_column *c = &rows->columns[i];
        tend_column *t = &rows->table.columns[i];
        t->valid = c->valid;
        t->ints = c->ints;
        t->floats = c->floats;
        t->offsets = c->offsets;
        t->bytes = c->bytes ? c->bytes : "";
    }
}

static void set_capacity(tend_rows *rows, int64_t capacity) {
    for (int i = 0; i < rows->inputs->n; i++) {
        grow_column(&rows->columns[i], rows->inputs->plans[i].type, capacity);
        if (rows->columns[i].offsets)
            rows->columns[i].offsets[0] = 0;
    }
    rows->bad = tend_realloc(rows->bad, (size_t)capacity);
    rows->capacity = capacity;
    point_table(rows);
}

tend_rows *tend_rows_new(const tend_inputs *inputs) {
    tend_arena *arena = tend_arena_new();
    tend_rows *rows = TEND_NEW(arena, tend_rows);
    *rows = (tend_rows){.inputs = inputs, .arena = arena, .texts = tend_arena_new(), .scratch = tend_arena_new()};
    rows->columns = TEND_ARRAY(arena, row_column, inputs->n);
    rows->table.columns = TEND_ARRAY(arena, tend_column, inputs->n);
    rows->table.n_columns = inputs->n;
    for (int i = 0; i < inputs->n; i++) {
        rows->table.columns[i].name = inputs->plans[i].name;
        rows->table.columns[i].type = inputs->plans[i].type;
    }
    set_capacity(rows, FIRST_ROWS);
    return rows;
}

static void free_predictions(tend_rows *rows) {
    free(rows->x);
    free(rows->margins);
    free(rows->predictions.score);
    free(rows->predictions.class_index);
    free(rows->predictions.scores);
    rows->x = rows->margins = NULL;
    rows->predictions = (tend_predictions){0};
    rows->predicted_capacity = 0;
}

void tend_rows_free(tend_rows *rows) {
    if (!rows)
        return;
    for (int i = 0; i < rows->inputs->n; i++) {
        row_column *c = &rows->columns[i];
        free(c->ints);
        free(c->floats);
        free(c->offsets);
        free(c->bytes);
        free(c->valid);
    }
    free(rows->bad);
    free(rows->faults);
    free_predictions(rows);
    tend_arena_free(rows->scratch);
    tend_arena_free(rows->texts);
    tend_arena_free(rows->arena);
}

void tend_rows_clear(tend_rows *rows) {
    for (int i = 0; i < rows->inputs->n; i++) {
        row_column *c = &rows->columns[i];
        c->size = 0;
        c->n_missing = 0;
        if (c->capacity > KEPT_BYTES) {
            free(c->bytes);
            c->bytes = NULL;
            c->capacity = 0;
        }
    }
    if (rows->capacity > KEPT_ROWS) {
        set_capacity(rows, FIRST_ROWS);
        free_predictions(rows);
    } else {
        point_table(rows);
    }
    rows->n = rows->n_bad = 0;
    if (tend_arena_used(rows->texts)) /* also without a fault: what was held against a pattern */
        tend_arena_clear(rows->texts);
    rows->n_faults = 0;
}

const tend_inputs *tend_rows_inputs(const tend_rows *rows) { return rows->inputs; }
int64_t tend_rows_count(const tend_rows *rows) { return rows->n; }
int tend_rows_n_faults(const tend_rows *rows) { return rows->n_faults; }
const tend_input_fault *tend_rows_faults(const tend_rows *rows) { return rows->faults; }
int64_t tend_rows_n_bad(const tend_rows *rows) { return rows->n_bad; }
bool tend_rows_is_bad(const tend_rows *rows, int64_t row) { return rows->bad[row]; }

/* ---- a row ---- */

static void mark_missing(tend_rows *rows, int i, int64_t row) {
    row_column *c = &rows->columns[i];
    c->valid[row >> 3] &= (uint8_t) ~(1u << (row & 7));
    c->n_missing++;
    if (c->offsets)
        c->offsets[row + 1] = (int64_t)c->size;
    else if (c->floats)
        c->floats[row] = (double)NAN;
    else
        c->ints[row] = 0;
}

void tend_rows_begin(tend_rows *rows) {
    if (rows->n == rows->capacity)
        set_capacity(rows, 2 * rows->capacity);
    int64_t row = rows->n++;
    rows->row_faults = rows->n_faults;
    rows->row_bad = false;
    rows->bad[row] = 0;
    for (int i = 0; i < rows->inputs->n; i++) {
        rows->columns[i].given = false;
        mark_missing(rows, i, row);
    }
}

/* The value of the newest row is about to be set; false when it had been already. */
static bool take(tend_rows *rows, int i) {
    row_column *c = &rows->columns[i];
    bool first = !c->given;
    int64_t row = rows->n - 1;
    c->given = true;
    if ((c->valid[row >> 3] >> (row & 7)) & 1) {
        mark_missing(rows, i, row);
        if (c->offsets)
            c->size = (size_t)c->offsets[row], c->offsets[row + 1] = (int64_t)c->size;
    }
    return first;
}

static void mark_present(tend_rows *rows, int i) {
    row_column *c = &rows->columns[i];
    int64_t row = rows->n - 1;
    c->valid[row >> 3] |= (uint8_t)(1u << (row & 7));
    c->n_missing--;
}

static const char *expected_of(tend_type type) {
    static const char *const words[] = {[TEND_BOOL] = "true or false",
                                        [TEND_INT] = "a whole number",
                                        [TEND_FLOAT] = "a number",
                                        [TEND_STRING] = "a text",
                                        [TEND_DATE] = "a date such as 2027-03-31",
                                        [TEND_TIMESTAMP] = "a time such as 2027-03-31T08:00:00Z"};
    return words[type];
}

static void misfit(tend_rows *rows, int i, const char *found, const char *hint) {
    const tend_field *f = rows->inputs->plans[i].field;
    tend_rule_severity severity = f && f->severity > TEND_RULE_QUARANTINE ? f->severity : TEND_RULE_QUARANTINE;
    tend_rows_fault(rows, i, "type", severity, found, expected_of(rows->inputs->plans[i].type), hint);
}

bool tend_rows_set_missing(tend_rows *rows, int i) { return take(rows, i); }

static void put_int(tend_rows *rows, int i, int64_t value) {
    rows->columns[i].ints[rows->n - 1] = value;
    mark_present(rows, i);
}

static void put_double(tend_rows *rows, int i, double value) {
    rows->columns[i].floats[rows->n - 1] = value;
    mark_present(rows, i);
}

static void put_text(tend_rows *rows, int i, tend_str value) {
    row_column *c = &rows->columns[i];
    if (c->size + value.size > c->capacity) {
        c->capacity = 2 * (c->size + value.size) + 64;
        c->bytes = tend_realloc(c->bytes, c->capacity);
        rows->table.columns[i].bytes = c->bytes;
    }
    if (value.size)
        memcpy(c->bytes + c->size, value.at, value.size);
    c->size += value.size;
    c->offsets[rows->n] = (int64_t)c->size;
    mark_present(rows, i);
}

static const char *quoted_hint(tend_type type) { return type == TEND_STRING ? "a text stands in quotes" : NULL; }

bool tend_rows_set_int(tend_rows *rows, int i, int64_t value) {
    bool first = take(rows, i);
    tend_type type = rows->inputs->plans[i].type;
    if (type == TEND_INT)
        put_int(rows, i, value);
    else if (type == TEND_FLOAT)
        put_double(rows, i, (double)value);
    else
        misfit(rows, i, tend_arena_printf(rows->texts, "%lld", (long long)value), quoted_hint(type));
    return first;
}

bool tend_rows_set_double(tend_rows *rows, int i, double value) {
    bool first = take(rows, i);
    tend_type type = rows->inputs->plans[i].type;
    if (isnan(value))
        return first;
    if (type == TEND_FLOAT && !isinf(value)) {
        put_double(rows, i, value);
    } else if (type == TEND_INT && value == floor(value) && fabs(value) <= 9007199254740992.0) {
        put_int(rows, i, (int64_t)value);
    } else {
        char text[32];
        tend_text_format_double(value, text);
        misfit(rows, i, tend_arena_strdup(rows->texts, text), quoted_hint(type));
    }
    return first;
}

bool tend_rows_set_bool(tend_rows *rows, int i, bool value) {
    bool first = take(rows, i);
    if (rows->inputs->plans[i].type == TEND_BOOL)
        put_int(rows, i, value);
    else
        misfit(rows, i, value ? "true" : "false", NULL);
    return first;
}

static bool put_time(tend_rows *rows, int i, tend_str value) {
    const input_plan *p = &rows->inputs->plans[i];
    char expectation[128];
    int64_t v = 0;
    tend_cell_outcome outcome = tend_convert_one(&p->read, &rows->inputs->missing, value, &v, NULL, expectation);
    if (outcome == TEND_CELL_FITS)
        put_int(rows, i, v);
    return outcome != TEND_CELL_MISFIT;
}

bool tend_rows_set_time(tend_rows *rows, int i, int64_t value) {
    bool first = take(rows, i);
    put_int(rows, i, value);
    return first;
}

bool tend_rows_set_string(tend_rows *rows, int i, tend_str value) {
    const input_plan *p = &rows->inputs->plans[i];
    bool first = take(rows, i);
    double number;
    if (p->type == TEND_STRING) {
        if (!tend_missing_maybe(&rows->inputs->missing, value) || !tend_missing_has(&rows->inputs->missing, tend_str_trim(value)))
            put_text(rows, i, value);
    } else if ((p->type == TEND_DATE || p->type == TEND_TIMESTAMP) && !tend_missing_has(&rows->inputs->missing, tend_str_trim(value))) {
        if (!put_time(rows, i, value))
            misfit(rows, i, tend_rows_quote(rows, value, "\""), NULL);
    } else if (p->type != TEND_BOOL && tend_text_parse_double(value, false, &number)) {
        misfit(rows, i, tend_rows_quote(rows, value, "\""),
               tend_arena_printf(rows->texts, "send %.*s without quotes", (int)value.size, value.at));
    } else if (tend_missing_has(&rows->inputs->missing, tend_str_trim(value))) {
        misfit(rows, i, tend_rows_quote(rows, value, "\""), "a missing value is null");
    } else {
        misfit(rows, i, tend_rows_quote(rows, value, "\""), NULL);
    }
    return first;
}

bool tend_rows_set_cell(tend_rows *rows, int i, tend_str text) {
    const input_plan *p = &rows->inputs->plans[i];
    if (p->type == TEND_STRING)
        return tend_rows_set_string(rows, i, text);
    bool first = take(rows, i);
    char expectation[128];
    int64_t whole = 0;
    double number = 0;
    switch (tend_convert_one(&p->read, &rows->inputs->missing, text, &whole, &number, expectation)) {
    case TEND_CELL_MISSING: break;
    case TEND_CELL_MISFIT: misfit(rows, i, tend_rows_quote(rows, text, "\""), NULL); break;
    case TEND_CELL_FITS:
        if (p->type == TEND_FLOAT)
            put_double(rows, i, number);
        else
            put_int(rows, i, whole);
        break;
    }
    return first;
}

bool tend_rows_set_misfit(tend_rows *rows, int i, tend_str found) {
    bool first = take(rows, i);
    misfit(rows, i, tend_rows_quote(rows, found, ""), NULL);
    return first;
}

/* What could not be read is missing in the table, but it has a fault of its own. */
static bool has_fault(const tend_rows *rows, int input) {
    for (int f = rows->row_faults; f < rows->n_faults; f++)
        if (rows->faults[f].input == input)
            return true;
    return false;
}

bool tend_rows_end(tend_rows *rows, bool absent_is_fault) {
    bool misfits = rows->n_faults > rows->row_faults;
    for (int i = 0; i < rows->inputs->n; i++) {
        if (!rows->columns[i].given && absent_is_fault)
            tend_rows_fault(rows, i, "absent", TEND_RULE_ERROR, NULL, expected_of(rows->inputs->plans[i].type),
                            "send null when it is not known");
        else if (rows->inputs->plans[i].field && !(misfits && has_fault(rows, i)))
            tend_rows_check_value(rows, i);
    }
    rows->bad[rows->n - 1] = rows->row_bad;
    rows->n_bad += rows->row_bad;
    return !rows->row_bad;
}

void tend_rows_fail(tend_rows *rows, int64_t row) {
    rows->n_bad += !rows->bad[row];
    rows->bad[row] = 1;
}

void tend_rows_forgive(tend_rows *rows) {
    rows->n_faults = rows->row_faults;
    rows->row_bad = false;
    rows->n_bad -= rows->bad[rows->n - 1];
    rows->bad[rows->n - 1] = 0;
    if (!rows->n_faults)
        tend_arena_clear(rows->texts);
}

/* ---- predicting ---- */

static void reserve_predictions(tend_rows *rows) {
    const tend_model *model = rows->inputs->model;
    size_t n = (size_t)rows->capacity, groups = (size_t)model->predictor->n_groups;
    if (rows->predicted_capacity >= rows->n)
        return;
    free_predictions(rows);
    rows->x = tend_malloc(tend_mul_or_die(n, (size_t)model->predictor->n_features * sizeof(float)) + sizeof(float));
    rows->margins = tend_malloc(n * groups * sizeof(float));
    rows->predictions.score = tend_malloc(n * sizeof(double));
    if (model->task != TEND_TASK_REGRESSION)
        rows->predictions.class_index = tend_malloc(n * sizeof(int32_t));
    if (model->task == TEND_TASK_MULTICLASS)
        rows->predictions.scores = tend_malloc(n * (size_t)model->n_classes * sizeof(double));
    rows->predicted_capacity = rows->capacity;
}

const tend_table *tend_rows_table(const tend_rows *rows) {
    tend_table *table = (tend_table *)(uintptr_t)&rows->table;
    table->n_rows = rows->n;
    for (int i = 0; i < rows->inputs->n; i++) {
        table->columns[i].n_rows = rows->n;
        table->columns[i].n_missing = rows->columns[i].n_missing;
    }
    return table;
}

tend_status tend_rows_predict(tend_rows *rows, const tend_predictions **out, tend_error *err) {
    const tend_model *model = rows->inputs->model;
    const tend_table *table = tend_rows_table(rows);
    reserve_predictions(rows);
    if (!rows->bound)
        TEND_TRY(tend_pipeline_bind(model->pipeline, table, rows->arena, &rows->binding, err));
    rows->bound = true;
    for (int64_t at = 0; at < rows->n; at += BLOCK) {
        int64_t n = rows->n - at < BLOCK ? rows->n - at : BLOCK;
        float *x = rows->x + at * model->predictor->n_features, *margins = rows->margins + at * model->predictor->n_groups;
        TEND_TRY(tend_pipeline_apply(model->pipeline, table, &rows->binding, at, n, x, rows->scratch, err));
        tend_predictor_margins(model->predictor, x, n, margins);
        tend_model_decide(model, margins, at, n, rows->scratch, &rows->predictions);
    }
    rows->predictions.n = rows->n;
    *out = &rows->predictions;
    return TEND_OK;
}

const float *tend_rows_matrix(const tend_rows *rows, int64_t row) { return rows->x + row * rows->inputs->model->predictor->n_features; }
const float *tend_rows_margins(const tend_rows *rows, int64_t row) {
    return rows->margins + row * rows->inputs->model->predictor->n_groups;
}
