/* The columns, one card each: what is in them and how much is missing. */
#include "report/report_parts.h"
#include "report/svg.h"
#include "report/words.h"

#include <math.h>

enum { CARDS_MAX = 100, LEVELS_SHOWN = 6, BINS_MAX = 64 };

static bool is_text(const tend_node *column) { return tend_node_get(column, "length") != NULL; }

/* ---- pictures ---- */

static void end_value(tend_buf *out, const tend_node *value) {
    tend_buf_puts(out, "<span>");
    html_value(out, value);
    tend_buf_puts(out, "</span>");
}

static void histogram(tend_buf *out, const tend_node *column) {
    double counts[BINS_MAX];
    size_t n = 0;
    TEND_NODE_EACH(count, tend_node_path(column, "histogram.counts"))
        if (n < BINS_MAX)
            counts[n++] = tend_node_double(count, 0);
    if (!n)
        return;
    svg_spark(out, counts, n, "Histogram of the values");
    tend_buf_puts(out, "<div class=\"ends under\">");
    end_value(out, tend_node_get(column, "min"));
    end_value(out, tend_node_get(column, "max"));
    tend_buf_puts(out, "</div>");
}

static void level(tend_buf *out, const tend_node *item, double count, double all, double most) {
    tend_buf_puts(out, "<li><svg aria-hidden=\"true\"><rect height=\"100%\" rx=\"3\" width=\"");
    svg_number(out, most > 0 ? 100 * count / most : 0);
    tend_buf_puts(out, "%\"/></svg><span>");
    html_name(out, tend_node_scalar(tend_node_get(item, "value"), NULL));
    tend_buf_puts(out, "</span><span>");
    html_percent(out, all > 0 ? count / all : NO_VALUE);
    tend_buf_puts(out, "</span></li>");
}

static void levels(tend_buf *out, const tend_node *column) {
    const tend_node *top = tend_node_get(column, "top");
    double all = tend_node_double(tend_node_get(column, "count"), 0), most = 0;
    int64_t n = 0, distinct = tend_node_int(tend_node_get(column, "distinct"), 0);
    if (!report_count(top))
        return;
    TEND_NODE_EACH(item, top)
        most = fmax(most, tend_node_double(tend_node_get(item, "count"), 0));
    tend_buf_puts(out, "<ul class=\"levels\">");
    TEND_NODE_EACH(item, top)
        if (n < LEVELS_SHOWN) {
            level(out, item, tend_node_double(tend_node_get(item, "count"), 0), all, most);
            n++;
        }
    tend_buf_puts(out, "</ul>");
    if (distinct > n) {
        char text[FIGURE_SIZE];
        tend_buf_printf(out, "<div class=\"ends under\"><span>and %s</span></div>",
                        figure_plural(distinct - n, "other value", "other values", text));
    }
}

/* ---- facts ---- */

static void fact(tend_buf *out, const char *name, const tend_node *value) {
    if (!value || value->kind == TEND_NODE_NULL)
        return;
    tend_buf_printf(out, "<dt>%s</dt><dd>", name);
    html_value(out, value);
    tend_buf_puts(out, "</dd>");
}

static void fact_share(tend_buf *out, const char *name, double n, double all) {
    if (!(n > 0))
        return;
    tend_buf_printf(out, "<dt>%s</dt><dd>", name);
    html_figure(out, n);
    tend_buf_puts(out, " (");
    html_percent(out, n / all);
    tend_buf_puts(out, ")</dd>");
}

static double number(const tend_node *column, const char *key) { return tend_node_double(tend_node_get(column, key), 0); }

static void facts(tend_buf *out, const tend_node *column, double score) {
    double count = number(column, "count"), all = count + number(column, "missing");
    tend_buf_puts(out, "<dl class=\"facts\">");
    fact(out, "median", tend_node_get(tend_node_get(column, "quantiles"), "0.5"));
    fact(out, "mean", is_text(column) ? NULL : tend_node_get(column, "mean"));
    fact(out, "standard deviation", tend_node_get(column, "sd"));
    fact_share(out, "zero", number(column, "zeros"), count);
    fact_share(out, "negative", number(column, "negatives"), count);
    fact_share(out, "infinite", number(column, "infinite"), count);
    fact(out, tend_node_bool(tend_node_get(column, "distinct_exact"), true) ? "different values" : "different values, about",
         tend_node_get(column, "distinct"));
    fact(out, "longest text", tend_node_path(column, "length.max"));
    fact_share(out, "missing", number(column, "missing"), all);
    if (isfinite(score)) {
        tend_buf_puts(out, "<dt>goes with the target</dt><dd>");
        html_figure(out, round(score * 1000) / 1000);
        tend_buf_puts(out, "</dd>");
    }
    tend_buf_puts(out, "</dl>");
}

static double score_of(const tend_node *scores, const char *name) {
    TEND_NODE_EACH(item, scores) {
        const char *column = tend_node_string(tend_node_get(item, "column"), NULL);
        if (column && name && !strcmp(column, name))
            return tend_node_double(tend_node_get(item, "score"), NO_VALUE);
    }
    return NO_VALUE;
}

static void card(tend_buf *out, const tend_node *column, bool is_target, double score) {
    double missing = number(column, "missing"), all = number(column, "count") + missing;
    tend_buf_puts(out, "<article class=\"card\"><h3>");
    html_name(out, tend_node_string(tend_node_get(column, "name"), NULL));
    tend_buf_puts(out, "</h3><span class=\"sub\">");
    html_text(out, words_type(tend_node_string(tend_node_get(column, "type"), "\xE2\x80\x93")));
    if (is_target)
        html_chip(out, CHIP_BLUE, "target");
    if (missing > 0 && all > 0) {
        TEND_AUTO_BUF text = TEND_BUF_INIT;
        char share[FIGURE_SIZE];
        tend_buf_printf(&text, "%s missing", figure_percent(missing / all, share));
        html_chip(out, missing / all >= 0.2 ? CHIP_WARN : CHIP_PLAIN, tend_buf_text(&text));
    }
    tend_buf_puts(out, "</span>");
    if (tend_node_get(column, "histogram"))
        histogram(out, column);
    else
        levels(out, column);
    facts(out, column, score);
    tend_buf_puts(out, "</article>\n");
}

static bool has_name(const tend_node *column, const char *name) {
    const char *own = tend_node_string(tend_node_get(column, "name"), NULL);
    return own && name && !strcmp(own, name);
}

void profile_cards(tend_buf *out, const tend_node *profile, const char *first, const tend_node *scores) {
    const tend_node *columns = tend_node_get(profile, "columns");
    size_t left = CARDS_MAX;
    tend_buf_puts(out, "<div class=\"cards\">\n");
    TEND_NODE_EACH(column, columns)
        if (has_name(column, first) && left == CARDS_MAX) {
            card(out, column, true, NO_VALUE);
            left--;
        }
    TEND_NODE_EACH(column, columns)
        if (left && !has_name(column, first)) {
            card(out, column, false, score_of(scores, tend_node_string(tend_node_get(column, "name"), NULL)));
            left--;
        }
    tend_buf_puts(out, "</div>\n");
    html_left_out(out, (int64_t)report_count(columns) - CARDS_MAX, "columns are");
}

void report_columns(const report *r) {
    const tend_node *profile = report_get(r, "profile"), *columns = tend_node_get(profile, "columns");
    int64_t with_missing = 0;
    char text[FIGURE_SIZE];
    TEND_NODE_EACH(column, columns)
        with_missing += number(column, "missing") > 0;
    html_say(r->out);
    tend_buf_printf(r->out, "What the values look like, in the rows that are good: %s, ",
                    figure_plural((int64_t)report_count(columns), "column", "columns", text));
    if (with_missing)
        tend_buf_printf(r->out, "%s missing values.", figure_plural(with_missing, "of them with", "of them with", text));
    else
        tend_buf_puts(r->out, "none with missing values.");
    html_say_end(r->out);
    profile_cards(r->out, profile, r->target, NULL);
}
