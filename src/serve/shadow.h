/* Shadows: versions that answer every request in the background, for the log alone. A request leaves its rows (as the log has
 * them) in a bounded queue, and one thread answers; when the queue is full the shadow misses it, and that is counted. No request waits. */
#ifndef TEND_SERVE_SHADOW_H
#define TEND_SERVE_SHADOW_H

#include "serve/service.h"

typedef struct serve_shadow serve_shadow;

serve_shadow *serve_shadow_new(serve_service *service);
void serve_shadow_free(serve_shadow *shadow); /* answers what is queued, then ends; NULL is fine */
/* The rows that a request brought, for every shadow of the endpoint. */
void serve_shadow_add(serve_shadow *shadow, const serve_endpoint *endpoint, const serve_record *record, const tend_rows *rows);
int64_t serve_shadow_missed(const serve_shadow *shadow);

#endif
