/* What becomes of columns that are not declared. */
#include "unit/feature/feature_case.h"

/* A table of one column, cell i made by printf of `format` with the value given. */
static tend_table *column_of(tend_arena *arena, const char *head, int n, const char *format, int modulus, int step) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_buf_printf(&text, "%s,one:number\n", head);
    for (int i = 0; i < n; i++) {
        int v = (int)((int64_t)i * step % modulus);
        char cell[128];
        int size = 0;
        for (const char *f = format; *f; f++)
            size += *f == '%' ? snprintf(cell + size, sizeof cell - (size_t)size, "%d", v)
                              : snprintf(cell + size, sizeof cell - (size_t)size, "%c", *f);
        tend_buf_printf(&text, "%s,%d\n", cell, i % 7);
    }
    return case_table(arena, tend_buf_text(&text));
}

static void expect_dropped(tend_arena *arena, const tend_table *table, const char *why) {
    tend_pipeline *p = case_fit(arena, table, NULL);
    tend_node *node = tend_pipeline_to_node(p, arena);
    ASSERT_STR_EQ(tend_node_string(tend_node_path(node, "dropped.0.name"), "(not dropped)"), table->columns[0].name);
    ASSERT_HAS(tend_node_string(tend_node_path(node, "dropped.0.why"), ""), why);
}

static tend_pipeline *expect_why(tend_arena *arena, const tend_table *table, const char *why) {
    double *y = TEND_ARRAY(arena, double, table->n_rows);
    tend_pipeline_options options = case_options(arena, table, NULL, y);
    tend_pipeline *p = case_fit_with(arena, table, &options);
    tend_node *node = tend_pipeline_to_node(p, arena);
    ASSERT_STR_EQ(tend_node_string(tend_node_path(node, "features.0.name"), "(dropped)"), table->columns[0].name);
    ASSERT_HAS(tend_node_string(tend_node_path(node, "features.0.why"), ""), why);
    return p;
}

TEST(numbers_pass_with_their_missing_values) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, "a:number,b:boolean,c:integer\n1.5,true,3\n,false,\n");
    tend_pipeline *p = case_fit(arena, table, NULL);
    float *x = case_apply(arena, p, table);
    ASSERT_EQ(tend_pipeline_width(p), 3);
    EXPECT_OUTPUT(p, x, "a", 1.5, (double)NAN);
    EXPECT_OUTPUT(p, x, "b", 1, 0);
    EXPECT_OUTPUT(p, x, "c", 3, (double)NAN);
}

TEST(constants_are_dropped_with_the_reason) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    expect_dropped(arena, case_table(arena, "k:string,x:number\nsame,1\nsame,2\n"), "one value only");
    expect_dropped(arena, case_table(arena, "k:number,x:number\n,1\n,2\n"), "only missing values");
    expect_dropped(arena, case_table(arena, "k:date,x:number\n2020-01-01,1\n2020-01-01,2\n"), "one value only");
    tend_pipeline *p = case_fit(arena, case_table(arena, "k:number,x:number\n5,1\n,2\n"), NULL);
    ASSERT_EQ(tend_pipeline_width(p), 2); /* missing or not is something to learn from */
}

TEST(identifiers_are_dropped_with_the_reason) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    expect_dropped(arena, column_of(arena, "PassengerId:integer", 100, "%", 1000, 1), "an identifier");
    expect_dropped(arena, column_of(arena, "customer_id:integer", 100, "%", 1000003, 99991), "an identifier");
    expect_dropped(arena, column_of(arena, "code:string", 100, "C%", 1000, 1), "a text of its own");
    tend_pipeline *p = case_fit(arena, column_of(arena, "amount:integer", 100, "%", 1000003, 99991), NULL);
    ASSERT_EQ(tend_pipeline_width(p), 2); /* all different and far apart, but not called an id */
    p = case_fit(arena, column_of(arena, "host_id:integer", 100, "%", 50, 1), NULL);
    ASSERT_EQ(tend_pipeline_width(p), 2); /* called an id, but shared between rows */
}

TEST(few_levels_become_one_hot) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p = expect_why(arena, column_of(arena, "c:string", 640, "L%", 64, 1), "a category of 64 levels");
    ASSERT_EQ(tend_pipeline_width(p), 65);
    case_output(p, "c=L63");
}

TEST(many_levels_become_means_and_frequencies) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p = expect_why(arena, column_of(arena, "c:string", 650, "L%", 65, 1), "a category of 65 levels: too many");
    ASSERT_EQ(tend_pipeline_width(p), 3);
    case_output(p, "c:target_encode");
    case_output(p, "c:frequency");
}

TEST(free_text_becomes_tfidf) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p = expect_why(arena, column_of(arena, "t:string", 200, "nice house number% big garden", 1000, 1), "free text");
    ASSERT_EQ(tend_pipeline_width(p), 101);
    case_output(p, "t:tfidf(garden)");
}

/* 70 car names in 90 rows tell by their words; 90 names of persons in 90 rows do not. */
TEST(two_words_are_text_when_some_come_back) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p = expect_why(arena, column_of(arena, "car:string", 90, "ford m%", 70, 1), "free text: 2.0 words");
    ASSERT_STR_EQ(tend_pipeline_outputs(p)[0].name, "car:tfidf(ford)");
    expect_dropped(arena, column_of(arena, "person:string", 90, "anna m%", 90, 1), "an identifier");
}

TEST(dates_become_varying_parts_and_age) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, "d:date\n2020-01-01\n2020-02-01\n2020-03-02\n");
    tend_pipeline *p = expect_why(arena, table, "a date");
    float *x = case_apply(arena, p, table);
    EXPECT_OUTPUT(p, x, "d:age", 61, 30, 0);
    EXPECT_OUTPUT(p, x, "d:month", 1, 2, 3);
    for (int i = 0; i < tend_pipeline_width(p); i++) {
        ASSERT_FALSE(strcmp(tend_pipeline_outputs(p)[i].name, "d:year") == 0);
        ASSERT_FALSE(strcmp(tend_pipeline_outputs(p)[i].name, "d:hour") == 0);
    }
}

TEST(only_training_rows_are_looked_at) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, "c:string,x:number\na,1\nb,2\na,3\nSECRET,4\n");
    tend_pipeline_options options = case_options(arena, table, NULL, NULL);
    options.n_rows = 3;
    tend_pipeline *p = case_fit_with(arena, table, &options);
    ASSERT_EQ(tend_pipeline_width(p), 3);
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_pipeline_save(p, &bytes);
    ASSERT_NULL(memmem(bytes.data, bytes.size, "SECRET", 6));
}

TEST(the_target_is_no_feature) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, "x:number,y:number\n1,1\n2,5\n");
    tend_pipeline_options options = case_options(arena, table, NULL, NULL);
    options.target = "y";
    tend_pipeline *p = case_fit_with(arena, table, &options);
    ASSERT_EQ(tend_pipeline_width(p), 1);
    ASSERT_STR_EQ(tend_pipeline_outputs(p)[0].name, "x");
}
