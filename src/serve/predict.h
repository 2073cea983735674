/* From rows to an answer, whatever the protocol: choose the version, read, check, predict, explain, log.
 *
 *     serve_answer a;
 *     if (!serve_begin(call, &a))                  // no such model, full log: it was answered
 *         return;
 *     … fill a.rows through serve_reading or tend_rows …
 *     if (!serve_predict(call, &a, pointer_of))    // faults: it was answered, each with its JSON pointer
 *         return;
 *     … write a.predictions in the protocol's form …
 *     serve_end(call, &a);                         // the log, the counters, the shadows
 */
#ifndef TEND_SERVE_PREDICT_H
#define TEND_SERVE_PREDICT_H

#include "serve/read_json.h"
#include "serve/service.h"
#include "store/prediction_id.h"

typedef struct serve_answer {
    const serve_endpoint *endpoint;
    serve_choice choice;
    serve_version *version;
    serve_lane *lane;
    tend_rows *rows; /* of the lane, empty */
    serve_reading reading;
    const tend_predictions *predictions;
    char id[TEND_PREDICTION_ID];
    int64_t at;       /* microseconds UTC */
    tend_str request; /* the client's own id */
    bool explain;
    int64_t first;    /* rows of earlier batches of the same stream */
    int64_t began_ns; /* monotonic */
} serve_answer;

/* A version asked for by number or alias: one that is loaded for some route. False: there is none, and it was answered. */
bool serve_choose_version(serve_call *call, const serve_endpoint *endpoint, tend_str name, serve_choice *out);
/* With the version that the path's second parameter names, when the route has one; else by the routes. */
bool serve_begin(serve_call *call, serve_answer *answer);
/* The same for a known endpoint. */
bool serve_begin_at(serve_call *call, const serve_endpoint *endpoint, serve_answer *answer);
/* The pointer to a value: row from 0, column by name. In the arena. */
typedef const char *(*serve_pointer)(const serve_answer *answer, tend_arena *arena, int64_t row, const char *column);
const char *serve_pointer_row(const serve_answer *answer, tend_arena *arena, int64_t row, const char *column); /* "/age", "/3/age" */
/* "a/b~c" as part of a pointer: "a~1b~0c". */
const char *serve_pointer_escape(tend_arena *arena, const char *name);
bool serve_predict(serve_call *call, serve_answer *answer, serve_pointer pointer);
#define SERVE_NOT_FINITE "the prediction is not a finite number: the values are too large for the model"
/* A body that is no JSON, or not of the expected shape: answered with its place. */
void serve_refuse_body(serve_call *call, serve_answer *answer, const tend_json_pull *pull);
/* Faults that were found before the rows were filled; the request counts as faulty. */
void serve_refuse_request(serve_call *call, serve_answer *answer, const char *title, const serve_fault *faults, int n, int64_t n_total);
void serve_end(serve_call *call, serve_answer *answer);
/* The client asks for explanations in its body. False: they are switched off, and it was answered. */
bool serve_ask_explanation(serve_call *call, serve_answer *answer);
/* What each feature (tend_explainer_part) contributed to the margin that serve_put_explanation tells of; valid until the next call. */
const double *serve_explain(serve_answer *answer, int64_t row, double *out_base);
/* ,"explanation":{"base":…,"margin":…,"values":{feature: contribution}} of one row: of the positive class's margin, the chosen class's,
 * or the number's. Appends. */
void serve_put_explanation(serve_answer *answer, int64_t row, tend_buf *out);
/* ,"warnings":[{pointer, found, expected}], when there are any. Appends. */
void serve_put_warnings(const serve_answer *answer, int64_t row, tend_arena *arena, serve_pointer pointer, tend_buf *out);

#endif
