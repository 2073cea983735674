/* Our tables as DuckDB sees them: a table function whose columns are filled straight from ours,
 * chunk by chunk, only those the query asks for. Private to the room.
 */
#ifndef TEND_ENGINE_SCAN_H
#define TEND_ENGINE_SCAN_H

#include "data/table.h"
#include "engine/duckdb_api.h"

#include <pthread.h>

/* The name of the column that numbers the rows, for results that must come back in the table's
 * order. */
#define TEND_SCAN_ROW "tend row"

/* What tend_scan() reads. Either one table, or a stream of tables that another thread hands over
 * one by one. */
typedef struct tend_scan {
    const tend_table *table;
    bool number_rows;               /* a further column TEND_SCAN_ROW */
    int64_t at;                     /* next row */
    struct tend_handover *handover; /* NULL: one table */
} tend_scan;

/* A stream: the giver sets `table` and waits until it is taken; NULL with `ended` is the end. */
typedef struct tend_handover {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const tend_table *table;
    bool ended, abandoned, stopped; /* stopped: the taking thread is gone */
} tend_handover;

/* Makes `SELECT … FROM tend_scan()` read scan, which may change between statements. It must outlive
 * the session. */
tend_status tend_scan_register(tend_duck_session *session, tend_scan *scan, tend_error *err) TEND_MUST_USE;
/* SQL does not tell names apart by case: two columns that differ by it only are an error. */
tend_status tend_scan_check_names(const tend_table *table, tend_error *err) TEND_MUST_USE;

#endif
