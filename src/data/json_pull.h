/* A strict pull parser for JSON that comes from outside: one pass, no tree, no allocation but for strings with escapes. RFC 8259 to the
 * letter: no comments, no trailing commas, no NaN, UTF-8 only, half surrogate pairs refused, depth bounded. The caller walks the
 * document it expects:
 *
 *     tend_json_pull p = tend_json_pull_init(text, size, arena);
 *     tend_str key;
 *     if (tend_json_enter_object(&p))
 *         while (tend_json_next_key(&p, &key))
 *             if (tend_str_is(key, "rows") && tend_json_enter_array(&p))
 *                 while (tend_json_next_item(&p))
 *                     tend_json_skip(&p, NULL);
 *             else
 *                 tend_json_skip(&p, NULL);
 *     if (!tend_json_pull_end(&p))                   // says whether all of it was sound
 *         report(p.fault, tend_json_pull_offset(&p));
 *
 * After a fault every function returns false and `at` stays on the offending byte, so one check at the end is enough. Each value
 * must be taken (a scalar, an entered container read to its end, or a skip) before the next key or item is asked for.
 */
#ifndef TEND_DATA_JSON_PULL_H
#define TEND_DATA_JSON_PULL_H

#include "base/text.h"

#define TEND_JSON_PULL_DEPTH 64

typedef enum tend_json_kind {
    TEND_JSON_NONE, /* nothing that begins a value */
    TEND_JSON_OBJECT,
    TEND_JSON_ARRAY,
    TEND_JSON_STRING,
    TEND_JSON_INT,    /* a number without fraction or exponent that fits 64 bits */
    TEND_JSON_DOUBLE, /* any other number; beyond the largest double is a fault */
    TEND_JSON_BOOL,
    TEND_JSON_NULL
} tend_json_kind;
const char *tend_json_kind_name(tend_json_kind kind); /* "an object", "a string", "a number", "null" … */

typedef struct tend_json_pull {
    const char *begin, *at, *end;
    int depth;
    bool first;        /* within the innermost container, nothing was read yet */
    bool nan;          /* NaN, as Python writes it, is read as null */
    const char *fault; /* a sentence; NULL: none */
    tend_arena *arena; /* for strings with escapes */
} tend_json_pull;

typedef struct tend_json_value {
    tend_json_kind kind;
    int64_t whole;
    double number; /* INT, too */
    bool truth;
    tend_str string; /* STRING: decoded; INT and DOUBLE: as written. Borrows from the text or the arena */
} tend_json_value;

tend_json_pull tend_json_pull_init(const char *text, size_t size, tend_arena *arena);
tend_json_kind tend_json_peek(tend_json_pull *p); /* INT for any number */
/* False when the value is not such a container (no fault, nothing is taken), or after a fault. */
bool tend_json_enter_object(tend_json_pull *p);
bool tend_json_enter_array(tend_json_pull *p);
/* False at the end of the container, which is then left, or after a fault. */
bool tend_json_next_key(tend_json_pull *p, tend_str *out_key);
bool tend_json_next_item(tend_json_pull *p);
/* A scalar. Of a container only the kind is told, and nothing is taken. False after a fault. */
bool tend_json_scalar(tend_json_pull *p, tend_json_value *out);
/* Any value, checked; `out` (may be NULL) is its text. */
bool tend_json_skip(tend_json_pull *p, tend_str *out);
/* Nothing but blanks may follow. False: there was a fault, here or before. */
bool tend_json_pull_end(tend_json_pull *p);
/* Says that something is wrong at this place; the first fault stays. Returns false. */
bool tend_json_pull_fail(tend_json_pull *p, const char *fault);
size_t tend_json_pull_offset(const tend_json_pull *p);
/* Line and column (bytes) of the offset, from 1. */
void tend_json_pull_place(const tend_json_pull *p, int *out_line, int *out_column);

#endif
