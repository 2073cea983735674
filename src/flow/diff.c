#include "flow/diff.h"

#include "base/dict.h"
#include "flow/flow.h"
#include "flow/config.h"
#include "stats/distance.h"
#include "stats/ks.h"
#include "store/registry.h"
#include "store/runs.h"
#include "store/snapshots.h"

#include <math.h>
#include <stdlib.h>

typedef struct side {
    enum { SIDE_RUN, SIDE_VERSION, SIDE_TABLE } kind;
    const char *name;
    tend_table *table;
    tend_node *document; /* runs and versions: {params, metrics, configuration} */
} side;

/* ---- what is meant ---- */

static tend_status table_of_file(const tend_project *project, const char *path, tend_arena *arena, side *out, tend_error *err) {
    tend_read_options options = TEND_READ_OPTIONS_INIT;
    tend_bad_rows bad;
    tend_bad_rows_init(&bad, arena);
    options.schema = project && project->schema->n_fields ? project->schema : NULL;
    if (project) {
        options.missing = project->schema->missing;
        options.n_missing = project->schema->n_missing;
    }
    out->kind = SIDE_TABLE;
    return tend_read_file(tend_formats, path, &options, arena, &bad, &out->table, NULL, err);
}

static tend_status table_of_snapshot(tend_store *store, const tend_snapshot *snapshot, tend_arena *arena, side *out, tend_error *err) {
    char *data;
    size_t size;
    out->kind = SIDE_TABLE;
    TEND_TRY(tend_objects_get(tend_store_objects(store), &snapshot->digest, arena, &data, &size, err));
    return tend_table_load(data, size, arena, &out->table, err);
}

static tend_status document_of_run(tend_store *store, const char *id, tend_arena *arena, side *out, tend_error *err) {
    tend_run_record run;
    TEND_TRY(tend_runs_get(store, id, arena, &run, err));
    out->name = run.id;
    if (!run.document)
        return TEND_FAIL(err, REFUSED, "run %s is %s: it has nothing to compare", run.id, tend_run_status_name(run.status));
    return tend_json_parse(run.document, strlen(run.document), "the record of a run", arena, &out->document, err);
}

static tend_status resolve(const tend_project *project, tend_store *store, const char *text, tend_arena *arena, side *out,
                           tend_error *err) {
    *out = (side){.name = text};
    if (tend_fs_exists(text) && !tend_fs_is_dir(text))
        return table_of_file(project, text, arena, out, err);
    if (tend_format_by_name(tend_formats, text))
        return TEND_FAIL(err, NOT_FOUND, "cannot read '%s': no such file", text);
    if (!store)
        return TEND_FAIL(err, NOT_FOUND, "there is no file '%s', and no run, snapshot or version yet", text);
    tend_snapshot snapshot;
    if (tend_snapshots_get(store, text, arena, &snapshot, NULL) == TEND_OK)
        return table_of_snapshot(store, &snapshot, arena, out, err);
    tend_version version;
    if (strpbrk(text, "@/:") && tend_registry_get(store, text, arena, &version, NULL) == TEND_OK) {
        out->kind = SIDE_VERSION;
        if (!version.run)
            return TEND_FAIL(err, REFUSED, "%s was imported: there is no run to compare", text);
        TEND_TRY(document_of_run(store, version.run, arena, out, err));
        out->name = tend_arena_printf(arena, "%s/%lld", version.model, (long long)version.number);
        return TEND_OK;
    }
    out->kind = SIDE_RUN;
    tend_error why = TEND_ERROR_INIT;
    tend_status status = document_of_run(store, text, arena, out, &why);
    if (status == TEND_NOT_FOUND)
        return tend_error_hint(err, TEND_FAIL(err, NOT_FOUND, "'%s' is no run, snapshot, version or file", text),
                               "`tend runs list`, `tend models list` show what there is");
    if (status != TEND_OK && err)
        *err = why;
    return status;
}

/* ---- runs and versions ---- */

static const char *scalar_text(const tend_node *node, tend_arena *arena) {
    if (!node)
        return NULL;
    tend_buf text = TEND_BUF_INIT;
    if (node->kind == TEND_NODE_STRING)
        tend_buf_puts(&text, node->text);
    else
        tend_json_format(node, 0, &text);
    const char *out = tend_arena_strdup(arena, tend_buf_text(&text));
    tend_buf_done(&text);
    return out;
}

static void add_change(tend_arena *arena, tend_node *list, const char *key, const char *a, const char *b) {
    if (a && b ? !strcmp(a, b) : a == b)
        return;
    tend_node *item = tend_node_push(list, tend_node_new_map(arena));
    tend_node_set_string(arena, item, "name", key);
    tend_node_set_string(arena, item, "a", a);
    tend_node_set_string(arena, item, "b", b);
}

/* Leaves of two maps, by dotted path. */
static void diff_maps(const tend_node *a, const tend_node *b, const char *prefix, tend_arena *arena, tend_node *list) {
    TEND_NODE_EACH(x, a) {
        const char *key = *prefix ? tend_arena_printf(arena, "%s.%s", prefix, x->key) : x->key;
        const tend_node *y = tend_node_get(b, x->key);
        if (x->kind == TEND_NODE_MAP && y && y->kind == TEND_NODE_MAP)
            diff_maps(x, y, key, arena, list);
        else
            add_change(arena, list, key, scalar_text(x, arena), scalar_text(y, arena));
    }
    TEND_NODE_EACH(y, b)
        if (!tend_node_get(a, y->key))
            add_change(arena, list, *prefix ? tend_arena_printf(arena, "%s.%s", prefix, y->key) : y->key, NULL, scalar_text(y, arena));
}

static const tend_node *configuration(const tend_node *doc, tend_arena *arena) {
    const char *text = tend_node_string(tend_node_get(doc, "configuration"), "");
    tend_diags diags;
    tend_diags_init(&diags, arena);
    tend_node *node = NULL;
    return tend_yaml_parse(text, strlen(text), NULL, &diags, &node, NULL) == TEND_OK ? node : NULL;
}

/* What --set put above tend.yaml: {"--set train.folds": "5"}. */
static const tend_node *overrides(const tend_node *doc, tend_arena *arena) {
    tend_node *map = tend_node_new_map(arena);
    TEND_NODE_EACH(set, tend_node_get(doc, "overrides")) {
        const char *text = tend_node_string(set, ""), *value = strchr(text, '=');
        if (value)
            tend_node_set_string(arena, map, tend_arena_printf(arena, "--set %.*s", (int)(value - text), text), value + 1);
    }
    return map;
}

static void diff_metrics(const tend_node *a, const tend_node *b, tend_arena *arena, tend_node *list) {
    TEND_NODE_EACH(x, a) {
        const tend_node *y = tend_node_get(b, x->key);
        if (!y)
            continue;
        double u = tend_node_double(tend_node_get(x, "value"), NAN), v = tend_node_double(tend_node_get(y, "value"), NAN);
        tend_node *item = tend_node_push(list, tend_node_new_map(arena));
        tend_node_set_string(arena, item, "name", x->key);
        tend_node_set_double(arena, item, "a", u);
        tend_node_set_double(arena, item, "b", v);
        tend_node_set_double(arena, item, "change", v - u);
    }
}

static tend_node *diff_documents(const side *a, const side *b, tend_arena *arena) {
    tend_node *out = tend_node_new_map(arena);
    tend_node_set_string(arena, out, "kind", a->kind == SIDE_VERSION ? "versions" : "runs");
    tend_node_set_string(arena, out, "a", a->name);
    tend_node_set_string(arena, out, "b", b->name);
    tend_node *learner = tend_node_set_list(arena, out, "params");
    add_change(arena, learner, "learner", tend_node_string(tend_node_get(a->document, "learner"), NULL),
               tend_node_string(tend_node_get(b->document, "learner"), NULL));
    diff_maps(tend_node_get(a->document, "params"), tend_node_get(b->document, "params"), "", arena, learner);
    diff_metrics(tend_node_path(a->document, "metrics.test"), tend_node_path(b->document, "metrics.test"), arena,
                 tend_node_set_list(arena, out, "metrics"));
    diff_maps(configuration(a->document, arena), configuration(b->document, arena), "", arena,
              tend_node_set_list(arena, out, "configuration"));
    diff_maps(overrides(a->document, arena), overrides(b->document, arena), "", arena,
              (tend_node *)(uintptr_t)tend_node_get(out, "configuration"));
    tend_node *steps = tend_node_set_list(arena, out, "steps");
    TEND_NODE_EACH(x, tend_node_get(a->document, "steps"))
        TEND_NODE_EACH(y, tend_node_get(b->document, "steps"))
            if (!strcmp(tend_node_string(tend_node_get(x, "name"), ""), tend_node_string(tend_node_get(y, "name"), "")) &&
                !tend_node_equal(tend_node_get(x, "outputs"), tend_node_get(y, "outputs")))
                tend_node_push(steps, tend_node_new_string(arena, tend_node_string(tend_node_get(x, "name"), "")));
    return out;
}

/* ---- tables ---- */

static int by_hash(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static uint64_t *sorted_hashes(const tend_table *t, tend_arena *arena) {
    uint64_t *h = TEND_ARRAY(arena, uint64_t, t->n_rows + 1);
    for (int64_t i = 0; i < t->n_rows; i++)
        h[i] = tend_table_row_hash(t, i);
    qsort(h, (size_t)t->n_rows, sizeof *h, by_hash);
    return h;
}

/* Rows that stand on both sides, each counted as often as it can be paired. */
static int64_t rows_shared(const tend_table *a, const tend_table *b, tend_arena *arena) {
    uint64_t *x = sorted_hashes(a, arena), *y = sorted_hashes(b, arena);
    int64_t shared = 0;
    for (int64_t i = 0, k = 0; i < a->n_rows && k < b->n_rows;) {
        if (x[i] == y[k]) {
            shared++;
            i++, k++;
        } else if (x[i] < y[k]) {
            i++;
        } else {
            k++;
        }
    }
    return shared;
}

static double *numbers(const tend_column *c, tend_arena *arena) {
    double *v = TEND_ARRAY(arena, double, c->n_rows + 1);
    for (int64_t i = 0; i < c->n_rows; i++)
        v[i] = tend_column_double(c, i);
    return v;
}

/* Shares of the levels of both columns, missing as a level of its own. */
static double level_distance(const tend_column *a, const tend_column *b, tend_arena *arena) {
    TEND_AUTO(tend_dict) *dict = tend_dict_new();
    tend_buf text = TEND_BUF_INIT;
    const tend_column *both[2] = {a, b};
    int64_t *level[2];
    for (int s = 0; s < 2; s++) {
        level[s] = TEND_ARRAY(arena, int64_t, both[s]->n_rows + 1);
        for (int64_t i = 0; i < both[s]->n_rows; i++) {
            tend_buf_clear(&text);
            tend_buf_putc(&text, tend_is_valid(both[s], i) ? '+' : '-');
            tend_column_format(both[s], i, &text);
            level[s][i] = tend_dict_add(dict, text.data, text.size, NULL);
        }
    }
    tend_buf_done(&text);
    size_t n = (size_t)tend_dict_count(dict);
    double *p = TEND_ARRAY(arena, double, n + 1), *q = TEND_ARRAY(arena, double, n + 1);
    for (int64_t i = 0; i < a->n_rows; i++)
        p[level[0][i]]++;
    for (int64_t i = 0; i < b->n_rows; i++)
        q[level[1][i]]++;
    return tend_js_distance(p, q, n, 2);
}

static void diff_column(const tend_column *a, const tend_column *b, tend_arena *arena, tend_node *list) {
    tend_node *item = tend_node_push(list, tend_node_new_map(arena));
    tend_node_set_string(arena, item, "column", a->name);
    tend_node_set_double(arena, item, "missing_a", a->n_rows ? (double)a->n_missing / (double)a->n_rows : 0);
    tend_node_set_double(arena, item, "missing_b", b->n_rows ? (double)b->n_missing / (double)b->n_rows : 0);
    double distance;
    if (a->type == TEND_STRING || a->type == TEND_BOOL) {
        distance = level_distance(a, b, arena);
        tend_node_set_string(arena, item, "test", "js");
    } else {
        tend_ks_test ks = tend_ks_2samp(numbers(a, arena), (size_t)a->n_rows, numbers(b, arena), (size_t)b->n_rows, TEND_KS_ASYMPTOTIC);
        distance = ks.statistic;
        tend_node_set_string(arena, item, "test", "ks");
        tend_node_set_double(arena, item, "p", ks.p);
    }
    tend_node_set_double(arena, item, "distance", distance);
    tend_node_set_string(arena, item, "verdict", !(distance >= 0.1) ? "alike" : distance < 0.25 ? "shifted" : "different");
}

static tend_node *diff_tables(const side *a, const side *b, tend_arena *arena) {
    tend_node *out = tend_node_new_map(arena);
    tend_node_set_string(arena, out, "kind", "tables");
    tend_node_set_string(arena, out, "a", a->name);
    tend_node_set_string(arena, out, "b", b->name);
    tend_node *rows = tend_node_set_map(arena, out, "rows");
    tend_node_set_int(arena, rows, "a", a->table->n_rows);
    tend_node_set_int(arena, rows, "b", b->table->n_rows);
    tend_node *added = tend_node_set_list(arena, out, "added"), *removed = tend_node_set_list(arena, out, "removed");
    tend_node *retyped = tend_node_set_list(arena, out, "retyped"), *columns = tend_node_set_list(arena, out, "columns");
    for (int i = 0; i < b->table->n_columns; i++)
        if (tend_table_find(a->table, b->table->columns[i].name) < 0)
            tend_node_push(added, tend_node_new_string(arena, b->table->columns[i].name));
    for (int i = 0; i < a->table->n_columns; i++) {
        const tend_column *x = &a->table->columns[i], *y = tend_table_column(b->table, x->name);
        if (!y)
            tend_node_push(removed, tend_node_new_string(arena, x->name));
        else if (x->type != y->type)
            add_change(arena, retyped, x->name, tend_type_name(x->type), tend_type_name(y->type));
        else
            diff_column(x, y, arena, columns);
    }
    if (!added->count && !removed->count)
        tend_node_set_int(arena, out, "rows_shared", rows_shared(a->table, b->table, arena));
    return out;
}

tend_status tend_flow_diff(const tend_project *project, tend_store *store, const char *a, const char *b, tend_arena *arena, tend_node **out,
                           tend_error *err) {
    side left, right;
    TEND_TRY(resolve(project, store, a, arena, &left, err));
    TEND_TRY(resolve(project, store, b, arena, &right, err));
    if ((left.kind == SIDE_TABLE) != (right.kind == SIDE_TABLE))
        return TEND_FAIL(err, USAGE, "'%s' and '%s' are different kinds of things: one is data, the other a run", a, b);
    *out = left.kind == SIDE_TABLE ? diff_tables(&left, &right, arena) : diff_documents(&left, &right, arena);
    return TEND_OK;
}
