#include "data/csv_scan.h"

#include "base/arena.h"

#include <stdlib.h>

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* Whether a quote at `at` opens a field that starts at `start`. */
static inline bool opens(const char *text, size_t start, size_t at, bool trim) {
    if (at == start)
        return true;
    if (!trim)
        return false;
    while (at > start && is_blank(text[at - 1]))
        at--;
    return at == start;
}

/* ---- first pass ---- */

typedef struct cutter {
    const tend_csv_dialect *dialect;
    const char *text;
    size_t size, row_start, piece_size;
    uint32_t line;
    int64_t rows, max_rows;
    bool in_quotes;
    size_t quote_at, ignore; /* where the open quote stands; the second of a doubled quote */
    uint32_t quote_line;
    tend_csv_cuts *out;
    size_t capacity;
} cutter;

static void push_cut(cutter *c) {
    tend_csv_cuts *out = c->out;
    if (out->n + 2 > c->capacity) {
        c->capacity = c->capacity ? c->capacity * 2 : 64;
        out->items = tend_realloc(out->items, c->capacity * sizeof *out->items);
    }
    out->items[out->n++] = (tend_csv_cut){c->row_start, c->rows, c->line};
}

static void quote_mark(cutter *c, size_t at) {
    if (at == c->ignore)
        return;
    if (!c->in_quotes) {
        size_t start = c->row_start;
        bool trim = c->dialect->trim;
        size_t back = at;
        while (trim && back > start && is_blank(c->text[back - 1]) && c->text[back - 1] != c->dialect->separator)
            back--;
        if (back > start && c->text[back - 1] != c->dialect->separator)
            return;
        c->in_quotes = true;
        c->quote_at = at;
        c->quote_line = c->line;
    } else if (at + 1 < c->size && c->text[at + 1] == c->dialect->quote) {
        c->ignore = at + 1;
    } else {
        c->in_quotes = false;
    }
}

/* A line with nothing on it is a row only where rows have one field. */
static bool is_row(const cutter *c, size_t end) {
    size_t n = end - c->row_start;
    return c->dialect->n_columns == 1 || n > 1 || (n == 1 && c->text[c->row_start] != '\r');
}

static void line_mark(cutter *c, size_t at) {
    if (c->in_quotes) {
        c->line++;
        return;
    }
    c->rows += is_row(c, at);
    c->line++;
    c->row_start = at + 1;
    if (c->row_start - c->out->items[c->out->n - 1].offset >= c->piece_size && c->rows % 64 == 0 && c->rows < c->max_rows &&
        c->row_start < c->size)
        push_cut(c);
}

void tend_csv_cut_rows(const char *text, size_t size, const tend_csv_dialect *dialect, uint32_t first_line, bool at_end, size_t piece_size,
                       int64_t max_rows, tend_csv_cuts *out) {
    *out = (tend_csv_cuts){.open_quote = SIZE_MAX};
    cutter c = {.dialect = dialect,
                .text = text,
                .size = size,
                .piece_size = piece_size,
                .line = first_line,
                .max_rows = max_rows,
                .ignore = SIZE_MAX,
                .out = out};
    push_cut(&c);
    const char quote = dialect->quote ? dialect->quote : '\n';
    const char marks[3] = {'\n', quote, quote};
    tend_csv_marks m;
    tend_csv_marks_init(&m, text, size, 0, marks);
    while (c.rows < max_rows) {
        size_t at = tend_csv_next(&m);
        if (at == size)
            break;
        if (text[at] == '\n')
            line_mark(&c, at);
        else
            quote_mark(&c, at);
    }
    if (c.rows < max_rows && at_end && c.row_start < size) {
        c.rows += is_row(&c, size);
        c.row_start = size;
    }
    if (c.in_quotes) {
        out->open_quote = c.quote_at;
        out->open_line = c.quote_line;
    }
    out->seen = m.seen;
    out->items[out->n] = (tend_csv_cut){c.row_start, c.rows, c.line};
}

void tend_csv_cuts_done(tend_csv_cuts *cuts) {
    free(cuts->items);
    *cuts = (tend_csv_cuts){0};
}

/* ---- second pass ---- */

void tend_csv_lexer_init(tend_csv_lexer *lexer, const char *text, size_t size, size_t from, uint32_t line,
                         const tend_csv_dialect *dialect) {
    const char quote = dialect->quote ? dialect->quote : '\n';
    const char marks[3] = {dialect->separator, '\n', quote};
    tend_csv_marks_init(&lexer->marks, text, size, from, marks);
    lexer->dialect = dialect;
    lexer->at = from;
    lexer->line = line;
}

static void note_fault(tend_csv_row *row, tend_csv_fault fault, size_t at, uint32_t line) {
    if (row->fault != TEND_CSV_FINE)
        return;
    row->fault = fault;
    row->fault_at = at;
    row->fault_line = line;
}

/* From the mark behind an opening quote to the closing one; `cell` gets what lies between. Returns the place behind it. */
static size_t quoted_field(tend_csv_lexer *lexer, size_t open, tend_cell *cell, tend_csv_row *row) {
    tend_csv_marks *m = &lexer->marks;
    const char *text = m->text, quote = lexer->dialect->quote;
    uint32_t open_line = lexer->line;
    size_t at;
    cell->flags = TEND_CELL_QUOTED;
    for (;;) {
        at = tend_csv_next(m);
        if (at == m->size) {
            note_fault(row, TEND_CSV_OPEN, open, open_line);
            break;
        }
        if (text[at] == '\n')
            lexer->line++;
        if (text[at] != quote)
            continue;
        if (at + 1 == m->size || text[at + 1] != quote)
            break;
        tend_csv_next(m); /* the second of the pair */
        cell->flags |= TEND_CELL_DOUBLED;
    }
    cell->at = text + open + 1;
    if (at - open - 1 > TEND_CSV_MAX_FIELD)
        note_fault(row, TEND_CSV_LONG, open, open_line);
    cell->size = (uint32_t)(at - open - 1);
    return at + (at < m->size);
}

/* Between a closing quote and the end of its field only blanks may stand (and the CR of a CRLF). */
static void check_behind(const tend_csv_lexer *lexer, size_t from, size_t to, tend_csv_row *row) {
    const char *text = lexer->marks.text;
    for (size_t i = from; i < to; i++)
        if (!is_blank(text[i])) {
            note_fault(row, TEND_CSV_GARBAGE, i, lexer->line);
            return;
        }
}

static inline tend_cell plain_cell(const tend_csv_lexer *lexer, size_t from, size_t to, uint32_t flags, tend_csv_row *row) {
    const char *text = lexer->marks.text;
    if (lexer->dialect->trim) {
        while (from < to && is_blank(text[from]))
            from++;
        while (to > from && is_blank(text[to - 1]))
            to--;
    }
    if (to - from > TEND_CSV_MAX_FIELD)
        note_fault(row, TEND_CSV_LONG, from, lexer->line);
    return (tend_cell){text + from, (uint32_t)(to - from), flags};
}

bool tend_csv_lexer_row(tend_csv_lexer *lexer, tend_cell *cells, int capacity, tend_csv_row *out) {
    tend_csv_marks *m = &lexer->marks;
    if (lexer->at >= m->size)
        return false;
    const char *text = m->text, separator = lexer->dialect->separator;
    const size_t size = m->size;
    size_t start = lexer->at, behind = 0; /* behind > 0: the field was quoted and its quote closed there */
    int n = 0;
    uint32_t flags = 0;
    tend_cell quoted = {0};
    *out = (tend_csv_row){.begin = start, .line = lexer->line};
    for (;;) {
        size_t at = tend_csv_next(m);
        bool ends = at == size || text[at] == '\n';
        if (!ends && text[at] != separator) { /* a quote */
            if (!behind && opens(text, start, at, lexer->dialect->trim))
                behind = quoted_field(lexer, at, &quoted, out);
            else
                flags |= TEND_CELL_STRAY;
            continue;
        }
        size_t to = ends && at > start && text[at - 1] == '\r' ? at - 1 : at;
        if (behind)
            check_behind(lexer, behind, to, out);
        tend_cell cell = behind ? quoted : plain_cell(lexer, start, to, flags, out);
        out->stray |= flags && !behind;
        if (n < capacity)
            cells[n] = cell;
        n++;
        out->blank = n == 1 && !behind && cell.size == 0;
        start = at + 1;
        behind = 0;
        flags = 0;
        if (!ends)
            continue;
        out->end = to;
        out->n_fields = n;
        lexer->at = at + 1;
        lexer->line++;
        return true;
    }
}

void tend_csv_fit(const tend_csv_dialect *dialect, tend_cell *cells, tend_csv_row *row) {
    int n = row->n_fields, want = dialect->n_columns;
    if (row->fault != TEND_CSV_FINE || n == want)
        return;
    if (n == want + 1 && dialect->extra_empty && cells[want].size == 0)
        return;
    if (n > want || n < dialect->min_fields) {
        row->fault = TEND_CSV_RAGGED;
        row->fault_at = row->begin;
        row->fault_line = row->line;
        return;
    }
    for (int i = n; i < want; i++)
        cells[i] = (tend_cell){"", 0, 0};
}
