/* The headline: what was asked, what came out, may it be used. */
#include "report/report_parts.h"
#include "report/words.h"

#include <math.h>

enum { GATES_MAX = 60 };

static void question(const report *r) {
    const char *asked = report_string(r, "problem.question");
    tend_buf_puts(r->out, "<p class=\"eyebrow\">Model report · ");
    html_name(r->out, r->name);
    tend_buf_puts(r->out, "</p>\n<h1>");
    if (asked) {
        html_text(r->out, asked);
    } else if (r->target) {
        tend_buf_puts(r->out, "Predicting ");
        html_name(r->out, r->target);
    } else {
        html_name(r->out, r->name);
    }
    tend_buf_puts(r->out, "</h1>\n");
}

/* "Machine learning is worth it: roc_auc …": the words before the colon are the news. */
static void verdict(const report *r) {
    const char *sentence = report_string(r, "evaluation.verdict.sentence");
    const char *needed = report_string(r, "evaluation.verdict.needed");
    if (!sentence)
        return;
    const char *look = !needed ? "" : !strcmp(needed, "yes") ? " good" : !strcmp(needed, "no") ? " bad" : " warn";
    const char *colon = strstr(sentence, ": ");
    size_t lead = colon ? (size_t)(colon - sentence) : strlen(sentence);
    TEND_AUTO_BUF news = TEND_BUF_INIT;
    tend_buf_append(&news, sentence, lead);
    tend_buf_printf(r->out, "<div class=\"verdict%s\"><strong>", look);
    html_text(r->out, tend_buf_text(&news));
    tend_buf_puts(r->out, colon ? ".</strong><span>" : "</strong>");
    if (colon) {
        html_text(r->out, colon + 2);
        tend_buf_puts(r->out, "</span>");
    }
    tend_buf_puts(r->out, "</div>\n");
}

/* ---- tiles ---- */

static void tile(tend_buf *out, const char *title) {
    tend_buf_puts(out, "<dl class=\"tile\"><dt>");
    html_text(out, title);
    tend_buf_puts(out, "</dt><dd>");
}

static void tile_end(tend_buf *out) { tend_buf_puts(out, "</dd></dl>\n"); }

static void metric_tile(const report *r) {
    if (!r->metric || !isfinite(r->own.value))
        return;
    char text[FIGURE_SIZE];
    tile(r->out, words_metric_title(r->metric));
    tend_buf_printf(r->out, "<div class=\"big\">%s</div>", figure_value(r->own, text));
    tend_buf_puts(r->out, "<span class=\"sub\">");
    if (*figure_interval(r->own, text))
        tend_buf_printf(r->out, "95 %% interval %s<br>", text);
    words_explain(r->out, r->metric, r->own.value);
    tend_buf_puts(r->out, "</span>");
    tile_end(r->out);
}

static const tend_node *best_baseline(const report *r) {
    const char *name = report_string(r, "evaluation.verdict.best_baseline");
    TEND_NODE_EACH(item, report_get(r, "evaluation.verdict.against")) {
        const char *baseline = tend_node_string(tend_node_get(item, "baseline"), NULL);
        if (name && baseline && !strcmp(name, baseline))
            return item;
    }
    return NULL;
}

static void baseline_tile(const report *r) {
    const tend_node *best = best_baseline(r);
    if (!best)
        return;
    char text[FIGURE_SIZE];
    estimate value = estimate_of(tend_node_get(best, "value")), gain = estimate_of(tend_node_get(best, "gain"));
    tile(r->out, "Without machine learning");
    tend_buf_printf(r->out, "<div class=\"big\">%s</div><span class=\"sub\">", figure(value.value, text));
    html_text(r->out, words_baseline(report_string(r, "evaluation.verdict.best_baseline")));
    if (isfinite(gain.value))
        tend_buf_printf(r->out, "<br>the model gains %s", figure_estimate(gain, text));
    tend_buf_puts(r->out, "</span>");
    tile_end(r->out);
}

static void model_tile(const report *r) {
    const char *title = report_string(r, "training.title");
    int64_t version = report_int(r, "model.version", 0);
    if (!title && version <= 0)
        return;
    tile(r->out, "Model");
    tend_buf_puts(r->out, "<div class=\"big\">");
    if (version > 0) {
        tend_buf_puts(r->out, "version ");
        html_count(r->out, version);
    } else {
        html_text(r->out, title);
    }
    tend_buf_puts(r->out, "</div><span class=\"sub\">");
    if (version > 0) {
        html_name(r->out, r->name);
        tend_buf_puts(r->out, title ? ", " : "");
        html_text(r->out, title);
    }
    TEND_NODE_EACH(alias, report_get(r, "model.aliases")) {
        tend_buf_putc(r->out, ' ');
        html_chip(r->out, CHIP_BLUE, tend_node_string(alias, "\xE2\x80\x93"));
    }
    tend_buf_puts(r->out, "</span>");
    tile_end(r->out);
}

static void goal_tile(const report *r) {
    double goal = tend_node_double(report_get(r, "problem.goal"), NO_VALUE);
    const char *deadline = report_string(r, "problem.deadline");
    if (isnan(goal) && !deadline)
        return;
    tile(r->out, isnan(goal) ? "Deadline" : "Goal");
    tend_buf_puts(r->out, "<div class=\"big\">");
    if (isnan(goal)) {
        html_text(r->out, deadline);
        tend_buf_puts(r->out, "</div>");
        tile_end(r->out);
        return;
    }
    tend_buf_puts(r->out, r->greater ? "\xE2\x89\xA5 " : "\xE2\x89\xA4 ");
    html_figure(r->out, goal);
    tend_buf_puts(r->out, "</div><span class=\"sub\">");
    if (deadline) {
        tend_buf_puts(r->out, "by ");
        html_text(r->out, deadline);
        tend_buf_puts(r->out, " ");
    }
    if (isfinite(r->own.value)) {
        bool reached = r->own.value == goal || report_is_better(r, r->own.value, goal);
        html_chip(r->out, reached ? CHIP_GOOD : CHIP_BAD, reached ? "reached" : "not reached");
    }
    tend_buf_puts(r->out, "</span>");
    tile_end(r->out);
}

/* ---- gates ---- */

static void gate_rows(const report *r, const tend_node *gates, size_t *io_left) {
    TEND_NODE_EACH(gate, gates) {
        if (!*io_left)
            return;
        --*io_left;
        bool passed = tend_node_bool(tend_node_get(gate, "passed"), false);
        const char *message = tend_node_string(tend_node_get(gate, "message"), NULL);
        tend_buf_puts(r->out, "<li>");
        html_chip(r->out, passed ? CHIP_GOOD : CHIP_BAD, passed ? "passed" : "failed");
        tend_buf_puts(r->out, "<span><code>");
        html_text(r->out, tend_node_string(tend_node_get(gate, "gate"), "\xE2\x80\x93"));
        tend_buf_puts(r->out, "</code>");
        if (message) {
            tend_buf_puts(r->out, " \xE2\x80\x94 ");
            html_text(r->out, message);
        }
        tend_buf_puts(r->out, "</span></li>\n");
    }
}

static void gates(const report *r) {
    const tend_node *measured = report_get(r, "evaluation.gates"), *limits = report_get(r, "model.limits");
    size_t n = report_count(measured) + report_count(limits), left = GATES_MAX;
    if (!n) {
        if (report_get(r, "evaluation"))
            html_note(r->out, "No conditions for release were set: name what must hold in <code>evaluate.gates</code>.");
        return;
    }
    tend_buf_puts(r->out, "<ul class=\"gates\" aria-label=\"Gates: the conditions for release\">\n");
    gate_rows(r, measured, &left);
    gate_rows(r, limits, &left);
    tend_buf_puts(r->out, "</ul>\n");
    html_left_out(r->out, (int64_t)n - GATES_MAX, "gates are");
}

void report_headline(const report *r) {
    question(r);
    verdict(r);
    tend_buf_puts(r->out, "<div class=\"tiles\">\n");
    metric_tile(r);
    baseline_tile(r);
    model_tile(r);
    goal_tile(r);
    tend_buf_puts(r->out, "</div>\n");
    gates(r);
}
