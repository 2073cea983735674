/* The server from outside: bytes in, bytes out. */
#include "server_kit.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

TEST(keeps_connections_alive) {
    KIT(k);
    int fd = client(&k);
    for (int i = 0; i < 3; i++) {
        client_send(fd, GET("/hello"));
        char *answer = client_read(fd);
        ASSERT_HAS(answer, "HTTP/1.1 200 OK\r\nDate: ");
        ASSERT_HAS(answer, "\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
        ASSERT_NULL(strstr(answer, "Connection:"));
        free(answer);
    }
    client_send(fd, "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    client_expect(fd, "\r\nConnection: close\r\n");
    client_expect_end(fd);
    KIT_WAIT(atomic_load(&k.done) == 4);
    ASSERT_EQ(k.last_status, 200);
    ASSERT_EQ(k.broken, 0);
    tend_http_counts counts;
    tend_http_server_counts(k.server, &counts);
    ASSERT_EQ(counts.requests, 4);
    ASSERT_EQ(counts.accepted, 1);
    kit_stop(&k);
}

TEST(answers_pipelined_requests_in_order) {
    KIT(k);
    int fd = client(&k);
    TEND_AUTO_BUF requests = TEND_BUF_INIT;
    for (int i = 0; i < 1000; i++) {
        char body[16];
        int n = snprintf(body, sizeof body, "%d", i);
        tend_buf_printf(&requests, "POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", i % 2 ? "/echo" : "/begin", n, body);
    }
    client_send_bytes(fd, requests.data, requests.size);
    for (int i = 0; i < 1000; i++) {
        char want[48];
        snprintf(want, sizeof want, "Content-Length: %d\r\n\r\n%d", i < 10 ? 1 : i < 100 ? 2 : 3, i);
        client_expect(fd, want);
    }
    close(fd);
    KIT_WAIT(atomic_load(&k.done) == 1000);
    ASSERT_EQ(k.broken, 0);
    ASSERT_TRUE(k.rounds >= 1000 / 64);
    kit_stop(&k);
}

TEST(takes_bytes_one_by_one) {
    KIT(k);
    int fd = client(&k);
    const char *requests =
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nhello world"
        "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nT: x\r\n\r\n";
    setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &(int){1}, sizeof(int));
    for (const char *p = requests; *p; p++) {
        client_send_bytes(fd, p, 1);
        if (p - requests < 80)
            kit_sleep(1);
    }
    client_expect(fd, "Content-Length: 11\r\n\r\nhello world");
    client_expect(fd, "Content-Length: 11\r\n\r\nhello world");
    close(fd);
    kit_stop(&k);
}

TEST(answers_a_half_closed_client) {
    KIT(k);
    int fd = client(&k);
    client_send(fd, GET("/hello") GET("/big?n=3000000"));
    shutdown(fd, SHUT_WR);
    client_expect(fd, "hello");
    char *answer = client_read(fd);
    ASSERT_EQ(strlen(strstr(answer, "\r\n\r\n") + 4), 3000000);
    free(answer);
    client_expect_end(fd);
    kit_stop(&k);
}

TEST(says_when_a_body_is_cut_off) {
    KIT(k);
    int fd = client(&k);
    client_send(fd, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
    shutdown(fd, SHUT_WR);
    client_expect(fd, "HTTP/1.1 400 ");
    client_expect_end(fd);
    fd = client(&k);
    client_send(fd, "POST /stream HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
    KIT_WAIT(atomic_load(&k.heads) == 2);
    shutdown(fd, SHUT_WR);
    size_t size;
    char *answer = client_read_all(fd, &size);
    ASSERT_HAS(answer, "4\r\nhalf\r\n");
    ASSERT_FALSE(tend_text_has_suffix(answer, "0\r\n\r\n"));
    free(answer);
    close(fd);
    KIT_WAIT(atomic_load(&k.abandoned) == 1 && atomic_load(&k.done) == 2);
    kit_stop(&k);
}

TEST(streams_both_ways) {
    KIT(k);
    int fd = client(&k);
    client_send(fd, "POST /stream HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    char *head = client_read(fd); /* the answer begins while the request is on its way */
    ASSERT_HAS(head, "Transfer-Encoding: chunked\r\n");
    free(head);
    client_send(fd, "2\r\nde\r\n1\r\nf\r\n0\r\n\r\n" GET("/hello"));
    char got[128] = "";
    while (!strstr(got, "hello")) {
        ssize_t n = recv(fd, got + strlen(got), sizeof got - 1 - strlen(got), 0);
        ASSERT_TRUE(n > 0 || strlen(got) == sizeof got - 1);
        if (n <= 0)
            break;
    }
    ASSERT_HAS(got, "3\r\nabc\r\n");
    ASSERT_HAS(got, "0\r\n\r\nHTTP/1.1 200");
    close(fd);
    client_expect_last(&k, "POST /stream HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc", "\r\n\r\nabc");
    client_expect_last(&k, "POST /count HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc", "Connection: close\r\nContent-Length: 1\r\n\r\n3");
    kit_stop(&k);
}

TEST(counts_a_large_stream_and_a_large_body) {
    KIT(k);
    int fd = client(&k);
    size_t size = 5000000;
    char *body = malloc(size);
    memset(body, 'x', size);
    client_send(fd, "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n");
    client_send_bytes(fd, body, size);
    client_expect(fd, "\r\n\r\n5000000");
    client_send(fd, "POST /begin HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n");
    client_send_bytes(fd, body, size);
    char *answer = client_read(fd);
    ASSERT_EQ(strlen(strstr(answer, "\r\n\r\n") + 4), size);
    free(answer);
    free(body);
    close(fd);
    kit_stop(&k);
}

TEST(expects_continue_only_when_the_body_is_wanted) {
    KIT(k, k.options.max_body = 1000);
    int fd = client(&k);
    client_send(fd, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    client_expect(fd, "HTTP/1.1 100 Continue\r\n\r\n");
    client_send(fd, "ok");
    client_expect(fd, "\r\n\r\nok");
    client_send(fd, "POST /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    client_expect(fd, "HTTP/1.1 403 Forbidden");
    client_expect_end(fd);
    client_expect_last(&k, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2000\r\nExpect: 100-continue\r\n\r\n", "HTTP/1.1 413 ");
    kit_stop(&k);
}

TEST(leaves_out_bodies_that_must_not_be) {
    KIT(k);
    int fd = client(&k);
    client_send(fd, "HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\nHEAD /big?n=100000 HTTP/1.1\r\nHost: h\r\n\r\n" GET("/status?n=204")
                        GET("/status?n=304") GET("/hello"));
    char got[2048] = "";
    while (!strstr(got, "\r\n\r\nhello")) {
        ssize_t n = recv(fd, got + strlen(got), sizeof got - 1 - strlen(got), 0);
        ASSERT_TRUE(n > 0);
    }
    ASSERT_HAS(got, "Content-Length: 5\r\n\r\nHTTP/1.1 200 OK");
    ASSERT_HAS(got, "Content-Length: 100000\r\n\r\nHTTP/1.1 204 No Content");
    ASSERT_NULL(strstr(strstr(got, "HTTP/1.1 204"), "text\r\n"));
    ASSERT_NULL(strstr(strstr(got, "HTTP/1.1 204"), "Content-Length: 4"));
    close(fd);
    kit_stop(&k);
}

TEST(speaks_http_1_0) {
    KIT(k);
    client_expect_last(&k, "GET /hello HTTP/1.0\r\n\r\n", "\r\nConnection: close\r\n");
    int fd = client(&k);
    client_send(fd, "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    client_expect(fd, "\r\nConnection: keep-alive\r\n");
    client_send(fd, "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    client_expect(fd, "hello");
    close(fd);
    kit_stop(&k);
}

TEST(skips_a_small_body_that_nobody_wants) {
    KIT(k);
    int fd = client(&k);
    client_send(fd,
                "POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody\r\nPOST /hello HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                "chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n" GET("/refuse"));
    client_expect(fd, "hello");
    client_expect(fd, "hello");
    client_expect(fd, "403");
    close(fd);
    /* A large one ends the connection, and the client can read why. */
    fd = client(&k);
    client_send(fd, "POST /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
    char *body = calloc(1, 300000);
    client_send_bytes(fd, body, 300000);
    free(body);
    client_expect(fd, "HTTP/1.1 403 Forbidden");
    client_expect_end(fd);
    kit_stop(&k);
}

TEST(answers_what_the_application_does_not) {
    KIT(k);
    int fd = client(&k);
    client_send(fd, GET("/nothing") GET("/hello"));
    client_expect(fd, "HTTP/1.1 500 ");
    client_expect(fd, "hello");
    close(fd);
    client_expect_last(&k, "POST /abort HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx", "Transfer-Encoding: chunked");
    KIT_WAIT(atomic_load(&k.abandoned) == 1);
    kit_stop(&k);
}

TEST(adds_headers_but_none_that_lie) {
    KIT(k, k.options.server_name = "tend");
    int fd = client(&k);
    client_send(fd, GET("/added"));
    char *answer = client_read(fd);
    ASSERT_HAS(answer, "\r\nServer: tend\r\n");
    ASSERT_HAS(answer, "\r\nX-Good: yes\r\n");
    ASSERT_NULL(strstr(answer, "Injected"));
    ASSERT_NULL(strstr(answer, "99"));
    free(answer);
    client_send(fd, "GET /header HTTP/1.1\r\nHost: h\r\nX-ONE:\t two words \r\n\r\n");
    client_expect(fd, "\r\n\r\ntwo words");
    client_send(fd, GET("/peer"));
    client_expect(fd, "\r\n\r\n127.0.0.1");
    close(fd);
    kit_stop(&k);
}

TEST(a_failed_round_sends_nothing) {
    KIT(k);
    int fd = client(&k), idle = client(&k);
    client_send(idle, GET("/hello"));
    client_expect(idle, "hello");
    atomic_store(&k.fail_round, true);
    client_send(fd, GET("/hello") GET("/hello"));
    client_expect_end(fd);
    KIT_WAIT(atomic_load(&k.done) == 3);
    ASSERT_EQ(k.last_status, 0);
    atomic_store(&k.fail_round, false);
    client_send(idle, GET("/hello")); /* who had no part in it is still there */
    client_expect(idle, "hello");
    close(idle);
    kit_stop(&k);
}
