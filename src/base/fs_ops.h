/* The one table of calls that touch the disk, with fault injection (tend_fs_fail_at): for base/fs*.c and for whoever streams to
 * a file and cannot use its whole reads and writes. Each behaves as the system call of its name, errno included. */
#ifndef TEND_BASE_FS_OPS_H
#define TEND_BASE_FS_OPS_H

#include "base/error.h"

#include <sys/types.h>

int fs_op_open(const char *path, int flags, unsigned mode);
ssize_t fs_op_write(int fd, const void *data, size_t size);
int fs_op_fsync(int fd);
int fs_op_rename(const char *from, const char *to);
void *fs_op_mmap(size_t size, int fd);
int fs_op_mkdir(const char *path, unsigned mode);
int fs_op_unlink(const char *path);
int fs_op_truncate(int fd, uint64_t size);
/* Space from `from` on without a change of the file's size (fallocate with KEEP_SIZE). */
int fs_op_reserve(int fd, uint64_t from, uint64_t size);

/* "cannot <what> '<path>': <reason in plain words>"; NOT_FOUND for ENOENT, CANCELLED for EPIPE (who was
 * reading has had enough), else IO. */
tend_status fs_fail(tend_error *err, const char *what, const char *path, int error_number);
const char *fs_reason(int error_number);

#endif
