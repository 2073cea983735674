#include "base/thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { MAX_THREADS = 256 };

static volatile sig_atomic_t cancelled;

void tend_cancel_request(void) { cancelled = 1; }

int tend_cancel_requested(void) { return cancelled; }

static int usable_cpus(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? n : 1;
}

int tend_thread_count(void) {
    const char *jobs = getenv("TEND_JOBS");
    long n = jobs ? strtol(jobs, NULL, 10) : 0;
    if (n <= 0)
        n = usable_cpus();
    return n > MAX_THREADS ? MAX_THREADS : (int)n;
}

typedef struct work {
    atomic_size_t next;
    size_t n_tasks;
    void (*fn)(void *ctx, size_t i);
    void *ctx;
} work;

static void *run_tasks(void *arg) {
    work *w = arg;
    for (;;) {
        size_t i = atomic_fetch_add_explicit(&w->next, 1, memory_order_relaxed);
        if (i >= w->n_tasks)
            return NULL;
        w->fn(w->ctx, i);
    }
}

void tend_parallel_for(size_t n_tasks, int n_threads, void (*fn)(void *ctx, size_t i), void *ctx) {
    size_t wanted = n_threads > 0 ? (size_t)n_threads : (size_t)tend_thread_count();
    wanted = wanted > MAX_THREADS ? MAX_THREADS : wanted;
    wanted = wanted > n_tasks ? n_tasks : wanted;
    work w = {.n_tasks = n_tasks, .fn = fn, .ctx = ctx};
    pthread_t threads[MAX_THREADS];
    size_t started = 0;
    /* A thread that cannot be had is no error: those that run, at least this one, do its share. */
    while (started + 1 < wanted && pthread_create(&threads[started], NULL, run_tasks, &w) == 0)
        started++;
    run_tasks(&w);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}
