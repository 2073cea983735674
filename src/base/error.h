/* Errors: one value, many renderers.
 *
 * A fallible function returns a tend_status and takes a caller-owned `tend_error *err` as its last
 * parameter. The status alone is enough to decide; the error carries what a person needs: a message
 * that names the place, what was found and what was expected, a hint with the nearest right thing,
 * and the span in the *user's* file or request. Filling an error never allocates, and NULL is a valid
 * `err` everywhere. Outputs are written only on success, `err` only on failure.
 *
 *     tend_status parse(const char *text, int *out_n, tend_error *err) {
 *         if (!*text)
 *             return TEND_FAIL(err, CONFIG, "expected a number, found nothing");
 *         TEND_TRY(parse_digits(text, out_n, err));
 *         return TEND_OK;
 *     }
 *
 * Rendering (terminal, JSON, application/problem+json) lives at the top: nothing below src/cli prints.
 * Threads: an error belongs to its caller; there is no last-error anywhere.
 */
#ifndef TEND_BASE_ERROR_H
#define TEND_BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* name, exit status of the command line, HTTP status, what it means in a word or two */
#define TEND_CODES(X)                          \
    X(OK, 0, 200, "ok")                        \
    X(REFUSED, 1, 409, "refused")              \
    X(USAGE, 2, 400, "wrong usage")            \
    X(CONFIG, 2, 422, "invalid configuration") \
    X(INVALID, 2, 422, "invalid value")        \
    X(UNSUPPORTED, 2, 501, "not supported")    \
    X(NOT_FOUND, 3, 404, "not found")          \
    X(LIMIT, 4, 413, "limit reached")          \
    X(BUSY, 4, 503, "busy")                    \
    X(IO, 5, 500, "input/output error")        \
    X(DATA, 5, 422, "unreadable data")         \
    X(CORRUPT, 5, 500, "corrupt data")         \
    X(CANCELLED, 130, 503, "cancelled")        \
    X(BUG, 70, 500, "internal error")

typedef enum tend_status {
#define X(name, exit_status, http, text) TEND_##name,
    TEND_CODES(X)
#undef X
} tend_status;

/* A place in a user's file or request. Lines and columns count from 1 (columns in bytes); line 0 means
 * "the whole file", file NULL means "no place". `file` is borrowed: it lives as long as what was parsed. */
typedef struct tend_span {
    const char *file;
    uint32_t line, column, length;
} tend_span;

typedef struct tend_error {
    tend_status code;
    char message[640]; /* one sentence, no trailing full stop or newline */
    char hint[320];    /* may be empty; rendered on a line of its own */
    char file[192];    /* the user's file; empty when there is no place */
    uint32_t line, column, length;
    const char *src_file; /* our own source position, for debugging */
    int src_line;
} tend_error;

#define TEND_ERROR_INIT ((tend_error){0})

/* Clears and fills `err`; returns `code`. Too long texts are cut at a UTF-8 boundary and end in "…". */
tend_status tend_error_set(tend_error *err, tend_status code, const char *src_file, int src_line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* The three below change an error that is already set; they do nothing on NULL and return the code they are
 * given, so that `return tend_error_hint(err, TEND_FAIL(err, …), …)` keeps the status. Prefer the macros. */
tend_status tend_error_hint(tend_error *err, tend_status code, const char *format, ...) __attribute__((format(printf, 3, 4)));
tend_status tend_error_at(tend_error *err, tend_status code, tend_span span);
/* Puts "while <what>: " before the message. */
tend_status tend_error_wrap(tend_error *err, tend_status code, const char *format, ...) __attribute__((format(printf, 3, 4)));

const char *tend_status_name(tend_status code); /* "NOT_FOUND" */
const char *tend_status_text(tend_status code); /* "not found" */
int tend_status_exit(tend_status code);
int tend_status_http(tend_status code);

#define TEND_FAIL(err, CODE, ...)          tend_error_set((err), TEND_##CODE, __FILE__, __LINE__, __VA_ARGS__)
#define TEND_FAIL_AT(err, CODE, span, ...) tend_error_at((err), TEND_FAIL((err), CODE, __VA_ARGS__), (span))
#define TEND_TRY(expr)                    \
    do {                                  \
        tend_status try_status_ = (expr); \
        if (try_status_ != TEND_OK)       \
            return try_status_;           \
    } while (0)
/* As TEND_TRY, and says what we were doing when it failed. */
#define TEND_TRY_WRAP(expr, err, ...)                                \
    do {                                                             \
        tend_status try_status_ = (expr);                            \
        if (try_status_ != TEND_OK)                                  \
            return tend_error_wrap((err), try_status_, __VA_ARGS__); \
    } while (0)

/* For the few calls whose failure changes nothing: say why beside it. */
#define TEND_IGNORE(expr)                                             \
    do {                                                              \
        tend_status ignored_status_ __attribute__((unused)) = (expr); \
    } while (0)

#define TEND_MUST_USE __attribute__((warn_unused_result))

#endif
