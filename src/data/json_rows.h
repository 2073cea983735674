/* JSON values into columns of text: a column for each key, in order of first appearance; "a": {"b": 1} is the column a.b, and
 * what lies deeper is JSON text. What a value was in JSON is counted, since it says more than its text. */
#ifndef TEND_DATA_JSON_ROWS_H
#define TEND_DATA_JSON_ROWS_H

#include "base/dict.h"
#include "base/node.h"
#include "data/table.h"

typedef struct tend_json_counts {
    int64_t n_bool, n_number, n_string, n_nested;
} tend_json_counts;

typedef struct tend_json_column {
    const char *name;
    tend_column_builder *text;
    int64_t n; /* rows filled */
    tend_json_counts counts;
} tend_json_column;

typedef struct tend_json_rows {
    tend_arena *arena;
    const char *path;
    tend_dict *names;
    tend_json_column *columns;
    int n_columns, capacity;
    int64_t n_rows;
    tend_buf lines; /* u32 each */
} tend_json_rows;

void tend_json_rows_init(tend_json_rows *rows, const char *path, tend_arena *arena);
void tend_json_rows_done(tend_json_rows *rows);
/* One object as one row. DATA when it is none; UNSUPPORTED when two keys mean the same column, LIMIT beyond 100,000 columns. */
tend_status tend_json_rows_add(tend_json_rows *rows, const tend_node *object, uint32_t line, tend_error *err) TEND_MUST_USE;
/* A whole document: {"columns": […], "data": [[…]]}, {"a": […], "b": […]}, {"a": {"0": …}}, {"data": [{…}]}, or one record. */
tend_status tend_json_rows_add_document(tend_json_rows *rows, const tend_node *document, tend_error *err) TEND_MUST_USE;
/* The table of text columns, with places. */
tend_table *tend_json_rows_table(tend_json_rows *rows);

#endif
