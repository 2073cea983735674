/* Rows from CSV that comes with a request: a header with the columns' names, in any order, then rows. */
#ifndef TEND_SERVE_READ_CSV_H
#define TEND_SERVE_READ_CSV_H

#include "data/csv_scan.h"
#include "model/inputs.h"
#include "serve/service.h"

typedef struct serve_csv {
    tend_csv_dialect dialect;
    tend_cell *cells;
    const char **names; /* of the header */
    int *inputs;        /* per column, -1: not read. NULL: the header was not read yet */
} serve_csv;

/* The dialect, by the first line. Returns how many bytes to skip: the byte order mark that spreadsheets write. */
size_t serve_csv_init(serve_csv *csv, const char *text, size_t size);
/* False: the first line is none. */
bool serve_csv_read_header(serve_csv *csv, tend_csv_lexer *lexer, const tend_inputs *inputs, tend_arena *arena);
/* A fault for each column that the model reads and the header does not have. */
int serve_csv_absent(const serve_csv *csv, const tend_inputs *inputs, tend_arena *arena, serve_fault **out);
/* The next row, whose fields are in csv->cells; false at the end. Blank lines are skipped. */
bool serve_csv_next(const serve_csv *csv, tend_csv_lexer *lexer, tend_csv_row *out);
/* Why the row cannot be read; NULL: it can. */
const char *serve_csv_fault(const serve_csv *csv, const tend_csv_row *row, tend_arena *arena);
void serve_csv_fill(const serve_csv *csv, const tend_csv_row *row, tend_rows *rows, tend_arena *arena);

#endif
