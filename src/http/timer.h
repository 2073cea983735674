/* Deadlines in O(1). Each kind has one duration, so a list in order of arrival is in order of time. A deadline that moves later (most
 * do, with each request) is only noted, and the timer put back when its old turn comes.
 */
#ifndef TEND_HTTP_TIMER_H
#define TEND_HTTP_TIMER_H

#include <stdbool.h>
#include <stdint.h>

typedef enum http_timer_kind {
    HTTP_TIMER_HEADER,
    HTTP_TIMER_BODY,
    HTTP_TIMER_IDLE,
    HTTP_TIMER_WRITE,
    HTTP_TIMER_LINGER,
    HTTP_TIMER_KINDS
} http_timer_kind;

typedef struct http_timer {
    struct http_timer *prev, *next; /* NULL: not running */
    int64_t deadline_ns, turn_ns;   /* turn: when it is looked at, not after the deadline */
    http_timer_kind kind;
} http_timer;

typedef struct http_timers {
    http_timer lists[HTTP_TIMER_KINDS]; /* rings; the element here is their head */
} http_timers;

void http_timers_init(http_timers *timers);
/* (Re)starts. Cheap when the kind is the same and the deadline not earlier. */
void http_timer_set(http_timers *timers, http_timer *timer, http_timer_kind kind, int64_t deadline_ns);
void http_timer_stop(http_timer *timer);
/* One whose deadline has passed, taken off; NULL when there is none. */
http_timer *http_timers_expired(http_timers *timers, int64_t now_ns);
int64_t http_timers_next(const http_timers *timers); /* INT64_MAX: none runs */
/* For each that runs; fn may not set or stop timers. */
void http_timers_each(http_timers *timers, void (*fn)(http_timer *timer, void *ctx), void *ctx);

#endif
