/* Threads: one loop in parallel over a fixed number of tasks. What a task computes must depend on its index alone, so that
 * results are the same on any number of threads.
 */
#ifndef TEND_BASE_THREAD_H
#define TEND_BASE_THREAD_H

#include <stddef.h>

/* The threads to use: TEND_JOBS in the environment, else the CPUs this process may run on. */
int tend_thread_count(void);
/* Calls fn(ctx, i) for i in [0, n_tasks) on at most n_threads threads (0: tend_thread_count) and waits for all. The caller's
 * thread works too. fn must not call tend_parallel_for. */
void tend_parallel_for(size_t n_tasks, int n_threads, void (*fn)(void *ctx, size_t i), void *ctx);
/* Set by a signal handler (Ctrl-C); long work asks between steps. */
void tend_cancel_request(void);
int tend_cancel_requested(void);

#endif
