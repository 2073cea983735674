/* Many threads append while another maintains: for ThreadSanitizer, and for the order of each thread's records. */
#include "journal_fixture.h"

#include <pthread.h>

enum { THREADS = 8, RECORDS = 2000 };

typedef struct appender {
    tend_journal *journal;
    int number;
    bool failed;
} appender;

static void *append_all(void *ctx) {
    appender *a = ctx;
    for (int i = 0; i < RECORDS; i++)
        a->failed |= !append_record(a->journal, a->number, i, (size_t)(i % 200)) || tend_journal_is_full(a->journal);
    return NULL;
}

TEST(appending_and_maintaining_at_once) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_journal_options options = in_folder(journal_folder(arena, "threads"));
    options.segment_bytes = 100000;
    tend_journal *journal = open_journal(&options);
    pthread_t threads[THREADS];
    appender appenders[THREADS];
    for (int i = 0; i < THREADS; i++) {
        appenders[i] = (appender){.journal = journal, .number = i};
        ASSERT_EQ(pthread_create(&threads[i], NULL, append_all, &appenders[i]), 0);
    }
    tend_journal_counts counts;
    do {
        tend_journal_maintain(journal);
        tend_journal_count(journal, &counts);
    } while (counts.records + counts.lost < THREADS * RECORDS);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        ASSERT_FALSE(appenders[i].failed);
    }
    ASSERT_EQ(counts.lost, 0);
    tend_journal_close(journal);
    read_journal(options.folder, &text, NULL, NULL);
    for (int i = 0; i < THREADS; i++)
        ASSERT_EQ(count_records(text.data, i), RECORDS);
}
