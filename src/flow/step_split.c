/* split: which rows train, which test. */
#include "flow/state.h"

tend_status tend_step_split_key(tend_flow *flow, tend_step_record *record, tend_error *err) {
    const tend_project *p = flow->project;
    if (p->split_by != TEND_SPLIT_ROWS)
        return TEND_OK;
    tend_digest digest;
    tend_status status = tend_fs_digest(tend_flow_path(flow, p->split_file), &digest, NULL, err);
    if (status != TEND_OK) {
        const tend_node *node = tend_node_path(p->config, "data.split.file");
        return node ? tend_error_at(err, status, node->span) : status;
    }
    tend_flow_key_part(flow, record, p->split_file, &digest);
    return TEND_OK;
}

static tend_status read_row_numbers(tend_flow *flow, tend_split_options *options, tend_error *err) {
    const char *path = tend_flow_path(flow, flow->project->split_file);
    char *text;
    size_t size;
    TEND_TRY(tend_fs_read(path, 0, flow->arena, &text, &size, err));
    int64_t *rows = TEND_ARRAY(flow->arena, int64_t, size / 2 + 1), n = 0;
    uint32_t line = 1;
    for (const char *at = text; *at; line++) {
        size_t length = strcspn(at, "\n");
        tend_str word = tend_str_trim((tend_str){at, length});
        if (word.size && !tend_text_parse_int(word, &rows[n++]))
            return TEND_FAIL_AT(err, DATA, ((tend_span){path, line, 1, (uint32_t)length}), "expected a row number, found '%.*s'",
                                (int)(word.size < 80 ? word.size : 80), word.at);
        at += length + (at[length] == '\n');
    }
    options->rows = rows;
    options->n_rows = n;
    return TEND_OK;
}

static tend_node *summary_node(tend_flow *flow, const tend_target *target, const tend_split *split) {
    tend_arena *arena = flow->arena;
    tend_node *doc = tend_node_new_map(arena);
    tend_node_set_string(arena, doc, "task", tend_task_name(target->task));
    tend_node_set_int(arena, doc, "train", split->n_train);
    tend_node_set_int(arena, doc, "test", split->n_test);
    static const char *const kinds[] = {"random", "time", "group", "rows"};
    tend_node_set_string(arena, doc, "by", kinds[flow->project->split_by]);
    if (flow->project->split_column)
        tend_node_set_string(arena, doc, "column", flow->project->split_column);
    tend_node *classes = tend_node_set_list(arena, doc, "classes");
    for (int c = 0; c < target->n_classes; c++) {
        tend_node *item = tend_node_push(classes, tend_node_new_map(arena));
        tend_node_set_string(arena, item, "class", target->classes[c]);
        tend_node_set_int(arena, item, "rows", target->class_counts[c]);
    }
    return doc;
}

static tend_status check_overlap(tend_flow *flow, const tend_table *table, const tend_split *split, tend_node *doc, tend_error *err) {
    tend_check check = {0};
    TEND_TRY(tend_check_overlap(table, split->train, split->n_train, split->test, split->n_test, flow->arena, &check, err));
    tend_node *checked = tend_check_to_node(&check, flow->arena);
    const tend_node *anomalies = tend_node_get(checked, "anomalies");
    if (anomalies)
        tend_node_set(flow->arena, doc, "anomalies", tend_node_copy(flow->arena, anomalies));
    return TEND_OK;
}

/* u64 n_train, u64 n_test, then the row numbers, little-endian u64. */
static void save_split(const tend_split *split, tend_buf *out) {
    tend_buf_u64(out, (uint64_t)split->n_train);
    tend_buf_u64(out, (uint64_t)split->n_test);
    for (int64_t i = 0; i < split->n_train; i++)
        tend_buf_u64(out, (uint64_t)split->train[i]);
    for (int64_t i = 0; i < split->n_test; i++)
        tend_buf_u64(out, (uint64_t)split->test[i]);
}

/* A random split has every class on both sides. */
static tend_status check_classes(tend_flow *flow, const tend_target *target, tend_error *err) {
    for (int i = 0; i < target->n_classes; i++)
        if (target->class_counts[i] == 1)
            return tend_error_hint(err,
                                   TEND_FAIL_AT(err, DATA, flow->project->target_span,
                                                "only one row has %s '%s': it cannot both train and test", flow->project->target,
                                                target->classes[i]),
                                   "get more such rows, or leave the row out or merge its class with another in data.select");
    return TEND_OK;
}

tend_status tend_step_split(tend_flow *flow, tend_step_record *record, tend_error *err) {
    const tend_project *p = flow->project;
    const tend_table *table;
    const tend_target *target;
    TEND_TRY(tend_flow_table(flow, &table, err));
    TEND_TRY(tend_flow_target(flow, &target, err));
    const tend_node *node = tend_node_path(p->config, "data.split");
    tend_split_options options = {.kind = p->split_by,
                                  .test_share = p->test_share,
                                  .column = p->split_column,
                                  .stratify = p->split_stratify,
                                  .seed = p->seed,
                                  .span = node ? node->span : (tend_span){p->file, 0, 0, 0}};
    if (options.kind == TEND_SPLIT_ROWS)
        TEND_TRY(read_row_numbers(flow, &options, err));
    else if (options.kind == TEND_SPLIT_RANDOM && !options.stratify)
        TEND_TRY(check_classes(flow, target, err));
    tend_split *split = TEND_NEW(flow->arena, tend_split);
    TEND_TRY(tend_split_make(table, target->y, target->n_classes, &options, flow->arena, split, err));
    tend_node *doc = summary_node(flow, target, split);
    TEND_TRY(check_overlap(flow, table, split, doc, err));
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    save_split(split, &bytes);
    TEND_TRY(tend_buf_status(&bytes, err));
    TEND_TRY(tend_flow_emit(flow, record, "split", bytes.data, bytes.size, err));
    TEND_TRY(tend_flow_emit_json(flow, record, "summary", doc, err));
    flow->split = split;
    char train[32], test[32];
    tend_flow_summary(flow, record, "%s rows to train, %s to test (%s)", tend_text_thousands(split->n_train, train),
                      tend_text_thousands(split->n_test, test), tend_task_name(target->task));
    return TEND_OK;
}
