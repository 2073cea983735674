#include "report/figure.h"

#include <math.h>
#include <stdio.h>

#define MINUS    "\xE2\x88\x92"
#define NONE     "\xE2\x80\x93"
#define NO_BREAK "\xC2\xA0"

enum { SIGNIFICANT = 4, DECIMALS_MAX = 9 };

estimate estimate_of(const tend_node *node) {
    if (!node || node->kind != TEND_NODE_MAP)
        return (estimate){tend_node_double(node, NO_VALUE), NO_VALUE, NO_VALUE};
    return (estimate){tend_node_double(tend_node_get(node, "value"), NO_VALUE), tend_node_double(tend_node_get(node, "low"), NO_VALUE),
                      tend_node_double(tend_node_get(node, "high"), NO_VALUE)};
}

bool estimate_has_interval(estimate e) { return isfinite(e.value) && isfinite(e.low) && isfinite(e.high); }

static const char *put(char out[FIGURE_SIZE], const char *text) {
    snprintf(out, FIGURE_SIZE, "%s", text);
    return out;
}

static int magnitude(double v) { return v == 0 ? 0 : (int)floor(log10(fabs(v))); }

static void strip_zeros(char *text) {
    if (!strchr(text, '.'))
        return;
    size_t n = strlen(text);
    while (n && text[n - 1] == '0')
        text[--n] = '\0';
    if (n && text[n - 1] == '.')
        text[n - 1] = '\0';
}

/* v / 10^power is between 1 and 10, so it cannot come back here from figure_fixed. */
static const char *scientific(double v, int power, char out[FIGURE_SIZE]) {
    char mantissa[FIGURE_SIZE];
    /* In two steps where one power would be zero. */
    figure_fixed(power < -300 ? v * 1e300 / pow(10, power + 300) : v / pow(10, power), 2, mantissa);
    strip_zeros(mantissa);
    snprintf(out, FIGURE_SIZE, "%.40se%d", mantissa, power);
    return out;
}

/* Through whole numbers, so that no locale's comma comes in. */
const char *figure_fixed(double v, int decimals, char out[FIGURE_SIZE]) {
    if (!isfinite(v))
        return put(out, isnan(v) ? NONE : v > 0 ? "\xE2\x88\x9E" : MINUS "\xE2\x88\x9E");
    double unit = pow(10, decimals), scaled = round(fabs(v) * unit);
    if (scaled >= 9e15) {
        int power = magnitude(v);
        return scientific(v, power, out);
    }
    int64_t all = (int64_t)scaled, one = (int64_t)unit;
    char whole[32];
    const char *sign = v < 0 && all ? MINUS : "";
    tend_text_thousands(all / one, whole);
    if (decimals > 0) {
        char fraction[32];
        snprintf(fraction, sizeof fraction, "%lld", (long long)(all % one) + one); /* a 1 before the leading zeros */
        snprintf(out, FIGURE_SIZE, "%s%s.%s", sign, whole, fraction + 1);
    } else {
        snprintf(out, FIGURE_SIZE, "%s%s", sign, whole);
    }
    return out;
}

const char *figure(double v, char out[FIGURE_SIZE]) { return figure_digits(v, SIGNIFICANT, out); }

const char *figure_digits(double v, int digits, char out[FIGURE_SIZE]) {
    if (!isfinite(v) || v == 0)
        return figure_fixed(v, 0, out);
    int power = magnitude(v);
    if (power >= 15 || power < -5) {
        return scientific(v, power, out);
    }
    int decimals = v == round(v) ? 0 : digits - 1 - power;
    figure_fixed(v, decimals < 0 ? 0 : decimals, out);
    strip_zeros(out);
    return out;
}

const char *figure_count(int64_t n, char out[FIGURE_SIZE]) { return tend_text_thousands(n, out); }

const char *figure_percent(double share, char out[FIGURE_SIZE]) {
    if (!isfinite(share))
        return put(out, NONE);
    if (share > 0 && share < 0.0005)
        return put(out, "<0.1" NO_BREAK "%");
    if (share > 0.9995 && share < 1)
        return put(out, ">99.9" NO_BREAK "%");
    char number[FIGURE_SIZE];
    figure_fixed(share * 100, share == 0 || share == 1 ? 0 : 1, number);
    snprintf(out, FIGURE_SIZE, "%.80s" NO_BREAK "%%", number);
    return out;
}

static bool has_width(estimate e) { return isfinite(e.value) && isfinite(e.low) && isfinite(e.high) && e.low < e.high; }

/* The half width of the interval keeps about one digit. */
static int decimals_for(estimate e) {
    double half = (e.high - e.low) / 2;
    int decimals = (int)-floor(log10(half / 5));
    return decimals < 0 ? 0 : decimals > DECIMALS_MAX ? DECIMALS_MAX : decimals;
}

const char *figure_value(estimate e, char out[FIGURE_SIZE]) {
    return has_width(e) ? figure_fixed(e.value, decimals_for(e), out) : figure(e.value, out);
}

const char *figure_interval(estimate e, char out[FIGURE_SIZE]) {
    if (!estimate_has_interval(e))
        return put(out, "");
    char low[FIGURE_SIZE], high[FIGURE_SIZE];
    if (has_width(e)) {
        figure_fixed(e.low, decimals_for(e), low);
        figure_fixed(e.high, decimals_for(e), high);
    } else {
        figure(e.low, low);
        figure(e.high, high);
    }
    snprintf(out, FIGURE_SIZE, "%.40s%s%.40s", low, e.low < 0 || e.high < 0 ? " to " : NONE, high);
    return out;
}

const char *figure_estimate(estimate e, char out[FIGURE_SIZE]) {
    char value[FIGURE_SIZE], interval[FIGURE_SIZE];
    figure_value(e, value);
    if (*figure_interval(e, interval))
        snprintf(out, FIGURE_SIZE, "%.30s (%.60s)", value, interval);
    else
        put(out, value);
    return out;
}

const char *figure_plural(int64_t n, const char *one, const char *many, char out[FIGURE_SIZE]) {
    char count[FIGURE_SIZE];
    snprintf(out, FIGURE_SIZE, "%.30s %.60s", figure_count(n, count), n == 1 ? one : many);
    return out;
}
