/* An HTTP/1.1 server: sockets, parsing, TLS, limits, time, order. What is served is the application's business (an `app` of
 * callbacks); this room knows no domain. `tend serve` runs on it, and so will the team's hub.
 *
 * A server has one or more workers, each a thread with its own epoll loop; a connection belongs to one worker for its whole life, so
 * callbacks of one connection never run at the same time, and an application needs locks only for what it shares between workers.
 *
 * A worker goes in rounds: it takes every socket that is ready, reads, and calls the application for each whole head or body; then calls
 * `round_end` once; only then are the answers of the round sent. So an application can write what it promises (a log) once for many
 * requests, before any of them is answered: group commit. When round_end says no, nothing of the round is sent and its
 * connections are closed.
 *
 *     static tend_http_next head(void *ctx, tend_http_exchange *x) { return TEND_HTTP_COLLECT; }
 *     static void request(void *ctx, tend_http_exchange *x) {
 *         tend_http_respond(x, 200, "text/plain", tend_http_request_of(x)->body);
 *     }
 *     tend_http_app app = {.head = head, .request = request};
 *     tend_http_options options = TEND_HTTP_OPTIONS_INIT;
 *     TEND_TRY(tend_http_server_open(&options, &app, &server, err));
 *     TEND_TRY(tend_http_server_run(server, err));            // until tend_http_server_drain, from a signal handler
 *
 * What the server does alone: keep-alive and pipelining (answers in order), Expect: 100-continue, chunked bodies both ways, HEAD (the
 * body of the answer is left out), Date, Connection: close, timeouts, limits (each with its status: 400, 408, 413, 414, 417, 431, 501,
 * 503, 505), a request with both Content-Length and Transfer-Encoding refused, obsolete line folding refused, shedding of load.
 */
#ifndef TEND_HTTP_SERVER_H
#define TEND_HTTP_SERVER_H

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

typedef enum tend_http_method {
    TEND_HTTP_GET,
    TEND_HTTP_HEAD,
    TEND_HTTP_POST,
    TEND_HTTP_PUT,
    TEND_HTTP_PATCH,
    TEND_HTTP_DELETE,
    TEND_HTTP_OPTIONS,
    TEND_HTTP_OTHER
} tend_http_method;
const char *tend_http_method_name(tend_http_method method); /* "GET" */

typedef struct tend_http_header {
    tend_str name, value; /* value without blanks around it */
} tend_http_header;

/* Slices are valid until the answer is complete. */
typedef struct tend_http_request {
    tend_http_method method;
    tend_str target;      /* as sent: "/v2/models/a%20b?x=1" */
    tend_str path, query; /* of the target, still percent-encoded; without "?"; never empty path */
    const tend_http_header *headers;
    int n_headers;
    tend_str content_type; /* "" when absent */
    bool has_body;
    uint64_t content_length; /* UINT64_MAX: not known (chunked) */
    tend_str body;           /* TEND_HTTP_COLLECT: whole; else empty */
    tend_str peer;           /* "127.0.0.1", "::1", "unix" */
    bool peer_is_loopback, is_tls;
    int64_t received_ns; /* monotonic: when the round that read the end of the head began */
    int worker;          /* 0 … n_workers - 1 */
} tend_http_request;
/* The first header of that name (ASCII case folded); at NULL when absent. */
tend_str tend_http_request_header(const tend_http_request *request, const char *name);
/* A value of the query ("explain"), percent-decoded into the arena; "+" is a blank. False: absent. */
bool tend_http_request_query(const tend_http_request *request, const char *name, tend_arena *arena, tend_str *out);
/* "%20" → " ", "+" stays; false: bad escape or a NUL. */
bool tend_http_decode(tend_str encoded, tend_arena *arena, tend_str *out);

/* A request and its answer. */
typedef struct tend_http_exchange tend_http_exchange;
const tend_http_request *tend_http_request_of(const tend_http_exchange *x);
tend_arena *tend_http_arena(tend_http_exchange *x); /* of this exchange; cleared when the answer is complete and sent */
/* The application's own pointer beside an exchange, NULL at first. */
void tend_http_set_state(tend_http_exchange *x, void *state);
void *tend_http_state(const tend_http_exchange *x);

/* ---- answering ---- */

/* Before the answer begins: one more header. Both are copied. Values with control characters are dropped (no header injection). */
void tend_http_add_header(tend_http_exchange *x, const char *name, tend_str value);
/* The whole answer at once. */
void tend_http_respond(tend_http_exchange *x, int status, const char *content_type, tend_str body);
/* The same without a copy: the head is written, and the body is appended to the buffer that comes back, by tend_buf_* only; then
 * tend_http_finish puts the length in. The buffer is the connection's, and holds answers before this one: only append. */
tend_buf *tend_http_begin(tend_http_exchange *x, int status, const char *content_type);
void tend_http_finish(tend_http_exchange *x);
/* An answer in pieces (chunked; to HTTP/1.0 clients until the connection closes): begin, then any number of pieces, then finish. A
 * stream may begin its answer while its request is still arriving. */
void tend_http_begin_stream(tend_http_exchange *x, int status, const char *content_type);
void tend_http_write(tend_http_exchange *x, tend_str piece);
bool tend_http_has_begun(const tend_http_exchange *x);
/* After a begun stream went wrong: the connection is closed without a proper end, so that the client sees that something is missing. */
void tend_http_abort(tend_http_exchange *x);

/* ---- the application ---- */

typedef enum tend_http_next {
    TEND_HTTP_ANSWERED, /* the head was enough (a GET, a refusal); a body that comes nevertheless is skipped or the connection closed */
    TEND_HTTP_COLLECT,  /* the whole body in memory, then `request` */
    TEND_HTTP_STREAM    /* `chunk` for each piece of the body as it arrives */
} tend_http_next;

typedef struct tend_http_app {
    void *ctx;
    tend_http_next (*head)(void *ctx, tend_http_exchange *x);
    void (*request)(void *ctx, tend_http_exchange *x); /* must answer */
    /* last: the body is complete (bytes may be empty); must have finished the answer when it returns from that. While more than
     * `max_unsent` bytes of the answer wait for a slow reader, no further pieces are read. */
    void (*chunk)(void *ctx, tend_http_exchange *x, tend_str bytes, bool last);
    /* The connection went away before the answer was complete: free the state. Optional. */
    void (*abandon)(void *ctx, tend_http_exchange *x);
    /* An answer was sent whole, or could not be: for statistics. Optional. status 0: the connection broke. */
    void (*done)(void *ctx, const tend_http_exchange *x, int status);
    /* Optional; false: see above. */
    bool (*round_end)(void *ctx, int worker);
    /* The answer to what the server refuses by itself (400, 413, 503 …): the application may fill it in its own form by
     * tend_http_respond; else one line of text is sent. Optional. `reason` is a sentence. */
    void (*refusal)(void *ctx, tend_http_exchange *x, int status, const char *reason);
} tend_http_app;

typedef struct tend_http_options {
    const char *host; /* "127.0.0.1", "::", "localhost"; "unix:/run/tend.sock" */
    int port;         /* 0: any free one, see tend_http_server_port */
    int listen_fd;    /* >= 0: an already listening socket (socket activation); else -1 */
    int workers;      /* 0: tend_thread_count() */
    int backlog;
    const char *tls_certificate, *tls_key; /* PEM files; both or neither. Read anew when they change on disk, and on
                                            * tend_http_server_reload; a bad pair is reported and the old one stays */
    size_t max_header;                     /* request line and headers, bytes: 431 (414 for a request line beyond it) */
    int max_headers;                       /* 431 */
    uint64_t max_body;                     /* of COLLECT, and of one STREAM when max_stream is 0: 413 */
    uint64_t max_stream;                   /* bytes of a streamed body; 0: as max_body; UINT64_MAX: no limit */
    size_t max_unsent;                     /* of one connection's answers, bytes, before its reading pauses */
    int max_connections;                   /* beyond: 503 and closed */
    int max_connections_per_peer;          /* 0: no limit */
    int max_requests;                      /* per connection, then it is closed; 0: no limit */
    double header_timeout, body_timeout;   /* seconds: for a whole head; between two pieces of a body */
    double body_min_rate;                  /* bytes per second over the whole body after body_timeout; 0: none. 408 */
    double idle_timeout, write_timeout;    /* keep-alive; a reader that takes nothing */
    double drain_timeout;                  /* after tend_http_server_drain: then what is left is closed */
    double max_wait;         /* seconds; a request that found more than this of work before it in its round is shed: 503 with Retry-After */
    const char *server_name; /* the Server header; NULL: none */
} tend_http_options;
#define TEND_HTTP_OPTIONS_INIT                     \
    ((tend_http_options){.host = "127.0.0.1",      \
                         .listen_fd = -1,          \
                         .backlog = 1024,          \
                         .max_header = 16384,      \
                         .max_headers = 100,       \
                         .max_body = 64u << 20,    \
                         .max_unsent = 4u << 20,   \
                         .max_connections = 20000, \
                         .header_timeout = 10,     \
                         .body_timeout = 30,       \
                         .body_min_rate = 100,     \
                         .idle_timeout = 75,       \
                         .write_timeout = 30,      \
                         .drain_timeout = 30,      \
                         .max_wait = 0.1})

typedef struct tend_http_server tend_http_server;

/* Binds and listens; nothing is accepted before run. `app` is copied. IO: the address is in use or not ours; CONFIG: certificate. */
tend_status tend_http_server_open(const tend_http_options *options, const tend_http_app *app, tend_http_server **out,
                                  tend_error *err) TEND_MUST_USE;
int tend_http_server_port(const tend_http_server *server); /* of the listening socket; 0 for unix */
/* Serves until it is drained: worker 0 is the calling thread. */
tend_status tend_http_server_run(tend_http_server *server, tend_error *err) TEND_MUST_USE;
/* Safe in a signal handler, from any thread: no new connections, idle ones are closed, requests under way are answered with
 * Connection: close, then run returns. A second call ends at once. */
void tend_http_server_drain(tend_http_server *server);
void tend_http_server_reload(tend_http_server *server); /* certificates; safe in a signal handler */
void tend_http_server_free(tend_http_server *server);   /* after run returned, or was never called; NULL is fine */
TEND_DEFINE_AUTO(tend_http_server)

typedef struct tend_http_counts {
    int64_t connections, accepted, refused; /* open now; ever; turned away at the door (limits) */
    int64_t requests, shed, malformed, timed_out;
    int64_t bytes_in, bytes_out;
} tend_http_counts;
void tend_http_server_counts(const tend_http_server *server, tend_http_counts *out); /* any thread */

#endif
