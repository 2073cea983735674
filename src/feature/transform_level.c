/* Categories to numbers without a look at the target: one_hot, ordinal, frequency, hash. */
#include "base/hash.h"
#include "feature/levels.h"
#include "feature/transform.h"

#include <math.h>

static void take_levels(tend_stage *stage, const tend_fit *fit, const tend_levels *levels) {
    tend_stage_levels(stage, fit->arena);
    for (int l = 0; l < levels->n; l++)
        tend_dict_add(stage->levels, levels->items[l].text.at, levels->items[l].text.size, NULL);
}

/* one_hot: outputs are the levels kept, then "(rare)" and "(missing)" where the training rows had
 * them. */
enum { ONE_HOT_MAX, ONE_HOT_MIN_COUNT, ONE_HOT_MISSING };
enum { HAS_RARE, HAS_MISSING, N_ONE_HOT };
#define MAX_LEVELS 10000

static const tend_arg_spec one_hot_args[] = {
    {"max_levels", TEND_ARG_INT, 64, 1, MAX_LEVELS, NULL, NULL, "the most frequent levels that get an output of their own"},
    {"min_count", TEND_ARG_INT, 1, 1, 1e9, NULL, NULL, "levels with fewer training rows are pooled as `(rare)`"},
    {"missing", TEND_ARG_CHOICE, 0, 0, 0, "level|zero", NULL,
     "whether missing is a level of its own (when the training rows have some) or all zeros"},
};

static void fit_one_hot(tend_stage *stage, const tend_fit *fit, const tend_values *v) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    tend_levels levels;
    tend_levels_count(v, scratch, &levels);
    int most = (int)stage->args[ONE_HOT_MAX].number;
    int pooled = tend_levels_keep(&levels, most, (int64_t)stage->args[ONE_HOT_MIN_COUNT].number);
    take_levels(stage, fit, &levels);
    tend_stage_numbers(stage, fit->arena, N_ONE_HOT);
    stage->numbers[HAS_RARE] = pooled > 0;
    stage->numbers[HAS_MISSING] = levels.n_missing > 0 && stage->args[ONE_HOT_MISSING].number == 0;
}

static int one_hot_width(const tend_stage *stage) {
    return tend_stage_n_levels(stage) + (stage->numbers[HAS_RARE] != 0) + (stage->numbers[HAS_MISSING] != 0);
}

static void emit_one_hot(const tend_stage *stage, tend_run *run, const tend_values *v, float *out) {
    int n_levels = tend_stage_n_levels(stage), width = one_hot_width(stage);
    int rare = stage->numbers[HAS_RARE] != 0 ? n_levels : -1;
    int missing = stage->numbers[HAS_MISSING] != 0 ? width - 1 : -1;
    for (int64_t i = 0; i < v->n; i++, out += run->stride) {
        memset(out, 0, (size_t)width * sizeof *out);
        int at = missing;
        if (v->texts[i].at) {
            int64_t level = tend_stage_level(stage, v->texts[i]);
            at = level >= 0 ? (int)level : rare;
        }
        if (at >= 0)
            out[at] = 1;
    }
}

static void name_one_hot(const tend_stage *stage, int i, tend_buf *out) {
    int n_levels = tend_stage_n_levels(stage);
    tend_buf_putc(out, '=');
    if (i < n_levels) {
        tend_str text = tend_dict_key(stage->levels, i);
        tend_buf_append(out, text.at, text.size);
    } else {
        tend_buf_puts(out, i == n_levels && stage->numbers[HAS_RARE] != 0 ? "(rare)" : "(missing)");
    }
}

static bool check_one_hot(const tend_stage *stage) { return stage->n_numbers == N_ONE_HOT && stage->levels; }

const tend_transform tend_transform_one_hot = {
    .name = "one_hot",
    .help = "One output per level, 1 where the row has it. A level not seen in training counts "
            "as `(rare)`, or gives all zeros when nothing was rare.",
    .takes = TEND_TAKES_TEXT,
    .gives = TEND_GIVES_OUTPUTS,
    .args = one_hot_args,
    .n_args = sizeof one_hot_args / sizeof *one_hot_args,
    .fit = fit_one_hot,
    .width = one_hot_width,
    .emit = emit_one_hot,
    .name_output = name_one_hot,
    .check = check_one_hot,
};

/* ordinal: the place of the level in the order. */
enum { ORDINAL_LEVELS };
static const tend_arg_spec ordinal_args[] = {
    {"levels", TEND_ARG_TEXTS, 0, 0, 0, NULL, "the levels of the training rows, sorted (as numbers when all are)",
     "the order, lowest first"},
};

static void fit_ordinal(tend_stage *stage, const tend_fit *fit, const tend_values *v) {
    const tend_arg *order = &stage->args[ORDINAL_LEVELS];
    if (!order->given) {
        TEND_AUTO(tend_arena) *scratch = tend_arena_new();
        tend_levels levels;
        tend_levels_count(v, scratch, &levels);
        tend_levels_sort_natural(&levels);
        take_levels(stage, fit, &levels);
        return;
    }
    tend_stage_levels(stage, fit->arena);
    for (int l = 0; l < order->n_texts; l++)
        tend_dict_add(stage->levels, order->texts[l], strlen(order->texts[l]), NULL);
}

static void apply_ordinal(const tend_stage *stage, tend_run *run, tend_values *v) {
    (void)run;
    tend_values_use(v, TEND_VALUE_NUMBER);
    for (int64_t i = 0; i < v->n; i++) {
        int64_t level = v->texts[i].at ? tend_stage_level(stage, v->texts[i]) : -1;
        v->numbers[i] = level >= 0 ? (double)level : (double)NAN;
    }
}

static bool check_ordinal(const tend_stage *stage) { return stage->n_numbers == 0 && stage->levels; }

const tend_transform tend_transform_ordinal = {
    .name = "ordinal",
    .help = "The place of the level in its order, 0, 1, 2 ... Missing and unknown levels are missing.",
    .takes = TEND_TAKES_TEXT,
    .gives = TEND_GIVES_NUMBER,
    .args = ordinal_args,
    .n_args = sizeof ordinal_args / sizeof *ordinal_args,
    .fit = fit_ordinal,
    .apply = apply_ordinal,
    .check = check_ordinal,
};

/* frequency: numbers[0] is the share of missing, numbers[1 + l] that of level l. */
static void fit_frequency(tend_stage *stage, const tend_fit *fit, const tend_values *v) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    tend_levels levels;
    tend_levels_count(v, scratch, &levels);
    take_levels(stage, fit, &levels);
    tend_stage_numbers(stage, fit->arena, 1 + levels.n);
    double n = v->n > 0 ? (double)v->n : 1;
    stage->numbers[0] = (double)levels.n_missing / n;
    for (int l = 0; l < levels.n; l++)
        stage->numbers[1 + l] = (double)levels.items[l].n / n;
}

static void apply_frequency(const tend_stage *stage, tend_run *run, tend_values *v) {
    (void)run;
    tend_values_use(v, TEND_VALUE_NUMBER);
    for (int64_t i = 0; i < v->n; i++) {
        int64_t level = v->texts[i].at ? tend_stage_level(stage, v->texts[i]) : -1;
        v->numbers[i] = level >= 0 ? stage->numbers[1 + level] : (v->texts[i].at ? 0 : stage->numbers[0]);
    }
}

static bool check_frequency(const tend_stage *stage) { return stage->levels && stage->n_numbers == 1 + tend_stage_n_levels(stage); }

const tend_transform tend_transform_frequency = {
    .name = "frequency",
    .help = "The share of the training rows that have the level (or are missing, as this one); 0 "
            "for an unknown level.",
    .takes = TEND_TAKES_TEXT,
    .gives = TEND_GIVES_NUMBER,
    .fit = fit_frequency,
    .apply = apply_frequency,
    .check = check_frequency,
};

/* hash: nothing is fitted; the bucket is tend_hash64 with seed 0, which never changes. */
enum { HASH_BUCKETS };
static const tend_arg_spec hash_args[] = {
    {"buckets", TEND_ARG_INT, 16, 2, 4096, NULL, NULL, "how many outputs; levels that meet in one share it"},
};

static int hash_width(const tend_stage *stage) { return (int)stage->args[HASH_BUCKETS].number; }

static void emit_hash(const tend_stage *stage, tend_run *run, const tend_values *v, float *out) {
    size_t width = (size_t)hash_width(stage);
    for (int64_t i = 0; i < v->n; i++, out += run->stride) {
        memset(out, 0, width * sizeof *out);
        if (v->texts[i].at)
            out[tend_hash64(v->texts[i].at, v->texts[i].size, 0) % width] = 1;
    }
}

static void name_hash(const tend_stage *stage, int i, tend_buf *out) {
    (void)stage;
    tend_buf_printf(out, ":hash(%d)", i);
}

const tend_transform tend_transform_hash = {
    .name = "hash",
    .help = "One output per bucket; a level's bucket is a stable hash of its text. For very many "
            "levels, also those not yet seen. Missing gives all zeros.",
    .takes = TEND_TAKES_TEXT,
    .gives = TEND_GIVES_OUTPUTS,
    .args = hash_args,
    .n_args = sizeof hash_args / sizeof *hash_args,
    .width = hash_width,
    .emit = emit_hash,
    .name_output = name_hash,
};
