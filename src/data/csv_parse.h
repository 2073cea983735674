/* From pieces of CSV text to the columns of a table, on several threads with the same result as on one. */
#ifndef TEND_DATA_CSV_PARSE_H
#define TEND_DATA_CSV_PARSE_H

#include "data/convert.h"
#include "data/csv_scan.h"
#include "data/reader.h"

typedef struct tend_csv_job {
    const char *path; /* lives as long as the tables and bad rows made */
    const char *text; /* what the cuts are of */
    const tend_csv_cuts *cuts;
    const tend_csv_dialect *dialect;
    const char *const *names; /* as path; one for each of the dialect's columns */
    tend_plan *plans;         /* a column that did not fit its plan is text afterwards, and its plan says so */
    const tend_missing *missing;
    bool check_utf8; /* rows that are not UTF-8 become bad rows */
    bool ragged_is_error;
    int threads;
    tend_bad_rows *bad; /* may be NULL: bad rows are dropped, which is right only for a second look */
} tend_csv_job;

/* What was met on the way, for the notes. */
typedef struct tend_csv_found {
    int64_t blank_lines, stray_quotes;
    uint32_t first_stray; /* line */
} tend_csv_found;

tend_status tend_csv_parse(const tend_csv_job *job, tend_arena *arena, tend_table **out, tend_csv_found *found,
                           tend_error *err) TEND_MUST_USE;

#endif
