/* POST /models/{name}/predict with JSON: an object is a row, a list of objects several. */
#include "serve/app.h"
#include "serve/handlers.h"
#include "serve/out.h"
#include "serve/predict.h"

static void put_version(const serve_version *v, tend_buf *out) {
    serve_put(out, ",\"version\":");
    if (v->number)
        serve_put_int(out, v->number);
    else
        serve_put_string(out, tend_str_of(v->version));
}

static void put_row(serve_call *call, serve_answer *a, int64_t row, tend_buf *out) {
    const tend_model *m = a->version->loaded;
    serve_put(out, "{\"id\":\"");
    serve_put(out, a->id);
    if (row) {
        tend_buf_putc(out, '.');
        serve_put_int(out, row);
    }
    tend_buf_putc(out, '"');
    serve_outcome_json(m, a->predictions, row, out);
    if (m->task == TEND_TASK_BINARY) {
        double p = a->predictions->score[row];
        serve_put(out, ",\"probabilities\":{");
        serve_put_string(out, tend_str_of(m->classes[0]));
        tend_buf_putc(out, ':');
        serve_put_double(out, 1 - p);
        tend_buf_putc(out, ',');
        serve_put_string(out, tend_str_of(m->classes[1]));
        tend_buf_putc(out, ':');
        serve_put_double(out, p);
        tend_buf_putc(out, '}');
    }
    if (a->explain)
        serve_put_explanation(a, row, out);
    if (tend_rows_n_faults(a->rows))
        serve_put_warnings(a, row, call->arena, serve_pointer_row, out);
}

void serve_handle_predict(serve_call *call) {
    serve_answer a;
    if (!serve_is_json(call)) {
        serve_refuse(call, 415, "rows come as application/json, text/csv or application/x-ndjson");
        return;
    }
    if (!serve_begin(call, &a))
        return;
    tend_json_pull pull = tend_json_pull_init(call->request->body.at, call->request->body.size, call->arena);
    if (!serve_read_rows(&a.reading, &pull)) {
        serve_refuse_body(call, &a, &pull);
        return;
    }
    if (!serve_predict(call, &a, serve_pointer_row))
        return;
    tend_buf *out = tend_http_begin(call->x, 200, "application/json");
    if (a.reading.one) {
        put_row(call, &a, 0, out);
    } else {
        serve_put(out, "{\"predictions\":[");
        for (int64_t row = 0; row < a.predictions->n; row++) {
            if (row)
                tend_buf_putc(out, ',');
            put_row(call, &a, row, out);
            tend_buf_putc(out, '}');
        }
        tend_buf_putc(out, ']');
    }
    serve_put(out, ",\"model\":");
    serve_put_string(out, tend_str_of(a.endpoint->name));
    put_version(a.version, out);
    serve_put(out, "}\n");
    tend_http_finish(call->x);
    serve_end(call, &a);
}
