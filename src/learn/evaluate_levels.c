/* A column's values over the evaluated rows, as small numbers with names: what slices are cut by.
 */
#include "base/dict.h"
#include "learn/evaluate_parts.h"
#include "stats/sort.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { QUARTILES = 4, PLAIN_VALUES_MAX = 10, LABEL_MAX = 120 };

static tend_levels levels_new(const tend_evaluation *e, const tend_column *column) {
    return (tend_levels){.column = column->name, .level = TEND_ARRAY(e->arena, int32_t, e->scored->n)};
}

/* Puts rows marked -1 on a level of their own, last. */
static void name_missing(const tend_evaluation *e, tend_levels *out) {
    bool any = false;
    for (int64_t i = 0; i < e->scored->n; i++) {
        if (out->level[i] < 0) {
            out->level[i] = out->n;
            any = true;
        }
    }
    if (any)
        out->label[out->n++] = "(missing)";
}

/* Text and booleans: by value. */

typedef struct value_count {
    tend_str value;
    int64_t rows;
    int32_t number;
} value_count;

static int compare_counts(const void *a, const void *b) {
    const value_count *x = a, *y = b;
    if (x->rows != y->rows)
        return x->rows < y->rows ? 1 : -1;
    return tend_str_compare(x->value, y->value);
}

static const char *label_of(tend_str value, tend_arena *arena) {
    if (value.size <= LABEL_MAX)
        return tend_arena_strndup(arena, value.at, value.size);
    size_t cut = LABEL_MAX;
    while (cut > 0 && ((unsigned char)value.at[cut] & 0xC0) == 0x80)
        cut--;
    return tend_arena_printf(arena, "%.*s\xE2\x80\xA6", (int)cut, value.at);
}

/* Numbers the values in order of appearance; -1 where missing. */
static void number_values(const tend_evaluation *e, const tend_column *column, tend_dict *dict, int32_t *level) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    for (int64_t i = 0; i < e->scored->n; i++) {
        int64_t row = tend_evaluation_row(e, i);
        level[i] = -1;
        if (!tend_is_valid(column, row))
            continue;
        tend_buf_clear(&text);
        tend_column_format(column, row, &text);
        level[i] = (int32_t)tend_dict_add(dict, tend_buf_text(&text), text.size, NULL);
    }
}

static value_count *count_values(const tend_dict *dict, const int32_t *level, int64_t n, tend_arena *scratch) {
    int64_t n_values = tend_dict_count(dict);
    value_count *counts = TEND_ARRAY(scratch, value_count, n_values);
    for (int64_t v = 0; v < n_values; v++) {
        counts[v].value = tend_dict_key(dict, v);
        counts[v].number = (int32_t)v;
    }
    for (int64_t i = 0; i < n; i++)
        if (level[i] >= 0)
            counts[level[i]].rows++;
    qsort(counts, (size_t)n_values, sizeof *counts, compare_counts);
    return counts;
}

static tend_levels levels_by_value(const tend_evaluation *e, const tend_column *column) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    TEND_AUTO(tend_dict) *dict = tend_dict_new();
    tend_levels out = levels_new(e, column);
    number_values(e, column, dict, out.level);
    int64_t n_values = tend_dict_count(dict);
    value_count *counts = count_values(dict, out.level, e->scored->n, scratch);
    int32_t *rank = TEND_ARRAY(scratch, int32_t, n_values);
    out.label = TEND_ARRAY(e->arena, const char *, TEND_SLICE_LEVELS_MAX + 2);
    for (int64_t v = 0; v < n_values; v++) {
        rank[counts[v].number] = v < TEND_SLICE_LEVELS_MAX ? (int32_t)v : TEND_SLICE_LEVELS_MAX;
        if (v < TEND_SLICE_LEVELS_MAX)
            out.label[out.n++] = label_of(counts[v].value, e->arena);
    }
    if (n_values > TEND_SLICE_LEVELS_MAX)
        out.label[out.n++] = "(other)";
    for (int64_t i = 0; i < e->scored->n; i++)
        out.level[i] = out.level[i] < 0 ? -1 : rank[out.level[i]];
    name_missing(e, &out);
    return out;
}

/* Numbers and dates: by value when there are few, else by quartile. */

typedef struct span_of_values {
    double low, high;
} span_of_values;

/* The steps of a sorted list: equal values whole into the quartile that holds their middle, or each
 * value its own. */
static int cut(const double *sorted, size_t n, span_of_values *out) {
    size_t n_distinct = n > 0;
    for (size_t i = 1; i < n; i++)
        n_distinct += sorted[i] != sorted[i - 1];
    int n_out = 0, last = -1;
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && sorted[end] == sorted[i];)
            end++;
        int quartile = (int)(QUARTILES * (((double)i + (double)end) / 2 / (double)n));
        bool opens = n_distinct <= PLAIN_VALUES_MAX || quartile != last;
        if (opens)
            out[n_out++].low = sorted[i];
        out[n_out - 1].high = sorted[i];
        last = quartile;
    }
    return n_out;
}

/* One value as people write it: short for fractions, exact for whole numbers, ISO for dates. */
static void format_value(const tend_column *column, double value, bool exact, tend_buf *out) {
    char text[32];
    if (column->type == TEND_FLOAT) {
        if (exact)
            tend_text_format_double(value, text);
        else
            snprintf(text, sizeof text, "%.4g", value);
        tend_buf_puts(out, text);
        return;
    }
    int64_t whole = value >= 0x1p63 ? INT64_MAX : (int64_t)value; /* the largest integers round up to 2^63 */
    tend_column one = {.name = column->name, .type = column->type, .n_rows = 1, .ints = &whole};
    tend_column_format(&one, 0, out);
}

static const char *span_label(const tend_column *column, span_of_values span, bool exact, tend_arena *arena) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    format_value(column, span.low, exact, &text);
    if (span.high > span.low) {
        tend_buf_puts(&text, "\xE2\x80\x93");
        format_value(column, span.high, exact, &text);
    }
    return tend_arena_strdup(arena, tend_buf_text(&text));
}

/* Short labels, or exact ones when two short ones would read the same. */
static void label_spans(const tend_column *column, const span_of_values *spans, tend_levels *out, tend_arena *arena) {
    for (int exact = 0; exact < 2; exact++) {
        bool clash = false;
        for (int i = 0; i < out->n; i++) {
            out->label[i] = span_label(column, spans[i], exact, arena);
            clash |= i > 0 && strcmp(out->label[i], out->label[i - 1]) == 0;
        }
        if (!clash)
            return;
    }
}

static int32_t span_holding(const span_of_values *spans, int n, double v) {
    int32_t at = 0;
    while (at < n - 1 && v > spans[at].high)
        at++;
    return at;
}

static tend_levels levels_by_size(const tend_evaluation *e, const tend_column *column) {
    int64_t n = e->scored->n;
    double *values = tend_malloc(tend_mul_or_die((size_t)n + 1, sizeof *values));
    for (int64_t i = 0; i < n; i++)
        values[i] = tend_column_double(column, tend_evaluation_row(e, i));
    size_t n_sorted = 0;
    double *sorted = tend_sorted_copy(values, (size_t)n, &n_sorted);
    span_of_values spans[PLAIN_VALUES_MAX + QUARTILES];
    tend_levels out = levels_new(e, column);
    out.n = cut(sorted, n_sorted, spans);
    out.label = TEND_ARRAY(e->arena, const char *, out.n + 1);
    label_spans(column, spans, &out, e->arena);
    for (int64_t i = 0; i < n; i++)
        out.level[i] = isnan(values[i]) ? -1 : span_holding(spans, out.n, values[i]);
    free(sorted);
    free(values);
    name_missing(e, &out);
    return out;
}

tend_levels tend_levels_of(const tend_evaluation *e, const tend_column *column) {
    bool by_value = column->type == TEND_STRING || column->type == TEND_BOOL;
    return by_value ? levels_by_value(e, column) : levels_by_size(e, column);
}
