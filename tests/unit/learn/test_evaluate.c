/* The evaluation document: metrics, confusion, curves, residuals. Slices: test_evaluate_slices.c.
 */
#include "evaluate_cases.h"
#include "learn/evaluate_parts.h"

TEST(binary_document_has_every_metric_with_an_interval) {
    people p = people_new(900, 0);
    tend_evaluate_options options = people_options();
    const tend_node *doc = evaluate(&p, &options);
    ASSERT_EQ(number_at(doc, "n"), 900);
    ASSERT_STR_EQ(tend_node_string(tend_node_get(doc, "metric"), ""), "roc_auc");
    for (int i = 0; i < tend_n_metrics; i++) {
        const tend_node *m = tend_node_get(tend_node_get(doc, "metrics"), tend_metrics[i].name);
        ASSERT_TRUE((m != NULL) == ((tend_metrics[i].tasks & TEND_METRIC_BINARY) != 0));
        if (!m)
            continue;
        ASSERT_NEAR(number_at(m, "value"), tend_metrics[i].compute(&p.scored), 0);
        ASSERT_TRUE(number_at(m, "low") <= number_at(m, "value") && number_at(m, "value") <= number_at(m, "high"));
    }
    ASSERT_NULL(tend_node_get(doc, "residuals"));
    people_free(&p);
}

TEST(confusion_agrees_with_precision_and_recall) {
    people p = people_new(900, 0);
    tend_evaluate_options options = people_options();
    const tend_node *doc = evaluate(&p, &options);
    double tn = number_at(doc, "confusion.counts.0.0"), fp = number_at(doc, "confusion.counts.0.1"),
           fn = number_at(doc, "confusion.counts.1.0"), tp = number_at(doc, "confusion.counts.1.1");
    ASSERT_EQ(tn + fp + fn + tp, 900);
    ASSERT_NEAR(tp / (tp + fp), number_at(doc, "metrics.precision.value"), 1e-15);
    ASSERT_NEAR(tp / (tp + fn), number_at(doc, "metrics.recall.value"), 1e-15);
    ASSERT_STR_EQ(tend_node_string(tend_node_path(doc, "confusion.classes.1"), ""), ">50K");
    people_free(&p);
}

static double area_under(const tend_node *curve) {
    double area = 0;
    for (size_t i = 1; i < curve->count; i++) {
        const tend_node *a = tend_node_at(curve, i - 1), *b = tend_node_at(curve, i);
        area += (number_at(b, "0") - number_at(a, "0")) * (number_at(a, "1") + number_at(b, "1")) / 2;
    }
    return area;
}

TEST(curves_are_short_and_keep_their_shape) {
    people p = people_new(5000, 0);
    tend_evaluate_options options = people_options();
    const tend_node *doc = evaluate(&p, &options);
    static const char *const names[] = {"roc", "pr", "gain"};
    for (int i = 0; i < 3; i++) {
        const tend_node *curve = tend_node_get(tend_node_get(doc, "curves"), names[i]);
        ASSERT_TRUE(curve->count > 20 && curve->count <= TEND_CURVE_POINTS_MAX);
        ASSERT_NEAR(number_at(tend_node_at(curve, 0), "0"), 0, 0);
        ASSERT_NEAR(number_at(tend_node_at(curve, curve->count - 1), "0"), 1, 0);
    }
    ASSERT_NEAR(area_under(tend_node_path(doc, "curves.roc")), number_at(doc, "metrics.roc_auc.value"), 0.002);
    ASSERT_NEAR(area_under(tend_node_path(doc, "curves.pr")), number_at(doc, "metrics.pr_auc.value"), 0.01);
    people_free(&p);
}

TEST(calibration_bins_carry_all_rows_and_give_the_error) {
    people p = people_new(1000, 0);
    tend_evaluate_options options = people_options();
    const tend_node *doc = evaluate(&p, &options);
    const tend_node *bins = tend_node_path(doc, "curves.calibration");
    ASSERT_EQ(bins->count, 10);
    double n = 0, error = 0;
    TEND_NODE_EACH(bin, bins) {
        n += number_at(bin, "n");
        error += number_at(bin, "n") / 1000 * fabs(number_at(bin, "mean_score") - number_at(bin, "observed"));
        ASSERT_TRUE(number_at(bin, "low") < number_at(bin, "observed") + 1e-12 &&
                    number_at(bin, "observed") < number_at(bin, "high") + 1e-12);
    }
    ASSERT_EQ(n, 1000);
    ASSERT_NEAR(error, number_at(doc, "metrics.calibration_error.value"), 1e-12);
    people_free(&p);
}

TEST(thinning_keeps_every_corner_of_a_short_curve) {
    tend_point stairs[] = {{0, 0}, {0, 0.25}, {0, 0.5}, {0.25, 0.5}, {0.5, 0.5}, {0.5, 1}, {0.75, 1}, {1, 1}};
    ASSERT_EQ(tend_curve_thin(stairs, 8), 5);
    static const tend_point want[] = {{0, 0}, {0, 0.5}, {0.5, 0.5}, {0.5, 1}, {1, 1}};
    ASSERT_MEM_EQ(stairs, want, sizeof want);
}

TEST(thinning_bounds_a_long_curve) {
    enum { N = 20000 };
    tend_point *points = malloc(sizeof *points * N);
    for (int i = 0; i < N; i++) {
        double x = (double)i / (N - 1);
        points[i] = (tend_point){x, sqrt(x)};
    }
    int64_t n = tend_curve_thin(points, N);
    ASSERT_EQ(n, TEND_CURVE_POINTS_MAX);
    for (int64_t i = 1; i < n; i++) {
        double middle = (points[i - 1].x + points[i].x) / 2;
        ASSERT_NEAR((points[i - 1].y + points[i].y) / 2, sqrt(middle), 0.01);
    }
    free(points);
}

TEST(one_class_only_gives_a_document_without_a_roc_curve) {
    people p = people_new(60, 0);
    for (int i = 0; i < 60; i++)
        p.y[i] = 0;
    tend_evaluate_options options = people_options();
    const tend_node *doc = evaluate(&p, &options);
    ASSERT_NULL(tend_node_path(doc, "curves.roc"));
    ASSERT_EQ(tend_node_path(doc, "metrics.roc_auc.value")->kind, TEND_NODE_NULL);
    ASSERT_EQ(tend_node_path(doc, "worst_slices")->count, 0);
    people_free(&p);
}

TEST(no_rows_give_a_document_of_nulls) {
    people p = people_new(10, 0);
    p.scored.n = 0;
    tend_evaluate_options options = people_options();
    const tend_node *doc = evaluate(&p, &options);
    ASSERT_EQ(number_at(doc, "n"), 0);
    ASSERT_EQ(tend_node_path(doc, "metrics.accuracy.value")->kind, TEND_NODE_NULL);
    people_free(&p);
}

static people price_rows(int64_t n) {
    people p = people_new(n, 0);
    for (int64_t i = 0; i < n; i++) {
        p.y[i] = (double)(i % 100);
        p.score[i] = p.y[i] - (double)(i % 7) + 3; /* residuals -3 to 3 */
    }
    p.scored = (tend_scored){.n = n, .y = p.y, .score = p.score};
    return p;
}

/* numpy.quantile of i % 7 - 3 for i < 1400: every value 200 times. */
TEST(residuals_are_summed_up) {
    people p = price_rows(1400);
    tend_evaluate_options options = {.task = TEND_TASK_REGRESSION, .replicates = 20};
    const tend_node *doc = evaluate(&p, &options);
    ASSERT_NULL(tend_node_get(doc, "confusion"));
    ASSERT_NEAR(number_at(doc, "residuals.quantiles.min"), -3, 0);
    ASSERT_NEAR(number_at(doc, "residuals.quantiles.p05"), -3, 0);
    ASSERT_NEAR(number_at(doc, "residuals.quantiles.p25"), -2, 0);
    ASSERT_NEAR(number_at(doc, "residuals.quantiles.p50"), 0, 0);
    ASSERT_NEAR(number_at(doc, "residuals.quantiles.p95"), 3, 0);
    double counted = 0;
    TEND_NODE_EACH(count, tend_node_path(doc, "residuals.histogram.counts"))
        counted += tend_node_double(count, 0);
    ASSERT_EQ(counted, 1400);
    ASSERT_EQ(tend_node_path(doc, "residuals.histogram.edges")->count, 31);
    const tend_node *points = tend_node_path(doc, "residuals.points");
    ASSERT_EQ(points->count, 500);
    TEND_NODE_EACH(point, points)
        ASSERT_TRUE(fabs(number_at(point, "0") - number_at(point, "1")) <= 3);
    people_free(&p);
}

TEST(equal_residuals_have_a_histogram_too) {
    people p = price_rows(40);
    for (int i = 0; i < 40; i++)
        p.score[i] = p.y[i] - 2;
    tend_evaluate_options options = {.task = TEND_TASK_REGRESSION, .replicates = 20};
    const tend_node *doc = evaluate(&p, &options);
    double counted = 0;
    TEND_NODE_EACH(count, tend_node_path(doc, "residuals.histogram.counts"))
        counted += tend_node_double(count, 0);
    ASSERT_EQ(counted, 40);
    ASSERT_EQ(tend_node_path(doc, "residuals.points")->count, 40);
    people_free(&p);
}

TEST(many_classes_are_pooled_in_the_confusion) {
    enum { CLASSES = 40, N = 1200 };
    people p = people_new(N, 0);
    double *scores = TEND_ARRAY(p.arena, double, N *CLASSES);
    for (int i = 0; i < N; i++) {
        p.y[i] = i % 35 == 0 ? 39 : i % 35; /* classes 35 to 38 never occur, 0 neither */
        p.decided[i] = (int32_t)p.y[i];
        for (int k = 0; k < CLASSES; k++)
            scores[i * CLASSES + k] = k == p.decided[i];
    }
    p.scored = (tend_scored){.n = N, .n_classes = CLASSES, .y = p.y, .scores = scores, .decided = p.decided};
    tend_evaluate_options options = {.task = TEND_TASK_MULTICLASS, .n_classes = CLASSES, .replicates = 10};
    const tend_node *doc = evaluate(&p, &options), *classes = tend_node_path(doc, "confusion.classes");
    ASSERT_EQ(classes->count, 31);
    ASSERT_STR_EQ(tend_node_string(tend_node_at(classes, 0), ""), "1");
    ASSERT_STR_EQ(tend_node_string(tend_node_at(classes, 30), ""), "(other)");
    double all = 0, right = 0;
    for (size_t i = 0; i < 31; i++) {
        for (size_t j = 0; j < 31; j++) {
            double count = tend_node_double(tend_node_at(tend_node_at(tend_node_path(doc, "confusion.counts"), i), j), 0);
            all += count;
            right += i == j ? count : 0;
        }
    }
    ASSERT_EQ(all, N);
    ASSERT_EQ(right, N);
    ASSERT_NEAR(number_at(doc, "metrics.roc_auc.value"), 1, 0);
    people_free(&p);
}

TEST(the_metric_must_fit_the_task) {
    people p = people_new(20, 0);
    tend_evaluate_options options = people_options();
    options.metric = "rmse";
    tend_error err = TEND_ERROR_INIT;
    tend_diags diags;
    tend_diags_init(&diags, p.arena);
    tend_node *out = NULL;
    ASSERT_FAILS(tend_evaluate(p.table, NULL, &p.scored, &options, p.arena, &diags, &out, &err), &err, INVALID,
                 "'rmse' does not apply to binary");
    ASSERT_NULL(out);
    people_free(&p);
}

TEST(threads_never_change_the_document) {
    people p = people_new(3000, 0.5);
    tend_evaluate_options options = people_options();
    TEND_AUTO_BUF one = TEND_BUF_INIT, two = TEND_BUF_INIT;
    setenv("TEND_JOBS", "1", 1);
    tend_json_format(evaluate(&p, &options), 0, &one);
    setenv("TEND_JOBS", "3", 1);
    tend_json_format(evaluate(&p, &options), 0, &two);
    unsetenv("TEND_JOBS");
    ASSERT_STR_EQ(tend_buf_text(&one), tend_buf_text(&two));
    people_free(&p);
}
