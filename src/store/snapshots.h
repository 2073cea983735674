/* Snapshots: immutable versions of a dataset, by digest; and names that move from one to the next
 * ("reference").
 */
#ifndef TEND_STORE_SNAPSHOTS_H
#define TEND_STORE_SNAPSHOTS_H

#include "store/store.h"

typedef struct tend_snapshot {
    tend_digest digest;         /* of the object that holds it, or of a list of several objects */
    const tend_digest *objects; /* the objects it needs; none: the object `digest` */
    size_t n_objects;
    int64_t rows, columns;
    const char *manifest;     /* JSON: where it came from; NULL is stored as "{}" */
    int64_t created;          /* set by the store, at the first put */
    const char *const *names; /* out: the names that point at it, sorted; n_names */
    size_t n_names;
} tend_snapshot;

/* Idempotent: a digest that is known stays as it is. NOT_FOUND when one of its objects is not in
 * the store. */
tend_status tend_snapshots_put(tend_store *store, const tend_snapshot *snapshot, tend_error *err) TEND_MUST_USE;
/* Points a name at a snapshot, moving it. INVALID: not a name (see tend_name_check); NOT_FOUND:
 * no such snapshot. */
tend_status tend_snapshots_name(tend_store *store, const char *name, const tend_digest *digest, tend_error *err) TEND_MUST_USE;
/* Takes a name away; a missing one is NOT_FOUND. */
tend_status tend_snapshots_unname(tend_store *store, const char *name, tend_error *err) TEND_MUST_USE;
/* By name, or by the first 6 digits of the digest or more. NOT_FOUND gives the nearest name; two
 * that fit are USAGE. */
tend_status tend_snapshots_get(tend_store *store, const char *reference, tend_arena *arena, tend_snapshot *out_snapshot,
                               tend_error *err) TEND_MUST_USE;
/* Newest first. */
tend_status tend_snapshots_list(tend_store *store, tend_arena *arena, tend_snapshot **out_snapshots, size_t *out_n,
                                tend_error *err) TEND_MUST_USE;

#endif
