/* Reading tables: names of types, values as numbers and text, finding columns. */
#include "data/table.h"

#include "data/iso.h"

#include <assert.h>
#include <math.h>

static const char *const TYPE_NAMES[] = {
#define X(name, word, store) word,
    TEND_TYPES(X)
#undef X
};

static const struct {
    const char *word;
    tend_type type;
} TYPE_SYNONYMS[] = {
    {"bool", TEND_BOOL},   {"int", TEND_INT},    {"float", TEND_FLOAT},        {"double", TEND_FLOAT},
    {"text", TEND_STRING}, {"str", TEND_STRING}, {"datetime", TEND_TIMESTAMP}, {"numeric", TEND_FLOAT},
};

const char *tend_type_name(tend_type type) {
    assert(type < TEND_TYPE_COUNT);
    return TYPE_NAMES[type];
}

bool tend_type_parse(const char *word, tend_type *out) {
    for (int i = 0; i < TEND_TYPE_COUNT; i++)
        if (strcmp(word, TYPE_NAMES[i]) == 0)
            return *out = (tend_type)i, true;
    for (size_t i = 0; i < sizeof TYPE_SYNONYMS / sizeof TYPE_SYNONYMS[0]; i++)
        if (strcmp(word, TYPE_SYNONYMS[i].word) == 0)
            return *out = TYPE_SYNONYMS[i].type, true;
    return false;
}

double tend_column_double(const tend_column *c, int64_t i) {
    if (!tend_is_valid(c, i) || c->type == TEND_STRING)
        return (double)NAN;
    return c->type == TEND_FLOAT ? c->floats[i] : (double)c->ints[i];
}

static void format_int(int64_t v, tend_buf *out) {
    char text[24];
    size_t at = sizeof text;
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do
        text[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (v < 0)
        text[--at] = '-';
    tend_buf_append(out, text + at, sizeof text - at);
}

void tend_column_format(const tend_column *c, int64_t i, tend_buf *out) {
    if (!tend_is_valid(c, i))
        return;
    char text[32];
    switch (c->type) {
    case TEND_BOOL: tend_buf_puts(out, c->ints[i] ? "true" : "false"); break;
    case TEND_INT: format_int(c->ints[i], out); break;
    case TEND_FLOAT: tend_buf_append(out, text, tend_text_format_double(c->floats[i], text)); break;
    case TEND_DATE:
    case TEND_TIMESTAMP: tend_iso_format(c->type, c->ints[i], out); break;
    case TEND_STRING: {
        tend_str s = tend_column_str(c, i);
        tend_buf_append(out, s.at, s.size);
        break;
    }
    case TEND_TYPE_COUNT: assert(false);
    }
}

int tend_table_find(const tend_table *table, const char *name) {
    for (int i = 0; i < table->n_columns; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return i;
    return -1;
}

const tend_column *tend_table_column(const tend_table *table, const char *name) {
    int i = tend_table_find(table, name);
    return i < 0 ? NULL : &table->columns[i];
}

/* The nearest column as a hint; with few columns, all of them. */
static tend_status fail_absent(const tend_table *table, const char *name, tend_error *err) {
    TEND_FAIL(err, NOT_FOUND, "there is no column '%s'", name);
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char **names = TEND_ARRAY(arena, const char *, table->n_columns + 1);
    for (int i = 0; i < table->n_columns; i++)
        names[i] = table->columns[i].name;
    const char *nearest = tend_text_nearest(name, names, (size_t)table->n_columns);
    if (nearest)
        return tend_error_hint(err, TEND_NOT_FOUND, "did you mean '%s'?", nearest);
    TEND_AUTO_BUF list = TEND_BUF_INIT;
    for (int i = 0; i < table->n_columns && list.size < 200; i++)
        tend_buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
    return tend_error_hint(err, TEND_NOT_FOUND, "the columns are %s", tend_buf_text(&list));
}

tend_status tend_table_need(const tend_table *table, const char *name, const tend_column **out, tend_error *err) {
    const tend_column *column = tend_table_column(table, name);
    if (!column) {
        fail_absent(table, name, err);
        return TEND_NOT_FOUND;
    }
    *out = column;
    return TEND_OK;
}

void tend_table_where(const tend_table *table, int64_t row, tend_buf *out) {
    if (table->line && table->n_files > 0)
        tend_buf_printf(out, "%s:%u", table->files[table->part ? table->part[row] : 0], table->line[row]);
    else
        tend_buf_printf(out, "row %lld", (long long)row + 1);
}
