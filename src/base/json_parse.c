/* A strict JSON parser (RFC 8259): recursive descent over bytes in memory, one pass. */
#include "base/node.h"

#include "base/node_private.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct parser {
    const char *at, *end;
    const char *line_start;
    uint32_t line;
    const char *file;
    tend_arena *arena;
    tend_error *err;
    int depth;
} parser;

static tend_span span_from(const parser *p, const char *start) {
    return (tend_span){p->file, p->line, (uint32_t)(start - p->line_start) + 1, (uint32_t)(p->at - start)};
}

static tend_status fail_at(const parser *p, const char *where, uint32_t length, const char *message) {
    tend_span span = {p->file, p->line, (uint32_t)(where - p->line_start) + 1, length};
    return TEND_FAIL_AT(p->err, DATA, span, "%s", message);
}

/* What stands at a place, for messages: 'x', the byte 0x07, or the end of the text. */
static void describe(const parser *p, const char *where, char out[32]) {
    if (where >= p->end) {
        snprintf(out, 32, "the end of the text");
        return;
    }
    unsigned char c = (unsigned char)*where;
    size_t size = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if (c >= 0x20 && c != 0x7F && size <= (size_t)(p->end - where) && tend_utf8_is_valid(where, size, NULL))
        snprintf(out, 32, "'%.*s'", (int)size, where);
    else
        snprintf(out, 32, "the byte 0x%02X", c);
}

/* What other notations allow and JSON does not. */
static const struct {
    const char *start, *hint;
} HINTS[] = {
    {"'", "texts stand in double quotes"},
    {"//", "JSON has no comments"},
    {"/*", "JSON has no comments"},
    {"#", "JSON has no comments"},
    {"NaN", "JSON has no NaN: use null"},
    {"nan", "JSON has no NaN: use null"},
    {"Inf", "JSON has no infinity: use null"},
    {"inf", "JSON has no infinity: use null"},
    {"True", "JSON writes true"},
    {"False", "JSON writes false"},
    {"None", "JSON writes null"},
    {"+", "a number must not start with +"},
    {".", "a number must not start with a point: write 0.5 for .5"},
};

static tend_status expected(const parser *p, const char *what) {
    char found[32], message[160];
    describe(p, p->at, found);
    snprintf(message, sizeof message, "expected %s, found %s", what, found);
    tend_status status = fail_at(p, p->at, p->at < p->end, message);
    for (size_t i = 0; i < sizeof HINTS / sizeof *HINTS; i++) {
        size_t size = strlen(HINTS[i].start);
        if ((size_t)(p->end - p->at) >= size && memcmp(p->at, HINTS[i].start, size) == 0)
            return tend_error_hint(p->err, status, "%s", HINTS[i].hint);
    }
    return status;
}

static void skip_blanks(parser *p) {
    for (; p->at < p->end; p->at++) {
        if (*p->at == '\n') {
            p->line++;
            p->line_start = p->at + 1;
        } else if (*p->at != ' ' && *p->at != '\t' && *p->at != '\r') {
            return;
        }
    }
}

static bool take(parser *p, char c) {
    if (p->at >= p->end || *p->at != c)
        return false;
    p->at++;
    return true;
}

/* Moves over a string's inside to its closing quote; tells whether it holds escapes and bytes
 * beyond ASCII. */
static tend_status scan_string(parser *p, bool *out_escapes, bool *out_high) {
    const char *start = p->at - 1;
    unsigned char all = 0;
    bool escapes = false;
    for (; p->at < p->end && *p->at != '"'; p->at++) {
        unsigned char c = (unsigned char)*p->at;
        if (c < 0x20)
            return expected(p, "an escape such as \\n for a control character in a text");
        if (c == '\\') {
            escapes = true;
            if (++p->at == p->end)
                break;
        }
        all |= c;
    }
    if (p->at >= p->end)
        return fail_at(p, start, 1, "this text has no closing quote");
    *out_escapes = escapes;
    *out_high = all >= 0x80;
    return TEND_OK;
}

static tend_status check_utf8(const parser *p, const char *start, size_t size) {
    size_t bad_at;
    if (tend_utf8_is_valid(start, size, &bad_at))
        return TEND_OK;
    char message[64];
    snprintf(message, sizeof message, "the byte 0x%02X is not valid UTF-8", (unsigned char)start[bad_at]);
    return fail_at(p, start + bad_at, 1, message);
}

static int hex4(const char *at, const char *end) {
    if (end - at < 4)
        return -1;
    int v = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
        if (digit < 0)
            return -1;
        v = v << 4 | digit;
    }
    return v;
}

static char *put_utf8(char *out, uint32_t c) {
    if (c < 0x80) {
        *out++ = (char)c;
        return out;
    }
    int extra = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint32_t leads[] = {0, 0xC0, 0xE0, 0xF0};
    *out++ = (char)(leads[extra] | c >> (6 * extra));
    while (extra-- > 0)
        *out++ = (char)(0x80 | (c >> (6 * extra) & 0x3F));
    return out;
}

/* \uXXXX or a surrogate pair; *at points at the backslash and moves behind it. */
static tend_status unescape_unicode(const parser *p, const char **at, const char *end, char **out) {
    const char *start = *at;
    int c = hex4(start + 2, end);
    if (c < 0)
        return fail_at(p, start, 2, "expected four hexadecimal digits after \\u");
    *at += 6;
    uint32_t point = (uint32_t)c;
    if (c >= 0xD800 && c < 0xDC00) {
        int low = end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' ? hex4(*at + 2, end) : -1;
        if (low < 0xDC00 || low > 0xDFFF)
            return fail_at(p, start, 6, "expected the second half of a surrogate pair after this one");
        *at += 6;
        point = 0x10000 + (((uint32_t)c - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
    } else if (c >= 0xDC00 && c < 0xE000) {
        return fail_at(p, start, 6, "this is the second half of a surrogate pair without the first");
    }
    *out = put_utf8(*out, point);
    return TEND_OK;
}

static char unescaped(char c) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *found = c ? strchr(from, c) : NULL;
    return found ? to[found - from] : '\0';
}

/* An escape is never shorter than what it stands for: `out` has room for end - at bytes. */
static tend_status unescape(const parser *p, const char *at, const char *end, char *out, size_t *out_size) {
    char *start = out;
    while (at < end) {
        if (*at != '\\') {
            *out++ = *at++;
            continue;
        }
        if (at[1] == 'u') {
            TEND_TRY(unescape_unicode(p, &at, end, &out));
            continue;
        }
        char c = unescaped(at[1]);
        if (!c)
            return fail_at(p, at, 2, "unknown escape: expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
        *out++ = c;
        at += 2;
    }
    *out_size = (size_t)(out - start);
    return TEND_OK;
}

/* A string, from its opening quote on. */
static tend_status parse_text(parser *p, const char **out_text, size_t *out_size) {
    bool escapes = false, high = false;
    const char *start = ++p->at;
    TEND_TRY(scan_string(p, &escapes, &high));
    size_t size = (size_t)(p->at - start);
    if (high)
        TEND_TRY(check_utf8(p, start, size));
    char *text = tend_arena_alloc(p->arena, size + 1);
    if (escapes)
        TEND_TRY(unescape(p, start, p->at, text, &size));
    else
        memcpy(text, start, size);
    text[size] = '\0';
    p->at++;
    *out_text = text;
    *out_size = size;
    return TEND_OK;
}

static size_t skip_digits(parser *p) {
    const char *start = p->at;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
        p->at++;
    return (size_t)(p->at - start);
}

/* Moves over a number; tells whether it has a fraction or an exponent. */
static tend_status scan_number(parser *p, bool *out_float) {
    take(p, '-');
    const char *first = p->at;
    if (skip_digits(p) == 0)
        return expected(p, "a digit");
    if (*first == '0' && p->at - first > 1)
        return fail_at(p, first, (uint32_t)(p->at - first), "a number must not start with 0");
    *out_float = false;
    if (take(p, '.')) {
        *out_float = true;
        if (skip_digits(p) == 0)
            return expected(p, "a digit after the decimal point");
    }
    if (take(p, 'e') || take(p, 'E')) {
        *out_float = true;
        if (!take(p, '-'))
            take(p, '+');
        if (skip_digits(p) == 0)
            return expected(p, "a digit of the exponent");
    }
    return TEND_OK;
}

static tend_status parse_number(parser *p, tend_node *node) {
    const char *start = p->at;
    bool is_float;
    TEND_TRY(scan_number(p, &is_float));
    tend_str text = {start, (size_t)(p->at - start)};
    node->text = tend_arena_strndup(p->arena, text.at, text.size);
    node->text_size = text.size;
    node->kind = TEND_NODE_INT;
    /* -0 keeps its sign only as a float; whole numbers beyond 64 bits are floats too. */
    if (!is_float && !tend_str_is(text, "-0") && tend_text_parse_int(text, &node->integer))
        return TEND_OK;
    node->kind = TEND_NODE_FLOAT;
    if (!tend_text_parse_double(text, false, &node->number))
        return fail_at(p, start, (uint32_t)text.size, "this number is too large: at most 1.797e+308 can be held");
    return TEND_OK;
}

static tend_status parse_word(parser *p, tend_node *node) {
    static const struct {
        const char *word;
        tend_node_kind kind;
        bool value;
    } words[] = {{"true", TEND_NODE_BOOL, true}, {"false", TEND_NODE_BOOL, false}, {"null", TEND_NODE_NULL, false}};
    size_t size = 0;
    while (p->at + size < p->end && (p->at[size] | 0x20) >= 'a' && (p->at[size] | 0x20) <= 'z')
        size++;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!tend_str_is((tend_str){p->at, size}, words[i].word))
            continue;
        node->kind = words[i].kind;
        if (node->kind == TEND_NODE_BOOL)
            node->boolean = words[i].value;
        node->text = words[i].word;
        node->text_size = size;
        p->at += size;
        return TEND_OK;
    }
    return expected(p, "a value");
}

static tend_status parse_value(parser *p, tend_node *node);

static tend_status stray_comma(const parser *p) {
    char message[64];
    snprintf(message, sizeof message, "expected a further entry after ',', found '%c'", *p->at);
    return tend_error_hint(p->err, fail_at(p, p->at, 1, message), "take the comma before the closing bracket away");
}

static tend_status parse_list(parser *p, tend_node *list) {
    p->at++;
    skip_blanks(p);
    if (take(p, ']'))
        return TEND_OK;
    for (;;) {
        tend_node *item = TEND_NEW(p->arena, tend_node);
        TEND_TRY(parse_value(p, item));
        tend_node_push(list, item);
        skip_blanks(p);
        if (take(p, ']'))
            return TEND_OK;
        if (!take(p, ','))
            return expected(p, "',' or ']' after a list's item");
        skip_blanks(p);
        if (p->at < p->end && *p->at == ']')
            return stray_comma(p);
    }
}

static tend_status parse_key(parser *p, const tend_node *map, tend_node *value) {
    if (p->at >= p->end || *p->at != '"')
        return expected(p, "a key in double quotes");
    const char *start = p->at;
    size_t size;
    TEND_TRY(parse_text(p, &value->key, &size));
    value->key_span = span_from(p, start);
    if (strlen(value->key) != size)
        return fail_at(p, start, value->key_span.length, "a key must not hold \\u0000");
    const tend_node *first = node_map_find(map, value->key);
    if (first)
        return TEND_FAIL_AT(p->err, DATA, value->key_span, "duplicate key '%s' (first at line %u, column %u)", value->key,
                            first->key_span.line, first->key_span.column);
    return TEND_OK;
}

static tend_status parse_map(parser *p, tend_node *map) {
    p->at++;
    skip_blanks(p);
    if (take(p, '}'))
        return TEND_OK;
    for (;;) {
        tend_node *value = TEND_NEW(p->arena, tend_node);
        TEND_TRY(parse_key(p, map, value));
        skip_blanks(p);
        if (!take(p, ':'))
            return expected(p, "':' after a key");
        skip_blanks(p);
        TEND_TRY(parse_value(p, value));
        node_map_append(p->arena, map, value);
        skip_blanks(p);
        if (take(p, '}'))
            return TEND_OK;
        if (!take(p, ','))
            return expected(p, "',' or '}' after a value");
        skip_blanks(p);
        if (p->at < p->end && *p->at == '}')
            return stray_comma(p);
    }
}

static tend_status parse_nested(parser *p, tend_node *node, char open) {
    if (p->depth >= NODE_MAX_DEPTH)
        return fail_at(p, p->at, 1, "nested too deeply: at most 64 levels are read");
    p->depth++;
    node->kind = open == '{' ? TEND_NODE_MAP : TEND_NODE_LIST;
    TEND_TRY(open == '{' ? parse_map(p, node) : parse_list(p, node));
    p->depth--;
    return TEND_OK;
}

static tend_status parse_any(parser *p, tend_node *node) {
    char c = p->at < p->end ? *p->at : '\0';
    if (c == '{' || c == '[')
        return parse_nested(p, node, c);
    if (c == '"') {
        node->kind = TEND_NODE_STRING;
        node->quoted = true;
        return parse_text(p, &node->text, &node->text_size);
    }
    if (c == '-' || (c >= '0' && c <= '9'))
        return parse_number(p, node);
    return parse_word(p, node);
}

/* The span starts at the value; that of a list or map of several lines covers its first character
 * only. */
static tend_status parse_value(parser *p, tend_node *node) {
    const char *start = p->at;
    tend_span span = span_from(p, start);
    TEND_TRY(parse_any(p, node));
    span.length = p->line == span.line ? (uint32_t)(p->at - start) : 1;
    node->span = span;
    return TEND_OK;
}

tend_status tend_json_parse(const char *text, size_t size, const char *file, tend_arena *arena, tend_node **out_node, tend_error *err) {
    parser p = {.at = text, .end = text + size, .line_start = text, .line = 1, .arena = arena, .err = err};
    p.file = file ? tend_arena_strdup(arena, file) : NULL;
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        return fail_at(&p, p.at, 3, "JSON must not start with a byte order mark");
    tend_node *node = TEND_NEW(arena, tend_node);
    skip_blanks(&p);
    TEND_TRY(parse_value(&p, node));
    skip_blanks(&p);
    if (p.at < p.end)
        return expected(&p, "nothing more after the value");
    *out_node = node;
    return TEND_OK;
}
