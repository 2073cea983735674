/* Text: slices, numbers, words that look alike, UTF-8. Nothing here depends on the locale.
 */
#ifndef TEND_BASE_TEXT_H
#define TEND_BASE_TEXT_H

#include "base/arena.h"
#include "base/buf.h"

typedef struct tend_str {
    const char *at; /* not NUL-terminated */
    size_t size;
} tend_str;

#define TEND_STR(literal) ((tend_str){(literal), sizeof(literal) - 1})
static inline tend_str tend_str_of(const char *text) { return (tend_str){text, strlen(text)}; }
bool tend_str_eq(tend_str a, tend_str b);
bool tend_str_is(tend_str a, const char *text);
int tend_str_compare(tend_str a, tend_str b); /* bytewise, as memcmp */
tend_str tend_str_trim(tend_str s);           /* ASCII blanks at both ends */
bool tend_text_has_prefix(const char *text, const char *prefix);
bool tend_text_has_suffix(const char *text, const char *suffix);

/* The whole slice as a number: optional sign, decimal, exponent; "inf"/"nan" only when asked for. No blanks.
 * The double is correctly rounded. */
bool tend_text_parse_int(tend_str s, int64_t *out);
bool tend_text_parse_double(tend_str s, bool allow_nonfinite, double *out);
/* The shortest text that reads back as the same double ("0.1", "1e+30", "nan", "inf"); integers below 1e15 without
 * exponent or point. `out` takes 32 bytes; returns the length. */
size_t tend_text_format_double(double v, char out[32]);
size_t tend_text_format_float(float v, char out[32]);

/* Dates: ISO 8601 days from 1970-01-01 in the proleptic Gregorian calendar, timestamps in microseconds UTC. */
int64_t tend_days_from_civil(int64_t year, unsigned month, unsigned day);
void tend_civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day);

/* The candidate nearest to `word` (Damerau-Levenshtein, case folded), or NULL when none is near enough to be a
 * likely slip (distance > max(1, len/3)). */
const char *tend_text_nearest(const char *word, const char *const *candidates, size_t n);

bool tend_utf8_is_valid(const char *text, size_t size, size_t *out_bad_at); /* out_bad_at may be NULL */
size_t tend_utf8_width(const char *text);                                   /* terminal columns, roughly: 2 for wide, 0 for combining */
/* Bytes read as Windows-1252, appended as UTF-8. */
void tend_utf8_from_latin1(tend_buf *out, const char *text, size_t size);
/* Shell-style pattern: * ? [a-z]; no path logic. */
bool tend_text_glob(const char *pattern, const char *text);
/* "12,345,678"; `out` takes 32 bytes. */
const char *tend_text_thousands(int64_t n, char out[32]);
/* "3.1 MB" (powers of 1000). */
const char *tend_text_bytes(uint64_t n, char out[32]);
/* "85 ms", "3.2 s", "4 min 10 s". */
const char *tend_text_seconds(double seconds, char out[32]);
/* HTML text with & < > " ' escaped. */
void tend_html_escape(tend_buf *out, const char *text);

#endif
