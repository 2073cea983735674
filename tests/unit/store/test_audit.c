#include "store_fixture.h"

#include "store/audit.h"
#include "store/registry.h"

#define UNLOCK                                                                               \
    "DROP TRIGGER audit_is_final; DROP TRIGGER audit_is_kept; DROP TRIGGER audit_in_order; " \
    "DROP TRIGGER version_is_immutable; DROP TRIGGER version_is_kept; PRAGMA foreign_keys = OFF; "

static void change(tend_store *store, int64_t number, const char *bundle) {
    tend_error err = TEND_ERROR_INIT;
    int64_t got = 0;
    tend_version_new version = {.model = "churn", .bundle = put_text(store, bundle), .who = "ann", .why = "nightly run"};
    ASSERT_OK(tend_registry_register(store, &version, &got, NULL, &err), &err);
    ASSERT_EQ(got, number);
    ASSERT_OK(tend_registry_promote(store, "churn", number, TEND_CHAMPION, "bob", "it's better", &err), &err);
}

/* Rows 1 to 8: register, promote; three times; stage; rollback. */
static tend_store *audited_store(tend_arena *arena, const char *name) {
    tend_error err = TEND_ERROR_INIT;
    int64_t number;
    tend_store *store = open_store(scratch_path(arena, name));
    change(store, 1, "b1");
    change(store, 2, "b2");
    change(store, 3, "b3");
    ASSERT_OK(tend_registry_set_stage(store, "churn", 2, "production", "ann", "go", &err), &err);
    ASSERT_OK(tend_registry_rollback(store, "churn", TEND_CHAMPION, "ann", "worse", &number, &err), &err);
    return store;
}

TEST(the_trail_tells_who_did_what_when_and_why) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_audit_entry *e;
    size_t n;
    setenv("TEND_NOW", "12345", 1);
    TEND_AUTO(tend_store) *store = audited_store(arena, ".tend");
    unsetenv("TEND_NOW");
    ASSERT_OK(tend_audit_list(store, NULL, 0, arena, &e, &n, &err), &err);
    ASSERT_EQ(n, 8);
    for (size_t i = 0; i < n; i++) {
        ASSERT_EQ(e[i].sequence, (int64_t)i + 1);
        ASSERT_EQ(e[i].at, 12345);
        ASSERT_STR_EQ(e[i].model, "churn");
        ASSERT_TRUE(i == 0 || tend_digest_eq(&e[i].previous, &e[i - 1].digest));
    }
    ASSERT_STR_EQ(e[0].action, "register");
    char hex[TEND_DIGEST_HEX];
    tend_digest bundle = digest_of_text("b1");
    tend_digest_format(&bundle, hex);
    ASSERT_STR_EQ(e[0].after, hex);
    ASSERT_STR_EQ(e[1].before, "");
    ASSERT_STR_EQ(e[3].action, "promote");
    ASSERT_STR_EQ(e[3].who, "bob");
    ASSERT_STR_EQ(e[3].why, "it's better");
    ASSERT_STR_EQ(e[3].alias, "champion");
    ASSERT_STR_EQ(e[3].before, "1");
    ASSERT_STR_EQ(e[3].after, "2");
    ASSERT_STR_EQ(e[7].action, "rollback");
    ASSERT_EQ(e[7].number, 2);
    ASSERT_OK(tend_audit_list(store, "churn", 3, arena, &e, &n, &err), &err);
    ASSERT_TRUE(n == 3 && e[0].sequence == 6);
    ASSERT_OK(tend_audit_list(store, "other", 0, arena, &e, &n, &err), &err);
    ASSERT_EQ(n, 0);
}

/* The digest is a format: computed here from its description in docs/formats/store.md, by other
 * code. */
TEST(the_digest_is_as_documented) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_audit_entry *e;
    size_t n;
    TEND_AUTO(tend_store) *store = audited_store(arena, ".tend");
    ASSERT_OK(tend_audit_list(store, NULL, 2, arena, &e, &n, &err), &err);
    uint8_t bytes[1024];
    size_t at = 0;
    memcpy(bytes, e[1].previous.bytes, 32), at = 32;
    const int64_t numbers[] = {e[1].sequence, e[1].at, e[1].number};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 8; k++)
            bytes[at++] = (uint8_t)((uint64_t)numbers[i] >> 8 * k);
    tend_sha256 texts;
    tend_sha256_init(&texts);
    tend_sha256_update(&texts, bytes, at);
    const char *const fields[] = {e[1].who, e[1].action, e[1].model, e[1].alias, e[1].before, e[1].after, e[1].why};
    for (int i = 0; i < 7; i++)
        tend_sha256_text(&texts, fields[i]);
    tend_digest want = tend_sha256_final(&texts);
    ASSERT_TRUE(tend_digest_eq(&want, &e[1].digest));
}

TEST(an_untouched_trail_verifies) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    int64_t count = -1;
    tend_digest head;
    TEND_AUTO(tend_store) *empty = open_store(scratch_path(arena, "empty"));
    ASSERT_OK(tend_audit_verify(empty, &err), &err);
    ASSERT_OK(tend_audit_head(empty, &count, &head, &err), &err);
    ASSERT_EQ(count, 0);
    TEND_AUTO(tend_store) *store = audited_store(arena, ".tend");
    ASSERT_OK(tend_audit_verify(store, &err), &err);
    ASSERT_OK(tend_audit_head(store, &count, &head, &err), &err);
    ASSERT_EQ(count, 8);
}

/* Every column of a row, rows taken out, put in and exchanged; then the registry behind the
 * trail's back. */
TEST(tampering_is_found_and_named) {
    static const struct {
        const char *sql, *where;
    } cases[] = {
        {"UPDATE audit SET at = at + 1 WHERE sequence = 3", "row 3 "},
        {"UPDATE audit SET who = 'eve' WHERE sequence = 4", "row 4 "},
        {"UPDATE audit SET action = 'rollback' WHERE sequence = 4", "row 4 "},
        {"UPDATE audit SET model = 'x' WHERE sequence = 1", "row 1 "},
        {"UPDATE audit SET number = 1 WHERE sequence = 6", "row 6 "},
        {"UPDATE audit SET alias = 'x' WHERE sequence = 6", "row 6 "},
        {"UPDATE audit SET before = '2' WHERE sequence = 4", "row 4 "},
        {"UPDATE audit SET after = '3' WHERE sequence = 4", "row 4 "},
        {"UPDATE audit SET why = '' WHERE sequence = 8", "row 8 "},
        {"UPDATE audit SET who = who || action, action = '' WHERE sequence = 2", "row 2 "},
        {"UPDATE audit SET previous = digest WHERE sequence = 5", "row 5 "},
        {"UPDATE audit SET digest = previous WHERE sequence = 5", "row 5 "},
        {"UPDATE audit SET sequence = 9 WHERE sequence = 8", "row 8 "},
        {"UPDATE audit SET sequence = 99 WHERE sequence = 3; UPDATE audit SET sequence = 3 WHERE"
         " sequence = 4;"
         " UPDATE audit SET sequence = 4 WHERE sequence = 99",
         "row 3 "},
        {"DELETE FROM audit WHERE sequence = 1", "row 1 is missing"},
        {"DELETE FROM audit WHERE sequence = 5", "row 5 is missing"},
        {"DELETE FROM audit WHERE sequence = 8", "row 8 and all after it are missing"},
        {"DELETE FROM audit", "row 1 and all after it are missing"},
        {"INSERT INTO audit SELECT 9, at, who, action, model, number, alias, before, after, why,"
         " digest, digest FROM audit"
         " WHERE sequence = 8",
         "row 9 "},
        {"UPDATE audit_head SET digest = (SELECT digest FROM audit WHERE sequence = 1)", "row 8 "},
        {"UPDATE audit_head SET count = 7", "row 8 "},
        {"DELETE FROM audit_head", "head"},
        {"UPDATE alias SET number = 3", "alias 'champion' of 'churn'"},
        {"DELETE FROM alias", "alias 'champion' of 'churn'"},
        {"INSERT INTO alias VALUES ('churn', 'free', 1, 0)", "alias 'free' of 'churn'"},
        {"UPDATE version SET bundle = replace(bundle, 'a', 'b') WHERE number = 2", "version '2' of 'churn'"},
        {"DELETE FROM version WHERE number = 3", "version '3' of 'churn'"},
        {"INSERT INTO version SELECT model, 4, 'x', size, run, created, gates, stage, metrics, ''"
         " FROM version WHERE number = 1",
         "version '4' of 'churn'"},
        {"UPDATE version SET stage = 'production' WHERE number = 1", "version '1' of 'churn'"},
    };
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    char *database;
    size_t size;
    tend_store_close(audited_store(arena, "original"));
    ASSERT_OK(tend_fs_read(scratch_path(arena, "original/tend.db"), 0, arena, &database, &size, &err), &err);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *folder = scratch_path(arena, tend_arena_printf(arena, "%zu", i));
        ASSERT_OK(tend_fs_write(tend_path_join(arena, folder, "tend.db"), database, size, 0644, &err), &err);
        TEND_AUTO(tend_store) *store = open_store(folder);
        ASSERT_OK(tend_audit_verify(store, &err), &err);
        exec_raw(tend_store_database(store), tend_arena_printf(arena, UNLOCK "%s", cases[i].sql));
        tend_status status = tend_audit_verify(store, &err);
        if (status != TEND_CORRUPT || !strstr(err.message, cases[i].where))
            fail_msg("%s: %s %s", cases[i].sql, tend_status_name(status), err.message);
    }
}

TEST(the_database_refuses_to_change_the_trail) {
    static const char *const forbidden[] = {"UPDATE audit SET who = 'eve'", "DELETE FROM audit WHERE sequence = 8",
                                            "INSERT INTO audit SELECT sequence + 8, at, who, action, model, number, alias, before,"
                                            " after, why, previous, digest"
                                            " FROM audit WHERE sequence = 8",
                                            "INSERT OR REPLACE INTO audit SELECT sequence, at, 'eve', action, model, number, alias,"
                                            " before, after, why, previous,"
                                            " digest FROM audit WHERE sequence = 8"};
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO(tend_store) *store = audited_store(arena, ".tend");
    sqlite3 *handle;
    ASSERT_EQ(sqlite3_open_v2(tend_store_database(store), &handle, SQLITE_OPEN_READWRITE, "tend"), SQLITE_OK);
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
        ASSERT_EQ(sqlite3_exec(handle, forbidden[i], NULL, NULL, NULL), SQLITE_CONSTRAINT);
        ASSERT_HAS(sqlite3_errmsg(handle), "append-only");
    }
    sqlite3_close(handle);
    ASSERT_OK(tend_audit_verify(store, &err), &err);
}
