#include "data/json_rows.h"

enum { MAX_COLUMNS = 100000 };

void tend_json_rows_init(tend_json_rows *rows, const char *path, tend_arena *arena) {
    *rows = (tend_json_rows){.arena = arena, .path = path, .names = tend_dict_new(), .lines = {.max = SIZE_MAX / 4}};
}

void tend_json_rows_done(tend_json_rows *rows) {
    tend_dict_free(rows->names);
    tend_buf_done(&rows->lines);
}

static void pad(tend_json_column *c, int64_t n) {
    for (; c->n < n; c->n++)
        tend_column_add_missing(c->text);
}

static tend_status column_of(tend_json_rows *rows, const char *name, tend_span span, tend_json_column **out, tend_error *err) {
    bool is_new;
    int64_t i = tend_dict_add(rows->names, name, strlen(name), &is_new);
    if (is_new && rows->n_columns == MAX_COLUMNS)
        return TEND_FAIL_AT(err, LIMIT, span, "there are more than 100,000 different keys; are they values?");
    if (is_new && rows->n_columns == rows->capacity) {
        int capacity = rows->capacity ? 2 * rows->capacity : 16;
        rows->columns = tend_arena_grow(rows->arena, rows->columns, (size_t)rows->capacity * sizeof *rows->columns,
                                        (size_t)capacity * sizeof *rows->columns);
        rows->capacity = capacity;
    }
    tend_json_column *c = &rows->columns[i];
    if (is_new) {
        rows->n_columns++;
        *c = (tend_json_column){.name = tend_arena_strdup(rows->arena, name),
                                .text = tend_column_builder_new(rows->arena, name, TEND_STRING)};
    }
    *out = c;
    return TEND_OK;
}

static void add_nested(tend_json_column *c, const tend_node *value) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_json_format(value, 0, &text);
    tend_column_add_string(c->text, (tend_str){tend_buf_text(&text), text.size});
    c->counts.n_nested++;
}

static void add_scalar(tend_json_column *c, const tend_node *value) {
    tend_str text = {value->text, value->text_size};
    switch (value->kind) {
    case TEND_NODE_NULL: tend_column_add_missing(c->text); return;
    case TEND_NODE_BOOL:
        tend_column_add_string(c->text, value->boolean ? TEND_STR("true") : TEND_STR("false"));
        c->counts.n_bool++;
        return;
    case TEND_NODE_INT:
    case TEND_NODE_FLOAT: c->counts.n_number++; break;
    default: c->counts.n_string++; break;
    }
    tend_column_add_string(c->text, text);
}

/* The value of the row that is being filled. */
static tend_status add_value(tend_json_rows *rows, const char *name, const tend_node *value, tend_error *err) {
    tend_json_column *c;
    TEND_TRY(column_of(rows, name, value->span, &c, err));
    if (c->n > rows->n_rows)
        return TEND_FAIL_AT(err, UNSUPPORTED, value->span, "two keys of this object give the same column '%s'", name);
    pad(c, rows->n_rows);
    if (value->kind == TEND_NODE_MAP || value->kind == TEND_NODE_LIST)
        add_nested(c, value);
    else
        add_scalar(c, value);
    c->n++;
    return TEND_OK;
}

static void end_row(tend_json_rows *rows, uint32_t line) {
    tend_buf_append(&rows->lines, &line, sizeof line);
    rows->n_rows++;
}

tend_status tend_json_rows_add(tend_json_rows *rows, const tend_node *object, uint32_t line, tend_error *err) {
    if (object->kind != TEND_NODE_MAP)
        return TEND_FAIL_AT(err, DATA, object->span, "expected an object, found %s", tend_node_kind_name(object->kind));
    TEND_NODE_EACH(value, object) {
        if (value->kind != TEND_NODE_MAP) {
            TEND_TRY(add_value(rows, value->key, value, err));
            continue;
        }
        TEND_AUTO_BUF name = TEND_BUF_INIT;
        TEND_NODE_EACH(inner, value) {
            tend_buf_clear(&name);
            tend_buf_printf(&name, "%s.%s", value->key, inner->key);
            TEND_TRY(add_value(rows, tend_buf_text(&name), inner, err));
        }
    }
    end_row(rows, line);
    return TEND_OK;
}

/* ---- whole documents ---- */

static bool all_are(const tend_node *parent, tend_node_kind kind) {
    TEND_NODE_EACH(child, parent)
        if (child->kind != kind)
            return false;
    return parent->count > 0;
}

static tend_status add_records(tend_json_rows *rows, const tend_node *list, tend_error *err) {
    TEND_NODE_EACH(record, list)
        TEND_TRY(tend_json_rows_add(rows, record, record->span.line, err));
    return TEND_OK;
}

/* {"columns": ["a", "b"], "data": [[1, 2], …]}: pandas' "split". */
static tend_status add_split(tend_json_rows *rows, const tend_node *columns, const tend_node *data, tend_error *err) {
    TEND_NODE_EACH(row, data) {
        if (row->kind != TEND_NODE_LIST || row->count != columns->count)
            return TEND_FAIL_AT(err, DATA, row->span, "expected a list of %zu values, one for each column, found %s of %zu", columns->count,
                                tend_node_kind_name(row->kind), row->count);
        const tend_node *name = columns->first;
        TEND_NODE_EACH(value, row) {
            TEND_TRY(add_value(rows, tend_node_scalar(name, ""), value, err));
            name = name->next;
        }
        end_row(rows, row->span.line);
    }
    return TEND_OK;
}

/* {"a": [1, 2], "b": [3, 4]} or {"a": {"0": 1, "1": 2}, …}: all of one column, then all of the next. */
static tend_status add_columns(tend_json_rows *rows, const tend_node *document, tend_error *err) {
    size_t n = document->first->count;
    TEND_NODE_EACH(column, document) {
        if (column->count != n)
            return TEND_FAIL_AT(err, DATA, column->span, "column '%s' has %zu values where '%s' has %zu", column->key, column->count,
                                document->first->key, n);
        rows->n_rows = 0;
        TEND_NODE_EACH(value, column) {
            TEND_TRY(add_value(rows, column->key, value, err));
            rows->n_rows++;
        }
    }
    rows->n_rows = 0;
    TEND_NODE_EACH(value, document->first)
        end_row(rows, value->span.line);
    return TEND_OK;
}

/* The only member that is a list of objects: {"count": 2, "data": [{…}, {…}]}. */
static const tend_node *wrapped_records(const tend_node *document) {
    const tend_node *found = NULL;
    TEND_NODE_EACH(child, document) {
        if (child->kind != TEND_NODE_LIST || !all_are(child, TEND_NODE_MAP))
            continue;
        if (found)
            return NULL;
        found = child;
    }
    return found;
}

tend_status tend_json_rows_add_document(tend_json_rows *rows, const tend_node *document, tend_error *err) {
    const tend_node *columns = tend_node_get(document, "columns"), *data = tend_node_get(document, "data");
    if (columns && data && columns->kind == TEND_NODE_LIST && all_are(columns, TEND_NODE_STRING) && data->kind == TEND_NODE_LIST)
        return add_split(rows, columns, data, err);
    const tend_node *records = wrapped_records(document);
    if (records)
        return add_records(rows, records, err);
    if (all_are(document, TEND_NODE_LIST) || all_are(document, TEND_NODE_MAP))
        return add_columns(rows, document, err);
    return tend_json_rows_add(rows, document, document->span.line, err);
}

tend_table *tend_json_rows_table(tend_json_rows *rows) {
    tend_table *table = tend_table_new(rows->arena, rows->n_columns, rows->n_rows);
    for (int i = 0; i < rows->n_columns; i++) {
        pad(&rows->columns[i], rows->n_rows);
        tend_column_build(rows->columns[i].text, &table->columns[i]);
    }
    const char **files = TEND_ARRAY(rows->arena, const char *, 1);
    files[0] = tend_arena_strdup(rows->arena, rows->path);
    table->line = tend_arena_memdup(rows->arena, tend_buf_text(&rows->lines), rows->lines.size);
    table->files = files;
    table->n_files = 1;
    return table;
}
