/* Is machine learning needed, and is the data enough? */
#include "report/report_parts.h"
#include "report/svg.h"
#include "report/words.h"

#include <math.h>
#include <stdlib.h>

/* ---- needed ---- */

static void value_row(const report *r, strip_scale scale, const char *name, const char *meaning, estimate e, bool is_model) {
    char text[FIGURE_SIZE];
    html_row(r->out, is_model ? "best" : NULL);
    tend_buf_puts(r->out, "<th scope=\"row\">");
    html_name(r->out, name);
    if (meaning && strcmp(meaning, name) != 0) {
        tend_buf_puts(r->out, "<span class=\"sub\">");
        html_text(r->out, meaning);
        tend_buf_puts(r->out, "</span>");
    }
    tend_buf_puts(r->out, "</th>");
    html_cell_number(r->out, figure_value(e, text));
    tend_buf_puts(r->out, "<td>");
    strip_bar(r->out, scale, e, is_model ? NULL : "plain", figure_estimate(e, text));
    tend_buf_puts(r->out, "</td>");
}

static void gain_cells(const report *r, strip_scale scale, estimate gain, double min_gain) {
    char text[FIGURE_SIZE];
    if (isnan(gain.value)) {
        tend_buf_puts(r->out, "<td></td><td></td></tr>\n");
        return;
    }
    html_cell_number(r->out, figure_estimate(gain, text));
    tend_buf_puts(r->out, "<td>");
    strip_dot(r->out, scale, gain, min_gain, NULL, figure_estimate(gain, text));
    tend_buf_puts(r->out, "</td></tr>\n");
}

static void scales(const report *r, const tend_node *against, strip_scale *values, strip_scale *gains) {
    strip_include(values, r->own.value);
    strip_include(values, r->own.high);
    strip_include(gains, 0);
    strip_include(gains, tend_node_double(report_get(r, "evaluation.verdict.min_gain"), 0));
    TEND_NODE_EACH(item, against) {
        estimate gain = estimate_of(tend_node_get(item, "gain"));
        strip_include(values, estimate_of(tend_node_get(item, "value")).value);
        strip_include(gains, gain.value);
        strip_include(gains, gain.low);
        strip_include(gains, gain.high);
    }
    strip_finish_from_zero(values);
    strip_finish(gains);
}

void report_need(const report *r) {
    const tend_node *against = report_get(r, "evaluation.verdict.against");
    double min_gain = tend_node_double(report_get(r, "evaluation.verdict.min_gain"), 0);
    strip_scale values = STRIP_SCALE_INIT, gains = STRIP_SCALE_INIT;
    estimate none = {NO_VALUE, NO_VALUE, NO_VALUE};
    html_say(r->out);
    html_text(r->out, report_string(r, "evaluation.verdict.sentence"));
    html_say_end(r->out);
    if (!report_count(against))
        return;
    scales(r, against, &values, &gains);
    html_table(r->out, "The model against the baselines", NULL);
    tend_buf_puts(r->out, "<th scope=\"col\"></th><th scope=\"col\" class=\"n\">");
    html_text(r->out, r->metric ? r->metric : "value");
    tend_buf_puts(r->out, "</th>");
    strip_head(r->out, values, "");
    tend_buf_puts(r->out, "<th scope=\"col\" class=\"n\">the model's gain</th>");
    strip_head(r->out, gains, "");
    html_heads_end(r->out);
    value_row(r, values, "the model", report_string(r, "training.title"), r->own, true);
    gain_cells(r, gains, none, min_gain);
    TEND_NODE_EACH(item, against) {
        const char *name = tend_node_string(tend_node_get(item, "baseline"), "\xE2\x80\x93");
        value_row(r, values, name, words_baseline(name), estimate_of(tend_node_get(item, "value")), false);
        gain_cells(r, gains, estimate_of(tend_node_get(item, "gain")), min_gain);
    }
    html_table_end(r->out);
    tend_buf_puts(r->out, "<p class=\"note\">Gains count so that more is better, on the same rows, with 95 % "
                          "intervals. The dashed line is the gain "
                          "that was asked for (");
    html_figure(r->out, min_gain);
    tend_buf_puts(r->out, ").</p>\n");
}

/* ---- enough ---- */

typedef struct curve {
    double a, b, c;
    svg_point *points, *promises;
    size_t n_points, n_promises;
} curve;

static curve read_curve(const report *r, tend_arena *arena) {
    curve c = {0};
    const tend_node *points = report_get(r, "evaluation.learning_curve.points"),
                    *forecast = report_get(r, "evaluation.learning_curve.forecast");
    c.a = tend_node_double(report_get(r, "evaluation.learning_curve.fit.a"), NO_VALUE);
    c.b = tend_node_double(report_get(r, "evaluation.learning_curve.fit.b"), NO_VALUE);
    c.c = tend_node_double(report_get(r, "evaluation.learning_curve.fit.c"), NO_VALUE);
    c.points = TEND_ARRAY(arena, svg_point, report_count(points) + 1);
    c.promises = TEND_ARRAY(arena, svg_point, report_count(forecast) + 1);
    TEND_NODE_EACH(point, points) {
        svg_point at = {tend_node_double(tend_node_at(point, 0), NO_VALUE), tend_node_double(tend_node_at(point, 1), NO_VALUE)};
        if (at.x > 0 && isfinite(at.x) && isfinite(at.y))
            c.points[c.n_points++] = at;
    }
    TEND_NODE_EACH(item, forecast) {
        svg_point at = {tend_node_double(tend_node_get(item, "rows"), NO_VALUE), tend_node_double(tend_node_get(item, "score"), NO_VALUE)};
        if (at.x > 0 && isfinite(at.x) && isfinite(at.y))
            c.promises[c.n_promises++] = at;
    }
    return c;
}

static void include(svg_plot *plot, const svg_point *points, size_t n) {
    for (size_t i = 0; i < n; i++) {
        plot->x0 = fmin(plot->x0, points[i].x);
        plot->x1 = fmax(plot->x1, points[i].x);
        plot->y0 = fmin(plot->y0, points[i].y);
        plot->y1 = fmax(plot->y1, points[i].y);
    }
}

/* score(n) = a - b n^-c between two sizes. */
static void fitted(svg_plot *plot, const curve *c, double from, double to, const char *css_class) {
    enum { STEPS = 40 };
    svg_point line[STEPS + 1];
    if (!isfinite(c->a) || !isfinite(c->b) || !isfinite(c->c) || !(from < to))
        return;
    for (int i = 0; i <= STEPS; i++) {
        double n = from * pow(to / from, (double)i / STEPS);
        line[i] = (svg_point){n, c->a - c->b * pow(n, -c->c)};
    }
    svg_line(plot, line, STEPS + 1, css_class);
}

static void draw_curve(const report *r, const curve *c) {
    TEND_AUTO_BUF y_label = TEND_BUF_INIT;
    double now = 0, first = (double)INFINITY, last = 0;
    html_text(&y_label, r->metric ? r->metric : "score");
    svg_plot plot = {.x0 = (double)INFINITY,
                     .x1 = -INFINITY,
                     .y0 = (double)INFINITY,
                     .y1 = -INFINITY,
                     .log_x = true,
                     .x_label = "rows to learn from (each step multiplies)",
                     .y_label = tend_buf_text(&y_label)};
    include(&plot, c->points, c->n_points);
    first = plot.x0;
    now = plot.x1;
    include(&plot, c->promises, c->n_promises);
    last = plot.x1;
    plot.x0 /= 1.3;
    plot.x1 *= 1.3;
    svg_range(plot.y0, plot.y1, &plot.y0, &plot.y1);
    svg_begin(&plot, r->out, "Learning curve: the score of models trained on growing parts of the data, and its forecast for more rows");
    svg_segment(&plot, (svg_point){now, plot.y0}, (svg_point){now, plot.y1}, "now");
    svg_word(&plot, (svg_point){now, plot.y0}, -5, -6, "end", "now");
    fitted(&plot, c, first, now, "model");
    fitted(&plot, c, now, last, "ahead");
    svg_dots(&plot, c->promises, c->n_promises, 4, "promise");
    svg_dots(&plot, c->points, c->n_points, 4, "point");
    svg_end(&plot);
}

static void forecast_table(const report *r, const curve *c) {
    char text[FIGURE_SIZE];
    html_table(r->out, "Forecast", (const char *const[]){"#rows to learn from", "#expected score", NULL});
    for (size_t i = 0; i < c->n_promises; i++) {
        html_row(r->out, NULL);
        html_cell_number(r->out, figure(round(c->promises[i].x), text));
        html_cell_number(r->out, figure_fixed(c->promises[i].y, fabs(c->promises[i].y) < 10 ? 4 : 2, text));
        tend_buf_puts(r->out, "</tr>\n");
    }
    html_table_end(r->out);
}

void report_enough(const report *r) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    curve c = read_curve(r, arena);
    html_say(r->out);
    html_text(r->out, report_string(r, "evaluation.learning_curve.sentence"));
    html_say_end(r->out);
    if (!c.n_points)
        return;
    tend_buf_puts(r->out, "<div class=\"plots\"><figure>");
    draw_curve(r, &c);
    tend_buf_puts(r->out, "<figcaption>Full dots: models trained on parts of the rows and judged on the same test "
                          "rows. Hollow dots: what the curve "
                          "through them promises for twice and ten times the rows.</figcaption></figure>\n<div>");
    if (c.n_promises)
        forecast_table(r, &c);
    tend_buf_puts(r->out, "</div></div>\n");
}
