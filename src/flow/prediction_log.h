/* The prediction log of a model, as SQL sees it (docs/formats/predictions.md).
 *
 * Two views stand for a query:
 *     predictions   id, time, model, version, route, request, latency_us, features, prediction, probability, probabilities, target
 *     feedback      id, time, target, who: the last of each id
 * `target` is what turned out to be true, NULL as long as nobody has said; `features` and `probabilities` are JSON (features->>'age').
 * `prediction` and `target` are texts, or numbers when the model's predictions are numbers.
 */
#ifndef TEND_FLOW_PREDICTION_LOG_H
#define TEND_FLOW_PREDICTION_LOG_H

#include "data/table.h"

typedef struct tend_prediction_query {
    const char *store; /* the folder .tend */
    const char *model;
    int64_t since;           /* only predictions from this time on, microseconds; INT64_MIN: all */
    const tend_table *given; /* a further table of this name; NULL: none */
    const char *sql;
    tend_span where; /* of the SQL, when it is the user's */
} tend_prediction_query;

#define TEND_PREDICTION_QUERY_INIT ((tend_prediction_query){.since = INT64_MIN})

char *tend_predictions_folder(const char *store, const char *model, tend_arena *arena);
char *tend_feedback_folder(const char *store, const char *model, tend_arena *arena);
/* The models that have a log, sorted. */
tend_status tend_predictions_models(const char *store, tend_arena *arena, char ***out, size_t *out_n, tend_error *err) TEND_MUST_USE;
/* The bytes that its log takes. */
tend_status tend_predictions_size(const char *store, const char *model, uint64_t *out_bytes, tend_error *err) TEND_MUST_USE;
/* Other processes may append, seal and remove segments meanwhile. What was acknowledged before is seen. */
tend_status tend_predictions_query(const tend_prediction_query *query, tend_arena *arena, tend_table **out, tend_error *err) TEND_MUST_USE;

#endif
