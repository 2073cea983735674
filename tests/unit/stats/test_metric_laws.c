/* What holds for every metric: the order of rows does not matter, a weight is that many copies, a
 * prepared order changes nothing; and how some metrics relate. */
#include "metric_cases.h"

#include "base/rng.h"

typedef rows make_rows(int64_t n, uint32_t seed);
static make_rows *const MAKERS[] = {binary_rows, multi_rows, number_rows};

/* Calls check for each task, metric and a few tables. */
static void each_metric(void (*check)(const tend_metric *metric, const rows *r)) {
    for (size_t t = 0; t < 3; t++) {
        for (uint32_t seed = 1; seed <= 4; seed++) {
            rows r = MAKERS[t](seed * 37, seed);
            for (int m = 0; m < tend_n_metrics; m++)
                if (tend_metrics[m].tasks & tend_metric_task_bit(r.scored.n_classes))
                    check(&tend_metrics[m], &r);
            rows_free(&r);
        }
    }
}

static void check_permutation(const tend_metric *metric, const rows *r) {
    int64_t from[256];
    for (int64_t i = 0; i < r->scored.n; i++)
        from[i] = i;
    tend_rng rng;
    tend_rng_init(&rng, 1, "permutation");
    tend_rng_shuffle(&rng, from, (size_t)r->scored.n);
    rows shuffled = rows_take(r, from, r->scored.n);
    ASSERT_NEAR(metric->compute(&shuffled.scored), metric->compute(&r->scored), 1e-12);
    rows_free(&shuffled);
}
TEST(the_order_of_rows_does_not_matter) { each_metric(check_permutation); }

static void check_duplication(const tend_metric *metric, const rows *r) {
    int64_t from[1024], n = 0;
    for (int64_t i = 0; i < r->scored.n; i++)
        for (int copy = 0; copy < (int)r->weight[i]; copy++)
            from[n++] = i;
    rows copies = rows_take(r, from, n);
    tend_scored weighted = r->scored;
    weighted.weight = r->weight;
    ASSERT_NEAR(metric->compute(&weighted), metric->compute(&copies.scored), 1e-12);
    rows_free(&copies);
}
TEST(a_weight_is_that_many_copies) { each_metric(check_duplication); }

static void check_order(const tend_metric *metric, const rows *r) {
    int32_t *order = tend_scored_order(&r->scored);
    tend_scored ordered = r->scored;
    ordered.order = order;
    ASSERT_NEAR(metric->compute(&ordered), metric->compute(&r->scored), 0);
    free(order);
}
TEST(a_prepared_order_changes_nothing) { each_metric(check_order); }

static void check_scale(const tend_metric *metric, const rows *r) {
    double doubled[256];
    for (int64_t i = 0; i < r->scored.n; i++)
        doubled[i] = 2.5;
    tend_scored weighted = r->scored;
    weighted.weight = doubled;
    ASSERT_NEAR(metric->compute(&weighted), metric->compute(&r->scored), 1e-12);
}
TEST(equal_weights_are_no_weights) { each_metric(check_scale); }

TEST(orders_are_sorted_and_stable) {
    rows r = binary_rows(3000, 9);
    for (int64_t i = 0; i < 3000; i++)
        r.score[i] -= 0.5; /* margins have both signs */
    int32_t *order = tend_scored_order(&r.scored);
    for (int64_t i = 1; i < 3000; i++) {
        double before = r.score[order[i - 1]], here = r.score[order[i]];
        ASSERT_TRUE(before > here || (before == here && order[i - 1] < order[i]));
    }
    free(order);
    rows_free(&r);
}

TEST(orders_put_negative_infinite_and_nan_keys_right) {
    rows r = rows_new(60, 0);
    for (int i = 0; i < 60; i++)
        r.score[i] = i % 2 ? -i : i; /* absolute errors rise */
    r.score[10] = (double)NAN;
    r.score[20] = (double)INFINITY;
    int32_t *order = tend_scored_order(&r.scored);
    ASSERT_EQ(order[0], 0);
    ASSERT_EQ(order[57], 59);
    ASSERT_EQ(order[58], 20);
    ASSERT_EQ(order[59], 10);
    free(order);
    rows_free(&r);
}

/* Swapping the classes and turning the scores round mirrors what is measured. */
TEST(complement) {
    rows r = binary_rows(500, 3), c = binary_rows(500, 3);
    for (int i = 0; i < 500; i++) {
        c.y[i] = 1 - r.y[i];
        c.score[i] = 1 - r.score[i];
        c.decided[i] = 1 - r.decided[i];
    }
    static const char *const same[] = {"roc_auc", "log_loss", "brier", "accuracy", "balanced_accuracy", "mcc", "calibration_error"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        ASSERT_NEAR(metric_of(same[i], &c.scored), metric_of(same[i], &r.scored), 1e-12);
    ASSERT_NEAR(metric_of("specificity", &c.scored), metric_of("recall", &r.scored), 1e-15);
    for (int i = 0; i < 500; i++)
        c.y[i] = r.y[i];
    ASSERT_NEAR(metric_of("roc_auc", &c.scored), 1 - metric_of("roc_auc", &r.scored), 1e-12);
    rows_free(&r);
    rows_free(&c);
}

TEST(f1_lies_between_precision_and_recall) {
    for (uint32_t seed = 1; seed < 200; seed++) {
        rows r = binary_rows(seed % 9 + 1, seed);
        double p = metric_of("precision", &r.scored), q = metric_of("recall", &r.scored), f = metric_of("f1", &r.scored);
        /* By the zero rule an empty side counts 1, and F1 is then 0 unless both are empty. */
        ASSERT_TRUE(f <= fmax(p, q) + 1e-15 && (f >= fmin(p, q) - 1e-15 || f == 0));
        rows_free(&r);
    }
}

/* Two classes in the multi-class shape: the same numbers. */
TEST(two_of_three_classes_agree_with_binary) {
    rows b = binary_rows(200, 8), m = rows_new(200, 3);
    for (int i = 0; i < 200; i++) {
        m.y[i] = b.y[i];
        m.decided[i] = b.decided[i];
        m.scores[3 * i] = 1 - b.score[i];
        m.scores[3 * i + 1] = b.score[i];
    }
    static const char *const same[] = {"roc_auc", "log_loss", "accuracy", "balanced_accuracy", "mcc"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        ASSERT_NEAR(metric_of(same[i], &m.scored), metric_of(same[i], &b.scored), 1e-12);
    ASSERT_NEAR(metric_of("brier", &m.scored), 2 * metric_of("brier", &b.scored), 1e-12);
    rows_free(&b);
    rows_free(&m);
}
