/* POST /v2/models/{name}/infer: a request's tensors in, tensors of predictions out. */
#include "serve/handlers.h"
#include "serve/out.h"
#include "serve/predict.h"
#include "serve/v2.h"

#include <stdio.h>

typedef struct infer {
    serve_answer answer; /* first: the pointer to a value is found through it */
    serve_v2_request request;
} infer;

static const char *pointer_of(const serve_answer *answer, tend_arena *arena, int64_t row, const char *column) {
    return serve_v2_pointer(&((const infer *)(const void *)answer)->request, arena, row, column);
}

/* ---- outputs ---- */

typedef enum output_kind { PREDICTION, PROBABILITY, PROBABILITIES, CONTRIBUTIONS, BASE, N_KINDS } output_kind;
static const char *const output_names[N_KINDS] = {"prediction", "probability", "probabilities", "contributions", "base"};

typedef struct output {
    output_kind kind;
    bool binary;
} output;

typedef struct outputs {
    output items[SERVE_V2_OUTPUTS];
    int n;
    bool binary; /* any of them */
} outputs;

static bool has_output(const tend_model *m, output_kind kind) {
    return (kind != PROBABILITY || m->task == TEND_TASK_BINARY) && (kind != PROBABILITIES || m->task == TEND_TASK_MULTICLASS);
}

static bool is_text(const tend_model *m, output_kind kind) { return kind == PREDICTION && m->task != TEND_TASK_REGRESSION; }

static void add_output(outputs *o, output_kind kind, bool binary) {
    o->items[o->n++] = (output){kind, binary};
    o->binary |= binary;
}

static void ask_output(serve_v2_request *r, int i, const tend_model *m, outputs *out) {
    const serve_v2_output *asked = &r->outputs[i];
    const char *pointer = tend_arena_printf(r->arena, "/outputs/%d/name", i), *names[N_KINDS];
    size_t n_names = 0;
    for (int k = 0; k < N_KINDS; k++) {
        if (!has_output(m, (output_kind)k))
            continue;
        names[n_names++] = output_names[k];
        if (!tend_str_is(asked->name, output_names[k]))
            continue;
        for (int before = 0; before < out->n; before++)
            if ((int)out->items[before].kind == k)
                serve_v2_fault(r, pointer, output_names[k], "each output once", NULL);
        if (asked->classification)
            serve_v2_fault(r, tend_arena_printf(r->arena, "/outputs/%d/parameters/classification", i), "a number of classes",
                           "no such parameter", "the output 'prediction' is the class");
        add_output(out, (output_kind)k, asked->binary < 0 ? r->binary_output : asked->binary);
        r->explain |= k == CONTRIBUTIONS || k == BASE;
        return;
    }
    const char *given = tend_arena_strndup(r->arena, asked->name.at ? asked->name.at : "", asked->name.size < 80 ? asked->name.size : 80);
    const char *near = tend_text_nearest(given, names, n_names);
    serve_v2_fault(r, pointer, asked->name.at ? tend_arena_printf(r->arena, "\"%s\"", given) : NULL, "an output of the model",
                   near ? tend_arena_printf(r->arena, "did you mean '%s'?", near) : NULL);
}

/* What was asked for; without a list, the prediction with its probability. */
static void choose_outputs(serve_v2_request *r, const tend_model *m, bool explain, outputs *out) {
    *out = (outputs){.n = 0};
    for (int i = 0; i < r->n_outputs; i++)
        ask_output(r, i, m, out);
    for (int k = 0; !r->n_outputs && k < N_KINDS; k++)
        if (has_output(m, (output_kind)k) && (k < CONTRIBUTIONS || explain || r->explain))
            add_output(out, (output_kind)k, r->binary_output);
}

/* ---- what is answered ---- */

typedef struct results {
    const tend_model *model;
    const tend_explainer *explainer;
    const tend_predictions *predictions;
    double *contributions, *base; /* NULL: not asked for */
} results;

static void explain_rows(infer *call, tend_arena *arena, results *out) {
    int64_t n = out->predictions->n;
    size_t parts = (size_t)tend_explainer_n_parts(out->explainer);
    out->contributions = TEND_ARRAY(arena, double, tend_mul_or_die((size_t)n, parts));
    out->base = TEND_ARRAY(arena, double, n);
    for (int64_t row = 0; row < n; row++)
        memcpy(out->contributions + (size_t)row * parts, serve_explain(&call->answer, row, &out->base[row]), parts * sizeof(double));
}

static int64_t width_of(const results *r, output_kind kind) {
    return kind == PROBABILITIES ? r->model->n_classes : kind == CONTRIBUTIONS ? tend_explainer_n_parts(r->explainer) : 1;
}

static const double *numbers_of(const results *r, output_kind kind) {
    switch (kind) {
    case PROBABILITIES: return r->predictions->scores;
    case CONTRIBUTIONS: return r->contributions;
    case BASE: return r->base;
    case PREDICTION:
    case PROBABILITY:
    case N_KINDS: break;
    }
    return r->predictions->score;
}

static const char *class_of(const results *r, int64_t row) { return r->model->classes[r->predictions->class_index[row]]; }

static int64_t binary_size(const results *r, output_kind kind) {
    int64_t n = r->predictions->n, size = 0;
    if (!is_text(r->model, kind))
        return n * width_of(r, kind) * (int64_t)sizeof(double);
    for (int64_t row = 0; row < n; row++)
        size += 4 + (int64_t)strlen(class_of(r, row));
    return size;
}

static void put_binary(const results *r, output_kind kind, tend_buf *out) {
    int64_t n = r->predictions->n;
    const double *numbers = numbers_of(r, kind);
    for (int64_t row = 0; is_text(r->model, kind) && row < n; row++)
        tend_buf_str(out, class_of(r, row));
    for (int64_t i = 0; !is_text(r->model, kind) && i < n * width_of(r, kind); i++)
        tend_buf_f64(out, numbers[i]);
}

static void put_data(const results *r, output_kind kind, tend_buf *out) {
    int64_t n = r->predictions->n * width_of(r, kind);
    const double *numbers = numbers_of(r, kind);
    serve_put(out, ",\"data\":[");
    for (int64_t i = 0; i < n; i++) {
        if (i)
            tend_buf_putc(out, ',');
        if (is_text(r->model, kind))
            serve_put_string(out, tend_str_of(class_of(r, i)));
        else
            serve_put_double(out, numbers[i]);
    }
    tend_buf_putc(out, ']');
}

/* The names along the second dimension: classes, features. */
static void put_names(const results *r, output_kind kind, tend_buf *out) {
    for (int i = 0; i < width_of(r, kind); i++) {
        serve_put(out, i ? "," : kind == PROBABILITIES ? "\"classes\":[" : "\"features\":[");
        serve_put_string(out, tend_str_of(kind == PROBABILITIES ? r->model->classes[i] : tend_explainer_part(r->explainer, i)));
    }
    tend_buf_putc(out, ']');
}

static void put_output(const results *r, const output *o, tend_buf *out) {
    bool wide = o->kind == PROBABILITIES || o->kind == CONTRIBUTIONS;
    serve_put(out, "{\"name\":\"");
    serve_put(out, output_names[o->kind]);
    serve_put(out, is_text(r->model, o->kind) ? "\",\"datatype\":\"BYTES\",\"shape\":[" : "\",\"datatype\":\"FP64\",\"shape\":[");
    serve_put_int(out, r->predictions->n);
    if (wide) {
        tend_buf_putc(out, ',');
        serve_put_int(out, width_of(r, o->kind));
    }
    tend_buf_putc(out, ']');
    if (wide || o->binary)
        serve_put(out, ",\"parameters\":{");
    if (wide && width_of(r, o->kind))
        put_names(r, o->kind, out);
    if (o->binary) {
        serve_put(out, wide ? ",\"binary_data_size\":" : "\"binary_data_size\":");
        serve_put_int(out, binary_size(r, o->kind));
    }
    if (wide || o->binary)
        tend_buf_putc(out, '}');
    if (!o->binary)
        put_data(r, o->kind, out);
    tend_buf_putc(out, '}');
}

static void put_json(const infer *call, const results *r, const outputs *o, tend_buf *out) {
    const serve_answer *a = &call->answer;
    serve_put(out, "{\"model_name\":");
    serve_put_string(out, tend_str_of(a->endpoint->name));
    serve_put(out, ",\"model_version\":");
    serve_put_string(out, tend_str_of(a->version->version));
    if (a->request.size) {
        serve_put(out, ",\"id\":");
        serve_put_string(out, a->request);
    }
    serve_put(out, ",\"parameters\":{\"prediction_id\":\"");
    serve_put(out, a->id);
    serve_put(out, "\",\"route\":");
    serve_put_string(out, tend_str_of(a->choice.route));
    serve_put(out, "},\"outputs\":[");
    for (int i = 0; i < o->n; i++) {
        if (i)
            tend_buf_putc(out, ',');
        put_output(r, &o->items[i], out);
    }
    serve_put(out, "]}");
}

static void respond(serve_call *call, const infer *in, const results *r, const outputs *o) {
    if (!o->binary) {
        put_json(in, r, o, tend_http_begin(call->x, 200, "application/json"));
        tend_http_finish(call->x);
        return;
    }
    TEND_AUTO_BUF json = TEND_BUF_INIT;
    char size[24];
    put_json(in, r, o, &json);
    snprintf(size, sizeof size, "%zu", json.size);
    tend_http_add_header(call->x, "Inference-Header-Content-Length", tend_str_of(size));
    tend_buf *out = tend_http_begin(call->x, 200, "application/octet-stream");
    tend_buf_append(out, json.data, json.size);
    for (int i = 0; i < o->n; i++)
        if (o->items[i].binary)
            put_binary(r, o->items[i].kind, out);
    tend_http_finish(call->x);
}

/* ---- the request ---- */

/* The JSON, and what is behind it. False: it was answered. */
static bool split_body(serve_call *call, infer *in, tend_str *json, tend_str *tail) {
    tend_str given = tend_http_request_header(call->request, "inference-header-content-length"), body = call->request->body;
    int64_t size = (int64_t)body.size;
    if (given.at && (!tend_text_parse_int(given, &size) || size < 0 || (uint64_t)size > body.size)) {
        serve_fault fault = {"", tend_arena_printf(call->arena, "%.*s", (int)(given.size < 40 ? given.size : 40), given.at),
                             tend_arena_printf(call->arena, "a length of at most %zu, the body's", body.size), NULL};
        serve_refuse_request(call, &in->answer, "the header Inference-Header-Content-Length does not fit the body", &fault, 1, 1);
        return false;
    }
    *json = (tend_str){body.at, (size_t)size};
    *tail = (tend_str){body.size ? body.at + size : "", body.size - (size_t)size};
    return true;
}

static bool read_request(serve_call *call, infer *in, outputs *asked) {
    serve_v2_request *r = &in->request;
    serve_answer *a = &in->answer;
    tend_str json, tail;
    *r = (serve_v2_request){.arena = call->arena, .inputs = a->version->inputs, .max_rows = a->reading.max_rows};
    if (!split_body(call, in, &json, &tail))
        return false;
    tend_json_pull pull = tend_json_pull_init(json.at, json.size, call->arena);
    if (!serve_v2_read(r, &pull)) {
        serve_refuse_body(call, a, &pull);
        return false;
    }
    serve_v2_take_binary(r, tail);
    choose_outputs(r, a->version->loaded, a->explain, asked);
    if (!serve_v2_check(r)) {
        serve_refuse_request(call, a, "the request does not fit the model", r->faults, r->n_faults, r->n_faults_total);
        return false;
    }
    a->request = r->id;
    return !r->explain || serve_ask_explanation(call, a);
}

void serve_handle_v2_infer(serve_call *call) {
    infer *in = TEND_NEW(call->arena, infer);
    serve_answer *a = &in->answer;
    outputs asked;
    if (!serve_begin(call, a) || !read_request(call, in, &asked))
        return;
    serve_v2_fill(&in->request, a->rows);
    if (!serve_predict(call, a, pointer_of))
        return;
    results r = {.model = a->version->loaded, .explainer = a->version->explainer, .predictions = a->predictions};
    for (int i = 0; i < asked.n && !r.base; i++)
        if (asked.items[i].kind >= CONTRIBUTIONS)
            explain_rows(in, call->arena, &r);
    respond(call, in, &r, &asked);
    serve_end(call, a);
}
