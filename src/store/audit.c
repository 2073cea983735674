#include "store/audit.h"

#include "base/clock.h"
#include "store/audit_write.h"

#include <string.h>

static const char *or_empty(const char *text) { return text ? text : ""; }

static void hash_number(tend_sha256 *state, int64_t number) {
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)number >> (8 * i));
    tend_sha256_update(state, bytes, sizeof bytes);
}

/* Over everything in the row, in the order of docs/formats/store.md, the digest of the row
 * before first. */
static tend_digest digest_of(const tend_audit_entry *e) {
    tend_sha256 state;
    tend_sha256_init(&state);
    tend_sha256_update(&state, e->previous.bytes, sizeof e->previous.bytes);
    hash_number(&state, e->sequence);
    hash_number(&state, e->at);
    hash_number(&state, e->number);
    const char *const texts[] = {e->who, e->action, e->model, e->alias, e->before, e->after, e->why};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        tend_sha256_text(&state, texts[i]);
    return tend_sha256_final(&state);
}

static tend_status read_head(tend_db *db, int64_t *out_count, tend_digest *out_digest, tend_error *err) {
    tend_db_rows rows;
    int64_t count = -1;
    TEND_TRY(tend_db_select(&rows, db, "SELECT count, digest FROM audit_head", DB_NONE, err));
    if (tend_db_next(&rows)) {
        count = tend_db_int(&rows, 0);
        *out_digest = tend_db_digest(&rows, 1);
    }
    TEND_TRY(tend_db_close_rows(&rows, err));
    if (count < 0)
        return tend_db_damaged(db, err, "the head of the audit trail is missing");
    *out_count = count;
    return TEND_OK;
}

tend_status tend_audit_head(tend_store *store, int64_t *out_count, tend_digest *out_digest, tend_error *err) {
    int64_t count;
    tend_digest digest;
    TEND_TRY(read_head(&store->db, &count, &digest, err));
    *out_count = count;
    *out_digest = digest;
    return TEND_OK;
}

tend_status tend_audit_add(tend_db *db, const tend_audit_entry *entry, tend_error *err) {
    int64_t count;
    tend_audit_entry e = {
        .at = tend_clock_micros(),
        .who = or_empty(entry->who),
        .action = entry->action,
        .model = entry->model,
        .number = entry->number,
        .alias = or_empty(entry->alias),
        .before = or_empty(entry->before),
        .after = or_empty(entry->after),
        .why = or_empty(entry->why),
    };
    TEND_TRY(read_head(db, &count, &e.previous, err));
    e.sequence = count + 1;
    e.digest = digest_of(&e);
    TEND_TRY(tend_db_run(db,
                         "INSERT INTO audit (sequence, at, who, action, model, number, alias, before, after, why,"
                         " previous,"
                         " digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         DB_BIND(DB_INT(e.sequence), DB_INT(e.at), DB_TEXT(e.who), DB_TEXT(e.action), DB_TEXT(e.model), DB_INT(e.number),
                                 DB_TEXT(e.alias), DB_TEXT(e.before), DB_TEXT(e.after), DB_TEXT(e.why), DB_DIGEST(&e.previous),
                                 DB_DIGEST(&e.digest)),
                         err));
    return tend_db_run(db, "UPDATE audit_head SET count = ?, digest = ?", DB_BIND(DB_INT(e.sequence), DB_DIGEST(&e.digest)), err);
}

#define AUDIT_COLUMNS "sequence, at, who, action, model, number, alias, before, after, why, previous, digest"

static void read_entry(tend_db_rows *rows, tend_arena *arena, tend_audit_entry *out) {
    *out = (tend_audit_entry){
        .sequence = tend_db_int(rows, 0),
        .at = tend_db_int(rows, 1),
        .who = tend_db_text(rows, 2, arena),
        .action = tend_db_text(rows, 3, arena),
        .model = tend_db_text(rows, 4, arena),
        .number = tend_db_int(rows, 5),
        .alias = tend_db_text(rows, 6, arena),
        .before = tend_db_text(rows, 7, arena),
        .after = tend_db_text(rows, 8, arena),
        .why = tend_db_text(rows, 9, arena),
    };
    out->previous = tend_db_digest(rows, 10);
    out->digest = tend_db_digest(rows, 11);
}

tend_status tend_audit_list(tend_store *store, const char *model, size_t limit, tend_arena *arena, tend_audit_entry **out_entries,
                            size_t *out_n, tend_error *err) {
    tend_db_rows rows;
    tend_audit_entry *entries = NULL;
    size_t n = 0;
    TEND_TRY(tend_db_select(&rows, &store->db,
                            "SELECT * FROM (SELECT " AUDIT_COLUMNS " FROM audit WHERE ?1 IS NULL OR model = ?1"
                            " ORDER BY sequence DESC LIMIT ?2) ORDER BY sequence",
                            DB_BIND(DB_TEXT(model), DB_INT(limit ? (int64_t)limit : -1)), err));
    while (tend_db_next(&rows)) {
        entries = tend_db_grow(arena, entries, n, sizeof *entries);
        read_entry(&rows, arena, &entries[n++]);
    }
    TEND_TRY(tend_db_close_rows(&rows, err));
    *out_entries = entries;
    *out_n = n;
    return TEND_OK;
}

/* Verifying */

static tend_status broken(const tend_db *db, int64_t sequence, const char *how, tend_error *err) {
    tend_status status =
        TEND_FAIL(err, CORRUPT, "the audit trail in '%s' has been tampered with: row %lld %s", db->path, (long long)sequence, how);
    return tend_error_hint(err, status, "compare with a copy of the database; do not trust the registry's state until then");
}

/* `last` is the row before, all zeros at the beginning. */
static tend_status check_entry(const tend_db *db, const tend_audit_entry *e, const tend_audit_entry *last, tend_error *err) {
    tend_digest digest = digest_of(e);
    if (e->sequence != last->sequence + 1)
        return broken(db, last->sequence + 1, "is missing", err);
    if (!tend_digest_eq(&digest, &e->digest))
        return broken(db, e->sequence, "is not what its digest was made of", err);
    if (!tend_digest_eq(&e->previous, &last->digest))
        return broken(db, e->sequence, "does not follow from the row before it", err);
    return TEND_OK;
}

static tend_status check_chain(tend_db *db, tend_audit_entry *out_last, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_db_rows rows;
    tend_status status = TEND_OK;
    TEND_TRY(tend_db_select(&rows, db, "SELECT " AUDIT_COLUMNS " FROM audit ORDER BY sequence", DB_NONE, err));
    while (status == TEND_OK && tend_db_next(&rows)) {
        tend_audit_entry entry;
        read_entry(&rows, arena, &entry);
        status = check_entry(db, &entry, out_last, err);
        *out_last = (tend_audit_entry){.sequence = entry.sequence, .digest = entry.digest};
        tend_arena_clear(arena);
    }
    tend_status closed = tend_db_close_rows(&rows, status == TEND_OK ? err : NULL);
    return status == TEND_OK ? closed : status;
}

/* Questions whose every answer (model, number or name) contradicts the trail. */
static const struct {
    const char *sql, *noun, *what;
} contradictions[] = {
    {"SELECT model, number FROM version v WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.action ="
     " 'register'"
     " AND a.model = v.model AND a.number = v.number AND a.after = v.bundle) LIMIT 1",
     "version", "was never registered with its bundle"},
    {"SELECT model, number FROM audit a WHERE a.action = 'register' AND NOT EXISTS (SELECT 1 FROM"
     " version v"
     " WHERE a.model = v.model AND a.number = v.number) LIMIT 1",
     "version", "was registered and is missing"},
    {"SELECT model, name FROM alias x WHERE CAST(number AS TEXT) IS NOT (SELECT after FROM audit a"
     " WHERE a.model = x.model AND a.alias = x.name ORDER BY sequence DESC LIMIT 1) LIMIT 1",
     "alias", "does not point where the trail left it"},
    {"SELECT model, alias FROM audit a WHERE alias != '' AND NOT EXISTS (SELECT 1 FROM alias x"
     " WHERE x.model = a.model AND x.name = a.alias) LIMIT 1",
     "alias", "was set and is missing"},
    {"SELECT model, number FROM version v WHERE stage IS NOT coalesce((SELECT after FROM audit a"
     " WHERE a.action = 'stage' AND a.model = v.model AND a.number = v.number ORDER BY sequence"
     " DESC LIMIT 1), 'none')"
     " LIMIT 1",
     "version", "is not in the stage where the trail left it"},
};

static tend_status check_registry(tend_db *db, size_t i, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_db_rows rows;
    const char *model = NULL, *which = NULL;
    TEND_TRY(tend_db_select(&rows, db, contradictions[i].sql, DB_NONE, err));
    if (tend_db_next(&rows)) {
        model = tend_db_text(&rows, 0, arena);
        which = tend_db_text(&rows, 1, arena);
    }
    TEND_TRY(tend_db_close_rows(&rows, err));
    if (!model)
        return TEND_OK;
    tend_status status = TEND_FAIL(err, CORRUPT, "the registry in '%s' has been tampered with: %s '%s' of '%s' %s", db->path,
                                   contradictions[i].noun, which, model, contradictions[i].what);
    return tend_error_hint(err, status, "the audit trail tells what it must be");
}

static tend_status verify(tend_db *db, tend_error *err) {
    int64_t count;
    tend_digest head;
    tend_audit_entry last = {0};
    TEND_TRY(check_chain(db, &last, err));
    TEND_TRY(read_head(db, &count, &head, err));
    if (last.sequence < count)
        return broken(db, last.sequence + 1, "and all after it are missing", err);
    if (last.sequence > count || !tend_digest_eq(&head, &last.digest))
        return broken(db, last.sequence, "is not the one that the head names", err);
    for (size_t i = 0; i < sizeof contradictions / sizeof *contradictions; i++)
        TEND_TRY(check_registry(db, i, err));
    return TEND_OK;
}

/* In one read transaction, so that a change that happens meanwhile is seen whole or not at all. */
tend_status tend_audit_verify(tend_store *store, tend_error *err) {
    TEND_TRY(tend_db_run(&store->db, "BEGIN", DB_NONE, err));
    return tend_db_end(&store->db, verify(&store->db, err), err);
}
