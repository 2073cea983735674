/* The loop: a round takes what is ready, calls back, ends the round, and sends. */
#include "http/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { MAX_EVENTS = 256, LEAST_SPACE = 16 << 10, TLS_CHECK_SECONDS = 2 };

int64_t http_now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- memory of the rounds ---- */

char *http_worker_space(http_worker *w, size_t *out_size) {
    if (sizeof w->block->bytes - w->block_at < LEAST_SPACE) {
        if (!w->block->next) {
            w->block->next = tend_malloc(sizeof *w->block);
            w->block->next->next = NULL;
        }
        w->block = w->block->next;
        w->block_at = 0;
    }
    size_t left = sizeof w->block->bytes - w->block_at;
    *out_size = left < HTTP_READ_MAX ? left : HTTP_READ_MAX;
    return w->block->bytes + w->block_at;
}

static void clear_space(http_worker *w) {
    for (http_block *b; (b = w->first_block->next);) { /* a burst; the next may be far */
        w->first_block->next = b->next;
        free(b);
    }
    w->block = w->first_block;
    w->block_at = 0;
}

void http_worker_take_buffer(http_worker *w, tend_buf *out) {
    if (!out->data && w->n_spare_buffers)
        *out = w->spare_buffers[--w->n_spare_buffers];
}

void http_worker_leave_buffer(http_worker *w, tend_buf *buf) {
    size_t n = sizeof w->spare_buffers / sizeof *w->spare_buffers;
    if (buf->data && buf->capacity <= HTTP_SPARE_BUFFER && (size_t)w->n_spare_buffers < n) {
        tend_buf_clear(buf);
        w->spare_buffers[w->n_spare_buffers++] = *buf;
        *buf = TEND_BUF_INIT;
    } else {
        tend_buf_done(buf);
    }
}

/* ---- lists ---- */

void http_worker_activate(http_worker *w, http_conn *c) {
    if (c->active)
        return;
    c->active = true;
    c->active_next = NULL;
    *w->active_end = c;
    w->active_end = &c->active_next;
}

void http_worker_bury(http_worker *w, http_conn *c) {
    c->dead_next = w->dead;
    w->dead = c;
}

static void free_dead(http_worker *w) {
    for (http_conn *c; (c = w->dead);) {
        w->dead = c->dead_next;
        free(c);
    }
}

/* ---- connections that come ---- */

bool http_worker_give(http_worker *w, http_conn *c) {
    pthread_mutex_lock(&w->inbox_lock);
    bool taken = !w->inbox_closed;
    if (taken) {
        c->active_next = w->inbox;
        w->inbox = c;
    }
    pthread_mutex_unlock(&w->inbox_lock);
    if (taken)
        http_worker_wake(w);
    return taken;
}

void http_worker_adopt(http_worker *w, http_conn *c) {
    tend_http_server *server = w->server;
    c->worker = w;
    c->active_next = NULL;
    if (server->tls && !(c->ssl = http_tls_accept(server->tls, c->fd)))
        c->closing = c->abort = true;
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = c};
    if (epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, c->fd, &event) != 0)
        c->closing = c->abort = true;
    if (c->turned_away)
        http_conn_refuse(c, 503, "there are too many connections");
    http_worker_activate(w, c);
}

static void empty_inbox(http_worker *w) {
    pthread_mutex_lock(&w->inbox_lock);
    http_conn *c = w->inbox;
    w->inbox = NULL;
    pthread_mutex_unlock(&w->inbox_lock);
    while (c) {
        http_conn *next = c->active_next;
        http_worker_adopt(w, c);
        c = next;
    }
}

void http_worker_wake(http_worker *w) {
    int saved = errno;
    ssize_t n = write(w->wake_fd, &(uint64_t){1}, sizeof(uint64_t));
    (void)n;
    errno = saved;
}

static void set_listening(http_worker *w, bool wanted) {
    if (w->listens == wanted)
        return;
    w->listens = wanted;
    for (int i = 0; i < w->server->n_listeners; i++) {
        /* All workers wait for connections, one is woken: a busy one keeps nobody at the door. */
        struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = &w->server->listeners[i]};
        epoll_ctl(w->epoll_fd, wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, w->server->listeners[i], &event);
    }
}

void http_worker_pause_accepting(http_worker *w) {
    set_listening(w, false);
    w->listen_again_ns = w->now_ns + 100 * 1000000;
}

/* ---- the end ---- */

static void activate_to_drain(http_timer *timer, void *worker) {
    http_conn *c = (http_conn *)timer;
    c->readable = true; /* a request that is here already is still answered */
    http_worker_activate(worker, c);
}

static void begin_drain(http_worker *w) {
    w->draining = true;
    w->listen_again_ns = 0;
    w->drain_end_ns = w->now_ns + http_ns(w->server->options.drain_timeout);
    set_listening(w, false);
    if (atomic_fetch_sub(&w->server->listening, 1) == 1)
        http_listen_close(w->server);
    http_timers_each(&w->timers, activate_to_drain, w);
}

static bool is_finished(http_worker *w) {
    if (!w->draining)
        return false;
    bool over = w->now_ns >= w->drain_end_ns || atomic_load(&w->server->drain) > 1;
    pthread_mutex_lock(&w->inbox_lock);
    bool finished = over || (!w->inbox && atomic_load(&w->counters.connections) == 0);
    w->inbox_closed |= finished;
    pthread_mutex_unlock(&w->inbox_lock);
    return finished;
}

static void close_one(http_timer *timer, void *worker) { http_worker_activate(worker, (http_conn *)timer); }

static void close_all(http_worker *w) {
    empty_inbox(w);
    http_timers_each(&w->timers, close_one, w);
    for (http_conn *c = w->active; c; c = c->active_next)
        http_conn_close(c);
    w->active = NULL;
    w->active_end = &w->active;
    free_dead(w);
}

/* ---- the loop ---- */

/* RFC 9110, 5.6.7, without the locale; once a second. */
static void refresh_fixed(http_worker *w) {
    static const char DAYS[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char MONTHS[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec == w->fixed_second)
        return;
    w->fixed_second = now.tv_sec;
    struct tm t;
    gmtime_r(&now.tv_sec, &t);
    tend_buf_clear(&w->fixed);
    tend_buf_printf(&w->fixed, "Date: %s, %02d %s %d %02d:%02d:%02d GMT\r\n", DAYS[t.tm_wday], t.tm_mday, MONTHS[t.tm_mon],
                    t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
    if (w->server->options.server_name)
        tend_buf_printf(&w->fixed, "Server: %s\r\n", w->server->options.server_name);
}

static int wait_ms(const http_worker *w) {
    if (w->active)
        return 0;
    int64_t next = http_timers_next(&w->timers);
    if (w->draining && w->drain_end_ns < next)
        next = w->drain_end_ns;
    if (w->listen_again_ns && w->listen_again_ns < next)
        next = w->listen_again_ns;
    if (w->tls_check_ns && w->tls_check_ns < next)
        next = w->tls_check_ns;
    if (next == INT64_MAX)
        return -1;
    int64_t ns = next - http_now_ns();
    return ns <= 0 ? 0 : ns > 3600 * INT64_C(1000000000) ? 3600000 : (int)((ns + 999999) / 1000000);
}

static void take_event(http_worker *w, const struct epoll_event *event) {
    void *who = event->data.ptr;
    if (who == &w->wake_fd) {
        uint64_t n;
        ssize_t got = read(w->wake_fd, &n, sizeof n);
        (void)got;
        empty_inbox(w);
    } else if (who >= (void *)w->server->listeners && who < (void *)(w->server->listeners + HTTP_MAX_LISTENERS)) {
        http_accept(w, *(int *)who);
    } else {
        http_conn *c = who;
        c->readable |= (event->events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0 || c->ssl;
        c->hung_up |= (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
        http_worker_activate(w, c);
    }
}

static void do_chores(http_worker *w) {
    if (atomic_load_explicit(&w->server->drain, memory_order_relaxed) && !w->draining)
        begin_drain(w);
    if (w->listen_again_ns && w->now_ns >= w->listen_again_ns) {
        w->listen_again_ns = 0;
        set_listening(w, true);
    }
    if (w->index == 0 && w->server->tls) {
        bool forced = atomic_exchange(&w->server->reload, false);
        if (forced || w->now_ns >= w->tls_check_ns) {
            http_tls_check(w->server->tls, forced);
            w->tls_check_ns = w->now_ns + TLS_CHECK_SECONDS * INT64_C(1000000000);
        }
    }
}

/* False from the application: of what it did in this round nothing becomes known. */
static void end_round(http_worker *w) {
    const tend_http_app *app = &w->server->app;
    bool took_part = false;
    for (http_conn *c = w->active; c; c = c->active_next)
        took_part |= c->took_part;
    if (!took_part || !app->round_end || app->round_end(app->ctx, w->index))
        return;
    for (http_conn *c = w->active; c; c = c->active_next)
        if (c->took_part)
            http_conn_close(c);
}

/* What wants a turn in the next round as well is put on its list here. */
static void settle_all(http_worker *w) {
    http_conn *c = w->active;
    w->active = NULL;
    w->active_end = &w->active;
    for (http_conn *next; c; c = next) {
        next = c->active_next;
        c->active = false;
        http_conn_settle(c);
    }
    free_dead(w);
    if (w->block_at || w->block != w->first_block)
        clear_space(w);
}

/* Who has something to say in this round is heard first, however long the last one took: settling looks at its time again. */
static void expire(http_worker *w) {
    for (http_timer *timer; (timer = http_timers_expired(&w->timers, w->now_ns));) {
        http_conn *c = (http_conn *)timer;
        if (c->active)
            continue;
        http_worker_activate(w, c);
        http_conn_expire(c);
    }
}

static void round_once(http_worker *w) {
    struct epoll_event events[MAX_EVENTS];
    int n = epoll_wait(w->epoll_fd, events, MAX_EVENTS, wait_ms(w));
    w->now_ns = http_now_ns();
    refresh_fixed(w);
    for (int i = 0; i < n; i++)
        take_event(w, &events[i]);
    do_chores(w);
    expire(w);
    for (http_conn *c = w->active; c; c = c->active_next)
        http_conn_turn(c);
    end_round(w);
    settle_all(w);
}

void *http_worker_run(void *worker) {
    http_worker *w = worker;
    set_listening(w, true);
    while (!is_finished(w))
        round_once(w);
    close_all(w);
    return NULL;
}

tend_status http_worker_init(http_worker *w, tend_http_server *server, int index, tend_error *err) {
    w->server = server;
    w->index = index;
    w->max_wait_ns = http_ns(server->options.max_wait);
    w->fixed_second = -1;
    w->active_end = &w->active;
    w->first_block = w->block = tend_malloc(sizeof *w->block);
    w->first_block->next = NULL;
    http_timers_init(&w->timers);
    pthread_mutex_init(&w->inbox_lock, NULL);
    w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    w->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &w->wake_fd};
    if (w->epoll_fd < 0 || w->wake_fd < 0 || epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, w->wake_fd, &event) != 0)
        return TEND_FAIL(err, IO, "cannot watch sockets: %s", strerror(errno));
    return TEND_OK;
}

void http_worker_done(http_worker *w) {
    if (!w->server)
        return; /* not begun */
    if (w->epoll_fd >= 0)
        close(w->epoll_fd);
    if (w->wake_fd >= 0)
        close(w->wake_fd);
    http_exchange_free_spare(w);
    while (w->n_spare_buffers)
        tend_buf_done(&w->spare_buffers[--w->n_spare_buffers]);
    tend_buf_done(&w->fixed);
    clear_space(w);
    free(w->first_block);
    pthread_mutex_destroy(&w->inbox_lock);
}
