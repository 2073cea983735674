/* The server alone: every GET and POST gets the same few bytes, as nginx's `return 200`. bench_http_static PORT [WORKERS] */
#include "http/server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static tend_http_server *server;

static void stop(int signal_number) {
    (void)signal_number;
    tend_http_server_drain(server);
}

static void request(void *ctx, tend_http_exchange *x) {
    (void)ctx;
    tend_http_respond(x, 200, "text/plain", TEND_STR("hello, world\n"));
}

static tend_http_next head(void *ctx, tend_http_exchange *x) {
    if (tend_http_request_of(x)->has_body)
        return TEND_HTTP_COLLECT;
    request(ctx, x);
    return TEND_HTTP_ANSWERED;
}

int main(int argc, char **argv) {
    tend_error err = TEND_ERROR_INIT;
    tend_http_options options = TEND_HTTP_OPTIONS_INIT;
    tend_http_app app = {.head = head, .request = request};
    options.port = argc > 1 ? atoi(argv[1]) : 8080;
    options.workers = argc > 2 ? atoi(argv[2]) : 1;
    options.server_name = "tend";
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    if (tend_http_server_open(&options, &app, &server, &err) != TEND_OK || tend_http_server_run(server, &err) != TEND_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    tend_http_server_free(server);
    return 0;
}
