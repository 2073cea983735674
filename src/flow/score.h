/* Batch scoring: a stream of rows in, their predictions out, in flat memory.
 *
 * Each batch is read, held against the model's schema, predicted and written before the next one is read. Rows that break the schema
 * (a cell of the wrong type, a rule of severity quarantine or error) are not guessed: they go to `rejected` with the reason and are missing
 * from the output. Output columns: those kept, then `prediction`, for classes also `probability` (binary: of the positive class) or
 * `probability_<class>`, and `model`, which names the version; with `explain` then `contribution_base` and `contribution_<feature>`
 * (model/explain.h): of the only margin, or of the predicted class's.
 */
#ifndef TEND_FLOW_SCORE_H
#define TEND_FLOW_SCORE_H

#include "data/reader.h"
#include "model/model.h"

typedef struct tend_score_options {
    const tend_model *model;
    const char *version;     /* what the `model` column says: "census/3" */
    const char *data;        /* path; "-" is not supported: a stream cannot be sniffed twice */
    const char *output;      /* path; NULL or "-": CSV on stdout */
    const char *rejected;    /* path of a CSV file; NULL: not written */
    const char *const *keep; /* columns of the data to repeat; n_keep < 0: all */
    int n_keep;
    bool explain;
    int64_t batch_rows; /* 0: 65,536 */
} tend_score_options;

typedef struct tend_score_result {
    int64_t n_read, n_predicted, n_rejected, n_warned; /* warned: predicted, though a rule of severity warning was broken */
    tend_node *reasons;                                /* [{"reason", "rows", "first"}], the most frequent first; in the arena */
} tend_score_result;

tend_status tend_score_file(const tend_score_options *options, tend_arena *arena, tend_score_result *out, tend_error *err) TEND_MUST_USE;

#endif
