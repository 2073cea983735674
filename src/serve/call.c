/* A call's answers that are not predictions: what is wrong, in the words of the protocol that was spoken. */
#include "serve/out.h"
#include "serve/service.h"

#include "base/log.h"

enum { MAX_SHOWN = 100 };

tend_str serve_call_parameter(const serve_call *call, int i) { return call->parameters[i]; }

static void problem_body(tend_buf *out, int status, const char *title, const serve_fault *faults, int n, int64_t n_total) {
    serve_put(out, "{\"type\":\"about:blank\",\"title\":");
    serve_put_string(out, tend_str_of(title));
    serve_put(out, ",\"status\":");
    serve_put_int(out, status);
    for (int i = 0; i < n; i++) {
        serve_put(out, i ? ",{\"pointer\":" : ",\"errors\":[{\"pointer\":");
        serve_put_string(out, tend_str_of(faults[i].pointer));
        serve_put(out, ",\"found\":");
        if (faults[i].found)
            serve_put_string(out, tend_str_of(faults[i].found));
        else
            serve_put(out, "null");
        serve_put(out, ",\"expected\":");
        serve_put_string(out, tend_str_of(faults[i].expected));
        if (faults[i].hint) {
            serve_put(out, ",\"hint\":");
            serve_put_string(out, tend_str_of(faults[i].hint));
        }
        tend_buf_putc(out, '}');
    }
    if (n)
        tend_buf_putc(out, ']');
    if (n_total > n) {
        serve_put(out, ",\"more_errors\":");
        serve_put_int(out, n_total - n);
    }
    serve_put(out, "}\n");
}

/* All in one sentence, for protocols whose errors are a text. */
static const char *sentence(tend_arena *arena, const char *title, const serve_fault *faults, int n, int64_t n_total) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    serve_put(&text, title);
    for (int i = 0; i < n; i++) {
        const serve_fault *f = &faults[i];
        tend_buf_printf(&text, "%s %s%sexpected %s, found %s", i ? ";" : ":", f->pointer, f->pointer[0] ? ": " : "", f->expected,
                        f->found ? f->found : "nothing");
        if (f->hint)
            tend_buf_printf(&text, " (%s)", f->hint);
    }
    if (n_total > n)
        tend_buf_printf(&text, "; and %lld more", (long long)(n_total - n));
    return tend_arena_strdup(arena, tend_buf_text(&text));
}

/* MLflow's names for statuses (mlflow/protos/databricks.proto, ErrorCode). */
static const char *mlflow_code(int status) {
    switch (status) {
    case 401: return "UNAUTHENTICATED";
    case 403: return "PERMISSION_DENIED";
    case 404: return "RESOURCE_DOES_NOT_EXIST";
    case 429:
    case 503: return "TEMPORARILY_UNAVAILABLE";
    default: return status < 500 ? "BAD_REQUEST" : "INTERNAL_ERROR";
    }
}

void serve_refuse_faults(serve_call *call, int status, const char *title, const serve_fault *faults, int n, int64_t n_total) {
    serve_form form = call->route ? call->route->form : SERVE_FORM_PROBLEM;
    n = n < MAX_SHOWN ? n : MAX_SHOWN;
    if (status == 401)
        tend_http_add_header(call->x, "WWW-Authenticate", TEND_STR("Bearer"));
    if (form == SERVE_FORM_PROBLEM) {
        problem_body(tend_http_begin(call->x, status, "application/problem+json"), status, title, faults, n, n_total);
    } else {
        /* These two know no 422: a client's fault is a 400 with a text. */
        status = status == 422 ? 400 : status;
        const char *text = sentence(call->arena, title, faults, n, n_total);
        tend_buf *out = tend_http_begin(call->x, status, "application/json");
        if (form == SERVE_FORM_MLFLOW)
            tend_buf_printf(out, "{\"error_code\":\"%s\",\"message\":", mlflow_code(status));
        else
            serve_put(out, "{\"error\":");
        serve_put_string(out, tend_str_of(text));
        serve_put(out, "}\n");
    }
    tend_http_finish(call->x);
}

void serve_refuse(serve_call *call, int status, const char *title) { serve_refuse_faults(call, status, title, NULL, 0, 0); }

void serve_refuse_error(serve_call *call, const tend_error *err) {
    int status = tend_status_http(err->code);
    if (status >= 500)
        tend_log(TEND_LOG_WARNING, "%.*s: %s", (int)call->request->path.size, call->request->path.at, err->message);
    const char *title = err->hint[0] ? tend_arena_printf(call->arena, "%s (%s)", err->message, err->hint) : err->message;
    serve_refuse(call, status, title);
}

void serve_answer_node(serve_call *call, int status, const tend_node *node) {
    tend_json_format(node, 0, tend_http_begin(call->x, status, "application/json"));
    tend_http_finish(call->x);
}

static const char *nearest_endpoint(serve_call *call, tend_str name) {
    const serve_deployment *d = call->deployment;
    const char **names = TEND_ARRAY(call->arena, const char *, d->n_endpoints + 1);
    for (int i = 0; i < d->n_endpoints; i++)
        names[i] = d->endpoints[i].name;
    return tend_text_nearest(tend_arena_strndup(call->arena, name.at, name.size), names, (size_t)d->n_endpoints);
}

const serve_endpoint *serve_call_endpoint(serve_call *call) {
    const serve_deployment *d = call->deployment;
    tend_str name = call->parameters[0];
    bool named = strncmp(strchr(call->route->pattern, '{') ? strchr(call->route->pattern, '{') : "", "{name}", 6) == 0;
    const serve_endpoint *e = named ? serve_deployment_find(d, name) : serve_deployment_default(d, call->service->settings.name);
    if (e && e->champion)
        return e;
    if (e)
        serve_refuse(call, 503, tend_arena_printf(call->arena, "the model '%s' is not loaded: %s", e->name, e->problem));
    else if (!named)
        serve_refuse(call, 404, "several models are served: name one in the path, /models/NAME/…");
    else {
        const char *near = nearest_endpoint(call, name);
        serve_refuse(call, 404,
                     tend_arena_printf(call->arena, "there is no model '%.*s'%s%s%s", (int)(name.size < 200 ? name.size : 200), name.at,
                                       near ? ": did you mean '" : "", near ? near : "", near ? "'?" : ""));
    }
    return NULL;
}
