/* Names that people give: to models, aliases and snapshots. They are safe in a path, a URL and a
 * shell.
 */
#ifndef TEND_STORE_NAME_H
#define TEND_STORE_NAME_H

#include "base/error.h"

#define TEND_NAME_MAX 128

/* 1 to 128 of A-Z a-z 0-9 . _ -, not starting with a dot. `what` is for the message ("model
 * name"). INVALID says what is wrong and where. */
tend_status tend_name_check(const char *what, const char *name, tend_error *err) TEND_MUST_USE;

#endif
