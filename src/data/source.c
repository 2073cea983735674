#include "data/source.h"

#include "base/arena.h"
#include "base/fs.h"
#include "base/fs_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { IN_SIZE = 128 << 10 };
typedef enum packing { PLAIN, GZIP, ZSTD } packing;
static const char *const PACKING_NAMES[] = {NULL, "gzip", "zstd"};

struct tend_source {
    char *path;
    int fd;
    packing packing;
    z_stream gzip;
    ZSTD_DStream *zstd;
    bool stream_ended; /* at the end of a gzip member or a zstd frame */
    bool input_ended;
    char *in; /* packed bytes that were read and not yet used: in[in_at..in_end) */
    size_t in_at, in_end;
    uint64_t in_before; /* bytes of the file before in[0] */
    tend_map map;       /* tend_source_all of a plain file */
    char *owned;        /* tend_source_all otherwise */
};

static tend_status refill(tend_source *s, tend_error *err) {
    s->in_before += s->in_end;
    s->in_at = s->in_end = 0;
    ssize_t n;
    do
        n = read(s->fd, s->in, IN_SIZE);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return fs_fail(err, "read", s->path, errno);
    s->in_end = (size_t)n;
    s->input_ended = n == 0;
    return TEND_OK;
}

static packing recognise(const char *in, size_t size) {
    static const unsigned char GZIP_MAGIC[] = {0x1f, 0x8b}, ZSTD_MAGIC[] = {0x28, 0xb5, 0x2f, 0xfd};
    if (size >= sizeof GZIP_MAGIC && memcmp(in, GZIP_MAGIC, sizeof GZIP_MAGIC) == 0)
        return GZIP;
    if (size >= sizeof ZSTD_MAGIC && memcmp(in, ZSTD_MAGIC, sizeof ZSTD_MAGIC) == 0)
        return ZSTD;
    return PLAIN;
}

static tend_status start_unpacking(tend_source *s, tend_error *err) {
    s->packing = recognise(s->in, s->in_end);
    s->stream_ended = false;
    if (s->packing == GZIP && inflateInit2(&s->gzip, 15 + 16) != Z_OK)
        return TEND_FAIL(err, BUG, "zlib cannot be started");
    if (s->packing == ZSTD && (!(s->zstd = ZSTD_createDStream()) || ZSTD_isError(ZSTD_initDStream(s->zstd))))
        return TEND_FAIL(err, BUG, "zstd cannot be started");
    return TEND_OK;
}

static void stop_unpacking(tend_source *s) {
    if (s->packing == GZIP)
        inflateEnd(&s->gzip);
    ZSTD_freeDStream(s->zstd);
    s->zstd = NULL;
    s->packing = PLAIN;
}

void tend_source_close(tend_source *s) {
    if (!s)
        return;
    stop_unpacking(s);
    tend_fs_unmap(&s->map);
    if (s->fd > 0)
        close(s->fd);
    free(s->owned);
    free(s->in);
    free(s->path);
    free(s);
}

static tend_status open_file(tend_source *s, tend_error *err) {
    s->fd = strcmp(s->path, "-") == 0 ? STDIN_FILENO : fs_op_open(s->path, O_RDONLY, 0);
    if (s->fd < 0)
        return fs_fail(err, "open", s->path, errno);
    struct stat st;
    if (fstat(s->fd, &st) == 0 && S_ISDIR(st.st_mode))
        return tend_error_hint(err, TEND_FAIL(err, IO, "cannot read '%s': it is a folder", s->path),
                               "name a file in it, or a pattern such as %s/*.csv", s->path);
    return TEND_OK;
}

tend_status tend_source_open(const char *path, tend_source **out, tend_error *err) {
    tend_source *s = tend_calloc(1, sizeof *s);
    s->path = strcpy(tend_malloc(strlen(path) + 1), path);
    s->in = tend_malloc(IN_SIZE);
    tend_status status = open_file(s, err);
    if (status == TEND_OK)
        status = refill(s, err);
    if (status == TEND_OK)
        status = start_unpacking(s, err);
    if (status != TEND_OK) {
        tend_source_close(s);
        return status;
    }
    *out = s;
    return TEND_OK;
}

const char *tend_source_packing(const tend_source *s) { return PACKING_NAMES[s->packing]; }

tend_status tend_source_rewind(tend_source *s, tend_error *err) {
    if (s->fd == STDIN_FILENO || lseek(s->fd, 0, SEEK_SET) != 0)
        return TEND_FAIL(err, UNSUPPORTED, "'%s' can be read only once; store it in a file first", s->path);
    stop_unpacking(s);
    s->in_at = s->in_end = 0;
    s->in_before = 0;
    TEND_TRY(refill(s, err));
    return start_unpacking(s, err);
}

static unsigned long long place(const tend_source *s) { return (unsigned long long)s->in_before + s->in_at; }

static tend_status cut_off(const tend_source *s, tend_error *err) {
    tend_span span = {s->path, 0, 0, 0};
    TEND_FAIL_AT(err, CORRUPT, span, "the %s data ends too early, after byte %llu", PACKING_NAMES[s->packing], place(s));
    return tend_error_hint(err, TEND_CORRUPT, "the file was cut off; copy or download it again");
}

static tend_status damaged(const tend_source *s, const char *why, tend_error *err) {
    tend_span span = {s->path, 0, 0, 0};
    TEND_FAIL_AT(err, CORRUPT, span, "the %s data is damaged near byte %llu (%s)", PACKING_NAMES[s->packing], place(s), why);
    return tend_error_hint(err, TEND_CORRUPT, "copy or download the file again");
}

/* One step of zlib: takes packed bytes, gives what it can. A file may be several gzip members one after the other. */
static tend_status step_gzip(tend_source *s, char *into, size_t size, size_t *out_n, tend_error *err) {
    if (s->stream_ended) {
        inflateReset(&s->gzip);
        s->stream_ended = false;
    }
    z_stream *z = &s->gzip;
    z->next_in = (Bytef *)s->in + s->in_at;
    z->avail_in = (uInt)(s->in_end - s->in_at);
    z->next_out = (Bytef *)into;
    z->avail_out = (uInt)(size < (1u << 30) ? size : 1u << 30);
    uInt room = z->avail_out;
    int code = inflate(z, Z_NO_FLUSH);
    s->in_at = s->in_end - z->avail_in;
    *out_n = room - z->avail_out;
    s->stream_ended = code == Z_STREAM_END;
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return damaged(s, z->msg ? z->msg : "wrong checksum", err);
    return TEND_OK;
}

static tend_status step_zstd(tend_source *s, char *into, size_t size, size_t *out_n, tend_error *err) {
    ZSTD_inBuffer in = {s->in, s->in_end, s->in_at};
    ZSTD_outBuffer out = {into, size, 0};
    size_t code = ZSTD_decompressStream(s->zstd, &out, &in);
    s->in_at = in.pos;
    *out_n = out.pos;
    s->stream_ended = code == 0;
    return ZSTD_isError(code) ? damaged(s, ZSTD_getErrorName(code), err) : TEND_OK;
}

static tend_status read_plain(tend_source *s, char *into, size_t size, size_t *out_n) {
    size_t n = s->in_end - s->in_at < size ? s->in_end - s->in_at : size;
    memcpy(into, s->in + s->in_at, n);
    s->in_at += n;
    *out_n = n;
    return TEND_OK;
}

/* Some programs pad a gzip file with zeros behind its last member. */
static bool is_padding(const tend_source *s) {
    for (size_t i = s->in_at; i < s->in_end; i++)
        if (s->in[i])
            return false;
    return s->packing == GZIP && s->stream_ended;
}

tend_status tend_source_read(tend_source *s, char *into, size_t size, size_t *out_n, tend_error *err) {
    size_t n = 0;
    while (n == 0) {
        if (s->in_at == s->in_end && !s->input_ended)
            TEND_TRY(refill(s, err));
        if (s->in_at == s->in_end && s->packing == PLAIN)
            break;
        if (s->in_at < s->in_end && is_padding(s)) {
            s->in_at = s->in_end;
            continue;
        }
        if (s->in_at == s->in_end && s->stream_ended)
            break;
        if (s->packing == PLAIN)
            TEND_TRY(read_plain(s, into, size, &n));
        else if (s->packing == GZIP)
            TEND_TRY(step_gzip(s, into, size, &n, err));
        else
            TEND_TRY(step_zstd(s, into, size, &n, err));
        if (n == 0 && s->in_at == s->in_end && s->input_ended && !s->stream_ended)
            return cut_off(s, err);
    }
    *out_n = n;
    return TEND_OK;
}

static tend_status unpack_all(tend_source *s, size_t *out_size, tend_error *err) {
    size_t size = 0, capacity = 1 << 20;
    s->owned = tend_malloc(capacity);
    for (;;) {
        if (size == capacity) {
            capacity *= 2;
            s->owned = tend_realloc(s->owned, capacity);
        }
        size_t n;
        TEND_TRY(tend_source_read(s, s->owned + size, capacity - size, &n, err));
        if (n == 0)
            break;
        size += n;
    }
    *out_size = size;
    return TEND_OK;
}

static bool is_regular(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
}

tend_status tend_source_all(tend_source *s, const char **out_data, size_t *out_size, tend_error *err) {
    if (s->packing == PLAIN && s->fd != STDIN_FILENO && is_regular(s->fd)) {
        TEND_TRY(tend_fs_map(s->path, &s->map, err));
        *out_data = s->map.data ? s->map.data : "";
        *out_size = s->map.size;
        return TEND_OK;
    }
    TEND_TRY(unpack_all(s, out_size, err));
    *out_data = s->owned;
    return TEND_OK;
}
