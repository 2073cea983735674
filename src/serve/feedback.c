/* POST /feedback: what turned out to be true, by the prediction's id: one object or a list of them, late, in bulk, as often as it comes.
 * All of a request is kept or, when a part is wrong, nothing. */
#include "store/feedback.h"

#include "base/clock.h"
#include "data/json_pull.h"
#include "serve/handlers.h"
#include "serve/out.h"

enum { MAX_FAULTS = 100 };

typedef struct entry {
    tend_str id, target;
    bool has_target;
} entry;

typedef struct reading {
    serve_call *call;
    const serve_endpoint *endpoint;
    tend_buf lines;
    int64_t n, n_faults;
    serve_fault *faults;
    bool one;
} reading;

static void fault(reading *r, const char *key, const char *found, const char *expected, const char *hint) {
    tend_arena *arena = r->call->arena;
    if (r->n_faults++ >= MAX_FAULTS)
        return;
    const char *where = r->one ? "" : tend_arena_printf(arena, "/%lld", (long long)r->n);
    r->faults[r->n_faults - 1] = (serve_fault){tend_arena_printf(arena, *key ? "%s/%s" : "%s%s", where, key), found, expected, hint};
}

/* id and target; the target may be called by the column's own name. */
static bool read_entry(reading *r, tend_json_pull *p, entry *out) {
    const char *column = r->endpoint->champion->loaded->target;
    tend_str key;
    *out = (entry){0};
    if (!tend_json_enter_object(p))
        return tend_json_pull_fail(p, "expected an object {\"id\": …, \"target\": …}");
    while (tend_json_next_key(p, &key)) {
        tend_json_value v;
        bool id = tend_str_is(key, "id"), target = tend_str_is(key, "target") || tend_str_is(key, column);
        if (!id && !target) {
            fault(r, tend_arena_strndup(r->call->arena, key.at, key.size), "an unknown key",
                  tend_arena_printf(r->call->arena, "id and target (or %s)", column), NULL);
            if (!tend_json_skip(p, NULL))
                return false;
            continue;
        }
        if (!tend_json_scalar(p, &v))
            return false;
        if (v.kind == TEND_JSON_OBJECT || v.kind == TEND_JSON_ARRAY)
            return tend_json_pull_fail(p, "expected a string or a number");
        tend_str text = v.kind == TEND_JSON_BOOL ? tend_str_of(v.truth ? "true" : "false") : v.string;
        if (v.kind == TEND_JSON_NULL)
            continue;
        if (id)
            out->id = text;
        else
            *out = (entry){out->id, text, true};
    }
    return !p->fault;
}

static void take_entry(reading *r, const entry *e) {
    const tend_model *m = r->endpoint->champion->loaded;
    tend_error err = TEND_ERROR_INIT;
    if (!e->id.at || !e->has_target) {
        fault(r, e->id.at ? "target" : "id", NULL, e->id.at ? "what turned out to be true" : "the id of a prediction", NULL);
        return;
    }
    tend_feedback f = {.id = e->id, .target = e->target, .who = r->call->who, .micros = tend_clock_micros()};
    if (tend_feedback_format(&f, m->classes, (size_t)m->n_classes, &r->lines, &err) != TEND_OK)
        fault(r, "", tend_arena_strdup(r->call->arena, err.message), "feedback that fits",
              err.hint[0] ? tend_arena_strdup(r->call->arena, err.hint) : NULL);
}

static bool read_all(reading *r, tend_json_pull *p) {
    entry e;
    r->one = tend_json_peek(p) == TEND_JSON_OBJECT;
    if (r->one) {
        if (!read_entry(r, p, &e))
            return false;
        take_entry(r, &e);
        r->n = 1;
        return tend_json_pull_end(p);
    }
    if (!tend_json_enter_array(p))
        return tend_json_pull_fail(p, "expected an object or a list of objects");
    for (; tend_json_next_item(p); r->n++) {
        if (!read_entry(r, p, &e))
            return false;
        take_entry(r, &e);
    }
    return tend_json_pull_end(p);
}

static void answer(reading *r) {
    serve_log *log = r->endpoint->log;
    if (!log)
        serve_refuse(r->call, 409, "predictions are not logged (serve: {log: none}), so there is nothing that feedback could belong to");
    else if (r->n_faults)
        serve_refuse_faults(r->call, 422, "nothing was kept: some of the feedback is wrong", r->faults,
                            (int)(r->n_faults < MAX_FAULTS ? r->n_faults : MAX_FAULTS), r->n_faults);
    else if (r->n && !tend_journal_append(serve_log_feedback(log), tend_buf_text(&r->lines), r->lines.size, r->n))
        serve_refuse(r->call, 503, "the feedback could not be written (a full disk?)");
    else {
        tend_node *doc = tend_node_new_map(r->call->arena);
        tend_node_set_string(r->call->arena, doc, "model", r->endpoint->name);
        tend_node_set_int(r->call->arena, doc, "accepted", r->n);
        serve_answer_node(r->call, 200, doc);
    }
}

void serve_handle_feedback(serve_call *call) {
    reading r = {.call = call, .endpoint = serve_call_endpoint(call)};
    tend_json_pull p = tend_json_pull_init(call->request->body.at, call->request->body.size, call->arena);
    if (!r.endpoint)
        return;
    r.faults = TEND_ARRAY(call->arena, serve_fault, MAX_FAULTS);
    if (read_all(&r, &p)) {
        answer(&r);
    } else {
        int line, column;
        tend_json_pull_place(&p, &line, &column);
        serve_refuse(call, 400, tend_arena_printf(call->arena, "line %d, column %d: %s", line, column, p.fault));
    }
    tend_buf_done(&r.lines);
}
