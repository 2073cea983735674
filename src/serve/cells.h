/* Values that came column by column (tensors, lists), on their way into rows. */
#ifndef TEND_SERVE_CELLS_H
#define TEND_SERVE_CELLS_H

#include "data/json_pull.h"
#include "model/inputs.h"

typedef struct serve_cell {
    tend_json_kind kind; /* INT, DOUBLE, BOOL, STRING or NULL; a container's kind when one stood there */
    union {
        int64_t whole;
        double number;
        bool truth;
        tend_str text; /* STRING; of a container, how it was written */
    };
} serve_cell;

/* A list of values, flat or nested, in row-major order. */
typedef struct serve_cells {
    serve_cell *items;
    int64_t n, capacity;
    int depth;        /* 1: flat; 2: a list of lists */
    int64_t per_list; /* depth 2: how many values each inner list has */
    bool ragged;      /* inner lists of different lengths, or values beside lists */
} serve_cells;

/* Reads a list of at most `most` values, whose lists nest at most twice. Strings borrow from the document. False: the pull parser has a
 * fault, or one was set there. */
bool serve_cells_read(serve_cells *cells, tend_json_pull *pull, int64_t most);
/* Room for n, all null. */
void serve_cells_reserve(serve_cells *cells, int64_t n, tend_arena *arena);
/* One value into a column of the newest row: a text as a cell of a file (typed: as a value of a typed document), 0 and 1 also as
 * booleans. */
void serve_cell_set(const serve_cell *cell, tend_rows *rows, const tend_inputs *inputs, int input, bool typed);
/* As JSON would show it, cut when it is long. */
const char *serve_cell_show(const serve_cell *cell, tend_arena *arena);

#endif
