#include "data/check_score.h"

#include "base/dict.h"
#include "base/rng.h"
#include "stats/bins.h"
#include "stats/sort.h"

#include <math.h>
#include <stdlib.h>

enum { MIN_ROWS = 30, FEW_NUMBERS = 10, MAX_CLASSES = 200, MAX_DISTINCT = 64, QUANTILE_BINS = 32, RARE = 5, MIN_CLASS = 5 };

/* ---- the target ---- */

static void choose_rows(score_target *t, const tend_column *column, uint64_t seed, tend_arena *arena) {
    int64_t present = column->n_rows - column->n_missing, stride = present / SCORE_MAX_ROWS + 1, seen = 0;
    tend_rng rng;
    tend_rng_init(&rng, seed, "leak folds");
    t->rows = TEND_ARRAY(arena, int64_t, present / stride + 1);
    t->fold = TEND_ARRAY(arena, uint8_t, present / stride + 1);
    for (int64_t i = 0; i < column->n_rows; i++)
        if (tend_is_valid(column, i) && seen++ % stride == 0) {
            t->fold[t->n] = (uint8_t)(tend_rng_next(&rng) >> 63);
            t->rows[t->n++] = i;
        }
}

static bool has_few_whole_numbers(const score_target *t) {
    double seen[FEW_NUMBERS];
    int n = 0;
    for (int64_t i = 0; i < t->n; i++) {
        int k = 0;
        while (k < n && seen[k] != t->y[i])
            k++;
        if (k < n)
            continue;
        if (n == FEW_NUMBERS || floor(t->y[i]) != t->y[i])
            return false;
        seen[n++] = t->y[i];
    }
    return true;
}

/* The code of each row's text form, in order of appearance. Returns the number of codes. */
static int64_t code_texts(const tend_column *column, const int64_t *rows, int64_t n, int32_t *codes) {
    TEND_AUTO(tend_dict) *levels = tend_dict_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    for (int64_t i = 0; i < n; i++) {
        tend_buf_clear(&text);
        if (column->type != TEND_STRING)
            tend_column_format(column, rows[i], &text);
        tend_str s = column->type == TEND_STRING ? tend_column_str(column, rows[i]) : (tend_str){tend_buf_text(&text), text.size};
        codes[i] = tend_is_valid(column, rows[i]) ? (int32_t)tend_dict_add(levels, s.at, s.size, NULL) : -1;
    }
    return tend_dict_count(levels);
}

bool score_target_init(score_target *t, const tend_column *column, uint64_t seed, tend_arena *arena) {
    *t = (score_target){0};
    choose_rows(t, column, seed, arena);
    bool number = column->type == TEND_INT || column->type == TEND_FLOAT;
    if (t->n < MIN_ROWS || column->type == TEND_DATE || column->type == TEND_TIMESTAMP)
        return false;
    t->y = TEND_ARRAY(arena, double, t->n);
    double low = INFINITY, high = -INFINITY;
    for (int64_t i = 0; number && i < t->n; i++) {
        t->y[i] = tend_column_double(column, t->rows[i]);
        low = fmin(low, t->y[i]);
        high = fmax(high, t->y[i]);
    }
    if (number && !has_few_whole_numbers(t))
        return isfinite(low) && isfinite(high);
    t->classes = TEND_ARRAY(arena, int32_t, t->n);
    int64_t n_classes = code_texts(column, t->rows, t->n, t->classes);
    t->n_classes = n_classes <= MAX_CLASSES ? (int)n_classes : 0;
    return t->n_classes > 1;
}

const char *score_name(const score_target *t) { return t->n_classes == 0 ? "R²" : t->n_classes == 2 ? "AUC" : "accuracy"; }

/* ---- binning a feature ---- */

/* Codes 0 … n-1 of the scored rows; missing and rare values have codes of their own. */
typedef struct coded {
    int32_t *codes;
    int n;
} coded;

static coded code_numbers(const score_target *t, const double *values) {
    double cuts[MAX_DISTINCT];
    size_t n;
    double *sorted = tend_sorted_copy(values, (size_t)t->n, &n);
    size_t n_cuts = tend_bins_distinct(sorted, n, MAX_DISTINCT, cuts);
    if (n_cuts == SIZE_MAX)
        n_cuts = tend_bins_quantile(sorted, n, QUANTILE_BINS, cuts);
    free(sorted);
    coded c = {tend_malloc((size_t)t->n * sizeof(int32_t)), (int)n_cuts + 2};
    for (int64_t i = 0; i < t->n; i++)
        c.codes[i] = isnan(values[i]) ? (int32_t)n_cuts + 1 : (int32_t)tend_bins_find(cuts, n_cuts, values[i]);
    return c;
}

static coded code_levels(const score_target *t, const tend_column *column) {
    coded c = {tend_malloc((size_t)t->n * sizeof(int32_t)), 0};
    int64_t n_levels = code_texts(column, t->rows, t->n, c.codes);
    int32_t *counts = tend_calloc((size_t)n_levels + 1, sizeof *counts), next = 2; /* 0: missing, 1: rare */
    for (int64_t i = 0; i < t->n; i++)
        counts[c.codes[i] + 1]++;
    for (int64_t k = 1; k <= n_levels; k++) /* counts become new codes */
        counts[k] = counts[k] < RARE ? 1 : next++;
    counts[0] = 0;
    for (int64_t i = 0; i < t->n; i++)
        c.codes[i] = counts[c.codes[i] + 1];
    free(counts);
    c.n = next;
    return c;
}

/* ---- classes ---- */

typedef struct bin {
    double fitted;
    double in, out; /* rows of the scored half in the class, and not */
} bin;

static int compare_bins(const void *a, const void *b) {
    double x = ((const bin *)a)->fitted, y = ((const bin *)b)->fitted;
    return (x > y) - (x < y);
}

/* The AUC of fitted values that are constant by bin; ties count half. NaN without both kinds. */
static double auc_of_bins(bin *bins, int n) {
    double below = 0, wins = 0, in = 0;
    qsort(bins, (size_t)n, sizeof *bins, compare_bins);
    for (int i = 0; i < n;) {
        double tie_in = 0, tie_out = 0, fitted = bins[i].fitted;
        for (; i < n && bins[i].fitted == fitted; i++) {
            tie_in += bins[i].in;
            tie_out += bins[i].out;
        }
        wins += tie_in * (below + tie_out / 2);
        below += tie_out;
        in += tie_in;
    }
    return in > 0 && below > 0 ? wins / (in * below) : (double)NAN;
}

/* counts[fold][code][class] */
static double *count_classes(const score_target *t, const coded *c) {
    double *counts = tend_calloc(2 * (size_t)c->n * (size_t)t->n_classes, sizeof *counts);
    for (int64_t i = 0; i < t->n; i++)
        counts[((size_t)t->fold[i] * (size_t)c->n + (size_t)c->codes[i]) * (size_t)t->n_classes + (size_t)t->classes[i]]++;
    return counts;
}

static double sum_of(const double *x, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i];
    return sum;
}

/* The AUC of one class in one half, with shares fitted in the other; a bin that the other half lacks gets the overall share. */
static double class_auc(const score_target *t, const coded *c, const double *counts, int fold, int class, bin *bins) {
    int k = t->n_classes;
    const double *fit = counts + (size_t)(1 - fold) * (size_t)c->n * (size_t)k, *score = counts + (size_t)fold * (size_t)c->n * (size_t)k;
    double all = sum_of(fit, c->n * k), in = 0;
    for (int i = 0; i < c->n; i++)
        in += fit[i * k + class];
    double prior = all > 0 ? in / all : 0;
    for (int i = 0; i < c->n; i++) {
        double rows = sum_of(fit + i * k, k), scored = sum_of(score + i * k, k);
        bins[i] = (bin){(fit[i * k + class] + prior) / (rows + 1), score[i * k + class], scored - score[i * k + class]};
    }
    return auc_of_bins(bins, c->n);
}

/* The mean over both halves and, with more than two classes, over the classes that are not too rare to tell. */
static double macro_auc(const score_target *t, const coded *c, const double *counts) {
    bin *bins = tend_malloc((size_t)c->n * sizeof *bins);
    double sum = 0, n = 0;
    for (int class = t->n_classes == 2 ? 1 : 0; class < t->n_classes; class ++) {
        double rows = 0;
        for (int i = 0; i < 2 * c->n; i++)
            rows += counts[i * t->n_classes + class];
        for (int fold = 0; rows >= MIN_CLASS && fold < 2; fold++) {
            double auc = class_auc(t, c, counts, fold, class, bins);
            sum += isnan(auc) ? 0 : auc;
            n += !isnan(auc);
        }
    }
    free(bins);
    return n > 0 ? sum / n : (double)NAN;
}

static double accuracy(const score_target *t, const coded *c, const double *counts) {
    double right = 0;
    size_t k = (size_t)t->n_classes, half = (size_t)c->n * k;
    for (int fold = 0; fold < 2; fold++)
        for (size_t i = 0; i < (size_t)c->n; i++) {
            const double *fit = counts + (size_t)(1 - fold) * half + i * k;
            size_t best = 0;
            for (size_t class = 1; class < k; class ++)
                best = fit[class] > fit[best] ? class : best;
            right += counts[(size_t)fold * half + i * k + best];
        }
    return right / (double)t->n;
}

static double score_classes(const score_target *t, const coded *c) {
    double *counts = count_classes(t, c);
    double auc = macro_auc(t, c, counts);
    double score = t->n_classes == 2 ? auc : fmin(auc, accuracy(t, c, counts));
    free(counts);
    return score;
}

/* The AUC of the values as they stand, in whichever direction, from the two classes' sorted values. */
static double rank_auc(const score_target *t, const double *values) {
    double *sides[2] = {tend_malloc((size_t)t->n * sizeof(double)), tend_malloc((size_t)t->n * sizeof(double))};
    size_t n[2] = {0, 0}, below = 0, upto = 0;
    double wins = 0;
    for (int64_t i = 0; i < t->n; i++)
        if (!isnan(values[i]))
            sides[t->classes[i]][n[t->classes[i]]++] = values[i];
    tend_sort_doubles(sides[0], n[0]);
    tend_sort_doubles(sides[1], n[1]);
    for (size_t i = 0; i < n[1]; i++) {
        while (below < n[0] && sides[0][below] < sides[1][i])
            below++;
        while (upto < n[0] && sides[0][upto] <= sides[1][i])
            upto++;
        wins += ((double)below + (double)upto) / 2;
    }
    free(sides[0]);
    free(sides[1]);
    double auc = wins / ((double)n[0] * (double)n[1]);
    return fmax(auc, 1 - auc);
}

/* ---- numbers ---- */

static double score_means(const score_target *t, const coded *c) {
    double *sums = tend_calloc(4 * (size_t)c->n, sizeof *sums), *counts = sums + 2 * c->n;
    double fold_sum[2] = {0}, fold_n[2] = {0}, left = 0, total = 0;
    for (int64_t i = 0; i < t->n; i++) {
        int at = t->fold[i] * c->n + c->codes[i];
        sums[at] += t->y[i];
        counts[at]++;
        fold_sum[t->fold[i]] += t->y[i];
        fold_n[t->fold[i]]++;
    }
    double mean = (fold_sum[0] + fold_sum[1]) / (double)t->n;
    for (int64_t i = 0; i < t->n; i++) {
        int other = 1 - t->fold[i], at = other * c->n + c->codes[i];
        double fitted = counts[at] > 0 ? sums[at] / counts[at] : fold_sum[other] / fold_n[other];
        left += (t->y[i] - fitted) * (t->y[i] - fitted);
        total += (t->y[i] - mean) * (t->y[i] - mean);
    }
    free(sums);
    return fmax(0, 1 - left / total);
}

static double squared_correlation(const double *x, const double *y, int64_t n) {
    double mx = 0, my = 0, sxx = 0, syy = 0, sxy = 0, k = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(x[i]))
            continue;
        k++;
        double dx = x[i] - mx, dy = y[i] - my; /* Welford's update, for pairs */
        mx += dx / k;
        my += dy / k;
        sxx += dx * (x[i] - mx);
        syy += dy * (y[i] - my);
        sxy += dx * (y[i] - my);
    }
    return sxx > 0 && syy > 0 ? sxy * sxy / (sxx * syy) : 0;
}

/* Mean ranks; NaN stays NaN. */
static double *ranks_of(const double *values, int64_t n) {
    size_t kept;
    double *sorted = tend_sorted_copy(values, (size_t)n, &kept), *ranks = tend_malloc((size_t)n * sizeof *ranks);
    for (int64_t i = 0; i < n; i++) {
        double upto = (double)tend_bins_find(sorted, kept, values[i]);
        double below = (double)tend_bins_find(sorted, kept, nextafter(values[i], -INFINITY));
        ranks[i] = isnan(values[i]) ? (double)NAN : (below + upto) / 2;
    }
    free(sorted);
    return ranks;
}

static double score_monotone(const score_target *t, const double *values) {
    double linear = squared_correlation(values, t->y, t->n);
    double *x = ranks_of(values, t->n), *y = ranks_of(t->y, t->n);
    double ranked = squared_correlation(x, y, t->n);
    free(x);
    free(y);
    return fmax(linear, ranked);
}

/* ---- both ---- */

/* Scored as it stands, a number must be there in nearly every row: what 1 % of the rows say is no leak of all. */
static double score_as_it_stands(const score_target *t, const double *values) {
    int64_t present = 0;
    for (int64_t i = 0; i < t->n; i++)
        present += !isnan(values[i]);
    if (present * 10 < t->n * 9 || t->n_classes > 2)
        return 0;
    double score = t->n_classes == 2 ? rank_auc(t, values) : score_monotone(t, values);
    return isnan(score) ? 0 : score;
}

double score_column(const score_target *t, const tend_column *column) {
    double *values = NULL;
    if (column->type != TEND_STRING) {
        values = tend_malloc((size_t)t->n * sizeof *values);
        for (int64_t i = 0; i < t->n; i++)
            values[i] = tend_column_double(column, t->rows[i]);
    }
    coded c = values ? code_numbers(t, values) : code_levels(t, column);
    double score = t->n_classes ? score_classes(t, &c) : score_means(t, &c);
    if (values)
        score = fmax(score, score_as_it_stands(t, values));
    free(c.codes);
    free(values);
    return score;
}
