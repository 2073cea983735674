/* A request and its answer as a piece of memory: taken from the worker's spare ones, given back when the answer is sent. */
#include "http/internal.h"

#include <stdlib.h>

enum { MAX_SPARE = 256, SPARE_BODY = 64 << 10, SPARE_ARENA = 64 << 10 };

void http_exchange_blank(tend_http_exchange *x) {
    const http_conn *c = x->conn;
    x->request = (tend_http_request){
        .method = TEND_HTTP_OTHER,
        .target = TEND_STR("/"),
        .path = TEND_STR("/"),
        .query = TEND_STR(""),
        .headers = x->headers,
        .content_type = TEND_STR(""),
        .body = TEND_STR(""),
        .peer = tend_str_of(c->peer),
        .peer_is_loopback = c->is_loopback,
        .is_tls = c->ssl != NULL,
        .received_ns = c->worker->now_ns,
        .worker = c->worker->index,
    };
    x->head = (tend_str){NULL, 0};
}

tend_http_exchange *http_exchange_new(http_conn *c) {
    http_worker *w = c->worker;
    tend_http_exchange *x = w->spare;
    if (x) {
        w->spare = x->next;
        w->n_spare--;
    } else {
        size_t n = (size_t)w->server->options.max_headers;
        x = tend_calloc(1, sizeof *x + n * sizeof *x->headers);
    }
    x->next = NULL;
    x->conn = c;
    x->answer = HTTP_UNANSWERED;
    x->is_old = x->keep_alive = x->expects_continue = false;
    http_exchange_blank(x);
    return x;
}

static void destroy(tend_http_exchange *x) {
    tend_arena_free(x->arena);
    tend_buf_done(&x->added);
    tend_buf_done(&x->body);
    free(x->own_head);
    free(x);
}

void http_exchange_free(tend_http_exchange *x, int status) {
    http_worker *w = x->conn->worker;
    const tend_http_app *app = &w->server->app;
    if (app->done)
        app->done(app->ctx, x, status);
    if (w->n_spare >= MAX_SPARE || x->body.capacity > SPARE_BODY || (x->arena && tend_arena_used(x->arena) > SPARE_ARENA)) {
        destroy(x);
        return;
    }
    if (x->arena && tend_arena_used(x->arena))
        tend_arena_clear(x->arena);
    x->added.size = x->body.size = 0;
    free(x->own_head);
    x->own_head = NULL;
    x->state = NULL;
    x->next = w->spare;
    w->spare = x;
    w->n_spare++;
}

void http_exchange_free_spare(http_worker *w) {
    for (tend_http_exchange *x; (x = w->spare);) {
        w->spare = x->next;
        destroy(x);
    }
}

static void move(tend_str *slice, tend_str from, const char *to) {
    if ((uintptr_t)slice->at >= (uintptr_t)from.at && (uintptr_t)slice->at < (uintptr_t)from.at + from.size)
        slice->at = to + (slice->at - from.at);
}

void http_exchange_keep(tend_http_exchange *x) {
    tend_http_request *request = &x->request;
    if (x->own_head || !x->head.size)
        return;
    x->own_head = tend_malloc(x->head.size);
    memcpy(x->own_head, x->head.at, x->head.size);
    tend_str *slices[] = {&request->target, &request->path, &request->query, &request->content_type};
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++)
        move(slices[i], x->head, x->own_head);
    for (int i = 0; i < request->n_headers; i++) {
        move(&x->headers[i].name, x->head, x->own_head);
        move(&x->headers[i].value, x->head, x->own_head);
    }
    x->head.at = x->own_head;
    if (x->answer == HTTP_COMPLETE) { /* the body has done its service, and may have been of the round */
        request->body = TEND_STR("");
        tend_buf_done(&x->body);
    }
}
