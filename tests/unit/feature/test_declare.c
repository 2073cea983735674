/* What is said about a wrong `features` node: everything at once, where it stands, and the nearest
 * right word. */
#include "unit/feature/feature_case.h"

#define TABLE                                                                                  \
    "age:integer,occupation:string,born:date,salary:string\n1,a,2000-01-01,x\n2,b,2000-02-01," \
    "y\n3,a,,x\n"

typedef struct faults {
    tend_arena *arena;
    tend_diags diags;
    tend_error first;
    tend_status status;
} faults;

static faults check_on(tend_arena *arena, const tend_table *table, const char *yaml) {
    faults f = {.arena = arena};
    tend_diags_init(&f.diags, arena);
    tend_pipeline_options options = case_options(arena, table, yaml, NULL);
    options.target = "salary";
    f.status = tend_pipeline_check(table, &options, &f.diags, &f.first);
    return f;
}

static faults check(tend_arena *arena, const char *yaml) { return check_on(arena, case_table(arena, TABLE), yaml); }

/* The n-th fault: its line, and parts of its message and hint. */
static void expect_fault(const faults *f, int n, int line, const char *message, const char *hint) {
    const tend_diag *d = f->diags.first;
    for (int i = 0; i < n && d; i++)
        d = d->next;
    ASSERT_NOT_NULL(d);
    ASSERT_HAS(d->error.message, message);
    ASSERT_HAS(d->error.hint, hint);
    ASSERT_EQ(d->error.line, line);
    ASSERT_STR_EQ(d->error.file, "tend.yaml");
}

static void expect_one(const char *yaml, const char *message, const char *hint) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    faults f = check(arena, yaml);
    if (f.diags.n_errors != 1)
        print_message("%s", yaml);
    ASSERT_EQ(f.diags.n_errors, 1);
    ASSERT_EQ(f.status, TEND_CONFIG);
    ASSERT_HAS(f.diags.first->error.message, message);
    ASSERT_HAS(f.diags.first->error.hint, hint);
    ASSERT_TRUE(f.diags.first->error.line >= 1);
}

TEST(good_features_have_no_fault) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    faults f = check(arena, "drop: [born]\nage: {transform: standardize}\noccupation: [{impute: "
                            "\"?\"}, one_hot]\nrest: drop\n");
    ASSERT_EQ(f.status, TEND_OK);
    ASSERT_EQ(f.diags.n_errors, 0);
    ASSERT_EQ(check(arena, NULL).status, TEND_OK);
    ASSERT_EQ(check(arena, "{}").status, TEND_OK);
    ASSERT_EQ(check(arena, "age:\nborn: drop\n").status, TEND_OK);
}

TEST(all_faults_at_once) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    faults f = check(arena, "drop: [occupatoin]\n"
                            "age: standardise\n"
                            "occupation: standardize\n"
                            "x: {from: [age, bron], transform: log1p}\n"
                            "y: {from: age, transform: quantile_bin, bin: 4}\n"
                            "z: {from: age, transform: quantile_bin, bins: 1}\n");
    ASSERT_EQ(f.status, TEND_CONFIG);
    ASSERT_EQ(f.diags.n_errors, 6);
    expect_fault(&f, 0, 1, "there is no column 'occupatoin'", "did you mean 'occupation'?");
    expect_fault(&f, 1, 2, "there is no transform 'standardise'", "did you mean 'standardize'?");
    expect_fault(&f, 2, 3, "occupation is text; standardize takes numbers", "");
    expect_fault(&f, 3, 4, "there is no column 'bron'", "did you mean 'born'?");
    expect_fault(&f, 4, 5, "quantile_bin has no parameter 'bin'", "did you mean 'bins'?");
    expect_fault(&f, 5, 6, "quantile_bin.bins: expected a whole number from 2 to 1000, found '1'", "");
    ASSERT_HAS(f.first.message, "occupatoin");
}

TEST(spans_point_at_the_word) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    faults f = check(arena, "age: [{impute: 0}, lgo1p]\n");
    ASSERT_EQ(f.diags.n_errors, 1);
    ASSERT_EQ(f.diags.first->error.column, 20);
    ASSERT_HAS(f.diags.first->error.hint, "log1p");
}

TEST(types_must_fit) {
    expect_one("born: standardize\n", "born is a date; standardize takes numbers", "");
    expect_one("occupation: age\n", "occupation is text; age takes dates", "");
    expect_one("age: date_parts\n", "age is a number; date_parts takes dates", "");
    expect_one("born: one_hot\n", "born is a date; one_hot takes text or numbers", "");
    expect_one("occupation: [one_hot, standardize]\n", "one_hot ends a chain of transforms; standardize cannot follow it", "");
    expect_one("occupation: [frequency, age]\n", "frequency is a number; age takes dates", "");
    expect_one("x: {from: [age, born], transform: [cross, one_hot]}\n", "born cannot be crossed", "");
}

TEST(arguments_must_fit) {
    expect_one("age: {transform: impute, strategy: medain}\n", "expected one of auto, median", "did you mean 'median'?");
    expect_one("age: {impute: x}\n", "'value' must be a number", "");
    expect_one("born: {impute: x}\n", "'value' must be a date", "");
    expect_one("age: {transform: impute, strategy: constant}\n", "needs a 'value'", "");
    expect_one("age: {transform: impute, strategy: mean, value: 1}\n", "'constant' only", "");
    expect_one("occupation: {impute: mean}\n", "text has no median or mean", "");
    expect_one("occupation: {transform: tfidf, ngrams: [2, 1]}\n", "the smaller number first", "");
    expect_one("occupation: {transform: tfidf, ngrams: [1, 2, 3]}\n", "expected a whole number from 1 to 5, found a list", "");
    expect_one("occupation: {transform: target_encode, smoothing: -1}\n", "expected a number from 0", "");
    expect_one("born: {transform: date_parts, parts: [month, wekday]}\n", "expected one of year", "did you mean 'weekday'?");
    expect_one("born: {transform: age, reference: soon}\n", "expected a date such as 2027-03-31, found 'soon'", "");
    expect_one("age: {transform: min_max_scale, clip: 1}\n", "expected true or false", "");
    expect_one("age: {transform: robust_scale, low: 80, high: 20}\n", "'low' must be below 'high'", "");
    expect_one("age: {log1p: 3}\n", "log1p has no parameters", "");
}

TEST(ordinal_levels_that_do_not_occur_are_told) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    faults f = check(arena, "occupation: {transform: ordinal, levels: [A, a]}\n");
    ASSERT_EQ(f.status, TEND_OK);
    ASSERT_EQ(f.diags.n_errors, 0);
    ASSERT_EQ(f.diags.n_warnings, 2);
    expect_fault(&f, 0, 1, "no training row has occupation 'A'", "");
    expect_fault(&f, 1, 1, "occupation 'b' is not listed for ordinal: it counts as missing (training rows: 1)", "");
    ASSERT_EQ(check(arena, "occupation: {transform: ordinal, levels: [b, a]}\n").diags.n_warnings, 0);
    ASSERT_EQ(check(arena, "age: {transform: ordinal, levels: [3, 2, 1]}\n").diags.n_warnings, 0);
}

TEST(structure_must_fit) {
    expect_one("[age]\n", "expected a map of features, found a list", "");
    expect_one("age: 7\n", "expected a transform", "");
    expect_one("age: {form: age}\n", "unknown key 'form' of a feature", "");
    expect_one("age: {transform: [log1p], bins: 3}\n", "unknown key 'bins'", "stand with it");
    expect_one("x: {from: []}\n", "expected at least one column", "");
    expect_one("x: {from: [[age]]}\n", "expected a column's name, found a list", "");
    expect_one("drop: [[age]]\n", "expected a column's name", "");
    expect_one("rest: all\n", "expected 'drop' or 'infer', found 'all'", "");
    expect_one("salary: one_hot\n", "'salary' is the target", "");
    expect_one("drop: age\nage: log1p\n", "'age' is under 'drop' and in the feature 'age'", "");
    expect_one("age: [cross, one_hot]\n", "cross joins two or more columns", "");
    expect_one("age: [drop, log1p]\n", "drop stands alone", "");
    expect_one("agee: log1p\n", "there is no column 'agee'", "did you mean 'age'?");
}

TEST(a_chain_without_end_is_completed) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, TABLE);
    tend_pipeline *p = case_fit(arena, table, "occupation: {impute: most_frequent}\nborn: {impute: 1999-01-01}\nrest: drop\n");
    ASSERT_EQ(tend_pipeline_width(p), 3);
    case_output(p, "occupation=a");
    case_output(p, "born:age");
}

TEST(what_is_left_is_inferred_or_dropped) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, TABLE);
    tend_pipeline *p = case_fit(arena, table, "drop: [salary, born]\nx: {from: [age]}\n");
    ASSERT_STR_EQ(tend_pipeline_outputs(p)[0].source, "x");
    case_output(p, "occupation=a");
    p = case_fit(arena, table, "age: passthrough\nrest: drop\n");
    ASSERT_EQ(tend_pipeline_width(p), 1);
    ASSERT_EQ(tend_pipeline_n_inputs(p), 1);
    tend_type type;
    ASSERT_STR_EQ(tend_pipeline_input(p, 0, &type), "age");
    ASSERT_EQ(type, TEND_INT);
}

TEST(nothing_left_is_an_error) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, TABLE);
    tend_pipeline_options options = case_options(arena, table, "rest: drop\n", NULL);
    tend_diags diags;
    tend_diags_init(&diags, arena);
    tend_pipeline *p = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(tend_pipeline_fit(table, &options, &diags, &p, &err), &err, CONFIG, "no feature remains");
    ASSERT_NULL(p);
    options.features = case_yaml(arena, "occupation: target_encode\n");
    ASSERT_FAILS(tend_pipeline_fit(table, &options, &diags, &p, &err), &err, CONFIG, "needs a target");
    static const int64_t beyond[] = {0, 3};
    options.rows = beyond;
    options.n_rows = 2;
    ASSERT_FAILS(tend_pipeline_fit(table, &options, &diags, &p, &err), &err, INVALID, "row 3 of a table of 3");
}

/* The rental-price case: every step of the course's preprocessing in one `features` node. */
TEST(the_rental_price_case) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, "id:integer,name:string,neighbourhood_group:string,room_type:string,minimum_nights:integer,"
                                          "reviews_per_month:number,last_review:date,price:integer\n"
                                          "1,Cozy room,Bronx,Private room,1,0.5,2019-07-08,100\n"
                                          "2,,,Entire home/apt,2,,,200\n"
                                          "3,Big loft,Bronx,Shared room,3,2,2019-07-01,50\n");
    tend_pipeline *p = case_fit(arena, table,
                                "room_type: ordinal\n"
                                "neighbourhood_group: [{impute: most_frequent}, one_hot]\n"
                                "numbers: {from: [minimum_nights, reviews_per_month], transform: {impute: 0}}\n"
                                "last_review: [{impute: {value: 2010-01-01}}, {age: {}}]\n"
                                "name: [{impute: {value: \"\"}}, {tfidf: {max_features: 30}}]\n"
                                "rest: drop\n");
    float *x = case_apply(arena, p, table);
    EXPECT_OUTPUT(p, x, "room_type:ordinal", 1, 0, 2);
    EXPECT_OUTPUT(p, x, "neighbourhood_group=Bronx", 1, 1, 1);
    EXPECT_OUTPUT(p, x, "reviews_per_month", 0.5, 0, 2);
    EXPECT_OUTPUT(p, x, "last_review:age", 0, 3475, 7);
    EXPECT_OUTPUT(p, x, "name:tfidf(loft)", 0, 0, 0.7071067811865476);
    ASSERT_EQ(tend_pipeline_width(p), 1 + 1 + 2 + 1 + 4);
}

TEST(the_pipeline_tells_what_it_is) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, TABLE);
    tend_pipeline *p = case_fit(arena, table,
                                "both: {from: [age], transform: [{impute: {value: 3, indicator: "
                                "true}}, log1p]}\ndrop: born\n");
    tend_node *node = tend_pipeline_to_node(p, arena);
    ASSERT_STR_EQ(tend_node_string(tend_node_path(node, "features.0.name"), ""), "both");
    ASSERT_STR_EQ(tend_node_string(tend_node_path(node, "features.0.from.0"), ""), "age");
    ASSERT_STR_EQ(tend_node_string(tend_node_path(node, "features.0.transforms.0.name"), ""), "impute");
    ASSERT_STR_EQ(tend_node_string(tend_node_path(node, "features.0.transforms.0.value"), ""), "3");
    ASSERT_TRUE(tend_node_bool(tend_node_path(node, "features.0.transforms.0.indicator"), false));
    ASSERT_EQ(tend_node_int(tend_node_path(node, "features.0.outputs"), 0), 2);
    ASSERT_FALSE(tend_node_bool(tend_node_path(node, "features.0.inferred"), true));
    ASSERT_TRUE(tend_node_bool(tend_node_path(node, "features.1.inferred"), false));
    ASSERT_HAS(tend_node_string(tend_node_path(node, "features.1.why"), ""), "a category of 2 levels");
    ASSERT_STR_EQ(tend_node_string(tend_node_path(node, "dropped.0.name"), ""), "born");
    ASSERT_HAS(tend_node_string(tend_node_path(node, "dropped.0.why"), ""), "tend.yaml");
}
