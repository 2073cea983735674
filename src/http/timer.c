#include "http/timer.h"

#include <stddef.h>

void http_timers_init(http_timers *timers) {
    for (int i = 0; i < HTTP_TIMER_KINDS; i++) {
        http_timer *list = &timers->lists[i];
        *list = (http_timer){.prev = list, .next = list, .turn_ns = INT64_MIN};
    }
}

void http_timer_stop(http_timer *timer) {
    if (!timer->next)
        return;
    timer->prev->next = timer->next;
    timer->next->prev = timer->prev;
    timer->prev = timer->next = NULL;
}

/* Behind all that come earlier. Nearly always that is the end; a deadline counted from the past (a head that began long ago) goes a few
 * steps back. */
static void insert(http_timers *timers, http_timer *timer) {
    http_timer *after = timers->lists[timer->kind].prev;
    while (after->turn_ns > timer->turn_ns)
        after = after->prev;
    timer->prev = after;
    timer->next = after->next;
    after->next->prev = timer;
    after->next = timer;
}

void http_timer_set(http_timers *timers, http_timer *timer, http_timer_kind kind, int64_t deadline_ns) {
    timer->deadline_ns = deadline_ns;
    if (timer->next && timer->kind == kind && deadline_ns >= timer->turn_ns)
        return;
    http_timer_stop(timer);
    timer->kind = kind;
    timer->turn_ns = deadline_ns;
    insert(timers, timer);
}

http_timer *http_timers_expired(http_timers *timers, int64_t now_ns) {
    for (int i = 0; i < HTTP_TIMER_KINDS; i++) {
        http_timer *list = &timers->lists[i];
        for (http_timer *timer = list->next; timer != list && timer->turn_ns <= now_ns; timer = list->next) {
            http_timer_stop(timer);
            if (timer->deadline_ns <= now_ns)
                return timer;
            timer->turn_ns = timer->deadline_ns;
            insert(timers, timer);
        }
    }
    return NULL;
}

int64_t http_timers_next(const http_timers *timers) {
    int64_t next = INT64_MAX;
    for (int i = 0; i < HTTP_TIMER_KINDS; i++) {
        const http_timer *list = &timers->lists[i];
        if (list->next != list && list->next->turn_ns < next)
            next = list->next->turn_ns;
    }
    return next;
}

void http_timers_each(http_timers *timers, void (*fn)(http_timer *timer, void *ctx), void *ctx) {
    for (int i = 0; i < HTTP_TIMER_KINDS; i++)
        for (http_timer *timer = timers->lists[i].next; timer != &timers->lists[i]; timer = timer->next)
            fn(timer, ctx);
}
