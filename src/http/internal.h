/* How the files of this room see a server, its workers and a connection. Nothing outside includes this.
 *
 * server.c     opens, runs, drains          worker.c   the loop: rounds, timers, inbox
 * listen.c     addresses to sockets         accept.c   sockets to connections, limits at the door
 * conn.c       a connection's life: reading, sending, what to wait for
 * request_in.c bytes to callbacks           answer.c   callbacks to bytes
 * exchange.c   the memory of a request and its answer
 * tls.c        OpenSSL                      timer.c    deadlines
 */
#ifndef TEND_HTTP_INTERNAL_H
#define TEND_HTTP_INTERNAL_H

#include "http/parse.h"
#include "http/timer.h"
#include "http/tls.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

typedef struct http_worker http_worker;
typedef struct http_conn http_conn;

enum {
    HTTP_READ_MAX = 64 << 10,     /* bytes of one connection in one round */
    HTTP_SKIP_MAX = 64 << 10,     /* of a body that nobody wants, before the connection is closed instead */
    HTTP_REQUESTS_PER_ROUND = 64, /* of one connection */
    HTTP_SPARE_BUFFER = 32 << 10, /* a larger buffer is freed instead of kept for the next connection */
    HTTP_MAX_LISTENERS = 4,
    HTTP_PEER_SIZE = 46
};

/* ---- an exchange ---- */

typedef enum http_answer {
    HTTP_UNANSWERED,
    HTTP_BUFFERED, /* begun; its length is put in at the end */
    HTTP_STREAMED, /* begun in pieces */
    HTTP_COMPLETE,
    HTTP_ABORTED
} http_answer;

struct tend_http_exchange {
    tend_http_exchange *next; /* among a connection's unsent ones, or the worker's spare ones */
    http_conn *conn;
    tend_http_request request;
    tend_str head;  /* the bytes all slices of the request point into */
    char *own_head; /* its copy, when it outlives the round */
    tend_arena *arena;
    void *state;
    tend_buf added; /* headers by tend_http_add_header, as they are sent */
    tend_buf body;  /* of COLLECT, when it came in several reads */
    int status;
    http_answer answer;
    bool keep_alive, expects_continue, is_old /* HTTP/1.0 */;
    size_t head_at, length_at, body_at; /* where in the connection's `out` its answer begins, has its length, has its body */
    uint64_t out_end;                   /* where its answer ends, counted from the connection's first byte */
    tend_http_header headers[];         /* max_headers */
};

/* ---- a connection ---- */

typedef enum http_state { HTTP_HEAD, HTTP_COLLECT, HTTP_STREAM, HTTP_SKIP, HTTP_LINGER } http_state;

struct http_conn {
    http_timer timer; /* first: a timer is turned back into its connection */
    http_conn *active_next, *dead_next;
    http_worker *worker;
    SSL *ssl;
    tend_http_exchange *current;              /* its answer is not complete */
    tend_http_exchange *unsent, **unsent_end; /* complete, in order */
    tend_buf in;                              /* read and not yet understood */
    tend_buf out;                             /* answers */
    size_t in_at, scanned, out_at;            /* of `in`: used; known to hold no end of a head. Of `out`: sent */
    uint64_t out_base;                        /* bytes of this connection before out.data[0] */
    uint64_t body_left, body_seen;            /* of the body under way: still to come (unless chunked); so far */
    int64_t head_began_ns, body_began_ns;
    uint64_t body_seen_before; /* when its speed began to count */
    int64_t linger_left;
    http_chunks chunks;
    int fd, n_requests;
    http_state state;
    bool chunked;                 /* the body under way */
    bool active, readable, ended; /* on the round's list; a read may find something; the other side has stopped sending */
    bool hung_up;                 /* epoll said that the end is there: read until it is found */
    bool starved;                 /* what `in` holds is not enough to go on with */
    bool closing, abort;          /* nothing more is read, it closes when all is sent; without a proper end */
    bool lingers;                 /* closing leaves bytes unread: see http_conn_settle */
    bool took_part;               /* callbacks ran in this round */
    bool wants_out;               /* epoll tells when it can be written to */
    bool got_body, sent;          /* bytes of a body came, of answers went, in this round */
    bool is_loopback, is_counted; /* is_counted: under its peer's limit */
    bool turned_away;             /* max_connections */
    char peer[HTTP_PEER_SIZE];
    struct in6_addr peer_key;
};

/* ---- a worker ---- */

/* Written by one thread, read by any: no locked instructions. */
typedef struct http_counters {
    _Alignas(64) _Atomic int64_t connections; /* this one by all: whoever accepts chooses the worker with the fewest */
    _Alignas(64) _Atomic int64_t accepted, refused, requests, shed, malformed, timed_out, bytes_in, bytes_out;
} http_counters;

static inline void http_count(_Atomic int64_t *counter, int64_t n) {
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n, memory_order_relaxed);
}

/* What is read in a round stays where it is until the answers are sent, so that requests are slices of it. */
typedef struct http_block {
    struct http_block *next;
    char bytes[4 * HTTP_READ_MAX];
} http_block;

struct http_worker {
    http_counters counters;
    tend_http_server *server;
    int index, epoll_fd, wake_fd;
    pthread_t thread;
    int64_t now_ns; /* when the round began */
    http_timers timers;
    http_conn *active, **active_end; /* this round */
    http_conn *dead;                 /* closed in this round */
    tend_http_exchange *spare;
    int n_spare;
    http_block *block, *first_block;
    size_t block_at;
    tend_buf spare_buffers[128];
    int n_spare_buffers;
    tend_buf fixed; /* the Date and Server headers */
    int64_t fixed_second;
    bool draining, listens;
    int64_t max_wait_ns, drain_end_ns, listen_again_ns, tls_check_ns;
    /* connections that another worker accepted */
    pthread_mutex_t inbox_lock;
    http_conn *inbox;
    bool inbox_closed;
};

typedef struct http_peers http_peers;

struct tend_http_server {
    tend_http_options options;
    tend_http_app app;
    int n_workers, n_listeners;
    int listeners[HTTP_MAX_LISTENERS];
    int port;
    char *unix_path; /* to remove at the end */
    http_tls *tls;
    http_peers *peers;
    http_worker *workers;
    _Atomic int drain;     /* calls of tend_http_server_drain */
    _Atomic int listening; /* workers that still accept; the last one closes the sockets */
    _Atomic bool reload;
    pthread_mutex_t reserve_lock;
    int reserve_fd; /* given up to turn a connection away when descriptors are out */
};

static inline int64_t http_ns(double seconds) { return (int64_t)(seconds * 1e9); }
int64_t http_now_ns(void);

/* ---- listen.c ---- */
tend_status http_listen(tend_http_server *server, tend_error *err);
void http_listen_close(tend_http_server *server);

/* ---- accept.c, peers.c ---- */
void http_accept(http_worker *w, int listener);
http_peers *http_peers_new(void);
void http_peers_free(http_peers *peers);
bool http_peers_enter(http_peers *peers, const struct in6_addr *key, int max); /* false: it has as many already */
void http_peers_leave(http_peers *peers, const struct in6_addr *key);

/* ---- worker.c ---- */
tend_status http_worker_init(http_worker *w, tend_http_server *server, int index, tend_error *err);
void http_worker_done(http_worker *w);
void *http_worker_run(void *worker);
void http_worker_wake(http_worker *w);                   /* any thread, and in signal handlers */
bool http_worker_give(http_worker *w, http_conn *c);     /* any thread; false: it has stopped */
void http_worker_adopt(http_worker *w, http_conn *c);    /* its own thread */
void http_worker_activate(http_worker *w, http_conn *c); /* it has a turn in this round; from settling, in the next */
void http_worker_bury(http_worker *w, http_conn *c);     /* freed when the round is over: events may still name it */
void http_worker_pause_accepting(http_worker *w);
char *http_worker_space(http_worker *w, size_t *out_size); /* of the round, at least 16 KiB */
void http_worker_take_buffer(http_worker *w, tend_buf *out);
void http_worker_leave_buffer(http_worker *w, tend_buf *buf);

/* ---- conn.c ---- */
http_conn *http_conn_new(http_worker *w, int fd);
void http_conn_turn(http_conn *c);   /* reads and calls back */
void http_conn_expire(http_conn *c); /* its deadline has passed */
void http_conn_settle(http_conn *c); /* after round_end: sends, then what next */
void http_conn_close(http_conn *c);
/* Bytes that may be sent; those of an answer without its length may not. */
size_t http_conn_unsent(const http_conn *c);

/* ---- request_in.c ---- */
/* Returns how many bytes are used up; c->starved: what is left is not enough to go on. */
size_t http_conn_consume(http_conn *c, char *at, size_t size);
void http_conn_refuse(http_conn *c, int status, const char *reason); /* and close */
void http_conn_body_bytes(http_conn *c, size_t n);                   /* n more bytes of a COLLECT are in its buffer */
void http_conn_ended(http_conn *c);                                  /* no more bytes will come */

/* ---- exchange.c ---- */
tend_http_exchange *http_exchange_new(http_conn *c);
void http_exchange_blank(tend_http_exchange *x);            /* a request that could not be read: "/" of OTHER */
void http_exchange_keep(tend_http_exchange *x);             /* beyond the round: its slices point to a copy */
void http_exchange_free(tend_http_exchange *x, int status); /* tells `done` */
void http_exchange_free_spare(http_worker *w);

/* ---- answer.c ---- */
void http_answer_refusal(tend_http_exchange *x, int status, const char *reason);
void http_answer_continue(http_conn *c);

#endif
