/* Every metric against scikit-learn 1.9.1 on the same rows (metric_cases.h), and at the edges. */
#include "metric_cases.h"

typedef struct expected {
    const char *name;
    double value;
} expected;

static void check_all(const tend_scored *scored, const expected *want, size_t n) {
    for (size_t i = 0; i < n; i++)
        ASSERT_NEAR(metric_of(want[i].name, scored), want[i].value, 1e-13 * fmax(1, fabs(want[i].value)));
}
#define CHECK_ALL(scored, want) check_all((scored), (want), sizeof(want) / sizeof *(want))

TEST(binary_metrics_agree_with_scikit_learn) {
    static const expected want[] = {
        {"roc_auc", 0.8511359933647323},
        {"pr_auc", 0.7282682417549368}, /* average_precision_score */
        {"log_loss", 0.5020805191532535},
        {"brier", 0.164713134765625},
        {"accuracy", 0.7675},
        {"balanced_accuracy", 0.7724902988832607},
        {"precision", 0.5864197530864198},
        {"recall", 0.7851239669421488},
        {"f1", 0.6713780918727915},
        {"specificity", 0.7598566308243727}, /* recall_score(pos_label=0) */
        {"mcc", 0.5099526370407423},
    };
    rows r = binary_rows(400, 7);
    CHECK_ALL(&r.scored, want);
    rows_free(&r);
}

TEST(weighted_binary_metrics_agree_with_scikit_learn) {
    static const expected want[] = {
        {"roc_auc", 0.8393301620664859},     {"pr_auc", 0.7148138824886588},   {"log_loss", 0.5106081505770985},
        {"brier", 0.1677970559069468},       {"accuracy", 0.7718696397941681}, {"balanced_accuracy", 0.7731691465235909},
        {"precision", 0.5991379310344828},   {"recall", 0.776536312849162},    {"f1", 0.6763990267639902},
        {"specificity", 0.7698019801980198}, {"mcc", 0.5148506777744091},
    };
    rows r = binary_rows(400, 7);
    r.scored.weight = r.weight;
    CHECK_ALL(&r.scored, want);
    rows_free(&r);
}

/* calibration_curve(n_bins=10, strategy="quantile"), mean of |observed - mean score|; 400 different
 * scores, 40 in each bin. */
TEST(calibration_error_agrees_with_scikit_learns_curve) {
    rows r = rows_new(400, 2);
    uint32_t seed = 11;
    for (int i = 0; i < 400; i++) {
        r.score[i] = next_uniform(&seed);
        r.y[i] = next_uniform(&seed) < r.score[i] * r.score[i];
    }
    ASSERT_NEAR(metric_of("calibration_error", &r.scored), 0.1817025078902952, 1e-14);
    rows_free(&r);
}

TEST(calibration_error_of_one_score_is_the_distance_of_the_means) {
    rows r = rows_new(8, 2);
    for (int i = 0; i < 8; i++) {
        r.score[i] = 0.5;
        r.y[i] = i < 2;
    }
    ASSERT_NEAR(metric_of("calibration_error", &r.scored), 0.25, 1e-15);
    rows_free(&r);
}

/* 20 rows, so 2 in a bin. One score 0.9 (bin 0), three of 0.8 (rows 1 to 3, middle 2.5: bin 1), and
 * sixteen of 0.5 (rows 4 to 19, middle 12: bin 6), four of them positive. By hand:
 * (|0.9 - 0| + |2.4 - 3| + |8 - 4|) / 20. */
TEST(equal_scores_share_the_bin_of_their_middle) {
    rows r = rows_new(20, 2);
    for (int i = 0; i < 20; i++) {
        r.score[i] = i == 0 ? 0.9 : i < 4 ? 0.8 : 0.5;
        r.y[i] = i >= 1 && i < 8;
    }
    ASSERT_NEAR(metric_of("calibration_error", &r.scored), (0.9 + 0.6 + 4) / 20, 1e-15);
    rows_free(&r);
}

TEST(multi_class_metrics_agree_with_scikit_learn) {
    static const expected plain[] = {
        {"roc_auc", 0.9708236382310381}, /* multi_class="ovr", average="macro" */
        {"log_loss", 0.8614352672814585},
        {"brier", 0.463632890864891},
        {"accuracy", 0.88},
        {"balanced_accuracy", 0.8684617953995595},
        {"precision_macro", 0.7365352183333866},
        {"recall_macro", 0.8684617953995595},
        {"f1_macro", 0.7692562791659944},
        {"f1_weighted", 0.8894027037279998},
        {"mcc", 0.7992774391848901},
    };
    static const expected weighted[] = {
        {"roc_auc", 0.9712541907628098},      {"log_loss", 0.8427700684936416},          {"brier", 0.4520863217427626},
        {"accuracy", 0.8956916099773242},     {"balanced_accuracy", 0.8400120529062175}, {"precision_macro", 0.7016996345041897},
        {"recall_macro", 0.8400120529062175}, {"f1_macro", 0.7185454914516829},          {"f1_weighted", 0.9097619896812688},
        {"mcc", 0.8183596003979146},
    };
    rows r = multi_rows(300, 5);
    CHECK_ALL(&r.scored, plain);
    r.scored.weight = r.weight;
    CHECK_ALL(&r.scored, weighted);
    rows_free(&r);
}

/* The weighted median absolute error is numpy's median of the rows repeated by weight. */
TEST(regression_metrics_agree_with_scikit_learn) {
    static const expected plain[] = {
        {"rmse", 3.556670226343587},      {"mae", 2.693993237551879},   {"median_absolute_error", 2.063486375250918},
        {"r2", 0.9839375608638518},       {"mape", 0.2273579101140581}, {"rmsle", 0.241147869056491}, /* predictions clipped at 0 */
        {"max_error", 12.12230886664588},
    };
    static const expected weighted[] = {
        {"rmse", 3.54237095658972}, {"mae", 2.712237043142496},   {"median_absolute_error", 2.017316690127146},
        {"r2", 0.9836685405638219}, {"mape", 0.2738862670990364}, {"rmsle", 0.2747414524936126},
    };
    rows r = number_rows(301, 3);
    CHECK_ALL(&r.scored, plain);
    r.scored.weight = r.weight;
    CHECK_ALL(&r.scored, weighted);
    rows_free(&r);
}

/* tp, fp, fn, tn rows and what the zero rule gives. */
TEST(zero_rule_of_precision_recall_and_f1) {
    static const struct {
        int tp, fp, fn, tn;
        double precision, recall, f1, specificity;
    } cases[] = {
        {0, 0, 0, 4, 1, 1, 1, 1},   /* neither predicted nor true */
        {0, 2, 0, 2, 0, 1, 0, 0.5}, /* predicted, none true */
        {0, 0, 3, 1, 1, 0, 0, 1},   /* true, none predicted */
        {2, 0, 0, 0, 1, 1, 1, 1},   /* no negative at all */
        {1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        int n = cases[c].tp + cases[c].fp + cases[c].fn + cases[c].tn, at = 0;
        rows r = rows_new(n, 2);
        for (int i = 0; i < cases[c].tp; i++, at++)
            r.y[at] = r.decided[at] = 1;
        for (int i = 0; i < cases[c].fp; i++, at++)
            r.decided[at] = 1;
        for (int i = 0; i < cases[c].fn; i++, at++)
            r.y[at] = 1;
        ASSERT_NEAR(metric_of("precision", &r.scored), cases[c].precision, 0);
        ASSERT_NEAR(metric_of("recall", &r.scored), cases[c].recall, 0);
        ASSERT_NEAR(metric_of("f1", &r.scored), cases[c].f1, 0);
        ASSERT_NEAR(metric_of("specificity", &r.scored), cases[c].specificity, 0);
        rows_free(&r);
    }
}

TEST(one_class_only_leaves_rank_metrics_undefined) {
    rows r = binary_rows(20, 1);
    for (int i = 0; i < 20; i++)
        r.y[i] = 0;
    ASSERT_TRUE(isnan(metric_of("roc_auc", &r.scored)));
    ASSERT_TRUE(isnan(metric_of("pr_auc", &r.scored)));
    ASSERT_FALSE(isnan(metric_of("log_loss", &r.scored)));
    for (int i = 0; i < 20; i++)
        r.y[i] = 1;
    ASSERT_TRUE(isnan(metric_of("roc_auc", &r.scored)));
    ASSERT_NEAR(metric_of("pr_auc", &r.scored), 1, 0);
    rows_free(&r);
}

TEST(constant_scores_rank_nothing) {
    rows r = binary_rows(50, 2);
    for (int i = 0; i < 50; i++)
        r.score[i] = 0.25;
    double share = 0;
    for (int i = 0; i < 50; i++)
        share += r.y[i] / 50;
    ASSERT_NEAR(metric_of("roc_auc", &r.scored), 0.5, 1e-15);
    ASSERT_NEAR(metric_of("pr_auc", &r.scored), share, 1e-15);
    rows_free(&r);
}

TEST(no_rows_and_no_weight_leave_every_metric_undefined) {
    static const int tasks[] = {0, 2, MANY};
    for (int t = 0; t < 3; t++) {
        rows r = tasks[t] == 0 ? number_rows(5, 1) : tasks[t] == 2 ? binary_rows(5, 1) : multi_rows(5, 1);
        for (int m = 0; m < tend_n_metrics; m++) {
            if (!(tend_metrics[m].tasks & tend_metric_task_bit(tasks[t])))
                continue;
            tend_scored none = r.scored;
            none.n = 0;
            ASSERT_TRUE(isnan(tend_metrics[m].compute(&none)));
            memset(r.weight, 0, 5 * sizeof(double));
            none = r.scored;
            none.weight = r.weight;
            ASSERT_TRUE(isnan(tend_metrics[m].compute(&none)));
        }
        rows_free(&r);
    }
}

TEST(one_row) {
    rows r = rows_new(1, 0);
    r.y[0] = 3;
    r.score[0] = 5;
    ASSERT_NEAR(metric_of("rmse", &r.scored), 2, 0);
    ASSERT_NEAR(metric_of("median_absolute_error", &r.scored), 2, 0);
    ASSERT_TRUE(isnan(metric_of("r2", &r.scored)));
    rows_free(&r);
}

TEST(a_nan_score_never_gives_a_number) {
    rows b = binary_rows(30, 4), m = multi_rows(30, 4), n = number_rows(30, 4);
    b.score[7] = n.score[7] = (double)NAN;
    for (int k = 0; k < MANY; k++)
        m.scores[7 * MANY + k] = (double)NAN;
    static const char *const binary[] = {"roc_auc", "pr_auc", "log_loss", "brier", "calibration_error"};
    for (size_t i = 0; i < 5; i++)
        ASSERT_TRUE(isnan(metric_of(binary[i], &b.scored)));
    static const char *const multi[] = {"roc_auc", "log_loss", "brier"};
    for (size_t i = 0; i < 3; i++)
        ASSERT_TRUE(isnan(metric_of(multi[i], &m.scored)));
    for (int i = 0; i < tend_n_metrics; i++)
        if (tend_metrics[i].tasks & TEND_METRIC_REGRESSION)
            ASSERT_TRUE(isnan(tend_metrics[i].compute(&n.scored)));
    rows_free(&b);
    rows_free(&m);
    rows_free(&n);
}

TEST(an_even_median_is_the_mean_of_the_middle_two) {
    rows r = rows_new(4, 0);
    for (int i = 0; i < 4; i++)
        r.score[i] = 4 - i;
    ASSERT_NEAR(metric_of("median_absolute_error", &r.scored), 2.5, 0);
    rows_free(&r);
}

TEST(mape_leaves_zero_truth_out_and_rmsle_refuses_negative_truth) {
    rows r = rows_new(3, 0);
    r.y[0] = 0, r.y[1] = 10, r.y[2] = -20;
    r.score[0] = 5, r.score[1] = 11, r.score[2] = -14;
    ASSERT_NEAR(metric_of("mape", &r.scored), (0.1 + 0.3) / 2, 1e-15);
    ASSERT_TRUE(isnan(metric_of("rmsle", &r.scored)));
    r.scored.n = 1;
    ASSERT_TRUE(isnan(metric_of("mape", &r.scored)));
    rows_free(&r);
}

TEST(certain_and_wrong_is_a_finite_log_loss) {
    rows r = rows_new(1, 2);
    r.y[0] = 1;
    ASSERT_NEAR(metric_of("log_loss", &r.scored), 36.04365338911715, 1e-12); /* -ln(2^-52) */
    rows_free(&r);
}

TEST(a_class_that_never_occurs_does_not_count_in_macro_averages) {
    rows r = rows_new(4, MANY);
    for (int i = 0; i < 4; i++) {
        r.y[i] = r.decided[i] = i % 2;
        for (int k = 0; k < MANY; k++)
            r.scores[i * MANY + k] = 0.25;
    }
    ASSERT_NEAR(metric_of("f1_macro", &r.scored), 1, 0);
    ASSERT_NEAR(metric_of("balanced_accuracy", &r.scored), 1, 0);
    ASSERT_NEAR(metric_of("roc_auc", &r.scored), 0.5, 0);
    rows_free(&r);
}

/* recall_score and precision_score with average="macro", zero_division=0: class 1 is never true,
 * class 2 never predicted. */
TEST(what_is_never_true_or_never_predicted_is_0_in_macro_averages) {
    static const int truth[4] = {0, 0, 2, 3}, decided[4] = {0, 1, 0, 3};
    rows r = rows_new(4, MANY);
    for (int i = 0; i < 4; i++) {
        r.y[i] = truth[i];
        r.decided[i] = decided[i];
    }
    ASSERT_NEAR(metric_of("recall_macro", &r.scored), (0.5 + 0 + 0 + 1) / 4, 1e-15);
    ASSERT_NEAR(metric_of("precision_macro", &r.scored), (0.5 + 0 + 0 + 1) / 4, 1e-15);
    ASSERT_NEAR(metric_of("balanced_accuracy", &r.scored), (0.5 + 0 + 1) / 3, 1e-15);
    rows_free(&r);
}

TEST(table_is_well_formed) {
    for (int i = 0; i < tend_n_metrics; i++) {
        ASSERT_TRUE(tend_metric_find(tend_metrics[i].name) == &tend_metrics[i]);
        ASSERT_TRUE(tend_metrics[i].tasks != 0 && tend_metrics[i].help[0] != '\0');
        ASSERT_TRUE((tend_metrics[i].best == 1) == tend_metrics[i].greater_is_better);
    }
    ASSERT_NULL(tend_metric_find("rocauc"));
    static const int classes[] = {0, 2, 3};
    for (int i = 0; i < 3; i++)
        ASSERT_TRUE(tend_metric_find(tend_metric_default(classes[i]))->tasks & tend_metric_task_bit(classes[i]));
}

TEST(check_names_the_row) {
    tend_error err = TEND_ERROR_INIT;
    rows b = binary_rows(5, 1), n = number_rows(5, 1);
    ASSERT_OK(tend_scored_check(&b.scored, &err), &err);
    ASSERT_OK(tend_scored_check(&n.scored, &err), &err);
    b.score[3] = 1.5;
    ASSERT_FAILS(tend_scored_check(&b.scored, &err), &err, INVALID, "row 4: the score 1.5");
    b.score[3] = 0.5;
    b.y[2] = 2;
    ASSERT_FAILS(tend_scored_check(&b.scored, &err), &err, INVALID, "row 3: the class 2");
    b.y[2] = 1;
    b.decided[0] = -1;
    ASSERT_FAILS(tend_scored_check(&b.scored, &err), &err, INVALID, "row 1: the decision -1");
    n.score[4] = (double)INFINITY;
    ASSERT_FAILS(tend_scored_check(&n.scored, &err), &err, INVALID, "row 5: the prediction is inf");
    n.score[4] = 0;
    n.weight[1] = -1;
    n.scored.weight = n.weight;
    ASSERT_FAILS(tend_scored_check(&n.scored, &err), &err, INVALID, "row 2: the weight is -1");
    n.scored.n_classes = 1;
    ASSERT_FAILS(tend_scored_check(&n.scored, &err), &err, INVALID, "two classes or more");
    rows_free(&b);
    rows_free(&n);
}
