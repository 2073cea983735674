/* Private to src/store: which process is which, so that a run left behind by a dead one is told
 * from one going on.
 *
 * A pid is used again, so it is recorded with the time the process started (in ticks since boot,
 * /proc/<pid>/stat) and with the boot (/proc/sys/kernel/random/boot_id). Where there is no
 * /proc, every process counts as alive. */
#ifndef TEND_STORE_PROCESS_H
#define TEND_STORE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct tend_process {
    int64_t pid, started;
    char boot[64];
} tend_process;

tend_process tend_process_self(void);
/* `host`: where it was recorded. One of another machine counts as alive: it cannot be asked. */
bool tend_process_is_alive(const tend_process *process, const char *host);
/* The name of this machine and of the user, "" when the system does not know. */
void tend_process_host(char out[256]);
void tend_process_user(char out[256]);

#endif
