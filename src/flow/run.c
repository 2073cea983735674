/* Bringing a project up to date. */
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "flow/record.h"
#include "flow/state.h"
#include "store/runs.h"

/* A refusal by validation stops the run, and is not remembered: the next run looks again. One by a gate is a result like others, and does
 * not keep the report from being written. */
static bool stops(tend_step_id id) { return id < TEND_STEP_TRAIN; }

static void notify(const tend_run_options *options, const tend_step_report *report) {
    if (options->on_step)
        options->on_step(options->ctx, report);
}

/* A step that is current is told once, however often the run has to begin again. */
static void notify_current(const tend_run_options *options, tend_step_record *record) {
    if (!record->told)
        notify(options, &record->report);
    record->told = true;
}

/* What the cache keeps of a step besides its outputs. */
static tend_node *step_meta(tend_flow *flow, tend_step_id id, tend_step_record *record) {
    tend_node *meta = record->meta ? record->meta : tend_node_new_map(flow->arena);
    tend_node_set_int(flow->arena, meta, "version", tend_steps[id].version);
    tend_node_set_string(flow->arena, meta, "summary", record->report.summary);
    tend_node_set_double(flow->arena, meta, "seconds", record->report.seconds);
    tend_node_set_bool(flow->arena, meta, "refused", record->refused);
    tend_node *parts = tend_node_set_map(flow->arena, meta, "parts");
    for (int i = 0; i < record->n_parts; i++) {
        char text[TEND_DIGEST_HEX];
        tend_digest_format(&record->parts[i].digest, text);
        text[16] = '\0';
        tend_node_set_string(flow->arena, parts, record->parts[i].label, text);
    }
    return meta;
}

static tend_status remember(tend_flow *flow, tend_step_id id, tend_step_record *record, tend_error *err) {
    record->meta = step_meta(flow, id, record);
    TEND_AUTO_BUF meta = TEND_BUF_INIT;
    tend_json_format(record->meta, 0, &meta);
    tend_cache_entry entry = {.key = record->key,
                              .step = tend_steps[id].name,
                              .meta = tend_buf_text(&meta),
                              .outputs = record->outputs,
                              .n_outputs = (size_t)record->n_outputs};
    return tend_cache_put(flow->store, &entry, err);
}

static void note_step(tend_flow *flow, const tend_step_record *record, const char *status) {
    tend_run_output outputs[TEND_MAX_OUTPUTS];
    for (int i = 0; i < record->n_outputs; i++)
        outputs[i] = (tend_run_output){record->outputs[i].name, record->outputs[i].digest};
    tend_run_step step = {.name = record->report.name,
                          .status = status,
                          .key = record->key,
                          .seconds = record->report.seconds,
                          .reason = record->report.reason,
                          .outputs = outputs,
                          .n_outputs = (size_t)record->n_outputs};
    /* The record of a run is worth less than the run: a failure to write it shows when the run is finished. */
    TEND_IGNORE(tend_runs_add_step(flow->store, flow->run_id, &step, NULL));
}

static tend_status begin_record(tend_flow *flow, const tend_run_options *options, tend_error *err) {
    if (flow->run_id)
        return TEND_OK;
    char *id = tend_arena_alloc(flow->arena, TEND_RUN_ID);
    TEND_TRY(tend_record_start(flow, options->command, id, err));
    flow->run_id = id;
    for (int i = 0; i < TEND_STEP_COUNT; i++)
        if (flow->steps[i].current)
            note_step(flow, &flow->steps[i], "cached");
    return TEND_OK;
}

/* An object of the store that is damaged is no object: taken away, so that the step that made it has to be done again. More than a few are
 * a disk that does not keep what it is given. */
static bool take_away_damage(tend_flow *flow, tend_status status) {
    enum { MOST = 32 };
    tend_damage *damage = &flow->damage;
    if (status != TEND_CORRUPT || !damage->what || damage->removed == MOST ||
        tend_objects_remove(flow->objects, &damage->digest, NULL) != TEND_OK)
        return false;
    tend_log(TEND_LOG_WARNING, "%s is damaged in the store: it is made again", damage->what);
    damage->what = NULL;
    damage->removed++;
    damage->again = true;
    return true;
}

static tend_status execute(tend_flow *flow, tend_step_id id, const tend_run_options *options, tend_error *err) {
    tend_step_record *record = &flow->steps[id];
    TEND_TRY(begin_record(flow, options, err));
    record->n_outputs = 0;
    record->meta = NULL;
    record->report.state = TEND_STEP_STALE;
    record->report.summary = NULL;
    notify(options, &record->report);
    double started = tend_clock_seconds();
    tend_status status = tend_cancel_requested()
                             ? TEND_FAIL(err, CANCELLED, "stopped before %s; `tend run` goes on from here", tend_steps[id].name)
                             : tend_steps[id].run(flow, record, err);
    if (status == TEND_CANCELLED)
        status = TEND_FAIL(err, CANCELLED, "stopped in %s; `tend run` goes on from there", tend_steps[id].name);
    record->report.seconds = tend_clock_seconds() - started;
    if (take_away_damage(flow, status))
        return status;
    if (status == TEND_OK && !(record->refused && stops(id)))
        status = remember(flow, id, record, err);
    record->report.state = status == TEND_OK ? TEND_STEP_DONE : TEND_STEP_FAILED;
    record->report.refused = record->refused;
    record->current = status == TEND_OK;
    if (status != TEND_OK && err && !record->report.summary)
        record->report.summary = tend_arena_strdup(flow->arena, err->message);
    note_step(flow, record, status == TEND_OK ? "run" : "failed");
    notify(options, &record->report);
    return status;
}

static tend_status run_step(tend_flow *flow, tend_step_id id, bool planned, const tend_run_options *options, bool *out_refused,
                            tend_error *err) {
    tend_step_record *record = &flow->steps[id];
    if (!planned)
        TEND_TRY(tend_flow_plan_step(flow, id, err));
    if (!record->planned)
        return TEND_FAIL(err, BUG, "step %s has no key", tend_steps[id].name);
    if (record->current && options->force) {
        record->current = false;
        record->report.reason = "asked for";
    }
    if (!record->current)
        TEND_TRY(execute(flow, id, options, err));
    else if (flow->run_id)
        note_step(flow, record, "cached");
    if (record->report.state == TEND_STEP_CURRENT) {
        tend_status status = tend_steps[id].ensure ? tend_steps[id].ensure(flow, record, err) : TEND_OK;
        (void)take_away_damage(flow, status);
        TEND_TRY(status);
        notify_current(options, record);
    }
    *out_refused = record->refused;
    return TEND_OK;
}

static tend_status run_steps(tend_flow *flow, const tend_run_options *options, bool *out_refused, tend_error *err) {
    TEND_TRY(tend_flow_find_files(flow, err));
    bool stopped = false;
    int n_planned = 0;
    if (!options->force)
        TEND_TRY(tend_flow_plan(flow, options->last, &n_planned, err));
    for (int i = 0; i < TEND_STEP_COUNT; i++) {
        if (stopped || i > (int)options->last) {
            flow->steps[i].report.state = TEND_STEP_SKIPPED;
            continue;
        }
        bool refused = false;
        tend_status status = run_step(flow, (tend_step_id)i, i < n_planned, options, &refused, err);
        if (status != TEND_OK) {
            for (int k = i + 1; k < TEND_STEP_COUNT; k++)
                flow->steps[k].report.state = TEND_STEP_SKIPPED;
            return status;
        }
        *out_refused = *out_refused || refused;
        stopped = refused && stops((tend_step_id)i);
    }
    return TEND_OK;
}

/* Goes through the steps, and once more whenever a damaged object was taken away. */
static tend_status mend_and_run(tend_flow *flow, const tend_run_options *options, bool *out_refused, tend_error *err) {
    for (;;) {
        *out_refused = false;
        tend_status status = run_steps(flow, options, out_refused, err);
        if (status != TEND_CORRUPT || !flow->damage.again)
            return status;
        flow->damage.again = false;
        tend_flow_forget_values(flow);
    }
}

/* The project's lock; while it waits it says for whom. */
static tend_status acquire_lock(tend_flow *flow, const tend_run_options *options, tend_lock *lock, tend_error *err) {
    const char *path = tend_store_lock_path(flow->store);
    tend_error busy = TEND_ERROR_INIT;
    tend_status status = tend_lock_acquire(lock, path, 0, &busy);
    if (status != TEND_BUSY || options->wait_ms == 0) {
        if (status != TEND_OK && err)
            *err = busy;
        return status == TEND_BUSY
                   ? tend_error_hint(err, status, "another run is at work in this project; `tend run` without --wait waits for it")
                   : status;
    }
    tend_log(TEND_LOG_INFO, "waiting: %s", busy.message);
    return tend_lock_acquire(lock, path, options->wait_ms, err);
}

/* What is used stays out of gc's way. */
static void touch(tend_flow *flow) {
    tend_digest keys[TEND_STEP_COUNT];
    size_t n = 0;
    for (int i = 0; i < TEND_STEP_COUNT; i++)
        if (flow->steps[i].current && flow->steps[i].old)
            keys[n++] = flow->steps[i].key;
    if (n)
        TEND_IGNORE(tend_cache_touch(flow->store, keys, n, NULL)); /* gc then goes by an older time */
}

/* What a killed run was writing beside its place. Who holds the lock is the only one to write these. */
static void remove_leftovers(tend_flow *flow) {
    static const char *const ours[] = {"tend.lock.tmp-", "report.html.tmp-", "model-card.md.tmp-", "quarantine.csv.tmp-"};
    const char *const folders[] = {flow->project->state, tend_flow_state_path(flow, "report")};
    for (size_t f = 0; f < 2; f++) {
        char **names;
        size_t n;
        if (tend_fs_list(folders[f], flow->arena, &names, &n, NULL) != TEND_OK)
            continue;
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < sizeof(ours) / sizeof(ours[0]); k++)
                if (tend_text_has_prefix(names[i], ours[k]))
                    TEND_IGNORE(tend_fs_remove(tend_path_join(flow->arena, folders[f], names[i]), NULL));
    }
}

static tend_status locked_run(tend_flow *flow, const tend_run_options *options, tend_run_result *out, tend_error *err) {
    bool refused = false;
    tend_error failure = TEND_ERROR_INIT;
    remove_leftovers(flow);
    tend_status status = mend_and_run(flow, options, &refused, &failure);
    touch(flow);
    /* A run of the first steps only, or one that was refused before there was a model, leaves the lock of the last model alone. */
    if (status == TEND_OK && flow->steps[TEND_STEP_REGISTER].current)
        status = tend_record_write_lock(flow, &failure);
    tend_error closing = TEND_ERROR_INIT;
    tend_status closed = tend_record_finish(flow, status, &failure, refused, options->want_document, &out->document, &closing);
    if (status == TEND_OK && closed != TEND_OK) {
        status = closed;
        failure = closing;
    }
    out->run_id = flow->run_id;
    out->refused = refused;
    for (int i = 0; i < TEND_STEP_COUNT; i++)
        out->steps[i] = flow->steps[i].report;
    if (status != TEND_OK && err)
        *err = failure;
    return status;
}

tend_status tend_flow_run(tend_project *project, const tend_run_options *options, tend_arena *arena, tend_run_result *out,
                          tend_error *err) {
    tend_flow *flow;
    *out = (tend_run_result){0};
    TEND_TRY(tend_flow_open(project, TEND_STORE_WRITE, arena, &flow, err));
    tend_lock lock = TEND_LOCK_INIT;
    tend_status status = acquire_lock(flow, options, &lock, err);
    if (status == TEND_OK)
        status = locked_run(flow, options, out, err);
    tend_lock_release(&lock);
    tend_flow_close(flow);
    return status;
}
