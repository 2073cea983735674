#include "serve/handlers.h"
#include "serve/prometheus.h"
#include "service_case.h"

TEST(escapes_labels_and_writes_special_numbers) {
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    serve_label label = {"model", "a\"b\\c\nd"};
    serve_family(&out, "x_total", "counter", "back\\slash\nand \"quotes\"");
    serve_sample(&out, "x_total", &label, 1, 0.1);
    serve_sample(&out, "x_total", NULL, 0, (double)INFINITY);
    ASSERT_STR_EQ(tend_buf_text(&out), "# HELP x_total back\\\\slash\\nand \"quotes\"\n# TYPE x_total counter\n"
                                       "x_total{model=\"a\\\"b\\\\c\\nd\"} 0.1\nx_total +Inf\n");
}

/* The lanes of all workers make one series; buckets are cumulative and end in the count. */
TEST(adds_up_the_lanes) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(serve_service) *s = case_service(arena, case_bundle(arena, TEND_TASK_BINARY, NULL), "");
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    serve_version *v = s->deployment->versions[0];
    serve_version_count(v, 0, SERVE_CHAMPION, 1, false, 15000);      /* 15 µs: the bucket to 20 µs */
    serve_version_count(v, 1, SERVE_CHAMPION, 10, false, 3000000);   /* 3 ms: to 5 ms */
    serve_version_count(v, 1, SERVE_CHAMPION, 0, true, 60000000000); /* a minute: no bound */
    serve_version_count(v, 0, SERVE_DIRECT, 2, false, 1);
    serve_metrics_write(s, s->deployment, arena, &out);
    const char *text = tend_buf_text(&out), *version = v->version;
    const struct {
        const char *series, *route, *more, *value;
    } wanted[] = {{"tend_requests_total", "champion", "", "3"},
                  {"tend_faulty_requests_total", "champion", "", "1"},
                  {"tend_predictions_total", "champion", "", "11"},
                  {"tend_predictions_total", "direct", "", "2"},
                  {"tend_request_duration_seconds_bucket", "champion", ",le=\"0.00001\"", "0"},
                  {"tend_request_duration_seconds_bucket", "champion", ",le=\"0.00002\"", "1"},
                  {"tend_request_duration_seconds_bucket", "champion", ",le=\"0.005\"", "2"},
                  {"tend_request_duration_seconds_bucket", "champion", ",le=\"50\"", "2"},
                  {"tend_request_duration_seconds_bucket", "champion", ",le=\"+Inf\"", "3"},
                  {"tend_request_duration_seconds_count", "champion", "", "3"},
                  {"tend_request_duration_seconds_sum", "champion", "", "60.003015"}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        ASSERT_HAS(text, tend_arena_printf(arena, "\n%s{model=\"town-model\",version=\"%s\",route=\"%s\"%s} %s\n", wanted[i].series,
                                           version, wanted[i].route, wanted[i].more, wanted[i].value));
    ASSERT_NULL(strstr(text, "route=\"canary\"")); /* it has none, and never answered as one */
    ASSERT_HAS(text, "\ntend_model_ready{model=\"town-model\"} 1\n");
    ASSERT_HAS(text, "\ntend_log_full{model=\"town-model\",log=\"feedback\"} 0\n");
    ASSERT_HAS(text, "\ntend_build_info{version=\"");
}

/* Every series is introduced once, and no sample stands outside its family. */
TEST(introduces_each_family_once) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(serve_service) *s = case_service(arena, case_bundle(arena, TEND_TASK_BINARY, NULL), "");
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    char family[128] = "";
    int n = 0;
    serve_metrics_write(s, s->deployment, arena, &out);
    for (const char *at = tend_buf_text(&out); *at; at = strchr(at, '\n') + 1) {
        if (!strncmp(at, "# TYPE ", 7)) {
            snprintf(family, sizeof family, "%.*s", (int)strcspn(at + 7, " "), at + 7);
            const char *head = tend_arena_printf(arena, "# TYPE %s ", family);
            ASSERT_TRUE(strstr(tend_buf_text(&out), head) == at);
            n++;
        } else if (*at != '#') {
            ASSERT_TRUE(strncmp(at, family, strlen(family)) == 0);
        }
    }
    ASSERT_TRUE(n > 25);
}

/* By hand: of 4 counts in (10 µs, 20 µs] and 4 in (20 µs, 50 µs], the median is the end of the first bucket. */
TEST(quantiles_of_a_histogram) {
    long long counts[SERVE_BUCKETS] = {0};
    ASSERT_TRUE(isnan(serve_histogram_quantile(counts, 0.5)));
    counts[1] = counts[2] = 4;
    ASSERT_NEAR(serve_histogram_quantile(counts, 0.5), 20e-6, 1e-12);
    ASSERT_NEAR(serve_histogram_quantile(counts, 0.25), 15e-6, 1e-12);
    ASSERT_NEAR(serve_histogram_quantile(counts, 1), 50e-6, 1e-12);
    counts[SERVE_BUCKETS - 1] = 100; /* beyond every bound: its lower end is all that is known */
    ASSERT_NEAR(serve_histogram_quantile(counts, 0.99), 50, 1e-9);
}
