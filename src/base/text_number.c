/* Numbers to and from text, correctly rounded and in no locale's way. */
#include "base/text.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool tend_text_parse_int(tend_str s, int64_t *out) {
    size_t i = 0;
    bool negative = s.size && s.at[0] == '-';
    i += s.size && (s.at[0] == '-' || s.at[0] == '+');
    if (i == s.size)
        return false;
    uint64_t limit = (uint64_t)INT64_MAX + negative, v = 0;
    for (; i < s.size; i++) {
        unsigned digit = (unsigned char)s.at[i] - (unsigned)'0';
        if (digit > 9 || v > (limit - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *out = negative ? (int64_t)-v : (int64_t)v;
    return true;
}

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void) { c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

/* strtod in the C locale, for a text that is known to be a number. */
static double slow_double(const char *text, size_t size) {
    pthread_once(&c_locale_once, make_c_locale);
    char small[128];
    char *copy = size < sizeof small ? small : tend_malloc(size + 1);
    memcpy(copy, text, size);
    copy[size] = '\0';
    double v = strtod_l(copy, NULL, c_locale);
    if (copy != small)
        free(copy);
    return v;
}

static float slow_float(const char *text) {
    pthread_once(&c_locale_once, make_c_locale);
    return strtof_l(text, NULL, c_locale);
}

typedef struct decimal {
    uint64_t digits;  /* the first 19 significant digits */
    int64_t n_digits; /* significant digits seen */
    int64_t exponent;
    bool negative;
} decimal;

/* Reads digits from *at on; those behind the point lower the exponent. Returns whether there was
 * one. */
static bool scan_digits(tend_str s, size_t *at, decimal *d, bool fraction) {
    size_t start = *at;
    for (; *at < s.size && is_digit(s.at[*at]); (*at)++) {
        if (d->n_digits > 0 || s.at[*at] != '0')
            d->n_digits++;
        if (d->n_digits <= 19)
            d->digits = d->digits * 10 + (uint64_t)(s.at[*at] - '0');
        if (fraction && d->n_digits <= 19)
            d->exponent--;
        if (!fraction && d->n_digits > 19)
            d->exponent++;
    }
    return *at > start;
}

static bool scan_exponent(tend_str s, size_t *at, decimal *d) {
    if (*at == s.size || (s.at[*at] | 0x20) != 'e')
        return true;
    (*at)++;
    bool negative = *at < s.size && s.at[*at] == '-';
    *at += *at < s.size && (s.at[*at] == '-' || s.at[*at] == '+');
    size_t start = *at;
    int64_t exponent = 0;
    for (; *at < s.size && is_digit(s.at[*at]); (*at)++)
        if (exponent < 100000)
            exponent = exponent * 10 + (s.at[*at] - '0');
    d->exponent += negative ? -exponent : exponent;
    return *at > start;
}

static bool scan_decimal(tend_str s, decimal *d) {
    *d = (decimal){.negative = s.size && s.at[0] == '-'};
    size_t at = s.size && (s.at[0] == '-' || s.at[0] == '+');
    bool any = scan_digits(s, &at, d, false);
    if (at < s.size && s.at[at] == '.') {
        at++;
        any |= scan_digits(s, &at, d, true);
    }
    return any && scan_exponent(s, &at, d) && at == s.size;
}

static const double POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
enum { LAST_POWER = 22 };
#define EXACT_LIMIT (UINT64_C(1) << 53)

/* Clinger's fast path: digits and power of ten are both exact doubles, so one operation rounds
 * once. */
static bool fast_double(const decimal *d, double *out) {
    if (d->n_digits > 19 || d->digits > EXACT_LIMIT || d->exponent < -LAST_POWER || d->exponent > LAST_POWER)
        return false;
    double v = (double)d->digits;
    v = d->exponent < 0 ? v / POWERS[-d->exponent] : v * POWERS[d->exponent];
    *out = d->negative ? -v : v;
    return true;
}

static bool is_word(tend_str s, const char *word) {
    if (s.size != strlen(word))
        return false;
    for (size_t i = 0; i < s.size; i++)
        if ((s.at[i] | 0x20) != word[i])
            return false;
    return true;
}

static bool parse_nonfinite(tend_str s, double *out) {
    bool negative = s.size && s.at[0] == '-';
    size_t sign = s.size && (s.at[0] == '-' || s.at[0] == '+');
    tend_str word = {s.at + sign, s.size - sign};
    if (is_word(word, "inf") || is_word(word, "infinity"))
        *out = negative ? -(double)INFINITY : (double)INFINITY;
    else if (is_word(word, "nan"))
        *out = (double)NAN;
    else
        return false;
    return true;
}

bool tend_text_parse_double(tend_str s, bool allow_nonfinite, double *out) {
    decimal d;
    if (!scan_decimal(s, &d))
        return allow_nonfinite && parse_nonfinite(s, out);
    double v;
    if (!fast_double(&d, &v))
        v = slow_double(s.at, s.size);
    if (isinf(v) && !allow_nonfinite)
        return false; /* too large for a double */
    *out = v;
    return true;
}

typedef struct digits {
    char at[20]; /* significant digits, no trailing zeros */
    int n;
    int exponent; /* of the first digit */
    bool negative;
} digits;

static void strip_zeros(digits *d) {
    while (d->n > 1 && d->at[d->n - 1] == '0')
        d->n--;
}

typedef unsigned __int128 wide;

static void put_whole(uint64_t whole, digits *out) {
    char reversed[20];
    int n = 0;
    for (; whole; whole /= 10)
        reversed[n++] = (char)('0' + whole % 10);
    out->n = n;
    out->exponent = n - 1;
    for (int i = 0; i < n; i++)
        out->at[i] = reversed[n - 1 - i];
}

/* The fewest digits of 2^-60 <= |v| < 2^53, exactly, in 128-bit fixed point: digits are taken off the front until what is left, or what
 * is missing to one more in the last place, is within half a unit in the last place of v (Steele & White 1990, "How to print
 * floating-point numbers accurately", algorithm (FPP)2). False where that is not enough: outside, and at powers of two, whose neighbours
 * are not equally far. */
static bool exact_digits(double v, digits *out) {
    int e;
    uint64_t m = (uint64_t)(frexp(fabs(v), &e) * 0x1p53), whole = 0;
    if (e < -59 || e > 53 || m == UINT64_C(1) << 52)
        return false;
    int f = 54 - e; /* bits of the fraction, in halves of v's last place */
    if (f < 64)
        whole = (uint64_t)((wide)m << 1 >> f);
    wide one = (wide)1 << f, left = ((wide)m << 1) & (one - 1), half = 1;
    bool even = !(m & 1), low = left < half, high = false;
    out->n = 0;
    out->exponent = -1;
    out->negative = signbit(v);
    put_whole(whole, out);
    while (!low && !high) {
        left *= 10;
        half *= 10;
        char digit = (char)('0' + (int)(left >> f));
        left &= one - 1;
        low = even ? left <= half : left < half;
        high = even ? left + half >= one : left + half > one;
        if (out->n || digit != '0' || high)
            out->at[out->n++] = digit;
        else
            out->exponent--;
    }
    char *last = &out->at[out->n - 1];
    bool up = high && (!low || left << 1 > one || (left << 1 == one && (*last & 1)));
    if (up && *last == '9')
        return false;
    *last = (char)(*last + up);
    strip_zeros(out);
    return true;
}

/* Decimals with at most 15 digits, found without printing: m is rounded right because v * 10^k is
 * off by less than a quarter, and m / 10^k is one rounding of an exact quotient, so equality proves
 * that the decimal reads back as v. The first k that does gives the fewest digits. */
static bool short_digits(double v, digits *out) {
    double a = fabs(v);
    for (int k = 0; k <= LAST_POWER; k++) {
        double m = rint(a * POWERS[k]);
        if (m >= 1e15)
            return false;
        if (m < 1 || m / POWERS[k] != a)
            continue;
        out->n = snprintf(out->at, sizeof out->at, "%llu", (unsigned long long)m);
        out->exponent = out->n - 1 - k;
        out->negative = signbit(v);
        strip_zeros(out);
        return true;
    }
    return false;
}

/* v rounded to n significant digits. The decimal mark that printf uses is of no interest. */
static void print_digits(double v, int n, digits *out) {
    char text[64];
    snprintf(text, sizeof text, "%.*e", n - 1, v);
    out->n = 0;
    out->negative = signbit(v);
    const char *p = text;
    for (; *p && *p != 'e'; p++)
        if (is_digit(*p) && out->n < n)
            out->at[out->n++] = *p;
    out->exponent = *p ? (int)strtol(p + 1, NULL, 10) : 0;
    strip_zeros(out);
}

static char *put_exponent(char *p, int exponent) {
    *p++ = 'e';
    return p + snprintf(p, 8, "%c%d", exponent < 0 ? '-' : '+', abs(exponent));
}

static size_t layout(const digits *d, char out[32]) {
    char *p = out;
    if (d->negative)
        *p++ = '-';
    bool plain = d->exponent >= -5 && d->exponent < 15;
    int point = plain ? d->exponent + 1 : 1; /* digits before the point */
    if (point <= 0) {
        *p++ = '0';
        *p++ = '.';
        for (int i = point; i < 0; i++)
            *p++ = '0';
    }
    for (int i = 0; i < d->n || i < point; i++) {
        if (i == point && i > 0)
            *p++ = '.';
        *p++ = i < d->n ? d->at[i] : '0';
    }
    if (!plain)
        p = put_exponent(p, d->exponent);
    *p = '\0';
    return (size_t)(p - out);
}

static size_t put_word(char out[32], const char *word) {
    size_t size = strlen(word);
    memcpy(out, word, size + 1);
    return size;
}

/* nan, inf and zero; 0 when v is none of them. */
static size_t format_special(double v, char out[32]) {
    if (isnan(v))
        return put_word(out, "nan");
    if (isinf(v))
        return put_word(out, v < 0 ? "-inf" : "inf");
    if (v == 0)
        return put_word(out, signbit(v) ? "-0" : "0");
    return 0;
}

static bool reads_back(const char *text, size_t size, double v, bool single) {
    return single ? (double)slow_float(text) == v : slow_double(text, size) == v;
}

/* One more in the last place. At a power of two the numbers above lie twice as far apart as those
 * below: a decimal above v may read back as v although a nearer one below does not. */
static void bump(digits *d, int n) {
    while (d->n < n)
        d->at[d->n++] = '0';
    int i = n - 1;
    while (i > 0 && d->at[i] == '9')
        d->at[i--] = '0';
    if (d->at[i] == '9') { /* 99…9 becomes 100…0 */
        d->at[i] = '1';
        d->exponent++;
    } else {
        d->at[i]++;
    }
    strip_zeros(d);
}

/* The fewest digits that read back, from those that always survive a decimal -> binary -> decimal
 * trip up to those that always tell two numbers apart (C17 5.2.4.2.2: DBL_DIG, DBL_DECIMAL_DIG). */
static size_t format_finite(double v, bool single, char out[32]) {
    bool normal = single ? fabs(v) >= 0x1p-126 : isnormal(v);
    int first = !normal ? 1 : single ? 6 : 15, last = single ? 9 : 17, exponent;
    bool power_of_two = fabs(frexp(v, &exponent)) == 0.5;
    for (int n = first;; n++) {
        digits d;
        print_digits(v, n, &d);
        size_t size = layout(&d, out);
        if (n == last || reads_back(out, size, v, single))
            return size;
        if (!power_of_two)
            continue;
        bump(&d, n);
        size = layout(&d, out);
        if (reads_back(out, size, v, single))
            return size;
    }
}

size_t tend_text_format_double(double v, char out[32]) {
    size_t size = format_special(v, out);
    digits d;
    if (size)
        return size;
    return exact_digits(v, &d) || short_digits(v, &d) ? layout(&d, out) : format_finite(v, false, out);
}

size_t tend_text_format_float(float v, char out[32]) {
    size_t size = format_special((double)v, out);
    return size ? size : format_finite((double)v, true, out);
}
