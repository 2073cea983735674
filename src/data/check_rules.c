/* The rules of one column: required, type, range, values, pattern, unique, drift. */
#include "data/check_rules.h"

#include "base/dict.h"
#include "data/iso.h"

#include <math.h>
#include <stdlib.h>

/* Pushes the anomaly of one rule: "longitude: 1 of 46,428 rows " + what + " (first: -74.26 at …)". */
static tend_anomaly *push_rows(const char *rule, const tend_field *f, const tend_column *column, const breach *b, const char *what) {
    checker *c = b->checker;
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_buf_printf(&text, "%s: ", f->name);
    check_count_text(b->n, c->table->n_rows, &text);
    tend_buf_printf(&text, " %s %s", b->n == 1 ? "is" : "are", what);
    check_first_text(c->table, tend_is_valid(column, b->first) ? column : NULL, b->first, &text);
    return check_push(c->out, c->arena,
                      (tend_anomaly){.rule = rule,
                                     .column = f->name,
                                     .severity = b->severity,
                                     .n_rows = b->n,
                                     .value = NAN,
                                     .limit = NAN,
                                     .message = tend_arena_strdup(c->arena, tend_buf_text(&text)),
                                     .span = f->span});
}

/* ---- required ---- */

/* Cells that could not be read are missing in the table, but they have their own anomaly. NULL when there are none. */
static uint8_t *unreadable_cells(const checker *c, const char *name) {
    const tend_bad_rows *bad = c->options->bad;
    uint8_t *marks = NULL;
    for (int64_t i = 0; bad && i < bad->n; i++) {
        const tend_bad_row *b = &bad->items[i];
        if (!b->column || b->row < 0 || b->row >= c->table->n_rows || strcmp(b->column, name) != 0)
            continue;
        if (!marks)
            marks = tend_calloc((size_t)c->table->n_rows, 1);
        marks[b->row] = 1;
    }
    return marks;
}

static tend_status rule_required(checker *c, const tend_field *f, const tend_column *column, tend_error *err) {
    (void)err;
    if (!f->required || column->n_missing == 0)
        return TEND_OK;
    uint8_t *unreadable = unreadable_cells(c, f->name);
    breach b = breach_start(c, f->severity);
    for (int64_t i = 0; i < column->n_rows; i++)
        if (!tend_is_valid(column, i) && !(unreadable && unreadable[i]))
            breach_add(&b, i, "%s: missing", f->name);
    free(unreadable);
    if (b.n > 0)
        push_rows("required", f, column, &b, "missing");
    return TEND_OK;
}

/* ---- type ---- */

/* A cell as a number of the field's kind: dates in days, timestamps in microseconds. False: missing, or not of that kind. */
static bool cell_number(const tend_column *column, int64_t i, tend_type type, double *out) {
    int64_t v;
    if (!tend_is_valid(column, i))
        return false;
    if (column->type != TEND_STRING) {
        *out = tend_column_double(column, i);
        return true;
    }
    tend_str text = tend_column_str(column, i);
    if (type == TEND_DATE || type == TEND_TIMESTAMP) {
        bool read = type == TEND_DATE ? tend_iso_parse_date(text, &v) : tend_iso_parse_timestamp(text, &v, NULL);
        *out = (double)v;
        return read;
    }
    if (type == TEND_BOOL && (tend_str_is(text, "true") || tend_str_is(text, "false"))) {
        *out = tend_str_is(text, "true");
        return true;
    }
    return tend_text_parse_double(text, false, out);
}

static bool is_time(tend_type type) { return type == TEND_DATE || type == TEND_TIMESTAMP; }

/* Whether a cell that is not missing can be taken as the field's type without loss. */
static bool cell_fits(const tend_column *column, int64_t i, tend_type type) {
    double v = 0;
    if (type == TEND_STRING)
        return true;
    if (column->type != TEND_STRING && is_time(column->type) != is_time(type))
        return false;
    if (!cell_number(column, i, type, &v))
        return false;
    if (type == TEND_INT)
        return floor(v) == v;
    return type != TEND_BOOL || v == 0 || v == 1;
}

/* The reader has already held files against the declared types; this is for tables that come from SQL or another schema. */
static tend_status rule_type(checker *c, const tend_field *f, const tend_column *column, tend_error *err) {
    (void)err;
    bool same = column->type == f->type || (column->type == TEND_INT && f->type == TEND_FLOAT) ||
                (column->type == TEND_DATE && f->type == TEND_TIMESTAMP);
    if (!f->has_type || same || f->type == TEND_STRING)
        return TEND_OK;
    breach b = breach_start(c, f->severity > TEND_RULE_QUARANTINE ? f->severity : TEND_RULE_QUARANTINE);
    TEND_AUTO_BUF value = TEND_BUF_INIT;
    for (int64_t i = 0; i < column->n_rows; i++) {
        if (!tend_is_valid(column, i) || cell_fits(column, i, f->type))
            continue;
        tend_buf_clear(&value);
        check_value_text(column, i, &value);
        breach_add(&b, i, "%s: expected type %s, found %s", f->name, tend_type_name(f->type), tend_buf_text(&value));
    }
    if (b.n > 0)
        push_rows("type", f, column, &b, tend_arena_printf(c->arena, "not of type %s", tend_type_name(f->type)));
    return TEND_OK;
}

/* ---- range ---- */

static const char *bound_text(const tend_field *f, double bound, tend_arena *arena) {
    char text[32];
    if (!f->has_type || !is_time(f->type)) {
        tend_text_format_double(bound, text);
        return tend_arena_strdup(arena, text);
    }
    TEND_AUTO_BUF iso = TEND_BUF_INIT;
    tend_iso_format(f->type, (int64_t)bound, &iso);
    return tend_arena_strdup(arena, tend_buf_text(&iso));
}

/* Dates and timestamps are counted in different units; a date column under a timestamp rule is compared in the rule's. */
static double unit_of(const tend_field *f, const tend_column *column) {
    return column->type == TEND_DATE && f->has_type && f->type == TEND_TIMESTAMP   ? 86400e6
           : column->type == TEND_TIMESTAMP && f->has_type && f->type == TEND_DATE ? 1 / 86400e6
                                                                                   : 1;
}

static void push_range(const tend_field *f, const tend_column *column, const breach *b, double bound, double extreme, const char *side) {
    if (b->n == 0)
        return;
    const char *what = tend_arena_printf(b->checker->arena, "%s %s", side, bound_text(f, bound, b->checker->arena));
    tend_anomaly *a = push_rows("range", f, column, b, what);
    a->value = extreme;
    a->limit = bound;
}

static void break_range(breach *b, const tend_field *f, const tend_column *column, int64_t row, const char *side, const char *bound) {
    TEND_AUTO_BUF value = TEND_BUF_INIT;
    if (b->severity != TEND_RULE_WARNING)
        check_value_text(column, row, &value);
    breach_add(b, row, "%s: %s is %s %s", f->name, tend_buf_text(&value), side, bound);
}

static tend_status rule_range(checker *c, const tend_field *f, const tend_column *column, tend_error *err) {
    (void)err;
    if (!f->has_min && !f->has_max)
        return TEND_OK;
    breach below = breach_start(c, f->severity), above = below;
    double low = f->has_min ? f->min : (double)-INFINITY, high = f->has_max ? f->max : (double)INFINITY;
    double least = INFINITY, most = -INFINITY, unit = unit_of(f, column), v;
    const char *low_text = bound_text(f, low, c->arena), *high_text = bound_text(f, high, c->arena);
    for (int64_t i = 0; i < column->n_rows; i++) {
        if (!cell_number(column, i, f->has_type ? f->type : TEND_FLOAT, &v))
            continue;
        v *= unit;
        if (v < low)
            break_range(&below, f, column, i, "below", low_text);
        if (v > high)
            break_range(&above, f, column, i, "above", high_text);
        least = v < least ? v : least;
        most = v > most ? v : most;
    }
    push_range(f, column, &below, low, least, "below");
    push_range(f, column, &above, high, most, "above");
    return TEND_OK;
}

/* ---- values ---- */

#define MAX_ODD_VALUES 1000 /* values that are counted one by one for the message */

/* What one text form stands for in a column of numbers: "1.0" and "1" are one value. */
static void add_allowed(tend_dict *allowed, const char *text, bool numeric) {
    char number[32];
    double v;
    tend_dict_add(allowed, text, strlen(text), NULL);
    if (numeric && tend_text_parse_double(tend_str_of(text), false, &v))
        tend_dict_add(allowed, number, tend_text_format_double(v, number), NULL);
}

typedef struct odd_values {
    tend_dict *dict;
    int64_t counts[MAX_ODD_VALUES];
} odd_values;

static void count_odd(odd_values *odd, tend_str value) {
    int64_t k = tend_dict_find(odd->dict, value.at, value.size);
    if (k < 0 && tend_dict_count(odd->dict) < MAX_ODD_VALUES)
        k = tend_dict_add(odd->dict, value.at, value.size, NULL);
    if (k >= 0)
        odd->counts[k]++;
}

/* ": "Privat" (2 rows), "X" (1 row), 4 more": the three most frequent. Empties their counts. */
static const char *odd_text(odd_values *odd, tend_arena *arena) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    int64_t n = tend_dict_count(odd->dict);
    for (int shown = 0; shown < 3 && shown < n; shown++) {
        int64_t best = 0;
        for (int64_t k = 1; k < n; k++)
            best = odd->counts[k] > odd->counts[best] ? k : best;
        tend_str value = tend_dict_key(odd->dict, best);
        char count[32];
        tend_buf_printf(&text, "%s\"%.*s\" (%s row%s)", shown ? ", " : "", (int)(value.size < 60 ? value.size : 60), value.at,
                        tend_text_thousands(odd->counts[best], count), odd->counts[best] == 1 ? "" : "s");
        odd->counts[best] = -1;
    }
    if (n > 3)
        tend_buf_printf(&text, ", %lld other value%s", (long long)(n - 3), n == 4 ? "" : "s");
    return tend_arena_strdup(arena, tend_buf_text(&text));
}

static const char *values_hint(const tend_field *f, tend_str first, tend_arena *arena) {
    const char *word = tend_arena_strndup(arena, first.at, first.size);
    const char *nearest = tend_text_nearest(word, f->values, (size_t)f->n_values);
    if (nearest)
        return tend_arena_printf(arena, "did you mean \"%s\"? new levels go into the list `values` of %s", nearest, f->name);
    return tend_arena_printf(arena, "if they are right, add them to the list `values` of %s", f->name);
}

static void push_values(const tend_field *f, const breach *b, odd_values *odd) {
    checker *c = b->checker;
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    const char *hint = values_hint(f, tend_dict_key(odd->dict, 0), c->arena);
    tend_buf_printf(&text, "%s: ", f->name);
    check_count_text(b->n, c->table->n_rows, &text);
    tend_buf_printf(&text, " %s a value that is not allowed: %s", b->n == 1 ? "has" : "have", odd_text(odd, c->arena));
    check_first_text(c->table, NULL, b->first, &text);
    check_push(c->out, c->arena,
               (tend_anomaly){.rule = "values",
                              .column = f->name,
                              .severity = b->severity,
                              .n_rows = b->n,
                              .value = NAN,
                              .limit = NAN,
                              .message = tend_arena_strdup(c->arena, tend_buf_text(&text)),
                              .hint = hint,
                              .span = f->span});
}

static tend_status rule_values(checker *c, const tend_field *f, const tend_column *column, tend_error *err) {
    (void)err;
    if (!f->values)
        return TEND_OK;
    TEND_AUTO(tend_dict) *allowed = tend_dict_new(), *odd_dict = tend_dict_new();
    odd_values *odd = tend_calloc(1, sizeof *odd);
    odd->dict = odd_dict;
    for (int i = 0; i < f->n_values; i++)
        add_allowed(allowed, f->values[i], column->type == TEND_INT || column->type == TEND_FLOAT);
    breach b = breach_start(c, f->severity);
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    for (int64_t i = 0; i < column->n_rows; i++) {
        if (!tend_is_valid(column, i))
            continue;
        tend_buf_clear(&text);
        if (column->type != TEND_STRING)
            tend_column_format(column, i, &text);
        tend_str value = column->type == TEND_STRING ? tend_column_str(column, i) : (tend_str){tend_buf_text(&text), text.size};
        if (tend_dict_find(allowed, value.at, value.size) >= 0)
            continue;
        count_odd(odd, value);
        breach_add(&b, i, "%s: \"%.*s\" is not an allowed value", f->name, (int)(value.size < 200 ? value.size : 200), value.at);
    }
    if (b.n > 0)
        push_values(f, &b, odd);
    free(odd);
    return TEND_OK;
}

/* ---- pattern, unique, drift ---- */

static tend_status rule_pattern(checker *c, const tend_field *f, const tend_column *column, tend_error *err) {
    (void)err;
    if (!f->pattern)
        return TEND_OK;
    breach b = breach_start(c, f->severity);
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    for (int64_t i = 0; i < column->n_rows; i++) {
        if (!tend_is_valid(column, i))
            continue;
        tend_buf_clear(&text);
        tend_column_format(column, i, &text);
        if (!tend_text_glob(f->pattern, tend_buf_text(&text)))
            breach_add(&b, i, "%s: \"%.200s\" does not match %s", f->name, tend_buf_text(&text), f->pattern);
    }
    if (b.n > 0)
        push_rows("pattern", f, column, &b, tend_arena_printf(c->arena, "not of the form %s", f->pattern));
    return TEND_OK;
}

static tend_status rule_unique(checker *c, const tend_field *f, const tend_column *column, tend_error *err) {
    (void)err;
    (void)column;
    if (f->unique)
        check_unique(c, (const char *const *)&f->name, 1, f->severity, f->span);
    return TEND_OK;
}

static tend_status rule_drift(checker *c, const tend_field *f, const tend_column *column, tend_error *err) {
    return f->drift_test ? check_drift(c, f, column, err) : TEND_OK;
}

/* In the order in which a row's reasons are told. */
static tend_status (*const rules[])(checker *, const tend_field *, const tend_column *, tend_error *) = {
    rule_required, rule_type, rule_range, rule_values, rule_pattern, rule_unique, rule_drift,
};

tend_status check_field(checker *c, const tend_field *field, const tend_column *column, tend_error *err) {
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        TEND_TRY(rules[i](c, field, column, err));
    return TEND_OK;
}
