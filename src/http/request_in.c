/* Bytes to callbacks: heads, bodies, what is refused on the way. */
#include "http/internal.h"

static const tend_http_options *options_of(const http_conn *c) { return &c->worker->server->options; }

static const tend_http_app *app_of(const http_conn *c) { return &c->worker->server->app; }

static uint64_t stream_limit(const tend_http_options *options) { return options->max_stream ? options->max_stream : options->max_body; }

static void begin_abort(http_conn *c) {
    c->current->answer = HTTP_ABORTED;
    c->abort = c->closing = true;
}

/* The answer is whole: what follows it is the next request. */
static void complete(http_conn *c) {
    tend_http_exchange *x = c->current;
    x->out_end = c->out_base + c->out.size;
    *c->unsent_end = x;
    c->unsent_end = &x->next;
    c->current = NULL;
    c->closing |= !x->keep_alive;
}

void http_conn_refuse(http_conn *c, int status, const char *reason) {
    c->took_part = c->closing = c->lingers = true;
    tend_http_exchange *x = c->current;
    if (!x)
        x = c->current = http_exchange_new(c);
    if (x->answer != HTTP_UNANSWERED) {
        begin_abort(c); /* too late for a word */
        return;
    }
    x->keep_alive = false;
    http_answer_refusal(x, status, reason);
    if (x->answer == HTTP_COMPLETE)
        complete(c);
    else
        begin_abort(c);
}

/* After the last callback of an exchange: there is an answer now, whatever the application did. */
static void conclude(http_conn *c, bool body_is_over) {
    tend_http_exchange *x = c->current;
    if (x->answer == HTTP_UNANSWERED)
        http_answer_refusal(x, 500, "the request was not answered");
    else if (x->answer == HTTP_BUFFERED)
        tend_http_finish(x);
    if (x->answer != HTTP_COMPLETE) { /* also a stream without its end */
        begin_abort(c);
        return;
    }
    complete(c);
    c->state = body_is_over ? HTTP_HEAD : HTTP_SKIP;
    c->body_seen = 0; /* of what is skipped */
    c->lingers |= c->closing && !body_is_over;
}

static void call_request(http_conn *c, tend_str body) {
    c->took_part = true;
    c->current->request.body = body;
    app_of(c)->request(app_of(c)->ctx, c->current);
    conclude(c, true);
}

static void call_chunk(http_conn *c, tend_str bytes, bool last) {
    c->took_part = true;
    app_of(c)->chunk(app_of(c)->ctx, c->current, bytes, last);
    http_answer answer = c->current->answer;
    if (last || answer == HTTP_COMPLETE || answer == HTTP_ABORTED)
        conclude(c, last);
}

/* ---- bodies ---- */

/* Over the whole body, once it has had its first timeout: a trickle holds memory as long as it likes otherwise. */
static bool is_too_slow(const http_conn *c) {
    int64_t elapsed = c->worker->now_ns - c->body_began_ns;
    return elapsed > http_ns(options_of(c)->body_timeout) &&
           (double)(c->body_seen - c->body_seen_before) < options_of(c)->body_min_rate * (double)elapsed * 1e-9;
}

static void refuse_slow(http_conn *c) {
    http_count(&c->worker->counters.timed_out, 1);
    http_conn_refuse(c, 408, "the body comes too slowly");
}

static void collect(http_conn *c, const char *at, size_t size, bool over) {
    tend_buf *body = &c->current->body;
    if (c->body_seen > options_of(c)->max_body) {
        http_conn_refuse(c, 413, "the body is too large");
    } else if (over && !body->size) {
        call_request(c, (tend_str){at, size}); /* it came in one read: no copy */
    } else {
        body->max = (size_t)options_of(c)->max_body;
        tend_buf_append(body, at, size);
        if (over)
            call_request(c, (tend_str){body->data, body->size});
        else if (is_too_slow(c))
            refuse_slow(c);
    }
}

static void stream(http_conn *c, const char *at, size_t size, bool over) {
    if (c->body_seen > stream_limit(options_of(c)))
        http_conn_refuse(c, 413, "the body is too large");
    else if (size || over)
        call_chunk(c, (tend_str){at, size}, over);
    if (c->current && !over && !c->closing && is_too_slow(c))
        refuse_slow(c);
}

static void skip(http_conn *c, bool over) {
    if (over)
        c->state = HTTP_HEAD;
    else if (c->body_seen > HTTP_SKIP_MAX)
        c->closing = c->lingers = true;
}

static size_t take_body(http_conn *c, char *at, size_t size) {
    size_t used = size < c->body_left ? size : (size_t)c->body_left, n = used;
    if (c->chunked) {
        used = http_chunks_decode(&c->chunks, at, size, &n);
        if (used == SIZE_MAX) {
            http_count(&c->worker->counters.malformed, 1);
            if (c->state == HTTP_SKIP)
                c->closing = c->lingers = true; /* its answer is given already */
            else
                http_conn_refuse(c, 400, "the body is not in chunks as it says");
            return size;
        }
    } else {
        c->body_left -= n;
    }
    bool over = c->chunked ? c->chunks.ended : c->body_left == 0;
    c->body_seen += n;
    c->got_body = true;
    if (c->state == HTTP_COLLECT)
        collect(c, at, n, over);
    else if (c->state == HTTP_STREAM)
        stream(c, at, n, over);
    else
        skip(c, over);
    return used;
}

void http_conn_body_bytes(http_conn *c, size_t n) {
    tend_buf *body = &c->current->body;
    body->size += n;
    c->body_left -= n;
    c->body_seen += n;
    c->got_body = true;
    if (!c->body_left)
        call_request(c, (tend_str){body->data, body->size});
    else if (is_too_slow(c))
        refuse_slow(c);
}

/* ---- heads ---- */

static void expect_body(http_conn *c, http_state state, bool has_bytes) {
    c->state = state;
    c->body_began_ns = c->worker->now_ns;
    if (c->current->expects_continue && !has_bytes)
        http_answer_continue(c);
    c->current->expects_continue = false;
}

static void go_on(http_conn *c, tend_http_next next, bool has_bytes) {
    tend_http_exchange *x = c->current;
    const tend_http_request *request = &x->request;
    bool is_known = request->content_length != UINT64_MAX;
    if (next == TEND_HTTP_ANSWERED || x->answer == HTTP_COMPLETE || x->answer == HTTP_ABORTED) {
        conclude(c, !request->has_body);
    } else if (is_known && request->content_length > (next == TEND_HTTP_COLLECT ? options_of(c)->max_body : stream_limit(options_of(c)))) {
        http_conn_refuse(c, 413, "the body is too large");
    } else if (request->has_body) {
        expect_body(c, next == TEND_HTTP_COLLECT ? HTTP_COLLECT : HTTP_STREAM, has_bytes);
    } else if (next == TEND_HTTP_COLLECT) {
        call_request(c, TEND_STR(""));
    } else {
        call_chunk(c, TEND_STR(""), true);
    }
}

/* The work before it in this round has taken so long that the answer would come too late: said at once, it costs little. */
static bool is_late(const http_conn *c) { return http_now_ns() - c->worker->now_ns > c->worker->max_wait_ns; }

static void begin_request(http_conn *c, const http_head *head, size_t n_following) {
    tend_http_exchange *x = c->current;
    const tend_http_options *options = options_of(c);
    http_count(&c->worker->counters.requests, 1);
    c->n_requests++;
    x->is_old = head->minor == 0;
    x->keep_alive = head->keep_alive && (options->max_requests <= 0 || c->n_requests < options->max_requests);
    x->expects_continue = head->expects_continue;
    c->chunked = head->chunked;
    c->chunks = (http_chunks){0};
    c->body_left = head->chunked ? 0 : x->request.content_length;
    c->body_seen = c->body_seen_before = 0;
    tend_http_next next = TEND_HTTP_ANSWERED;
    if (is_late(c)) {
        http_count(&c->worker->counters.shed, 1);
        tend_http_add_header(x, "Retry-After", TEND_STR("1"));
        http_answer_refusal(x, 503, "too many requests wait before this one");
    } else {
        next = app_of(c)->head(app_of(c)->ctx, x);
    }
    go_on(c, next, n_following > 0);
}

static size_t take_head(http_conn *c, char *at, size_t size) {
    http_worker *w = c->worker;
    size_t head_size = 0;
    const char *reason = NULL;
    int status = http_head_scan(at, size, options_of(c)->max_header, &c->scanned, &head_size, &reason);
    if (status == HTTP_MORE) {
        c->head_began_ns = c->head_began_ns ? c->head_began_ns : w->now_ns;
        c->starved = true;
        return 0;
    }
    c->scanned = 0;
    c->head_began_ns = 0;
    c->took_part = true;
    tend_http_exchange *x = c->current = http_exchange_new(c);
    http_head head = {.request = &x->request, .headers = x->headers, .max_headers = options_of(c)->max_headers};
    if (status == HTTP_WHOLE)
        status = http_head_parse(at, head_size, &head, &reason);
    if (status != HTTP_WHOLE) {
        http_count(&w->counters.malformed, 1);
        http_exchange_blank(x);
        http_conn_refuse(c, status, reason);
        return size;
    }
    x->head = (tend_str){at, head_size};
    begin_request(c, &head, size - head_size);
    return head_size;
}

/* RFC 9112, 2.2: old clients put an empty line behind a body. */
static size_t skip_blank_lines(const char *at, size_t size) {
    size_t n = 0;
    while (size - n >= 2 && at[n] == '\r' && at[n + 1] == '\n')
        n += 2;
    return n;
}

size_t http_conn_consume(http_conn *c, char *at, size_t size) {
    size_t used = 0;
    int left = HTTP_REQUESTS_PER_ROUND;
    c->starved = false;
    while (!c->closing && !c->starved && http_conn_unsent(c) <= options_of(c)->max_unsent) {
        if (c->state == HTTP_HEAD && !c->scanned)
            used += skip_blank_lines(at + used, size - used);
        if (used == size)
            return used;
        if (c->state != HTTP_HEAD)
            used += take_body(c, at + used, size - used);
        else if (size - used == 1 && at[used] == '\r')
            c->starved = true; /* perhaps the first half of an empty line */
        else if (left-- > 0)
            used += take_head(c, at + used, size - used);
        else
            return used;
    }
    c->lingers |= c->closing && used < size;
    return c->closing ? size : used;
}

void http_conn_ended(http_conn *c) {
    if (c->current && c->current->answer == HTTP_UNANSWERED)
        http_conn_refuse(c, 400, "the request ended before its body was complete");
    else if (c->current)
        begin_abort(c);
    c->closing = true;
}
