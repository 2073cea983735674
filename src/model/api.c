/* The public C API (include/tend/tend.h): thin over bundle and model. */
#include "tend/tend.h"

#include "data/iso.h"
#include "model/bundle.h"
#include "model/explain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

const char *tend_version(void) { return TEND_VERSION; }

static int report(tend_status status, const tend_error *err, tend_fault *fault) {
    int code = tend_status_exit(status);
    if (fault && code) {
        fault->code = code;
        snprintf(fault->message, sizeof fault->message, "%s", err->message);
        snprintf(fault->hint, sizeof fault->hint, "%s", err->hint);
    }
    return code;
}

/* ---- models ---- */

int tend_model_open(const char *path, tend_model **out_model, tend_fault *fault) {
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO(tend_bundle) *bundle = NULL;
    tend_status status = tend_bundle_open(path, &bundle, &err);
    return report(status == TEND_OK ? tend_bundle_load(bundle, out_model, &err) : status, &err, fault);
}

int tend_model_open_bytes(const void *bytes, size_t size, tend_model **out_model, tend_fault *fault) {
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO(tend_bundle) *bundle = NULL;
    tend_status status = tend_bundle_parse(bytes, size, "the bytes given", &bundle, &err);
    return report(status == TEND_OK ? tend_bundle_load(bundle, out_model, &err) : status, &err, fault);
}

void tend_model_close(tend_model *model) { tend_model_free(model); }
const char *tend_model_name(const tend_model *model) { return model->name; }
const char *tend_model_target(const tend_model *model) { return model->target; }
const char *tend_model_task(const tend_model *model) { return tend_task_name(model->task); }
int tend_model_n_classes(const tend_model *model) { return model->n_classes; }
double tend_model_threshold(const tend_model *model) { return model->threshold; }
int tend_model_n_inputs(const tend_model *model) { return tend_pipeline_n_inputs(model->pipeline); }

const char *tend_model_class(const tend_model *model, int index) {
    return index >= 0 && index < model->n_classes ? model->classes[index] : NULL;
}

static tend_input_kind kind_of(tend_type type) {
    switch (type) {
    case TEND_BOOL: return TEND_INPUT_BOOLEAN;
    case TEND_DATE: return TEND_INPUT_DATE;
    case TEND_TIMESTAMP: return TEND_INPUT_TIMESTAMP;
    case TEND_INT:
    case TEND_FLOAT: return TEND_INPUT_NUMBER;
    case TEND_STRING:
    case TEND_TYPE_COUNT: break;
    }
    return TEND_INPUT_TEXT;
}

const char *tend_model_input(const tend_model *model, int index, tend_input_kind *out_kind) {
    if (index < 0 || index >= tend_model_n_inputs(model))
        return NULL;
    tend_type type = TEND_STRING;
    const char *name = tend_pipeline_input(model->pipeline, index, &type);
    if (out_kind)
        *out_kind = kind_of(type);
    return name;
}

/* ---- values ---- */

/* A column of this kind of input: whole and other numbers alike are floats. */
static tend_type column_type(tend_input_kind kind) {
    static const tend_type types[] = {TEND_FLOAT, TEND_STRING, TEND_BOOL, TEND_DATE, TEND_TIMESTAMP};
    return types[kind];
}

static tend_status wrong_text(const char *input, const char *text, const char *expected, tend_error *err) {
    return TEND_FAIL(err, INVALID, "'%s': expected %s, found '%.80s'", input, expected, text);
}

static tend_status parse_number(const char *input, const char *text, double *out, tend_error *err) {
    return tend_text_parse_double(tend_str_of(text), false, out) ? TEND_OK : wrong_text(input, text, "a number", err);
}

static tend_status parse_whole(const char *input, tend_input_kind kind, const char *text, int64_t *out, tend_error *err) {
    if (kind == TEND_INPUT_DATE)
        return tend_iso_parse_date(tend_str_of(text), out) ? TEND_OK : wrong_text(input, text, "a date such as 2027-03-31", err);
    if (kind == TEND_INPUT_TIMESTAMP)
        return tend_iso_parse_timestamp(tend_str_of(text), out, NULL) ? TEND_OK
                                                                      : wrong_text(input, text, "a time such as 2027-03-31T08:00:00Z", err);
    *out = strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0;
    return *out || strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0 ? TEND_OK : wrong_text(input, text, "true or false", err);
}

static tend_status whole_number(const char *input, tend_input_kind kind, double v, int64_t *out, tend_error *err) {
    if (kind == TEND_INPUT_BOOLEAN && v != 0 && v != 1)
        return TEND_FAIL(err, INVALID, "'%s': expected 0 or 1, found %g", input, v);
    if (!(fabs(v) < 9e18))
        return TEND_FAIL(err, INVALID, "'%s': %g is out of range", input, v);
    *out = (int64_t)v;
    return TEND_OK;
}

static tend_status unknown_input(const tend_model *model, const char *name, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    int n = tend_model_n_inputs(model);
    const char **names = TEND_ARRAY(arena, const char *, n);
    for (int i = 0; i < n; i++)
        names[i] = tend_model_input(model, i, NULL);
    const char *near = tend_text_nearest(name, names, (size_t)n);
    tend_status status = TEND_FAIL(err, NOT_FOUND, "the model '%s' has no input '%.80s'", model->name, name);
    return near ? tend_error_hint(err, status, "did you mean '%s'?", near) : status;
}

/* ---- one row ---- */

typedef struct cell {
    int64_t whole;
    double number;
    char *text; /* its own memory */
    size_t capacity;
    int64_t offsets[2];
    uint8_t valid;
} cell;

/* Made when a row is first explained. */
typedef struct explaining {
    tend_explainer *explainer;
    const char **features;
    double *base, *values; /* per group */
} explaining;

struct tend_row {
    const tend_model *model;
    tend_table table;
    tend_binding binding; /* the columns never change, only what is in them */
    cell *cells;
    float *x, *margins;
    double *scores, *probabilities;
    explaining explaining;
    tend_arena *arena, *scratch;
};

static void point_column(tend_row *row, int i) {
    tend_input_kind kind;
    cell *c = &row->cells[i];
    tend_column *column = &row->table.columns[i];
    column->name = tend_model_input(row->model, i, &kind);
    column->type = column_type(kind);
    column->n_rows = 1;
    column->valid = &c->valid;
    column->ints = &c->whole;
    column->floats = &c->number;
    column->offsets = c->offsets;
    column->bytes = "";
}

tend_row *tend_row_new(const tend_model *model) {
    tend_arena *arena = tend_arena_new();
    tend_row *row = TEND_NEW(arena, tend_row);
    int n = tend_model_n_inputs(model), groups = model->predictor->n_groups;
    *row = (tend_row){.model = model, .arena = arena, .scratch = tend_arena_new(), .table = {.n_rows = 1, .n_columns = n}};
    row->table.columns = TEND_ARRAY(arena, tend_column, n);
    row->cells = TEND_ARRAY(arena, cell, n);
    row->x = TEND_ARRAY(arena, float, model->predictor->n_features);
    row->margins = TEND_ARRAY(arena, float, groups);
    row->scores = TEND_ARRAY(arena, double, groups);
    row->probabilities = TEND_ARRAY(arena, double, groups > 1 ? groups : 2);
    for (int i = 0; i < n; i++)
        point_column(row, i);
    tend_row_clear(row);
    return row;
}

void tend_row_free(tend_row *row) {
    if (!row)
        return;
    for (int i = 0; i < row->table.n_columns; i++)
        free(row->cells[i].text);
    tend_explainer_free(row->explaining.explainer);
    tend_arena_free(row->scratch);
    tend_arena_free(row->arena);
}

static void set_missing(tend_row *row, int i) {
    cell *c = &row->cells[i];
    c->valid = 0;
    c->whole = 0;
    c->number = (double)NAN;
    c->offsets[1] = 0;
    row->table.columns[i].n_missing = 1;
}

void tend_row_clear(tend_row *row) {
    for (int i = 0; i < row->table.n_columns; i++)
        set_missing(row, i);
}

static void set_present(tend_row *row, int i) {
    row->cells[i].valid = 1;
    row->table.columns[i].n_missing = 0;
}

static void set_string(tend_row *row, int i, const char *text) {
    cell *c = &row->cells[i];
    size_t size = strlen(text);
    if (size + 1 > c->capacity) {
        c->capacity = 2 * size + 16;
        c->text = tend_realloc(c->text, c->capacity);
        row->table.columns[i].bytes = c->text;
    }
    memcpy(c->text, text, size + 1);
    c->offsets[1] = (int64_t)size;
}

static tend_status find_input(const tend_row *row, const char *input, int *out, tend_error *err) {
    *out = tend_table_find(&row->table, input);
    return *out < 0 ? unknown_input(row->model, input, err) : TEND_OK;
}

static tend_status set_number(tend_row *row, const char *input, double value, tend_error *err) {
    int i = 0;
    int64_t whole = 0;
    TEND_TRY(find_input(row, input, &i, err));
    if (isnan(value)) {
        set_missing(row, i);
        return TEND_OK;
    }
    tend_input_kind kind;
    tend_model_input(row->model, i, &kind);
    if (kind == TEND_INPUT_TEXT)
        return TEND_FAIL(err, INVALID, "'%s': expected a text, found the number %g", input, value);
    if (kind != TEND_INPUT_NUMBER)
        TEND_TRY(whole_number(input, kind, value, &whole, err));
    row->cells[i].number = value;
    row->cells[i].whole = whole;
    set_present(row, i);
    return TEND_OK;
}

int tend_row_set_number(tend_row *row, const char *input, double value, tend_fault *fault) {
    tend_error err = TEND_ERROR_INIT;
    return report(set_number(row, input, value, &err), &err, fault);
}

static tend_status set_text(tend_row *row, const char *input, const char *value, tend_error *err) {
    int i = 0;
    TEND_TRY(find_input(row, input, &i, err));
    if (!value) {
        set_missing(row, i);
        return TEND_OK;
    }
    tend_input_kind kind;
    tend_model_input(row->model, i, &kind);
    int64_t whole = 0;
    double number = 0;
    if (kind == TEND_INPUT_TEXT)
        set_string(row, i, value);
    else if (kind == TEND_INPUT_NUMBER)
        TEND_TRY(parse_number(input, value, &number, err));
    else
        TEND_TRY(parse_whole(input, kind, value, &whole, err));
    row->cells[i].number = number;
    row->cells[i].whole = whole;
    set_present(row, i);
    return TEND_OK;
}

int tend_row_set_text(tend_row *row, const char *input, const char *value, tend_fault *fault) {
    tend_error err = TEND_ERROR_INIT;
    return report(set_text(row, input, value, &err), &err, fault);
}

static tend_status score_row(tend_row *row, tend_error *err) {
    const tend_model *model = row->model;
    if (!row->binding.column)
        TEND_TRY(tend_pipeline_bind(model->pipeline, &row->table, row->arena, &row->binding, err));
    TEND_TRY(tend_pipeline_apply(model->pipeline, &row->table, &row->binding, 0, 1, row->x, row->scratch, err));
    tend_predictor_margins(model->predictor, row->x, 1, row->margins);
    tend_predictor_scores(model->predictor, row->margins, 1, row->scores);
    return TEND_OK;
}

/* As tend_model_predict decides. */
static void decide(tend_row *row, tend_prediction *out) {
    const tend_model *model = row->model;
    *out = (tend_prediction){.score = row->scores[0], .class_index = -1};
    if (model->task == TEND_TASK_REGRESSION)
        return;
    if (model->task == TEND_TASK_BINARY) {
        row->probabilities[0] = 1 - row->scores[0];
        row->probabilities[1] = row->scores[0];
        out->class_index = row->scores[0] >= model->threshold;
    } else {
        memcpy(row->probabilities, row->scores, (size_t)model->n_classes * sizeof(double));
        out->class_index = 0;
        for (int g = 1; g < model->n_classes; g++)
            out->class_index = row->scores[g] > row->scores[out->class_index] ? g : out->class_index;
        out->score = row->scores[out->class_index];
    }
    out->class_name = model->classes[out->class_index];
    out->probabilities = row->probabilities;
    out->n_probabilities = model->n_classes;
}

int tend_row_predict(tend_row *row, tend_prediction *out, tend_fault *fault) {
    tend_error err = TEND_ERROR_INIT;
    tend_status status = score_row(row, &err);
    if (status == TEND_OK)
        decide(row, out);
    return report(status, &err, fault);
}

static void start_explaining(tend_row *row) {
    tend_explainer *explainer = tend_explainer_new(row->model);
    int n = tend_explainer_n_parts(explainer), groups = row->model->predictor->n_groups;
    row->explaining = (explaining){.explainer = explainer,
                                   .features = TEND_ARRAY(row->arena, const char *, n),
                                   .base = TEND_ARRAY(row->arena, double, groups),
                                   .values = TEND_ARRAY(row->arena, double, tend_mul_or_die((size_t)groups, (size_t)n))};
    for (int i = 0; i < n; i++)
        row->explaining.features[i] = tend_explainer_part(explainer, i);
}

static tend_status explain_row(tend_row *row, int class_index, tend_explanation *out, tend_error *err) {
    int groups = row->model->predictor->n_groups;
    if (class_index < -1 || class_index >= (groups > 1 ? groups : 0))
        return TEND_FAIL(err, INVALID,
                         groups > 1 ? "there is no class %d to explain" : "there is one margin to explain, not one for class %d",
                         class_index);
    tend_prediction prediction;
    TEND_TRY(score_row(row, err));
    decide(row, &prediction);
    if (!row->explaining.explainer)
        start_explaining(row);
    const explaining *e = &row->explaining;
    tend_arena_clear(row->scratch);
    tend_explain_rows(e->explainer, row->x, 1, row->margins, e->base, e->values, row->scratch);
    int n = tend_explainer_n_parts(e->explainer), group = groups == 1 ? 0 : class_index < 0 ? prediction.class_index : class_index;
    *out = (tend_explanation){.margin = (double)row->margins[group],
                              .base = e->base[group],
                              .n_features = n,
                              .features = e->features,
                              .values = e->values + (size_t)group * (size_t)n};
    return TEND_OK;
}

int tend_row_explain(tend_row *row, int class_index, tend_explanation *out, tend_fault *fault) {
    tend_error err = TEND_ERROR_INIT;
    return report(explain_row(row, class_index, out, &err), &err, fault);
}

/* ---- many rows ---- */

static tend_status add_value(tend_column_builder *builder, const tend_array *array, tend_input_kind kind, size_t i, tend_error *err) {
    const char *text = array->texts ? array->texts[i] : NULL;
    double number = array->numbers ? array->numbers[i] : (double)NAN;
    int64_t whole = 0;
    if (array->texts ? !text : isnan(number)) {
        tend_column_add_missing(builder);
    } else if (kind == TEND_INPUT_TEXT) {
        if (!text)
            return TEND_FAIL(err, INVALID, "'%s': expected texts, found numbers", array->input);
        tend_column_add_string(builder, tend_str_of(text));
    } else if (kind == TEND_INPUT_NUMBER) {
        if (text)
            TEND_TRY(parse_number(array->input, text, &number, err));
        tend_column_add_double(builder, number);
    } else {
        TEND_TRY(text ? parse_whole(array->input, kind, text, &whole, err) : whole_number(array->input, kind, number, &whole, err));
        tend_column_add_int(builder, whole);
    }
    return TEND_OK;
}

static tend_status make_column(const tend_array *array, tend_input_kind kind, size_t n_rows, tend_arena *arena, tend_column *out,
                               tend_error *err) {
    tend_column_builder *builder = tend_column_builder_new(arena, array->input, column_type(kind));
    for (size_t i = 0; i < n_rows; i++) {
        tend_status status = add_value(builder, array, kind, i, err);
        if (status != TEND_OK)
            return tend_error_wrap(err, status, "reading row %zu", i + 1);
    }
    tend_column_build(builder, out);
    return TEND_OK;
}

static tend_status make_table(const tend_model *model, const tend_array *arrays, int n_arrays, size_t n_rows, tend_arena *arena,
                              tend_table **out, tend_error *err) {
    int n = tend_model_n_inputs(model);
    tend_table *table = tend_table_new(arena, n, (int64_t)n_rows);
    for (int i = 0; i < n; i++) {
        tend_input_kind kind;
        const char *name = tend_model_input(model, i, &kind);
        const tend_array *found = NULL;
        for (int a = 0; a < n_arrays && !found; a++)
            found = strcmp(arrays[a].input, name) == 0 ? &arrays[a] : NULL;
        if (!found || (!found->numbers && !found->texts && n_rows))
            return TEND_FAIL(err, INVALID, "the input '%s' is not given", name);
        TEND_TRY(make_column(found, kind, n_rows, arena, &table->columns[i], err));
    }
    *out = table;
    return TEND_OK;
}

static void copy_out(const tend_model *model, const tend_predictions *p, double *scores, int32_t *class_indexes, double *probabilities) {
    size_t n = (size_t)p->n;
    if (scores)
        memcpy(scores, p->score, n * sizeof *scores);
    if (class_indexes && p->class_index)
        memcpy(class_indexes, p->class_index, n * sizeof *class_indexes);
    if (probabilities && p->scores)
        memcpy(probabilities, p->scores, n * (size_t)model->n_classes * sizeof *probabilities);
    for (size_t i = 0; probabilities && model->task == TEND_TASK_BINARY && i < n; i++) {
        probabilities[2 * i] = 1 - p->score[i];
        probabilities[2 * i + 1] = p->score[i];
    }
}

int tend_model_predict_arrays(const tend_model *model, const tend_array *arrays, int n_arrays, size_t n_rows, double *scores,
                              int32_t *class_indexes, double *probabilities, tend_fault *fault) {
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = NULL;
    tend_predictions predictions;
    tend_status status = make_table(model, arrays, n_arrays, n_rows, arena, &table, &err);
    if (status == TEND_OK)
        status = tend_model_predict(model, table, arena, &predictions, &err);
    if (status == TEND_OK)
        copy_out(model, &predictions, scores, class_indexes, probabilities);
    return report(status, &err, fault);
}
