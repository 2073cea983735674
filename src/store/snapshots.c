#include "store/snapshots.h"

#include "base/clock.h"
#include "base/text.h"
#include "store/db.h"
#include "store/name.h"

enum { SHORTEST_PREFIX = 6 };

/* Writing */

static tend_status put_object(tend_store *store, const tend_digest *snapshot, size_t i, const tend_digest *object, tend_error *err) {
    uint64_t size;
    TEND_TRY_WRAP(tend_objects_size(&store->objects, object, &size, err), err, "recording a snapshot");
    return tend_db_run(&store->db, "INSERT INTO snapshot_object (snapshot, position, object) VALUES (?, ?, ?)",
                       DB_BIND(DB_DIGEST(snapshot), DB_INT(i), DB_DIGEST(object)), err);
}

static tend_status put_snapshot(tend_store *store, const tend_snapshot *snapshot, tend_error *err) {
    tend_db *db = &store->db;
    bool is_single = snapshot->n_objects == 0;
    TEND_TRY(tend_db_run(db,
                         "INSERT INTO snapshot (digest, rows, columns, created, manifest) VALUES (?, ?, ?, ?, ?)"
                         " ON CONFLICT (digest) DO NOTHING",
                         DB_BIND(DB_DIGEST(&snapshot->digest), DB_INT(snapshot->rows), DB_INT(snapshot->columns),
                                 DB_INT(tend_clock_micros()), DB_TEXT(snapshot->manifest ? snapshot->manifest : "{}")),
                         err));
    if (tend_db_changes(db) == 0)
        return TEND_OK;
    for (size_t i = 0; i < snapshot->n_objects; i++)
        TEND_TRY(put_object(store, &snapshot->digest, i, &snapshot->objects[i], err));
    return is_single ? put_object(store, &snapshot->digest, 0, &snapshot->digest, err) : TEND_OK;
}

tend_status tend_snapshots_put(tend_store *store, const tend_snapshot *snapshot, tend_error *err) {
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_LAZY, err));
    return tend_db_end(&store->db, put_snapshot(store, snapshot, err), err);
}

static tend_status set_name(tend_db *db, const char *name, const tend_digest *digest, tend_error *err) {
    int64_t one;
    bool known;
    char hex[TEND_DIGEST_HEX];
    TEND_TRY(tend_db_ask(db, "SELECT 1 FROM snapshot WHERE digest = ?", DB_BIND(DB_DIGEST(digest)), &one, &known, err));
    tend_digest_format(digest, hex);
    if (!known)
        return TEND_FAIL(err, NOT_FOUND, "cannot name a snapshot '%s': there is no snapshot %.12s", name, hex);
    return tend_db_run(db,
                       "INSERT INTO snapshot_name (name, snapshot, updated) VALUES (?, ?, ?)"
                       " ON CONFLICT (name) DO UPDATE SET snapshot = excluded.snapshot, updated ="
                       " excluded.updated",
                       DB_BIND(DB_TEXT(name), DB_DIGEST(digest), DB_INT(tend_clock_micros())), err);
}

tend_status tend_snapshots_name(tend_store *store, const char *name, const tend_digest *digest, tend_error *err) {
    TEND_TRY(tend_name_check("snapshot name", name, err));
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_SYNC, err));
    return tend_db_end(&store->db, set_name(&store->db, name, digest, err), err);
}

static tend_status not_found(tend_store *store, const char *reference, tend_error *err);

static tend_status remove_name(tend_store *store, const char *name, tend_error *err) {
    TEND_TRY(tend_db_run(&store->db, "DELETE FROM snapshot_name WHERE name = ?", DB_BIND(DB_TEXT(name)), err));
    return tend_db_changes(&store->db) ? TEND_OK : not_found(store, name, err);
}

tend_status tend_snapshots_unname(tend_store *store, const char *name, tend_error *err) {
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_SYNC, err));
    return tend_db_end(&store->db, remove_name(store, name, err), err);
}

/* Reading */

static tend_status read_names(tend_db *db, const tend_digest *of, tend_arena *arena, const char ***out_names, size_t *out_n,
                              tend_error *err) {
    tend_db_rows rows;
    const char **names = NULL;
    size_t n = 0;
    TEND_TRY(tend_db_select(&rows, db, "SELECT name FROM snapshot_name WHERE ?1 IS NULL OR snapshot = ?1 ORDER BY name",
                            DB_BIND(DB_DIGEST(of)), err));
    while (tend_db_next(&rows)) {
        names = tend_db_grow(arena, names, n, sizeof *names);
        names[n++] = tend_db_text(&rows, 0, arena);
    }
    *out_names = names;
    *out_n = n;
    return tend_db_close_rows(&rows, err);
}

static tend_status read_objects(tend_db *db, tend_arena *arena, tend_snapshot *snapshot, tend_error *err) {
    tend_db_rows rows;
    tend_digest *objects = NULL;
    size_t n = 0;
    TEND_TRY(tend_db_select(&rows, db, "SELECT object FROM snapshot_object WHERE snapshot = ? ORDER BY position",
                            DB_BIND(DB_DIGEST(&snapshot->digest)), err));
    while (tend_db_next(&rows)) {
        objects = tend_db_grow(arena, objects, n, sizeof *objects);
        objects[n++] = tend_db_digest(&rows, 0);
    }
    snapshot->objects = objects;
    snapshot->n_objects = n;
    return tend_db_close_rows(&rows, err);
}

/* The lists that belong to it, when its row has been read. */
static tend_status complete(tend_db *db, tend_arena *arena, tend_snapshot *snapshot, tend_error *err) {
    const char **names;
    TEND_TRY(read_objects(db, arena, snapshot, err));
    TEND_TRY(read_names(db, &snapshot->digest, arena, &names, &snapshot->n_names, err));
    snapshot->names = names;
    return TEND_OK;
}

#define SNAPSHOT_COLUMNS "digest, rows, columns, created, manifest"

static void read_row(tend_db_rows *rows, tend_arena *arena, tend_snapshot *out) {
    out->digest = tend_db_digest(rows, 0);
    out->rows = tend_db_int(rows, 1);
    out->columns = tend_db_int(rows, 2);
    out->created = tend_db_int(rows, 3);
    out->manifest = tend_db_text(rows, 4, arena);
}

static tend_status not_found(tend_store *store, const char *reference, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_status status = TEND_FAIL(err, NOT_FOUND, "no snapshot is called '%s'", reference);
    const char **names;
    size_t n;
    if (read_names(&store->db, NULL, arena, &names, &n, NULL) != TEND_OK)
        return status;
    if (n == 0)
        return tend_error_hint(err, status, "no snapshot has a name yet; use the first digits of its digest");
    const char *nearest = tend_text_nearest(reference, names, n);
    return tend_error_hint(err, status, nearest ? "did you mean '%s'?" : "there is '%s'", nearest ? nearest : names[0]);
}

/* Both the name and the beginning of a digest are looked for; a name goes first. */
static tend_status find(tend_store *store, const char *reference, const char *prefix_end, tend_arena *arena, tend_snapshot *out,
                        size_t *out_n, tend_error *err) {
    tend_db_rows rows;
    TEND_TRY(tend_db_select(&rows, &store->db,
                            "SELECT " SNAPSHOT_COLUMNS " FROM snapshot JOIN snapshot_name ON digest = snapshot"
                            " WHERE name = ?1 UNION ALL"
                            " SELECT " SNAPSHOT_COLUMNS " FROM snapshot WHERE ?2 IS NOT NULL AND digest >= ?1"
                            " AND digest < ?2 AND NOT EXISTS (SELECT 1 FROM snapshot_name WHERE name = ?1) LIMIT 2",
                            DB_BIND(DB_TEXT(reference), DB_TEXT(prefix_end)), err));
    for (*out_n = 0; *out_n < 2 && tend_db_next(&rows); ++*out_n)
        read_row(&rows, arena, out);
    return tend_db_close_rows(&rows, err);
}

tend_status tend_snapshots_get(tend_store *store, const char *reference, tend_arena *arena, tend_snapshot *out_snapshot, tend_error *err) {
    tend_snapshot found = {0};
    size_t n, size = strlen(reference);
    bool is_prefix = size >= SHORTEST_PREFIX && size < TEND_DIGEST_HEX && strspn(reference, "0123456789abcdef") == size;
    const char *end = is_prefix ? tend_arena_printf(arena, "%sg", reference) : NULL; /* 'g' sorts behind all digits */
    TEND_TRY(find(store, reference, end, arena, &found, &n, err));
    if (n == 0)
        return not_found(store, reference, err);
    if (n > 1) {
        tend_status status = TEND_FAIL(err, USAGE, "more than one snapshot's digest begins with '%s'", reference);
        return tend_error_hint(err, status, "give more digits");
    }
    TEND_TRY(complete(&store->db, arena, &found, err));
    *out_snapshot = found;
    return TEND_OK;
}

tend_status tend_snapshots_list(tend_store *store, tend_arena *arena, tend_snapshot **out_snapshots, size_t *out_n, tend_error *err) {
    tend_db_rows rows;
    tend_snapshot *items = NULL;
    size_t n = 0;
    TEND_TRY(tend_db_select(&rows, &store->db, "SELECT " SNAPSHOT_COLUMNS " FROM snapshot ORDER BY created DESC, digest", DB_NONE, err));
    while (tend_db_next(&rows)) {
        items = tend_db_grow(arena, items, n, sizeof *items);
        read_row(&rows, arena, &items[n++]);
    }
    TEND_TRY(tend_db_close_rows(&rows, err));
    for (size_t i = 0; i < n; i++)
        TEND_TRY(complete(&store->db, arena, &items[i], err));
    *out_snapshots = items;
    *out_n = n;
    return TEND_OK;
}
