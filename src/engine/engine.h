/* The SQL engine (DuckDB), loaded on first use: tables in, tables out.
 *
 * It runs on one thread so that equal inputs give equal bits (its parallel sums do not), keeps insertion order, never touches the network,
 * and reads no file by itself: what SQL sees are the tables that were registered. Not thread-safe.
 */
#ifndef TEND_ENGINE_ENGINE_H
#define TEND_ENGINE_ENGINE_H

#include "data/check.h"
#include "data/reader.h"

typedef struct tend_engine tend_engine;

/* UNSUPPORTED with the remedy when the library cannot be found (TEND_DUCKDB, beside the program, the system's folders). */
tend_status tend_engine_open(tend_engine **out, tend_error *err) TEND_MUST_USE;
void tend_engine_free(tend_engine *engine);
TEND_DEFINE_AUTO(tend_engine)
const char *tend_engine_version(void); /* "v1.5.6", or NULL before the first open */
/* Makes a table visible to SQL under `name` (replaces one of that name). */
tend_status tend_engine_register(tend_engine *engine, const char *name, const tend_table *table, tend_error *err) TEND_MUST_USE;

/* As open; SQL may also read these files, and no others. For logs, whose records are read when a query asks for them: */
tend_status tend_engine_open_files(const char *const *paths, size_t n, tend_engine **out, tend_error *err) TEND_MUST_USE;
/* A column of records: the key, and the SQL type that its values are read as. Both are ours, not the user's. */
typedef struct tend_engine_field {
    const char *name, *type;
} tend_engine_field;
/* Some of those files, newline-delimited JSON, packed (.zst) or not, as a view. A line that is no JSON (torn by a crash), or that lacks the
 * first field, is left out; another key that is absent, or not of its type, is NULL. No files: a view without rows. */
tend_status tend_engine_register_records(tend_engine *engine, const char *name, const char *const *paths, size_t n,
                                         const tend_engine_field *fields, int n_fields, tend_error *err) TEND_MUST_USE;
/* A view made of a query of ours. */
tend_status tend_engine_view(tend_engine *engine, const char *name, const char *sql, tend_error *err) TEND_MUST_USE;

/* One statement that gives rows. `where` is the place of the SQL's first character in the user's file: the engine's own
 * "LINE n" and caret are turned into that file's line and column; the message is the engine's first line, its "Did you mean" the hint. */
tend_status tend_engine_query(tend_engine *engine, const char *sql, tend_span where, tend_arena *arena, tend_table **out,
                              tend_error *err) TEND_MUST_USE;
/* A condition over the rows of one table: out[i] = 1 true, 0 false, 2 NULL. Only an expression, no statement. */
tend_status tend_engine_condition(tend_engine *engine, const tend_table *table, const char *expression, tend_span where, uint8_t *out,
                                  tend_error *err) TEND_MUST_USE;
/* A numeric expression over the rows of one table (a rule for a regression: "mean_price * 1.1"); NaN for NULL. Booleans give 0/1. */
tend_status tend_engine_numbers(tend_engine *engine, const tend_table *table, const char *expression, tend_span where, double *out,
                                tend_error *err) TEND_MUST_USE;
/* A text expression over the rows (a rule that names classes); missing for NULL. */
tend_status tend_engine_texts(tend_engine *engine, const tend_table *table, const char *expression, tend_span where, tend_arena *arena,
                              tend_column *out, tend_error *err) TEND_MUST_USE;

extern const tend_format tend_format_parquet; /* read (streaming, flat memory) and written (zstd, row groups as batches come) */

#endif
