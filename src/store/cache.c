#include "store/cache.h"

#include "base/clock.h"
#include "store/db.h"

#define TOUCH_AFTER INT64_C(3600000000) /* an hour, in microseconds */

static const char *text_or(const char *text, const char *fallback) { return text ? text : fallback; }

/* Reading */

static tend_status read_outputs(tend_db *db, tend_arena *arena, tend_cache_entry *entry, tend_error *err) {
    tend_db_rows rows;
    tend_cache_output *outputs = NULL;
    size_t n = 0;
    TEND_TRY(tend_db_select(&rows, db, "SELECT name, digest FROM cache_output WHERE key = ? ORDER BY position",
                            DB_BIND(DB_DIGEST(&entry->key)), err));
    while (tend_db_next(&rows)) {
        outputs = tend_db_grow(arena, outputs, n, sizeof *outputs);
        outputs[n].name = tend_db_text(&rows, 0, arena);
        outputs[n++].digest = tend_db_digest(&rows, 1);
    }
    TEND_TRY(tend_db_close_rows(&rows, err));
    entry->outputs = outputs;
    entry->n_outputs = n;
    return TEND_OK;
}

static bool has_all(const tend_objects *objects, const tend_cache_entry *entry) {
    for (size_t i = 0; i < entry->n_outputs; i++)
        if (!tend_objects_has(objects, &entry->outputs[i].digest))
            return false;
    return true;
}

tend_status tend_cache_get(tend_store *store, const tend_digest *key, tend_arena *arena, tend_cache_entry **out_entry, tend_error *err) {
    tend_db *db = &store->db;
    tend_db_rows rows;
    tend_cache_entry *entry = NULL;
    TEND_TRY(tend_db_select(&rows, db, "SELECT step, meta, created, used FROM cache WHERE key = ?", DB_BIND(DB_DIGEST(key)), err));
    if (tend_db_next(&rows)) {
        entry = TEND_NEW(arena, tend_cache_entry);
        entry->key = *key;
        entry->step = tend_db_text(&rows, 0, arena);
        entry->meta = tend_db_text(&rows, 1, arena);
        entry->created = tend_db_int(&rows, 2);
        entry->used = tend_db_int(&rows, 3);
    }
    TEND_TRY(tend_db_close_rows(&rows, err));
    if (entry)
        TEND_TRY(read_outputs(db, arena, entry, err));
    *out_entry = entry && has_all(&store->objects, entry) ? entry : NULL;
    return TEND_OK;
}

tend_status tend_cache_list(tend_store *store, const char *step, size_t limit, tend_arena *arena, tend_cache_entry **out_entries,
                            size_t *out_n, tend_error *err) {
    tend_db_rows rows;
    tend_cache_entry *entries = NULL;
    size_t n = 0;
    TEND_TRY(tend_db_select(&rows, &store->db,
                            "SELECT key, step, meta, created, used FROM cache WHERE ?1 IS NULL OR step = ?1"
                            " ORDER BY created DESC, key LIMIT ?2",
                            DB_BIND(DB_TEXT(step), DB_INT(limit ? (int64_t)limit : -1)), err));
    while (tend_db_next(&rows)) {
        entries = tend_db_grow(arena, entries, n, sizeof *entries);
        tend_cache_entry *entry = &entries[n++];
        entry->key = tend_db_digest(&rows, 0);
        entry->step = tend_db_text(&rows, 1, arena);
        entry->meta = tend_db_text(&rows, 2, arena);
        entry->created = tend_db_int(&rows, 3);
        entry->used = tend_db_int(&rows, 4);
    }
    TEND_TRY(tend_db_close_rows(&rows, err));
    for (size_t i = 0; i < n; i++)
        TEND_TRY(read_outputs(&store->db, arena, &entries[i], err));
    *out_entries = entries;
    *out_n = n;
    return TEND_OK;
}

/* Writing */

static tend_status put_output(tend_store *store, const tend_cache_entry *entry, size_t i, tend_error *err) {
    const tend_cache_output *output = &entry->outputs[i];
    uint64_t size;
    TEND_TRY_WRAP(tend_objects_size(&store->objects, &output->digest, &size, err), err, "remembering the output '%s' of step %s",
                  output->name, entry->step);
    return tend_db_run(&store->db, "INSERT INTO cache_output (key, position, name, digest) VALUES (?, ?, ?, ?)",
                       DB_BIND(DB_DIGEST(&entry->key), DB_INT(i), DB_TEXT(output->name), DB_DIGEST(&output->digest)), err);
}

static tend_status remove_entry(tend_store *store, const tend_digest *key, tend_error *err) {
    return tend_db_run(&store->db, "DELETE FROM cache WHERE key = ?", DB_BIND(DB_DIGEST(key)), err);
}

static tend_status put_entry(tend_store *store, const tend_cache_entry *entry, tend_error *err) {
    int64_t now = tend_clock_micros();
    TEND_TRY(remove_entry(store, &entry->key, err));
    TEND_TRY(tend_db_run(
        &store->db, "INSERT INTO cache (key, step, meta, created, used) VALUES (?, ?, ?, ?, ?)",
        DB_BIND(DB_DIGEST(&entry->key), DB_TEXT(text_or(entry->step, "")), DB_TEXT(text_or(entry->meta, "{}")), DB_INT(now), DB_INT(now)),
        err));
    for (size_t i = 0; i < entry->n_outputs; i++)
        TEND_TRY(put_output(store, entry, i, err));
    return TEND_OK;
}

tend_status tend_cache_put(tend_store *store, const tend_cache_entry *entry, tend_error *err) {
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_LAZY, err));
    return tend_db_end(&store->db, put_entry(store, entry, err), err);
}

tend_status tend_cache_remove(tend_store *store, const tend_digest *key, tend_error *err) {
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_LAZY, err));
    return tend_db_end(&store->db, remove_entry(store, key, err), err);
}

bool tend_cache_is_old(const tend_cache_entry *entry) { return entry->used < tend_clock_micros() - TOUCH_AFTER; }

/* Reading first keeps a run that has nothing to do from taking the write lock. */
static tend_status find_old(tend_db *db, const tend_digest *key, int64_t now, bool *out_old, tend_error *err) {
    int64_t one;
    return tend_db_ask(db, "SELECT 1 FROM cache WHERE key = ? AND used < ?", DB_BIND(DB_DIGEST(key), DB_INT(now - TOUCH_AFTER)), &one,
                       out_old, err);
}

static tend_status touch_all(tend_db *db, const tend_digest *keys, size_t n, int64_t now, tend_error *err) {
    for (size_t i = 0; i < n; i++)
        TEND_TRY(tend_db_run(db, "UPDATE cache SET used = ? WHERE key = ?", DB_BIND(DB_INT(now), DB_DIGEST(&keys[i])), err));
    return TEND_OK;
}

tend_status tend_cache_touch(tend_store *store, const tend_digest *keys, size_t n, tend_error *err) {
    int64_t now = tend_clock_micros();
    bool old = false;
    for (size_t i = 0; i < n && !old; i++)
        TEND_TRY(find_old(&store->db, &keys[i], now, &old, err));
    if (!old)
        return TEND_OK;
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_LAZY, err));
    return tend_db_end(&store->db, touch_all(&store->db, keys, n, now, err), err);
}
