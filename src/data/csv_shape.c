/* Header or not, which columns there are and what they are called. */
#include "data/csv_sniff.h"

#include "base/dict.h"
#include "data/infer.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_ROWS = 101, MAX_CELLS = 400000, MAX_SKIPPED = 5 };

typedef struct sample_row {
    tend_cell *cells;
    int n;
    size_t begin, end, next_at;
    uint32_t line, next_line;
} sample_row;

typedef struct sample {
    sample_row rows[MAX_ROWS];
    int n;
} sample;

static void take_sample(const char *head, size_t size, bool whole, uint32_t line, const tend_csv_dialect *dialect, tend_arena *scratch,
                        sample *out) {
    tend_csv_lexer lexer;
    tend_csv_row row;
    tend_csv_lexer_init(&lexer, head, size, 0, line, dialect);
    int capacity = tend_csv_most_fields(size);
    tend_cell *cells = TEND_ARRAY(scratch, tend_cell, capacity);
    int64_t n_cells = 0;
    while (out->n < MAX_ROWS && n_cells < MAX_CELLS && tend_csv_lexer_row(&lexer, cells, capacity, &row)) {
        bool unfinished = row.fault == TEND_CSV_OPEN && !whole;
        if (row.blank || unfinished || row.n_fields > capacity)
            continue;
        out->rows[out->n++] = (sample_row){.cells = tend_arena_memdup(scratch, cells, (size_t)row.n_fields * sizeof *cells),
                                           .n = row.n_fields,
                                           .begin = row.begin,
                                           .end = row.end,
                                           .next_at = lexer.at < size ? lexer.at : size,
                                           .line = row.line,
                                           .next_line = lexer.line};
        n_cells += row.n_fields;
    }
}

/* ---- is the first row a header? ---- */

typedef struct evidence {
    int header, data;
} evidence;

static bool is_typed(tend_kind kind) {
    return kind == TEND_KIND_INT || kind == TEND_KIND_FLOAT || kind == TEND_KIND_DATE || kind == TEND_KIND_INFINITE ||
           kind == TEND_KIND_CODE || kind == TEND_KIND_HUGE;
}

static bool is_nothing(const tend_cell *cell, const tend_missing *missing) {
    tend_str s = tend_str_trim(tend_cell_str(cell));
    return s.size == 0 || tend_missing_has(missing, s) || tend_kind_of(s) == TEND_KIND_LIKE_MISSING;
}

/* One column: a text above numbers or dates speaks for a header, a number above numbers for data. */
static void judge_column(const sample *s, int first, int column, const tend_missing *missing, evidence *e) {
    int n = 0, typed = 0;
    for (int r = first + 1; r < s->n; r++) {
        const sample_row *row = &s->rows[r];
        if (column >= row->n || is_nothing(&row->cells[column], missing))
            continue;
        n++;
        typed += is_typed(tend_kind_of(tend_str_trim(tend_cell_str(&row->cells[column]))));
    }
    const tend_cell *top = &s->rows[first].cells[column];
    if (is_nothing(top, missing))
        return;
    bool top_typed = is_typed(tend_kind_of(tend_str_trim(tend_cell_str(top))));
    if (n == 0)
        e->data += top_typed;
    else if (typed == n)
        *(top_typed ? &e->data : &e->header) += 1;
}

/* "country,1990,1995,2000": numbers that go up in equal steps are names. */
static bool is_progression(const sample_row *row) {
    int n = 0;
    int64_t last = 0, step = 0;
    for (int i = 0; i < row->n; i++) {
        int64_t v;
        if (!tend_text_parse_int(tend_str_trim(tend_cell_str(&row->cells[i])), &v))
            continue;
        if (n == 1)
            step = v - last;
        if (n > 1 && v - last != step)
            return false;
        last = v;
        n++;
    }
    return n >= 3 && step > 0;
}

static bool same_text(const tend_cell *a, const tend_cell *b) {
    return tend_str_eq(tend_str_trim(tend_cell_str(a)), tend_str_trim(tend_cell_str(b)));
}

/* A table of nothing but text: names do not repeat, neither among themselves nor as values. */
static bool repeats(const sample *s, int first) {
    const sample_row *top = &s->rows[first];
    TEND_AUTO(tend_dict) *seen = tend_dict_new();
    for (int i = 0; i < top->n; i++) {
        bool is_new;
        tend_str name = tend_str_trim(tend_cell_str(&top->cells[i]));
        tend_dict_add(seen, name.at, name.size, &is_new);
        if (!is_new && name.size)
            return s->n > first + 1;
        for (int r = first + 1; r < s->n && name.size; r++)
            if (i < s->rows[r].n && same_text(&top->cells[i], &s->rows[r].cells[i]))
                return true;
    }
    return false;
}

static bool has_header(const sample *s, int first, const tend_missing *missing) {
    const sample_row *top = &s->rows[first];
    evidence e = {0, 0};
    for (int i = 0; i < top->n; i++)
        judge_column(s, first, i, missing, &e);
    if (e.header == 0 && e.data == 0)
        return !repeats(s, first);
    if (e.data > 0 && is_progression(top) && s->n > first + 1)
        return true;
    return e.header > 0 && e.header >= e.data;
}

/* ---- rows that are longer or shorter than the header ---- */

/* The usual number of fields in the rows behind row `first`. */
static int usual_fields(const sample *s, int first) {
    int best = s->rows[first].n, best_n = 0;
    for (int r = first + 1; r < s->n; r++) {
        int n = 0;
        for (int q = first + 1; q < s->n; q++)
            n += s->rows[q].n == s->rows[r].n;
        if (n > best_n) {
            best = s->rows[r].n;
            best_n = n;
        }
    }
    return best;
}

static bool all_have(const sample *s, int first, int n_fields) {
    for (int r = first + 1; r < s->n; r++)
        if (s->rows[r].n != n_fields)
            return false;
    return true;
}

/* Rows end with a separator that the header does not have. */
static bool ends_empty(const sample *s, int first, int n_fields) {
    for (int r = first + 1; r < s->n; r++)
        if (s->rows[r].n == n_fields && s->rows[r].cells[n_fields - 1].size > 0)
            return false;
    return true;
}

/* 0, 1, 2 … or 1, 2, 3 …: the numbers of rows, as pandas and R write them. */
static bool counts_rows(const sample *s, int first) {
    int64_t start = 0;
    for (int r = first + 1; r < s->n; r++) {
        int64_t v;
        if (!tend_text_parse_int(tend_str_trim(tend_cell_str(&s->rows[r].cells[0])), &v))
            return false;
        if (r == first + 1)
            start = v;
        if ((start != 0 && start != 1) || v != start + (r - first - 1))
            return false;
    }
    return s->n > first + 1;
}

/* R leaves the name of its row names out: one name less than there are fields, and no row name twice. */
static bool has_row_names(const sample *s, int first) {
    if (s->n - first < 3)
        return false;
    TEND_AUTO(tend_dict) *seen = tend_dict_new();
    for (int r = first + 1; r < s->n; r++) {
        bool is_new;
        tend_str name = tend_cell_str(&s->rows[r].cells[0]);
        tend_dict_add(seen, name.at, name.size, &is_new);
        if (!is_new || name.size == 0)
            return false;
    }
    return true;
}

/* Trailing columns that are empty in every full row may be left out by rows that end early. */
static int shortest_fine(const sample *s, int first, int n_columns) {
    int full = 0, empty = n_columns, shortest = n_columns;
    for (int r = first + 1; r < s->n; r++) {
        const sample_row *row = &s->rows[r];
        if (row->n < shortest)
            shortest = row->n;
        if (row->n != n_columns)
            continue;
        full++;
        int tail = 0;
        while (tail < n_columns && row->cells[n_columns - 1 - tail].size == 0)
            tail++;
        empty = tail < empty ? tail : empty;
    }
    return full > 0 && shortest < n_columns && shortest >= n_columns - empty && shortest > 1 ? n_columns - empty : n_columns;
}

/* ---- names ---- */

static const char *name_of(const tend_cell *cell, tend_arena *arena) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_str s = tend_cell_str(cell);
    for (size_t i = 0; i < s.size; i++) {
        tend_buf_putc(&text, s.at[i]);
        i += (cell->flags & TEND_CELL_DOUBLED) && s.at[i] == s.at[-1];
    }
    tend_str name = tend_str_trim((tend_str){tend_buf_text(&text), text.size});
    return tend_arena_strndup(arena, name.at, name.size);
}

static const char *free_name(tend_dict *taken, const char *wanted, tend_arena *arena) {
    while (tend_dict_find(taken, wanted, strlen(wanted)) >= 0)
        wanted = tend_arena_printf(arena, "%s_", wanted);
    tend_dict_add(taken, wanted, strlen(wanted), NULL);
    return wanted;
}

/* Where a cell of the header stands; a header that goes over several lines has its place in the first. */
static tend_span span_of(const char *path, const sample_row *header, int column) {
    const tend_cell *cell = &header->cells[column], *first = &header->cells[0];
    bool one_line = header->next_line == header->line + 1 && cell->at >= first->at;
    return (tend_span){path, header->line, one_line ? (uint32_t)(cell->at - first->at) + 1 : 1, one_line ? (uint32_t)cell->size : 0};
}

static tend_status fail_twice(tend_span span, const char *name, int before, int here, tend_error *err) {
    TEND_FAIL_AT(err, DATA, span, "the header names '%s' twice: as column %d and as column %d", name, before, here);
    return tend_error_hint(err, TEND_DATA, "rename one of them in the first line of the file");
}

static tend_status fail_encoding(tend_span span, int column, tend_error *err) {
    TEND_FAIL_AT(err, DATA, span, "the name of column %d is not valid UTF-8", column + 1);
    return tend_error_hint(err, TEND_DATA, "if the file is latin-1, say so with encoding: latin-1");
}

/* Names from the header row; columns without one are numbered. */
static tend_status take_names(const char *path, const sample_row *header, int n_columns, int shift, bool index, tend_arena *arena,
                              tend_node *notes, const char **names, tend_error *err) {
    TEND_AUTO(tend_dict) *taken = tend_dict_new();
    for (int i = 0; i < header->n; i++)
        if (!tend_utf8_is_valid(header->cells[i].at, header->cells[i].size, NULL))
            return fail_encoding(span_of(path, header, i), i, err);
    int *place_of = TEND_ARRAY(arena, int, n_columns); /* a name's column, by its number in `taken` */
    for (int i = 0; i < n_columns - shift && i < header->n; i++) {
        const char *name = name_of(&header->cells[i], arena);
        if (!*name)
            continue;
        int64_t before = tend_dict_find(taken, name, strlen(name));
        if (before >= 0)
            return fail_twice(span_of(path, header, i), name, place_of[before] + 1, i + shift + 1, err);
        place_of[tend_dict_add(taken, name, strlen(name), NULL)] = i + shift;
        names[i + shift] = name;
    }
    tend_node *unnamed = NULL;
    for (int i = 0; i < n_columns; i++) {
        if (names[i])
            continue;
        if (i == 0 && index) {
            names[i] = free_name(taken, "index", arena);
            tend_node_set_string(arena, notes, "index_column", names[i]);
            continue;
        }
        names[i] = free_name(taken, tend_arena_printf(arena, "column_%d", i + 1), arena);
        unnamed = unnamed ? unnamed : tend_node_set_list(arena, notes, "unnamed_columns");
        tend_node_push(unnamed, tend_node_new_string(arena, names[i]));
    }
    return TEND_OK;
}

static void number_names(int n_columns, tend_arena *arena, const char **names) {
    for (int i = 0; i < n_columns; i++)
        names[i] = tend_arena_printf(arena, "column_%d", i + 1);
}

/* Lines before the table, such as a title or "150,4,setosa": one or more rows shorter than all the others. */
static int skip_preamble(const sample *s, tend_arena *arena, tend_node *notes, const char *head) {
    int first = 0;
    while (first < MAX_SKIPPED && s->n - first >= 4) {
        int usual = usual_fields(s, first), n = s->rows[first].n;
        bool names_rows = n == usual - 1 && (ends_empty(s, first, usual) || has_row_names(s, first));
        if (n >= usual || usual < 2 || names_rows || !all_have(s, first + 1, usual))
            break;
        if (!first)
            tend_node_set_list(arena, notes, "skipped_lines");
        const tend_node *list = tend_node_get(notes, "skipped_lines");
        tend_node *last = notes->last;
        size_t size = s->rows[first].end - s->rows[first].begin;
        char *text = tend_arena_strndup(arena, head + s->rows[first].begin, size < 200 ? size : 200);
        if (last == list && tend_utf8_is_valid(text, strlen(text), NULL))
            tend_node_push(last, tend_node_new_string(arena, text));
        first++;
    }
    return first;
}

static void set_columns(const sample *s, int first, bool header, int *out_shift, tend_csv_shape *shape) {
    int usual = usual_fields(s, first), n = s->rows[first].n;
    tend_csv_dialect *d = &shape->dialect;
    *out_shift = 0;
    d->n_columns = header ? n : usual;
    d->min_fields = d->n_columns;
    if (header && n == usual - 1 && s->n > first + 1 && ends_empty(s, first, usual)) {
        d->extra_empty = true;
    } else if (header && n == usual - 1 && all_have(s, first, usual) && has_row_names(s, first)) {
        *out_shift = 1;
        d->n_columns = d->min_fields = usual;
    } else if (header) {
        d->min_fields = shortest_fine(s, first, n);
    }
}

tend_status tend_csv_sniff_columns(const char *path, const char *head, size_t size, bool whole, const tend_read_options *options,
                                   const tend_missing *missing, tend_arena *arena, tend_node *notes, tend_csv_shape *shape,
                                   tend_error *err) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    sample *s = TEND_NEW(scratch, sample);
    take_sample(head, tend_csv_whole_rows(head, size, whole), whole, shape->data_line, &shape->dialect, scratch, s);
    if (s->n == 0) { /* only blank lines: a table of one column where the user says that there is no header */
        shape->dialect.n_columns = shape->dialect.min_fields = 1;
        shape->names = TEND_ARRAY(arena, const char *, 1);
        shape->names[0] = "column_1";
        return TEND_OK;
    }
    int first = options->header < 0 ? skip_preamble(s, arena, notes, head) : 0, shift = 0;
    const sample_row *top = &s->rows[first];
    shape->header = options->header < 0 ? has_header(s, first, missing) : options->header != 0;
    set_columns(s, first, shape->header, &shift, shape);
    shape->names = TEND_ARRAY(arena, const char *, shape->dialect.n_columns);
    shape->data_at = shape->header ? top->next_at : top->begin;
    shape->data_line = shape->header ? top->next_line : top->line;
    if (shape->dialect.min_fields < shape->dialect.n_columns)
        tend_node_set_int(arena, notes, "columns_left_out", shape->dialect.n_columns - shape->dialect.min_fields);
    if (!shape->header) {
        tend_node_set_bool(arena, notes, "header", false);
        number_names(shape->dialect.n_columns, arena, shape->names);
        return TEND_OK;
    }
    return take_names(path, top, shape->dialect.n_columns, shift, counts_rows(s, first), arena, notes, shape->names, err);
}
