/* A request of MLflow's scoring protocol (mlflow/pyfunc/scoring_server), from bytes to rows: an object with exactly one of
 *
 *     {"dataframe_split": {"columns": [NAME, …], "data": [[VALUE, …], …]}}
 *     {"dataframe_records": [{NAME: VALUE, …}, …]}
 *     {"instances": [{NAME: VALUE, …}, …]}           or, for models that read numbers only, [[NUMBER, …], …]
 *     {"inputs": {NAME: [VALUE, …], …}}              or what instances may be
 *
 * and perhaps params; or CSV with a header. Columns that the model does not read are ignored, as MLflow does; NaN, which Python's JSON
 * has, is missing.
 */
#ifndef TEND_SERVE_MLFLOW_H
#define TEND_SERVE_MLFLOW_H

#include "serve/read_json.h"
#include "serve/service.h"

typedef enum serve_mlflow_payload {
    SERVE_MLFLOW_NONE,
    SERVE_MLFLOW_SPLIT,
    SERVE_MLFLOW_RECORDS,
    SERVE_MLFLOW_INSTANCES,
    SERVE_MLFLOW_INPUTS,
    SERVE_MLFLOW_CSV
} serve_mlflow_payload;

enum { SERVE_MLFLOW_SHOWN = 100 };

typedef struct serve_mlflow_request {
    serve_reading *reading; /* where rows go */
    tend_arena *arena;
    serve_mlflow_payload payload;
    bool by_column;     /* inputs: a list per column */
    bool by_order;      /* rows are lists of numbers */
    bool explain, full; /* params */
    int *places;        /* dataframe_split, CSV: the input of each column; else NULL */
    int n_places;
    serve_fault faults[SERVE_MLFLOW_SHOWN];
    int n_faults;
    int64_t n_faults_total;
} serve_mlflow_request;

/* False: the pull parser has a fault. What else is wrong is in `faults`, and in the rows. */
bool serve_mlflow_read_json(serve_mlflow_request *r, tend_json_pull *pull);
void serve_mlflow_read_csv(serve_mlflow_request *r, tend_str text);
/* "/dataframe_split/data/3/0" */
const char *serve_mlflow_pointer(const serve_mlflow_request *r, tend_arena *arena, int64_t row, const char *column);
/* Of a Content-Type: what is wrong with it, or NULL; out_csv says which of the two it is. */
const char *serve_mlflow_content_fault(tend_str content_type, bool *out_csv);

#endif
