#include "store_fixture.h"

#include "store/cache.h"
#include "store/gc.h"
#include "store/registry.h"
#include "store/runs.h"
#include "store/snapshots.h"

#include <sys/wait.h>
#include <time.h>

#define HOUR INT64_C(3600000000000)
#define DAY  (24 * HOUR)

static tend_gc_result collect(tend_store *store, tend_arena *arena, tend_gc_options options) {
    tend_error err = TEND_ERROR_INIT;
    tend_gc_result result;
    ASSERT_OK(tend_gc(store, &options, arena, &result, &err), &err);
    return result;
}

static bool has(tend_store *store, const char *text) {
    tend_digest digest = digest_of_text(text);
    return tend_objects_has(tend_store_objects(store), &digest);
}

static void cache(tend_store *store, const char *key, const char *output) {
    tend_error err = TEND_ERROR_INIT;
    tend_cache_output out = {"table", put_text(store, output)};
    tend_cache_entry entry = {.key = digest_of_text(key), .step = "s", .outputs = &out, .n_outputs = 1};
    ASSERT_OK(tend_cache_put(store, &entry, &err), &err);
}

static void run_with(tend_store *store, const char *key, const char *output, bool finish, char id[TEND_RUN_ID]) {
    tend_error err = TEND_ERROR_INIT;
    tend_run_output out = {"table", put_text(store, output)};
    tend_run_step step = {.name = "s", .status = "run", .key = digest_of_text(key), .outputs = &out, .n_outputs = 1};
    ASSERT_OK(tend_runs_start(store, &(tend_run_start){.project = "p"}, id, &err), &err);
    ASSERT_OK(tend_runs_add_step(store, id, &step, &err), &err);
    if (finish)
        ASSERT_OK(tend_runs_finish(store, id, &(tend_run_finish){.status = TEND_RUN_DONE}, &err), &err);
}

TEST(young_objects_are_kept) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    put_text(store, "orphan");
    tend_gc_result result = collect(store, arena, TEND_GC_OPTIONS_INIT);
    ASSERT_EQ(result.n_objects, 0);
    ASSERT_EQ(result.kept_objects, 1);
    tend_gc_options later = TEND_GC_OPTIONS_INIT;
    later.now_ns = tend_file_now() + HOUR + HOUR / 60;
    result = collect(store, arena, later);
    ASSERT_EQ(result.n_objects, 1);
    ASSERT_EQ(result.bytes, 6);
    ASSERT_FALSE(has(store, "orphan"));
}

TEST(what_can_be_asked_for_is_kept) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    char old_run[TEND_RUN_ID], model_run[TEND_RUN_ID], live_run[TEND_RUN_ID], last_run[TEND_RUN_ID];
    int64_t number;
    setenv("TEND_NOW", "2026-01-01T00:00:00Z", 1);
    run_with(store, "old key", "old output", true, old_run);
    run_with(store, "model key", "model output", true, model_run);
    run_with(store, "live key", "live output", false, live_run);
    cache(store, "old key", "old cached");
    cache(store, "unused key", "unused cached");
    cache(store, "model key", "model cached");
    tend_snapshot named = {.digest = put_text(store, "named snapshot")}, unnamed = {.digest = put_text(store, "unnamed snapshot")};
    tend_snapshot used = {.digest = put_text(store, "model output")};
    ASSERT_OK(tend_snapshots_put(store, &named, &err), &err);
    ASSERT_OK(tend_snapshots_put(store, &unnamed, &err), &err);
    ASSERT_OK(tend_snapshots_put(store, &used, &err), &err);
    ASSERT_OK(tend_snapshots_name(store, "reference", &named.digest, &err), &err);
    setenv("TEND_NOW", "2026-03-01T00:00:00Z", 1);
    run_with(store, "last key", "last output", true, last_run);
    cache(store, "new key", "new cached");
    unsetenv("TEND_NOW");
    tend_version_new version = {.model = "m", .bundle = put_text(store, "bundle"), .run = model_run};
    ASSERT_OK(tend_registry_register(store, &version, &number, NULL, &err), &err);

    /* the objects' ages are real, the rows' those given above: all are old then */
    tend_gc_options options = {.cache_days = 30, .runs = 1, .wait_ms = 0, .dry = true};
    options.now_ns = INT64_C(1772323200) * 1000000000 + DAY; /* 2026-03-02 */
    if (options.now_ns < tend_file_now() + 2 * HOUR)
        options.cache_days += (int)((tend_file_now() + 2 * HOUR - options.now_ns) / DAY) + 1;
    if (options.now_ns < tend_file_now() + 2 * HOUR)
        options.now_ns = tend_file_now() + 2 * HOUR;
    tend_gc_result dry = collect(store, arena, options);
    ASSERT_TRUE(has(store, "old output") && has(store, "unnamed snapshot") && has(store, "unused cached"));
    options.dry = false;
    tend_gc_result result = collect(store, arena, options);
    ASSERT_EQ(result.n_objects, dry.n_objects);
    ASSERT_EQ(result.bytes, dry.bytes);
    ASSERT_EQ(result.n_objects, 4);
    ASSERT_EQ(result.n_cache, 2);
    ASSERT_EQ(result.n_snapshots, 1);
    ASSERT_EQ(result.kept_objects, 7);
    static const char *const gone[] = {"old output", "old cached", "unused cached", "unnamed snapshot"};
    static const char *const kept[] = {"model output", "live output", "last output",   "model cached",
                                       "new cached",   "bundle",      "named snapshot"};
    for (size_t i = 0; i < 4; i++)
        ASSERT_FALSE(has(store, gone[i]));
    for (size_t i = 0; i < 7; i++)
        ASSERT_TRUE(has(store, kept[i]));
    tend_run_record run; /* the records stay */
    ASSERT_OK(tend_runs_get(store, old_run, arena, &run, &err), &err);
    result = collect(store, arena, options);
    ASSERT_EQ(result.n_objects, 0);
    ASSERT_OK(tend_store_verify(store, &err), &err);
}

TEST(leftovers_of_a_crash_are_swept) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    const char *path = scratch_path(arena, ".tend/objects/ab/cdef.tmp-12-3");
    ASSERT_OK(tend_fs_write(path, "half", 4, 0644, &err), &err);
    tend_gc_options options = TEND_GC_OPTIONS_INIT;
    ASSERT_EQ(collect(store, arena, options).n_leftovers, 0);
    options.now_ns = tend_file_now() + 2 * HOUR;
    options.dry = true;
    ASSERT_EQ(collect(store, arena, options).n_leftovers, 1);
    ASSERT_TRUE(tend_fs_exists(path));
    options.dry = false;
    tend_gc_result result = collect(store, arena, options);
    ASSERT_EQ(result.n_leftovers, 1);
    ASSERT_EQ(result.bytes, 4);
    ASSERT_FALSE(tend_fs_exists(path));
}

TEST(a_run_that_goes_on_is_waited_for) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_lock lock = TEND_LOCK_INIT;
    tend_gc_result result;
    tend_gc_options options = TEND_GC_OPTIONS_INIT;
    options.wait_ms = 20;
    ASSERT_OK(tend_lock_acquire(&lock, tend_store_lock_path(store), 0, &err), &err);
    ASSERT_FAILS(tend_gc(store, &options, arena, &result, &err), &err, BUSY, "is held by pid");
    tend_lock_release(&lock);
    ASSERT_OK(tend_gc(store, &options, arena, &result, &err), &err);
}

/* Puts and registers until all are there: gc, for which every object is old, may take one
 * between the two (or the file it is being written to), and that must be told, never be
 * registered. */
static int register_all(const char *folder, int process, int n) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = open_store(folder);
    for (int i = 0; i < n;) {
        int64_t number;
        const char *text = tend_arena_printf(arena, "%d/%d", process, i);
        tend_version_new version = {.model = "m"};
        tend_error err = TEND_ERROR_INIT;
        tend_status status = tend_objects_put(tend_store_objects(store), text, strlen(text), &version.bundle, &err);
        if (status == TEND_OK)
            status = tend_registry_register(store, &version, &number, NULL, &err);
        if (status != TEND_OK && status != TEND_NOT_FOUND) {
            print_error("%s\n", err.message);
            return 1;
        }
        i += status == TEND_OK;
    }
    return 0;
}

TEST(gc_never_takes_what_is_registered) {
    enum { PROCESSES = 2, EACH = 25 };
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *folder = scratch_path(arena, ".tend");
    TEND_AUTO(tend_store) *store = open_store(folder);
    for (int p = 0; p < PROCESSES; p++)
        if (fork() == 0)
            _exit(register_all(folder, p, EACH));
    tend_gc_options options = {.wait_ms = 1000, .now_ns = tend_file_now() + 10 * HOUR};
    int ended = 0, result;
    while (ended < PROCESSES) {
        collect(store, arena, options);
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL); /* let the others have the lock */
        while (waitpid(-1, &result, WNOHANG) > 0) {
            ASSERT_EQ(result, 0);
            ended++;
        }
    }
    collect(store, arena, options);
    tend_version *versions;
    size_t n;
    ASSERT_OK(tend_registry_versions(store, "m", arena, &versions, &n, &err), &err);
    ASSERT_EQ(n, PROCESSES * EACH);
    for (size_t i = 0; i < n; i++)
        ASSERT_OK(tend_objects_verify(tend_store_objects(store), &versions[i].bundle, &err), &err);
    ASSERT_OK(tend_store_verify(store, &err), &err);
}
