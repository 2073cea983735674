/* What readers share: types from the schema and from the values brought together. */
#ifndef TEND_DATA_SETTLE_H
#define TEND_DATA_SETTLE_H

#include "base/thread.h"
#include "data/convert.h"
#include "data/reader.h"

/* The words for missing values: the options', else the schema's, else the usual ones. */
void tend_settle_missing(const tend_read_options *options, tend_arena *arena, tend_missing *out);
/* How the column `name` is to be read, after a look at some (`all`: at all) of its values. */
tend_plan tend_settle_plan(const tend_kinds *kinds, const tend_schema *schema, const char *name, bool all);
/* Whether the schema gives the type of every column. */
bool tend_settle_is_declared(const tend_schema *schema, const char *const *names, int n);
/* Whether the schema says all there is to say, so that no value needs to be looked at (how dates are written it does not say). */
bool tend_settle_is_known(const tend_schema *schema, const char *name);
/* A column that was read as text although it may be something else (an open plan) is judged by all its values and made anew
 * where that helps; its notes are added. `name` and `path` outlive the bad rows. */
void tend_settle_column(tend_table *table, int column, const tend_plan *read_as, const tend_schema *schema, const tend_missing *missing,
                        tend_bad_rows *bad, const char *path, const char *name, tend_arena *arena, tend_node *notes);

#endif
