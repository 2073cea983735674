/* The audit trail: who changed what in the registry, when and why. Rows are only ever added; each
 * holds the SHA-256 of the row before it, so that a changed, removed, inserted or reordered row
 * breaks the chain at a place that can be named.
 *
 * What the chain cannot show alone is a trail rewritten whole, by someone who computes all hashes
 * anew: whoever fears that keeps the head (tend_audit_head) elsewhere, and compares.
 */
#ifndef TEND_STORE_AUDIT_H
#define TEND_STORE_AUDIT_H

#include "store/store.h"

typedef struct tend_audit_entry {
    int64_t sequence; /* 1, 2, 3 … without gaps */
    int64_t at;
    const char *who, *action; /* action: "register", "promote", "rollback", "stage", "describe",
                               "routes" */
    const char *model;
    int64_t number;             /* the version it is about; 0: none */
    const char *alias;          /* "" : none */
    const char *before, *after; /* "": none; numbers of versions; of a registration, the bundle */
    const char *why;
    tend_digest previous, digest;
} tend_audit_entry;

/* Oldest first. model NULL: all. The newest `limit` of them, 0: all. */
tend_status tend_audit_list(tend_store *store, const char *model, size_t limit, tend_arena *arena, tend_audit_entry **out_entries,
                            size_t *out_n, tend_error *err) TEND_MUST_USE;
/* Walks the chain, then compares what it tells with the registry: each version has been
 * registered with that bundle, each alias and stage is where the trail left it. CORRUPT names
 * the row. */
tend_status tend_audit_verify(tend_store *store, tend_error *err) TEND_MUST_USE;
/* The number of rows and the digest of the last (all zeros when there is none). */
tend_status tend_audit_head(tend_store *store, int64_t *out_count, tend_digest *out_digest, tend_error *err) TEND_MUST_USE;

#endif
