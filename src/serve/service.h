/* The server as one object: settings, what is deployed, logs, tokens, counters; and a call, which is one request on its way through.
 *
 * Requests are served on the HTTP server's workers. One more thread, the keeper, follows the registry, seals logs and reads tokens anew;
 * one more answers for shadows. What they change, workers see at their next request (serve_service_deployment).
 */
#ifndef TEND_SERVE_SERVICE_H
#define TEND_SERVE_SERVICE_H

#include "http/rate.h"
#include "http/server.h"
#include "serve/deployment.h"
#include "serve/tokens.h"

#include <pthread.h>

typedef struct serve_service serve_service;
typedef struct serve_call serve_call;

/* ---- routes ---- */

/* In whose words a fault is told. */
typedef enum serve_form {
    SERVE_FORM_PROBLEM, /* application/problem+json, RFC 9457 */
    SERVE_FORM_V2,      /* {"error": "…"} */
    SERVE_FORM_MLFLOW   /* {"error_code": …, "message": …} */
} serve_form;

typedef struct serve_route {
    tend_http_method method;
    const char *pattern; /* "/models/{name}/predict" */
    serve_role role;     /* who may; SERVE_ROLE_NONE: anyone */
    serve_form form;
    void (*handle)(serve_call *call); /* must answer */
    /* For bodies that are streams (CSV, NDJSON): pieces as they come. NULL: they are refused, or taken whole. */
    void (*chunk)(serve_call *call, tend_str bytes, bool last);
    void (*abandon)(serve_call *call); /* a stream whose connection broke */
    const char *tag, *summary;         /* for the OpenAPI document */
} serve_route;

extern const serve_route serve_routes[];
extern const int serve_n_routes;

/* ---- a call ---- */

enum { SERVE_MAX_PARAMETERS = 3 };

struct serve_call {
    serve_service *service;
    const serve_route *route;
    tend_http_exchange *x;
    const tend_http_request *request;
    tend_arena *arena; /* of the exchange */
    int lane;          /* the worker's number */
    const serve_deployment *deployment;
    tend_str parameters[SERVE_MAX_PARAMETERS]; /* of the pattern, decoded, in order */
    const char *who;                           /* the token's name; "" without */
    void *stream;                              /* a streaming handler's own */
};

tend_str serve_call_parameter(const serve_call *call, int i);
/* The endpoint that the path names or, without a name in it, the default one. NULL: it was answered with 404 or 503. */
const serve_endpoint *serve_call_endpoint(serve_call *call);

/* One thing that is wrong with a request. */
typedef struct serve_fault {
    const char *pointer;  /* JSON pointer into the body: "/3/age"; may be "" */
    const char *found;    /* NULL: nothing */
    const char *expected; /* "a whole number" */
    const char *hint;     /* may be NULL */
} serve_fault;

/* The request is refused. title: a sentence. In the form of the call's route. Must be the call's only answer. */
void serve_refuse(serve_call *call, int status, const char *title);
void serve_refuse_faults(serve_call *call, int status, const char *title, const serve_fault *faults, int n, int64_t n_total);
void serve_refuse_error(serve_call *call, const tend_error *err); /* by its status; 5xx are logged */
void serve_answer_node(serve_call *call, int status, const tend_node *node);

/* ---- the service ---- */

struct serve_service {
    tend_serve_settings settings;
    int n_lanes; /* workers, and one for shadows */
    tend_arena *arena;
    serve_logs *logs;
    serve_tokens *tokens; /* NULL: none are configured */
    tend_rate *rate;      /* NULL: no limit */
    struct serve_shadow *shadow;
    tend_http_server *http;
    uint32_t instance; /* random, in every id */
    int64_t started;   /* microseconds UTC */
    /* What is deployed. `generation` says whether a worker's own pointer is still it; the lock is for taking a reference. */
    atomic_llong generation;
    pthread_mutex_t lock, deploying; /* deploying: one makes a deployment at a time */
    serve_deployment *deployment;
    /* What an administrator changed while it runs (admin.c), under the lock. */
    tend_serve_share *shares;
    int n_shares;
    const char **shadows;
    int n_shadows;
    char **unloaded; /* names; malloc'd */
    int n_unloaded;
    struct serve_seat {
        _Alignas(64) serve_deployment *deployment; /* the worker's reference */
        uint64_t counter;                          /* of ids */
    } * seats;                                     /* per lane */
    atomic_llong denied;
};

/* Loads what is to be served, opens logs and sockets; nothing answers before run. */
tend_status serve_service_open(const tend_serve_settings *settings, int listen_fd, serve_service **out, tend_error *err) TEND_MUST_USE;
tend_status serve_service_run(serve_service *service, tend_error *err) TEND_MUST_USE; /* until it is drained */
void serve_service_free(serve_service *service);
TEND_DEFINE_AUTO(serve_service)
/* What is deployed, for the lane's worker: valid until the next call of the same worker. */
const serve_deployment *serve_service_deployment(serve_service *service, int lane);
/* Makes the deployment anew (aliases, files, routes) and swaps it in. Any thread; one at a time. */
tend_status serve_service_redeploy(serve_service *service, tend_error *err);
/* Some model goes on with an old version, since the new one could not be loaded. */
bool serve_service_is_behind(serve_service *service);
/* The folder's store; NOT_FOUND when there is none. */
tend_status serve_service_store(const serve_service *service, bool write, tend_store **out, tend_error *err) TEND_MUST_USE;
/* Takes a model out of service, or brings it back (and loads what changed); the deployment is made anew. On failure nothing changes. */
tend_status serve_service_set_loaded(serve_service *service, tend_str name, bool loaded, tend_error *err) TEND_MUST_USE;
bool serve_service_is_unloaded(serve_service *service, const char *name);
/* A new id at a time (microseconds UTC); out takes TEND_PREDICTION_ID bytes. */
void serve_service_id(serve_service *service, int lane, int64_t at, char *out);

#endif
