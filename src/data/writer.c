/* The writers: CSV as RFC 4180 has it (but lines end in LF), a JSON list of objects, and NDJSON. */
#include "data/sink.h"
#include "data/writers.h"

#include "base/text.h"
#include "base/thread.h"

#include <stdlib.h>

enum { FLUSH_SIZE = 1 << 20, BLOCK_ROWS = 4096, WAVE_BLOCKS = 64 };
typedef enum style { CSV, JSON, NDJSON } style;

typedef struct text_writer {
    tend_writer writer;
    tend_sink *sink;
    style style;
    tend_buf out;
    tend_buf *blocks; /* [WAVE_BLOCKS] rows that are being formatted side by side */
    char **names;     /* of the first table: all others must have the same */
    int n_names;
    int64_t n_rows;
} text_writer;

static void put_csv_text(tend_buf *out, const char *text, size_t size) {
    bool plain = size > 0 && text[0] != ' ' && text[size - 1] != ' ' && text[0] != '\t' && text[size - 1] != '\t';
    for (size_t i = 0; plain && i < size; i++)
        plain = text[i] != ',' && text[i] != '"' && text[i] != '\n' && text[i] != '\r';
    if (plain) {
        tend_buf_append(out, text, size);
        return;
    }
    tend_buf_putc(out, '"');
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"')
            tend_buf_putc(out, '"');
        tend_buf_putc(out, text[i]);
    }
    tend_buf_putc(out, '"');
}

/* A missing value is an empty field; an empty text stands in quotes. */
static void put_csv_row(tend_buf *out, const tend_table *table, int64_t row) {
    for (int i = 0; i < table->n_columns; i++) {
        const tend_column *c = &table->columns[i];
        if (i > 0)
            tend_buf_putc(out, ',');
        if (!tend_is_valid(c, row)) {
            /* The only field of a row must not leave the line empty: that would be no row. */
            if (table->n_columns == 1)
                tend_buf_puts(out, "\"\"");
        } else if (c->type == TEND_STRING) {
            tend_str s = tend_column_str(c, row);
            put_csv_text(out, s.at, s.size);
        } else {
            tend_column_format(c, row, out);
        }
    }
    tend_buf_putc(out, '\n');
}

static void put_json_value(tend_buf *out, const tend_column *c, int64_t row) {
    bool infinite = c->type == TEND_FLOAT && !__builtin_isfinite(c->floats[row]); /* JSON has no word for it */
    if (infinite || !tend_is_valid(c, row)) {
        tend_buf_puts(out, "null");
    } else if (c->type == TEND_STRING) {
        tend_str s = tend_column_str(c, row);
        tend_json_escape(out, s.at, s.size);
    } else if (c->type == TEND_DATE || c->type == TEND_TIMESTAMP) {
        tend_buf_putc(out, '"');
        tend_column_format(c, row, out);
        tend_buf_putc(out, '"');
    } else {
        tend_column_format(c, row, out);
    }
}

static void put_json_row(tend_buf *out, const tend_table *table, int64_t row, bool list, bool first) {
    if (list)
        tend_buf_puts(out, first ? "\n" : ",\n");
    tend_buf_putc(out, '{');
    for (int i = 0; i < table->n_columns; i++) {
        if (i > 0)
            tend_buf_puts(out, ", ");
        tend_json_escape(out, table->columns[i].name, strlen(table->columns[i].name));
        tend_buf_puts(out, ": ");
        put_json_value(out, &table->columns[i], row);
    }
    tend_buf_puts(out, list ? "}" : "}\n");
}

static void put_header(text_writer *w) {
    if (w->style == JSON)
        tend_buf_putc(&w->out, '[');
    if (w->style != CSV)
        return;
    for (int i = 0; i < w->n_names; i++) {
        if (i > 0)
            tend_buf_putc(&w->out, ',');
        put_csv_text(&w->out, w->names[i], strlen(w->names[i]));
    }
    tend_buf_putc(&w->out, '\n');
}

static void remember_names(text_writer *w, const tend_table *table) {
    w->n_names = table->n_columns;
    w->names = tend_calloc((size_t)table->n_columns, sizeof *w->names);
    for (int i = 0; i < table->n_columns; i++)
        w->names[i] = strcpy(tend_malloc(strlen(table->columns[i].name) + 1), table->columns[i].name);
    put_header(w);
}

static tend_status check_names(const text_writer *w, const tend_table *table, tend_error *err) {
    bool same = table->n_columns == w->n_names;
    for (int i = 0; same && i < w->n_names; i++)
        same = strcmp(w->names[i], table->columns[i].name) == 0;
    return same ? TEND_OK : TEND_FAIL(err, BUG, "the tables written to one file have different columns");
}

static tend_status flush(text_writer *w, tend_error *err) {
    TEND_TRY(tend_buf_status(&w->out, err));
    TEND_TRY(tend_sink_write(w->sink, tend_buf_text(&w->out), w->out.size, err));
    tend_buf_clear(&w->out);
    return TEND_OK;
}

typedef struct wave {
    const text_writer *writer;
    const tend_table *table;
    int64_t begin, end;
} wave;

static void format_block(void *ctx, size_t i) {
    const wave *v = ctx;
    const text_writer *w = v->writer;
    tend_buf *out = &w->blocks[i];
    int64_t row = v->begin + (int64_t)i * BLOCK_ROWS, end = row + BLOCK_ROWS < v->end ? row + BLOCK_ROWS : v->end;
    tend_buf_clear(out);
    for (; row < end; row++)
        if (w->style == CSV)
            put_csv_row(out, v->table, row);
        else
            put_json_row(out, v->table, row, w->style == JSON, w->n_rows + row == 0);
}

/* Rows are formatted on all threads, block by block, and written in their order. */
static tend_status write_wave(text_writer *w, const tend_table *table, int64_t begin, int64_t end, tend_error *err) {
    wave v = {w, table, begin, end};
    size_t n = (size_t)((end - begin + BLOCK_ROWS - 1) / BLOCK_ROWS);
    tend_parallel_for(n, 0, format_block, &v);
    for (size_t i = 0; i < n; i++) {
        TEND_TRY(tend_buf_status(&w->blocks[i], err));
        tend_buf_append(&w->out, tend_buf_text(&w->blocks[i]), w->blocks[i].size);
        if (w->out.size >= FLUSH_SIZE)
            TEND_TRY(flush(w, err));
    }
    return TEND_OK;
}

static tend_status write_table(tend_writer *writer, const tend_table *table, tend_error *err) {
    text_writer *w = writer->state;
    if (!w->names)
        remember_names(w, table);
    TEND_TRY(check_names(w, table, err));
    for (int64_t row = 0; row < table->n_rows; row += BLOCK_ROWS * WAVE_BLOCKS) {
        int64_t left = table->n_rows - row;
        TEND_TRY(write_wave(w, table, row, row + (left < BLOCK_ROWS * WAVE_BLOCKS ? left : BLOCK_ROWS * WAVE_BLOCKS), err));
    }
    w->n_rows += table->n_rows;
    return TEND_OK;
}

static tend_status finish(tend_writer *writer, tend_error *err) {
    text_writer *w = writer->state;
    if (w->style == JSON)
        tend_buf_puts(&w->out, !w->names ? "[]\n" : w->n_rows ? "\n]\n" : "]\n");
    TEND_TRY(flush(w, err));
    return tend_sink_finish(w->sink, err);
}

static void close_writer(tend_writer *writer) {
    text_writer *w = writer->state;
    tend_sink_close(w->sink);
    tend_buf_done(&w->out);
    for (int i = 0; i < WAVE_BLOCKS; i++)
        tend_buf_done(&w->blocks[i]);
    free(w->blocks);
    for (int i = 0; i < w->n_names; i++)
        free(w->names[i]);
    free(w->names);
    free(w);
}

static tend_status create(const char *path, style style_of, tend_writer **out, tend_error *err) {
    tend_sink *sink;
    TEND_TRY(tend_sink_open(path, &sink, err));
    text_writer *w = tend_calloc(1, sizeof *w);
    w->sink = sink;
    w->style = style_of;
    w->blocks = tend_calloc(WAVE_BLOCKS, sizeof *w->blocks);
    w->writer = (tend_writer){.write = write_table, .finish = finish, .close = close_writer, .state = w};
    *out = &w->writer;
    return TEND_OK;
}

tend_status tend_csv_create(const char *path, tend_writer **out, tend_error *err) { return create(path, CSV, out, err); }
tend_status tend_json_create(const char *path, tend_writer **out, tend_error *err) { return create(path, JSON, out, err); }
tend_status tend_ndjson_create(const char *path, tend_writer **out, tend_error *err) { return create(path, NDJSON, out, err); }
