/* Garbage collection: which objects nothing can ask for any more.
 *
 * Kept are the bundles of all registered versions; the outputs of the last runs, of runs still
 * going on and of those that made a version; snapshots that are named or an output of a kept run;
 * cache entries used lately or by a kept run; and whatever is younger than an hour, since a process
 * may be about to refer to it. The records of runs, versions and the audit trail are never removed.
 */
#ifndef TEND_STORE_GC_H
#define TEND_STORE_GC_H

#include "store/store.h"

typedef struct tend_gc_options {
    int cache_days; /* entries used within so many days are kept; 0: those of kept runs only */
    int runs;       /* the outputs of the last so many runs are kept */
    int wait_ms;    /* for the project's lock; < 0: for ever */
    int64_t now_ns; /* 0: the clock; for tests */
    bool dry;       /* tell only */
} tend_gc_options;
#define TEND_GC_OPTIONS_INIT ((tend_gc_options){.cache_days = 30, .runs = 10, .wait_ms = 10000})

typedef struct tend_gc_result {
    tend_object *objects; /* removed, or (dry) what would be; sorted by digest */
    size_t n_objects;
    uint64_t bytes;              /* of these objects and leftovers of crashes */
    size_t n_cache, n_snapshots; /* entries without which the objects were not needed */
    size_t n_leftovers;          /* temporary files of crashed processes */
    size_t kept_objects;
    uint64_t kept_bytes;
} tend_gc_result;

/* Takes the project's lock (the caller must not hold it): BUSY when a run holds it longer than
 * wait_ms. A crash at any moment leaves a store that promises nothing it does not have. */
tend_status tend_gc(tend_store *store, const tend_gc_options *options, tend_arena *arena, tend_gc_result *out_result,
                    tend_error *err) TEND_MUST_USE;

#endif
