/* What the tests of the journal share: numbered records, and a reader of whole journals, packed or not. */
#ifndef TEND_TESTS_JOURNAL_FIXTURE_H
#define TEND_TESTS_JOURNAL_FIXTURE_H

#include "support/suite.h"

#include "base/fs.h"
#include "base/text.h"
#include "store/journal.h"

#include <zstd.h>

static inline const char *journal_folder(tend_arena *arena, const char *name) { return tend_path_join(arena, suite_scratch(), name); }

static inline tend_journal *open_journal(const tend_journal_options *options) {
    tend_error err = TEND_ERROR_INIT;
    tend_journal *journal = NULL;
    ASSERT_OK(tend_journal_open(options, &journal, &err), &err);
    return journal;
}

static inline tend_journal_options in_folder(const char *folder) {
    tend_journal_options options = TEND_JOURNAL_OPTIONS_INIT;
    options.folder = folder;
    return options;
}

/* {"writer":W,"n":N,"pad":"…"}: `pad` bytes more. */
static inline bool append_record(tend_journal *journal, int writer, int64_t n, size_t pad) {
    TEND_AUTO_BUF line = TEND_BUF_INIT;
    tend_buf_printf(&line, "{\"writer\":%d,\"n\":%lld,\"pad\":\"", writer, (long long)n);
    for (size_t i = 0; i < pad; i++)
        tend_buf_putc(&line, (char)('a' + (i * 7 + (size_t)n) % 26));
    tend_buf_puts(&line, "\"}\n");
    return tend_journal_append(journal, line.data, line.size, 1);
}

static inline void unpack(const char *data, size_t size, tend_buf *out) {
    unsigned long long whole = ZSTD_getFrameContentSize(data, size);
    ASSERT_TRUE(whole != ZSTD_CONTENTSIZE_ERROR && whole != ZSTD_CONTENTSIZE_UNKNOWN);
    char *room = tend_malloc(whole);
    ASSERT_EQ(ZSTD_decompress(room, whole, data, size), whole);
    tend_buf_append(out, room, whole);
    free(room);
}

/* The whole lines of all segments, in order; `out_n_sealed` may be NULL. */
static inline void read_journal(const char *folder, tend_buf *out, size_t *out_n_files, size_t *out_n_sealed) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    char **paths;
    size_t n, n_sealed = 0;
    tend_buf_clear(out);
    ASSERT_OK(tend_journal_files(folder, arena, &paths, &n, &err), &err);
    for (size_t i = 0; i < n; i++) {
        char *data;
        size_t size;
        ASSERT_OK(tend_fs_read(paths[i], 0, arena, &data, &size, &err), &err);
        if (tend_text_has_suffix(paths[i], ".zst")) {
            unpack(data, size, out);
            n_sealed++;
        } else {
            while (size && data[size - 1] != '\n')
                size--;
            tend_buf_append(out, data, size);
        }
    }
    if (out_n_files)
        *out_n_files = n;
    if (out_n_sealed)
        *out_n_sealed = n_sealed;
}

/* Checks that every line is a whole record and that each writer's numbers rise by one; the number of records of one. */
static inline int64_t count_records(const char *text, int writer) {
    int64_t n = 0, last = -1;
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        int by;
        long long number;
        const char *end = strchr(line, '\n');
        ASSERT_TRUE(end && end[-1] == '}' && end[-2] == '"');
        ASSERT_EQ(sscanf(line, "{\"writer\":%d,\"n\":%lld,\"pad\":\"", &by, &number), 2);
        if (by != writer)
            continue;
        ASSERT_TRUE(n == 0 || number == last + 1);
        last = number;
        n++;
    }
    return n;
}

#endif
