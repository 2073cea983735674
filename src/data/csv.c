/* The CSV reader: sniff, decide how each column is read, parse, and look again at what turned out otherwise. */
#include "data/csv_parse.h"
#include "data/csv_sniff.h"
#include "data/csv_text.h"
#include "data/settle.h"
#include "data/writers.h"

#include <stdio.h>
#include <stdlib.h>

enum { SAMPLE_ROWS = 2048, SNIFF_SIZE = 256 << 10, MIN_PIECE = 256 << 10, MAX_PIECE = 64 << 20 };

typedef struct csv {
    tend_reader reader;
    tend_arena *arena;
    const char *path;
    tend_read_options options;
    tend_missing missing;
    tend_bad_rows *bad;
    tend_csv_text text;
    tend_csv_shape shape;
    tend_plan *plans;
    const char **bad_names; /* the columns' names, as long-lived as the bad rows */
    tend_csv_found found;
    bool ended;
} csv;

/* ---- opening ---- */

/* A head of `size` bytes, or the whole text when that is all there is; free of NUL bytes. */
static tend_status take_head(csv *c, size_t size, size_t *out_size, bool *out_all, tend_error *err) {
    while (!c->text.at_end && c->text.size < size)
        TEND_TRY(tend_csv_text_more(&c->text, err));
    *out_all = c->text.at_end && c->text.size <= size;
    *out_size = *out_all ? c->text.size : size;
    return memchr(c->text.data, '\0', *out_size) ? tend_csv_text_fail_nul(&c->text, *out_size, err) : TEND_OK;
}

static tend_status find_shape(csv *c, tend_error *err) {
    size_t head, size = SNIFF_SIZE;
    bool all, more = true;
    for (; more; size *= 4) {
        TEND_TRY(take_head(c, size, &head, &all, err));
        TEND_TRY(tend_csv_sniff_dialect(c->path, c->text.data, head, all, &c->options, &c->shape.dialect, &more, err));
    }
    if (c->shape.dialect.separator == ' ') {
        tend_csv_text_align(&c->text, c->shape.dialect.quote);
        TEND_TRY(take_head(c, size, &head, &all, err));
    }
    c->shape.data_line = c->text.line;
    TEND_TRY(tend_csv_sniff_columns(c->path, c->text.data, head, all, &c->options, &c->missing, c->arena, c->reader.notes, &c->shape, err));
    tend_csv_note_dialect(&c->shape.dialect, c->arena, c->reader.notes);
    return TEND_OK;
}

static void note_text(csv *c) {
    tend_node *notes = c->reader.notes;
    const char *packing = tend_source_packing(c->text.source);
    if (packing)
        tend_node_set_string(c->arena, notes, "compression", packing);
    if (c->text.bom)
        tend_node_set_bool(c->arena, notes, "bom", true);
    if (c->text.lone_cr)
        tend_node_set_string(c->arena, notes, "line_end", "cr");
    else if (c->shape.data_at > 1 && c->text.data[c->shape.data_at - 1] == '\n' && c->text.data[c->shape.data_at - 2] == '\r')
        tend_node_set_string(c->arena, notes, "line_end", "crlf");
}

static void note_encoding(csv *c) {
    if (c->text.encoding == TEND_ENCODING_LATIN1)
        tend_node_set_string(c->arena, c->reader.notes, "encoding", "latin-1");
}

static void note_found(csv *c) {
    if (c->found.blank_lines > 0)
        tend_node_set_int(c->arena, c->reader.notes, "blank_lines", c->found.blank_lines);
    if (c->found.stray_quotes > 0) {
        tend_node *map = tend_node_set_map(c->arena, c->reader.notes, "stray_quotes");
        tend_node_set_int(c->arena, map, "cells", c->found.stray_quotes);
        tend_node_set_int(c->arena, map, "first_line", c->found.first_stray);
    }
}

/* ---- cutting ---- */

static tend_status fail_open_quote(const csv *c, const tend_csv_cuts *cuts, tend_error *err) {
    size_t start = cuts->open_quote;
    while (start > 0 && c->text.data[start - 1] != '\n')
        start--;
    tend_span span = {c->path, cuts->open_line, (uint32_t)(cuts->open_quote - start + 1), 1};
    if (!c->text.at_end)
        return tend_error_hint(err, TEND_FAIL_AT(err, LIMIT, span, "a field that starts here is longer than 16 MiB"),
                               "is its closing quote missing?");
    TEND_FAIL_AT(err, DATA, span, "the quote that opens here is never closed");
    return tend_error_hint(err, TEND_DATA, "close it, or double it if it belongs to the text");
}

/* A row that does not end within the window: more of it, unless it is a field without end. */
static tend_status grow(csv *c, const tend_csv_cuts *cuts, tend_error *err) {
    if (cuts->open_quote != SIZE_MAX && c->text.size - cuts->open_quote > TEND_CSV_MAX_FIELD)
        return fail_open_quote(c, cuts, err);
    return tend_csv_text_more(&c->text, err);
}

/* The next rows of the text as pieces: max_rows of them, or all that the text (or one window, for max_rows of INT64_MAX) has. */
static tend_status cut(csv *c, int64_t max_rows, tend_csv_cuts *out, tend_error *err) {
    for (;;) {
        size_t piece = c->text.size / 256;
        piece = piece < MIN_PIECE ? MIN_PIECE : piece > MAX_PIECE ? MAX_PIECE : piece;
        tend_csv_cut_rows(c->text.data, c->text.size, &c->shape.dialect, c->text.line, c->text.at_end, piece, max_rows, out);
        int64_t n_rows = out->items[out->n].row;
        size_t end = out->items[out->n].offset;
        bool again = false, enough = c->text.at_end || n_rows == max_rows || (max_rows == INT64_MAX && n_rows > 0);
        tend_status status = TEND_OK;
        if (out->seen & TEND_CSV_SAW_NUL && memchr(c->text.data, '\0', end))
            status = tend_csv_text_fail_nul(&c->text, end, err);
        else if (out->open_quote != SIZE_MAX && c->text.at_end && n_rows < max_rows)
            status = fail_open_quote(c, out, err);
        else if (!enough)
            status = grow(c, out, err);
        else if (out->seen & TEND_CSV_SAW_HIGH)
            status = tend_csv_text_settle(&c->text, end, &again, err);
        if (status == TEND_OK && enough && !again)
            return TEND_OK;
        tend_csv_cuts_done(out);
        TEND_TRY(status);
    }
}

/* ---- deciding how columns are read ---- */

static bool may_break_utf8(const csv *c, const tend_csv_cuts *cuts) {
    return (cuts->seen & TEND_CSV_SAW_HIGH) && c->text.encoding == TEND_ENCODING_UTF8;
}

/* Only rows that will be in the table have a say. */
static bool counts(const csv *c, tend_cell *cells, tend_csv_row *row, bool check_utf8) {
    tend_csv_fit(&c->shape.dialect, cells, row);
    if (row->fault != TEND_CSV_FINE || (row->blank && c->shape.dialect.n_columns > 1))
        return false;
    return !check_utf8 || tend_utf8_is_valid(c->text.data + row->begin, row->end - row->begin, NULL);
}

static bool is_skipped(const csv *c, int column) {
    return c->options.only_named && !(c->options.schema && tend_schema_find(c->options.schema, c->shape.names[column]));
}

/* Which columns' values have a say: not those that are skipped, nor those of which everything is known. */
static bool *choose_columns(const csv *c) {
    bool *chosen = tend_calloc((size_t)c->shape.dialect.n_columns, sizeof *chosen);
    for (int i = 0; i < c->shape.dialect.n_columns; i++)
        chosen[i] = !is_skipped(c, i) && !tend_settle_is_known(c->options.schema, c->shape.names[i]);
    return chosen;
}

static void decide(csv *c, const tend_kinds *kinds, bool all) {
    for (int i = 0; i < c->shape.dialect.n_columns; i++)
        c->plans[i] = is_skipped(c, i) ? (tend_plan){.type = TEND_STRING, .declared = true, .skip = true}
                                       : tend_settle_plan(&kinds[i], c->options.schema, c->shape.names[i], all);
}

static void look_at_rows(const csv *c, const tend_csv_cuts *cuts, int64_t max_rows, tend_kinds *kinds, tend_cell *cells) {
    tend_csv_lexer lexer;
    tend_csv_row row;
    int n_columns = c->shape.dialect.n_columns;
    bool check_utf8 = may_break_utf8(c, cuts), *chosen = choose_columns(c);
    tend_csv_lexer_init(&lexer, c->text.data, cuts->items[cuts->n].offset, 0, c->text.line, &c->shape.dialect);
    for (int64_t r = 0; r < max_rows && tend_csv_lexer_row(&lexer, cells, n_columns + 1, &row); r++) {
        if (!counts(c, cells, &row, check_utf8))
            continue;
        for (int i = 0; i < n_columns; i++) {
            if (!chosen[i])
                continue;
            tend_str s = tend_str_trim(tend_cell_str(&cells[i]));
            if (s.size > 0 && !tend_missing_has(&c->missing, s))
                tend_kinds_add(&kinds[i], s, row.line);
        }
    }
    free(chosen);
}

static void decide_from_sample(csv *c, const tend_csv_cuts *cuts) {
    int n = c->shape.dialect.n_columns;
    tend_kinds *kinds = tend_calloc((size_t)n, sizeof *kinds);
    tend_cell *cells = tend_malloc((size_t)(n + 1) * sizeof *cells);
    look_at_rows(c, cuts, n > 1000 ? 16 : SAMPLE_ROWS, kinds, cells);
    decide(c, kinds, false);
    free(cells);
    free(kinds);
}

/* Batches of rows of unknown types: a pass over the whole file first. */
static tend_status decide_from_all(csv *c, tend_error *err) {
    int n = c->shape.dialect.n_columns;
    tend_kinds *kinds = tend_calloc((size_t)n, sizeof *kinds);
    tend_cell *cells = tend_malloc((size_t)(n + 1) * sizeof *cells);
    tend_status status = TEND_OK;
    while (status == TEND_OK && c->text.size > 0) {
        tend_csv_cuts cuts;
        status = cut(c, INT64_MAX, &cuts, err);
        if (status != TEND_OK)
            break;
        tend_csv_cut end = cuts.items[cuts.n];
        look_at_rows(c, &cuts, INT64_MAX, kinds, cells);
        tend_csv_text_drop(&c->text, end.offset, end.line);
        tend_csv_cuts_done(&cuts);
        if (c->text.at_end && end.offset == 0)
            break;
        if (!c->text.at_end)
            status = tend_csv_text_more(&c->text, err);
        if (status == TEND_OK && tend_cancel_requested())
            status = TEND_FAIL(err, CANCELLED, "reading %s was cancelled", c->path);
    }
    if (status == TEND_OK)
        decide(c, kinds, true);
    for (int i = 0; status == TEND_OK && i < n; i++) {
        if (c->plans[i].skip)
            continue;
        tend_kinds_note(&kinds[i], &c->plans[i], c->shape.names[i], c->arena, c->reader.notes);
        c->plans[i].declared = true; /* every value was seen: one that does not fit now is bad, not a reason to begin again */
    }
    free(cells);
    free(kinds);
    return status;
}

static tend_status skip_to_data(csv *c, tend_error *err) {
    while (c->text.size < c->shape.data_at && !c->text.at_end)
        TEND_TRY(tend_csv_text_more(&c->text, err));
    tend_csv_text_drop(&c->text, c->shape.data_at, c->shape.data_line);
    return TEND_OK;
}

static tend_status decide_for_batches(csv *c, tend_error *err) {
    bool declared = true;
    for (int i = 0; i < c->shape.dialect.n_columns; i++)
        declared = declared && (is_skipped(c, i) || tend_settle_is_declared(c->options.schema, &c->shape.names[i], 1));
    if (declared) {
        tend_csv_cuts cuts;
        TEND_TRY(cut(c, SAMPLE_ROWS, &cuts, err));
        decide_from_sample(c, &cuts);
        tend_csv_cuts_done(&cuts);
        bool open = false;
        for (int i = 0; i < c->shape.dialect.n_columns; i++)
            open |= c->plans[i].open;
        if (!open)
            return TEND_OK;
    }
    TEND_TRY(decide_from_all(c, err));
    TEND_TRY(tend_csv_text_rewind(&c->text, err));
    return skip_to_data(c, err);
}

/* ---- reading ---- */

static tend_csv_job job_of(const csv *c, const tend_csv_cuts *cuts) {
    return (tend_csv_job){.path = c->path,
                          .text = c->text.data,
                          .cuts = cuts,
                          .dialect = &c->shape.dialect,
                          .names = c->bad_names,
                          .plans = c->plans,
                          .missing = &c->missing,
                          .ragged_is_error = c->options.ragged_is_error,
                          .threads = c->options.threads,
                          .check_utf8 = may_break_utf8(c, cuts),
                          .bad = c->bad};
}

static tend_status next_whole(csv *c, tend_arena *arena, tend_table **out, tend_error *err) {
    tend_csv_cuts cuts;
    TEND_TRY(cut(c, INT64_MAX, &cuts, err));
    decide_from_sample(c, &cuts);
    tend_csv_job job = job_of(c, &cuts);
    tend_table *table = NULL;
    tend_status status = tend_csv_parse(&job, arena, &table, &c->found, err);
    tend_csv_cuts_done(&cuts);
    if (status != TEND_OK)
        return status;
    c->ended = true;
    for (int i = 0, at = 0; i < c->shape.dialect.n_columns; i++)
        if (!c->plans[i].skip)
            tend_settle_column(table, at++, &c->plans[i], c->options.schema, &c->missing, c->bad, c->path, c->bad_names[i], arena,
                               c->reader.notes);
    note_found(c);
    note_encoding(c);
    *out = table;
    return TEND_OK;
}

static tend_status next_batch(csv *c, tend_arena *arena, tend_table **out, tend_error *err) {
    tend_table *table = NULL;
    while (!c->ended && !(table && table->n_rows > 0)) {
        tend_csv_cuts cuts;
        TEND_TRY(cut(c, c->options.batch_rows, &cuts, err));
        tend_csv_cut end = cuts.items[cuts.n];
        tend_csv_job job = job_of(c, &cuts);
        tend_status status = tend_csv_parse(&job, arena, &table, &c->found, err);
        tend_csv_cuts_done(&cuts);
        TEND_TRY(status);
        tend_csv_text_drop(&c->text, end.offset, end.line);
        c->ended = c->text.at_end && end.row < c->options.batch_rows;
    }
    note_found(c);
    note_encoding(c);
    *out = table && table->n_rows > 0 ? table : NULL;
    return TEND_OK;
}

static tend_status csv_next(tend_reader *reader, tend_arena *arena, tend_table **out, tend_error *err) {
    csv *c = reader->state;
    if (c->ended) {
        *out = NULL;
        return TEND_OK;
    }
    return c->text.whole ? next_whole(c, arena, out, err) : next_batch(c, arena, out, err);
}

static void csv_close(tend_reader *reader) {
    csv *c = reader->state;
    tend_csv_text_close(&c->text);
    tend_arena_free(c->arena);
}

static tend_status start(csv *c, tend_error *err) {
    TEND_TRY(tend_csv_text_open(&c->text, c->path, c->options.batch_rows <= 0, &c->options, err));
    TEND_TRY(find_shape(c, err));
    note_text(c);
    int n = c->shape.dialect.n_columns;
    c->plans = TEND_ARRAY(c->arena, tend_plan, n);
    tend_arena *names_arena = c->bad ? c->bad->arena : c->arena;
    c->bad_names = TEND_ARRAY(names_arena, const char *, n);
    for (int i = 0; i < n; i++)
        c->bad_names[i] = tend_arena_strdup(names_arena, c->shape.names[i]);
    tend_csv_text_drop(&c->text, c->shape.data_at, c->shape.data_line);
    return c->text.whole ? TEND_OK : decide_for_batches(c, err);
}

static tend_status csv_open(const char *path, const tend_read_options *options, tend_bad_rows *bad, tend_reader **out, tend_error *err) {
    tend_arena *arena = tend_arena_new();
    csv *c = TEND_NEW(arena, csv);
    c->arena = arena;
    c->path = tend_arena_strdup(bad ? bad->arena : arena, strcmp(path, "-") == 0 ? "(standard input)" : path);
    c->options = *options;
    c->bad = bad;
    c->reader = (tend_reader){.next = csv_next, .close = csv_close, .notes = tend_node_new_map(arena), .state = c};
    tend_settle_missing(options, arena, &c->missing);
    c->text.path = path;
    tend_status status = start(c, err);
    if (status != TEND_OK) {
        csv_close(&c->reader);
        return status;
    }
    *out = &c->reader;
    return TEND_OK;
}

const tend_format tend_format_csv = {"csv", ".csv .tsv .tab .txt .data .dat", csv_open, tend_csv_create};
