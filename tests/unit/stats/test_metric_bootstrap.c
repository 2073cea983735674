/* Bootstrap intervals: agreement with scipy, coverage, pairing, the same bits on any number of
 * threads, blocks. */
#include "metric_cases.h"

enum { ALL = 32 };

static int metrics_for(int n_classes, const tend_metric **out) {
    int n = 0;
    for (int i = 0; i < tend_n_metrics; i++)
        if (tend_metrics[i].tasks & tend_metric_task_bit(n_classes))
            out[n++] = &tend_metrics[i];
    return n;
}

static tend_estimate estimate(const char *name, const tend_scored *scored, tend_bootstrap_options options) {
    tend_error err = TEND_ERROR_INIT;
    const tend_metric *metric = tend_metric_find(name);
    tend_estimate out = {0};
    ASSERT_OK(tend_bootstrap(scored, &metric, 1, &options, &out, &err), &err);
    return out;
}

/* scipy.stats.bootstrap(paired=True, method="percentile", n_resamples=4000); both have some
 * sampling error of their own. */
TEST(intervals_agree_with_scipy) {
    rows r = binary_rows(400, 7);
    tend_bootstrap_options options = {.replicates = 4000, .seed = 1};
    tend_estimate auc = estimate("roc_auc", &r.scored, options), brier = estimate("brier", &r.scored, options);
    ASSERT_NEAR(auc.low, 0.8106043298053566, 0.003);
    ASSERT_NEAR(auc.high, 0.8898209956787348, 0.003);
    ASSERT_NEAR(brier.low, 0.15284204101562499, 0.001);
    ASSERT_NEAR(brier.high, 0.17693980407714843, 0.001);
    rows_free(&r);
}

TEST(values_are_the_metrics_and_lie_in_their_intervals) {
    static const int tasks[] = {0, 2, MANY};
    for (int t = 0; t < 3; t++) {
        rows r = tasks[t] == 0 ? number_rows(300, 1) : tasks[t] == 2 ? binary_rows(300, 1) : multi_rows(300, 1);
        const tend_metric *metrics[ALL];
        tend_estimate out[ALL];
        int n = metrics_for(tasks[t], metrics);
        tend_error err = TEND_ERROR_INIT;
        ASSERT_OK(tend_metrics_estimate(&r.scored, metrics, n, 100, 0.95, 1, out, &err), &err);
        for (int m = 0; m < n; m++) {
            ASSERT_NEAR(out[m].value, metrics[m]->compute(&r.scored), 0);
            ASSERT_TRUE(out[m].low <= out[m].value && out[m].value <= out[m].high && out[m].low < out[m].high);
        }
        rows_free(&r);
    }
}

/* A share of right decisions with a known truth: about 95 of 100 intervals must hold it. */
TEST(coverage_is_near_the_level) {
    int held = 0;
    for (uint32_t trial = 0; trial < 200; trial++) {
        rows r = rows_new(200, 2);
        uint32_t seed = trial * 7919 + 1;
        for (int i = 0; i < 200; i++)
            r.decided[i] = next_uniform(&seed) < 0.2;
        tend_estimate e = estimate("accuracy", &r.scored, (tend_bootstrap_options){.replicates = 200, .seed = trial});
        held += e.low <= 0.8 && 0.8 <= e.high;
        rows_free(&r);
    }
    ASSERT_TRUE(held >= 180 && held <= 199);
}

TEST(threads_never_change_the_bits) {
    rows r = binary_rows(4000, 5);
    const tend_metric *metrics[ALL];
    int n = metrics_for(2, metrics);
    tend_estimate one[ALL], many[ALL];
    tend_error err = TEND_ERROR_INIT;
    setenv("TEND_JOBS", "1", 1);
    ASSERT_OK(tend_metrics_estimate(&r.scored, metrics, n, 64, 0.9, 3, one, &err), &err);
    setenv("TEND_JOBS", "4", 1);
    ASSERT_OK(tend_metrics_estimate(&r.scored, metrics, n, 64, 0.9, 3, many, &err), &err);
    unsetenv("TEND_JOBS");
    ASSERT_MEM_EQ(one, many, sizeof(tend_estimate) * (size_t)n);
    rows_free(&r);
}

TEST(the_seed_matters_and_other_metrics_do_not) {
    rows r = binary_rows(300, 5);
    const tend_metric *metrics[ALL];
    int n = metrics_for(2, metrics);
    tend_estimate all[ALL];
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_metrics_estimate(&r.scored, metrics, n, 50, 0.95, 3, all, &err), &err);
    tend_estimate alone = estimate(metrics[1]->name, &r.scored, (tend_bootstrap_options){.replicates = 50, .seed = 3});
    tend_estimate other = estimate(metrics[1]->name, &r.scored, (tend_bootstrap_options){.replicates = 50, .seed = 4});
    ASSERT_MEM_EQ(&alone, &all[1], sizeof alone);
    ASSERT_TRUE(other.low != alone.low);
    rows_free(&r);
}

TEST(a_model_differs_from_itself_by_nothing) {
    rows r = binary_rows(300, 6);
    tend_estimate d;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_metric_difference(&r.scored, &r.scored, tend_metric_find("roc_auc"), 100, 0.95, 1, &d, &err), &err);
    ASSERT_NEAR(d.value, 0, 0);
    ASSERT_NEAR(d.low, 0, 0);
    ASSERT_NEAR(d.high, 0, 0);
    rows_free(&r);
}

/* Nearly the same predictions: pairing must make the difference far more certain than either value.
 */
TEST(paired_differences_are_narrow) {
    rows a = number_rows(400, 2), b = number_rows(400, 2);
    for (int i = 0; i < 400; i++)
        b.score[i] += i % 2 ? 0.3 : 0.1;
    tend_estimate d;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_metric_difference(&b.scored, &a.scored, tend_metric_find("rmse"), 300, 0.95, 1, &d, &err), &err);
    tend_estimate e = estimate("rmse", &a.scored, (tend_bootstrap_options){.replicates = 300, .seed = 1});
    ASSERT_NEAR(d.value, metric_of("rmse", &b.scored) - metric_of("rmse", &a.scored), 1e-12);
    ASSERT_TRUE(d.high - d.low < (e.high - e.low) / 5);
    rows_free(&a);
    rows_free(&b);
}

/* In blocks the interval must be about as wide, and stand around the same value, as without. */
TEST(blocks_keep_the_width) {
    rows r = binary_rows(24000, 12);
    static const char *const names[] = {"roc_auc", "log_loss", "recall", "f1"};
    for (size_t i = 0; i < 4; i++) {
        tend_estimate whole = estimate(names[i], &r.scored, (tend_bootstrap_options){.replicates = 300, .seed = 1, .block_rows = 24000});
        tend_estimate parts = estimate(names[i], &r.scored, (tend_bootstrap_options){.replicates = 300, .seed = 1, .block_rows = 2000});
        ASSERT_NEAR(parts.value, whole.value, 0);
        ASSERT_NEAR((parts.high - parts.low) / (whole.high - whole.low), 1, 0.2);
        ASSERT_NEAR((parts.high + parts.low) / 2, (whole.high + whole.low) / 2, (whole.high - whole.low) / 8);
    }
    rows_free(&r);
}

TEST(weights_widen_what_they_should) {
    rows r = binary_rows(400, 7);
    r.scored.weight = r.weight;
    tend_estimate e = estimate("accuracy", &r.scored, (tend_bootstrap_options){.seed = 2});
    ASSERT_NEAR(e.value, 0.7718696397941681, 1e-13);
    /* sqrt(p (1-p) / n_effective) x 1.96 x 2, n_effective = (sum w)^2 / sum w^2 = 400 x 1.5^2 / 3.5
     */
    ASSERT_NEAR(e.high - e.low, 2 * 1.96 * sqrt(0.772 * 0.228 / 257), 0.02);
    rows_free(&r);
}

TEST(undefined_stays_undefined) {
    rows r = binary_rows(40, 1);
    for (int i = 0; i < 40; i++)
        r.y[i] = 0;
    tend_estimate e = estimate("roc_auc", &r.scored, (tend_bootstrap_options){0});
    ASSERT_TRUE(isnan(e.value) && isnan(e.low) && isnan(e.high));
    r.y[0] = 1; /* more than a third of the resamples lack the only positive: the interval is of the
                   others */
    e = estimate("roc_auc", &r.scored, (tend_bootstrap_options){0});
    ASSERT_FALSE(isnan(e.value) || isnan(e.low));
    r.scored.n = 0;
    e = estimate("accuracy", &r.scored, (tend_bootstrap_options){0});
    ASSERT_TRUE(isnan(e.value) && isnan(e.low) && isnan(e.high));
    rows_free(&r);
}

TEST(no_replicates_give_values_only) {
    rows r = binary_rows(40, 1);
    tend_estimate e = estimate("accuracy", &r.scored, (tend_bootstrap_options){.replicates = -1});
    ASSERT_NEAR(e.value, metric_of("accuracy", &r.scored), 0);
    ASSERT_TRUE(isnan(e.low) && isnan(e.high));
    rows_free(&r);
}

TEST(wrong_calls_are_refused) {
    rows b = binary_rows(40, 1), n = number_rows(40, 1), shorter = binary_rows(39, 1);
    tend_error err = TEND_ERROR_INIT;
    tend_estimate out = {0};
    const tend_metric *rmse = tend_metric_find("rmse"), *auc = tend_metric_find("roc_auc");
    ASSERT_FAILS(tend_metrics_estimate(&b.scored, &rmse, 1, 10, 0.95, 1, &out, &err), &err, INVALID, "rmse does not apply to two classes");
    ASSERT_FAILS(tend_metrics_estimate(&b.scored, &auc, 1, 10, 1.5, 1, &out, &err), &err, INVALID, "between 0 and 1");
    ASSERT_FAILS(tend_metric_difference(&b.scored, &shorter.scored, auc, 10, 0.95, 1, &out, &err), &err, INVALID, "same rows");
    n.score[0] = (double)NAN;
    ASSERT_FAILS(tend_metrics_estimate(&n.scored, &rmse, 1, 10, 0.95, 1, &out, &err), &err, INVALID, "row 1");
    rows_free(&b);
    rows_free(&n);
    rows_free(&shorter);
}
