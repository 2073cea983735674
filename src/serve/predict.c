#include "serve/predict.h"

#include "base/clock.h"
#include "serve/out.h"
#include "serve/shadow.h"
#include "store/registry.h"

#include <math.h>
#include <time.h>

static int64_t monotonic_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* The time of day as it is: TEND_NOW is for runs. */
static int64_t now_micros(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

/* ---- choosing ---- */

bool serve_choose_version(serve_call *call, const serve_endpoint *e, tend_str name, serve_choice *out) {
    if (tend_str_is(name, e->champion->version) || tend_str_is(name, TEND_CHAMPION)) {
        *out = (serve_choice){e->champion, SERVE_DIRECT, "direct"};
        return true;
    }
    for (int i = 0; i < e->n_splits; i++)
        if (tend_str_is(name, e->splits[i].version->version)) {
            *out = (serve_choice){e->splits[i].version, SERVE_DIRECT, "direct"};
            return true;
        }
    serve_refuse(call, 404,
                 tend_arena_printf(call->arena, "version '%.*s' of %s is not served; the champion is %s",
                                   (int)(name.size < 60 ? name.size : 60), name.at, e->name, e->champion->version));
    return false;
}

static serve_choice choose(serve_call *call, const serve_endpoint *e, const char *id) {
    if (!e->n_splits)
        return (serve_choice){e->champion, SERVE_CHAMPION, "champion"};
    tend_str key = tend_http_request_header(call->request, call->service->settings.route_key);
    return serve_endpoint_choose(e, key.at ? key : tend_str_of(id));
}

bool serve_ask_explanation(serve_call *call, serve_answer *a) {
    a->explain = call->service->settings.explain;
    if (!a->explain)
        serve_refuse(call, 403, "explanations are switched off (serve: {explain: false})");
    return a->explain;
}

/* ?explain=true or false. */
static bool read_explain(serve_call *call, serve_answer *a) {
    tend_str explain;
    if (!call->request->query.size || !tend_http_request_query(call->request, "explain", call->arena, &explain) ||
        tend_str_is(explain, "false"))
        return true;
    if (tend_str_is(explain, "true"))
        return serve_ask_explanation(call, a);
    serve_refuse(call, 400, "the parameter 'explain' is true or false");
    return false;
}

bool serve_begin_at(serve_call *call, const serve_endpoint *e, serve_answer *a) {
    serve_service *s = call->service;
    *a = (serve_answer){.endpoint = e, .at = now_micros(), .began_ns = call->request->received_ns};
    if (e->log && serve_log_refuses(e->log)) {
        tend_http_add_header(call->x, "Retry-After", TEND_STR("5"));
        serve_refuse(call, 503, "the prediction log has no room (a full disk?), and predictions that cannot be logged are refused");
        return false;
    }
    serve_service_id(s, call->lane, a->at, a->id);
    if (strstr(call->route->pattern, "{version}")) {
        if (!serve_choose_version(call, e, call->parameters[1], &a->choice))
            return false;
    } else {
        a->choice = choose(call, e, a->id);
    }
    a->version = a->choice.version;
    a->lane = &a->version->lanes[call->lane];
    a->rows = a->lane->rows;
    tend_rows_clear(a->rows);
    a->reading = (serve_reading){.inputs = a->version->inputs, .rows = a->rows, .arena = call->arena, .max_rows = s->settings.max_rows};
    return read_explain(call, a);
}

bool serve_begin(serve_call *call, serve_answer *a) {
    const serve_endpoint *e = serve_call_endpoint(call);
    return e && serve_begin_at(call, e, a);
}

/* ---- faults ---- */

const char *serve_pointer_escape(tend_arena *arena, const char *name) {
    size_t size = strlen(name);
    if (!strpbrk(name, "~/"))
        return name;
    char *out = tend_arena_alloc(arena, 2 * size + 1), *end = out;
    for (const char *at = name; *at; at++) {
        if (*at == '~' || *at == '/') {
            *end++ = '~';
            *end++ = *at == '~' ? '0' : '1';
        } else {
            *end++ = *at;
        }
    }
    return out;
}

const char *serve_pointer_row(const serve_answer *a, tend_arena *arena, int64_t row, const char *column) {
    const char *name = serve_pointer_escape(arena, column);
    return a->reading.one ? tend_arena_printf(arena, "/%s", name) : tend_arena_printf(arena, "/%lld/%s", (long long)row, name);
}

static void count(serve_call *call, const serve_answer *a, bool faulty) {
    int64_t n = faulty ? 0 : tend_rows_count(a->rows);
    serve_version_count(a->version, call->lane, a->choice.way, n, faulty, monotonic_ns() - a->began_ns);
}

void serve_refuse_request(serve_call *call, serve_answer *a, const char *title, const serve_fault *faults, int n, int64_t n_total) {
    serve_refuse_faults(call, 422, title, faults, n, n_total);
    count(call, a, true);
}

static void refuse_rows(serve_call *call, serve_answer *a, serve_pointer pointer) {
    enum { SHOWN = 100 };
    serve_fault *faults = TEND_ARRAY(call->arena, serve_fault, SHOWN);
    int n = 0;
    int64_t total = a->reading.n_odd;
    for (const serve_odd_key *odd = a->reading.odd; odd && n < SHOWN; odd = odd->next) {
        const char *near = odd->twice ? NULL : tend_inputs_nearest(a->version->inputs, tend_str_of(odd->name));
        faults[n++] =
            (serve_fault){pointer(a, call->arena, odd->row, odd->name), odd->twice ? "the key a second time" : "an unknown column",
                          odd->twice ? "each key once" : "a column of the model",
                          near ? tend_arena_printf(call->arena, "did you mean '%s'?", near) : NULL};
    }
    const tend_input_fault *rows = tend_rows_faults(a->rows);
    for (int i = 0; i < tend_rows_n_faults(a->rows); i++) {
        if (rows[i].severity == TEND_RULE_WARNING)
            continue;
        total++;
        if (n < SHOWN)
            faults[n++] = (serve_fault){pointer(a, call->arena, rows[i].row, tend_inputs_name(a->version->inputs, rows[i].input)),
                                        rows[i].found, rows[i].expected, rows[i].hint};
    }
    serve_refuse_request(call, a, "the request does not fit the model's schema", faults, n, total);
}

/* Numbers that are allowed, but so large that what the model makes of them is none (JSON has no infinity). */
static bool is_finite(const serve_answer *a) {
    for (int64_t i = 0; i < a->predictions->n; i++)
        if (!isfinite(a->predictions->score[i]))
            return false;
    return true;
}

bool serve_predict(serve_call *call, serve_answer *a, serve_pointer pointer) {
    tend_error err = TEND_ERROR_INIT;
    if (a->reading.n_odd || tend_rows_n_bad(a->rows)) {
        refuse_rows(call, a, pointer);
        return false;
    }
    if (tend_rows_predict(a->rows, &a->predictions, &err) != TEND_OK) {
        serve_refuse_error(call, &err);
        count(call, a, true);
        return false;
    }
    if (!is_finite(a)) {
        serve_refuse(call, 422, SERVE_NOT_FINITE);
        count(call, a, true);
        return false;
    }
    return true;
}

void serve_refuse_body(serve_call *call, serve_answer *a, const tend_json_pull *p) {
    int line, column;
    tend_json_pull_place(p, &line, &column);
    serve_refuse(call, 400, tend_arena_printf(call->arena, "line %d, column %d: %s", line, column, p->fault));
    count(call, a, true);
}

/* ---- the end ---- */

void serve_end(serve_call *call, serve_answer *a) {
    int64_t spent = monotonic_ns() - a->began_ns;
    serve_record record = {.id = a->id,
                           .model = a->endpoint->name,
                           .version = a->version->version,
                           .number = a->version->number,
                           .route = a->choice.route,
                           .request = a->request,
                           .at = a->at,
                           .latency_us = spent / 1000,
                           .first = a->first};
    if (a->endpoint->log)
        serve_log_add(a->endpoint->log, call->lane, &record, a->rows, a->version->inputs, a->predictions);
    if (a->endpoint->n_shadows)
        serve_shadow_add(call->service->shadow, a->endpoint, &record, a->rows);
    serve_version_count(a->version, call->lane, a->choice.way, a->predictions->n - tend_rows_n_bad(a->rows), false, spent);
}

/* ---- explanations, warnings ---- */

/* Of the margins, the one to explain. */
static int explained_group(const serve_answer *a, int64_t row) {
    return a->version->loaded->predictor->n_groups > 1 ? a->predictions->class_index[row] : 0;
}

const double *serve_explain(serve_answer *a, int64_t row, double *out_base) {
    serve_version *v = a->version;
    int group = explained_group(a, row);
    tend_arena_clear(a->lane->scratch);
    tend_explain_rows(v->explainer, tend_rows_matrix(a->rows, row), 1, tend_rows_margins(a->rows, row), a->lane->base, a->lane->values,
                      a->lane->scratch);
    *out_base = a->lane->base[group];
    return a->lane->values + (ptrdiff_t)group * tend_explainer_n_parts(v->explainer);
}

void serve_put_explanation(serve_answer *a, int64_t row, tend_buf *out) {
    const tend_explainer *explainer = a->version->explainer;
    double base;
    const double *values = serve_explain(a, row, &base);
    serve_put(out, ",\"explanation\":{\"base\":");
    serve_put_double(out, base);
    serve_put(out, ",\"margin\":");
    serve_put_double(out, (double)tend_rows_margins(a->rows, row)[explained_group(a, row)]);
    serve_put(out, ",\"values\":{");
    for (int i = 0; i < tend_explainer_n_parts(explainer); i++) {
        if (i)
            tend_buf_putc(out, ',');
        serve_put_string(out, tend_str_of(tend_explainer_part(explainer, i)));
        tend_buf_putc(out, ':');
        serve_put_double(out, values[i]);
    }
    serve_put(out, "}}");
}

void serve_put_warnings(const serve_answer *a, int64_t row, tend_arena *arena, serve_pointer pointer, tend_buf *out) {
    const tend_input_fault *faults = tend_rows_faults(a->rows);
    bool any = false;
    for (int i = 0; i < tend_rows_n_faults(a->rows); i++) {
        if (faults[i].row != row || faults[i].severity != TEND_RULE_WARNING)
            continue;
        serve_put(out, any ? ",{\"pointer\":" : ",\"warnings\":[{\"pointer\":");
        serve_put_string(out, tend_str_of(pointer(a, arena, row, tend_inputs_name(a->version->inputs, faults[i].input))));
        serve_put(out, ",\"found\":");
        serve_put_string(out, tend_str_of(faults[i].found));
        serve_put(out, ",\"expected\":");
        serve_put_string(out, tend_str_of(faults[i].expected));
        tend_buf_putc(out, '}');
        any = true;
    }
    if (any)
        tend_buf_putc(out, ']');
}
