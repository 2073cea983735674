/* One pipeline, many ways to the same numbers. */
#include "unit/feature/feature_case.h"
#include "base/rng.h"

#include <stdlib.h>

#define YAML                                                                              \
    "n: [{impute: {strategy: median, indicator: true}}, standardize]\n"                   \
    "c: {transform: one_hot, min_count: 3}\n"                                             \
    "te: {from: c, transform: target_encode}\n"                                           \
    "crossed: {from: [c, b], transform: [cross, {hash: 8}]}\n"                            \
    "t: {transform: tfidf, max_features: 10, ngrams: [1, 2]}\n"                           \
    "d: date_parts\nage: {from: d, transform: age}\nf: {from: c, transform: frequency}\n" \
    "bins: {from: n, transform: quantile_bin}\n"

/* Every kind of column, with missing values. */
static tend_table *mixed_table(tend_arena *arena, int n, uint64_t seed) {
    static const char *const words[] = {"sunny", "room", "garden", "the", "view", "Straße", "日本"};
    tend_rng rng;
    tend_rng_init(&rng, seed, "test");
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_buf_puts(&text, "n:number,i:integer,b:boolean,c:string,t:string,d:date,s:timestamp\n");
    for (int r = 0; r < n; r++) {
        bool gap = tend_rng_below(&rng, 5) == 0;
        if (!gap)
            tend_buf_printf(&text, "%.3f", tend_rng_normal(&rng));
        tend_buf_printf(&text, ",%d,", (int)tend_rng_below(&rng, 100));
        tend_buf_puts(&text, tend_rng_below(&rng, 6) == 0 ? "," : tend_rng_below(&rng, 2) ? "true," : "false,");
        if (tend_rng_below(&rng, 7))
            tend_buf_printf(&text, "level%d", (int)(tend_rng_below(&rng, 12) * tend_rng_below(&rng, 12)));
        tend_buf_puts(&text, ",");
        for (uint64_t w = tend_rng_below(&rng, 6); w > 0; w--)
            tend_buf_printf(&text, "%s ", words[tend_rng_below(&rng, 7)]);
        tend_buf_printf(&text, ",20%02d-%02d-%02d", (int)tend_rng_below(&rng, 30), 1 + (int)tend_rng_below(&rng, 12),
                        1 + (int)tend_rng_below(&rng, 28));
        tend_buf_printf(&text, ",2024-01-%02dT%02d:30:00Z\n", 1 + (int)tend_rng_below(&rng, 28), (int)tend_rng_below(&rng, 24));
    }
    return case_table(arena, tend_buf_text(&text));
}

static double *targets(tend_arena *arena, int64_t n, uint64_t seed) {
    tend_rng rng;
    tend_rng_init(&rng, seed, "target");
    double *y = TEND_ARRAY(arena, double, n);
    for (int64_t i = 0; i < n; i++)
        y[i] = (double)tend_rng_below(&rng, 2);
    return y;
}

static tend_pipeline *fit_mixed(tend_arena *arena, const tend_table *table) {
    tend_pipeline_options options = case_options(arena, table, YAML, targets(arena, table->n_rows, 1));
    options.task = TEND_TASK_BINARY;
    return case_fit_with(arena, table, &options);
}

TEST(a_row_is_a_batch_of_one) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = mixed_table(arena, 700, 3); /* more than two chunks */
    tend_pipeline *p = fit_mixed(arena, table);
    int width = tend_pipeline_width(p);
    float *whole = case_apply(arena, p, table), *row = TEND_ARRAY(arena, float, width);
    tend_error err = TEND_ERROR_INIT;
    tend_binding binding;
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    ASSERT_OK(tend_pipeline_bind(p, table, arena, &binding, &err), &err);
    for (int64_t r = 0; r < table->n_rows; r++) {
        ASSERT_OK(tend_pipeline_apply(p, table, &binding, r, 1, row, scratch, &err), &err);
        ASSERT_MEM_EQ(row, whole + r * width, (size_t)width * sizeof *row);
    }
    ASSERT_FAILS(tend_pipeline_apply(p, table, &binding, 699, 2, row, scratch, &err), &err, INVALID, "table of 700");
}

TEST(rows_in_any_order_and_on_any_number_of_threads) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    enum { N = 9001 };
    tend_table *table = mixed_table(arena, N, 4);
    tend_pipeline *p = fit_mixed(arena, table);
    size_t width = (size_t)tend_pipeline_width(p);
    float *whole = case_apply(arena, p, table), *picked = TEND_ARRAY(arena, float, N *width);
    int64_t *rows = TEND_ARRAY(arena, int64_t, N);
    for (int64_t i = 0; i < N; i++)
        rows[i] = (i * 7) % N;
    tend_error err = TEND_ERROR_INIT;
    for (int threads = 1; threads <= 3; threads += 2) {
        setenv("TEND_JOBS", threads == 1 ? "1" : "3", 1);
        ASSERT_OK(tend_pipeline_apply_rows(p, table, rows, N, picked, &err), &err);
        for (int64_t i = 0; i < N; i++)
            ASSERT_MEM_EQ(picked + (size_t)i * width, whole + (size_t)rows[i] * width, width * sizeof(float));
    }
    unsetenv("TEND_JOBS");
    rows[5] = N;
    ASSERT_FAILS(tend_pipeline_apply_rows(p, table, rows, N, picked, &err), &err, INVALID, "row 9001");
}

static void fit_bytes(const tend_table *table, const char *threads, tend_buf *bytes, float **matrix, tend_arena *arena) {
    setenv("TEND_JOBS", threads, 1);
    tend_pipeline_options options = case_options(arena, table, YAML, targets(arena, table->n_rows, 1));
    options.task = TEND_TASK_BINARY;
    tend_pipeline *p = case_fit_with(arena, table, &options);
    tend_pipeline_save(p, bytes);
    *matrix = TEND_ARRAY(arena, float, table->n_rows *tend_pipeline_width(p));
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_pipeline_apply_training(p, table, &options, *matrix, &err), &err);
    unsetenv("TEND_JOBS");
}

TEST(fitting_gives_the_same_bytes_on_any_number_of_threads) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = mixed_table(arena, 5000, 9);
    TEND_AUTO_BUF one = TEND_BUF_INIT;
    TEND_AUTO_BUF four = TEND_BUF_INIT;
    float *a, *b;
    fit_bytes(table, "1", &one, &a, arena);
    fit_bytes(table, "4", &four, &b, arena);
    ASSERT_EQ(one.size, four.size);
    ASSERT_MEM_EQ(one.data, four.data, one.size);
    tend_pipeline *p = fit_mixed(arena, table);
    ASSERT_MEM_EQ(a, b, (size_t)(table->n_rows * tend_pipeline_width(p)) * sizeof *a);
}

TEST(the_order_of_columns_does_not_matter) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = mixed_table(arena, 50, 5);
    tend_pipeline *p = fit_mixed(arena, table);
    tend_table *turned = tend_table_new(arena, table->n_columns, table->n_rows);
    for (int c = 0; c < table->n_columns; c++)
        turned->columns[c] = table->columns[table->n_columns - 1 - c];
    float *a = case_apply(arena, p, table), *b = case_apply(arena, p, turned);
    ASSERT_MEM_EQ(a, b, (size_t)(table->n_rows * tend_pipeline_width(p)) * sizeof *a);
}

TEST(binding_converts_types) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, "i:integer,f:number,b:boolean,c:string,d:date\n1,0.5,"
                                          "true,7,2020-01-01\n2,1,false,8,2020-01-03\n");
    tend_pipeline *p = case_fit(arena, table, "i: passthrough\nf: passthrough\nb: one_hot\nc: one_hot\nd: age\n");
    tend_table *other = case_table(arena, "d:timestamp,c:integer,b:integer,f:integer,i:number,more:string\n"
                                          "2020-01-01T12:00Z,8,1,3,2.5,x\n");
    float *x = case_apply(arena, p, other);
    EXPECT_OUTPUT(p, x, "i", 2.5);
    EXPECT_OUTPUT(p, x, "f", 3);
    EXPECT_OUTPUT(p, x, "b=true", 1);
    EXPECT_OUTPUT(p, x, "c=8", 1);
    EXPECT_OUTPUT(p, x, "d:age", 1.5);
}

TEST(binding_names_what_does_not_fit) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p = case_fit(arena, case_table(arena, "age:integer,pay:number\n1,0.5\n2,0.7\n"), NULL);
    tend_error err = TEND_ERROR_INIT;
    tend_binding binding;
    tend_table *missing = case_table(arena, "aged:integer,pay:number\n1,0.5\n");
    ASSERT_FAILS(tend_pipeline_bind(p, missing, arena, &binding, &err), &err, NOT_FOUND, "age");
    tend_table *text = case_table(arena, "age:string,pay:number\nold,0.5\n");
    ASSERT_FAILS(tend_pipeline_bind(p, text, arena, &binding, &err), &err, INVALID, "column 'age' is of type string");
    tend_table *empty_text = case_table(arena, "age:string,pay:string\n,\n,\n"); /* nothing known: any type will do */
    float *x = case_apply(arena, p, empty_text);
    EXPECT_OUTPUT(p, x, "age", (double)NAN, (double)NAN);
}

TEST(missing_everywhere_is_survived) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, "n:number,t:string,d:date\n,,\n,,\n");
    tend_pipeline_options options = case_options(arena, table,
                                                 "a: {from: n, transform: [impute, standardize]}\nb: {from: n, transform: "
                                                 "quantile_bin}\nc: {from: n, transform: robust_scale}\n"
                                                 "e: {from: t, transform: [{impute: most_frequent}, one_hot]}\nf: {from: t, "
                                                 "transform: tfidf}\ng: {from: t, transform: ordinal}\n"
                                                 "h: {from: t, transform: target_encode}\ni: {from: d, transform: age}\nj: "
                                                 "{from: d, transform: date_parts}\n"
                                                 "k: {from: d, transform: [impute, age]}\nl: {from: n, transform: "
                                                 "min_max_scale}\nm: {from: t, transform: frequency}\n",
                                                 targets(arena, 2, 1));
    tend_pipeline *p = case_fit_with(arena, table, &options);
    float *x = case_apply(arena, p, table);
    EXPECT_OUTPUT(p, x, "a:standardize", (double)NAN, (double)NAN);
    EXPECT_OUTPUT(p, x, "e=(missing)", 1, 1);
    EXPECT_OUTPUT(p, x, "i:age", (double)NAN, (double)NAN);
    EXPECT_OUTPUT(p, x, "m:frequency", 1, 1);
}

TEST(an_empty_table_is_survived) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, "n:number,t:string,d:date\n");
    tend_pipeline_options options = case_options(arena, table, "t: {transform: target_encode}\nn: standardize\n", targets(arena, 1, 1));
    tend_pipeline *p = case_fit_with(arena, table, &options);
    float none[1];
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_pipeline_apply_training(p, table, &options, none, &err), &err);
    float *x = case_apply(arena, p, case_table(arena, "n:number,t:string,d:date\n4,a,2020-01-01\n"));
    EXPECT_OUTPUT(p, x, "n:standardize", 4);
    EXPECT_OUTPUT(p, x, "t:target_encode", 0);
}

TEST(infinite_numbers_stay_floats) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, "n:number\n1e300\n-inf\n2\n");
    tend_pipeline *p = case_fit(arena, table, "n: passthrough\ns: {from: n, transform: robust_scale}\n");
    float *x = case_apply(arena, p, table);
    EXPECT_OUTPUT(p, x, "n", 3.4028234663852886e38, -3.4028234663852886e38, 2);
    for (int i = 0; i < 3 * tend_pipeline_width(p); i++)
        ASSERT_TRUE(isfinite(x[i]));
}

TEST(long_text_is_whole) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_buf_puts(&text, "t:string\n");
    for (int i = 0; i < 20000; i++)
        tend_buf_puts(&text, i % 2 ? "größe " : "日本語 ");
    tend_buf_puts(&text, "\nshort text\n");
    tend_table *table = case_table(arena, tend_buf_text(&text));
    tend_pipeline *p = case_fit(arena, table, "t: tfidf\nlevel: {from: t, transform: one_hot}\n");
    float *x = case_apply(arena, p, table);
    EXPECT_OUTPUT(p, x, "t:tfidf(größe)", 0.7071067811865476, 0);
    EXPECT_OUTPUT(p, x, "level=short text", 0, 1);
}

/* Random levels and a random target: what is encoded must not know the row's own target. In-sample
 * means do (the test would fail with them), out of fold they carry nothing. */
static double correlation(const float *x, size_t stride, const double *y, int64_t n) {
    double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
    for (int64_t i = 0; i < n; i++) {
        double a = (double)x[(size_t)i * stride];
        sx += a, sy += y[i], sxx += a * a, syy += y[i] * y[i], sxy += a * y[i];
    }
    double m = (double)n;
    return (sxy / m - sx / m * sy / m) / sqrt((sxx / m - sx / m * sx / m) * (syy / m - sy / m * sy / m));
}

TEST(target_encoding_leaks_nothing_in_training) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    enum { N = 5000 };
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_rng rng;
    tend_rng_init(&rng, 11, "levels");
    tend_buf_puts(&text, "c:string\n");
    for (int i = 0; i < N; i++)
        tend_buf_printf(&text, "L%d\n", (int)tend_rng_below(&rng, 1000));
    tend_table *table = case_table(arena, tend_buf_text(&text));
    double *y = targets(arena, N, 12);
    tend_pipeline_options options = case_options(arena, table, "c: {transform: target_encode, smoothing: 1}\n", y);
    options.task = TEND_TASK_BINARY;
    tend_pipeline *p = case_fit_with(arena, table, &options);
    float *x = TEND_ARRAY(arena, float, N);
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_pipeline_apply_training(p, table, &options, x, &err), &err);
    ASSERT_TRUE(fabs(correlation(x, 1, y, N)) < 0.1);
    ASSERT_TRUE(correlation(case_apply(arena, p, table), 1, y, N) > 0.3);
}

TEST(out_of_fold_is_the_encoding_without_the_fold) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, "c:string\na\na\na\na\na\na\na\na\na\na\n");
    static const double y[] = {1, 0, 0, 1, 1, 0, 1, 1, 1, 1}; /* sum 7; each fold of two rows leaves 8 */
    tend_pipeline_options options = case_options(arena, table, "c: {transform: target_encode, smoothing: 0}\n", y);
    options.task = TEND_TASK_BINARY;
    tend_pipeline *p = case_fit_with(arena, table, &options);
    float x[10];
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_pipeline_apply_training(p, table, &options, x, &err), &err);
    double sum = 0; /* rows of a fold that has s of the sum show (7 - s) / 8: two rows each, so all
                       add up to 2 * (35 - 7) / 8 */
    for (int i = 0; i < 10; i++) {
        double eighths = 8 * (double)x[i];
        ASSERT_NEAR(eighths, round(eighths), 1e-5);
        ASSERT_TRUE(eighths >= 5 - 1e-5 && eighths <= 7 + 1e-5);
        sum += (double)x[i];
    }
    ASSERT_NEAR(sum, 7, 1e-5);
}

TEST(training_matrix_follows_the_rows) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, "n:number\n5\n6\n7\n8\n");
    tend_pipeline_options options = case_options(arena, table, "n: passthrough\n", NULL);
    static const int64_t rows[] = {3, 1};
    options.rows = rows;
    options.n_rows = 2;
    tend_pipeline *p = case_fit_with(arena, table, &options);
    float x[2];
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_pipeline_apply_training(p, table, &options, x, &err), &err);
    ASSERT_NEAR(x[0], 8, 0);
    ASSERT_NEAR(x[1], 6, 0);
}
