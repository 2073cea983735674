/* Private to src/store: SQLite behind a few words. Statements are prepared once per connection and
 * kept; values are bound by kind; every SQLite error becomes a tend_error in plain words, with the
 * file's path and what to do.
 *
 *     TEND_TRY(tend_db_run(db, "DELETE FROM cache WHERE key = ?", DB_BIND(DB_DIGEST(key)), err));
 *
 *     tend_db_rows rows;
 *     TEND_TRY(tend_db_select(&rows, db, "SELECT name, number FROM alias WHERE model = ?",
 *                             DB_BIND(DB_TEXT(model)), err));
 *     while (tend_db_next(&rows))
 *         use(tend_db_text(&rows, 0, arena), tend_db_int(&rows, 1));
 *     TEND_TRY(tend_db_close_rows(&rows, err));
 *
 * SQL texts must be string literals: a statement is found again by the address of its text.
 */
#ifndef TEND_STORE_DB_H
#define TEND_STORE_DB_H

#include "store/store.h"

#include <sqlite3.h>

enum { TEND_DB_STATEMENTS = 128 };

typedef enum tend_db_sync {
    TEND_DB_LAZY, /* outlives a killed process; a power cut may take the newest transactions */
    TEND_DB_SYNC  /* on disk before commit returns */
} tend_db_sync;

typedef struct tend_db {
    sqlite3 *handle;
    const char *path;
    tend_db_sync sync; /* as the connection is set now */
    int n_statements;
    struct {
        const char *sql;
        sqlite3_stmt *statement;
    } statements[TEND_DB_STATEMENTS];
} tend_db;

struct tend_store {
    tend_arena *arena;
    tend_db db;
    tend_objects objects;
    const char *folder, *lock_path;
    tend_store_mode mode;
};

/* Opens (WRITE: creates) the file and brings its tables to this version. */
tend_status tend_db_open(tend_db *db, const char *path, tend_store_mode mode, tend_error *err) TEND_MUST_USE;
void tend_db_close(tend_db *db);
/* schema.c: makes the tables of a new database, or checks that an old one is of a version we
 * know. */
tend_status tend_db_migrate(tend_db *db, tend_store_mode mode, tend_error *err) TEND_MUST_USE;

typedef struct tend_db_value {
    enum { DB_KIND_TEXT, DB_KIND_INT, DB_KIND_REAL, DB_KIND_DIGEST } kind;
    union {
        const char *text; /* NULL: SQL's NULL */
        int64_t integer;
        double real;
        const tend_digest *digest; /* stored as hexadecimal text; NULL: SQL's NULL */
    };
} tend_db_value;

#define DB_TEXT(v)   ((tend_db_value){.kind = DB_KIND_TEXT, .text = (v)})
#define DB_INT(v)    ((tend_db_value){.kind = DB_KIND_INT, .integer = (int64_t)(v)})
#define DB_REAL(v)   ((tend_db_value){.kind = DB_KIND_REAL, .real = (v)}) /* NaN: SQL's NULL */
#define DB_DIGEST(v) ((tend_db_value){.kind = DB_KIND_DIGEST, .digest = (v)})
#define DB_BIND(...) ((const tend_db_value[]){__VA_ARGS__}), (int)(sizeof((const tend_db_value[]){__VA_ARGS__}) / sizeof(tend_db_value))
#define DB_NONE      NULL, 0

/* A statement that gives no rows. */
tend_status tend_db_run(tend_db *db, const char *sql, const tend_db_value *values, int n, tend_error *err) TEND_MUST_USE;
int tend_db_changes(const tend_db *db); /* rows changed by the last one */

typedef struct tend_db_rows {
    tend_db *db;
    sqlite3_stmt *statement;
    int code;
} tend_db_rows;

tend_status tend_db_select(tend_db_rows *rows, tend_db *db, const char *sql, const tend_db_value *values, int n,
                           tend_error *err) TEND_MUST_USE;
bool tend_db_next(tend_db_rows *rows); /* false at the end or on failure: tend_db_close_rows tells */
tend_status tend_db_close_rows(tend_db_rows *rows, tend_error *err) TEND_MUST_USE;
int64_t tend_db_int(const tend_db_rows *rows, int column);
double tend_db_real(const tend_db_rows *rows, int column);                         /* NULL: NaN */
const char *tend_db_text(const tend_db_rows *rows, int column, tend_arena *arena); /* NULL: NULL */
tend_digest tend_db_digest(tend_db_rows *rows, int column); /* no digest there: the rows fail as corrupt; NULL: zeros */
/* The one number a question has for an answer; *out_found false when there is no row or it is
 * NULL. */
tend_status tend_db_ask(tend_db *db, const char *sql, const tend_db_value *values, int n, int64_t *out_number, bool *out_found,
                        tend_error *err) TEND_MUST_USE;

/* A transaction that will write: it waits for its turn at the beginning. `end` commits when
 * `status` is TEND_OK and takes back otherwise:
 *     TEND_TRY(tend_db_begin(db, TEND_DB_SYNC, err));
 *     return tend_db_end(db, promote(…, err), err);
 */
tend_status tend_db_begin(tend_db *db, tend_db_sync sync, tend_error *err) TEND_MUST_USE;
tend_status tend_db_end(tend_db *db, tend_status status, tend_error *err) TEND_MUST_USE;

/* What SQLite reported, in plain words. */
tend_status tend_db_fail(const tend_db *db, int code, tend_error *err);
/* Damage that was found above SQLite: "'<path>' is damaged: <what>", with the remedy. */
tend_status tend_db_damaged(const tend_db *db, tend_error *err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Room for one more at the end of an arena's growing array: items = tend_db_grow(arena, items,
 * n, sizeof *items). Grows by doubling whenever n is a power of two; the new item is zero. */
void *tend_db_grow(tend_arena *arena, void *items, size_t n, size_t item_size);

#endif
