/* Figures for people: few digits, thousands separated, "–" for what has no value. Nothing depends on the locale.
 *
 *     char text[FIGURE_SIZE];
 *     figure(1234.567, text);        "1,235"
 *     figure(0.00012345, text);      "0.0001235"
 *     figure_percent(0.1234, text);  "12.3 %"
 */
#ifndef TEND_REPORT_FIGURE_H
#define TEND_REPORT_FIGURE_H

#include "base/node.h"

#include <math.h>

enum { FIGURE_SIZE = 96 };
#define NO_VALUE ((double)NAN)

/* A value with the ends of its 95 % interval; NaN where there is none. */
typedef struct estimate {
    double value, low, high;
} estimate;

/* {value, low, high}, or a bare number; all NaN for anything else. */
estimate estimate_of(const tend_node *node);
bool estimate_has_interval(estimate e);

/* All write to `out` and return it. */
const char *figure(double v, char out[FIGURE_SIZE]);                    /* four significant digits, no zeros at the end */
const char *figure_digits(double v, int digits, char out[FIGURE_SIZE]); /* that many significant digits */
const char *figure_fixed(double v, int decimals, char out[FIGURE_SIZE]);
const char *figure_count(int64_t n, char out[FIGURE_SIZE]);
const char *figure_percent(double share, char out[FIGURE_SIZE]); /* of 0 … 1, one decimal; "0 %" and "<0.1 %" are different things */
/* As many decimals as the interval's width leaves meaning to. */
const char *figure_value(estimate e, char out[FIGURE_SIZE]);    /* "0.928" */
const char *figure_interval(estimate e, char out[FIGURE_SIZE]); /* "0.921–0.935", "−0.1 to 0.2"; "" when there is none */
const char *figure_estimate(estimate e, char out[FIGURE_SIZE]); /* "0.928 (0.921–0.935)" */
/* 1 row, 2 rows: "1 row", "1,234 rows" */
const char *figure_plural(int64_t n, const char *one, const char *many, char out[FIGURE_SIZE]);

#endif
