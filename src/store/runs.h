/* Runs: one execution each, recorded: what was asked, what was done, what came out.
 *
 * A run is started, gets steps, parameters and metrics while it goes on, and is finished once. What
 * its process leaves unfinished by dying is "interrupted": the record holds pid, process start and
 * boot, and the reader looks whether that process is alive.
 *
 *     char id[TEND_RUN_ID];
 *     tend_run_start start = {.project = "census", .command = "tend run"};
 *     TEND_TRY(tend_runs_start(store, &start, id, err));
 *     TEND_TRY(tend_runs_add_metrics(store, id, metrics, n, err));
 *     tend_run_finish finish = {.status = TEND_RUN_DONE, .document = json};
 *     TEND_TRY(tend_runs_finish(store, id, &finish, err));
 */
#ifndef TEND_STORE_RUNS_H
#define TEND_STORE_RUNS_H

#include "store/store.h"

#define TEND_RUN_ID 24 /* "20261123-012625-3f9a" and the NUL, with room */

#define TEND_RUN_STATUSES(X)                                             \
    X(RUNNING, "running")                                                \
    X(DONE, "done")                                                      \
    X(REFUSED, "refused") /* a well-formed no: a gate, an expectation */ \
    X(FAILED, "failed")                                                  \
    X(CANCELLED, "cancelled")                                            \
    X(INTERRUPTED, "interrupted") /* never stored: its process died */

typedef enum tend_run_status {
#define X(name, word) TEND_RUN_##name,
    TEND_RUN_STATUSES(X)
#undef X
        TEND_RUN_STATUS_COUNT
} tend_run_status;

const char *tend_run_status_name(tend_run_status status); /* "done" */
bool tend_run_status_parse(const char *word, tend_run_status *out);

/* What is known when a run starts. Any string may be NULL. */
typedef struct tend_run_start {
    const char *project, *experiment;
    const char *parent;      /* id of the run that started this one, or that it reproduces */
    const char *command;     /* the command line */
    const char *user, *host; /* NULL: asked of the system */
    const char *git_commit;  /* NULL: not in git */
    bool git_dirty;
    const char *version; /* of tend */
    tend_digest config_digest;
} tend_run_start;

typedef struct tend_run_finish {
    tend_run_status status; /* neither RUNNING nor INTERRUPTED */
    const char *lock;       /* the text of tend.lock; NULL: none */
    const char *document;   /* JSON: what `tend runs show --json` prints; NULL: none */
} tend_run_finish;

typedef struct tend_run_record {
    const char *id, *project, *experiment, *parent, *command, *user, *host, *git_commit, *version; /* NULL when absent */
    bool git_dirty;
    tend_run_status status;
    int64_t started, ended; /* ended 0: not ended */
    tend_digest config_digest;
    const char *lock, *document; /* tend_runs_get only; NULL when absent */
    double metric;               /* tend_runs_list: the value of the query's metric; NaN when the run has none */
} tend_run_record;

typedef struct tend_run_output {
    const char *name;
    tend_digest digest;
} tend_run_output;

typedef struct tend_run_step {
    const char *name;
    const char *status; /* "run", "cached", "failed", "skipped" */
    tend_digest key;
    double seconds;
    const char *reason; /* why it ran or failed; NULL: none */
    const tend_run_output *outputs;
    size_t n_outputs;
} tend_run_step;

typedef struct tend_run_param {
    const char *name, *value;
} tend_run_param;

typedef struct tend_run_metric {
    const char *name;        /* "roc_auc" */
    const char *split;       /* "train", "validation", "test"; a slice as "test/sex=F"; NULL is "" */
    int64_t step;            /* boosting round or epoch; 0 when there is one value only */
    double value, low, high; /* low and high: the interval; NaN: none. value may be NaN or infinite too */
} tend_run_metric;

typedef struct tend_run_query {
    const char *project, *experiment;                                     /* NULL: any */
    const tend_run_status *status;                                        /* NULL: any */
    int64_t since, until;                                                 /* started in [since, until); 0: open */
    const char *metric, *split;                                           /* the metric to show (its last step); split NULL: "test" */
    enum { TEND_RUNS_NEWEST, TEND_RUNS_HIGHEST, TEND_RUNS_LOWEST } order; /* of the metric; runs without it come last */
    size_t limit;                                                         /* 0: all */
} tend_run_query;

/* A new id: UTC time and random digits, unique in the store, sorting by time. */
tend_status tend_runs_start(tend_store *store, const tend_run_start *start, char out_id[TEND_RUN_ID], tend_error *err) TEND_MUST_USE;
/* The four below: NOT_FOUND for an unknown run, REFUSED for a finished one. Same name (and split
 * and step): replaced. */
tend_status tend_runs_add_step(tend_store *store, const char *id, const tend_run_step *step, tend_error *err) TEND_MUST_USE;
tend_status tend_runs_add_params(tend_store *store, const char *id, const tend_run_param *params, size_t n, tend_error *err) TEND_MUST_USE;
tend_status tend_runs_add_metrics(tend_store *store, const char *id, const tend_run_metric *metrics, size_t n,
                                  tend_error *err) TEND_MUST_USE;
tend_status tend_runs_finish(tend_store *store, const char *id, const tend_run_finish *finish, tend_error *err) TEND_MUST_USE;

/* By id, by the beginning or the end of an id when only one run has it ("3f9a"), or "last".
 * NOT_FOUND names near ids; an ambiguous reference is USAGE and names the runs it could be. */
tend_status tend_runs_get(tend_store *store, const char *reference, tend_arena *arena, tend_run_record *out_run,
                          tend_error *err) TEND_MUST_USE;
tend_status tend_runs_list(tend_store *store, const tend_run_query *query, tend_arena *arena, tend_run_record **out_runs, size_t *out_n,
                           tend_error *err) TEND_MUST_USE;
/* Of one run, by its full id: steps in the order they were added, params by name, metrics by
 * name, split and step. */
tend_status tend_runs_steps(tend_store *store, const char *id, tend_arena *arena, tend_run_step **out_steps, size_t *out_n,
                            tend_error *err) TEND_MUST_USE;
tend_status tend_runs_params(tend_store *store, const char *id, tend_arena *arena, tend_run_param **out_params, size_t *out_n,
                             tend_error *err) TEND_MUST_USE;
tend_status tend_runs_metrics(tend_store *store, const char *id, tend_arena *arena, tend_run_metric **out_metrics, size_t *out_n,
                              tend_error *err) TEND_MUST_USE;

#endif
