/* A flow at work: what its steps share. Private to the flow room.
 *
 * Each step leaves named outputs, objects in the store. Values in memory (the table, the split, the pipeline …) are made from those
 * objects when a later step first asks (values.c), so a step that is current costs nothing, and a step cannot use what it did not
 * declare to need.
 */
#ifndef TEND_FLOW_STATE_H
#define TEND_FLOW_STATE_H

#include "data/check.h"
#include "data/profile.h"
#include "engine/engine.h"
#include "flow/flow.h"
#include "flow/target.h"
#include "learn/split.h"
#include "model/bundle.h"
#include "store/cache.h"

enum { TEND_MAX_OUTPUTS = 8 };

/* One part of a step's key, by the name a person knows it under: "tend.yaml: data.split", "data/a.csv", "the table". */
typedef struct tend_key_part {
    const char *label;
    tend_digest digest;
} tend_key_part;

typedef struct tend_step_record {
    tend_digest key;
    bool planned; /* key and parts are known */
    bool current; /* outputs are known */
    bool old;     /* current, and not used for so long that gc should be told */
    tend_key_part *parts;
    int n_parts, parts_capacity;
    tend_cache_output outputs[TEND_MAX_OUTPUTS];
    int n_outputs;
    tend_node *meta; /* {"summary": …, "parts": {…}, and facts of the step's own} */
    tend_step_report report;
    bool refused;
    bool told; /* that it is current */
} tend_step_record;

/* A file of a source, seen. */
typedef struct tend_input_file {
    const char *path;    /* as the project names it */
    const char *on_disk; /* as we open it */
    int source;
    tend_digest digest;
    uint64_t size;
} tend_input_file;

/* An object of the store that was found damaged: a run removes it and makes it again. */
typedef struct tend_damage {
    const char *what; /* "the table of step validate"; NULL: none */
    tend_digest digest;
    int removed; /* so far */
    bool again;  /* one was just removed: the steps are to be gone through again */
} tend_damage;

typedef struct tend_flow {
    tend_project *project;
    tend_arena *arena;
    tend_store *store;
    const tend_objects *objects;
    tend_engine *engine; /* opened on first use */
    tend_step_record steps[TEND_STEP_COUNT];
    const char *run_id;
    tend_damage damage;

    tend_input_file *files; /* of all sources, in order; found while planning acquire */
    int n_files;

    /* values, NULL until asked for */
    tend_table *raw, *table;
    tend_target *target;
    tend_split *split;
    tend_pipeline *pipeline;
    float *x_train, *x_test;
    tend_predictor *predictor;
} tend_flow;

typedef struct tend_step {
    const char *name, *help;
    int version;       /* of the step's code: a new number makes old results stale */
    const char *reads; /* paths of tend.yaml, separated by blanks */
    const char *needs; /* outputs of steps before it: "validate.table split.rows" */
    tend_status (*key)(tend_flow *flow, tend_step_record *record, tend_error *err); /* further parts; NULL: none */
    tend_status (*run)(tend_flow *flow, tend_step_record *record, tend_error *err);
    /* What must hold outside the store when the step is current (a file in the project's folder, an entry of the registry); NULL: nothing.
     */
    tend_status (*ensure)(tend_flow *flow, tend_step_record *record, tend_error *err);
} tend_step;

extern const tend_step tend_steps[TEND_STEP_COUNT];

/* ---- for the steps ---- */
tend_status tend_flow_emit(tend_flow *flow, tend_step_record *record, const char *name, const void *data, size_t size,
                           tend_error *err) TEND_MUST_USE;
tend_status tend_flow_emit_json(tend_flow *flow, tend_step_record *record, const char *name, const tend_node *node,
                                tend_error *err) TEND_MUST_USE;
void tend_flow_summary(tend_flow *flow, tend_step_record *record, const char *format, ...) __attribute__((format(printf, 3, 4)));
void tend_flow_key_part(tend_flow *flow, tend_step_record *record, const char *label, const tend_digest *digest);
const tend_digest *tend_flow_output(const tend_flow *flow, tend_step_id step, const char *name); /* NULL: absent */
tend_status tend_flow_load(tend_flow *flow, tend_step_id step, const char *name, char **out_data, size_t *out_size,
                           tend_error *err) TEND_MUST_USE;
tend_status tend_flow_load_json(tend_flow *flow, tend_step_id step, const char *name, tend_node **out, tend_error *err) TEND_MUST_USE;
/* An output as a file outside of the store. */
tend_status tend_flow_export(tend_flow *flow, tend_step_id step, const char *name, const char *path, tend_error *err) TEND_MUST_USE;
/* What was read of an object; a damaged one is noted for the run to make again. */
tend_status tend_flow_note_damage(tend_flow *flow, tend_status status, const tend_digest *digest, const char *what);
tend_status tend_flow_engine(tend_flow *flow, tend_engine **out, tend_error *err) TEND_MUST_USE;
const char *tend_flow_path(tend_flow *flow, const char *relative);       /* what the user gave: under the project's folder */
const char *tend_flow_state_path(tend_flow *flow, const char *relative); /* what tend writes: .tend, report/, tend.lock */

/* ---- values (values.c) ---- */
tend_status tend_flow_raw(tend_flow *flow, const tend_table **out, tend_error *err) TEND_MUST_USE;   /* acquire's table */
tend_status tend_flow_table(tend_flow *flow, const tend_table **out, tend_error *err) TEND_MUST_USE; /* after validation */
tend_status tend_flow_target(tend_flow *flow, const tend_target **out, tend_error *err) TEND_MUST_USE;
tend_status tend_flow_split(tend_flow *flow, const tend_split **out, tend_error *err) TEND_MUST_USE;
tend_status tend_flow_pipeline(tend_flow *flow, const tend_pipeline **out, tend_error *err) TEND_MUST_USE;
tend_status tend_flow_x_train(tend_flow *flow, const float **out,
                              tend_error *err) TEND_MUST_USE; /* out of fold where encodings use the target */
tend_status tend_flow_x_test(tend_flow *flow, const float **out, tend_error *err) TEND_MUST_USE;
tend_status tend_flow_predictor(tend_flow *flow, const tend_predictor **out, tend_error *err) TEND_MUST_USE;
void tend_flow_forget_values(tend_flow *flow); /* they are made anew when asked for */
/* y of the given rows. */
double *tend_flow_y(tend_flow *flow, const tend_target *target, const int64_t *rows, int64_t n);
void tend_flow_pipeline_options(tend_flow *flow, const tend_target *target, const tend_split *split, tend_pipeline_options *out);
const char *tend_flow_metric(const tend_flow *flow, const tend_target *target); /* the problem's, or the usual one */

/* ---- planning (plan.c) ---- */
tend_status tend_flow_open(tend_project *project, tend_store_mode mode, tend_arena *arena, tend_flow **out, tend_error *err) TEND_MUST_USE;
void tend_flow_close(tend_flow *flow);
/* The key of a step whose needs are current, and whether it is current itself. */
tend_status tend_flow_plan(tend_flow *flow, tend_step_id last, int *out_n, tend_error *err) TEND_MUST_USE; /* the first n are planned */
tend_status tend_flow_plan_step(tend_flow *flow, tend_step_id step, tend_error *err) TEND_MUST_USE;
tend_status tend_flow_find_files(tend_flow *flow, tend_error *err) TEND_MUST_USE;

/* ---- the steps, one file each ---- */
tend_status tend_step_problem(tend_flow *flow, tend_step_record *record, tend_error *err);
tend_status tend_step_acquire(tend_flow *flow, tend_step_record *record, tend_error *err);
tend_status tend_step_acquire_ensure(tend_flow *flow, tend_step_record *record, tend_error *err);
tend_status tend_step_acquire_key(tend_flow *flow, tend_step_record *record, tend_error *err);
tend_status tend_step_validate(tend_flow *flow, tend_step_record *record, tend_error *err);
tend_status tend_step_validate_key(tend_flow *flow, tend_step_record *record, tend_error *err);
tend_status tend_step_validate_ensure(tend_flow *flow, tend_step_record *record, tend_error *err);
tend_status tend_step_split(tend_flow *flow, tend_step_record *record, tend_error *err);
tend_status tend_step_split_key(tend_flow *flow, tend_step_record *record, tend_error *err);
tend_status tend_step_prepare(tend_flow *flow, tend_step_record *record, tend_error *err);
tend_status tend_step_train(tend_flow *flow, tend_step_record *record, tend_error *err);
tend_status tend_step_evaluate(tend_flow *flow, tend_step_record *record, tend_error *err);
tend_status tend_step_register_key(tend_flow *flow, tend_step_record *record, tend_error *err);
tend_status tend_step_register(tend_flow *flow, tend_step_record *record, tend_error *err);
tend_status tend_step_register_ensure(tend_flow *flow, tend_step_record *record, tend_error *err);
tend_status tend_step_report_run(tend_flow *flow, tend_step_record *record, tend_error *err);
tend_status tend_step_report_ensure(tend_flow *flow, tend_step_record *record, tend_error *err);

/* acquire's "bad" output, back; rows are shifted by row_offset. */
void tend_bad_rows_from_node(const tend_node *list, int64_t row_offset, tend_bad_rows *bad);

#endif
