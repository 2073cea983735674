#include "report/svg.h"

#include "report/figure.h"

#include <math.h>

enum { WIDTH = 380, HEIGHT = 290, LEFT = 60, RIGHT = 14, TOP = 10, BOTTOM = 46, LINE_POINTS = 250, TICKS = 5 };

double svg_nice_step(double at_least) {
    if (!(at_least > 0) || !isfinite(at_least))
        return 1;
    double unit = pow(10, floor(log10(at_least)));
    double factor = at_least / unit;
    return unit * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
}

void svg_range(double low, double high, double *out_low, double *out_high) {
    if (!isfinite(low) || !isfinite(high) || low > high) {
        low = 0;
        high = 1;
    }
    if (low == high) {
        double room = low == 0 ? 1 : fabs(low) * 0.1;
        low -= room;
        high += room;
    }
    double step = svg_nice_step((high - low) / TICKS);
    *out_low = floor(low / step) * step;
    *out_high = ceil(high / step) * step;
    if (!(*out_low < *out_high)) { /* beyond what doubles can tell apart */
        *out_low = low;
        *out_high = high;
    }
}

void svg_number(tend_buf *out, double v) {
    char text[32];
    double rounded = isfinite(v) ? round(fmin(fmax(v, -1e5), 1e5) * 100) / 100 : 0;
    tend_text_format_double(rounded == 0 ? 0 : rounded, text); /* no "-0" */
    tend_buf_puts(out, text);
}

/* ---- data to picture ---- */

static double clamp_share(double share) { return fmin(fmax(share, -0.02), 1.02); }

static double at_x(const svg_plot *p, double x) {
    double share = p->log_x ? log(fmax(x, p->x0) / p->x0) / log(p->x1 / p->x0) : (x - p->x0) / (p->x1 - p->x0);
    return LEFT + clamp_share(share) * (WIDTH - LEFT - RIGHT);
}

static double at_y(const svg_plot *p, double y) {
    return HEIGHT - BOTTOM - clamp_share((y - p->y0) / (p->y1 - p->y0)) * (HEIGHT - TOP - BOTTOM);
}

static bool is_shown(svg_point point) { return isfinite(point.x) && isfinite(point.y); }

static void attribute(tend_buf *out, const char *name, double v) {
    tend_buf_printf(out, " %s=\"", name);
    svg_number(out, v);
    tend_buf_putc(out, '"');
}

static void line(tend_buf *out, const char *css_class, double x1, double y1, double x2, double y2) {
    tend_buf_printf(out, "<line class=\"%s\"", css_class);
    attribute(out, "x1", x1);
    attribute(out, "y1", y1);
    attribute(out, "x2", x2);
    attribute(out, "y2", y2);
    tend_buf_puts(out, "/>");
}

static void text(tend_buf *out, double x, double y, const char *anchor, const char *content) {
    tend_buf_puts(out, "<text");
    attribute(out, "x", x);
    attribute(out, "y", y);
    tend_buf_printf(out, " text-anchor=\"%s\">%s</text>", anchor, content);
}

/* ---- axes ---- */

static const char *tick_text(double v, bool percent, char out[FIGURE_SIZE]) {
    if (percent) {
        figure(v * 100, out);
        strcat(out, "\xC2\xA0%");
        return out;
    }
    static const struct {
        double from, unit;
        const char *word;
    } units[] = {{1e12, 1e12, "T"}, {1e9, 1e9, "G"}, {1e6, 1e6, "M"}, {1e3, 1e3, "k"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (fabs(v) >= units[i].from && fabs(v) < 1e15) {
            figure(v / units[i].unit, out);
            strcat(out, units[i].word);
            return out;
        }
    return figure(v, out);
}

static void x_tick(svg_plot *p, double v) {
    char words[FIGURE_SIZE];
    double x = at_x(p, v);
    line(p->out, "grid", x, TOP, x, HEIGHT - BOTTOM);
    text(p->out, x, HEIGHT - BOTTOM + 16, "middle", tick_text(v, p->x_percent, words));
}

static void y_tick(svg_plot *p, double v) {
    char words[FIGURE_SIZE];
    double y = at_y(p, v);
    line(p->out, "grid", LEFT, y, WIDTH - RIGHT, y);
    text(p->out, LEFT - 7, y + 4, "end", tick_text(v, p->y_percent, words));
}

/* Ticks are counted, not summed, so that none is lost to rounding and none can run away. */
static void linear_ticks(svg_plot *p, double low, double high, void (*tick)(svg_plot *, double)) {
    double step = svg_nice_step((high - low) / TICKS), first = ceil(low / step - 1e-9);
    for (int i = 0; i <= 2 * TICKS && (first + i) * step <= high + step * 1e-9; i++)
        tick(p, (first + i) * step);
}

static void log_ticks(svg_plot *p) {
    static const double factors[] = {1, 2, 5};
    bool wide = p->x1 / p->x0 > 250;
    for (int power = (int)floor(log10(p->x0)); power <= (int)ceil(log10(p->x1)); power++)
        for (int i = 0; i < (wide ? 1 : 3); i++) {
            double v = factors[i] * pow(10, power);
            if (v >= p->x0 && v <= p->x1)
                x_tick(p, v);
        }
}

static void sane_range(double *low, double *high) {
    if (!isfinite(*low))
        *low = 0;
    if (!(*low < *high) || !isfinite(*high))
        *high = *low + fmax(fabs(*low) * 0.1, 1);
}

static void labels(const svg_plot *p) {
    if (p->x_label)
        tend_buf_printf(p->out, "<text class=\"label\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>", (LEFT + WIDTH - RIGHT) / 2,
                        HEIGHT - 8, p->x_label);
    if (p->y_label)
        tend_buf_printf(p->out, "<text class=\"label\" transform=\"translate(11 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>",
                        (TOP + HEIGHT - BOTTOM) / 2, p->y_label);
}

void svg_begin(svg_plot *plot, tend_buf *out, const char *label) {
    plot->out = out;
    sane_range(&plot->x0, &plot->x1);
    sane_range(&plot->y0, &plot->y1);
    plot->log_x = plot->log_x && plot->x0 > 0;
    tend_buf_printf(out, "<svg class=\"plot\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, HEIGHT);
    tend_html_escape(out, label);
    tend_buf_puts(out, "\">");
    if (plot->log_x)
        log_ticks(plot);
    else
        linear_ticks(plot, plot->x0, plot->x1, x_tick);
    linear_ticks(plot, plot->y0, plot->y1, y_tick);
    line(out, "axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM);
    labels(plot);
}

void svg_end(svg_plot *plot) { tend_buf_puts(plot->out, "</svg>\n"); }

/* ---- marks ---- */

void svg_line(svg_plot *plot, const svg_point *points, size_t n, const char *css_class) {
    size_t stride = n > LINE_POINTS ? (n + LINE_POINTS - 1) / LINE_POINTS : 1;
    tend_buf_printf(plot->out, "<polyline class=\"%s\" points=\"", css_class);
    for (size_t i = 0; i < n; i++) {
        if (!is_shown(points[i]) || (i % stride && i + 1 < n))
            continue;
        svg_number(plot->out, at_x(plot, points[i].x));
        tend_buf_putc(plot->out, ',');
        svg_number(plot->out, at_y(plot, points[i].y));
        tend_buf_putc(plot->out, ' ');
    }
    tend_buf_puts(plot->out, "\"/>");
}

void svg_dots(svg_plot *plot, const svg_point *points, size_t n, double radius, const char *css_class) {
    tend_buf_printf(plot->out, "<g class=\"%s\">", css_class);
    for (size_t i = 0; i < n; i++) {
        if (!is_shown(points[i]))
            continue;
        tend_buf_puts(plot->out, "<circle");
        attribute(plot->out, "cx", at_x(plot, points[i].x));
        attribute(plot->out, "cy", at_y(plot, points[i].y));
        attribute(plot->out, "r", radius);
        tend_buf_puts(plot->out, "/>");
    }
    tend_buf_puts(plot->out, "</g>");
}

void svg_segment(svg_plot *plot, svg_point from, svg_point to, const char *css_class) {
    if (is_shown(from) && is_shown(to))
        line(plot->out, css_class, at_x(plot, from.x), at_y(plot, from.y), at_x(plot, to.x), at_y(plot, to.y));
}

void svg_bar(svg_plot *plot, double from, double to, double height, const char *css_class) {
    if (!isfinite(from) || !isfinite(to) || !isfinite(height))
        return;
    double x1 = at_x(plot, from), x2 = at_x(plot, to), y1 = at_y(plot, height), y2 = at_y(plot, fmax(plot->y0, 0));
    tend_buf_printf(plot->out, "<rect class=\"%s\"", css_class);
    attribute(plot->out, "x", x1 + 0.4);
    attribute(plot->out, "y", fmin(y1, y2));
    attribute(plot->out, "width", fmax(x2 - x1 - 0.8, 0.4));
    attribute(plot->out, "height", fabs(y2 - y1));
    tend_buf_puts(plot->out, "/>");
}

void svg_word(svg_plot *plot, svg_point at, double dx, double dy, const char *anchor, const char *content) {
    if (is_shown(at))
        text(plot->out, at_x(plot, at.x) + dx, at_y(plot, at.y) + dy, anchor, content);
}

void svg_spark(tend_buf *out, const double *counts, size_t n, const char *label) {
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = isfinite(counts[i]) ? fmax(most, counts[i]) : most;
    tend_buf_puts(out, "<svg class=\"spark\" viewBox=\"0 0 320 56\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"");
    tend_html_escape(out, label);
    tend_buf_puts(out, "\"><path d=\"");
    for (size_t i = 0; i < n && most > 0; i++) {
        double height = isfinite(counts[i]) && counts[i] > 0 ? fmax(56 * counts[i] / most, 1) : 0, width = 320 / (double)n;
        if (height <= 0)
            continue;
        tend_buf_putc(out, 'M');
        svg_number(out, width * (double)i + width * 0.04);
        tend_buf_puts(out, " 56v-");
        svg_number(out, height);
        tend_buf_putc(out, 'h');
        svg_number(out, width * 0.92);
        tend_buf_putc(out, 'v');
        svg_number(out, height);
        tend_buf_putc(out, 'z');
    }
    tend_buf_puts(out, "\"/></svg>");
}
