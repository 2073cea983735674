/* Sockets to connections: who may come in, and to which worker. */
#include "http/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    ACCEPTS_PER_ROUND = 64,
    TURNED_AWAY = 64 /* connections beyond the limit that are told so; more are only closed */
};

static int64_t connections_of(const http_worker *w) { return atomic_load_explicit(&w->counters.connections, memory_order_relaxed); }

static int64_t all_connections(const tend_http_server *server) {
    int64_t n = 0;
    for (int i = 0; i < server->n_workers; i++)
        n += connections_of(&server->workers[i]);
    return n;
}

/* The one with the fewest connections; itself when that is no worse. */
static http_worker *choose_worker(http_worker *w) {
    http_worker *best = w;
    for (int i = 0; i < w->server->n_workers; i++)
        if (connections_of(&w->server->workers[i]) < connections_of(best))
            best = &w->server->workers[i];
    return best;
}

/* The address as text and as a key for limits: an IPv6 client owns at least a /64 and counts as that. */
static void set_peer(http_conn *c, const struct sockaddr_storage *address) {
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
    struct in_addr mapped;
    if (address->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
        memcpy(&mapped, v6->sin6_addr.s6_addr + 12, sizeof mapped);
    else if (address->ss_family == AF_INET)
        mapped = v4->sin_addr;
    else if (address->ss_family == AF_INET6) {
        inet_ntop(AF_INET6, &v6->sin6_addr, c->peer, sizeof c->peer);
        c->is_loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
        memcpy(c->peer_key.s6_addr, v6->sin6_addr.s6_addr, c->is_loopback ? 16 : 8);
        return;
    } else {
        memcpy(c->peer, "unix", 5);
        c->is_loopback = true;
        return;
    }
    inet_ntop(AF_INET, &mapped, c->peer, sizeof c->peer);
    c->is_loopback = ntohl(mapped.s_addr) >> 24 == 127;
    memcpy(c->peer_key.s6_addr, "\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12);
    memcpy(c->peer_key.s6_addr + 12, &mapped, sizeof mapped);
}

static void turn_away(http_worker *w, http_conn *c) {
    http_count(&w->counters.refused, 1);
    close(c->fd);
    free(c);
}

static void welcome(http_worker *w, int fd, const struct sockaddr_storage *address) {
    tend_http_server *server = w->server;
    const tend_http_options *options = &server->options;
    http_conn *c = http_conn_new(w, fd);
    set_peer(c, address);
    int64_t n = all_connections(server);
    if (n >= options->max_connections) {
        if (n >= (int64_t)options->max_connections + TURNED_AWAY || server->tls) {
            turn_away(w, c); /* a handshake is too much work for a refusal */
            return;
        }
        c->turned_away = true;
        http_count(&w->counters.refused, 1);
    }
    if (server->peers && address->ss_family != AF_UNIX) {
        if (!http_peers_enter(server->peers, &c->peer_key, options->max_connections_per_peer)) {
            turn_away(w, c);
            return;
        }
        c->is_counted = true;
    }
    http_count(&w->counters.accepted, 1);
    http_worker *owner = choose_worker(w);
    atomic_fetch_add_explicit(&owner->counters.connections, 1, memory_order_relaxed);
    if (owner == w) {
        http_worker_adopt(w, c);
    } else if (!http_worker_give(owner, c)) { /* it has drained meanwhile */
        atomic_fetch_sub_explicit(&owner->counters.connections, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&w->counters.connections, 1, memory_order_relaxed);
        http_worker_adopt(w, c);
    }
}

/* Descriptors are out: one is kept for this, so that whoever waits is refused instead of left hanging. */
static void refuse_without_descriptors(http_worker *w, int listener) {
    tend_http_server *server = w->server;
    pthread_mutex_lock(&server->reserve_lock);
    bool had_reserve = server->reserve_fd >= 0;
    if (had_reserve)
        close(server->reserve_fd);
    int fd = had_reserve ? accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC) : -1;
    if (fd >= 0)
        close(fd);
    server->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    pthread_mutex_unlock(&server->reserve_lock);
    http_count(&w->counters.refused, fd >= 0);
    if (fd < 0)
        http_worker_pause_accepting(w);
}

void http_accept(http_worker *w, int listener) {
    for (int i = 0; i < ACCEPTS_PER_ROUND && w->listens; i++) {
        struct sockaddr_storage address = {0};
        socklen_t size = sizeof address;
        int fd = accept4(listener, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            welcome(w, fd, &address);
        else if (errno == EAGAIN)
            return;
        else if (errno == EMFILE || errno == ENFILE)
            refuse_without_descriptors(w, listener);
        else if (errno == ENOBUFS || errno == ENOMEM || errno == EINVAL || errno == EBADF)
            http_worker_pause_accepting(w);
        /* Else that one connection is lost (ECONNABORTED and its like): the next. */
    }
}
