/* tend predictions: what served models answered, as a list, as the latest rows, or by SQL. */
#include "cli/cli.h"

#include "base/clock.h"
#include "data/iso.h"
#include "flow/prediction_log.h"
#include "store/name.h"

/* ---- which models have a log ---- */

static const char *cell(cli *c, const tend_table *table, int column) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    if (tend_is_valid(&table->columns[column], 0))
        tend_column_format(&table->columns[column], 0, &text);
    return tend_arena_strdup(c->arena, tend_buf_text(&text));
}

static tend_status list_model(cli *c, tend_prediction_query *query, cli_table *table, tend_node *list, tend_error *err) {
    tend_table *rows;
    uint64_t bytes;
    char size[32], number[2][32];
    query->sql = "SELECT count(*) AS records, count(target) AS with_feedback, strftime(min(time), '%Y-%m-%dT%H:%M:%SZ') AS first, "
                 "strftime(max(time), '%Y-%m-%dT%H:%M:%SZ') AS last FROM predictions";
    TEND_TRY(tend_predictions_query(query, c->arena, &rows, err));
    TEND_TRY(tend_predictions_size(query->store, query->model, &bytes, err));
    cli_table_row(c, table, query->model, tend_arena_strdup(c->arena, tend_text_thousands(rows->columns[0].ints[0], number[0])),
                  tend_arena_strdup(c->arena, tend_text_thousands(rows->columns[1].ints[0], number[1])), cell(c, rows, 2), cell(c, rows, 3),
                  tend_arena_strdup(c->arena, tend_text_bytes(bytes, size)));
    tend_node *item = tend_node_push(list, tend_node_new_map(c->arena));
    tend_node_set_string(c->arena, item, "model", query->model);
    const tend_node *facts = cli_table_node(c, rows)->first;
    TEND_NODE_EACH(value, facts)
        tend_node_set(c->arena, item, value->key, tend_node_copy(c->arena, value));
    tend_node_set_int(c->arena, item, "bytes", (int64_t)bytes);
    return TEND_OK;
}

static tend_status list_models(cli *c, tend_prediction_query *query, tend_error *err) {
    char **models;
    size_t n;
    const char *const head[] = {"model", "records", "with feedback", "first", "last", "size"};
    cli_table table = {.head = head, .n_columns = 6};
    tend_node *doc = tend_node_new_map(c->arena), *list = tend_node_set_list(c->arena, doc, "models");
    TEND_TRY(tend_predictions_models(query->store, c->arena, &models, &n, err));
    for (size_t i = 0; i < n; i++) {
        query->model = models[i];
        TEND_TRY(list_model(c, query, &table, list, err));
    }
    if (c->json)
        cli_print_json(doc);
    if (!c->quiet && n)
        cli_table_print(c, &table);
    if (!c->quiet && !n)
        printf("No predictions are logged yet: `tend serve` logs them.\n");
    return TEND_OK;
}

/* ---- one model ---- */

static tend_status check_model(cli *c, const char *store, const char *model, tend_error *err) {
    char **models;
    size_t n;
    TEND_TRY(tend_name_check("model name", model, err));
    TEND_TRY(tend_predictions_models(store, c->arena, &models, &n, err));
    for (size_t i = 0; i < n; i++)
        if (!strcmp(models[i], model))
            return TEND_OK;
    tend_status status = TEND_FAIL(err, NOT_FOUND, "no predictions of '%s' are logged", model);
    const char *nearest = tend_text_nearest(model, (const char *const *)models, n);
    return nearest ? tend_error_hint(err, status, "did you mean '%s'?", nearest)
                   : tend_error_hint(err, status, "`tend predictions` lists the models that have some");
}

/* "7d", "12h", "30m": so long ago. */
static bool parse_ago(const char *text, int64_t *out) {
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}};
    size_t size = strlen(text);
    int64_t n;
    if (size < 2 || !tend_text_parse_int((tend_str){text, size - 1}, &n) || n < 0 || n > 1000000)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (text[size - 1] == units[i].unit) {
            *out = tend_clock_micros() - n * units[i].seconds * 1000000;
            return true;
        }
    return false;
}

static tend_status parse_since(const cli *c, int64_t *out, tend_error *err) {
    const char *text = cli_value(c, "since");
    *out = INT64_MIN;
    if (!text || parse_ago(text, out) || tend_iso_parse_timestamp(tend_str_of(text), out, NULL))
        return TEND_OK;
    return TEND_FAIL(err, USAGE, "--since %s: expected a time such as 2026-11-01, 2026-11-01T08:30, 7d, 12h or 30m", text);
}

/* Without SQL: everything into a file; the latest to look at, with what fits on a line where that matters. */
static const char *standard_sql(const cli *c, int64_t limit) {
    if (cli_value(c, "output"))
        return "SELECT * FROM predictions ORDER BY time, id";
    const char *columns = c->json ? "*" : "id, time, version, route, prediction, probability, target";
    return tend_arena_printf(c->arena, "SELECT %s FROM predictions ORDER BY time DESC, id DESC LIMIT %lld", columns, (long long)limit);
}

/* The engine's advice about files is meant for tend.yaml. */
static tend_status explain(tend_status status, tend_error *err) {
    if (err && strstr(err->message, "read or write files"))
        return tend_error_hint(err, status, "the tables are predictions and feedback");
    return status;
}

static tend_status show_model(cli *c, tend_prediction_query *query, tend_error *err) {
    tend_table *rows;
    int64_t limit;
    const char *sql = cli_value(c, "sql"), *path = cli_value(c, "output");
    TEND_TRY(cli_int(c, "limit", 20, 1, 1000000, &limit, err));
    TEND_TRY(check_model(c, query->store, query->model, err));
    query->sql = sql ? sql : standard_sql(c, limit);
    query->where = sql ? (tend_span){.file = "--sql", .line = 1, .column = 1} : (tend_span){0};
    tend_status status = tend_predictions_query(query, c->arena, &rows, err);
    if (status != TEND_OK)
        return sql ? explain(status, err) : status;
    if (path)
        TEND_TRY(cli_table_write(rows, path, err));
    if (c->json) {
        tend_node *doc = tend_node_new_map(c->arena);
        tend_node_set_string(c->arena, doc, "model", query->model);
        tend_node_set_string(c->arena, doc, "output", path);
        tend_node_set_int(c->arena, doc, "n_rows", rows->n_rows);
        tend_node_set(c->arena, doc, "rows", path ? tend_node_new(c->arena, TEND_NODE_NULL) : cli_table_node(c, rows));
        cli_print_json(doc);
    }
    char number[32];
    if (!c->quiet && path)
        printf("%s: %s rows\n", path, tend_text_thousands(rows->n_rows, number));
    else if (!c->quiet)
        cli_table_print_rows(c, rows, limit);
    return TEND_OK;
}

tend_status cmd_predictions(cli *c, tend_error *err) {
    tend_prediction_query query = TEND_PREDICTION_QUERY_INIT;
    TEND_TRY(cli_store_folder(c, &query.store, err));
    TEND_TRY(parse_since(c, &query.since, err));
    if (c->n_args) {
        query.model = c->args[0];
        return show_model(c, &query, err);
    }
    if (cli_value(c, "sql") || cli_value(c, "output"))
        return tend_error_hint(err, TEND_FAIL(err, USAGE, "--sql and --output are about one model"), "tend predictions MODEL …");
    return list_models(c, &query, err);
}
