/* The flow: a project brought up to date, step by step, nothing twice.
 *
 *     problem → acquire → validate → split → prepare → train → evaluate → register → report
 *
 * Each step has a key: the digest of its own version, of the parts of tend.yaml it reads, and of what it takes from the steps
 * before it (for acquire: of the source files). A key that is in the store's step cache has its outputs there; the step is not run
 * again. Outputs are objects; a step's in-memory values are loaded from them only when a later step asks.
 * One run at a time per project (a lock on .tend/lock). A crash loses the running step only.
 */
#ifndef TEND_FLOW_FLOW_H
#define TEND_FLOW_FLOW_H

#include "flow/project.h"
#include "store/store.h"

typedef enum tend_step_id {
    TEND_STEP_PROBLEM,
    TEND_STEP_ACQUIRE,
    TEND_STEP_VALIDATE,
    TEND_STEP_SPLIT,
    TEND_STEP_PREPARE,
    TEND_STEP_TRAIN,
    TEND_STEP_EVALUATE,
    TEND_STEP_REGISTER,
    TEND_STEP_REPORT,
    TEND_STEP_COUNT
} tend_step_id;

typedef enum tend_step_state {
    TEND_STEP_CURRENT, /* in the cache: nothing to do */
    TEND_STEP_STALE,   /* would run; see reason */
    TEND_STEP_UNKNOWN, /* depends on a stale step's result */
    TEND_STEP_DONE,    /* ran now */
    TEND_STEP_FAILED,
    TEND_STEP_SKIPPED /* not asked for, or a step before it failed */
} tend_step_state;

typedef struct tend_step_report {
    const char *name;
    tend_step_state state;
    const char *reason;  /* "tend.yaml: train.learners changed", "data/a.csv changed", "never ran"; NULL when current */
    const char *summary; /* one line of what came of it; NULL until it is known */
    double seconds;
    bool refused; /* an expectation or a gate said no here */
} tend_step_report;

const char *tend_step_name(tend_step_id step);
const char *tend_step_help(tend_step_id step);
bool tend_step_parse(const char *name, tend_step_id *out);

typedef struct tend_run_options {
    tend_step_id last;                                          /* run up to and including this step */
    bool force;                                                 /* run the steps even when they are current */
    const char *command;                                        /* how it was asked for, for the record */
    int wait_ms;                                                /* for the lock; < 0: for ever */
    bool want_document;                                         /* also when nothing was to do */
    void (*on_step)(void *ctx, const tend_step_report *report); /* before (state STALE) and after each step */
    void *ctx;
} tend_run_options;

typedef struct tend_run_result {
    const char *run_id;  /* NULL: nothing was to do, nothing was recorded */
    tend_node *document; /* the `tend runs show --json` document of this run; when nothing was to do (and it was wanted) of the run that
                            made what is current */
    tend_step_report steps[TEND_STEP_COUNT];
    bool refused; /* an expectation or a gate said no; document says which */
} tend_run_result;

/* REFUSED is not an error here: see result.refused. Everything else that stops a run is; the run's record says so. */
tend_status tend_flow_run(tend_project *project, const tend_run_options *options, tend_arena *arena, tend_run_result *out,
                          tend_error *err) TEND_MUST_USE;
/* What a run would do, and why; changes nothing. */
tend_status tend_flow_status(tend_project *project, tend_arena *arena, tend_step_report out[TEND_STEP_COUNT],
                             tend_error *err) TEND_MUST_USE;
/* Runs again from a lock (NULL: the project's tend.lock) or a recorded run in a scratch folder and compares the bundle byte for byte.
 * The report: {same, against, bundle, sentence, steps: [{name, same, message}]}. */
tend_status tend_flow_reproduce(tend_project *project, const char *run_id, const char *scratch, tend_arena *arena, bool *out_same,
                                tend_node **out_report, tend_error *err) TEND_MUST_USE;

/* tend init: writes tend.yaml for data files. */
typedef struct tend_init_options {
    const char *folder;
    const char *const *data;
    int n_data;
    const char *target; /* NULL: an error that lists the columns that look like one */
    const char *name;   /* NULL: the folder's name */
    bool force;         /* overwrite an existing tend.yaml */
} tend_init_options;
tend_status tend_flow_init(const tend_init_options *options, tend_arena *arena, const char **out_path, tend_node **out_summary,
                           tend_error *err) TEND_MUST_USE;

/* The formats tend reads and writes, for readers and writers at the top. NULL-terminated. */
extern const tend_format *const tend_formats[];
/* The files that a path, a pattern or a folder stands for, sorted; at least one. Of a folder: those whose names tell a format (and not
 * .txt: a README is no data), or all when no name does. */
tend_status tend_data_files(const char *path, tend_arena *arena, char ***out_files, size_t *out_n, tend_error *err) TEND_MUST_USE;

#endif
