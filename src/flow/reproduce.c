/* The proof: the whole pipeline again, from nothing, in a folder of its own; every step's results held against the lock. */
#include "flow/record.h"
#include "store/runs.h"

typedef struct expectation {
    tend_node *lock;       /* parsed tend.lock */
    const char *source;    /* "tend.lock", "run 2026…" */
    tend_project *project; /* as it was configured then */
} expectation;

static tend_status parse_lock(const char *text, size_t size, const char *name, tend_arena *arena, tend_node **out, tend_error *err) {
    tend_diags diags;
    tend_diags_init(&diags, arena);
    TEND_TRY(tend_yaml_parse(text, size, name, &diags, out, err));
    if (tend_node_int(tend_node_get(*out, "lock"), 0) != 1)
        return TEND_FAIL(err, UNSUPPORTED, "%s is not a lock that this version of tend reads", name);
    return TEND_OK;
}

/* A project as it was configured then: its text, and what --set put above it. */
static tend_status with_overrides(const tend_project *here, const char *file, const char *text, const tend_node *overrides,
                                  tend_arena *arena, tend_project **out, tend_error *err) {
    const char **sets = TEND_ARRAY(arena, const char *, (overrides ? overrides->count : 0) + 1);
    int n_sets = 0;
    TEND_NODE_EACH(set, overrides)
        sets[n_sets++] = tend_node_string(set, "");
    tend_diags diags;
    tend_diags_init(&diags, arena);
    return tend_project_parse(here->folder, file, text, sets, n_sets, arena, &diags, out, err);
}

static tend_status expect_file(tend_project *project, tend_arena *arena, expectation *out, tend_error *err) {
    const char *path = !strcmp(project->folder, ".") ? "tend.lock" : tend_path_join(arena, project->folder, "tend.lock");
    if (!tend_fs_exists(path))
        return tend_error_hint(err, TEND_FAIL(err, NOT_FOUND, "%s is not there", path), "`tend run` writes it");
    char *text;
    size_t size;
    TEND_TRY(tend_fs_read(path, 16u << 20, arena, &text, &size, err));
    out->source = "tend.lock";
    TEND_TRY(parse_lock(text, size, path, arena, &out->lock, err));
    tend_digest now = tend_digest_of(project->text, strlen(project->text));
    char hex[TEND_DIGEST_HEX];
    tend_digest_format(&now, hex);
    if (strcmp(hex, tend_node_string(tend_node_get(out->lock, "configuration"), "")))
        return tend_error_hint(err, TEND_FAIL(err, REFUSED, "tend.yaml has changed since tend.lock was written"),
                               "`tend run` brings both up to date; `tend reproduce RUN` uses the configuration of that run");
    return with_overrides(project, project->file, project->text, tend_node_get(out->lock, "overrides"), arena, &out->project, err);
}

static tend_status expect_run(tend_project *project, const char *id, tend_arena *arena, expectation *out, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    const char *folder = tend_path_join(arena, project->folder, ".tend");
    TEND_TRY(tend_store_open(&(tend_store_options){.folder = folder, .mode = TEND_STORE_READ}, &store, err));
    tend_run_record run;
    TEND_TRY(tend_runs_get(store, id, arena, &run, err));
    if (!run.lock || !run.document)
        return TEND_FAIL(err, REFUSED, "run %s is %s: it has no lock", run.id, tend_run_status_name(run.status));
    tend_node *doc;
    TEND_TRY(tend_json_parse(run.document, strlen(run.document), "the record of the run", arena, &doc, err));
    out->source = tend_arena_printf(arena, "run %s", run.id);
    TEND_TRY(with_overrides(project, tend_arena_printf(arena, "tend.yaml of run %s", run.id),
                            tend_node_string(tend_node_get(doc, "configuration"), ""), tend_node_get(doc, "overrides"), arena,
                            &out->project, err));
    return parse_lock(run.lock, strlen(run.lock), out->source, arena, &out->lock, err);
}

/* The steps' results in the scratch folder's own lock against the expected one. */
static bool compare_step(const char *name, const tend_node *want, const tend_node *got, tend_arena *arena, tend_node *list) {
    tend_node *item = tend_node_push(list, tend_node_new_map(arena));
    tend_node_set_string(arena, item, "name", name);
    const char *message = "the same bytes";
    bool same = true;
    TEND_NODE_EACH(output, want) {
        const char *a = tend_node_string(output, ""), *b = tend_node_string(tend_node_get(got, output->key), "");
        if (!strcmp(output->key, "key") || !strcmp(a, b))
            continue;
        if (same)
            message = tend_arena_printf(arena, "%s differs: %.12s… then, %.12s%s now", output->key, a, *b ? b : "nothing", *b ? "…" : "");
        same = false;
    }
    tend_node_set_bool(arena, item, "same", same);
    tend_node_set_string(arena, item, "message", message);
    return same;
}

/* The first file of the lock's data that is another one now; NULL: all are the same. */
static const char *changed_file(const tend_node *then, const tend_node *now) {
    TEND_NODE_EACH(source, tend_node_get(then, "data"))
        TEND_NODE_EACH(file, source) {
            const char *path = tend_node_string(tend_node_get(file, "path"), ""),
                       *sha = tend_node_string(tend_node_get(file, "sha256"), "");
            bool found = false;
            TEND_NODE_EACH(other, tend_node_get(tend_node_get(now, "data"), source->key))
                found = found || (!strcmp(tend_node_string(tend_node_get(other, "path"), ""), path) &&
                                  !strcmp(tend_node_string(tend_node_get(other, "sha256"), ""), sha));
            if (!found)
                return path;
        }
    return NULL;
}

static const char *verdict(const expectation *expected, const tend_node *now, const char *first, const char *bundle, tend_arena *arena) {
    if (!first)
        return tend_arena_printf(arena, "Reproduced: every byte is as %s says; the bundle is %.12s….", expected->source, bundle);
    const char *file = changed_file(expected->lock, now);
    if (file)
        return tend_arena_printf(arena, "Not reproduced: %s is not the file that %s was made from.", file, expected->source);
    return tend_arena_printf(arena, "Not reproduced: the first step that gives something else than %s is %s.", expected->source, first);
}

static tend_status compare(const expectation *expected, const char *scratch, tend_arena *arena, bool *out_same, tend_node **out,
                           tend_error *err) {
    const char *path = tend_path_join(arena, scratch, "tend.lock");
    char *text;
    size_t size;
    tend_node *now, *report = tend_node_new_map(arena), *list = tend_node_set_list(arena, report, "steps");
    TEND_TRY(tend_fs_read(path, 16u << 20, arena, &text, &size, err));
    TEND_TRY(parse_lock(text, size, path, arena, &now, err));
    const char *first = NULL;
    TEND_NODE_EACH(step, tend_node_get(expected->lock, "steps"))
        if (!compare_step(step->key, step, tend_node_get(tend_node_get(now, "steps"), step->key), arena, list) && !first)
            first = step->key;
    const char *bundle = tend_node_string(tend_node_path(now, "steps.register.bundle"), "none");
    *out_same = first == NULL;
    tend_node_set_bool(arena, report, "same", *out_same);
    tend_node_set_string(arena, report, "against", expected->source);
    tend_node_set_string(arena, report, "bundle", bundle);
    tend_node_set_string(arena, report, "sentence", verdict(expected, now, first, bundle, arena));
    *out = report;
    return TEND_OK;
}

tend_status tend_flow_reproduce(tend_project *project, const char *run_id, const char *scratch, tend_arena *arena, bool *out_same,
                                tend_node **out_report, tend_error *err) {
    expectation expected = {0};
    if (run_id)
        TEND_TRY(expect_run(project, run_id, arena, &expected, err));
    else
        TEND_TRY(expect_file(project, arena, &expected, err));
    tend_project again = *expected.project;
    again.state = scratch;
    tend_run_options options = {.last = TEND_STEP_REGISTER, .command = "tend reproduce", .wait_ms = 0};
    tend_run_result result;
    TEND_TRY(tend_flow_run(&again, &options, arena, &result, err));
    if (result.steps[TEND_STEP_REGISTER].state == TEND_STEP_SKIPPED)
        return tend_error_hint(
            err, TEND_FAIL(err, REFUSED, "not reproduced: the data breaks an expectation now, so there is no model to compare"),
            "`tend run` says which");
    return compare(&expected, scratch, arena, out_same, out_report, err);
}
