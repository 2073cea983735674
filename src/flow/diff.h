/* What differs between two things of the same kind: runs, snapshots, versions of a model, data files.
 */
#ifndef TEND_FLOW_DIFF_H
#define TEND_FLOW_DIFF_H

#include "flow/project.h"
#include "store/store.h"

/* a and b: run ids or "last"; snapshots by name or digest; versions; paths of data files (compared as tables). The document:
 *   runs, versions  {kind, a, b, params: [{name, a, b}], metrics: [{name, a, b, change}], configuration: [{key, a, b}], data: {…}}
 *   tables          {kind, a, b, rows: {a, b}, added: […], removed: […], retyped: […], rows_shared,
 *                    columns: [{column, test, distance, p, verdict, …}]} */
tend_status tend_flow_diff(const tend_project *project, tend_store *store, const char *a, const char *b, tend_arena *arena, tend_node **out,
                           tend_error *err) TEND_MUST_USE;

#endif
