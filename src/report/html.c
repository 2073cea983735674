#include "report/html.h"

#include "report/style.h"
#include "report/svg.h"

#include <math.h>
#include <stdio.h>

enum { TEXT_MAX = 2000, NAME_MAX = 60, TOOLTIP_MAX = 400 };

/* ---- text from outside ---- */

static size_t character_size(unsigned char first) { return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4; }

static void clean_character(tend_buf *out, const char *at, size_t size) {
    unsigned char c = (unsigned char)*at;
    if (c == '\n' || c == '\t' || c == '\r')
        tend_buf_putc(out, ' ');
    else if (c < 0x20 || c == 0x7F)
        tend_buf_puts(out, "\xEF\xBF\xBD");
    else
        tend_buf_append(out, at, size);
}

static size_t valid_run(const char *text, size_t size) {
    size_t bad_at = 0;
    return tend_utf8_is_valid(text, size, &bad_at) ? size : bad_at;
}

bool text_clean(tend_buf *out, const char *text, size_t max) {
    size_t left = strlen(text), valid = 0;
    for (size_t n = 0; left; n++) {
        if (n == max) {
            tend_buf_puts(out, "\xE2\x80\xA6");
            return true;
        }
        valid = valid ? valid : valid_run(text, left);
        size_t size = valid ? character_size((unsigned char)*text) : 1;
        if (valid)
            clean_character(out, text, size);
        else
            tend_buf_puts(out, "\xEF\xBF\xBD");
        text += size;
        left -= size;
        valid -= valid ? size : 0;
    }
    return false;
}

static bool escape_clean(tend_buf *out, const char *text, size_t max) {
    TEND_AUTO_BUF clean = TEND_BUF_INIT;
    bool cut = text_clean(&clean, text ? text : "", max);
    tend_html_escape(out, tend_buf_text(&clean));
    return cut;
}

void html_text(tend_buf *out, const char *text) { escape_clean(out, text, TEXT_MAX); }

void html_name(tend_buf *out, const char *name) {
    TEND_AUTO_BUF body = TEND_BUF_INIT;
    if (!name || !*name)
        name = name ? "(empty)" : "\xE2\x80\x93";
    bool cut = escape_clean(&body, name, NAME_MAX);
    tend_buf_puts(out, "<bdi");
    if (cut) {
        tend_buf_puts(out, " title=\"");
        escape_clean(out, name, TOOLTIP_MAX);
        tend_buf_putc(out, '"');
    }
    tend_buf_printf(out, ">%s</bdi>", tend_buf_text(&body));
}

void html_figure(tend_buf *out, double v) {
    char text[FIGURE_SIZE];
    tend_buf_puts(out, figure(v, text));
}

void html_count(tend_buf *out, int64_t n) {
    char text[FIGURE_SIZE];
    tend_buf_puts(out, figure_count(n, text));
}

void html_percent(tend_buf *out, double share) {
    char text[FIGURE_SIZE];
    tend_html_escape(out, figure_percent(share, text));
}

void html_value(tend_buf *out, const tend_node *scalar) {
    if (scalar && (scalar->kind == TEND_NODE_INT || scalar->kind == TEND_NODE_FLOAT))
        html_figure(out, tend_node_double(scalar, NO_VALUE));
    else if (scalar && scalar->kind == TEND_NODE_BOOL)
        tend_buf_puts(out, tend_node_bool(scalar, false) ? "true" : "false");
    else
        html_name(out, tend_node_string(scalar, NULL));
}

/* ---- paragraphs and the page ---- */

void html_say(tend_buf *out) { tend_buf_puts(out, "<p class=\"say\">"); }
void html_say_end(tend_buf *out) { tend_buf_puts(out, "</p>\n"); }
void html_note(tend_buf *out, const char *text) { tend_buf_printf(out, "<p class=\"note\">%s</p>\n", text); }

void html_page(tend_buf *out, const char *title) {
    tend_buf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                       "<meta name=\"color-scheme\" content=\"light dark\">\n"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                       "'unsafe-inline'\">\n<title>");
    html_text(out, title);
    tend_buf_puts(out, "</title>\n<style>\n");
    tend_buf_puts(out, report_style);
    tend_buf_puts(out, "</style>\n</head>\n<body>\n");
}

void html_page_end(tend_buf *out) { tend_buf_puts(out, "</body>\n</html>\n"); }

/* ---- tables ---- */

static void head_cell(tend_buf *out, const char *head) {
    const char *kind = *head == '#' ? " class=\"n\"" : *head == '~' ? " class=\"s\"" : "";
    tend_buf_printf(out, "<th scope=\"col\"%s>%s</th>", kind, head + (*kind != '\0'));
}

void html_table(tend_buf *out, const char *label, const char *const *heads) {
    tend_buf_printf(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\"><table><thead><tr>", label);
    for (; heads && *heads; heads++)
        head_cell(out, *heads);
    if (heads)
        html_heads_end(out);
}

void html_heads_end(tend_buf *out) { tend_buf_puts(out, "</tr></thead><tbody>\n"); }

void html_table_end(tend_buf *out) { tend_buf_puts(out, "</tbody></table></div>\n"); }

void html_row(tend_buf *out, const char *css_class) {
    tend_buf_puts(out, "<tr");
    if (css_class)
        tend_buf_printf(out, " class=\"%s\"", css_class);
    tend_buf_putc(out, '>');
}

void html_cell(tend_buf *out, const char *text) {
    tend_buf_puts(out, "<td>");
    html_text(out, text);
    tend_buf_puts(out, "</td>");
}

void html_cell_name(tend_buf *out, const char *name) {
    tend_buf_puts(out, "<th scope=\"row\">");
    html_name(out, name);
    tend_buf_puts(out, "</th>");
}

void html_cell_number(tend_buf *out, const char *figure_text) {
    tend_buf_puts(out, "<td class=\"n\">");
    tend_html_escape(out, figure_text);
    tend_buf_puts(out, "</td>");
}

void html_left_out(tend_buf *out, int64_t n, const char *what) {
    if (n <= 0)
        return;
    tend_buf_puts(out, "<p class=\"note\">");
    html_count(out, n);
    tend_buf_printf(out, " more %s not shown.</p>\n", what);
}

void html_chip(tend_buf *out, chip_kind kind, const char *text) {
    static const struct {
        const char *css_class, *mark;
    } looks[] = {{"", ""}, {" good", "\xE2\x9C\x93 "}, {" bad", "\xE2\x9C\x97 "}, {" warn", "! "}, {" blue", ""}};
    tend_buf_printf(out, "<span class=\"chip%s\">%s", looks[kind].css_class, looks[kind].mark);
    html_text(out, text);
    tend_buf_puts(out, "</span>");
}

/* ---- strips ---- */

void strip_include(strip_scale *scale, double v) {
    if (!isfinite(v))
        return;
    scale->low = fmin(scale->low, v);
    scale->high = fmax(scale->high, v);
}

void strip_finish(strip_scale *scale) {
    if (scale->low > scale->high)
        *scale = (strip_scale){0, 1};
    strip_scale data = *scale;
    double span = data.high - data.low;
    double room = span > 0 ? span * 0.03 : fmax(fabs(data.high) * 0.1, 1e-9);
    double step = svg_nice_step((span + 2 * room) / 10);
    scale->low = floor((data.low - room) / step) * step;
    scale->high = ceil((data.high + room) / step) * step;
    if (data.low >= 0) /* what is never negative gets no negative axis, and shares end at 1 */
        scale->low = fmax(scale->low, 0);
    if (data.low >= 0 && data.high <= 1)
        scale->high = fmin(scale->high, 1);
    if (!(scale->low < scale->high))
        scale->low = scale->high - step;
}

void strip_finish_from_zero(strip_scale *scale) {
    strip_include(scale, 0);
    if (!(scale->low < scale->high))
        scale->high = scale->low + 1;
    double step = svg_nice_step((scale->high - scale->low) / 10);
    scale->low = floor(scale->low / step) * step;
    scale->high = ceil(scale->high / step) * step;
}

static double percent_at(strip_scale scale, double v) {
    double at = 100 * (v - scale.low) / (scale.high - scale.low);
    return fmin(fmax(at, 0), 100);
}

static void coordinate(tend_buf *out, const char *name, double percent) {
    tend_buf_printf(out, " %s=\"", name);
    svg_number(out, percent);
    tend_buf_puts(out, "%\"");
}

static void strip_begin(tend_buf *out, const char *css_class, const char *label) {
    tend_buf_printf(out, "<svg class=\"strip %s\" role=\"img\" aria-label=\"", css_class ? css_class : "");
    tend_html_escape(out, label);
    tend_buf_puts(out, "\">");
}

static void vertical(tend_buf *out, double percent, int y1, int y2, const char *css_class) {
    tend_buf_printf(out, "<line class=\"%s\"", css_class);
    coordinate(out, "x1", percent);
    coordinate(out, "x2", percent);
    tend_buf_printf(out, " y1=\"%d\" y2=\"%d\"/>", y1, y2);
}

static void horizontal(tend_buf *out, double from, double to, const char *css_class) {
    tend_buf_printf(out, "<line class=\"%s\" y1=\"11\" y2=\"11\"", css_class);
    coordinate(out, "x1", from);
    coordinate(out, "x2", to);
    tend_buf_puts(out, "/>");
}

static void whisker(tend_buf *out, strip_scale scale, estimate e) {
    if (!estimate_has_interval(e))
        return;
    double low = percent_at(scale, e.low), high = percent_at(scale, e.high);
    horizontal(out, low, high, "ci");
    vertical(out, low, 7, 15, "cap");
    vertical(out, high, 7, 15, "cap");
}

void strip_dot(tend_buf *out, strip_scale scale, estimate e, double reference, const char *css_class, const char *label) {
    strip_begin(out, css_class, label);
    horizontal(out, 0, 100, "rail");
    if (isfinite(reference))
        vertical(out, percent_at(scale, reference), 0, 22, "ref");
    whisker(out, scale, e);
    if (isfinite(e.value)) {
        tend_buf_puts(out, "<circle class=\"dot\" cy=\"11\" r=\"4.5\"");
        coordinate(out, "cx", percent_at(scale, e.value));
        tend_buf_puts(out, "/>");
    }
    tend_buf_puts(out, "</svg>");
}

void strip_bar(tend_buf *out, strip_scale scale, estimate e, const char *css_class, const char *label) {
    strip_begin(out, css_class, label);
    double zero = percent_at(scale, 0);
    if (isfinite(e.value)) {
        double at = percent_at(scale, e.value);
        tend_buf_puts(out, "<rect class=\"bar\" y=\"4\" height=\"14\" rx=\"2\"");
        coordinate(out, "x", fmin(at, zero));
        coordinate(out, "width", fabs(at - zero));
        tend_buf_puts(out, "/>");
    }
    vertical(out, zero, 0, 22, "zero");
    whisker(out, scale, e);
    tend_buf_puts(out, "</svg>");
}

void strip_head(tend_buf *out, strip_scale scale, const char *title) {
    tend_buf_printf(out, "<th scope=\"col\" class=\"s\">%s<span class=\"ends\"><span>", title);
    html_figure(out, scale.low);
    tend_buf_puts(out, "</span><span>");
    html_figure(out, scale.high);
    tend_buf_puts(out, "</span></span></th>");
}
