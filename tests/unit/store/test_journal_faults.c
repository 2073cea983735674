/* Each call that touches the disk fails at its n-th time, for each n: nothing that was acknowledged is lost, nothing that was refused
 * is there, and the journal goes on when there is room again. */
#include "journal_fixture.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const OPERATIONS[] = {"open", "write", "fsync", "rename", "unlink", "truncate", "reserve", "any"};
enum { N_OPERATIONS = sizeof OPERATIONS / sizeof *OPERATIONS, RECORDS = 7, MOST_CALLS = 30, MOST_CALLS_OF_ANY = 120 };

/* Appends, maintains and closes; the acknowledged records in `acknowledged`. False when it could not even be opened. */
static bool work(const tend_journal_options *options, bool *acknowledged) {
    tend_journal *journal = NULL;
    if (tend_journal_open(options, &journal, NULL) != TEND_OK)
        return false;
    for (int i = 0; i < RECORDS; i++) {
        acknowledged[i] = append_record(journal, 1, i, 300);
        tend_journal_maintain(journal);
    }
    tend_journal_close(journal);
    return true;
}

static void check(const char *folder, const bool *acknowledged) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    read_journal(folder, &text, NULL, NULL);
    for (int i = 0; i < RECORDS; i++) {
        char part[32];
        snprintf(part, sizeof part, "\"n\":%d,", i);
        const char *found = strstr(tend_buf_text(&text), part);
        ASSERT_EQ(found != NULL, acknowledged[i]);
        ASSERT_TRUE(!found || !strstr(found + 1, part)); /* once */
    }
    for (const char *line = tend_buf_text(&text); *line; line = strchr(line, '\n') + 1)
        ASSERT_TRUE(line[0] == '{' && strchr(line, '\n')[-1] == '}');
}

static void fail_at_each(const char *operation, int error_number, double sync_seconds) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    int most = strcmp(operation, "any") == 0 ? MOST_CALLS_OF_ANY : MOST_CALLS;
    for (int n = 1; n <= most; n++) {
        bool acknowledged[RECORDS] = {0};
        const char *name = tend_arena_printf(arena, "%s-%d-%d-%d", operation, error_number, sync_seconds == 0, n);
        tend_journal_options options = in_folder(journal_folder(arena, name));
        options.segment_bytes = 1000;
        options.sync_seconds = sync_seconds;
        tend_fs_fail_at(operation, n, error_number);
        work(&options, acknowledged);
        tend_fs_fail_at(NULL, 0, 0);
        check(options.folder, acknowledged);
        TEND_AUTO(tend_journal) *journal = open_journal(&options);
        tend_journal_maintain(journal);
        check(options.folder, acknowledged);
        ASSERT_TRUE(append_record(journal, 2, 1000, 10));
    }
}

TEST(full_disk_at_the_nth_call) {
    for (int i = 0; i < N_OPERATIONS; i++)
        fail_at_each(OPERATIONS[i], ENOSPC, 1);
}

TEST(full_disk_at_the_nth_call_when_each_record_is_synced) {
    for (int i = 0; i < N_OPERATIONS; i++)
        fail_at_each(OPERATIONS[i], ENOSPC, 0);
}

TEST(broken_disk_at_the_nth_call) {
    for (int i = 0; i < N_OPERATIONS; i++)
        fail_at_each(OPERATIONS[i], EIO, 1);
}

TEST(without_reserving_it_works_as_well) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    bool acknowledged[RECORDS] = {0};
    tend_journal_options options = in_folder(journal_folder(arena, "cannot-reserve"));
    tend_fs_fail_at("reserve", 1, EOPNOTSUPP);
    ASSERT_TRUE(work(&options, acknowledged));
    tend_fs_fail_at(NULL, 0, 0);
    for (int i = 0; i < RECORDS; i++)
        ASSERT_TRUE(acknowledged[i]);
    check(options.folder, acknowledged);
}

TEST(an_interrupted_write_is_tried_again) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    bool acknowledged[RECORDS] = {0};
    tend_journal_options options = in_folder(journal_folder(arena, "interrupted"));
    tend_fs_fail_at("write", 3, EINTR);
    ASSERT_TRUE(work(&options, acknowledged));
    tend_fs_fail_at(NULL, 0, 0);
    ASSERT_TRUE(acknowledged[2]);
    check(options.folder, acknowledged);
}

TEST(a_failed_append_is_told_counted_and_overcome) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_journal_counts counts;
    tend_journal_options options = in_folder(journal_folder(arena, "told"));
    TEND_AUTO(tend_journal) *journal = open_journal(&options);
    ASSERT_TRUE(append_record(journal, 1, 0, 10));
    tend_fs_fail_at("write", 1, ENOSPC);
    ASSERT_FALSE(append_record(journal, 1, 1, 10));
    tend_fs_fail_at(NULL, 0, 0);
    ASSERT_TRUE(tend_journal_is_full(journal));
    ASSERT_FALSE(append_record(journal, 1, 2, 10)); /* until maintain has looked */
    tend_journal_count(journal, &counts);
    ASSERT_EQ(counts.lost, 2);
    ASSERT_TRUE(counts.is_full);
    ASSERT_HAS(counts.problem, "the disk is full");
    tend_fs_fail_at("reserve", 1, ENOSPC);
    tend_journal_maintain(journal);
    tend_fs_fail_at(NULL, 0, 0);
    ASSERT_TRUE(tend_journal_is_full(journal));
    tend_journal_maintain(journal);
    ASSERT_FALSE(tend_journal_is_full(journal));
    ASSERT_TRUE(append_record(journal, 1, 1, 10));
    tend_journal_count(journal, &counts);
    ASSERT_STR_EQ(counts.problem, "");
}

/* As after a write and a truncate that both failed: nothing may be written behind the rest. The file gets its tail by hand. */
TEST(what_could_not_be_taken_back_is_taken_back_by_maintain) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_journal_options options = in_folder(journal_folder(arena, "double"));
    TEND_AUTO(tend_journal) *journal = open_journal(&options);
    ASSERT_TRUE(append_record(journal, 1, 0, 10));
    tend_fs_fail_at("write", 1, EIO);
    ASSERT_FALSE(append_record(journal, 1, 1, 10));
    tend_fs_fail_at(NULL, 0, 0);
    char **paths;
    size_t n;
    ASSERT_OK(tend_journal_files(options.folder, arena, &paths, &n, NULL), NULL);
    FILE *file = fopen(paths[0], "a");
    ASSERT_TRUE(fputs("{\"half", file) > 0 && fclose(file) == 0);
    tend_fs_fail_at("truncate", 1, EIO);
    tend_journal_maintain(journal);
    tend_fs_fail_at(NULL, 0, 0);
    ASSERT_TRUE(tend_journal_is_full(journal));
    tend_journal_maintain(journal);
    ASSERT_TRUE(append_record(journal, 1, 1, 10));
    read_journal(options.folder, &text, NULL, NULL);
    ASSERT_EQ(count_records(text.data, 1), 2);
}

/* A small file system of its own, where root can mount one. */
TEST(a_disk_that_is_really_full) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    const char *disk = journal_folder(arena, "disk");
    ASSERT_EQ(mkdir(disk, 0755), 0);
    if (mount("tmpfs", disk, "tmpfs", 0, "size=3m") != 0)
        SKIP();
    tend_journal_options options = in_folder(tend_path_join(arena, disk, "journal"));
    tend_journal *journal = open_journal(&options);
    int64_t kept = 0;
    while (append_record(journal, 1, kept, 1000))
        kept++;
    bool was_full = tend_journal_is_full(journal);
    tend_journal_maintain(journal);
    bool still_full = tend_journal_is_full(journal);
    read_journal(options.folder, &text, NULL, NULL);
    int64_t found = count_records(text.data, 1);
    bool has_room = mount("tmpfs", disk, "tmpfs", MS_REMOUNT, "size=8m") == 0;
    tend_journal_maintain(journal);
    bool again = append_record(journal, 1, kept, 1000);
    tend_journal_close(journal);
    umount2(disk, MNT_DETACH);
    ASSERT_TRUE(kept > 1000 && kept < 3200); /* what was reserved was also used */
    ASSERT_EQ(found, kept);
    ASSERT_TRUE(was_full && still_full && has_room && again);
}
