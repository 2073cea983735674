/* Whether a V2 request fits the model: everything that is wrong with it, each with its place. */
#include "serve/base64.h"
#include "serve/read_json.h"
#include "serve/v2.h"

#include <math.h>

void serve_v2_fault(serve_v2_request *r, const char *pointer, const char *found, const char *expected, const char *hint) {
    if (r->n_faults < SERVE_V2_SHOWN)
        r->faults[r->n_faults++] = (serve_fault){pointer, found, expected, hint};
    r->n_faults_total++;
}

static const char *shown(tend_arena *arena, tend_str s) {
    serve_cell cell = {.kind = TEND_JSON_STRING, .text = s};
    return s.at ? serve_cell_show(&cell, arena) : NULL;
}

static void tensor_fault(serve_v2_request *r, int i, const char *part, const char *found, const char *expected, const char *hint) {
    serve_v2_fault(r, tend_arena_printf(r->arena, "/inputs/%d%s", i, part), found, expected, hint);
}

static const char *did_you_mean(tend_arena *arena, const char *near) {
    return near ? tend_arena_printf(arena, "did you mean '%s'?", near) : NULL;
}

/* ---- names ---- */

static void find_column(serve_v2_request *r, int i, int *owners) {
    serve_v2_tensor *t = &r->tensors[i];
    t->input = t->name.at ? tend_inputs_find(r->inputs, t->name, i) : -1;
    if (!t->name.at)
        tensor_fault(r, i, "/name", NULL, "the name of a column", NULL);
    else if (t->input >= 0 && owners[t->input])
        tensor_fault(r, i, "/name", shown(r->arena, t->name), "each column once", NULL);
    else if (t->input >= 0)
        owners[t->input] = i + 1;
    else if (!serve_is_known_column(r->inputs, t->name))
        tensor_fault(r, i, "/name", shown(r->arena, t->name), "a column of the model",
                     did_you_mean(r->arena, tend_inputs_nearest(r->inputs, t->name)));
}

static void find_columns(serve_v2_request *r) {
    int n = tend_inputs_count(r->inputs), *owners = TEND_ARRAY(r->arena, int, n);
    for (int i = 0; i < r->n_tensors; i++)
        find_column(r, i, owners);
    for (int c = 0; c < n; c++)
        if (!owners[c])
            serve_v2_fault(r, "/inputs", NULL,
                           tend_arena_printf(r->arena, "an input '%s' (%s)", tend_inputs_name(r->inputs, c),
                                             serve_v2_type_of(tend_inputs_type(r->inputs, c))),
                           "a value that is not known is null, or NaN");
}

/* One tensor of all columns: its name is no column's, and it has two dimensions. */
static bool is_matrix(const serve_v2_request *r) {
    const serve_v2_tensor *t = r->tensors;
    return r->n_tensors == 1 && t->shape.n == 2 && t->name.at && tend_inputs_find(r->inputs, t->name, 0) < 0 &&
           !serve_is_known_column(r->inputs, t->name);
}

/* ---- datatypes ---- */

static bool is_number(serve_v2_type type) { return type != SERVE_V2_BOOL && type != SERVE_V2_BYTES; }

static bool fits_column(serve_v2_type type, tend_type column) {
    switch (column) {
    case TEND_BOOL: return true;
    case TEND_INT:
    case TEND_FLOAT: return is_number(type) || type == SERVE_V2_BYTES;
    case TEND_STRING:
    case TEND_DATE:
    case TEND_TIMESTAMP:
    case TEND_TYPE_COUNT: break;
    }
    return type == SERVE_V2_BYTES;
}

static void check_datatype(serve_v2_request *r, int i) {
    serve_v2_tensor *t = &r->tensors[i];
    const char *names[SERVE_V2_TYPES];
    t->type = serve_v2_type_find(t->datatype);
    for (int k = 1; k < SERVE_V2_TYPES; k++)
        names[k - 1] = serve_v2_types[k].name;
    if (!t->type) {
        const char *near =
            t->datatype.at ? tend_text_nearest(tend_arena_strndup(r->arena, t->datatype.at, t->datatype.size), names, SERVE_V2_TYPES - 1)
                           : NULL;
        tensor_fault(r, i, "/datatype", shown(r->arena, t->datatype),
                     "a datatype: BOOL, INT8 to INT64, UINT8 to UINT64, FP16, FP32, FP64 or BYTES", did_you_mean(r->arena, near));
    } else if (t->type == SERVE_V2_FP16 && t->binary_size < 0) {
        tensor_fault(r, i, "/datatype", "FP16", "FP32 or FP64 for values in JSON", NULL);
    } else if (t->input >= 0 && !fits_column(t->type, tend_inputs_type(r->inputs, t->input))) {
        tensor_fault(r, i, "/datatype", serve_v2_types[t->type].name, serve_v2_type_of(tend_inputs_type(r->inputs, t->input)), NULL);
    }
}

/* ---- shapes ---- */

static const char *shape_text(const serve_v2_request *r, const serve_v2_tensor *t) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    for (int64_t k = 0; k < t->shape.n; k++)
        tend_buf_printf(&text, "%s%s", k ? ", " : "[", serve_cell_show(&t->shape.items[k], r->arena));
    return t->shape.n ? tend_arena_printf(r->arena, "%s]", tend_buf_text(&text)) : "[]";
}

static bool dimension(const serve_v2_tensor *t, int64_t k, int64_t *out) {
    if (k >= t->shape.n || t->shape.items[k].kind != TEND_JSON_INT || t->shape.items[k].whole < 0)
        return false;
    *out = t->shape.items[k].whole;
    return true;
}

/* The number of values that the shape promises; -1: it is no shape for us, which was said. */
static int64_t check_shape(serve_v2_request *r, int i) {
    const serve_v2_tensor *t = &r->tensors[i];
    int64_t n, width = 1, wanted = r->matrix ? tend_inputs_count(r->inputs) : 1;
    if (!t->shape.depth) {
        tensor_fault(r, i, "/shape", NULL, "a shape: [n]", NULL);
        return -1;
    }
    if (t->shape.depth > 1 || !dimension(t, 0, &n) || t->shape.n > 2 || (t->shape.n == 2 && !dimension(t, 1, &width)) || width != wanted) {
        tensor_fault(r, i, "/shape", shape_text(r, t),
                     r->matrix ? tend_arena_printf(r->arena, "[n, %lld], a column per input of the model", (long long)wanted)
                               : "[n] or [n, 1], one value per row",
                     NULL);
        return -1;
    }
    if (r->max_rows && n > r->max_rows) {
        tensor_fault(r, i, "/shape", shape_text(r, t),
                     tend_arena_printf(r->arena, "at most %lld rows in one request", (long long)r->max_rows), NULL);
        return -1;
    }
    if (r->n_rows < 0)
        r->n_rows = n;
    if (n != r->n_rows) {
        tensor_fault(r, i, "/shape", shape_text(r, t),
                     tend_arena_printf(r->arena, "%lld rows, as the first input has", (long long)r->n_rows), NULL);
        return -1;
    }
    return n * width;
}

/* ---- values ---- */

static bool value_fits(serve_v2_type type, serve_cell *cell) {
    const serve_v2_type_row *row = &serve_v2_types[type];
    bool numeric = cell->kind == TEND_JSON_INT || cell->kind == TEND_JSON_DOUBLE;
    if (cell->kind == TEND_JSON_NULL)
        return true;
    if (type == SERVE_V2_BOOL || type == SERVE_V2_BYTES)
        return cell->kind == (type == SERVE_V2_BOOL ? TEND_JSON_BOOL : TEND_JSON_STRING);
    if (!numeric || type == SERVE_V2_FP64)
        return numeric;
    double v = cell->kind == TEND_JSON_INT ? (double)cell->whole : cell->number;
    if (type == SERVE_V2_FP32) { /* what the float is that the client means, as it would come in binary */
        *cell = (serve_cell){.kind = TEND_JSON_DOUBLE, .number = (double)(float)v};
        return !isinf(cell->number);
    }
    if (cell->kind == TEND_JSON_INT && type == SERVE_V2_INT64)
        return true;
    return v >= row->lowest && v < row->above && v == floor(v);
}

static bool is_nested_as_shaped(const serve_v2_tensor *t) {
    int64_t width = 0;
    return !t->data.ragged && (t->data.depth == 1 || (t->shape.n == 2 && dimension(t, 1, &width) && t->data.per_list == width));
}

static void check_data(serve_v2_request *r, int i, int64_t n) {
    serve_v2_tensor *t = &r->tensors[i];
    if (t->data.n != n) {
        tensor_fault(r, i, t->has_data ? "/data" : "/parameters/binary_data_size",
                     tend_arena_printf(r->arena, "%lld values", (long long)t->data.n),
                     tend_arena_printf(r->arena, "%lld values, as the shape says", (long long)n), NULL);
        return;
    }
    if (!t->has_data)
        return;
    if (!is_nested_as_shaped(t))
        tensor_fault(r, i, "/data", "lists of other lengths", "a flat list, or lists nested as the shape says", NULL);
    for (int64_t k = 0; k < n; k++) {
        if (value_fits(t->type, &t->data.items[k]))
            continue;
        const char *found = r->n_faults < SERVE_V2_SHOWN ? serve_cell_show(&t->data.items[k], r->arena) : NULL;
        tensor_fault(r, i, r->n_faults < SERVE_V2_SHOWN ? tend_arena_printf(r->arena, "/data/%lld", (long long)k) : "", found,
                     serve_v2_types[t->type].expected, NULL);
    }
}

static void check_tensor(serve_v2_request *r, int i) {
    serve_v2_tensor *t = &r->tensors[i];
    int before = r->n_faults;
    if (t->shared_memory)
        tensor_fault(r, i, "/parameters/shared_memory_region", "a region", "values: in data, or in binary behind the JSON",
                     "shared memory is not served");
    else if (!t->has_data && t->binary_size < 0)
        tensor_fault(r, i, "/data", NULL, "a list of values", NULL);
    check_datatype(r, i);
    int64_t n = check_shape(r, i);
    if (r->n_faults == before && n >= 0)
        check_data(r, i, n);
}

/* ---- content types ---- */

/* What MLServer's codecs call the values: how they were encoded, which for columns changes nothing but for base64. */
static void check_content_type(serve_v2_request *r, const char *pointer, tend_str type, bool bytes) {
    static const char *const any[] = {"pd", "np", NULL}, *const texts[] = {"str", "base64", "datetime", NULL};
    if (!type.at)
        return;
    for (int k = 0; any[k]; k++)
        if (tend_str_is(type, any[k]))
            return;
    for (int k = 0; bytes && texts[k]; k++)
        if (tend_str_is(type, texts[k]))
            return;
    serve_v2_fault(r, pointer, shown(r->arena, type), bytes ? "pd, np, str, base64 or datetime" : "pd or np", NULL);
}

static void decode_base64(serve_v2_request *r, int i) {
    serve_v2_tensor *t = &r->tensors[i];
    for (int64_t k = 0; k < t->data.n; k++) {
        serve_cell *cell = &t->data.items[k];
        if (cell->kind == TEND_JSON_STRING && !serve_base64_decode(cell->text, r->arena, &cell->text))
            tensor_fault(r, i, tend_arena_printf(r->arena, "/data/%lld", (long long)k), serve_cell_show(cell, r->arena), "base64", NULL);
    }
}

static void check_content_types(serve_v2_request *r) {
    check_content_type(r, "/parameters/content_type", r->content_type, true);
    for (int i = 0; i < r->n_tensors; i++) {
        const serve_v2_tensor *t = &r->tensors[i];
        bool bytes = t->type == SERVE_V2_BYTES;
        check_content_type(r, tend_arena_printf(r->arena, "/inputs/%d/parameters/content_type", i), t->content_type, bytes);
        if (bytes && tend_str_is(t->content_type.at ? t->content_type : r->content_type, "base64"))
            decode_base64(r, i);
    }
}

/* ---- the whole ---- */

static void check_matrix(serve_v2_request *r) {
    for (int c = 0; c < tend_inputs_count(r->inputs); c++) {
        tend_type type = tend_inputs_type(r->inputs, c);
        if (type == TEND_INT || type == TEND_FLOAT || type == TEND_BOOL)
            continue;
        tensor_fault(r, 0, "/name", shown(r->arena, r->tensors->name), "an input per column",
                     tend_arena_printf(r->arena, "one tensor for all is for models of numbers, and '%s' is %s",
                                       tend_inputs_name(r->inputs, c), serve_v2_type_of(type)));
        return;
    }
    if (serve_v2_type_find(r->tensors->datatype) == SERVE_V2_BYTES)
        tensor_fault(r, 0, "/datatype", "BYTES", "FP32 or FP64", NULL);
}

bool serve_v2_check(serve_v2_request *r) {
    r->n_rows = -1;
    if (r->id.size > SERVE_V2_ID)
        serve_v2_fault(r, "/id", tend_arena_printf(r->arena, "%zu bytes", r->id.size), "at most 256 bytes", NULL);
    if (!r->has_inputs) {
        serve_v2_fault(r, "/inputs", NULL, "a list of inputs, one per column", NULL);
        return false;
    }
    r->matrix = is_matrix(r);
    if (r->matrix)
        check_matrix(r);
    else
        find_columns(r);
    for (int i = 0; i < r->n_tensors; i++)
        check_tensor(r, i);
    check_content_types(r);
    return !r->n_faults;
}

/* ---- rows ---- */

void serve_v2_fill(const serve_v2_request *r, tend_rows *rows) {
    int n = tend_inputs_count(r->inputs);
    for (int64_t row = 0; row < r->n_rows; row++) {
        tend_rows_begin(rows);
        for (int c = 0; r->matrix && c < n; c++)
            serve_cell_set(&r->tensors->data.items[row * n + c], rows, r->inputs, c, false);
        for (int i = 0; !r->matrix && i < r->n_tensors; i++)
            if (r->tensors[i].input >= 0)
                serve_cell_set(&r->tensors[i].data.items[row], rows, r->inputs, r->tensors[i].input, false);
        tend_rows_end(rows, true);
    }
}

const char *serve_v2_pointer(const serve_v2_request *r, tend_arena *arena, int64_t row, const char *column) {
    int input = tend_inputs_find(r->inputs, tend_str_of(column), 0);
    int64_t flat = row * tend_inputs_count(r->inputs) + input;
    if (r->matrix && r->tensors->data.depth == 2)
        return tend_arena_printf(arena, "/inputs/0/data/%lld/%d", (long long)row, input);
    if (r->matrix)
        return tend_arena_printf(arena, "/inputs/0/data/%lld", (long long)flat);
    for (int i = 0; i < r->n_tensors; i++)
        if (r->tensors[i].input == input)
            return tend_arena_printf(arena, "/inputs/%d/data/%lld", i, (long long)row);
    return "/inputs";
}
