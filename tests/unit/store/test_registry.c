#include "store_fixture.h"

#include "store/audit.h"
#include "store/registry.h"

#include <sys/wait.h>

static int64_t add(tend_store *store, const char *model, const char *bundle) {
    tend_error err = TEND_ERROR_INIT;
    int64_t number = 0;
    tend_version_new version = {
        .model = model, .bundle = put_text(store, bundle), .who = "ann", .why = "a run", .gates = TEND_GATES_PASSED};
    ASSERT_OK(tend_registry_register(store, &version, &number, NULL, &err), &err);
    return number;
}

static void promote(tend_store *store, const char *model, int64_t number) {
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_registry_promote(store, model, number, TEND_CHAMPION, "ann", "better", &err), &err);
}

static int64_t champion(tend_store *store, tend_arena *arena, const char *model) {
    tend_error err = TEND_ERROR_INIT;
    tend_version version;
    ASSERT_OK(tend_registry_get(store, model, arena, &version, &err), &err);
    return version.number;
}

static size_t count_audit(tend_store *store) {
    tend_error err = TEND_ERROR_INIT;
    int64_t count;
    tend_digest digest;
    ASSERT_OK(tend_audit_head(store, &count, &digest, &err), &err);
    return (size_t)count;
}

TEST(versions_count_from_one_per_model) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    ASSERT_EQ(add(store, "churn", "b1"), 1);
    ASSERT_EQ(add(store, "churn", "b2"), 2);
    ASSERT_EQ(add(store, "price", "b1"), 1);
    ASSERT_EQ(add(store, "churn", "b3"), 3);
}

TEST(the_same_bundle_keeps_its_number) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_version_new version = {.model = "churn", .bundle = put_text(store, "b1"), .who = "bob"};
    int64_t number;
    bool is_new = false;
    ASSERT_OK(tend_registry_register(store, &version, &number, &is_new, &err), &err);
    ASSERT_TRUE(is_new && number == 1);
    add(store, "churn", "b2");
    size_t rows = count_audit(store);
    ASSERT_OK(tend_registry_register(store, &version, &number, &is_new, &err), &err);
    ASSERT_TRUE(!is_new && number == 1);
    ASSERT_EQ(count_audit(store), rows);
}

TEST(a_version_comes_back_with_all_its_facts) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_version got;
    int64_t number;
    tend_version_new version = {.model = "churn",
                                .bundle = put_text(store, "12345"),
                                .run = "20261123-012625-3f9a",
                                .metrics = "{\"roc_auc\": 0.9}",
                                .description = "it's \"the\" first",
                                .gates = TEND_GATES_FAILED};
    setenv("TEND_NOW", "777", 1);
    ASSERT_OK(tend_registry_register(store, &version, &number, NULL, &err), &err);
    unsetenv("TEND_NOW");
    ASSERT_OK(tend_registry_get(store, "churn/1", arena, &got, &err), &err);
    ASSERT_STR_EQ(got.model, "churn");
    ASSERT_EQ(got.number, 1);
    ASSERT_TRUE(tend_digest_eq(&got.bundle, &version.bundle));
    ASSERT_EQ(got.size, 5);
    ASSERT_STR_EQ(got.run, version.run);
    ASSERT_EQ(got.created, 777);
    ASSERT_STR_EQ(got.stage, "none");
    ASSERT_STR_EQ(got.metrics, version.metrics);
    ASSERT_STR_EQ(got.description, version.description);
    ASSERT_STR_EQ(tend_gates_name(got.gates), "failed");
    ASSERT_EQ(got.n_aliases, 0);
}

TEST(a_bundle_must_be_in_the_store) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_model_entry *models;
    size_t n;
    int64_t number = -1;
    tend_version_new version = {.model = "churn", .bundle = digest_of_text("never put")};
    ASSERT_FAILS(tend_registry_register(store, &version, &number, NULL, &err), &err, NOT_FOUND, "registering a version of 'churn'");
    ASSERT_EQ(number, -1);
    ASSERT_OK(tend_registry_models(store, arena, &models, &n, &err), &err);
    ASSERT_EQ(n, 0);
}

TEST(aliases_point_at_versions) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_version got, *versions;
    tend_model_entry *models;
    size_t n;
    for (int i = 1; i <= 3; i++)
        add(store, "churn", tend_arena_printf(arena, "b%d", i));
    add(store, "a-model", "x");
    promote(store, "churn", 2);
    ASSERT_OK(tend_registry_promote(store, "churn", 3, "challenger", NULL, NULL, &err), &err);
    ASSERT_OK(tend_registry_promote(store, "churn", 2, "blue", NULL, NULL, &err), &err);
    ASSERT_EQ(champion(store, arena, "churn"), 2);
    ASSERT_OK(tend_registry_get(store, "churn@challenger", arena, &got, &err), &err);
    ASSERT_EQ(got.number, 3);
    size_t rows = count_audit(store);
    promote(store, "churn", 2); /* it is there already */
    ASSERT_EQ(count_audit(store), rows);
    ASSERT_OK(tend_registry_versions(store, "churn", arena, &versions, &n, &err), &err);
    ASSERT_EQ(n, 3);
    ASSERT_EQ(versions[0].number, 3);
    ASSERT_EQ(versions[1].n_aliases, 2);
    ASSERT_STR_EQ(versions[1].aliases[0], "blue");
    ASSERT_STR_EQ(versions[1].aliases[1], "champion");
    ASSERT_OK(tend_registry_models(store, arena, &models, &n, &err), &err);
    ASSERT_EQ(n, 2);
    ASSERT_STR_EQ(models[0].name, "a-model");
    ASSERT_EQ(models[1].latest, 3);
    ASSERT_EQ(models[1].n_aliases, 3);
    ASSERT_STR_EQ(models[1].aliases[1].name, "challenger");
    ASSERT_EQ(models[1].aliases[1].number, 3);
}

TEST(rollback_goes_back_through_the_promotions) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    int64_t number = 0;
    for (int i = 1; i <= 4; i++) {
        add(store, "churn", tend_arena_printf(arena, "b%d", i));
        if (i < 4)
            promote(store, "churn", i);
    }
    ASSERT_OK(tend_registry_rollback(store, "churn", TEND_CHAMPION, "bob", "worse", &number, &err), &err);
    ASSERT_EQ(number, 2);
    promote(store, "churn", 4);
    ASSERT_OK(tend_registry_rollback(store, "churn", TEND_CHAMPION, "bob", "worse", &number, &err), &err);
    ASSERT_EQ(number, 2);
    ASSERT_OK(tend_registry_rollback(store, "churn", TEND_CHAMPION, "bob", "worse still", &number, &err), &err);
    ASSERT_EQ(number, 1);
    ASSERT_EQ(champion(store, arena, "churn"), 1);
    number = 77;
    ASSERT_FAILS(tend_registry_rollback(store, "churn", TEND_CHAMPION, "bob", "", &number, &err), &err, REFUSED, "version 1");
    ASSERT_EQ(number, 77);
    ASSERT_FAILS(tend_registry_rollback(store, "churn", "champoin", "bob", "", &number, &err), &err, NOT_FOUND, "champoin");
    ASSERT_HAS(err.hint, "champion");
    ASSERT_FAILS(tend_registry_rollback(store, "nope", TEND_CHAMPION, "bob", "", &number, &err), &err, NOT_FOUND, "nope");
    ASSERT_OK(tend_audit_verify(store, &err), &err);
}

TEST(stage_and_description_change_with_a_trace) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_version got;
    tend_audit_entry *entries;
    size_t n;
    add(store, "churn", "b");
    ASSERT_OK(tend_registry_set_stage(store, "churn", 1, "production", "ann", "go", &err), &err);
    ASSERT_OK(tend_registry_set_stage(store, "churn", 1, "production", "ann", "go", &err), &err);
    ASSERT_OK(tend_registry_describe(store, "churn", 1, "the good one", "bob", &err), &err);
    ASSERT_OK(tend_registry_get(store, "churn:1", arena, &got, &err), &err);
    ASSERT_STR_EQ(got.stage, "production");
    ASSERT_STR_EQ(got.description, "the good one");
    ASSERT_FAILS(tend_registry_set_stage(store, "churn", 1, "prodction", "ann", "", &err), &err, INVALID, "prodction");
    ASSERT_HAS(err.hint, "production");
    ASSERT_FAILS(tend_registry_set_stage(store, "churn", 2, "staging", "ann", "", &err), &err, NOT_FOUND, "no version 2");
    ASSERT_FAILS(tend_registry_describe(store, "churm", 1, "", "ann", &err), &err, NOT_FOUND, "churm");
    ASSERT_OK(tend_audit_list(store, "churn", 0, arena, &entries, &n, &err), &err);
    ASSERT_EQ(n, 3);
    ASSERT_STR_EQ(entries[1].action, "stage");
    ASSERT_STR_EQ(entries[1].before, "none");
    ASSERT_STR_EQ(entries[1].after, "production");
    ASSERT_STR_EQ(entries[2].who, "bob");
}

TEST(what_is_not_there_is_told_with_what_is) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_version got;
    ASSERT_FAILS(tend_registry_get(store, "churn", arena, &got, &err), &err, NOT_FOUND, "no model 'churn'");
    ASSERT_HAS(err.hint, "tend run");
    add(store, "churn", "b1");
    ASSERT_FAILS(tend_registry_get(store, "churn", arena, &got, &err), &err, NOT_FOUND, "no champion");
    ASSERT_HAS(err.hint, "churn/1");
    ASSERT_FAILS(tend_registry_get(store, "churn/7", arena, &got, &err), &err, NOT_FOUND, "no version 7");
    ASSERT_HAS(err.hint, "version 1");
    add(store, "churn", "b2");
    ASSERT_FAILS(tend_registry_get(store, "churn/7", arena, &got, &err), &err, NOT_FOUND, "no version 7");
    ASSERT_HAS(err.hint, "1 to 2");
    ASSERT_FAILS(tend_registry_get(store, "churn@champion", arena, &got, &err), &err, NOT_FOUND, "no alias 'champion'");
    promote(store, "churn", 1);
    ASSERT_FAILS(tend_registry_get(store, "churn@champoin", arena, &got, &err), &err, NOT_FOUND, "champoin");
    ASSERT_HAS(err.hint, "'champion'");
    ASSERT_FAILS(tend_registry_get(store, "churn@zzz", arena, &got, &err), &err, NOT_FOUND, "zzz");
    ASSERT_HAS(err.hint, "champion");
    ASSERT_FAILS(tend_registry_get(store, "chrun", arena, &got, &err), &err, NOT_FOUND, "chrun");
    ASSERT_HAS(err.hint, "did you mean 'churn'");
    ASSERT_FAILS(tend_registry_promote(store, "churn", 3, "x", "", "", &err), &err, NOT_FOUND, "no version 3");
    ASSERT_FAILS(tend_registry_promote(store, "churn", -3, "x", "", "", &err), &err, NOT_FOUND, "no version -3");
}

/* Versions are immutable, for whoever reaches the tables too. */
TEST(the_database_refuses_to_change_a_version) {
    static const char *const forbidden[] = {"UPDATE version SET bundle = 'x'", "UPDATE version SET number = 9",
                                            "UPDATE version SET gates = 'passed'", "UPDATE version SET metrics = ''",
                                            "DELETE FROM version"};
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    add(store, "churn", "b1");
    sqlite3 *handle;
    ASSERT_EQ(sqlite3_open_v2(tend_store_database(store), &handle, SQLITE_OPEN_READWRITE, "tend"), SQLITE_OK);
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        ASSERT_EQ(sqlite3_exec(handle, forbidden[i], NULL, NULL, NULL), SQLITE_CONSTRAINT);
    sqlite3_close(handle);
}

TEST(names_are_checked) {
    static const struct {
        const char *name, *why;
    } bad[] = {{"", "empty"},
               {".hidden", "starts with a dot"},
               {"..", "starts with a dot"},
               {"a/b", "'/' at position 2"},
               {"../../etc", "'/' at position 3"},
               {"a b", "0x20"},
               {"a\nb", "0x0a"},
               {"it's", "'''"},
               {"a\"b", "'\"'"},
               {"mod\xc3\xa8le", "'\xc3\xa8' at position 4"},
               {"\xe6\xa8\xa1", "position 1"},
               {"a;b", "';'"},
               {"a%2fb", "'%'"},
               {"a\x7f", "0x7f"}};
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        tend_error err = TEND_ERROR_INIT;
        int64_t number;
        tend_version_new version = {.model = bad[i].name, .bundle = put_text(store, "b")};
        ASSERT_FAILS(tend_name_check("model name", bad[i].name, &err), &err, INVALID, bad[i].why);
        ASSERT_HAS(err.hint, "letters");
        ASSERT_FAILS(tend_registry_register(store, &version, &number, NULL, &err), &err, INVALID, "model name");
        ASSERT_FAILS(tend_registry_promote(store, "m", 1, bad[i].name, "", "", &err), &err, INVALID, "alias");
    }
    tend_error err = TEND_ERROR_INIT;
    char name[200];
    memset(name, 'a', sizeof name);
    name[128] = '\0';
    ASSERT_OK(tend_name_check("model name", name, &err), &err);
    ASSERT_EQ(add(store, name, "b"), 1);
    ASSERT_OK(tend_name_check("model name", "A-b_9.z", &err), &err);
    name[128] = 'a';
    name[129] = '\0';
    ASSERT_FAILS(tend_name_check("model name", name, &err), &err, INVALID, "129 characters");
}

TEST(references_are_parsed) {
    static const struct {
        const char *text, *model, *alias;
        int64_t number;
    } good[] = {{"churn", "churn", "", 0},           {"churn@champion", "churn", "champion", 0}, {"churn/3", "churn", "", 3},
                {"churn:12", "churn", "", 12},       {"models:/churn/3", "churn", "", 3},        {"models:/churn@blue", "churn", "blue", 0},
                {"a.b-c_1@x.y", "a.b-c_1", "x.y", 0}};
    static const char *const bad[] = {"",         "@champion", "/3",      "churn@",    "churn/",    "churn:",
                                      "churn/0",  "churn/-1",  "churn/x", "churn/3/4", "churn/3@x", "churn/99999999999999999999",
                                      "churn/ 3", "churn/+3"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        tend_error err = TEND_ERROR_INIT;
        tend_model_ref ref;
        ASSERT_OK(tend_model_ref_parse(good[i].text, &ref, &err), &err);
        ASSERT_STR_EQ(ref.model, good[i].model);
        ASSERT_STR_EQ(ref.alias, good[i].alias);
        ASSERT_EQ(ref.number, good[i].number);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        tend_error err = TEND_ERROR_INIT;
        tend_model_ref ref = {.number = 5};
        ASSERT_FAILS(tend_model_ref_parse(bad[i], &ref, &err), &err, USAGE, bad[i]);
        ASSERT_HAS(err.hint, "NAME@ALIAS");
        ASSERT_EQ(ref.number, 5);
    }
    tend_error err = TEND_ERROR_INIT;
    tend_model_ref ref;
    ASSERT_FAILS(tend_model_ref_parse("../x@y", &ref, &err), &err, INVALID, "model name");
    ASSERT_FAILS(tend_model_ref_parse("x@y@z", &ref, &err), &err, INVALID, "alias");
}

TEST(processes_that_register_at_once_get_distinct_versions) {
    enum { PROCESSES = 4, EACH = 12 };
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *folder = scratch_path(arena, ".tend");
    tend_store_close(open_store(folder));
    pid_t children[PROCESSES];
    for (int p = 0; p < PROCESSES; p++) {
        children[p] = fork();
        if (children[p] == 0) {
            tend_store *store = open_store(folder);
            for (int i = 0; i < EACH; i++)
                promote(store, "churn", add(store, "churn", tend_arena_printf(arena, "process %d bundle %d", p, i)));
            tend_store_close(store);
            _exit(0);
        }
    }
    for (int p = 0; p < PROCESSES; p++) {
        int result;
        ASSERT_EQ(waitpid(children[p], &result, 0), children[p]);
        ASSERT_EQ(result, 0);
    }
    TEND_AUTO(tend_store) *store = open_store(folder);
    tend_error err = TEND_ERROR_INIT;
    tend_version *versions;
    size_t n;
    ASSERT_OK(tend_registry_versions(store, "churn", arena, &versions, &n, &err), &err);
    ASSERT_EQ(n, PROCESSES * EACH);
    for (size_t i = 0; i < n; i++)
        ASSERT_EQ(versions[i].number, (int64_t)(n - i));
    ASSERT_OK(tend_store_verify(store, &err), &err);
}
