#include "data/json_records.h"

#include "base/arena.h"
#include "data/binary.h"

#include <stdlib.h>

enum { WINDOW = 256 << 10 };
#define MAX_RECORD ((size_t)1 << 30)

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static tend_status more(tend_json_records *r, tend_error *err) {
    if (r->at > 0) {
        memmove(r->window, r->window + r->at, r->size - r->at);
        r->size -= r->at;
        r->at = 0;
    }
    if (r->size >= MAX_RECORD)
        return TEND_FAIL_AT(err, LIMIT, ((tend_span){r->path, r->line, r->column, 0}), "this record is longer than a gigabyte");
    if (r->capacity < r->size + WINDOW) {
        r->capacity = 2 * r->capacity + WINDOW;
        r->window = tend_realloc(r->window, r->capacity);
    }
    size_t n;
    TEND_TRY(tend_source_read(r->source, r->window + r->size, r->capacity - r->size, &n, err));
    r->size += n;
    r->at_end = n == 0;
    return TEND_OK;
}

static void advance(tend_json_records *r, size_t n) {
    for (size_t i = 0; i < n; i++) {
        bool breaks = r->window[r->at + i] == '\n';
        r->line += breaks;
        r->column = breaks ? 1 : r->column + 1;
    }
    r->at += n;
}

/* To the next character that is no space; false at the end. */
static tend_status skip_spaces(tend_json_records *r, bool *out_any, tend_error *err) {
    for (;;) {
        while (r->at < r->size && is_space(r->window[r->at]))
            advance(r, 1);
        if (r->at < r->size || r->at_end)
            break;
        TEND_TRY(more(r, err));
    }
    *out_any = r->at < r->size;
    return TEND_OK;
}

/* A walk over JSON text that only knows strings and brackets. */
typedef struct bracket_scan {
    size_t at; /* from the start of the record */
    int64_t depth;
    bool in_string, escaped, complete;
} bracket_scan;

static void scan_brackets(bracket_scan *s, const char *text, size_t size) {
    for (; s->at < size && !s->complete; s->at++) {
        char c = text[s->at];
        if (s->in_string) {
            s->in_string = s->escaped || c != '"';
            s->escaped = !s->escaped && c == '\\';
            continue;
        }
        s->in_string = c == '"';
        s->depth += c == '{' || c == '[';
        s->depth -= c == '}' || c == ']';
        s->complete = s->depth <= 0;
    }
}

/* The text of the value that starts here, up to its closing bracket. */
static tend_status take_value(tend_json_records *r, tend_str *out, tend_error *err) {
    bracket_scan s = {0};
    for (;;) {
        scan_brackets(&s, r->window + r->at, r->size - r->at);
        if (s.complete || r->at_end)
            break;
        TEND_TRY(more(r, err));
    }
    *out = (tend_str){r->window + r->at, s.at};
    return TEND_OK;
}

static tend_status take_line(tend_json_records *r, tend_str *out, tend_error *err) {
    size_t n = 0;
    for (;;) {
        const char *end = memchr(r->window + r->at + n, '\n', r->size - r->at - n);
        n = end ? (size_t)(end - r->window) - r->at : r->size - r->at;
        if (end || r->at_end)
            break;
        TEND_TRY(more(r, err));
    }
    while (n > 0 && is_space(r->window[r->at + n - 1]))
        n--;
    *out = (tend_str){r->window + r->at, n};
    return TEND_OK;
}

static tend_status fail_here(const tend_json_records *r, const char *expected, tend_error *err) {
    tend_span span = {r->path, r->line, r->column, 1};
    if (r->at >= r->size)
        return TEND_FAIL_AT(err, DATA, span, "expected %s, found the end of the file", expected);
    char c = r->window[r->at];
    if (c >= ' ' && c < 0x7F)
        return TEND_FAIL_AT(err, DATA, span, "expected %s, found '%c'", expected, c);
    return TEND_FAIL_AT(err, DATA, span, "expected %s, found byte 0x%02X", expected, (unsigned char)c);
}

/* Between the elements of a list: "[", "," and "]". *out_any: an element follows. */
static tend_status next_element(tend_json_records *r, bool *out_any, tend_error *err) {
    TEND_TRY(skip_spaces(r, out_any, err));
    if (r->closed)
        return *out_any ? fail_here(r, "nothing behind the list", err) : TEND_OK;
    bool first = !r->started;
    if (*out_any && r->window[r->at] == ']' && !first) {
        advance(r, 1);
        r->closed = true;
        return next_element(r, out_any, err);
    }
    if (!*out_any || r->window[r->at] != (first ? '[' : ','))
        return fail_here(r, first ? "a list of objects" : "',' or ']'", err);
    advance(r, 1);
    r->started = true;
    TEND_TRY(skip_spaces(r, out_any, err));
    if (first && *out_any && r->window[r->at] == ']')
        return next_element(r, out_any, err);
    return *out_any && r->window[r->at] == '{' ? TEND_OK : fail_here(r, "an object", err);
}

tend_status tend_json_records_next(tend_json_records *r, tend_str *out, uint32_t *out_line, uint32_t *out_column, tend_error *err) {
    bool any;
    if (r->layout == TEND_JSON_LIST)
        TEND_TRY(next_element(r, &any, err));
    else
        TEND_TRY(skip_spaces(r, &any, err));
    *out_line = r->line;
    *out_column = r->column;
    if (!any) {
        *out = (tend_str){NULL, 0};
        return TEND_OK;
    }
    if (r->layout == TEND_JSON_LINES)
        TEND_TRY(take_line(r, out, err));
    else
        TEND_TRY(take_value(r, out, err));
    advance(r, out->size); /* counts; the text stays where it is until the next call */
    return TEND_OK;
}

/* ---- which layout ---- */

static tend_status start(tend_json_records *r, tend_error *err) {
    r->line = r->column = 1;
    TEND_TRY(more(r, err));
    if (r->size >= 3 && memcmp(r->window, "\xEF\xBB\xBF", 3) == 0)
        r->at = 3;
    return TEND_OK;
}

/* "{…}" and then another "{" is NDJSON, whatever the file is called. */
static tend_status sniff_layout(tend_json_records *r, bool lines, tend_error *err) {
    r->layout = TEND_JSON_LINES;
    bool any;
    TEND_TRY(skip_spaces(r, &any, err));
    if (!any || lines)
        return TEND_OK;
    r->layout = TEND_JSON_LIST;
    if (r->window[r->at] != '{')
        return TEND_OK;
    tend_str first;
    TEND_TRY(take_value(r, &first, err));
    size_t at = first.size;
    for (;;) {
        while (r->at + at < r->size && is_space(r->window[r->at + at]))
            at++;
        if (r->at + at < r->size || r->at_end)
            break;
        TEND_TRY(more(r, err));
    }
    r->layout = r->at + at < r->size && r->window[r->at + at] == '{' ? TEND_JSON_LINES : TEND_JSON_DOCUMENT;
    return TEND_OK;
}

tend_status tend_json_records_open(tend_json_records *r, const char *path, bool lines, tend_error *err) {
    *r = (tend_json_records){.path = path};
    TEND_TRY(tend_source_open(path, &r->source, err));
    TEND_TRY(start(r, err));
    TEND_TRY(tend_binary_refuse(path, r->window, r->size, false, err));
    return sniff_layout(r, lines, err);
}

void tend_json_records_close(tend_json_records *r) {
    tend_source_close(r->source);
    free(r->window);
    *r = (tend_json_records){0};
}

tend_status tend_json_records_rewind(tend_json_records *r, tend_error *err) {
    TEND_TRY(tend_source_rewind(r->source, err));
    r->size = r->at = 0;
    r->at_end = r->started = r->closed = false;
    return start(r, err);
}
