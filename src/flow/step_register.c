/* register: the bundle, one file that holds the model whole, and its version in the registry.
 *
 * What is in the bundle depends on the inputs alone; who, when and where belongs to the run's record and to the registry's audit trail.
 */
#include "base/clock.h"
#include "flow/state.h"
#include "flow/version.h"
#include "store/registry.h"
#include "store/snapshots.h"

#include <math.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

const char *tend_user_name(void) {
    const char *said = getenv("TEND_USER");
    if (said && *said)
        return said;
    struct passwd *entry = getpwuid(getuid());
    return entry && entry->pw_name ? entry->pw_name : "unknown";
}

static void set_digest(tend_flow *flow, tend_node *map, const char *key, const tend_digest *digest) {
    char hex[TEND_DIGEST_HEX];
    tend_digest_format(digest, hex);
    tend_node_set_string(flow->arena, map, key, hex);
}

/* ---- the manifest ---- */

static tend_status add_provenance(tend_flow *flow, const tend_node *trained, tend_node *manifest, tend_error *err) {
    tend_arena *arena = flow->arena;
    tend_node *node = tend_node_set_map(arena, manifest, "provenance");
    tend_node_set_string(arena, node, "tend", TEND_VERSION);
    tend_node_set_int(arena, node, "seed", (int64_t)flow->project->seed);
    set_digest(flow, node, "snapshot", tend_flow_output(flow, TEND_STEP_ACQUIRE, "table"));
    set_digest(flow, node, "clean_table", tend_flow_output(flow, TEND_STEP_VALIDATE, "table"));
    set_digest(flow, node, "split", tend_flow_output(flow, TEND_STEP_SPLIT, "split"));
    tend_node_set(arena, node, "libraries", tend_node_copy(arena, tend_node_get(trained, "libraries")));
    if (flow->project->select)
        tend_node_set_string(arena, tend_node_set_map(arena, node, "configuration"), "select", flow->project->select);
    tend_node *steps = tend_node_set_map(arena, node, "steps");
    for (int i = 0; i < TEND_STEP_REGISTER; i++)
        tend_node_set_int(arena, steps, tend_steps[i].name, tend_steps[i].version);
    tend_node *files = tend_node_set_list(arena, node, "files");
    for (int i = 0; i < flow->n_files; i++) {
        tend_node *file = tend_node_push(files, tend_node_new_map(arena));
        tend_node_set_string(arena, file, "path", flow->files[i].path);
        set_digest(flow, file, "sha256", &flow->files[i].digest);
    }
    (void)err;
    return TEND_OK;
}

static tend_status make_manifest(tend_flow *flow, const tend_node *trained, const tend_node *judged, tend_node **out, tend_error *err) {
    tend_arena *arena = flow->arena;
    const tend_split *split;
    TEND_TRY(tend_flow_split(flow, &split, err));
    tend_node *m = tend_node_new_map(arena);
    tend_node_set_string(arena, m, "question", flow->project->question);
    tend_node *learner = tend_node_set_map(arena, m, "learner");
    for (const char *const *key = (const char *const[]){"learner", "title", "params", "rounds", NULL}; *key; key++)
        if (tend_node_get(trained, *key))
            tend_node_set(arena, learner, strcmp(*key, "learner") ? *key : "name", tend_node_copy(arena, tend_node_get(trained, *key)));
    tend_node *rows = tend_node_set_map(arena, m, "rows");
    tend_node_set_int(arena, rows, "train", split->n_train);
    tend_node_set_int(arena, rows, "test", split->n_test);
    tend_node *metrics = tend_node_set_map(arena, m, "metrics");
    tend_node_set(arena, metrics, "test", tend_node_copy(arena, tend_node_get(judged, "metrics")));
    tend_node_set(arena, metrics, "validation", tend_node_copy(arena, tend_node_get(trained, "validation")));
    tend_node_set(arena, m, "gates", tend_node_copy(arena, tend_node_get(judged, "gates")));
    tend_node_set(arena, m, "verdict", tend_node_copy(arena, tend_node_get(judged, "verdict")));
    TEND_TRY(add_provenance(flow, trained, m, err));
    *out = m;
    return TEND_OK;
}

/* ---- the limits that only the finished model can be held against ---- */

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The 99th percentile of single predictions, in milliseconds: each row through schema binding, features and predictor. */
static tend_status measure_latency(tend_flow *flow, const tend_model *model, double *out_ms, tend_error *err) {
    enum { WARM = 100, ROWS = 1000 };
    const tend_table *table;
    TEND_TRY(tend_flow_table(flow, &table, err));
    double seconds[ROWS];
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    for (int i = -WARM; i < ROWS; i++) {
        tend_arena_clear(scratch);
        int64_t row = (int64_t)(i + WARM) % table->n_rows;
        const tend_table *one = tend_table_slice(table, row, 1, scratch);
        tend_predictions p;
        double started = tend_clock_seconds();
        TEND_TRY(tend_model_predict(model, one, scratch, &p, err));
        if (i >= 0)
            seconds[i] = tend_clock_seconds() - started;
    }
    qsort(seconds, ROWS, sizeof(double), by_value);
    *out_ms = seconds[ROWS * 99 / 100] * 1e3;
    return TEND_OK;
}

static void add_limit(tend_flow *flow, tend_node *list, const char *gate, bool passed, double value, double limit, const char *message) {
    tend_arena *arena = flow->arena;
    tend_node *item = tend_node_push(list, tend_node_new_map(arena));
    tend_node_set_string(arena, item, "gate", gate);
    tend_node_set_bool(arena, item, "passed", passed);
    tend_node_set_double(arena, item, "value", value);
    tend_node_set_double(arena, item, "limit", limit);
    tend_node_set_string(arena, item, "message", message);
}

static tend_status check_limits(tend_flow *flow, const tend_model *model, size_t size, tend_node *list, bool *io_passed, tend_error *err) {
    const tend_project *p = flow->project;
    if (p->max_model_size >= 0) {
        char have[32], may[32];
        bool ok = (int64_t)size <= p->max_model_size;
        add_limit(flow, list, "limits.model_size", ok, (double)size, (double)p->max_model_size,
                  tend_arena_printf(flow->arena, "the bundle has %s, %s of %s", tend_text_bytes(size, have),
                                    ok ? "within the limit" : "above the limit", tend_text_bytes((uint64_t)p->max_model_size, may)));
        *io_passed = *io_passed && ok;
    }
    if (!isnan(p->max_latency_ms)) {
        double ms;
        TEND_TRY(measure_latency(flow, model, &ms, err));
        bool ok = ms <= p->max_latency_ms;
        add_limit(flow, list, "limits.latency_p99", ok, ms, p->max_latency_ms,
                  tend_arena_printf(flow->arena, "one prediction takes %.3f ms (99th percentile), %s of %.3g ms", ms,
                                    ok ? "within the limit" : "above the limit", p->max_latency_ms));
        *io_passed = *io_passed && ok;
    }
    return TEND_OK;
}

/* ---- the registry ---- */

/* Idempotent: a version that is there already keeps its number, and aliases move only for what is new. */
static tend_status enter(tend_flow *flow, tend_step_record *record, bool passed, const char *metrics, tend_error *err) {
    const tend_project *p = flow->project;
    const tend_digest *bundle = tend_flow_output(flow, TEND_STEP_REGISTER, "bundle");
    const char *reference = tend_arena_printf(flow->arena, "%s@%s", p->name, TEND_CHAMPION);
    tend_version champion;
    int64_t number;
    bool known;
    TEND_TRY(tend_registry_number(flow->store, p->name, bundle, &number, &known, err));
    tend_node_set_int(flow->arena, record->meta, "model_version", number);
    if (known && (!passed || tend_registry_get(flow->store, reference, flow->arena, &champion, NULL) == TEND_OK))
        return TEND_OK; /* found out without asking who the user is, and without the lock for writing */
    const char *who = tend_user_name();
    tend_version_new new_version = {.model = p->name,
                                    .bundle = *bundle,
                                    .run = flow->run_id,
                                    .metrics = metrics,
                                    .gates = passed ? TEND_GATES_PASSED : TEND_GATES_FAILED,
                                    .who = who,
                                    .why = "tend run"};
    bool is_new;
    TEND_TRY(tend_registry_register(flow->store, &new_version, &number, &is_new, err));
    tend_node_set_int(flow->arena, record->meta, "model_version", number);
    if (!passed)
        return TEND_OK;
    if (tend_registry_get(flow->store, reference, flow->arena, &champion, NULL) == TEND_OK)
        return !is_new
                   ? TEND_OK
                   : tend_registry_promote(flow->store, p->name, number, "challenger", who, "passed all gates; a champion is there", err);
    TEND_TRY(tend_registry_promote(flow->store, p->name, number, TEND_CHAMPION, who, "the first version that passed all gates", err));
    return tend_snapshots_name(flow->store, "reference", tend_flow_output(flow, TEND_STEP_ACQUIRE, "table"), err);
}

static const char *alias_of(tend_flow *flow, int64_t number) {
    tend_version version;
    const char *reference = tend_arena_printf(flow->arena, "%s/%lld", flow->project->name, (long long)number);
    if (tend_registry_get(flow->store, reference, flow->arena, &version, NULL) != TEND_OK || !version.n_aliases)
        return NULL;
    return version.aliases[0];
}

tend_status tend_step_register_ensure(tend_flow *flow, tend_step_record *record, tend_error *err) {
    const tend_node *metrics = tend_node_get(record->meta, "metrics");
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    if (metrics)
        tend_json_format(metrics, 0, &text);
    TEND_TRY(enter(flow, record, tend_node_bool(tend_node_get(record->meta, "passed"), false), metrics ? tend_buf_text(&text) : NULL, err));
    int64_t number = tend_node_int(tend_node_get(record->meta, "model_version"), 0);
    const char *alias = alias_of(flow, number);
    tend_flow_summary(flow, record, "%s version %lld%s%s%s", flow->project->name, (long long)number, alias ? ", " : "", alias ? alias : "",
                      tend_node_bool(tend_node_get(record->meta, "passed"), false) ? "" : "; not released: a gate failed");
    return TEND_OK;
}

/* The manifest names the program that wrote it. */
tend_status tend_step_register_key(tend_flow *flow, tend_step_record *record, tend_error *err) {
    (void)err;
    tend_digest version = tend_digest_of(TEND_VERSION, strlen(TEND_VERSION));
    tend_flow_key_part(flow, record, "the version of tend", &version);
    return TEND_OK;
}

tend_status tend_step_register(tend_flow *flow, tend_step_record *record, tend_error *err) {
    const tend_target *target;
    const tend_pipeline *pipeline;
    const tend_predictor *predictor;
    tend_node *trained, *judged, *manifest;
    TEND_TRY(tend_name_check("project name", flow->project->name, err));
    TEND_TRY(tend_flow_target(flow, &target, err));
    TEND_TRY(tend_flow_pipeline(flow, &pipeline, err));
    TEND_TRY(tend_flow_predictor(flow, &predictor, err));
    TEND_TRY(tend_flow_load_json(flow, TEND_STEP_TRAIN, "result", &trained, err));
    TEND_TRY(tend_flow_load_json(flow, TEND_STEP_EVALUATE, "result", &judged, err));
    char *profile;
    size_t profile_size;
    TEND_TRY(tend_flow_load(flow, TEND_STEP_PREPARE, "profile", &profile, &profile_size, err));
    TEND_TRY(make_manifest(flow, trained, judged, &manifest, err));

    tend_model model = {.name = flow->project->name,
                        .target = flow->project->target,
                        .task = target->task,
                        .n_classes = target->n_classes,
                        .classes = target->classes,
                        .threshold = tend_node_double(tend_node_get(trained, "threshold"), 0.5),
                        .schema = flow->project->schema,
                        .pipeline = (tend_pipeline *)(uintptr_t)pipeline,
                        .predictor = (tend_predictor *)(uintptr_t)predictor};
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    TEND_TRY(tend_bundle_save(&model, manifest, profile, profile_size, &bytes, err));
    TEND_TRY(tend_flow_emit(flow, record, "bundle", bytes.data, bytes.size, err));

    record->meta = tend_node_new_map(flow->arena);
    bool passed = tend_node_bool(tend_node_get(judged, "passed"), true);
    tend_node *limits = tend_node_set_list(flow->arena, record->meta, "limits");
    TEND_TRY(check_limits(flow, &model, bytes.size, limits, &passed, err));
    tend_node_set_bool(flow->arena, record->meta, "passed", passed);
    record->refused = !passed;
    tend_node *metrics = tend_node_set_map(flow->arena, record->meta, "metrics");
    tend_node_set(flow->arena, metrics, "test", tend_node_copy(flow->arena, tend_node_get(judged, "metrics")));
    record->current = true; /* its bundle is there: ensure may look it up */
    return tend_step_register_ensure(flow, record, err);
}
