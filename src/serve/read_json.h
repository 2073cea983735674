/* Rows from JSON, straight into the cells: objects by the schema's own column names. */
#ifndef TEND_SERVE_READ_JSON_H
#define TEND_SERVE_READ_JSON_H

#include "data/json_pull.h"
#include "model/inputs.h"

typedef struct serve_odd_key {
    int64_t row;
    const char *name; /* in the arena */
    bool twice;       /* a known one that came for the second time; else one that the model does not know */
    struct serve_odd_key *next;
} serve_odd_key;

typedef struct serve_reading {
    const tend_inputs *inputs;
    tend_rows *rows;
    tend_arena *arena;
    int64_t max_rows; /* 0: no limit */
    bool lenient;     /* keys that the model does not know are skipped, and what is not given is missing */
    bool extras;      /* keys that the model does not know are skipped */
    bool one;         /* after reading: the document was a single object */
    serve_odd_key *odd, **last;
    int64_t n_odd;
} serve_reading;

/* An object, or a list of objects. False: the pull parser has a fault, or one was set there (too many rows). */
bool serve_read_rows(serve_reading *reading, tend_json_pull *pull);
/* One object as one more row. */
bool serve_read_row(serve_reading *reading, tend_json_pull *pull);
/* One value into a column of the newest row. False as above. */
bool serve_read_value(serve_reading *reading, tend_json_pull *pull, int input);
/* A column that the table had, whether the model reads it or not: a row from the same source may bring it. */
bool serve_is_known_column(const tend_inputs *inputs, tend_str name);

#endif
