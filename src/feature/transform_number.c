/* Numbers to numbers: scales, logarithm, bins. A missing value stays missing; what is fitted
 * ignores missing and infinite values, and is 0 and 1 when nothing remains. */
#include "feature/numeric.h"
#include "feature/transform.h"

#include <float.h>
#include <math.h>

/* The two numbers of the linear transforms: x becomes (x - centre) / scale. */
enum { CENTRE, SCALE, N_LINEAR };

static void set_linear(tend_stage *stage, tend_arena *arena, double centre, double scale) {
    tend_stage_numbers(stage, arena, N_LINEAR);
    stage->numbers[CENTRE] = centre;
    stage->numbers[SCALE] = isfinite(scale) && scale > 0 ? scale : 1;
}

static void apply_linear(const tend_stage *stage, tend_run *run, tend_values *v) {
    (void)run;
    double centre = stage->numbers[CENTRE], scale = stage->numbers[SCALE];
    for (int64_t i = 0; i < v->n; i++)
        v->numbers[i] = (v->numbers[i] - centre) / scale;
    v->boolean = false;
}

static bool check_linear(const tend_stage *stage) {
    return stage->n_numbers == N_LINEAR && isfinite(stage->numbers[CENTRE]) && stage->numbers[SCALE] > 0;
}

/* Two passes; a spread within what rounding alone could give counts as none. */
static void fit_standardize(tend_stage *stage, const tend_fit *fit, const tend_values *v) {
    double n = 0, sum = 0, squares = 0;
    for (int64_t i = 0; i < v->n; i++)
        if (isfinite(v->numbers[i])) {
            sum += v->numbers[i];
            n++;
        }
    double mean = n > 0 ? sum / n : 0;
    for (int64_t i = 0; i < v->n; i++)
        if (isfinite(v->numbers[i]))
            squares += (v->numbers[i] - mean) * (v->numbers[i] - mean);
    double variance = n > 0 ? squares / n : 0;
    double rounding = n * mean * DBL_EPSILON;
    bool constant = variance <= n * DBL_EPSILON * variance + rounding * rounding;
    set_linear(stage, fit->arena, mean, constant ? 1 : sqrt(variance));
}

const tend_transform tend_transform_standardize = {
    .name = "standardize",
    .help = "Subtracts the mean and divides by the standard deviation (of the population, as "
            "scikit-learn's StandardScaler).",
    .takes = TEND_TAKES_NUMBER,
    .gives = TEND_GIVES_NUMBER,
    .fit = fit_standardize,
    .apply = apply_linear,
    .check = check_linear,
};

enum { ROBUST_LOW, ROBUST_HIGH };
static const tend_arg_spec robust_args[] = {
    {"low", TEND_ARG_REAL, 25, 0, 100, NULL, NULL, "the lower percentile of the range that becomes 1"},
    {"high", TEND_ARG_REAL, 75, 0, 100, NULL, NULL, "the upper percentile"},
};

static void fit_robust(tend_stage *stage, const tend_fit *fit, const tend_values *v) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    int64_t n;
    double *sorted = tend_sorted_numbers(v, scratch, &n);
    if (!n) {
        set_linear(stage, fit->arena, 0, 1);
        return;
    }
    double low = tend_sorted_quantile(sorted, n, stage->args[ROBUST_LOW].number / 100);
    double high = tend_sorted_quantile(sorted, n, stage->args[ROBUST_HIGH].number / 100);
    set_linear(stage, fit->arena, tend_sorted_quantile(sorted, n, 0.5), high - low);
}

static const char *robust_fault(const tend_stage *stage, tend_value_kind kind) {
    (void)kind;
    bool ordered = stage->args[ROBUST_LOW].number < stage->args[ROBUST_HIGH].number;
    return ordered ? NULL : "'low' must be below 'high'";
}

const tend_transform tend_transform_robust_scale = {
    .name = "robust_scale",
    .help = "Subtracts the median and divides by the range between two percentiles: outliers do "
            "not move it.",
    .takes = TEND_TAKES_NUMBER,
    .gives = TEND_GIVES_NUMBER,
    .args = robust_args,
    .n_args = sizeof robust_args / sizeof *robust_args,
    .fault = robust_fault,
    .fit = fit_robust,
    .apply = apply_linear,
    .check = check_linear,
};

enum { MIN_MAX_CLIP };
static const tend_arg_spec min_max_args[] = {
    {"clip", TEND_ARG_BOOL, 0, 0, 1, NULL, NULL, "values outside the training range become 0 or 1"},
};

static bool finite_range(const tend_values *v, double *low, double *high) {
    *low = (double)INFINITY;
    *high = -(double)INFINITY;
    for (int64_t i = 0; i < v->n; i++) {
        double x = v->numbers[i];
        if (!isfinite(x))
            continue;
        *low = x < *low ? x : *low;
        *high = x > *high ? x : *high;
    }
    return *low <= *high;
}

static void fit_min_max(tend_stage *stage, const tend_fit *fit, const tend_values *v) {
    double low, high;
    if (finite_range(v, &low, &high))
        set_linear(stage, fit->arena, low, high - low);
    else
        set_linear(stage, fit->arena, 0, 1);
}

static void apply_min_max(const tend_stage *stage, tend_run *run, tend_values *v) {
    apply_linear(stage, run, v);
    if (stage->args[MIN_MAX_CLIP].number == 0)
        return;
    for (int64_t i = 0; i < v->n; i++) {
        double x = v->numbers[i];
        v->numbers[i] = x < 0 ? 0 : (x > 1 ? 1 : x);
    }
}

const tend_transform tend_transform_min_max_scale = {
    .name = "min_max_scale",
    .help = "Maps the range of the training rows to 0 .. 1.",
    .takes = TEND_TAKES_NUMBER,
    .gives = TEND_GIVES_NUMBER,
    .args = min_max_args,
    .n_args = sizeof min_max_args / sizeof *min_max_args,
    .fit = fit_min_max,
    .apply = apply_min_max,
    .check = check_linear,
};

static void apply_log1p(const tend_stage *stage, tend_run *run, tend_values *v) {
    (void)stage, (void)run;
    for (int64_t i = 0; i < v->n; i++) {
        double x = v->numbers[i];
        v->numbers[i] = x < 0 ? -tend_log1p_exact(-x) : tend_log1p_exact(x);
    }
    v->boolean = false;
}

const tend_transform tend_transform_log1p = {
    .name = "log1p",
    .help = "log(1 + x), for amounts and counts with a long tail; negative numbers become -log(1 "
            "- x), so that none is lost.",
    .takes = TEND_TAKES_NUMBER,
    .gives = TEND_GIVES_NUMBER,
    .apply = apply_log1p,
};

static void nothing_to_apply(const tend_stage *stage, tend_run *run, tend_values *v) { (void)stage, (void)run, (void)v; }

const tend_transform tend_transform_passthrough = {
    .name = "passthrough",
    .help = "The number as it is (true is 1, false 0). A missing value stays missing: trees have "
            "a branch for it, linear models a fill.",
    .takes = TEND_TAKES_NUMBER,
    .gives = TEND_GIVES_NUMBER,
    .plain_name = true,
    .apply = nothing_to_apply,
};

const tend_transform tend_transform_drop = {
    .name = "drop",
    .help = "Leaves the column out. The same as naming it under `drop:`.",
    .takes = TEND_TAKES_ANY,
    .gives = TEND_GIVES_SAME,
};

/* Bins: the sorted inner edges; a value's code is the number of edges that are not above it. */
enum { BINS };
#define MAX_BINS 1000
static const tend_arg_spec bin_args[] = {
    {"bins", TEND_ARG_INT, 10, 2, MAX_BINS, NULL, NULL, "how many bins; fewer remain when edges coincide"},
};

static void keep_edges(tend_stage *stage, const tend_fit *fit, const double *edges, int n, double lowest, double highest) {
    tend_stage_numbers(stage, fit->arena, n);
    int kept = 0;
    for (int i = 0; i < n; i++)
        if (edges[i] > (kept ? stage->numbers[kept - 1] : lowest) && edges[i] < highest)
            stage->numbers[kept++] = edges[i];
    stage->n_numbers = kept;
}

static void fit_quantile_bin(tend_stage *stage, const tend_fit *fit, const tend_values *v) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    int64_t n;
    double *sorted = tend_sorted_numbers(v, scratch, &n);
    if (!n)
        return;
    int bins = (int)stage->args[BINS].number;
    double edges[MAX_BINS];
    for (int i = 1; i < bins; i++)
        edges[i - 1] = tend_sorted_quantile(sorted, n, (double)i / bins);
    keep_edges(stage, fit, edges, bins - 1, sorted[0], sorted[n - 1]);
}

static void fit_uniform_bin(tend_stage *stage, const tend_fit *fit, const tend_values *v) {
    double low, high, edges[MAX_BINS];
    if (!finite_range(v, &low, &high))
        return;
    int bins = (int)stage->args[BINS].number;
    for (int i = 1; i < bins; i++)
        edges[i - 1] = low + (high - low) / bins * i;
    keep_edges(stage, fit, edges, bins - 1, low, high);
}

static int edges_not_above(const double *edges, int n, double x) {
    int low = 0, high = n;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (edges[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void apply_bin(const tend_stage *stage, tend_run *run, tend_values *v) {
    (void)run;
    for (int64_t i = 0; i < v->n; i++)
        if (!isnan(v->numbers[i]))
            v->numbers[i] = edges_not_above(stage->numbers, stage->n_numbers, v->numbers[i]);
    v->boolean = false;
}

static bool check_bin(const tend_stage *stage) {
    for (int i = 0; i < stage->n_numbers; i++)
        if (!isfinite(stage->numbers[i]) || (i && stage->numbers[i] <= stage->numbers[i - 1]))
            return false;
    return stage->n_numbers < MAX_BINS;
}

const tend_transform tend_transform_quantile_bin = {
    .name = "quantile_bin",
    .help = "The number of the bin, 0 .. bins - 1, with about as many training rows in each. A "
            "one_hot may follow.",
    .takes = TEND_TAKES_NUMBER,
    .gives = TEND_GIVES_NUMBER,
    .args = bin_args,
    .n_args = 1,
    .fit = fit_quantile_bin,
    .apply = apply_bin,
    .check = check_bin,
};

const tend_transform tend_transform_uniform_bin = {
    .name = "uniform_bin",
    .help = "The number of the bin, 0 .. bins - 1, of equal width over the range of the training "
            "rows. A one_hot may follow.",
    .takes = TEND_TAKES_NUMBER,
    .gives = TEND_GIVES_NUMBER,
    .args = bin_args,
    .n_args = 1,
    .fit = fit_uniform_bin,
    .apply = apply_bin,
    .check = check_bin,
};
