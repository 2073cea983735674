/* The report of a profile: a table's columns, what is odd about them, and how they hang together. */
#include "report/report.h"

#include "report/report_parts.h"
#include "report/svg.h"
#include "report/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ASSOCIATIONS_MAX = 60, CORRELATED_MAX = 40, FIGURES_IN_CELLS = 14 };

static void begin_section(tend_buf *out, const char *id, const char *title) {
    tend_buf_printf(out, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">%s</h2>\n", id, id, id, title);
}

static double number(const tend_node *node, const char *key) { return tend_node_double(tend_node_get(node, key), 0); }

/* ---- overview ---- */

static void tile(tend_buf *out, const char *title, const char *value, const char *more) {
    tend_buf_printf(out, "<dl class=\"tile\"><dt>%s</dt><dd><div class=\"big\">%s</div><span class=\"sub\">%s</span></dd></dl>\n", title,
                    value, more);
}

static void type_words(const tend_node *columns, tend_buf *out) {
    static const char *const types[] = {"integer", "number", "string", "boolean", "date", "timestamp"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t count = 0;
        TEND_NODE_EACH(column, columns)
            count += !strcmp(tend_node_string(tend_node_get(column, "type"), ""), types[i]);
        if (count)
            tend_buf_printf(out, "%s%zu %s", n++ ? ", " : "", count, words_type(types[i]));
    }
}

static void overview(tend_buf *out, const tend_node *document) {
    const tend_node *profile = tend_node_get(document, "profile"), *columns = tend_node_get(profile, "columns");
    char text[FIGURE_SIZE];
    TEND_AUTO_BUF types = TEND_BUF_INIT;
    TEND_AUTO_BUF incomplete = TEND_BUF_INIT;
    double cells = 0, missing = 0;
    int64_t with_missing = 0;
    TEND_NODE_EACH(column, columns) {
        cells += number(column, "count") + number(column, "missing");
        missing += number(column, "missing");
        with_missing += number(column, "missing") > 0;
    }
    type_words(columns, &types);
    tend_buf_printf(&incomplete, "in %s", figure_plural(with_missing, "column", "columns", text));
    tend_buf_puts(out, "<div class=\"tiles\">\n");
    int64_t unreadable = tend_node_int(tend_node_get(document, "unreadable"), 0);
    TEND_AUTO_BUF lost = TEND_BUF_INIT;
    if (unreadable > 0)
        tend_buf_printf(&lost, "%s not be read", figure_plural(unreadable, "cell or row could", "cells or rows could", text));
    tile(out, "Rows", figure_count(tend_node_int(tend_node_get(profile, "rows"), 0), text), tend_buf_text(&lost));
    tile(out, "Columns", figure_count((int64_t)report_count(columns), text), tend_buf_text(&types));
    char share[FIGURE_SIZE];
    TEND_AUTO_BUF shown = TEND_BUF_INIT;
    tend_html_escape(&shown, figure_percent(cells > 0 ? missing / cells : 0, share));
    tile(out, "Missing values", tend_buf_text(&shown), tend_buf_text(&incomplete));
    tile(out, "Anomalies", figure_count((int64_t)report_count(tend_node_get(document, "anomalies")), text), "");
    tend_buf_puts(out, "</div>\n");
}

/* ---- parts ---- */

static void anomalies(tend_buf *out, const tend_node *list) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const tend_node **items = TEND_ARRAY(arena, const tend_node *, report_count(list) + 1);
    size_t n = 0;
    begin_section(out, "anomalies", "What stands out");
    html_say(out);
    tend_buf_puts(out, report_count(list) ? "These columns deserve a look before anything is learned from them."
                                          : "Nothing stands out: no constant, identifying, repeated or telltale column was found.");
    html_say_end(out);
    TEND_NODE_EACH(item, list)
        items[n++] = item;
    if (n && list->kind == TEND_NODE_LIST)
        report_anomaly_table(out, items, n);
    tend_buf_puts(out, "</section>\n");
}

typedef struct ranked {
    const tend_node *item;
    double score;
    size_t position;
} ranked;

static int by_score(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->position > y->position) - (x->position < y->position);
}

static void associations(tend_buf *out, const tend_node *list) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    ranked *all = TEND_ARRAY(arena, ranked, report_count(list) + 1);
    size_t n = 0;
    if (!report_count(list))
        return;
    TEND_NODE_EACH(item, list) {
        double score = tend_node_double(tend_node_get(item, "score"), NO_VALUE);
        all[n] = (ranked){item, isnan(score) ? -(double)INFINITY : score, n};
        n++;
    }
    qsort(all, n, sizeof *all, by_score);
    begin_section(out, "associations", "What goes with the target");
    html_say(out);
    tend_buf_puts(out, "How much each column alone says about the target; the more, the more useful, and the closer to "
                       "1, the more suspicious.");
    html_say_end(out);
    html_table(out, "Association with the target", (const char *const[]){"column", "~", "#score", "measure", NULL});
    for (size_t i = 0; i < n && i < ASSOCIATIONS_MAX; i++) {
        char text[FIGURE_SIZE];
        estimate e = {tend_node_double(tend_node_get(all[i].item, "score"), NO_VALUE), NO_VALUE, NO_VALUE};
        html_row(out, NULL);
        html_cell_name(out, tend_node_string(tend_node_get(all[i].item, "column"), NULL));
        tend_buf_puts(out, "<td>");
        strip_bar(out, (strip_scale){0, 1}, e, NULL, figure(e.value, text));
        tend_buf_puts(out, "</td>");
        html_cell_number(out, isfinite(e.value) ? figure_fixed(e.value, 3, text) : "\xE2\x80\x93");
        html_cell(out, tend_node_string(tend_node_get(all[i].item, "kind"), ""));
        tend_buf_puts(out, "</tr>\n");
    }
    html_table_end(out);
    html_left_out(out, (int64_t)n - ASSOCIATIONS_MAX, "columns are");
    tend_buf_puts(out, "</section>\n");
}

/* ---- correlations ---- */

static void heat_cell(tend_buf *out, double v, bool with_figure) {
    char text[FIGURE_SIZE];
    if (!isfinite(v)) {
        tend_buf_puts(out, "<td></td>");
        return;
    }
    figure_fixed(v, 2, text);
    tend_buf_printf(out, "<td class=\"%s\" title=\"%s\" style=\"--v:", v < 0 ? "m" : "p", text);
    svg_number(out, fmin(fabs(v), 1));
    tend_buf_printf(out, "\">%s</td>", with_figure ? text : "");
}

static void heat_row(tend_buf *out, const tend_node *row, const char *name, size_t i, bool with_figures) {
    tend_buf_puts(out, "<tr><th scope=\"row\">");
    html_name(out, name);
    tend_buf_printf(out, " %zu</th>", i + 1);
    const tend_node *cell = row ? row->first : NULL;
    for (size_t j = 0; j < i; j++, cell = cell ? cell->next : NULL)
        heat_cell(out, tend_node_double(cell, NO_VALUE), with_figures);
    tend_buf_printf(out, "<td>%zu</td></tr>\n", i + 1);
}

static void correlations(tend_buf *out, const tend_node *node) {
    const tend_node *columns = tend_node_get(node, "columns"), *matrix = tend_node_get(node, "matrix");
    size_t all = report_count(columns), n = all < CORRELATED_MAX ? all : CORRELATED_MAX;
    if (n < 2 || !report_count(matrix))
        return;
    begin_section(out, "correlations", "What goes together");
    html_say(out);
    tend_buf_puts(out, "Columns that rise together are blue, columns that go against each other orange; the stronger "
                       "the colour, the closer.");
    html_say_end(out);
    tend_buf_puts(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Correlations\"><table "
                       "class=\"heat\"><tbody>\n");
    for (size_t i = 0; i < n; i++)
        heat_row(out, tend_node_at(matrix, i), tend_node_scalar(tend_node_at(columns, i), NULL), i, n <= FIGURES_IN_CELLS);
    html_table_end(out);
    html_left_out(out, (int64_t)(all - n), "columns are");
    tend_buf_puts(out, "</section>\n");
}

static const char *target_of(const tend_node *document) { return tend_node_string(tend_node_get(document, "target"), NULL); }

void tend_report_profile_html(const tend_node *document, tend_buf *out) {
    const char *title = tend_node_string(tend_node_get(document, "title"), "data");
    TEND_AUTO_BUF heading = TEND_BUF_INIT;
    tend_buf_printf(&heading, "%s: data profile", title);
    html_page(out, tend_buf_text(&heading));
    tend_buf_puts(out, "<div class=\"page\"><header>\n<p class=\"eyebrow\">Data profile</p>\n<h1>");
    html_name(out, title);
    tend_buf_puts(out, "</h1>\n");
    overview(out, document);
    tend_buf_puts(out, "</header>\n<main>\n");
    anomalies(out, tend_node_get(document, "anomalies"));
    associations(out, tend_node_get(document, "associations"));
    correlations(out, tend_node_get(document, "correlations"));
    begin_section(out, "columns", "The columns, one by one");
    profile_cards(out, tend_node_get(document, "profile"), target_of(document), tend_node_get(document, "associations"));
    tend_buf_puts(out, "</section>\n<footer>Written by tend. Counts, minimum, maximum and mean are exact; quantiles "
                       "and numbers of different values may be close "
                       "estimates.</footer>\n</main></div>\n");
    html_page_end(out);
}
