/* Diagnostics: all faults at once.
 *
 * Parsers of configuration, data and requests do not stop at the first fault: they push each one here and
 * go on. The list lives in an arena; it is bounded (TEND_DIAG_MAX kept, the rest counted). Not thread-safe.
 */
#ifndef TEND_BASE_DIAG_H
#define TEND_BASE_DIAG_H

#include "base/arena.h"
#include "base/error.h"

#define TEND_DIAG_MAX 200

typedef enum tend_severity { TEND_SEVERITY_INFO, TEND_SEVERITY_WARNING, TEND_SEVERITY_ERROR } tend_severity;

typedef struct tend_diag {
    tend_severity severity;
    tend_error error;
    struct tend_diag *next;
} tend_diag;

typedef struct tend_diags {
    tend_arena *arena;
    tend_diag *first, *last;
    size_t n_errors, n_warnings, n_dropped; /* counts of all that were pushed, also those not kept */
    size_t n_kept;
    tend_error *spare; /* private: what tend_diags_add returns when the list is full */
} tend_diags;

void tend_diags_init(tend_diags *diags, tend_arena *arena);
/* Adds a diagnostic and returns its error, so that a hint can be added; never NULL. */
tend_error *tend_diags_add(tend_diags *diags, tend_severity severity, tend_status code, tend_span span, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void tend_diags_push(tend_diags *diags, tend_severity severity, const tend_error *error);
/* TEND_OK when no error was pushed; else the first error's code, with `err` filled from the first error. */
tend_status tend_diags_status(const tend_diags *diags, tend_error *err);
const char *tend_severity_name(tend_severity severity); /* "warning" */

#endif
