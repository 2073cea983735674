/* What a query gives, as columns of ours. Private to the room.
 *
 * The engine's types become ours: booleans; all whole numbers as integers (128-bit and unsigned
 * ones too while each value fits in 64 bits, else the column becomes numbers); FLOAT, DOUBLE and
 * DECIMAL as numbers; DATE; every kind of timestamp as microseconds UTC; text and enumerations as
 * strings. What else there is (times, intervals, lists, structs, blobs …) is cast to text by the
 * query beforehand.
 */
#ifndef TEND_ENGINE_RESULT_H
#define TEND_ENGINE_RESULT_H

#include "data/table.h"
#include "engine/duckdb_api.h"

typedef struct tend_result_column tend_result_column;

/* Columns under construction, in malloc'd memory that doubles as rows come. */
typedef struct tend_result {
    int n_columns;
    int64_t n_rows;
    tend_result_column *columns;
    bool fixed_types; /* whole numbers that do not fit are an error: other batches may be out
                         already */
} tend_result;

/* Whether the engine's type is one that this file converts; others must be cast to text first. */
bool tend_result_converts(duckdb_type type);
void tend_result_init(tend_result *result, duckdb_result *query, bool fixed_types);
void tend_result_done(tend_result *result);
tend_status tend_result_add(tend_result *result, duckdb_data_chunk chunk, tend_error *err) TEND_MUST_USE;
/* The rows so far as a table that lives in the arena (memory is handed over, not copied); the
 * result is empty again. */
tend_table *tend_result_take(tend_result *result, tend_arena *arena);

#endif
