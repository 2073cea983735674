/* The drift rule: a column's distribution against the same column of a reference table. */
#include "base/dict.h"
#include "base/log.h"
#include "data/check_internal.h"
#include "stats/bins.h"
#include "stats/distance.h"
#include "stats/ks.h"
#include "stats/sort.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define FEW_VALUES 20 /* a numeric column with no more distinct values is compared value by value */
#define N_BINS     10 /* else by the reference's deciles */

/* Shares of both sides, level by level or bin by bin, with what each is called. Owned by the arena. */
typedef struct shares {
    double *reference, *current;
    const char **names;
    size_t n;
} shares;

static size_t numbers_of(const tend_column *column, double *out) {
    size_t n = 0;
    for (int64_t i = 0; i < column->n_rows; i++)
        if (tend_is_valid(column, i))
            out[n++] = tend_column_double(column, i);
    return n;
}

static void add_levels(const tend_column *column, tend_dict *levels) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    for (int64_t i = 0; i < column->n_rows; i++) {
        if (!tend_is_valid(column, i))
            continue;
        tend_buf_clear(&text);
        tend_column_format(column, i, &text);
        tend_dict_add(levels, tend_buf_text(&text), text.size, NULL);
    }
}

static void count_levels(const tend_column *column, const tend_dict *levels, double *counts) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    for (int64_t i = 0; i < column->n_rows; i++) {
        if (!tend_is_valid(column, i))
            continue;
        tend_buf_clear(&text);
        tend_column_format(column, i, &text);
        counts[tend_dict_find(levels, tend_buf_text(&text), text.size)]++;
    }
}

static shares new_shares(tend_arena *arena, size_t n) {
    return (shares){TEND_ARRAY(arena, double, n), TEND_ARRAY(arena, double, n), TEND_ARRAY(arena, const char *, n), n};
}

static shares level_shares(const tend_column *reference, const tend_column *current, tend_arena *arena) {
    TEND_AUTO(tend_dict) *levels = tend_dict_new();
    add_levels(reference, levels);
    add_levels(current, levels);
    shares s = new_shares(arena, (size_t)tend_dict_count(levels));
    count_levels(reference, levels, s.reference);
    count_levels(current, levels, s.current);
    for (size_t i = 0; i < s.n; i++) {
        tend_str key = tend_dict_key(levels, (int64_t)i);
        s.names[i] = tend_arena_printf(arena, "\"%.*s\"", (int)(key.size < 60 ? key.size : 60), key.at);
    }
    return s;
}

static const char *bin_name(const double *cuts, size_t n_cuts, size_t bin, tend_arena *arena) {
    char low[32] = "", high[32] = "";
    if (n_cuts == 0)
        return "all values";
    if (bin > 0)
        snprintf(low, sizeof low, "%.6g", cuts[bin - 1]);
    if (bin < n_cuts)
        snprintf(high, sizeof high, "%.6g", cuts[bin]);
    return bin == 0        ? tend_arena_printf(arena, "below %s", high)
           : bin == n_cuts ? tend_arena_printf(arena, "%s and above", low)
                           : tend_arena_printf(arena, "%s to %s", low, high);
}

/* Few distinct values over both sides: one level each. Else the reference's deciles, which leave no bin of the reference
 * empty. */
static shares number_shares(const tend_column *reference, const tend_column *current, tend_arena *arena) {
    double cuts[FEW_VALUES], *values = tend_malloc(sizeof(double) * (size_t)(reference->n_rows + current->n_rows + 1));
    size_t n_reference = numbers_of(reference, values), n_current = numbers_of(current, values + n_reference), n_sorted;
    double *sorted = tend_sorted_copy(values, n_reference + n_current, &n_sorted);
    size_t n_cuts = tend_bins_distinct(sorted, n_sorted, FEW_VALUES, cuts);
    free(sorted);
    if (n_cuts == SIZE_MAX) {
        sorted = tend_sorted_copy(values, n_reference, &n_sorted);
        n_cuts = tend_bins_quantile(sorted, n_sorted, N_BINS, cuts);
        free(sorted);
    }
    shares s = new_shares(arena, n_cuts + 1);
    tend_bins_count(cuts, n_cuts, values, n_reference, s.reference);
    tend_bins_count(cuts, n_cuts, values + n_reference, n_current, s.current);
    for (size_t i = 0; i <= n_cuts; i++)
        s.names[i] = bin_name(cuts, n_cuts, i, arena);
    free(values);
    return s;
}

static double ks_of(const tend_column *reference, const tend_column *current) {
    double *values = tend_malloc(sizeof(double) * (size_t)(reference->n_rows + current->n_rows + 1));
    size_t n_reference = numbers_of(reference, values), n_current = numbers_of(current, values + n_reference);
    size_t nx, ny;
    double *x = tend_sorted_copy(values, n_reference, &nx), *y = tend_sorted_copy(values + n_reference, n_current, &ny);
    double d = nx && ny ? tend_ks_statistic(x, nx, y, ny, NULL) : (double)NAN;
    free(x);
    free(y);
    free(values);
    return d;
}

static double share_of(const double *counts, size_t n, size_t at) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += counts[i];
    return sum > 0 ? counts[at] / sum : 0;
}

/* What a person wants to know: a level that is new (which makes KL infinite), else the one whose share moved most. */
static const char *explain(const shares *s, double distance, tend_arena *arena) {
    size_t most = 0;
    double moved = -1;
    for (size_t i = 0; i < s->n; i++) {
        if (isinf(distance) && s->reference[i] == 0 && s->current[i] > 0)
            return tend_arena_printf(arena, "; %s does not occur in the reference, which makes the divergence infinite", s->names[i]);
        double d = fabs(share_of(s->reference, s->n, i) - share_of(s->current, s->n, i));
        if (d > moved) {
            moved = d;
            most = i;
        }
    }
    if (s->n == 0)
        return "";
    return tend_arena_printf(arena, "; most changed: %s, from %.1f%% to %.1f%%", s->names[most], 100 * share_of(s->reference, s->n, most),
                             100 * share_of(s->current, s->n, most));
}

static double kl_bits(const shares *s) { return tend_kl_divergence(s->current, s->reference, s->n, 2); }
static double js_bits(const shares *s) { return tend_js_distance(s->current, s->reference, s->n, 2); }
static double psi_of(const shares *s) { return tend_psi(s->reference, s->current, s->n, 0); }

static const struct drift_test {
    const char *name, *title;
    double (*distance)(const shares *s); /* NULL: the KS statistic, which needs no shares */
} drift_tests[] = {
    {"kl", "the KL divergence (base 2)", kl_bits},
    {"psi", "the population stability index", psi_of},
    {"js", "the Jensen-Shannon distance (base 2)", js_bits},
    {"ks", "the Kolmogorov-Smirnov statistic", NULL},
};

static void push_drift(checker *c, const tend_field *f, double value, const char *message, const char *hint) {
    check_push(c->out, c->arena,
               (tend_anomaly){.rule = "drift",
                              .column = f->name,
                              .severity = f->severity,
                              .value = value,
                              .limit = f->drift_max,
                              .message = message,
                              .hint = hint,
                              .span = f->span});
}

static void note_drift(checker *c, const tend_field *f, double value) {
    tend_check *out = c->out;
    if (!out->drifts)
        out->drifts = TEND_ARRAY(c->arena, tend_drift_value, c->schema->n_fields);
    out->drifts[out->n_drifts++] = (tend_drift_value){f->name, value};
}

static void compare(checker *c, const tend_field *f, const tend_column *current, const tend_column *reference) {
    const struct drift_test *test = drift_tests;
    while (strcmp(test->name, f->drift_test) != 0) /* the schema only holds known ones */
        test++;
    bool text = current->type == TEND_STRING || reference->type == TEND_STRING;
    const char *against = tend_arena_printf(c->arena, "against \"%s\"", f->drift_against);
    if (!test->distance && text) {
        push_drift(c, f, (double)NAN, tend_arena_printf(c->arena, "%s: the ks test compares numbers, the column is text", f->name),
                   "kl, psi and js compare the shares of levels");
        return;
    }
    shares s = {0};
    if (test->distance)
        s = text ? level_shares(reference, current, c->arena) : number_shares(reference, current, c->arena);
    double value = test->distance ? test->distance(&s) : ks_of(reference, current);
    note_drift(c, f, value);
    if (value <= f->drift_max)
        return;
    if (isnan(value)) {
        push_drift(c, f, value, tend_arena_printf(c->arena, "%s: cannot be compared %s, one side has no values", f->name, against), NULL);
        return;
    }
    char number[32], limit[32];
    tend_text_format_double(f->drift_max, limit);
    snprintf(number, sizeof number, "%.4g", value);
    push_drift(c, f, value,
               tend_arena_printf(c->arena, "%s: %s %s is %s, above %s%s", f->name, test->title, against, number, limit,
                                 explain(&s, value, c->arena)),
               NULL);
}

tend_status check_drift(checker *c, const tend_field *field, const tend_column *column, tend_error *err) {
    tend_table *reference = NULL;
    if (c->options->reference)
        TEND_TRY(c->options->reference(c->options->ctx, field->drift_against, c->arena, &reference, err));
    if (!reference) {
        tend_log(TEND_LOG_INFO, "%s: drift is not checked, there is no \"%s\" yet", field->name, field->drift_against);
        return TEND_OK;
    }
    const tend_column *other = tend_table_column(reference, field->name);
    if (other)
        compare(c, field, column, other);
    else
        push_drift(c, field, (double)NAN,
                   tend_arena_printf(c->arena, "%s: \"%s\" has no such column to compare with", field->name, field->drift_against), NULL);
    return TEND_OK;
}
