/* The server against the world: too much, too slow, too many; and its end. */
#include "server_kit.h"

#include <sys/resource.h>

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

static tend_http_counts counts_of(const kit *k) {
    tend_http_counts counts;
    tend_http_server_counts(k->server, &counts);
    return counts;
}

TEST(refuses_what_is_too_large) {
    KIT(k, k.options.max_body = 10, k.options.max_stream = 20, k.options.max_header = 512, k.options.max_headers = 5);
    client_expect_last(&k, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n", "HTTP/1.1 413 ");
    client_expect_last(&k, "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n",
                       "HTTP/1.1 413 ");
    client_expect_last(
        &k, "POST /count HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n123456789012345\r\nf\r\n123456789012345\r\n",
        "HTTP/1.1 413 ");
    client_expect_last(&k, "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 21\r\n\r\n", "HTTP/1.1 413 ");
    client_expect_last(&k, "GET / HTTP/1.1\r\nHost: h\r\n1:\r\n2:\r\n3:\r\n4:\r\n5:\r\n\r\n", "HTTP/1.1 431 ");
    char line[700];
    memset(line, 'a', sizeof line);
    line[sizeof line - 1] = '\0';
    client_expect_last(&k, line, "HTTP/1.1 414 ");
    client_expect_last(&k, "\x16\x03\x01\x02", "HTTP/1.1 400 ");
    client_expect_last(&k, "GET / HTTP/3.0\r\nHost: h\r\n\r\n", "HTTP/1.1 505 ");
    client_expect_last(&k, "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 400 ");
    int fd = client(&k); /* exactly as large as may be */
    client_send(fd, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n0123456789");
    client_expect(fd, "\r\n\r\n0123456789");
    close(fd);
    ASSERT_EQ(counts_of(&k).malformed, 5);
    kit_stop(&k);
}

static void refusal(void *ctx, tend_http_exchange *x, int status, const char *reason) {
    (void)ctx;
    tend_http_respond(x, status, "application/problem+json",
                      tend_str_of(tend_arena_printf(tend_http_arena(x), "{\"detail\":\"%s\"}", reason)));
}

TEST(refuses_in_the_applications_own_form) {
    KIT(k, k.app.refusal = refusal);
    client_expect_last(&k, "GET / HTTP/1.1\r\n\r\n", "{\"detail\":\"HTTP/1.1 wants a Host header\"}");
    kit_stop(&k);
}

TEST(ends_what_is_too_slow) {
    KIT(k, k.options.header_timeout = 0.15, k.options.body_timeout = 0.15, k.options.idle_timeout = 0.3, k.options.write_timeout = 0.3);
    int fd = client(&k); /* nothing at all */
    client_expect_end(fd);
    fd = client(&k); /* a head that never ends, though bytes keep coming */
    client_send(fd, "GET / HTTP/1.1\r\n");
    for (int i = 0; i < 10; i++) {
        send(fd, "A: b\r\n", 6, MSG_NOSIGNAL);
        kit_sleep(25);
    }
    client_expect(fd, "HTTP/1.1 408 ");
    close(fd);
    client_expect_last(&k, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc", "HTTP/1.1 408 ");
    fd = client(&k); /* a body that trickles */
    client_send(fd, "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n");
    for (int i = 0; i < 10; i++) {
        send(fd, "x", 1, MSG_NOSIGNAL);
        kit_sleep(40);
    }
    client_expect(fd, "HTTP/1.1 408 ");
    close(fd);
    fd = client(&k); /* asks for much and takes nothing */
    client_send(fd, GET("/big?n=30000000"));
    KIT_WAIT(counts_of(&k).timed_out == 4 && counts_of(&k).connections == 0);
    close(fd);
    KIT_WAIT(atomic_load(&k.broken) == 1);
    kit_stop(&k);
}

TEST(a_slow_reader_holds_back_its_own_stream) {
    KIT(k, k.options.max_unsent = 100000, k.options.max_stream = UINT64_MAX);
    int fd = client(&k);
    enum { PIECE = 1 << 16, PIECES = 400 };
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){1 << 16}, sizeof(int));
    client_send(fd, "POST /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 26214400\r\n\r\n");
    char *piece = malloc(PIECE);
    memset(piece, 'x', PIECE);
    size_t sent = 0, total = (size_t)PIECE * PIECES;
    /* Nothing is read: at some point the server takes no more. */
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){0, 300000}, sizeof(struct timeval));
    while (sent < total) {
        ssize_t n = send(fd, piece, total - sent < PIECE ? total - sent : PIECE, MSG_NOSIGNAL);
        if (n < 0)
            break;
        sent += (size_t)n;
    }
    ASSERT_TRUE(sent < total);
    /* Both at once, and it all comes through. */
    size_t answered = 0;
    char *got = malloc(PIECE);
    while (sent < total || answered < total) {
        if (sent < total) {
            ssize_t n = send(fd, piece, total - sent < PIECE ? total - sent : PIECE, MSG_NOSIGNAL | MSG_DONTWAIT);
            sent += n > 0 ? (size_t)n : 0;
        }
        ssize_t n = recv(fd, got, PIECE, sent < total ? MSG_DONTWAIT : 0);
        ASSERT_TRUE(n > 0 || (n < 0 && errno == EAGAIN && sent < total));
        for (ssize_t i = 0; i < n; i++)
            answered += got[i] == 'x';
    }
    free(piece);
    free(got);
    close(fd);
    kit_stop(&k);
}

TEST(holds_many_idle_connections) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    int n = limit.rlim_cur >= 21000 ? 10000 : limit.rlim_cur >= 19000 ? 9000 : limit.rlim_cur >= 4500 ? 2000 : 200;
    KIT(k, k.options.workers = 2, k.options.backlog = 4096);
    int *fds = malloc((size_t)n * sizeof *fds);
    for (int i = 0; i < n; i++) {
        fds[i] = client(&k);
        client_send(fds[i], GET("/hello"));
    }
    for (int i = 0; i < n; i++)
        client_expect(fds[i], "hello");
    ASSERT_EQ(counts_of(&k).connections, n);
    for (int i = 0; i < n; i += 7) { /* they are still awake */
        client_send(fds[i], GET("/hello"));
        client_expect(fds[i], "hello");
    }
    for (int i = 0; i < n; i++)
        close(fds[i]);
    KIT_WAIT(counts_of(&k).connections == 0);
    free(fds);
    kit_stop(&k);
}

TEST(turns_away_at_the_door) {
    KIT(k, k.options.max_connections = 2);
    int a = client(&k), b = client(&k);
    KIT_WAIT(counts_of(&k).connections == 2);
    int c = client(&k);
    client_expect(c, "HTTP/1.1 503 ");
    client_expect_end(c);
    ASSERT_EQ(counts_of(&k).refused, 1);
    close(a);
    KIT_WAIT(counts_of(&k).connections == 1);
    c = client(&k);
    client_send(c, GET("/hello"));
    client_expect(c, "hello");
    close(b);
    close(c);
    kit_stop(&k);
}

TEST(one_peer_may_not_have_all) {
    KIT(k, k.options.max_connections_per_peer = 2);
    int a = client(&k), b = client(&k);
    KIT_WAIT(counts_of(&k).connections == 2);
    client_expect_end(client(&k));
    close(a);
    KIT_WAIT(counts_of(&k).connections == 1);
    a = client(&k);
    client_send(a, GET("/hello"));
    client_expect(a, "hello");
    close(a);
    close(b);
    kit_stop(&k);
}

TEST(ends_a_connection_after_so_many_requests) {
    KIT(k, k.options.max_requests = 2);
    int fd = client(&k);
    client_send(fd, GET("/hello") GET("/hello") GET("/hello"));
    client_expect(fd, "hello");
    client_expect(fd, "Connection: close");
    client_expect_end(fd);
    kit_stop(&k);
}

TEST(sheds_what_would_wait_too_long) {
    KIT(k, k.options.max_wait = 0.02);
    int fd = client(&k);
    client_send(fd, GET("/slow?ms=60") "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab" GET("/hello"));
    client_expect(fd, "\r\n\r\nslow");
    char *answer = client_read(fd);
    ASSERT_HAS(answer, "HTTP/1.1 503 Service Unavailable\r\n");
    ASSERT_HAS(answer, "\r\nRetry-After: 1\r\n");
    free(answer);
    client_expect(fd, "HTTP/1.1 503 ");
    client_send(fd, GET("/hello")); /* a new round */
    client_expect(fd, "hello");
    close(fd);
    ASSERT_EQ(counts_of(&k).shed, 2);
    ASSERT_EQ(k.heads, 2);
    kit_stop(&k);
}

/* ---- the end ---- */

TEST(drains_with_requests_under_way) {
    KIT(k);
    int idle = client(&k), body = client(&k), late;
    client_send(idle, GET("/hello"));
    client_expect(idle, "hello");
    client_send(body, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab");
    KIT_WAIT(atomic_load(&k.heads) == 2);
    tend_http_server_drain(k.server);
    client_expect_end(idle);
    KIT_WAIT((late = client_socket(tend_http_server_port(k.server))) < 0);
    client_send(body, "cd");
    char *answer = client_read(body);
    ASSERT_HAS(answer, "\r\nConnection: close\r\n");
    ASSERT_HAS(answer, "\r\n\r\nabcd");
    free(answer);
    client_expect_end(body);
    pthread_join(k.thread, NULL);
    tend_http_server_free(k.server);
}

TEST(drains_no_longer_than_it_may) {
    KIT(k, k.options.drain_timeout = 0.1);
    int fd = client(&k);
    client_send(fd, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab");
    KIT_WAIT(atomic_load(&k.heads) == 1);
    tend_http_server_drain(k.server);
    pthread_join(k.thread, NULL);
    ASSERT_EQ(k.abandoned, 1);
    tend_http_server_free(k.server);
    client_expect_end(fd);
}

TEST(drained_before_it_ran_it_ends_at_once) {
    kit k = {.options = TEND_HTTP_OPTIONS_INIT};
    k.options.workers = 3;
    k.app = (tend_http_app){.head = kit_head, .ctx = &k};
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_http_server_open(&k.options, &k.app, &k.server, &err), &err);
    tend_http_server_drain(k.server);
    ASSERT_OK(tend_http_server_run(k.server, &err), &err);
    tend_http_server_free(k.server);
}

/* ---- addresses ---- */

TEST(listens_on_a_unix_socket) {
    char host[256];
    snprintf(host, sizeof host, "unix:%s/s", suite_scratch());
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(host + 5) >= sizeof address.sun_path)
        SKIP(); /* a deep build folder */
    memcpy(address.sun_path, host + 5, strlen(host + 5) + 1);
    int stale = socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(bind(stale, (struct sockaddr *)&address, sizeof address), 0);
    close(stale); /* its file stays, as after a crash */
    KIT(k, k.options.host = host, k.options.max_connections_per_peer = 1);
    for (int i = 0; i < 2; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        ASSERT_EQ(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
        client_send(fd, GET("/peer") GET("/big?n=1000000"));
        client_expect(fd, "\r\n\r\nunix");
        char *answer = client_read(fd);
        ASSERT_EQ(strlen(strstr(answer, "\r\n\r\n") + 4), 1000000);
        free(answer);
        close(fd);
    }
    /* A second server does not push the first one out. */
    tend_http_server *second = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(tend_http_server_open(&k.options, &k.app, &second, &err), &err, IO, "something listens there already");
    kit_stop(&k);
    ASSERT_TRUE(access(address.sun_path, F_OK) != 0);
}

TEST(listens_by_name_and_on_a_socket_from_outside) {
    KIT(k, k.options.host = "localhost");
    int fd = client(&k);
    client_send(fd, GET("/peer"));
    client_expect(fd, "127.0.0.1");
    close(fd);
    tend_http_options same = k.options;
    same.port = tend_http_server_port(k.server);
    tend_http_server *second = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(tend_http_server_open(&same, &k.app, &second, &err), &err, IO, "something listens there already");
    same.host = "no such host";
    ASSERT_FAILS(tend_http_server_open(&same, &k.app, &second, &err), &err, CONFIG, "'no such host' is no address");
    kit_stop(&k);

    int listener = socket(AF_INET, SOCK_STREAM, 0);
    KIT_WAIT(listener >= 0);
    kit bad = {.options = TEND_HTTP_OPTIONS_INIT};
    bad.options.listen_fd = listener;
    ASSERT_FAILS(tend_http_server_open(&bad.options, &bad.app, &second, &err), &err, CONFIG, "not a listening socket");
    ASSERT_EQ(listen(listener, 16), 0);
    KIT(outside, outside.options.listen_fd = listener);
    fd = client(&outside);
    client_send(fd, GET("/hello"));
    client_expect(fd, "hello");
    close(fd);
    kit_stop(&outside);
}

TEST(many_clients_on_many_workers) {
    KIT(k, k.options.workers = 4);
    int fds[40];
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 40; i++) {
            fds[i] = client(&k);
            client_send(fds[i], GET("/hello") GET("/big?n=70000") GET("/hello"));
        }
        for (int i = 0; i < 40; i++) {
            client_expect(fds[i], "hello");
            client_expect(fds[i], "bbbb");
            client_expect(fds[i], "hello");
            close(fds[i]);
        }
    }
    KIT_WAIT(counts_of(&k).connections == 0);
    ASSERT_EQ(counts_of(&k).requests, 20 * 40 * 3);
    kit_stop(&k);
}
