/* The pieces a page is made of: text from outside made safe, tables, strips (one-line plots inside a table's row),
 * chips.
 *
 * Everything that is not a literal of ours goes through html_text or html_name. Those accept any bytes: what is not
 * UTF-8 and control characters become U+FFFD, long text is cut, names are isolated so that right-to-left ones cannot
 * turn the line around.
 */
#ifndef TEND_REPORT_HTML_H
#define TEND_REPORT_HTML_H

#include "report/figure.h"

/* Valid UTF-8 without control characters, at most max characters ("…" where it was cut). Returns whether it was cut. */
bool text_clean(tend_buf *out, const char *text, size_t max);

void html_text(tend_buf *out, const char *text);         /* up to 2,000 characters */
void html_name(tend_buf *out, const char *name);         /* a column, a value: up to 60 characters, the rest as a tooltip */
void html_value(tend_buf *out, const tend_node *scalar); /* numbers as figures, texts as names, "–" for nothing */
void html_figure(tend_buf *out, double v);
void html_count(tend_buf *out, int64_t n);
void html_percent(tend_buf *out, double share);
/* <p class="say">: opens; the caller writes text; html_say_end closes. */
void html_say(tend_buf *out);
void html_say_end(tend_buf *out);
void html_note(tend_buf *out, const char *text); /* a small grey paragraph of our own words, which may hold markup */

/* The whole page: head with the style, then <body>. */
void html_page(tend_buf *out, const char *title);
void html_page_end(tend_buf *out);

/* Tables scroll sideways when they must. A head that starts with '#' is a column of numbers, with '~' one of strips;
 * NULL ends the list. With heads NULL the caller writes the head cells, and then calls html_heads_end. */
void html_table(tend_buf *out, const char *label, const char *const *heads);
void html_heads_end(tend_buf *out);
void html_table_end(tend_buf *out);
void html_row(tend_buf *out, const char *css_class); /* NULL: none */
void html_cell(tend_buf *out, const char *text);     /* escaped */
void html_cell_name(tend_buf *out, const char *name);
void html_cell_number(tend_buf *out, const char *figure_text);
/* "and 12 more …" under a table that was cut; nothing when none was left out. */
void html_left_out(tend_buf *out, int64_t n, const char *what);

typedef enum chip_kind { CHIP_PLAIN, CHIP_GOOD, CHIP_BAD, CHIP_WARN, CHIP_BLUE } chip_kind;
/* A mark and a word, so that colour never carries the meaning alone. */
void html_chip(tend_buf *out, chip_kind kind, const char *text);

/* Strips: plots one line high in percent coordinates, as wide as their cell. */
typedef struct strip_scale {
    double low, high;
} strip_scale;
#define STRIP_SCALE_INIT ((strip_scale){(double)INFINITY, -(double)INFINITY})
void strip_include(strip_scale *scale, double v); /* what is not finite is ignored */
void strip_finish(strip_scale *scale);            /* round ends, some room */
void strip_finish_from_zero(strip_scale *scale);  /* for bars */
/* reference: a thin line, NaN for none. `label` is read out: our own words and figures. */
void strip_dot(tend_buf *out, strip_scale scale, estimate e, double reference, const char *css_class, const char *label);
void strip_bar(tend_buf *out, strip_scale scale, estimate e, const char *css_class, const char *label);
/* A head cell with the ends of the scale. */
void strip_head(tend_buf *out, strip_scale scale, const char *title);

#endif
