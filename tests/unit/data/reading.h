/* Reading a text given in the test: what most tests of the readers need. */
#ifndef TEND_TESTS_DATA_READING_H
#define TEND_TESTS_DATA_READING_H

#include "data/reader.h"
#include "support/suite.h"

static const tend_format *const FORMATS[] = {&tend_format_csv, &tend_format_json, &tend_format_ndjson, NULL};

/* A reading with all that belongs to it. */
typedef struct reading {
    tend_arena *arena;
    tend_bad_rows bad;
    tend_table *table;
    tend_node *notes;
    tend_error err;
    tend_status status;
    char path[256];
} reading;

__attribute__((unused)) static const char *write_file(reading *r, const char *name, const void *data, size_t size) {
    snprintf(r->path, sizeof r->path, "%s/%s", suite_scratch(), name);
    FILE *f = fopen(r->path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    fclose(f);
    return r->path;
}

__attribute__((unused)) static reading read_path(const char *path, const tend_read_options *options) {
    reading r = {.arena = tend_arena_new()};
    tend_bad_rows_init(&r.bad, r.arena);
    snprintf(r.path, sizeof r.path, "%s", path);
    r.status = tend_read_file(FORMATS, path, options, r.arena, &r.bad, &r.table, &r.notes, &r.err);
    return r;
}

__attribute__((unused)) static reading read_bytes(const char *name, const void *data, size_t size, const tend_read_options *options) {
    reading place = {0};
    return read_path(write_file(&place, name, data, size), options);
}

__attribute__((unused)) static reading read_text(const char *text, const tend_read_options *options) {
    return read_bytes("in.csv", text, strlen(text), options);
}

__attribute__((unused)) static reading read_csv(const char *text) { return read_text(text, NULL); }

__attribute__((unused)) static void reading_done(reading *r) {
    tend_arena_free(r->arena);
    r->arena = NULL;
}

/* The cell as text, "(missing)" when it is. */
__attribute__((unused)) static const char *cell(const reading *r, const char *column, int64_t row) {
    const tend_column *c = tend_table_column(r->table, column);
    assert_non_null(c);
    assert_true(row < c->n_rows);
    if (!tend_is_valid(c, row))
        return "(missing)";
    tend_buf text = TEND_BUF_INIT;
    tend_column_format(c, row, &text);
    const char *copy = tend_arena_strndup(r->arena, tend_buf_text(&text), text.size);
    tend_buf_done(&text);
    return copy;
}

__attribute__((unused)) static tend_type type_of(const reading *r, const char *column) {
    const tend_column *c = tend_table_column(r->table, column);
    assert_non_null(c);
    return c->type;
}

/* The column's note, or "". */
__attribute__((unused)) static const char *note_on(const reading *r, const char *column) {
    return tend_node_string(tend_node_get(tend_node_get(r->notes, "columns"), column), "");
}

#define ASSERT_READ(r) ASSERT_OK((r).status, &(r).err)
#define ASSERT_SHAPE(r, rows, columns)              \
    do {                                            \
        ASSERT_READ(r);                             \
        ASSERT_EQ((r).table->n_rows, (rows));       \
        ASSERT_EQ((r).table->n_columns, (columns)); \
    } while (0)
#define ASSERT_REFUSED(r, CODE, part) ASSERT_FAILS((r).status, &(r).err, CODE, part)

#endif
