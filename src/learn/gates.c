/* Gates: conditions that must hold before anything is released. */
#include "learn/gates_parse.h"

#include <math.h>
#include <stdio.h>

static unsigned metrics_of_task(tend_task task) {
    return task == TEND_TASK_REGRESSION ? TEND_METRIC_REGRESSION : task == TEND_TASK_BINARY ? TEND_METRIC_BINARY : TEND_METRIC_MULTICLASS;
}

/* The i-th gate of a list, or the only one of a lone string; NULL past the end. */
static const tend_node *gate_at(const tend_node *gates, size_t i) {
    if (!gates || gates->kind == TEND_NODE_NULL)
        return NULL;
    if (gates->kind == TEND_NODE_LIST)
        return tend_node_at(gates, i);
    return i == 0 ? gates : NULL;
}

void tend_gates_check(const tend_node *gates, tend_task task, tend_diags *diags) {
    tend_gate gate;
    const tend_node *node;
    for (size_t i = 0; (node = gate_at(gates, i)); i++)
        tend_gate_parse(node, metrics_of_task(task), diags, &gate);
}

static bool holds(double value, tend_gate_op op, double limit) {
    switch (op) {
    case TEND_GATE_GE: return value >= limit;
    case TEND_GATE_GT: return value > limit;
    case TEND_GATE_LE: return value <= limit;
    case TEND_GATE_LT: return value < limit;
    case TEND_GATE_EQ: return value == limit;
    }
    return false;
}

static const char *relation(tend_gate_op op, bool passed) {
    static const char *const WORDS[][2] = {
        [TEND_GATE_GE] = {"below", "at least"},  [TEND_GATE_GT] = {"not above", "above"}, [TEND_GATE_LE] = {"above", "at most"},
        [TEND_GATE_LT] = {"not below", "below"}, [TEND_GATE_EQ] = {"not", "exactly"},
    };
    return WORDS[op][passed];
}

/* In as few digits as tell it from the limit: "0.92, below 0.92" would be no answer. */
static const char *format_value(double value, double limit, tend_arena *arena) {
    char text[32];
    for (int digits = 4; digits <= 16 && value != limit; digits += 4) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        double read = limit;
        tend_text_parse_double(tend_str_of(text), true, &read);
        if (read != limit && (read < limit) == (value < limit))
            return tend_arena_strdup(arena, text);
    }
    tend_text_format_double(value, text);
    return tend_arena_strdup(arena, text);
}

/* The metric over the slices that are large enough and where it is defined. */
typedef struct over_slices {
    double value;
    const tend_node *slice; /* that has the value (min, max) */
    int64_t counted, small, undefined;
} over_slices;

static over_slices look_at_slices(const tend_gate *gate, const tend_node *evaluation) {
    over_slices o = {.value = (double)NAN};
    double sum = 0;
    TEND_NODE_EACH(slice, tend_node_get(evaluation, "slices")) {
        const tend_node *estimate = tend_node_get(tend_node_get(slice, "metrics"), gate->metric->name);
        double value = tend_node_double(tend_node_get(estimate, "value"), (double)NAN);
        if (tend_node_bool(tend_node_get(slice, "small"), false)) {
            o.small++;
            continue;
        }
        if (isnan(value)) {
            o.undefined++;
            continue;
        }
        o.counted++;
        sum += value;
        bool beyond = gate->over == TEND_GATE_MIN ? value < o.value : value > o.value;
        if (!o.slice || beyond) {
            o.slice = slice;
            o.value = value;
        }
    }
    if (gate->over == TEND_GATE_MEAN && o.counted)
        o.value = sum / (double)o.counted;
    return o;
}

static const char *slice_text(const tend_node *slice, tend_arena *arena) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    TEND_NODE_EACH(by, tend_node_get(slice, "by"))
        tend_buf_printf(&text, "%s=%s, ", by->key, tend_node_scalar(by, ""));
    char n[32];
    tend_buf_printf(&text, "n=%s", tend_text_thousands(tend_node_int(tend_node_get(slice, "n"), 0), n));
    return tend_arena_strdup(arena, tend_buf_text(&text));
}

static const char *plural(int64_t n) { return n == 1 ? "" : "s"; }

/* Which slices did not count, and why; "" when all did. */
static const char *left_out(const over_slices *o, const tend_node *evaluation, tend_arena *arena) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    int64_t least = tend_node_int(tend_node_path(evaluation, "slice_counts.min_slice"), 0);
    if (o->small)
        tend_buf_printf(&text, "%lld slice%s under %lld rows", (long long)o->small, plural(o->small), (long long)least);
    if (o->undefined)
        tend_buf_printf(&text, "%s%lld slice%s where it is undefined", text.size ? " and " : "", (long long)o->undefined,
                        plural(o->undefined));
    return text.size ? tend_arena_printf(arena, "; %s not counted", tend_buf_text(&text)) : "";
}

static void judge_slices(const tend_gate *gate, const tend_node *evaluation, tend_arena *arena, tend_gate_result *out) {
    over_slices o = look_at_slices(gate, evaluation);
    const char *metric = gate->metric->name, *rest = left_out(&o, evaluation, arena);
    out->value = o.value;
    if (o.counted == 0) {
        out->message = tend_arena_printf(arena, "no slice to take %s of%s", metric, rest);
        return;
    }
    out->passed = holds(o.value, gate->op, gate->limit);
    const char *value = format_value(o.value, gate->limit, arena), *word = relation(gate->op, out->passed);
    if (gate->over == TEND_GATE_MEAN) {
        out->message = tend_arena_printf(arena, "the mean %s of %lld slice%s is %s, %s %s%s", metric, (long long)o.counted,
                                         plural(o.counted), value, word, gate->limit_text, rest);
        return;
    }
    bool is_worst = gate->metric->greater_is_better == (gate->over == TEND_GATE_MIN);
    out->message = tend_arena_printf(arena, "the %s slice (%s) has %s %s, %s %s%s", is_worst ? "worst" : "best", slice_text(o.slice, arena),
                                     metric, value, word, gate->limit_text, rest);
}

static void judge_whole(const tend_gate *gate, const tend_node *evaluation, tend_arena *arena, tend_gate_result *out) {
    const char *metric = gate->metric->name;
    const tend_node *estimate = tend_node_get(tend_node_get(evaluation, "metrics"), metric);
    out->value = tend_node_double(tend_node_get(estimate, "value"), (double)NAN);
    if (isnan(out->value)) {
        out->message = tend_arena_printf(arena, "%s is undefined on these %lld rows (%s), so nothing holds of it", metric,
                                         (long long)tend_node_int(tend_node_get(evaluation, "n"), 0), gate->metric->help);
        return;
    }
    out->passed = holds(out->value, gate->op, gate->limit);
    out->message = tend_arena_printf(arena, "%s is %s, %s %s", metric, format_value(out->value, gate->limit, arena),
                                     relation(gate->op, out->passed), gate->limit_text);
}

/* The metrics that the document has, whatever the task was called. */
static unsigned metrics_of_evaluation(const tend_node *evaluation) {
    unsigned tasks = TEND_METRIC_REGRESSION | TEND_METRIC_BINARY | TEND_METRIC_MULTICLASS;
    TEND_NODE_EACH(estimate, tend_node_get(evaluation, "metrics")) {
        const tend_metric *metric = tend_metric_find(estimate->key);
        tasks &= metric ? metric->tasks : tasks;
    }
    return tasks;
}

tend_status tend_gates_apply(const tend_node *gates, const tend_node *evaluation, tend_arena *arena, tend_gate_result **out, int *out_n,
                             tend_error *err) {
    size_t n = !gate_at(gates, 0) ? 0 : gates->kind == TEND_NODE_LIST ? gates->count : 1;
    tend_gate_result *results = TEND_ARRAY(arena, tend_gate_result, n);
    tend_diags diags;
    tend_diags_init(&diags, arena);
    unsigned tasks = metrics_of_evaluation(evaluation);
    for (size_t i = 0; i < n; i++) {
        const tend_node *node = gate_at(gates, i);
        tend_gate gate;
        if (!tend_gate_parse(node, tasks, &diags, &gate))
            return tend_diags_status(&diags, err);
        results[i] = (tend_gate_result){.gate = tend_node_string(node, ""), .limit = gate.limit, .span = node->span};
        if (gate.over == TEND_GATE_WHOLE)
            judge_whole(&gate, evaluation, arena, &results[i]);
        else
            judge_slices(&gate, evaluation, arena, &results[i]);
    }
    *out = results;
    *out_n = (int)n;
    return TEND_OK;
}
