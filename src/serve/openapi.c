#include "serve/openapi.h"

#include "serve/embed.h"
#include "serve/handlers.h"
#include "serve/schema.h"
#include "tend/tend.h"

#include <ctype.h>

#define MAP(arena, parent, key) tend_node_set_map((arena), (parent), (key))

/* What a route is described for. */
typedef struct describing {
    const serve_service *service;
    const serve_deployment *deployment;
    const serve_route *route;
    const serve_endpoint *endpoint; /* the model whose schema it takes; NULL: any */
    tend_arena *arena;
} describing;

const char *serve_path_segment(tend_arena *arena, const char *name) {
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    for (const unsigned char *at = (const unsigned char *)name; *at; at++)
        tend_buf_printf(&out, isalnum(*at) || strchr("-._~@", *at) ? "%c" : "%%%02X", *at);
    return tend_arena_strdup(arena, tend_buf_text(&out));
}

static tend_node *reference(tend_arena *arena, const char *name) {
    tend_node *node = tend_node_new_map(arena);
    tend_node_set_string(arena, node, "$ref", tend_arena_printf(arena, "#/components/schemas/%s", name));
    return node;
}

static bool has(const serve_route *route, const char *part) { return strstr(route->pattern, part) != NULL; }
static bool is_tag(const serve_route *route, const char *tag) { return !strcmp(route->tag, tag); }
static bool has_body(const serve_route *route) { return route->method == TEND_HTTP_POST || route->method == TEND_HTTP_PUT; }

/* ---- what is sent ---- */

static tend_node *parameter(const describing *d, const char *name, const char *in, bool required) {
    tend_node *p = tend_node_new_map(d->arena);
    tend_node_set_string(d->arena, p, "name", name);
    tend_node_set_string(d->arena, p, "in", in);
    tend_node_set_bool(d->arena, p, "required", required);
    return p;
}

static void put_parameters(const describing *d, const char *path, tend_node *operation) {
    tend_node *list = tend_node_new_list(d->arena);
    for (const char *at = path; (at = strchr(at, '{')); at++) {
        const char *name = tend_arena_strndup(d->arena, at + 1, strcspn(at + 1, "}"));
        tend_node *p = tend_node_push(list, parameter(d, name, "path", true)), *schema = MAP(d->arena, p, "schema");
        tend_node_set_string(d->arena, schema, "type", "string");
        if (strcmp(name, "name") != 0) {
            tend_node_set_int(d->arena, schema, "minLength", 1);
            continue;
        }
        tend_node *names = tend_node_set_list(d->arena, schema, "enum");
        for (int i = 0; i < d->deployment->n_endpoints; i++)
            tend_node_push(names, tend_node_new_string(d->arena, d->deployment->endpoints[i].name));
    }
    if (is_tag(d->route, "predict")) {
        tend_node *p = tend_node_push(list, parameter(d, "explain", "query", false));
        tend_node_set_string(d->arena, p, "description",
                             d->service->settings.explain ? "Answer with the contribution of each feature"
                                                          : "Explanations are switched off: true is refused with 403");
        tend_node_set_string(d->arena, MAP(d->arena, p, "schema"), "type", "boolean");
        if (d->service->settings.n_shares) {
            p = tend_node_push(list, parameter(d, d->service->settings.route_key, "header", false));
            tend_node_set_string(d->arena, p, "description", "Equal values always take the same route");
            tend_node_set_string(d->arena, MAP(d->arena, p, "schema"), "type", "string");
        }
    }
    if (list->count)
        tend_node_set(d->arena, operation, "parameters", list);
}

static void put_text(tend_arena *arena, tend_node *content, const char *type, const char *description, const char *example) {
    tend_node *media = MAP(arena, content, type), *schema = MAP(arena, media, "schema");
    tend_node_set_string(arena, schema, "type", "string");
    tend_node_set_string(arena, schema, "description", description);
    if (example)
        tend_node_set_string(arena, media, "example", example);
}

static void put_csv_text(tend_buf *out, const char *text) {
    if (!strpbrk(text, ",\"\r\n")) {
        tend_buf_puts(out, text);
        return;
    }
    tend_buf_putc(out, '"');
    for (; *text; text++)
        tend_buf_printf(out, *text == '"' ? "\"\"" : "%c", *text);
    tend_buf_putc(out, '"');
}

static const char *example_csv(const tend_node *row, tend_arena *arena) {
    TEND_AUTO_BUF head = TEND_BUF_INIT;
    TEND_AUTO_BUF values = TEND_BUF_INIT;
    TEND_NODE_EACH(value, row) {
        TEND_AUTO_BUF text = TEND_BUF_INIT;
        if (value->kind != TEND_NODE_NULL && value->kind != TEND_NODE_STRING)
            tend_json_format(value, 0, &text);
        tend_buf_puts(&head, head.size ? "," : "");
        tend_buf_puts(&values, value == row->first ? "" : ",");
        put_csv_text(&head, value->key);
        put_csv_text(&values, value->kind == TEND_NODE_STRING ? tend_node_string(value, "") : tend_buf_text(&text));
    }
    return tend_arena_printf(arena, "%s\n%s\n", tend_buf_text(&head), tend_buf_text(&values));
}

static const char *line_of(const tend_node *node, tend_arena *arena) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_json_format(node, 0, &text);
    return tend_arena_printf(arena, "%.*s\n", (int)strcspn(tend_buf_text(&text), "\n"), tend_buf_text(&text));
}

/* The component that holds a model's rows or answers: "row of census-income" would need escapes, so they are numbered. */
static const char *component(const describing *d, const char *what) {
    return tend_arena_printf(d->arena, "%s%d", what, (int)(d->endpoint - d->deployment->endpoints) + 1);
}

static void put_predict_body(const describing *d, tend_node *content) {
    const serve_version *v = d->endpoint->champion;
    tend_node *json = MAP(d->arena, content, "application/json"), *schema = MAP(d->arena, json, "schema");
    tend_node *forms = tend_node_set_list(d->arena, schema, "oneOf");
    tend_node_push(forms, reference(d->arena, component(d, "Row")));
    tend_node *list = tend_node_push(forms, tend_node_new_map(d->arena));
    tend_node_set_string(d->arena, list, "type", "array");
    tend_node_set_int(d->arena, list, "maxItems", d->service->settings.max_rows);
    tend_node_set(d->arena, list, "items", reference(d->arena, component(d, "Row")));
    tend_node_set(d->arena, json, "example", tend_node_copy(d->arena, v->example));
    put_text(d->arena, content, "text/csv", "A header with the columns' names, then rows; streamed, without a limit on their number",
             example_csv(v->example, d->arena));
    put_text(d->arena, content, "application/x-ndjson", "A row as an object on each line; streamed", line_of(v->example, d->arena));
}

static void put_body(const describing *d, tend_node *operation) {
    tend_node *body = MAP(d->arena, operation, "requestBody"), *content = MAP(d->arena, body, "content");
    bool infers = is_tag(d->route, "v2") && has(d->route, "/infer"), invokes = is_tag(d->route, "mlflow");
    tend_node_set_bool(d->arena, body, "required", d->endpoint || infers || invokes);
    if (d->endpoint) {
        put_predict_body(d, content);
        return;
    }
    tend_node *json = MAP(d->arena, content, "application/json");
    if (infers || invokes)
        tend_node_set(d->arena, json, "schema", reference(d->arena, infers ? "V2Request" : "MlflowRequest"));
    else
        MAP(d->arena, json, "schema");
    if (infers)
        put_text(d->arena, content, "application/octet-stream", "JSON with the binary tensor extension", NULL);
    if (invokes)
        put_text(d->arena, content, "text/csv", "A header with the columns' names, then rows", NULL);
}

/* ---- what is answered ---- */

static tend_node *response(const describing *d, tend_node *responses, int status, const char *description) {
    tend_node *r = MAP(d->arena, responses, tend_arena_printf(d->arena, "%d", status));
    tend_node_set_string(d->arena, r, "description", description);
    return MAP(d->arena, r, "content");
}

static void put_success(const describing *d, tend_node *responses) {
    tend_node *content = response(d, responses, 200, d->endpoint ? "The predictions" : d->route->summary);
    if (is_tag(d->route, "pages") && !has(d->route, ".json")) {
        put_text(d->arena, content, "text/html", "A page", NULL);
        return;
    }
    if (has(d->route, "/metrics")) {
        put_text(d->arena, content, "text/plain", "Prometheus' text format 0.0.4", NULL);
        return;
    }
    if (!strcmp(d->route->pattern, "/version")) {
        put_text(d->arena, content, "text/plain", "The version", NULL);
        return;
    }
    tend_node *json = MAP(d->arena, content, "application/json"), *schema = MAP(d->arena, json, "schema");
    if (d->endpoint) {
        tend_node *forms = tend_node_set_list(d->arena, schema, "oneOf");
        tend_node_push(forms, reference(d->arena, component(d, "Answer")));
        tend_node_push(forms, reference(d->arena, component(d, "Answers")));
        put_text(d->arena, content, "text/csv", "id, prediction, probability, version, error: a row for each row", NULL);
        put_text(d->arena, content, "application/x-ndjson", "A line for each row: an answer, or the id and the error", NULL);
    } else if (has(d->route, "/readyz")) {
        tend_node_set(d->arena, json, "schema", reference(d->arena, "Ready"));
    }
}

/* tend's own addresses answer 503 with what is not ready, in /readyz; all else is a fault in the words of the protocol. */
static void put_refusals(const describing *d, tend_node *responses) {
    static const char *const schemas[] = {"Problem", "V2Error", "MlflowError"};
    const serve_route *r = d->route;
    bool body = has_body(r), model = d->endpoint || has(r, "{name}") || is_tag(r, "predict") || is_tag(r, "models"), own = !r->form;
    const struct {
        int status;
        bool may;
        const char *description;
    } all[] = {{400, true, "The request is not what it says it is: faulty JSON, a faulty escape in the address"},
               {401, d->service->tokens && r->role, "A token is needed, or the one given is not known"},
               {403, true, "The token has not the role, or a page from elsewhere asked a server that has no tokens"},
               {404, model || !own, "There is no such model, or no such version of it"},
               {405, true, "The address does not take this method; the header Allow says which"},
               {413, body, "The body is larger than the limit"},
               {415, body, "The body is in no form that is read here"},
               {422, body && own, "The body does not fit the schema: each fault with its place, what was found and what is expected"},
               {429, d->service->rate && r->role, "Too many requests; Retry-After says when the next may come"},
               {503, true, "Not at present: too much to do, no room in the log, or the model is not loaded"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (!all[i].may)
            continue;
        tend_node *content = response(d, responses, all[i].status, all[i].description);
        const char *type = own ? "application/problem+json" : "application/json";
        tend_node_set(d->arena, MAP(d->arena, content, type), "schema", reference(d->arena, schemas[r->form]));
        if (all[i].status == 503 && has(r, "/readyz"))
            tend_node_set(d->arena, MAP(d->arena, content, "application/json"), "schema", reference(d->arena, "Ready"));
    }
}

/* ---- operations ---- */

static const char *operation_id(const describing *d, const char *path) {
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_buf_puts(&out, tend_http_method_name(d->route->method));
    for (const char *at = path; *at; at++)
        tend_buf_putc(&out, isalnum((unsigned char)*at) ? *at : '_');
    for (size_t i = 0; i < out.size && isupper((unsigned char)out.data[i]); i++)
        out.data[i] = (char)(out.data[i] + 32);
    return tend_arena_strdup(d->arena, tend_buf_text(&out));
}

static void put_operation(const describing *d, const char *path, tend_node *paths) {
    const serve_route *r = d->route;
    tend_node *item = (tend_node *)(uintptr_t)tend_node_get(paths, path);
    char method[16];
    size_t size = strlen(tend_http_method_name(r->method));
    for (size_t i = 0; i <= size; i++)
        method[i] = (char)tolower((unsigned char)tend_http_method_name(r->method)[i]);
    tend_node *operation = MAP(d->arena, item ? item : MAP(d->arena, paths, path), method);
    tend_node_push(tend_node_set_list(d->arena, operation, "tags"), tend_node_new_string(d->arena, r->tag));
    tend_node_set_string(d->arena, operation, "operationId", operation_id(d, path));
    tend_node_set_string(d->arena, operation, "summary",
                         d->endpoint ? tend_arena_printf(d->arena, "%s: %s", r->summary, d->endpoint->name) : r->summary);
    if (r->role)
        tend_node_set_string(d->arena, operation, "description",
                             tend_arena_printf(d->arena, "With tokens: for the role %s.", serve_role_name(r->role)));
    put_parameters(d, path, operation);
    if (has_body(r))
        put_body(d, operation);
    tend_node *responses = MAP(d->arena, operation, "responses");
    put_success(d, responses);
    put_refusals(d, responses);
    if (d->service->tokens && r->role)
        tend_node_set_list(d->arena, tend_node_push(tend_node_set_list(d->arena, operation, "security"), tend_node_new_map(d->arena)),
                           "bearer");
}

static const char *path_of_model(const describing *d) {
    const char *pattern = d->route->pattern, *at = strstr(pattern, "{name}");
    return tend_arena_printf(d->arena, "%.*s%s%s", (int)(at - pattern), pattern, serve_path_segment(d->arena, d->endpoint->name),
                             at + strlen("{name}"));
}

static void put_route(describing *d, tend_node *paths) {
    d->endpoint = NULL;
    if (!is_tag(d->route, "predict")) {
        put_operation(d, d->route->pattern, paths);
        return;
    }
    if (!has(d->route, "{name}")) {
        const serve_endpoint *e = serve_deployment_default(d->deployment, d->service->settings.name);
        d->endpoint = e && e->champion ? e : NULL;
        put_operation(d, d->route->pattern, paths);
        return;
    }
    for (int i = 0; i < d->deployment->n_endpoints; i++) {
        d->endpoint = &d->deployment->endpoints[i];
        if (d->endpoint->champion)
            put_operation(d, path_of_model(d), paths);
    }
}

static void put_components(describing *d, tend_node *components) {
    tend_node *schemas = (tend_node *)(uintptr_t)tend_node_get(components, "schemas");
    for (int i = 0; i < d->deployment->n_endpoints; i++) {
        d->endpoint = &d->deployment->endpoints[i];
        const serve_version *v = d->endpoint->champion;
        if (!v)
            continue;
        tend_node *row = tend_node_set(d->arena, schemas, component(d, "Row"), serve_schema_row(v, d->arena));
        tend_node_set_string(d->arena, row, "title", tend_arena_printf(d->arena, "A row for %s", d->endpoint->name));
        tend_node *one = tend_node_set(d->arena, schemas, component(d, "Answer"), serve_schema_answer(v, false, d->arena));
        tend_node *several = tend_node_set(d->arena, schemas, component(d, "Answers"), serve_schema_answer(v, true, d->arena));
        tend_node_set_string(d->arena, one, "title", "The answer to one row");
        tend_node_set_string(d->arena, several, "title", "The answers to a list of rows");
    }
    if (d->service->tokens) {
        tend_node *bearer = MAP(d->arena, MAP(d->arena, components, "securitySchemes"), "bearer");
        tend_node_set_string(d->arena, bearer, "type", "http");
        tend_node_set_string(d->arena, bearer, "scheme", "bearer");
    }
}

tend_node *serve_openapi(const serve_service *service, const serve_deployment *deployment, tend_arena *arena) {
    describing d = {.service = service, .deployment = deployment, .arena = arena};
    tend_str fixed = serve_file_bytes(SERVE_FILE_OPENAPI);
    tend_node *root = NULL;
    if (tend_json_parse(fixed.at, fixed.size, "openapi.json", arena, &root, NULL) != TEND_OK)
        return tend_node_new_map(arena);
    tend_node_set_string(arena, (tend_node *)(uintptr_t)tend_node_get(root, "info"), "version", TEND_VERSION);
    tend_node *paths = (tend_node *)(uintptr_t)tend_node_get(root, "paths");
    for (int i = 0; i < serve_n_routes; i++) {
        d.route = &serve_routes[i];
        put_route(&d, paths);
    }
    put_components(&d, (tend_node *)(uintptr_t)tend_node_get(root, "components"));
    return root;
}

void serve_handle_openapi(serve_call *call) { serve_answer_node(call, 200, serve_openapi(call->service, call->deployment, call->arena)); }
