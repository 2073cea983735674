/* The registry: named models, their immutable versions 1, 2, 3 …, and aliases that say which
 * version is used for what.
 *
 * A version is a bundle's digest with the facts about it; it is never changed or deleted, except
 * for its stage and description. Every change says who and why, and lands in the audit trail in the
 * same transaction, synced to disk before the call returns.
 *
 *     int64_t number;
 *     tend_version_new new = {.model = "churn", .bundle = id, .who = "ann"};
 *     TEND_TRY(tend_registry_register(store, &new, &number, NULL, err));
 *     TEND_TRY(tend_registry_promote(store, "churn", number, "champion", "ann", "best yet", err));
 *     TEND_TRY(tend_registry_get(store, "churn@champion", arena, &version, err));
 */
#ifndef TEND_STORE_REGISTRY_H
#define TEND_STORE_REGISTRY_H

#include "store/name.h"
#include "store/store.h"

#define TEND_CHAMPION "champion"

/* "churn", "churn@champion", "churn/3", "churn:3"; "models:/" may stand before it. */
typedef struct tend_model_ref {
    char model[TEND_NAME_MAX + 1];
    char alias[TEND_NAME_MAX + 1]; /* "": none */
    int64_t number;                /* 0: none */
} tend_model_ref;
tend_status tend_model_ref_parse(const char *text, tend_model_ref *out_ref, tend_error *err) TEND_MUST_USE;

typedef enum tend_gates { TEND_GATES_NONE, TEND_GATES_PASSED, TEND_GATES_FAILED } tend_gates;
const char *tend_gates_name(tend_gates gates); /* "none", "passed", "failed" */

typedef struct tend_version_new {
    const char *model;
    tend_digest bundle;      /* in the object store */
    const char *run;         /* id of the run that made it; NULL: none (an import) */
    const char *metrics;     /* JSON; NULL is stored as "{}" */
    const char *description; /* NULL is stored as "" */
    tend_gates gates;
    const char *who, *why; /* NULL is stored as "" */
} tend_version_new;

typedef struct tend_version {
    const char *model;
    int64_t number;
    tend_digest bundle;
    uint64_t size;   /* of the bundle, bytes */
    const char *run; /* NULL: none */
    int64_t created;
    const char *stage; /* "none", "staging", "production", "archived" */
    const char *metrics, *description;
    tend_gates gates;
    const char *const *aliases; /* that point at it, sorted */
    size_t n_aliases;
} tend_version;

typedef struct tend_alias {
    const char *name;
    int64_t number;
    int64_t updated;
} tend_alias;

typedef struct tend_model_entry {
    const char *name;
    int64_t created;
    int64_t latest;            /* the highest version number */
    const tend_alias *aliases; /* sorted by name */
    size_t n_aliases;
} tend_model_entry;

/* The next number of the model, which is made when it is new. A bundle that is registered
 * already keeps its number, and nothing is written (*out_new false; out_new may be NULL).
 * NOT_FOUND when the bundle is not in the object store. Two processes that register at once get
 * two numbers. */
tend_status tend_registry_register(tend_store *store, const tend_version_new *version, int64_t *out_number, bool *out_new,
                                   tend_error *err) TEND_MUST_USE;
/* The number that a bundle is registered under; *out_found false: it is not. */
tend_status tend_registry_number(tend_store *store, const char *model, const tend_digest *bundle, int64_t *out_number, bool *out_found,
                                 tend_error *err) TEND_MUST_USE;
/* Points an alias at a version. Nothing is written when it points there already. */
tend_status tend_registry_promote(tend_store *store, const char *model, int64_t number, const char *alias, const char *who, const char *why,
                                  tend_error *err) TEND_MUST_USE;
/* Back to the version before the latest promotion, by the audit trail: after promotions of 1, 2,
 * 3, two rollbacks give 2, then 1. REFUSED when there was none. */
tend_status tend_registry_rollback(tend_store *store, const char *model, const char *alias, const char *who, const char *why,
                                   int64_t *out_number, tend_error *err) TEND_MUST_USE;
tend_status tend_registry_set_stage(tend_store *store, const char *model, int64_t number, const char *stage, const char *who,
                                    const char *why, tend_error *err) TEND_MUST_USE;
tend_status tend_registry_describe(tend_store *store, const char *model, int64_t number, const char *description, const char *who,
                                   tend_error *err) TEND_MUST_USE;

/* A change of what is served that no row of the registry holds (the server's routes): into the audit trail alone, as action "routes". */
tend_status tend_registry_note_routes(tend_store *store, const char *model, const char *routes, const char *who, const char *why,
                                      tend_error *err) TEND_MUST_USE;

/* By reference; a bare name is its champion. Every NOT_FOUND names the nearest model, alias or
 * the versions there are. */
tend_status tend_registry_get(tend_store *store, const char *reference, tend_arena *arena, tend_version *out_version,
                              tend_error *err) TEND_MUST_USE;
/* Models by name; versions of one model, highest first. */
tend_status tend_registry_models(tend_store *store, tend_arena *arena, tend_model_entry **out_models, size_t *out_n,
                                 tend_error *err) TEND_MUST_USE;
tend_status tend_registry_versions(tend_store *store, const char *model, tend_arena *arena, tend_version **out_versions, size_t *out_n,
                                   tend_error *err) TEND_MUST_USE;

#endif
