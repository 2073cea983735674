/* What the tests of the store share: a store in the test's scratch folder, and raw access behind
 * its back. */
#ifndef TEND_TESTS_STORE_FIXTURE_H
#define TEND_TESTS_STORE_FIXTURE_H

#include "support/suite.h"

#include "store/store.h"

#include <sqlite3.h>
#include <unistd.h>

static inline const char *scratch_path(tend_arena *arena, const char *name) { return tend_path_join(arena, suite_scratch(), name); }

static inline tend_store *open_store(const char *folder) {
    tend_error err = TEND_ERROR_INIT;
    tend_store *store = NULL;
    ASSERT_OK(tend_store_open(&(tend_store_options){.folder = folder, .mode = TEND_STORE_WRITE}, &store, &err), &err);
    return store;
}

static inline tend_store *scratch_store(tend_arena *arena) { return open_store(scratch_path(arena, ".tend")); }

static inline tend_digest put_text(tend_store *store, const char *text) {
    tend_error err = TEND_ERROR_INIT;
    tend_digest digest = {{0}};
    ASSERT_OK(tend_objects_put(tend_store_objects(store), text, strlen(text), &digest, &err), &err);
    return digest;
}

static inline tend_digest digest_of_text(const char *text) { return tend_digest_of(text, strlen(text)); }

/* Changes the database as a program that knows about the page sums would. Their layer is known to
 * SQLite once a store was opened. */
static inline void exec_raw(const char *database, const char *sql) {
    sqlite3 *handle = NULL;
    char *message = NULL;
    ASSERT_EQ(sqlite3_open_v2(database, &handle, SQLITE_OPEN_READWRITE, "tend"), SQLITE_OK);
    if (sqlite3_exec(handle, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    sqlite3_close(handle);
}

static inline void flip_byte(const char *path, long offset, int mask) {
    FILE *file = fopen(path, "r+b");
    ASSERT_NOT_NULL(file);
    fseek(file, offset, SEEK_SET);
    int c = fgetc(file);
    fseek(file, offset, SEEK_SET);
    fputc(c ^ mask, file);
    ASSERT_EQ(fclose(file), 0);
}

#endif
