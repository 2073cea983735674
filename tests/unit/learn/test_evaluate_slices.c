/* Slices: which rows they hold, what they are called, which are worst. */
#include "evaluate_cases.h"
#include "learn/evaluate_parts.h"

/* The metric over the rows where a text column has a value. */
static double metric_where(const people *p, const char *column, const char *value, const char *metric, int64_t *out_n) {
    const tend_column *c = tend_table_column(p->table, column);
    int64_t *rows = TEND_ARRAY(p->arena, int64_t, p->scored.n);
    *out_n = 0;
    for (int64_t i = 0; i < p->scored.n; i++)
        if (tend_is_valid(c, i) && tend_str_is(tend_column_str(c, i), value))
            rows[(*out_n)++] = i;
    tend_scored some = tend_scored_take(&p->scored, rows, *out_n, p->arena);
    return tend_metric_find(metric)->compute(&some);
}

TEST(a_slice_is_the_metrics_of_its_rows) {
    people p = people_new(800, 0.5);
    const tend_node *doc = evaluate_sliced(&p, "[sex]");
    ASSERT_EQ(tend_node_get(doc, "slices")->count, 2);
    static const char *const metrics[] = {"roc_auc", "precision", "log_loss", "calibration_error"};
    for (int i = 0; i < 4; i++) {
        int64_t n;
        double want = metric_where(&p, "sex", "F", metrics[i], &n);
        const tend_node *slice = find_slice(doc, "sex=F");
        ASSERT_EQ(number_at(slice, "n"), n);
        const tend_node *estimate = tend_node_get(tend_node_get(slice, "metrics"), metrics[i]);
        ASSERT_NEAR(number_at(estimate, "value"), want, 1e-12);
        ASSERT_TRUE(number_at(estimate, "low") < number_at(estimate, "high"));
    }
    ASSERT_EQ(number_at(find_slice(doc, "sex=F"), "n") + number_at(find_slice(doc, "sex=M"), "n"), 800);
    people_free(&p);
}

TEST(the_frequent_come_first_and_missing_last) {
    people p = people_new(800, 0);
    const tend_node *doc = evaluate_sliced(&p, "race"), *slices = tend_node_get(doc, "slices");
    ASSERT_EQ(slices->count, 4);
    static const char *const want[] = {"black", "white", "rare", "(missing)"};
    double n = 0;
    for (size_t i = 0; i < 4; i++) {
        ASSERT_STR_EQ(tend_node_string(tend_node_path(tend_node_at(slices, i), "by.race"), ""), want[i]);
        n += number_at(tend_node_at(slices, i), "n");
    }
    ASSERT_EQ(n, 800);
    people_free(&p);
}

TEST(small_slices_have_values_and_no_intervals) {
    people p = people_new(800, 0);
    const tend_node *doc = evaluate_sliced(&p, "[race]"), *rare = find_slice(doc, "race=rare");
    ASSERT_TRUE(number_at(rare, "n") < 30);
    ASSERT_TRUE(tend_node_bool(tend_node_get(rare, "small"), false));
    ASSERT_FALSE(isnan(number_at(rare, "metrics.accuracy.value")));
    ASSERT_TRUE(isnan(number_at(rare, "metrics.accuracy.low")));
    ASSERT_EQ(number_at(doc, "slice_counts.small"), 1);
    ASSERT_EQ(number_at(doc, "slice_counts.total"), 4);
    ASSERT_EQ(number_at(doc, "slice_counts.min_slice"), 30);
    people_free(&p);
}

TEST(crosses_partition_the_rows) {
    people p = people_new(1200, 0);
    const tend_node *doc = evaluate_sliced(&p, "[[sex, race, member]]");
    double n = 0, positives = 0, all_positives = 0;
    TEND_NODE_EACH(slice, tend_node_get(doc, "slices")) {
        ASSERT_EQ(tend_node_get(slice, "by")->count, 3);
        n += number_at(slice, "n");
        positives += number_at(slice, "positives");
    }
    for (int i = 0; i < 1200; i++)
        all_positives += p.y[i];
    ASSERT_EQ(n, 1200);
    ASSERT_EQ(positives, all_positives);
    ASSERT_NOT_NULL(find_slice(doc, "sex=F, race=white, member=true"));
    people_free(&p);
}

TEST(numbers_are_cut_at_quartiles_that_read_well) {
    people p = people_new(4000, 0);
    const tend_node *doc = evaluate_sliced(&p, "[age]"), *slices = tend_node_get(doc, "slices");
    ASSERT_EQ(slices->count, 4);
    ASSERT_TRUE(tend_text_has_prefix(tend_node_string(tend_node_path(slices, "0.by.age"), ""), "18\xE2\x80\x93"));
    ASSERT_TRUE(tend_text_has_suffix(tend_node_string(tend_node_path(slices, "3.by.age"), ""), "\xE2\x80\x93"
                                                                                               "80"));
    TEND_NODE_EACH(slice, slices)
        ASSERT_NEAR(number_at(slice, "n"), 1000, 80);
    people_free(&p);
}

TEST(few_numbers_keep_their_values) {
    people p = people_new(300, 0);
    const tend_node *doc = evaluate_sliced(&p, "[kind]");
    ASSERT_EQ(tend_node_get(doc, "slices")->count, 3);
    ASSERT_EQ(number_at(find_slice(doc, "kind=0.5"), "n"), 100);
    people_free(&p);
}

TEST(rare_values_beyond_fifty_are_pooled) {
    people p = people_new(400, 0);
    const tend_node *doc = evaluate_sliced(&p, "[note]");
    ASSERT_EQ(tend_node_get(doc, "slices")->count, 51);
    ASSERT_EQ(number_at(find_slice(doc, "note=(other)"), "n"), 300);
    people_free(&p);
}

TEST(equally_frequent_values_are_in_bytewise_order) {
    people p = people_new(40, 0);
    const tend_node *slices = tend_node_get(evaluate_sliced(&p, "[note]"), "slices");
    static const char *const want[] = {"note 0", "note 1", "note 10", "note 11"};
    for (size_t i = 0; i < 4; i++)
        ASSERT_STR_EQ(tend_node_string(tend_node_path(tend_node_at(slices, i), "by.note"), ""), want[i]);
    people_free(&p);
}

TEST(many_combinations_are_pooled_too) {
    people p = people_new(4000, 0);
    const tend_node *doc = evaluate_sliced(&p, "[[note, age]]");
    ASSERT_EQ(tend_node_get(doc, "slices")->count, 51);
    double n = 0;
    TEND_NODE_EACH(slice, tend_node_get(doc, "slices"))
        n += number_at(slice, "n");
    ASSERT_EQ(n, 4000);
    people_free(&p);
}

TEST(rows_choose_and_order_the_table_rows) {
    people p = people_new(500, 0);
    int64_t rows[100];
    for (int i = 0; i < 100; i++)
        rows[i] = 499 - i;
    tend_evaluate_options options = people_options();
    options.slices = yaml("[sex]", p.arena);
    tend_error err = TEND_ERROR_INIT;
    tend_diags diags;
    tend_diags_init(&diags, p.arena);
    tend_node *doc = NULL;
    tend_scored some = tend_scored_take(&p.scored, rows, 100, p.arena);
    ASSERT_OK(tend_evaluate(p.table, rows, &some, &options, p.arena, &diags, &doc, &err), &err);
    int64_t women = 0;
    for (int64_t i = 400; i < 500; i++)
        women += tend_str_is(tend_column_str(tend_table_column(p.table, "sex"), i), "F");
    ASSERT_EQ(number_at(find_slice(doc, "sex=F"), "n"), women);
    people_free(&p);
}

TEST(automatic_slices_leave_out_the_target_and_what_is_nearly_unique) {
    people p = people_new(600, 0);
    tend_evaluate_options options = people_options();
    const tend_node *doc = evaluate(&p, &options);
    ASSERT_NOT_NULL(find_slice(doc, "sex=F"));
    ASSERT_NOT_NULL(find_slice(doc, "race=white"));
    ASSERT_NOT_NULL(find_slice(doc, "member=true"));
    TEND_NODE_EACH(slice, tend_node_get(doc, "slices")) {
        const char *column = tend_node_get(slice, "by")->first->key;
        ASSERT_TRUE(strcmp(column, "salary") != 0 && strcmp(column, "note") != 0 && strcmp(column, "age") != 0);
    }
    ASSERT_EQ(tend_node_get(evaluate_sliced(&p, "[]"), "slices")->count, 0);
    people_free(&p);
}

TEST(faults_name_the_nearest_column_and_its_place) {
    people p = people_new(20, 0);
    tend_diags diags;
    tend_diags_init(&diags, p.arena);
    tend_slices_check(yaml("slices: [sexx, race, [age, rase], {a: 1}, [sex, sex], []]", p.arena)->first, p.table, &diags);
    ASSERT_EQ(diags.n_errors, 5);
    const tend_error *first = &diags.first->error, *second = &diags.first->next->error;
    ASSERT_STR_EQ(first->message, "no column 'sexx' to slice by");
    ASSERT_STR_EQ(first->hint, "did you mean 'sex'?");
    ASSERT_EQ(first->line, 1);
    ASSERT_EQ(first->column, 10);
    ASSERT_EQ(first->length, 4);
    ASSERT_STR_EQ(second->hint, "did you mean 'race'?");
    ASSERT_EQ(second->column, 28);
    ASSERT_HAS(diags.first->next->next->error.message, "expected the name of a column to slice by, found a map");
    ASSERT_HAS(diags.first->next->next->next->error.message, "crossed with itself");
    people_free(&p);
}

TEST(evaluation_fails_on_a_faulty_slice) {
    people p = people_new(20, 0);
    tend_evaluate_options options = people_options();
    options.slices = yaml("[colour]", p.arena);
    tend_error err = TEND_ERROR_INIT;
    tend_diags diags;
    tend_diags_init(&diags, p.arena);
    tend_node *out = NULL;
    ASSERT_FAILS(tend_evaluate(p.table, NULL, &p.scored, &options, p.arena, &diags, &out, &err), &err, CONFIG, "no column 'colour'");
    people_free(&p);
}

TEST(a_planted_bad_slice_is_found) {
    people p = people_new(4000, 3);
    const tend_node *doc = evaluate_sliced(&p, "[race, sex, member, kind, age]"), *worst = tend_node_path(doc, "worst_slices.0");
    ASSERT_STR_EQ(tend_node_string(tend_node_path(worst, "by.sex"), ""), "F");
    ASSERT_TRUE(tend_node_bool(tend_node_get(worst, "significant"), false));
    ASSERT_NEAR(number_at(worst, "gap"), number_at(worst, "overall") - number_at(worst, "value"), 1e-12);
    ASSERT_TRUE(number_at(worst, "gap") > 0.05);
    people_free(&p);
}

/* A slice whose interval is wide and whose value is far off must not outrank a plainly bad one. */
TEST(what_is_surely_worse_comes_first) {
    static const char text[] = "[{\"by\": {\"x\": \"few\"}, \"n\": 40,"
                               "  \"metrics\": {\"roc_auc\": {\"value\": 0.7, \"low\": 0.4, \"high\": 0.89}}},"
                               " {\"by\": {\"x\": \"many\"}, \"n\": 4000,"
                               "  \"metrics\": {\"roc_auc\": {\"value\": 0.8, \"low\": 0.78, \"high\": 0.82}}},"
                               " {\"by\": {\"x\": \"good\"}, \"n\": 4000,"
                               "  \"metrics\": {\"roc_auc\": {\"value\": 0.95, \"low\": 0.93, \"high\": 0.97}}}]";
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_node *slices = NULL;
    ASSERT_OK(tend_json_parse(text, strlen(text), "slices.json", arena, &slices, &err), &err);
    tend_evaluation e = {.arena = arena, .main = tend_metric_find("roc_auc"), .overall = {0.9, 0.89, 0.91}};
    const tend_node *worst = tend_worst_slices(&e, slices);
    ASSERT_EQ(worst->count, 2);
    ASSERT_STR_EQ(tend_node_string(tend_node_path(worst, "0.by.x"), ""), "many");
    ASSERT_TRUE(tend_node_bool(tend_node_path(worst, "0.significant"), false));
    ASSERT_STR_EQ(tend_node_string(tend_node_path(worst, "1.by.x"), ""), "few");
    ASSERT_FALSE(tend_node_bool(tend_node_path(worst, "1.significant"), true));
}

TEST(worse_means_higher_where_less_is_better) {
    people p = people_new(4000, 3);
    tend_evaluate_options options = people_options();
    options.metric = "log_loss";
    options.slices = yaml("[race, sex]", p.arena);
    const tend_node *doc = evaluate(&p, &options), *worst = tend_node_path(doc, "worst_slices.0");
    TEND_NODE_EACH(slice, tend_node_get(doc, "worst_slices"))
        ASSERT_TRUE(number_at(slice, "value") > number_at(slice, "overall"));
    ASSERT_NEAR(number_at(worst, "gap"), number_at(worst, "value") - number_at(worst, "overall"), 1e-12);
    const tend_node *women = find_slice(doc, "sex=F"), *men = find_slice(doc, "sex=M");
    bool women_worse = number_at(women, "metrics.log_loss.value") > number_at(men, "metrics.log_loss.value");
    ASSERT_STR_EQ(tend_node_string(tend_node_path(worst, "by.sex"), ""), women_worse ? "F" : "M");
    people_free(&p);
}

TEST(without_a_bad_slice_none_is_significant) {
    people p = people_new(4000, 0);
    const tend_node *doc = evaluate_sliced(&p, "[race, sex, member, kind, age, [sex, age]]");
    TEND_NODE_EACH(slice, tend_node_get(doc, "worst_slices"))
        ASSERT_FALSE(tend_node_bool(tend_node_get(slice, "significant"), true));
    people_free(&p);
}

/* The census known answers: P, R and F1 of 99 slices for models of scikit-learn 1.2.1. The counts
 * of each slice are rebuilt from its n, positives, precision and recall, so that this holds
 * slicing, support and the zero rule against numbers made elsewhere. */

static void add_rows(tend_column_builder *b, people *p, int64_t *at, const char *value, int64_t n, double truth, int32_t decided) {
    for (int64_t i = 0; i < n; i++, ++*at) {
        tend_column_add_string(b, tend_str_of(value));
        p->y[*at] = truth;
        p->decided[*at] = decided;
        p->score[*at] = decided;
    }
}

static void add_known_slice(tend_column_builder *b, people *p, int64_t *at, const char *value, const tend_node *known) {
    int64_t n = tend_node_int(tend_node_get(known, "n"), 0), positives = tend_node_int(tend_node_get(known, "positives"), 0);
    double precision = number_at(known, "precision"), recall = number_at(known, "recall");
    int64_t tp = llround(recall * (double)positives);
    int64_t predicted = tp > 0 ? llround((double)tp / precision) : precision == 0 ? 1 : 0;
    add_rows(b, p, at, value, tp, 1, 1);
    add_rows(b, p, at, value, positives - tp, 1, 0);
    add_rows(b, p, at, value, predicted - tp, 0, 1);
    add_rows(b, p, at, value, n - positives - (predicted - tp), 0, 0);
}

/* All slices "column=…" of one model as one table with that column. */
static int check_known_column(const tend_node *slices, const char *column) {
    people p = {.arena = tend_arena_new()};
    enum { ROWS = 8000 };
    p.y = TEND_ARRAY(p.arena, double, ROWS);
    p.score = TEND_ARRAY(p.arena, double, ROWS);
    p.decided = TEND_ARRAY(p.arena, int32_t, ROWS);
    char prefix[64];
    snprintf(prefix, sizeof prefix, "%s=", column);
    tend_column_builder *b = tend_column_builder_new(p.arena, column, TEND_STRING);
    int64_t n = 0;
    TEND_NODE_EACH(known, slices)
        if (tend_text_has_prefix(known->key, prefix))
            add_known_slice(b, &p, &n, known->key + strlen(prefix), known);
    p.table = tend_table_new(p.arena, 1, n);
    tend_column_build(b, &p.table->columns[0]);
    p.scored = (tend_scored){.n = n, .n_classes = 2, .y = p.y, .score = p.score, .decided = p.decided};
    tend_evaluate_options options = people_options();
    tend_node *list = tend_node_new_list(p.arena);
    tend_node_push(list, tend_node_new_string(p.arena, column));
    options.slices = list;
    options.replicates = 2;
    const tend_node *doc = evaluate(&p, &options);
    int checked = 0;
    TEND_NODE_EACH(known, slices) {
        if (!tend_text_has_prefix(known->key, prefix))
            continue;
        const tend_node *slice = find_slice(doc, known->key);
        ASSERT_NOT_NULL(slice);
        ASSERT_EQ(number_at(slice, "n"), number_at(known, "n"));
        ASSERT_EQ(number_at(slice, "positives"), number_at(known, "positives"));
        ASSERT_NEAR(number_at(slice, "metrics.precision.value"), number_at(known, "precision"), 6e-5);
        ASSERT_NEAR(number_at(slice, "metrics.recall.value"), number_at(known, "recall"), 6e-5);
        ASSERT_NEAR(number_at(slice, "metrics.f1.value"), number_at(known, "f1"), 6e-5);
        checked++;
    }
    people_free(&p);
    return checked;
}

TEST(census_slices_equal_the_known_answers) {
    const char *path = suite_shared("known-answers/p3_census.json");
    if (!path)
        SKIP();
    FILE *file = fopen(path, "rb");
    ASSERT_NOT_NULL(file);
    static char text[1 << 20];
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_node *answers = NULL;
    ASSERT_OK(tend_json_parse(text, size, "p3_census.json", arena, &answers, &err), &err);
    static const char *const columns[] = {"workclass", "education", "marital-status", "occupation", "relationship",
                                          "race",      "sex",       "native-country"};
    static const char *const models[] = {"random_forest_default", "random_forest_depth10", "logreg_standardised",
                                         "hist_grad_boost_default"};
    for (int m = 0; m < 4; m++) {
        const tend_node *slices = tend_node_get(tend_node_get(tend_node_get(answers, "models"), models[m]), "slices");
        int checked = 0;
        for (int c = 0; c < 8; c++)
            checked += check_known_column(slices, columns[c]);
        ASSERT_EQ(checked, 99);
    }
}
