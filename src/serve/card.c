#include "serve/card.h"

#include "serve/handlers.h"
#include "serve/openapi.h"
#include "serve/schema.h"
#include "store/registry.h"

#include "base/clock.h"

enum { MIN_COUNT = 10, MAX_LEVELS = 100, MAX_CHOICES = 60 };

static void copy(tend_arena *arena, tend_node *into, const char *key, const tend_node *value) {
    tend_node_set(arena, into, key, value ? tend_node_copy(arena, value) : tend_node_new(arena, TEND_NODE_NULL));
}

static void set_version(tend_arena *arena, tend_node *into, const serve_version *v) {
    if (v->number)
        tend_node_set_int(arena, into, "version", v->number);
    else
        tend_node_set_string(arena, into, "version", v->version);
}

static void set_time(tend_arena *arena, tend_node *into, const char *key, int64_t micros) {
    char text[32];
    tend_clock_format(micros, text);
    tend_node_set_string(arena, into, key, text);
}

static void set_identity(tend_arena *arena, tend_node *into, const serve_version *v) {
    char hex[TEND_DIGEST_HEX];
    set_version(arena, into, v);
    tend_digest_format(&v->digest, hex);
    tend_node_set_string(arena, into, "digest", hex);
}

tend_node *serve_card_head(const serve_endpoint *e, tend_arena *arena) {
    tend_node *node = tend_node_new_map(arena);
    tend_node_set_string(arena, node, "model", e->name);
    set_identity(arena, node, e->champion);
    return node;
}

void serve_card_registered(const serve_service *s, const serve_version *v, tend_arena *arena, tend_node *into) {
    TEND_AUTO(tend_store) *store = NULL;
    tend_version found = {0};
    const char *reference = tend_arena_printf(arena, "%s/%s", v->model, v->version);
    if (v->number && serve_service_store(s, false, &store, NULL) == TEND_OK)
        TEND_IGNORE(tend_registry_get(store, reference, arena, &found, NULL));
    tend_node_set_string(arena, into, "run", found.run);
    if (found.model)
        set_time(arena, into, "created", found.created);
    else
        tend_node_set(arena, into, "created", tend_node_new(arena, TEND_NODE_NULL));
    tend_node_set_string(arena, into, "stage", found.stage);
    tend_node_set_string(arena, into, "description", found.description && found.description[0] ? found.description : NULL);
}

/* ---- columns ---- */

const tend_node *serve_card_profile(const serve_version *v, const char *column) {
    TEND_NODE_EACH(node, tend_node_get(v->profile, "columns"))
        if (!strcmp(tend_node_string(tend_node_get(node, "name"), ""), column))
            return node;
    return NULL;
}

tend_node *serve_card_levels(const tend_node *column, tend_arena *arena) {
    tend_node *list = tend_node_new_list(arena);
    TEND_NODE_EACH(level, tend_node_get(column, "top"))
        if (list->count < MAX_LEVELS && tend_node_int(tend_node_get(level, "count"), 0) >= MIN_COUNT)
            tend_node_push(list, tend_node_copy(arena, level));
    return list;
}

/* The levels that a form offers where the schema leaves any text: those of a column that has few. */
static void put_choices(const serve_version *v, int i, tend_arena *arena, tend_node *into) {
    const tend_node *column = serve_card_profile(v, tend_inputs_name(v->inputs, i));
    if (tend_inputs_type(v->inputs, i) != TEND_STRING || tend_node_double(tend_node_get(column, "distinct"), 1e9) > MAX_CHOICES)
        return;
    tend_node *levels = tend_node_set_list(arena, into, "levels");
    const tend_node *frequent = serve_card_levels(column, arena);
    TEND_NODE_EACH(level, frequent)
        tend_node_push(levels, tend_node_new_string(arena, tend_node_scalar(tend_node_get(level, "value"), "")));
}

static tend_node *inputs_of(const serve_version *v, tend_arena *arena) {
    tend_node *list = tend_node_new_list(arena);
    for (int i = 0; i < tend_inputs_count(v->inputs); i++) {
        const tend_field *f = tend_inputs_field(v->inputs, i);
        tend_node *input = tend_node_push(list, tend_node_new_map(arena));
        tend_node_set_string(arena, input, "name", tend_inputs_name(v->inputs, i));
        tend_node_set_string(arena, input, "type", tend_type_name(tend_inputs_type(v->inputs, i)));
        tend_node_set_bool(arena, input, "required", f && f->required && f->severity != TEND_RULE_WARNING);
        tend_node *rules = f ? tend_schema_field_to_node(f, arena) : NULL;
        TEND_NODE_EACH(rule, rules)
            if (strcmp(rule->key, "type") != 0 && strcmp(rule->key, "required") != 0 && strcmp(rule->key, "name") != 0)
                copy(arena, input, rule->key, rule);
        if (f)
            tend_node_set_string(arena, input, "severity", tend_rule_severity_name(f->severity));
        put_choices(v, i, arena, input);
    }
    return list;
}

/* ---- who answers ---- */

static void put_route(tend_arena *arena, tend_node *list, const char *name, const serve_version *v, double share) {
    tend_node *route = tend_node_push(list, tend_node_new_map(arena));
    tend_node_set_string(arena, route, "route", name);
    set_version(arena, route, v);
    tend_node_set_double(arena, route, "share", share);
}

static void put_routes(const serve_endpoint *e, tend_arena *arena, tend_node *into) {
    tend_node *list = tend_node_set_list(arena, into, "routes");
    double left = 1;
    for (int i = 0; i < e->n_splits; i++)
        left -= e->splits[i].share;
    put_route(arena, list, "champion", e->champion, left > 0 ? left : 0);
    for (int i = 0; i < e->n_splits; i++)
        put_route(arena, list, e->splits[i].name, e->splits[i].version, e->splits[i].share);
    tend_node *shadows = tend_node_set_list(arena, into, "shadows");
    for (int i = 0; i < e->n_shadows; i++)
        set_version(arena, tend_node_push(shadows, tend_node_new_map(arena)), e->shadows[i]);
}

static long long requests_of(const serve_version *v) {
    serve_traffic traffic;
    long long n = 0;
    serve_version_traffic(v, &traffic);
    for (int way = 0; way < SERVE_WAYS; way++)
        n += way == SERVE_SHADOW ? 0 : traffic.requests[way];
    return n;
}

static void put_requests(const serve_endpoint *e, tend_arena *arena, tend_node *into) {
    long long n = requests_of(e->champion);
    for (int i = 0; i < e->n_splits; i++)
        n += e->splits[i].version == e->champion ? 0 : requests_of(e->splits[i].version);
    tend_node_set_int(arena, into, "requests", n);
}

static void put_links(const serve_endpoint *e, tend_arena *arena, tend_node *into) {
    static const char *const parts[] = {"predict", "scoring", "summarystats", "diagnostics"};
    tend_node *links = tend_node_set_map(arena, into, "links");
    const char *self = tend_arena_printf(arena, "/models/%s", serve_path_segment(arena, e->name));
    tend_node_set_string(arena, links, "self", self);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        tend_node_set_string(arena, links, parts[i], tend_arena_printf(arena, "%s/%s", self, parts[i]));
}

tend_node *serve_card_brief(const serve_endpoint *e, tend_arena *arena) {
    const char *problem = serve_unready(e);
    tend_node *node = tend_node_new_map(arena);
    tend_node_set_string(arena, node, "name", e->name);
    tend_node_set_string(arena, node, "reference", e->reference);
    tend_node_set_bool(arena, node, "ready", !problem);
    tend_node_set_string(arena, node, "problem", problem);
    if (e->champion) {
        set_identity(arena, node, e->champion);
        tend_node_set_string(arena, node, "task", tend_task_name(e->champion->loaded->task));
        tend_node_set_string(arena, node, "target", e->champion->loaded->target);
        put_routes(e, arena, node);
        put_requests(e, arena, node);
    }
    put_links(e, arena, node);
    return node;
}

/* ---- the card ---- */

static void put_task(const serve_version *v, tend_arena *arena, tend_node *card) {
    const tend_model *m = v->loaded;
    copy(arena, card, "question", tend_node_get(v->manifest, "question"));
    if (m->n_classes) {
        tend_node *classes = tend_node_set_list(arena, card, "classes");
        for (int k = 0; k < m->n_classes; k++)
            tend_node_push(classes, tend_node_new_string(arena, m->classes[k]));
    }
    if (m->task == TEND_TASK_BINARY) {
        tend_node_set_string(arena, card, "positive", m->classes[1]);
        tend_node_set_double(arena, card, "threshold", m->threshold);
    }
}

tend_node *serve_card(const serve_service *s, const serve_endpoint *e, tend_arena *arena) {
    static const char *const told[] = {"learner", "rows", "metrics", "gates", "verdict", "provenance"};
    const serve_version *v = e->champion;
    tend_node *card = serve_card_brief(e, arena);
    put_task(v, arena, card);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        copy(arena, card, told[i], tend_node_get(v->manifest, told[i]));
    serve_card_registered(s, v, arena, card);
    tend_node_set_int(arena, card, "size", (int64_t)v->size);
    set_time(arena, card, "loaded", v->loaded_at);
    tend_node_set_bool(arena, card, "explains", s->settings.explain);
    tend_node_set(arena, card, "inputs", inputs_of(v, arena));
    tend_node_set(arena, card, "schema", serve_schema_row(v, arena));
    copy(arena, card, "example", v->example);
    return card;
}

/* ---- handlers ---- */

void serve_handle_models(serve_call *call) {
    const serve_deployment *d = call->deployment;
    const serve_endpoint *default_ = serve_deployment_default(d, call->service->settings.name);
    tend_node *answer = tend_node_new_map(call->arena), *list = tend_node_set_list(call->arena, answer, "models");
    for (int i = 0; i < d->n_endpoints; i++)
        tend_node_push(list, serve_card_brief(&d->endpoints[i], call->arena));
    tend_node_set_string(call->arena, answer, "default", default_ ? default_->name : NULL);
    serve_answer_node(call, 200, answer);
}

void serve_handle_model(serve_call *call) {
    const serve_endpoint *e = serve_call_endpoint(call);
    if (e)
        serve_answer_node(call, 200, serve_card(call->service, e, call->arena));
}
