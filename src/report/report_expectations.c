/* What was expected of the data, rule by rule, and whether it held. */
#include "report/report_parts.h"

enum { EXPECTATIONS_MAX = 100, SHOWN_OPEN = 8 };

typedef enum outcome { BROKEN, UNCHECKED, HELD, N_OUTCOMES } outcome;

static outcome outcome_of(const tend_node *expectation) {
    const tend_node *holds = tend_node_get(expectation, "holds");
    if (!holds || holds->kind != TEND_NODE_BOOL)
        return UNCHECKED;
    return tend_node_bool(holds, false) ? HELD : BROKEN;
}

static void put_expected(tend_buf *out, const tend_node *expectation) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    const tend_node *expected = tend_node_get(expectation, "expected");
    tend_buf_printf(&text, "%s ", tend_node_string(tend_node_get(expectation, "rule"), ""));
    if (expected && expected->kind == TEND_NODE_STRING)
        tend_buf_puts(&text, expected->text);
    else if (expected)
        tend_json_format(expected, 0, &text);
    tend_buf_puts(out, "<td class=\"wide\">");
    html_text(out, tend_buf_text(&text));
    tend_buf_puts(out, "</td>");
}

static void expectation_row(tend_buf *out, const tend_node *expectation, outcome what) {
    static const struct {
        chip_kind look;
        const char *word;
    } marks[N_OUTCOMES] = {{CHIP_BAD, "broken"}, {CHIP_PLAIN, "not checked"}, {CHIP_GOOD, "holds"}};
    char text[FIGURE_SIZE];
    int64_t rows = tend_node_int(tend_node_get(expectation, "rows"), 0);
    html_row(out, NULL);
    tend_buf_puts(out, "<td>");
    html_chip(out, marks[what].look, marks[what].word);
    tend_buf_puts(out, "</td>");
    html_cell_name(out, tend_node_string(tend_node_get(expectation, "column"), NULL));
    put_expected(out, expectation);
    tend_buf_puts(out, "<td class=\"n\">");
    if (tend_node_get(expectation, "value"))
        html_figure(out, tend_node_double(tend_node_get(expectation, "value"), 0));
    tend_buf_puts(out, "</td>");
    html_cell_number(out, rows > 0 ? figure_count(rows, text) : "\xE2\x80\x93");
    tend_buf_puts(out, "</tr>\n");
}

static void put_rows(const report *r, const tend_node *list, outcome what, int64_t *left) {
    TEND_NODE_EACH(expectation, list)
        if (outcome_of(expectation) == what && *left > 0) {
            expectation_row(r->out, expectation, what);
            --*left;
        }
}

static void begin_table(const report *r) {
    html_table(r->out, "Expectations",
               (const char *const[]){"result", "column", "what was expected", "#measured", "#rows that broke it", NULL});
}

/* Broken ones first; many that hold are folded away: nobody should have to scroll past them. */
void report_expectations(const report *r) {
    const tend_node *list = report_get(r, "check.expectations");
    int64_t counts[N_OUTCOMES] = {0}, left = EXPECTATIONS_MAX;
    TEND_NODE_EACH(expectation, list)
        counts[outcome_of(expectation)]++;
    int64_t n = counts[BROKEN] + counts[UNCHECKED] + counts[HELD];
    if (!n)
        return;
    bool fold = counts[HELD] > SHOWN_OPEN;
    tend_buf_puts(r->out, "<h3>Expectations</h3>\n");
    if (!fold || counts[HELD] < n) {
        begin_table(r);
        put_rows(r, list, BROKEN, &left);
        put_rows(r, list, UNCHECKED, &left);
        if (!fold)
            put_rows(r, list, HELD, &left);
        html_table_end(r->out);
    }
    if (fold) {
        char held[FIGURE_SIZE];
        tend_buf_printf(r->out, "<details><summary>%s%s hold</summary>\n", counts[HELD] == n ? "All " : "",
                        figure_count(counts[HELD], held));
        begin_table(r);
        put_rows(r, list, HELD, &left);
        html_table_end(r->out);
        tend_buf_puts(r->out, "</details>\n");
    }
    html_left_out(r->out, n - EXPECTATIONS_MAX, "expectations are");
}
