/* The records of a JSON or NDJSON file as slices of text, one after the other, in flat memory. */
#ifndef TEND_DATA_JSON_RECORDS_H
#define TEND_DATA_JSON_RECORDS_H

#include "base/text.h"
#include "data/source.h"

typedef enum tend_json_layout {
    TEND_JSON_LINES,    /* an object per line */
    TEND_JSON_LIST,     /* [{…}, {…}] */
    TEND_JSON_DOCUMENT, /* one object that is a table as a whole */
} tend_json_layout;

typedef struct tend_json_records {
    const char *path;
    tend_source *source;
    tend_json_layout layout;
    char *window;
    size_t size, at, capacity;
    bool at_end, started, closed; /* started: behind the "[" of a list; closed: behind its "]" */
    uint32_t line, column;        /* of window[at] */
} tend_json_records;

/* `lines`: NDJSON by name; else told by the first characters. */
tend_status tend_json_records_open(tend_json_records *r, const char *path, bool lines, tend_error *err) TEND_MUST_USE;
void tend_json_records_close(tend_json_records *r);
tend_status tend_json_records_rewind(tend_json_records *r, tend_error *err) TEND_MUST_USE;
/* The next record, valid until the next call, and where it starts; out->at is NULL at the end. Of a DOCUMENT, all of it. */
tend_status tend_json_records_next(tend_json_records *r, tend_str *out, uint32_t *out_line, uint32_t *out_column,
                                   tend_error *err) TEND_MUST_USE;

#endif
