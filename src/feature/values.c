#include "feature/values.h"

#include <math.h>

tend_value_kind tend_value_kind_of(tend_type type) {
    if (type == TEND_STRING)
        return TEND_VALUE_TEXT;
    return tend_type_is_numeric(type) ? TEND_VALUE_NUMBER : TEND_VALUE_TIME;
}

void tend_values_use(tend_values *v, tend_value_kind kind) {
    v->kind = kind;
    v->boolean = false;
    if (kind == TEND_VALUE_NUMBER && !v->numbers)
        v->numbers = TEND_ARRAY(v->arena, double, v->n);
    else if (kind == TEND_VALUE_TEXT && !v->texts)
        v->texts = TEND_ARRAY(v->arena, tend_str, v->n);
    else if (kind == TEND_VALUE_TIME && !v->times)
        v->times = TEND_ARRAY(v->arena, int64_t, v->n);
}

bool tend_values_can_read(const tend_column *column, tend_type want) {
    if (want == TEND_STRING || column->n_missing == column->n_rows)
        return true;
    return tend_value_kind_of(column->type) == tend_value_kind_of(want);
}

static int64_t row_at(const int64_t *rows, int64_t begin, int64_t i) { return rows ? rows[i] : begin + i; }

static void read_nothing(tend_values *v) {
    for (int64_t i = 0; i < v->n; i++)
        if (v->kind == TEND_VALUE_NUMBER)
            v->numbers[i] = (double)NAN;
        else if (v->kind == TEND_VALUE_TEXT)
            v->texts[i] = (tend_str){NULL, 0};
        else
            v->times[i] = TEND_TIME_MISSING;
}

static void read_numbers(tend_values *v, const tend_column *c, const int64_t *rows, int64_t begin) {
    for (int64_t i = 0; i < v->n; i++) {
        int64_t row = row_at(rows, begin, i);
        double number = c->type == TEND_FLOAT ? c->floats[row] : (double)c->ints[row];
        v->numbers[i] = tend_is_valid(c, row) ? number : (double)NAN;
    }
}

static void read_times(tend_values *v, const tend_column *c, const int64_t *rows, int64_t begin) {
    int64_t unit = c->type == TEND_DATE ? TEND_MICROS_PER_DAY : 1;
    for (int64_t i = 0; i < v->n; i++) {
        int64_t row = row_at(rows, begin, i);
        bool readable = tend_is_valid(c, row) && !__builtin_mul_overflow(c->ints[row], unit, &v->times[i]);
        if (!readable)
            v->times[i] = TEND_TIME_MISSING;
    }
}

static tend_str formatted(const tend_column *c, int64_t row, tend_buf *buf, tend_arena *arena) {
    tend_buf_clear(buf);
    tend_column_format(c, row, buf);
    return (tend_str){tend_arena_strndup(arena, tend_buf_text(buf), buf->size), buf->size};
}

static void read_texts(tend_values *v, const tend_column *c, const int64_t *rows, int64_t begin) {
    TEND_AUTO_BUF buf = TEND_BUF_INIT;
    for (int64_t i = 0; i < v->n; i++) {
        int64_t row = row_at(rows, begin, i);
        if (!tend_is_valid(c, row))
            v->texts[i] = (tend_str){NULL, 0};
        else if (c->type != TEND_STRING)
            v->texts[i] = formatted(c, row, &buf, v->arena);
        else
            v->texts[i] = tend_column_str(c, row);
        if (!v->texts[i].at && tend_is_valid(c, row))
            v->texts[i].at = ""; /* a column of empty strings may have no bytes at all */
    }
}

void tend_values_read(tend_values *v, const tend_column *c, tend_type want, const int64_t *rows, int64_t begin) {
    tend_values_use(v, tend_value_kind_of(want));
    if (c->n_missing == c->n_rows)
        read_nothing(v);
    else if (v->kind == TEND_VALUE_NUMBER)
        read_numbers(v, c, rows, begin);
    else if (v->kind == TEND_VALUE_TIME)
        read_times(v, c, rows, begin);
    else
        read_texts(v, c, rows, begin);
    v->boolean = want == TEND_BOOL;
}

static tend_str number_text(double v, bool boolean, tend_arena *arena) {
    if (v != v)
        return (tend_str){NULL, 0};
    if (boolean && (v == 0 || v == 1))
        return v == 0 ? TEND_STR("false") : TEND_STR("true");
    char text[32];
    size_t size = tend_text_format_double(v == 0 ? 0.0 : v, text);
    return (tend_str){tend_arena_strndup(arena, text, size), size};
}

void tend_values_to_text(tend_values *v) {
    if (v->kind != TEND_VALUE_NUMBER)
        return;
    bool boolean = v->boolean;
    tend_values_use(v, TEND_VALUE_TEXT);
    for (int64_t i = 0; i < v->n; i++)
        v->texts[i] = number_text(v->numbers[i], boolean, v->arena);
}
