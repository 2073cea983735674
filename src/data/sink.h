/* Where a writer's bytes go: a file that appears whole or not at all (.gz and .zst packed), or standard output ("-"). */
#ifndef TEND_DATA_SINK_H
#define TEND_DATA_SINK_H

#include "base/error.h"

typedef struct tend_sink tend_sink;

tend_status tend_sink_open(const char *path, tend_sink **out, tend_error *err) TEND_MUST_USE;
tend_status tend_sink_write(tend_sink *sink, const char *data, size_t size, tend_error *err) TEND_MUST_USE;
/* Everything on disk under its name; the sink can only be closed after it. */
tend_status tend_sink_finish(tend_sink *sink, tend_error *err) TEND_MUST_USE;
/* Without finish: nothing is left behind. NULL is fine. */
void tend_sink_close(tend_sink *sink);

#endif
