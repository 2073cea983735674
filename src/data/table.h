/* Tables: typed columns in Arrow's way, a validity bitmap and contiguous values.
 *
 * A table lives in an arena and is not changed after it was built; columns may be shared between tables of the same arena.
 * Values are 64 bits wide whatever the type (a bool is 0 or 1, a date is days since 1970-01-01, a timestamp microseconds UTC),
 * so that each consumer has two cases to handle, ints and floats, and strings as the third. A missing value has bit 0 in
 * `valid` (least significant bit first, as Arrow) and its slot holds 0, NaN or the empty string. Read-only use is thread-safe.
 */
#ifndef TEND_DATA_TABLE_H
#define TEND_DATA_TABLE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

/* type, the word for it in tend.yaml and JSON, kept in */
#define TEND_TYPES(X)          \
    X(BOOL, "boolean", ints)   \
    X(INT, "integer", ints)    \
    X(FLOAT, "number", floats) \
    X(STRING, "string", bytes) \
    X(DATE, "date", ints)      \
    X(TIMESTAMP, "timestamp", ints)

typedef enum tend_type {
#define X(name, word, store) TEND_##name,
    TEND_TYPES(X)
#undef X
        TEND_TYPE_COUNT
} tend_type;

const char *tend_type_name(tend_type type);             /* "integer" */
bool tend_type_parse(const char *word, tend_type *out); /* also float, int, bool, text, datetime */
static inline bool tend_type_is_numeric(tend_type t) { return t == TEND_BOOL || t == TEND_INT || t == TEND_FLOAT; }

typedef struct tend_column {
    const char *name;
    tend_type type;
    int64_t n_rows, n_missing;
    const uint8_t *valid;   /* NULL: nothing is missing */
    const int64_t *ints;    /* BOOL, INT, DATE, TIMESTAMP */
    const double *floats;   /* FLOAT */
    const int64_t *offsets; /* STRING: n_rows + 1 offsets into bytes */
    const char *bytes;
} tend_column;

typedef struct tend_table {
    int64_t n_rows;
    int n_columns;
    tend_column *columns;
    /* Where the rows came from, when they were read from files; NULL otherwise (after SQL). line[i] is the line of the file
     * on which row i starts, part[i] the index into files. */
    const uint32_t *line;
    const uint16_t *part;
    const char *const *files;
    int n_files;
} tend_table;

static inline bool tend_is_valid(const tend_column *c, int64_t i) { return !c->valid || (c->valid[i >> 3] >> (i & 7)) & 1; }
static inline tend_str tend_column_str(const tend_column *c, int64_t i) {
    return (tend_str){c->bytes + c->offsets[i], (size_t)(c->offsets[i + 1] - c->offsets[i])};
}
/* The value as a double: NaN when missing; strings give NaN. */
double tend_column_double(const tend_column *c, int64_t i);
/* The value as text ("" when missing): dates in ISO 8601, floats in the shortest exact form. Appends. */
void tend_column_format(const tend_column *c, int64_t i, tend_buf *out);

int tend_table_find(const tend_table *table, const char *name);                  /* -1: absent */
const tend_column *tend_table_column(const tend_table *table, const char *name); /* NULL: absent */
/* As above, with an error that names the nearest column. */
tend_status tend_table_need(const tend_table *table, const char *name, const tend_column **out, tend_error *err);

/* Rows in the given order (may repeat). */
tend_table *tend_table_take(const tend_table *table, const int64_t *rows, int64_t n, tend_arena *arena);
/* A view on consecutive rows; shares the memory (strings and values; the bitmap is copied when begin % 8 != 0). */
tend_table *tend_table_slice(const tend_table *table, int64_t begin, int64_t n, tend_arena *arena);
/* The columns named, in that order, sharing memory. */
tend_status tend_table_select(const tend_table *table, const char *const *names, int n, tend_arena *arena, tend_table **out,
                              tend_error *err);
/* One table under the other; columns are matched by name, in the first one's order. INT joins FLOAT as FLOAT, any other
 * difference of types as STRING; a column that one lacks is missing there and named in a warning log event. */
tend_status tend_table_concat(tend_table *const *tables, int n, tend_arena *arena, tend_table **out, tend_error *err);
/* A 64-bit hash of a row's values over all columns (types do not matter, text form does): equal rows, equal hashes. */
uint64_t tend_table_row_hash(const tend_table *table, int64_t row);
bool tend_table_row_equal(const tend_table *a, int64_t row_a, const tend_table *b, int64_t row_b);
/* "data/a.csv:12" or "row 12" (from 1). Appends. */
void tend_table_where(const tend_table *table, int64_t row, tend_buf *out);
/* Names, types, missing marks and values: the identity of the content, whatever file it came from. */
tend_digest tend_table_digest(const tend_table *table);

/* Building a column row by row; strings are copied. Values appended to a column of another type are a bug (assert). */
typedef struct tend_column_builder tend_column_builder;
tend_column_builder *tend_column_builder_new(tend_arena *arena, const char *name, tend_type type);
void tend_column_add_missing(tend_column_builder *b);
void tend_column_add_int(tend_column_builder *b, int64_t v);
void tend_column_add_double(tend_column_builder *b, double v); /* NaN becomes missing */
void tend_column_add_string(tend_column_builder *b, tend_str v);
void tend_column_build(tend_column_builder *b, tend_column *out);             /* the builder is spent */
tend_table *tend_table_new(tend_arena *arena, int n_columns, int64_t n_rows); /* columns zeroed, for the caller to fill */

/* The table file (docs/formats/table.md): columns in zstd-compressed, checksummed blocks; equal tables give equal bytes. */
tend_status tend_table_save(const tend_table *table, tend_buf *out, tend_error *err) TEND_MUST_USE;
tend_status tend_table_load(const void *bytes, size_t size, tend_arena *arena, tend_table **out, tend_error *err) TEND_MUST_USE;

#endif
