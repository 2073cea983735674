#include "store/process.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A small file of /proc as text without its newline; false when there is none. */
static bool read_proc(const char *path, char *out, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, out, size - 1);
    close(fd);
    out[n > 0 ? n : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
    return n > 0;
}

/* Field 22 of /proc/<pid>/stat. Field 2 is the command in brackets and may hold anything, so
 * counting starts behind the last one. */
static bool read_started(int64_t pid, int64_t *out) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    if (!read_proc(path, text, sizeof text))
        return false;
    const char *at = strrchr(text, ')');
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    if (!at)
        return false;
    *out = strtoll(at, NULL, 10);
    return true;
}

tend_process tend_process_self(void) {
    tend_process self = {.pid = getpid()};
    if (!read_started(self.pid, &self.started) || !read_proc("/proc/sys/kernel/random/boot_id", self.boot, sizeof self.boot))
        self.boot[0] = '\0';
    return self;
}

bool tend_process_is_alive(const tend_process *process, const char *host) {
    char here[256];
    int64_t started;
    tend_process self = tend_process_self();
    tend_process_host(here);
    if (!*process->boot || !*self.boot || (host && strcmp(host, here) != 0))
        return true;
    if (strcmp(process->boot, self.boot) != 0)
        return false;
    return read_started(process->pid, &started) && started == process->started;
}

void tend_process_host(char out[256]) {
    if (gethostname(out, 256) != 0)
        out[0] = '\0';
    out[255] = '\0';
}

void tend_process_user(char out[256]) {
    struct passwd entry, *found = NULL;
    char space[4096];
    const char *name = getpwuid_r(geteuid(), &entry, space, sizeof space, &found) == 0 && found ? entry.pw_name : "";
    snprintf(out, 256, "%s", name);
}
