/* The text of a CSV file as the parser wants it: UTF-8 without BOM, rows ending in LF or CRLF, one separator between fields.
 *
 * Either the whole text at once (mapped where nothing has to be changed) or a window that slides over it in flat memory.
 */
#ifndef TEND_DATA_CSV_TEXT_H
#define TEND_DATA_CSV_TEXT_H

#include "data/csv_scan.h"
#include "data/reader.h"
#include "data/source.h"

typedef enum tend_encoding { TEND_ENCODING_OPEN, TEND_ENCODING_UTF8, TEND_ENCODING_LATIN1 } tend_encoding;

/* Text aligned with blanks: each run of blanks outside quotes becomes one, and lines neither begin nor end with any. */
typedef struct tend_csv_aligner {
    char quote, before; /* before: the last character kept */
    bool in_quotes;
} tend_csv_aligner;
tend_csv_aligner tend_csv_aligner_init(char quote);
/* In place; goes on where the last call ended. Returns the new size. */
size_t tend_csv_collapse(tend_csv_aligner *aligner, char *text, size_t size);

typedef struct tend_csv_text {
    const char *path;
    tend_source *source;
    bool whole;
    const char *data; /* text that can be parsed now */
    size_t size;
    bool at_end;            /* there is no more behind it */
    uint32_t line;          /* of data[0] */
    tend_encoding encoding; /* OPEN: nothing but ASCII so far */
    bool bom, lone_cr;
    /* private */
    const tend_read_options *options;
    char *window; /* owned; data points into it, or into the source's map */
    size_t capacity;
    bool aligned; /* runs of blanks are one separator */
    tend_csv_aligner aligner;
} tend_csv_text;

/* Loads the whole text or a first window. Refuses what is no text (binary formats, UTF-16, an empty file). */
tend_status tend_csv_text_open(tend_csv_text *text, const char *path, bool whole, const tend_read_options *options,
                               tend_error *err) TEND_MUST_USE;
void tend_csv_text_close(tend_csv_text *text);
/* Adds to the window. */
tend_status tend_csv_text_more(tend_csv_text *text, tend_error *err) TEND_MUST_USE;
void tend_csv_text_drop(tend_csv_text *text, size_t n, uint32_t line); /* the first n bytes; data[0] is then on `line` */
/* From the start again, with what was found out kept. */
tend_status tend_csv_text_rewind(tend_csv_text *text, tend_error *err) TEND_MUST_USE;
/* Fields are aligned with runs of blanks: from here on each run is one blank. */
void tend_csv_text_align(tend_csv_text *text, char quote);
/* Settles the encoding by the first character of data[0, size) that is not ASCII; *out_changed: the data were converted. */
tend_status tend_csv_text_settle(tend_csv_text *text, size_t size, bool *out_changed, tend_error *err) TEND_MUST_USE;
/* The error for a NUL byte somewhere in data[0, size). */
tend_status tend_csv_text_fail_nul(const tend_csv_text *text, size_t size, tend_error *err);

#endif
