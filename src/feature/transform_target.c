/* target_encode: a level becomes the mean of the target over its training rows, drawn to the mean
 * of all:
 *
 *     (sum of y over the level + smoothing * mean of y) / (rows of the level + smoothing)
 *
 * (Micci-Barreca 2001, equation 3 with lambda = n / (n + m); scikit-learn's TargetEncoder with a
 * fixed `smooth`.) A missing value is a level of its own; an unknown one gives the mean of all. For
 * a target with more than two classes there is one output for each class but the first, with y = 1
 * for rows of the class: the shares add up to 1, so the first carries nothing more. In the training
 * matrix each row is encoded by the rows of the other folds (fit_folds).
 *
 * State: for each slot (0 the mean of all, 1 missing, 2 + l level l), one number per output.
 */
#include "feature/levels.h"
#include "feature/transform.h"

#include <math.h>

enum { SMOOTHING };
enum { SLOT_ALL, SLOT_MISSING, SLOT_LEVELS };

static const tend_arg_spec target_args[] = {
    {"smoothing", TEND_ARG_REAL, 10, 0, 1e9, NULL, NULL, "how many rows the mean of all counts for"},
};

static int n_outputs(const tend_fit *fit) { return fit->task == TEND_TASK_MULTICLASS && fit->n_classes > 2 ? fit->n_classes - 1 : 1; }

static int slot_of(const tend_stage *stage, tend_str text) {
    if (!text.at)
        return SLOT_MISSING;
    int64_t level = tend_stage_level(stage, text);
    return level >= 0 ? SLOT_LEVELS + (int)level : SLOT_ALL;
}

/* Sums and counts per slot (SLOT_ALL: of every row), for the rows of each fold apart. */
typedef struct sums {
    int n_slots, k;
    double *y; /* [folds][n_slots][k] */
    double *n; /* [folds][n_slots] */
} sums;

static double target_of(const tend_fit *fit, int k, int output, int64_t row) { return k == 1 ? fit->y[row] : fit->y[row] == output + 1; }

static sums sum_up(const tend_stage *stage, const tend_fit *fit, const tend_values *v, const uint8_t *fold, int n_folds,
                   tend_arena *arena) {
    sums s = {.n_slots = SLOT_LEVELS + tend_stage_n_levels(stage), .k = n_outputs(fit)};
    size_t slots = tend_mul_or_die((size_t)n_folds, (size_t)s.n_slots);
    s.y = TEND_ARRAY(arena, double, tend_mul_or_die(slots, (size_t)s.k));
    s.n = TEND_ARRAY(arena, double, slots);
    for (int64_t i = 0; i < v->n; i++) {
        if (isnan(fit->y[i]))
            continue;
        size_t base = fold ? (size_t)fold[i] * (size_t)s.n_slots : 0;
        size_t slot = base + (size_t)slot_of(stage, v->texts[i]);
        s.n[base + SLOT_ALL]++;
        s.n[slot]++;
        for (int o = 0; o < s.k; o++) {
            double y = target_of(fit, s.k, o, i);
            s.y[(base + SLOT_ALL) * (size_t)s.k + (size_t)o] += y;
            s.y[slot * (size_t)s.k + (size_t)o] += y;
        }
    }
    return s;
}

/* The state from the sums over all folds but one (without -1: over all). */
static void encode(const sums *s, int n_folds, int without, double smoothing, double *out) {
    for (int slot = 0; slot < s->n_slots; slot++)
        for (int o = 0; o < s->k; o++) {
            double y = 0, n = 0;
            for (int f = 0; f < n_folds; f++) {
                size_t at = (size_t)f * (size_t)s->n_slots + (size_t)slot;
                y += f == without ? 0 : s->y[at * (size_t)s->k + (size_t)o];
                n += f == without ? 0 : s->n[at];
            }
            double all = slot == SLOT_ALL ? (n > 0 ? y / n : 0) : out[o];
            double weight = n + smoothing;
            bool is_mean = slot == SLOT_ALL || weight <= 0;
            out[slot * s->k + o] = is_mean ? all : (y + smoothing * all) / weight;
        }
}

static void fit_target(tend_stage *stage, const tend_fit *fit, const tend_values *v) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    tend_levels levels;
    tend_levels_count(v, scratch, &levels);
    tend_stage_levels(stage, fit->arena);
    for (int l = 0; l < levels.n; l++)
        tend_dict_add(stage->levels, levels.items[l].text.at, levels.items[l].text.size, NULL);
    sums s = sum_up(stage, fit, v, NULL, 1, scratch);
    tend_stage_numbers(stage, fit->arena, s.n_slots * s.k);
    encode(&s, 1, -1, stage->args[SMOOTHING].number, stage->numbers);
}

static double *fit_target_folds(const tend_stage *stage, const tend_fit *fit, const tend_values *v, const uint8_t *fold) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    sums s = sum_up(stage, fit, v, fold, TEND_FEATURE_FOLDS, scratch);
    double *out = TEND_ARRAY(fit->arena, double, (size_t)TEND_FEATURE_FOLDS *(size_t)stage->n_numbers);
    for (int f = 0; f < TEND_FEATURE_FOLDS; f++)
        encode(&s, TEND_FEATURE_FOLDS, f, stage->args[SMOOTHING].number, out + (size_t)f * (size_t)stage->n_numbers);
    return out;
}

static int target_width(const tend_stage *stage) { return stage->n_numbers / (SLOT_LEVELS + tend_stage_n_levels(stage)); }

static void emit_target(const tend_stage *stage, tend_run *run, const tend_values *v, float *out) {
    int k = target_width(stage);
    const double *folds = run->fold ? run->without_fold[stage->id] : NULL;
    for (int64_t i = 0; i < v->n; i++, out += run->stride) {
        const double *state = folds ? folds + (size_t)run->fold[i] * (size_t)stage->n_numbers : stage->numbers;
        const double *slot = state + (size_t)slot_of(stage, v->texts[i]) * (size_t)k;
        for (int o = 0; o < k; o++)
            out[o] = tend_float_of(slot[o]);
    }
}

static void name_target(const tend_stage *stage, int i, tend_buf *out) {
    tend_buf_puts(out, ":target_encode");
    if (target_width(stage) > 1)
        tend_buf_printf(out, "(%d)", i + 1);
}

static bool check_target(const tend_stage *stage) {
    int slots = SLOT_LEVELS + tend_stage_n_levels(stage);
    return stage->levels && stage->n_numbers >= slots && stage->n_numbers % slots == 0;
}

const tend_transform tend_transform_target_encode = {
    .name = "target_encode",
    .help = "The mean of the target over the level's training rows, drawn to the mean of all "
            "rows; out of fold while training, so that no row sees its own target. With more "
            "than two classes, one output for each class but the first.",
    .takes = TEND_TAKES_TEXT,
    .gives = TEND_GIVES_OUTPUTS,
    .args = target_args,
    .n_args = sizeof target_args / sizeof *target_args,
    .fit = fit_target,
    .width = target_width,
    .emit = emit_target,
    .name_output = name_target,
    .fit_folds = fit_target_folds,
    .check = check_target,
};
