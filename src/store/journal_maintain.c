/* What a journal needs from time to time. Who cares for the live segment holds the upkeep lock, so that nobody else replaces it; who packs
 * holds the packing lock; the lock that append waits for is never held over a call that takes long. */
#include "store/journal_private.h"

#include "base/clock.h"
#include "base/fs_ops.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#define NEXT_SECONDS       1.0  /* until the next maintain: what would be due by then is due now */
#define PACK_AGAIN_SECONDS 30.0 /* packing that failed is tried again after this: it is long work that fills a disk */

static bool failed(tend_journal *j, const tend_error *err) {
    pthread_mutex_lock(&j->lock);
    journal_remember(j, err);
    pthread_mutex_unlock(&j->lock);
    return false;
}

static bool failed_at(tend_journal *j, const char *what, const char *path, int error_number) {
    tend_error err = TEND_ERROR_INIT;
    TEND_IGNORE(fs_fail(&err, what, path, error_number)); /* the text is wanted */
    return failed(j, &err);
}

/* ---- what the power may take ---- */

static bool sync_live(tend_journal *j) {
    pthread_mutex_lock(&j->lock);
    double changed = j->changed;
    bool is_due = changed > 0 && tend_clock_seconds() + NEXT_SECONDS - changed >= j->options.sync_seconds;
    if (is_due)
        j->changed = 0; /* before the sync: what is appended during it may be missed by it */
    pthread_mutex_unlock(&j->lock);
    if (!is_due || fs_op_fsync(j->live.fd) == 0)
        return true;
    int error_number = errno;
    pthread_mutex_lock(&j->lock);
    j->changed = changed;
    pthread_mutex_unlock(&j->lock);
    return failed_at(j, "sync", j->live.path, error_number);
}

/* ---- a new segment ---- */

/* The segment before is closed, which frees its lock, and so is left for the packing. */
static bool replace_live(tend_journal *j, journal_segment next) {
    pthread_mutex_lock(&j->lock);
    journal_segment before = j->live;
    bool is_synced = j->changed == 0;
    j->live = next;
    j->changed = 0;
    pthread_mutex_unlock(&j->lock);
    bool fine = is_synced || fs_op_fsync(before.fd) == 0 || failed_at(j, "sync", before.path, errno);
    journal_segment_close(&before);
    return fine;
}

/* Somebody removed the file, perhaps with its folder: what is appended to it now, nobody will ever read. */
static bool is_gone(const tend_journal *j) {
    struct stat info;
    return fstat(j->live.fd, &info) == 0 && info.st_nlink == 0;
}

static bool rotate(tend_journal *j) {
    pthread_mutex_lock(&j->lock);
    const journal_segment *live = &j->live;
    bool is_due = live->size > 0 && !atomic_load(&j->is_full) &&
                  (live->size >= j->options.segment_bytes || tend_clock_seconds() - live->opened >= j->options.segment_seconds);
    pthread_mutex_unlock(&j->lock);
    if (!is_due && !is_gone(j))
        return true;
    journal_segment next;
    tend_error err = TEND_ERROR_INIT;
    if (tend_fs_mkdirs(j->folder, &err) != TEND_OK)
        return failed(j, &err);
    int error_number = journal_open_next(j, &next);
    return error_number ? failed_at(j, "begin a new segment in", j->folder, error_number) : replace_live(j, next);
}

/* ---- the folder ---- */

/* Oldest first, sealed segments only: what is too old, and then what is over the budget. */
static bool remove_old(tend_journal *j, const journal_file *files, size_t n, uint64_t *io_bytes, int64_t *io_n) {
    int64_t oldest = tend_clock_micros() - (int64_t)(j->options.retention_seconds * 1e6);
    uint64_t budget = j->options.budget_bytes;
    for (size_t i = 0; i < n; i++) {
        bool is_old = j->options.retention_seconds > 0 && files[i].modified < oldest;
        if (!files[i].is_sealed || (!is_old && (!budget || *io_bytes <= budget)))
            continue;
        if (fs_op_unlink(files[i].path) != 0 && errno != ENOENT)
            return failed_at(j, "remove", files[i].path, errno);
        *io_bytes -= files[i].size;
        *io_n -= 1;
    }
    return true;
}

static bool keep_to_limits(tend_journal *j) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    journal_file *files;
    size_t n;
    uint64_t bytes = 0;
    if (journal_files_list(j->folder, arena, &files, &n, &err) != TEND_OK)
        return failed(j, &err);
    for (size_t i = 0; i < n; i++)
        bytes += files[i].size;
    int64_t n_left = (int64_t)n;
    bool fine = remove_old(j, files, n, &bytes, &n_left);
    pthread_mutex_lock(&j->lock);
    j->counts.segments = n_left;
    j->counts.segment_bytes = (int64_t)bytes;
    pthread_mutex_unlock(&j->lock);
    return fine;
}

/* Finished segments, ours and those of processes that died. One that is still written says so by its lock, ours too. */
static bool pack_finished(tend_journal *j) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    char **names;
    size_t n;
    bool all_packed = true;
    if (tend_clock_seconds() < j->pack_again)
        return false; /* the problem is known */
    tend_status status = tend_fs_list(j->folder, arena, &names, &n, &err);
    for (size_t i = 0; status == TEND_OK && i < n; i++)
        if (tend_text_has_suffix(names[i], JOURNAL_PLAIN))
            all_packed &=
                journal_seal(tend_path_join(arena, j->folder, names[i]), &err) == TEND_OK; /* one that cannot be holds up no other */
    if (status == TEND_OK && all_packed)
        return true;
    j->pack_again = tend_clock_seconds() + PACK_AGAIN_SECONDS;
    return failed(j, &err);
}

/* ---- room ---- */

/* After a failure: the live segment is brought back to its last acknowledged record, and a step of room is reserved again. */
static bool find_room(tend_journal *j) {
    if (!tend_journal_is_full(j))
        return true;
    pthread_mutex_lock(&j->lock);
    int error_number = journal_segment_cut(&j->live);
    if (!error_number)
        error_number = journal_segment_reserve(&j->live, JOURNAL_RESERVE);
    if (!error_number)
        atomic_store(&j->is_full, false);
    pthread_mutex_unlock(&j->lock);
    return !error_number;
}

void tend_journal_care(tend_journal *j) {
    pthread_mutex_lock(&j->upkeep);
    bool is_synced = sync_live(j), is_rotated = rotate(j), has_room = find_room(j);
    pthread_mutex_lock(&j->lock);
    if (is_synced && is_rotated && has_room && atomic_load(&j->is_packed) && *j->counts.problem && !atomic_load(&j->is_full)) {
        tend_log(TEND_LOG_INFO, "'%s' is written again", j->folder);
        j->counts.problem[0] = '\0';
    }
    pthread_mutex_unlock(&j->lock);
    pthread_mutex_unlock(&j->upkeep);
}

void tend_journal_pack(tend_journal *j) {
    pthread_mutex_lock(&j->packing);
    bool is_packed = pack_finished(j), is_kept = keep_to_limits(j);
    atomic_store(&j->is_packed, is_packed && is_kept);
    pthread_mutex_unlock(&j->packing);
}

void tend_journal_maintain(tend_journal *j) {
    tend_journal_care(j);
    tend_journal_pack(j);
}
