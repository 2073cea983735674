#include "store_fixture.h"

#include "store/runs.h"

#include <signal.h>
#include <sys/wait.h>

static void start_at(tend_store *store, const char *now, const char *project, char id[TEND_RUN_ID]) {
    tend_error err = TEND_ERROR_INIT;
    setenv("TEND_NOW", now, 1);
    ASSERT_OK(tend_runs_start(store, &(tend_run_start){.project = project}, id, &err), &err);
    unsetenv("TEND_NOW");
}

static void end(tend_store *store, const char *id, tend_run_status status) {
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_runs_finish(store, id, &(tend_run_finish){.status = status}, &err), &err);
}

static void add_metric(tend_store *store, const char *id, tend_run_metric metric) {
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_runs_add_metrics(store, id, &metric, 1, &err), &err);
}

TEST(a_run_is_recorded_whole) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    char id[TEND_RUN_ID];
    tend_run_record run;
    tend_run_start start = {.project = "census",
                            .experiment = "first",
                            .parent = "20260101-000000-0000",
                            .command = "tend run --set 'a=\"b\"'",
                            .user = "ann",
                            .host = "box",
                            .git_commit = "c0ffee",
                            .git_dirty = true,
                            .version = "0.1.0",
                            .config_digest = digest_of_text("tend.yaml")};
    setenv("TEND_NOW", "2026-11-23T01:26:25Z", 1);
    ASSERT_OK(tend_runs_start(store, &start, id, &err), &err);
    ASSERT_TRUE(strncmp(id, "20261123-012625-", 16) == 0 && strlen(id) == 20);
    setenv("TEND_NOW", "2026-11-23T01:26:35Z", 1);
    ASSERT_OK(tend_runs_finish(store, id, &(tend_run_finish){TEND_RUN_REFUSED, "lock: 1\n", "{\"verdict\": null}"}, &err), &err);
    unsetenv("TEND_NOW");
    ASSERT_OK(tend_runs_get(store, id, arena, &run, &err), &err);
    ASSERT_STR_EQ(run.id, id);
    ASSERT_STR_EQ(run.project, "census");
    ASSERT_STR_EQ(run.experiment, "first");
    ASSERT_STR_EQ(run.parent, "20260101-000000-0000");
    ASSERT_STR_EQ(run.command, "tend run --set 'a=\"b\"'");
    ASSERT_STR_EQ(run.user, "ann");
    ASSERT_STR_EQ(run.host, "box");
    ASSERT_STR_EQ(run.git_commit, "c0ffee");
    ASSERT_TRUE(run.git_dirty);
    ASSERT_STR_EQ(run.version, "0.1.0");
    ASSERT_TRUE(tend_digest_eq(&run.config_digest, &start.config_digest));
    ASSERT_EQ(run.status, TEND_RUN_REFUSED);
    ASSERT_EQ(run.ended - run.started, 10000000);
    ASSERT_STR_EQ(run.lock, "lock: 1\n");
    ASSERT_STR_EQ(run.document, "{\"verdict\": null}");
}

TEST(what_is_not_known_stays_unknown) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    char id[TEND_RUN_ID];
    tend_run_record run;
    ASSERT_OK(tend_runs_start(store, &(tend_run_start){0}, id, &err), &err);
    ASSERT_OK(tend_runs_get(store, id, arena, &run, &err), &err);
    ASSERT_TRUE(!run.project && !run.parent && !run.command && !run.git_commit && !run.lock && !run.document);
    ASSERT_TRUE(run.host && *run.host);
    ASSERT_EQ(run.ended, 0);
    ASSERT_EQ(run.status, TEND_RUN_RUNNING);
}

TEST(ids_are_unique_within_a_second) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_run_record *runs;
    size_t n;
    char id[TEND_RUN_ID];
    for (int i = 0; i < 600; i++) /* of 65,536: two alike are nearly sure to be drawn */
        start_at(store, "2026-11-23T01:26:25Z", "p", id);
    ASSERT_OK(tend_runs_list(store, &(tend_run_query){0}, arena, &runs, &n, &err), &err);
    ASSERT_EQ(n, 600);
    for (size_t i = 1; i < n; i++)
        ASSERT_TRUE(strcmp(runs[i - 1].id, runs[i].id) > 0);
}

TEST(steps_params_and_metrics_are_kept_in_order) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    char id[TEND_RUN_ID];
    tend_run_output outputs[] = {{"table", digest_of_text("t")}, {"profile", digest_of_text("p")}};
    tend_run_step steps[] = {
        {.name = "validate", .status = "run", .seconds = 1.5, .reason = "the key changed", .outputs = outputs, .n_outputs = 2},
        {.name = "acquire", .status = "cached", .key = digest_of_text("k")}};
    tend_run_param params[] = {{"seed", "42"}, {"depth", "6"}};
    tend_run_metric metrics[] = {{"roc_auc", "test", 0, 0.92, 0.91, 0.93},
                                 {"logloss", "train", 2, 0.3, NAN, NAN},
                                 {"logloss", "train", 1, INFINITY, NAN, NAN},
                                 {"rmse", NULL, 0, NAN, NAN, NAN}};
    ASSERT_OK(tend_runs_start(store, &(tend_run_start){0}, id, &err), &err);
    for (int i = 0; i < 2; i++)
        ASSERT_OK(tend_runs_add_step(store, id, &steps[i], &err), &err);
    steps[0].status = "failed"; /* the same step again: replaced, at its place */
    steps[0].n_outputs = 1;
    ASSERT_OK(tend_runs_add_step(store, id, &steps[0], &err), &err);
    ASSERT_OK(tend_runs_add_params(store, id, params, 2, &err), &err);
    params[0].value = "43";
    ASSERT_OK(tend_runs_add_params(store, id, params, 1, &err), &err);
    ASSERT_OK(tend_runs_add_metrics(store, id, metrics, 4, &err), &err);
    tend_run_step *s;
    tend_run_param *p;
    tend_run_metric *m;
    size_t n;
    ASSERT_OK(tend_runs_steps(store, id, arena, &s, &n, &err), &err);
    ASSERT_EQ(n, 2);
    ASSERT_STR_EQ(s[0].name, "validate");
    ASSERT_STR_EQ(s[0].status, "failed");
    ASSERT_STR_EQ(s[0].reason, "the key changed");
    ASSERT_NEAR(s[0].seconds, 1.5, 0);
    ASSERT_EQ(s[0].n_outputs, 1);
    ASSERT_TRUE(tend_digest_eq(&s[0].outputs[0].digest, &outputs[0].digest));
    ASSERT_TRUE(s[1].reason == NULL && tend_digest_eq(&s[1].key, &steps[1].key));
    ASSERT_OK(tend_runs_params(store, id, arena, &p, &n, &err), &err);
    ASSERT_EQ(n, 2);
    ASSERT_STR_EQ(p[0].name, "depth");
    ASSERT_STR_EQ(p[1].value, "43");
    ASSERT_OK(tend_runs_metrics(store, id, arena, &m, &n, &err), &err);
    ASSERT_EQ(n, 4);
    ASSERT_TRUE(isinf(m[0].value) && m[0].step == 1 && m[1].step == 2);
    ASSERT_STR_EQ(m[2].split, "");
    ASSERT_TRUE(isnan(m[2].value));
    ASSERT_NEAR(m[3].low, 0.91, 0);
}

TEST(a_finished_record_is_final) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    char id[TEND_RUN_ID];
    tend_run_metric metric = {.name = "m"};
    tend_run_finish finish = {.status = TEND_RUN_DONE};
    ASSERT_OK(tend_runs_start(store, &(tend_run_start){0}, id, &err), &err);
    ASSERT_FAILS(tend_runs_finish(store, id, &(tend_run_finish){.status = TEND_RUN_RUNNING}, &err), &err, INVALID, "running");
    ASSERT_FAILS(tend_runs_finish(store, id, &(tend_run_finish){.status = TEND_RUN_INTERRUPTED}, &err), &err, INVALID, "interr");
    ASSERT_OK(tend_runs_finish(store, id, &finish, &err), &err);
    ASSERT_FAILS(tend_runs_finish(store, id, &finish, &err), &err, REFUSED, id);
    ASSERT_FAILS(tend_runs_add_metrics(store, id, &metric, 1, &err), &err, REFUSED, "final");
    ASSERT_FAILS(tend_runs_add_metrics(store, "nope", &metric, 1, &err), &err, NOT_FOUND, "nope");
    ASSERT_FAILS(tend_runs_add_step(store, "nope", &(tend_run_step){.name = "s", .status = "run"}, &err), &err, NOT_FOUND, "nope");
}

TEST(a_run_is_found_by_what_people_type) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_run_record run;
    char a[TEND_RUN_ID], b[TEND_RUN_ID];
    ASSERT_FAILS(tend_runs_get(store, "last", arena, &run, &err), &err, NOT_FOUND, "last");
    ASSERT_HAS(err.hint, "tend run");
    start_at(store, "2026-01-01T00:00:00Z", "p", a);
    start_at(store, "2026-01-02T00:00:00Z", "p", b);
    ASSERT_OK(tend_runs_get(store, "last", arena, &run, &err), &err);
    ASSERT_STR_EQ(run.id, b);
    ASSERT_OK(tend_runs_get(store, "20260101", arena, &run, &err), &err);
    ASSERT_STR_EQ(run.id, a);
    ASSERT_OK(tend_runs_get(store, a + 9, arena, &run, &err), &err);
    ASSERT_STR_EQ(run.id, a);
    ASSERT_FAILS(tend_runs_get(store, "2026", arena, &run, &err), &err, USAGE, a);
    ASSERT_HAS(err.message, b);
    ASSERT_FAILS(tend_runs_get(store, "", arena, &run, &err), &err, NOT_FOUND, "''");
    ASSERT_FAILS(tend_runs_get(store, "%", arena, &run, &err), &err, NOT_FOUND, "'%'");
    char typo[TEND_RUN_ID];
    memcpy(typo, a, sizeof typo);
    typo[19] = typo[19] == 'z' ? 'y' : 'z';
    ASSERT_FAILS(tend_runs_get(store, typo, arena, &run, &err), &err, NOT_FOUND, typo);
    ASSERT_HAS(err.hint, a);
}

TEST(runs_are_listed_by_time_or_by_metric) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    static const double values[] = {0.7, 0.9, 0.8};
    char ids[5][TEND_RUN_ID];
    tend_run_record *runs;
    size_t n;
    for (int i = 0; i < 5; i++) {
        start_at(store, tend_arena_printf(arena, "2026-01-0%dT00:00:00Z", i + 1), i == 4 ? "other" : "p", ids[i]);
        if (i < 3) { /* the metric's last step counts */
            add_metric(store, ids[i], (tend_run_metric){.name = "roc_auc", .split = "test", .step = 1, .value = 0.99 - values[i]});
            add_metric(store, ids[i], (tend_run_metric){.name = "roc_auc", .split = "test", .step = 2, .value = values[i]});
        }
        end(store, ids[i], i == 1 ? TEND_RUN_FAILED : TEND_RUN_DONE);
    }
    ASSERT_OK(tend_runs_list(store, &(tend_run_query){.limit = 2}, arena, &runs, &n, &err), &err);
    ASSERT_EQ(n, 2);
    ASSERT_STR_EQ(runs[0].id, ids[4]);
    ASSERT_TRUE(isnan(runs[0].metric));
    ASSERT_OK(
        tend_runs_list(store, &(tend_run_query){.project = "p", .metric = "roc_auc", .order = TEND_RUNS_HIGHEST}, arena, &runs, &n, &err),
        &err);
    ASSERT_EQ(n, 4);
    ASSERT_STR_EQ(runs[0].id, ids[1]);
    ASSERT_STR_EQ(runs[2].id, ids[0]);
    ASSERT_STR_EQ(runs[3].id, ids[3]);
    ASSERT_NEAR(runs[1].metric, 0.8, 0);
    ASSERT_OK(tend_runs_list(store, &(tend_run_query){.metric = "roc_auc", .order = TEND_RUNS_LOWEST, .limit = 1}, arena, &runs, &n, &err),
              &err);
    ASSERT_STR_EQ(runs[0].id, ids[0]);
    tend_run_status failed = TEND_RUN_FAILED, running = TEND_RUN_RUNNING;
    ASSERT_OK(tend_runs_list(store, &(tend_run_query){.status = &failed}, arena, &runs, &n, &err), &err);
    ASSERT_EQ(n, 1);
    ASSERT_STR_EQ(runs[0].id, ids[1]);
    ASSERT_OK(tend_runs_list(store, &(tend_run_query){.status = &running}, arena, &runs, &n, &err), &err);
    ASSERT_EQ(n, 0);
    const int64_t day = INT64_C(86400000000), first = INT64_C(1767225600000000); /* 2026-01-01T00:00:00Z */
    ASSERT_OK(tend_runs_list(store, &(tend_run_query){.since = first + day, .until = first + 3 * day}, arena, &runs, &n, &err), &err);
    ASSERT_EQ(n, 2);
    ASSERT_STR_EQ(runs[1].id, ids[1]);
}

/* A process that was killed, one that is going on, and one whose pid was given to another since. */
TEST(what_a_dead_process_left_is_interrupted) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_run_record run;
    const char *folder = tend_store_folder(store);
    char mine[TEND_RUN_ID];
    int ready[2];
    char byte;
    ASSERT_EQ(pipe(ready), 0);
    start_at(store, "2026-01-01T00:00:00Z", "mine", mine);
    pid_t child = fork();
    if (child == 0) {
        tend_store *own = open_store(folder);
        char id[TEND_RUN_ID];
        setenv("TEND_NOW", "2026-01-02T00:00:00Z", 1);
        if (tend_runs_start(own, &(tend_run_start){.project = "child"}, id, &err) != TEND_OK || write(ready[1], "x", 1) != 1)
            _exit(1);
        pause();
    }
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    ASSERT_OK(tend_runs_get(store, "last", arena, &run, &err), &err);
    ASSERT_STR_EQ(run.project, "child");
    ASSERT_EQ(run.status, TEND_RUN_RUNNING);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    ASSERT_OK(tend_runs_get(store, "last", arena, &run, &err), &err);
    ASSERT_EQ(run.status, TEND_RUN_INTERRUPTED);
    ASSERT_OK(tend_runs_get(store, mine, arena, &run, &err), &err);
    ASSERT_EQ(run.status, TEND_RUN_RUNNING);
    tend_run_status wanted = TEND_RUN_INTERRUPTED;
    tend_run_record *runs;
    size_t n;
    ASSERT_OK(tend_runs_list(store, &(tend_run_query){.status = &wanted}, arena, &runs, &n, &err), &err);
    ASSERT_EQ(n, 1);
    exec_raw(tend_store_database(store), "UPDATE run SET pid_started = pid_started - 1 WHERE project = 'mine'");
    ASSERT_OK(tend_runs_get(store, mine, arena, &run, &err), &err);
    ASSERT_EQ(run.status, TEND_RUN_INTERRUPTED);
    exec_raw(tend_store_database(store), "UPDATE run SET host = 'another' WHERE project = 'mine'");
    ASSERT_OK(tend_runs_get(store, mine, arena, &run, &err), &err);
    ASSERT_EQ(run.status, TEND_RUN_RUNNING);
}

TEST(statuses_have_names) {
    for (int i = 0; i < TEND_RUN_STATUS_COUNT; i++) {
        tend_run_status back = TEND_RUN_STATUS_COUNT;
        ASSERT_TRUE(tend_run_status_parse(tend_run_status_name((tend_run_status)i), &back));
        ASSERT_EQ(back, i);
    }
    tend_run_status status;
    ASSERT_FALSE(tend_run_status_parse("finished", &status));
    ASSERT_STR_EQ(tend_run_status_name((tend_run_status)99), "unknown");
}
