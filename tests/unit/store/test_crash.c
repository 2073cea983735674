/* A process that puts, caches, registers and promotes without end is killed at a random moment,
 * again and again; whatever was acknowledged must be there, and nothing by halves. */
#include "store_fixture.h"

#include "base/clock.h"
#include "base/rng.h"
#include "store/audit.h"
#include "store/cache.h"
#include "store/registry.h"
#include "store/runs.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { KILLS = 250, FEWEST_KILLS = 5, WARM_UP = 4 };
#define MOST_SECONDS 6.0 /* on a slow disk, fewer kills */

/* One round of work on a bundle of its own; after it the number is acknowledged through the
 * pipe. */
static tend_status work(tend_store *store, tend_arena *arena, int round, int out, tend_error *err) {
    char id[TEND_RUN_ID];
    int64_t number;
    const char *text = tend_arena_printf(arena, "bundle of process %d, round %d", getpid(), round);
    tend_cache_output output = {.name = "bundle"};
    TEND_TRY(tend_runs_start(store, &(tend_run_start){.project = "p"}, id, err));
    TEND_TRY(tend_objects_put(tend_store_objects(store), text, strlen(text), &output.digest, err));
    tend_cache_entry entry = {.key = digest_of_text(text), .step = "train", .outputs = &output, .n_outputs = 1};
    TEND_TRY(tend_cache_put(store, &entry, err));
    tend_version_new version = {.model = "m", .bundle = output.digest, .run = id, .who = "child"};
    TEND_TRY(tend_registry_register(store, &version, &number, NULL, err));
    TEND_TRY(tend_registry_promote(store, "m", number, TEND_CHAMPION, "child", "newest", err));
    TEND_TRY(tend_runs_finish(store, id, &(tend_run_finish){.status = TEND_RUN_DONE}, err));
    return write(out, &number, sizeof number) == (ssize_t)sizeof number ? TEND_OK : TEND_FAIL(err, IO, "pipe");
}

static void work_until_killed(const char *folder, int out) {
    tend_arena *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_store *store = NULL;
    tend_status status = tend_store_open(&(tend_store_options){.folder = folder, .mode = TEND_STORE_WRITE}, &store, &err);
    for (int round = 0; status == TEND_OK; round++)
        status = work(store, arena, round, out, &err);
    print_error("%s\n", err.message);
    _exit(1);
}

static int64_t last_acknowledged(int in, int64_t before) {
    int64_t number;
    while (read(in, &number, sizeof number) == (ssize_t)sizeof number)
        before = number;
    return before;
}

typedef struct history {
    int64_t acknowledged; /* the last number that a child had promoted and told of */
    int64_t latest;       /* the highest number seen after the last kill */
} history;

/* What holds at any moment: at most one version more than was acknowledged or seen, its bundle
 * is there, and the champion is not older than the last acknowledged promotion. */
static void check(const char *folder, history *h, bool whole) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = open_store(folder);
    tend_error err = TEND_ERROR_INIT;
    tend_version newest, champion;
    tend_model_entry *models;
    size_t n;
    int64_t known = h->acknowledged > h->latest ? h->acknowledged : h->latest;
    if (whole)
        ASSERT_OK(tend_store_verify(store, &err), &err);
    ASSERT_OK(tend_registry_models(store, arena, &models, &n, &err), &err);
    h->latest = n ? models[0].latest : 0;
    ASSERT_TRUE(h->latest == known || h->latest == known + 1);
    if (n == 0)
        return;
    const char *reference = tend_arena_printf(arena, "m/%lld", (long long)h->latest);
    ASSERT_OK(tend_registry_get(store, reference, arena, &newest, &err), &err);
    ASSERT_OK(tend_objects_verify(tend_store_objects(store), &newest.bundle, &err), &err);
    if (h->acknowledged == 0)
        return;
    ASSERT_OK(tend_registry_get(store, "m", arena, &champion, &err), &err);
    ASSERT_TRUE(champion.number >= h->acknowledged && champion.number <= h->latest);
}

/* Seconds that a round takes on this disk, so that the kills fall into the first three. */
static double measure_round(const char *folder, history *h) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = open_store(folder);
    tend_error err = TEND_ERROR_INIT;
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    double start = tend_clock_seconds();
    for (int i = 0; i < WARM_UP; i++)
        ASSERT_OK(work(store, arena, i, ends[1], &err), &err);
    close(ends[1]);
    h->acknowledged = h->latest = last_acknowledged(ends[0], 0);
    close(ends[0]);
    return (tend_clock_seconds() - start) / WARM_UP;
}

TEST(killed_at_any_moment_nothing_is_half_done) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *folder = scratch_path(arena, ".tend");
    tend_rng rng;
    tend_rng_init(&rng, 20261123, "crash");
    history h = {0};
    double longest = 0.002 + 3 * measure_round(folder, &h), start = tend_clock_seconds();
    int kills = 0;
    for (; kills < KILLS && tend_clock_seconds() - start < MOST_SECONDS; kills++) {
        int ends[2], result;
        ASSERT_EQ(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0)
            work_until_killed(folder, ends[1]);
        close(ends[1]);
        double delay = longest * tend_rng_uniform(&rng);
        nanosleep(&(struct timespec){(time_t)delay, (long)((delay - floor(delay)) * 1e9)}, NULL);
        kill(child, SIGKILL);
        ASSERT_EQ(waitpid(child, &result, 0), child);
        ASSERT_TRUE(WIFSIGNALED(result)); /* it did not end by an error of its own */
        h.acknowledged = last_acknowledged(ends[0], h.acknowledged);
        check(folder, &h, kills % 10 == 0);
        close(ends[0]);
    }
    print_message("killed %d times in %lld versions\n", kills, (long long)h.latest);
    ASSERT_TRUE(kills >= FEWEST_KILLS && h.acknowledged > WARM_UP);
    check(folder, &h, true);
    TEND_AUTO(tend_store) *store = open_store(folder);
    tend_error err = TEND_ERROR_INIT;
    tend_cache_entry *entries;
    tend_run_record *runs;
    size_t n;
    ASSERT_OK(tend_cache_list(store, NULL, 0, arena, &entries, &n, &err), &err);
    for (size_t i = 0; i < n; i++) {
        ASSERT_EQ(entries[i].n_outputs, 1);
        ASSERT_OK(tend_objects_verify(tend_store_objects(store), &entries[i].outputs[0].digest, &err), &err);
    }
    ASSERT_OK(tend_runs_list(store, &(tend_run_query){0}, arena, &runs, &n, &err), &err);
    for (size_t i = 0; i < n; i++)
        ASSERT_TRUE(runs[i].status == TEND_RUN_DONE || runs[i].status == TEND_RUN_INTERRUPTED);
}
