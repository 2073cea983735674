/* tend runs, tend diff: what happened, and what differs. */
#include "cli/cli.h"

#include "base/clock.h"
#include "flow/diff.h"
#include "stats/metric.h"
#include "store/runs.h"

#include <math.h>

static const char *number(cli *c, double v) {
    char text[32];
    if (isnan(v))
        return "–";
    snprintf(text, sizeof text, fabs(v) >= 1000 ? "%.1f" : "%.4f", v);
    return tend_arena_strdup(c->arena, text);
}

static tend_status load(cli *c, tend_store *store, const char *id, tend_run_record *run, tend_node **out, tend_error *err) {
    TEND_TRY(tend_runs_get(store, id, c->arena, run, err));
    *out = NULL;
    return run->document ? tend_json_parse(run->document, strlen(run->document), "the record of the run", c->arena, out, err) : TEND_OK;
}

/* ---- list ---- */

static void list_json(cli *c, const tend_run_record *runs, size_t n, const char *metric) {
    tend_node *doc = tend_node_new_map(c->arena), *list = tend_node_set_list(c->arena, doc, "runs");
    for (size_t i = 0; i < n; i++) {
        char when[32];
        tend_node *item = tend_node_push(list, tend_node_new_map(c->arena));
        tend_node_set_string(c->arena, item, "id", runs[i].id);
        tend_node_set_string(c->arena, item, "status", tend_run_status_name(runs[i].status));
        tend_clock_format(runs[i].started, when);
        tend_node_set_string(c->arena, item, "started", when);
        tend_node_set_double(c->arena, item, "seconds", runs[i].ended ? (double)(runs[i].ended - runs[i].started) / 1e6 : (double)NAN);
        tend_node_set_string(c->arena, item, "user", runs[i].user);
        tend_node_set_string(c->arena, item, "command", runs[i].command);
        tend_node_set_string(c->arena, item, "git_commit", runs[i].git_commit);
        if (metric)
            tend_node_set_double(c->arena, item, metric, runs[i].metric);
    }
    cli_print_json(doc);
}

static const char *default_metric(cli *c, tend_store *store) {
    tend_run_record run;
    tend_node *doc = NULL;
    if (load(c, store, "last", &run, &doc, NULL) != TEND_OK)
        return NULL;
    return tend_node_string(tend_node_get(doc, "metric"), NULL);
}

static tend_status need_metric(const char *name, tend_error *err) {
    if (tend_metric_find(name))
        return TEND_OK;
    const char *names[128];
    size_t n = 0;
    for (; n < (size_t)tend_n_metrics && n < 128; n++)
        names[n] = tend_metrics[n].name;
    const char *near = tend_text_nearest(name, names, n);
    tend_status status = TEND_FAIL(err, USAGE, "there is no metric '%s'", name);
    return near ? tend_error_hint(err, status, "did you mean '%s'?", near) : tend_error_hint(err, status, "`tend help metrics` lists them");
}

tend_status cmd_runs_list(cli *c, tend_error *err) {
    int64_t limit;
    TEND_TRY(cli_int(c, "limit", 20, 1, 1000000, &limit, err));
    tend_run_query query = {.limit = (size_t)limit};
    const char *sort = cli_value(c, "sort") ? cli_value(c, "sort") : "newest";
    if (!strcmp(sort, "highest"))
        query.order = TEND_RUNS_HIGHEST;
    else if (!strcmp(sort, "lowest"))
        query.order = TEND_RUNS_LOWEST;
    else if (strcmp(sort, "newest"))
        return TEND_FAIL(err, USAGE, "--sort %s: expected newest, highest or lowest", sort);
    if (cli_value(c, "metric"))
        TEND_TRY(need_metric(cli_value(c, "metric"), err));
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, false, &store, err));
    const char *metric = cli_value(c, "metric") ? cli_value(c, "metric") : default_metric(c, store);
    query.metric = metric;
    tend_run_record *runs;
    size_t n;
    TEND_TRY(tend_runs_list(store, &query, c->arena, &runs, &n, err));
    if (c->json)
        list_json(c, runs, n, metric);
    if (c->quiet)
        return TEND_OK;
    const char *const head[] = {"run", "started", "status", metric ? metric : "metric", "time", "user", "command"};
    cli_table table = {.head = head, .n_columns = 7};
    for (size_t i = 0; i < n; i++) {
        char when[32], spent[32] = "";
        tend_clock_format(runs[i].started, when);
        if (runs[i].ended)
            tend_text_seconds((double)(runs[i].ended - runs[i].started) / 1e6, spent);
        cli_table_row(c, &table, runs[i].id, tend_arena_strdup(c->arena, when), tend_run_status_name(runs[i].status),
                      number(c, runs[i].metric), tend_arena_strdup(c->arena, spent), runs[i].user, runs[i].command);
    }
    cli_table_print(c, &table);
    return TEND_OK;
}

/* ---- show ---- */

static void print_metrics(cli *c, const tend_node *doc) {
    const tend_node *test = tend_node_path(doc, "metrics.test"), *validation = tend_node_path(doc, "metrics.validation");
    if (!test)
        return;
    const char *const head[] = {"metric", "test", "95 % interval", "validation"};
    cli_table table = {.head = head, .n_columns = 4};
    TEND_NODE_EACH(m, test)
        cli_table_row(c, &table, m->key, number(c, tend_node_double(tend_node_get(m, "value"), NAN)),
                      tend_arena_printf(c->arena, "%s–%s", number(c, tend_node_double(tend_node_get(m, "low"), NAN)),
                                        number(c, tend_node_double(tend_node_get(m, "high"), NAN))),
                      number(c, tend_node_double(tend_node_get(tend_node_get(validation, m->key), "value"), NAN)));
    printf("\n");
    cli_table_print(c, &table);
}

static void print_steps(cli *c, const tend_node *doc) {
    TEND_NODE_EACH(step, tend_node_get(doc, "steps")) {
        char spent[32];
        printf("  %-9s %-7s %8s  %s\n", tend_node_string(tend_node_get(step, "name"), ""),
               tend_node_string(tend_node_get(step, "status"), ""),
               tend_text_seconds(tend_node_double(tend_node_get(step, "seconds"), 0), spent),
               tend_node_string(tend_node_get(step, "summary"), ""));
        const char *reason = tend_node_string(tend_node_get(step, "reason"), NULL);
        if (reason)
            printf("  %s%29s%s%s\n", cli_paint(c, CLI_DIM), "because: ", reason, cli_paint(c, CLI_PLAIN));
    }
}

tend_status cmd_runs_show(cli *c, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, false, &store, err));
    tend_run_record run;
    tend_node *doc;
    TEND_TRY(load(c, store, c->n_args ? c->args[0] : "last", &run, &doc, err));
    char when[32];
    tend_clock_format(run.started, when);
    if (c->json) {
        if (!doc)
            doc = tend_node_new_map(c->arena);
        tend_node_set_string(c->arena, doc, "id", run.id);
        tend_node_set_string(c->arena, doc, "status", tend_run_status_name(run.status));
        tend_node_set_string(c->arena, doc, "started", when);
        tend_node_set_string(c->arena, doc, "user", run.user);
        tend_node_set_string(c->arena, doc, "host", run.host);
        tend_node_set_string(c->arena, doc, "command", run.command);
        tend_node_set_string(c->arena, doc, "git_commit", run.git_commit);
        tend_node_set_bool(c->arena, doc, "git_dirty", run.git_dirty);
        cli_print_json(doc);
    }
    if (c->quiet)
        return TEND_OK;
    printf("%srun %s%s  %s  %s by %s%s%s\n", cli_paint(c, CLI_BOLD), run.id, cli_paint(c, CLI_PLAIN), tend_run_status_name(run.status),
           when, run.user ? run.user : "?", run.git_commit ? ", git " : "",
           run.git_commit ? tend_arena_strndup(c->arena, run.git_commit, 10) : "");
    const char *failure = tend_node_string(tend_node_path(doc, "error.message"), NULL);
    if (failure)
        printf("  %s%s%s\n", cli_paint(c, CLI_RED), failure, cli_paint(c, CLI_PLAIN));
    print_steps(c, doc);
    print_metrics(c, doc);
    const char *verdict = tend_node_string(tend_node_path(doc, "verdict.sentence"), NULL);
    if (verdict)
        printf("\n%s\n", verdict);
    TEND_NODE_EACH(gate, tend_node_get(doc, "gates"))
        printf("gate %s: %s: %s\n", tend_node_bool(tend_node_get(gate, "passed"), false) ? "passed" : "failed",
               tend_node_string(tend_node_get(gate, "gate"), ""), tend_node_string(tend_node_get(gate, "message"), ""));
    if (tend_node_get(doc, "model"))
        printf("model %s version %lld, sha256 %.16s…\n", tend_node_string(tend_node_path(doc, "model.name"), ""),
               (long long)tend_node_int(tend_node_path(doc, "model.version"), 0),
               tend_node_string(tend_node_path(doc, "model.sha256"), ""));
    return TEND_OK;
}

/* ---- compare ---- */

tend_status cmd_runs_compare(cli *c, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, false, &store, err));
    if (c->n_args > 8)
        return TEND_FAIL(err, USAGE, "at most 8 runs can be put side by side");
    tend_node *docs[8], *out = tend_node_new_map(c->arena), *list = tend_node_set_list(c->arena, out, "runs");
    const char *head[9] = {"", NULL};
    for (int i = 0; i < c->n_args; i++) {
        tend_run_record run;
        TEND_TRY(load(c, store, c->args[i], &run, &docs[i], err));
        if (!docs[i])
            return TEND_FAIL(err, REFUSED, "run %s is %s: it has nothing to compare", run.id, tend_run_status_name(run.status));
        head[i + 1] = run.id;
        tend_node_push(list, tend_node_copy(c->arena, docs[i]));
    }
    if (c->json)
        cli_print_json(out);
    if (c->quiet)
        return TEND_OK;
    cli_table table = {.head = head, .n_columns = c->n_args + 1};
    const char *cells[9] = {NULL};
#define ROW() cli_table_row(c, &table, cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7], cells[8])
    cells[0] = "learner";
    for (int i = 0; i < c->n_args; i++)
        cells[i + 1] = tend_node_string(tend_node_get(docs[i], "learner"), "–");
    ROW();
    TEND_NODE_EACH(p, tend_node_get(docs[0], "params")) {
        cells[0] = p->key;
        for (int i = 0; i < c->n_args; i++) {
            const tend_node *v = tend_node_get(tend_node_get(docs[i], "params"), p->key);
            cells[i + 1] = v && v->kind == TEND_NODE_STRING ? v->text : v ? number(c, tend_node_double(v, NAN)) : "–";
        }
        ROW();
    }
    TEND_NODE_EACH(m, tend_node_path(docs[0], "metrics.test")) {
        cells[0] = tend_arena_printf(c->arena, "test %s", m->key);
        for (int i = 0; i < c->n_args; i++)
            cells[i + 1] =
                number(c, tend_node_double(tend_node_get(tend_node_get(tend_node_path(docs[i], "metrics.test"), m->key), "value"), NAN));
        ROW();
    }
#undef ROW
    cli_table_print(c, &table);
    return TEND_OK;
}

/* ---- diff ---- */

static void print_changes(cli *c, const char *title, const tend_node *list) {
    if (!list || !list->count)
        return;
    printf("%s%s%s\n", cli_paint(c, CLI_BOLD), title, cli_paint(c, CLI_PLAIN));
    cli_table table = {.n_columns = 4};
    TEND_NODE_EACH(item, list)
        cli_table_row(c, &table, "", tend_node_string(tend_node_get(item, "name"), ""), tend_node_scalar(tend_node_get(item, "a"), "–"),
                      tend_arena_printf(c->arena, "→ %s", tend_node_scalar(tend_node_get(item, "b"), "–")));
    cli_table_print(c, &table);
}

static void print_metric_changes(cli *c, const tend_node *list) {
    if (!list || !list->count)
        return;
    const char *const head[] = {"test metric", "a", "b", "change"};
    cli_table table = {.head = head, .n_columns = 4};
    TEND_NODE_EACH(item, list)
        cli_table_row(
            c, &table, tend_node_string(tend_node_get(item, "name"), ""), number(c, tend_node_double(tend_node_get(item, "a"), NAN)),
            number(c, tend_node_double(tend_node_get(item, "b"), NAN)), number(c, tend_node_double(tend_node_get(item, "change"), NAN)));
    cli_table_print(c, &table);
}

static void print_names(const char *title, const tend_node *list) {
    if (!list || !list->count)
        return;
    printf("%s:", title);
    TEND_NODE_EACH(item, list)
        printf("%s %s", item == list->first ? "" : ",", tend_node_string(item, tend_node_string(tend_node_get(item, "name"), "")));
    printf("\n");
}

static void print_table_diff(cli *c, const tend_node *doc) {
    char a[32], b[32], shared[32];
    printf("%s has %s rows, %s has %s", tend_node_string(tend_node_get(doc, "a"), ""),
           tend_text_thousands(tend_node_int(tend_node_path(doc, "rows.a"), 0), a), tend_node_string(tend_node_get(doc, "b"), ""),
           tend_text_thousands(tend_node_int(tend_node_path(doc, "rows.b"), 0), b));
    if (tend_node_get(doc, "rows_shared"))
        printf("; %s stand in both", tend_text_thousands(tend_node_int(tend_node_get(doc, "rows_shared"), 0), shared));
    printf("\n");
    print_names("new columns", tend_node_get(doc, "added"));
    print_names("columns that are gone", tend_node_get(doc, "removed"));
    print_names("columns of another type", tend_node_get(doc, "retyped"));
    const char *const head[] = {"column", "test", "distance", "missing a", "missing b", "verdict"};
    cli_table table = {.head = head, .n_columns = 6};
    TEND_NODE_EACH(col, tend_node_get(doc, "columns"))
        cli_table_row(c, &table, tend_node_string(tend_node_get(col, "column"), ""), tend_node_string(tend_node_get(col, "test"), ""),
                      number(c, tend_node_double(tend_node_get(col, "distance"), NAN)),
                      tend_arena_printf(c->arena, "%.1f %%", 100 * tend_node_double(tend_node_get(col, "missing_a"), 0)),
                      tend_arena_printf(c->arena, "%.1f %%", 100 * tend_node_double(tend_node_get(col, "missing_b"), 0)),
                      tend_node_string(tend_node_get(col, "verdict"), ""));
    cli_table_print(c, &table);
}

tend_status cmd_diff(cli *c, tend_error *err) {
    tend_project *project = NULL;
    TEND_AUTO(tend_store) *store = NULL;
    tend_error ignored = TEND_ERROR_INIT;
    bool files = tend_fs_exists(c->args[0]) && tend_fs_exists(c->args[1]);
    tend_status status = cli_project(c, &project, files ? &ignored : err);
    if (status != TEND_OK && !(files && status == TEND_NOT_FOUND))
        return status;
    if (project &&
        tend_store_open(&(tend_store_options){.folder = tend_path_join(c->arena, project->folder, ".tend"), .mode = TEND_STORE_READ},
                        &store, &ignored) != TEND_OK)
        store = NULL;
    tend_node *doc;
    TEND_TRY(tend_flow_diff(project, store, c->args[0], c->args[1], c->arena, &doc, err));
    if (c->json)
        cli_print_json(doc);
    if (c->quiet)
        return TEND_OK;
    if (!strcmp(tend_node_string(tend_node_get(doc, "kind"), ""), "tables")) {
        print_table_diff(c, doc);
        return TEND_OK;
    }
    print_changes(c, "parameters", tend_node_get(doc, "params"));
    print_changes(c, "tend.yaml", tend_node_get(doc, "configuration"));
    print_names("steps with other results", tend_node_get(doc, "steps"));
    print_metric_changes(c, tend_node_get(doc, "metrics"));
    return TEND_OK;
}
