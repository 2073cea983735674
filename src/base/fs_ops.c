#include "base/fs_ops.h"

#include "base/fs.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t fault_lock = PTHREAD_MUTEX_INITIALIZER;
static char fault_operation[16];
static int fault_countdown; /* 0: off */
static int fault_errno;

void tend_fs_fail_at(const char *operation, int n, int error_number) {
    pthread_mutex_lock(&fault_lock);
    snprintf(fault_operation, sizeof fault_operation, "%s", operation ? operation : "any");
    fault_countdown = n;
    fault_errno = error_number;
    pthread_mutex_unlock(&fault_lock);
}

/* Whether this call is the one that must fail; errno is set then. */
static bool must_fail(const char *operation) {
    if (__atomic_load_n(&fault_countdown, __ATOMIC_RELAXED) == 0)
        return false;
    pthread_mutex_lock(&fault_lock);
    bool counted = strcmp(fault_operation, "any") == 0 || strcmp(fault_operation, operation) == 0;
    bool fails = counted && fault_countdown > 0 && --fault_countdown == 0;
    int error_number = fault_errno;
    pthread_mutex_unlock(&fault_lock);
    if (fails)
        errno = error_number;
    return fails;
}

int fs_op_open(const char *path, int flags, unsigned mode) { return must_fail("open") ? -1 : open(path, flags | O_CLOEXEC, (mode_t)mode); }

ssize_t fs_op_write(int fd, const void *data, size_t size) {
    if (!must_fail("write"))
        return write(fd, data, size);
    int error_number = errno;
    if (error_number != EINTR) { /* as on a full disk: a part is there, and the call fails */
        ssize_t half = write(fd, data, size / 2);
        (void)half;
    }
    errno = error_number;
    return -1;
}

int fs_op_fsync(int fd) { return must_fail("fsync") ? -1 : fsync(fd); }

int fs_op_rename(const char *from, const char *to) { return must_fail("rename") ? -1 : rename(from, to); }

void *fs_op_mmap(size_t size, int fd) { return must_fail("mmap") ? MAP_FAILED : mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0); }

int fs_op_mkdir(const char *path, unsigned mode) { return must_fail("mkdir") ? -1 : mkdir(path, (mode_t)mode); }

int fs_op_unlink(const char *path) { return must_fail("unlink") ? -1 : unlink(path); }

int fs_op_truncate(int fd, uint64_t size) { return must_fail("truncate") ? -1 : ftruncate(fd, (off_t)size); }

int fs_op_reserve(int fd, uint64_t from, uint64_t size) {
    return must_fail("reserve") ? -1 : fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)size);
}

const char *fs_reason(int error_number) {
    switch (error_number) {
    case ENOENT: return "no such file or folder";
    case ENOSPC: return "the disk is full";
    case EDQUOT: return "the disk quota is used up";
    case EROFS: return "the file system is read-only";
    case EACCES: return "permission denied";
    case EPERM: return "the operation is not permitted";
    case EISDIR: return "it is a folder";
    case ENOTDIR: return "a part of the path is a file, not a folder";
    case EEXIST: return "it exists already";
    case ENOTEMPTY: return "the folder is not empty";
    case EMFILE: return "this process has too many files open";
    case ENFILE: return "the system has too many files open";
    case ENAMETOOLONG: return "the name is too long";
    case ELOOP: return "too many symbolic links";
    case EIO: return "the disk reported an error";
    case ENOMEM: return "not enough memory";
    case EFBIG: return "the file would become too large";
    case EBUSY: return "it is in use";
    case ETXTBSY: return "it is a running program";
    case EXDEV: return "source and target are on different file systems";
    case ENXIO:
    case ENODEV: return "the device is not there";
    case EINVAL: return "the file system does not support it";
    default: return NULL;
    }
}

/* "did you mean 'data/census.csv'?" when a file of nearly that name lies in the same folder. */
static void hint_nearest(tend_error *err, const char *path) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *folder = tend_path_dir(arena, path);
    char **names;
    size_t n;
    if (tend_fs_list(folder, arena, &names, &n, NULL) != TEND_OK)
        return;
    const char *nearest = tend_text_nearest(tend_path_base(path), (const char *const *)names, n);
    if (nearest)
        tend_error_hint(err, TEND_NOT_FOUND, "did you mean '%s'?", strchr(path, '/') ? tend_path_join(arena, folder, nearest) : nearest);
}

tend_status fs_fail(tend_error *err, const char *what, const char *path, int error_number) {
    if (error_number == ENOENT) {
        TEND_FAIL(err, NOT_FOUND, "cannot %s '%s': %s", what, path, fs_reason(ENOENT));
        if (err)
            hint_nearest(err, path);
        return TEND_NOT_FOUND;
    }
    if (error_number == EPIPE)
        return TEND_FAIL(err, CANCELLED, "cannot %s '%s': who was reading it is gone", what, path);
    const char *reason = fs_reason(error_number);
    if (!reason)
        return TEND_FAIL(err, IO, "cannot %s '%s': system error %d", what, path, error_number);
    tend_status status = TEND_FAIL(err, IO, "cannot %s '%s': %s", what, path, reason);
    return error_number == ENOSPC ? tend_error_hint(err, status, "make room (`tend gc` removes what is not needed) and try again") : status;
}
