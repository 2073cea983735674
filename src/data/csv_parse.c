#include "data/csv_parse.h"

#include "base/thread.h"

#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_CELLS = 4096, MAX_BLOCK_ROWS = 512, MAX_BAD = 100000 };

/* A row that is not part of the table. */
typedef struct lost_row {
    size_t begin, end, fault_at;
    uint32_t line, fault_line;
    int n_fields;
    tend_csv_fault fault;
    bool not_utf8;
} lost_row;

/* One piece of the text: rows first_row … first_row + n_rows, of which n_good are in the table, without gaps. */
typedef struct piece {
    int64_t first_row, n_good;
    tend_lane *lanes; /* one per column */
    tend_cell_faults faults;
    lost_row *lost;
    int64_t n_lost, lost_capacity, lost_total;
    tend_csv_found found;
    bool stop; /* a fault that ends the reading: the last lost row */
} piece;

typedef struct work {
    const tend_csv_job *job;
    tend_target *targets;
    const bool *wanted; /* columns of this pass; NULL: all, and rows are counted and judged */
    piece *pieces;
    size_t n_pieces;
    uint32_t *line;
} work;

/* ---- one piece ---- */

static void lose(piece *p, const tend_csv_row *row, bool not_utf8) {
    p->lost_total++;
    if (p->n_lost == MAX_BAD && !p->stop)
        return;
    p->n_lost -= p->n_lost == MAX_BAD; /* what ends the reading is told in any case */
    if (p->n_lost == p->lost_capacity) {
        p->lost_capacity = p->lost_capacity ? 2 * p->lost_capacity : 16;
        p->lost = tend_realloc(p->lost, (size_t)p->lost_capacity * sizeof *p->lost);
    }
    p->lost[p->n_lost++] = (lost_row){row->begin, row->end, row->fault_at, row->line, row->fault_line, row->n_fields, row->fault, not_utf8};
}

/* Inches and seconds of arc (5'11", 37.8") are no broken quoting; other quotes within a field probably are. */
static bool is_unit_mark(const tend_cell *cell, char quote) {
    for (uint32_t i = 0; i < cell->size; i++)
        if (cell->at[i] == quote && (i == 0 || cell->at[i - 1] < '0' || cell->at[i - 1] > '9'))
            return false;
    return true;
}

static void note_strays(const work *w, piece *p, const tend_cell *cells, uint32_t line, int64_t row) {
    const tend_csv_dialect *d = w->job->dialect;
    bool has_rule = d->separator == ',' || d->separator == ';'; /* tabs and bars go without quoting rules */
    for (int i = 0; i < d->n_columns; i++) {
        if (!(cells[i].flags & TEND_CELL_STRAY))
            continue;
        if (p->found.stray_quotes++ == 0)
            p->found.first_stray = line;
        if (has_rule && !is_unit_mark(&cells[i], d->quote))
            tend_cell_faults_add(&p->faults, row, i, tend_cell_str(&cells[i]),
                                 "a quote within an unquoted field: it should stand in quotes, its own quotes doubled");
    }
}

static void convert_block(const work *w, piece *p, const tend_cell *cells, int64_t n, int64_t row) {
    size_t stride = (size_t)w->job->dialect->n_columns;
    for (int i = 0; i < w->job->dialect->n_columns; i++)
        if (w->wanted ? w->wanted[i] : !w->job->plans[i].skip)
            tend_convert(&w->targets[i], &p->lanes[i], cells + i, stride, n, row, i, &p->faults);
}

static bool ends_reading(const tend_csv_job *job, const tend_csv_row *row) {
    return row->fault == TEND_CSV_OPEN || row->fault == TEND_CSV_LONG || (job->ragged_is_error && row->fault != TEND_CSV_FINE);
}

/* Whether the row belongs to the table; what it lost by is noted on the first pass. */
static bool admit_row(const work *w, piece *p, tend_cell *cells, tend_csv_row *row, bool check_utf8) {
    const tend_csv_job *job = w->job;
    bool first_pass = !w->wanted;
    if (row->blank && job->dialect->n_columns > 1) {
        p->found.blank_lines += first_pass;
        return false;
    }
    tend_csv_fit(job->dialect, cells, row);
    bool not_utf8 = check_utf8 && !tend_utf8_is_valid(job->text + row->begin, row->end - row->begin, NULL);
    if (row->fault == TEND_CSV_FINE && !not_utf8)
        return true;
    if (first_pass) {
        p->stop = ends_reading(job, row);
        lose(p, row, not_utf8);
    }
    return false;
}

static void parse_piece(void *ctx, size_t i) {
    work *w = ctx;
    const tend_csv_job *job = w->job;
    piece *p = &w->pieces[i];
    const tend_csv_cut *from = &job->cuts->items[i], *to = from + 1;
    size_t n_columns = (size_t)job->dialect->n_columns;
    int64_t block_rows = BLOCK_CELLS / (int64_t)n_columns;
    block_rows = block_rows < 1 ? 1 : block_rows > MAX_BLOCK_ROWS ? MAX_BLOCK_ROWS : block_rows;
    tend_cell *cells = tend_malloc(((size_t)block_rows * n_columns + 1) * sizeof *cells);
    bool check_utf8 = job->check_utf8 && !tend_utf8_is_valid(job->text + from->offset, to->offset - from->offset, NULL);
    tend_csv_lexer lexer;
    tend_csv_row row;
    tend_csv_lexer_init(&lexer, job->text, to->offset, from->offset, from->line, job->dialect);
    int64_t n = 0, good = 0;
    while (!p->stop && !tend_cancel_requested()) {
        tend_cell *at = cells + (size_t)n * n_columns;
        bool more = tend_csv_lexer_row(&lexer, at, (int)n_columns + 1, &row);
        if (more && admit_row(w, p, at, &row, check_utf8)) {
            if (row.stray && !w->wanted)
                note_strays(w, p, at, row.line, p->first_row + good + n);
            w->line[p->first_row + good + n++] = row.line;
        }
        if (n == block_rows || (!more && n > 0)) {
            convert_block(w, p, cells, n, p->first_row + good);
            good += n;
            n = 0;
        }
        if (!more)
            break;
    }
    p->n_good = good;
    free(cells);
}

/* ---- all pieces ---- */

static void open_pieces(work *w) {
    const tend_csv_cuts *cuts = w->job->cuts;
    w->n_pieces = cuts->n;
    w->pieces = tend_calloc(w->n_pieces, sizeof(piece));
    for (size_t i = 0; i < w->n_pieces; i++) {
        w->pieces[i].first_row = cuts->items[i].row;
        w->pieces[i].lanes = tend_calloc((size_t)w->job->dialect->n_columns, sizeof(tend_lane));
    }
}

static void close_pieces(work *w) {
    for (size_t i = 0; i < w->n_pieces; i++) {
        piece *p = &w->pieces[i];
        for (int c = 0; c < w->job->dialect->n_columns; c++)
            tend_lane_done(&p->lanes[c]);
        tend_cell_faults_done(&p->faults);
        free(p->lanes);
        free(p->lost);
    }
    free(w->pieces);
}

static void forget_faults(piece *p, int column) {
    int64_t n = 0;
    for (int64_t i = 0; i < p->faults.n; i++) {
        if (p->faults.items[i].column != column) {
            p->faults.items[n++] = p->faults.items[i];
            continue;
        }
        free(p->faults.items[i].found);
        free(p->faults.items[i].reason);
        p->faults.n_total--;
    }
    p->faults.n = n;
}

/* Columns of which a value did not fit are read once more, as text. */
static void read_failed_again(work *w, int64_t n_rows, tend_arena *arena) {
    int n_columns = w->job->dialect->n_columns;
    bool *wanted = TEND_ARRAY(arena, bool, n_columns), any = false;
    for (int c = 0; c < n_columns; c++) {
        for (size_t i = 0; i < w->n_pieces; i++)
            wanted[c] |= w->pieces[i].lanes[c].failed;
        if (!wanted[c])
            continue;
        any = true;
        w->job->plans[c] = (tend_plan){.type = TEND_STRING, .open = true};
        tend_target_init(&w->targets[c], w->targets[c].name, w->job->plans[c], w->job->missing, n_rows, arena);
        w->targets[c].trim = w->job->dialect->trim;
        for (size_t i = 0; i < w->n_pieces; i++) {
            tend_lane_done(&w->pieces[i].lanes[c]);
            w->pieces[i].lanes[c] = (tend_lane){0};
            forget_faults(&w->pieces[i], c);
        }
    }
    if (!any)
        return;
    w->wanted = wanted;
    tend_parallel_for(w->n_pieces, w->job->threads, parse_piece, w);
}

/* ---- gaps: rows that were counted and then lost ---- */

static void move_bits(uint8_t *bits, int64_t to, int64_t from, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        unsigned bit = bits[(from + i) >> 3] >> ((from + i) & 7) & 1;
        uint8_t mask = (uint8_t)(1u << ((to + i) & 7));
        bits[(to + i) >> 3] = (uint8_t)(bit ? bits[(to + i) >> 3] | mask : bits[(to + i) >> 3] & ~mask);
    }
}

static void move_rows(work *w, int64_t to, int64_t from, int64_t n) {
    memmove(w->line + to, w->line + from, (size_t)n * sizeof *w->line);
    for (int c = 0; c < w->job->dialect->n_columns; c++) {
        tend_target *t = &w->targets[c];
        if (w->job->plans[c].skip)
            continue;
        if (t->ints)
            memmove(t->ints + to, t->ints + from, (size_t)n * 8);
        if (t->floats)
            memmove(t->floats + to, t->floats + from, (size_t)n * 8);
        if (t->offsets)
            memmove(t->offsets + to + 1, t->offsets + from + 1, (size_t)n * 8);
        move_bits(t->valid, to, from, n);
    }
}

static int64_t close_gaps(work *w) {
    int64_t n_rows = 0;
    for (size_t i = 0; i < w->n_pieces; i++) {
        piece *p = &w->pieces[i];
        if (p->first_row != n_rows && p->n_good > 0)
            move_rows(w, n_rows, p->first_row, p->n_good);
        for (int64_t k = 0; k < p->faults.n; k++)
            p->faults.items[k].row += n_rows - p->first_row;
        p->first_row = n_rows;
        n_rows += p->n_good;
    }
    return n_rows;
}

/* ---- what is told about it ---- */

static const char *reason_of(const tend_csv_job *job, const lost_row *lost, char *room, size_t size) {
    if (lost->not_utf8)
        return "the row is not valid UTF-8 (if the whole file is latin-1, say so with encoding: latin-1)";
    if (lost->fault == TEND_CSV_GARBAGE)
        return "text behind a closing quote: a quote within a quoted field must be doubled";
    snprintf(room, size, "expected %d fields, found %d", job->dialect->n_columns, lost->n_fields);
    return room;
}

static tend_status fail_row(const tend_csv_job *job, const lost_row *lost, tend_error *err) {
    tend_span span = {job->path, lost->fault_line, (uint32_t)(lost->fault_at - lost->begin + 1), 1};
    char room[96];
    if (lost->fault == TEND_CSV_LONG) {
        span.column = 1;
        TEND_FAIL_AT(err, LIMIT, span, "a field that starts here is longer than 16 MiB");
        return tend_error_hint(err, TEND_LIMIT, "is its closing quote missing?");
    }
    if (lost->fault == TEND_CSV_OPEN)
        return TEND_FAIL_AT(err, DATA, span, "the quote that opens here is never closed");
    span.column = 1;
    return TEND_FAIL_AT(err, DATA, span, "%s", reason_of(job, lost, room, sizeof room));
}

static void tell_lost(const tend_csv_job *job, const piece *p) {
    for (int64_t k = 0; k < p->n_lost; k++) {
        const lost_row *lost = &p->lost[k];
        char room[96];
        size_t size = lost->end - lost->begin < 200 ? lost->end - lost->begin : 200;
        TEND_AUTO_BUF found = TEND_BUF_INIT;
        tend_buf_append(&found, job->text + lost->begin, size);
        tend_bad_rows_add(job->bad, (tend_bad_row){.file = job->path,
                                                   .line = lost->line,
                                                   .row = -1,
                                                   .found = tend_buf_text(&found),
                                                   .reason = reason_of(job, lost, room, sizeof room)});
    }
    job->bad->n_total += p->lost_total - p->n_lost;
}

static int by_row(const void *a, const void *b) {
    const tend_cell_fault *x = a, *y = b;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return x->column - y->column;
}

static void tell_faults(const work *w, const piece *p) {
    const tend_csv_job *job = w->job;
    qsort(p->faults.items, (size_t)p->faults.n, sizeof *p->faults.items, by_row);
    for (int64_t k = 0; k < p->faults.n; k++) {
        const tend_cell_fault *f = &p->faults.items[k];
        tend_bad_rows_add(job->bad, (tend_bad_row){.file = job->path,
                                                   .line = w->line[f->row],
                                                   .row = f->row,
                                                   .column = job->names[f->column],
                                                   .found = f->found,
                                                   .reason = f->reason});
    }
    job->bad->n_total += p->faults.n_total - p->faults.n;
}

static tend_status tell(const work *w, tend_csv_found *found, tend_error *err) {
    for (size_t i = 0; i < w->n_pieces; i++) {
        const piece *p = &w->pieces[i];
        if (p->stop)
            return fail_row(w->job, &p->lost[p->n_lost - 1], err);
        if (w->job->bad && p->n_lost)
            tell_lost(w->job, p);
        if (w->job->bad && p->faults.n)
            tell_faults(w, p);
        found->blank_lines += p->found.blank_lines;
        if (!found->stray_quotes)
            found->first_stray = p->found.first_stray;
        found->stray_quotes += p->found.stray_quotes;
    }
    return TEND_OK;
}

/* ---- the table ---- */

static tend_table *make_table(work *w, int64_t n_rows, tend_arena *arena) {
    const tend_csv_job *job = w->job;
    int n_columns = job->dialect->n_columns;
    int kept = 0;
    for (int c = 0; c < n_columns; c++)
        kept += !job->plans[c].skip;
    tend_table *table = tend_table_new(arena, kept, n_rows);
    int64_t *begins = TEND_ARRAY(arena, int64_t, w->n_pieces), *ends = TEND_ARRAY(arena, int64_t, w->n_pieces);
    for (size_t i = 0; i < w->n_pieces; i++) {
        begins[i] = w->pieces[i].first_row;
        ends[i] = begins[i] + w->pieces[i].n_good;
    }
    tend_lane *lanes = tend_malloc(w->n_pieces * sizeof *lanes);
    for (int c = 0, at = 0; c < n_columns; c++) {
        if (job->plans[c].skip)
            continue;
        for (size_t i = 0; i < w->n_pieces; i++) {
            lanes[i] = w->pieces[i].lanes[c];
            w->pieces[i].lanes[c] = (tend_lane){0};
        }
        tend_target_finish(&w->targets[c], lanes, begins, ends, w->n_pieces, n_rows, job->threads, arena, &table->columns[at++]);
        for (size_t i = 0; i < w->n_pieces; i++)
            tend_lane_done(&lanes[i]);
    }
    free(lanes);
    const char **files = TEND_ARRAY(arena, const char *, 1);
    files[0] = tend_arena_strdup(arena, job->path);
    table->files = files;
    table->n_files = 1;
    table->line = w->line;
    return table;
}

tend_status tend_csv_parse(const tend_csv_job *job, tend_arena *arena, tend_table **out, tend_csv_found *found, tend_error *err) {
    int n_columns = job->dialect->n_columns;
    int64_t n_rows = job->cuts->items[job->cuts->n].row;
    work w = {.job = job, .targets = TEND_ARRAY(arena, tend_target, n_columns), .line = TEND_ARRAY(arena, uint32_t, n_rows)};
    for (int c = 0; c < n_columns; c++) {
        if (job->plans[c].skip)
            continue;
        tend_target_init(&w.targets[c], tend_arena_strdup(arena, job->names[c]), job->plans[c], job->missing, n_rows, arena);
        w.targets[c].trim = job->dialect->trim;
    }
    open_pieces(&w);
    tend_parallel_for(w.n_pieces, job->threads, parse_piece, &w);
    tend_status status = tend_cancel_requested() ? TEND_FAIL(err, CANCELLED, "reading %s was cancelled", job->path) : TEND_OK;
    if (status == TEND_OK) {
        read_failed_again(&w, n_rows, arena);
        n_rows = close_gaps(&w);
        status = tell(&w, found, err);
    }
    if (status == TEND_OK)
        *out = make_table(&w, n_rows, arena);
    close_pieces(&w);
    return status;
}
