/* A version of a model, loaded and ready to answer. Immutable and shared by all workers but for its lanes, one per worker, which
 * hold the rows that the worker fills and its counters. Counted: who looks at one over more than one call holds a reference.
 */
#ifndef TEND_SERVE_VERSION_H
#define TEND_SERVE_VERSION_H

#include "base/fs.h"
#include "base/node.h"
#include "model/explain.h"
#include "model/inputs.h"

#include <stdatomic.h>

/* Through which route a version answers; its counters are kept apart by it. */
typedef enum serve_way { SERVE_CHAMPION, SERVE_CANARY, SERVE_AB, SERVE_SHADOW, SERVE_DIRECT, SERVE_WAYS } serve_way;
const char *serve_way_name(serve_way way); /* "champion", "canary", "ab", "shadow", "direct" (asked for by number) */

enum { SERVE_BUCKETS = 22 };             /* of latency; the last is infinite */
double serve_bucket_seconds(int bucket); /* upper end */

typedef struct serve_lane {
    _Alignas(64) tend_rows *rows;
    tend_arena *scratch;   /* cleared before each use */
    double *base, *values; /* of an explanation */
    /* Written by the lane's worker alone, read by anyone. */
    atomic_llong requests[SERVE_WAYS], faulty[SERVE_WAYS], predictions[SERVE_WAYS], latency[SERVE_WAYS][SERVE_BUCKETS],
        latency_ns[SERVE_WAYS];
} serve_lane;

/* The counters of all lanes together. */
typedef struct serve_traffic {
    long long requests[SERVE_WAYS], faulty[SERVE_WAYS], predictions[SERVE_WAYS], latency[SERVE_WAYS][SERVE_BUCKETS], latency_ns[SERVE_WAYS];
} serve_traffic;

typedef struct serve_version {
    atomic_int references;
    const char *model;   /* the name it is served under */
    int64_t number;      /* 0: a bundle file, not of the registry */
    const char *version; /* the number as text; of a file, the first 12 digits of its digest */
    const char *title;   /* "census-income/3"; of a file, its name */
    const char *path;    /* of the bundle; with the stamp, what tells whether it would be loaded again the same */
    tend_file_stamp stamp;
    tend_digest digest; /* the bundle's identity */
    uint64_t size;
    int64_t loaded_at; /* microseconds UTC */
    double load_seconds;
    tend_model *loaded;
    tend_inputs *inputs;
    tend_explainer *explainer;
    const tend_node *manifest, *profile; /* profile NULL: the bundle has none */
    const tend_node *example;            /* a row as a JSON object: the typical value of each column */
    int n_lanes;
    serve_lane *lanes;
    tend_arena *arena;
} serve_version;

/* Reads, verifies and makes ready. number 0: a file. */
tend_status serve_version_open(const char *path, const char *model, int64_t number, int n_lanes, serve_version **out,
                               tend_error *err) TEND_MUST_USE;
serve_version *serve_version_ref(serve_version *version);
void serve_version_unref(serve_version *version); /* NULL is fine */
/* One more request in the lane's counters. */
void serve_version_count(serve_version *version, int lane, serve_way way, int64_t n_predictions, bool faulty, int64_t nanoseconds);
void serve_version_traffic(const serve_version *version, serve_traffic *out); /* any thread */

#endif
