/* What long work tells while it runs: messages and progress, as events to one sink that the top installs. Without a sink they
 * are dropped. The sink may be called from any thread, one call at a time.
 */
#ifndef TEND_BASE_LOG_H
#define TEND_BASE_LOG_H

#include <stdint.h>

typedef enum tend_log_kind { TEND_LOG_DEBUG, TEND_LOG_INFO, TEND_LOG_WARNING, TEND_LOG_PROGRESS } tend_log_kind;

typedef struct tend_log_event {
    tend_log_kind kind;
    const char *what;    /* the message, or what is in progress ("train gradient boosting") */
    int64_t done, total; /* progress only; total 0: unknown */
    const char *unit;    /* "rows", "rounds", "bytes" */
} tend_log_event;

typedef void (*tend_log_sink)(void *ctx, const tend_log_event *event);
void tend_log_set_sink(tend_log_sink sink, void *ctx);
void tend_log(tend_log_kind kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tend_progress(const char *what, int64_t done, int64_t total, const char *unit);

#endif
