/* From cells to typed columns: the inner loops of every reader.
 *
 * A target is a column being filled; a lane is one thread's share of the work on it (its own string bytes, counts and faults), so
 * that lanes can run side by side on different rows. Lanes must start at rows that are multiples of 8, since they share
 * the bytes of the validity bitmap.
 */
#ifndef TEND_DATA_CONVERT_H
#define TEND_DATA_CONVERT_H

#include "data/cell.h"
#include "data/infer.h"
#include "data/table.h"

typedef struct tend_target {
    const char *name;
    tend_plan plan;
    const tend_missing *missing;
    bool trim;        /* blanks around unquoted text do not belong to it */
    int64_t capacity; /* rows */
    int64_t *ints;    /* all but STRING and FLOAT */
    double *floats;
    int64_t *offsets; /* STRING: the end of row i in its lane's bytes at i + 1 */
    uint8_t *valid;   /* all ones to begin with; NULL until the first missing value is impossible: always there */
} tend_target;

/* A cell that could not be read as what its column is. */
typedef struct tend_cell_fault {
    int64_t row;
    int column;
    char *found, *reason; /* malloc'd; reason says what was expected */
} tend_cell_fault;

typedef struct tend_cell_faults {
    tend_cell_fault *items;
    int64_t n, capacity, n_total; /* at most 100,000 are kept */
} tend_cell_faults;
void tend_cell_faults_add(tend_cell_faults *faults, int64_t row, int column, tend_str found, const char *reason);
void tend_cell_faults_done(tend_cell_faults *faults);

typedef struct tend_lane {
    char *bytes; /* STRING */
    size_t size, capacity;
    int64_t n_missing;
    bool failed; /* a cell did not fit and the plan was not declared: the column must be read again as text */
} tend_lane;

/* Arrays for `capacity` rows, freed with the arena (not zeroed; page by page they are made by whoever fills them first). */
void tend_target_init(tend_target *target, const char *name, tend_plan plan, const tend_missing *missing, int64_t capacity,
                      tend_arena *arena);
/* n cells, `stride` apart, into rows row … row + n. False when the lane failed. `index` is the column's, for faults. */
bool tend_convert(tend_target *target, tend_lane *lane, const tend_cell *cells, size_t stride, int64_t n, int64_t row, int index,
                  tend_cell_faults *faults);
/* One cell's text as a declared plan takes it: what the loops above do with it, for whoever has no column (a request). Not for STRING
 * plans. FITS sets the output of the plan's type; MISFIT says what was expected ("expected a whole number"). */
typedef enum tend_cell_outcome { TEND_CELL_FITS, TEND_CELL_MISSING, TEND_CELL_MISFIT } tend_cell_outcome;
tend_cell_outcome tend_convert_one(const tend_plan *plan, const tend_missing *missing, tend_str text, int64_t *out_int, double *out_float,
                                   char expectation[128]);
/* The finished column of n_rows; the string bytes of the lanes (in row order, lane i ends before row ends[i]) are joined. */
void tend_target_finish(tend_target *target, tend_lane *lanes, const int64_t *begins, const int64_t *ends, size_t n_lanes, int64_t n_rows,
                        int threads, tend_arena *arena, tend_column *out);
void tend_lane_done(tend_lane *lane);

/* The values of a text column added to `out` (kinds), and the column made anew as the plan says. Faults of declared plans and infinite
 * numbers are added. False when a value does not fit and the plan is not declared. */
void tend_kinds_of_column(const tend_column *column, const uint32_t *line, const tend_missing *missing, tend_kinds *out);
bool tend_convert_column(const tend_column *text, tend_plan plan, const tend_missing *missing, int index, tend_cell_faults *faults,
                         tend_arena *arena, tend_column *out);

#endif
