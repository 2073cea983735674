/* The JSON of a V2 request. Keys come in any order: a tensor's values are read before anything is known of them, and judged later. */
#include "serve/v2.h"

enum { UNKNOWN = -1, TWICE = -2 };

/* The index of the key in names; UNKNOWN: to be skipped. A null is as good as no key. */
static int take_key(tend_json_pull *p, tend_str key, const char *const *names, unsigned *seen) {
    int k = 0;
    while (names[k] && !tend_str_is(key, names[k]))
        k++;
    if (!names[k] || tend_json_peek(p) == TEND_JSON_NULL)
        return UNKNOWN;
    if (*seen >> k & 1) {
        tend_json_pull_fail(p, "a key for the second time");
        return TWICE;
    }
    *seen |= 1u << k;
    return k;
}

static bool read_text(tend_json_pull *p, const char *fault, tend_str *out) {
    tend_json_value v;
    if (tend_json_peek(p) != TEND_JSON_STRING)
        return tend_json_pull_fail(p, fault);
    if (!tend_json_scalar(p, &v))
        return false;
    *out = v.string;
    return true;
}

static bool read_truth(tend_json_pull *p, bool *out) {
    tend_json_value v;
    if (tend_json_peek(p) != TEND_JSON_BOOL)
        return tend_json_pull_fail(p, "expected true or false");
    if (!tend_json_scalar(p, &v))
        return false;
    *out = v.truth;
    return true;
}

static bool read_size(tend_json_pull *p, int64_t *out) {
    tend_json_value v;
    if (tend_json_peek(p) != TEND_JSON_INT || !tend_json_scalar(p, &v) || v.kind != TEND_JSON_INT || v.whole < 0)
        return tend_json_pull_fail(p, "expected a number of bytes");
    *out = v.whole;
    return true;
}

static bool enter(tend_json_pull *p, const char *fault) { return tend_json_enter_object(p) || tend_json_pull_fail(p, fault); }

/* ---- parameters ---- */

static bool read_tensor_parameters(serve_v2_tensor *t, tend_json_pull *p) {
    static const char *const names[] = {"binary_data_size", "content_type", "shared_memory_region", NULL};
    unsigned seen = 0;
    tend_str key;
    if (!enter(p, "expected parameters as an object"))
        return false;
    while (tend_json_next_key(p, &key)) {
        int k = take_key(p, key, names, &seen);
        t->shared_memory |= k == 2;
        if (k == 0   ? !read_size(p, &t->binary_size)
            : k == 1 ? !read_text(p, "expected a content type as a string", &t->content_type)
                     : !tend_json_skip(p, NULL))
            return false;
    }
    return !p->fault;
}

static bool read_request_parameters(serve_v2_request *r, tend_json_pull *p) {
    static const char *const names[] = {"binary_data_output", "content_type", "explain", NULL};
    unsigned seen = 0;
    tend_str key;
    if (!enter(p, "expected parameters as an object"))
        return false;
    while (tend_json_next_key(p, &key)) {
        int k = take_key(p, key, names, &seen);
        if (k == 0   ? !read_truth(p, &r->binary_output)
            : k == 1 ? !read_text(p, "expected a content type as a string", &r->content_type)
            : k == 2 ? !read_truth(p, &r->explain)
                     : !tend_json_skip(p, NULL))
            return false;
    }
    return !p->fault;
}

static bool read_output_parameters(serve_v2_output *o, tend_json_pull *p) {
    static const char *const names[] = {"binary_data", "classification", NULL};
    unsigned seen = 0;
    tend_str key;
    bool binary = false;
    if (!enter(p, "expected parameters as an object"))
        return false;
    while (tend_json_next_key(p, &key)) {
        int k = take_key(p, key, names, &seen);
        if (k == 0 ? !read_truth(p, &binary) : !tend_json_skip(p, NULL))
            return false;
        o->binary = k == 0 ? binary : o->binary;
        o->classification |= k == 1;
    }
    return !p->fault;
}

/* ---- tensors ---- */

static int64_t n_columns(const serve_v2_request *r) {
    const tend_schema *schema = tend_inputs_model(r->inputs)->schema;
    return schema->n_fields > tend_inputs_count(r->inputs) ? schema->n_fields : tend_inputs_count(r->inputs);
}

static bool read_data(serve_v2_request *r, serve_v2_tensor *t, tend_json_pull *p) {
    int64_t most = r->max_rows ? r->max_rows * (n_columns(r) + 1) - r->n_values : INT64_MAX;
    t->has_data = true;
    if (!serve_cells_read(&t->data, p, most))
        return false;
    r->n_values += t->data.n;
    return true;
}

static bool read_tensor(serve_v2_request *r, serve_v2_tensor *t, tend_json_pull *p) {
    static const char *const names[] = {"name", "shape", "datatype", "parameters", "data", NULL};
    enum { NAME, SHAPE, DATATYPE, PARAMETERS, DATA, MOST_DIMENSIONS = 8 };
    unsigned seen = 0;
    tend_str key;
    bool sound = true;
    if (!enter(p, "expected an input as an object: {\"name\": …, \"shape\": …, \"datatype\": …, \"data\": …}"))
        return false;
    while (sound && tend_json_next_key(p, &key)) {
        switch (take_key(p, key, names, &seen)) {
        case NAME: sound = read_text(p, "expected a name as a string", &t->name); break;
        case SHAPE: sound = serve_cells_read(&t->shape, p, MOST_DIMENSIONS); break;
        case DATATYPE: sound = read_text(p, "expected a datatype as a string", &t->datatype); break;
        case PARAMETERS: sound = read_tensor_parameters(t, p); break;
        case DATA: sound = read_data(r, t, p); break;
        case UNKNOWN: sound = tend_json_skip(p, NULL); break;
        default: sound = false;
        }
    }
    return sound && !p->fault;
}

static bool read_inputs(serve_v2_request *r, tend_json_pull *p) {
    r->has_inputs = true;
    if (!tend_json_enter_array(p))
        return tend_json_pull_fail(p, "expected inputs as a list");
    while (tend_json_next_item(p)) {
        if (r->n_tensors > n_columns(r) + SERVE_V2_SHOWN)
            return tend_json_pull_fail(p, "more inputs than the model has columns");
        if (r->n_tensors == r->capacity) {
            int capacity = r->capacity ? 2 * r->capacity : 16;
            r->tensors =
                tend_arena_grow(r->arena, r->tensors, (size_t)r->n_tensors * sizeof *r->tensors, (size_t)capacity * sizeof *r->tensors);
            r->capacity = capacity;
        }
        serve_v2_tensor *t = &r->tensors[r->n_tensors++];
        *t = (serve_v2_tensor){.binary_size = -1, .input = -1};
        if (!read_tensor(r, t, p))
            return false;
    }
    return !p->fault;
}

static bool read_output(serve_v2_output *o, tend_json_pull *p) {
    static const char *const names[] = {"name", "parameters", NULL};
    unsigned seen = 0;
    tend_str key;
    *o = (serve_v2_output){.binary = -1};
    if (!enter(p, "expected an output as an object: {\"name\": …}"))
        return false;
    while (tend_json_next_key(p, &key)) {
        int k = take_key(p, key, names, &seen);
        if (k == 0   ? !read_text(p, "expected a name as a string", &o->name)
            : k == 1 ? !read_output_parameters(o, p)
                     : !tend_json_skip(p, NULL))
            return false;
    }
    return !p->fault;
}

static bool read_outputs(serve_v2_request *r, tend_json_pull *p) {
    if (!tend_json_enter_array(p))
        return tend_json_pull_fail(p, "expected outputs as a list");
    while (tend_json_next_item(p)) {
        if (r->n_outputs == SERVE_V2_OUTPUTS)
            return tend_json_pull_fail(p, "more outputs than there are");
        if (!read_output(&r->outputs[r->n_outputs++], p))
            return false;
    }
    return !p->fault;
}

bool serve_v2_read(serve_v2_request *r, tend_json_pull *p) {
    static const char *const names[] = {"id", "parameters", "inputs", "outputs", NULL};
    enum { ID, PARAMETERS, INPUTS, OUTPUTS };
    unsigned seen = 0;
    tend_str key;
    bool sound = true;
    if (!enter(p, p->at == p->end ? "the body is empty" : "expected an object: {\"inputs\": […]}"))
        return false;
    while (sound && tend_json_next_key(p, &key)) {
        switch (take_key(p, key, names, &seen)) {
        case ID: sound = read_text(p, "expected the id as a string", &r->id); break;
        case PARAMETERS: sound = read_request_parameters(r, p); break;
        case INPUTS: sound = read_inputs(r, p); break;
        case OUTPUTS: sound = read_outputs(r, p); break;
        case UNKNOWN: sound = tend_json_skip(p, NULL); break;
        default: sound = false;
        }
    }
    return sound && tend_json_pull_end(p);
}
