/* Parquet through the engine, in a session of its own whose statements are all ours. Private to the
 * room; the world sees tend_format_parquet. */
#ifndef TEND_ENGINE_PARQUET_H
#define TEND_ENGINE_PARQUET_H

#include "data/reader.h"

tend_status tend_parquet_open(const char *path, const tend_read_options *options, tend_bad_rows *bad, tend_reader **out,
                              tend_error *err) TEND_MUST_USE;
/* Writes beside `path` and renames at finish. Every batch has the first one's columns and types. */
tend_status tend_parquet_create(const char *path, tend_writer **out, tend_error *err) TEND_MUST_USE;

#endif
