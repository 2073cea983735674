/* Equal rows: keys that repeat, and rows that repeat as a whole. */
#include "data/check_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* Values of one type in one table: their bits decide, and 0 equals -0. */
static uint64_t cell_bits(const tend_column *c, int64_t i) {
    if (c->type == TEND_STRING) {
        tend_str s = tend_column_str(c, i);
        return tend_hash64(s.at, s.size, 1);
    }
    if (c->type != TEND_FLOAT)
        return (uint64_t)c->ints[i];
    double v = c->floats[i] == 0 ? 0 : c->floats[i];
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static bool cells_equal(const tend_column *c, int64_t i, int64_t j) {
    bool valid = tend_is_valid(c, i);
    if (!valid || !tend_is_valid(c, j))
        return valid == tend_is_valid(c, j);
    return c->type == TEND_STRING ? tend_str_eq(tend_column_str(c, i), tend_column_str(c, j)) : cell_bits(c, i) == cell_bits(c, j);
}

/* splitmix64's finaliser (Steele, Lea & Flood 2014): every bit of the input reaches every bit of the output. */
static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static bool row_hash(const tend_column *const *columns, int n, int64_t row, bool missing_equal, uint64_t *out) {
    uint64_t hash = 0;
    for (int i = 0; i < n; i++) {
        bool valid = tend_is_valid(columns[i], row);
        if (!valid && !missing_equal)
            return false;
        hash = mix(hash + UINT64_C(0x9e3779b97f4a7c15) + (valid ? cell_bits(columns[i], row) : 0));
    }
    *out = hash;
    return true;
}

static bool rows_equal(const tend_column *const *columns, int n, int64_t a, int64_t b) {
    for (int i = 0; i < n; i++)
        if (!cells_equal(columns[i], a, b))
            return false;
    return true;
}

void check_repeated_rows(const tend_column *const *columns, int n_columns, const int64_t *rows, int64_t n, bool missing_equal,
                         row_repeat_fn fn, void *ctx) {
    size_t size = 16;
    while (size < 2 * (size_t)n)
        size *= 2;
    struct slot {
        uint64_t hash;
        int64_t place; /* from 1; 0: free */
    } *slots = tend_calloc(size, sizeof *slots);
    for (int64_t place = 0; place < n; place++) {
        uint64_t hash;
        int64_t row = rows ? rows[place] : place;
        if (!row_hash(columns, n_columns, row, missing_equal, &hash))
            continue;
        struct slot *s = &slots[hash & (size - 1)];
        while (s->place && !(s->hash == hash && rows_equal(columns, n_columns, rows ? rows[s->place - 1] : s->place - 1, row)))
            s = s + 1 == slots + size ? slots : s + 1;
        if (s->place)
            fn(ctx, place, s->place - 1);
        else
            *s = (struct slot){hash, place + 1};
    }
    free(slots);
}

typedef struct key_check {
    breach breach;
    const char *name; /* of the key: "id", "store, day" */
    int64_t first_earlier;
} key_check;

static void on_repeated_key(void *ctx, int64_t row, int64_t earlier) {
    key_check *k = ctx;
    checker *c = k->breach.checker;
    TEND_AUTO_BUF where = TEND_BUF_INIT;
    if (k->breach.n == 0)
        k->first_earlier = earlier;
    if (k->breach.severity != TEND_RULE_WARNING)
        tend_table_where(c->table, earlier, &where);
    breach_add(&k->breach, row, "%s: the same as in %s", k->name, tend_buf_text(&where));
}

static void push_unique(const key_check *k, const tend_column *column, tend_span span) {
    checker *c = k->breach.checker;
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_buf_printf(&text, "%s: ", k->name);
    check_count_text(k->breach.n, c->table->n_rows, &text);
    tend_buf_printf(&text, " %s an earlier one (first: ", k->breach.n == 1 ? "repeats" : "repeat");
    if (column) {
        check_value_text(column, k->breach.first, &text);
        tend_buf_puts(&text, " at ");
    }
    tend_table_where(c->table, k->breach.first, &text);
    tend_buf_puts(&text, ", already at ");
    tend_table_where(c->table, k->first_earlier, &text);
    tend_buf_putc(&text, ')');
    check_push(c->out, c->arena,
               (tend_anomaly){.rule = "unique",
                              .column = k->name,
                              .severity = k->breach.severity,
                              .n_rows = k->breach.n,
                              .value = NAN,
                              .limit = NAN,
                              .message = tend_arena_strdup(c->arena, tend_buf_text(&text)),
                              .span = span});
}

/* A key over a column that the data lacks: as bad as an absent column. */
static void push_no_column(checker *c, const char *name, tend_rule_severity severity, tend_span span) {
    const char **names = TEND_ARRAY(c->arena, const char *, c->table->n_columns + 1);
    for (int i = 0; i < c->table->n_columns; i++)
        names[i] = c->table->columns[i].name;
    const char *nearest = tend_text_nearest(name, names, (size_t)c->table->n_columns);
    check_push(c->out, c->arena,
               (tend_anomaly){.rule = "unique",
                              .column = name,
                              .severity = severity,
                              .value = NAN,
                              .limit = NAN,
                              .message = tend_arena_printf(c->arena, "%s: the data has no such column, so the key cannot be checked", name),
                              .hint = nearest ? tend_arena_printf(c->arena, "it has a column '%s'", nearest) : NULL,
                              .span = span});
}

void check_unique(checker *c, const char *const *names, int n, tend_rule_severity severity, tend_span span) {
    const tend_column **columns = TEND_ARRAY(c->arena, const tend_column *, n);
    TEND_AUTO_BUF name = TEND_BUF_INIT;
    for (int i = 0; i < n; i++) {
        tend_buf_printf(&name, "%s%s", i ? ", " : "", names[i]);
        columns[i] = tend_table_column(c->table, names[i]);
        if (!columns[i]) {
            push_no_column(c, names[i], severity, span);
            return;
        }
    }
    key_check k = {breach_start(c, severity), tend_arena_strdup(c->arena, tend_buf_text(&name)), -1};
    check_repeated_rows(columns, n, NULL, c->table->n_rows, false, on_repeated_key, &k);
    if (k.breach.n > 0)
        push_unique(&k, n == 1 ? columns[0] : NULL, span);
}
