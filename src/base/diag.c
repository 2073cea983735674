#include "base/diag.h"

#include <stdio.h>

void tend_diags_init(tend_diags *diags, tend_arena *arena) { *diags = (tend_diags){.arena = arena}; }

/* Whether one more is kept. The first error always is: tend_diags_status must be able to tell it.
 */
static bool has_room(const tend_diags *diags, tend_severity severity) {
    return diags->n_kept < TEND_DIAG_MAX || (severity == TEND_SEVERITY_ERROR && diags->n_errors == 0);
}

static tend_error *next_slot(tend_diags *diags, tend_severity severity) {
    bool keep = has_room(diags, severity);
    diags->n_errors += severity == TEND_SEVERITY_ERROR;
    diags->n_warnings += severity == TEND_SEVERITY_WARNING;
    if (!keep) {
        diags->n_dropped++;
        if (!diags->spare)
            diags->spare = TEND_NEW(diags->arena, tend_error);
        return diags->spare;
    }
    tend_diag *diag = TEND_NEW(diags->arena, tend_diag);
    diag->severity = severity;
    if (diags->last)
        diags->last->next = diag;
    else
        diags->first = diag;
    diags->last = diag;
    diags->n_kept++;
    return &diag->error;
}

tend_error *tend_diags_add(tend_diags *diags, tend_severity severity, tend_status code, tend_span span, const char *format, ...) {
    char message[sizeof(((tend_error *)NULL)->message) + 8];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    tend_error *err = next_slot(diags, severity);
    tend_error_set(err, code, NULL, 0, "%s", n < 0 ? "" : message);
    tend_error_at(err, code, span);
    return err;
}

void tend_diags_push(tend_diags *diags, tend_severity severity, const tend_error *error) { *next_slot(diags, severity) = *error; }

tend_status tend_diags_status(const tend_diags *diags, tend_error *err) {
    for (const tend_diag *diag = diags->first; diag; diag = diag->next) {
        if (diag->severity != TEND_SEVERITY_ERROR)
            continue;
        if (err)
            *err = diag->error;
        return diag->error.code;
    }
    return TEND_OK;
}

const char *tend_severity_name(tend_severity severity) {
    static const char *const names[] = {"info", "warning", "error"};
    return (size_t)severity < sizeof names / sizeof *names ? names[severity] : "error";
}
