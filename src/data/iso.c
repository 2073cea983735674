#include "data/iso.h"

#include <inttypes.h>
#include <stdio.h>

#define MICROS_PER_SECOND INT64_C(1000000)
#define MICROS_PER_DAY    (86400 * MICROS_PER_SECOND)

/* Exactly `digits` digits from the front of s, which moves past them. */
static bool take_digits(tend_str *s, size_t digits, int *out) {
    int v = 0;
    if (s->size < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (s->at[i] < '0' || s->at[i] > '9')
            return false;
        v = v * 10 + (s->at[i] - '0');
    }
    *s = (tend_str){s->at + digits, s->size - digits};
    *out = v;
    return true;
}

static bool take_char(tend_str *s, char c) {
    if (s->size == 0 || s->at[0] != c)
        return false;
    *s = (tend_str){s->at + 1, s->size - 1};
    return true;
}

static bool take_date(tend_str *s, int64_t *out_days) {
    int year, month, day;
    if (!take_digits(s, 4, &year) || !take_char(s, '-') || !take_digits(s, 2, &month) || !take_char(s, '-') || !take_digits(s, 2, &day) ||
        month < 1 || month > 12 || day < 1)
        return false;
    int64_t days = tend_days_from_civil(year, (unsigned)month, (unsigned)day);
    int64_t back_year;
    unsigned back_month, back_day;
    tend_civil_from_days(days, &back_year, &back_month, &back_day);
    if (back_month != (unsigned)month || back_day != (unsigned)day) /* the 31st of April */
        return false;
    *out_days = days;
    return true;
}

static bool take_fraction(tend_str *s, int *out_micros) {
    int micros = 0, digits = 0, one;
    while (take_digits(s, 1, &one)) {
        if (digits < 6)
            micros = micros * 10 + one;
        digits++;
    }
    for (int i = digits; i < 6; i++)
        micros *= 10;
    *out_micros = micros;
    return digits > 0;
}

/* HH:MM[:SS[.ffffff]] */
static bool take_time(tend_str *s, int64_t *out_micros) {
    int hour, minute, second = 0, micros = 0;
    if (!take_digits(s, 2, &hour) || !take_char(s, ':') || !take_digits(s, 2, &minute))
        return false;
    if (take_char(s, ':')) {
        if (!take_digits(s, 2, &second) || (take_char(s, '.') && !take_fraction(s, &micros)))
            return false;
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *out_micros = (int64_t)(hour * 3600 + minute * 60 + second) * MICROS_PER_SECOND + micros;
    return true;
}

/* Nothing, "Z", or an offset east of UTC. */
static bool take_zone(tend_str *s, int64_t *out_micros) {
    *out_micros = 0;
    if (s->size == 0 || take_char(s, 'Z'))
        return true;
    bool east = take_char(s, '+');
    if (!east && !take_char(s, '-'))
        return false;
    int hours, minutes = 0;
    if (!take_digits(s, 2, &hours))
        return false;
    take_char(s, ':');
    if (s->size > 0 && !take_digits(s, 2, &minutes))
        return false;
    if (hours > 15 || minutes > 59)
        return false;
    *out_micros = (int64_t)(hours * 60 + minutes) * 60 * MICROS_PER_SECOND * (east ? 1 : -1);
    return true;
}

bool tend_iso_parse_date(tend_str s, int64_t *out_days) {
    int64_t days;
    if (!take_date(&s, &days) || s.size > 0)
        return false;
    *out_days = days;
    return true;
}

bool tend_iso_parse_timestamp(tend_str s, int64_t *out_micros, bool *out_date_only) {
    int64_t days, time = 0, offset = 0;
    if (!take_date(&s, &days))
        return false;
    bool date_only = s.size == 0;
    if (!date_only && ((!take_char(&s, 'T') && !take_char(&s, ' ')) || !take_time(&s, &time) || !take_zone(&s, &offset) || s.size > 0))
        return false;
    *out_micros = days * MICROS_PER_DAY + time - offset;
    if (out_date_only)
        *out_date_only = date_only;
    return true;
}

void tend_iso_format(tend_type type, int64_t value, tend_buf *out) {
    int64_t days = value, rest = 0;
    if (type == TEND_TIMESTAMP) {
        rest = value % MICROS_PER_DAY;
        days = value / MICROS_PER_DAY - (rest < 0); /* no sum that the first or the last microsecond would overflow */
        rest += rest < 0 ? MICROS_PER_DAY : 0;
    }
    int64_t year;
    unsigned month, day;
    tend_civil_from_days(days, &year, &month, &day);
    tend_buf_printf(out, "%04" PRId64 "-%02u-%02u", year, month, day);
    if (type != TEND_TIMESTAMP)
        return;
    int64_t seconds = rest / MICROS_PER_SECOND, micros = rest % MICROS_PER_SECOND;
    tend_buf_printf(out, "T%02" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600, seconds / 60 % 60, seconds % 60);
    if (micros)
        tend_buf_printf(out, ".%06" PRId64, micros);
    tend_buf_putc(out, 'Z');
}
