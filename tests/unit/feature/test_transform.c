/* Each transform against reference values. Where nothing else is said they come from
 * scikit-learn 1.9.1 (StandardScaler, RobustScaler, MinMaxScaler, KBinsDiscretizer with the linear
 * quantile method, TargetEncoder's full encodings, TfidfVectorizer) on the same numbers. */
#include "unit/feature/feature_case.h"
#include "feature/transform.h"

#define X "x:number\n3\n1\n4\n1\n5\n9\n2\n6\n5\n3.5\n"

static float *fit_apply(tend_arena *arena, const char *table, const char *yaml, tend_pipeline **p) {
    tend_table *t = case_table(arena, table);
    *p = case_fit(arena, t, yaml);
    return case_apply(arena, *p, t);
}

TEST(standardize) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    float *x = fit_apply(arena, X, "x: standardize\n", &p);
    EXPECT_OUTPUT(p, x, "x:standardize", -0.40796586338719293, -1.2668413652549673, 0.02147188754669428, -1.2668413652549673,
                  0.45090963848058147, 2.16866064221613, -0.8374036143210801, 0.8803473894144687, 0.45090963848058147, -0.1932469879202493);
}

TEST(robust_scale) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    float *x = fit_apply(arena, X, "x: robust_scale\n", &p);
    EXPECT_OUTPUT(p, x, "x:robust_scale", -0.2727272727272727, -1, 0.09090909090909091, -1, 0.45454545454545453, 1.9090909090909092,
                  -0.6363636363636364, 0.8181818181818182, 0.45454545454545453, -0.09090909090909091);
}

TEST(min_max_scale) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    float *x = fit_apply(arena, X, "x: min_max_scale\n", &p);
    EXPECT_OUTPUT(p, x, "x:min_max_scale", 0.25, 0, 0.375, 0, 0.5, 1, 0.125, 0.625, 0.5, 0.3125);
    tend_table *beyond = case_table(arena, "x:number\n17\n-7\n\n");
    EXPECT_OUTPUT(p, case_apply(arena, p, beyond), "x:min_max_scale", 2, -1, (double)NAN);
    fit_apply(arena, X, "x: {transform: min_max_scale, clip: true}\n", &p);
    EXPECT_OUTPUT(p, case_apply(arena, p, beyond), "x:min_max_scale", 1, 0, (double)NAN);
}

TEST(scales_of_a_constant_divide_by_one) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    const char *yaml = "a: {from: x, transform: standardize}\nb: {from: x, transform: robust_scale}\n"
                       "c: {from: x, transform: min_max_scale}\n";
    float *x = fit_apply(arena, "x:number\n0.1\n0.1\n0.1\n\n", yaml, &p);
    EXPECT_OUTPUT(p, x, "a:standardize", 0, 0, 0, (double)NAN);
    EXPECT_OUTPUT(p, x, "b:robust_scale", 0, 0, 0, (double)NAN);
    EXPECT_OUTPUT(p, x, "c:min_max_scale", 0, 0, 0, (double)NAN);
}

TEST(log1p_is_odd) { /* numpy.log1p; negative numbers mirrored */
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    float *x = fit_apply(arena, "x:number\n3\n1\n9\n3.5\n0\n-3\n\n", "x: log1p\n", &p);
    EXPECT_OUTPUT(p, x, "x:log1p", 1.3862943611198906, 0.6931471805599453, 2.302585092994046, 1.5040773967762742, 0, -1.3862943611198906,
                  (double)NAN);
}

TEST(bins) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    float *x = fit_apply(arena, X, "x: {transform: quantile_bin, bins: 4}\n", &p);
    EXPECT_OUTPUT(p, x, "x:quantile_bin", 1, 0, 2, 0, 3, 3, 0, 3, 3, 1);
    x = fit_apply(arena, X, "x: {transform: uniform_bin, bins: 4}\n", &p);
    EXPECT_OUTPUT(p, x, "x:uniform_bin", 1, 0, 1, 0, 2, 3, 0, 2, 2, 1);
    tend_table *beyond = case_table(arena, "x:number\n-100\n100\n\n7\n");
    EXPECT_OUTPUT(p, case_apply(arena, p, beyond), "x:uniform_bin", 0, 3, (double)NAN, 3);
}

TEST(equal_edges_are_one_bin) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    float *x = fit_apply(arena, "x:number\n0\n0\n0\n0\n0\n0\n1\n2\n", "x: {transform: quantile_bin, bins: 4}\n", &p);
    EXPECT_OUTPUT(p, x, "x:quantile_bin", 0, 0, 0, 0, 0, 0, 1, 1);
}

TEST(bins_become_categories) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    float *x = fit_apply(arena, X, "x: [{uniform_bin: {bins: 4}}, one_hot]\n", &p);
    ASSERT_EQ(tend_pipeline_width(p), 4);
    EXPECT_OUTPUT(p, x, "x=0", 0, 1, 0, 1, 0, 0, 1, 0, 0, 0);
    EXPECT_OUTPUT(p, x, "x=3", 0, 0, 0, 0, 0, 1, 0, 0, 0, 0);
}

TEST(impute_learns_from_numbers) { /* SimpleImputer's rules */
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    const char *table = "x:number\n1\n\n2\n2\n10\n\n";
    float *x = fit_apply(arena, table, "x: impute\n", &p);
    EXPECT_OUTPUT(p, x, "x", 1, 2, 2, 2, 10, 2);
    x = fit_apply(arena, table, "x: {impute: mean}\n", &p);
    EXPECT_OUTPUT(p, x, "x", 1, 3.75, 2, 2, 10, 3.75);
    x = fit_apply(arena, table, "x: {impute: most_frequent}\n", &p);
    EXPECT_OUTPUT(p, x, "x", 1, 2, 2, 2, 10, 2);
    x = fit_apply(arena, table, "x: {impute: -1}\n", &p);
    EXPECT_OUTPUT(p, x, "x", 1, -1, 2, 2, 10, -1);
    x = fit_apply(arena, table, "x: {transform: impute, value: 0.5, indicator: true}\n", &p);
    EXPECT_OUTPUT(p, x, "x", 1, 0.5, 2, 2, 10, 0.5);
    EXPECT_OUTPUT(p, x, "x:missing", 0, 1, 0, 0, 0, 1);
    ASSERT_EQ(tend_pipeline_width(p), 2);
}

TEST(most_frequent_ties_go_to_the_smallest) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    float *x = fit_apply(arena, "x:number,t:string\n5,b\n3,a\n5,b\n3,a\n,\n",
                         "x: {impute: most_frequent}\nt: [{impute: most_frequent}, ordinal]\n", &p);
    EXPECT_OUTPUT(p, x, "x", 5, 3, 5, 3, 3);
    EXPECT_OUTPUT(p, x, "t:ordinal", 1, 0, 1, 0, 0);
}

TEST(impute_goes_on_in_a_chain) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    float *x = fit_apply(arena, "d:date,t:string,f:boolean\n2019-07-08,a,true\n,,\n2019-07-01,b,false\n",
                         "d: [{impute: {value: 2010-01-01, indicator: true}}, {age: {}}]\n"
                         "t: [{impute: {value: \"\"}}, one_hot]\nf: {impute: true}\n",
                         &p);
    EXPECT_OUTPUT(p, x, "d:age", 0, 3475, 7); /* datetime.date(2019,7,8) - datetime.date(2010,1,1) */
    EXPECT_OUTPUT(p, x, "d:missing", 0, 1, 0);
    EXPECT_OUTPUT(p, x, "t=", 0, 1, 0);
    EXPECT_OUTPUT(p, x, "f", 1, 1, 0);
}

TEST(one_hot_pools_rare_levels) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    const char *table = "c:string\na\nb\na\nc\nb\n\nd\n";
    float *x = fit_apply(arena, table, "c: {transform: one_hot, min_count: 2}\n", &p);
    ASSERT_EQ(tend_pipeline_width(p), 4);
    EXPECT_OUTPUT(p, x, "c=a", 1, 0, 1, 0, 0, 0, 0);
    EXPECT_OUTPUT(p, x, "c=b", 0, 1, 0, 0, 1, 0, 0);
    EXPECT_OUTPUT(p, x, "c=(rare)", 0, 0, 0, 1, 0, 0, 1);
    EXPECT_OUTPUT(p, x, "c=(missing)", 0, 0, 0, 0, 0, 1, 0);
    tend_table *unknown = case_table(arena, "c:string\nnew\n");
    EXPECT_OUTPUT(p, case_apply(arena, p, unknown), "c=(rare)", 1);
    x = fit_apply(arena, table, "c: {transform: one_hot, max_levels: 1, missing: zero}\n", &p);
    ASSERT_EQ(tend_pipeline_width(p), 2);
    EXPECT_OUTPUT(p, x, "c=(rare)", 0, 1, 0, 1, 1, 0, 1);
}

TEST(one_hot_of_an_unknown_level_is_all_zero) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    fit_apply(arena, "c:string\na\nb\n", "c: one_hot\n", &p);
    float *x = case_apply(arena, p, case_table(arena, "c:string\nz\n\nb\n"));
    EXPECT_OUTPUT(p, x, "c=a", 0, 0, 0);
    EXPECT_OUTPUT(p, x, "c=b", 0, 0, 1);
}

TEST(one_hot_of_numbers_and_truths) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    float *x = fit_apply(arena, "i:integer,f:number,b:boolean\n10,0.5,true\n9,2,false\n", "i: one_hot\nf: one_hot\nb: one_hot\n", &p);
    EXPECT_OUTPUT(p, x, "i=10", 1, 0);
    EXPECT_OUTPUT(p, x, "f=0.5", 1, 0);
    EXPECT_OUTPUT(p, x, "f=2", 0, 1);
    EXPECT_OUTPUT(p, x, "b=true", 1, 0);
    EXPECT_OUTPUT(p, x, "b=false", 0, 1);
}

TEST(ordinal_keeps_the_order_given) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    const char *table = "s:string\nmedium\nlow\nhigh\n\n";
    float *x = fit_apply(arena, table, "s: {transform: ordinal, levels: [low, medium, high]}\n", &p);
    EXPECT_OUTPUT(p, x, "s:ordinal", 1, 0, 2, (double)NAN);
    x = fit_apply(arena, table, "s: ordinal\n", &p);
    EXPECT_OUTPUT(p, x, "s:ordinal", 2, 1, 0, (double)NAN);
    EXPECT_OUTPUT(p, case_apply(arena, p, case_table(arena, "s:string\nlowest\n")), "s:ordinal", (double)NAN);
    x = fit_apply(arena, "s:string\n10\n9\n2.5\n", "s: ordinal\n", &p); /* all numbers: sorted as such */
    EXPECT_OUTPUT(p, x, "s:ordinal", 2, 1, 0);
}

TEST(frequency_is_the_share_of_rows) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    float *x = fit_apply(arena, "c:string\na\na\nb\n\n\n", "c: frequency\n", &p);
    EXPECT_OUTPUT(p, x, "c:frequency", 0.4, 0.4, 0.2, 0.4, 0.4);
    EXPECT_OUTPUT(p, case_apply(arena, p, case_table(arena, "c:string\nz\n")), "c:frequency", 0);
}

TEST(hash_is_stable_for_ever) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    float *x = fit_apply(arena, "c:string\nOslo\nRome\n\nOslo\n", "c: {hash: 8}\n", &p);
    ASSERT_EQ(tend_pipeline_width(p), 8);
    for (int b = 0; b < 8; b++) {
        ASSERT_EQ(x[b], tend_hash64("Oslo", 4, 0) % 8 == (uint64_t)b);
        ASSERT_EQ(x[8 + b], tend_hash64("Rome", 4, 0) % 8 == (uint64_t)b);
        ASSERT_EQ(x[16 + b], 0);
        ASSERT_EQ(x[24 + b], x[b]);
    }
}

TEST(target_encode_smooths_to_the_mean) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *t = case_table(arena, "c:string\na\na\nb\nb\nb\nc\nc\na\n");
    static const double y[] = {1, 0, 1, 1, 0, 0, 1, 0};
    tend_pipeline_options options = case_options(arena, t, "c: target_encode\n", y);
    options.task = TEND_TASK_BINARY;
    tend_pipeline *p = case_fit_with(arena, t, &options);
    float *x = case_apply(arena, p, case_table(arena, "c:string\na\nb\nc\nz\n\n"));
    EXPECT_OUTPUT(p, x, "c:target_encode", 0.46153846153846156, 0.5384615384615384, 0.5, 0.5, 0.5);
}

TEST(target_encode_has_an_output_for_each_class_but_the_first) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *t = case_table(arena, "c:string\na\na\nb\nb\nb\nc\nc\na\n");
    static const double y[] = {0, 1, 2, 1, 1, 0, 2, 0};
    tend_pipeline_options options = case_options(arena, t, "c: {transform: target_encode, smoothing: 2}\n", y);
    options.task = TEND_TASK_MULTICLASS;
    options.n_classes = 3;
    tend_pipeline *p = case_fit_with(arena, t, &options);
    float *x = case_apply(arena, p, case_table(arena, "c:string\na\nb\nc\nz\n"));
    ASSERT_EQ(tend_pipeline_width(p), 2);
    EXPECT_OUTPUT(p, x, "c:target_encode(1)", 0.35, 0.55, 0.1875, 0.375);
    EXPECT_OUTPUT(p, x, "c:target_encode(2)", 0.1, 0.3, 0.375, 0.25);
}

TEST(date_parts) { /* Python's datetime: 2024-02-29 was a Thursday, day 60; 2023-12-31 a Sunday, day
                      365 */
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    const char *table = "t:timestamp\n2024-02-29T23:59:59Z\n2023-12-31T00:00:00Z\n1969-07-20T20:17:40Z\n\n";
    float *x = fit_apply(arena, table, "t: date_parts\n", &p);
    ASSERT_EQ(tend_pipeline_width(p), 7);
    EXPECT_OUTPUT(p, x, "t:year", 2024, 2023, 1969, (double)NAN);
    EXPECT_OUTPUT(p, x, "t:month", 2, 12, 7, (double)NAN);
    EXPECT_OUTPUT(p, x, "t:day", 29, 31, 20, (double)NAN);
    EXPECT_OUTPUT(p, x, "t:weekday", 3, 6, 6, (double)NAN);
    EXPECT_OUTPUT(p, x, "t:hour", 23, 0, 20, (double)NAN);
    EXPECT_OUTPUT(p, x, "t:day_of_year", 60, 365, 201, (double)NAN);
    EXPECT_OUTPUT(p, x, "t:is_weekend", 0, 1, 1, (double)NAN);
}

TEST(date_parts_go_round) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    float *x = fit_apply(arena, "d:date\n2024-01-01\n2024-04-01\n2024-07-01\n2024-10-01\n",
                         "d: {transform: date_parts, parts: [month, year], cyclic: true}\n", &p);
    ASSERT_EQ(tend_pipeline_width(p), 3);
    EXPECT_OUTPUT(p, x, "d:year", 2024, 2024, 2024, 2024);
    EXPECT_OUTPUT(p, x, "d:month_sin", 0, 1, 0, -1);
    EXPECT_OUTPUT(p, x, "d:month_cos", 1, 0, -1, 0);
}

TEST(only_parts_that_vary) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    fit_apply(arena, "d:date\n2024-01-01\n2024-01-02\n2024-01-03\n", "d: date_parts\n", &p);
    ASSERT_EQ(tend_pipeline_width(p), 3); /* day, weekday, day_of_year */
    case_output(p, "d:day");
    case_output(p, "d:weekday");
    case_output(p, "d:day_of_year");
}

TEST(age_counts_from_a_stored_date) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    const char *table = "d:date\n2019-07-08\n2019-06-08\n\n";
    float *x = fit_apply(arena, table, "d: age\n", &p);
    EXPECT_OUTPUT(p, x, "d:age", 0, 30, (double)NAN);
    tend_table *later = case_table(arena, "d:date\n2019-07-09\n"); /* serving does not move the reference */
    EXPECT_OUTPUT(p, case_apply(arena, p, later), "d:age", -1);
    x = fit_apply(arena, table, "d: {transform: age, reference: 2020-07-08, unit: years}\n", &p);
    EXPECT_OUTPUT(p, x, "d:age", 366 / 365.2425, 396 / 365.2425, (double)NAN);
    x = fit_apply(arena, "t:timestamp\n2024-01-01T12:00\n2024-01-01T10:30\n", "t: {transform: age, unit: hours}\n", &p);
    EXPECT_OUTPUT(p, x, "t:age", 0, 1.5);
}

#define DOCS                                                                                      \
    "d:string\nCozy room near the Park\nSunny ROOM; sunny view\nPark-side loft\n\"\"\nroom room " \
    "view of park\n\n"

TEST(tfidf) { /* TfidfVectorizer(stop_words="english", max_features=3) on the first five texts, and
                 a missing one */
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    tend_table *t = case_table(arena, DOCS);
    tend_pipeline_options options = case_options(arena, t, "d: {transform: tfidf, max_features: 3}\n", NULL);
    options.n_rows = 5;
    p = case_fit_with(arena, t, &options);
    float *x = case_apply(arena, p, t);
    ASSERT_EQ(tend_pipeline_width(p), 3);
    EXPECT_OUTPUT(p, x, "d:tfidf(park)", 0.7071067811865476, 0, 1, 0, 0.447213595499958, 0);
    EXPECT_OUTPUT(p, x, "d:tfidf(room)", 0.7071067811865476, 0.31752680284846835, 0, 0, 0.894427190999916, 0);
    EXPECT_OUTPUT(p, x, "d:tfidf(sunny)", 0, 0.9482492971116983, 0, 0, 0, 0);
}

TEST(tfidf_without_stop_words_list) { /* TfidfVectorizer(): ten terms */
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    tend_table *t = case_table(arena, DOCS);
    tend_pipeline_options options = case_options(arena, t, "d: {transform: tfidf, stop_words: none}\n", NULL);
    options.n_rows = 5;
    p = case_fit_with(arena, t, &options);
    float *x = case_apply(arena, p, t);
    ASSERT_EQ(tend_pipeline_width(p), 10);
    EXPECT_OUTPUT(p, x, "d:tfidf(cozy)", 0.5065627726821486, 0, 0, 0, 0);
    EXPECT_OUTPUT(p, x, "d:tfidf(of)", 0, 0, 0, 0, 0.5067931899665182);
    EXPECT_OUTPUT(p, x, "d:tfidf(park)", 0.3392509926276723, 0, 0.42799292268317357, 0, 0.339405305768425);
    EXPECT_OUTPUT(p, x, "d:tfidf(view)", 0, 0.35727423026525224, 0, 0, 0.4088775546355783);
}

TEST(tfidf_counts_pairs_of_words) { /* TfidfVectorizer(ngram_range=(1, 2), stop_words="english") */
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    float *x = fit_apply(arena,
                         "d:string\nthe red house by the sea\nred house; green house\na sea "
                         "view\nthe green house by the red house\n",
                         "d: {transform: tfidf, ngrams: [1, 2]}\n", &p);
    ASSERT_EQ(tend_pipeline_width(p), 11);
    int row = 3 * tend_pipeline_width(p);
    ASSERT_NEAR(x[row + case_output(p, "d:tfidf(green house)")], 0.36414594, 1e-7);
    ASSERT_NEAR(x[row + case_output(p, "d:tfidf(house)")], 0.58961504, 1e-7);
    ASSERT_NEAR(x[case_output(p, "d:tfidf(house)")], 0.37849896, 1e-7);
    EXPECT_OUTPUT(p, x, "d:tfidf(house red)", 0, 0, 0, 0.46187295);
    EXPECT_OUTPUT(p, x, "d:tfidf(house sea)", 0.59299177, 0, 0, 0);
}

TEST(tfidf_breaks_ties_alphabetically) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    fit_apply(arena, "d:string\nzebra yak xenon wolf\n", "d: {transform: tfidf, max_features: 2}\n", &p);
    ASSERT_STR_EQ(tend_pipeline_outputs(p)[0].name, "d:tfidf(wolf)");
    ASSERT_STR_EQ(tend_pipeline_outputs(p)[1].name, "d:tfidf(xenon)");
}

TEST(cross_joins_columns) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    const char *table = "sex:string,race:string,age:number\nF,White,10\nM,Black,60\nF,,\nM,Black,11\n";
    float *x = fit_apply(arena, table, "sex_race: {from: [sex, race], transform: [cross, one_hot]}\nrest: drop\n", &p);
    ASSERT_EQ(tend_pipeline_width(p), 3);
    EXPECT_OUTPUT(p, x, "sex_race=F|White", 1, 0, 0, 0);
    EXPECT_OUTPUT(p, x, "sex_race=M|Black", 0, 1, 0, 1);
    EXPECT_OUTPUT(p, x, "sex_race=F|(missing)", 0, 0, 1, 0);
    ASSERT_STR_EQ(tend_pipeline_outputs(p)[0].columns, "sex, race");
    ASSERT_STR_EQ(tend_pipeline_outputs(p)[0].source, "sex_race");
}

TEST(cross_of_binned_numbers) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    float *x = fit_apply(arena, "lat:number,lon:number\n0,100\n1,300\n10,300\n",
                         "cell: {from: [lat, lon], transform: [{uniform_bin: {bins: 2}}, cross, one_hot]}\n", &p);
    ASSERT_EQ(tend_pipeline_width(p), 3);
    EXPECT_OUTPUT(p, x, "cell=0|0", 1, 0, 0);
    EXPECT_OUTPUT(p, x, "cell=0|1", 0, 1, 0);
    EXPECT_OUTPUT(p, x, "cell=1|1", 0, 0, 1);
}

TEST(several_columns_one_transform) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    float *x = fit_apply(arena, "gain:number,loss:number\n0,3\n3,0\n", "capital: {from: [gain, loss], transform: log1p}\n", &p);
    EXPECT_OUTPUT(p, x, "gain:log1p", 0, 1.3862943611198906);
    EXPECT_OUTPUT(p, x, "loss:log1p", 1.3862943611198906, 0);
    ASSERT_STR_EQ(tend_pipeline_outputs(p)[1].source, "capital");
    ASSERT_STR_EQ(tend_pipeline_outputs(p)[1].columns, "gain, loss");
}

TEST(names_stay_different) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    fit_apply(arena, "a:number,b:number\n0,3\n3,0\n", "first: {from: [a, b], transform: log1p}\nsecond: {from: [a, b], transform: log1p}\n",
              &p);
    case_output(p, "a:log1p");
    case_output(p, "a:log1p (second)");
    case_output(p, "b:log1p (second)");
}

TEST(every_row_of_the_table_is_whole) {
    for (const tend_transform *const *t = tend_transforms; *t; t++) {
        ASSERT_TRUE((*t)->help && strlen((*t)->help) > 20 && (*t)->takes);
        ASSERT_TRUE(tend_transform_find((*t)->name) == *t);
        ASSERT_TRUE(!(*t)->fit || (*t)->check);
        ASSERT_TRUE(((*t)->gives == TEND_GIVES_OUTPUTS) == ((*t)->emit && (*t)->width && (*t)->name_output));
        for (int i = 0; i < (*t)->n_args; i++) {
            const tend_arg_spec *spec = &(*t)->args[i];
            ASSERT_TRUE(spec->help && *spec->help);
            bool counted = spec->type == TEND_ARG_INT || spec->type == TEND_ARG_REAL || spec->type == TEND_ARG_RANGE;
            ASSERT_TRUE(!counted || (spec->fallback >= spec->min && spec->fallback <= spec->max));
        }
    }
    ASSERT_NULL(tend_transform_find("standardise"));
    ASSERT_STR_EQ(tend_transform_nearest("standardise"), "standardize");
}
