/* Rate limits: token buckets by key (a client's address, a token's name), in bounded memory. One object is shared by all
 * threads. Both numbers are above 0. A bucket holds at most `burst` tokens and gains `per_second`; a request takes one. When more keys come
 * than `max_keys`, the ones that were full longest are forgotten.
 */
#ifndef TEND_HTTP_RATE_H
#define TEND_HTTP_RATE_H

#include "base/text.h"

typedef struct tend_rate tend_rate;
tend_rate *tend_rate_new(double per_second, double burst, int max_keys);
void tend_rate_free(tend_rate *rate);
TEND_DEFINE_AUTO(tend_rate)
/* False: too soon; *out_wait is the seconds until a token is there. `now` is monotonic seconds. */
bool tend_rate_take(tend_rate *rate, tend_str key, double now, double *out_wait);

#endif
