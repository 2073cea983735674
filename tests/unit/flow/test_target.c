/* The target as numbers, and the rows that are held out. */
#include "support/suite.h"

#include "flow/target.h"
#include "flow/train.h"

#include <math.h>

static tend_table *text_table(tend_arena *arena, const char *const *values, int n) {
    tend_column_builder *b = tend_column_builder_new(arena, "y", TEND_STRING);
    for (int i = 0; i < n; i++) {
        if (values[i])
            tend_column_add_string(b, tend_str_of(values[i]));
        else
            tend_column_add_missing(b);
    }
    tend_table *t = tend_table_new(arena, 1, n);
    tend_column_build(b, &t->columns[0]);
    return t;
}

static tend_table *int_table(tend_arena *arena, const int64_t *values, int n) {
    tend_column_builder *b = tend_column_builder_new(arena, "y", TEND_INT);
    for (int i = 0; i < n; i++)
        tend_column_add_int(b, values[i]);
    tend_table *t = tend_table_new(arena, 1, n);
    tend_column_build(b, &t->columns[0]);
    return t;
}

TEST(two_texts_are_binary_and_the_rarer_is_positive) {
    tend_arena *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_target t;
    tend_table *table = text_table(arena, (const char *const[]){"stay", "go", "stay", NULL, "stay"}, 5);
    tend_target_options o = {.column = "y"};
    ASSERT_OK(tend_target_make(table, &o, arena, &t, &err), &err);
    ASSERT_EQ(t.task, TEND_TASK_BINARY);
    ASSERT_STR_EQ(t.classes[1], "go");
    ASSERT_NEAR(t.share_positive, 0.25, 1e-12);
    ASSERT_NEAR(t.y[0], 0, 0);
    ASSERT_NEAR(t.y[1], 1, 0);
    ASSERT_TRUE(isnan(t.y[3]));
    o.positive = "stay";
    ASSERT_OK(tend_target_make(table, &o, arena, &t, &err), &err);
    ASSERT_STR_EQ(t.classes[1], "stay");
    o.positive = "staay";
    ASSERT_FAILS(tend_target_make(table, &o, arena, &t, &err), &err, CONFIG, "has the values 'go' and 'stay'");
    ASSERT_HAS(err.hint, "'stay'");
    tend_arena_free(arena);
}

TEST(one_is_positive_whatever_its_share) {
    tend_arena *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_target t;
    ASSERT_OK(tend_target_make(int_table(arena, (int64_t[]){1, 1, 1, 0}, 4), &(tend_target_options){.column = "y"}, arena, &t, &err), &err);
    ASSERT_STR_EQ(t.classes[1], "1");
    tend_arena_free(arena);
}

TEST(classes_of_numbers_are_in_the_order_of_numbers) {
    tend_arena *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_target t;
    ASSERT_OK(
        tend_target_make(int_table(arena, (int64_t[]){10, 9, 2, 10, 9, 2}, 6), &(tend_target_options){.column = "y"}, arena, &t, &err),
        &err);
    ASSERT_EQ(t.task, TEND_TASK_MULTICLASS);
    ASSERT_EQ(t.n_classes, 3);
    ASSERT_STR_EQ(t.classes[0], "2");
    ASSERT_STR_EQ(t.classes[2], "10");
    ASSERT_NEAR(t.y[0], 2, 0);
    ASSERT_EQ(t.class_counts[0], 2);
    tend_arena_free(arena);
}

TEST(many_whole_numbers_are_amounts) {
    tend_arena *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_target t;
    int64_t values[40];
    for (int i = 0; i < 40; i++)
        values[i] = i % 20;
    ASSERT_OK(tend_target_make(int_table(arena, values, 40), &(tend_target_options){.column = "y"}, arena, &t, &err), &err);
    ASSERT_EQ(t.task, TEND_TASK_REGRESSION);
    ASSERT_NEAR(t.y[19], 19, 0);
    tend_arena_free(arena);
}

TEST(targets_that_cannot_be_learned) {
    tend_arena *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_target t;
    tend_target_options o = {.column = "y"};
    ASSERT_FAILS(tend_target_make(text_table(arena, (const char *const[]){"a", "a", NULL}, 3), &o, arena, &t, &err), &err, DATA,
                 "is 'a' in every row");
    ASSERT_FAILS(tend_target_make(text_table(arena, (const char *const[]){NULL, NULL}, 2), &o, arena, &t, &err), &err, DATA,
                 "has no value");
    tend_target_options binary = {.column = "y", .has_task = true, .task = TEND_TASK_BINARY};
    ASSERT_FAILS(tend_target_make(text_table(arena, (const char *const[]){"a", "b", "c"}, 3), &binary, arena, &t, &err), &err, CONFIG,
                 "not binary");
    tend_target_options amount = {.column = "y", .has_task = true, .task = TEND_TASK_REGRESSION};
    ASSERT_FAILS(tend_target_make(text_table(arena, (const char *const[]){"a", "b", "c"}, 3), &amount, arena, &t, &err), &err, CONFIG,
                 "a regression needs numbers");
    tend_target_options absent = {.column = "z"};
    ASSERT_FAILS(tend_target_make(text_table(arena, (const char *const[]){"a", "b"}, 2), &absent, arena, &t, &err), &err, NOT_FOUND, "z");
    tend_arena_free(arena);
}

/* Held-out rows of a project that is split by `by`. */
static tend_held_out held_out(tend_arena *arena, tend_split_kind by, int folds, const tend_table *table, const double *y, int n) {
    tend_error err = TEND_ERROR_INIT;
    int64_t *rows = TEND_ARRAY(arena, int64_t, n);
    for (int i = 0; i < n; i++)
        rows[i] = i;
    tend_split split = {.train = rows, .n_train = n};
    tend_project p = {.split_by = by, .split_column = "y", .folds = folds, .valid_share = 0.25, .seed = 1};
    tend_held_out h;
    ASSERT_OK(tend_held_out_make(&p, table, &split, y, 0, arena, &h, &err), &err);
    return h;
}

TEST(folds_of_time_train_on_the_past_only) {
    tend_arena *arena = tend_arena_new();
    int64_t when[40];
    double y[40];
    for (int i = 0; i < 40; i++) {
        when[i] = (i * 7) % 40;
        y[i] = i;
    }
    tend_table *table = int_table(arena, when, 40);
    tend_held_out h = held_out(arena, TEND_SPLIT_TIME, 4, table, y, 40);
    ASSERT_EQ(h.n_folds, 4);
    for (int fold = 0; fold < 4; fold++) {
        int64_t newest_train = -1, oldest_held = 1000, n_held = 0;
        for (int i = 0; i < 40; i++) {
            if (tend_held_out_trains(&h, i, fold) && when[i] > newest_train)
                newest_train = when[i];
            if (tend_held_out_is(&h, i, fold) && ++n_held && when[i] < oldest_held)
                oldest_held = when[i];
        }
        ASSERT_TRUE(n_held == 8 && newest_train < oldest_held);
    }
    ASSERT_EQ(h.n, 32);
    h = held_out(arena, TEND_SPLIT_TIME, 0, table, y, 40);
    ASSERT_EQ(h.n, 10);
    for (int i = 0; i < 40; i++)
        ASSERT_EQ(tend_held_out_is(&h, i, 0), when[i] >= 30);
    tend_arena_free(arena);
}

TEST(groups_are_never_on_both_sides) {
    tend_arena *arena = tend_arena_new();
    int64_t group[60];
    double y[60];
    for (int i = 0; i < 60; i++) {
        group[i] = i / 4;
        y[i] = i;
    }
    tend_held_out h = held_out(arena, TEND_SPLIT_GROUP, 3, int_table(arena, group, 60), y, 60);
    for (int i = 1; i < 60; i++)
        ASSERT_TRUE(group[i] != group[i - 1] || h.fold[i] == h.fold[i - 1]);
    ASSERT_EQ(h.n, 60);
    tend_arena_free(arena);
}

TEST(the_threshold_is_where_the_metric_is_best) {
    tend_arena *arena = tend_arena_new();
    enum { N = 100 };
    double y[N], score[N];
    int32_t decided[N] = {0};
    for (int i = 0; i < N; i++) {
        score[i] = (i + 0.5) / N;
        y[i] = score[i] > 0.3;
    }
    tend_scored scored = {.n = N, .n_classes = 2, .y = y, .score = score, .decided = decided};
    double t = tend_best_threshold(&scored, tend_metric_find("f1"), arena);
    ASSERT_TRUE(t > 0.295 && t <= 0.306);
    tend_arena_free(arena);
}
