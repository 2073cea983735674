/* Which models were tried, and how good the chosen one is. */
#include "report/report_parts.h"
#include "report/svg.h"
#include "report/words.h"

#include <math.h>

enum { TRIALS_MAX = 60, HISTORY_MAX = 5000, PARAMS_MAX = 24 };

/* ---- leaderboard ---- */

/* "rounds 300, learning_rate 0.1" */
static void params(tend_buf *out, const tend_node *trial) {
    size_t n = 0;
    int64_t rounds = tend_node_int(tend_node_get(trial, "rounds"), 0);
    const tend_node *map = tend_node_get(trial, "params");
    if (rounds > 0 && report_is_automatic(tend_node_get(map, "rounds"))) {
        tend_buf_puts(out, "stopped after round ");
        html_count(out, rounds);
        n++;
    }
    TEND_NODE_EACH(param, map) {
        if (!param->key || param->kind == TEND_NODE_NULL || n >= PARAMS_MAX || report_is_automatic(param))
            continue;
        tend_buf_puts(out, n++ ? ", " : "");
        html_name(out, param->key);
        tend_buf_putc(out, ' ');
        html_value(out, param);
    }
}

static void trial_row(const report *r, const tend_node *trial, strip_scale scale) {
    char text[FIGURE_SIZE];
    estimate score = estimate_of(tend_node_get(trial, "score"));
    bool best = tend_node_bool(tend_node_get(trial, "best"), false);
    html_row(r->out, best ? "best" : NULL);
    tend_buf_puts(r->out, "<th scope=\"row\">");
    html_name(r->out, tend_node_string(tend_node_get(trial, "title"), tend_node_string(tend_node_get(trial, "learner"), NULL)));
    if (best) {
        tend_buf_putc(r->out, ' ');
        html_chip(r->out, CHIP_BLUE, "chosen");
    }
    tend_buf_puts(r->out, "<span class=\"sub\">");
    params(r->out, trial);
    tend_buf_puts(r->out, "</span></th>");
    html_cell_number(r->out, figure_value(score, text));
    html_cell_number(r->out, figure_interval(score, text));
    tend_buf_puts(r->out, "<td>");
    strip_dot(r->out, scale, score, NO_VALUE, best ? NULL : "plain", figure_estimate(score, text));
    tend_buf_puts(r->out, "</td></tr>\n");
}

static void leaderboard_sentence(const report *r, size_t n) {
    char text[FIGURE_SIZE];
    int64_t folds = report_int(r, "training.folds", 0), rows = report_int(r, "training.held_out_rows", 0);
    html_say(r->out);
    tend_buf_printf(r->out, "%s tried", figure_plural((int64_t)n, "model was", "models were", text));
    if (rows > 0)
        tend_buf_printf(r->out, " and compared on %s of the training data that they had not learned from",
                        figure_plural(rows, "row", "rows", text));
    if (folds > 1)
        tend_buf_printf(r->out, " (%s)", figure_plural(folds, "fold", "folds", text));
    const char *title = report_string(r, "training.title");
    if (title) {
        tend_buf_puts(r->out, "; ");
        html_text(r->out, title);
        tend_buf_puts(r->out, " was chosen");
    }
    tend_buf_puts(r->out, ".");
    html_say_end(r->out);
}

static size_t read_history(const tend_node *history, const char *key, svg_point *points) {
    size_t n = 0, i = 0;
    TEND_NODE_EACH(step, history) {
        double v = tend_node_double(tend_node_get(step, key), NO_VALUE);
        if (i++ < HISTORY_MAX && isfinite(v))
            points[n++] = (svg_point){tend_node_double(tend_node_get(step, "step"), (double)i), v};
    }
    return n;
}

/* The score while training: where the two lines part, more rounds only learn by heart. */
static void history(const report *r) {
    const tend_node *list = report_get(r, "training.history");
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    svg_point *train = TEND_ARRAY(arena, svg_point, HISTORY_MAX), *valid = TEND_ARRAY(arena, svg_point, HISTORY_MAX);
    size_t n_train = read_history(list, "train", train), n_valid = read_history(list, "validation", valid);
    if (n_train + n_valid < 3)
        return;
    svg_plot plot = {.x0 = (double)INFINITY, .x1 = -INFINITY, .y0 = (double)INFINITY, .y1 = -INFINITY, .x_label = "round"};
    for (size_t i = 0; i < n_train + n_valid; i++) {
        svg_point at = i < n_train ? train[i] : valid[i - n_train];
        plot.x0 = fmin(plot.x0, at.x);
        plot.x1 = fmax(plot.x1, at.x);
        plot.y0 = fmin(plot.y0, at.y);
        plot.y1 = fmax(plot.y1, at.y);
    }
    TEND_AUTO_BUF label = TEND_BUF_INIT;
    const char *metric = report_string(r, "training.history_metric");
    html_text(&label, metric ? metric : "score");
    plot.y_label = tend_buf_text(&label);
    svg_range(plot.y0, plot.y1, &plot.y0, &plot.y1);
    tend_buf_puts(r->out, "<div class=\"plots\"><figure><h3>Training, round by round</h3><ul class=\"legend\">");
    tend_buf_puts(r->out, n_train ? "<li class=\"g\">rows it learns from</li>" : "");
    tend_buf_puts(r->out, n_valid ? "<li>rows held out</li></ul>" : "</ul>");
    svg_begin(&plot, r->out, "The score after each round of training, on training rows and on held-out rows");
    if (n_train)
        svg_line(&plot, train, n_train, "chance");
    if (n_valid)
        svg_line(&plot, valid, n_valid, "model");
    svg_end(&plot);
    tend_buf_puts(r->out, "</figure></div>\n");
}

void report_leaderboard(const report *r) {
    const tend_node *list = report_get(r, "training.leaderboard");
    strip_scale scale = STRIP_SCALE_INIT;
    size_t left = TRIALS_MAX;
    leaderboard_sentence(r, report_count(list));
    TEND_NODE_EACH(trial, list) {
        estimate score = estimate_of(tend_node_get(trial, "score"));
        strip_include(&scale, score.value);
        strip_include(&scale, score.low);
        strip_include(&scale, score.high);
    }
    strip_finish(&scale);
    html_table(r->out, "Leaderboard", NULL);
    tend_buf_puts(r->out, "<th scope=\"col\">model</th><th scope=\"col\" class=\"n\">");
    html_text(r->out, r->metric ? r->metric : "score");
    tend_buf_puts(r->out, "</th><th scope=\"col\" class=\"n\">95 % interval</th>");
    strip_head(r->out, scale, "");
    html_heads_end(r->out);
    TEND_NODE_EACH(trial, list)
        if (left && left--)
            trial_row(r, trial, scale);
    html_table_end(r->out);
    html_left_out(r->out, (int64_t)report_count(list) - TRIALS_MAX, "models are");
    history(r);
}

/* ---- metrics ---- */

static void metric_row(const report *r, const tend_node *item) {
    char text[FIGURE_SIZE];
    estimate e = estimate_of(item), validation = estimate_of(tend_node_get(report_get(r, "training.validation"), item->key));
    const metric_words *words = words_metric(item->key);
    html_row(r->out, r->metric && !strcmp(item->key, r->metric) ? "best" : NULL);
    tend_buf_puts(r->out, "<th scope=\"row\">");
    html_name(r->out, words ? words->title : item->key);
    tend_buf_puts(r->out, "<span class=\"sub\">");
    if (words) {
        html_text(r->out, words->meaning);
        tend_buf_printf(r->out, " <code>%s</code>", words->name);
    }
    tend_buf_puts(r->out, "</span></th>");
    html_cell_number(r->out, figure_value(e, text));
    html_cell_number(r->out, figure_interval(e, text));
    html_cell_number(r->out, figure_value((estimate){validation.value, e.low, e.high}, text));
    tend_buf_puts(r->out, "<td>");
    if (words && words->unit)
        strip_dot(r->out, (strip_scale){0, 1}, e, NO_VALUE, NULL, figure_estimate(e, text));
    tend_buf_puts(r->out, "</td></tr>\n");
}

static bool any_unit(const tend_node *metrics) {
    TEND_NODE_EACH(item, metrics) {
        const metric_words *words = words_metric(item->key);
        if (words && words->unit)
            return true;
    }
    return false;
}

static void metrics_table(const report *r) {
    const tend_node *metrics = report_get(r, "evaluation.metrics");
    if (!metrics || metrics->kind != TEND_NODE_MAP)
        return;
    html_table(r->out, "Metrics", NULL);
    tend_buf_puts(r->out, "<th scope=\"col\">metric</th><th scope=\"col\" class=\"n\">test rows</th><th scope=\"col\" "
                          "class=\"n\">95 % interval</th>"
                          "<th scope=\"col\" class=\"n\">while choosing</th>");
    if (any_unit(metrics))
        strip_head(r->out, (strip_scale){0, 1}, "");
    else
        tend_buf_puts(r->out, "<th></th>");
    html_heads_end(r->out);
    size_t left = 60;
    TEND_NODE_EACH(item, metrics)
        if (left && left--)
            metric_row(r, item);
    html_table_end(r->out);
    html_note(r->out, "The rows used while choosing a model make it look slightly better than it is; the test rows do not.");
}

void report_quality(const report *r) {
    char text[FIGURE_SIZE];
    int64_t n = report_int(r, "evaluation.n", report_int(r, "split.test", -1));
    double threshold = tend_node_double(report_get(r, "training.threshold"), NO_VALUE);
    html_say(r->out);
    if (n >= 0)
        tend_buf_printf(r->out, "On %s it had never seen, the model's ", figure_plural(n, "row", "rows", text));
    else
        tend_buf_puts(r->out, "The model's ");
    html_text(r->out, r->metric ? words_metric_title(r->metric) : "score");
    tend_buf_printf(r->out, " is %s. ", figure_estimate(r->own, text));
    words_explain(r->out, r->metric, r->own.value);
    html_say_end(r->out);
    report_curves(r);
    report_confusion(r);
    metrics_table(r);
    if (isfinite(threshold)) {
        tend_buf_puts(r->out, "<p class=\"note\">Decisions are made at a probability of ");
        html_figure(r->out, threshold);
        tend_buf_puts(r->out, " or more.</p>\n");
    }
}
