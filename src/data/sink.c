#include "data/sink.h"

#include "base/arena.h"
#include "base/fs.h"
#include "base/fs_ops.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { OUT_SIZE = 256 << 10 };
typedef enum packing { PLAIN, GZIP, ZSTD } packing;

struct tend_sink {
    char *path, *temporary; /* temporary NULL: standard output, or already renamed */
    int fd;
    packing packing;
    z_stream gzip;
    ZSTD_CCtx *zstd;
    char *out; /* packed bytes on their way */
};

static tend_status write_all(tend_sink *s, const char *data, size_t size, tend_error *err) {
    while (size > 0) {
        ssize_t n = fs_op_write(s->fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return s->temporary ? fs_fail(err, "write", s->path, errno) : fs_fail(err, "write to", "standard output", errno);
        data += n;
        size -= (size_t)n;
    }
    return TEND_OK;
}

static tend_status start_packing(tend_sink *s, tend_error *err) {
    s->packing = tend_text_has_suffix(s->path, ".gz") ? GZIP : tend_text_has_suffix(s->path, ".zst") ? ZSTD : PLAIN;
    if (s->packing != PLAIN)
        s->out = tend_malloc(OUT_SIZE);
    /* No name and no time in the gzip header: the same rows give the same file. */
    if (s->packing == GZIP && deflateInit2(&s->gzip, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return TEND_FAIL(err, BUG, "zlib cannot be started");
    if (s->packing == ZSTD && (!(s->zstd = ZSTD_createCCtx()) || ZSTD_isError(ZSTD_CCtx_setParameter(s->zstd, ZSTD_c_checksumFlag, 1))))
        return TEND_FAIL(err, BUG, "zstd cannot be started");
    return TEND_OK;
}

/* Beside the target, under a name that no other process and no pattern such as *.csv takes. */
static tend_status open_temporary(tend_sink *s, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    char *folder = tend_path_dir(arena, s->path);
    TEND_TRY(tend_fs_mkdirs(folder, err));
    if (tend_fs_is_dir(s->path))
        return TEND_FAIL(err, IO, "cannot write '%s': it is a folder", s->path);
    const char *name = tend_arena_printf(arena, ".%s.%ld.tmp", tend_path_base(s->path), (long)getpid());
    const char *temporary = tend_path_join(arena, folder, name);
    s->fd = fs_op_open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (s->fd < 0)
        return fs_fail(err, "write", s->path, errno);
    s->temporary = strcpy(tend_malloc(strlen(temporary) + 1), temporary);
    return TEND_OK;
}

tend_status tend_sink_open(const char *path, tend_sink **out, tend_error *err) {
    tend_sink *s = tend_calloc(1, sizeof *s);
    s->path = strcpy(tend_malloc(strlen(path) + 1), path);
    s->fd = STDOUT_FILENO;
    tend_status status = strcmp(path, "-") == 0 ? TEND_OK : open_temporary(s, err);
    if (status == TEND_OK)
        status = start_packing(s, err);
    if (status != TEND_OK) {
        tend_sink_close(s);
        return status;
    }
    *out = s;
    return TEND_OK;
}

static tend_status write_gzip(tend_sink *s, const char *data, size_t size, bool last, tend_error *err) {
    z_stream *z = &s->gzip;
    do {
        size_t part = size < (1u << 30) ? size : 1u << 30;
        z->next_in = (Bytef *)(uintptr_t)data;
        z->avail_in = (uInt)part;
        data += part;
        size -= part;
        do {
            z->next_out = (Bytef *)s->out;
            z->avail_out = OUT_SIZE;
            deflate(z, last && size == 0 ? Z_FINISH : Z_NO_FLUSH);
            TEND_TRY(write_all(s, s->out, OUT_SIZE - z->avail_out, err));
        } while (z->avail_out == 0);
    } while (size > 0);
    return TEND_OK;
}

static tend_status write_zstd(tend_sink *s, const char *data, size_t size, bool last, tend_error *err) {
    ZSTD_inBuffer in = {data, size, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {s->out, OUT_SIZE, 0};
        left = ZSTD_compressStream2(s->zstd, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left))
            return TEND_FAIL(err, BUG, "zstd: %s", ZSTD_getErrorName(left));
        TEND_TRY(write_all(s, s->out, out.pos, err));
    } while (last ? left > 0 : in.pos < in.size);
    return TEND_OK;
}

static tend_status pack(tend_sink *s, const char *data, size_t size, bool last, tend_error *err) {
    if (s->packing == GZIP)
        return write_gzip(s, data, size, last, err);
    if (s->packing == ZSTD)
        return write_zstd(s, data, size, last, err);
    return write_all(s, data, size, err);
}

tend_status tend_sink_write(tend_sink *s, const char *data, size_t size, tend_error *err) {
    return size ? pack(s, data, size, false, err) : TEND_OK;
}

static tend_status sync_and_close(tend_sink *s, int fd, tend_error *err) {
    tend_status status = fs_op_fsync(fd) == 0 ? TEND_OK : fs_fail(err, "write", s->path, errno);
    close(fd);
    return status;
}

static tend_status sync_folder(tend_sink *s, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    int fd = fs_op_open(tend_path_dir(arena, s->path), O_RDONLY | O_DIRECTORY, 0);
    return fd < 0 ? fs_fail(err, "open", s->path, errno) : sync_and_close(s, fd, err);
}

tend_status tend_sink_finish(tend_sink *s, tend_error *err) {
    TEND_TRY(pack(s, "", 0, true, err));
    if (!s->temporary)
        return TEND_OK;
    int fd = s->fd;
    s->fd = -1;
    TEND_TRY(sync_and_close(s, fd, err));
    if (fs_op_rename(s->temporary, s->path) != 0)
        return fs_fail(err, "write", s->path, errno);
    free(s->temporary);
    s->temporary = NULL;
    return sync_folder(s, err);
}

void tend_sink_close(tend_sink *s) {
    if (!s)
        return;
    if (s->fd > STDERR_FILENO)
        close(s->fd);
    if (s->temporary)
        unlink(s->temporary);
    if (s->packing == GZIP)
        deflateEnd(&s->gzip);
    ZSTD_freeCCtx(s->zstd);
    free(s->temporary);
    free(s->out);
    free(s->path);
    free(s);
}
