#include "base/fs.h"

#include "base/fs_ops.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_MAX ((size_t)4 << 30)
enum { READ_SIZE = 256 << 10 };

static ssize_t read_some(int fd, void *data, size_t size) {
    ssize_t n;
    do
        n = read(fd, data, size);
    while (n < 0 && errno == EINTR);
    return n;
}

static tend_status too_large(const char *path, size_t max, tend_error *err) {
    char limit[32];
    return TEND_FAIL(err, LIMIT, "cannot read '%s': it is larger than the limit of %s", path, tend_text_bytes(max, limit));
}

/* Opens for reading and refuses folders, which open() takes but nothing else does. */
static tend_status open_file(const char *path, int *out_fd, struct stat *out_stat, tend_error *err) {
    int fd = fs_op_open(path, O_RDONLY, 0);
    if (fd < 0)
        return fs_fail(err, "read", path, errno);
    int error_number = fstat(fd, out_stat) != 0 ? errno : S_ISDIR(out_stat->st_mode) ? EISDIR : 0;
    if (error_number) {
        close(fd);
        return fs_fail(err, "read", path, error_number);
    }
    *out_fd = fd;
    return TEND_OK;
}

/* Reads to the end: the size that fstat tells is a hint only (a pipe has none, a file may be
 * growing). One byte more than expected is asked for, so that a file of that very size ends without
 * growing the block. */
static tend_status read_all(int fd, const char *path, size_t expected, size_t max, tend_arena *arena, char **out_data, size_t *out_size,
                            tend_error *err) {
    size_t capacity = expected + 2, size = 0;
    char *data = tend_arena_alloc(arena, capacity);
    for (;;) {
        if (size + 1 == capacity) {
            size_t grown = capacity + (capacity < READ_SIZE ? READ_SIZE : capacity);
            data = tend_arena_grow(arena, data, capacity, grown);
            capacity = grown;
        }
        ssize_t n = read_some(fd, data + size, capacity - 1 - size);
        if (n < 0)
            return fs_fail(err, "read", path, errno);
        size += (size_t)n;
        if (size > max)
            return too_large(path, max, err);
        if (n == 0)
            break;
    }
    data[size] = '\0';
    *out_data = data;
    *out_size = size;
    return TEND_OK;
}

tend_status tend_fs_read(const char *path, size_t max, tend_arena *arena, char **out_data, size_t *out_size, tend_error *err) {
    int fd;
    struct stat info;
    max = max ? max : DEFAULT_MAX;
    TEND_TRY(open_file(path, &fd, &info, err));
    size_t expected = S_ISREG(info.st_mode) ? (size_t)info.st_size : READ_SIZE;
    size_t size = 0;
    tend_status status = expected > max && S_ISREG(info.st_mode) ? too_large(path, max, err)
                                                                 : read_all(fd, path, expected, max, arena, out_data, &size, err);
    close(fd);
    if (status == TEND_OK && out_size)
        *out_size = size;
    return status;
}

tend_status tend_fs_map(const char *path, tend_map *out_map, tend_error *err) {
    int fd;
    struct stat info;
    TEND_TRY(open_file(path, &fd, &info, err));
    tend_map map = {NULL, (size_t)info.st_size};
    if (map.size) {
        void *data = fs_op_mmap(map.size, fd);
        if (data == MAP_FAILED) {
            int error_number = errno;
            close(fd);
            return fs_fail(err, "map", path, error_number);
        }
        map.data = data;
    }
    close(fd);
    *out_map = map;
    return TEND_OK;
}

void tend_fs_unmap(tend_map *map) {
    if (map->data) {
        union {
            const void *in;
            void *out;
        } data = {map->data}; /* munmap takes no const */
        munmap(data.out, map->size);
    }
    *map = (tend_map){0};
}

static int write_all(int fd, const char *data, size_t size) {
    while (size) {
        ssize_t n = fs_op_write(fd, data, size < SSIZE_MAX ? size : SSIZE_MAX);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 ? ENOSPC : errno;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

/* Returns 0 or an error number; leaves no file behind when it fails. */
static int write_temporary(const char *path, const void *data, size_t size, unsigned mode) {
    int fd = fs_op_open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (fd < 0)
        return errno;
    int error_number = write_all(fd, data, size);
    if (!error_number && fs_op_fsync(fd) != 0)
        error_number = errno;
    if (close(fd) != 0 && !error_number)
        error_number = errno;
    if (error_number)
        unlink(path);
    return error_number;
}

static int sync_folder(const char *folder) {
    int fd = fs_op_open(folder, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return errno;
    int error_number = fs_op_fsync(fd) != 0 ? errno : 0;
    close(fd);
    return error_number == EINVAL ? 0 : error_number; /* some file systems cannot sync a folder */
}

tend_status tend_fs_write(const char *path, const void *data, size_t size, unsigned mode, tend_error *err) {
    static atomic_uint counter;
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *folder = tend_path_dir(arena, path);
    TEND_TRY(tend_fs_mkdirs(folder, err));
    const char *temporary = tend_arena_printf(arena, "%s.tmp-%ld-%u", path, (long)getpid(), atomic_fetch_add(&counter, 1));
    int error_number = write_temporary(temporary, data, size, mode);
    if (error_number)
        return fs_fail(err, "write", path, error_number);
    if (fs_op_rename(temporary, path) != 0) {
        error_number = errno;
        unlink(temporary);
        return fs_fail(err, "write", path, error_number);
    }
    error_number = sync_folder(folder);
    return error_number ? fs_fail(err, "write", path, error_number) : TEND_OK;
}

static tend_status make_folder(const char *path, tend_error *err) {
    if (fs_op_mkdir(path, 0777) == 0 || tend_fs_is_dir(path))
        return TEND_OK;
    return fs_fail(err, "make the folder", path, errno == EEXIST ? ENOTDIR : errno);
}

tend_status tend_fs_mkdirs(const char *path, tend_error *err) {
    if (!*path || tend_fs_is_dir(path))
        return TEND_OK;
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    char *partial = tend_arena_strdup(arena, path);
    for (char *slash = strchr(partial + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        tend_status status = tend_fs_is_dir(partial) ? TEND_OK : make_folder(partial, err);
        *slash = '/';
        TEND_TRY(status);
    }
    return tend_fs_is_dir(path) ? TEND_OK : make_folder(path, err);
}

bool tend_fs_exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0;
}

bool tend_fs_is_dir(const char *path) {
    int saved = errno; /* callers ask in the middle of reporting another failure */
    struct stat info;
    bool is = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    errno = saved;
    return is;
}

tend_status tend_fs_remove(const char *path, tend_error *err) {
    if (remove(path) == 0 || errno == ENOENT)
        return TEND_OK;
    return fs_fail(err, "remove", path, errno);
}

tend_status tend_fs_rename(const char *from, const char *to, tend_error *err) {
    if (fs_op_rename(from, to) == 0)
        return TEND_OK;
    int error_number = errno;
    if (error_number == ENOENT && !tend_fs_exists(from))
        return fs_fail(err, "rename", from, error_number);
    return fs_fail(err, "rename to", to, error_number);
}

static int64_t nanos(struct timespec t) { return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec; }

tend_status tend_fs_stamp(const char *path, tend_file_stamp *out, tend_error *err) {
    struct stat info;
    if (stat(path, &info) != 0)
        return fs_fail(err, "read", path, errno);
    *out = (tend_file_stamp){
        .size = (uint64_t)info.st_size,
        .inode = (uint64_t)info.st_ino,
        .device = (uint64_t)info.st_dev,
        .mtime_ns = nanos(info.st_mtim),
        .ctime_ns = nanos(info.st_ctim),
    };
    return TEND_OK;
}

tend_status tend_fs_digest(const char *path, tend_digest *out, uint64_t *out_size, tend_error *err) {
    int fd;
    struct stat info;
    TEND_TRY(open_file(path, &fd, &info, err));
    tend_sha256 state;
    tend_sha256_init(&state);
    char *chunk = tend_malloc(READ_SIZE);
    uint64_t size = 0;
    ssize_t n;
    while ((n = read_some(fd, chunk, READ_SIZE)) > 0) {
        tend_sha256_update(&state, chunk, (size_t)n);
        size += (uint64_t)n;
    }
    int error_number = errno;
    free(chunk);
    close(fd);
    if (n < 0)
        return fs_fail(err, "read", path, error_number);
    *out = tend_sha256_final(&state);
    if (out_size)
        *out_size = size;
    return TEND_OK;
}
