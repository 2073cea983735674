/* The store of a project: `.tend/tend.db` (SQLite) for what is asked, `.tend/objects` for what is
 * kept.
 *
 * This header opens it. What it holds has a header per noun: objects.h, cache.h (steps done, files
 * seen), runs.h, snapshots.h, registry.h (models, versions, aliases), audit.h, gc.h. The store sees
 * models and tables as bytes with a digest.
 *
 *     TEND_AUTO(tend_store) *store = NULL;
 *     tend_store_options options = {.folder = ".tend", .mode = TEND_STORE_WRITE};
 *     TEND_TRY(tend_store_open(&options, &store, err));
 *
 * Several processes may have it open; one writes at a time, the others wait up to 10 s, then get
 * BUSY. Each function that writes is one transaction: after a crash all of it is there or nothing.
 * A tend_store belongs to one thread. Strings given out are in the arena given in; times are
 * microseconds UTC since 1970, 0 when there is none. The tables are described in
 * docs/formats/store.md.
 */
#ifndef TEND_STORE_STORE_H
#define TEND_STORE_STORE_H

#include "store/objects.h"

typedef struct tend_store tend_store;

typedef enum tend_store_mode {
    TEND_STORE_READ, /* must exist; nothing is written, a read-only folder will do */
    TEND_STORE_WRITE /* made when missing */
} tend_store_mode;

typedef struct tend_store_options {
    const char *folder;   /* the project's ".tend" */
    const char *database; /* NULL: <folder>/tend.db */
    const char *objects;  /* NULL: <folder>/objects */
    tend_store_mode mode;
} tend_store_options;

/* NOT_FOUND: there is none yet (READ only). UNSUPPORTED: a newer tend wrote it. CORRUPT: not a
 * database of tend's, or damaged; every page carries a checksum, so that a flipped byte is found
 * when it is read. IO: read-only folder, full disk. */
tend_status tend_store_open(const tend_store_options *options, tend_store **out_store, tend_error *err) TEND_MUST_USE;
void tend_store_close(tend_store *store); /* NULL is fine */
static inline void tend_store_free(tend_store *store) { tend_store_close(store); }
TEND_DEFINE_AUTO(tend_store)

const tend_objects *tend_store_objects(const tend_store *store); /* borrowed; as long as the store */
const char *tend_store_folder(const tend_store *store);          /* as given */
const char *tend_store_database(const tend_store *store);        /* the path of tend.db */
/* The file whose tend_lock is the project's lock: `tend run` holds it while it works, gc takes
 * it itself. */
const char *tend_store_lock_path(const tend_store *store);

/* Between the two, all reads see one state of the database and lock it once, not each for itself. Only reads: what writes fails. */
tend_status tend_store_view_begin(tend_store *store, tend_error *err) TEND_MUST_USE;
void tend_store_view_end(tend_store *store);

/* Everything there is to check in the database: each page's checksum, SQLite's own integrity and
 * foreign keys, the audit trail (tend_audit_verify). Reads all of it; for `tend doctor`. */
tend_status tend_store_verify(tend_store *store, tend_error *err) TEND_MUST_USE;

#endif
