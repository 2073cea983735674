/* What the model looks at, and how columns became what it looks at. */
#include "report/report_parts.h"
#include "report/words.h"

#include <math.h>

enum { IMPORTANCE_MAX = 30, FEATURES_MAX = 150, DROPPED_MAX = 60, SOURCES_MAX = 6, STAGES_MAX = 8 };

/* ---- importance ---- */

static void importance_sentence(const report *r, const tend_node *list) {
    size_t n = 0;
    html_say(r->out);
    tend_buf_puts(r->out, "Predictions lean most on ");
    TEND_NODE_EACH(item, list) {
        if (n == 3 || !(tend_node_double(tend_node_get(item, "importance"), 0) > 0))
            break;
        tend_buf_puts(r->out, n ? ", " : "");
        html_name(r->out, tend_node_string(tend_node_get(item, "feature"), NULL));
        n++;
    }
    tend_buf_puts(r->out, n ? "." : "no feature in particular.");
    html_say_end(r->out);
}

void report_importance(const report *r) {
    const tend_node *list = report_get(r, "evaluation.importance");
    strip_scale scale = STRIP_SCALE_INIT;
    size_t left = IMPORTANCE_MAX;
    importance_sentence(r, list);
    TEND_NODE_EACH(item, list) {
        strip_include(&scale, tend_node_double(tend_node_get(item, "importance"), NO_VALUE));
        strip_include(&scale, tend_node_double(tend_node_get(item, "high"), NO_VALUE));
    }
    strip_finish_from_zero(&scale);
    /* As many decimals for all as give the largest three digits. */
    int decimals = (int)fmin(fmax(3 - ceil(log10(scale.high)), 0), 9);
    html_table(r->out, "Importance of features", NULL);
    tend_buf_puts(r->out, "<th scope=\"col\">feature</th>");
    strip_head(r->out, scale, "");
    tend_buf_puts(r->out, "<th scope=\"col\" class=\"n\">loss</th>");
    html_heads_end(r->out);
    TEND_NODE_EACH(item, list) {
        char text[FIGURE_SIZE];
        if (!left--)
            break;
        estimate e = {tend_node_double(tend_node_get(item, "importance"), NO_VALUE), tend_node_double(tend_node_get(item, "low"), NO_VALUE),
                      tend_node_double(tend_node_get(item, "high"), NO_VALUE)};
        html_row(r->out, NULL);
        html_cell_name(r->out, tend_node_string(tend_node_get(item, "feature"), NULL));
        tend_buf_puts(r->out, "<td class=\"s\">");
        strip_bar(r->out, scale, e, NULL, figure(e.value, text));
        tend_buf_puts(r->out, "</td>");
        html_cell_number(r->out, figure_fixed(e.value, decimals, text));
        tend_buf_puts(r->out, "</tr>\n");
    }
    html_table_end(r->out);
    html_left_out(r->out, (int64_t)report_count(list) - IMPORTANCE_MAX, "features, all less important, are");
    tend_buf_puts(r->out, "<p class=\"note\">How much ");
    html_text(r->out, r->metric ? r->metric : "the score");
    tend_buf_puts(r->out, " loses on test rows when a feature's values are shuffled (mean, least and greatest loss of "
                          "several shuffles). Features "
                          "that say the same share their importance; importance is not cause.</p>\n");
}

/* ---- features ---- */

static void stage(tend_buf *out, const tend_node *transform) {
    const char *name = tend_node_string(tend_node_get(transform, "name"), tend_node_string(transform, NULL));
    size_t n = 0;
    html_name(out, words_transform(name));
    TEND_NODE_EACH(arg, transform) {
        if (!arg->key || !strcmp(arg->key, "name") || arg->kind == TEND_NODE_NULL || arg->kind >= TEND_NODE_LIST || n == 6)
            continue;
        tend_buf_puts(out, n++ ? ", " : " (");
        html_name(out, arg->key);
        tend_buf_putc(out, ' ');
        html_value(out, arg);
    }
    tend_buf_puts(out, n ? ")" : "");
}

static void stages(tend_buf *out, const tend_node *transforms) {
    size_t n = 0;
    TEND_NODE_EACH(transform, transforms) {
        if (n == STAGES_MAX) {
            tend_buf_puts(out, " \xE2\x86\x92 \xE2\x80\xA6");
            return;
        }
        tend_buf_puts(out, n++ ? " \xE2\x86\x92 " : "");
        stage(out, transform);
    }
    tend_buf_puts(out, n ? "" : "taken as it is");
}

/* The source columns, where they are not just the feature's own name. */
static void sources(tend_buf *out, const tend_node *feature) {
    size_t n = 0;
    const tend_node *from = tend_node_get(feature, "from");
    if (!report_count(from) || (from->count == 1 && tend_node_equal(from->first, tend_node_get(feature, "name"))))
        return;
    tend_buf_puts(out, "<span class=\"sub\">from ");
    TEND_NODE_EACH(source, from) {
        if (n == SOURCES_MAX)
            break;
        tend_buf_puts(out, n++ ? ", " : "");
        html_name(out, tend_node_string(source, NULL));
    }
    tend_buf_puts(out, from->count > SOURCES_MAX ? ", \xE2\x80\xA6</span>" : "</span>");
}

static void feature_row(tend_buf *out, const tend_node *feature) {
    char text[FIGURE_SIZE];
    const char *why = tend_node_string(tend_node_get(feature, "why"), NULL);
    html_row(out, NULL);
    tend_buf_puts(out, "<th scope=\"row\">");
    html_name(out, tend_node_string(tend_node_get(feature, "name"), NULL));
    sources(out, feature);
    tend_buf_puts(out, "</th><td class=\"wide\">");
    stages(out, tend_node_get(feature, "transforms"));
    if (why) {
        tend_buf_puts(out, "<span class=\"sub\">");
        html_text(out, why);
        tend_buf_puts(out, "</span>");
    }
    tend_buf_puts(out, "</td>");
    html_cell_number(out, figure(tend_node_double(tend_node_get(feature, "outputs"), NO_VALUE), text));
    tend_buf_puts(out, "</tr>\n");
}

static void dropped(const report *r) {
    const tend_node *list = report_get(r, "features.dropped");
    size_t left = DROPPED_MAX;
    if (!report_count(list))
        return;
    tend_buf_puts(r->out, "<h3>Columns that were left out</h3>\n");
    html_table(r->out, "Columns that were left out", (const char *const[]){"column", "why", NULL});
    TEND_NODE_EACH(item, list) {
        if (!left--)
            break;
        html_row(r->out, NULL);
        html_cell_name(r->out, tend_node_string(tend_node_get(item, "name"), tend_node_string(item, NULL)));
        html_cell(r->out, tend_node_string(tend_node_get(item, "why"), ""));
        tend_buf_puts(r->out, "</tr>\n");
    }
    html_table_end(r->out);
    html_left_out(r->out, (int64_t)list->count - DROPPED_MAX, "columns are");
}

void report_features(const report *r) {
    char text[FIGURE_SIZE];
    const tend_node *list = report_get(r, "features.features");
    int64_t outputs = 0;
    size_t left = FEATURES_MAX;
    TEND_NODE_EACH(feature, list) {
        int64_t n = tend_node_int(tend_node_get(feature, "outputs"), 0);
        outputs += n > 0 && n < INT32_MAX ? n : 0;
    }
    html_say(r->out);
    tend_buf_printf(
        r->out, "%s of the data",
        figure_plural((int64_t)report_count(list), "feature is made from the columns", "features are made from the columns", text));
    tend_buf_printf(r->out, ", as %s. What they need to know is learned from training rows only.",
                    figure_plural(outputs, "number per row", "numbers per row", text));
    html_say_end(r->out);
    html_table(r->out, "Features", (const char *const[]){"feature", "how", "#numbers", NULL});
    TEND_NODE_EACH(feature, list)
        if (left && left--)
            feature_row(r->out, feature);
    html_table_end(r->out);
    html_left_out(r->out, (int64_t)report_count(list) - FEATURES_MAX, "features are");
    dropped(r);
}
