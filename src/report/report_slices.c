/* Where the model fails: the same metric for parts of the test rows. */
#include "report/report_parts.h"
#include "report/words.h"

#include <math.h>

enum { SLICES_MAX = 60, WORST_MAX = 5, DISPARITIES_MAX = 20 };

static estimate slice_metric(const report *r, const tend_node *slice) {
    return estimate_of(r->metric ? tend_node_get(tend_node_get(slice, "metrics"), r->metric) : NULL);
}

static bool is_small(const tend_node *slice) { return tend_node_bool(tend_node_get(slice, "small"), false); }

static bool is_among_worst(const report *r, const tend_node *slice) {
    TEND_NODE_EACH(worst, report_get(r, "evaluation.worst_slices"))
        if (tend_node_bool(tend_node_get(worst, "significant"), false) &&
            tend_node_equal(tend_node_get(worst, "by"), tend_node_get(slice, "by")))
            return true;
    return false;
}

/* ---- the sentence: the worst groups by name ---- */

static void name_slice(tend_buf *out, const tend_node *slice) {
    TEND_AUTO_BUF columns = TEND_BUF_INIT;
    TEND_AUTO_BUF values = TEND_BUF_INIT;
    slice_columns(&columns, slice);
    slice_values(&values, slice);
    tend_buf_puts(out, "<bdi>");
    html_text(out, tend_buf_text(&columns));
    tend_buf_puts(out, "</bdi> = <bdi>");
    html_text(out, tend_buf_text(&values));
    tend_buf_puts(out, "</bdi>");
}

static const tend_node *worst_slice(const report *r) {
    const tend_node *worst = tend_node_at(report_get(r, "evaluation.worst_slices"), 0);
    return worst && tend_node_bool(tend_node_get(worst, "significant"), false) ? worst : NULL;
}

static void sentence(const report *r, int64_t total) {
    char text[FIGURE_SIZE];
    const tend_node *worst = worst_slice(r);
    html_say(r->out);
    if (worst) {
        tend_buf_puts(r->out, "It does clearly worse where ");
        name_slice(r->out, worst);
        tend_buf_puts(r->out, ": there the ");
        html_text(r->out, r->metric ? words_metric_title(r->metric) : "score");
        tend_buf_printf(r->out, " is %s", figure_estimate(estimate_of(worst), text));
        tend_buf_printf(r->out, ", against %s for all test rows.", figure_value(r->own, text));
    } else {
        tend_buf_printf(r->out, "Of %s looked at, none is worse than the whole beyond what chance explains.",
                        figure_plural(total, "group", "groups", text));
    }
    html_say_end(r->out);
}

static void worst_list(const report *r) {
    size_t n = 0;
    const tend_node *list = report_get(r, "evaluation.worst_slices");
    if (report_count(list) < 2)
        return;
    tend_buf_puts(r->out, "<h3>The weakest groups</h3>\n");
    html_table(r->out, "The weakest groups",
               (const char *const[]){"group", "#rows", "#value", "#95 % interval", "#behind all rows", "", NULL});
    TEND_NODE_EACH(worst, list) {
        char text[FIGURE_SIZE];
        if (n++ == WORST_MAX)
            break;
        estimate e = estimate_of(worst);
        bool sure = tend_node_bool(tend_node_get(worst, "significant"), false);
        html_row(r->out, NULL);
        tend_buf_puts(r->out, "<th scope=\"row\">");
        name_slice(r->out, worst);
        tend_buf_puts(r->out, "</th>");
        html_cell_number(r->out, figure(tend_node_double(tend_node_get(worst, "n"), NO_VALUE), text));
        html_cell_number(r->out, figure_value(e, text));
        html_cell_number(r->out, figure_interval(e, text));
        html_cell_number(r->out, figure_value((estimate){tend_node_double(tend_node_get(worst, "gap"), NO_VALUE), e.low, e.high}, text));
        tend_buf_puts(r->out, "<td>");
        html_chip(r->out, sure ? CHIP_WARN : CHIP_PLAIN, sure ? "clearly worse" : "may be chance");
        tend_buf_puts(r->out, "</td></tr>\n");
    }
    html_table_end(r->out);
}

/* ---- all groups ---- */

/* The nth largest support within one group of slices: what is below it is left out. */
static double smallest_shown(const tend_node *first, size_t n, size_t keep) {
    if (n <= keep)
        return -1;
    double limit = (double)INFINITY;
    for (size_t kept = 0; kept < keep;) {
        double next = -1;
        size_t equal = 0;
        const tend_node *slice = first;
        for (size_t i = 0; i < n; i++, slice = slice->next) {
            double rows = tend_node_double(tend_node_get(slice, "n"), 0);
            if (rows < limit && rows > next) {
                next = rows;
                equal = 0;
            }
            equal += rows == next;
        }
        limit = next;
        kept += equal ? equal : keep;
    }
    return limit;
}

static void slice_row(const report *r, const tend_node *slice, strip_scale scale, bool binary) {
    char text[FIGURE_SIZE];
    TEND_AUTO_BUF values = TEND_BUF_INIT;
    estimate e = slice_metric(r, slice);
    bool small = is_small(slice);
    double n = tend_node_double(tend_node_get(slice, "n"), NO_VALUE);
    slice_values(&values, slice);
    html_row(r->out, small ? "faint" : NULL);
    html_cell_name(r->out, tend_buf_text(&values));
    html_cell_number(r->out, figure(n, text));
    html_cell_number(r->out, figure_value(e, text));
    tend_buf_puts(r->out, "<td>");
    const char *look = small ? "small" : is_among_worst(r, slice) ? "worse" : NULL;
    strip_dot(r->out, scale, e, r->own.value, look, figure_estimate(e, text));
    tend_buf_puts(r->out, "</td>");
    html_cell_number(r->out, small ? "few rows" : figure_interval(e, text));
    if (binary)
        html_cell_number(r->out, figure_percent(tend_node_double(tend_node_get(slice, "positives"), NO_VALUE) / n, text));
    tend_buf_puts(r->out, "</tr>\n");
}

static void group_head(const report *r, const tend_node *slice, bool binary) {
    TEND_AUTO_BUF columns = TEND_BUF_INIT;
    slice_columns(&columns, slice);
    tend_buf_printf(r->out, "<tr class=\"group\"><th scope=\"colgroup\" colspan=\"%d\">by ", binary ? 6 : 5);
    html_name(r->out, tend_buf_text(&columns));
    tend_buf_puts(r->out, "</th></tr>\n");
}

static size_t count_groups(const tend_node *slices) {
    size_t n = 0;
    const tend_node *before = NULL;
    TEND_NODE_EACH(slice, slices) {
        n += !before || !slice_same_columns(before, slice);
        before = slice;
    }
    return n;
}

static size_t write_group(const report *r, const tend_node *first, size_t keep, strip_scale scale, bool binary) {
    size_t n = disparity_of(r, first).n, shown = 0;
    double limit = smallest_shown(first, n, keep);
    const tend_node *slice = first;
    group_head(r, first, binary);
    for (size_t i = 0; i < n; i++, slice = slice->next)
        if (tend_node_double(tend_node_get(slice, "n"), 0) >= limit && shown < keep) {
            slice_row(r, slice, scale, binary);
            shown++;
        }
    return shown;
}

static strip_scale scale_of(const report *r, const tend_node *slices) {
    strip_scale scale = STRIP_SCALE_INIT;
    strip_include(&scale, r->own.value);
    TEND_NODE_EACH(slice, slices) {
        estimate e = slice_metric(r, slice);
        if (is_small(slice))
            continue;
        strip_include(&scale, e.value);
        strip_include(&scale, e.low);
        strip_include(&scale, e.high);
    }
    strip_finish(&scale);
    return scale;
}

static void heads(const report *r, strip_scale scale, bool binary) {
    html_table(r->out, "Metric by group", NULL);
    tend_buf_puts(r->out, "<th scope=\"col\">group</th><th scope=\"col\" class=\"n\">rows</th><th scope=\"col\" class=\"n\">");
    html_text(r->out, r->metric ? r->metric : "value");
    tend_buf_puts(r->out, "</th>");
    strip_head(r->out, scale, "");
    tend_buf_puts(r->out, "<th scope=\"col\" class=\"n\">95 % interval</th>");
    tend_buf_puts(r->out, binary ? "<th scope=\"col\" class=\"n\">positive</th>" : "");
    html_heads_end(r->out);
}

static void all_slices(const report *r, const tend_node *slices) {
    strip_scale scale = scale_of(r, slices);
    bool binary = r->task && !strcmp(r->task, "binary");
    size_t groups = count_groups(slices), left = SLICES_MAX, shown = 0;
    const tend_node *before = NULL;
    tend_buf_puts(r->out, "<h3>All groups</h3>\n");
    heads(r, scale, binary);
    TEND_NODE_EACH(slice, slices) {
        if (before && slice_same_columns(before, slice))
            continue;
        before = slice;
        size_t keep = groups ? left / groups : left;
        if (keep) {
            size_t wrote = write_group(r, slice, keep, scale, binary);
            left -= wrote;
            shown += wrote;
        }
        groups -= groups > 1;
    }
    html_table_end(r->out);
    html_left_out(r->out, (int64_t)(report_count(slices) - shown), "groups, those with the fewest rows, are");
}

/* ---- differences within a column ---- */

static void gap_cell(const report *r, const disparity_gap *gap, bool share) {
    char low[FIGURE_SIZE], high[FIGURE_SIZE];
    TEND_AUTO_BUF groups = TEND_BUF_INIT;
    if (!gap->title) {
        html_cell_number(r->out, "\xE2\x80\x93");
        return;
    }
    tend_buf_puts(r->out, "<td class=\"gap\">");
    html_text(r->out, share ? figure_percent(gap->low_value, low) : figure_value(slice_metric(r, gap->low), low));
    tend_buf_puts(r->out, " to ");
    html_text(r->out, share ? figure_percent(gap->high_value, high) : figure_value(slice_metric(r, gap->high), high));
    slice_values(&groups, gap->low);
    tend_buf_puts(&groups, " \xE2\x80\xA6 ");
    slice_values(&groups, gap->high);
    tend_buf_puts(r->out, "<span class=\"sub\">");
    html_name(r->out, tend_buf_text(&groups));
    tend_buf_puts(r->out, "</span></td>");
}

/* For two classes: is one group decided for, found, or accused more often than another? */
static void disparities(const report *r, const tend_node *slices) {
    const tend_node *before = NULL;
    size_t left = DISPARITIES_MAX;
    if (!r->task || strcmp(r->task, "binary") != 0)
        return;
    tend_buf_puts(r->out, "<h3>Differences within a column</h3>\n");
    html_table(r->out, "Largest differences between groups", NULL);
    tend_buf_puts(r->out, "<th scope=\"col\">by</th><th scope=\"col\">");
    html_text(r->out, r->metric ? r->metric : "value");
    tend_buf_puts(r->out, "</th><th scope=\"col\">decided positive</th><th scope=\"col\">positives found</th><th "
                          "scope=\"col\">false alarms</th>");
    html_heads_end(r->out);
    TEND_NODE_EACH(slice, slices) {
        if (before && slice_same_columns(before, slice))
            continue;
        before = slice;
        if (!left || !left--)
            continue;
        TEND_AUTO_BUF columns = TEND_BUF_INIT;
        disparity d = disparity_of(r, slice);
        slice_columns(&columns, slice);
        html_row(r->out, NULL);
        html_cell_name(r->out, tend_buf_text(&columns));
        for (int i = 0; i < DISPARITY_MEASURES; i++)
            gap_cell(r, &d.gap[i], i > 0);
        tend_buf_puts(r->out, "</tr>\n");
    }
    html_table_end(r->out);
    html_note(r->out, "Lowest to highest among the groups that are large enough. Shares of all rows, of the positive "
                      "rows, and of the negative rows.");
}

void report_slices(const report *r) {
    char text[FIGURE_SIZE];
    const tend_node *slices = report_get(r, "evaluation.slices");
    int64_t total = report_int(r, "evaluation.slice_counts.total", (int64_t)report_count(slices));
    int64_t small = report_int(r, "evaluation.slice_counts.small", 0), min_slice = report_int(r, "evaluation.slice_counts.min_slice", 0);
    sentence(r, total);
    worst_list(r);
    all_slices(r, slices);
    tend_buf_printf(r->out,
                    "<p class=\"note\">The dashed line is the value of all test rows (%s). Orange: clearly worse than "
                    "the whole, also when "
                    "as many groups are looked at.",
                    figure_value(r->own, text));
    if (small > 0) {
        tend_buf_printf(r->out, " Hollow: %s with fewer than ", figure_plural(small, "group", "groups", text));
        html_count(r->out, min_slice);
        tend_buf_puts(r->out, " rows, too few to judge.");
    }
    tend_buf_puts(r->out, "</p>\n");
    disparities(r, slices);
}
