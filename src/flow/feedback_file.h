/* Feedback from a file: each row held against the model's classes and the prediction log, what is new appended to the journal.
 */
#ifndef TEND_FLOW_FEEDBACK_FILE_H
#define TEND_FLOW_FEEDBACK_FILE_H

#include "base/node.h"
#include "model/model.h"

typedef struct tend_feedback_options {
    const char *store; /* the folder .tend */
    const char *name;  /* of the model in the registry, and so of its logs */
    const tend_model *model;
    const char *who;
} tend_feedback_options;

/* A row that was not taken: its place ("labels.csv:12"), what is wrong with it, and a hint or "". */
typedef struct tend_feedback_fault {
    const char *where, *message, *hint;
} tend_feedback_fault;

enum { TEND_FEEDBACK_FAULTS = 10 }; /* so many of each kind are told */

typedef struct tend_feedback_result {
    int64_t n_read, n_new, n_changed, n_unchanged, n_unknown, n_invalid;
    int64_t n_repeated; /* a later row of the same file is about the same id: that one counts */
    tend_feedback_fault unknown[TEND_FEEDBACK_FAULTS], invalid[TEND_FEEDBACK_FAULTS];
} tend_feedback_result;

/* Adds to `io`. What was appended before a failure stays; giving the file again is safe. */
tend_status tend_feedback_file(const tend_feedback_options *options, const char *path, tend_arena *arena, tend_feedback_result *io,
                               tend_error *err) TEND_MUST_USE;

#endif
