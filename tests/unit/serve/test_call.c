/* A served request, from the socket on. */
#include "service_case.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static void *serve(void *ctx) {
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(serve_service_run(ctx, &err), &err);
    return NULL;
}

static int connect_to(const serve_service *s) {
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)tend_http_server_port(s->http)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_EQ(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* Reads until the text is there, or the connection ends. */
static void read_until(int fd, const char *part, tend_buf *out) {
    char piece[4096];
    for (ssize_t n; !strstr(tend_buf_text(out), part) && (n = read(fd, piece, sizeof piece)) > 0;)
        tend_buf_append(out, piece, (size_t)n);
    ASSERT_HAS(tend_buf_text(out), part);
}

static void send_text(int fd, const char *text) { ASSERT_EQ(write(fd, text, strlen(text)), strlen(text)); }

/* The server waits for the body when it has answered 100, so the body comes in a later round than the head, into the same memory. */
TEST(a_body_that_comes_later_belongs_to_its_path) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(serve_service) *s = case_service(arena, case_bundle(arena, TEND_TASK_BINARY, NULL), "");
    TEND_AUTO_BUF answer = TEND_BUF_INIT;
    pthread_t thread;
    ASSERT_EQ(pthread_create(&thread, NULL, serve, s), 0);
    int fd = connect_to(s);
    const char *row = "{\"age\":39,\"town\":\"Bonn\",\"score\":1.5,\"member\":true,\"born\":\"1980-02-01\"}";
    char *body = tend_arena_printf(arena, "%*s%s", 2000, "", row);
    send_text(fd, tend_arena_printf(arena,
                                    "POST /models/town-model/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                    "Expect: 100-continue\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
                                    strlen(body)));
    read_until(fd, "100 Continue", &answer);
    send_text(fd, body);
    read_until(fd, "\"model\":\"town-model\"", &answer);
    ASSERT_HAS(tend_buf_text(&answer), "HTTP/1.1 200 OK");
    close(fd);
    tend_http_server_drain(s->http);
    pthread_join(thread, NULL);
}

/* Pages of other sites, wrong names, methods, parameters and types, and what is in order. */
TEST(each_request_gets_its_status) {
    static const struct {
        const char *head, *status;
    } cases[] = {{"GET /models HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n", "403 Forbidden"},
                 {"GET /models HTTP/1.1\r\nHost: evil.example\r\n", "403 Forbidden"},
                 {"GET /models/nobody HTTP/1.1\r\nHost: localhost\r\n", "404 Not Found"},
                 {"DELETE /metrics HTTP/1.1\r\nHost: localhost\r\n", "405 Method Not Allowed"},
                 {"POST /predict?explain=perhaps HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n", "400 Bad Request"},
                 {"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\nContent-Length: 0\r\n",
                  "415 Unsupported Media Type"},
                 {"POST /v2/models/town-model/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n",
                  "{\"error\":\"the body is too large\"}"},
                 {"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n", "{\"error_code\":\"BAD_REQUEST\""},
                 {"GET / HTTP/1.1\r\nHost: localhost\r\n", "Content-Security-Policy: default-src 'none'; style-src 'sha256-"},
                 {"GET /readyz HTTP/1.1\r\nHost: localhost\r\n", "{\"status\":\"ready\"}"}};
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(serve_service) *s = case_service(arena, case_bundle(arena, TEND_TASK_BINARY, NULL), "");
    pthread_t thread;
    ASSERT_EQ(pthread_create(&thread, NULL, serve, s), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        TEND_AUTO_BUF answer = TEND_BUF_INIT;
        int fd = connect_to(s);
        send_text(fd, tend_arena_printf(arena, "%sConnection: close\r\n\r\n", cases[i].head));
        read_until(fd, cases[i].status, &answer);
        close(fd);
    }
    tend_http_server_drain(s->http);
    pthread_join(thread, NULL);
}

/* The folder of its log is made from the name. */
TEST(a_model_whose_name_is_a_path_is_refused) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    TEND_AUTO(tend_model) *model = make_model(TEND_TASK_BINARY, case_table(arena, people));
    tend_error err = TEND_ERROR_INIT;
    serve_version *version;
    const char *path = tend_path_join(arena, suite_scratch(), "odd.tend");
    model->name = "../../elsewhere";
    ASSERT_OK(tend_bundle_save(model, tend_node_new_map(arena), NULL, 0, &bytes, &err), &err);
    ASSERT_OK(tend_fs_write(path, bytes.data, bytes.size, 0600, &err), &err);
    ASSERT_EQ(serve_version_open(path, NULL, 0, 1, &version, &err), TEND_INVALID);
    ASSERT_HAS(err.message, "../../elsewhere");
}
