/* The prediction log of each endpoint, as the workers write it: every worker gathers the lines of a round, and hands them to the journal
 * before the answers of that round leave the house.
 */
#ifndef TEND_SERVE_LOG_H
#define TEND_SERVE_LOG_H

#include "model/inputs.h"
#include "serve/settings.h"
#include "store/journal.h"

typedef struct serve_log serve_log;   /* of one endpoint: predictions and feedback */
typedef struct serve_logs serve_logs; /* of all; they stay open whatever is deployed */

serve_logs *serve_logs_new(const tend_serve_settings *settings, int n_lanes);
void serve_logs_free(serve_logs *logs);
TEND_DEFINE_AUTO(serve_logs)
/* The log of a model, opened when it is asked for first. One caller at a time. */
tend_status serve_logs_get(serve_logs *logs, const char *model, serve_log **out, tend_error *err) TEND_MUST_USE;
/* The lines of the round go to the journals. False: some could not be written, and the settings say that such predictions are refused. */
bool serve_logs_flush(serve_logs *logs, int lane);
void serve_logs_care(serve_logs *logs); /* about once a second: what cannot wait */
void serve_logs_pack(serve_logs *logs); /* what can */
int serve_logs_count(const serve_logs *logs);
serve_log *serve_logs_at(const serve_logs *logs, int i);

const char *serve_log_model(const serve_log *log);
/* No room, and the settings say to refuse. */
bool serve_log_refuses(const serve_log *log);
tend_journal *serve_log_predictions(const serve_log *log);
tend_journal *serve_log_feedback(const serve_log *log);

/* What one answer was, for the log. */
typedef struct serve_record {
    const char *id; /* of the request's first row; the others have ".1", ".2" … behind it */
    const char *model, *version, *route;
    int64_t number;
    tend_str request; /* the client's own id; size 0: none */
    int64_t at;       /* microseconds UTC */
    int64_t latency_us;
    int64_t first; /* what is before these rows of the same id */
} serve_record;

/* A line per row that is not bad, in the lane's buffer. */
void serve_log_add(serve_log *log, int lane, const serve_record *record, const tend_rows *rows, const tend_inputs *inputs,
                   const tend_predictions *predictions);
/* {"age":39,"town":"Bonn"}: one row as JSON. Appends. */
void serve_features_json(const tend_rows *rows, int64_t row, tend_buf *out);
/* ,"prediction":…,"probability":… as the log and the answers have it. Appends. */
void serve_outcome_json(const tend_model *model, const tend_predictions *p, int64_t row, tend_buf *out);

#endif
