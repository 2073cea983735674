/* Is machine learning needed? The gain over the best baseline, against the gain that was asked for.
 */
#include "learn/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct question {
    const tend_metric *metric;
    const tend_scored *model;
    const tend_baseline *baselines;
    int n_baselines;
    double min_gain;
    tend_bootstrap_options options;
    tend_arena *arena;
} question;

typedef struct rival {
    const char *name; /* NULL: there is none */
    double value;
    tend_estimate gain; /* oriented: more is better */
} rival;

/* Text. Decimals by how wide the interval is, so that its ends differ and no digit is noise. */

static int decimals_for(tend_estimate e) {
    double half = (e.high - e.low) / 2;
    if (!(half > 0))
        return 3;
    double digits = -floor(log10(half / 5)), least = fabs(e.value) < 1 ? 3 : 0;
    return digits < least ? (int)least : digits > 8 ? 8 : (int)digits;
}

/* "0.928 (0.921–0.935)"; "to" instead of the dash where an end is negative. */
static const char *estimate_text(tend_estimate e, tend_arena *arena) {
    int d = decimals_for(e);
    if (isnan(e.low) || isnan(e.high))
        return tend_arena_printf(arena, "%.*f", d, e.value);
    return tend_arena_printf(arena, "%.*f (%.*f%s%.*f)", d, e.value, d, e.low, e.low < 0 ? " to " : "\xE2\x80\x93", d, e.high);
}

static const char *rival_text(const rival *r, tend_arena *arena) {
    return strcmp(r->name, "rule") == 0 ? "today's rule" : tend_arena_printf(arena, "the %s baseline", r->name);
}

/* "0.217 (0.205–0.229) above today's rule", "0.004 (-0.002 to 0.010) below …": how far apart the
 * values are, and on which side the model's is. */
static const char *gain_text(const question *q, const rival *best) {
    tend_estimate gap = best->gain;
    bool above = q->metric->greater_is_better;
    if (gap.value < 0) {
        gap = (tend_estimate){-gap.value, -gap.high, -gap.low};
        above = !above;
    }
    return tend_arena_printf(q->arena, "%s %s %s", estimate_text(gap, q->arena), above ? "above" : "below", rival_text(best, q->arena));
}

static const char *asked_text(const question *q) {
    char limit[32];
    tend_text_format_double(q->min_gain, limit);
    return q->min_gain > 0 ? tend_arena_printf(q->arena, "at least %s was asked", limit) : "any gain would do";
}

/* How many rows would bring the interval to one side of min_gain: its width falls with the root of
 * the rows. 0: no reasonable number. */
static int64_t rows_needed(const question *q, tend_estimate gain) {
    double margin = gain.value - q->min_gain;
    double half = margin >= 0 ? gain.value - gain.low : gain.high - gain.value;
    double factor = (half / margin) * (half / margin);
    if (!(factor > 0) || factor > 100)
        return 0;
    double rows = (double)q->model->n * factor;
    double unit = pow(10, floor(log10(fmax(rows, 10))) - 1); /* two digits are as many as this is worth */
    return (int64_t)(ceil(rows / unit) * unit);
}

/* Resampling rows shows how far chance reaches only when there are enough of them: of a handful of positives each resample
 * has the same ones again, and the interval comes out too narrow (Davison & Hinkley 1997, section 2.6). */
enum { FEWEST_ROWS = 30, FEWEST_RARE = 10 };

/* Test rows outside of the most frequent class; of a regression, all. */
static int64_t rare_rows(const tend_scored *s) {
    if (s->n_classes < 2)
        return s->n;
    int64_t *counts = tend_calloc((size_t)s->n_classes, sizeof *counts), most = 0;
    for (int64_t i = 0; i < s->n; i++) {
        int64_t n = ++counts[(int)s->y[i]];
        most = n > most ? n : most;
    }
    free(counts);
    return s->n - most;
}

/* Test rows that would be enough to tell; 0: there are enough. */
static int64_t rows_to_tell(const question *q) {
    int64_t n = q->model->n, rare = rare_rows(q->model);
    if (n >= FEWEST_ROWS && rare >= FEWEST_RARE)
        return 0;
    double rows = rare < FEWEST_RARE && rare > 0 ? (double)n * FEWEST_RARE / (double)rare : (double)FEWEST_ROWS;
    return (int64_t)fmax(ceil(rows / 10) * 10, FEWEST_ROWS);
}

/* "yes", "no", "unclear" */
static const char *decide(const question *q, const rival *best) {
    if (rows_to_tell(q))
        return "unclear";
    if (!best->name || isnan(best->gain.low) || isnan(best->gain.high))
        return "unclear";
    if (best->gain.low >= q->min_gain && best->gain.low > 0)
        return "yes";
    return best->gain.high < q->min_gain || best->gain.high <= 0 ? "no" : "unclear";
}

static const char *sentence_yes(const question *q, const char *value, const rival *best) {
    return tend_arena_printf(q->arena, "Machine learning is worth it: %s %s, %s, and %s.", q->metric->name, value, gain_text(q, best),
                             asked_text(q));
}

static const char *sentence_no(const question *q, const char *value, const rival *best) {
    const char *verdict =
        best->gain.high <= 0 ? "Machine learning does not beat what there is" : "Machine learning is not worth it as it stands";
    return tend_arena_printf(q->arena,
                             "%s: %s %s, %s%s, while %s. Testing on more rows would not change "
                             "this; better features, more training "
                             "rows or a smaller min_gain would.",
                             verdict, q->metric->name, value, best->gain.value > 0 ? "only " : "", gain_text(q, best), asked_text(q));
}

static const char *sentence_unclear(const question *q, const char *value, const rival *best) {
    char now[32], then[32];
    int64_t needed = rows_needed(q, best->gain);
    const char *settle = needed
                             ? tend_arena_printf(q->arena, "About %s test rows instead of %s would settle it, if the gain stays what it is",
                                                 tend_text_thousands(needed, then), tend_text_thousands(q->model->n, now))
                             : "The gain is so close to the limit that more test rows alone will hardly settle it";
    return tend_arena_printf(q->arena, "It is not clear yet whether machine learning is worth it: %s %s, %s, while %s. %s.",
                             q->metric->name, value, gain_text(q, best), asked_text(q), settle);
}

static const char *sentence_too_few(const question *q, const char *value, const rival *best) {
    char n[32], rare[32], then[32];
    tend_text_thousands(q->model->n, n);
    tend_text_thousands(rare_rows(q->model), rare);
    const char *what =
        q->model->n < FEWEST_ROWS
            ? tend_arena_printf(q->arena, "there are only %s test rows (at least %d are wanted)", n, FEWEST_ROWS)
            : tend_arena_printf(q->arena, "only %s of %s test rows %s not of the most frequent class (at least %d are wanted)", rare, n,
                                rare_rows(q->model) == 1 ? "is" : "are", FEWEST_RARE);
    return tend_arena_printf(q->arena,
                             "There are too few rows to tell whether machine learning is worth it: %s %s, %s, but %s. About %s test "
                             "rows would do.",
                             q->metric->name, value, gain_text(q, best), what, tend_text_thousands(rows_to_tell(q), then));
}

static const char *sentence(const question *q, const char *needed, tend_estimate value, const rival *best) {
    if (isnan(value.value))
        return tend_arena_printf(q->arena,
                                 "It cannot be said whether machine learning is worth it: %s is "
                                 "undefined on these rows (%s).",
                                 q->metric->name, q->metric->help);
    if (!best->name)
        return tend_arena_printf(q->arena,
                                 "It cannot be said whether machine learning is worth it: there is "
                                 "no baseline with a defined %s to compare with.",
                                 q->metric->name);
    if (isnan(best->gain.low))
        return tend_arena_printf(q->arena,
                                 "It cannot be said whether machine learning is worth it: %lld "
                                 "rows are too few for an interval.",
                                 (long long)q->model->n);
    const char *text = estimate_text(value, q->arena);
    if (rows_to_tell(q))
        return sentence_too_few(q, text, best);
    return *needed == 'y' ? sentence_yes(q, text, best) : *needed == 'n' ? sentence_no(q, text, best) : sentence_unclear(q, text, best);
}

/* Numbers. */

static tend_status compare(const question *q, const tend_baseline *baseline, rival *out, tend_error *err) {
    const tend_scored *better = q->model, *worse = &baseline->scored;
    if (!q->metric->greater_is_better) {
        better = &baseline->scored;
        worse = q->model;
    }
    tend_estimate gain;
    TEND_TRY_WRAP(tend_bootstrap_difference(better, worse, &q->metric, 1, &q->options, &gain, err), err, "comparing with the baseline %s",
                  baseline->name);
    *out = (rival){baseline->name, q->metric->compute(&baseline->scored), gain};
    return TEND_OK;
}

static bool is_better(const question *q, double a, double b) { return q->metric->greater_is_better ? a > b : a < b; }

static tend_status compare_all(const question *q, tend_node *against, rival *best, tend_error *err) {
    for (int i = 0; i < q->n_baselines; i++) {
        rival r;
        TEND_TRY(compare(q, &q->baselines[i], &r, err));
        tend_node *node = tend_node_push(against, tend_node_new_map(q->arena));
        tend_node_set_string(q->arena, node, "baseline", r.name);
        tend_node_set_double(q->arena, node, "value", r.value);
        tend_node *gain = tend_node_set_map(q->arena, node, "gain");
        tend_node_set_double(q->arena, gain, "value", r.gain.value);
        tend_node_set_double(q->arena, gain, "low", r.gain.low);
        tend_node_set_double(q->arena, gain, "high", r.gain.high);
        if (!isnan(r.value) && (!best->name || is_better(q, r.value, best->value)))
            *best = r;
    }
    return TEND_OK;
}

static tend_node *answer(const question *q, tend_estimate value, const rival *best, tend_node *against) {
    tend_arena *arena = q->arena;
    const char *needed = isnan(value.value) ? "unclear" : decide(q, best);
    tend_node *node = tend_node_new_map(arena);
    tend_node_set_string(arena, node, "needed", needed);
    tend_node_set_string(arena, node, "sentence", sentence(q, needed, value, best));
    tend_node_set_string(arena, node, "metric", q->metric->name);
    tend_node_set_double(arena, node, "value", value.value);
    tend_node_set_double(arena, node, "min_gain", q->min_gain);
    tend_node_set_string(arena, node, "best_baseline", best->name);
    int64_t rows = rows_to_tell(q);
    if (!rows && *needed == 'u' && best->name && !isnan(best->gain.low))
        rows = rows_needed(q, best->gain);
    if (rows)
        tend_node_set_int(arena, node, "rows_needed", rows);
    tend_node_set(arena, node, "against", against);
    return node;
}

tend_status tend_verdict(const tend_scored *model, const tend_baseline *baselines, int n_baselines, const char *metric, double min_gain,
                         int replicates, uint64_t seed, tend_arena *arena, tend_node **out, tend_error *err) {
    question q = {
        .metric = tend_metric_find(metric ? metric : tend_metric_default(model->n_classes)),
        .model = model,
        .baselines = baselines,
        .n_baselines = n_baselines,
        .min_gain = min_gain,
        .options = {.replicates = replicates, .seed = seed},
        .arena = arena,
    };
    if (!q.metric)
        return TEND_FAIL(err, INVALID, "unknown metric '%s'", metric);
    tend_estimate value;
    TEND_TRY(tend_bootstrap(model, &q.metric, 1, &q.options, &value, err));
    tend_node *against = tend_node_new_list(arena);
    rival best = {0};
    TEND_TRY(compare_all(&q, against, &best, err));
    *out = answer(&q, value, &best, against);
    return TEND_OK;
}
