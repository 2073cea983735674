#include "store/store.h"

#include "store/audit.h"
#include "store/db.h"

#include <string.h>

static const char *path_or(tend_arena *arena, const char *path, const char *folder, const char *name) {
    return path ? tend_arena_strdup(arena, path) : tend_path_join(arena, folder, name);
}

static tend_store *new_store(const tend_store_options *options) {
    tend_arena *arena = tend_arena_new();
    tend_store *store = TEND_NEW(arena, tend_store);
    store->arena = arena;
    store->mode = options->mode;
    store->folder = tend_arena_strdup(arena, options->folder);
    store->objects.folder = path_or(arena, options->objects, store->folder, "objects");
    store->lock_path = tend_path_join(arena, store->folder, "lock");
    return store;
}

static tend_status open_database(tend_store *store, const char *path, tend_error *err) {
    if (store->mode == TEND_STORE_WRITE)
        TEND_TRY(tend_fs_mkdirs(tend_path_dir(store->arena, path), err));
    else if (!tend_fs_exists(path)) {
        tend_status status = TEND_FAIL(err, NOT_FOUND, "there is nothing yet: no '%s'", path);
        return tend_error_hint(err, status, "`tend run` makes it");
    }
    return tend_db_open(&store->db, path, store->mode, err);
}

tend_status tend_store_open(const tend_store_options *options, tend_store **out_store, tend_error *err) {
    tend_store *store = new_store(options);
    const char *path = path_or(store->arena, options->database, store->folder, "tend.db");
    tend_status status = open_database(store, path, err);
    if (status != TEND_OK) {
        tend_arena_free(store->arena);
        return status;
    }
    *out_store = store;
    return TEND_OK;
}

void tend_store_close(tend_store *store) {
    if (!store)
        return;
    tend_db_close(&store->db);
    tend_arena_free(store->arena); /* the store itself is in it */
}

const tend_objects *tend_store_objects(const tend_store *store) { return &store->objects; }
const char *tend_store_folder(const tend_store *store) { return store->folder; }
const char *tend_store_database(const tend_store *store) { return store->db.path; }
const char *tend_store_lock_path(const tend_store *store) { return store->lock_path; }

/* What SQLite found first: the last line of its answer. */
static const char *last_line(const char *text) {
    const char *newline = strrchr(text, '\n');
    return newline ? newline + 1 : text;
}

static tend_status check_integrity(tend_db *db, tend_arena *arena, tend_error *err) {
    tend_db_rows rows;
    const char *found = NULL;
    TEND_TRY(tend_db_select(&rows, db, "PRAGMA integrity_check(1)", DB_NONE, err));
    if (tend_db_next(&rows))
        found = tend_db_text(&rows, 0, arena);
    TEND_TRY(tend_db_close_rows(&rows, err));
    if (found && strcmp(found, "ok") == 0)
        return TEND_OK;
    return tend_db_damaged(db, err, "%s", found ? last_line(found) : "the check gave no answer");
}

static tend_status check_references(tend_db *db, tend_arena *arena, tend_error *err) {
    tend_db_rows rows;
    const char *table = NULL, *parent = NULL;
    int64_t row = 0;
    TEND_TRY(tend_db_select(&rows, db, "PRAGMA foreign_key_check", DB_NONE, err));
    if (tend_db_next(&rows)) {
        table = tend_db_text(&rows, 0, arena);
        row = tend_db_int(&rows, 1);
        parent = tend_db_text(&rows, 2, arena);
    }
    TEND_TRY(tend_db_close_rows(&rows, err));
    if (!table)
        return TEND_OK;
    return tend_db_damaged(db, err, "row %lld of table %s refers to a row of %s that is not there", (long long)row, table,
                           parent ? parent : "?");
}

tend_status tend_store_view_begin(tend_store *store, tend_error *err) { return tend_db_run(&store->db, "BEGIN", DB_NONE, err); }

void tend_store_view_end(tend_store *store) {
    tend_status ended = tend_db_run(&store->db, "COMMIT", DB_NONE, NULL);
    (void)ended; /* nothing was written: there is nothing to lose */
}

tend_status tend_store_verify(tend_store *store, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_TRY(check_integrity(&store->db, arena, err));
    TEND_TRY(check_references(&store->db, arena, err));
    return tend_audit_verify(store, err);
}
