/* What would run, and why: keys, and what differs from the last time. */
#include "base/clock.h"
#include "flow/state.h"

const tend_step tend_steps[TEND_STEP_COUNT] = {
    [TEND_STEP_PROBLEM] = {"problem", "what is asked, and when it is good enough", 1, "name problem", "", NULL, tend_step_problem, NULL},
    [TEND_STEP_ACQUIRE] = {"acquire", "read the sources into one table, a snapshot", 1, "data.sources data.select data.missing", "",
                           tend_step_acquire_key, tend_step_acquire, tend_step_acquire_ensure},
    [TEND_STEP_VALIDATE] =
        {"validate", "hold the table against its expectations; look for leaks", 2,
         "data.expect data.bad_rows data.duplicates data.allow features.drop problem.target problem.task problem.positive",
         "acquire.table acquire.bad", tend_step_validate_key, tend_step_validate, tend_step_validate_ensure},
    [TEND_STEP_SPLIT] = {"split", "set the test rows apart", 1, "data.split problem.target problem.task problem.positive", "validate.table",
                         tend_step_split_key, tend_step_split, NULL},
    [TEND_STEP_PREPARE] = {"prepare", "fit the features on the training rows", 1, "features data.split.seed problem.target",
                           "validate.table split.split", NULL, tend_step_prepare, NULL},
    [TEND_STEP_TRAIN] = {"train", "train the learners, keep the best", 2,
                         "train.learners train.folds train.validation train.refit problem.metric problem.decide data.split.seed",
                         "validate.table split.split prepare.pipeline", NULL, tend_step_train, NULL},
    [TEND_STEP_EVALUATE] = {"evaluate", "judge the model on the test rows", 2,
                            "evaluate problem.metric problem.goal problem.baseline problem.min_gain problem.decide data.split.seed",
                            "validate.table split.split prepare.pipeline train.predictor train.result", NULL, tend_step_evaluate, NULL},
    [TEND_STEP_REGISTER] = {"register", "put the model into the registry", 1,
                            "name problem data.expect data.missing data.select data.split.seed",
                            "acquire.table acquire.snapshot validate.table split.split prepare.pipeline prepare.profile train.predictor "
                            "train.result evaluate.result",
                            tend_step_register_key, tend_step_register, tend_step_register_ensure},
    [TEND_STEP_REPORT] = {"report", "write the report and the model card", 2, "name problem evaluate",
                          "problem.problem acquire.snapshot validate.check validate.profile split.summary prepare.features train.result "
                          "evaluate.result register.bundle",
                          NULL, tend_step_report_run, tend_step_report_ensure},
};

const char *tend_step_name(tend_step_id step) { return tend_steps[step].name; }
const char *tend_step_help(tend_step_id step) { return tend_steps[step].help; }

bool tend_step_parse(const char *name, tend_step_id *out) {
    for (int i = 0; i < TEND_STEP_COUNT; i++)
        if (!strcmp(tend_steps[i].name, name)) {
            *out = (tend_step_id)i;
            return true;
        }
    return false;
}

tend_status tend_flow_open(tend_project *project, tend_store_mode mode, tend_arena *arena, tend_flow **out, tend_error *err) {
    tend_flow *flow = TEND_NEW(arena, tend_flow);
    flow->project = project;
    flow->arena = arena;
    tend_store_options options = {.folder = tend_flow_state_path(flow, ".tend"), .mode = mode};
    tend_status status = tend_store_open(&options, &flow->store, err);
    if (status == TEND_OK)
        flow->objects = tend_store_objects(flow->store);
    else if (mode == TEND_STORE_WRITE || status != TEND_NOT_FOUND)
        return status;
    for (int i = 0; i < TEND_STEP_COUNT; i++)
        flow->steps[i].report.name = tend_steps[i].name;
    *out = flow;
    return TEND_OK;
}

void tend_flow_close(tend_flow *flow) {
    if (!flow)
        return;
    tend_engine_free(flow->engine);
    tend_flow_forget_values(flow);
    tend_store_close(flow->store);
}

const char *tend_flow_path(tend_flow *flow, const char *relative) {
    return !strcmp(flow->project->folder, ".") ? relative : tend_path_join(flow->arena, flow->project->folder, relative);
}

const char *tend_flow_state_path(tend_flow *flow, const char *relative) {
    return !strcmp(flow->project->state, ".") ? relative : tend_path_join(flow->arena, flow->project->state, relative);
}

/* ---- source files ---- */

static tend_status find_source_files(tend_flow *flow, int source, int *capacity, tend_error *err) {
    const tend_source *s = &flow->project->sources[source];
    for (int k = 0; k < s->n_from; k++) {
        char **paths;
        size_t n;
        tend_status status = tend_data_files(tend_flow_path(flow, s->from[k]), flow->arena, &paths, &n, err);
        if (status != TEND_OK)
            return tend_error_at(err, status, s->span);
        size_t prefix = !strcmp(flow->project->folder, ".") ? 0 : strlen(flow->project->folder) + 1;
        bool absolute = s->from[k][0] == '/';
        for (size_t i = 0; i < n; i++) {
            if (flow->n_files == *capacity) {
                int larger = *capacity ? 2 * *capacity : 16;
                flow->files = tend_arena_grow(flow->arena, flow->files, (size_t)*capacity * sizeof(tend_input_file),
                                              (size_t)larger * sizeof(tend_input_file));
                *capacity = larger;
            }
            flow->files[flow->n_files++] =
                (tend_input_file){.on_disk = paths[i], .path = absolute ? paths[i] : paths[i] + prefix, .source = source};
        }
    }
    return TEND_OK;
}

tend_status tend_flow_find_files(tend_flow *flow, tend_error *err) {
    int capacity = 0;
    flow->n_files = 0;
    flow->files = NULL;
    for (int i = 0; i < flow->project->n_sources; i++)
        TEND_TRY(find_source_files(flow, i, &capacity, err));
    tend_file_record *records = TEND_ARRAY(flow->arena, tend_file_record, flow->n_files + 1);
    for (int i = 0; i < flow->n_files; i++) {
        records[i] = (tend_file_record){.path = flow->files[i].on_disk, .rows = -1, .stamped_ns = tend_file_now()};
        TEND_TRY(tend_fs_stamp(records[i].path, &records[i].stamp, err));
    }
    if (flow->store)
        TEND_TRY(tend_files_get(flow->store, records, (size_t)flow->n_files, err));
    bool learned = false;
    for (int i = 0; i < flow->n_files; i++) {
        if (!records[i].known) {
            tend_status status = tend_fs_digest(records[i].path, &records[i].digest, &flow->files[i].size, err);
            if (status != TEND_OK)
                return tend_error_at(err, status, flow->project->sources[flow->files[i].source].span);
            learned = true;
        }
        flow->files[i].digest = records[i].digest;
        flow->files[i].size = records[i].stamp.size;
    }
    /* Reading the stamps of a project that cannot be written is fine: they are only forgotten. */
    if (learned && flow->store)
        TEND_IGNORE(tend_files_put(flow->store, records, (size_t)flow->n_files, NULL));
    return TEND_OK;
}

/* ---- keys ---- */

void tend_flow_key_part(tend_flow *flow, tend_step_record *record, const char *label, const tend_digest *digest) {
    if (record->n_parts == record->parts_capacity) {
        int larger = record->parts_capacity ? 2 * record->parts_capacity : 16;
        record->parts = tend_arena_grow(flow->arena, record->parts, (size_t)record->parts_capacity * sizeof(tend_key_part),
                                        (size_t)larger * sizeof(tend_key_part));
        record->parts_capacity = larger;
    }
    record->parts[record->n_parts++] = (tend_key_part){tend_arena_strdup(flow->arena, label), *digest};
}

/* Maps are taken apart one level, so that a reason can say `train.folds` instead of `train`. */
static void key_of_path(tend_flow *flow, tend_step_record *record, const char *path) {
    const tend_node *node = tend_node_path(flow->project->config, path);
    if (node && node->kind == TEND_NODE_MAP && !strchr(path, '.')) {
        TEND_NODE_EACH(child, node)
            key_of_path(flow, record, tend_arena_printf(flow->arena, "%s.%s", path, child->key));
        return;
    }
    tend_buf text = TEND_BUF_INIT;
    tend_project_fingerprint(flow->project, path, &text);
    tend_digest digest = tend_digest_of(tend_buf_text(&text), text.size);
    tend_flow_key_part(flow, record, tend_arena_printf(flow->arena, "tend.yaml: %s", path), &digest);
    tend_buf_done(&text);
}

static bool next_word(const char **list, char *out, size_t size) {
    const char *at = *list + strspn(*list, " ");
    size_t n = strcspn(at, " ");
    if (!n || n >= size)
        return false;
    memcpy(out, at, n);
    out[n] = '\0';
    *list = at + n;
    return true;
}

static bool parse_need(const char *word, tend_step_id *out_step, const char **out_name) {
    char step[32];
    const char *dot = strchr(word, '.');
    memcpy(step, word, (size_t)(dot - word));
    step[dot - word] = '\0';
    *out_name = dot + 1;
    return tend_step_parse(step, out_step);
}

/* False when a step that is needed has no outputs (yet). */
static bool key_of_needs(tend_flow *flow, const tend_step *step, tend_step_record *record) {
    char word[64];
    for (const char *list = step->needs; next_word(&list, word, sizeof word);) {
        tend_step_id from;
        const char *name;
        const tend_digest *digest = parse_need(word, &from, &name) ? tend_flow_output(flow, from, name) : NULL;
        if (!digest)
            return false;
        tend_flow_key_part(flow, record, tend_arena_printf(flow->arena, "the %s of %s", name, tend_steps[from].name), digest);
    }
    return true;
}

static void finish_key(const tend_step *step, tend_step_record *record) {
    tend_sha256 sha;
    tend_sha256_init(&sha);
    tend_sha256_text(&sha, "tend step");
    tend_sha256_text(&sha, step->name);
    uint8_t version = (uint8_t)step->version;
    tend_sha256_field(&sha, &version, 1);
    for (int i = 0; i < record->n_parts; i++) {
        tend_sha256_text(&sha, record->parts[i].label);
        tend_sha256_field(&sha, record->parts[i].digest.bytes, sizeof record->parts[i].digest.bytes);
    }
    record->key = tend_sha256_final(&sha);
}

/* ---- why ---- */

static void part_text(const tend_digest *digest, char out[TEND_DIGEST_HEX]) {
    tend_digest_format(digest, out);
    out[16] = '\0';
}

static const char *why_stale(tend_flow *flow, tend_step_id id, const tend_step_record *record) {
    tend_cache_entry *last = NULL;
    size_t n = 0;
    if (!flow->store || tend_cache_list(flow->store, tend_steps[id].name, 1, flow->arena, &last, &n, NULL) != TEND_OK || !n)
        return "never ran";
    tend_node *meta = NULL;
    if (tend_json_parse(last->meta, strlen(last->meta), NULL, flow->arena, &meta, NULL) != TEND_OK)
        return "the last record cannot be read";
    if (tend_node_int(tend_node_get(meta, "version"), 0) != tend_steps[id].version)
        return "tend itself changed";
    const tend_node *before = tend_node_get(meta, "parts");
    tend_buf text = TEND_BUF_INIT;
    int changes = 0;
    for (int i = 0; i < record->n_parts; i++) {
        char now[TEND_DIGEST_HEX];
        part_text(&record->parts[i].digest, now);
        const char *then = tend_node_string(tend_node_get(before, record->parts[i].label), NULL);
        if ((!then || strcmp(then, now)) && changes++ < 4)
            tend_buf_printf(&text, "%s%s %s", text.size ? ", " : "", record->parts[i].label, then ? "changed" : "is new");
    }
    TEND_NODE_EACH(part, before) {
        bool still = false;
        for (int i = 0; i < record->n_parts && !still; i++)
            still = !strcmp(record->parts[i].label, part->key);
        if (!still && changes++ < 4)
            tend_buf_printf(&text, "%s%s is gone", text.size ? ", " : "", part->key);
    }
    if (changes > 4)
        tend_buf_printf(&text, " and %d more", changes - 4);
    const char *why = changes ? tend_arena_strdup(flow->arena, tend_buf_text(&text)) : "its results are no longer in the store";
    tend_buf_done(&text);
    return why;
}

static void take_entry(tend_flow *flow, tend_step_record *record, const tend_cache_entry *entry) {
    record->n_outputs = 0;
    for (size_t i = 0; i < entry->n_outputs && i < TEND_MAX_OUTPUTS; i++)
        record->outputs[record->n_outputs++] = entry->outputs[i];
    if (tend_json_parse(entry->meta, strlen(entry->meta), NULL, flow->arena, &record->meta, NULL) != TEND_OK)
        record->meta = tend_node_new_map(flow->arena);
    record->current = true;
    record->old = tend_cache_is_old(entry);
    record->refused = record->report.refused = tend_node_bool(tend_node_get(record->meta, "refused"), false);
    record->report.state = TEND_STEP_CURRENT;
    record->report.reason = NULL;
    record->report.summary = tend_node_string(tend_node_get(record->meta, "summary"), NULL);
    record->report.seconds = tend_node_double(tend_node_get(record->meta, "seconds"), 0);
}

tend_status tend_flow_plan_step(tend_flow *flow, tend_step_id id, tend_error *err) {
    const tend_step *step = &tend_steps[id];
    tend_step_record *record = &flow->steps[id];
    record->n_parts = 0;
    record->planned = record->current = false;
    char word[64];
    for (const char *list = step->reads; next_word(&list, word, sizeof word);)
        key_of_path(flow, record, word);
    if (step->key)
        TEND_TRY(step->key(flow, record, err));
    if (!key_of_needs(flow, step, record)) {
        record->report.state = TEND_STEP_UNKNOWN;
        record->report.reason = "depends on what the steps before it give";
        return TEND_OK;
    }
    finish_key(step, record);
    record->planned = true;
    tend_cache_entry *entry = NULL;
    if (flow->store)
        TEND_TRY(tend_cache_get(flow->store, &record->key, flow->arena, &entry, err));
    if (entry) {
        take_entry(flow, record, entry);
        return TEND_OK;
    }
    record->report.state = TEND_STEP_STALE;
    record->report.reason = why_stale(flow, id, record);
    return TEND_OK;
}

/* All steps that nothing keeps from being planned now, in one view of the store. */
tend_status tend_flow_plan(tend_flow *flow, tend_step_id last, int *out_n, tend_error *err) {
    int n = 0;
    TEND_TRY(tend_store_view_begin(flow->store, err));
    tend_status status = TEND_OK;
    for (bool go_on = true; go_on && n <= (int)last;) {
        status = tend_flow_plan_step(flow, (tend_step_id)n, err);
        go_on = status == TEND_OK && flow->steps[n].current;
        n += status == TEND_OK;
    }
    tend_store_view_end(flow->store);
    *out_n = n;
    return status;
}

tend_status tend_flow_status(tend_project *project, tend_arena *arena, tend_step_report out[TEND_STEP_COUNT], tend_error *err) {
    tend_flow *flow;
    TEND_TRY(tend_flow_open(project, TEND_STORE_READ, arena, &flow, err));
    tend_status status = tend_flow_find_files(flow, err);
    for (int i = 0; i < TEND_STEP_COUNT && status == TEND_OK; i++) {
        status = tend_flow_plan_step(flow, (tend_step_id)i, err);
        out[i] = flow->steps[i].report;
    }
    tend_flow_close(flow);
    return status;
}

/* ---- outputs ---- */

const tend_digest *tend_flow_output(const tend_flow *flow, tend_step_id step, const char *name) {
    const tend_step_record *record = &flow->steps[step];
    if (!record->current)
        return NULL;
    for (int i = 0; i < record->n_outputs; i++)
        if (!strcmp(record->outputs[i].name, name))
            return &record->outputs[i].digest;
    return NULL;
}

tend_status tend_flow_emit(tend_flow *flow, tend_step_record *record, const char *name, const void *data, size_t size, tend_error *err) {
    if (record->n_outputs == TEND_MAX_OUTPUTS)
        return TEND_FAIL(err, BUG, "too many outputs in step %s", record->report.name);
    tend_cache_output *output = &record->outputs[record->n_outputs];
    TEND_TRY(tend_objects_put(flow->objects, data, size, &output->digest, err));
    output->name = name;
    record->n_outputs++;
    return TEND_OK;
}

tend_status tend_flow_emit_json(tend_flow *flow, tend_step_record *record, const char *name, const tend_node *node, tend_error *err) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_json_format(node, 1, &text);
    TEND_TRY(tend_buf_status(&text, err));
    return tend_flow_emit(flow, record, name, tend_buf_text(&text), text.size, err);
}

tend_status tend_flow_load(tend_flow *flow, tend_step_id step, const char *name, char **out_data, size_t *out_size, tend_error *err) {
    const tend_digest *digest = tend_flow_output(flow, step, name);
    if (!digest)
        return TEND_FAIL(err, BUG, "the %s of step %s is not there", name, tend_steps[step].name);
    tend_status status = tend_objects_get(flow->objects, digest, flow->arena, out_data, out_size, err);
    if (status == TEND_OK)
        return TEND_OK;
    const char *what = tend_arena_printf(flow->arena, "the %s of step %s", name, tend_steps[step].name);
    return tend_error_wrap(err, tend_flow_note_damage(flow, status, digest, what), "loading %s", what);
}

tend_status tend_flow_export(tend_flow *flow, tend_step_id step, const char *name, const char *path, tend_error *err) {
    const tend_digest *digest = tend_flow_output(flow, step, name);
    if (!digest)
        return TEND_FAIL(err, BUG, "the %s of step %s is not there", name, tend_steps[step].name);
    return tend_flow_note_damage(flow, tend_objects_export(flow->objects, digest, path, err), digest,
                                 tend_arena_printf(flow->arena, "the %s of step %s", name, tend_steps[step].name));
}

tend_status tend_flow_note_damage(tend_flow *flow, tend_status status, const tend_digest *digest, const char *what) {
    if (status == TEND_CORRUPT && !flow->damage.what)
        flow->damage = (tend_damage){what, *digest, flow->damage.removed, false};
    return status;
}

tend_status tend_flow_load_json(tend_flow *flow, tend_step_id step, const char *name, tend_node **out, tend_error *err) {
    char *text;
    size_t size;
    TEND_TRY(tend_flow_load(flow, step, name, &text, &size, err));
    return tend_json_parse(text, size, tend_arena_printf(flow->arena, "%s.%s", tend_steps[step].name, name), flow->arena, out, err);
}

void tend_flow_summary(tend_flow *flow, tend_step_record *record, const char *format, ...) {
    va_list args;
    va_start(args, format);
    record->report.summary = tend_arena_vprintf(flow->arena, format, args);
    va_end(args);
}

tend_status tend_flow_engine(tend_flow *flow, tend_engine **out, tend_error *err) {
    if (!flow->engine)
        TEND_TRY(tend_engine_open(&flow->engine, err));
    *out = flow->engine;
    return TEND_OK;
}
