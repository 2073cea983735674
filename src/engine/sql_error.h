/* The engine's errors as ours. Private to the room.
 *
 * The engine tells its errors as JSON (errors_as_json): class, message, byte position in the
 * statement, candidates. The position is turned into line and column of the file the SQL stands in.
 */
#ifndef TEND_ENGINE_SQL_ERROR_H
#define TEND_ENGINE_SQL_ERROR_H

#include "base/buf.h"

#include <stddef.h>

/* Where a statement came from: the user's text begins at byte `prefix` of the statement and has
 * `size` bytes. */
typedef struct tend_sql_source {
    const char *text; /* the user's */
    size_t size, prefix;
    tend_span where; /* of its first character */
} tend_sql_source;

/* `message` as the engine gives it; `source` NULL: a statement of our own. */
tend_status tend_sql_fail(const char *message, const tend_sql_source *source, tend_error *err);
/* Appends a name in double quotes or a text in single ones, whatever is in it. */
void tend_sql_quote(tend_buf *out, const char *text, char quote);
/* The place of a byte of the user's text, as long as the word that stands there. Lines after the
 * first begin in the same column, as they do in a YAML block. */
tend_span tend_sql_span(const tend_sql_source *source, size_t at);

#endif
