/* Administration over HTTP: promote, roll back, change the routes. Each goes through the store, with who and why in the audit trail, and
 * takes effect before the answer. Routes that were changed so hold until the server ends: tend.yaml has those that it begins with. */
#include "serve/admin.h"

#include "base/log.h"
#include "data/json_pull.h"
#include "serve/handlers.h"
#include "serve/out.h"
#include "store/registry.h"

/* {"alias": "champion", "version": 3, "why": "…"} */
typedef struct order {
    const char *alias, *why;
    int64_t version;
} order;

static const char *own(serve_call *call, tend_str s) { return tend_arena_strndup(call->arena, s.at, s.size); }

/* False: it was refused. */
static bool take_word(serve_call *call, tend_json_pull *p, const char *key, const char **out) {
    tend_json_value v;
    if (!tend_json_scalar(p, &v))
        return false;
    if (v.kind != TEND_JSON_STRING)
        return tend_json_pull_fail(p, tend_arena_printf(call->arena, "%s: expected a string, found %s", key, tend_json_kind_name(v.kind)));
    *out = own(call, v.string);
    return true;
}

static bool take_number(serve_call *call, tend_json_pull *p, int64_t *out) {
    tend_json_value v;
    if (!tend_json_scalar(p, &v))
        return false;
    bool digits = v.kind == TEND_JSON_STRING && tend_text_parse_int(v.string, out);
    if (v.kind == TEND_JSON_INT)
        *out = v.whole;
    if ((v.kind != TEND_JSON_INT && !digits) || *out < 1)
        return tend_json_pull_fail(p, tend_arena_printf(call->arena, "version: expected a number from 1 on"));
    return true;
}

static bool read_order(serve_call *call, order *out) {
    tend_str body = call->request->body, key;
    tend_json_pull p = tend_json_pull_init(body.at, body.size, call->arena);
    *out = (order){.alias = TEND_CHAMPION, .why = ""};
    if (!body.size)
        return true;
    if (!tend_json_enter_object(&p))
        tend_json_pull_fail(&p, "expected an object");
    while (!p.fault && tend_json_next_key(&p, &key)) {
        if (tend_str_is(key, "alias"))
            take_word(call, &p, "alias", &out->alias);
        else if (tend_str_is(key, "why"))
            take_word(call, &p, "why", &out->why);
        else if (tend_str_is(key, "version"))
            take_number(call, &p, &out->version);
        else
            tend_json_pull_fail(&p, "unknown key: alias, version and why are known");
    }
    if (tend_json_pull_end(&p))
        return true;
    serve_refuse(call, 422, p.fault);
    return false;
}

/* The registry's own endpoint that the path names; NULL: refused. */
static const serve_endpoint *registered(serve_call *call) {
    const serve_endpoint *e = serve_deployment_find(call->deployment, serve_call_parameter(call, 0));
    if (!e) {
        serve_refuse(call, 404, "there is no such model here");
        return NULL;
    }
    if (e->champion && !e->champion->number) {
        serve_refuse(call, 409, "this model is served from a file: it has no other versions");
        return NULL;
    }
    return e;
}

static const char *signature(const serve_call *call) {
    return tend_arena_printf(call->arena, "%s (over HTTP)", *call->who ? call->who : "anonymous");
}

static void answer_alias(serve_call *call, const char *model, const char *alias, int64_t number) {
    tend_error err = TEND_ERROR_INIT;
    if (serve_service_redeploy(call->service, &err) != TEND_OK) {
        serve_refuse_error(call, &err);
        return;
    }
    tend_log(TEND_LOG_INFO, "%s@%s is version %lld now, by %s", model, alias, (long long)number, *call->who ? call->who : "anonymous");
    tend_node *doc = tend_node_new_map(call->arena);
    tend_node_set_string(call->arena, doc, "model", model);
    tend_node_set_string(call->arena, doc, "alias", alias);
    tend_node_set_int(call->arena, doc, "version", number);
    serve_answer_node(call, 200, doc);
}

void serve_handle_promote(serve_call *call) {
    order o;
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO(tend_store) *store = NULL;
    const serve_endpoint *e = registered(call);
    if (!e || !read_order(call, &o))
        return;
    if (!o.version) {
        serve_refuse(call, 422, "version: expected the number of the version to promote");
        return;
    }
    if (serve_service_store(call->service, true, &store, &err) != TEND_OK ||
        tend_registry_promote(store, e->name, o.version, o.alias, signature(call), o.why, &err) != TEND_OK)
        serve_refuse_error(call, &err);
    else
        answer_alias(call, e->name, o.alias, o.version);
}

void serve_handle_rollback(serve_call *call) {
    order o;
    int64_t number;
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO(tend_store) *store = NULL;
    const serve_endpoint *e = registered(call);
    if (!e || !read_order(call, &o))
        return;
    if (serve_service_store(call->service, true, &store, &err) != TEND_OK ||
        tend_registry_rollback(store, e->name, o.alias, signature(call), o.why, &number, &err) != TEND_OK)
        serve_refuse_error(call, &err);
    else
        answer_alias(call, e->name, o.alias, number);
}

/* ---- routes ---- */

static void put_share(tend_arena *arena, tend_node *into, const serve_split *s) {
    tend_node *node = tend_node_set_map(arena, into, s->name);
    tend_node_set_string(arena, node, "version", s->version->version);
    tend_node_set_double(arena, node, "share", s->share);
}

static tend_node *routes_node(serve_call *call, const serve_endpoint *e) {
    tend_arena *arena = call->arena;
    tend_node *doc = tend_node_new_map(arena), *splits = tend_node_new_map(arena);
    tend_node_set_string(arena, doc, "model", e->name);
    tend_node_set_string(arena, doc, "champion", e->champion ? e->champion->version : NULL);
    for (int i = 0; i < e->n_splits; i++)
        put_share(arena, splits, &e->splits[i]);
    tend_node_set(arena, doc, "routes", splits);
    tend_node *shadows = tend_node_set_list(arena, doc, "shadow");
    for (int i = 0; i < e->n_shadows; i++)
        tend_node_push(shadows, tend_node_new_string(arena, e->shadows[i]->version));
    tend_node_set_string(arena, doc, "key", call->service->settings.route_key);
    return doc;
}

void serve_handle_get_routes(serve_call *call) {
    const serve_endpoint *e = serve_deployment_find(call->deployment, serve_call_parameter(call, 0));
    if (e)
        serve_answer_node(call, 200, routes_node(call, e));
    else
        serve_refuse(call, 404, "there is no such model here");
}

/* The settings of a document {serve: {routes: …}} as tend.yaml has them; NULL: refused, with every fault. */
static tend_serve_settings *read_routes(serve_call *call) {
    tend_str body = call->request->body;
    tend_error err = TEND_ERROR_INIT;
    tend_node *routes = NULL, *root = tend_node_new_map(call->arena);
    tend_diags diags;
    tend_diags_init(&diags, call->arena);
    if (tend_json_parse(body.at, body.size, "the body", call->arena, &routes, &err) != TEND_OK) {
        serve_refuse(call, 400, err.message);
        return NULL;
    }
    if (tend_node_get(routes, "key")) {
        serve_refuse(call, 422, "the key of the routes is what the server was started with");
        return NULL;
    }
    tend_node_set(call->arena, tend_node_set_map(call->arena, root, "serve"), "routes", routes);
    tend_serve_settings *settings = TEND_NEW(call->arena, tend_serve_settings);
    tend_serve_settings_read(root, ".", call->arena, &diags, settings);
    if (!diags.n_errors)
        return settings;
    serve_fault *faults = TEND_ARRAY(call->arena, serve_fault, diags.n_kept);
    int n = 0;
    for (const tend_diag *d = diags.first; d; d = d->next)
        faults[n++] = (serve_fault){"", d->error.message, "routes as in tend.yaml", d->error.hint[0] ? d->error.hint : NULL};
    serve_refuse_faults(call, 422, "these are no routes", faults, n, (int64_t)diags.n_errors);
    return NULL;
}

/* The routes outlive the call: their words go into the service's arena. Administrators are few. */
static void keep_routes(serve_service *s, const tend_serve_settings *from) {
    s->n_shares = from->n_shares;
    s->shares = TEND_ARRAY(s->arena, tend_serve_share, from->n_shares + 1);
    for (int i = 0; i < from->n_shares; i++)
        s->shares[i] = (tend_serve_share){tend_arena_strdup(s->arena, from->shares[i].name),
                                          tend_arena_strdup(s->arena, from->shares[i].version), from->shares[i].share};
    s->n_shadows = from->n_shadows;
    s->shadows = TEND_ARRAY(s->arena, const char *, from->n_shadows + 1);
    for (int i = 0; i < from->n_shadows; i++)
        s->shadows[i] = tend_arena_strdup(s->arena, from->shadows[i]);
}

tend_status serve_note_change(const serve_call *call, const serve_endpoint *e, const char *change, const char *why, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    if (!e->champion || !e->champion->number)
        return TEND_OK;
    TEND_TRY(serve_service_store(call->service, true, &store, err));
    return tend_registry_note_routes(store, e->name, change, signature(call), why, err);
}

/* In the trail of every model it concerns. */
static tend_status note_routes(serve_call *call, tend_error *err) {
    tend_str why = {"", 0};
    tend_http_request_query(call->request, "why", call->arena, &why);
    for (int i = 0; i < call->deployment->n_endpoints; i++)
        TEND_TRY(serve_note_change(call, &call->deployment->endpoints[i], own(call, call->request->body), own(call, why), err));
    return TEND_OK;
}

void serve_handle_put_routes(serve_call *call) {
    tend_error err = TEND_ERROR_INIT;
    serve_service *s = call->service;
    const tend_serve_settings *settings = read_routes(call);
    if (!settings)
        return;
    if (note_routes(call, &err) != TEND_OK) {
        serve_refuse_error(call, &err);
        return;
    }
    pthread_mutex_lock(&s->deploying);
    const tend_serve_settings before = {.shares = s->shares, .n_shares = s->n_shares, .shadows = s->shadows, .n_shadows = s->n_shadows};
    keep_routes(s, settings);
    pthread_mutex_unlock(&s->deploying);
    if (serve_service_redeploy(s, &err) != TEND_OK) {
        pthread_mutex_lock(&s->deploying);
        keep_routes(s, &before);
        pthread_mutex_unlock(&s->deploying);
        serve_refuse_error(call, &err);
        return;
    }
    tend_log(TEND_LOG_INFO, "the routes were changed by %s", *call->who ? call->who : "anonymous");
    call->deployment = serve_service_deployment(s, call->lane);
    tend_node *list = tend_node_new_list(call->arena);
    for (int i = 0; i < call->deployment->n_endpoints; i++)
        tend_node_push(list, routes_node(call, &call->deployment->endpoints[i]));
    serve_answer_node(call, 200, list);
}
