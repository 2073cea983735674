/* The model card: the seven sections of Mitchell et al. 2019 ("Model Cards for Model Reporting") in Markdown, in full
 * sentences, from the run. What a run cannot know is said to be missing, with the key of tend.yaml that would say it.
 */
#include "report/card.h"

#include "report/report.h"
#include "report/words.h"

#include <math.h>

enum { TEXT_MAX = 600, NAME_MAX = 80, GATES_MAX = 40, PARAMS_MAX = 20, COLUMNS_NAMED = 40, FILES_MAX = 20 };

/* ---- writing Markdown ---- */

void card_text(tend_buf *out, const char *text) {
    TEND_AUTO_BUF clean = TEND_BUF_INIT;
    text_clean(&clean, text ? text : "", TEXT_MAX);
    for (const char *at = tend_buf_text(&clean); *at; at++) {
        if (*at == '<')
            tend_buf_puts(out, "&lt;");
        else if (*at == '>')
            tend_buf_puts(out, "&gt;");
        else if (*at == '&')
            tend_buf_puts(out, "&amp;");
        else if (strchr("\\`*[]|#~", *at) || (*at == '_' && (at == tend_buf_text(&clean) || !at[1] || at[1] == '_' || at[-1] == '_')))
            tend_buf_printf(out, "\\%c", *at);
        else
            tend_buf_putc(out, *at);
    }
}

/* Names in code style; a backquote inside would end it. */
void card_name(tend_buf *out, const char *name) {
    TEND_AUTO_BUF clean = TEND_BUF_INIT;
    text_clean(&clean, name && *name ? name : "(empty)", NAME_MAX);
    tend_buf_putc(out, '`');
    for (const char *at = tend_buf_text(&clean); *at; at++)
        tend_buf_putc(out, *at == '`' ? '\'' : *at == '|' ? '/' : *at);
    tend_buf_putc(out, '`');
}

static void paragraph_text(tend_buf *out, const char *text) {
    card_text(out, text);
    tend_buf_puts(out, "\n\n");
}

/* ---- 1. details ---- */

static void write_params(const report *r) {
    size_t n = 0;
    TEND_NODE_EACH(param, report_get(r, "training.params")) {
        char text[FIGURE_SIZE];
        if (!param->key || n == PARAMS_MAX || report_is_automatic(param) ||
            (param->kind != TEND_NODE_INT && param->kind != TEND_NODE_FLOAT && param->kind != TEND_NODE_STRING))
            continue;
        tend_buf_puts(r->out, n++ ? ", " : " Its parameters are ");
        card_name(r->out, param->key);
        tend_buf_putc(r->out, ' ');
        if (param->kind == TEND_NODE_STRING)
            card_text(r->out, tend_node_string(param, ""));
        else
            tend_buf_puts(r->out, figure(tend_node_double(param, NO_VALUE), text));
    }
    tend_buf_puts(r->out, n ? "." : "");
    int64_t rounds = report_int(r, "training.rounds", 0);
    char text[FIGURE_SIZE];
    if (rounds > 0 && report_is_automatic(report_get(r, "training.params.rounds")))
        tend_buf_printf(r->out, " Training stopped by itself after %s.", figure_plural(rounds, "round", "rounds", text));
}

static void details(const report *r) {
    char text[FIGURE_SIZE];
    int64_t version = report_int(r, "model.version", 0), size = report_int(r, "model.size", -1);
    const char *title = report_string(r, "training.title"), *sha = report_string(r, "model.sha256"),
               *tend = report_string(r, "provenance.tend");
    tend_buf_puts(r->out, "## Model details\n\n");
    card_name(r->out, r->name);
    if (version > 0)
        tend_buf_printf(r->out, ", version %s,", figure_count(version, text));
    tend_buf_puts(r->out, " predicts ");
    card_name(r->out, r->target ? r->target : "an unnamed target");
    tend_buf_puts(r->out, r->task ? ", " : "");
    card_text(r->out, words_task(r->task));
    tend_buf_puts(r->out, ".");
    if (title) {
        tend_buf_puts(r->out, " It is a model of the kind ");
        card_text(r->out, title);
        tend_buf_puts(r->out, ".");
    }
    write_params(r);
    tend_buf_puts(r->out, "\n\n");
    if (size > 0)
        tend_buf_printf(r->out, "- Size: %s\n", tend_text_bytes((uint64_t)size, text));
    if (sha) {
        tend_buf_puts(r->out, "- SHA-256 of the model file: ");
        card_name(r->out, sha);
        tend_buf_putc(r->out, '\n');
    }
    if (tend) {
        tend_buf_puts(r->out, "- Made with tend ");
        card_text(r->out, tend);
        tend_buf_putc(r->out, '\n');
    }
    tend_buf_puts(r->out, "- Licence, authors and contact: not stated by the project.\n\n");
}

/* ---- 2. intended use ---- */

static void limits_sentence(const report *r) {
    char text[FIGURE_SIZE];
    double goal = tend_node_double(report_get(r, "problem.goal"), NO_VALUE);
    const char *deadline = report_string(r, "problem.deadline");
    if (isfinite(goal) && r->metric) {
        tend_buf_puts(r->out, "The goal is that the ");
        card_text(r->out, words_metric_title(r->metric));
        tend_buf_printf(r->out, " is %s or %s", figure(goal, text), r->greater ? "more" : "less");
        if (deadline) {
            tend_buf_puts(r->out, ", by ");
            card_text(r->out, deadline);
        }
        tend_buf_puts(r->out, ".\n\n");
    }
}

static void intended_use(const report *r) {
    const char *question = report_string(r, "problem.question"), *verdict = report_string(r, "evaluation.verdict.sentence");
    tend_buf_puts(r->out, "## Intended use\n\n");
    if (question) {
        tend_buf_puts(r->out, "The model is meant to answer this question: ");
        paragraph_text(r->out, question);
    } else {
        tend_buf_puts(r->out, "The purpose is not stated by the project: fill `problem.question` in tend.yaml.\n\n");
    }
    limits_sentence(r);
    if (verdict)
        paragraph_text(r->out, verdict);
    tend_buf_puts(r->out, "The intended users are not stated by the project: name them in `problem.question`. Rows "
                          "that differ from the training data described "
                          "below (other places, other times, other ways of measuring) are out of scope until they have "
                          "been evaluated.\n\n");
}

/* ---- 3. training data ---- */

static void write_files(const report *r) {
    size_t left = FILES_MAX, n = 0;
    TEND_NODE_EACH(source, report_get(r, "snapshot.sources"))
        TEND_NODE_EACH(file, source) {
            char text[FIGURE_SIZE];
            int64_t rows = tend_node_int(tend_node_get(file, "rows"), -1);
            n++;
            if (!left || !left--)
                continue;
            tend_buf_puts(r->out, "- ");
            card_name(r->out, tend_node_string(tend_node_get(file, "path"), NULL));
            if (rows >= 0)
                tend_buf_printf(r->out, ", %s", figure_plural(rows, "row", "rows", text));
            tend_buf_putc(r->out, '\n');
        }
    if (n > FILES_MAX)
        tend_buf_printf(r->out, "- and %zu more files\n", n - FILES_MAX);
    tend_buf_puts(r->out, n ? "\n" : "");
}

static void write_classes(const report *r) {
    const tend_node *classes = report_get(r, "split.classes");
    size_t left = 12;
    if (!report_count(classes))
        return;
    tend_buf_puts(r->out, "The classes of the target are ");
    TEND_NODE_EACH(item, classes) {
        char text[FIGURE_SIZE];
        if (!left--) {
            tend_buf_puts(r->out, " and others");
            break;
        }
        card_name(r->out, tend_node_string(tend_node_get(item, "class"), NULL));
        tend_buf_printf(r->out, " (%s)%s", figure_plural(tend_node_int(tend_node_get(item, "rows"), 0), "row", "rows", text),
                        item->next ? ", " : "");
    }
    tend_buf_puts(r->out, ".\n\n");
}

static void write_missing(const report *r) {
    size_t n = 0;
    TEND_NODE_EACH(column, tend_node_get(report_get(r, "profile"), "columns")) {
        double missing = tend_node_double(tend_node_get(column, "missing"), 0),
               all = missing + tend_node_double(tend_node_get(column, "count"), 0);
        char text[FIGURE_SIZE];
        if (!(missing > 0) || n++ >= COLUMNS_NAMED)
            continue;
        tend_buf_puts(r->out, n == 1 ? "Values are missing in " : ", ");
        card_name(r->out, tend_node_string(tend_node_get(column, "name"), NULL));
        tend_buf_printf(r->out, " (%s)", figure_percent(missing / all, text));
    }
    if (n > COLUMNS_NAMED)
        tend_buf_printf(r->out, " and %zu more columns", n - COLUMNS_NAMED);
    tend_buf_puts(r->out, n ? ".\n\n" : "");
}

static void training_data(const report *r) {
    char text[FIGURE_SIZE];
    int64_t train = report_int(r, "split.train", -1), aside = report_rows_aside(r), columns = report_int(r, "snapshot.columns", -1);
    size_t features = report_count(report_get(r, "features.features"));
    tend_buf_puts(r->out, "## Training data\n\n");
    if (train >= 0)
        tend_buf_printf(r->out, "The model learned from %s", figure_plural(train, "row", "rows", text));
    else
        tend_buf_puts(r->out, "The number of training rows is not in the record");
    if (columns >= 0)
        tend_buf_printf(r->out, " of a table with %s", figure_plural(columns, "column", "columns", text));
    tend_buf_puts(r->out, ".");
    if (aside)
        tend_buf_printf(r->out, " %s put aside before, each with a reason.", figure_plural(aside, "row was", "rows were", text));
    if (features)
        tend_buf_printf(r->out, " From the columns, %s made; what they need to know was learned from training rows only.",
                        figure_plural((int64_t)features, "feature was", "features were", text));
    tend_buf_puts(r->out, "\n\n");
    write_files(r);
    write_classes(r);
    write_missing(r);
    tend_buf_puts(r->out, "Who collected the data, when, and with whose consent is not stated by the project.\n\n");
}

/* ---- 4. evaluation data ---- */

static void evaluation_data(const report *r) {
    char text[FIGURE_SIZE];
    int64_t test = report_int(r, "split.test", report_int(r, "evaluation.n", -1));
    const char *by = report_string(r, "split.by"), *column = report_string(r, "split.column");
    tend_buf_puts(r->out, "## Evaluation data\n\n");
    if (test < 0) {
        tend_buf_puts(r->out, "No evaluation is in the record.\n\n");
        return;
    }
    tend_buf_printf(r->out, "The model is judged on %s of the same data that it never learned from.",
                    figure_plural(test, "row", "rows", text));
    if (by && !strcmp(by, "time"))
        tend_buf_puts(r->out, " They are the latest ones");
    else if (by && !strcmp(by, "group"))
        tend_buf_puts(r->out, " No group stands on both sides");
    else if (by && !strcmp(by, "rows"))
        tend_buf_puts(r->out, " They were named by the project");
    else
        tend_buf_puts(r->out, " They were drawn at random");
    if (column) {
        tend_buf_puts(r->out, ", by ");
        card_name(r->out, column);
    }
    tend_buf_puts(r->out, ".\n\n");
}

/* ---- 5. metrics ---- */

static void write_gates(const report *r, const tend_node *gates) {
    size_t left = GATES_MAX;
    TEND_NODE_EACH(gate, gates) {
        if (!left--)
            return;
        tend_buf_puts(r->out, tend_node_bool(tend_node_get(gate, "passed"), false) ? "- passed: " : "- **failed**: ");
        card_name(r->out, tend_node_string(tend_node_get(gate, "gate"), NULL));
        const char *message = tend_node_string(tend_node_get(gate, "message"), NULL);
        tend_buf_puts(r->out, message ? " \xE2\x80\x94 " : "");
        card_text(r->out, message);
        tend_buf_putc(r->out, '\n');
    }
}

static void metrics(const report *r) {
    const tend_node *map = report_get(r, "evaluation.metrics"), *gates = report_get(r, "evaluation.gates"),
                    *limits = report_get(r, "model.limits");
    tend_buf_puts(r->out, "## Metrics\n\n");
    if (!map || map->kind != TEND_NODE_MAP || !map->count) {
        tend_buf_puts(r->out, "No metrics are in the record.\n\n");
    } else {
        tend_buf_puts(r->out, "All values are of the evaluation data, with 95 % bootstrap intervals.\n\n| metric | "
                              "value | 95 % interval | what it says |\n"
                              "|---|---:|---:|---|\n");
        TEND_NODE_EACH(item, map) {
            char text[FIGURE_SIZE];
            estimate e = estimate_of(item);
            const metric_words *words = words_metric(item->key);
            tend_buf_puts(r->out, "| ");
            card_text(r->out, item->key);
            tend_buf_printf(r->out, " | %s |", figure_value(e, text));
            tend_buf_printf(r->out, " %s | %s |\n", figure_interval(e, text), words ? words->meaning : "");
        }
        tend_buf_putc(r->out, '\n');
    }
    if (report_count(gates) + report_count(limits)) {
        tend_buf_puts(r->out, "Conditions for release:\n\n");
        write_gates(r, gates);
        write_gates(r, limits);
        tend_buf_putc(r->out, '\n');
    } else {
        tend_buf_puts(r->out, "No conditions for release were set: name them in `evaluate.gates`.\n\n");
    }
}

void tend_report_card(const tend_node *run, tend_buf *out) {
    report r = report_of(run, out);
    tend_buf_puts(out, "# Model card: ");
    card_text(out, r.name);
    tend_buf_puts(out, "\n\n");
    details(&r);
    intended_use(&r);
    training_data(&r);
    evaluation_data(&r);
    metrics(&r);
    card_ethics(&r);
    card_caveats(&r);
}
