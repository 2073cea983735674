/* The bytes of a data file, unpacked: plain, gzip or zstd (told by content, not by name). "-" is standard input. */
#ifndef TEND_DATA_SOURCE_H
#define TEND_DATA_SOURCE_H

#include "base/error.h"

typedef struct tend_source tend_source;

tend_status tend_source_open(const char *path, tend_source **out, tend_error *err) TEND_MUST_USE;
void tend_source_close(tend_source *source); /* NULL is fine */
/* "gzip", "zstd" or NULL. */
const char *tend_source_packing(const tend_source *source);
/* Up to `size` bytes from where the last read ended; *out_n is 0 only at the end. A packed file that is cut off or damaged is
 * CORRUPT, with the place in the packed file. */
tend_status tend_source_read(tend_source *source, char *into, size_t size, size_t *out_n, tend_error *err) TEND_MUST_USE;
/* Back to the first byte; UNSUPPORTED for standard input. */
tend_status tend_source_rewind(tend_source *source, tend_error *err) TEND_MUST_USE;
/* Everything at once: mapped when the file is plain, else in memory. Lives until the source is closed. Use instead of read. */
tend_status tend_source_all(tend_source *source, const char **out_data, size_t *out_size, tend_error *err) TEND_MUST_USE;

#endif
