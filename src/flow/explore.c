#include "flow/explore.h"

#include "base/fs.h"
#include "data/check.h"
#include "data/profile.h"
#include "data/reader.h"
#include "engine/engine.h"
#include "flow/flow.h"
#include "flow/quarantine.h"

#include <math.h>

enum { MAX_CORRELATED = 40 };

/* ---- reading ---- */

static tend_status read_paths(const char *const *paths, int n_paths, const tend_schema *schema, tend_arena *arena, tend_bad_rows *bad,
                              tend_table **out, tend_node *notes, tend_error *err) {
    tend_table **tables = NULL;
    size_t n = 0, capacity = 0;
    for (int p = 0; p < n_paths; p++) {
        char **files;
        size_t n_files;
        TEND_TRY(tend_data_files(paths[p], arena, &files, &n_files, err));
        for (size_t i = 0; i < n_files; i++) {
            if (n == capacity) {
                size_t larger = capacity ? 2 * capacity : 16;
                tables = tend_arena_grow(arena, tables, capacity * sizeof *tables, larger * sizeof *tables);
                capacity = larger;
            }
            tend_read_options options = TEND_READ_OPTIONS_INIT;
            options.schema = schema && schema->n_fields ? schema : NULL;
            options.missing = schema ? schema->missing : NULL;
            options.n_missing = schema ? schema->n_missing : 0;
            tend_node *note = NULL;
            int64_t first = bad->n, rows = 0;
            for (size_t k = 0; k < n; k++)
                rows += tables[k]->n_rows;
            TEND_TRY(tend_read_file(tend_formats, files[i], &options, arena, bad, &tables[n++], &note, err));
            for (int64_t k = first; k < bad->n; k++)
                if (bad->items[k].row >= 0)
                    bad->items[k].row += rows;
            if (note && note->count && notes)
                tend_node_set(arena, notes, files[i], tend_node_copy(arena, note));
        }
    }
    if (n == 1) {
        *out = tables[0];
        return TEND_OK;
    }
    return tend_table_concat(tables, (int)n, arena, out, err);
}

/* ---- correlations ---- */

/* Pearson over the rows where both are present; NaN with fewer than two such rows or no spread. */
static double correlation(const double *x, const double *y, int64_t n) {
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    int64_t k = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(x[i]) || isnan(y[i]))
            continue;
        k++;
        double dx = x[i] - mx, dy = y[i] - my;
        mx += dx / (double)k;
        my += dy / (double)k;
        xx += dx * (x[i] - mx);
        yy += dy * (y[i] - my);
        xy += dx * (y[i] - my);
    }
    return k > 1 && xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : (double)NAN;
}

static void add_correlations(const tend_table *t, tend_arena *arena, tend_node *doc) {
    tend_node *out = tend_node_set_map(arena, doc, "correlations"), *names = tend_node_set_list(arena, out, "columns");
    tend_node *matrix = tend_node_set_list(arena, out, "matrix");
    double *values[MAX_CORRELATED];
    int n = 0;
    for (int c = 0; c < t->n_columns && n < MAX_CORRELATED; c++) {
        if (!tend_type_is_numeric(t->columns[c].type))
            continue;
        values[n] = TEND_ARRAY(arena, double, t->n_rows + 1);
        for (int64_t i = 0; i < t->n_rows; i++)
            values[n][i] = tend_column_double(&t->columns[c], i);
        tend_node_push(names, tend_node_new_string(arena, t->columns[c].name));
        n++;
    }
    for (int a = 0; a < n; a++) {
        tend_node *row = tend_node_push(matrix, tend_node_new_list(arena));
        for (int b = 0; b < n; b++)
            tend_node_push(row, tend_node_new_double(arena, a == b ? 1 : correlation(values[a], values[b], t->n_rows)));
    }
}

/* ---- profile ---- */

tend_status tend_explore_table(const tend_table *table, const char *title, const char *target, tend_arena *arena, tend_node **out,
                               tend_error *err) {
    tend_node *doc = tend_node_new_map(arena);
    tend_node_set_string(arena, doc, "title", title);
    TEND_AUTO(tend_profile) *profile = tend_profile_new();
    TEND_TRY(tend_profile_add(profile, table, NULL, table->n_rows, err));
    tend_node_set(arena, doc, "profile", tend_profile_to_node(profile, arena));
    tend_check check = {0};
    tend_leak_options options = {.target = target, .seed = 42};
    const char **drop;
    int n_drop;
    if (table->n_rows)
        TEND_TRY(tend_check_leaks(table, &options, arena, &check, &drop, &n_drop, err));
    tend_node *checked = tend_check_to_node(&check, arena);
    tend_node_set(arena, doc, "anomalies", tend_node_copy(arena, tend_node_get(checked, "anomalies")));
    if (target) {
        tend_node_set_string(arena, doc, "target", target);
        tend_node *associations;
        TEND_TRY(tend_check_associations(table, target, 42, arena, &associations, err));
        tend_node_set(arena, doc, "associations", associations);
    }
    add_correlations(table, arena, doc);
    *out = doc;
    return TEND_OK;
}

tend_status tend_explore_files(const tend_explore_options *options, tend_arena *arena, tend_node **out, tend_error *err) {
    tend_bad_rows bad;
    tend_bad_rows_init(&bad, arena);
    tend_node *notes = tend_node_new_map(arena);
    tend_table *table;
    TEND_TRY(read_paths(options->paths, options->n_paths, NULL, arena, &bad, &table, notes, err));
    const tend_column *column;
    if (options->target)
        TEND_TRY(tend_table_need(table, options->target, &column, err));
    const char *title =
        options->n_paths == 1 ? options->paths[0] : tend_arena_printf(arena, "%s and %d more", options->paths[0], options->n_paths - 1);
    TEND_TRY(tend_explore_table(table, title, options->target, arena, out, err));
    tend_node_set(arena, *out, "notes", notes);
    tend_node_set_int(arena, *out, "unreadable", bad.n_total);
    return TEND_OK;
}

/* ---- check ---- */

static tend_status eval_sql(void *ctx, const tend_table *table, const tend_sql_rule *rule, uint8_t *out, tend_error *err) {
    tend_engine **engine = ctx;
    if (!*engine)
        TEND_TRY(tend_engine_open(engine, err));
    return tend_engine_condition(*engine, table, rule->sql, rule->span, out, err);
}

tend_status tend_explore_check(tend_project *project, const char *const *paths, int n_paths, const char *quarantine, tend_arena *arena,
                               tend_check_files_result *out, tend_error *err) {
    tend_bad_rows bad;
    tend_bad_rows_init(&bad, arena);
    tend_table *table;
    TEND_TRY(read_paths(paths, n_paths, project->schema, arena, &bad, &table, NULL, err));
    TEND_AUTO(tend_engine) *engine = NULL;
    tend_check check = {0};
    tend_check_options options = {.bad = &bad, .sql = eval_sql, .ctx = &engine};
    TEND_TRY(tend_check_table(table, project->schema, &options, arena, &check, err));
    if (quarantine) {
        TEND_AUTO_BUF text = TEND_BUF_INIT;
        tend_quarantine_format(table, &check, NULL, &text);
        TEND_TRY(tend_fs_write(quarantine, tend_buf_text(&text), text.size, 0644, err));
    }
    *out = (tend_check_files_result){.n_rows = table->n_rows,
                                     .n_quarantined = check.n_quarantine,
                                     .n_errors = check.n_errors,
                                     .n_warnings = check.n_warnings,
                                     .document = tend_check_to_node(&check, arena)};
    tend_node_set(arena, out->document, "expectations", tend_check_outcomes(table, project->schema, &check, arena));
    return TEND_OK;
}
