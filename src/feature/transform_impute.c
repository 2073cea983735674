/* impute: something in the place of a missing value. The state is one number (of a number or a
 * time) or one text; without either nothing was there to learn from, and missing values stay. */
#include "data/iso.h"
#include "feature/levels.h"
#include "feature/numeric.h"
#include "feature/transform.h"

#include <math.h>

enum { STRATEGY, VALUE, INDICATOR };
enum { BY_KIND, MEDIAN, MEAN, MOST_FREQUENT, CONSTANT };

static const tend_arg_spec impute_args[] = {
    {"strategy", TEND_ARG_CHOICE, BY_KIND, 0, 0, "auto|median|mean|most_frequent|constant",
     "median for numbers and dates, most_frequent for text; constant when a value is given", "what is learned from the training rows"},
    {"value", TEND_ARG_SCALAR, 0, 0, 0, NULL, "none", "the constant to put in"},
    {"indicator", TEND_ARG_BOOL, 0, 0, 1, NULL, NULL, "a further output `column:missing`, 1 where the value was missing"},
};

static bool parse_number(tend_str text, double *out) {
    bool truth = tend_str_is(text, "true");
    if (!truth && !tend_str_is(text, "false"))
        return tend_text_parse_double(text, false, out);
    *out = truth;
    return true;
}

static bool parse_value(const tend_stage *stage, tend_value_kind kind, double *out) {
    tend_str text = tend_str_of(stage->args[VALUE].text);
    int64_t micros;
    if (kind == TEND_VALUE_NUMBER)
        return parse_number(text, out);
    if (!tend_iso_parse_timestamp(text, &micros, NULL))
        return false;
    *out = (double)micros;
    return true;
}

static const char *impute_fault(const tend_stage *stage, tend_value_kind kind) {
    int strategy = (int)stage->args[STRATEGY].number;
    double ignored;
    if (strategy == CONSTANT && !stage->args[VALUE].given)
        return "strategy 'constant' needs a 'value'";
    if (strategy != CONSTANT && strategy != BY_KIND && stage->args[VALUE].given)
        return "'value' goes with the strategy 'constant' only";
    if (kind == TEND_VALUE_TEXT && (strategy == MEDIAN || strategy == MEAN))
        return "text has no median or mean; use 'most_frequent' or a 'value'";
    if (kind == TEND_VALUE_TEXT || !stage->args[VALUE].given || parse_value(stage, kind, &ignored))
        return NULL;
    return kind == TEND_VALUE_NUMBER ? "'value' must be a number, as the column is" : "'value' must be a date (2027-03-31)";
}

static int strategy_for(const tend_stage *stage) {
    int strategy = (int)stage->args[STRATEGY].number;
    if (stage->args[VALUE].given)
        return CONSTANT;
    if (strategy == BY_KIND)
        return stage->kind == TEND_VALUE_TEXT ? MOST_FREQUENT : MEDIAN;
    return strategy;
}

static void set_number(tend_stage *stage, const tend_fit *fit, double v) {
    tend_stage_numbers(stage, fit->arena, 1);
    stage->numbers[0] = v;
}

static void fit_text(tend_stage *stage, const tend_fit *fit, const tend_values *v) {
    tend_stage_levels(stage, fit->arena);
    if (strategy_for(stage) == CONSTANT) {
        const char *value = stage->args[VALUE].text;
        tend_dict_add(stage->levels, value, strlen(value), NULL);
        return;
    }
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    tend_levels levels;
    tend_levels_count(v, scratch, &levels);
    tend_levels_keep(&levels, 1, 1);
    if (levels.n)
        tend_dict_add(stage->levels, levels.items[0].text.at, levels.items[0].text.size, NULL);
}

/* The longest run of equal numbers; the smallest wins a tie. */
static double most_frequent(const double *sorted, int64_t n) {
    double best = sorted[0];
    for (int64_t i = 0, run = 0, longest = 0; i < n; i++) {
        run = i && sorted[i] == sorted[i - 1] ? run + 1 : 1;
        if (run > longest) {
            longest = run;
            best = sorted[i];
        }
    }
    return best;
}

static double learned(int strategy, const double *sorted, int64_t n) {
    if (strategy == MOST_FREQUENT)
        return most_frequent(sorted, n);
    if (strategy == MEDIAN)
        return tend_sorted_quantile(sorted, n, 0.5);
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += sorted[i];
    return sum / (double)n;
}

/* Times as numbers, so that median and mean have one implementation. */
static void times_as_numbers(const tend_values *v, tend_arena *arena, tend_values *out) {
    *out = (tend_values){.arena = arena, .n = v->n};
    tend_values_use(out, TEND_VALUE_NUMBER);
    for (int64_t i = 0; i < v->n; i++)
        out->numbers[i] = tend_values_missing(v, i) ? (double)NAN : (double)v->times[i];
}

static void fit_impute(tend_stage *stage, const tend_fit *fit, const tend_values *v) {
    if (stage->kind == TEND_VALUE_TEXT) {
        fit_text(stage, fit, v);
        return;
    }
    int strategy = strategy_for(stage);
    double value;
    if (strategy == CONSTANT) {
        if (parse_value(stage, stage->kind, &value))
            set_number(stage, fit, value);
        return;
    }
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    tend_values numbers = *v;
    if (v->kind == TEND_VALUE_TIME)
        times_as_numbers(v, scratch, &numbers);
    int64_t n;
    double *sorted = tend_sorted_numbers(&numbers, scratch, &n);
    if (n)
        set_number(stage, fit, learned(strategy, sorted, n));
}

static void mark_missing(const tend_stage *stage, tend_run *run, const tend_values *v) {
    if (stage->indicator < 0 || !run->out)
        return;
    for (int64_t i = 0; i < v->n; i++)
        run->out[i * (int64_t)run->stride + stage->indicator] = tend_values_missing(v, i);
}

static void apply_impute(const tend_stage *stage, tend_run *run, tend_values *v) {
    mark_missing(stage, run, v);
    bool has_text = tend_stage_n_levels(stage) > 0;
    if (!has_text && !stage->n_numbers)
        return;
    tend_str text = has_text ? tend_dict_key(stage->levels, 0) : (tend_str){NULL, 0};
    double number = has_text ? 0 : stage->numbers[0];
    for (int64_t i = 0; i < v->n; i++) {
        if (!tend_values_missing(v, i))
            continue;
        if (v->kind == TEND_VALUE_TEXT)
            v->texts[i] = text;
        else if (v->kind == TEND_VALUE_NUMBER)
            v->numbers[i] = number;
        else
            v->times[i] = (int64_t)number;
    }
}

static bool check_impute(const tend_stage *stage) {
    if (stage->kind == TEND_VALUE_TEXT)
        return stage->n_numbers == 0 && tend_stage_n_levels(stage) <= 1;
    bool in_range = !stage->n_numbers || (stage->numbers[0] > -0x1p63 && stage->numbers[0] < 0x1p63);
    return tend_stage_n_levels(stage) == 0 && stage->n_numbers <= 1 && (in_range || stage->kind == TEND_VALUE_NUMBER);
}

const tend_transform tend_transform_impute = {
    .name = "impute",
    .help = "Puts a value in the place of a missing one: learned from the training rows or "
            "given. Other transforms may follow.",
    .takes = TEND_TAKES_ANY,
    .gives = TEND_GIVES_SAME,
    .plain_name = true,
    .args = impute_args,
    .n_args = sizeof impute_args / sizeof *impute_args,
    .fault = impute_fault,
    .fit = fit_impute,
    .apply = apply_impute,
    .check = check_impute,
};
