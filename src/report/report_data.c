/* What the data is, and what was put aside. */
#include "report/report_parts.h"
#include "report/svg.h"
#include "report/words.h"

#include <math.h>
#include <stdlib.h>

enum { FILES_MAX = 40, NOTES_MAX = 8, ANOMALIES_MAX = 60, CLASSES_MAX = 30 };

/* ---- the sentence ---- */

static int64_t count_files(const report *r) {
    int64_t n = 0;
    TEND_NODE_EACH(source, report_get(r, "snapshot.sources"))
        n += (int64_t)report_count(source);
    return n;
}

static void say_rows(const report *r) {
    char text[FIGURE_SIZE];
    int64_t rows = report_int(r, "check.rows", report_int(r, "snapshot.rows", -1));
    int64_t columns = report_int(r, "snapshot.columns", -1), files = count_files(r);
    if (rows < 0)
        return;
    tend_buf_printf(r->out, "The data has %s", figure_plural(rows, "row", "rows", text));
    if (columns >= 0)
        tend_buf_printf(r->out, " and %s", figure_plural(columns, "column", "columns", text));
    if (files)
        tend_buf_printf(r->out, ", from %s", figure_plural(files, "file", "files", text));
    tend_buf_puts(r->out, ". ");
}

static void say_aside(const report *r) {
    char text[FIGURE_SIZE];
    int64_t aside = report_rows_aside(r);
    if (report_int(r, "check.rows", -1) < 0)
        return;
    if (aside)
        tend_buf_printf(r->out, "%s put aside before learning. ", figure_plural(aside, "row was", "rows were", text));
    else
        tend_buf_puts(r->out, "No row was put aside. ");
}

static void say_split(const report *r) {
    char train[FIGURE_SIZE], test[FIGURE_SIZE];
    int64_t n_train = report_int(r, "split.train", -1), n_test = report_int(r, "split.test", -1);
    if (n_train < 0 || n_test < 0)
        return;
    tend_buf_printf(r->out, "The model learned from %s and is judged on %s it has never seen.",
                    figure_plural(n_train, "row", "rows", train), figure_plural(n_test, "row", "rows", test));
}

/* ---- the flow of rows ---- */

static void flow_part(tend_buf *out, int64_t rows, int64_t all, const char *css_class) {
    if (rows <= 0)
        return;
    tend_buf_puts(out, "<svg style=\"flex:0 1 ");
    svg_number(out, fmax(100.0 * (double)rows / (double)all, 0.6));
    tend_buf_printf(out, "%%\" aria-hidden=\"true\"><rect class=\"%s\" width=\"100%%\" height=\"100%%\"/></svg>", css_class);
}

static void flow_legend(tend_buf *out, int64_t rows, int64_t all, const char *css_class, const char *what) {
    char text[FIGURE_SIZE];
    if (rows <= 0)
        return;
    tend_buf_printf(out, "<li class=\"%s\">%s %s (", css_class, figure_count(rows, text), what);
    html_percent(out, (double)rows / (double)all);
    tend_buf_puts(out, ")</li>");
}

static void rows_flow(const report *r) {
    int64_t train = report_int(r, "split.train", 0), test = report_int(r, "split.test", 0), aside = report_rows_aside(r);
    if (train <= 0 || test < 0 || train > INT64_MAX / 4 || test > INT64_MAX / 4 || aside > INT64_MAX / 4)
        return;
    int64_t all = train + test + aside;
    tend_buf_puts(r->out, "<div class=\"flow\">");
    flow_part(r->out, train, all, "train");
    flow_part(r->out, test, all, "test");
    flow_part(r->out, aside, all, "aside");
    tend_buf_puts(r->out, "</div><ul class=\"legend blocks\">");
    flow_legend(r->out, train, all, "", "to learn from");
    flow_legend(r->out, test, all, "t", "to test on");
    flow_legend(r->out, aside, all, "a", "put aside");
    tend_buf_puts(r->out, "</ul>\n");
}

static void reasons(const report *r) {
    static const struct {
        const char *path, *one, *many;
    } kinds[] = {{"check.quarantined", "row breaks a rule", "rows break a rule"},
                 {"check.without_target", "row has no target value", "rows have no target value"},
                 {"check.duplicates", "row repeats an earlier one", "rows repeat an earlier one"}};
    char text[FIGURE_SIZE];
    bool any = false;
    for (size_t i = 0; i < 3; i++) {
        int64_t n = report_int(r, kinds[i].path, 0);
        if (n <= 0)
            continue;
        tend_buf_printf(r->out, "%s%s", any ? "; " : "<p class=\"note\">", figure_plural(n, kinds[i].one, kinds[i].many, text));
        any = true;
    }
    if (any && report_rows_aside(r))
        tend_buf_puts(r->out, ". What was put aside is in <code>report/quarantine.csv</code>, with a reason for each row.</p>\n");
    else if (any)
        tend_buf_puts(r->out, ". They were kept.</p>\n");
}

static void split_note(const report *r) {
    const char *by = report_string(r, "split.by"), *column = report_string(r, "split.column");
    if (!by)
        return;
    tend_buf_puts(r->out, "<p class=\"note\">");
    if (!strcmp(by, "time"))
        tend_buf_puts(r->out, "The test rows are the latest ones");
    else if (!strcmp(by, "group"))
        tend_buf_puts(r->out, "Rows of one group are all on the same side of the split");
    else if (!strcmp(by, "rows"))
        tend_buf_puts(r->out, "The test rows are named by the project");
    else
        tend_buf_puts(r->out, "The test rows were drawn at random");
    if (column) {
        tend_buf_puts(r->out, ", by the column ");
        html_name(r->out, column);
    }
    tend_buf_puts(r->out, ".</p>\n");
}

/* ---- classes ---- */

static void classes(const report *r) {
    const tend_node *list = report_get(r, "split.classes");
    strip_scale scale = STRIP_SCALE_INIT;
    double all = 0;
    TEND_NODE_EACH(item, list) {
        double n = tend_node_double(tend_node_get(item, "rows"), 0);
        strip_include(&scale, n);
        all += n;
    }
    if (!report_count(list))
        return;
    strip_finish_from_zero(&scale);
    tend_buf_puts(r->out, "<h3>The classes of the target</h3>\n");
    html_table(r->out, "Classes of the target", (const char *const[]){"class", "#rows", "#share", "~", NULL});
    size_t left = CLASSES_MAX;
    TEND_NODE_EACH(item, list) {
        char text[FIGURE_SIZE];
        double n = tend_node_double(tend_node_get(item, "rows"), NO_VALUE);
        if (!left--)
            break;
        html_row(r->out, NULL);
        html_cell_name(r->out, tend_node_string(tend_node_get(item, "class"), NULL));
        html_cell_number(r->out, figure(n, text));
        html_cell_number(r->out, figure_percent(n / all, text));
        tend_buf_puts(r->out, "<td>");
        strip_bar(r->out, scale, (estimate){n, NO_VALUE, NO_VALUE}, NULL, figure_percent(n / all, text));
        tend_buf_puts(r->out, "</td></tr>\n");
    }
    html_table_end(r->out);
    html_left_out(r->out, (int64_t)list->count - CLASSES_MAX, "classes are");
}

/* ---- files ---- */

/* {"separator": ";", "encoding": "latin-1"}, or a list of sentences. */
static void file_notes(tend_buf *out, const tend_node *notes) {
    size_t n = 0;
    TEND_NODE_EACH(note, notes) {
        if (note->kind == TEND_NODE_NULL || note->kind >= TEND_NODE_LIST || n == NOTES_MAX)
            continue;
        tend_buf_puts(out, n++ ? ", " : "<span class=\"sub\">");
        if (note->key) {
            html_name(out, note->key);
            tend_buf_putc(out, ' ');
        }
        tend_buf_puts(out, note->key ? "<code>" : "");
        html_value(out, note);
        tend_buf_puts(out, note->key ? "</code>" : "");
    }
    tend_buf_puts(out, n ? "</span>" : "");
}

static void file_row(tend_buf *out, const char *source, const tend_node *file) {
    char text[FIGURE_SIZE];
    int64_t size = tend_node_int(tend_node_get(file, "size"), -1);
    html_row(out, NULL);
    tend_buf_puts(out, "<th scope=\"row\">");
    html_name(out, tend_node_string(tend_node_get(file, "path"), NULL));
    file_notes(out, tend_node_get(file, "notes"));
    tend_buf_puts(out, "</th><td>");
    html_name(out, source);
    tend_buf_puts(out, "</td>");
    html_cell_number(out, figure(tend_node_double(tend_node_get(file, "rows"), NO_VALUE), text));
    html_cell_number(out, size >= 0 ? tend_text_bytes((uint64_t)size, text) : "\xE2\x80\x93");
    tend_buf_puts(out, "</tr>\n");
}

static void files(const report *r) {
    int64_t n = count_files(r), left = FILES_MAX;
    if (!n)
        return;
    tend_buf_puts(r->out, "<h3>Files</h3>\n");
    html_table(r->out, "Files", (const char *const[]){"file", "source", "#rows", "#size", NULL});
    TEND_NODE_EACH(source, report_get(r, "snapshot.sources"))
        TEND_NODE_EACH(file, source)
            if (left-- > 0)
                file_row(r->out, source->key, file);
    html_table_end(r->out);
    html_left_out(r->out, n - FILES_MAX, "files are");
}

/* ---- anomalies ---- */

static int severity_rank(const tend_node *anomaly) {
    const char *severity = tend_node_string(tend_node_get(anomaly, "severity"), "");
    return !strcmp(severity, "error") ? 0 : !strcmp(severity, "quarantine") ? 1 : 2;
}

static void anomaly_row(tend_buf *out, const tend_node *anomaly) {
    char text[FIGURE_SIZE];
    static const chip_kind looks[] = {CHIP_BAD, CHIP_WARN, CHIP_WARN};
    const char *hint = tend_node_string(tend_node_get(anomaly, "hint"), NULL);
    int64_t rows = tend_node_int(tend_node_get(anomaly, "rows"), 0);
    html_row(out, NULL);
    tend_buf_puts(out, "<td>");
    html_chip(out, looks[severity_rank(anomaly)], tend_node_string(tend_node_get(anomaly, "severity"), "warning"));
    tend_buf_puts(out, "</td>");
    html_cell_name(out, tend_node_string(tend_node_get(anomaly, "column"), NULL));
    tend_buf_puts(out, "<td class=\"wide\"><span class=\"kind\">");
    html_text(out, words_rule(tend_node_string(tend_node_get(anomaly, "rule"), "\xE2\x80\x93")));
    tend_buf_puts(out, "</span>");
    html_text(out, tend_node_string(tend_node_get(anomaly, "message"), words_rule(tend_node_string(tend_node_get(anomaly, "rule"), ""))));
    if (hint) {
        tend_buf_puts(out, "<span class=\"sub\">");
        html_text(out, hint);
        tend_buf_puts(out, "</span>");
    }
    tend_buf_puts(out, "</td>");
    html_cell_number(out, rows > 0 ? figure_count(rows, text) : "\xE2\x80\x93");
    tend_buf_puts(out, "</tr>\n");
}

/* Errors first; within a severity as they were found. */
void report_anomaly_table(tend_buf *out, const tend_node *const *anomalies, size_t n) {
    size_t left = ANOMALIES_MAX;
    html_table(out, "Anomalies", (const char *const[]){"severity", "column", "what was found", "#rows", NULL});
    for (int rank = 0; rank < 3; rank++)
        for (size_t i = 0; i < n; i++)
            if (severity_rank(anomalies[i]) == rank && left) {
                anomaly_row(out, anomalies[i]);
                left--;
            }
    html_table_end(out);
    html_left_out(out, (int64_t)n - ANOMALIES_MAX, "anomalies are");
}

typedef struct anomaly_list {
    const tend_node **items;
    size_t n;
} anomaly_list;

static void collect(void *ctx, const tend_node *anomaly) {
    anomaly_list *list = ctx;
    list->items = tend_realloc(list->items, (list->n + 1) * sizeof *list->items);
    list->items[list->n++] = anomaly;
}

static void anomalies(const report *r) {
    anomaly_list list = {0};
    if (!report_get(r, "check"))
        return;
    report_each_anomaly(r, collect, &list);
    tend_buf_puts(r->out, "<h3>Anomalies</h3>\n");
    if (list.n)
        report_anomaly_table(r->out, list.items, list.n);
    else
        html_note(r->out, "None: every expectation holds, and no column gives the target away.");
    free(list.items);
}

void report_data(const report *r) {
    html_say(r->out);
    say_rows(r);
    say_aside(r);
    say_split(r);
    html_say_end(r->out);
    rows_flow(r);
    reasons(r);
    split_note(r);
    anomalies(r);
    report_expectations(r);
    classes(r);
    files(r);
}
