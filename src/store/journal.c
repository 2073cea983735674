#include "store/journal_private.h"

#include "base/clock.h"
#include "base/fs_ops.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUDGET_SEGMENTS = 4 }; /* a budget is kept to by whole segments: it is this many at least */

/* ---- open, close ---- */

/* Names are in the order of opening, whatever the clock does. */
int journal_open_next(tend_journal *j, journal_segment *out) {
    int64_t now = tend_clock_micros();
    j->named = now > j->named ? now : j->named + 1;
    return journal_segment_open(out, j->folder, j->named);
}

void journal_remember(tend_journal *j, const tend_error *err) {
    bool is_new = strncmp(err->message, j->counts.problem, sizeof j->counts.problem - 1) != 0;
    snprintf(j->counts.problem, sizeof j->counts.problem, "%.*s", (int)sizeof j->counts.problem - 1, err->message);
    if (is_new)
        tend_log(TEND_LOG_WARNING, "%s", err->message);
}

static void fail(tend_journal *j, const char *what, int error_number) {
    tend_error err = TEND_ERROR_INIT;
    TEND_IGNORE(fs_fail(&err, what, j->live.path, error_number)); /* the text is wanted */
    journal_remember(j, &err);
}

static void dispose(tend_journal *j) {
    pthread_mutex_destroy(&j->lock);
    pthread_mutex_destroy(&j->upkeep);
    pthread_mutex_destroy(&j->packing);
    free(j->folder);
    free(j);
}

tend_status tend_journal_open(const tend_journal_options *options, tend_journal **out, tend_error *err) {
    TEND_TRY(tend_fs_mkdirs(options->folder, err));
    size_t size = strlen(options->folder) + 1;
    tend_journal *j = tend_calloc(1, sizeof *j);
    j->folder = memcpy(tend_malloc(size), options->folder, size);
    j->options = *options;
    j->options.folder = j->folder;
    uint64_t share = options->budget_bytes / BUDGET_SEGMENTS;
    if (share && share < options->segment_bytes)
        j->options.segment_bytes = share;
    pthread_mutex_init(&j->lock, NULL);
    pthread_mutex_init(&j->upkeep, NULL);
    pthread_mutex_init(&j->packing, NULL);
    atomic_init(&j->is_packed, true);
    int error_number = journal_open_next(j, &j->live);
    if (error_number) {
        dispose(j);
        return fs_fail(err, "write into the folder", options->folder, error_number);
    }
    *out = j;
    return TEND_OK;
}

void tend_journal_close(tend_journal *j) {
    if (!j)
        return;
    if (j->changed > 0 && fs_op_fsync(j->live.fd) != 0)
        fail(j, "sync", errno);
    journal_segment_close(&j->live);
    dispose(j);
}

/* ---- append ---- */

/* Under the lock to its end: only so can a failed write be taken back without taking another's record with it. */
static int append(tend_journal *j, const char *lines, size_t size) {
    int error_number = journal_segment_reserve(&j->live, size);
    if (error_number)
        return error_number;
    error_number = journal_segment_write(&j->live, lines, size);
    if (!error_number && j->options.sync_seconds == 0 && fs_op_fsync(j->live.fd) != 0)
        error_number = errno;
    if (error_number) {
        int cut = journal_segment_cut(&j->live); /* when even that fails, maintain does it before anything is written again */
        (void)cut;
        return error_number;
    }
    j->live.size += size;
    return 0;
}

bool tend_journal_append(tend_journal *j, const char *lines, size_t size, int64_t n_records) {
    pthread_mutex_lock(&j->lock);
    bool kept = false;
    if (!atomic_load_explicit(&j->is_full, memory_order_relaxed)) {
        int error_number = append(j, lines, size);
        kept = !error_number;
        if (!kept) {
            fail(j, "append to", error_number);
            atomic_store(&j->is_full, true);
        }
    }
    if (kept) {
        j->counts.records += n_records;
        j->counts.bytes += (int64_t)size;
        if (j->changed == 0 && j->options.sync_seconds > 0)
            j->changed = tend_clock_seconds();
    } else {
        j->counts.lost += n_records;
    }
    pthread_mutex_unlock(&j->lock);
    return kept;
}

bool tend_journal_is_full(const tend_journal *j) { return atomic_load(&j->is_full); }

void tend_journal_count(tend_journal *j, tend_journal_counts *out) {
    pthread_mutex_lock(&j->lock);
    *out = j->counts;
    out->is_full = atomic_load(&j->is_full);
    pthread_mutex_unlock(&j->lock);
}
