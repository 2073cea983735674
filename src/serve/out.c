#include "serve/out.h"

#include "base/clock.h"
#include "base/node.h"

#include <math.h>

/* Whether one of eight bytes is below 0x20, a quote or a backslash: the high bit of each byte that is (S. E. Anderson, "Bit Twiddling
 * Hacks", "Determine if a word has a byte less than n"). Bytes of 0x80 and above are fine as they are. */
static uint64_t needs_escape(uint64_t w) {
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    uint64_t quote = w ^ ones * '"', back = w ^ ones * '\\';
    return (((w - ones * 0x20) & ~w) | ((quote - ones) & ~quote) | ((back - ones) & ~back)) & highs;
}

static bool is_plain(const char *at, size_t size) {
    uint64_t word, bad = 0;
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        memcpy(&word, at + i, 8);
        bad |= needs_escape(word);
    }
    word = UINT64_C(0x2020202020202020);
    memcpy(&word, at + i, size - i);
    return !(bad | needs_escape(word));
}

void serve_put_string(tend_buf *out, tend_str s) {
    if (s.size + 2 >= out->capacity - out->size || (s.size && !is_plain(s.at, s.size))) { /* rare: no room yet, or escapes */
        tend_json_escape(out, s.at, s.size);
        return;
    }
    char *room = out->data + out->size;
    room[0] = '"';
    if (s.size)
        memcpy(room + 1, s.at, s.size);
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

/* A probability is written in the answer and again in the log, by a stream 512 rows later: the last texts are remembered. */
void serve_put_double(tend_buf *out, double v) {
    static _Thread_local struct {
        double v;
        size_t size;
        char text[32];
    } memory[1024];
    uint64_t bits;
    if (!isfinite(v)) {
        serve_put(out, "null");
        return;
    }
    memcpy(&bits, &v, sizeof bits);
    size_t at = (bits * UINT64_C(0x9E3779B97F4A7C15)) >> 54;
    if (!memory[at].size || memcmp(&memory[at].v, &v, sizeof v) != 0) {
        memory[at].v = v;
        memory[at].size = tend_text_format_double(v, memory[at].text);
    }
    tend_buf_append(out, memory[at].text, memory[at].size);
}

void serve_put_time(tend_buf *out, int64_t micros) {
    char text[32];
    tend_clock_format_micros(micros, text);
    tend_buf_append(out, text, 27);
}
