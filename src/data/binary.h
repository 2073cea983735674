/* Files that are no tables in text form, told by their first bytes. */
#ifndef TEND_DATA_BINARY_H
#define TEND_DATA_BINARY_H

#include "base/error.h"

/* DATA with what the file looks like, when it is empty, UTF-16, a known binary format, or full of control characters; also a
 * NUL byte's place. `blank_is_fine`: a file of nothing but line breaks passes. */
tend_status tend_binary_refuse(const char *path, const char *head, size_t size, bool blank_is_fine, tend_error *err);

#endif
