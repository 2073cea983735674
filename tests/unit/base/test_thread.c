#include "support/suite.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

#include <stdatomic.h>

static void count_task(void *ctx, size_t i) {
    atomic_int *counts = ctx;
    atomic_fetch_add(&counts[i], 1);
}

TEST(every_task_runs_once_on_any_number_of_threads) {
    enum { N = 1000 };
    static atomic_int counts[N];
    static const int threads[] = {1, 2, 3, 8, 5000, 0};
    for (int t = 0; t < 6; t++) {
        for (int i = 0; i < N; i++)
            atomic_store(&counts[i], 0);
        tend_parallel_for(N, threads[t], count_task, counts);
        for (int i = 0; i < N; i++)
            ASSERT_EQ(atomic_load(&counts[i]), 1);
    }
    tend_parallel_for(0, 4, count_task, NULL);
}

TEST(the_environment_sets_the_number_of_threads) {
    setenv("TEND_JOBS", "3", 1);
    ASSERT_EQ(tend_thread_count(), 3);
    setenv("TEND_JOBS", "nonsense", 1);
    ASSERT_TRUE(tend_thread_count() >= 1);
    unsetenv("TEND_JOBS");
    ASSERT_TRUE(tend_thread_count() >= 1);
}

typedef struct heard {
    int n;
    char last[64];
    int64_t done;
} heard;

static void hear(void *ctx, const tend_log_event *event) {
    heard *h = ctx;
    h->n++;
    snprintf(h->last, sizeof h->last, "%s", event->what);
    h->done = event->done;
}

static void log_task(void *ctx, size_t i) {
    (void)ctx;
    tend_log(TEND_LOG_INFO, "task %zu", i);
}

TEST(events_reach_the_sink_one_at_a_time) {
    heard h = {0};
    tend_log(TEND_LOG_INFO, "nobody listens");
    tend_log_set_sink(hear, &h);
    tend_progress("train", 3, 10, "rounds");
    ASSERT_STR_EQ(h.last, "train");
    ASSERT_EQ(h.done, 3);
    tend_log(TEND_LOG_WARNING, "%d rows", 5);
    ASSERT_STR_EQ(h.last, "5 rows");
    tend_parallel_for(500, 4, log_task, NULL);
    ASSERT_EQ(h.n, 502);
    tend_log_set_sink(NULL, NULL);
    tend_log(TEND_LOG_INFO, "gone");
    ASSERT_EQ(h.n, 502);
}

TEST(the_clock_can_be_set_for_tests) {
    char text[32];
    setenv("TEND_NOW", "2026-11-23T01:26:25Z", 1);
    ASSERT_EQ(tend_clock_micros(), INT64_C(1795397185000000)); /* date -d 2026-11-23T01:26:25Z +%s */
    tend_clock_format(tend_clock_micros(), text);
    ASSERT_STR_EQ(text, "2026-11-23T01:26:25Z");
    setenv("TEND_NOW", "1500000", 1);
    ASSERT_EQ(tend_clock_micros(), 1500000);
    setenv("TEND_NOW", "2026-02-03", 1);
    tend_clock_format(tend_clock_micros(), text);
    ASSERT_STR_EQ(text, "2026-02-03T00:00:00Z");
    unsetenv("TEND_NOW");
    ASSERT_TRUE(tend_clock_micros() > INT64_C(1700000000000000));
    tend_clock_format(-1, text);
    ASSERT_STR_EQ(text, "1969-12-31T23:59:59Z");
    tend_clock_format_micros(-1, text);
    ASSERT_STR_EQ(text, "1969-12-31T23:59:59.999999Z");
    tend_clock_format_micros(INT64_C(1795397185000078), text);
    ASSERT_STR_EQ(text, "2026-11-23T01:26:25.000078Z");
    double before = tend_clock_seconds();
    ASSERT_TRUE(tend_clock_seconds() >= before);
}
