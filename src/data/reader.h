/* Readers: a stream of tables from a file of any format. Writers: the way back.
 *
 * CSV (sniffed: separator, quote, header, encoding, line ends), JSON (a list of objects) and NDJSON live here; .gz and .zst are
 * unpacked on the fly. Parquet is added from above through the same two structs (tend_format rows). Nothing is
 * silently repaired: what the reader had to decide or change is in `notes`; what cannot be read is an error with file, line
 * and column; single rows or cells that cannot be read go to `bad`, so that they can be quarantined with a reason.
 */
#ifndef TEND_DATA_READER_H
#define TEND_DATA_READER_H

#include "base/diag.h"
#include "data/schema.h"
#include "data/table.h"

/* A row that could not be read whole, or a cell that is not of its declared type. */
typedef struct tend_bad_row {
    const char *file;
    uint32_t line;      /* on which the row starts */
    int64_t row;        /* index in the table handed out (cell faults), or -1 when the row is in no table (ragged rows) */
    const char *column; /* NULL for the whole row */
    const char *found;  /* the cell's or the row's text, cut at 200 bytes */
    const char *reason; /* "expected 15 fields, found 14" */
} tend_bad_row;

typedef struct tend_bad_rows {
    tend_arena *arena;
    tend_bad_row *items;
    int64_t n, capacity, n_total; /* at most 100,000 kept; n_total counts all */
} tend_bad_rows;
void tend_bad_rows_init(tend_bad_rows *bad, tend_arena *arena);
void tend_bad_rows_add(tend_bad_rows *bad, tend_bad_row row);

typedef struct tend_read_options {
    const char *format;         /* "csv", "json", "ndjson", "parquet"; NULL: by name, then by content */
    char separator, quote;      /* 0: sniffed */
    int header;                 /* 1, 0, or -1: sniffed */
    const char *encoding;       /* "utf-8", "latin-1"; NULL: sniffed */
    const char *const *missing; /* texts read as missing; NULL: "" and the usual NA, N/A, NaN, null, None … (see reader.c) */
    int n_missing;
    const tend_schema *schema; /* NULL: types are inferred from the whole file. Else declared types are used, and cells that
                                * do not parse are missing and noted in bad; columns without a type are inferred. */
    bool only_named;           /* columns that the schema does not name are not read at all (JSON reads them nevertheless) */
    bool ragged_is_error;      /* a row with too many or too few fields: an error instead of a bad row */
    int64_t batch_rows;        /* rows per table from next(); 0: the whole file in one */
    int threads;               /* 0: all */
} tend_read_options;
#define TEND_READ_OPTIONS_INIT ((tend_read_options){.header = -1})

typedef struct tend_reader tend_reader;
struct tend_reader {
    /* The next rows into `arena` (the table lives there), or *out NULL at the end. With batch_rows and no schema the types come
     * from a first pass over the file. */
    tend_status (*next)(tend_reader *reader, tend_arena *arena, tend_table **out, tend_error *err);
    void (*close)(tend_reader *reader);
    tend_node *notes; /* what was sniffed or changed: {"separator": ";", "encoding": "latin-1", "trimmed_blanks": true …} */
    void *state;
};

/* One row per format; the list is composed at the top (tend_formats_base has csv, json, ndjson). */
typedef struct tend_writer tend_writer;
struct tend_writer {
    tend_status (*write)(tend_writer *writer, const tend_table *table, tend_error *err);
    tend_status (*finish)(tend_writer *writer, tend_error *err); /* flush, fsync, rename into place; the writer stays to be closed */
    void (*close)(tend_writer *writer);                          /* without finish: nothing is left behind */
    void *state;
};

typedef struct tend_format {
    const char *name, *suffixes; /* suffixes separated by blanks: ".csv .tsv .txt .data" */
    tend_status (*open)(const char *path, const tend_read_options *options, tend_bad_rows *bad, tend_reader **out, tend_error *err);
    tend_status (*create)(const char *path, tend_writer **out, tend_error *err); /* NULL: cannot be written. "-" is stdout where possible */
} tend_format;

extern const tend_format tend_format_csv, tend_format_json, tend_format_ndjson;

/* The format that a file's name tells, compression suffixes ignored; NULL when it tells none. */
const tend_format *tend_format_by_name(const tend_format *const *formats, const char *path);
/* A NULL-terminated list of formats; the row for a file by name (compression suffixes ignored), or an error that lists them. */
tend_status tend_format_find(const tend_format *const *formats, const char *path, const char *name, const tend_format **out,
                             tend_error *err);
/* A whole file as one table. `notes` may be NULL. */
tend_status tend_read_file(const tend_format *const *formats, const char *path, const tend_read_options *options, tend_arena *arena,
                           tend_bad_rows *bad, tend_table **out, tend_node **out_notes, tend_error *err) TEND_MUST_USE;

#endif
