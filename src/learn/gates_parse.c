/* The grammar of gates:
 *     gate   = value op number
 *     value  = METRIC | ("min" | "max" | "mean") "(" "slice." METRIC ")"
 *     op     = ">=" | ">" | "<=" | "<" | "=="
 */
#include "learn/gates_parse.h"

static const char *const OVER_WORDS[] = {"min", "max", "mean"}; /* from TEND_GATE_MIN */
static const char *const OP_WORDS[] = {">=", ">", "<=", "<", "=="};

#define EXAMPLE "a gate reads like \"roc_auc >= 0.92\" or \"min(slice.recall) >= 0.5\""

typedef struct reader {
    const tend_node *node;
    unsigned tasks;
    tend_diags *diags;
    const char *text;
    size_t size, at;
    bool failed;
} reader;

static tend_span span_of(const reader *r, size_t begin, size_t size) {
    tend_span span = r->node->span;
    span.column += (uint32_t)(r->node->quoted ? 1 : 0) + (uint32_t)begin;
    span.length = size ? (uint32_t)size : 1;
    return span;
}

static tend_error *fault(reader *r, size_t begin, size_t size, const char *message) {
    r->failed = true;
    return tend_diags_add(r->diags, TEND_SEVERITY_ERROR, TEND_CONFIG, span_of(r, begin, size), "%s", message);
}

static void skip_blanks(reader *r) {
    while (r->at < r->size && (r->text[r->at] == ' ' || r->text[r->at] == '\t'))
        r->at++;
}

/* One of three kinds of token: a word or number, an operator, or a single other character. Empty at
 * the end. */
static tend_str next_token(reader *r, size_t *out_begin) {
    static const char *const WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-%", *const OPERATOR = "<>=!~";
    skip_blanks(r);
    size_t begin = *out_begin = r->at;
    const char *kind = NULL;
    if (r->at < r->size)
        kind = strchr(WORD, r->text[r->at]) ? WORD : strchr(OPERATOR, r->text[r->at]) ? OPERATOR : NULL;
    if (r->at < r->size)
        r->at++;
    while (kind && r->at < r->size && strchr(kind, r->text[r->at]))
        r->at++;
    return (tend_str){r->text + begin, r->at - begin};
}

static const char *shown(const reader *r, tend_str token) {
    return token.size ? tend_arena_printf(r->diags->arena, "'%.*s'", (int)token.size, token.at) : "the end";
}

static const char *tasks_name(unsigned tasks) {
    return tasks & TEND_METRIC_REGRESSION ? "numbers" : tasks & TEND_METRIC_BINARY ? "classes" : "more than two classes";
}

static const char *nearest_metric(const char *word, unsigned tasks) {
    const char *names[64];
    size_t n = 0;
    for (int i = 0; i < tend_n_metrics && n < sizeof names / sizeof *names; i++)
        if (tend_metrics[i].tasks & tasks)
            names[n++] = tend_metrics[i].name;
    return tend_text_nearest(word, names, n);
}

static const char *list_metrics(unsigned tasks, tend_arena *arena) {
    TEND_AUTO_BUF list = TEND_BUF_INIT;
    for (int i = 0; i < tend_n_metrics; i++)
        if (tend_metrics[i].tasks & tasks)
            tend_buf_printf(&list, "%s%s", list.size ? ", " : "", tend_metrics[i].name);
    return tend_arena_strdup(arena, tend_buf_text(&list));
}

static void read_metric(reader *r, tend_str word, size_t begin, tend_gate *out) {
    tend_arena *arena = r->diags->arena;
    const char *name = tend_arena_strndup(arena, word.at, word.size);
    out->metric = tend_metric_find(name);
    if (out->metric && out->metric->tasks & r->tasks)
        return;
    const char *what = out->metric ? tend_arena_printf(arena, "the metric '%s' is one of %s, which this problem does not predict", name,
                                                       tasks_name(out->metric->tasks))
                                   : tend_arena_printf(arena, "unknown metric '%s'", name);
    tend_error *err = fault(r, begin, word.size, what);
    const char *nearest = nearest_metric(name, r->tasks);
    if (nearest)
        tend_error_hint(err, TEND_CONFIG, "did you mean '%s'?", nearest);
    else
        tend_error_hint(err, TEND_CONFIG, "the metrics are %s", list_metrics(r->tasks, arena));
}

static void read_over(reader *r, tend_str word, size_t begin, tend_gate *out) {
    const size_t n_words = sizeof OVER_WORDS / sizeof *OVER_WORDS;
    for (size_t i = 0; i < n_words; i++)
        if (tend_str_is(word, OVER_WORDS[i]))
            out->over = (tend_gate_over)(TEND_GATE_MIN + i);
    if (out->over != TEND_GATE_WHOLE)
        return;
    tend_arena *arena = r->diags->arena;
    tend_error *err = fault(r, begin, word.size, tend_arena_printf(arena, "expected min, max or mean, found %s", shown(r, word)));
    const char *nearest = tend_text_nearest(tend_arena_strndup(arena, word.at, word.size), OVER_WORDS, n_words);
    if (nearest)
        tend_error_hint(err, TEND_CONFIG, "did you mean '%s'?", nearest);
}

/* What stands in the parentheses, up to the closing one. */
static void read_slice_metric(reader *r, tend_gate *out) {
    const size_t prefix = strlen("slice.");
    size_t begin;
    tend_str word = next_token(r, &begin);
    if (word.size <= prefix || memcmp(word.at, "slice.", prefix) != 0) {
        tend_error *err = fault(r, begin, word.size, tend_arena_printf(r->diags->arena, "expected slice.METRIC, found %s", shown(r, word)));
        tend_error_hint(err, TEND_CONFIG, EXAMPLE);
        return;
    }
    read_metric(r, (tend_str){word.at + prefix, word.size - prefix}, begin + prefix, out);
    tend_str close = next_token(r, &begin);
    if (!tend_str_is(close, ")"))
        fault(r, begin, close.size, tend_arena_printf(r->diags->arena, "expected ')', found %s", shown(r, close)));
}

/* False when what follows cannot be made sense of. */
static bool read_value(reader *r, tend_gate *out) {
    size_t begin;
    tend_str word = next_token(r, &begin);
    skip_blanks(r);
    if (word.size == 0 || strchr("<>=!~(", word.at[0])) {
        tend_error *err = fault(r, begin, word.size, tend_arena_printf(r->diags->arena, "expected a metric, found %s", shown(r, word)));
        tend_error_hint(err, TEND_CONFIG, EXAMPLE);
        return false;
    }
    if (r->at < r->size && r->text[r->at] == '(') {
        r->at++;
        read_over(r, word, begin, out);
        read_slice_metric(r, out);
        return out->metric != NULL; /* without one, the parenthesis may be anything */
    }
    if (tend_text_has_prefix(tend_arena_strndup(r->diags->arena, word.at, word.size), "slice.")) {
        tend_error *err = fault(r, begin, word.size, "a metric of slices stands in min(), max() or mean()");
        tend_error_hint(err, TEND_CONFIG, "write min(%.*s)", (int)word.size, word.at);
        return true;
    }
    read_metric(r, word, begin, out);
    return true;
}

static bool read_op(reader *r, tend_gate *out) {
    size_t begin;
    tend_str word = next_token(r, &begin);
    for (size_t i = 0; i < sizeof OP_WORDS / sizeof *OP_WORDS; i++) {
        if (tend_str_is(word, OP_WORDS[i])) {
            out->op = (tend_gate_op)i;
            return true;
        }
    }
    tend_error *err =
        fault(r, begin, word.size, tend_arena_printf(r->diags->arena, "expected >=, >, <=, < or ==, found %s", shown(r, word)));
    if (tend_str_is(word, "=>") || tend_str_is(word, "=<"))
        tend_error_hint(err, TEND_CONFIG, "did you mean '%s'?", word.at[1] == '>' ? ">=" : "<=");
    return word.size > 0 && strchr("<>=!~", word.at[0]);
}

static void read_limit(reader *r, tend_gate *out) {
    size_t begin;
    tend_arena *arena = r->diags->arena;
    tend_str word = next_token(r, &begin);
    if (!tend_text_parse_double(word, false, &out->limit)) {
        tend_error *err = fault(r, begin, word.size, tend_arena_printf(arena, "expected a number, found %s", shown(r, word)));
        if (word.size > 1 && word.at[word.size - 1] == '%')
            tend_error_hint(err, TEND_CONFIG, "metrics are fractions: 5%% is 0.05");
        return;
    }
    out->limit_text = tend_arena_strndup(arena, word.at, word.size);
    size_t rest;
    tend_str more = next_token(r, &rest);
    if (more.size)
        tend_error_hint(fault(r, rest, r->size - rest, tend_arena_printf(arena, "expected the end of the gate, found %s", shown(r, more))),
                        TEND_CONFIG, "one condition each: write a second gate");
}

bool tend_gate_parse(const tend_node *node, unsigned tasks, tend_diags *diags, tend_gate *out) {
    *out = (tend_gate){.over = TEND_GATE_WHOLE};
    reader r = {.node = node, .tasks = tasks, .diags = diags, .text = tend_node_string(node, NULL)};
    if (!r.text) {
        tend_error *err = tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, node->span, "expected a gate, found %s",
                                         tend_node_kind_name(node->kind));
        tend_error_hint(err, TEND_CONFIG, EXAMPLE);
        return false;
    }
    r.size = strlen(r.text);
    if (read_value(&r, out) && read_op(&r, out))
        read_limit(&r, out);
    return !r.failed;
}
