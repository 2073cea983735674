/* The two sections of the model card that judge: differences between groups, and what to beware of. */
#include "report/card.h"
#include "report/words.h"

#include <math.h>

enum { GROUPS_MAX = 20, ANOMALIES_MAX = 25, WORST_MAX = 5 };

/* ---- 6. ethical considerations ---- */

static void write_slice_value(const report *r, const tend_node *slice, double v, bool share) {
    char text[FIGURE_SIZE];
    estimate e = estimate_of(share ? NULL : tend_node_get(tend_node_get(slice, "metrics"), r->metric));
    TEND_AUTO_BUF values = TEND_BUF_INIT;
    slice_values(&values, slice);
    tend_buf_puts(r->out, share ? figure_percent(v, text) : figure_value(e, text));
    tend_buf_puts(r->out, " for ");
    card_name(r->out, tend_buf_text(&values));
    tend_buf_printf(r->out, " (%s)", figure_plural(tend_node_int(tend_node_get(slice, "n"), 0), "row", "rows", text));
}

static void write_gap(const report *r, const disparity_gap *gap, bool share) {
    char text[FIGURE_SIZE];
    if (!gap->title)
        return;
    double width = gap->high_value - gap->low_value;
    tend_buf_puts(r->out, "  - ");
    card_text(r->out, gap->title);
    tend_buf_puts(r->out, " goes from ");
    write_slice_value(r, gap->low, gap->low_value, share);
    tend_buf_puts(r->out, " to ");
    write_slice_value(r, gap->high, gap->high_value, share);
    if (share)
        tend_buf_printf(r->out, ", a gap of %s points.\n", figure(round(width * 1000) / 10, text));
    else
        tend_buf_printf(r->out, ", a gap of %s.\n", figure_digits(width, 2, text));
}

static void write_disparity(const report *r, const tend_node *first) {
    char text[FIGURE_SIZE];
    disparity d = disparity_of(r, first);
    TEND_AUTO_BUF columns = TEND_BUF_INIT;
    slice_columns(&columns, first);
    tend_buf_puts(r->out, "- By ");
    card_name(r->out, tend_buf_text(&columns));
    tend_buf_printf(r->out, " (%s", figure_plural((int64_t)d.n, "group", "groups", text));
    if (d.n_small)
        tend_buf_printf(r->out, ", %s too small to compare", figure_count((int64_t)d.n_small, text));
    tend_buf_puts(r->out, d.gap[0].title || d.gap[1].title ? "):\n" : "): too few groups to compare.\n");
    for (int i = 0; i < DISPARITY_MEASURES; i++)
        write_gap(r, &d.gap[i], i > 0);
}

static void write_worst(const report *r) {
    size_t n = 0;
    TEND_NODE_EACH(worst, report_get(r, "evaluation.worst_slices")) {
        char text[FIGURE_SIZE];
        TEND_AUTO_BUF name = TEND_BUF_INIT;
        if (!tend_node_bool(tend_node_get(worst, "significant"), false) || n++ >= WORST_MAX)
            continue;
        slice_columns(&name, worst);
        tend_buf_puts(&name, " = ");
        slice_values(&name, worst);
        tend_buf_puts(r->out, n == 1 ? "Clearly worse than the whole, beyond what chance explains among so many groups: " : "; ");
        card_name(r->out, tend_buf_text(&name));
        tend_buf_printf(r->out, " with %s", figure_estimate(estimate_of(worst), text));
    }
    tend_buf_puts(r->out, n ? ".\n\n" : "");
}

void card_ethics(const report *r) {
    char text[FIGURE_SIZE];
    const tend_node *slices = report_get(r, "evaluation.slices"), *before = NULL;
    int64_t small = report_int(r, "evaluation.slice_counts.small", 0), min_slice = report_int(r, "evaluation.slice_counts.min_slice", 0);
    size_t left = GROUPS_MAX;
    tend_buf_puts(r->out, "## Ethical considerations\n\n");
    if (report_count(slices)) {
        tend_buf_puts(r->out, "Disparities between groups of the evaluation data, as the largest difference within "
                              "each column. The selection rate is the share of "
                              "a group's rows that the model decides to be positive; the true and false positive rates "
                              "are those shares among the rows that are, "
                              "and are not, positive.\n\n");
        TEND_NODE_EACH(slice, slices) {
            if (before && slice_same_columns(before, slice))
                continue;
            before = slice;
            if (left && left--)
                write_disparity(r, slice);
        }
        tend_buf_putc(r->out, '\n');
        write_worst(r);
    } else {
        tend_buf_puts(r->out, "Differences between groups were not looked at: name columns in `evaluate.slices` in tend.yaml.\n\n");
    }
    if (small > 0) {
        tend_buf_printf(r->out, "%s fewer than ", figure_plural(small, "group has", "groups have", text));
        tend_buf_printf(r->out, "%s rows: too few to say anything about, which is not the same as being treated well.\n\n",
                        figure_count(min_slice, text));
    }
    tend_buf_puts(r->out, "A difference here may come from the data, from the way it was collected, or from the model; whether it is "
                          "acceptable is for people to "
                          "decide. Who is affected by decisions, and what harm a wrong one does, is not stated by the project.\n\n");
}

/* ---- 7. caveats and recommendations ---- */

typedef struct caveats {
    const report *r;
    size_t n;
} caveats;

static void bullet(caveats *c) {
    tend_buf_puts(c->r->out, "- ");
    c->n++;
}

static void write_anomaly(void *ctx, const tend_node *anomaly) {
    caveats *c = ctx;
    const char *message = tend_node_string(tend_node_get(anomaly, "message"), NULL),
               *hint = tend_node_string(tend_node_get(anomaly, "hint"), NULL);
    if (!message || c->n >= ANOMALIES_MAX)
        return;
    const char *severity = tend_node_string(tend_node_get(anomaly, "severity"), "warning");
    bullet(c);
    tend_buf_puts(c->r->out, !strcmp(severity, "error")        ? "Error in the data: "
                             : !strcmp(severity, "quarantine") ? "Rows put aside: "
                                                               : "Warning: ");
    card_text(c->r->out, message);
    tend_buf_puts(c->r->out, hint ? "; " : "");
    card_text(c->r->out, hint);
    tend_buf_puts(c->r->out, ".\n");
}

static void failed_gates(caveats *c, const tend_node *gates) {
    TEND_NODE_EACH(gate, gates) {
        if (tend_node_bool(tend_node_get(gate, "passed"), false) || c->n >= 2 * ANOMALIES_MAX)
            continue;
        bullet(c);
        tend_buf_puts(c->r->out, "The model should not be released as it is: ");
        card_text(c->r->out,
                  tend_node_string(tend_node_get(gate, "message"), tend_node_string(tend_node_get(gate, "gate"), "a gate failed")));
        tend_buf_puts(c->r->out, ".\n");
    }
}

static void sentence(caveats *c, const char *text) {
    if (!text)
        return;
    bullet(c);
    card_text(c->r->out, text);
    tend_buf_putc(c->r->out, '\n');
}

static void calibration(caveats *c) {
    char text[FIGURE_SIZE];
    estimate e = estimate_of(tend_node_path(report_get(c->r, "evaluation.metrics"), "calibration_error"));
    if (!(e.value > 0.05))
        return;
    bullet(c);
    tend_buf_printf(c->r->out, "Probabilities should not be taken literally: they are off by %s on average.\n",
                    figure_percent(e.value, text));
}

void card_caveats(const report *r) {
    caveats c = {.r = r};
    tend_buf_puts(r->out, "## Caveats and recommendations\n\n");
    failed_gates(&c, report_get(r, "evaluation.gates"));
    failed_gates(&c, report_get(r, "model.limits"));
    report_each_anomaly(r, write_anomaly, &c);
    calibration(&c);
    sentence(&c, report_string(r, "evaluation.learning_curve.sentence"));
    tend_buf_puts(r->out, "- All figures describe rows like those of the evaluation data. Watch the input for drift, "
                          "and evaluate again when it changes.\n");
}
