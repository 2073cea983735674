#include "serve/cells.h"
#include "serve/mlflow.h"
#include "serve/predict.h"
#include "serve/read_csv.h"

static const char *const payload_names[] = {"", "dataframe_split", "dataframe_records", "instances", "inputs", ""};

static void add_fault(serve_mlflow_request *r, const char *pointer, const char *found, const char *expected, const char *hint) {
    if (r->n_faults < SERVE_MLFLOW_SHOWN)
        r->faults[r->n_faults++] = (serve_fault){pointer, found, expected, hint};
    r->n_faults_total++;
}

static bool has_room(const serve_reading *reading, tend_json_pull *p) {
    return !reading->max_rows || tend_rows_count(reading->rows) < reading->max_rows ||
           tend_json_pull_fail(p, "too many rows for one request");
}

/* What the model reads and nobody gave. near: the names that were given. */
static void add_absent(serve_mlflow_request *r, const char *pointer, const bool *given, const char *const *near, int n_near) {
    const tend_inputs *inputs = r->reading->inputs;
    for (int i = 0; i < tend_inputs_count(inputs); i++) {
        if (given[i])
            continue;
        const char *name = tend_inputs_name(inputs, i), *found = tend_text_nearest(name, near, (size_t)n_near);
        add_fault(r, pointer, NULL, tend_arena_printf(r->arena, "a column '%s'", name),
                  found ? tend_arena_printf(r->arena, "there is '%s'", found) : NULL);
    }
}

/* ---- dataframe_split ---- */

static bool read_columns(serve_mlflow_request *r, tend_json_pull *p) {
    serve_cells names = {0};
    const tend_inputs *inputs = r->reading->inputs;
    enum { MOST = 10000 };
    if (r->places)
        return tend_json_pull_fail(p, "a key for the second time");
    if (!serve_cells_read(&names, p, MOST))
        return false;
    bool *given = TEND_ARRAY(r->arena, bool, tend_inputs_count(inputs));
    const char **texts = TEND_ARRAY(r->arena, const char *, names.n);
    r->places = TEND_ARRAY(r->arena, int, names.n);
    r->n_places = (int)names.n;
    for (int c = 0, found = -1; c < names.n; c++) {
        const serve_cell *name = &names.items[c];
        bool text = name->kind == TEND_JSON_STRING;
        texts[c] = text ? tend_arena_strndup(r->arena, name->text.at, name->text.size) : "";
        r->places[c] = found = text ? tend_inputs_find(inputs, name->text, found + 1) : -1;
        if (found >= 0 && given[found])
            add_fault(r, tend_arena_printf(r->arena, "/dataframe_split/columns/%d", c), serve_cell_show(name, r->arena), "each column once",
                      NULL);
        else if (found >= 0)
            given[found] = true;
    }
    add_absent(r, "/dataframe_split/columns", given, texts, r->n_places);
    return true;
}

static bool read_split_row(serve_mlflow_request *r, tend_json_pull *p) {
    int c = 0;
    if (!tend_json_enter_array(p))
        return tend_json_pull_fail(p, "expected a row as a list of values");
    if (!has_room(r->reading, p))
        return false;
    tend_rows_begin(r->reading->rows);
    for (; tend_json_next_item(p); c++)
        if (c < r->n_places && r->places[c] >= 0 ? !serve_read_value(r->reading, p, r->places[c]) : !tend_json_skip(p, NULL))
            return false;
    if (p->fault)
        return false;
    if (c != r->n_places)
        return tend_json_pull_fail(p, "a row that has not a value for each column");
    tend_rows_end(r->reading->rows, true);
    return true;
}

static bool read_split_data(serve_mlflow_request *r, tend_json_pull *p) {
    if (!tend_json_enter_array(p))
        return tend_json_pull_fail(p, "expected data as a list of rows");
    while (tend_json_next_item(p))
        if (r->n_faults ? !tend_json_skip(p, NULL) : !read_split_row(r, p))
            return false;
    return !p->fault;
}

static bool read_split(serve_mlflow_request *r, tend_json_pull *p) {
    tend_str key;
    tend_json_pull data = {0}; /* where the rows are, when they came before the names */
    bool there = false;
    if (!tend_json_enter_object(p))
        return tend_json_pull_fail(p, "expected {\"columns\": [...], \"data\": [[...], ...]}");
    while (tend_json_next_key(p, &key)) {
        bool rows = tend_str_is(key, "data");
        if (rows && there)
            return tend_json_pull_fail(p, "a key for the second time");
        there |= rows;
        if (rows && !r->places)
            data = *p;
        if (tend_str_is(key, "columns") ? !read_columns(r, p) : rows && r->places ? !read_split_data(r, p) : !tend_json_skip(p, NULL))
            return false;
    }
    if (p->fault)
        return false;
    if (!r->places)
        add_fault(r, "/dataframe_split/columns", NULL, "a list of the columns' names", NULL);
    else if (!there)
        add_fault(r, "/dataframe_split/data", NULL, "a list of rows", NULL);
    if (r->places && data.begin && !read_split_data(r, &data)) {
        *p = data;
        return false;
    }
    return true;
}

/* ---- rows ---- */

/* A row of numbers in the order of the model's columns. */
static bool read_ordered_row(serve_mlflow_request *r, tend_json_pull *p) {
    int n = tend_inputs_count(r->reading->inputs), c = 0;
    r->by_order = true;
    for (int i = 0; i < n; i++) {
        tend_type type = tend_inputs_type(r->reading->inputs, i);
        if (type != TEND_INT && type != TEND_FLOAT && type != TEND_BOOL)
            return tend_json_pull_fail(p, "rows as lists are for models that read numbers only; expected objects: {\"column\": value, …}");
    }
    if (!has_room(r->reading, p) || !tend_json_enter_array(p))
        return false;
    tend_rows_begin(r->reading->rows);
    for (; tend_json_next_item(p); c++)
        if (c < n ? !serve_read_value(r->reading, p, c) : !tend_json_skip(p, NULL))
            return false;
    if (p->fault)
        return false;
    if (c != n)
        return tend_json_pull_fail(p, "a row that has not a value for each column of the model");
    tend_rows_end(r->reading->rows, true);
    return true;
}

static bool read_rows(serve_mlflow_request *r, tend_json_pull *p) {
    if (!tend_json_enter_array(p))
        return tend_json_pull_fail(p, "expected a list of rows");
    while (tend_json_next_item(p)) {
        bool ordered = r->payload != SERVE_MLFLOW_RECORDS && tend_json_peek(p) == TEND_JSON_ARRAY;
        if (!(ordered ? read_ordered_row(r, p) : serve_read_row(r->reading, p)))
            return false;
    }
    return !p->fault;
}

/* ---- columns ---- */

static void fill_columns(serve_mlflow_request *r, const serve_cells *columns) {
    const tend_inputs *inputs = r->reading->inputs;
    for (int64_t row = 0; row < columns[0].n; row++) {
        tend_rows_begin(r->reading->rows);
        for (int i = 0; i < tend_inputs_count(inputs); i++)
            serve_cell_set(&columns[i].items[row], r->reading->rows, inputs, i, true);
        tend_rows_end(r->reading->rows, true);
    }
}

static void check_columns(serve_mlflow_request *r, const serve_cells *columns) {
    const tend_inputs *inputs = r->reading->inputs;
    for (int i = 0; i < tend_inputs_count(inputs); i++) {
        const serve_cells *c = &columns[i];
        const char *pointer = tend_arena_printf(r->arena, "/inputs/%s", serve_pointer_escape(r->arena, tend_inputs_name(inputs, i)));
        if (c->ragged || (c->depth == 2 && c->per_list != 1))
            add_fault(r, pointer, "lists of other lengths", "a flat list of values", NULL);
        else if (c->n != columns[0].n)
            add_fault(r, pointer, tend_arena_printf(r->arena, "%lld values", (long long)c->n),
                      tend_arena_printf(r->arena, "%lld values, as '%s' has", (long long)columns[0].n, tend_inputs_name(inputs, 0)), NULL);
    }
}

static bool read_column_lists(serve_mlflow_request *r, tend_json_pull *p) {
    const tend_inputs *inputs = r->reading->inputs;
    int n = tend_inputs_count(inputs), input = -1, n_names = 0, capacity = 0;
    int64_t most = r->reading->max_rows ? r->reading->max_rows : INT64_MAX;
    serve_cells *columns = TEND_ARRAY(r->arena, serve_cells, n + 1);
    bool *given = TEND_ARRAY(r->arena, bool, n);
    const char **names = NULL;
    tend_str key;
    r->by_column = true;
    if (!tend_json_enter_object(p))
        return false;
    while (tend_json_next_key(p, &key)) {
        input = tend_inputs_find(inputs, key, input + 1);
        if (input >= 0 && given[input])
            return tend_json_pull_fail(p, "a column for the second time");
        if (input >= 0 ? !serve_cells_read(&columns[input], p, most) : !tend_json_skip(p, NULL))
            return false;
        if (input >= 0) {
            given[input] = true;
        } else if (n_names < SERVE_MLFLOW_SHOWN) {
            if (n_names == capacity) {
                names = tend_arena_grow(r->arena, names, (size_t)capacity * sizeof *names, (size_t)(capacity + 16) * sizeof *names);
                capacity += 16;
            }
            names[n_names++] = tend_arena_strndup(r->arena, key.at, key.size);
        }
    }
    if (p->fault)
        return false;
    add_absent(r, "/inputs", given, names, n_names);
    if (!r->n_faults)
        check_columns(r, columns);
    if (!r->n_faults)
        fill_columns(r, columns);
    return true;
}

/* ---- the whole ---- */

static bool read_params(serve_mlflow_request *r, tend_json_pull *p) {
    tend_str key;
    tend_json_value v;
    if (tend_json_peek(p) == TEND_JSON_NULL)
        return tend_json_skip(p, NULL);
    if (!tend_json_enter_object(p))
        return tend_json_pull_fail(p, "expected params as an object");
    while (tend_json_next_key(p, &key)) {
        bool explain = tend_str_is(key, "explain"), form = tend_str_is(key, "return");
        if (!explain && !form) {
            if (!tend_json_skip(p, NULL))
                return false;
            continue;
        }
        if (!tend_json_scalar(p, &v))
            return false;
        if (explain ? v.kind != TEND_JSON_BOOL
                    : v.kind != TEND_JSON_STRING || !(tend_str_is(v.string, "full") || tend_str_is(v.string, "labels")))
            return tend_json_pull_fail(p, explain ? "explain: expected true or false" : "return: expected \"labels\" or \"full\"");
        r->explain = explain ? v.truth : r->explain;
        r->full = form ? tend_str_is(v.string, "full") : r->full;
    }
    return !p->fault;
}

static bool read_payload(serve_mlflow_request *r, tend_json_pull *p, serve_mlflow_payload payload) {
    if (r->payload)
        return tend_json_pull_fail(p, "expected one of dataframe_split, dataframe_records, instances and inputs, found two");
    r->payload = payload;
    if (payload == SERVE_MLFLOW_SPLIT)
        return read_split(r, p);
    if (payload == SERVE_MLFLOW_INPUTS && tend_json_peek(p) == TEND_JSON_OBJECT)
        return read_column_lists(r, p);
    return read_rows(r, p);
}

bool serve_mlflow_read_json(serve_mlflow_request *r, tend_json_pull *p) {
    tend_str key;
    p->nan = true;
    r->reading->extras = true;
    if (!tend_json_enter_object(p))
        return tend_json_pull_fail(p, p->at == p->end ? "the body is empty" : "expected an object");
    while (tend_json_next_key(p, &key)) {
        serve_mlflow_payload payload = SERVE_MLFLOW_NONE;
        for (int k = SERVE_MLFLOW_SPLIT; k <= SERVE_MLFLOW_INPUTS; k++)
            payload = tend_str_is(key, payload_names[k]) ? (serve_mlflow_payload)k : payload;
        if (payload ? !read_payload(r, p, payload) : tend_str_is(key, "params") ? !read_params(r, p) : !tend_json_skip(p, NULL))
            return false;
    }
    if (!p->fault && !r->payload)
        add_fault(r, "", NULL, "one of dataframe_split, dataframe_records, instances and inputs", NULL);
    return tend_json_pull_end(p);
}

void serve_mlflow_read_csv(serve_mlflow_request *r, tend_str text) {
    tend_csv_lexer lexer;
    tend_csv_row row;
    serve_csv csv;
    serve_fault *absent;
    r->payload = SERVE_MLFLOW_CSV;
    size_t mark = serve_csv_init(&csv, text.at, text.size);
    tend_csv_lexer_init(&lexer, text.at, text.size, mark, 1, &csv.dialect);
    if (!text.size || !serve_csv_read_header(&csv, &lexer, r->reading->inputs, r->arena)) {
        add_fault(r, "", NULL, "a header with the names of the columns", NULL);
        return;
    }
    int n = serve_csv_absent(&csv, r->reading->inputs, r->arena, &absent);
    for (int i = 0; i < n; i++)
        add_fault(r, absent[i].pointer, absent[i].found, absent[i].expected, absent[i].hint);
    while (!n && serve_csv_next(&csv, &lexer, &row)) {
        const char *fault = serve_csv_fault(&csv, &row, r->arena);
        if (r->reading->max_rows && tend_rows_count(r->reading->rows) == r->reading->max_rows) {
            add_fault(r, "", "more rows", tend_arena_printf(r->arena, "at most %lld rows in one request", (long long)r->reading->max_rows),
                      NULL);
            return;
        }
        if (fault)
            add_fault(r, "", fault, "a field for each column of the header", NULL);
        else
            serve_csv_fill(&csv, &row, r->reading->rows, r->arena);
    }
}

static int place_of(const serve_mlflow_request *r, int input) {
    for (int c = 0; c < r->n_places; c++)
        if (r->places[c] == input)
            return c;
    return 0;
}

const char *serve_mlflow_pointer(const serve_mlflow_request *r, tend_arena *arena, int64_t row, const char *column) {
    const char *payload = payload_names[r->payload], *name = serve_pointer_escape(arena, column);
    int input = tend_inputs_find(r->reading->inputs, tend_str_of(column), 0);
    if (r->payload == SERVE_MLFLOW_SPLIT)
        return tend_arena_printf(arena, "/%s/data/%lld/%d", payload, (long long)row, place_of(r, input));
    if (r->payload == SERVE_MLFLOW_CSV)
        return tend_arena_printf(arena, "/%lld/%s", (long long)row, name);
    if (r->by_column)
        return tend_arena_printf(arena, "/%s/%s/%lld", payload, name, (long long)row);
    if (r->by_order)
        return tend_arena_printf(arena, "/%s/%lld/%d", payload, (long long)row, input);
    return tend_arena_printf(arena, "/%s/%lld/%s", payload, (long long)row, name);
}
