#include "serve/app.h"

#include "base/clock.h"

#include <stdio.h>

static bool parameter_matches(const char **pattern, tend_str *path, tend_str *out) {
    *pattern = strchr(*pattern, '}') + 1;
    const char *slash = memchr(path->at, '/', path->size);
    *out = (tend_str){path->at, slash ? (size_t)(slash - path->at) : path->size};
    *path = (tend_str){path->at + out->size, path->size - out->size};
    return out->size > 0;
}

static bool matches(const char *pattern, tend_str path, tend_str *parameters) {
    int n = 0;
    while (*pattern && path.size) {
        if (*pattern == '{') {
            if (!parameter_matches(&pattern, &path, &parameters[n++]))
                return false;
            continue;
        }
        if (*pattern != *path.at)
            return false;
        pattern++;
        path = (tend_str){path.at + 1, path.size - 1};
    }
    return !*pattern && !path.size;
}

/* The route; NULL: `call` was answered. */
static const serve_route *find_route(serve_call *call) {
    const tend_http_request *r = call->request;
    tend_http_method method = r->method == TEND_HTTP_HEAD ? TEND_HTTP_GET : r->method;
    tend_buf allowed = TEND_BUF_INIT;
    const serve_route *found = NULL;
    for (int i = 0; i < serve_n_routes && !found; i++) {
        const serve_route *route = &serve_routes[i];
        tend_str parameters[SERVE_MAX_PARAMETERS] = {{0}};
        if (!matches(route->pattern, r->path, parameters))
            continue;
        call->route = route; /* its form is the one for a wrong method, too */
        memcpy(call->parameters, parameters, sizeof parameters);
        if (route->method == method)
            found = route;
        else
            tend_buf_printf(&allowed, "%s%s", allowed.size ? ", " : "", tend_http_method_name(route->method));
    }
    if (!found && allowed.size) {
        tend_http_add_header(call->x, "Allow", (tend_str){tend_buf_text(&allowed), allowed.size});
        serve_refuse(call, 405, tend_arena_printf(call->arena, "this address takes %s", tend_buf_text(&allowed)));
    } else if (!found) {
        serve_refuse(call, 404, "there is nothing at this address; / says what is served, /docs how it is asked");
    }
    tend_buf_done(&allowed);
    return found;
}

static bool decode_parameters(serve_call *call) {
    for (int i = 0; i < SERVE_MAX_PARAMETERS; i++) {
        tend_str *p = &call->parameters[i];
        p->at = tend_arena_strndup(call->arena, p->at ? p->at : "", p->size); /* the head moves while the body arrives */
        if (p->size && memchr(p->at, '%', p->size) && !tend_http_decode(*p, call->arena, p)) {
            serve_refuse(call, 400, "the address has a faulty escape");
            return false;
        }
        if (p->size && !tend_utf8_is_valid(p->at, p->size, NULL)) {
            serve_refuse(call, 400, "the address is not UTF-8");
            return false;
        }
    }
    return true;
}

/* ---- who ---- */

/* The host of "localhost:8080", "[::1]:8080"; of anything else, all of it. */
static tend_str host_of(tend_str value) {
    if (!value.size)
        return value;
    bool bracketed = value.at[0] == '[';
    const char *close = bracketed ? memchr(value.at, ']', value.size) : NULL;
    size_t skip = close ? (size_t)(close - value.at) + 1 : 0;
    const char *colon = memchr(value.at + skip, ':', value.size - skip);
    if (bracketed && colon != value.at + skip)
        return value;
    return colon ? (tend_str){value.at, (size_t)(colon - value.at)} : value;
}

/* Without tokens only this machine is served, and then a page from elsewhere that a browser here has open must not reach us: neither by a
 * name of its own that leads here (DNS rebinding), nor by sending across sites. */
static bool is_own_page(const serve_call *call) {
    tend_str host = tend_http_request_header(call->request, "host"), origin = tend_http_request_header(call->request, "origin");
    tend_str name = host_of(host);
    bool local = !host.at || tend_str_is(name, "localhost") || tend_str_is(name, "[::1]") ||
                 (name.size > 4 && !memcmp(name.at, "127.", 4) && strspn(name.at, "0123456789.") >= name.size) ||
                 tend_str_is(call->request->peer, "unix");
    if (!local || !origin.at)
        return local;
    const char *at = memchr(origin.at, '/', origin.size);
    return at && origin.at + origin.size > at + 2 && tend_str_eq((tend_str){at + 2, (size_t)(origin.at + origin.size - at - 2)}, host);
}

static bool may(serve_call *call) {
    serve_service *s = call->service;
    serve_role role = call->route->role;
    if (!s->tokens) {
        if (role == SERVE_ROLE_ADMIN)
            serve_refuse(call, 403,
                         "administration needs a token with the role admin, and no tokens are configured (serve: {tokens: FILE})");
        else if (!is_own_page(call))
            serve_refuse(call, 403, "without tokens, only programs and pages of this machine are served");
        else
            return true;
        return false;
    }
    if (role == SERVE_ROLE_NONE)
        return true;
    tend_str given = tend_http_request_header(call->request, "authorization");
    switch (serve_tokens_check(s->tokens, given, role, call->arena, &call->who)) {
    case SERVE_GRANTED: return true;
    case SERVE_UNKNOWN: serve_refuse(call, 401, given.at ? "this token is not known" : "a token is needed: Authorization: Bearer …"); break;
    case SERVE_FORBIDDEN:
        serve_refuse(call, 403, tend_arena_printf(call->arena, "the token '%s' has not the role %s", call->who, serve_role_name(role)));
    }
    atomic_fetch_add_explicit(&s->denied, 1, memory_order_relaxed);
    return false;
}

static bool is_in_time(serve_call *call) {
    double wait;
    serve_service *s = call->service;
    if (!s->rate || call->route->role == SERVE_ROLE_NONE)
        return true;
    tend_str key = *call->who ? tend_str_of(call->who) : call->request->peer;
    if (tend_rate_take(s->rate, key, tend_clock_seconds(), &wait))
        return true;
    char seconds[16];
    int size = snprintf(seconds, sizeof seconds, "%d", (int)wait + 1);
    tend_http_add_header(call->x, "Retry-After", (tend_str){seconds, (size_t)size});
    serve_refuse(call, 429, "too many requests");
    return false;
}

/* ---- callbacks ---- */

static void common_headers(serve_call *call) { tend_http_add_header(call->x, "X-Content-Type-Options", TEND_STR("nosniff")); }

static tend_http_next head(void *ctx, tend_http_exchange *x) {
    serve_service *s = ctx;
    tend_arena *arena = tend_http_arena(x);
    serve_call *call = TEND_NEW(arena, serve_call);
    *call = (serve_call){.service = s, .x = x, .request = tend_http_request_of(x), .arena = arena, .who = ""};
    call->lane = call->request->worker;
    call->deployment = serve_service_deployment(s, call->lane);
    tend_http_set_state(x, call);
    common_headers(call);
    const serve_route *route = find_route(call);
    if (!route || !decode_parameters(call) || !may(call) || !is_in_time(call))
        return TEND_HTTP_ANSWERED;
    call->route = route;
    if (route->method == TEND_HTTP_GET || route->method == TEND_HTTP_DELETE) {
        route->handle(call);
        return TEND_HTTP_ANSWERED;
    }
    return route->chunk && serve_is_stream(call) ? TEND_HTTP_STREAM : TEND_HTTP_COLLECT;
}

static void request(void *ctx, tend_http_exchange *x) {
    (void)ctx;
    serve_call *call = tend_http_state(x);
    call->deployment = serve_service_deployment(call->service, call->lane);
    call->route->handle(call);
}

static void chunk(void *ctx, tend_http_exchange *x, tend_str bytes, bool last) {
    (void)ctx;
    serve_call *call = tend_http_state(x);
    call->route->chunk(call, bytes, last);
}

static void abandon(void *ctx, tend_http_exchange *x) {
    (void)ctx;
    serve_call *call = tend_http_state(x);
    if (call && call->stream && call->route->abandon)
        call->route->abandon(call);
}

static bool round_end(void *ctx, int worker) {
    serve_service *s = ctx;
    return serve_logs_flush(s->logs, worker);
}

/* In the form of the address, as far as one was read. */
static void refusal(void *ctx, tend_http_exchange *x, int status, const char *reason) {
    serve_call call = {.service = ctx, .x = x, .request = tend_http_request_of(x), .arena = tend_http_arena(x), .who = ""};
    for (int i = 0; i < serve_n_routes && !call.route; i++)
        if (matches(serve_routes[i].pattern, call.request->path, call.parameters))
            call.route = &serve_routes[i];
    serve_refuse(&call, status, reason);
}

tend_http_app serve_app(serve_service *service) {
    return (tend_http_app){
        .ctx = service, .head = head, .request = request, .chunk = chunk, .abandon = abandon, .round_end = round_end, .refusal = refusal};
}
