/* The report of a run: its parts in the order of a reader's questions. */
#include "report/report.h"

#include "report/report_parts.h"
#include "report/words.h"

#include <math.h>

static const struct {
    const char *id, *title, *in_short, *needs[3];
    void (*write)(const report *r);
} parts[] = {
    {"data", "What the data is", "Data", {"snapshot", "check", "split"}, report_data},
    {"need", "Is machine learning needed?", "Is it needed?", {"evaluation.verdict"}, report_need},
    {"enough", "Is the data enough?", "Enough data?", {"evaluation.learning_curve"}, report_enough},
    {"models", "Which models were tried", "Models tried", {"training.leaderboard"}, report_leaderboard},
    {"quality", "How good is the model?", "How good", {"evaluation.metrics"}, report_quality},
    {"slices", "Where does it fail?", "Where it fails", {"evaluation.slices"}, report_slices},
    {"importance", "What does it look at?", "Importance", {"evaluation.importance"}, report_importance},
    {"features", "How columns become features", "Features", {"features"}, report_features},
    {"columns", "The columns, one by one", "Columns", {"profile"}, report_columns},
    {"provenance", "Where this model comes from", "Provenance", {"provenance", "model", "training"}, report_provenance},
};
enum { N_PARTS = sizeof parts / sizeof *parts };

/* ---- reading ---- */

report report_of(const tend_node *run, tend_buf *out) {
    report r = {.run = run, .out = out, .greater = true};
    r.name = report_string(&r, "problem.name");
    if (!r.name)
        r.name = report_string(&r, "model.name");
    if (!r.name)
        r.name = "model";
    r.target = report_string(&r, "problem.target");
    r.task = report_string(&r, "split.task");
    static const char *const places[] = {"evaluation.metric", "training.metric", "problem.metric"};
    for (size_t i = 0; i < 3 && !r.metric; i++)
        r.metric = report_string(&r, places[i]);
    const metric_words *words = words_metric(r.metric);
    r.greater = tend_node_bool(report_get(&r, "training.greater_is_better"), !words || words->greater_is_better);
    r.own = estimate_of(r.metric ? tend_node_get(report_get(&r, "evaluation.metrics"), r.metric) : NULL);
    return r;
}

const tend_node *report_get(const report *r, const char *path) {
    const tend_node *node = tend_node_path(r->run, path);
    return node && node->kind != TEND_NODE_NULL ? node : NULL;
}

int64_t report_int(const report *r, const char *path, int64_t fallback) { return tend_node_int(report_get(r, path), fallback); }

const char *report_string(const report *r, const char *path) {
    const char *text = tend_node_string(report_get(r, path), NULL);
    return text && *text ? text : NULL;
}

bool report_is_better(const report *r, double a, double b) { return r->greater ? a > b : a < b; }

int64_t report_rows_aside(const report *r) {
    int64_t rows = report_int(r, "check.rows", -1), clean = report_int(r, "check.clean_rows", -1);
    return rows >= 0 && clean >= 0 && rows > clean ? rows - clean : 0;
}

bool report_is_automatic(const tend_node *param) {
    return param && param->key && !strcmp(param->key, "rounds") && tend_node_double(param, 1) == 0;
}

size_t report_count(const tend_node *list) { return list && list->kind == TEND_NODE_LIST ? list->count : 0; }

void report_each_anomaly(const report *r, void (*visit)(void *ctx, const tend_node *anomaly), void *ctx) {
    TEND_NODE_EACH(anomaly, report_get(r, "check.anomalies"))
        visit(ctx, anomaly);
    TEND_NODE_EACH(anomaly, report_get(r, "split.anomalies"))
        visit(ctx, anomaly);
}

/* ---- writing ---- */

static bool is_there(const report *r, size_t part) {
    for (size_t i = 0; i < 3 && parts[part].needs[i]; i++) {
        const tend_node *node = report_get(r, parts[part].needs[i]);
        if (node && node->count)
            return true;
    }
    return false;
}

static void write_contents(const report *r) {
    tend_buf_puts(r->out, "<nav aria-label=\"Contents\"><ol>\n");
    for (size_t i = 0; i < N_PARTS; i++)
        if (is_there(r, i))
            tend_buf_printf(r->out, "<li><a href=\"#%s\">%s</a></li>\n", parts[i].id, parts[i].in_short);
    tend_buf_puts(r->out, "</ol></nav>\n");
}

static void write_part(const report *r, size_t part) {
    const char *id = parts[part].id;
    tend_buf_printf(r->out, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">%s</h2>\n", id, id, id,
                    parts[part].title);
    parts[part].write(r);
    tend_buf_puts(r->out, "</section>\n");
}

static void write_footer(const report *r) {
    const char *version = report_string(r, "provenance.tend");
    tend_buf_puts(r->out, "<footer>Written by tend");
    if (version) {
        tend_buf_putc(r->out, ' ');
        html_text(r->out, version);
    }
    tend_buf_puts(r->out, " from the record of the run. Intervals are 95 % bootstrap intervals unless it says otherwise.</footer>\n");
}

void tend_report_html(const tend_node *run, tend_buf *out) {
    report r = report_of(run, out);
    TEND_AUTO_BUF title = TEND_BUF_INIT;
    tend_buf_printf(&title, "%s: model report", r.name);
    html_page(out, tend_buf_text(&title));
    tend_buf_puts(out, "<div class=\"page\">\n<header>\n");
    report_headline(&r);
    tend_buf_puts(out, "</header>\n<div class=\"body\">\n");
    write_contents(&r);
    tend_buf_puts(out, "<main>\n");
    for (size_t i = 0; i < N_PARTS; i++)
        if (is_there(&r, i))
            write_part(&r, i);
    write_footer(&r);
    tend_buf_puts(out, "</main>\n</div>\n</div>\n");
    html_page_end(out);
}
