/* A connection's life: it reads once in a round, sends once behind the round, and waits for one thing at a time. */
#include "http/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    HEAD_READ = 4 << 10,        /* room for the rest of a head that came in part */
    LINGER_BYTES = 1 << 20,     /* read away while the other side reads its answer … */
    LINGER_NS = 2 * 1000000000, /* … and for how long */
    COMPACT = 64 << 10          /* sent bytes at the front of a buffer that still fills */
};

static const tend_http_options *options_of(const http_conn *c) { return &c->worker->server->options; }

http_conn *http_conn_new(http_worker *w, int fd) {
    http_conn *c = tend_calloc(1, sizeof *c);
    c->worker = w;
    c->fd = fd;
    c->unsent_end = &c->unsent;
    return c;
}

size_t http_conn_unsent(const http_conn *c) {
    const tend_http_exchange *x = c->current;
    return (x && x->answer == HTTP_BUFFERED ? x->head_at : c->out.size) - c->out_at;
}

static bool has_leftover(const http_conn *c) { return c->in.size > c->in_at; }

static bool is_full(const http_conn *c) { return http_conn_unsent(c) > options_of(c)->max_unsent; }

void http_conn_close(http_conn *c) {
    http_worker *w = c->worker;
    const tend_http_app *app = &w->server->app;
    if (c->fd < 0)
        return;
    if (c->current) {
        if (app->abandon)
            app->abandon(app->ctx, c->current);
        http_exchange_free(c->current, 0);
    }
    for (tend_http_exchange *x; (x = c->unsent);) {
        c->unsent = x->next;
        http_exchange_free(x, 0);
    }
    c->current = NULL;
    if (c->ssl)
        http_tls_close(c->ssl);
    close(c->fd);
    c->fd = -1;
    http_timer_stop(&c->timer);
    tend_buf_done(&c->in);
    http_worker_leave_buffer(w, &c->out);
    if (c->is_counted)
        http_peers_leave(w->server->peers, &c->peer_key);
    atomic_fetch_sub_explicit(&w->counters.connections, 1, memory_order_relaxed);
    http_worker_bury(w, c);
}

/* ---- reading ---- */

static void want_out(http_conn *c, bool wanted) {
    if (c->wants_out == wanted)
        return;
    c->wants_out = wanted;
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET | (wanted ? EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(c->worker->epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

static ssize_t receive_tls(http_conn *c, char *at, size_t size) {
    http_tls_want want;
    ssize_t n = http_tls_read(c->ssl, at, size, &want);
    c->readable = want == HTTP_TLS_MORE;
    if (want == HTTP_TLS_WRITE)
        want_out(c, true);
    return n;
}

/* A read that does not fill its room has emptied the socket: what comes later is a new edge, so nothing is read just to hear EAGAIN. */
static ssize_t receive_plain(http_conn *c, char *at, size_t size) {
    ssize_t n;
    do
        n = recv(c->fd, at, size, 0);
    while (n < 0 && errno == EINTR);
    c->readable = n == (ssize_t)size || (n > 0 && c->hung_up);
    return n >= 0 ? n : errno == EAGAIN ? HTTP_IO_AGAIN : HTTP_IO_ERROR;
}

/* Bytes, or 0 when there are none now; c->ended and c->abort say more. */
static size_t receive(http_conn *c, char *at, size_t size) {
    ssize_t n = c->ssl ? receive_tls(c, at, size) : receive_plain(c, at, size);
    if (n > 0) {
        http_count(&c->worker->counters.bytes_in, n);
        return (size_t)n;
    }
    c->readable = false;
    c->ended |= n == 0;
    if (n == HTTP_IO_ERROR)
        c->closing = c->abort = true;
    return 0;
}

static void read_more_head(http_conn *c) {
    char *at = tend_buf_reserve(&c->in, HEAD_READ);
    size_t n = at ? receive(c, at, HEAD_READ) : 0;
    if (!n)
        return;
    c->in.size += n;
    c->in_at += http_conn_consume(c, c->in.data + c->in_at, c->in.size - c->in_at);
}

/* A body whose length is known goes where it will stay. */
static void read_body(http_conn *c) {
    size_t wanted = c->body_left < 4 * HTTP_READ_MAX ? (size_t)c->body_left : 4 * HTTP_READ_MAX;
    tend_buf *body = &c->current->body;
    body->max = (size_t)options_of(c)->max_body;
    char *at = tend_buf_reserve(body, wanted);
    size_t n = at ? receive(c, at, wanted) : 0;
    if (n)
        http_conn_body_bytes(c, n);
}

static void read_round(http_conn *c) {
    http_worker *w = c->worker;
    size_t size;
    char *at = http_worker_space(w, &size);
    size_t n = receive(c, at, size);
    if (!n)
        return;
    bool has_heads = c->state == HTTP_HEAD;
    w->block_at += n;
    size_t used = http_conn_consume(c, at, n);
    if (used < n) {
        tend_buf_append(&c->in, at + used, n - used);
    } else if (!has_heads && c->state != HTTP_HEAD) {
        w->block_at -= n; /* nothing but a piece of body, which has been used */
    }
}

static void read_away(http_conn *c) {
    size_t size;
    char *at = http_worker_space(c->worker, &size);
    ssize_t n = recv(c->fd, at, size, 0);
    c->linger_left -= n > 0 ? n : 0;
    c->readable = n == (ssize_t)size || (n > 0 && c->hung_up);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) || c->linger_left <= 0)
        http_conn_close(c);
}

void http_conn_turn(http_conn *c) {
    if (c->fd < 0)
        return;
    if (c->state == HTTP_LINGER) {
        if (c->readable)
            read_away(c);
        return;
    }
    if (c->closing || is_full(c))
        return;
    if (has_leftover(c) && !c->starved)
        c->in_at += http_conn_consume(c, c->in.data + c->in_at, c->in.size - c->in_at);
    else if (!c->readable)
        return;
    else if (has_leftover(c))
        read_more_head(c);
    else if (c->state == HTTP_COLLECT && !c->chunked && (c->current->body.size || c->body_left > HTTP_READ_MAX))
        read_body(c);
    else
        read_round(c);
    if (c->ended && !c->closing && (c->starved || !has_leftover(c)))
        http_conn_ended(c);
}

void http_conn_expire(http_conn *c) {
    bool is_handshake = c->ssl && !http_tls_is_ready(c->ssl);
    http_timer_kind kind = c->timer.kind;
    if (kind == HTTP_TIMER_IDLE || kind == HTTP_TIMER_LINGER) {
        http_conn_close(c);
        return;
    }
    http_count(&c->worker->counters.timed_out, 1);
    if (kind == HTTP_TIMER_WRITE || is_handshake || c->closing || c->state == HTTP_SKIP)
        http_conn_close(c);
    else
        http_conn_refuse(c, 408, kind == HTTP_TIMER_HEADER ? "the head of the request did not come in time" : "the body does not come");
}

/* ---- sending ---- */

static ssize_t send_some(http_conn *c, const char *at, size_t size) {
    if (c->ssl)
        return http_tls_write(c->ssl, at, size);
    ssize_t n;
    do
        n = send(c->fd, at, size, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n >= 0 ? n : errno == EAGAIN ? HTTP_IO_AGAIN : HTTP_IO_ERROR;
}

static bool flush(http_conn *c) {
    for (size_t size; (size = http_conn_unsent(c)) > 0;) {
        ssize_t n = send_some(c, c->out.data + c->out_at, size);
        if (n == HTTP_IO_ERROR)
            return false;
        if (n > 0) {
            http_count(&c->worker->counters.bytes_out, n);
            c->out_at += (size_t)n;
            c->sent = true;
        }
        if (n == HTTP_IO_AGAIN || (!c->ssl && (size_t)n < size)) {
            want_out(c, true);
            return true;
        }
    }
    if (c->wants_out && (!c->ssl || http_tls_is_ready(c->ssl)))
        want_out(c, false);
    return true;
}

/* Answers that are on their way now; what remains must outlive the round. */
static void release_exchanges(http_conn *c) {
    uint64_t sent = c->out_base + c->out_at;
    for (tend_http_exchange *x; (x = c->unsent) && x->out_end <= sent;) {
        c->unsent = x->next;
        if (!c->unsent)
            c->unsent_end = &c->unsent;
        http_exchange_free(x, x->status);
    }
    for (tend_http_exchange *x = c->unsent; x; x = x->next)
        http_exchange_keep(x);
    if (c->current)
        http_exchange_keep(c->current);
}

static void tidy_out(http_conn *c) {
    size_t left = c->out.size - c->out_at;
    if (left && (c->out_at < COMPACT || c->out_at < left))
        return;
    c->out_base += c->out_at;
    if (!left) {
        http_worker_leave_buffer(c->worker, &c->out);
    } else {
        memmove(c->out.data, c->out.data + c->out_at, left);
        c->out.size = left;
        if (c->current && c->current->answer == HTTP_BUFFERED) {
            c->current->head_at -= c->out_at;
            c->current->length_at -= c->out_at;
            c->current->body_at -= c->out_at;
        }
    }
    c->out_at = 0;
}

static void tidy_in(http_conn *c) {
    size_t left = c->in.size - c->in_at;
    if (!left)
        tend_buf_done(&c->in);
    else if (c->in_at)
        memmove(c->in.data, c->in.data + c->in_at, left);
    c->in.size = left;
    c->in_at = 0;
}

/* All is sent that will be. Closing a socket with unread bytes resets the connection, and the reset may overtake the answer: then only
 * our half is closed, and what still comes is read away for a while. */
static void end_sending(http_conn *c) {
    if (c->abort && c->current && c->current->is_old) /* no other sign for "not the end" */
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
    else if (c->ssl && !c->abort)
        http_tls_end(c->ssl);
    if (c->abort || !c->lingers || c->ended) {
        http_conn_close(c);
        return;
    }
    shutdown(c->fd, SHUT_WR);
    c->state = HTTP_LINGER;
    c->linger_left = LINGER_BYTES;
    c->readable = true;
    http_timer_set(&c->worker->timers, &c->timer, HTTP_TIMER_LINGER, c->worker->now_ns + LINGER_NS);
}

/* ---- what next ---- */

/* From now, or still until when it was to wait for the same before. */
static void wait_for(http_conn *c, http_timer_kind kind, double seconds, bool anew) {
    bool waits = c->timer.kind == kind && c->timer.deadline_ns;
    http_timer_set(&c->worker->timers, &c->timer, kind, waits && !anew ? c->timer.deadline_ns : c->worker->now_ns + http_ns(seconds));
}

static void set_timer(http_conn *c) {
    const tend_http_options *options = options_of(c);
    if (c->state == HTTP_LINGER)
        return;
    if (http_conn_unsent(c)) {
        wait_for(c, HTTP_TIMER_WRITE, options->write_timeout, c->sent);
    } else if ((c->starved && has_leftover(c)) || (c->ssl && !http_tls_is_ready(c->ssl))) {
        int64_t began = c->head_began_ns ? c->head_began_ns : c->worker->now_ns;
        c->head_began_ns = began;
        http_timer_set(&c->worker->timers, &c->timer, HTTP_TIMER_HEADER, began + http_ns(options->header_timeout));
    } else if (c->state != HTTP_HEAD) {
        wait_for(c, HTTP_TIMER_BODY, options->body_timeout, c->got_body);
    } else {
        c->head_began_ns = 0;
        wait_for(c, HTTP_TIMER_IDLE, options->idle_timeout, c->took_part);
    }
}

static bool is_idle(const http_conn *c) { return c->state == HTTP_HEAD && !has_leftover(c) && !c->readable && c->out.size == c->out_at; }

void http_conn_settle(http_conn *c) {
    if (c->fd < 0)
        return;
    if (!flush(c)) {
        http_conn_close(c);
        return;
    }
    release_exchanges(c);
    tidy_out(c);
    tidy_in(c);
    if (c->closing && c->state != HTTP_LINGER && !http_conn_unsent(c))
        end_sending(c);
    else if (c->worker->draining && is_idle(c))
        http_conn_close(c);
    if (c->fd < 0)
        return;
    if (is_full(c)) { /* we make it wait: its speed counts anew from here */
        c->body_began_ns = c->worker->now_ns;
        c->body_seen_before = c->body_seen;
    }
    set_timer(c);
    c->took_part = c->got_body = c->sent = false;
    if (c->state == HTTP_LINGER ? c->readable : !c->closing && !is_full(c) && (c->readable || (has_leftover(c) && !c->starved)))
        http_worker_activate(c->worker, c);
}
