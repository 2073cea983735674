/* Splits: shares by stratum, for classes and for numbers. */
#include "learn/split.h"

#include "support/suite.h"

static tend_table *letters(tend_arena *arena, int n) {
    tend_column_builder *b = tend_column_builder_new(arena, "letter", TEND_STRING);
    for (int i = 0; i < n; i++)
        tend_column_add_string(b, tend_str_of(i % 5 == 0 ? "A" : "B"));
    tend_table *t = tend_table_new(arena, 1, n);
    tend_column_build(b, &t->columns[0]);
    return t;
}

static int count_a(const int64_t *rows, int64_t n) {
    int count = 0;
    for (int64_t i = 0; i < n; i++)
        count += rows[i] % 5 == 0;
    return count;
}

/* Targets far above any number of classes: they are amounts, and count nothing. */
TEST(a_numeric_target_splits_by_the_shares_of_a_column) {
    tend_arena *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    double y[100];
    for (int i = 0; i < 100; i++)
        y[i] = 1e6 + i;
    tend_split_options o = {.kind = TEND_SPLIT_RANDOM, .test_share = 0.2, .stratify = "letter", .seed = 7};
    tend_split split;
    ASSERT_OK(tend_split_make(letters(arena, 100), y, 0, &o, arena, &split, &err), &err);
    ASSERT_EQ(split.n_train, 80);
    ASSERT_EQ(split.n_test, 20);
    ASSERT_EQ(count_a(split.test, split.n_test), 4);
    tend_arena_free(arena);
}

TEST(classes_keep_their_shares) {
    tend_arena *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    double y[100];
    for (int i = 0; i < 100; i++)
        y[i] = i % 5 == 0;
    tend_split_options o = {.kind = TEND_SPLIT_RANDOM, .test_share = 0.2, .seed = 7};
    tend_split split;
    ASSERT_OK(tend_split_make(letters(arena, 100), y, 2, &o, arena, &split, &err), &err);
    ASSERT_EQ(count_a(split.train, split.n_train), 16);
    ASSERT_EQ(count_a(split.test, split.n_test), 4);
    tend_arena_free(arena);
}

TEST(a_class_of_one_row_cannot_be_split) {
    tend_arena *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    double y[10] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    tend_split_options o = {.kind = TEND_SPLIT_RANDOM, .test_share = 0.2, .seed = 7};
    tend_split split;
    ASSERT_FAILS(tend_split_make(letters(arena, 10), y, 2, &o, arena, &split, &err), &err, DATA, "class number 2 of the target has 1 row");
    tend_arena_free(arena);
}

TEST(named_rows_test_and_the_rest_trains) {
    tend_arena *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    double y[5] = {1, 2, NAN, 4, 5};
    int64_t rows[] = {4, 2, 0};
    tend_split_options o = {.kind = TEND_SPLIT_ROWS, .rows = rows, .n_rows = 3};
    tend_split split;
    ASSERT_OK(tend_split_make(letters(arena, 5), y, 0, &o, arena, &split, &err), &err);
    ASSERT_EQ(split.n_test, 2); /* row 2 has no target */
    ASSERT_EQ(split.n_train, 2);
    rows[1] = 5;
    ASSERT_FAILS(tend_split_make(letters(arena, 5), y, 0, &o, arena, &split, &err), &err, DATA, "row number 5 is out of range");
    tend_arena_free(arena);
}
