/* Rows for what a target has loaded: few, and at the ends of what a column can hold. */
#ifndef TEND_FUZZ_ROWS_H
#define TEND_FUZZ_ROWS_H

#include "target.h"

#include "data/table.h"

#include <math.h>

enum { ODD_ROWS = 10 };

static void add_odd(tend_column_builder *b, tend_type type, int row) {
    static const char *const texts[] = {"",          "a",
                                        "Private",   "cozy flat, near the sea",
                                        "Ünïcödé ﬁ", "1e5",
                                        "0",         "(rare)",
                                        "\t\n",      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    static const double reals[] = {0, -0.0, 1.5, -1, 1e308, -1e308, 5e-324, 1e-30, 40, 100};
    static const int64_t ints[] = {0, 1, 2, -1, INT64_MAX, INT64_MIN, 19000, -719162, 40, 100};
    if (row == 3)
        tend_column_add_missing(b);
    else if (type == TEND_STRING)
        tend_column_add_string(b, tend_str_of(texts[row]));
    else if (type == TEND_FLOAT)
        tend_column_add_double(b, row == 8 ? (double)INFINITY : reals[row]);
    else
        tend_column_add_int(b, type == TEND_BOOL ? row & 1 : ints[row]);
}

static inline void odd_column(tend_arena *arena, const char *name, tend_type type, tend_column *out) {
    tend_column_builder *b = tend_column_builder_new(arena, name, type);
    for (int row = 0; row < ODD_ROWS; row++)
        add_odd(b, type, row);
    tend_column_build(b, out);
}

/* A column of each type. */
static inline tend_table *table_of_types(tend_arena *arena) {
    static const char *const names[] = {"flag", "age", "price", "name", "born", "seen"};
    tend_table *table = tend_table_new(arena, TEND_TYPE_COUNT, ODD_ROWS);
    for (int i = 0; i < TEND_TYPE_COUNT; i++)
        odd_column(arena, names[i], (tend_type)i, &table->columns[i]);
    return table;
}

/* A value for a predictor: what is special to any, else near what the file itself speaks of. */
static inline float odd_float(size_t i, const float *known, size_t n_known) {
    static const float special[] = {0.0F, -0.0F, 1.0F, 2.5F, -1.0F, 31.0F, 32.0F, 1e30F, 16777216.0F};
    enum { SPECIAL = sizeof special / sizeof *special };
    i = i * 2654435761U % 65537;
    if (i % 7 == 0)
        return NAN;
    if (i % 11 == 0)
        return i % 2 ? INFINITY : -INFINITY;
    if (n_known && i % 3)
        return i % 2 ? known[i % n_known] : nextafterf(known[i % n_known], -INFINITY);
    return special[i % SPECIAL];
}

#endif
