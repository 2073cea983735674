/* tend init, run, status, report, reproduce: the life of a project. */
#include "cli/cli.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/thread.h"
#include "flow/flow.h"
#include "store/runs.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- init ---- */

tend_status cmd_init(cli *c, tend_error *err) {
    tend_init_options options = {.folder = ".",
                                 .data = c->args,
                                 .n_data = c->n_args,
                                 .target = cli_value(c, "target"),
                                 .name = cli_value(c, "name"),
                                 .force = cli_flag(c, "force")};
    const char *path;
    tend_node *summary;
    TEND_TRY(tend_flow_init(&options, c->arena, &path, &summary, err));
    if (c->json)
        cli_print_json(summary);
    if (c->quiet)
        return TEND_OK;
    char rows[32];
    printf("%s: %s rows, %lld columns; predict %s (%s)\n", path,
           tend_text_thousands(tend_node_int(tend_node_get(summary, "rows"), 0), rows),
           (long long)tend_node_int(tend_node_get(summary, "columns"), 0), tend_node_string(tend_node_get(summary, "target"), ""),
           tend_node_string(tend_node_get(summary, "task"), ""));
    cli_print_notes(c, tend_node_get(summary, "notes"));
    TEND_NODE_EACH(name, tend_node_get(summary, "dropped"))
        printf("  left out of the features: %s (looks like an identifier or a constant)\n", tend_node_string(name, ""));
    printf("Look at it, then: tend run\n");
    return TEND_OK;
}

/* ---- run ---- */

static void print_step(void *ctx, const tend_step_report *report) {
    cli *c = ctx;
    if (c->quiet)
        return;
    cli_progress_clear();
    if (report->state == TEND_STEP_STALE) {
        if (c->terminal)
            fprintf(stderr, "  %s%-9s …%s\r", cli_paint(c, CLI_DIM), report->name, cli_paint(c, CLI_PLAIN));
        return;
    }
    if (c->terminal)
        fputs("\033[K", stderr);
    char seconds[32];
    bool no = report->state == TEND_STEP_FAILED || report->refused;
    const char *mark = no ? "✗" : report->state == TEND_STEP_CURRENT ? "·" : "✓";
    int style = no ? CLI_RED : report->state == TEND_STEP_CURRENT ? CLI_DIM : CLI_GREEN;
    const char *time = report->state == TEND_STEP_CURRENT ? "" : tend_text_seconds(report->seconds, seconds);
    printf("%s%s%s %-9s %8s  %s\n", cli_paint(c, style), mark, cli_paint(c, CLI_PLAIN), report->name, time,
           report->summary && report->state != TEND_STEP_FAILED ? report->summary
           : report->state != TEND_STEP_FAILED                  ? ""
           : tend_cancel_requested()                            ? "stopped"
                                                                : "failed");
    fflush(stdout);
}

static void print_anomalies(const cli *c, const tend_node *document) {
    int shown = 0;
    for (int level = 0; level < 2; level++)
        TEND_NODE_EACH(a, tend_node_path(document, "data.anomalies")) {
            const char *severity = tend_node_string(tend_node_get(a, "severity"), "");
            bool is_error = !strcmp(severity, "error");
            if (is_error != (level == 0) || (shown >= 12 && !c->verbose))
                continue;
            shown++;
            printf("  %s%s:%s %s\n", cli_paint(c, is_error ? CLI_RED : CLI_YELLOW), severity, cli_paint(c, CLI_PLAIN),
                   tend_node_string(tend_node_get(a, "message"), ""));
            const char *hint = tend_node_string(tend_node_get(a, "hint"), NULL);
            if (hint)
                printf("    %shint:%s %s\n", cli_paint(c, CLI_BLUE), cli_paint(c, CLI_PLAIN), hint);
        }
    size_t all = tend_node_path(document, "data.anomalies") ? tend_node_path(document, "data.anomalies")->count : 0;
    if ((size_t)shown < all)
        printf("  … %zu more; --verbose shows all\n", all - (size_t)shown);
}

static void print_gates(const cli *c, const tend_node *document) {
    TEND_NODE_EACH(gate, tend_node_get(document, "gates")) {
        bool passed = tend_node_bool(tend_node_get(gate, "passed"), false);
        printf("  %s%s%s %s: %s\n", cli_paint(c, passed ? CLI_GREEN : CLI_RED), passed ? "gate passed" : "gate failed",
               cli_paint(c, CLI_PLAIN), tend_node_string(tend_node_get(gate, "gate"), ""),
               tend_node_string(tend_node_get(gate, "message"), ""));
    }
}

/* Why validation let nothing through, and where the rows are. */
static void print_stop(const tend_node *document, const char *folder) {
    bool errors = false;
    TEND_NODE_EACH(a, tend_node_path(document, "data.anomalies"))
        errors = errors || !strcmp(tend_node_string(tend_node_get(a, "severity"), ""), "error");
    char path[4096];
    snprintf(path, sizeof path, "%s/report/quarantine.csv", folder);
    printf("\n%s%s\n",
           errors ? "Stopped: what is marked error has to be settled first." : "Stopped: rows were put aside, and data.bad_rows is `stop`.",
           tend_fs_exists(path) ? " The rows put aside are in report/quarantine.csv." : "");
}

static void print_outcome(const cli *c, const tend_run_result *result, const char *folder) {
    const tend_node *doc = result->document;
    if (!doc)
        return;
    print_anomalies(c, doc);
    const char *verdict = tend_node_string(tend_node_path(doc, "verdict.sentence"), NULL);
    if (verdict)
        printf("\n%s%s%s\n", cli_paint(c, CLI_BOLD), verdict, cli_paint(c, CLI_PLAIN));
    const char *enough = tend_node_string(tend_node_path(doc, "learning_curve.sentence"), NULL);
    if (enough)
        printf("%s\n", enough);
    print_gates(c, doc);
    if (result->steps[TEND_STEP_VALIDATE].refused)
        print_stop(doc, folder);
}

tend_status cmd_run(cli *c, tend_error *err) {
    tend_step_id last = TEND_STEP_REPORT;
    if (c->n_args && !tend_step_parse(c->args[0], &last)) {
        const char *names[TEND_STEP_COUNT];
        for (int i = 0; i < TEND_STEP_COUNT; i++)
            names[i] = tend_step_name((tend_step_id)i);
        tend_status status = TEND_FAIL(err, USAGE, "there is no step '%s'", c->args[0]);
        const char *near = tend_text_nearest(c->args[0], names, TEND_STEP_COUNT);
        return near ? tend_error_hint(err, status, "did you mean '%s'?", near)
                    : tend_error_hint(err, status,
                                      "the steps: problem, acquire, validate, split, prepare, train, evaluate, register, report");
    }
    int64_t wait;
    TEND_TRY(cli_int(c, "wait", -1, 0, 1000000, &wait, err));
    tend_project *project;
    TEND_TRY(cli_project(c, &project, err));
    double started = tend_clock_seconds();
    tend_run_options options = {.last = last,
                                .force = cli_flag(c, "force"),
                                .command = c->line,
                                .wait_ms = wait < 0 ? -1 : (int)wait * 1000,
                                .want_document = c->json,
                                .on_step = print_step,
                                .ctx = c};
    tend_run_result result;
    TEND_TRY(tend_flow_run(project, &options, c->arena, &result, err));
    c->exit_status = result.refused ? tend_status_exit(TEND_REFUSED) : 0;
    if (c->json && result.document)
        cli_print_json(result.document);
    if (c->quiet)
        return TEND_OK;
    char seconds[32];
    if (result.run_id) {
        print_outcome(c, &result, project->folder);
        printf("%srun %s, %s%s\n", cli_paint(c, CLI_DIM), result.run_id, tend_text_seconds(tend_clock_seconds() - started, seconds),
               cli_paint(c, CLI_PLAIN));
    } else {
        printf("Everything is up to date%s.\n", result.refused ? ", but a gate said no: see `tend runs show`" : "");
    }
    return TEND_OK;
}

/* ---- status ---- */

static const char *state_word(tend_step_state state) {
    return state == TEND_STEP_CURRENT ? "current" : state == TEND_STEP_STALE ? "would run" : "waits";
}

static void print_features(const cli *c, const tend_node *features) {
    (void)c;
    TEND_NODE_EACH(f, tend_node_get(features, "features")) {
        tend_buf chain = TEND_BUF_INIT;
        TEND_NODE_EACH(t, tend_node_get(f, "transforms"))
            tend_buf_printf(&chain, "%s%s", chain.size ? " → " : "", tend_node_string(tend_node_get(t, "name"), "?"));
        printf("  %-24s %-34s %4lld  %s\n", tend_node_string(tend_node_get(f, "name"), ""), tend_buf_text(&chain),
               (long long)tend_node_int(tend_node_get(f, "outputs"), 0), tend_node_string(tend_node_get(f, "why"), "declared"));
        tend_buf_done(&chain);
    }
}

/* The features as the last prepare step left them. */
static tend_status show_features(cli *c, tend_error *err) {
    tend_store *store;
    TEND_TRY(cli_store(c, false, &store, err));
    tend_run_record run;
    tend_status status = tend_runs_get(store, "last", c->arena, &run, err);
    tend_node *doc = NULL, *features = NULL;
    if (status == TEND_OK && run.document)
        status = tend_json_parse(run.document, strlen(run.document), NULL, c->arena, &doc, err);
    TEND_NODE_EACH(step, tend_node_get(doc, "steps")) {
        const char *hex = tend_node_string(tend_node_path(step, "outputs.features"), NULL);
        tend_digest digest;
        char *text;
        size_t size;
        if (hex && tend_digest_parse(hex, &digest) &&
            tend_objects_get(tend_store_objects(store), &digest, c->arena, &text, &size, NULL) == TEND_OK)
            status = tend_json_parse(text, size, NULL, c->arena, &features, err);
    }
    tend_store_close(store);
    if (status == TEND_OK && !features)
        return tend_error_hint(err, TEND_FAIL(err, NOT_FOUND, "no features were fitted yet"), "tend run prepare");
    TEND_TRY(status);
    if (c->json)
        cli_print_json(features);
    else
        print_features(c, features);
    return TEND_OK;
}

tend_status cmd_status(cli *c, tend_error *err) {
    if (cli_flag(c, "features"))
        return show_features(c, err);
    tend_project *project;
    TEND_TRY(cli_project(c, &project, err));
    tend_step_report steps[TEND_STEP_COUNT];
    TEND_TRY(tend_flow_status(project, c->arena, steps, err));
    tend_node *doc = tend_node_new_map(c->arena), *list = tend_node_set_list(c->arena, doc, "steps");
    bool current = true;
    for (int i = 0; i < TEND_STEP_COUNT; i++) {
        tend_node *item = tend_node_push(list, tend_node_new_map(c->arena));
        tend_node_set_string(c->arena, item, "name", steps[i].name);
        tend_node_set_string(c->arena, item, "state", state_word(steps[i].state));
        tend_node_set_string(c->arena, item, "reason", steps[i].reason);
        tend_node_set_string(c->arena, item, "summary", steps[i].summary);
        current = current && steps[i].state == TEND_STEP_CURRENT;
    }
    tend_node_set_bool(c->arena, doc, "current", current);
    if (c->json)
        cli_print_json(doc);
    if (c->quiet)
        return TEND_OK;
    for (int i = 0; i < TEND_STEP_COUNT; i++) {
        int style = steps[i].state == TEND_STEP_CURRENT ? CLI_GREEN : steps[i].state == TEND_STEP_STALE ? CLI_YELLOW : CLI_DIM;
        printf("%-9s %s%-9s%s  %s\n", steps[i].name, cli_paint(c, style), state_word(steps[i].state), cli_paint(c, CLI_PLAIN),
               steps[i].state == TEND_STEP_CURRENT ? (steps[i].summary ? steps[i].summary : "") : steps[i].reason);
    }
    printf("%s\n", current ? "Everything is up to date." : "`tend run` does what is to do.");
    return TEND_OK;
}

/* ---- report ---- */

static tend_status export_output(cli *c, tend_store *store, const tend_node *doc, const char *name, const char *path, tend_error *err) {
    TEND_NODE_EACH(step, tend_node_get(doc, "steps")) {
        const char *hex = !strcmp(tend_node_string(tend_node_get(step, "name"), ""), "report")
                              ? tend_node_string(tend_node_get(tend_node_get(step, "outputs"), name), NULL)
                              : NULL;
        tend_digest digest;
        if (hex && tend_digest_parse(hex, &digest))
            return tend_objects_export(tend_store_objects(store), &digest, path, err);
    }
    (void)c;
    return TEND_FAIL(err, NOT_FOUND, "run %s made no report", tend_node_string(tend_node_get(doc, "id"), "?"));
}

tend_status cmd_report(cli *c, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, false, &store, err));
    tend_run_record run;
    TEND_TRY(tend_runs_get(store, c->n_args ? c->args[0] : "last", c->arena, &run, err));
    tend_node *doc;
    if (!run.document)
        return TEND_FAIL(err, NOT_FOUND, "run %s is %s: it has no report", run.id, tend_run_status_name(run.status));
    TEND_TRY(tend_json_parse(run.document, strlen(run.document), "the record of the run", c->arena, &doc, err));
    const char *html = cli_value(c, "output"), *card = cli_value(c, "card");
    if (card)
        TEND_TRY(export_output(c, store, doc, "card", card, err));
    if (!html && !card)
        html = c->n_args ? tend_arena_printf(c->arena, "report-%s.html", run.id) : NULL;
    if (html)
        TEND_TRY(export_output(c, store, doc, "html", html, err));
    if (!html && !card)
        html = strcmp(c->home, ".") ? tend_path_join(c->arena, c->home, "report/report.html") : "report/report.html";
    if (c->json) {
        tend_node *out = tend_node_new_map(c->arena);
        tend_node_set_string(c->arena, out, "run", run.id);
        tend_node_set_string(c->arena, out, "report", html);
        tend_node_set_string(c->arena, out, "card", card);
        cli_print_json(out);
    }
    if (!c->quiet)
        printf("%s\n", html ? html : card);
    return TEND_OK;
}

/* ---- reproduce ---- */

static tend_status remove_tree(const char *path, tend_arena *arena, tend_error *err) {
    char **names;
    size_t n;
    if (!tend_fs_is_dir(path))
        return tend_fs_remove(path, err);
    TEND_TRY(tend_fs_list(path, arena, &names, &n, err));
    for (size_t i = 0; i < n; i++)
        TEND_TRY(remove_tree(tend_path_join(arena, path, names[i]), arena, err));
    return rmdir(path) == 0 ? TEND_OK : TEND_FAIL(err, IO, "%s cannot be removed", path);
}

tend_status cmd_reproduce(cli *c, tend_error *err) {
    tend_project *project;
    TEND_TRY(cli_project(c, &project, err));
    const char *temp = getenv("TMPDIR");
    char *scratch = tend_arena_printf(c->arena, "%s/tend-reproduce-XXXXXX", temp && *temp ? temp : "/tmp");
    if (!mkdtemp(scratch))
        return TEND_FAIL(err, IO, "no scratch folder can be made in %s", temp && *temp ? temp : "/tmp");
    bool same = false;
    tend_node *report = NULL;
    tend_status status = tend_flow_reproduce(project, c->n_args ? c->args[0] : NULL, scratch, c->arena, &same, &report, err);
    (void)remove_tree(scratch, c->arena, NULL);
    TEND_TRY(status);
    c->exit_status = same ? 0 : tend_status_exit(TEND_REFUSED);
    if (c->json)
        cli_print_json(report);
    if (c->quiet)
        return TEND_OK;
    TEND_NODE_EACH(step, tend_node_get(report, "steps")) {
        bool equal = tend_node_bool(tend_node_get(step, "same"), false);
        printf("%s%s%s %-9s %s\n", cli_paint(c, equal ? CLI_GREEN : CLI_RED), equal ? "✓" : "✗", cli_paint(c, CLI_PLAIN),
               tend_node_string(tend_node_get(step, "name"), ""), tend_node_string(tend_node_get(step, "message"), ""));
    }
    printf("%s\n", tend_node_string(tend_node_get(report, "sentence"), ""));
    return TEND_OK;
}
