#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

static pthread_mutex_t sink_lock = PTHREAD_MUTEX_INITIALIZER;
static tend_log_sink current_sink;
static void *sink_ctx;

void tend_log_set_sink(tend_log_sink sink, void *ctx) {
    pthread_mutex_lock(&sink_lock);
    current_sink = sink;
    sink_ctx = ctx;
    pthread_mutex_unlock(&sink_lock);
}

static void send_event(const tend_log_event *event) {
    pthread_mutex_lock(&sink_lock);
    if (current_sink)
        current_sink(sink_ctx, event);
    pthread_mutex_unlock(&sink_lock);
}

void tend_log(tend_log_kind kind, const char *format, ...) {
    char message[1024];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (n >= 0)
        send_event(&(tend_log_event){.kind = kind, .what = message});
}

void tend_progress(const char *what, int64_t done, int64_t total, const char *unit) {
    send_event(&(tend_log_event){TEND_LOG_PROGRESS, what, done, total, unit});
}
