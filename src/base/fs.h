/* Files: whole reads, atomic writes, maps, walks, locks. Every call that touches the disk goes through one table of
 * functions, so that tests can make the n-th write, fsync or rename fail.
 */
#ifndef TEND_BASE_FS_H
#define TEND_BASE_FS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"

typedef struct tend_map {
    const void *data; /* NULL when the file is empty */
    size_t size;
} tend_map;

/* Reads a whole file of at most `max` bytes (0: 4 GiB) into the arena, NUL-terminated beyond its size. */
tend_status tend_fs_read(const char *path, size_t max, tend_arena *arena, char **out_data, size_t *out_size, tend_error *err) TEND_MUST_USE;
/* Maps a file read-only; unmap with tend_fs_unmap. */
tend_status tend_fs_map(const char *path, tend_map *out_map, tend_error *err) TEND_MUST_USE;
void tend_fs_unmap(tend_map *map);
/* Writes beside the target, fsyncs, renames over it, fsyncs the folder: after any crash the file is the old one or the new one,
 * whole. Missing parent folders are made. `mode` such as 0644. */
tend_status tend_fs_write(const char *path, const void *data, size_t size, unsigned mode, tend_error *err) TEND_MUST_USE;
tend_status tend_fs_mkdirs(const char *path, tend_error *err) TEND_MUST_USE;
bool tend_fs_exists(const char *path);
bool tend_fs_is_dir(const char *path);
tend_status tend_fs_remove(const char *path, tend_error *err); /* a missing file is fine */
tend_status tend_fs_rename(const char *from, const char *to, tend_error *err) TEND_MUST_USE;

/* What tells, without reading it, that a file has not changed. */
typedef struct tend_file_stamp {
    uint64_t size, inode, device;
    int64_t mtime_ns, ctime_ns;
} tend_file_stamp;
tend_status tend_fs_stamp(const char *path, tend_file_stamp *out, tend_error *err) TEND_MUST_USE;
tend_status tend_fs_digest(const char *path, tend_digest *out, uint64_t *out_size, tend_error *err) TEND_MUST_USE;

/* The files a pattern names ("data/census-*.csv"; a folder means every regular file directly in it that does not start with
 * "." or "_"), sorted bytewise, relative as given. No match: NOT_FOUND, with the nearest file name as a hint. */
tend_status tend_fs_glob(const char *pattern, tend_arena *arena, char ***out_paths, size_t *out_n, tend_error *err) TEND_MUST_USE;
/* Names in a folder, sorted, without "." and "..". */
tend_status tend_fs_list(const char *path, tend_arena *arena, char ***out_names, size_t *out_n, tend_error *err) TEND_MUST_USE;

/* An advisory lock on a file (made when missing). wait_ms < 0 waits for ever; BUSY when it is held longer than wait_ms, and
 * the message names the holder (pid and command, written into the file). Freed by the kernel when the process dies. */
typedef struct tend_lock {
    int fd;
} tend_lock;
#define TEND_LOCK_INIT ((tend_lock){-1})
tend_status tend_lock_acquire(tend_lock *lock, const char *path, int wait_ms, tend_error *err) TEND_MUST_USE;
void tend_lock_release(tend_lock *lock);

char *tend_path_join(tend_arena *arena, const char *folder, const char *name); /* an absolute name wins */
const char *tend_path_base(const char *path);                                  /* after the last slash */
char *tend_path_dir(tend_arena *arena, const char *path);                      /* "." when there is none */

/* Fault injection for tests: the n-th call (from 1) of the named operation ("open", "write", "fsync", "rename", "mmap",
 * "mkdir", "unlink", "truncate", "reserve", or "any") from now on fails with `error_number`; "write" then first writes half. n 0 switches
 * it off. */
void tend_fs_fail_at(const char *operation, int n, int error_number);

#endif
