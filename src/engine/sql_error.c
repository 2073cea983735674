#include "engine/sql_error.h"

#include "base/node.h"
#include "base/text.h"
#include "engine/scan.h"

#include <ctype.h>
#include <stdlib.h>

/* What each class of the engine's errors is to the user. */
static const struct {
    const char *type;
    tend_status code;
} classes[] = {
    {"Parser", TEND_CONFIG},     {"Syntax", TEND_CONFIG},       {"Binder", TEND_CONFIG}, {"Catalog", TEND_CONFIG},
    {"Permission", TEND_CONFIG}, {"Out of Memory", TEND_LIMIT}, {"IO", TEND_IO},         {"INTERRUPT", TEND_CANCELLED},
    {"INTERNAL", TEND_BUG},      {"FATAL", TEND_BUG},
};

static tend_status class_of(const char *type) {
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strcmp(classes[i].type, type) == 0)
            return classes[i].code;
    return TEND_INVALID;
}

void tend_sql_quote(tend_buf *out, const char *text, char quote) {
    tend_buf_putc(out, quote);
    for (; *text; text++) {
        if (*text == quote)
            tend_buf_putc(out, quote);
        tend_buf_putc(out, *text);
    }
    tend_buf_putc(out, quote);
}

static size_t word_at(const char *text, size_t size, size_t at) {
    size_t end = at;
    while (end < size && (isalnum((unsigned char)text[end]) || text[end] == '_' || (unsigned char)text[end] >= 0x80))
        end++;
    return end > at ? end - at : 1;
}

tend_span tend_sql_span(const tend_sql_source *source, size_t at) {
    tend_span span = source->where;
    at = at < source->size ? at : source->size;
    size_t line_start = 0;
    for (size_t i = 0; i < at; i++)
        if (source->text[i] == '\n') {
            span.line += span.line > 0;
            line_start = i + 1;
        }
    span.column += (uint32_t)(at - line_start);
    span.length = (uint32_t)word_at(source->text, source->size, at);
    return span;
}

/* One line without the exclamation mark; what follows it goes to the hint. */
static void split_lines(const char *message, size_t *out_first, const char **out_rest) {
    size_t size = strcspn(message, "\n");
    const char *rest = message + size;
    while (*rest == '\n' || *rest == '\t' || *rest == ' ')
        rest++;
    while (size > 0 && (message[size - 1] == '!' || message[size - 1] == '.' || message[size - 1] == ' '))
        size--;
    *out_first = size;
    *out_rest = rest;
}

/* The one of the engine's candidates that looks most like what was written; its own tables are not
 * what anybody means. */
static const char *nearest_candidate(const char *name, const char *candidates, tend_arena *arena) {
    const char *words[32];
    size_t n = 0;
    for (const char *at = candidates; *at && n < sizeof words / sizeof *words;) {
        size_t size = strcspn(at, ",");
        const char *word = tend_arena_strndup(arena, at, size);
        if (strcmp(word, TEND_SCAN_ROW) != 0 && !tend_text_has_prefix(word, "pg_") && !tend_text_has_prefix(word, "duckdb_") &&
            !tend_text_has_prefix(word, "sqlite_"))
            words[n++] = word;
        at += size + (at[size] == ',');
        at += strspn(at, " ");
    }
    return n == 1 ? words[0] : tend_text_nearest(name, words, n);
}

/* The rest of the message as one line. */
static void set_rest(const char *rest, tend_status code, tend_error *err) {
    TEND_AUTO_BUF line = TEND_BUF_INIT;
    for (; *rest; rest++)
        if (*rest != '\t')
            tend_buf_putc(&line, *rest == '\n' ? ' ' : *rest);
    while (line.size > 0 && line.data[line.size - 1] == ' ')
        line.data[--line.size] = '\0';
    if (line.size > 0)
        tend_error_hint(err, code, "%s", tend_buf_text(&line));
}

static void set_hint(const tend_node *json, const char *rest, tend_status code, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *candidates = tend_node_string(tend_node_get(json, "candidates"), "");
    const char *name = tend_node_string(tend_node_get(json, "name"), "");
    bool missing = strcmp(tend_node_string(tend_node_get(json, "error_subtype"), ""), "NO_MATCHING_FUNCTION") != 0;
    const char *near = missing && *candidates ? nearest_candidate(name, candidates, arena) : NULL;
    if (near)
        tend_error_hint(err, code, "did you mean '%s'?", near);
    else if (strstr(rest, TEND_SCAN_ROW)) /* our own column, which nobody knows */
        return;
    else if (!missing || !*candidates || tend_text_has_prefix(rest, "Candidate"))
        set_rest(rest, code, err);
}

/* A file's name where a table's should stand. */
static bool names_file(const tend_node *json) {
    const char *name = tend_node_string(tend_node_get(json, "name"), "");
    const char *dot = strrchr(name, '.');
    return strcmp(tend_node_string(tend_node_get(json, "type"), ""), "Table") == 0 && (strchr(name, '/') || (dot && strlen(dot) > 2));
}

static tend_status refused_access(tend_error *err, tend_status code) {
    tend_error_set(err, code, __FILE__, __LINE__, "SQL may not read or write files");
    return tend_error_hint(err, code, "name the file under data.sources; the query sees it as a table of that name");
}

static tend_status from_json(const tend_node *json, const tend_sql_source *source, tend_error *err) {
    const char *message = tend_node_string(tend_node_get(json, "exception_message"), "");
    const char *type = tend_node_string(tend_node_get(json, "exception_type"), "");
    const char *position = tend_node_string(tend_node_get(json, "position"), NULL);
    tend_status code = class_of(type), given = code;
    size_t first = 0;
    const char *rest = NULL;
    split_lines(message, &first, &rest);
    if (source && (strcmp(type, "Permission") == 0 || names_file(json))) {
        refused_access(err, code);
    } else {
        tend_error_set(err, code, __FILE__, __LINE__, "SQL: %.*s", (int)first, message);
        set_hint(json, rest, code, err);
    }
    if (!source)
        return given;
    size_t at = position ? strtoul(position, NULL, 10) : 0;
    at = at > source->prefix ? at - source->prefix : 0;
    return tend_error_at(err, given, position ? tend_sql_span(source, at) : source->where);
}

tend_status tend_sql_fail(const char *message, const tend_sql_source *source, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_node *json = NULL;
    const char *brace = message ? strchr(message, '{') : NULL;
    if (brace && tend_json_parse(brace, strlen(brace), "SQL", arena, &json, NULL) == TEND_OK)
        return from_json(json, source, err);
    const char *text = message ? message : "the SQL engine gave no reason";
    return TEND_FAIL(err, INVALID, "SQL: %.*s", (int)strcspn(text, "\n"), text);
}
