#include "data/json_pull.h"

#include "data/number.h"

#include <math.h>

tend_json_pull tend_json_pull_init(const char *text, size_t size, tend_arena *arena) {
    return (tend_json_pull){.begin = text, .at = text, .end = text + size, .arena = arena};
}

const char *tend_json_kind_name(tend_json_kind kind) {
    static const char *const names[] = {"nothing", "an object", "a list", "a string", "a whole number", "a number", "a boolean", "null"};
    return names[kind];
}

bool tend_json_pull_fail(tend_json_pull *p, const char *fault) {
    if (!p->fault)
        p->fault = fault;
    return false;
}

size_t tend_json_pull_offset(const tend_json_pull *p) { return (size_t)(p->at - p->begin); }

void tend_json_pull_place(const tend_json_pull *p, int *out_line, int *out_column) {
    int line = 1, column = 1;
    for (const char *at = p->begin; at < p->at; at++) {
        column = *at == '\n' ? 1 : column + 1;
        line += *at == '\n';
    }
    *out_line = line;
    *out_column = column;
}

static inline void skip_blanks(tend_json_pull *p) {
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\r' || *p->at == '\t'))
        p->at++;
}

tend_json_kind tend_json_peek(tend_json_pull *p) {
    if (p->fault)
        return TEND_JSON_NONE;
    skip_blanks(p);
    if (p->at == p->end)
        return TEND_JSON_NONE;
    switch (*p->at) {
    case '{': return TEND_JSON_OBJECT;
    case '[': return TEND_JSON_ARRAY;
    case '"': return TEND_JSON_STRING;
    case 't':
    case 'f': return TEND_JSON_BOOL;
    case 'n': return TEND_JSON_NULL;
    case 'N': return p->nan ? TEND_JSON_NULL : TEND_JSON_NONE;
    default: return *p->at == '-' || (*p->at >= '0' && *p->at <= '9') ? TEND_JSON_INT : TEND_JSON_NONE;
    }
}

/* ---- containers ---- */

static bool enter(tend_json_pull *p, tend_json_kind kind) {
    if (tend_json_peek(p) != kind)
        return false;
    if (p->depth == TEND_JSON_PULL_DEPTH)
        return tend_json_pull_fail(p, "nested too deeply");
    p->at++;
    p->depth++;
    p->first = true;
    return true;
}

bool tend_json_enter_object(tend_json_pull *p) { return enter(p, TEND_JSON_OBJECT); }
bool tend_json_enter_array(tend_json_pull *p) { return enter(p, TEND_JSON_ARRAY); }

/* Steps over the comma, or out of the container. */
static bool step(tend_json_pull *p, char close, const char *expected) {
    if (p->fault)
        return false;
    skip_blanks(p);
    if (p->at < p->end && *p->at == close) {
        p->at++;
        p->depth--;
        p->first = false;
        return false;
    }
    if (!p->first) {
        if (p->at == p->end || *p->at != ',')
            return tend_json_pull_fail(p, p->at == p->end ? "the document ends too early" : expected);
        p->at++;
        skip_blanks(p);
    }
    p->first = false;
    return true;
}

static bool read_string(tend_json_pull *p, tend_str *out);

bool tend_json_next_key(tend_json_pull *p, tend_str *out_key) {
    if (!step(p, '}', "expected a comma or a closing brace"))
        return false;
    if (p->at == p->end || *p->at != '"')
        return tend_json_pull_fail(p, p->at == p->end ? "the document ends too early" : "expected a key in double quotes");
    if (!read_string(p, out_key))
        return false;
    skip_blanks(p);
    if (p->at == p->end || *p->at != ':')
        return tend_json_pull_fail(p, "expected a colon after the key");
    p->at++;
    return true;
}

bool tend_json_next_item(tend_json_pull *p) {
    if (!step(p, ']', "expected a comma or a closing bracket"))
        return false;
    if (p->at < p->end && *p->at == ']')
        return tend_json_pull_fail(p, "a comma before the closing bracket");
    return true;
}

/* ---- scalars ---- */

static bool read_hex(tend_json_pull *p, unsigned *out) {
    unsigned v = 0;
    if (p->end - p->at < 4)
        return tend_json_pull_fail(p, "an escape that is cut off");
    for (int i = 0; i < 4; i++, p->at++) {
        char c = *p->at;
        if (c >= '0' && c <= '9')
            v = 16 * v + (unsigned)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            v = 16 * v + (unsigned)((c | 0x20) - 'a' + 10);
        else
            return tend_json_pull_fail(p, "expected four hexadecimal digits");
    }
    *out = v;
    return true;
}

static char *put_utf8(char *out, unsigned c) {
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xC0 | c >> 6);
        *out++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *out++ = (char)(0xE0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 0x3F));
        *out++ = (char)(0x80 | (c & 0x3F));
    } else {
        *out++ = (char)(0xF0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 0x3F));
        *out++ = (char)(0x80 | (c >> 6 & 0x3F));
        *out++ = (char)(0x80 | (c & 0x3F));
    }
    return out;
}

/* Behind "\u". */
static bool read_code_point(tend_json_pull *p, unsigned *out) {
    unsigned low;
    if (!read_hex(p, out))
        return false;
    if (*out >= 0xDC00 && *out <= 0xDFFF)
        return tend_json_pull_fail(p, "half a surrogate pair");
    if (*out < 0xD800 || *out > 0xDBFF)
        return true;
    if (p->end - p->at < 2 || p->at[0] != '\\' || p->at[1] != 'u')
        return tend_json_pull_fail(p, "half a surrogate pair");
    p->at += 2;
    if (!read_hex(p, &low))
        return false;
    if (low < 0xDC00 || low > 0xDFFF)
        return tend_json_pull_fail(p, "half a surrogate pair");
    *out = 0x10000 + ((*out - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

static bool read_escape(tend_json_pull *p, char **out) {
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char *known = p->at < p->end && *p->at ? strchr(names, *p->at) : NULL;
    unsigned c;
    if (known) {
        *(*out)++ = values[known - names];
        p->at++;
        return true;
    }
    if (p->at == p->end || *p->at != 'u')
        return tend_json_pull_fail(p, "an unknown escape");
    p->at++;
    if (!read_code_point(p, &c))
        return false;
    *out = put_utf8(*out, c);
    return true;
}

/* The end of a string whose text starts at p->at, and what is in it. */
typedef struct string_shape {
    const char *close;
    bool escapes, high;
} string_shape;

/* Of eight bytes those that end a string or need a look (quotes, backslashes, control characters, bytes of 0x80 and above) have their high
 * bit set in the result; of the bytes above the lowest such, others may too (S. E. Anderson, "Bit Twiddling Hacks", "Determine if a word
 * has a byte less than n"). */
static uint64_t special_bytes(const char *at) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t w;
    memcpy(&w, at, sizeof w);
    uint64_t quote = w ^ ones * '"', back = w ^ ones * '\\';
    return (w | (w - ones * 0x20) | (quote - ones) | (back - ones)) & ones << 7;
}

/* To the first byte that needs a look, or near the end. */
static const char *skip_plain(const char *at, const char *end) {
    for (; end - at >= 8; at += 8) {
        uint64_t special = special_bytes(at);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        if (special)
            return at + (__builtin_ctzll(special) >> 3);
#else
        if (special)
            return at;
#endif
    }
    return at;
}

static bool find_close(tend_json_pull *p, string_shape *out) {
    const char *at = skip_plain(p->at, p->end);
    *out = (string_shape){0};
    for (; at < p->end; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '"') {
            out->close = at;
            return true;
        }
        if (c < 0x20) {
            p->at = at;
            return tend_json_pull_fail(p, "a control character in a string");
        }
        out->high |= c >= 0x80;
        if (c == '\\') {
            out->escapes = true;
            at++;
        }
    }
    p->at = p->end;
    return tend_json_pull_fail(p, "a string that does not end");
}

static bool read_string(tend_json_pull *p, tend_str *out) {
    string_shape shape;
    size_t bad_at;
    p->at++;
    if (!find_close(p, &shape))
        return false;
    size_t size = (size_t)(shape.close - p->at);
    if (shape.high && !tend_utf8_is_valid(p->at, size, &bad_at)) {
        p->at += bad_at;
        return tend_json_pull_fail(p, "not UTF-8");
    }
    if (!shape.escapes) {
        *out = (tend_str){p->at, size};
        p->at = shape.close + 1;
        return true;
    }
    char *room = tend_arena_alloc(p->arena, size + 1), *end = room;
    while (p->at < shape.close)
        if (*p->at != '\\')
            *end++ = *p->at++;
        else if (p->at++, !read_escape(p, &end))
            return false;
    *out = (tend_str){room, (size_t)(end - room)};
    p->at = shape.close + 1;
    return true;
}

static const char *digits(const char *at, const char *end) {
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

static bool read_number(tend_json_pull *p, tend_json_value *out) {
    const char *start = p->at, *at = start + (*start == '-'), *whole = at;
    bool fraction = false;
    at = digits(at, p->end);
    if (at == whole || (*whole == '0' && at - whole > 1)) {
        p->at = at;
        return tend_json_pull_fail(p, at == whole ? "a minus sign without a number" : "a number with leading zeros");
    }
    if (at < p->end && *at == '.') {
        const char *part = ++at;
        fraction = true;
        at = digits(at, p->end);
        if (at == part) {
            p->at = at;
            return tend_json_pull_fail(p, "expected digits after the point");
        }
    }
    if (at < p->end && (*at | 0x20) == 'e') {
        fraction = true;
        at++;
        at += at < p->end && (*at == '+' || *at == '-');
        const char *part = at;
        at = digits(at, p->end);
        if (at == part) {
            p->at = at;
            return tend_json_pull_fail(p, "expected digits in the exponent");
        }
    }
    out->string = (tend_str){start, (size_t)(at - start)};
    if (!fraction && tend_number_int(out->string, &out->whole)) {
        out->kind = TEND_JSON_INT;
        out->number = (double)out->whole;
    } else {
        out->kind = TEND_JSON_DOUBLE;
        if (!tend_number_double(out->string, &out->number) || isinf(out->number))
            return tend_json_pull_fail(p, "a number beyond the largest double");
    }
    p->at = at;
    return true;
}

static bool read_word(tend_json_pull *p, const char *word) {
    size_t size = strlen(word);
    if ((size_t)(p->end - p->at) < size || memcmp(p->at, word, size) != 0)
        return tend_json_pull_fail(p, "an unknown word");
    p->at += size;
    return true;
}

bool tend_json_scalar(tend_json_pull *p, tend_json_value *out) {
    out->kind = tend_json_peek(p);
    switch (out->kind) {
    case TEND_JSON_OBJECT:
    case TEND_JSON_ARRAY: return true;
    case TEND_JSON_STRING: return read_string(p, &out->string);
    case TEND_JSON_INT:
    case TEND_JSON_DOUBLE: return read_number(p, out);
    case TEND_JSON_BOOL: out->truth = *p->at == 't'; return read_word(p, out->truth ? "true" : "false");
    case TEND_JSON_NULL: return read_word(p, *p->at == 'N' ? "NaN" : "null");
    case TEND_JSON_NONE: break;
    }
    return tend_json_pull_fail(p, p->at == p->end ? "the document ends too early" : "expected a value");
}

static bool skip_container(tend_json_pull *p) {
    tend_str key;
    bool object = tend_json_enter_object(p);
    if (!object && !tend_json_enter_array(p))
        return false;
    while (object ? tend_json_next_key(p, &key) : tend_json_next_item(p))
        if (!tend_json_skip(p, NULL))
            return false;
    return !p->fault;
}

bool tend_json_skip(tend_json_pull *p, tend_str *out) {
    tend_json_value v;
    skip_blanks(p);
    const char *start = p->at;
    if (!tend_json_scalar(p, &v))
        return false;
    if ((v.kind == TEND_JSON_OBJECT || v.kind == TEND_JSON_ARRAY) && !skip_container(p))
        return false;
    if (out)
        *out = (tend_str){start, (size_t)(p->at - start)};
    return true;
}

bool tend_json_pull_end(tend_json_pull *p) {
    if (p->fault)
        return false;
    skip_blanks(p);
    return p->at == p->end || tend_json_pull_fail(p, "something follows the document");
}
