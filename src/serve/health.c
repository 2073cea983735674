/* GET /healthz: the process is alive. GET /readyz: every endpoint can answer, or why it cannot. */
#include "serve/handlers.h"
#include "serve/out.h"

void serve_handle_healthz(serve_call *call) { tend_http_respond(call->x, 200, "application/json", TEND_STR("{\"status\":\"ok\"}\n")); }

const char *serve_unready(const serve_endpoint *e) {
    if (!e->champion)
        return e->problem ? e->problem : "it is not loaded";
    if (e->log && serve_log_refuses(e->log))
        return "its prediction log has no room";
    return NULL;
}

void serve_handle_readyz(serve_call *call) {
    const serve_deployment *d = call->deployment;
    tend_node *answer = tend_node_new_map(call->arena), *reasons = tend_node_new_list(call->arena);
    for (int i = 0; i < d->n_endpoints; i++) {
        const char *why = serve_unready(&d->endpoints[i]);
        if (!why)
            continue;
        tend_node *reason = tend_node_push(reasons, tend_node_new_map(call->arena));
        tend_node_set_string(call->arena, reason, "model", d->endpoints[i].name);
        tend_node_set_string(call->arena, reason, "reason", why);
    }
    tend_node_set_string(call->arena, answer, "status", reasons->count ? "not ready" : "ready");
    if (reasons->count)
        tend_node_set(call->arena, answer, "reasons", reasons);
    serve_answer_node(call, reasons->count ? 503 : 200, answer);
}
