/* The repository extension: what is there, and taking models out of service and back (Triton, extension_model_repository.md). */
#include "data/json_pull.h"
#include "serve/admin.h"
#include "serve/handlers.h"
#include "serve/out.h"
#include "serve/v2.h"

/* ---- the index ---- */

static bool wants_ready_only(serve_call *call, bool *out) {
    tend_str body = tend_str_trim(call->request->body), key;
    tend_json_pull p = tend_json_pull_init(body.at, body.size, call->arena);
    tend_json_value v;
    *out = false;
    if (!body.size)
        return true;
    if (!tend_json_enter_object(&p))
        tend_json_pull_fail(&p, "expected an object");
    while (tend_json_next_key(&p, &key)) {
        bool ready = tend_str_is(key, "ready");
        if (ready && tend_json_peek(&p) != TEND_JSON_BOOL)
            tend_json_pull_fail(&p, "/ready: expected true or false");
        else if (!ready)
            tend_json_skip(&p, NULL);
        else if (tend_json_scalar(&p, &v))
            *out = v.truth;
    }
    if (!tend_json_pull_end(&p))
        serve_refuse(call, 400, p.fault);
    return !p.fault;
}

static void put_entry(tend_buf *out, bool *any, const char *name, const char *version, const char *state, const char *reason) {
    serve_put(out, *any ? ",{\"name\":" : "{\"name\":");
    serve_put_string(out, tend_str_of(name));
    serve_put(out, ",\"version\":");
    serve_put_string(out, tend_str_of(version));
    serve_put(out, ",\"state\":");
    serve_put_string(out, tend_str_of(state));
    serve_put(out, ",\"reason\":");
    serve_put_string(out, tend_str_of(reason));
    tend_buf_putc(out, '}');
    *any = true;
}

void serve_handle_v2_index(serve_call *call) {
    bool ready_only, any = false;
    if (!wants_ready_only(call, &ready_only))
        return;
    tend_buf *out = tend_http_begin(call->x, 200, "application/json");
    tend_buf_putc(out, '[');
    for (int i = 0; i < call->deployment->n_endpoints; i++) {
        const serve_endpoint *e = &call->deployment->endpoints[i];
        if (e->champion)
            put_entry(out, &any, e->name, e->champion->version, "READY", "");
        else if (!ready_only)
            put_entry(out, &any, e->name, "", "UNAVAILABLE", e->problem);
        for (int k = 0; k < e->n_splits; k++)
            if (!serve_v2_names_before(e, k))
                put_entry(out, &any, e->name, e->splits[k].version->version, "READY", "");
    }
    tend_buf_putc(out, ']');
    tend_http_finish(call->x);
}

/* ---- load, unload ---- */

/* Of the body's parameters none is ours: a configuration or files that would replace the model are refused, others mean nothing here. */
static bool parameters_are_fine(serve_call *call) {
    tend_str body = tend_str_trim(call->request->body), key;
    tend_json_pull p = tend_json_pull_init(body.at, body.size, call->arena);
    const char *refused = NULL;
    if (!body.size)
        return true;
    if (!tend_json_enter_object(&p))
        tend_json_pull_fail(&p, "expected an object");
    while (tend_json_next_key(&p, &key)) {
        bool parameters = tend_str_is(key, "parameters") && tend_json_enter_object(&p);
        while (parameters && tend_json_next_key(&p, &key)) {
            if (tend_str_is(key, "config") || (key.size >= 5 && memcmp(key.at, "file:", 5) == 0))
                refused = tend_arena_printf(call->arena, "/parameters/%.*s: a model's configuration and files come from the registry",
                                            (int)(key.size < 80 ? key.size : 80), key.at);
            tend_json_skip(&p, NULL);
        }
        if (!parameters)
            tend_json_skip(&p, NULL);
    }
    if (!tend_json_pull_end(&p) || refused)
        serve_refuse(call, 400, p.fault ? p.fault : refused);
    return !p.fault && !refused;
}

/* What is deployed now. It is counted: the worker's own is still the one before. */
static void answer_by_deployment(serve_call *call, bool load) {
    const serve_deployment *now = serve_service_deployment(call->service, call->lane);
    const serve_endpoint *e = serve_deployment_find(now, call->parameters[0]);
    const char *name =
        tend_arena_strndup(call->arena, call->parameters[0].at, call->parameters[0].size < 200 ? call->parameters[0].size : 200);
    call->deployment = now;
    if (load && !e)
        serve_refuse(call, 400, tend_arena_printf(call->arena, "failed to load '%s': there is no such model with a champion", name));
    else if (load && !e->champion)
        serve_refuse(call, 400, tend_arena_printf(call->arena, "failed to load '%s': %s", name, e->problem));
    else
        tend_http_respond(call->x, 200, "application/json", TEND_STR("{}"));
}

static void change(serve_call *call, bool load) {
    tend_error err = TEND_ERROR_INIT;
    tend_str name = call->parameters[0];
    if (!parameters_are_fine(call))
        return;
    if (!load && !serve_deployment_find(call->deployment, name)) {
        serve_refuse(call, 400,
                     tend_arena_printf(call->arena, "failed to unload '%.*s': there is no such model",
                                       (int)(name.size < 200 ? name.size : 200), name.at));
        return;
    }
    const serve_endpoint *e = serve_deployment_find(call->deployment, name);
    if (e && serve_note_change(call, e, load ? "loaded" : "unloaded", "", &err) != TEND_OK) {
        serve_refuse(call, 400, err.message);
        return;
    }
    if (serve_service_set_loaded(call->service, name, load, &err) == TEND_OK)
        answer_by_deployment(call, load);
    else
        serve_refuse(call, 400, err.message);
}

void serve_handle_v2_load(serve_call *call) { change(call, true); }
void serve_handle_v2_unload(serve_call *call) { change(call, false); }
