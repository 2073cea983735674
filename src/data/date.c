#include "data/date.h"

#include "data/iso.h"

static const char *const FORM_NAMES[] = {
#define X(name, written) written,
    TEND_DATE_FORMS(X)
#undef X
};

/* Three parts between two separators, then the rest: "31" "/" "12" "/" "2019" " 11:59 PM". */
typedef struct parts {
    unsigned value[3];
    int digits[3]; /* 0: the part is the name of a month */
    char separator;
    tend_str rest;
} parts;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* 1 to 12 for "Jun", "june", "JUNE", "Sept"; 0 when it is none. */
static unsigned month_of(tend_str word) {
    static const char *const MONTHS[] = {"january", "february", "march",     "april",   "may",      "june",
                                         "july",    "august",   "september", "october", "november", "december"};
    if (word.size < 3)
        return 0;
    for (unsigned m = 0; m < 12; m++) {
        size_t i = 0;
        while (i < word.size && MONTHS[m][i] && (word.at[i] | 0x20) == MONTHS[m][i])
            i++;
        bool abbreviated = i == 3 || !MONTHS[m][i] || (m == 8 && i == 4);
        if (i == word.size && abbreviated)
            return m + 1;
    }
    return 0;
}

static size_t read_digits(tend_str s, size_t at, parts *p, int part) {
    while (at < s.size && is_digit(s.at[at]) && p->digits[part] < 4) {
        p->value[part] = p->value[part] * 10 + (unsigned)(s.at[at++] - '0');
        p->digits[part]++;
    }
    return at;
}

static size_t read_month(tend_str s, size_t at, parts *p, int part) {
    size_t start = at;
    while (at < s.size && (s.at[at] | 0x20) >= 'a' && (s.at[at] | 0x20) <= 'z')
        at++;
    p->value[part] = month_of((tend_str){s.at + start, at - start});
    return p->value[part] ? at : start;
}

/* The place behind the separator after a part, or 0 when there is none that fits. "Jun 12, 1998" has a comma and a blank. */
static size_t skip_separator(tend_str s, size_t at, parts *p, int part) {
    if (at < s.size && s.at[at] == ',' && part == 1 && at + 1 < s.size && s.at[at + 1] == ' ' && p->separator == ' ')
        return at + 2;
    if (at >= s.size || !strchr("-/. ", s.at[at]) || (part == 1 && s.at[at] != p->separator))
        return 0;
    p->separator = s.at[at];
    return at + 1;
}

static bool split(tend_str s, parts *p) {
    *p = (parts){0};
    size_t at = 0;
    for (int part = 0; part < 3; part++) {
        size_t start = at;
        at = at < s.size && is_digit(s.at[at]) ? read_digits(s, at, p, part) : read_month(s, at, p, part);
        if (at == start)
            return false;
        if (part < 2 && (at = skip_separator(s, at, p, part)) == 0)
            return false;
    }
    p->rest = (tend_str){s.at + at, s.size - at};
    return at == s.size || s.at[at] == ' ' || s.at[at] == 'T' || s.at[at] == ',';
}

/* Which part holds the year, the month and the day in each form, and the separators it is written with. */
static const struct {
    int year, month, day;
    const char *separators;
    int named; /* the part that is the name of a month; -1: none */
} LAYOUTS[] = {
    [TEND_DATE_ISO] = {0, 1, 2, "-", -1},       [TEND_DATE_YMD_SLASH] = {0, 1, 2, "/", -1}, [TEND_DATE_DMY_SLASH] = {2, 1, 0, "/", -1},
    [TEND_DATE_MDY_SLASH] = {2, 0, 1, "/", -1}, [TEND_DATE_DMY_DOT] = {2, 1, 0, ".", -1},   [TEND_DATE_DMY_DASH] = {2, 1, 0, "-", -1},
    [TEND_DATE_MDY_DASH] = {2, 0, 1, "-", -1},  [TEND_DATE_MONTH_DAY] = {2, 0, 1, " -", 0}, [TEND_DATE_DAY_MONTH] = {2, 1, 0, " -", 1},
};

static unsigned days_in_month(unsigned year, unsigned month) {
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 ? 28u + leap : 30u + ((month + (month > 7)) & 1);
}

static bool fits(const parts *p, tend_date_form form, int64_t *out_days) {
    int year = LAYOUTS[form].year, month = LAYOUTS[form].month, day = LAYOUTS[form].day;
    if (!strchr(LAYOUTS[form].separators, p->separator))
        return false;
    for (int part = 0; part < 3; part++)
        if ((p->digits[part] == 0) != (part == LAYOUTS[form].named))
            return false;
    if (p->digits[year] != 4 || p->digits[month] > 2 || p->digits[day] > 2)
        return false;
    if (p->value[month] < 1 || p->value[month] > 12 || p->value[day] < 1 || p->value[day] > days_in_month(p->value[year], p->value[month]))
        return false;
    *out_days = tend_days_from_civil(p->value[year], p->value[month], p->value[day]);
    return true;
}

/* "3:05 PM" is turned into the ISO time "15:05", which iso.c reads with all its variants. */
static bool read_time(tend_str rest, int64_t *out_micros) {
    size_t skip = rest.at[0] == ',' ? 1 : 0;
    skip += skip < rest.size && (rest.at[skip] == ' ' || rest.at[skip] == 'T');
    tend_str s = {rest.at + skip, rest.size - skip};
    bool pm = s.size > 2 && (s.at[s.size - 2] | 0x20) == 'p' && (s.at[s.size - 1] | 0x20) == 'm';
    bool am = s.size > 2 && (s.at[s.size - 2] | 0x20) == 'a' && (s.at[s.size - 1] | 0x20) == 'm';
    if (am || pm)
        s = tend_str_trim((tend_str){s.at, s.size - 2});
    parts hour = {0};
    size_t at = read_digits(s, 0, &hour, 0);
    unsigned h = hour.value[0];
    if (hour.digits[0] < 1 || hour.digits[0] > 2 || ((am || pm) && (h < 1 || h > 12)) || s.size - at > 40)
        return false;
    h = am && h == 12 ? 0 : pm && h != 12 ? h + 12 : h;
    char text[64] = "1970-01-01T";
    text[11] = (char)('0' + h / 10);
    text[12] = (char)('0' + h % 10);
    memcpy(text + 13, s.at + at, s.size - at);
    return tend_iso_parse_timestamp((tend_str){text, 13 + s.size - at}, out_micros, NULL);
}

/* An ISO date needs both digits of month and day, and iso.c to agree. */
static bool read_iso(tend_str s, int64_t *out_micros, bool *out_time) {
    bool date_only = false;
    if (s.size < 10 || s.at[4] != '-' || s.at[7] != '-' || !tend_iso_parse_timestamp(s, out_micros, &date_only))
        return false;
    *out_time = !date_only;
    return true;
}

bool tend_date_read(tend_str s, tend_date_form form, int64_t *out_micros, bool *out_time) {
    if (form == TEND_DATE_ISO)
        return read_iso(s, out_micros, out_time);
    parts p;
    int64_t days = 0, micros = 0;
    if (!split(s, &p) || !fits(&p, form, &days))
        return false;
    if (p.rest.size && !read_time(p.rest, &micros))
        return false;
    *out_time = p.rest.size > 0;
    *out_micros = days * TEND_DAY_MICROS + micros;
    return true;
}

unsigned tend_date_forms(tend_str s, bool *out_time) {
    *out_time = false;
    if (s.size < 8 || s.size > 64)
        return 0;
    parts p;
    int64_t micros;
    unsigned forms = read_iso(s, &micros, out_time) ? 1u << TEND_DATE_ISO : 0;
    if (!split(s, &p) || (p.rest.size && !read_time(p.rest, &micros)))
        return forms;
    for (int form = TEND_DATE_ISO + 1; form < TEND_DATE_FORM_COUNT; form++)
        forms |= fits(&p, (tend_date_form)form, &micros) ? 1u << form : 0;
    *out_time |= forms && p.rest.size > 0;
    return forms;
}

const char *tend_date_form_name(tend_date_form form) { return FORM_NAMES[form]; }
