#include "base/text.h"

#include <stdlib.h>

bool tend_str_eq(tend_str a, tend_str b) { return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0); }

bool tend_str_is(tend_str a, const char *text) { return tend_str_eq(a, tend_str_of(text)); }

int tend_str_compare(tend_str a, tend_str b) {
    size_t shared = a.size < b.size ? a.size : b.size;
    int order = shared ? memcmp(a.at, b.at, shared) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

tend_str tend_str_trim(tend_str s) {
    while (s.size && is_blank(s.at[0]))
        s = (tend_str){s.at + 1, s.size - 1};
    while (s.size && is_blank(s.at[s.size - 1]))
        s.size--;
    return s;
}

bool tend_text_has_prefix(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

bool tend_text_has_suffix(const char *text, const char *suffix) {
    size_t size = strlen(text), tail = strlen(suffix);
    return size >= tail && memcmp(text + size - tail, suffix, tail) == 0;
}

/* Days <-> dates after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years start
 * in March, so that the leap day is the last of its year, and eras of 400 years repeat. */
int64_t tend_days_from_civil(int64_t year, unsigned month, unsigned day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void tend_civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day) {
    /* Eras of 400 years from 0000-03-01, which is 719468 = 4 * 146097 + 135080 days before 1970. In
     * this order nothing overflows, whatever `days` is. */
    int64_t era = days / 146097 + 4, day_of_era = days % 146097 + 135080;
    int64_t beyond = day_of_era < 0 ? -1 : day_of_era >= 146097;
    era += beyond;
    day_of_era -= beyond * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    *day = (unsigned)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    *month = (unsigned)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

enum { MAX_WORD = 64 };

static char fold_case(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static size_t min3(size_t a, size_t b, size_t c) {
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Edits (insert, delete, replace, swap of neighbours) between two words of at most MAX_WORD bytes.
 */
static size_t edit_distance(const char *a, size_t a_size, const char *b, size_t b_size) {
    size_t rows[3][MAX_WORD + 1];
    size_t *before = rows[0], *previous = rows[1], *current = rows[2];
    for (size_t j = 0; j <= b_size; j++)
        previous[j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        current[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            char x = fold_case(a[i - 1]), y = fold_case(b[j - 1]);
            current[j] = min3(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y));
            bool swapped = i > 1 && j > 1 && x == fold_case(b[j - 2]) && fold_case(a[i - 2]) == y;
            if (swapped && before[j - 2] + 1 < current[j])
                current[j] = before[j - 2] + 1;
        }
        size_t *oldest = before;
        before = previous;
        previous = current;
        current = oldest;
    }
    return previous[b_size];
}

const char *tend_text_nearest(const char *word, const char *const *candidates, size_t n) {
    size_t size = strlen(word);
    if (size == 0 || size > MAX_WORD)
        return NULL;
    size_t limit = size / 3 > 1 ? size / 3 : 1;
    const char *nearest = NULL;
    size_t nearest_distance = limit + 1;
    for (size_t i = 0; i < n; i++) {
        size_t other = candidates[i] ? strlen(candidates[i]) : 0;
        size_t apart = other > size ? other - size : size - other;
        if (other == 0 || other > MAX_WORD || apart >= nearest_distance)
            continue;
        size_t distance = edit_distance(word, size, candidates[i], other);
        if (distance < nearest_distance) {
            nearest_distance = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}

/* The end of the UTF-8 character at `text`. */
static const char *next_char(const char *text) {
    text++;
    while (((unsigned char)*text & 0xC0) == 0x80)
        text++;
    return text;
}

/* One pattern element against one character: returns the pattern behind the element, or NULL. */
static const char *match_one(const char *pattern, const char *text) {
    if (*pattern == '?')
        return pattern + 1;
    if (*pattern != '[')
        return *pattern == *text ? pattern + 1 : NULL;
    const char *p = pattern + 1;
    bool negated = *p == '!' || *p == '^';
    p += negated;
    bool found = false;
    const char *first = p;
    for (; *p && (*p != ']' || p == first); p++) {
        char low = *p, high = *p;
        if (p[1] == '-' && p[2] && p[2] != ']') {
            high = p[2];
            p += 2;
        }
        found |= (unsigned char)low <= (unsigned char)*text && (unsigned char)*text <= (unsigned char)high;
    }
    if (!*p) /* no closing bracket: the '[' stands for itself */
        return *text == '[' ? pattern + 1 : NULL;
    return found != negated ? p + 1 : NULL;
}

bool tend_text_glob(const char *pattern, const char *text) {
    const char *star = NULL, *star_text = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            star_text = text;
            continue;
        }
        const char *after = *pattern ? match_one(pattern, text) : NULL;
        if (after) {
            text = *pattern == '?' ? next_char(text) : text + 1;
            pattern = after;
        } else if (star) { /* the last star takes one byte more */
            pattern = star;
            text = ++star_text;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}
