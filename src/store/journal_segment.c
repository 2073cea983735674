/* One live segment: named, locked, room reserved ahead, written, cut back. */
#include "store/journal_private.h"

#include "base/clock.h"
#include "base/fs_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { NAME_SIZE = 64, ATTEMPTS = 8 };

static int make_name(int64_t micros, char out[NAME_SIZE]) {
    uint32_t random;
    char iso[32];
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return EAGAIN;
    tend_clock_format(micros, iso);
    snprintf(out, NAME_SIZE, "%.4s%.2s%.2sT%.2s%.2s%.2s.%06d-%08x" JOURNAL_PLAIN, iso, iso + 5, iso + 8, iso + 11, iso + 14, iso + 17,
             (int)(micros % 1000000), random);
    return 0;
}

/* Between its creation and its lock a segment looks like one of a dead process, and another's maintain may remove it: only a file
 * that is locked and still has its name is ours. */
static int lock_new(int fd, const char *path, bool *out_ours) {
    struct stat open_file, named;
    *out_ours = false;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? 0 : errno;
    if (fstat(fd, &open_file) != 0)
        return errno;
    *out_ours = stat(path, &named) == 0 && named.st_ino == open_file.st_ino && named.st_dev == open_file.st_dev;
    return 0;
}

static int try_open(journal_segment *out, const char *path, bool *out_ours) {
    *out_ours = false;
    int fd = fs_op_open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND, 0644);
    if (fd < 0)
        return errno == EEXIST ? 0 : errno;
    int error_number = lock_new(fd, path, out_ours);
    if (!*out_ours) {
        if (error_number)
            fs_op_unlink(path);
        close(fd);
        return error_number;
    }
    size_t size = strlen(path) + 1;
    *out = (journal_segment){.fd = fd, .path = memcpy(tend_malloc(size), path, size), .opened = tend_clock_seconds()};
    return 0;
}

int journal_segment_open(journal_segment *out, const char *folder, int64_t micros) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        char name[NAME_SIZE];
        bool ours;
        int error_number = make_name(micros, name);
        if (!error_number)
            error_number = try_open(out, tend_path_join(arena, folder, name), &ours);
        if (error_number || ours)
            return error_number;
    }
    return EBUSY;
}

/* Where the file system cannot reserve, at least what it says to be free must do. */
static int ask_for_room(int fd, uint64_t size) {
    struct statvfs info;
    if (fstatvfs(fd, &info) != 0)
        return 0;
    return (uint64_t)info.f_bavail * info.f_frsize < size ? ENOSPC : 0;
}

int journal_segment_reserve(journal_segment *segment, uint64_t size) {
    if (segment->size + size <= segment->reserved)
        return 0;
    uint64_t missing = segment->size + size - segment->reserved;
    uint64_t step = (missing + JOURNAL_RESERVE - 1) / JOURNAL_RESERVE * JOURNAL_RESERVE;
    if (fs_op_reserve(segment->fd, segment->reserved, step) != 0) {
        if (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL)
            return errno;
        int error_number = ask_for_room(segment->fd, step);
        if (error_number)
            return error_number;
    }
    segment->reserved += step;
    return 0;
}

int journal_segment_write(journal_segment *segment, const char *data, size_t size) {
    while (size) {
        ssize_t n = fs_op_write(segment->fd, data, size < SSIZE_MAX ? size : SSIZE_MAX);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 ? ENOSPC : errno;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

int journal_segment_cut(journal_segment *segment) {
    if (fs_op_truncate(segment->fd, segment->size) != 0)
        return errno;
    segment->reserved = segment->size;
    return 0;
}

void journal_segment_close(journal_segment *segment) {
    journal_segment_cut(segment); /* else the space goes back when it is sealed */
    if (segment->size == 0)
        fs_op_unlink(segment->path);
    close(segment->fd);
    free(segment->path);
}
