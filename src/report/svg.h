/* Small plots as inline SVG: a frame with round ticks, and lines, bands, bars and dots in data coordinates.
 *
 * Colours are classes (report/style.c), so that dark mode and print work. The picture is 380 wide, so that its text is
 * readable on a phone; wider screens put several beside each other.
 *
 *     svg_plot p = {.x0 = 0, .x1 = 1, .y0 = 0, .y1 = 1, .x_label = "false positive rate", .y_label = "true positive
 * rate"}; svg_begin(&p, out, "ROC curve: …"); svg_line(&p, points, n, "model"); svg_end(&p);
 */
#ifndef TEND_REPORT_SVG_H
#define TEND_REPORT_SVG_H

#include "base/buf.h"

typedef struct svg_point {
    double x, y;
} svg_point;

typedef struct svg_plot {
    double x0, x1, y0, y1; /* the data shown; svg_begin widens an empty range */
    bool log_x;            /* x0 > 0 then */
    bool x_percent, y_percent;
    const char *x_label, *y_label; /* our own words, or escaped */
    tend_buf *out;                 /* set by svg_begin */
} svg_plot;

double svg_nice_step(double at_least);                                      /* 1, 2 or 5 times a power of ten */
void svg_range(double low, double high, double *out_low, double *out_high); /* the range that is a whole number of steps around it */
void svg_number(tend_buf *out, double v);                                   /* a coordinate: at most two decimals */

void svg_begin(svg_plot *plot, tend_buf *out, const char *label); /* label: what the picture shows, for who cannot see it; escaped here */
void svg_end(svg_plot *plot);
/* Points that are not finite are left out; more than 250 points are thinned. */
void svg_line(svg_plot *plot, const svg_point *points, size_t n, const char *css_class);
void svg_dots(svg_plot *plot, const svg_point *points, size_t n, double radius, const char *css_class);
void svg_segment(svg_plot *plot, svg_point from, svg_point to, const char *css_class);
void svg_bar(svg_plot *plot, double from, double to, double height, const char *css_class);
/* A word beside a point: our own words. anchor: "start", "middle", "end". */
void svg_word(svg_plot *plot, svg_point at, double dx, double dy, const char *anchor, const char *text);
/* A histogram without a frame, as wide as its place. */
void svg_spark(tend_buf *out, const double *counts, size_t n, const char *label);

#endif
