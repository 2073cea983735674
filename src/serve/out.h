/* Writing JSON into a buffer, piece by piece, at the speed of requests. */
#ifndef TEND_SERVE_OUT_H
#define TEND_SERVE_OUT_H

#include "base/text.h"

static inline void serve_put(tend_buf *out, const char *text) { tend_buf_append(out, text, strlen(text)); }
static inline void serve_put_str(tend_buf *out, tend_str s) { tend_buf_append(out, s.at, s.size); }
void serve_put_string(tend_buf *out, tend_str s); /* in quotes, escaped */
void serve_put_int(tend_buf *out, int64_t v);
void serve_put_double(tend_buf *out, double v);     /* the shortest that reads back the same; NaN and infinite are null */
void serve_put_time(tend_buf *out, int64_t micros); /* "2026-11-28T16:32:40.123456Z", without quotes */

#endif
