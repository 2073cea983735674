/* validate: the table against its expectations, rows that cannot be used put aside with a reason each, and the leaks that make a
 * model look better than it is. */
#include "flow/quarantine.h"
#include "flow/state.h"
#include "store/snapshots.h"

#include <math.h>

typedef struct validation {
    tend_flow *flow;
    const tend_table *table;
    tend_check check;
    uint8_t *drop; /* per row: why it is put aside (quarantine.h), 0 when it is not */
    int64_t n_no_target, n_duplicates, n_unreadable;
    const char **suggested;
    int n_suggested;
} validation;

/* ---- the reference of drift rules ---- */

/* A release makes its own data the reference: that it now would be compared with itself changes nothing. */
static bool is_this_table(tend_flow *flow, const tend_snapshot *snapshot) {
    const tend_digest *own = tend_flow_output(flow, TEND_STEP_ACQUIRE, "table");
    return own && tend_digest_eq(own, &snapshot->digest);
}

tend_status tend_step_validate_key(tend_flow *flow, tend_step_record *record, tend_error *err) {
    (void)err;
    const tend_schema *schema = flow->project->schema;
    for (int i = 0; i < schema->n_fields; i++) {
        const char *name = schema->fields[i].drift_against;
        if (!name || !flow->store)
            continue;
        tend_snapshot snapshot;
        if (tend_snapshots_get(flow->store, name, flow->arena, &snapshot, NULL) == TEND_OK && !is_this_table(flow, &snapshot))
            tend_flow_key_part(flow, record, tend_arena_printf(flow->arena, "the snapshot '%s'", name), &snapshot.digest);
    }
    return TEND_OK;
}

static tend_status find_reference(void *ctx, const char *name, tend_arena *arena, tend_table **out, tend_error *err) {
    tend_flow *flow = ctx;
    tend_snapshot snapshot;
    tend_error missing = TEND_ERROR_INIT;
    *out = NULL;
    tend_status status = tend_snapshots_get(flow->store, name, arena, &snapshot, &missing);
    if (status == TEND_NOT_FOUND)
        return TEND_OK;
    if (status != TEND_OK) {
        if (err)
            *err = missing;
        return status;
    }
    if (is_this_table(flow, &snapshot))
        return TEND_OK;
    char *data;
    size_t size;
    TEND_TRY(tend_objects_get(flow->objects, &snapshot.digest, arena, &data, &size, err));
    return tend_table_load(data, size, arena, out, err);
}

static tend_status eval_sql(void *ctx, const tend_table *table, const tend_sql_rule *rule, uint8_t *out, tend_error *err) {
    tend_engine *engine;
    TEND_TRY(tend_flow_engine(ctx, &engine, err));
    return tend_engine_condition(engine, table, rule->sql, rule->span, out, err);
}

/* ---- the parts ---- */

static tend_status check_expectations(validation *v, tend_error *err) {
    tend_flow *flow = v->flow;
    tend_node *list;
    TEND_TRY(tend_flow_load_json(flow, TEND_STEP_ACQUIRE, "bad", &list, err));
    tend_bad_rows bad;
    tend_bad_rows_init(&bad, flow->arena);
    tend_bad_rows_from_node(list, 0, &bad);
    for (int64_t i = 0; i < bad.n; i++)
        v->n_unreadable += bad.items[i].row < 0;
    tend_check_options options = {.bad = &bad, .sql = eval_sql, .reference = find_reference, .ctx = flow};
    return tend_check_table(v->table, flow->project->schema, &options, flow->arena, &v->check, err);
}

static tend_status check_target(validation *v, tend_error *err) {
    const tend_project *p = v->flow->project;
    const tend_column *target;
    tend_status status = tend_table_need(v->table, p->target, &target, err);
    if (status != TEND_OK)
        return tend_error_at(err, status, p->target_span);
    for (int64_t i = 0; i < v->table->n_rows; i++)
        if (!tend_is_valid(target, i) && !v->drop[i]) {
            v->drop[i] = TEND_ASIDE_NO_TARGET;
            v->n_no_target++;
        }
    return TEND_OK;
}

/* Rows that were seen before in this table, by a hash and then by their values. */
static void find_duplicates(validation *v) {
    const tend_table *t = v->table;
    uint64_t capacity = 16;
    while (capacity < (uint64_t)t->n_rows * 2)
        capacity *= 2;
    int64_t *slots = TEND_ARRAY(v->flow->arena, int64_t, capacity);
    bool drop = !strcmp(v->flow->project->duplicates, "drop");
    for (int64_t i = 0; i < t->n_rows; i++) {
        if (v->drop[i])
            continue;
        uint64_t at = tend_table_row_hash(t, i) & (capacity - 1);
        while (slots[at] && !tend_table_row_equal(t, slots[at] - 1, t, i))
            at = (at + 1) & (capacity - 1);
        if (slots[at]) {
            v->n_duplicates++;
            v->drop[i] = drop ? TEND_ASIDE_DUPLICATE : 0;
        } else {
            slots[at] = i + 1;
        }
    }
}

static bool names_column(const tend_node *from, const char *column) {
    if (!from || from->kind != TEND_NODE_LIST)
        return strcmp(tend_node_scalar(from, ""), column) == 0;
    TEND_NODE_EACH(item, from)
        if (strcmp(tend_node_scalar(item, ""), column) == 0)
            return true;
    return false;
}

/* Whether a declared feature reads the column. */
static bool is_declared(const tend_node *features, const char *column) {
    TEND_NODE_EACH(feature, features) {
        const tend_node *from = tend_node_get(feature, "from");
        if (from ? names_column(from, column) : strcmp(feature->key, column) == 0)
            return true;
    }
    return false;
}

/* What no feature reads cannot leak. */
static void list_ignored(validation *v, const char ***out, int *out_n) {
    const tend_project *p = v->flow->project;
    const tend_node *drop = tend_node_get(p->features, "drop");
    const char **names =
        TEND_ARRAY(v->flow->arena, const char *, (drop ? drop->count : 0) + (size_t)(p->n_allow + v->table->n_columns) + 1);
    int n = 0;
    bool rest_drop = !strcmp(tend_node_string(tend_node_get(p->features, "rest"), ""), "drop");
    for (int i = 0; rest_drop && i < v->table->n_columns; i++)
        if (!is_declared(p->features, v->table->columns[i].name))
            names[n++] = v->table->columns[i].name;
    TEND_NODE_EACH(item, drop)
        if (tend_node_scalar(item, NULL))
            names[n++] = tend_node_scalar(item, NULL);
    for (int i = 0; i < p->n_allow; i++)
        names[n++] = p->allow[i];
    *out = names;
    *out_n = n;
}

static tend_status check_leaks(validation *v, const tend_table *clean, tend_error *err) {
    const char **ignore;
    int n_ignore;
    list_ignored(v, &ignore, &n_ignore);
    tend_leak_options options = {
        .target = v->flow->project->target, .ignore = ignore, .n_ignore = n_ignore, .seed = v->flow->project->seed};
    return tend_check_leaks(clean, &options, v->flow->arena, &v->check, &v->suggested, &v->n_suggested, err);
}

static tend_table *clean_table(validation *v) {
    int64_t *keep = TEND_ARRAY(v->flow->arena, int64_t, v->table->n_rows + 1), n = 0;
    for (int64_t i = 0; i < v->table->n_rows; i++)
        if (!v->drop[i])
            keep[n++] = i;
    return n == v->table->n_rows ? (tend_table *)(uintptr_t)v->table : tend_table_take(v->table, keep, n, v->flow->arena);
}

/* ---- results ---- */

static tend_node *result_node(validation *v, const tend_table *clean) {
    tend_arena *arena = v->flow->arena;
    tend_node *doc = tend_check_to_node(&v->check, arena);
    tend_node_set(arena, doc, "expectations", tend_check_outcomes(v->table, v->flow->project->schema, &v->check, arena));
    tend_node_set_int(arena, doc, "rows", v->table->n_rows);
    tend_node_set_int(arena, doc, "clean_rows", clean->n_rows);
    tend_node_set_int(arena, doc, "without_target", v->n_no_target);
    tend_node_set_int(arena, doc, "duplicates", v->n_duplicates);
    tend_node *suggested = tend_node_set_list(arena, doc, "suggest_drop");
    for (int i = 0; i < v->n_suggested; i++)
        tend_node_push(suggested, tend_node_new_string(arena, v->suggested[i]));
    return doc;
}

static tend_status emit_profile(validation *v, tend_step_record *record, const tend_table *clean, tend_error *err) {
    TEND_AUTO(tend_profile) *profile = tend_profile_new();
    TEND_TRY(tend_profile_add(profile, clean, NULL, clean->n_rows, err));
    return tend_flow_emit_json(v->flow, record, "profile", tend_profile_to_node(profile, v->flow->arena), err);
}

/* Rows of the table, and rows that the reader could make no row of. */
static int64_t n_put_aside(const validation *v, const tend_table *clean) { return v->table->n_rows - clean->n_rows + v->n_unreadable; }

static void summarise(validation *v, tend_step_record *record, const tend_table *clean) {
    char rows[32], aside[32];
    tend_text_thousands(clean->n_rows, rows);
    tend_text_thousands(n_put_aside(v, clean), aside);
    const char *verdict = record->refused ? "refused" : v->check.n_warnings ? "with warnings" : "all expectations hold";
    tend_flow_summary(v->flow, record, "%s rows are good, %s put aside; %s (%d error%s, %d warning%s)", rows, aside, verdict,
                      v->check.n_errors, v->check.n_errors == 1 ? "" : "s", v->check.n_warnings, v->check.n_warnings == 1 ? "" : "s");
}

static tend_status fail_no_rows(tend_flow *flow, tend_error *err) {
    const tend_project *p = flow->project;
    if (p->select)
        return TEND_FAIL_AT(err, DATA, p->select_span, "data.select gives no rows");
    return TEND_FAIL_AT(err, DATA, p->sources[0].span, "the table has no rows: %s",
                        flow->n_files == 1 ? "there is nothing under its header" : "nothing but headers");
}

/* Every row was put aside: the first says why, the file says why for each. */
static tend_status fail_none_left(validation *v, tend_error *err) {
    tend_flow *flow = v->flow;
    const tend_project *p = flow->project;
    if (v->n_no_target == v->table->n_rows)
        return TEND_FAIL_AT(err, DATA, p->target_span, "the target %s is missing in all %lld rows", p->target, (long long)v->n_no_target);
    TEND_AUTO_BUF rows = TEND_BUF_INIT;
    tend_quarantine_format(v->table, &v->check, v->drop, &rows);
    TEND_TRY(tend_buf_status(&rows, err));
    TEND_TRY(tend_fs_write(tend_flow_state_path(flow, "report/quarantine.csv"), rows.data, rows.size, 0644, err));
    tend_status status = TEND_FAIL(err, DATA, "no row is left: all %lld were put aside%s%s%s", (long long)v->table->n_rows,
                                   v->check.n_quarantine ? " (first: " : "", v->check.n_quarantine ? v->check.quarantine[0].reason : "",
                                   v->check.n_quarantine ? ")" : "");
    return tend_error_hint(err, status, "report/quarantine.csv has each with its reason");
}

/* report/quarantine.csv is of this table: there when rows were put aside, gone when none were. */
tend_status tend_step_validate_ensure(tend_flow *flow, tend_step_record *record, tend_error *err) {
    const char *path = tend_flow_state_path(flow, "report/quarantine.csv");
    if (tend_node_int(tend_node_get(record->meta, "put_aside"), 0))
        return tend_flow_export(flow, TEND_STEP_VALIDATE, "quarantine", path, err);
    return tend_fs_exists(path) ? tend_fs_remove(path, err) : TEND_OK;
}

tend_status tend_step_validate(tend_flow *flow, tend_step_record *record, tend_error *err) {
    validation v = {.flow = flow};
    TEND_TRY(tend_flow_raw(flow, &v.table, err));
    if (!v.table->n_rows)
        return fail_no_rows(flow, err);
    TEND_TRY(check_expectations(&v, err));
    v.drop = TEND_ARRAY(flow->arena, uint8_t, v.table->n_rows);
    for (int64_t i = 0; v.check.bad_row && i < v.table->n_rows; i++)
        v.drop[i] = v.check.bad_row[i] ? TEND_ASIDE_BY_CHECK : 0;
    TEND_TRY(check_target(&v, err));
    if (strcmp(flow->project->duplicates, "keep"))
        find_duplicates(&v);
    tend_table *clean = clean_table(&v);
    if (!clean->n_rows)
        return fail_none_left(&v, err);
    TEND_TRY(check_leaks(&v, clean, err));
    record->refused = v.check.n_errors > 0 || (!strcmp(flow->project->on_bad, "stop") && v.check.n_quarantine > 0);

    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    TEND_TRY(tend_table_save(clean, &bytes, err));
    TEND_TRY(tend_flow_emit(flow, record, "table", bytes.data, bytes.size, err));
    TEND_TRY(tend_flow_emit_json(flow, record, "check", result_node(&v, clean), err));
    TEND_TRY(emit_profile(&v, record, clean, err));
    TEND_AUTO_BUF quarantine = TEND_BUF_INIT;
    tend_quarantine_format(v.table, &v.check, v.drop, &quarantine);
    TEND_TRY(tend_flow_emit(flow, record, "quarantine", tend_buf_text(&quarantine), quarantine.size, err));
    record->meta = tend_node_new_map(flow->arena);
    tend_node_set_int(flow->arena, record->meta, "put_aside", n_put_aside(&v, clean));
    summarise(&v, record, clean);
    flow->table = clean;
    record->current = true;
    return tend_step_validate_ensure(flow, record, err);
}
