/* Opening a store, and everything that can be wrong with its database. */
#include "store_fixture.h"

#include "store/registry.h"
#include "store/runs.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static tend_status try_open(const char *folder, tend_store_mode mode, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    return tend_store_open(&(tend_store_options){.folder = folder, .mode = mode}, &store, err);
}

/* A closed store with some rows in every kind of table; the path of its database. */
static const char *filled_store(tend_arena *arena, const char *folder) {
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO(tend_store) *store = open_store(folder);
    char document[15001]; /* several pages */
    memset(document, 'd', sizeof document - 1);
    document[sizeof document - 1] = '\0';
    tend_run_finish finish = {.status = TEND_RUN_DONE, .document = document};
    for (int i = 0; i < 4; i++) {
        char id[TEND_RUN_ID];
        int64_t number;
        const char *text = tend_arena_printf(arena, "bundle %d", i);
        tend_run_metric metric = {.name = "roc_auc", .split = "test", .value = 0.5 + i / 100.0, .low = 0.1, .high = 0.9};
        ASSERT_OK(tend_runs_start(store, &(tend_run_start){.project = "p", .command = text}, id, &err), &err);
        ASSERT_OK(tend_runs_add_metrics(store, id, &metric, 1, &err), &err);
        ASSERT_OK(tend_runs_finish(store, id, &finish, &err), &err);
        tend_version_new version = {.model = "m", .bundle = put_text(store, text), .run = id, .who = "ann"};
        ASSERT_OK(tend_registry_register(store, &version, &number, NULL, &err), &err);
        ASSERT_OK(tend_registry_promote(store, "m", number, "champion", "ann", "better", &err), &err);
    }
    return tend_arena_strdup(arena, tend_store_database(store));
}

TEST(a_store_is_made_once_and_found_again) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *folder = scratch_path(arena, "deep/project/.tend");
    ASSERT_FAILS(try_open(folder, TEND_STORE_READ, &err), &err, NOT_FOUND, "tend.db");
    ASSERT_HAS(err.hint, "tend run");
    ASSERT_FALSE(tend_fs_exists(folder));
    ASSERT_OK(try_open(folder, TEND_STORE_WRITE, &err), &err);
    ASSERT_OK(try_open(folder, TEND_STORE_WRITE, &err), &err);
    ASSERT_OK(try_open(folder, TEND_STORE_READ, &err), &err);
    TEND_AUTO(tend_store) *store = open_store(folder);
    ASSERT_STR_EQ(tend_store_folder(store), folder);
    ASSERT_STR_EQ(tend_store_database(store), tend_path_join(arena, folder, "tend.db"));
    ASSERT_STR_EQ(tend_store_lock_path(store), tend_path_join(arena, folder, "lock"));
    ASSERT_STR_EQ(tend_store_objects(store)->folder, tend_path_join(arena, folder, "objects"));
    ASSERT_OK(tend_store_verify(store, &err), &err);
}

TEST(places_can_be_given_one_by_one) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO(tend_store) *store = NULL;
    const char *database = scratch_path(arena, "elsewhere/meta.db"), *objects = scratch_path(arena, "big disk/objects");
    tend_store_options options = {
        .folder = scratch_path(arena, ".tend"), .database = database, .objects = objects, .mode = TEND_STORE_WRITE};
    ASSERT_OK(tend_store_open(&options, &store, &err), &err);
    ASSERT_STR_EQ(tend_store_database(store), database);
    ASSERT_TRUE(tend_fs_exists(database));
    put_text(store, "x");
    ASSERT_TRUE(tend_fs_is_dir(objects));
}

/* Names that mean something to SQLite are only names here. */
TEST(a_path_is_never_a_uri) {
    static const char *const names[] = {"file:x?mode=memory", ":memory:", "a?b#c%20d", "it's \"quoted\"", "naïve-模型"};
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        tend_error err = TEND_ERROR_INIT;
        const char *folder = scratch_path(arena, names[i]);
        ASSERT_OK(try_open(folder, TEND_STORE_WRITE, &err), &err);
        ASSERT_TRUE(tend_fs_exists(tend_path_join(arena, folder, "tend.db")));
        ASSERT_OK(try_open(folder, TEND_STORE_READ, &err), &err);
    }
}

TEST(a_newer_format_is_refused_by_its_number) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *folder = scratch_path(arena, ".tend");
    exec_raw(filled_store(arena, folder), "PRAGMA user_version = 7");
    ASSERT_FAILS(try_open(folder, TEND_STORE_WRITE, &err), &err, UNSUPPORTED, "newer tend");
    ASSERT_HAS(err.message, "7");
    ASSERT_FAILS(try_open(folder, TEND_STORE_READ, &err), &err, UNSUPPORTED, "tend.db");
}

TEST(what_is_not_ours_is_left_alone) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *folder = scratch_path(arena, ".tend"), *path = scratch_path(arena, ".tend/tend.db");
    char text[8192];
    memset(text, 'x', sizeof text);
    ASSERT_OK(tend_fs_write(path, text, sizeof text, 0644, &err), &err);
    ASSERT_FAILS(try_open(folder, TEND_STORE_WRITE, &err), &err, CORRUPT, path);
    ASSERT_OK(tend_fs_remove(path, &err), &err);
    sqlite3 *handle;
    ASSERT_EQ(sqlite3_open(path, &handle), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(handle, "CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
    ASSERT_FAILS(try_open(folder, TEND_STORE_WRITE, &err), &err, CORRUPT, "not one of tend's");
    ASSERT_EQ(sqlite3_open(path, &handle), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(handle, "SELECT a FROM theirs", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
}

TEST(an_empty_file_becomes_a_store) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *folder = scratch_path(arena, ".tend");
    ASSERT_OK(tend_fs_write(scratch_path(arena, ".tend/tend.db"), "", 0, 0644, &err), &err);
    ASSERT_FAILS(try_open(folder, TEND_STORE_READ, &err), &err, NOT_FOUND, "tend.db");
    ASSERT_OK(try_open(folder, TEND_STORE_WRITE, &err), &err);
    ASSERT_OK(try_open(folder, TEND_STORE_READ, &err), &err);
}

/* Opens and reads all there is; the first failure. */
static tend_status read_everything(const char *folder, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(tend_store_open(&(tend_store_options){.folder = folder, .mode = TEND_STORE_READ}, &store, err));
    return tend_store_verify(store, err);
}

/* A bit flipped in any page, at places spread over it and in its own checksum, is found; only
 * SQLite's own counters on the first page may have any value. The pages are all in use. */
TEST(a_flipped_byte_anywhere_is_found) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *folder = scratch_path(arena, ".tend"), *path = filled_store(arena, folder);
    tend_file_stamp stamp;
    ASSERT_OK(tend_fs_stamp(path, &stamp, &err), &err);
    ASSERT_TRUE(stamp.size > 60000 && stamp.size % 4096 == 0);
    ASSERT_OK(read_everything(folder, &err), &err);
    for (long i = 0; i < (long)stamp.size; i += i < 100 ? 1 : 389) {
        flip_byte(path, i, 1 << (i % 8));
        tend_status status = read_everything(folder, &err);
        bool harmless = (i >= 24 && i < 28) || (i >= 40 && i < 44) || (i >= 92 && i < 100);
        if (harmless ? status != TEND_OK : status != TEND_CORRUPT && status != TEND_UNSUPPORTED)
            fail_msg("byte %ld: %s %s", i, tend_status_name(status), err.message);
        flip_byte(path, i, 1 << (i % 8));
    }
    ASSERT_OK(read_everything(folder, &err), &err);
    for (long page = 1; page <= (long)stamp.size / 4096; page++) { /* the checksums themselves */
        flip_byte(path, page * 4096 - 1 - page % 8, 0x40);
        ASSERT_FAILS(read_everything(folder, &err), &err, CORRUPT, path);
        ASSERT_HAS(err.hint, "move");
        flip_byte(path, page * 4096 - 1 - page % 8, 0x40);
    }
}

TEST(a_truncated_database_is_found) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *folder = scratch_path(arena, ".tend"), *path = filled_store(arena, folder);
    tend_file_stamp stamp;
    ASSERT_OK(tend_fs_stamp(path, &stamp, &err), &err);
    for (long size = (long)stamp.size - 1; size > 0; size -= 3001) {
        ASSERT_EQ(truncate(path, size), 0);
        ASSERT_FAILS(read_everything(folder, &err), &err, CORRUPT, path);
    }
}

TEST(two_pages_swapped_are_found) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *folder = scratch_path(arena, ".tend"), *path = filled_store(arena, folder);
    char *data;
    size_t size;
    char page[4096];
    ASSERT_OK(tend_fs_read(path, 0, arena, &data, &size, &err), &err);
    memcpy(page, data + 2 * 4096, 4096);
    memcpy(data + 2 * 4096, data + 3 * 4096, 4096);
    memcpy(data + 3 * 4096, page, 4096);
    ASSERT_OK(tend_fs_write(path, data, size, 0644, &err), &err);
    ASSERT_FAILS(read_everything(folder, &err), &err, CORRUPT, "Page 4");
    ASSERT_NULL(strchr(err.message, '\n'));
}

/* Leaves a log behind, as a crash does. */
static void write_and_crash(const char *folder) {
    pid_t child = fork();
    if (child == 0) {
        char id[TEND_RUN_ID];
        tend_error err = TEND_ERROR_INIT;
        tend_store *store = open_store(folder);
        _exit(tend_runs_start(store, &(tend_run_start){.project = "crashed"}, id, &err) != TEND_OK);
    }
    int result;
    ASSERT_EQ(waitpid(child, &result, 0), child);
    ASSERT_EQ(result, 0);
}

static void exec_foreign(const char *path, const char *sql) {
    sqlite3 *handle;
    ASSERT_EQ(sqlite3_open(path, &handle), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    ASSERT_EQ(sqlite3_close(handle), SQLITE_OK);
}

/* Closing it, the other program moves the crashed process's log into the database, without sums. */
TEST(another_program_may_read_what_a_crash_left) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_run_record run;
    const char *folder = scratch_path(arena, ".tend"), *path = filled_store(arena, folder);
    for (int i = 0; i < 3; i++) {
        write_and_crash(folder);
        ASSERT_TRUE(tend_fs_exists(scratch_path(arena, ".tend/tend.db-wal")));
        exec_foreign(path, "SELECT count(*) FROM run");
        ASSERT_FALSE(tend_fs_exists(scratch_path(arena, ".tend/tend.db-wal")));
        ASSERT_OK(read_everything(folder, &err), &err);
    }
    TEND_AUTO(tend_store) *store = open_store(folder);
    ASSERT_OK(tend_runs_get(store, "last", arena, &run, &err), &err);
    ASSERT_STR_EQ(run.project, "crashed");
}

TEST(another_program_may_make_a_backup) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *folder = scratch_path(arena, ".tend"), *path = filled_store(arena, folder);
    write_and_crash(folder);
    sqlite3 *from, *to;
    ASSERT_OK(tend_fs_mkdirs(scratch_path(arena, "copy"), &err), &err);
    ASSERT_EQ(sqlite3_open(path, &from), SQLITE_OK);
    ASSERT_EQ(sqlite3_open(scratch_path(arena, "copy/tend.db"), &to), SQLITE_OK);
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    ASSERT_EQ(sqlite3_backup_step(backup, -1), SQLITE_DONE);
    sqlite3_backup_finish(backup);
    sqlite3_close(to);
    sqlite3_close(from);
    ASSERT_OK(read_everything(scratch_path(arena, "copy"), &err), &err);
}

TEST(a_change_by_another_program_is_found) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *folder = scratch_path(arena, ".tend"), *path = filled_store(arena, folder);
    exec_foreign(path, "UPDATE run_metric SET value = 0.999");
    ASSERT_FAILS(read_everything(folder, &err), &err, CORRUPT, path);
}

TEST(a_database_of_the_wrong_shape_is_corrupt) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *folder = scratch_path(arena, ".tend");
    exec_raw(filled_store(arena, folder), "DROP TABLE run_metric");
    TEND_AUTO(tend_store) *store = open_store(folder);
    tend_run_metric *metrics;
    size_t n;
    ASSERT_FAILS(tend_runs_metrics(store, "x", arena, &metrics, &n, &err), &err, CORRUPT, "run_metric");
}

TEST(a_dangling_reference_is_found) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *folder = scratch_path(arena, ".tend");
    exec_raw(filled_store(arena, folder), "PRAGMA foreign_keys = OFF; DELETE FROM model");
    ASSERT_FAILS(read_everything(folder, &err), &err, CORRUPT, "refers to a row of model");
}

TEST(a_text_where_a_digest_must_be_is_corrupt) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_run_record run;
    const char *folder = scratch_path(arena, ".tend");
    exec_raw(filled_store(arena, folder), "UPDATE run SET config_digest = 'zz'");
    TEND_AUTO(tend_store) *store = open_store(folder);
    ASSERT_FAILS(tend_runs_get(store, "last", arena, &run, &err), &err, CORRUPT, "no digest");
}

/* Full disks: SQLite's own limit of pages gives the same answer as ENOSPC. */
TEST(a_full_disk_is_told_in_plain_words) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *folder = scratch_path(arena, ".tend");
    filled_store(arena, folder);
    pid_t child = fork();
    if (child == 0) { /* no file of the child may grow beyond 4 KB: the write-ahead log cannot */
        struct rlimit limit = {4096, 4096};
        signal(SIGXFSZ, SIG_IGN);
        tend_store *store = NULL;
        char id[TEND_RUN_ID];
        int code = tend_store_open(&(tend_store_options){.folder = folder, .mode = TEND_STORE_WRITE}, &store, &err);
        setrlimit(RLIMIT_FSIZE, &limit);
        if (code == TEND_OK)
            code = tend_runs_start(store, &(tend_run_start){.project = "p"}, id, &err);
        _exit(code == TEND_IO && strstr(err.message, "cannot write") && strstr(err.message, "tend.db") ? 0 : 1);
    }
    int result;
    ASSERT_EQ(waitpid(child, &result, 0), child);
    ASSERT_TRUE(WIFEXITED(result) && WEXITSTATUS(result) == 0);
    ASSERT_OK(read_everything(folder, &err), &err);
}

/* 0: as it must be. Root may write everywhere, so it becomes nobody first. */
static int use_read_only(const char *folder, const char *path) {
    tend_error err = TEND_ERROR_INIT;
    tend_store *store = NULL;
    char id[TEND_RUN_ID];
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return 1;
    if (read_everything(folder, &err) != TEND_OK) {
        print_error("%s\n", err.message);
        return 2;
    }
    tend_status status = tend_store_open(&(tend_store_options){.folder = folder, .mode = TEND_STORE_WRITE}, &store, &err);
    if (status == TEND_OK)
        status = tend_runs_start(store, &(tend_run_start){.project = "p"}, id, &err);
    tend_store_close(store);
    if (status != TEND_IO || !strstr(err.message, path) || !strstr(err.message, "cannot"))
        print_error("%s\n", err.message);
    return status == TEND_IO && strstr(err.message, path) ? 0 : 3;
}

TEST(a_read_only_folder_can_be_read) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *folder = scratch_path(arena, ".tend"), *path = filled_store(arena, folder);
    ASSERT_EQ(chmod(tend_path_dir(arena, suite_scratch()), 0755), 0);
    ASSERT_EQ(chmod(path, 0444), 0);
    ASSERT_EQ(chmod(folder, 0555), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(use_read_only(folder, path));
    int result;
    ASSERT_EQ(waitpid(child, &result, 0), child);
    chmod(folder, 0755);
    ASSERT_EQ(result, 0);
}

TEST(a_store_opened_for_reading_does_not_write) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *folder = scratch_path(arena, ".tend"), *path = filled_store(arena, folder);
    TEND_AUTO(tend_store) *store = NULL;
    char id[TEND_RUN_ID];
    ASSERT_OK(tend_store_open(&(tend_store_options){.folder = folder, .mode = TEND_STORE_READ}, &store, &err), &err);
    ASSERT_FAILS(tend_runs_start(store, &(tend_run_start){.project = "p"}, id, &err), &err, IO, path);
}

TEST(many_processes_may_make_it_at_once) {
    enum { PROCESSES = 6 };
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *folder = scratch_path(arena, ".tend");
    pid_t children[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            tend_store *store = NULL;
            char id[TEND_RUN_ID];
            tend_error err = TEND_ERROR_INIT;
            int code = tend_store_open(&(tend_store_options){.folder = folder, .mode = TEND_STORE_WRITE}, &store, &err);
            if (code == TEND_OK)
                code = tend_runs_start(store, &(tend_run_start){.project = "p"}, id, &err);
            if (code != TEND_OK)
                print_error("%s\n", err.message);
            tend_store_close(store);
            _exit(code != TEND_OK);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int result;
        ASSERT_EQ(waitpid(children[i], &result, 0), children[i]);
        ASSERT_EQ(result, 0);
    }
    TEND_AUTO(tend_store) *store = open_store(folder);
    tend_error err = TEND_ERROR_INIT;
    tend_run_record *runs;
    size_t n;
    ASSERT_OK(tend_runs_list(store, &(tend_run_query){0}, arena, &runs, &n, &err), &err);
    ASSERT_EQ(n, PROCESSES);
}
