#include "serve/read_csv.h"

#include "serve/predict.h"

enum { MOST_COLUMNS = 10000 };

static char separator_of(const char *text, size_t size) {
    static const char candidates[] = ",;\t|";
    size_t counts[4] = {0}, best = 0;
    bool quoted = false;
    for (size_t i = 0; i < size && (quoted || text[i] != '\n'); i++) {
        quoted ^= text[i] == '"';
        const char *found = !quoted && text[i] ? strchr(candidates, text[i]) : NULL;
        if (found)
            counts[found - candidates]++;
    }
    for (size_t k = 1; k < 4; k++)
        best = counts[k] > counts[best] ? k : best;
    return candidates[best];
}

static tend_str cell_text(const tend_cell *cell, tend_arena *arena) {
    if (cell->flags & TEND_CELL_DOUBLED) {
        char *room = tend_arena_alloc(arena, cell->size + 1);
        return (tend_str){room, tend_cell_undouble(cell, room)};
    }
    tend_str text = tend_cell_str(cell);
    return cell->flags & TEND_CELL_QUOTED ? text : tend_str_trim(text);
}

size_t serve_csv_init(serve_csv *csv, const char *text, size_t size) {
    size_t mark = size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
    *csv = (serve_csv){.dialect = {.separator = separator_of(text + mark, size - mark), .quote = '"', .trim = true}};
    return mark;
}

bool serve_csv_read_header(serve_csv *csv, tend_csv_lexer *lexer, const tend_inputs *inputs, tend_arena *arena) {
    tend_csv_row row;
    csv->cells = TEND_ARRAY(arena, tend_cell, MOST_COLUMNS);
    if (!tend_csv_lexer_row(lexer, csv->cells, MOST_COLUMNS, &row) || row.blank || row.fault != TEND_CSV_FINE ||
        row.n_fields > MOST_COLUMNS)
        return false;
    csv->dialect.n_columns = csv->dialect.min_fields = row.n_fields;
    csv->inputs = TEND_ARRAY(arena, int, row.n_fields);
    csv->names = TEND_ARRAY(arena, const char *, row.n_fields);
    for (int c = 0, found = -1; c < row.n_fields; c++) {
        tend_str name = cell_text(&csv->cells[c], arena);
        csv->names[c] = tend_arena_strndup(arena, name.at, name.size);
        csv->inputs[c] = found = tend_inputs_find(inputs, name, found + 1);
    }
    return true;
}

int serve_csv_absent(const serve_csv *csv, const tend_inputs *inputs, tend_arena *arena, serve_fault **out) {
    int n = 0;
    *out = TEND_ARRAY(arena, serve_fault, tend_inputs_count(inputs) + 1);
    for (int i = 0; i < tend_inputs_count(inputs); i++) {
        bool there = false;
        for (int c = 0; c < csv->dialect.n_columns && !there; c++)
            there = csv->inputs[c] == i;
        if (there)
            continue;
        const char *name = tend_inputs_name(inputs, i), *near = tend_text_nearest(name, csv->names, (size_t)csv->dialect.n_columns);
        (*out)[n++] = (serve_fault){tend_arena_printf(arena, "/%s", serve_pointer_escape(arena, name)), NULL, "a column of this name",
                                    near ? tend_arena_printf(arena, "the header has '%s'", near) : NULL};
    }
    return n;
}

bool serve_csv_next(const serve_csv *csv, tend_csv_lexer *lexer, tend_csv_row *out) {
    while (tend_csv_lexer_row(lexer, csv->cells, csv->dialect.n_columns, out))
        if (!out->blank || csv->dialect.n_columns == 1)
            return true;
    return false;
}

const char *serve_csv_fault(const serve_csv *csv, const tend_csv_row *row, tend_arena *arena) {
    static const char *const faults[] = {[TEND_CSV_GARBAGE] = "text behind a closing quote",
                                         [TEND_CSV_OPEN] = "a quote that is never closed",
                                         [TEND_CSV_LONG] = "a field that is too long"};
    if (row->n_fields != csv->dialect.n_columns && row->fault == TEND_CSV_FINE)
        return tend_arena_printf(arena, "line %u: expected %d fields, found %d", row->line, csv->dialect.n_columns, row->n_fields);
    if (row->fault == TEND_CSV_FINE)
        return NULL;
    const char *what = row->fault == TEND_CSV_RAGGED ? "the number of fields is wrong" : faults[row->fault];
    return tend_arena_printf(arena, "line %u: %s", row->line, what);
}

/* From the first field to the last, quotes and separators too: most rows need no look at each field. */
static bool is_row_valid(const serve_csv *csv, const tend_csv_row *row) {
    const tend_cell *last = &csv->cells[row->n_fields - 1];
    return tend_utf8_is_valid(csv->cells[0].at, (size_t)(last->at + last->size - csv->cells[0].at), NULL);
}

void serve_csv_fill(const serve_csv *csv, const tend_csv_row *row, tend_rows *rows, tend_arena *arena) {
    bool valid = row->n_fields > 0 && is_row_valid(csv, row);
    tend_rows_begin(rows);
    for (int c = 0; c < row->n_fields; c++) {
        if (csv->inputs[c] < 0)
            continue;
        tend_str text = cell_text(&csv->cells[c], arena);
        if (!valid && !tend_utf8_is_valid(text.at, text.size, NULL))
            tend_rows_set_misfit(rows, csv->inputs[c], TEND_STR("bytes that are not UTF-8"));
        else
            tend_rows_set_cell(rows, csv->inputs[c], text);
    }
    tend_rows_end(rows, true);
}
