/* Leaks: what is found, what must not be, and what the message tells its reader to do. */
#include "data/check.h"

#include "base/rng.h"
#include "data/check_score.h"
#include "data/reader.h"
#include "table_kit.h"

typedef struct found {
    tend_check check;
    const char **drop;
    int n_drop;
} found;

static found look(kit *k, const tend_leak_options *options) {
    found f = {0};
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_check_leaks(k->table, options, k->arena, &f.check, &f.drop, &f.n_drop, &err), &err);
    return f;
}

static found look_for(kit *k, const char *target) { return look(k, &(tend_leak_options){.target = target}); }

static const tend_anomaly *get(const found *f, const char *rule, const char *column) {
    for (int i = 0; i < f->check.n_anomalies; i++) {
        const tend_anomaly *a = &f->check.anomalies[i];
        if (strcmp(a->rule, rule) == 0 && (!column || (a->column && strcmp(a->column, column) == 0)))
            return a;
    }
    return NULL;
}

static double noise(int64_t i, uint64_t salt) {
    tend_rng rng;
    tend_rng_init(&rng, (uint64_t)i * 31 + salt, "noise");
    return tend_rng_normal(&rng);
}

static bool attrited(int64_t i) { return noise(i, 1) > 1; } /* 16 % */
static const char *flag(int64_t i) { return attrited(i) ? "Attrited Customer" : "Existing Customer"; }
static double account(int64_t i) { return 708082083 + (double)((i * 7919) % 100003) * 1000; }
static double weak(int64_t i) { return attrited(i) + 2 * noise(i, 2); }
static double strong(int64_t i) { return attrited(i) + 0.35 * noise(i, 3); } /* AUC 0.98: a good feature */
static double bayes_1(int64_t i) { return attrited(i) ? 0.99 + 0.001 * noise(i, 4) : 0.0001 * fabs(noise(i, 4)); }
static double bayes_2(int64_t i) { return 1 - bayes_1(i); }
static const char *card(int64_t i) { return noise(i, 5) > 0 ? "Blue" : "Gold"; }

static kit churners(void) {
    kit k = kit_new(7, 3000);
    kit_numbers(&k, "CLIENTNUM", TEND_INT, account);
    kit_strings(&k, "Attrition_Flag", flag);
    kit_numbers(&k, "weak", TEND_FLOAT, weak);
    kit_numbers(&k, "strong", TEND_FLOAT, strong);
    kit_numbers(&k, "Naive_Bayes_Classifier_mon_1", TEND_FLOAT, bayes_1);
    kit_numbers(&k, "Naive_Bayes_Classifier_mon_2", TEND_FLOAT, bayes_2);
    kit_strings(&k, "card", card);
    return k;
}

TEST(leaked_scores_are_all_named) {
    kit k = churners();
    found f = look_for(&k, "Attrition_Flag");
    const tend_anomaly *a = get(&f, "leak.target", NULL);
    ASSERT_NOT_NULL(a);
    ASSERT_EQ(a->severity, TEND_RULE_ERROR);
    ASSERT_HAS(a->message, "2 columns each predict the target \"Attrition_Flag\" alone: \"Naive_Bayes_Classifier_mon_1\" (AUC 1.0000), "
                           "\"Naive_Bayes_Classifier_mon_2\" (AUC 1.0000)");
    ASSERT_HAS(a->hint, "features: {drop: [Naive_Bayes_Classifier_mon_1, Naive_Bayes_Classifier_mon_2]}");
    ASSERT_HAS(a->hint, "data: {allow: [Naive_Bayes_Classifier_mon_1, Naive_Bayes_Classifier_mon_2]}");
    ASSERT_STR_EQ(a->column, "Naive_Bayes_Classifier_mon_1, Naive_Bayes_Classifier_mon_2");
    ASSERT_EQ(f.check.n_errors, 1);
    ASSERT_NOT_NULL(get(&f, "identifier", "CLIENTNUM"));
    ASSERT_EQ(f.n_drop, 3);
    ASSERT_STR_EQ(f.drop[0], "CLIENTNUM");
    kit_done(&k);
}

TEST(allowed_and_dropped_columns_are_left_alone) {
    kit k = churners();
    const char *const ignore[] = {"CLIENTNUM", "Naive_Bayes_Classifier_mon_1", "Naive_Bayes_Classifier_mon_2"};
    found f = look(&k, &(tend_leak_options){.target = "Attrition_Flag", .ignore = ignore, .n_ignore = 3});
    ASSERT_EQ(f.check.n_anomalies, 0);
    ASSERT_EQ(f.n_drop, 0);
    f = look(&k, &(tend_leak_options){.target = "Attrition_Flag", .ignore = ignore, .n_ignore = 3, .leak_above = 0.95});
    ASSERT_STR_EQ(get(&f, "leak.target", NULL)->column, "strong");
    kit_done(&k);
}

TEST(findings_are_appended) {
    kit k = churners();
    found f = {0};
    tend_error err = TEND_ERROR_INIT;
    tend_leak_options options = {.target = "Attrition_Flag"};
    for (int round = 1; round <= 3; round++) {
        int before = f.check.n_anomalies;
        ASSERT_OK(tend_check_leaks(k.table, &options, k.arena, &f.check, &f.drop, &f.n_drop, &err), &err);
        ASSERT_EQ(f.check.n_errors, round);
        ASSERT_TRUE(f.check.n_anomalies > before);
        ASSERT_STR_EQ(f.check.anomalies[before].message, f.check.anomalies[0].message);
    }
    options.target = "Attrition_Flaw";
    tend_check before = f.check;
    ASSERT_FAILS(tend_check_leaks(k.table, &options, k.arena, &f.check, &f.drop, &f.n_drop, &err), &err, NOT_FOUND, "Attrition_Flaw");
    ASSERT_MEM_EQ(&f.check, &before, sizeof before);
    kit_done(&k);
}

/* ---- the score ---- */

static double score_of(kit_number target, tend_type type, kit_number feature, int64_t n) {
    kit k = kit_new(2, n);
    kit_numbers(&k, "y", type, target);
    kit_numbers(&k, "x", TEND_FLOAT, feature);
    score_target t;
    double score = score_target_init(&t, &k.table->columns[0], 0, k.arena) ? score_column(&t, &k.table->columns[1]) : (double)NAN;
    kit_done(&k);
    return score;
}

static double price(int64_t i) { return exp(5 + noise(i, 6)); }
static double price_in_euro(int64_t i) { return 0.9 * price(i); }
static double log_price(int64_t i) { return log(price(i)); }
static double price_guess(int64_t i) { return exp(5 + noise(i, 6) + 0.3 * noise(i, 7)); }
static double folded(int64_t i) { return fabs(noise(i, 8)); }
static double unfolded(int64_t i) { return noise(i, 8); }
static double unrelated(int64_t i) { return noise(i, 9); }
static double rare_class(int64_t i) { return i % 100 == 0; }
static double rare_score(int64_t i) { return noise(i, 10) * 0.1 + (i % 100 == 0); }
static double seven(int64_t i) { return (double)(i * i % 7); }
static double seven_codes(int64_t i) { return 10 - seven(i) * 1.5; }
static double gap_when_true(int64_t i) { return attrited(i) ? (double)NAN : noise(i, 11); }
static double yes(int64_t i) { return attrited(i); }
static double constant(int64_t i) { return 0 * (double)i + 1; }

TEST(numbers_that_give_numbers_away) {
    ASSERT_TRUE(score_of(price, TEND_FLOAT, price_in_euro, 2000) > 0.9999); /* linear: no bins could show it in a long tail */
    ASSERT_TRUE(score_of(price, TEND_FLOAT, log_price, 2000) > 0.9999);     /* by ranks */
    ASSERT_TRUE(score_of(folded, TEND_FLOAT, unfolded, 20000) > 0.97);      /* by bins: neither linear nor monotone */
    ASSERT_TRUE(score_of(price, TEND_FLOAT, price_guess, 2000) < 0.99);
    ASSERT_TRUE(score_of(price, TEND_FLOAT, unrelated, 2000) < 0.05);
}

TEST(numbers_that_give_classes_away) {
    ASSERT_TRUE(score_of(rare_class, TEND_INT, rare_score, 5000) > 0.9999); /* 1 %: narrower than a bin */
    ASSERT_TRUE(score_of(yes, TEND_BOOL, gap_when_true, 3000) > 0.9999);    /* the gap itself is the leak */
    ASSERT_TRUE(score_of(seven, TEND_INT, seven_codes, 3000) > 0.9999);
    ASSERT_NEAR(score_of(yes, TEND_BOOL, strong, 20000), 0.978, 0.006); /* Φ(1/(0.35 √2)) = 0.9783 */
    ASSERT_NEAR(score_of(yes, TEND_BOOL, unrelated, 20000), 0.5, 0.03);
    ASSERT_TRUE(score_of(seven, TEND_INT, unrelated, 3000) < 0.3);
}

TEST(a_text_of_unique_values_gives_nothing_away) {
    kit k = kit_new(2, 2000);
    static char names[2000][24];
    static const char *cells[2000];
    for (int i = 0; i < 2000; i++) {
        snprintf(names[i], sizeof names[i], "name %d", i);
        cells[i] = names[i];
    }
    kit_strings(&k, "y", flag);
    kit_texts(&k, "x", TEND_STRING, cells);
    score_target t;
    ASSERT_TRUE(score_target_init(&t, &k.table->columns[0], 0, k.arena));
    ASSERT_NEAR(score_column(&t, &k.table->columns[1]), 0.5, 0.05);
    kit_done(&k);
}

TEST(targets_without_anything_to_predict) {
    ASSERT_TRUE(isnan(score_of(constant, TEND_INT, unrelated, 100)));
    ASSERT_TRUE(isnan(score_of(yes, TEND_INT, unrelated, 29)));
    ASSERT_TRUE(isnan(score_of(yes, TEND_INT, unrelated, 0)));
}

/* ---- useless columns ---- */

static double serial(int64_t i) { return (double)i + 1; }
static double shuffled(int64_t i) { return (double)(i * 37 % 101); }
static double odd_key(int64_t i) { return (double)((i * 7919) % 10007); }
static double spread(int64_t i) { return floor(exp(noise(i, 12) * 3) * 1000) + (double)i / 1000; }
static const char *token(int64_t i) {
    static char text[24];
    snprintf(text, sizeof text, "TX-%06d", (int)(i * 17));
    return text;
}
static const char *prose(int64_t i) {
    static char text[64];
    snprintf(text, sizeof text, "a cosy room with view number %d", (int)i);
    return text;
}
static const char *nothing(int64_t i) { return (void)i, NULL; }
static const char *same_text(int64_t i) { return (void)i, "UK"; }
static const char *half_text(int64_t i) { return i % 2 ? "UK" : NULL; }

static double walk_ins(int64_t i) { return 300 + floor(100 * noise(i, 20)); }
static double members(int64_t i) { return 3000 + floor(900 * noise(i, 21)); }
static double rentals(int64_t i) { return walk_ins(i) + members(i); }
static double rentals_but_one(int64_t i) { return rentals(i) + (i == 777); }
static double cents(int64_t i) { return floor(1000 * fabs(noise(i, 22))) / 100; }
static double tip(int64_t i) { return floor(100 * fabs(noise(i, 23))) / 100; }
static double net(int64_t i) {
    return (floor(1000 * fabs(noise(i, 22))) - floor(100 * fabs(noise(i, 23)))) / 100;
} /* not cents - tip: read from a file */
static double rare_a(int64_t i) { return i % 500 == 7; }
static double rare_b(int64_t i) { return i % 500 == 8; }
static double rare_either(int64_t i) { return i % 500 == 7 || i % 500 == 8; }
static double rare_other(int64_t i) { return i % 500 == 9; }

static kit with_pair(tend_type type, double (*a)(int64_t), double (*b)(int64_t), double (*y)(int64_t)) {
    kit k = kit_new(5, 3000);
    kit_numbers(&k, "a", type, a);
    kit_numbers(&k, "other", TEND_FLOAT, unrelated);
    kit_numbers(&k, "b", type, b);
    kit_numbers(&k, "y", type, y);
    kit_strings(&k, "card", card);
    return k;
}

TEST(two_columns_that_make_up_the_target_are_both_named) {
    kit k = with_pair(TEND_INT, walk_ins, members, rentals);
    found f = look_for(&k, "y");
    const tend_anomaly *a = get(&f, "leak.sum", "a, b");
    ASSERT_NOT_NULL(a);
    ASSERT_EQ(a->severity, TEND_RULE_ERROR);
    ASSERT_HAS(a->message, "a + b is the target \"y\" in every row");
    ASSERT_HAS(a->hint, "drop: [a, b]");
    ASSERT_EQ(f.n_drop, 2);
    f = look_for(&k, "a"); /* what the sum leaves */
    a = get(&f, "leak.sum", "y, b");
    ASSERT_NOT_NULL(a);
    ASSERT_HAS(a->message, "y - b is the target");
    const char *ignore[] = {"b"};
    f = look(&k, &(tend_leak_options){.target = "y", .ignore = ignore, .n_ignore = 1});
    ASSERT_NULL(get(&f, "leak.sum", NULL));
    kit_done(&k);
}

TEST(sums_of_decimal_figures_and_of_rare_events) {
    kit k = with_pair(TEND_FLOAT, tip, cents, net);
    found f = look_for(&k, "y");
    ASSERT_NOT_NULL(get(&f, "leak.sum", "b, a"));
    kit_done(&k);
    k = with_pair(TEND_INT, rare_a, rare_b, rare_either);
    f = look_for(&k, "y");
    ASSERT_NOT_NULL(get(&f, "leak.sum", "a, b"));
    kit_done(&k);
}

TEST(a_sum_that_fails_in_one_row_is_none) {
    kit k = with_pair(TEND_INT, walk_ins, members, rentals_but_one);
    found f = look_for(&k, "y");
    ASSERT_NULL(get(&f, "leak.sum", NULL));
    kit_done(&k);
    k = with_pair(TEND_INT, rare_a, rare_other, rare_either);
    f = look_for(&k, "y");
    ASSERT_NULL(get(&f, "leak.sum", NULL));
    kit_done(&k);
}

TEST(identifiers_and_what_only_looks_like_one) {
    kit k = kit_new(7, 101);
    kit_numbers(&k, "instant", TEND_INT, serial);
    kit_numbers(&k, "n", TEND_INT, shuffled); /* a permutation of 0 … 100: consecutive */
    kit_numbers(&k, "host_id", TEND_INT, odd_key);
    kit_numbers(&k, "amount", TEND_INT, odd_key); /* distinct, but nothing says identifier */
    kit_numbers(&k, "x", TEND_FLOAT, spread);     /* a measurement, all distinct */
    kit_strings(&k, "transaction", token);
    kit_strings(&k, "description", prose);
    found f = look(&k, &(tend_leak_options){0});
    ASSERT_NOT_NULL(get(&f, "identifier", "instant"));
    ASSERT_NOT_NULL(get(&f, "identifier", "n"));
    ASSERT_NOT_NULL(get(&f, "identifier", "host_id"));
    ASSERT_NOT_NULL(get(&f, "identifier", "transaction"));
    ASSERT_EQ(f.n_drop, 4);
    ASSERT_HAS(f.check.anomalies[0].hint, "features: {drop: [instant]}");
    ASSERT_EQ(f.check.n_errors, 0);
    kit_done(&k);
}

TEST(constant_columns) {
    kit k = kit_new(4, 60);
    kit_numbers(&k, "one", TEND_FLOAT, constant);
    kit_strings(&k, "country", same_text);
    kit_strings(&k, "empty", nothing);
    kit_strings(&k, "half", half_text); /* present or not: that may tell something */
    found f = look(&k, &(tend_leak_options){0});
    ASSERT_STR_EQ(get(&f, "constant", "one")->message, "one: every row has the same value, 1");
    ASSERT_STR_EQ(get(&f, "constant", "country")->message, "country: every row has the same value, \"UK\"");
    ASSERT_STR_EQ(get(&f, "constant", "empty")->message, "empty: every value is missing");
    ASSERT_EQ(f.n_drop, 3);
    kit_done(&k);
}

static double celsius(int64_t i) { return noise(i, 13) * 10; }
static double fahrenheit(int64_t i) { return celsius(i) * 1.8 + 32; }
static const char *school(int64_t i) { return i % 3 == 0 ? "HS" : i % 3 == 1 ? "BSc" : "MSc"; }
static const char *ecole(int64_t i) { return i % 3 == 0 ? "lycée" : i % 3 == 1 ? "licence" : "maîtrise"; }
static double school_years(int64_t i) { return i % 3 == 0 ? 9 : i % 3 == 1 ? 13 : 14; }

TEST(copies_of_columns) {
    kit k = kit_new(6, 300);
    kit_numbers(&k, "celsius", TEND_FLOAT, celsius);
    kit_numbers(&k, "fahrenheit", TEND_FLOAT, fahrenheit);
    kit_numbers(&k, "noise", TEND_FLOAT, unrelated);
    kit_strings(&k, "school", school);
    kit_strings(&k, "ecole", ecole);
    kit_numbers(&k, "years", TEND_INT, school_years);
    found f = look(&k, &(tend_leak_options){0});
    ASSERT_EQ(f.check.n_anomalies, 3);
    ASSERT_STR_EQ(get(&f, "collinear", "fahrenheit")->message, "fahrenheit: moves with celsius in lockstep (correlation 1.0000)");
    ASSERT_STR_EQ(get(&f, "collinear", "ecole")->message, "ecole: says the same as school, level by level");
    ASSERT_STR_EQ(get(&f, "collinear", "years")->message, "years: says the same as school, level by level");
    ASSERT_EQ(f.n_drop, 0);
    kit_done(&k);
}

TEST(copies_of_rows) {
    kit k = kit_new(2, 5);
    kit_texts(&k, "a", TEND_FLOAT, CELLS("1", "2", "1", "", ""));
    kit_texts(&k, "b", TEND_STRING, CELLS("x", "x", "x", "y", "y"));
    found f = look(&k, &(tend_leak_options){0});
    const tend_anomaly *a = get(&f, "duplicate_rows", NULL);
    ASSERT_STR_EQ(a->message, "2 of 5 rows (40.0%) repeat an earlier row in every column (first: row 3, already at row 1)");
    ASSERT_EQ(a->n_rows, 2);
    kit_done(&k);
}

TEST(rows_on_both_sides_of_a_split) {
    kit k = kit_new(2, 6);
    kit_texts(&k, "a", TEND_FLOAT, CELLS("1", "2", "1", "", "", "9"));
    kit_texts(&k, "b", TEND_STRING, CELLS("x", "x", "x", "y", "y", "z"));
    static const int64_t train[] = {0, 1, 3}, test[] = {2, 4, 5}, twins[] = {5, 5};
    tend_check c = {0};
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_check_overlap(k.table, train, 3, test, 3, k.arena, &c, &err), &err);
    ASSERT_EQ(c.n_anomalies, 1);
    ASSERT_STR_EQ(c.anomalies[0].message, "2 of 3 test rows (66.67%) stand in the training rows, too (first: row 3, the same as row 1)");
    ASSERT_EQ(c.anomalies[0].n_rows, 2);
    ASSERT_OK(tend_check_overlap(k.table, train, 3, twins, 2, k.arena, &c, &err), &err); /* copies within the test are not overlap */
    ASSERT_OK(tend_check_overlap(k.table, NULL, 0, test, 3, k.arena, &c, &err), &err);
    ASSERT_EQ(c.n_anomalies, 1);
    kit_done(&k);
}

TEST(small_tables_are_looked_at_without_fuss) {
    for (int64_t n = 0; n < 3; n++) {
        kit k = kit_new(3, n);
        kit_numbers(&k, "id", TEND_INT, serial);
        kit_strings(&k, "y", flag);
        kit_numbers(&k, "x", TEND_FLOAT, unrelated);
        found f = look_for(&k, "y");
        ASSERT_EQ(f.check.n_errors, 0);
        kit_done(&k);
    }
}

/* Good features of real tables must pass: the strongest single columns of these are petal width (iris) and fare for tip. */
TEST(real_tables_are_not_accused) {
    static const struct {
        const char *path, *target;
        int copies;
    } tables[] = {
        {"census/census.csv.gz", "salary", 24},
        {"titanic/train.csv", "Survived", 0},
        {"california-housing/housing.csv", "median_house_value", 0},
        {"nyc-airbnb/sample1.csv.gz", "price", 0},
        {"seaborn-small/penguins.csv", "species", 0},
        {"sklearn-toys/iris.csv", "virginica", 1},
    };
    static const tend_format *const formats[] = {&tend_format_csv, NULL};
    if (!suite_shared("census/census.csv.gz"))
        SKIP();
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        kit k = kit_new(0, 0);
        tend_error err = TEND_ERROR_INIT;
        tend_bad_rows bad;
        tend_bad_rows_init(&bad, k.arena);
        ASSERT_OK(tend_read_file(formats, suite_shared(tables[i].path), &TEND_READ_OPTIONS_INIT, k.arena, &bad, &k.table, NULL, &err),
                  &err);
        found f = look_for(&k, tables[i].target);
        const tend_anomaly *copies = get(&f, "duplicate_rows", NULL);
        ASSERT_EQ(f.check.n_errors, 0);
        ASSERT_EQ(copies ? copies->n_rows : 0, tables[i].copies);
        kit_done(&k);
    }
}
