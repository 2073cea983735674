/* A process that appends and maintains without end is killed at a random moment, again and again, beside a second one in the same
 * folder; what was acknowledged must be there once, whatever was going on. */
#include "journal_fixture.h"

#include "base/rng.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KILLS = 50 };

static void write_until_killed(const tend_journal_options *options, int writer, int64_t first, int out) {
    tend_journal *journal = NULL;
    if (tend_journal_open(options, &journal, NULL) != TEND_OK)
        _exit(1);
    for (int64_t n = first;; n++) {
        if (!append_record(journal, writer, n, (size_t)(n % 900)))
            _exit(2);
        if (write(out, &n, sizeof n) != (ssize_t)sizeof n)
            _exit(3);
        if (n % 7 == 0)
            tend_journal_maintain(journal);
    }
}

typedef struct writer {
    pid_t pid;
    int in;
} writer;

static writer start(const tend_journal_options *options, int number, int64_t first) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0)
        write_until_killed(options, number, first, ends[1]);
    close(ends[1]);
    return (writer){pid, ends[0]};
}

static int64_t drain(int in, int64_t before) {
    int64_t n;
    while (read(in, &n, sizeof n) == (ssize_t)sizeof n)
        before = n;
    return before;
}

static void sleep_seconds(double seconds) { nanosleep(&(struct timespec){.tv_nsec = (long)(seconds * 1e9)}, NULL); }

TEST(killed_at_any_moment_no_acknowledged_record_is_missing) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_journal_options options = in_folder(journal_folder(arena, "killed"));
    options.segment_bytes = 20000;
    tend_rng rng;
    tend_rng_init(&rng, 20261128, "journal crash");
    int64_t next[2] = {0, 0};
    for (int kills = 0; kills < KILLS; kills++) {
        writer writers[2];
        for (int w = 0; w < 2; w++)
            writers[w] = start(&options, w, next[w]);
        sleep_seconds(0.001 + 0.02 * tend_rng_uniform(&rng));
        for (int w = 0; w < 2; w++) {
            int result;
            kill(writers[w].pid, SIGKILL);
            ASSERT_EQ(waitpid(writers[w].pid, &result, 0), writers[w].pid);
            ASSERT_TRUE(WIFSIGNALED(result)); /* it did not end by an error of its own */
            next[w] = drain(writers[w].in, next[w] - 1) + 1;
            close(writers[w].in);
        }
        if (kills % 5 == 4) { /* else the next writers look after it */
            TEND_AUTO(tend_journal) *journal = open_journal(&options);
            tend_journal_maintain(journal);
        }
        read_journal(options.folder, &text, NULL, NULL);
        for (int w = 0; w < 2; w++) {
            int64_t found = count_records(tend_buf_text(&text), w); /* at most one was written and not told of */
            ASSERT_TRUE(found == next[w] || found == next[w] + 1);
            next[w] = found;
        }
    }
    print_message("%d times two writers killed, %lld and %lld records\n", KILLS, (long long)next[0], (long long)next[1]);
    ASSERT_TRUE(next[0] > KILLS && next[1] > KILLS);
    TEND_AUTO(tend_journal) *journal = open_journal(&options);
    tend_journal_maintain(journal);
    size_t n_files, n_sealed;
    read_journal(options.folder, &text, &n_files, &n_sealed);
    ASSERT_EQ(n_files, n_sealed + 1);
    ASSERT_EQ(count_records(text.data, 0), next[0]);
    char **names;
    size_t n_names;
    ASSERT_OK(tend_fs_list(options.folder, arena, &names, &n_names, NULL), NULL);
    ASSERT_EQ(n_names, n_files); /* nothing half-written is left */
}
