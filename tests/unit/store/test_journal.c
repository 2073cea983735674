#include "journal_fixture.h"

#include "base/clock.h"

#include <fcntl.h>
#include <sys/stat.h>

TEST(keeps_what_was_appended_in_order) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    const char *folder = journal_folder(arena, "order/deep");
    tend_journal_options options = in_folder(folder);
    size_t n_files;
    for (int session = 0; session < 3; session++) {
        TEND_AUTO(tend_journal) *journal = open_journal(&options);
        for (int i = 0; i < 100; i++)
            ASSERT_TRUE(append_record(journal, 1, session * 100 + i, (size_t)i));
        tend_journal_counts counts;
        tend_journal_count(journal, &counts);
        ASSERT_EQ(counts.records, 100);
        ASSERT_EQ(counts.lost, 0);
        ASSERT_STR_EQ(counts.problem, "");
        ASSERT_FALSE(counts.is_full);
    }
    read_journal(folder, &text, &n_files, NULL);
    ASSERT_EQ(n_files, 3);
    ASSERT_EQ(count_records(text.data, 1), 300);
}

TEST(an_unused_journal_leaves_nothing) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    char **names;
    size_t n;
    tend_journal_options options = in_folder(journal_folder(arena, "unused"));
    tend_journal *journal = open_journal(&options);
    tend_journal_maintain(journal);
    ASSERT_OK(tend_fs_list(options.folder, arena, &names, &n, &err), &err);
    ASSERT_EQ(n, 1);
    tend_journal_close(journal);
    ASSERT_OK(tend_fs_list(options.folder, arena, &names, &n, &err), &err);
    ASSERT_EQ(n, 0);
    ASSERT_OK(tend_journal_files(journal_folder(arena, "never made"), arena, &names, &n, &err), &err);
    ASSERT_EQ(n, 0);
    tend_journal_close(NULL);
}

TEST(segments_are_sealed_by_size) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_journal_options options = in_folder(journal_folder(arena, "size"));
    options.segment_bytes = 10000;
    TEND_AUTO(tend_journal) *journal = open_journal(&options);
    size_t n_files, n_sealed;
    for (int i = 0; i < 100; i++) {
        ASSERT_TRUE(append_record(journal, 1, i, 1000));
        tend_journal_maintain(journal);
    }
    read_journal(options.folder, &text, &n_files, &n_sealed);
    ASSERT_EQ(count_records(text.data, 1), 100);
    ASSERT_TRUE(n_sealed >= 9 && n_sealed <= 11);
    ASSERT_EQ(n_files, n_sealed + 1);
    tend_journal_counts counts;
    tend_journal_count(journal, &counts);
    ASSERT_EQ(counts.segments, n_files);
    ASSERT_TRUE(counts.segment_bytes > 0 && counts.segment_bytes < 100000);
}

TEST(segments_are_sealed_by_age) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_journal_options options = in_folder(journal_folder(arena, "age"));
    options.segment_seconds = 0;
    TEND_AUTO(tend_journal) *journal = open_journal(&options);
    size_t n_files, n_sealed;
    tend_journal_maintain(journal);
    read_journal(options.folder, &text, &n_files, &n_sealed);
    ASSERT_EQ(n_sealed, 0); /* an empty one has no age */
    ASSERT_TRUE(append_record(journal, 1, 0, 10));
    tend_journal_maintain(journal);
    ASSERT_TRUE(append_record(journal, 1, 1, 10));
    read_journal(options.folder, &text, &n_files, &n_sealed);
    ASSERT_EQ(n_sealed, 1);
    ASSERT_EQ(count_records(text.data, 1), 2);
}

static char *write_segment(tend_arena *arena, const char *folder, const char *name, const char *text, int64_t age_seconds) {
    tend_error err = TEND_ERROR_INIT;
    char *path = tend_path_join(arena, folder, name);
    ASSERT_OK(tend_fs_write(path, text, strlen(text), 0644, &err), &err);
    struct timespec then = {.tv_sec = tend_clock_micros() / 1000000 - age_seconds};
    ASSERT_EQ(utimensat(AT_FDCWD, path, (struct timespec[]){then, then}, 0), 0);
    return path;
}

TEST(a_torn_last_line_is_cut_when_its_writer_is_gone) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    const char *folder = journal_folder(arena, "torn");
    tend_journal_options options = in_folder(folder);
    char *long_torn = tend_arena_alloc(arena, 200001); /* longer than what is searched at a time */
    memset(long_torn, 'x', 200000);
    memcpy(long_torn, "{\"n\":2}\n", 8);
    write_segment(arena, folder, "20260101T000000-00000000.ndjson", "{\"n\":1}\n{\"n\":", 10);
    write_segment(arena, folder, "20260101T000001-00000000.ndjson", long_torn, 10);
    write_segment(arena, folder, "20260101T000002-00000000.ndjson", "{\"torn", 10);
    write_segment(arena, folder, "20260101T000003-00000000.ndjson", "", 10);
    TEND_AUTO(tend_journal) *journal = open_journal(&options);
    size_t n_files, n_sealed;
    read_journal(folder, &text, NULL, NULL);
    ASSERT_STR_EQ(tend_buf_text(&text), "{\"n\":1}\n{\"n\":2}\n");
    tend_journal_maintain(journal);
    read_journal(folder, &text, &n_files, &n_sealed);
    ASSERT_STR_EQ(tend_buf_text(&text), "{\"n\":1}\n{\"n\":2}\n");
    ASSERT_EQ(n_sealed, 2);
    ASSERT_EQ(n_files, 3); /* and the live one */
}

/* The state that a crash between the renaming and the removal leaves. */
TEST(of_a_segment_that_is_there_twice_the_sealed_one_counts) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    const char *folder = journal_folder(arena, "twice");
    tend_journal_options options = in_folder(folder);
    const char *line = "{\"n\":1}\n";
    char *plain = write_segment(arena, folder, "20260101T000000-00000000.ndjson", line, 10);
    TEND_AUTO(tend_journal) *journal = open_journal(&options);
    tend_journal_maintain(journal);
    ASSERT_FALSE(tend_fs_exists(plain));
    write_segment(arena, folder, "20260101T000000-00000000.ndjson", line, 10);
    write_segment(arena, folder, "20260101T000000-00000000.ndjson.zst.tmp", "half", 10);
    read_journal(folder, &text, NULL, NULL);
    ASSERT_STR_EQ(tend_buf_text(&text), line);
    tend_journal_maintain(journal);
    ASSERT_FALSE(tend_fs_exists(plain));
    read_journal(folder, &text, NULL, NULL);
    ASSERT_STR_EQ(tend_buf_text(&text), line);
}

TEST(what_a_reader_holds_stays) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    const char *folder = journal_folder(arena, "held");
    tend_journal_options options = in_folder(folder);
    char *plain = write_segment(arena, folder, "20260101T000000.000000-00000000.ndjson", "{\"n\":1}\n", 10);
    TEND_AUTO(tend_journal) *journal = open_journal(&options);
    int hold = tend_journal_hold(folder), other = tend_journal_hold(folder);
    ASSERT_TRUE(hold >= 0 && other >= 0);
    tend_journal_maintain(journal);
    ASSERT_TRUE(tend_fs_exists(plain));
    read_journal(folder, &text, NULL, NULL);
    ASSERT_STR_EQ(tend_buf_text(&text), "{\"n\":1}\n"); /* packed meanwhile, and there once */
    tend_journal_release(hold);
    tend_journal_maintain(journal);
    ASSERT_TRUE(tend_fs_exists(plain));
    tend_journal_release(other);
    tend_journal_maintain(journal);
    ASSERT_FALSE(tend_fs_exists(plain));
    read_journal(folder, &text, NULL, NULL);
    ASSERT_STR_EQ(tend_buf_text(&text), "{\"n\":1}\n");
    ASSERT_EQ(tend_journal_hold(journal_folder(arena, "not there")), -1);
    tend_journal_release(-1);
}

TEST(retention_goes_by_the_last_record) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    const char *folder = journal_folder(arena, "retention");
    tend_journal_options options = in_folder(folder);
    options.retention_seconds = 1000;
    write_segment(arena, folder, "20260101T000000-00000000.ndjson", "{\"n\":1}\n", 1100);
    write_segment(arena, folder, "20260101T000001-00000000.ndjson", "{\"n\":2}\n", 900);
    TEND_AUTO(tend_journal) *journal = open_journal(&options);
    tend_journal_maintain(journal); /* packing keeps the time */
    read_journal(folder, &text, NULL, NULL);
    ASSERT_STR_EQ(tend_buf_text(&text), "{\"n\":2}\n");
}

TEST(the_budget_removes_the_oldest) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_journal_options options = in_folder(journal_folder(arena, "budget"));
    options.budget_bytes = 40000; /* segments of at most 10000 then */
    TEND_AUTO(tend_journal) *journal = open_journal(&options);
    for (int i = 0; i < 2000; i++) {
        ASSERT_TRUE(append_record(journal, 1, i, 1000));
        if (i % 5 == 0)
            tend_journal_maintain(journal);
    }
    tend_journal_maintain(journal);
    tend_journal_counts counts;
    tend_journal_count(journal, &counts);
    ASSERT_TRUE(counts.segment_bytes <= 40000 && counts.segment_bytes > 20000);
    read_journal(options.folder, &text, NULL, NULL);
    int64_t n = count_records(text.data, 1);
    ASSERT_TRUE(n > 20 && n < 2000);
    ASSERT_NOT_NULL(strstr(text.data, "\"n\":1999,"));
}

TEST(a_folder_that_was_removed_is_made_again) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_journal_options options = in_folder(journal_folder(arena, "removed"));
    TEND_AUTO(tend_journal) *journal = open_journal(&options);
    ASSERT_TRUE(append_record(journal, 1, 0, 10));
    ASSERT_EQ(system(tend_arena_printf(arena, "rm -r '%s'", options.folder)), 0);
    tend_journal_maintain(journal);
    ASSERT_TRUE(append_record(journal, 1, 1, 10));
    read_journal(options.folder, &text, NULL, NULL);
    ASSERT_EQ(count_records(text.data, 1), 1);
}

TEST(two_journals_in_one_folder_leave_each_others_segments_alone) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_journal_options options = in_folder(journal_folder(arena, "shared"));
    options.segment_bytes = 3000;
    tend_journal *a = open_journal(&options), *b = open_journal(&options);
    size_t n_sealed, n_files;
    for (int i = 0; i < 50; i++) {
        ASSERT_TRUE(append_record(a, 1, i, 200));
        ASSERT_TRUE(append_record(b, 2, i, 200));
        tend_journal_maintain(i % 2 ? a : b);
    }
    read_journal(options.folder, &text, NULL, NULL);
    ASSERT_EQ(count_records(text.data, 1), 50);
    ASSERT_EQ(count_records(text.data, 2), 50);
    tend_journal_close(a);
    tend_journal_maintain(b);
    read_journal(options.folder, &text, &n_files, &n_sealed);
    ASSERT_EQ(n_files - n_sealed, 1);
    tend_journal_close(b);
    ASSERT_EQ(count_records(text.data, 1), 50);
}

TEST(a_folder_that_cannot_be_written_is_an_error_at_once) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_journal *journal = NULL;
    tend_journal_options options = in_folder(write_segment(arena, suite_scratch(), "a-file", "x", 0));
    ASSERT_FAILS(tend_journal_open(&options, &journal, &err), &err, IO, "a-file");
    ASSERT_NULL(journal);
}
