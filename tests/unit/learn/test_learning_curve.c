/* Learning curves: known power laws must be found again, and forecasts must not promise what cannot
 * be. */
#include "base/rng.h"
#include "learn/learning_curve.h"
#include "support/suite.h"

enum { K = 6 };
static const double SIZES[K] = {250, 500, 1000, 2000, 4000, 8000};

static tend_learning_curve fit(const double *score, const char *metric, double worth) {
    tend_learning_curve curve;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_learning_curve_fit(SIZES, score, K, tend_metric_find(metric), worth, &curve, &err), &err);
    return curve;
}

static void power_law(double a, double b, double c, double *out) {
    for (int i = 0; i < K; i++)
        out[i] = a - b * pow(SIZES[i], -c);
}

TEST(a_power_law_is_found_again) {
    double score[K];
    power_law(0.93, 1.2, 0.5, score);
    tend_learning_curve c = fit(score, "roc_auc", 0);
    ASSERT_NEAR(c.a, 0.93, 1e-9);
    ASSERT_NEAR(c.b, 1.2, 1e-7);
    ASSERT_NEAR(c.c, 0.5, 1e-9);
    ASSERT_NEAR(c.noise, 0, 1e-12);
    ASSERT_NEAR(c.doubled, 0.93 - 1.2 / sqrt(16000), 1e-9);
    ASSERT_NEAR(c.tenfold, 0.93 - 1.2 / sqrt(80000), 1e-9);
    ASSERT_EQ(c.answer, TEND_DATA_ENOUGH); /* 0.0039 of 0.917: under half a percent */
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    ASSERT_STR_EQ(tend_learning_curve_sentence(&c, arena),
                  "Doubling the data should add about 0.0039 roc_auc (0.9166 to 0.9205), ten times "
                  "the data about 0.0092: the data is enough.");
}

TEST(losses_fall) {
    double score[K];
    power_law(20, -300, 0.4, score);
    tend_learning_curve c = fit(score, "rmse", 0);
    ASSERT_NEAR(c.a, 20, 1e-6);
    ASSERT_NEAR(c.b, -300, 1e-4);
    ASSERT_EQ(c.answer, TEND_DATA_NOT_ENOUGH);
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    ASSERT_HAS(tend_learning_curve_sentence(&c, arena), "Doubling the data should take about 2 off rmse (28.24 to 26.24)");
    ASSERT_HAS(tend_learning_curve_sentence(&c, arena), "more data is worth having");
}

TEST(the_caller_may_say_what_is_worth_it) {
    double score[K];
    power_law(0.93, 1.2, 0.5, score);
    ASSERT_EQ(fit(score, "roc_auc", 0.001).answer, TEND_DATA_NOT_ENOUGH);
    ASSERT_EQ(fit(score, "roc_auc", 0.01).answer, TEND_DATA_ENOUGH);
}

TEST(no_score_is_promised_beyond_the_best) {
    double score[K];
    for (int i = 0; i < K; i++)
        score[i] = 0.6 + 0.06 * i; /* straight in log n: the free fit would pass 1 */
    tend_learning_curve c = fit(score, "roc_auc", 0);
    ASSERT_TRUE(c.a <= 1 && c.tenfold < 1 && c.doubled > c.now);
    for (int i = 0; i < K; i++)
        score[i] = 1.0 - 0.15 * i;
    c = fit(score, "mae", 0);
    ASSERT_TRUE(c.a >= 0 && c.tenfold > 0 && c.doubled < c.now);
}

TEST(a_flat_curve_promises_nothing) {
    static const double score[K] = {0.8, 0.8, 0.8, 0.8, 0.8, 0.8};
    tend_learning_curve c = fit(score, "accuracy", 0);
    ASSERT_NEAR(c.b, 0, 1e-12);
    ASSERT_NEAR(c.tenfold, 0.8, 1e-12);
    ASSERT_EQ(c.answer, TEND_DATA_ENOUGH);
}

TEST(a_curve_that_worsens_promises_nothing) {
    static const double score[K] = {0.84, 0.83, 0.82, 0.81, 0.80, 0.79};
    tend_learning_curve c = fit(score, "accuracy", 0.05);
    ASSERT_NEAR(c.b, 0, 0);
    ASSERT_NEAR(c.doubled, c.now, 0);
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    ASSERT_HAS(tend_learning_curve_sentence(&c, arena), "More data has not improved accuracy so far");
}

TEST(noise_makes_it_unclear) {
    static const double score[K] = {0.70, 0.85, 0.66, 0.86, 0.68, 0.84};
    tend_learning_curve c = fit(score, "accuracy", 0);
    ASSERT_EQ(c.answer, TEND_DATA_UNCLEAR);
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    ASSERT_HAS(tend_learning_curve_sentence(&c, arena), "too far to rely on");
}

TEST(a_little_noise_changes_little) {
    double score[K];
    for (uint64_t trial = 0; trial < 50; trial++) {
        power_law(0.9, 2, 0.6, score);
        tend_rng rng;
        tend_rng_init(&rng, trial, "noise");
        for (int i = 0; i < K; i++)
            score[i] += 0.0005 * tend_rng_normal(&rng);
        tend_learning_curve c = fit(score, "accuracy", 0);
        ASSERT_NEAR(c.doubled, 0.9 - 2 * pow(16000, -0.6), 0.003);
    }
}

TEST(what_is_no_curve_is_refused) {
    static const double same[3] = {100, 100, 200}, zero[3] = {0, 100, 200}, score[3] = {0.5, 0.6, 0.7}, hole[3] = {0.5, (double)NAN, 0.7};
    tend_learning_curve c;
    tend_error err = TEND_ERROR_INIT;
    const tend_metric *m = tend_metric_find("accuracy");
    ASSERT_FAILS(tend_learning_curve_fit(same, score, 3, m, 0, &c, &err), &err, INVALID, "three sizes or more, not 2");
    ASSERT_FAILS(tend_learning_curve_fit(zero, score, 3, m, 0, &c, &err), &err, INVALID, "point 1");
    ASSERT_FAILS(tend_learning_curve_fit(SIZES, hole, 3, m, 0, &c, &err), &err, INVALID, "point 2");
}

TEST(the_document) {
    double score[K];
    power_law(0.93, 1.2, 0.5, score);
    tend_learning_curve c = fit(score, "roc_auc", 0);
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const tend_node *node = tend_learning_curve_to_node(&c, SIZES, score, K, arena);
    ASSERT_EQ(tend_node_get(node, "points")->count, K);
    ASSERT_NEAR(tend_node_double(tend_node_path(node, "forecast.1.rows"), 0), 16000, 0);
    ASSERT_NEAR(tend_node_double(tend_node_path(node, "forecast.1.score"), 0), c.doubled, 0);
    ASSERT_STR_EQ(tend_node_string(tend_node_get(node, "enough"), ""), "yes");
}
