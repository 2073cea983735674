#include "store/db.h"

#include "base/buf.h"
#include "store/pages.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_MS = 10000 };

/* Errors */

static tend_status with_remedy(tend_status status, tend_error *err) {
    return tend_error_hint(err, status,
                           "put a copy back if there is one; else move it away with its -wal and -shm, and `tend run`"
                           " starts a "
                           "new one, without the history of runs and versions");
}

tend_status tend_db_damaged(const tend_db *db, tend_error *err, const char *format, ...) {
    char what[400];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return with_remedy(TEND_FAIL(err, CORRUPT, "'%s' is damaged: %s", db->path, what), err);
}

static const char *system_reason(const tend_db *db) {
    int error_number = db->handle ? sqlite3_system_errno(db->handle) : 0;
    return error_number ? strerrordesc_np(error_number) : "the system gave no reason";
}

static tend_status io_failed(const tend_db *db, int code, tend_error *err) {
    if (code == SQLITE_IOERR_DATA)
        return tend_db_damaged(db, err, "a page of it does not have the content that was written");
    if (code == SQLITE_IOERR_CORRUPTFS)
        return tend_db_damaged(db, err, "the file system reports corrupt content");
    const char *what = code == SQLITE_IOERR_READ ? "read" : "write";
    return TEND_FAIL(err, IO, "cannot %s '%s': %s", what, db->path, system_reason(db));
}

static tend_status not_writable(const tend_db *db, tend_error *err) {
    tend_status status = TEND_FAIL(err, IO,
                                   "cannot write '%s': the file or its folder is read-only, or "
                                   "belongs to someone else",
                                   db->path);
    return tend_error_hint(err, status, "give yourself the right to write there: chmod u+w");
}

tend_status tend_db_fail(const tend_db *db, int code, tend_error *err) {
    const char *text = db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code);
    switch (code & 0xff) {
    case SQLITE_CORRUPT: return tend_db_damaged(db, err, "%s", text);
    case SQLITE_NOTADB: return tend_db_damaged(db, err, "it is not a SQLite database");
    case SQLITE_ERROR: /* our SQL is right, so the tables are not what the version number says */
    case SQLITE_MISMATCH: return tend_db_damaged(db, err, "%s", text);
    case SQLITE_IOERR: return io_failed(db, code, err);
    case SQLITE_FULL:
        return tend_error_hint(err, TEND_FAIL(err, IO, "cannot write '%s': the disk is full", db->path),
                               "make room (`tend gc` removes what is not needed) and try again");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return not_writable(db, err);
    case SQLITE_CANTOPEN: return TEND_FAIL(err, IO, "cannot open '%s': %s", db->path, system_reason(db));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return TEND_FAIL(err, BUSY,
                         "'%s' is being written by another process, which has not ended within "
                         "%d seconds",
                         db->path, BUSY_MS / 1000);
    default: return TEND_FAIL(err, BUG, "'%s': unexpected answer of SQLite: %s (%d)", db->path, text, code);
    }
}

/* Opening */

/* For a path that SQLite will read as a URI: what has a meaning there is escaped. */
static char *uri_of(tend_arena *arena, const char *path) {
    tend_buf uri = TEND_BUF_INIT;
    tend_buf_puts(&uri, "file:");
    for (const char *c = path; *c; c++)
        if (*c == '%' || *c == '?' || *c == '#')
            tend_buf_printf(&uri, "%%%02X", (unsigned)(unsigned char)*c);
        else
            tend_buf_putc(&uri, *c);
    tend_buf_puts(&uri, "?immutable=1");
    char *copy = tend_arena_strdup(arena, tend_buf_text(&uri));
    tend_buf_done(&uri);
    return copy;
}

/* A reader of a WAL database makes its shared-memory file beside it. Where nothing can be made,
 * and no log waits to be read, the file is opened as one that cannot change. */
static bool must_be_immutable(tend_arena *arena, const char *path) {
    const char *wal = tend_arena_printf(arena, "%s-wal", path);
    struct stat info;
    return access(tend_path_dir(arena, path), W_OK) != 0 && (stat(wal, &info) != 0 || info.st_size == 0);
}

static int open_handle(tend_db *db, tend_store_mode mode) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *vfs = tend_pages_vfs();
    if (!vfs)
        return SQLITE_NOMEM;
    /* The prefix keeps names such as ":memory:" and "file:x" from meaning something to SQLite. */
    const char *name = tend_arena_printf(arena, "%s%s", *db->path == '/' ? "" : "./", db->path);
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (mode == TEND_STORE_WRITE)
        flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    else if (must_be_immutable(arena, db->path)) {
        flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
        name = uri_of(arena, name);
    } else /* who may write may also roll back what a killed process has left; a reader that may not cannot open such a file */
        flags |= access(db->path, W_OK) == 0 ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    return sqlite3_open_v2(name, &db->handle, flags, vfs);
}

static void configure(sqlite3 *handle) {
    int reserved = TEND_PAGES_RESERVED;
    sqlite3_busy_timeout(handle, BUSY_MS);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved); /* counts for a new file only */
}

tend_status tend_db_open(tend_db *db, const char *path, tend_store_mode mode, tend_error *err) {
    *db = (tend_db){.path = path, .sync = TEND_DB_SYNC};
    int code = open_handle(db, mode);
    tend_status status = TEND_OK;
    if (code != SQLITE_OK) {
        bool denied = code == SQLITE_CANTOPEN && mode == TEND_STORE_WRITE && (errno == EACCES || errno == EROFS);
        status = denied ? not_writable(db, err) : tend_db_fail(db, code, err);
    } else {
        configure(db->handle);
        if (mode == TEND_STORE_READ)
            sqlite3_exec(db->handle, "PRAGMA query_only = 1", NULL, NULL, NULL);
        status = tend_db_migrate(db, mode, err);
    }
    if (status != TEND_OK)
        tend_db_close(db);
    return status;
}

void tend_db_close(tend_db *db) {
    for (int i = 0; i < db->n_statements; i++)
        sqlite3_finalize(db->statements[i].statement);
    db->n_statements = 0;
    sqlite3_close(db->handle);
    db->handle = NULL;
}

/* Statements */

static int find_statement(tend_db *db, const char *sql, sqlite3_stmt **out) {
    for (int i = 0; i < db->n_statements; i++)
        if (db->statements[i].sql == sql) {
            *out = db->statements[i].statement;
            return SQLITE_OK;
        }
    if (db->n_statements == TEND_DB_STATEMENTS)
        return SQLITE_MISUSE; /* more SQL texts in this room than the table holds: make it larger */
    int code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
    if (code == SQLITE_OK) {
        db->statements[db->n_statements].sql = sql;
        db->statements[db->n_statements++].statement = *out;
    }
    return code;
}

static int bind_value(sqlite3_stmt *statement, int i, const tend_db_value *value) {
    char hex[TEND_DIGEST_HEX];
    switch (value->kind) {
    case DB_KIND_INT: return sqlite3_bind_int64(statement, i, value->integer);
    case DB_KIND_REAL: return sqlite3_bind_double(statement, i, value->real);
    case DB_KIND_TEXT: return sqlite3_bind_text(statement, i, value->text, -1, SQLITE_STATIC);
    case DB_KIND_DIGEST:
        if (!value->digest)
            return sqlite3_bind_null(statement, i);
        tend_digest_format(value->digest, hex);
        return sqlite3_bind_text(statement, i, hex, TEND_DIGEST_HEX - 1, SQLITE_TRANSIENT);
    }
    return SQLITE_MISUSE;
}

tend_status tend_db_select(tend_db_rows *rows, tend_db *db, const char *sql, const tend_db_value *values, int n, tend_error *err) {
    sqlite3_stmt *statement = NULL;
    int code = find_statement(db, sql, &statement);
    if (code != SQLITE_OK)
        return tend_db_fail(db, code, err);
    assert(sqlite3_bind_parameter_count(statement) == n && !sqlite3_stmt_busy(statement));
    for (int i = 0; i < n && code == SQLITE_OK; i++)
        code = bind_value(statement, i + 1, &values[i]);
    if (code == SQLITE_TOOBIG)
        return TEND_FAIL(err, LIMIT, "a text is too long for the database '%s'", db->path);
    if (code != SQLITE_OK)
        return tend_db_fail(db, code, err);
    *rows = (tend_db_rows){db, statement, SQLITE_ROW};
    return TEND_OK;
}

bool tend_db_next(tend_db_rows *rows) {
    if (rows->code == SQLITE_ROW)
        rows->code = sqlite3_step(rows->statement);
    return rows->code == SQLITE_ROW;
}

/* SQLITE_ROW: the caller had enough. */
tend_status tend_db_close_rows(tend_db_rows *rows, tend_error *err) {
    tend_status status = TEND_OK;
    if (rows->code == SQLITE_MISMATCH)
        status = tend_db_damaged(rows->db, err, "there is no digest where one must be (in \"%.200s\")", sqlite3_sql(rows->statement));
    else if (rows->code != SQLITE_DONE && rows->code != SQLITE_ROW)
        status = tend_db_fail(rows->db, rows->code, err);
    sqlite3_reset(rows->statement);
    sqlite3_clear_bindings(rows->statement);
    return status;
}

tend_status tend_db_run(tend_db *db, const char *sql, const tend_db_value *values, int n, tend_error *err) {
    tend_db_rows rows;
    TEND_TRY(tend_db_select(&rows, db, sql, values, n, err));
    while (tend_db_next(&rows))
        ;
    return tend_db_close_rows(&rows, err);
}

int tend_db_changes(const tend_db *db) { return sqlite3_changes(db->handle); }

int64_t tend_db_int(const tend_db_rows *rows, int column) { return sqlite3_column_int64(rows->statement, column); }

double tend_db_real(const tend_db_rows *rows, int column) {
    bool is_null = sqlite3_column_type(rows->statement, column) == SQLITE_NULL;
    return is_null ? (double)NAN : sqlite3_column_double(rows->statement, column);
}

const char *tend_db_text(const tend_db_rows *rows, int column, tend_arena *arena) {
    const unsigned char *text = sqlite3_column_text(rows->statement, column);
    size_t size = (size_t)sqlite3_column_bytes(rows->statement, column);
    return text ? tend_arena_strndup(arena, (const char *)text, size) : NULL;
}

tend_digest tend_db_digest(tend_db_rows *rows, int column) {
    tend_digest digest = {{0}};
    const unsigned char *text = sqlite3_column_text(rows->statement, column);
    if (text && !tend_digest_parse((const char *)text, &digest))
        rows->code = SQLITE_MISMATCH; /* ends the loop; close_rows reports it */
    return digest;
}

tend_status tend_db_ask(tend_db *db, const char *sql, const tend_db_value *values, int n, int64_t *out_number, bool *out_found,
                        tend_error *err) {
    tend_db_rows rows;
    int64_t number = 0;
    TEND_TRY(tend_db_select(&rows, db, sql, values, n, err));
    bool found = tend_db_next(&rows) && sqlite3_column_type(rows.statement, 0) != SQLITE_NULL;
    if (found)
        number = tend_db_int(&rows, 0);
    TEND_TRY(tend_db_close_rows(&rows, err));
    *out_number = number;
    *out_found = found;
    return TEND_OK;
}

/* Transactions */

tend_status tend_db_begin(tend_db *db, tend_db_sync sync, tend_error *err) {
    if (db->sync != sync) {
        if (sync == TEND_DB_SYNC)
            TEND_TRY(tend_db_run(db, "PRAGMA synchronous = FULL", DB_NONE, err));
        else
            TEND_TRY(tend_db_run(db, "PRAGMA synchronous = NORMAL", DB_NONE, err));
        db->sync = sync;
    }
    return tend_db_run(db, "BEGIN IMMEDIATE", DB_NONE, err);
}

tend_status tend_db_end(tend_db *db, tend_status status, tend_error *err) {
    if (status == TEND_OK)
        status = tend_db_run(db, "COMMIT", DB_NONE, err);
    if (status != TEND_OK && !sqlite3_get_autocommit(db->handle)) {
        tend_status undone = tend_db_run(db, "ROLLBACK", DB_NONE, NULL);
        (void)undone; /* a transaction left open ends with the connection at the latest */
    }
    return status;
}

void *tend_db_grow(tend_arena *arena, void *items, size_t n, size_t item_size) {
    if ((n & (n - 1)) == 0)
        items = tend_arena_grow(arena, items, n * item_size, tend_mul_or_die(n ? 2 * n : 1, item_size));
    memset((char *)items + n * item_size, 0, item_size);
    return items;
}
