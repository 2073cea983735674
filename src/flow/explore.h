/* Looking at data outside a run: a profile of any table, and any table held against the project's expectations.
 */
#ifndef TEND_FLOW_EXPLORE_H
#define TEND_FLOW_EXPLORE_H

#include "flow/project.h"

typedef struct tend_explore_options {
    const char *const *paths; /* files, patterns or folders; one table together */
    int n_paths;
    const char *target; /* NULL: no associations */
} tend_explore_options;

/* {"title", "profile", "anomalies", "associations": [{"column", "score", "kind"}], "correlations": {"columns", "matrix"}, "notes"}.
 * Anomalies: constant, identifier, collinear columns, duplicate rows and, with a target, leaks. */
tend_status tend_explore_files(const tend_explore_options *options, tend_arena *arena, tend_node **out, tend_error *err) TEND_MUST_USE;
/* The same of a table in memory. */
tend_status tend_explore_table(const tend_table *table, const char *title, const char *target, tend_arena *arena, tend_node **out,
                               tend_error *err) TEND_MUST_USE;

typedef struct tend_check_files_result {
    int64_t n_rows, n_quarantined;
    int n_errors, n_warnings;
    tend_node *document; /* data/check.h's */
} tend_check_files_result;

/* `quarantine`: where the offending rows go as CSV (reason, place, columns); NULL: nowhere. */
tend_status tend_explore_check(tend_project *project, const char *const *paths, int n_paths, const char *quarantine, tend_arena *arena,
                               tend_check_files_result *out, tend_error *err) TEND_MUST_USE;

#endif
