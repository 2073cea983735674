/* The views over a log that is written, rotated and sealed at the same time. */
#include "support/suite.h"

#include "base/fs.h"
#include "flow/prediction_log.h"
#include "store/feedback.h"
#include "store/journal.h"
#include "store/prediction_id.h"

#include <pthread.h>
#include <stdatomic.h>

static tend_journal *open_journal(const char *folder, uint64_t segment_bytes) {
    tend_error err = TEND_ERROR_INIT;
    tend_journal_options options = TEND_JOURNAL_OPTIONS_INIT;
    tend_journal *journal = NULL;
    options.folder = folder;
    options.segment_bytes = segment_bytes;
    ASSERT_OK(tend_journal_open(&options, &journal, &err), &err);
    return journal;
}

static bool append_prediction(tend_journal *journal, uint64_t n) {
    char id[TEND_PREDICTION_ID], line[256];
    tend_prediction_id_format(1795883560000 + n, 1, n, id);
    int size = snprintf(line, sizeof line,
                        "{\"id\":\"%s\",\"time\":\"2026-11-28T16:32:40.123456Z\",\"model\":\"m\",\"version\":1,\"route\":\"champion\","
                        "\"features\":{\"x\":%llu},\"prediction\":%llu}\n",
                        id, (unsigned long long)n, (unsigned long long)n);
    return tend_journal_append(journal, line, (size_t)size, 1);
}

static int64_t ask(const char *store, const char *sql) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_prediction_query query = TEND_PREDICTION_QUERY_INIT;
    tend_table *out = NULL;
    query.store = store;
    query.model = "m";
    query.sql = sql;
    ASSERT_OK(tend_predictions_query(&query, arena, &out, &err), &err);
    ASSERT_EQ(out->n_rows, 1);
    return (int64_t)tend_column_double(&out->columns[0], 0);
}

typedef struct writer {
    tend_journal *journal;
    atomic_llong acknowledged;
    atomic_bool stop, failed;
} writer;

static void *write_on(void *ctx) {
    writer *w = ctx;
    for (uint64_t n = 0; !atomic_load(&w->stop); n++) {
        if (!append_prediction(w->journal, n))
            atomic_store(&w->failed, true);
        atomic_fetch_add(&w->acknowledged, 1);
        if (n % 4 == 0)
            tend_journal_maintain(w->journal);
    }
    return NULL;
}

TEST(a_query_sees_what_was_acknowledged_before_it_while_segments_are_sealed) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *store = tend_path_join(arena, suite_scratch(), "sealing");
    static writer w; /* outlives a failure of the test */
    w.journal = open_journal(tend_predictions_folder(store, "m", arena), 2000);
    pthread_t thread;
    ASSERT_EQ(pthread_create(&thread, NULL, write_on, &w), 0);
    for (int i = 0; i < 12; i++) {
        int64_t before = atomic_load(&w.acknowledged), found = ask(store, "SELECT count(DISTINCT id) FROM predictions");
        ASSERT_TRUE(found >= before);
    }
    atomic_store(&w.stop, true);
    pthread_join(thread, NULL);
    ASSERT_FALSE(atomic_load(&w.failed));
    tend_journal_close(w.journal);
    int64_t all = atomic_load(&w.acknowledged);
    ASSERT_EQ(ask(store, "SELECT count(*) FROM predictions"), all);
    ASSERT_EQ(ask(store, "SELECT max(prediction) FROM predictions"), all - 1);
    ASSERT_EQ(ask(store, "SELECT count(*) FROM predictions WHERE (features->>'x')::DOUBLE <> prediction"), 0);
}

static void say(tend_journal *journal, uint64_t n, const char *target, int64_t micros) {
    TEND_AUTO_BUF line = TEND_BUF_INIT;
    tend_error err = TEND_ERROR_INIT;
    char id[TEND_PREDICTION_ID];
    tend_prediction_id_format(1795883560000 + n, 1, n, id);
    tend_feedback feedback = {.id = tend_str_of(id), .target = tend_str_of(target), .who = "", .micros = micros};
    ASSERT_OK(tend_feedback_format(&feedback, NULL, 0, &line, &err), &err);
    ASSERT_TRUE(tend_journal_append(journal, line.data, line.size, 1));
}

TEST(the_last_feedback_counts_and_of_equal_times_the_later_line) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *store = tend_path_join(arena, suite_scratch(), "last");
    tend_journal *predictions = open_journal(tend_predictions_folder(store, "m", arena), 1 << 20);
    for (uint64_t n = 0; n < 4; n++)
        ASSERT_TRUE(append_prediction(predictions, n));
    tend_journal *first = open_journal(tend_feedback_folder(store, "m", arena), 1 << 20);
    tend_journal *second = open_journal(tend_feedback_folder(store, "m", arena), 1 << 20);
    say(first, 0, "100", 3000000);
    say(first, 0, "101", 2000000); /* came later, but was true earlier */
    say(first, 1, "102", 1000000);
    say(first, 1, "103", 1000000);
    say(first, 2, "104", 1000000);
    say(second, 2, "105", 1000000);
    say(second, 77, "106", 1000000); /* of no prediction */
    ASSERT_EQ(ask(store, "SELECT target FROM predictions WHERE prediction = 0"), 100);
    ASSERT_EQ(ask(store, "SELECT target FROM predictions WHERE prediction = 1"), 103);
    ASSERT_EQ(ask(store, "SELECT target FROM predictions WHERE prediction = 2"), 105);
    ASSERT_EQ(ask(store, "SELECT count(*) FROM predictions WHERE target IS NULL"), 1);
    ASSERT_EQ(ask(store, "SELECT count(*) FROM predictions"), 4);
    ASSERT_EQ(ask(store, "SELECT count(*) FROM feedback"), 4);
    tend_journal_close(predictions);
    tend_journal_close(first);
    tend_journal_close(second);
}
