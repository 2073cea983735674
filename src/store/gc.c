/* Two steps, so that a crash between them leaves nothing that promises a missing object: first
 * the cache entries and snapshots that nobody needs are deleted and committed; then, under the
 * write lock, so that nobody can add a reference meanwhile, the objects that nothing refers to
 * are removed. Whoever refers to an object later finds that it is not there. */
#include "store/gc.h"

#include "base/clock.h"
#include "base/dict.h"
#include "store/cache.h"
#include "store/db.h"
#include "store/runs.h"

#define HOUR_NS    INT64_C(3600000000000)
#define DAY_MICROS INT64_C(86400000000)

/* Which runs' outputs are kept */

static tend_status keep_run(tend_db *db, const char *id, tend_error *err) {
    return tend_db_run(db, "INSERT OR IGNORE INTO temp.kept_run (id) VALUES (?)", DB_BIND(DB_TEXT(id)), err);
}

static tend_status keep_live_runs(tend_store *store, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_run_status running = TEND_RUN_RUNNING;
    tend_run_record *runs;
    size_t n;
    TEND_TRY(tend_runs_list(store, &(tend_run_query){.status = &running}, arena, &runs, &n, err));
    for (size_t i = 0; i < n; i++)
        TEND_TRY(keep_run(&store->db, runs[i].id, err));
    return TEND_OK;
}

static tend_status find_kept_runs(tend_store *store, const tend_gc_options *options, tend_error *err) {
    tend_db *db = &store->db;
    TEND_TRY(tend_db_run(db, "CREATE TEMP TABLE IF NOT EXISTS kept_run (id TEXT PRIMARY KEY)", DB_NONE, err));
    TEND_TRY(tend_db_run(db, "DELETE FROM temp.kept_run", DB_NONE, err));
    TEND_TRY(tend_db_run(db,
                         "INSERT INTO temp.kept_run (id) SELECT id FROM"
                         " (SELECT id FROM run ORDER BY started DESC, id DESC LIMIT max(?, 0))"
                         " UNION SELECT run FROM version WHERE run IS NOT NULL",
                         DB_BIND(DB_INT(options->runs)), err));
    return keep_live_runs(store, err);
}

/* Step one: rows */

static tend_status drop_rows(tend_store *store, const tend_gc_options *options, int64_t now_micros, tend_gc_result *result,
                             tend_error *err) {
    tend_db *db = &store->db;
    int64_t cutoff = options->cache_days > 0 ? now_micros - options->cache_days * DAY_MICROS : INT64_MAX;
    TEND_TRY(find_kept_runs(store, options, err));
    TEND_TRY(tend_db_run(db,
                         "DELETE FROM cache WHERE used < ? AND key NOT IN (SELECT key FROM run_step WHERE run IN"
                         " (SELECT id FROM temp.kept_run))",
                         DB_BIND(DB_INT(cutoff)), err));
    result->n_cache = (size_t)tend_db_changes(db);
    TEND_TRY(tend_db_run(db,
                         "DELETE FROM snapshot WHERE digest NOT IN (SELECT snapshot FROM snapshot_name)"
                         " AND digest NOT IN (SELECT digest FROM cache_output)"
                         " AND digest NOT IN (SELECT digest FROM run_output WHERE run IN (SELECT id FROM"
                         " temp.kept_run))"
                         " AND created < ?",
                         DB_BIND(DB_INT(now_micros - HOUR_NS / 1000)), err));
    result->n_snapshots = (size_t)tend_db_changes(db);
    return TEND_OK;
}

/* Step two: objects */

static tend_status find_needed(tend_db *db, tend_dict *out_needed, tend_error *err) {
    tend_db_rows rows;
    TEND_TRY(tend_db_select(&rows, db,
                            "SELECT bundle FROM version UNION SELECT digest FROM cache_output"
                            " UNION SELECT digest FROM snapshot UNION SELECT object FROM snapshot_object"
                            " UNION SELECT digest FROM run_output WHERE run IN (SELECT id FROM temp.kept_run)",
                            DB_NONE, err));
    while (tend_db_next(&rows)) {
        tend_digest digest = tend_db_digest(&rows, 0);
        tend_dict_add(out_needed, digest.bytes, sizeof digest.bytes, NULL);
    }
    return tend_db_close_rows(&rows, err);
}

static tend_status sweep_objects(tend_store *store, const tend_dict *needed, int64_t now_ns, bool dry, tend_arena *arena,
                                 tend_gc_result *result, tend_error *err) {
    tend_object *all;
    size_t n;
    TEND_TRY(tend_objects_list(&store->objects, arena, &all, &n, err));
    result->objects = all; /* those to go move to the front */
    for (size_t i = 0; i < n; i++) {
        tend_object object = all[i];
        bool keep = object.modified_ns > now_ns - HOUR_NS || tend_dict_find(needed, object.digest.bytes, sizeof object.digest.bytes) >= 0;
        if (keep) {
            result->kept_objects++;
            result->kept_bytes += object.size;
            continue;
        }
        if (!dry)
            TEND_TRY(tend_objects_remove(&store->objects, &object.digest, err));
        result->objects[result->n_objects++] = object;
        result->bytes += object.size;
    }
    return TEND_OK;
}

static tend_status sweep_leftovers(tend_store *store, int64_t now_ns, bool dry, tend_gc_result *result, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    char **paths;
    size_t n;
    TEND_TRY(tend_objects_list_leftovers(&store->objects, now_ns - HOUR_NS, arena, &paths, &n, err));
    for (size_t i = 0; i < n; i++) {
        tend_file_stamp stamp;
        if (tend_fs_stamp(paths[i], &stamp, NULL) == TEND_OK)
            result->bytes += stamp.size;
        if (!dry)
            TEND_TRY(tend_fs_remove(paths[i], err));
        result->n_leftovers++;
    }
    return TEND_OK;
}

static tend_status sweep(tend_store *store, const tend_gc_options *options, int64_t now_ns, tend_arena *arena, tend_gc_result *result,
                         tend_error *err) {
    TEND_AUTO(tend_dict) *needed = tend_dict_new();
    TEND_TRY(find_kept_runs(store, options, err));
    TEND_TRY(find_needed(&store->db, needed, err));
    TEND_TRY(sweep_objects(store, needed, now_ns, options->dry, arena, result, err));
    return sweep_leftovers(store, now_ns, options->dry, result, err);
}

/* Told only: both steps in one transaction, which is taken back. */
static tend_status rehearse(tend_store *store, const tend_gc_options *options, int64_t now_ns, int64_t now_micros, tend_arena *arena,
                            tend_gc_result *result, tend_error *err) {
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_LAZY, err));
    tend_status status = drop_rows(store, options, now_micros, result, err);
    if (status == TEND_OK)
        status = sweep(store, options, now_ns, arena, result, err);
    tend_status undone = tend_db_end(&store->db, TEND_CANCELLED, NULL);
    (void)undone;
    return status;
}

static tend_status collect(tend_store *store, const tend_gc_options *options, tend_arena *arena, tend_gc_result *result, tend_error *err) {
    tend_db *db = &store->db;
    int64_t now_ns = options->now_ns ? options->now_ns : tend_file_now();
    int64_t now_micros = options->now_ns ? options->now_ns / 1000 : tend_clock_micros();
    if (options->dry)
        return rehearse(store, options, now_ns, now_micros, arena, result, err);
    TEND_TRY(tend_db_begin(db, TEND_DB_SYNC, err));
    TEND_TRY(tend_db_end(db, drop_rows(store, options, now_micros, result, err), err));
    TEND_TRY(tend_db_begin(db, TEND_DB_LAZY, err));
    return tend_db_end(db, sweep(store, options, now_ns, arena, result, err), err);
}

tend_status tend_gc(tend_store *store, const tend_gc_options *options, tend_arena *arena, tend_gc_result *out_result, tend_error *err) {
    tend_lock lock = TEND_LOCK_INIT;
    tend_gc_result result = {0};
    TEND_TRY(tend_lock_acquire(&lock, store->lock_path, options->wait_ms, err));
    tend_status status = collect(store, options, arena, &result, err);
    tend_lock_release(&lock);
    if (status == TEND_OK)
        *out_result = result;
    return status;
}
