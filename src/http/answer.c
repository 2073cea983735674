/* Callbacks to bytes: heads, lengths, chunks. */
#include "http/internal.h"

#include <stdio.h>
#include <stdlib.h>

enum { LENGTH_DIGITS = 20 };

#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define LENGTH  "Content-Length: "

const tend_http_request *tend_http_request_of(const tend_http_exchange *x) { return &x->request; }

tend_arena *tend_http_arena(tend_http_exchange *x) {
    if (!x->arena)
        x->arena = tend_arena_new();
    return x->arena;
}

void tend_http_set_state(tend_http_exchange *x, void *state) { x->state = state; }

void *tend_http_state(const tend_http_exchange *x) { return x->state; }

bool tend_http_has_begun(const tend_http_exchange *x) { return x->answer != HTTP_UNANSWERED; }

/* ---- the head ---- */

/* RFC 9110, 15 and RFC 6585. */
static const char *reason_of(int status) {
    static const struct {
        int status;
        const char *reason;
    } REASONS[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {425, "Too Early"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
    };
    for (size_t i = 0; i < sizeof REASONS / sizeof *REASONS; i++)
        if (REASONS[i].status == status)
            return REASONS[i].reason;
    return "";
}

/* RFC 9110, 6.4.1: these have no body, and 204 no length either. */
static bool is_bodiless(int status) { return status == 204 || status == 304; }

static char *put(char *p, const char *text, size_t size) {
    memcpy(p, text, size);
    return p + size;
}

#define PUT(p, literal) put((p), (literal), sizeof(literal) - 1)

static char *put_number(char *p, uint64_t n) {
    char digits[LENGTH_DIGITS];
    size_t i = sizeof digits;
    do
        digits[--i] = (char)('0' + n % 10);
    while (n /= 10);
    return put(p, digits + i, sizeof digits - i);
}

/* A body that nobody will read through and that is too much to skip ends the connection; so does one that the client holds back
 * (Expect) and may or may not send now. */
static bool leaves_body(const tend_http_exchange *x) {
    const tend_http_request *request = &x->request;
    if (x->conn->state != HTTP_HEAD || !request->has_body)
        return false;
    return x->expects_continue || (request->content_length != UINT64_MAX && request->content_length > HTTP_SKIP_MAX);
}

static void decide_keep_alive(tend_http_exchange *x) {
    if (x->conn->worker->draining || leaves_body(x) || (x->answer == HTTP_STREAMED && x->is_old))
        x->keep_alive = false;
}

static char *put_status_line(char *p, int status) {
    if (status == 200)
        return PUT(p, "HTTP/1.1 200 OK\r\n");
    const char *reason = reason_of(status);
    p = put_number(PUT(p, "HTTP/1.1 "), (uint64_t)status);
    *p++ = ' ';
    p = put(p, reason, strlen(reason));
    return PUT(p, "\r\n");
}

static char *put_connection(char *p, const tend_http_exchange *x) {
    if (!x->keep_alive)
        return PUT(p, "Connection: close\r\n");
    return x->is_old ? PUT(p, "Connection: keep-alive\r\n") : p;
}

/* All up to where the length goes. Returns where to write on; x->answer says what kind it is. There is room for what follows. */
static char *begin_head(tend_http_exchange *x, int status, const char *content_type) {
    http_conn *c = x->conn;
    const tend_buf *fixed = &c->worker->fixed;
    size_t type_size = content_type ? strlen(content_type) : 0;
    if (!c->out.data)
        http_worker_take_buffer(c->worker, &c->out);
    x->status = status;
    x->head_at = c->out.size;
    decide_keep_alive(x);
    char *p = tend_buf_reserve(&c->out, 256 + fixed->size + type_size + x->added.size);
    if (!p)
        return NULL;
    p = put_status_line(p, status);
    p = put(p, fixed->data, fixed->size);
    if (type_size) {
        p = put(PUT(p, "Content-Type: "), content_type, type_size);
        p = PUT(p, "\r\n");
    }
    if (x->added.size)
        p = put(p, x->added.data, x->added.size);
    return put_connection(p, x);
}

static void end_head(tend_http_exchange *x, const char *p) {
    tend_buf *out = &x->conn->out;
    out->size = (size_t)(p - out->data);
    x->body_at = out->size;
}

/* The names that say where a message ends are the server's. */
static bool is_framing(tend_str name) {
    char lower[24];
    if (name.size >= sizeof lower)
        return false;
    for (size_t i = 0; i < name.size; i++)
        lower[i] = http_lower(name.at[i]);
    tend_str folded = {lower, name.size};
    return tend_str_is(folded, "content-length") || tend_str_is(folded, "transfer-encoding") || tend_str_is(folded, "connection");
}

void tend_http_add_header(tend_http_exchange *x, const char *name, tend_str value) {
    tend_str name_text = tend_str_of(name);
    if (x->answer != HTTP_UNANSWERED || !http_is_token(name, name_text.size) || is_framing(name_text) ||
        !http_is_field_text(value.at, value.size))
        return;
    tend_buf_append(&x->added, name, name_text.size);
    tend_buf_append(&x->added, ": ", 2);
    tend_buf_append(&x->added, value.at, value.size);
    tend_buf_append(&x->added, "\r\n", 2);
}

/* ---- whole answers ---- */

static bool sends_body(const tend_http_exchange *x) { return x->request.method != TEND_HTTP_HEAD && !is_bodiless(x->status); }

void tend_http_abort(tend_http_exchange *x) {
    if (x->answer == HTTP_BUFFERED) /* its head has no length yet */
        x->conn->out.size = x->head_at;
    if (x->answer != HTTP_COMPLETE)
        x->answer = HTTP_ABORTED;
}

/* Beyond a buffer's cap an answer is not whole: better none than half of one. */
static void whole(tend_http_exchange *x) {
    if (x->conn->out.overflow)
        tend_http_abort(x);
    else
        x->answer = HTTP_COMPLETE;
}

void tend_http_respond(tend_http_exchange *x, int status, const char *content_type, tend_str body) {
    if (x->answer != HTTP_UNANSWERED)
        return;
    x->answer = HTTP_BUFFERED;
    char *p = begin_head(x, status, content_type);
    if (p) {
        if (!is_bodiless(status)) {
            p = put_number(PUT(p, LENGTH), body.size);
            p = PUT(p, "\r\n");
        }
        end_head(x, PUT(p, "\r\n"));
        if (sends_body(x))
            tend_buf_append(&x->conn->out, body.at, body.size);
    }
    whole(x);
}

tend_buf *tend_http_begin(tend_http_exchange *x, int status, const char *content_type) {
    if (x->answer != HTTP_UNANSWERED)
        return &x->conn->out;
    x->answer = HTTP_BUFFERED;
    char *p = begin_head(x, status, content_type);
    if (p) {
        if (!is_bodiless(status)) {
            p = PUT(p, LENGTH);
            x->length_at = (size_t)(p - x->conn->out.data);
            p += LENGTH_DIGITS;
            p = PUT(p, "\r\n");
        }
        end_head(x, PUT(p, "\r\n"));
    }
    return &x->conn->out;
}

/* Writes the length, and takes out what its reserved room has too much: the few bytes of the head move towards the body when nothing
 * stands before them, else the body moves towards the head. */
static void put_length(tend_http_exchange *x, uint64_t length) {
    http_conn *c = x->conn;
    char digits[LENGTH_DIGITS], *data = c->out.data;
    size_t n = (size_t)(put_number(digits, length) - digits), gap = LENGTH_DIGITS - n;
    if (x->head_at == c->out_at) {
        memmove(data + x->head_at + gap, data + x->head_at, x->length_at - x->head_at);
        memcpy(data + x->length_at + gap, digits, n);
        c->out_at += gap;
        return;
    }
    memcpy(data + x->length_at, digits, n);
    size_t rest = x->length_at + LENGTH_DIGITS;
    memmove(data + rest - gap, data + rest, c->out.size - rest);
    c->out.size -= gap;
}

void tend_http_finish(tend_http_exchange *x) {
    tend_buf *out = &x->conn->out;
    if (x->answer == HTTP_STREAMED) {
        if (sends_body(x) && !x->is_old)
            tend_buf_append(out, "0\r\n\r\n", 5);
        whole(x);
    } else if (x->answer == HTTP_BUFFERED) {
        uint64_t length = out->size - x->body_at;
        if (!sends_body(x))
            out->size = x->body_at;
        whole(x);
        if (x->answer == HTTP_COMPLETE && !is_bodiless(x->status))
            put_length(x, length);
    }
}

/* ---- answers in pieces ---- */

void tend_http_begin_stream(tend_http_exchange *x, int status, const char *content_type) {
    if (x->answer != HTTP_UNANSWERED)
        return;
    x->answer = HTTP_STREAMED;
    char *p = begin_head(x, status, content_type);
    if (!p)
        return;
    if (!x->is_old && !is_bodiless(status))
        p = PUT(p, CHUNKED);
    end_head(x, PUT(p, "\r\n"));
}

void tend_http_write(tend_http_exchange *x, tend_str piece) {
    tend_buf *out = &x->conn->out;
    if (x->answer != HTTP_STREAMED || !piece.size || !sends_body(x))
        return;
    if (!out->data) /* all before it is sent */
        http_worker_take_buffer(x->conn->worker, out);
    if (!x->is_old) {
        char size[20];
        tend_buf_append(out, size, (size_t)snprintf(size, sizeof size, "%zx\r\n", piece.size));
    }
    tend_buf_append(out, piece.at, piece.size);
    if (!x->is_old)
        tend_buf_append(out, "\r\n", 2);
}

/* ---- what the server says by itself ---- */

void http_answer_refusal(tend_http_exchange *x, int status, const char *reason) {
    const tend_http_app *app = &x->conn->worker->server->app;
    if (app->refusal)
        app->refusal(app->ctx, x, status, reason);
    tend_http_finish(x);
    if (x->answer != HTTP_UNANSWERED)
        return;
    tend_buf *out = tend_http_begin(x, status, "text/plain; charset=utf-8");
    tend_buf_puts(out, reason);
    tend_buf_putc(out, '\n');
    tend_http_finish(x);
}

void http_answer_continue(http_conn *c) {
    if (!c->out.data)
        http_worker_take_buffer(c->worker, &c->out);
    tend_buf_puts(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
}
