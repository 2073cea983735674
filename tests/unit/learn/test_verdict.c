/* Is machine learning needed: yes, no, unclear, and what is said. */
#include "evaluate_cases.h"

typedef struct duel {
    tend_arena *arena;
    tend_scored model;
    tend_baseline baselines[2];
} duel;

/* `right` and `rule_right`: how often the model and the rule decide well. The other baseline always
 * says no. */
static duel duel_new(int64_t n, double right, double rule_right) {
    duel d = {.arena = tend_arena_new()};
    double *y = TEND_ARRAY(d.arena, double, n), *score[3];
    int32_t *decided[3];
    for (int s = 0; s < 3; s++) {
        score[s] = TEND_ARRAY(d.arena, double, n);
        decided[s] = TEND_ARRAY(d.arena, int32_t, n);
    }
    tend_rng rng;
    tend_rng_init(&rng, 5, "duel");
    for (int64_t i = 0; i < n; i++) {
        y[i] = tend_rng_uniform(&rng) < 0.4;
        bool good[3] = {tend_rng_uniform(&rng) < right, tend_rng_uniform(&rng) < rule_right, y[i] == 0};
        for (int s = 0; s < 3; s++) {
            decided[s][i] = good[s] ? (int32_t)y[i] : 1 - (int32_t)y[i];
            score[s][i] = decided[s][i] ? 0.8 : 0.2;
        }
    }
    d.model = (tend_scored){.n = n, .n_classes = 2, .y = y, .score = score[0], .decided = decided[0]};
    d.baselines[0] = (tend_baseline){"majority", {.n = n, .n_classes = 2, .y = y, .score = score[2], .decided = decided[2]}};
    d.baselines[1] = (tend_baseline){"rule", {.n = n, .n_classes = 2, .y = y, .score = score[1], .decided = decided[1]}};
    return d;
}

static const tend_node *verdict(duel *d, const char *metric, double min_gain) {
    tend_error err = TEND_ERROR_INIT;
    tend_node *out = NULL;
    ASSERT_OK(tend_verdict(&d->model, d->baselines, 2, metric, min_gain, 200, 1, d->arena, &out, &err), &err);
    return out;
}

static const char *text_at(const tend_node *node, const char *path) { return tend_node_string(tend_node_path(node, path), ""); }

TEST(yes_when_the_low_end_reaches_the_gain) {
    duel d = duel_new(4000, 0.95, 0.75);
    const tend_node *v = verdict(&d, "accuracy", 0.05);
    ASSERT_STR_EQ(text_at(v, "needed"), "yes");
    ASSERT_STR_EQ(text_at(v, "best_baseline"), "rule");
    ASSERT_STR_EQ(text_at(v, "against.0.baseline"), "majority");
    ASSERT_TRUE(number_at(v, "against.1.gain.low") >= 0.05);
    const char *sentence = text_at(v, "sentence");
    ASSERT_HAS(sentence, "Machine learning is worth it: accuracy 0.9");
    ASSERT_HAS(sentence, " above today's rule, and at least 0.05 was asked.");
    ASSERT_NULL(tend_node_get(v, "rows_needed"));
    tend_arena_free(d.arena);
}

TEST(the_gain_is_the_paired_difference) {
    duel d = duel_new(1000, 0.9, 0.8);
    const tend_node *v = verdict(&d, "accuracy", 0);
    tend_estimate e;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_metric_difference(&d.model, &d.baselines[1].scored, tend_metric_find("accuracy"), 200, 0.95, 1, &e, &err), &err);
    ASSERT_NEAR(number_at(v, "against.1.gain.value"), e.value, 0);
    ASSERT_NEAR(number_at(v, "against.1.gain.low"), e.low, 0);
    ASSERT_NEAR(number_at(v, "against.1.gain.high"), e.high, 0);
    tend_arena_free(d.arena);
}

TEST(gains_point_upward_where_less_is_better) {
    duel d = duel_new(4000, 0.95, 0.75);
    const tend_node *v = verdict(&d, "brier", 0.01);
    ASSERT_STR_EQ(text_at(v, "needed"), "yes");
    ASSERT_TRUE(number_at(v, "against.1.gain.value") > 0);
    ASSERT_HAS(text_at(v, "sentence"), " below today's rule");
    tend_arena_free(d.arena);
}

TEST(no_when_the_high_end_stays_below) {
    duel d = duel_new(4000, 0.80, 0.79);
    const tend_node *v = verdict(&d, "accuracy", 0.1);
    ASSERT_STR_EQ(text_at(v, "needed"), "no");
    ASSERT_HAS(text_at(v, "sentence"), "Machine learning is not worth it as it stands");
    ASSERT_HAS(text_at(v, "sentence"), ", only 0.0");
    ASSERT_HAS(text_at(v, "sentence"), "while at least 0.1 was asked");
    tend_arena_free(d.arena);
}

TEST(no_when_the_rule_is_better) {
    duel d = duel_new(4000, 0.7, 0.9);
    const tend_node *v = verdict(&d, "accuracy", 0);
    ASSERT_STR_EQ(text_at(v, "needed"), "no");
    ASSERT_HAS(text_at(v, "sentence"), "Machine learning does not beat what there is: accuracy 0.7");
    ASSERT_HAS(text_at(v, "sentence"), " below today's rule, while any gain would do.");
    tend_arena_free(d.arena);
}

TEST(a_model_that_is_its_baseline_is_not_needed) {
    duel d = duel_new(400, 0.8, 0.8);
    d.baselines[1].scored = d.model;
    const tend_node *v = verdict(&d, "accuracy", 0);
    ASSERT_STR_EQ(text_at(v, "needed"), "no");
    tend_arena_free(d.arena);
}

/* Twice as far from the limit as the interval reaches: a quarter of the rows; half as far: four
 * times as many. */
TEST(unclear_says_how_many_rows_would_settle_it) {
    duel d = duel_new(300, 0.92, 0.75);
    const tend_node *first = verdict(&d, "accuracy", 0.05);
    double value = number_at(first, "against.1.gain.value"), low = number_at(first, "against.1.gain.low");
    double min_gain = value - (value - low) / 2;
    ASSERT_TRUE(low > 0);
    const tend_node *v = verdict(&d, "accuracy", min_gain);
    ASSERT_STR_EQ(text_at(v, "needed"), "unclear");
    ASSERT_NEAR(number_at(v, "rows_needed"), 1200, 1);
    ASSERT_HAS(text_at(v, "sentence"), "About 1,200 test rows instead of 300 would settle it");
    v = verdict(&d, "accuracy", value);
    ASSERT_STR_EQ(text_at(v, "needed"), "unclear");
    ASSERT_NULL(tend_node_get(v, "rows_needed"));
    ASSERT_HAS(text_at(v, "sentence"), "so close to the limit");
    tend_arena_free(d.arena);
}

TEST(few_rows_are_too_few_to_tell) {
    duel d = duel_new(29, 1, 0.5);
    const tend_node *v = verdict(&d, "accuracy", 0);
    ASSERT_TRUE(number_at(v, "against.1.gain.low") > 0);
    ASSERT_STR_EQ(text_at(v, "needed"), "unclear");
    ASSERT_HAS(text_at(v, "sentence"), "There are too few rows to tell");
    ASSERT_HAS(text_at(v, "sentence"), "but there are only 29 test rows (at least 30 are wanted). About 30 test rows would do.");
    tend_arena_free(d.arena);
}

/* 300 rows, of which 9 are positive; a tenth is enough. */
TEST(few_positives_are_too_few_to_tell) {
    for (int positives = 9; positives <= 10; positives++) {
        duel d = duel_new(300, 1, 0.5);
        double *y = TEND_ARRAY(d.arena, double, 300);
        int32_t *decided = TEND_ARRAY(d.arena, int32_t, 300);
        for (int i = 0; i < 300; i++)
            decided[i] = i % 30 == 0 && i / 30 < positives;
        for (int i = 0; i < 300; i++)
            y[i] = decided[i];
        d.model.y = d.baselines[0].scored.y = d.baselines[1].scored.y = y;
        d.model.decided = decided;
        const tend_node *v = verdict(&d, "f1", 0);
        ASSERT_STR_EQ(text_at(v, "needed"), positives == 9 ? "unclear" : "yes");
        if (positives == 9) {
            ASSERT_HAS(text_at(v, "sentence"),
                       "but only 9 of 300 test rows are not of the most frequent class (at least 10 are wanted). About 340");
            ASSERT_NEAR(number_at(v, "rows_needed"), 340, 0); /* 300 · 10/9, in tens */
        }
        tend_arena_free(d.arena);
    }
}

TEST(what_cannot_be_compared_is_unclear) {
    duel d = duel_new(50, 0.9, 0.7);
    tend_error err = TEND_ERROR_INIT;
    tend_node *out = NULL;
    ASSERT_OK(tend_verdict(&d.model, NULL, 0, "accuracy", 0, 50, 1, d.arena, &out, &err), &err);
    ASSERT_STR_EQ(text_at(out, "needed"), "unclear");
    ASSERT_HAS(text_at(out, "sentence"), "there is no baseline");
    double ones[50];
    for (int i = 0; i < 50; i++)
        ones[i] = 1;
    d.model.y = d.baselines[0].scored.y = d.baselines[1].scored.y = ones;
    const tend_node *v = verdict(&d, NULL, 0);
    ASSERT_STR_EQ(text_at(v, "metric"), "roc_auc");
    ASSERT_STR_EQ(text_at(v, "needed"), "unclear");
    ASSERT_HAS(text_at(v, "sentence"), "roc_auc is undefined");
    tend_arena_free(d.arena);
}

TEST(wrong_calls_are_refused) {
    duel d = duel_new(50, 0.9, 0.7);
    tend_error err = TEND_ERROR_INIT;
    tend_node *out = NULL;
    ASSERT_FAILS(tend_verdict(&d.model, d.baselines, 2, "acc", 0, 50, 1, d.arena, &out, &err), &err, INVALID, "unknown metric 'acc'");
    d.baselines[1].scored.n = 49;
    ASSERT_FAILS(tend_verdict(&d.model, d.baselines, 2, "accuracy", 0, 50, 1, d.arena, &out, &err), &err, INVALID, "baseline rule");
    tend_arena_free(d.arena);
}
