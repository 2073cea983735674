/* Private to the formats of this room: how each opens a writer. */
#ifndef TEND_DATA_WRITERS_H
#define TEND_DATA_WRITERS_H

#include "data/reader.h"

tend_status tend_csv_create(const char *path, tend_writer **out, tend_error *err);
tend_status tend_json_create(const char *path, tend_writer **out, tend_error *err);
tend_status tend_ndjson_create(const char *path, tend_writer **out, tend_error *err);

#endif
