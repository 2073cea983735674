/* One statement that gives rows, from text to chunks. Private to the room. */
#ifndef TEND_ENGINE_STATEMENT_H
#define TEND_ENGINE_STATEMENT_H

#include "data/table.h"
#include "engine/duckdb_api.h"
#include "engine/sql_error.h"

typedef struct tend_statement {
    duckdb_prepared_statement prepared;
    duckdb_result result;
    bool running;
    const tend_sql_source *source; /* NULL: ours */
} tend_statement;

/* Prepares and starts `sql`, which must be one SELECT; columns of types that tables do not have are
 * cast to text (lists and structs to JSON). Names of the result are unique or it is an error. */
tend_status tend_statement_start(tend_statement *statement, tend_duck_session *session, const char *sql, const tend_sql_source *source,
                                 tend_error *err) TEND_MUST_USE;
/* The next chunk, which the caller destroys; NULL at the end. */
tend_status tend_statement_next(tend_statement *statement, duckdb_data_chunk *out, tend_error *err) TEND_MUST_USE;
void tend_statement_done(tend_statement *statement);
static inline void tend_statement_auto_done(tend_statement *statement) { tend_statement_done(statement); }
#define TEND_AUTO_STATEMENT __attribute__((cleanup(tend_statement_auto_done))) tend_statement

/* Start, all chunks, one table. */
tend_status tend_statement_table(tend_duck_session *session, const char *sql, const tend_sql_source *source, tend_arena *arena,
                                 tend_table **out, tend_error *err) TEND_MUST_USE;

#endif
