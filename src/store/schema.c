/* The tables, and how a database comes from one version to the next. docs/formats/store.md
 * explains every column.
 *
 * A version, once released, is never edited: a change is a new row of `versions`, applied to
 * what is there. */
#include "store/db.h"

#include "base/clock.h"
#include "store/pages.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#define APPLICATION_ID 0x74656e64 /* "tend" */
#define QUOTE_(x)      #x
#define QUOTE(x)       QUOTE_(x)

static const char version_1[] =
    /* What need not be done again. */
    "CREATE TABLE cache (key TEXT PRIMARY KEY, step TEXT NOT NULL, meta TEXT NOT NULL,"
    " created INTEGER NOT NULL, used INTEGER NOT NULL) STRICT;"
    "CREATE INDEX cache_step ON cache (step, created);"
    "CREATE TABLE cache_output (key TEXT NOT NULL REFERENCES cache ON DELETE CASCADE, position"
    " INTEGER NOT NULL,"
    " name TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (key, position), UNIQUE (key, name))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE file (path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,"
    " ctime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, device INTEGER NOT NULL, stamped_ns"
    " INTEGER NOT NULL,"
    " digest TEXT NOT NULL, rows INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    /* Runs. The long texts come last, so that lists do not read them. */
    "CREATE TABLE run (id TEXT PRIMARY KEY, project TEXT, experiment TEXT, parent TEXT, status"
    " TEXT NOT NULL,"
    " started INTEGER NOT NULL, ended INTEGER, command TEXT, user TEXT, host TEXT, git_commit TEXT,"
    " git_dirty INTEGER NOT NULL, version TEXT, config_digest TEXT NOT NULL, pid INTEGER NOT NULL,"
    " pid_started INTEGER NOT NULL, boot TEXT NOT NULL, lock TEXT, document TEXT) STRICT;"
    "CREATE INDEX run_started ON run (started, id);"
    "CREATE TABLE run_step (run TEXT NOT NULL REFERENCES run, position INTEGER NOT NULL, name TEXT"
    " NOT NULL,"
    " status TEXT NOT NULL, key TEXT NOT NULL, seconds REAL, reason TEXT, PRIMARY KEY (run, name))"
    " STRICT;"
    "CREATE INDEX run_step_key ON run_step (key);"
    "CREATE TABLE run_output (run TEXT NOT NULL, step TEXT NOT NULL, position INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " digest TEXT NOT NULL, PRIMARY KEY (run, step, position),"
    " FOREIGN KEY (run, step) REFERENCES run_step (run, name) ON DELETE CASCADE) STRICT, WITHOUT"
    " ROWID;"
    "CREATE TABLE run_param (run TEXT NOT NULL REFERENCES run, name TEXT NOT NULL, value TEXT NOT"
    " NULL,"
    " PRIMARY KEY (run, name)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE run_metric (run TEXT NOT NULL REFERENCES run, name TEXT NOT NULL, split TEXT NOT"
    " NULL,"
    " step INTEGER NOT NULL, value REAL, low REAL, high REAL, PRIMARY KEY (run, name, split, step))"
    " STRICT, WITHOUT ROWID;"
    /* Snapshots. */
    "CREATE TABLE snapshot (digest TEXT PRIMARY KEY, rows INTEGER NOT NULL, columns INTEGER NOT"
    " NULL,"
    " created INTEGER NOT NULL, manifest TEXT NOT NULL) STRICT;"
    "CREATE TABLE snapshot_object (snapshot TEXT NOT NULL REFERENCES snapshot ON DELETE CASCADE,"
    " position INTEGER NOT NULL, object TEXT NOT NULL, PRIMARY KEY (snapshot, position)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE TABLE snapshot_name (name TEXT PRIMARY KEY, snapshot TEXT NOT NULL REFERENCES snapshot,"
    " updated INTEGER NOT NULL) STRICT;"
    "CREATE INDEX snapshot_name_of ON snapshot_name (snapshot);"
    /* The registry. */
    "CREATE TABLE model (name TEXT PRIMARY KEY, created INTEGER NOT NULL) STRICT;"
    "CREATE TABLE version (model TEXT NOT NULL REFERENCES model, number INTEGER NOT NULL CHECK"
    " (number > 0),"
    " bundle TEXT NOT NULL, size INTEGER NOT NULL, run TEXT, created INTEGER NOT NULL, gates TEXT"
    " NOT NULL,"
    " stage TEXT NOT NULL, metrics TEXT NOT NULL, description TEXT NOT NULL, PRIMARY KEY (model,"
    " number),"
    " UNIQUE (model, bundle)) STRICT;"
    "CREATE TABLE alias (model TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL, updated"
    " INTEGER NOT NULL,"
    " PRIMARY KEY (model, name), FOREIGN KEY (model, number) REFERENCES version) STRICT;"
    "CREATE TRIGGER version_is_immutable BEFORE UPDATE OF model, number, bundle, size, run,"
    " created, gates, metrics"
    " ON version BEGIN SELECT RAISE(ABORT, 'versions are immutable'); END;"
    "CREATE TRIGGER version_is_kept BEFORE DELETE ON version"
    " BEGIN SELECT RAISE(ABORT, 'versions are never deleted'); END;"
    /* The audit trail. Its head (how many rows, the last one's digest) shows rows cut off at the
     * end. */
    "CREATE TABLE audit (sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL,"
    " action TEXT NOT NULL,"
    " model TEXT NOT NULL, number INTEGER NOT NULL, alias TEXT NOT NULL, before TEXT NOT NULL,"
    " after TEXT NOT NULL,"
    " why TEXT NOT NULL, previous TEXT NOT NULL, digest TEXT NOT NULL) STRICT;"
    "CREATE INDEX audit_model ON audit (model, alias, sequence);"
    "CREATE TABLE audit_head (one INTEGER PRIMARY KEY CHECK (one = 1), count INTEGER NOT NULL,"
    " digest TEXT NOT NULL)"
    " STRICT;"
    "INSERT INTO audit_head VALUES (1, 0,"
    " '0000000000000000000000000000000000000000000000000000000000000000');"
    "CREATE TRIGGER audit_in_order BEFORE INSERT ON audit"
    " WHEN NEW.sequence IS NOT (SELECT count + 1 FROM audit_head)"
    " BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;"
    "CREATE TRIGGER audit_is_final BEFORE UPDATE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;"
    "CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;"
    "PRAGMA application_id = " QUOTE(APPLICATION_ID) ";"
                                                     "PRAGMA user_version = 1;";

/* versions[i] brings a database of version i to version i + 1. */
static const char *const versions[] = {version_1};
enum { CURRENT = sizeof versions / sizeof *versions };

static tend_status exec(tend_db *db, const char *sql, tend_error *err) {
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? TEND_OK : tend_db_fail(db, code, err);
}

static tend_status read_version(tend_db *db, int64_t *out_version, tend_error *err) {
    bool found;
    return tend_db_ask(db, "PRAGMA user_version", DB_NONE, out_version, &found, err);
}

/* Where SQLite's file format has them. */
enum { HEADER_SIZE = 100, AT_RESERVED = 20, AT_APPLICATION = 68 };

static uint32_t big_endian(const unsigned char *at) { return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]; }

/* Looked at before SQLite does, since another application's pages have no sums and would all
 * seem damaged. One of ours that is just being made has no application number yet, but the
 * reserved bytes. */
static bool is_strange(const unsigned char header[HEADER_SIZE]) {
    return memcmp(header, "SQLite format 3", 16) == 0 && header[AT_RESERVED] != TEND_PAGES_RESERVED &&
           big_endian(header + AT_APPLICATION) != APPLICATION_ID;
}

static tend_status check_owner(const tend_db *db, tend_error *err) {
    unsigned char header[HEADER_SIZE];
    int fd = open(db->path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : pread(fd, header, sizeof header, 0);
    if (fd >= 0)
        close(fd);
    if (n < (ssize_t)sizeof header || !is_strange(header))
        return TEND_OK; /* what else may be wrong with it, SQLite tells */
    tend_status status = TEND_FAIL(err, CORRUPT, "'%s' is a database, but not one of tend's", db->path);
    return tend_error_hint(err, status, "move it away, or give another path under store.meta in tend.yaml");
}

static tend_status too_new(const tend_db *db, int64_t version, tend_error *err) {
    tend_status status = TEND_FAIL(err, UNSUPPORTED,
                                   "'%s' was written by a newer tend: its format is %lld, and this tend "
                                   "reads up to %d",
                                   db->path, (long long)version, CURRENT);
    return tend_error_hint(err, status, "install that newer tend, or use another folder");
}

/* Others may be creating it at the same moment. Changing to WAL does not wait by itself. */
static tend_status use_wal(tend_db *db, tend_error *err) {
    double start = tend_clock_seconds();
    int code;
    while ((code = sqlite3_exec(db->handle, "PRAGMA page_size = " QUOTE(TEND_PAGES_SIZE) "; PRAGMA journal_mode = WAL", NULL, NULL,
                                NULL)) == SQLITE_BUSY &&
           tend_clock_seconds() - start < 10)
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    return code == SQLITE_OK ? TEND_OK : tend_db_fail(db, code, err);
}

/* Within the write lock: whoever came first has done it. */
static tend_status upgrade(tend_db *db, tend_error *err) {
    int64_t version;
    TEND_TRY(read_version(db, &version, err));
    for (; version < CURRENT; version++)
        TEND_TRY(exec(db, versions[version], err));
    return TEND_OK;
}

tend_status tend_db_migrate(tend_db *db, tend_store_mode mode, tend_error *err) {
    int64_t version;
    TEND_TRY(check_owner(db, err));
    TEND_TRY(read_version(db, &version, err));
    if (version > CURRENT || version < 0)
        return too_new(db, version, err);
    if (version == CURRENT)
        return TEND_OK;
    if (version == 0 && mode == TEND_STORE_READ)
        return TEND_FAIL(err, NOT_FOUND, "'%s' is empty", db->path);
    if (version == 0)
        TEND_TRY(use_wal(db, err));
    TEND_TRY(tend_db_begin(db, TEND_DB_SYNC, err));
    return tend_db_end(db, upgrade(db, err), err);
}
