#include "base/clock.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MICROS_PER_SECOND INT64_C(1000000)
#define SECONDS_PER_DAY   INT64_C(86400)

double tend_clock_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* "2026-11-23T01:26:25Z" (the time, the seconds and the Z may be missing) or microseconds. */
static bool parse_now(const char *text, int64_t *out) {
    if (tend_text_parse_int(tend_str_of(text), out))
        return true;
    int year;
    unsigned month, day, hour = 0, minute = 0, second = 0;
    int n = sscanf(text, "%4d-%2u-%2uT%2u:%2u:%2u", &year, &month, &day, &hour, &minute, &second);
    if (n < 3 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
        return false;
    int64_t days = tend_days_from_civil(year, month, day);
    *out = (days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second) * MICROS_PER_SECOND;
    return true;
}

int64_t tend_clock_micros(void) {
    const char *fixed = getenv("TEND_NOW");
    int64_t micros;
    if (fixed && *fixed && parse_now(fixed, &micros))
        return micros;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * MICROS_PER_SECOND + t.tv_nsec / 1000;
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

void tend_clock_format(int64_t micros, char out[32]) {
    int64_t seconds = floor_div(micros, MICROS_PER_SECOND);
    int64_t days = floor_div(seconds, SECONDS_PER_DAY);
    int64_t rest = seconds - days * SECONDS_PER_DAY;
    int64_t year;
    unsigned month, day;
    tend_civil_from_days(days, &year, &month, &day);
    snprintf(out, 32, "%04lld-%02u-%02uT%02d:%02d:%02dZ", (long long)year, month, day, (int)(rest / 3600), (int)(rest / 60 % 60),
             (int)(rest % 60));
}

static void put_digits(char *out, int n, uint32_t v) {
    while (n-- > 0) {
        out[n] = (char)('0' + v % 10);
        v /= 10;
    }
}

void tend_clock_format_micros(int64_t micros, char out[32]) {
    int64_t seconds = floor_div(micros, MICROS_PER_SECOND), days = floor_div(seconds, SECONDS_PER_DAY), year;
    uint32_t rest = (uint32_t)(seconds - days * SECONDS_PER_DAY);
    unsigned month, day;
    tend_civil_from_days(days, &year, &month, &day);
    memcpy(out, "0000-00-00T00:00:00.000000Z", 28);
    put_digits(out, 4, (uint32_t)year);
    put_digits(out + 5, 2, month);
    put_digits(out + 8, 2, day);
    put_digits(out + 11, 2, rest / 3600);
    put_digits(out + 14, 2, rest / 60 % 60);
    put_digits(out + 17, 2, rest % 60);
    put_digits(out + 20, 6, (uint32_t)(micros - seconds * MICROS_PER_SECOND));
}
