/* One value against its column's expectations: the rules of data/check_rules.c, for a row that stands alone. */
#include "data/iso.h"
#include "model/inputs_plan.h"

#include <math.h>

enum { MAX_FAULTS = 1000, SHOWN = 80 };

void tend_rows_fault(tend_rows *rows, int input, const char *rule, tend_rule_severity severity, const char *found, const char *expected,
                     const char *hint) {
    if (severity != TEND_RULE_WARNING)
        rows->row_bad = true;
    if (rows->n_faults == MAX_FAULTS)
        return;
    if (rows->n_faults == rows->fault_capacity) {
        rows->fault_capacity = rows->fault_capacity ? 2 * rows->fault_capacity : 16;
        rows->faults = tend_realloc(rows->faults, (size_t)rows->fault_capacity * sizeof *rows->faults);
    }
    rows->faults[rows->n_faults++] = (tend_input_fault){rows->n - 1, input, rule, severity, found, expected, hint};
}

const char *tend_rows_quote(tend_rows *rows, tend_str s, const char *quote) {
    size_t size = s.size;
    if (size > SHOWN)
        for (size = SHOWN; size > 0 && ((unsigned char)s.at[size] & 0xC0) == 0x80; size--) /* not within a character */
            ;
    return tend_arena_printf(rows->texts, "%s%.*s%s%s", quote, (int)size, s.at, size < s.size ? "…" : "", quote);
}

static const char *shown_value(tend_rows *rows, const tend_column *column, int64_t row) {
    if (column->type == TEND_STRING)
        return tend_rows_quote(rows, tend_column_str(column, row), "\"");
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_column_format(column, row, &text);
    bool bare = tend_type_is_numeric(column->type);
    return tend_arena_printf(rows->texts, bare ? "%s" : "\"%s\"", tend_buf_text(&text));
}

static const char *bound(tend_rows *rows, tend_type type, double v) {
    if (type == TEND_DATE || type == TEND_TIMESTAMP) {
        TEND_AUTO_BUF iso = TEND_BUF_INIT;
        tend_iso_format(type, (int64_t)v, &iso);
        return tend_arena_strdup(rows->texts, tend_buf_text(&iso));
    }
    char text[32];
    tend_text_format_double(v, text);
    return tend_arena_strdup(rows->texts, text);
}

static void check_range(tend_rows *rows, int input, const tend_field *f, const tend_column *column, int64_t row) {
    double v = column->type == TEND_FLOAT ? column->floats[row] : (double)column->ints[row];
    bool low = f->has_min && v < f->min, high = f->has_max && v > f->max;
    if (low || high)
        tend_rows_fault(
            rows, input, "range", f->severity, shown_value(rows, column, row),
            tend_arena_printf(rows->texts, "%s %s", low ? "at least" : "at most", bound(rows, column->type, low ? f->min : f->max)), NULL);
}

static tend_str text_of(const tend_column *column, int64_t row, tend_buf *buf) {
    if (column->type == TEND_STRING)
        return tend_column_str(column, row);
    tend_column_format(column, row, buf);
    return (tend_str){tend_buf_text(buf), buf->size};
}

static void not_allowed(tend_rows *rows, int input, const tend_field *f, const tend_column *column, int64_t row, tend_str value) {
    enum { LISTED = 12 };
    TEND_AUTO_BUF list = TEND_BUF_INIT;
    for (int i = 0; i < f->n_values && i < LISTED; i++)
        tend_buf_printf(&list, "%s\"%s\"", i ? ", " : "one of ", f->values[i]);
    if (f->n_values > LISTED)
        tend_buf_printf(&list, " and %d more", f->n_values - LISTED);
    const char *near = tend_text_nearest(tend_arena_strndup(rows->texts, value.at, value.size), f->values, (size_t)f->n_values);
    tend_rows_fault(rows, input, "values", f->severity, shown_value(rows, column, row),
                    tend_arena_strdup(rows->texts, tend_buf_text(&list)),
                    near ? tend_arena_printf(rows->texts, "did you mean \"%s\"?", near) : NULL);
}

static void check_text(tend_rows *rows, int input, const input_plan *p, const tend_column *column, int64_t row) {
    TEND_AUTO_BUF buf = TEND_BUF_INIT;
    const tend_field *f = p->field;
    tend_str value = text_of(column, row, &buf);
    if (p->allowed && tend_dict_find(p->allowed, value.at, value.size) < 0)
        not_allowed(rows, input, f, column, row, value);
    if (f->pattern && !tend_text_glob(f->pattern, tend_arena_strndup(rows->texts, value.at, value.size)))
        tend_rows_fault(rows, input, "pattern", f->severity, shown_value(rows, column, row),
                        tend_arena_printf(rows->texts, "a value of the form %s", f->pattern), NULL);
}

void tend_rows_check_value(tend_rows *rows, int input) {
    const input_plan *p = &rows->inputs->plans[input];
    const tend_field *f = p->field;
    const tend_column *column = &rows->table.columns[input];
    int64_t row = rows->n - 1;
    if (!f)
        return;
    if (!tend_is_valid(column, row)) {
        if (f->required)
            tend_rows_fault(rows, input, "required", f->severity, "null", "a value", NULL);
        return;
    }
    if ((f->has_min || f->has_max) && column->type != TEND_STRING)
        check_range(rows, input, f, column, row);
    if (p->allowed || f->pattern)
        check_text(rows, input, p, column, row);
}
