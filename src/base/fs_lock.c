#include "base/fs.h"

#include "base/clock.h"
#include "base/fs_ops.h"
#include "base/text.h"
#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_WAIT_MS = 1, LONGEST_WAIT_MS = 50, HOLDER_SIZE = 256 };

/* "pid 4711 (tend run)": what others are told while they wait. */
static void describe_self(char out[HOLDER_SIZE]) {
    char command[160] = "";
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, command, sizeof command - 1);
    if (fd >= 0)
        close(fd);
    n = n > 0 ? n : 0;
    while (n > 0 && command[n - 1] == '\0')
        n--;
    const char *program = tend_path_base(command); /* arguments are still behind NULs */
    for (ssize_t i = 0; i < n; i++)
        if ((unsigned char)command[i] < 0x20)
            command[i] = ' ';
    command[n] = '\0';
    snprintf(out, HOLDER_SIZE, "pid %ld (%s)", (long)getpid(), n ? program : "unknown");
}

/* The note only informs: that it could not be written, on a full disk, is no reason to fail. */
static void write_holder(int fd) {
    char holder[HOLDER_SIZE];
    describe_self(holder);
    ssize_t written = ftruncate(fd, 0) == 0 ? pwrite(fd, holder, strlen(holder), 0) : 0;
    (void)written;
}

static tend_status busy(int fd, const char *path, tend_error *err) {
    char holder[HOLDER_SIZE];
    ssize_t n = pread(fd, holder, sizeof holder - 1, 0);
    holder[n > 0 ? n : 0] = '\0';
    if (n > 0)
        return TEND_FAIL(err, BUSY, "'%s' is held by %s", path, holder);
    return TEND_FAIL(err, BUSY, "'%s' is held by another process", path);
}

static void sleep_ms(int ms) { nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000}, NULL); }

/* Asks again and again, at growing intervals: a blocking flock could neither time out nor be
 * cancelled. */
static tend_status wait_for(int fd, const char *path, int wait_ms, tend_error *err) {
    double start = tend_clock_seconds();
    for (int pause = FIRST_WAIT_MS;; pause = pause * 2 > LONGEST_WAIT_MS ? LONGEST_WAIT_MS : pause * 2) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return TEND_OK;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fs_fail(err, "lock", path, errno);
        if (tend_cancel_requested())
            return TEND_FAIL(err, CANCELLED, "cancelled while waiting for '%s'", path);
        if (wait_ms >= 0 && (tend_clock_seconds() - start) * 1e3 >= wait_ms)
            return busy(fd, path, err);
        sleep_ms(pause);
    }
}

tend_status tend_lock_acquire(tend_lock *lock, const char *path, int wait_ms, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_TRY(tend_fs_mkdirs(tend_path_dir(arena, path), err));
    int fd = fs_op_open(path, O_RDWR | O_CREAT, 0666);
    if (fd < 0)
        return fs_fail(err, "lock", path, errno);
    tend_status status = wait_for(fd, path, wait_ms, err);
    if (status != TEND_OK) {
        close(fd);
        return status;
    }
    write_holder(fd);
    lock->fd = fd;
    return TEND_OK;
}

void tend_lock_release(tend_lock *lock) {
    if (lock->fd < 0)
        return;
    /* The file stays: removing it would let two processes lock two files of one name. */
    int emptied = ftruncate(lock->fd, 0);
    (void)emptied;
    close(lock->fd);
    lock->fd = -1;
}
