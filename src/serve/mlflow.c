/* POST /invocations and its companions, as clients of MLflow's scoring server call them. */
#include "serve/mlflow.h"

#include "serve/handlers.h"
#include "serve/out.h"
#include "serve/predict.h"

#include "tend/tend.h"

typedef struct invocation {
    serve_answer answer; /* first: the pointer to a value is found through it */
    serve_mlflow_request request;
} invocation;

static const char *pointer_of(const serve_answer *answer, tend_arena *arena, int64_t row, const char *column) {
    return serve_mlflow_pointer(&((const invocation *)(const void *)answer)->request, arena, row, column);
}

/* ---- the answer ---- */

/* A label as the target column had it: a number where that held numbers, as a scikit-learn model gives it back. */
static void put_label(const tend_model *m, const char *label, tend_buf *out) {
    const tend_field *target = tend_schema_find(m->schema, m->target);
    tend_type type = target ? target->type : TEND_STRING;
    double v;
    if ((type == TEND_INT || type == TEND_FLOAT) && tend_text_parse_double(tend_str_of(label), false, &v))
        serve_put_double(out, v);
    else if (type == TEND_BOOL && (!strcmp(label, "true") || !strcmp(label, "false")))
        serve_put(out, label);
    else
        serve_put_string(out, tend_str_of(label));
}

static void put_record(const invocation *in, serve_answer *a, int64_t row, tend_buf *out) {
    serve_put(out, "{\"id\":\"");
    serve_put(out, a->id);
    if (row) {
        tend_buf_putc(out, '.');
        serve_put_int(out, row);
    }
    tend_buf_putc(out, '"');
    serve_outcome_json(a->version->loaded, a->predictions, row, out);
    if (in->request.explain)
        serve_put_explanation(a, row, out);
    tend_buf_putc(out, '}');
}

static void respond(serve_call *call, invocation *in) {
    serve_answer *a = &in->answer;
    const tend_model *m = a->version->loaded;
    tend_buf *out = tend_http_begin(call->x, 200, "application/json");
    serve_put(out, "{\"predictions\":[");
    for (int64_t row = 0; row < a->predictions->n; row++) {
        if (row)
            tend_buf_putc(out, ',');
        if (in->request.full || in->request.explain)
            put_record(in, a, row, out);
        else if (m->task == TEND_TASK_REGRESSION)
            serve_put_double(out, a->predictions->score[row]);
        else
            put_label(m, m->classes[a->predictions->class_index[row]], out);
    }
    serve_put(out, "]}");
    tend_http_finish(call->x);
}

/* ---- the request ---- */

static bool read_body(serve_call *call, invocation *in, bool csv) {
    serve_mlflow_request *r = &in->request;
    *r = (serve_mlflow_request){.reading = &in->answer.reading, .arena = call->arena, .explain = in->answer.explain};
    if (csv) {
        serve_mlflow_read_csv(r, call->request->body);
    } else {
        tend_json_pull pull = tend_json_pull_init(call->request->body.at, call->request->body.size, call->arena);
        if (!serve_mlflow_read_json(r, &pull)) {
            serve_refuse_body(call, &in->answer, &pull);
            return false;
        }
    }
    if (r->n_faults) {
        serve_refuse_request(call, &in->answer, "the request does not fit the model", r->faults, r->n_faults, r->n_faults_total);
        return false;
    }
    return !r->explain || serve_ask_explanation(call, &in->answer);
}

void serve_handle_invocations(serve_call *call) {
    invocation *in = TEND_NEW(call->arena, invocation);
    bool csv;
    const char *fault = serve_mlflow_content_fault(call->request->content_type, &csv);
    if (fault) {
        serve_refuse(call, 415, fault);
        return;
    }
    if (!serve_begin(call, &in->answer) || !read_body(call, in, csv) || !serve_predict(call, &in->answer, pointer_of))
        return;
    respond(call, in);
    serve_end(call, &in->answer);
}

/* ---- beside it ---- */

void serve_handle_ping(serve_call *call) {
    bool any = false;
    for (int i = 0; i < call->deployment->n_endpoints; i++)
        any |= call->deployment->endpoints[i].champion != NULL;
    tend_http_respond(call->x, any ? 200 : 404, "application/json", TEND_STR("\n"));
}

void serve_handle_version(serve_call *call) { tend_http_respond(call->x, 200, "text/plain; charset=utf-8", tend_str_of(tend_version())); }
