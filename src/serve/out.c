#include "serve/out.h"

#include "base/node.h"

#include <math.h>

void serve_put_string(tend_buf *out, tend_str s) {
    char *room = tend_buf_reserve(out, s.size + 2);
    if (!room)
        return;
    room[0] = '"';
    for (size_t i = 0; i < s.size; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c < 0x20 || c == '"' || c == '\\' || c == 0x7F) { /* rare: all of it on the slow road */
            tend_json_escape(out, s.at, s.size);
            return;
        }
        room[i + 1] = (char)c;
    }
    room[s.size + 1] = '"';
    out->size += s.size + 2;
}

static char *digits_before(char *end, uint64_t v) {
    do
        *--end = (char)('0' + v % 10);
    while (v /= 10);
    return end;
}

void serve_put_int(tend_buf *out, int64_t v) {
    char text[24], *end = text + sizeof text, *at = digits_before(end, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
    if (v < 0)
        *--at = '-';
    tend_buf_append(out, at, (size_t)(end - at));
}

void serve_put_double(tend_buf *out, double v) {
    char text[32];
    if (!isfinite(v))
        serve_put(out, "null");
    else
        tend_buf_append(out, text, tend_text_format_double(v, text));
}

static char *put_digits(char *at, unsigned v, int n) {
    for (int i = n - 1; i >= 0; i--, v /= 10)
        at[i] = (char)('0' + v % 10);
    return at + n;
}

void serve_put_time(tend_buf *out, int64_t micros) {
    int64_t days = micros / 86400000000, rest = micros % 86400000000, year;
    unsigned month, day;
    char text[32], *at = text;
    tend_civil_from_days(days, &year, &month, &day);
    at = put_digits(at, (unsigned)year, 4);
    *at++ = '-';
    at = put_digits(at, month, 2);
    *at++ = '-';
    at = put_digits(at, day, 2);
    *at++ = 'T';
    at = put_digits(at, (unsigned)(rest / 3600000000), 2);
    *at++ = ':';
    at = put_digits(at, (unsigned)(rest / 60000000 % 60), 2);
    *at++ = ':';
    at = put_digits(at, (unsigned)(rest / 1000000 % 60), 2);
    *at++ = '.';
    at = put_digits(at, (unsigned)(rest % 1000000), 6);
    *at++ = 'Z';
    tend_buf_append(out, text, (size_t)(at - text));
}
