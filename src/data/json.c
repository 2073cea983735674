/* The JSON and NDJSON readers: records to columns of text, then types by the same rules as for CSV, with what JSON itself says
 * about its values on top: what is quoted there is no number. */
#include "data/json_records.h"
#include "data/json_rows.h"
#include "data/settle.h"
#include "data/writers.h"

enum { PASS_ROWS = 8192 };

/* A column of the file, whatever batch it shows up in. */
typedef struct field {
    const char *name; /* as long-lived as the bad rows */
    tend_kinds kinds;
    tend_json_counts counts;
    tend_plan plan;
} field;

typedef struct json {
    tend_reader reader;
    tend_arena *arena;
    const char *path;
    tend_read_options options;
    tend_missing missing;
    tend_bad_rows *bad;
    tend_json_records records;
    tend_dict *names;
    field **fields;
    int n_fields, capacity;
    bool ended, decided, quiet; /* quiet: bad rows were or will be told by another pass */
} json;

/* ---- rows of text ---- */

/* A line that is no JSON is a bad row; in a list there is no telling where the next record starts. */
static tend_status fail_record(json *j, tend_str text, uint32_t line, uint32_t column, tend_error *err) {
    uint32_t at = err->line ? err->line : 1;
    tend_span span = {j->path, line + at - 1, at == 1 && err->column ? err->column + column - 1 : err->column, err->length};
    tend_error_at(err, err->code, span);
    if (j->records.layout != TEND_JSON_LINES || j->options.ragged_is_error || err->code != TEND_DATA)
        return err->code;
    if (j->bad && !j->quiet) {
        TEND_AUTO(tend_arena) *scratch = tend_arena_new();
        const char *found = tend_arena_strndup(scratch, text.at, text.size < 200 ? text.size : 200);
        const char *reason = tend_arena_printf(scratch, "%s (column %u)", err->message, span.column);
        tend_bad_rows_add(j->bad, (tend_bad_row){.file = j->path, .line = line, .row = -1, .found = found, .reason = reason});
    }
    return TEND_OK;
}

static tend_status add_record(json *j, tend_json_rows *rows, tend_str text, uint32_t line, uint32_t column, tend_arena *scratch,
                              tend_error *err) {
    tend_node *node;
    tend_error local = TEND_ERROR_INIT;
    tend_status status = tend_json_parse(text.at, text.size, j->path, scratch, &node, &local);
    if (status == TEND_OK && j->records.layout == TEND_JSON_DOCUMENT)
        status = tend_json_rows_add_document(rows, node, &local);
    else if (status == TEND_OK)
        status = tend_json_rows_add(rows, node, line, &local);
    if (status == TEND_OK)
        return TEND_OK;
    local.code = status;
    status = fail_record(j, text, line, column, &local);
    if (status != TEND_OK && err)
        *err = local;
    return status;
}

/* Up to max_rows records as a table of text; NULL at the end. */
static tend_status gather(json *j, int64_t max_rows, tend_arena *arena, tend_json_rows *rows, tend_error *err) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    tend_json_rows_init(rows, j->path, arena);
    while (rows->n_rows < max_rows) {
        tend_str text;
        uint32_t line, column;
        TEND_TRY(tend_json_records_next(&j->records, &text, &line, &column, err));
        j->ended = text.at == NULL;
        if (j->ended)
            break;
        TEND_TRY(add_record(j, rows, text, line, column, scratch, err));
        tend_arena_clear(scratch);
        if (tend_cancel_requested())
            return TEND_FAIL(err, CANCELLED, "reading %s was cancelled", j->path);
    }
    return TEND_OK;
}

/* ---- what the columns are ---- */

static field *field_of(json *j, const char *name) {
    bool is_new;
    int64_t i = tend_dict_add(j->names, name, strlen(name), &is_new);
    if (is_new && j->n_fields == j->capacity) {
        int capacity = j->capacity ? 2 * j->capacity : 16;
        j->fields = tend_arena_grow(j->arena, j->fields, (size_t)j->capacity * sizeof *j->fields, (size_t)capacity * sizeof *j->fields);
        j->capacity = capacity;
    }
    if (is_new) {
        j->n_fields++;
        j->fields[i] = TEND_NEW(j->arena, field);
        j->fields[i]->name = tend_arena_strdup(j->bad ? j->bad->arena : j->arena, name);
    }
    return j->fields[i];
}

static void count_rows(json *j, const tend_json_rows *rows, const tend_table *text) {
    for (int i = 0; i < text->n_columns; i++) {
        field *f = field_of(j, text->columns[i].name);
        const tend_json_counts *c = &rows->columns[i].counts;
        f->counts.n_bool += c->n_bool;
        f->counts.n_number += c->n_number;
        f->counts.n_string += c->n_string;
        f->counts.n_nested += c->n_nested;
        tend_kinds_of_column(&text->columns[i], text->line, &j->missing, &f->kinds);
    }
}

static void note_field(json *j, const field *f, const char *sentence) {
    tend_node *notes = j->reader.notes, *section = NULL;
    for (tend_node *child = notes->first; child; child = child->next)
        if (strcmp(child->key, "columns") == 0)
            section = child;
    section = section ? section : tend_node_set_map(j->arena, notes, "columns");
    tend_node_set_string(j->arena, section, f->name, sentence);
}

/* A type that JSON contradicts: numbers in quotes are texts, and so is a mixture. */
static bool is_contradicted(const field *f, tend_type type) {
    const tend_json_counts *c = &f->counts;
    if (type == TEND_BOOL)
        return c->n_string > 0;
    if (type == TEND_INT || type == TEND_FLOAT)
        return c->n_string > 0 || c->n_bool > 0;
    return false;
}

static void decide(json *j) {
    for (int i = 0; i < j->n_fields; i++) {
        field *f = j->fields[i];
        f->plan = tend_settle_plan(&f->kinds, j->options.schema, f->name, true);
        if (!f->plan.declared && is_contradicted(f, f->plan.type)) {
            note_field(j, f,
                       f->counts.n_string == f->kinds.n ? "all numbers stand in quotes: kept as text"
                                                        : "numbers and texts are mixed: kept as text");
            f->plan = (tend_plan){.type = TEND_STRING};
        } else {
            tend_kinds_note(&f->kinds, &f->plan, f->name, j->arena, j->reader.notes);
        }
        f->plan.declared = true;
    }
    j->decided = true;
}

/* ---- typed tables ---- */

static void missing_column(const field *f, int64_t n_rows, tend_arena *arena, tend_column *out) {
    tend_column_builder *b = tend_column_builder_new(arena, f->name, f->plan.type);
    for (int64_t row = 0; row < n_rows; row++)
        tend_column_add_missing(b);
    tend_column_build(b, out);
}

static void tell_faults(json *j, const tend_table *text, const field *f, const tend_cell_faults *faults) {
    if (!j->bad)
        return;
    for (int64_t k = 0; k < faults->n; k++)
        tend_bad_rows_add(j->bad, (tend_bad_row){.file = j->path,
                                                 .line = text->line[faults->items[k].row],
                                                 .row = faults->items[k].row,
                                                 .column = f->name,
                                                 .found = faults->items[k].found,
                                                 .reason = faults->items[k].reason});
    j->bad->n_total += faults->n_total - faults->n;
}

static tend_table *make_typed(json *j, const tend_table *text, tend_arena *arena) {
    tend_table *table = tend_table_new(arena, j->n_fields, text->n_rows);
    table->line = text->line;
    table->files = text->files;
    table->n_files = text->n_files;
    for (int i = 0; i < j->n_fields; i++) {
        const field *f = j->fields[i];
        const tend_column *column = tend_table_column(text, f->name);
        tend_cell_faults faults = {0};
        if (column)
            tend_convert_column(column, f->plan, &j->missing, i, &faults, arena, &table->columns[i]);
        else
            missing_column(f, text->n_rows, arena, &table->columns[i]);
        tell_faults(j, text, f, &faults);
        tend_cell_faults_done(&faults);
    }
    return table;
}

/* A first pass over all records, for the columns and their types. */
static tend_status decide_from_all(json *j, tend_error *err) {
    j->quiet = true;
    while (!j->ended) {
        TEND_AUTO(tend_arena) *arena = tend_arena_new();
        tend_json_rows rows;
        tend_status status = gather(j, PASS_ROWS, arena, &rows, err);
        if (status == TEND_OK)
            count_rows(j, &rows, tend_json_rows_table(&rows));
        tend_json_rows_done(&rows);
        TEND_TRY(status);
    }
    decide(j);
    j->quiet = j->ended = false;
    return tend_json_records_rewind(&j->records, err);
}

static tend_status json_next(tend_reader *reader, tend_arena *arena, tend_table **out, tend_error *err) {
    json *j = reader->state;
    bool whole = j->options.batch_rows <= 0;
    *out = NULL;
    if (j->ended)
        return TEND_OK;
    tend_json_rows rows;
    tend_status status = gather(j, whole ? INT64_MAX : j->options.batch_rows, arena, &rows, err);
    if (status == TEND_OK && (whole || rows.n_rows > 0)) {
        tend_table *text = tend_json_rows_table(&rows);
        if (!j->decided) {
            count_rows(j, &rows, text);
            decide(j);
        }
        *out = make_typed(j, text, arena);
    }
    tend_json_rows_done(&rows);
    return status;
}

static void json_close(tend_reader *reader) {
    json *j = reader->state;
    tend_json_records_close(&j->records);
    tend_dict_free(j->names);
    tend_arena_free(j->arena);
}

static tend_status start(json *j, const char *path, bool lines, tend_error *err) {
    TEND_TRY(tend_json_records_open(&j->records, path, lines, err));
    const char *packing = tend_source_packing(j->records.source);
    if (packing)
        tend_node_set_string(j->arena, j->reader.notes, "compression", packing);
    if (j->records.layout == TEND_JSON_LINES && !lines)
        tend_node_set_string(j->arena, j->reader.notes, "layout", "ndjson");
    return j->options.batch_rows > 0 ? decide_from_all(j, err) : TEND_OK;
}

static tend_status open_any(const char *path, bool lines, const tend_read_options *options, tend_bad_rows *bad, tend_reader **out,
                            tend_error *err) {
    tend_arena *arena = tend_arena_new();
    json *j = TEND_NEW(arena, json);
    j->arena = arena;
    j->path = tend_arena_strdup(bad ? bad->arena : arena, path);
    j->options = *options;
    j->bad = bad;
    j->names = tend_dict_new();
    j->reader = (tend_reader){.next = json_next, .close = json_close, .notes = tend_node_new_map(arena), .state = j};
    tend_settle_missing(options, arena, &j->missing);
    tend_status status = start(j, j->path, lines, err);
    if (status != TEND_OK) {
        json_close(&j->reader);
        return status;
    }
    *out = &j->reader;
    return TEND_OK;
}

static tend_status json_open(const char *path, const tend_read_options *options, tend_bad_rows *bad, tend_reader **out, tend_error *err) {
    return open_any(path, false, options, bad, out, err);
}

static tend_status ndjson_open(const char *path, const tend_read_options *options, tend_bad_rows *bad, tend_reader **out, tend_error *err) {
    return open_any(path, true, options, bad, out, err);
}

const tend_format tend_format_json = {"json", ".json", json_open, tend_json_create};
const tend_format tend_format_ndjson = {"ndjson", ".ndjson .jsonl", ndjson_open, tend_ndjson_create};
