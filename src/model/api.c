/* The public C API (include/tend/tend.h): thin over bundle and model. */
#include "tend/tend.h"

#include "model/bundle.h"
#include "model/explain.h"
#include "model/inputs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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

static tend_status unknown_input(const tend_inputs *inputs, const char *name, tend_error *err) {
    const char *near = tend_inputs_nearest(inputs, tend_str_of(name));
    tend_status status = TEND_FAIL(err, NOT_FOUND, "the model '%s' has no input '%.80s'", tend_inputs_model(inputs)->name, name);
    return near ? tend_error_hint(err, status, "did you mean '%s'?", near) : status;
}

/* The first fault that is more than a warning, as an error; the newest row is as if it had none. */
static tend_status fault_of(tend_rows *rows, const tend_inputs *inputs, tend_error *err) {
    const tend_input_fault *faults = tend_rows_faults(rows), *worst = NULL;
    for (int i = 0; i < tend_rows_n_faults(rows) && !worst; i++)
        worst = faults[i].severity != TEND_RULE_WARNING ? &faults[i] : NULL;
    tend_status status = TEND_OK;
    if (worst) {
        status = TEND_FAIL(err, INVALID, "'%s': expected %s, found %s", tend_inputs_name(inputs, worst->input), worst->expected,
                           worst->found ? worst->found : "nothing");
        if (worst->hint)
            tend_error_hint(err, status, "%s", worst->hint);
    }
    tend_rows_forgive(rows);
    return status;
}

static tend_status whole_number(const char *input, tend_type type, double v, int64_t *out, tend_error *err) {
    if (type == TEND_BOOL && v != 0 && v != 1)
        return TEND_FAIL(err, INVALID, "'%s': expected 0 or 1, found %g", input, v);
    if (!(fabs(v) < 9e18))
        return TEND_FAIL(err, INVALID, "'%s': %g is out of range", input, v);
    *out = (int64_t)v;
    return TEND_OK;
}

static tend_status set_number(tend_rows *rows, const tend_inputs *inputs, int i, double value, tend_error *err) {
    const char *name = tend_inputs_name(inputs, i);
    tend_type type = tend_inputs_type(inputs, i);
    int64_t whole = 0;
    if (isnan(value)) {
        tend_rows_set_missing(rows, i);
    } else if (type == TEND_INT || type == TEND_FLOAT || type == TEND_STRING) {
        tend_rows_set_double(rows, i, value);
    } else {
        TEND_TRY(whole_number(name, type, value, &whole, err));
        if (type == TEND_BOOL)
            tend_rows_set_bool(rows, i, whole);
        else
            tend_rows_set_time(rows, i, whole);
    }
    return fault_of(rows, inputs, err);
}

static tend_status set_text(tend_rows *rows, const tend_inputs *inputs, int i, const char *value, tend_error *err) {
    if (value)
        tend_rows_set_cell(rows, i, tend_str_of(value));
    else
        tend_rows_set_missing(rows, i);
    return fault_of(rows, inputs, err);
}

/* ---- one row ---- */

/* Made when a row is first explained. */
typedef struct explaining {
    tend_explainer *explainer;
    const char **features;
    double *base, *values; /* per group */
    tend_arena *arena, *scratch;
} explaining;

struct tend_row {
    tend_inputs *inputs;
    tend_rows *rows; /* one of them */
    double probabilities[2];
    explaining explaining;
};

tend_row *tend_row_new(const tend_model *model) {
    tend_row *row = tend_calloc(1, sizeof *row);
    row->inputs = tend_inputs_new(model);
    row->rows = tend_rows_new(row->inputs);
    tend_row_clear(row);
    return row;
}

void tend_row_free(tend_row *row) {
    if (!row)
        return;
    tend_rows_free(row->rows);
    tend_inputs_free(row->inputs);
    tend_explainer_free(row->explaining.explainer);
    tend_arena_free(row->explaining.scratch);
    tend_arena_free(row->explaining.arena);
    free(row);
}

void tend_row_clear(tend_row *row) {
    tend_rows_clear(row->rows);
    tend_rows_begin(row->rows);
}

static tend_status find_input(const tend_row *row, const char *input, int *out, tend_error *err) {
    *out = tend_inputs_find(row->inputs, tend_str_of(input), -1);
    return *out < 0 ? unknown_input(row->inputs, input, err) : TEND_OK;
}

int tend_row_set_number(tend_row *row, const char *input, double value, tend_fault *fault) {
    tend_error err = TEND_ERROR_INIT;
    int i = 0;
    tend_status status = find_input(row, input, &i, &err);
    return report(status == TEND_OK ? set_number(row->rows, row->inputs, i, value, &err) : status, &err, fault);
}

int tend_row_set_text(tend_row *row, const char *input, const char *value, tend_fault *fault) {
    tend_error err = TEND_ERROR_INIT;
    int i = 0;
    tend_status status = find_input(row, input, &i, &err);
    return report(status == TEND_OK ? set_text(row->rows, row->inputs, i, value, &err) : status, &err, fault);
}

static void give(tend_row *row, const tend_predictions *p, tend_prediction *out) {
    const tend_model *model = tend_inputs_model(row->inputs);
    *out = (tend_prediction){.score = p->score[0], .class_index = -1};
    if (model->task == TEND_TASK_REGRESSION)
        return;
    row->probabilities[0] = 1 - p->score[0];
    row->probabilities[1] = p->score[0];
    out->class_index = p->class_index[0];
    out->class_name = model->classes[out->class_index];
    out->probabilities = model->task == TEND_TASK_BINARY ? row->probabilities : p->scores;
    out->n_probabilities = model->n_classes;
}

static tend_status predict_row(tend_row *row, const tend_predictions **out, tend_error *err) {
    tend_rows_end(row->rows, false);
    TEND_TRY(fault_of(row->rows, row->inputs, err));
    return tend_rows_predict(row->rows, out, err);
}

int tend_row_predict(tend_row *row, tend_prediction *out, tend_fault *fault) {
    tend_error err = TEND_ERROR_INIT;
    const tend_predictions *predictions = NULL;
    tend_status status = predict_row(row, &predictions, &err);
    if (status == TEND_OK)
        give(row, predictions, out);
    return report(status, &err, fault);
}

static void start_explaining(tend_row *row) {
    const tend_model *model = tend_inputs_model(row->inputs);
    tend_arena *arena = tend_arena_new();
    tend_explainer *explainer = tend_explainer_new(model);
    int n = tend_explainer_n_parts(explainer), groups = model->predictor->n_groups;
    row->explaining = (explaining){.explainer = explainer,
                                   .features = TEND_ARRAY(arena, const char *, n),
                                   .base = TEND_ARRAY(arena, double, groups),
                                   .values = TEND_ARRAY(arena, double, tend_mul_or_die((size_t)groups, (size_t)n)),
                                   .arena = arena,
                                   .scratch = tend_arena_new()};
    for (int i = 0; i < n; i++)
        row->explaining.features[i] = tend_explainer_part(explainer, i);
}

static tend_status explain_row(tend_row *row, int class_index, tend_explanation *out, tend_error *err) {
    int groups = tend_inputs_model(row->inputs)->predictor->n_groups;
    const tend_predictions *predictions = NULL;
    if (class_index < -1 || class_index >= (groups > 1 ? groups : 0))
        return TEND_FAIL(err, INVALID,
                         groups > 1 ? "there is no class %d to explain" : "there is one margin to explain, not one for class %d",
                         class_index);
    TEND_TRY(predict_row(row, &predictions, err));
    if (!row->explaining.explainer)
        start_explaining(row);
    const explaining *e = &row->explaining;
    const float *margins = tend_rows_margins(row->rows, 0);
    tend_arena_clear(e->scratch);
    tend_explain_rows(e->explainer, tend_rows_matrix(row->rows, 0), 1, margins, e->base, e->values, e->scratch);
    int n = tend_explainer_n_parts(e->explainer), group = groups == 1 ? 0 : class_index < 0 ? predictions->class_index[0] : class_index;
    *out = (tend_explanation){.margin = (double)margins[group],
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

/* Which array is which input's. */
static tend_status match_arrays(const tend_inputs *inputs, const tend_array *arrays, int n_arrays, size_t n_rows, const tend_array **out,
                                tend_error *err) {
    for (int i = 0; i < tend_inputs_count(inputs); i++) {
        out[i] = NULL;
        for (int a = 0; a < n_arrays && !out[i]; a++)
            out[i] = strcmp(arrays[a].input, tend_inputs_name(inputs, i)) == 0 ? &arrays[a] : NULL;
        if (!out[i] || (!out[i]->numbers && !out[i]->texts && n_rows))
            return TEND_FAIL(err, INVALID, "the input '%s' is not given", tend_inputs_name(inputs, i));
    }
    return TEND_OK;
}

static tend_status read_row(tend_rows *rows, const tend_inputs *inputs, const tend_array *const *arrays, size_t at, tend_error *err) {
    tend_rows_begin(rows);
    for (int i = 0; i < tend_inputs_count(inputs); i++)
        TEND_TRY(arrays[i]->texts ? set_text(rows, inputs, i, arrays[i]->texts[at], err)
                                  : set_number(rows, inputs, i, arrays[i]->numbers[at], err));
    tend_rows_end(rows, false);
    return fault_of(rows, inputs, err);
}

static tend_status read_arrays(tend_rows *rows, const tend_inputs *inputs, const tend_array *arrays, int n_arrays, size_t n_rows,
                               tend_arena *arena, tend_error *err) {
    const tend_array **matched = TEND_ARRAY(arena, const tend_array *, tend_inputs_count(inputs) + 1);
    TEND_TRY(match_arrays(inputs, arrays, n_arrays, n_rows, matched, err));
    for (size_t at = 0; at < n_rows; at++)
        TEND_TRY_WRAP(read_row(rows, inputs, matched, at, err), err, "reading row %zu", at + 1);
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
    TEND_AUTO(tend_inputs) *inputs = tend_inputs_new(model);
    TEND_AUTO(tend_rows) *rows = tend_rows_new(inputs);
    tend_predictions predictions;
    tend_status status = read_arrays(rows, inputs, arrays, n_arrays, n_rows, arena, &err);
    if (status == TEND_OK)
        status = tend_model_predict(model, tend_rows_table(rows), arena, &predictions, &err);
    if (status == TEND_OK)
        copy_out(model, &predictions, scores, class_indexes, probabilities);
    return report(status, &err, fault);
}
