/* tend profile, check, predict: any table explored, held against the schema, scored. */
#include "cli/model_ref.h"

#include "base/clock.h"
#include "flow/explore.h"
#include "flow/flow.h"
#include "flow/score.h"
#include "report/report.h"

#include <math.h>

/* ---- profile ---- */

static const char *short_number(cli *c, const tend_node *node) {
    double v = tend_node_double(node, NAN);
    if (node && node->kind == TEND_NODE_STRING)
        return node->text;
    if (isnan(v))
        return "";
    char text[32];
    snprintf(text, sizeof text, "%.4g", v);
    return tend_arena_strdup(c->arena, text);
}

static const char *top_values(cli *c, const tend_node *column) {
    tend_buf text = TEND_BUF_INIT;
    int n = 0;
    TEND_NODE_EACH(top, tend_node_get(column, "top")) {
        if (n++ == 3 || text.size > 50)
            break;
        const char *value = tend_node_scalar(tend_node_get(top, "value"), "");
        tend_buf_printf(&text, "%s%.20s (%lld)", text.size ? ", " : "", value, (long long)tend_node_int(tend_node_get(top, "count"), 0));
    }
    const char *out = tend_arena_strdup(c->arena, tend_buf_text(&text));
    tend_buf_done(&text);
    return out;
}

static void print_profile(cli *c, const tend_node *doc) {
    const char *const head[] = {"column", "type", "missing", "distinct", "min", "median", "mean", "max", "most frequent", "target"};
    cli_table table = {.head = head, .n_columns = tend_node_get(doc, "associations") ? 10 : 9};
    const tend_node *profile = tend_node_get(doc, "profile");
    double rows = tend_node_double(tend_node_get(profile, "rows"), 0);
    TEND_NODE_EACH(col, tend_node_get(profile, "columns")) {
        const char *name = tend_node_string(tend_node_get(col, "name"), ""), *type = tend_node_string(tend_node_get(col, "type"), "");
        const char *strength = "";
        TEND_NODE_EACH(a, tend_node_get(doc, "associations"))
            if (!strcmp(tend_node_string(tend_node_get(a, "column"), ""), name))
                strength = short_number(c, tend_node_get(a, "score"));
        cli_table_row(
            c, &table, name, type,
            tend_arena_printf(c->arena, "%.1f %%", rows > 0 ? 100 * tend_node_double(tend_node_get(col, "missing"), 0) / rows : 0),
            tend_node_scalar(tend_node_get(col, "distinct"), short_number(c, tend_node_get(col, "distinct"))),
            short_number(c, tend_node_get(col, "min")),
            short_number(c, tend_node_path(col, "quantiles") ? tend_node_get(tend_node_get(col, "quantiles"), "0.5") : NULL),
            short_number(c, tend_node_get(col, "mean")), short_number(c, tend_node_get(col, "max")), top_values(c, col), strength);
    }
    cli_table_print(c, &table);
}

static void say_profile(cli *c, const tend_node *doc) {
    char rows[32];
    printf("%s rows, %d columns\n", tend_text_thousands(tend_node_int(tend_node_path(doc, "profile.rows"), 0), rows),
           (int)tend_node_path(doc, "profile.columns")->count);
    print_profile(c, doc);
    TEND_NODE_EACH(a, tend_node_get(doc, "anomalies"))
        printf("  %s%s:%s %s\n", cli_paint(c, CLI_YELLOW), tend_node_string(tend_node_get(a, "rule"), ""), cli_paint(c, CLI_PLAIN),
               tend_node_string(tend_node_get(a, "message"), ""));
    TEND_NODE_EACH(file, tend_node_get(doc, "notes"))
        cli_print_notes(c, file);
    int64_t unreadable = tend_node_int(tend_node_get(doc, "unreadable"), 0);
    if (unreadable)
        printf("  %s%s cells or rows could not be read%s; `tend check` says which\n", cli_paint(c, CLI_YELLOW),
               tend_text_thousands(unreadable, rows), cli_paint(c, CLI_PLAIN));
}

tend_status cmd_profile(cli *c, tend_error *err) {
    tend_explore_options options = {.paths = c->args, .n_paths = c->n_args, .target = cli_value(c, "target")};
    tend_node *doc;
    TEND_TRY(tend_explore_files(&options, c->arena, &doc, err));
    const char *path = cli_value(c, "output") ? cli_value(c, "output") : "profile.html";
    if (c->json) {
        cli_print_json(doc);
        if (!cli_value(c, "output"))
            return TEND_OK;
    }
    if (!c->quiet)
        say_profile(c, doc);
    TEND_AUTO_BUF html = TEND_BUF_INIT;
    tend_report_profile_html(doc, &html);
    TEND_TRY(tend_buf_status(&html, err));
    TEND_TRY(tend_fs_write(path, html.data, html.size, 0644, err));
    if (!c->quiet)
        printf("%s\n", path);
    return TEND_OK;
}

/* ---- check ---- */

/* "✓ latitude  range [40.5,41.2]", one line per rule. A dash: not checked. */
static void print_expectations(cli *c, const tend_node *document) {
    const tend_node *list = tend_node_get(document, "expectations");
    int width = 0;
    TEND_NODE_EACH(e, list) {
        int w = (int)tend_utf8_width(tend_node_string(tend_node_get(e, "column"), "(table)"));
        width = w > width && w <= 40 ? w : width;
    }
    TEND_NODE_EACH(e, list) {
        const tend_node *holds = tend_node_get(e, "holds");
        bool checked = holds->kind == TEND_NODE_BOOL, good = tend_node_bool(holds, false);
        const char *column = tend_node_string(tend_node_get(e, "column"), "(table)");
        tend_buf expected = TEND_BUF_INIT;
        tend_json_format(tend_node_get(e, "expected"), 0, &expected);
        printf("%s%s%s %s%*s  %s %.100s",
               cli_paint(c, !checked ? CLI_PLAIN
                            : good   ? CLI_GREEN
                                     : CLI_RED),
               !checked ? "-"
               : good   ? "✓"
                        : "✗",
               cli_paint(c, CLI_PLAIN), column, width > (int)tend_utf8_width(column) ? width - (int)tend_utf8_width(column) : 0, "",
               tend_node_string(tend_node_get(e, "rule"), ""), tend_buf_text(&expected));
        if (tend_node_get(e, "value"))
            printf(": %.4g", tend_node_double(tend_node_get(e, "value"), 0));
        printf("%s\n", checked ? "" : " (not checked)");
        tend_buf_done(&expected);
    }
}

tend_status cmd_check(cli *c, tend_error *err) {
    tend_project *project;
    TEND_TRY(cli_project(c, &project, err));
    tend_check_files_result result;
    TEND_TRY(tend_explore_check(project, c->args, c->n_args, cli_value(c, "quarantine"), c->arena, &result, err));
    c->exit_status = result.n_errors || result.n_quarantined ? tend_status_exit(TEND_REFUSED) : 0;
    if (c->json)
        cli_print_json(result.document);
    if (c->quiet)
        return TEND_OK;
    print_expectations(c, result.document);
    TEND_NODE_EACH(a, tend_node_get(result.document, "anomalies")) {
        const char *severity = tend_node_string(tend_node_get(a, "severity"), "");
        printf("%s%s:%s %s\n", cli_paint(c, !strcmp(severity, "error") ? CLI_RED : CLI_YELLOW), severity, cli_paint(c, CLI_PLAIN),
               tend_node_string(tend_node_get(a, "message"), ""));
    }
    char rows[32], bad[32];
    printf("%s rows: %d error%s, %d warning%s, %s row%s to put aside\n", tend_text_thousands(result.n_rows, rows), result.n_errors,
           result.n_errors == 1 ? "" : "s", result.n_warnings, result.n_warnings == 1 ? "" : "s",
           tend_text_thousands(result.n_quarantined, bad), result.n_quarantined == 1 ? "" : "s");
    return TEND_OK;
}

/* ---- predict ---- */

static void split_names(cli *c, const char *list, tend_score_options *options) {
    if (!list)
        return;
    if (!strcmp(list, "all")) {
        options->n_keep = -1;
        return;
    }
    const char **names = TEND_ARRAY(c->arena, const char *, strlen(list) / 2 + 2);
    for (const char *at = list; *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ","))
            names[options->n_keep++] = tend_arena_strndup(c->arena, at, strcspn(at, ","));
    options->keep = names;
}

static void say_score(cli *c, const tend_score_result *r, double seconds, bool to_stdout) {
    char read[32], predicted[32], rejected[32], spent[32];
    FILE *out = to_stdout ? stderr : stdout;
    fprintf(out, "%s rows read, %s predicted, %s rejected in %s\n", tend_text_thousands(r->n_read, read),
            tend_text_thousands(r->n_predicted, predicted), tend_text_thousands(r->n_rejected, rejected),
            tend_text_seconds(seconds, spent));
    int shown = 0;
    TEND_NODE_EACH(reason, r->reasons)
        if (shown++ < 10)
            fprintf(out, "  %s%lld×%s %s (first: %s)\n", cli_paint(c, CLI_YELLOW),
                    (long long)tend_node_int(tend_node_get(reason, "rows"), 0), cli_paint(c, CLI_PLAIN),
                    tend_node_string(tend_node_get(reason, "reason"), ""), tend_node_string(tend_node_get(reason, "first"), ""));
}

tend_status cmd_predict(cli *c, tend_error *err) {
    cli_model m;
    tend_status status = cli_model_open(c, c->args[0], &m, err);
    tend_model *model = NULL;
    if (status == TEND_OK)
        status = tend_bundle_load(m.bundle, &model, err);
    const char *output = cli_value(c, "output");
    bool to_stdout = !output || !strcmp(output, "-");
    tend_score_options options = {.model = model,
                                  .version = m.title,
                                  .data = c->args[1],
                                  .output = output,
                                  .rejected = cli_value(c, "rejected"),
                                  .explain = cli_flag(c, "explain")};
    split_names(c, cli_value(c, "keep"), &options);
    double started = tend_clock_seconds();
    tend_score_result result = {0};
    if (status == TEND_OK && c->json && to_stdout)
        status = tend_error_hint(err, TEND_FAIL(err, USAGE, "--json and predictions on stdout do not go together"),
                                 "tend predict … -o predictions.ndjson");
    if (status == TEND_OK)
        status = tend_score_file(&options, c->arena, &result, err);
    tend_model_free(model);
    cli_model_close(&m);
    TEND_TRY(status);
    cli_progress_clear();
    c->exit_status = result.n_rejected ? tend_status_exit(TEND_REFUSED) : 0;
    if (c->json) {
        tend_node *doc = tend_node_new_map(c->arena);
        tend_node_set_string(c->arena, doc, "model", options.version);
        tend_node_set_string(c->arena, doc, "output", output);
        tend_node_set_int(c->arena, doc, "read", result.n_read);
        tend_node_set_int(c->arena, doc, "predicted", result.n_predicted);
        tend_node_set_int(c->arena, doc, "rejected", result.n_rejected);
        tend_node_set(c->arena, doc, "reasons", result.reasons);
        cli_print_json(doc);
    }
    if (!c->quiet)
        say_score(c, &result, tend_clock_seconds() - started, to_stdout);
    return TEND_OK;
}
