/* Small tables for tests, written as one text per cell: "" is missing. */
#ifndef TEND_TESTS_DATA_TABLE_KIT_H
#define TEND_TESTS_DATA_TABLE_KIT_H

#include "data/table.h"
#include "support/suite.h"

typedef struct kit {
    tend_arena *arena;
    tend_table *table;
    int n;
} kit;

static inline kit kit_new(int n_columns, int64_t n_rows) {
    kit k = {.arena = tend_arena_new()};
    k.table = tend_table_new(k.arena, n_columns, n_rows);
    return k;
}

static inline void kit_done(kit *k) { tend_arena_free(k->arena); }

/* Takes n_rows texts. Numbers must be numbers; booleans 0 and 1; dates and timestamps their count. */
static inline void kit_texts(kit *k, const char *name, tend_type type, const char *const *cells) {
    tend_column_builder *b = tend_column_builder_new(k->arena, name, type);
    for (int64_t i = 0; i < k->table->n_rows; i++) {
        if (!*cells[i])
            tend_column_add_missing(b);
        else if (type == TEND_STRING)
            tend_column_add_string(b, tend_str_of(cells[i]));
        else if (type == TEND_FLOAT)
            tend_column_add_double(b, strtod(cells[i], NULL));
        else
            tend_column_add_int(b, strtoll(cells[i], NULL, 10));
    }
    tend_column_build(b, &k->table->columns[k->n++]);
}

/* The value of row i; NaN is missing. */
typedef double (*kit_number)(int64_t i);
static inline void kit_numbers(kit *k, const char *name, tend_type type, kit_number value) {
    tend_column_builder *b = tend_column_builder_new(k->arena, name, type);
    for (int64_t i = 0; i < k->table->n_rows; i++) {
        double v = value(i);
        if (type == TEND_FLOAT)
            tend_column_add_double(b, v);
        else if (isnan(v))
            tend_column_add_missing(b);
        else
            tend_column_add_int(b, (int64_t)v);
    }
    tend_column_build(b, &k->table->columns[k->n++]);
}

/* NULL is missing. */
typedef const char *(*kit_string)(int64_t i);
static inline void kit_strings(kit *k, const char *name, kit_string value) {
    tend_column_builder *b = tend_column_builder_new(k->arena, name, TEND_STRING);
    for (int64_t i = 0; i < k->table->n_rows; i++) {
        const char *v = value(i);
        if (v)
            tend_column_add_string(b, tend_str_of(v));
        else
            tend_column_add_missing(b);
    }
    tend_column_build(b, &k->table->columns[k->n++]);
}

#define CELLS(...) ((const char *const[]){__VA_ARGS__})

#endif
