#include "flow/target.h"

#include "base/dict.h"

#include <math.h>
#include <stdio.h>

enum { MAX_CLASSES = 1000, FEW_VALUES = 10 };

typedef struct levels {
    tend_dict *dict;
    int64_t *counts; /* per level, capacity grows with the dict */
    int64_t capacity;
    int64_t *of_row; /* -1: missing */
} levels;

static void count_levels(const tend_column *column, int64_t limit, tend_arena *arena, levels *out) {
    tend_buf text = TEND_BUF_INIT;
    out->of_row = TEND_ARRAY(arena, int64_t, column->n_rows + 1);
    out->capacity = limit + 2;
    out->counts = TEND_ARRAY(arena, int64_t, out->capacity);
    for (int64_t i = 0; i < column->n_rows; i++) {
        out->of_row[i] = -1;
        if (!tend_is_valid(column, i))
            continue;
        tend_buf_clear(&text);
        tend_column_format(column, i, &text);
        int64_t level = tend_dict_add(out->dict, text.data ? text.data : "", text.size, NULL);
        if (level >= out->capacity)
            break; /* too many to be classes; the caller sees the count */
        out->counts[level]++;
        out->of_row[i] = level;
    }
    tend_buf_done(&text);
}

static bool all_whole(const tend_column *c) {
    if (c->type == TEND_INT || c->type == TEND_BOOL)
        return true;
    if (c->type != TEND_FLOAT)
        return false;
    for (int64_t i = 0; i < c->n_rows; i++)
        if (tend_is_valid(c, i) && c->floats[i] != floor(c->floats[i]))
            return false;
    return true;
}

static tend_task infer_task(const tend_column *column, int64_t n_levels) {
    if (n_levels == 2 && all_whole(column))
        return TEND_TASK_BINARY;
    if (column->type == TEND_STRING || column->type == TEND_BOOL)
        return n_levels <= 2 ? TEND_TASK_BINARY : TEND_TASK_MULTICLASS;
    if (column->type == TEND_INT && n_levels <= FEW_VALUES)
        return TEND_TASK_MULTICLASS;
    return TEND_TASK_REGRESSION;
}

static tend_str level_text(const levels *l, int64_t i) { return tend_dict_key(l->dict, i); }

/* Numbers by value, texts by bytes. */
static bool level_before(const levels *l, int64_t a, int64_t b) {
    double x, y;
    if (tend_text_parse_double(level_text(l, a), false, &x) && tend_text_parse_double(level_text(l, b), false, &y) && x != y)
        return x < y;
    return tend_str_compare(level_text(l, a), level_text(l, b)) < 0;
}

static void sort_levels(const levels *l, int64_t *order, int64_t n) {
    for (int64_t i = 1; i < n; i++) {
        int64_t v = order[i], k = i;
        for (; k && level_before(l, v, order[k - 1]); k--)
            order[k] = order[k - 1];
        order[k] = v;
    }
}

static int64_t positive_level(const levels *l, const int64_t *order) {
    static const char *const usual[] = {"1", "true", "yes", "y", "t", "positive", "+1"};
    for (size_t k = 0; k < sizeof(usual) / sizeof(usual[0]); k++)
        for (int i = 0; i < 2; i++) {
            tend_str s = level_text(l, order[i]);
            if (s.size == strlen(usual[k]) && !strncasecmp(s.at, usual[k], s.size))
                return order[i];
        }
    return l->counts[order[0]] < l->counts[order[1]] ? order[0] : order[1];
}

static tend_status named_positive(const levels *l, const tend_target_options *o, const int64_t *order, int64_t *out, tend_error *err) {
    const char *names[2];
    char text[2][128];
    for (int i = 0; i < 2; i++) {
        tend_str s = level_text(l, order[i]);
        if (tend_str_is(s, o->positive)) {
            *out = order[i];
            return TEND_OK;
        }
        snprintf(text[i], sizeof text[i], "%.*s", (int)(s.size < 127 ? s.size : 127), s.at);
        names[i] = text[i];
    }
    tend_status status = TEND_FAIL_AT(err, CONFIG, o->positive_span, "problem.positive is '%s', but %s has the values '%s' and '%s'",
                                      o->positive, o->column, names[0], names[1]);
    const char *near = tend_text_nearest(o->positive, names, 2);
    return tend_error_hint(err, status, "did you mean '%s'?", near ? near : names[1]);
}

static tend_status make_classes(const levels *l, int64_t n, const tend_target_options *o, tend_arena *arena, tend_target *t,
                                const int64_t **out_index, tend_error *err) {
    int64_t *order = TEND_ARRAY(arena, int64_t, n);
    for (int64_t i = 0; i < n; i++)
        order[i] = i;
    sort_levels(l, order, n);
    if (t->task == TEND_TASK_BINARY) {
        int64_t positive;
        if (o->positive)
            TEND_TRY(named_positive(l, o, order, &positive, err));
        else
            positive = positive_level(l, order);
        if (order[0] == positive) {
            order[0] = order[1];
            order[1] = positive;
        }
    }
    t->n_classes = (int)n;
    t->classes = TEND_ARRAY(arena, const char *, n);
    t->class_counts = TEND_ARRAY(arena, int64_t, n);
    int64_t *index = TEND_ARRAY(arena, int64_t, n);
    for (int64_t i = 0; i < n; i++) {
        tend_str s = level_text(l, order[i]);
        t->classes[i] = tend_arena_strndup(arena, s.at, s.size);
        t->class_counts[i] = l->counts[order[i]];
        index[order[i]] = i;
    }
    *out_index = index;
    return TEND_OK;
}

static tend_status fail_constant(const tend_column *column, const tend_target_options *o, tend_error *err) {
    int64_t row = 0;
    while (!tend_is_valid(column, row))
        row++;
    TEND_AUTO_BUF value = TEND_BUF_INIT;
    tend_column_format(column, row, &value);
    return TEND_FAIL_AT(err, DATA, o->span, "the target %s is '%.80s' in every row: there is nothing to learn", o->column,
                        tend_buf_text(&value));
}

static tend_status check_levels(const tend_column *column, const tend_target_options *o, int64_t n, const tend_target *t, tend_error *err) {
    if (t->n_missing == column->n_rows)
        return TEND_FAIL_AT(err, DATA, o->span, "the target %s has no value in any of the %lld rows", o->column, (long long)column->n_rows);
    if (n == 1)
        return fail_constant(column, o, err);
    if (t->task == TEND_TASK_BINARY && n > 2)
        return tend_error_hint(err,
                               TEND_FAIL_AT(err, CONFIG, o->span, "the target %s has more than two values, so it is not binary", o->column),
                               "problem.task: multiclass");
    if (t->task == TEND_TASK_MULTICLASS && n > MAX_CLASSES)
        return TEND_FAIL_AT(err, LIMIT, o->span, "the target %s has more than %d classes", o->column, MAX_CLASSES);
    if (t->task == TEND_TASK_REGRESSION && !tend_type_is_numeric(column->type))
        return tend_error_hint(
            err,
            TEND_FAIL_AT(err, CONFIG, o->span, "the target %s is %s; a regression needs numbers", o->column, tend_type_name(column->type)),
            "problem.task: multiclass, or clean the column");
    return TEND_OK;
}

tend_status tend_target_make(const tend_table *table, const tend_target_options *o, tend_arena *arena, tend_target *out, tend_error *err) {
    const tend_column *column;
    tend_status status = tend_table_need(table, o->column, &column, err);
    if (status != TEND_OK)
        return o->span.file ? tend_error_at(err, status, o->span) : status;
    TEND_AUTO(tend_dict) *dict = tend_dict_new();
    levels l = {.dict = dict};
    count_levels(column, MAX_CLASSES, arena, &l);
    int64_t n = tend_dict_count(dict);
    tend_target t = {.task = o->has_task ? o->task : infer_task(column, n), .n_missing = column->n_missing};
    TEND_TRY(check_levels(column, o, n, &t, err));
    t.y = TEND_ARRAY(arena, double, table->n_rows + 1);
    const int64_t *index = NULL;
    if (t.task != TEND_TASK_REGRESSION)
        TEND_TRY(make_classes(&l, n, o, arena, &t, &index, err));
    for (int64_t i = 0; i < table->n_rows; i++) {
        if (!tend_is_valid(column, i))
            t.y[i] = NAN;
        else
            t.y[i] = index ? (double)index[l.of_row[i]] : tend_column_double(column, i);
    }
    if (t.task == TEND_TASK_BINARY)
        t.share_positive = (double)t.class_counts[1] / (double)(t.class_counts[0] + t.class_counts[1]);
    *out = t;
    return TEND_OK;
}
