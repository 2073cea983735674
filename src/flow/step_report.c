/* report: what a colleague reads. The documents of all steps together, as HTML and as a model card. */
#include "flow/state.h"
#include "flow/version.h"
#include "report/report.h"
#include "store/registry.h"

static tend_status add(tend_flow *flow, tend_node *run, const char *key, tend_step_id step, const char *output, tend_error *err) {
    tend_node *doc;
    TEND_TRY(tend_flow_load_json(flow, step, output, &doc, err));
    tend_node_set(flow->arena, run, key, doc);
    return TEND_OK;
}

static void add_model(tend_flow *flow, tend_node *run) {
    tend_arena *arena = flow->arena;
    const tend_step_record *registered = &flow->steps[TEND_STEP_REGISTER];
    const tend_digest *bundle = tend_flow_output(flow, TEND_STEP_REGISTER, "bundle");
    tend_node *model = tend_node_set_map(arena, run, "model");
    char hex[TEND_DIGEST_HEX];
    uint64_t size = 0;
    tend_digest_format(bundle, hex);
    TEND_IGNORE(tend_objects_size(flow->objects, bundle, &size, NULL));
    tend_node_set_string(arena, model, "name", flow->project->name);
    tend_node_set_int(arena, model, "version", tend_node_int(tend_node_get(registered->meta, "model_version"), 0));
    tend_node_set_string(arena, model, "sha256", hex);
    tend_node_set_int(arena, model, "size", (int64_t)size);
    const tend_node *limits = tend_node_get(registered->meta, "limits");
    if (limits)
        tend_node_set(arena, model, "limits", tend_node_copy(arena, limits));
}

static void add_provenance(tend_flow *flow, tend_node *run) {
    tend_arena *arena = flow->arena;
    tend_node *node = tend_node_set_map(arena, run, "provenance");
    tend_node_set_string(arena, node, "tend", TEND_VERSION);
    tend_node_set_int(arena, node, "seed", (int64_t)flow->project->seed);
    const tend_node *libraries = tend_node_path(run, "training.libraries");
    if (libraries)
        tend_node_set(arena, node, "libraries", tend_node_copy(arena, libraries));
    tend_node *steps = tend_node_set_map(arena, node, "steps");
    for (int i = 0; i < TEND_STEP_COUNT; i++)
        tend_node_set_int(arena, steps, tend_steps[i].name, tend_steps[i].version);
    tend_node *files = tend_node_set_list(arena, node, "files");
    for (int i = 0; i < flow->n_files; i++) {
        char hex[TEND_DIGEST_HEX];
        tend_digest_format(&flow->files[i].digest, hex);
        tend_node *file = tend_node_push(files, tend_node_new_map(arena));
        tend_node_set_string(arena, file, "path", flow->files[i].path);
        tend_node_set_string(arena, file, "sha256", hex);
    }
}

static tend_status run_document(tend_flow *flow, tend_node **out, tend_error *err) {
    tend_node *run = tend_node_new_map(flow->arena);
    TEND_TRY(add(flow, run, "problem", TEND_STEP_PROBLEM, "problem", err));
    TEND_TRY(add(flow, run, "snapshot", TEND_STEP_ACQUIRE, "snapshot", err));
    TEND_TRY(add(flow, run, "check", TEND_STEP_VALIDATE, "check", err));
    TEND_TRY(add(flow, run, "profile", TEND_STEP_VALIDATE, "profile", err));
    TEND_TRY(add(flow, run, "split", TEND_STEP_SPLIT, "summary", err));
    TEND_TRY(add(flow, run, "features", TEND_STEP_PREPARE, "features", err));
    TEND_TRY(add(flow, run, "training", TEND_STEP_TRAIN, "result", err));
    TEND_TRY(add(flow, run, "evaluation", TEND_STEP_EVALUATE, "result", err));
    add_model(flow, run);
    add_provenance(flow, run);
    *out = run;
    return TEND_OK;
}

static const struct { const char *output, *path; } files[] = {{"html", "report/report.html"}, {"card", "report/model-card.md"}};

/* The files in report/ are copies of what the store holds; whoever deletes or edits them gets them back. */
/* A file that was digested before and has the same stamp is not read again. */
static bool is_there(tend_flow *flow, const char *path, const tend_digest *want) {
    tend_file_record record = {.path = path, .rows = -1, .stamped_ns = tend_file_now()};
    uint64_t size;
    if (!tend_fs_exists(path) || tend_fs_stamp(path, &record.stamp, NULL) != TEND_OK ||
        tend_files_get(flow->store, &record, 1, NULL) != TEND_OK)
        return false;
    if (!record.known) {
        if (tend_fs_digest(path, &record.digest, &size, NULL) != TEND_OK)
            return false;
        TEND_IGNORE(tend_files_put(flow->store, &record, 1, NULL));
    }
    return tend_digest_eq(&record.digest, want);
}

tend_status tend_step_report_ensure(tend_flow *flow, tend_step_record *record, tend_error *err) {
    (void)record;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        const tend_digest *want = tend_flow_output(flow, TEND_STEP_REPORT, files[i].output);
        const char *path = tend_flow_state_path(flow, files[i].path);
        if (is_there(flow, path, want))
            continue;
        TEND_TRY(tend_flow_export(flow, TEND_STEP_REPORT, files[i].output, path, err));
    }
    return TEND_OK;
}

tend_status tend_step_report_run(tend_flow *flow, tend_step_record *record, tend_error *err) {
    tend_node *run;
    TEND_TRY(run_document(flow, &run, err));
    TEND_AUTO_BUF html = TEND_BUF_INIT;
    TEND_AUTO_BUF card = TEND_BUF_INIT;
    tend_report_html(run, &html);
    tend_report_card(run, &card);
    TEND_TRY(tend_buf_status(&html, err));
    TEND_TRY(tend_flow_emit(flow, record, "html", tend_buf_text(&html), html.size, err));
    TEND_TRY(tend_flow_emit(flow, record, "card", tend_buf_text(&card), card.size, err));
    TEND_TRY(tend_fs_write(tend_flow_state_path(flow, files[0].path), html.data, html.size, 0644, err));
    TEND_TRY(tend_fs_write(tend_flow_state_path(flow, files[1].path), card.data, card.size, 0644, err));
    char size[32];
    tend_flow_summary(flow, record, "report/report.html (%s), report/model-card.md", tend_text_bytes(html.size, size));
    return TEND_OK;
}
