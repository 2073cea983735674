/* Numbers as people read them, and text inside HTML. */
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>

const char *tend_text_thousands(int64_t n, char out[32]) {
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%" PRIu64, n < 0 ? -(uint64_t)n : (uint64_t)n);
    char *p = out;
    if (n < 0)
        *p++ = '-';
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            *p++ = ',';
        *p++ = digits[i];
    }
    *p = '\0';
    return out;
}

const char *tend_text_bytes(uint64_t n, char out[32]) {
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    size_t unit = 0;
    uint64_t scale = 1; /* integers: no locale's decimal comma, no rounding up to "1000.0 kB" */
    while (n / scale >= 1000) {
        scale *= 1000;
        unit++;
    }
    if (unit == 0) {
        snprintf(out, 32, "%" PRIu64 " B", n);
        return out;
    }
    uint64_t tenths = n / (scale / 10);
    snprintf(out, 32, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10, units[unit]);
    return out;
}

const char *tend_text_seconds(double seconds, char out[32]) {
    if (!(seconds >= 0))
        seconds = 0;
    if (seconds < 1e-3)
        snprintf(out, 32, "%.0f us", seconds * 1e6);
    else if (seconds < 0.9995)
        snprintf(out, 32, "%.0f ms", seconds * 1e3);
    else if (seconds < 59.95) {
        int64_t tenths = (int64_t)(seconds * 10 + 0.5);
        snprintf(out, 32, "%" PRId64 ".%" PRId64 " s", tenths / 10, tenths % 10);
    } else if (seconds < 1e9) {
        int64_t s = (int64_t)(seconds + 0.5);
        if (s < 3600)
            snprintf(out, 32, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
        else
            snprintf(out, 32, "%" PRId64 " h %" PRId64 " min", s / 3600, s % 3600 / 60);
    } else {
        snprintf(out, 32, "more than 30 years");
    }
    return out;
}

static const char *html_entity(char c) {
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

void tend_html_escape(tend_buf *out, const char *text) {
    while (*text) {
        size_t plain = strcspn(text, "&<>\"'");
        tend_buf_append(out, text, plain);
        text += plain;
        if (*text)
            tend_buf_puts(out, html_entity(*text++));
    }
}
