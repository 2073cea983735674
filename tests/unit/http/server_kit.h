/* A server in a thread of the test's process, and a client that sends bytes as they are. */
#ifndef TEND_TESTS_HTTP_SERVER_KIT_H
#define TEND_TESTS_HTTP_SERVER_KIT_H

#include "support/suite.h"

#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

typedef struct kit {
    tend_http_server *server;
    pthread_t thread;
    tend_http_app app;
    tend_http_options options;
    atomic_int done, abandoned, rounds, last_status, heads, broken;
    atomic_bool fail_round;
    char last_peer[64];
} kit;

static inline void kit_sleep(int ms) { nanosleep(&(struct timespec){ms / 1000, (long)(ms % 1000) * 1000000}, NULL); }

static inline bool kit_path_is(const tend_http_exchange *x, const char *path) { return tend_str_is(tend_http_request_of(x)->path, path); }

static inline int64_t kit_number(tend_http_exchange *x, const char *name) {
    tend_str text;
    int64_t n = 0;
    if (tend_http_request_query(tend_http_request_of(x), name, tend_http_arena(x), &text))
        tend_text_parse_int(text, &n);
    return n;
}

static inline tend_http_next kit_head(void *ctx, tend_http_exchange *x) {
    kit *k = ctx;
    const tend_http_request *request = tend_http_request_of(x);
    atomic_fetch_add(&k->heads, 1);
    if (kit_path_is(x, "/hello")) {
        tend_http_respond(x, 200, "text/plain", TEND_STR("hello"));
    } else if (kit_path_is(x, "/peer")) {
        tend_http_respond(x, 200, NULL, request->peer);
    } else if (kit_path_is(x, "/header")) {
        tend_http_respond(x, 200, NULL, tend_http_request_header(request, "x-one"));
    } else if (kit_path_is(x, "/added")) {
        tend_http_add_header(x, "X-Good", TEND_STR("yes"));
        tend_http_add_header(x, "X-Bad", TEND_STR("a\r\nX-Injected: 1"));
        tend_http_add_header(x, "Content-Length", TEND_STR("99"));
        tend_http_respond(x, 200, "text/plain", TEND_STR(""));
    } else if (kit_path_is(x, "/status")) {
        tend_http_respond(x, (int)kit_number(x, "n"), "text/plain", TEND_STR("text"));
    } else if (kit_path_is(x, "/big")) {
        tend_buf *out = tend_http_begin(x, 200, "application/octet-stream");
        size_t n = (size_t)kit_number(x, "n");
        memset(tend_buf_reserve(out, n), 'b', n);
        out->size += n;
        tend_http_finish(x);
    } else if (kit_path_is(x, "/slow")) {
        kit_sleep((int)kit_number(x, "ms"));
        tend_http_respond(x, 200, NULL, TEND_STR("slow"));
    } else if (kit_path_is(x, "/refuse")) {
        tend_http_respond(x, 403, NULL, TEND_STR("no"));
    } else if (kit_path_is(x, "/count") || kit_path_is(x, "/stream") || kit_path_is(x, "/abort")) {
        return TEND_HTTP_STREAM;
    } else if (kit_path_is(x, "/nothing")) {
        return TEND_HTTP_ANSWERED;
    } else {
        return TEND_HTTP_COLLECT;
    }
    return TEND_HTTP_ANSWERED;
}

static inline void kit_request(void *ctx, tend_http_exchange *x) {
    (void)ctx;
    const tend_http_request *request = tend_http_request_of(x);
    if (kit_path_is(x, "/begin")) { /* without a copy */
        tend_buf *out = tend_http_begin(x, 200, "text/plain");
        tend_buf_append(out, request->body.at, request->body.size);
        tend_http_finish(x);
    } else {
        tend_http_respond(x, 200, "text/plain", request->body);
    }
}

static inline void kit_chunk(void *ctx, tend_http_exchange *x, tend_str bytes, bool last) {
    (void)ctx;
    if (kit_path_is(x, "/count")) {
        uint64_t *count = tend_http_state(x);
        if (!count)
            tend_http_set_state(x, count = tend_arena_alloc(tend_http_arena(x), sizeof *count));
        *count += bytes.size;
        if (last)
            tend_http_respond(x, 200, NULL, tend_str_of(tend_arena_printf(tend_http_arena(x), "%llu", (unsigned long long)*count)));
        return;
    }
    if (!tend_http_has_begun(x))
        tend_http_begin_stream(x, 200, "text/plain");
    tend_http_write(x, bytes);
    if (kit_path_is(x, "/abort"))
        tend_http_abort(x);
    else if (last)
        tend_http_finish(x);
}

static inline void kit_abandon(void *ctx, tend_http_exchange *x) {
    (void)x;
    atomic_fetch_add(&((kit *)ctx)->abandoned, 1);
}

static inline void kit_done(void *ctx, const tend_http_exchange *x, int status) {
    kit *k = ctx;
    /* What was asked must still be readable: an access log wants it. */
    const tend_http_request *request = tend_http_request_of(x);
    unsigned sum = 0;
    for (size_t i = 0; i < request->target.size; i++)
        sum += (unsigned char)request->target.at[i];
    for (int i = 0; i < request->n_headers; i++)
        sum += (unsigned char)*request->headers[i].name.at;
    atomic_fetch_add(&k->broken, status == 0 || sum == 0);
    atomic_store(&k->last_status, status);
    atomic_fetch_add(&k->done, 1);
}

static inline bool kit_round_end(void *ctx, int worker) {
    (void)worker;
    kit *k = ctx;
    atomic_fetch_add(&k->rounds, 1);
    return !atomic_load(&k->fail_round);
}

static inline void *kit_thread(void *arg) {
    tend_error err = TEND_ERROR_INIT;
    if (tend_http_server_run(((kit *)arg)->server, &err) != TEND_OK)
        fprintf(stderr, "server: %s\n", err.message);
    return NULL;
}

static inline void kit_start(kit *k) {
    tend_error err = TEND_ERROR_INIT;
    k->app = (tend_http_app){k, kit_head, kit_request, kit_chunk, kit_abandon, kit_done, kit_round_end, k->app.refusal};
    ASSERT_OK(tend_http_server_open(&k->options, &k->app, &k->server, &err), &err);
    ASSERT_EQ(pthread_create(&k->thread, NULL, kit_thread, k), 0);
}

static inline void kit_stop(kit *k) {
    tend_http_server_drain(k->server);
    tend_http_server_drain(k->server);
    pthread_join(k->thread, NULL);
    tend_http_server_free(k->server);
    k->server = NULL;
}

/* A running server `k` of one worker, after the given assignments: KIT(k, k.options.max_body = 10). */
#define KIT(k, ...)                              \
    kit k = {.options = TEND_HTTP_OPTIONS_INIT}; \
    k.options.workers = 1;                       \
    __VA_ARGS__;                                 \
    kit_start(&k)

/* ---- the client ---- */

static inline int client_socket(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){20, 0}, sizeof(struct timeval));
    return fd;
}

static inline int client(const kit *k) {
    int fd = client_socket(tend_http_server_port(k->server));
    ASSERT_TRUE(fd >= 0);
    return fd;
}

static inline void client_send_bytes(int fd, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);
        ASSERT_TRUE(n > 0);
        bytes += n;
        size -= (size_t)n;
    }
}

static inline void client_send(int fd, const char *text) { client_send_bytes(fd, text, strlen(text)); }

/* Everything until the server closes. The caller frees. */
static inline char *client_read_all(int fd, size_t *out_size) {
    TEND_AUTO_BUF buf = TEND_BUF_INIT;
    for (;;) {
        ssize_t n = recv(fd, tend_buf_reserve(&buf, 65536), 65536, 0);
        if (n <= 0)
            break;
        buf.size += (size_t)n;
    }
    return tend_buf_steal(&buf, out_size);
}

/* One answer with a Content-Length: head and body, NUL-terminated; "" when the connection ended. The caller frees. */
static inline char *client_read(int fd) {
    TEND_AUTO_BUF buf = TEND_BUF_INIT;
    size_t want = SIZE_MAX;
    tend_buf_puts(&buf, "");
    while (buf.size < want) {
        size_t room = want == SIZE_MAX ? 1 : want - buf.size;
        ssize_t n = recv(fd, tend_buf_reserve(&buf, room), room, 0);
        if (n <= 0)
            break;
        buf.size += (size_t)n;
        buf.data[buf.size] = '\0';
        if (want == SIZE_MAX && tend_text_has_suffix(buf.data, "\r\n\r\n")) {
            const char *length = strstr(buf.data, "Content-Length: ");
            want = buf.size + (length ? (size_t)strtoul(length + 16, NULL, 10) : 0);
        }
    }
    return tend_buf_steal(&buf, NULL);
}

static inline void client_expect(int fd, const char *part) {
    char *answer = client_read(fd);
    ASSERT_HAS(answer, part);
    free(answer);
}

/* The server has closed, with nothing (more) to say. */
static inline void client_expect_end(int fd) {
    size_t size;
    char *rest = client_read_all(fd, &size);
    ASSERT_STR_EQ(rest, "");
    free(rest);
    close(fd);
}

/* Sends, reads all until the end, closes, and checks. */
static inline void client_expect_last(const kit *k, const char *request, const char *part) {
    int fd = client(k);
    client_send(fd, request);
    size_t size;
    char *answer = client_read_all(fd, &size);
    ASSERT_HAS(answer, part);
    free(answer);
    close(fd);
}

/* Waits until something another thread counts is there. */
#define KIT_WAIT(condition)                                               \
    do {                                                                  \
        for (int waited_ = 0; !(condition) && waited_ < 20000; waited_++) \
            kit_sleep(1);                                                 \
        ASSERT_TRUE(condition);                                           \
    } while (0)

#endif
