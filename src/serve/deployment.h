/* What is served right now: the endpoints (names of models), and for each the versions behind its routes. A deployment is immutable;
 * a change of an alias, of the routes or of the models makes a new one, and swaps it in as a whole. So a request, and all rows of a
 * batch, see one state, and no request ever waits for a change.
 *
 * Counted like a version: workers hold a reference to the one they work with, and change over between two requests.
 */
#ifndef TEND_SERVE_DEPLOYMENT_H
#define TEND_SERVE_DEPLOYMENT_H

#include "serve/log.h"
#include "serve/settings.h"
#include "serve/version.h"
#include "store/store.h"

typedef struct serve_split {
    serve_way way;    /* CANARY or AB */
    const char *name; /* "canary", "ab:blue": as the log has it */
    serve_version *version;
    double share;
} serve_split;

typedef struct serve_endpoint {
    const char *name;        /* of the model: the path's segment */
    const char *reference;   /* what it was asked for by: "census-income@champion"; a file's path */
    serve_version *champion; /* NULL: nothing is behind it (yet, or it was unloaded); `problem` says why */
    const char *problem;
    bool is_behind; /* the champion is the one before: that which should be here could not be loaded */
    const serve_split *splits;
    int n_splits;
    serve_version *const *shadows;
    int n_shadows;
    serve_log *log; /* NULL: not logged */
} serve_endpoint;

typedef struct serve_deployment {
    atomic_int references;
    int64_t generation; /* 1, 2, 3 … */
    serve_endpoint *endpoints;
    int n_endpoints;
    serve_version **versions; /* all that the endpoints name, each once: the references are held here */
    int n_versions;
    tend_arena *arena;
} serve_deployment;

serve_deployment *serve_deployment_ref(const serve_deployment *deployment);
void serve_deployment_unref(serve_deployment *deployment);                                      /* NULL is fine */
const serve_endpoint *serve_deployment_find(const serve_deployment *deployment, tend_str name); /* NULL: unknown */
/* The one endpoint there is, or the project's own model; NULL: none or several. */
const serve_endpoint *serve_deployment_default(const serve_deployment *deployment, const char *project);

typedef struct serve_choice {
    serve_version *version;
    serve_way way;
    const char *route; /* "champion", "canary", "ab:blue" */
} serve_choice;
/* By the hash of a key (a customer, a session), so that equal keys take equal routes as long as the shares stay. */
serve_choice serve_endpoint_choose(const serve_endpoint *endpoint, tend_str key);

/* ---- making one ---- */

/* What is to be served, which may change while the server runs. */
typedef struct serve_plan {
    const tend_serve_settings *settings;
    tend_serve_share *shares; /* of all endpoints; borrowed */
    int n_shares;
    const char *const *shadows;
    int n_shadows;
    const char *const *unloaded; /* names that are not served for now */
    int n_unloaded;
    serve_logs *logs;
    int n_lanes;
} serve_plan;

/* Resolves every reference anew; versions that `previous` (may be NULL) has loaded are taken from it. A model that cannot be loaded is
 * an endpoint with a problem; the error is for what no endpoint can be blamed for (no store, no models at all). `store` NULL: only files.
 */
tend_status serve_deployment_make(const serve_plan *plan, tend_store *store, const serve_deployment *previous, serve_deployment **out,
                                  tend_error *err) TEND_MUST_USE;

#endif
