/* An expression over the rows of one table, one value per row, in the table's order. Private to the
 * room. */
#ifndef TEND_ENGINE_EXPRESSION_H
#define TEND_ENGINE_EXPRESSION_H

#include "engine/scan.h"
#include "engine/sql_error.h"

/* The table is read in place, only the columns that the expression names. CONFIG when the text is
 * no expression (a statement, brackets that do not match, an aggregate, which has no value per
 * row). */
tend_status tend_expression_column(tend_duck_session *session, tend_scan *scan, const tend_table *table, const tend_sql_source *source,
                                   tend_arena *arena, tend_column *out, tend_error *err) TEND_MUST_USE;

#endif
