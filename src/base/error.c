#include "base/error.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define ELLIPSIS "\xE2\x80\xA6"

typedef struct code_row {
    const char *name, *text;
    int exit_status, http;
} code_row;

static const code_row CODES[] = {
#define X(name, exit_status, http, text) {#name, text, exit_status, http},
    TEND_CODES(X)
#undef X
};

static const code_row *row_of(tend_status code) {
    size_t n = sizeof CODES / sizeof *CODES;
    return (size_t)code < n ? &CODES[code] : &CODES[TEND_BUG];
}

/* Puts an ellipsis at the end of a text that did not fit, without leaving half a character before
 * it. */
static void mark_cut(char *text, size_t capacity) {
    size_t at = capacity - sizeof ELLIPSIS;
    while (at > 0 && ((unsigned char)text[at] & 0xC0) == 0x80)
        at--;
    memcpy(text + at, ELLIPSIS, sizeof ELLIPSIS);
}

/* What a message quotes may come from a damaged or a hostile file, and the message goes to terminals
 * and into JSON: a line break or tab becomes a blank, another control character (also U+0080 to
 * U+009F: some terminals obey them) or a byte that is no UTF-8 a question mark. */
static void make_printable(char *text) {
    for (unsigned char *p = (unsigned char *)text; *p; p++) {
        if (*p < ' ')
            *p = *p == '\n' || *p == '\t' ? ' ' : '?';
        else if (*p == 0x7F || (*p == 0xC2 && p[1] >= 0x80 && p[1] < 0xA0))
            *p = '?'; /* what is left of U+0080 is no UTF-8 then */
    }
    size_t at;
    while (!tend_utf8_is_valid(text, strlen(text), &at))
        text[at] = '?';
}

static void fill(char *out, size_t capacity, const char *format, va_list args) __attribute__((format(printf, 3, 0)));
static void fill(char *out, size_t capacity, const char *format, va_list args) {
    /* Through a copy: the arguments may well point into the error that is being filled. */
    char text[sizeof(((tend_error *)NULL)->message)];
    int n = vsnprintf(text, capacity, format, args);
    if (n < 0)
        text[0] = '\0';
    else if ((size_t)n >= capacity)
        mark_cut(text, capacity);
    make_printable(text);
    memcpy(out, text, strlen(text) + 1);
}

static void copy_cut(char *out, size_t capacity, const char *text) {
    size_t size = strlen(text);
    if (size < capacity) {
        memcpy(out, text, size + 1);
        return;
    }
    memcpy(out, text, capacity - 1);
    out[capacity - 1] = '\0';
    mark_cut(out, capacity);
}

tend_status tend_error_set(tend_error *err, tend_status code, const char *src_file, int src_line, const char *format, ...) {
    if (!err)
        return code;
    char message[sizeof err->message];
    va_list args;
    va_start(args, format);
    fill(message, sizeof message, format, args);
    va_end(args);
    *err = (tend_error){.code = code, .src_file = src_file, .src_line = src_line};
    memcpy(err->message, message, strlen(message) + 1);
    return code;
}

tend_status tend_error_hint(tend_error *err, tend_status code, const char *format, ...) {
    if (!err)
        return code;
    va_list args;
    va_start(args, format);
    fill(err->hint, sizeof err->hint, format, args);
    va_end(args);
    return code;
}

tend_status tend_error_at(tend_error *err, tend_status code, tend_span span) {
    if (!err)
        return code;
    copy_cut(err->file, sizeof err->file, span.file ? span.file : "");
    err->line = span.line;
    err->column = span.column;
    err->length = span.length;
    return code;
}

tend_status tend_error_wrap(tend_error *err, tend_status code, const char *format, ...) {
    if (!err)
        return code;
    char what[sizeof err->message];
    va_list args;
    va_start(args, format);
    fill(what, sizeof what, format, args);
    va_end(args);
    char message[2 * sizeof err->message + 16];
    snprintf(message, sizeof message, "while %s: %s", what, err->message);
    copy_cut(err->message, sizeof err->message, message);
    return code;
}

const char *tend_status_name(tend_status code) { return row_of(code)->name; }

const char *tend_status_text(tend_status code) { return row_of(code)->text; }

int tend_status_exit(tend_status code) { return row_of(code)->exit_status; }

int tend_status_http(tend_status code) { return row_of(code)->http; }
