/* The pictures of quality: curves of a decision between two classes, residuals of a number, the confusion of classes.
 */
#include "report/report_parts.h"
#include "report/svg.h"

#include <math.h>

enum { POINTS_MAX = 2000, BINS_MAX = 200, CLASSES_MAX = 31 };

typedef struct cloud {
    svg_point at[POINTS_MAX];
    size_t n;
} cloud;

/* Pairs [x, y]; what is not two finite numbers is left out. */
static void read_pairs(const tend_node *list, cloud *out) {
    out->n = 0;
    TEND_NODE_EACH(pair, list) {
        svg_point p = {tend_node_double(tend_node_at(pair, 0), NO_VALUE), tend_node_double(tend_node_at(pair, 1), NO_VALUE)};
        if (isfinite(p.x) && isfinite(p.y) && out->n < POINTS_MAX)
            out->at[out->n++] = p;
    }
}

static void figure_begin(tend_buf *out, const char *title) { tend_buf_printf(out, "<figure><h3>%s</h3>", title); }

static void figure_end(tend_buf *out, const char *caption) { tend_buf_printf(out, "<figcaption>%s</figcaption></figure>\n", caption); }

/* ---- two classes ---- */

static svg_plot unit_plot(const char *x, const char *y) {
    return (svg_plot){.x1 = 1, .y1 = 1, .x_percent = true, .y_percent = true, .x_label = x, .y_label = y};
}

static double metric_value(const report *r, const char *name) {
    return estimate_of(tend_node_get(report_get(r, "evaluation.metrics"), name)).value;
}

/* Where the threshold that decisions are made with lies on a curve. */
static void pick(svg_plot *plot, double x, double y) {
    svg_point at = {x, y};
    if (isfinite(x) && isfinite(y))
        svg_dots(plot, &at, 1, 5, "pick");
}

static void roc(const report *r, cloud *c) {
    read_pairs(report_get(r, "evaluation.curves.roc"), c);
    if (c->n < 2)
        return;
    svg_plot plot = unit_plot("false alarms (false positive rate)", "found (true positive rate)");
    figure_begin(r->out, "ROC curve");
    svg_begin(&plot, r->out, "ROC curve: true positive rate against false positive rate");
    svg_segment(&plot, (svg_point){0, 0}, (svg_point){1, 1}, "chance");
    svg_line(&plot, c->at, c->n, "model");
    pick(&plot, 1 - metric_value(r, "specificity"), metric_value(r, "recall"));
    svg_end(&plot);
    figure_end(r->out, "The further up and left, the better. Dashed: guessing. The orange dot is where decisions are made.");
}

static void precision_recall(const report *r, cloud *c, double positives) {
    read_pairs(report_get(r, "evaluation.curves.pr"), c);
    if (c->n < 2)
        return;
    svg_plot plot = unit_plot("recall: found", "precision: right when found");
    figure_begin(r->out, "Precision and recall");
    svg_begin(&plot, r->out, "Precision against recall");
    if (isfinite(positives))
        svg_segment(&plot, (svg_point){0, positives}, (svg_point){1, positives}, "chance");
    svg_line(&plot, c->at, c->n, "model");
    pick(&plot, metric_value(r, "recall"), metric_value(r, "precision"));
    svg_end(&plot);
    figure_end(r->out, "The further up and right, the better. Dashed: guessing. The orange dot is where decisions are made.");
}

static void calibration(const report *r, cloud *c) {
    const tend_node *bins = report_get(r, "evaluation.calibration");
    size_t left = BINS_MAX;
    if (!report_count(bins))
        return;
    c->n = 0;
    svg_plot plot = unit_plot("probability it states", "what happened");
    figure_begin(r->out, "Calibration");
    svg_begin(&plot, r->out, "Calibration: the observed share of positives against the mean predicted probability, in ten groups");
    svg_segment(&plot, (svg_point){0, 0}, (svg_point){1, 1}, "chance");
    TEND_NODE_EACH(bin, bins) {
        if (!left--)
            break;
        double x = tend_node_double(tend_node_get(bin, "mean_score"), NO_VALUE);
        double low = tend_node_double(tend_node_get(bin, "low"), NO_VALUE), high = tend_node_double(tend_node_get(bin, "high"), NO_VALUE);
        svg_segment(&plot, (svg_point){x, low}, (svg_point){x, high}, "error");
        c->at[c->n++] = (svg_point){x, tend_node_double(tend_node_get(bin, "observed"), NO_VALUE)};
    }
    svg_line(&plot, c->at, c->n, "model");
    svg_dots(&plot, c->at, c->n, 3.5, "point");
    svg_end(&plot);
    figure_end(r->out, "On the dashed line, 70 % means 70 of 100. Above it the model is too careful, below too sure.");
}

static void gain(const report *r, cloud *c, double positives) {
    read_pairs(report_get(r, "evaluation.curves.gain"), c);
    if (c->n < 2)
        return;
    svg_plot plot = unit_plot("share of rows, highest scores first", "share of positives found");
    figure_begin(r->out, "Gains");
    svg_begin(&plot, r->out, "Gains: share of positives found against share of rows looked at");
    svg_segment(&plot, (svg_point){0, 0}, (svg_point){1, 1}, "chance");
    if (positives > 0 && positives < 1) {
        svg_segment(&plot, (svg_point){0, 0}, (svg_point){positives, 1}, "ahead");
        svg_segment(&plot, (svg_point){positives, 1}, (svg_point){1, 1}, "ahead");
    }
    svg_line(&plot, c->at, c->n, "model");
    svg_end(&plot);
    figure_end(r->out, "How many positives are found when only the highest scores are looked at. Dotted: the best that is possible.");
}

/* Of the confusion's two rows, the second is the positive class. */
static double share_of_positives(const report *r) {
    const tend_node *counts = report_get(r, "evaluation.confusion.counts");
    double rows[2] = {0, 0};
    if (report_count(counts) != 2)
        return NO_VALUE;
    for (size_t i = 0; i < 2; i++)
        TEND_NODE_EACH(count, tend_node_at(counts, i))
            rows[i] += tend_node_double(count, 0);
    return rows[1] / (rows[0] + rows[1]);
}

/* ---- numbers ---- */

static void predicted_actual(const report *r, cloud *c) {
    read_pairs(report_get(r, "evaluation.residuals.points"), c);
    if (c->n < 2)
        return;
    double low = (double)INFINITY, high = -INFINITY;
    for (size_t i = 0; i < c->n; i++) {
        low = fmin(low, fmin(c->at[i].x, c->at[i].y));
        high = fmax(high, fmax(c->at[i].x, c->at[i].y));
    }
    svg_range(low, high, &low, &high);
    svg_plot plot = {.x0 = low, .x1 = high, .y0 = low, .y1 = high, .x_label = "predicted", .y_label = "actual"};
    figure_begin(r->out, "Predicted and actual");
    svg_begin(&plot, r->out, "Actual values against predicted values of a sample of test rows");
    svg_segment(&plot, (svg_point){low, low}, (svg_point){high, high}, "chance");
    svg_dots(&plot, c->at, c->n, 2.6, "cloud");
    svg_end(&plot);
    char text[FIGURE_SIZE];
    tend_buf_printf(r->out,
                    "<figcaption>%s of the test data. On the dashed line, prediction and truth are the "
                    "same.</figcaption></figure>\n",
                    figure_plural((int64_t)c->n, "row", "rows", text));
}

static size_t read_numbers(const tend_node *list, double *out, size_t max) {
    size_t n = 0;
    TEND_NODE_EACH(item, list)
        if (n < max)
            out[n++] = tend_node_double(item, NO_VALUE);
    return n;
}

static void residual_histogram(const report *r) {
    double edges[BINS_MAX + 1], counts[BINS_MAX], most = 0;
    size_t n_edges = read_numbers(report_get(r, "evaluation.residuals.histogram.edges"), edges, BINS_MAX + 1);
    size_t n = read_numbers(report_get(r, "evaluation.residuals.histogram.counts"), counts, BINS_MAX);
    if (!n || n_edges != n + 1)
        return;
    for (size_t i = 0; i < n; i++)
        most = isfinite(counts[i]) ? fmax(most, counts[i]) : most;
    svg_plot plot = {.x0 = edges[0], .x1 = edges[n], .x_label = "actual minus predicted", .y_label = "rows"};
    svg_range(0, most, &plot.y0, &plot.y1);
    figure_begin(r->out, "Errors");
    svg_begin(&plot, r->out, "Histogram of the errors (actual minus predicted)");
    for (size_t i = 0; i < n; i++)
        svg_bar(&plot, edges[i], edges[i + 1], counts[i], "fill");
    if (plot.x0 < 0 && plot.x1 > 0)
        svg_segment(&plot, (svg_point){0, plot.y0}, (svg_point){0, plot.y1}, "now");
    svg_end(&plot);
    figure_end(r->out, "Right of the orange line the model predicted too little, left of it too much. The end bars "
                       "hold everything beyond.");
}

void report_curves(const report *r) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    cloud *c = TEND_NEW(arena, cloud);
    double positives = share_of_positives(r);
    if (!report_get(r, "evaluation.curves") && !report_get(r, "evaluation.calibration") && !report_get(r, "evaluation.residuals"))
        return;
    tend_buf_puts(r->out, "<div class=\"plots\">\n");
    roc(r, c);
    precision_recall(r, c, positives);
    calibration(r, c);
    gain(r, c, positives);
    predicted_actual(r, c);
    residual_histogram(r);
    tend_buf_puts(r->out, "</div>\n");
}

/* ---- confusion ---- */

static void confusion_row(tend_buf *out, const tend_node *counts, size_t row, size_t n) {
    double all = 0;
    char text[FIGURE_SIZE];
    const tend_node *cell = counts ? counts->first : NULL;
    TEND_NODE_EACH(count, counts)
        all += tend_node_double(count, 0);
    for (size_t i = 0; i < n; i++, cell = cell ? cell->next : NULL) {
        double v = tend_node_double(cell, NO_VALUE), share = all > 0 && v >= 0 ? v / all : 0;
        tend_buf_printf(out, "<td%s style=\"--v:", i == row ? " class=\"diagonal\"" : "");
        svg_number(out, share);
        tend_buf_printf(out, "\">%s", figure(v, text));
        if (n <= 12 && all > 0) {
            tend_buf_puts(out, "<span class=\"sub\">");
            html_percent(out, share);
            tend_buf_puts(out, "</span>");
        }
        tend_buf_puts(out, "</td>");
    }
}

void report_confusion(const report *r) {
    const tend_node *classes = report_get(r, "evaluation.confusion.classes"), *counts = report_get(r, "evaluation.confusion.counts");
    size_t n = report_count(classes) < CLASSES_MAX ? report_count(classes) : CLASSES_MAX, row = 0;
    if (!n || !report_count(counts))
        return;
    tend_buf_puts(r->out, "<h3>What is taken for what</h3>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
                          "aria-label=\"Confusion matrix\">"
                          "<table class=\"matrix\"><thead><tr><th scope=\"col\">truth \\ decided</th>");
    for (size_t i = 0; i < n; i++) {
        tend_buf_puts(r->out, "<th scope=\"col\" class=\"n\">");
        html_name(r->out, tend_node_scalar(tend_node_at(classes, i), NULL));
        tend_buf_puts(r->out, "</th>");
    }
    html_heads_end(r->out);
    TEND_NODE_EACH(line, counts) {
        if (row == n)
            break;
        html_row(r->out, NULL);
        html_cell_name(r->out, tend_node_scalar(tend_node_at(classes, row), NULL));
        confusion_row(r->out, line, row++, n);
        tend_buf_puts(r->out, "</tr>\n");
    }
    html_table_end(r->out);
    html_note(r->out, "Each line is what the rows are, each column what the model took them for; shares are of the "
                      "line. The framed diagonal is right.");
}
