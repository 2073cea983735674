/* What kind of CSV a text is: told from its first rows, as a careful person would tell it. */
#ifndef TEND_DATA_CSV_SNIFF_H
#define TEND_DATA_CSV_SNIFF_H

#include "data/csv_scan.h"
#include "data/reader.h"

typedef struct tend_csv_shape {
    tend_csv_dialect dialect;
    const char **names; /* of the columns, unique, UTF-8 */
    size_t data_at;     /* where the first row of data starts */
    uint32_t data_line;
    bool header;
} tend_csv_shape;

/* The part of a head that holds whole lines; all of it when the file has no more. */
size_t tend_csv_whole_rows(const char *head, size_t size, bool whole);
/* How many fields a row of a head of `size` bytes can have at most, of those that are read at all. */
static inline int tend_csv_most_fields(size_t size) { return size < TEND_CSV_MAX_COLUMNS ? (int)size + 1 : TEND_CSV_MAX_COLUMNS; }

/* Separator, quote and blanks from the first bytes of the file (UTF-8, without BOM, lines ending in LF or CRLF; `whole`: the
 * file has no more). LIMIT beyond TEND_CSV_MAX_COLUMNS; *out_more instead of *out when the first rows do not fit into head. */
tend_status tend_csv_sniff_dialect(const char *path, const char *head, size_t size, bool whole, const tend_read_options *options,
                                   tend_csv_dialect *out, bool *out_more, tend_error *err);

/* Header, names and where the data starts, of a text with shape->dialect that begins on shape->data_line. DATA when the header
 * names a column twice. Both add what they decided to the notes. */
tend_status tend_csv_sniff_columns(const char *path, const char *head, size_t size, bool whole, const tend_read_options *options,
                                   const tend_missing *missing, tend_arena *arena, tend_node *notes, tend_csv_shape *shape,
                                   tend_error *err);
void tend_csv_note_dialect(const tend_csv_dialect *dialect, tend_arena *arena, tend_node *notes);

#endif
