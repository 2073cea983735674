/* Sealing: a plain segment that nobody writes any more becomes a packed one. The packed file is complete and on the disk before it
 * gets its name, and only then the plain one goes: after a crash at any point the records are in one of them, or in both. */
#include "store/journal_private.h"

#include "base/fs_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum { LEVEL = 3, SEARCH_SIZE = 64 << 10 };

typedef struct packing {
    const char *plain, *temporary;
    int in, out;
    uint64_t size; /* of the whole lines */
    ZSTD_CCtx *zstd;
    char *in_data, *out_data;
    size_t in_capacity, out_capacity;
} packing;

static ssize_t read_at(int fd, void *data, size_t size, uint64_t at) {
    ssize_t n;
    do
        n = pread(fd, data, size, (off_t)at);
    while (n < 0 && errno == EINTR);
    return n;
}

/* Up to and with the last newline: what is behind it was torn by the death of its writer. */
static tend_status measure(packing *p, uint64_t file_size, tend_error *err) {
    char *chunk = tend_malloc(SEARCH_SIZE);
    int error_number = 0;
    p->size = 0;
    for (uint64_t end = file_size; end && !p->size && !error_number;) {
        size_t size = end < SEARCH_SIZE ? (size_t)end : SEARCH_SIZE;
        ssize_t n = read_at(p->in, chunk, size, end - size);
        const char *last = n == (ssize_t)size ? memrchr(chunk, '\n', size) : NULL;
        if (n != (ssize_t)size)
            error_number = n < 0 ? errno : EIO;
        else if (last)
            p->size = end - size + (uint64_t)(last - chunk) + 1;
        end -= size;
    }
    free(chunk);
    return error_number ? fs_fail(err, "read", p->plain, error_number) : TEND_OK;
}

static tend_status write_packed(packing *p, size_t size, tend_error *err) {
    for (size_t at = 0; at < size;) {
        ssize_t n = fs_op_write(p->out, p->out_data + at, size - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fs_fail(err, "write", p->temporary, n == 0 ? ENOSPC : errno);
        at += (size_t)n;
    }
    return TEND_OK;
}

static tend_status pack_chunk(packing *p, size_t size, bool is_last, tend_error *err) {
    ZSTD_inBuffer in = {p->in_data, size, 0};
    for (size_t left = 1; is_last ? left != 0 : in.pos < in.size;) {
        ZSTD_outBuffer out = {p->out_data, p->out_capacity, 0};
        left = ZSTD_compressStream2(p->zstd, &out, &in, is_last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left))
            return TEND_FAIL(err, BUG, "cannot pack '%s': %s", p->plain, ZSTD_getErrorName(left));
        TEND_TRY(write_packed(p, out.pos, err));
    }
    return TEND_OK;
}

static tend_status pack_all(packing *p, tend_error *err) {
    ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_compressionLevel, LEVEL);
    if (ZSTD_isError(ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_checksumFlag, 1)) ||
        ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(p->zstd, p->size)))
        return TEND_FAIL(err, BUG, "zstd cannot be started");
    for (uint64_t at = 0; at < p->size;) {
        size_t size = p->size - at < p->in_capacity ? (size_t)(p->size - at) : p->in_capacity;
        ssize_t n = read_at(p->in, p->in_data, size, at);
        if (n != (ssize_t)size)
            return fs_fail(err, "read", p->plain, n < 0 ? errno : EIO);
        at += size;
        TEND_TRY(pack_chunk(p, size, at == p->size, err));
    }
    return TEND_OK;
}

/* The packed file keeps the time of the last record: retention goes by it. */
static tend_status finish(packing *p, const struct stat *plain, tend_error *err) {
    const struct timespec times[2] = {plain->st_atim, plain->st_mtim};
    if (futimens(p->out, times) != 0 || fs_op_fsync(p->out) != 0)
        return fs_fail(err, "write", p->temporary, errno);
    return TEND_OK;
}

static tend_status pack(packing *p, const struct stat *plain, tend_error *err) {
    p->out = fs_op_open(p->temporary, O_WRONLY | O_CREAT | O_TRUNC, 0644); /* one left by a crash is written over: the lock is ours */
    if (p->out < 0)
        return fs_fail(err, "write", p->temporary, errno);
    p->in_capacity = ZSTD_CStreamInSize();
    p->out_capacity = ZSTD_CStreamOutSize();
    p->in_data = tend_malloc(p->in_capacity);
    p->out_data = tend_malloc(p->out_capacity);
    p->zstd = ZSTD_createCCtx();
    tend_status status = p->zstd ? pack_all(p, err) : TEND_FAIL(err, BUG, "zstd cannot be started");
    if (status == TEND_OK)
        status = finish(p, plain, err);
    ZSTD_freeCCtx(p->zstd);
    free(p->in_data);
    free(p->out_data);
    if (close(p->out) != 0 && status == TEND_OK)
        status = fs_fail(err, "write", p->temporary, errno);
    return status;
}

static int sync_and_remove(int folder, const char *plain) {
    if (fs_op_fsync(folder) != 0 && errno != EINVAL) /* some file systems cannot sync a folder */
        return errno;
    if (flock(folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return 0; /* a reader counts on it (tend_journal_hold): a later maintain removes it */
    return fs_op_unlink(plain) != 0 ? errno : 0;
}

/* The packed file has its name: the plain one is not needed any more. */
static tend_status remove_plain(const char *folder, const char *plain, tend_error *err) {
    int fd = fs_op_open(folder, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return fs_fail(err, "open", folder, errno);
    int error_number = sync_and_remove(fd, plain);
    close(fd);
    return error_number ? fs_fail(err, "remove", plain, error_number) : TEND_OK;
}

/* With the lock held. A packed file that is there already is from a process that died before it removed the plain one. */
static tend_status seal_locked(int fd, const char *plain, const struct stat *info, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    size_t stem = strlen(plain) - strlen(JOURNAL_PLAIN);
    const char *sealed = tend_arena_printf(arena, "%.*s" JOURNAL_SEALED, (int)stem, plain);
    packing p = {.plain = plain, .temporary = tend_arena_printf(arena, "%s.tmp", sealed), .in = fd};
    if (!tend_fs_exists(sealed)) {
        TEND_TRY(measure(&p, (uint64_t)info->st_size, err));
        if (p.size) {
            tend_status status = pack(&p, info, err);
            if (status == TEND_OK)
                status = tend_fs_rename(p.temporary, sealed, err);
            if (status != TEND_OK) {
                fs_op_unlink(p.temporary);
                return status;
            }
        }
    }
    return remove_plain(tend_path_dir(arena, plain), plain, err);
}

tend_status journal_seal(const char *path, tend_error *err) {
    int fd = fs_op_open(path, O_RDONLY, 0);
    if (fd < 0)
        return errno == ENOENT ? TEND_OK : fs_fail(err, "read", path, errno); /* another process was faster */
    struct stat info, named;
    bool is_ours = flock(fd, LOCK_EX | LOCK_NB) == 0;
    tend_status status = TEND_OK;
    if (!is_ours && errno != EWOULDBLOCK)
        status = fs_fail(err, "lock", path, errno);
    else if (is_ours && fstat(fd, &info) != 0)
        status = fs_fail(err, "read", path, errno);
    else if (is_ours && stat(path, &named) == 0 && named.st_ino == info.st_ino && named.st_dev == info.st_dev)
        status = seal_locked(fd, path, &info, err);
    close(fd);
    return status;
}
