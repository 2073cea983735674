/* Private to src/store: what changing the registry needs of reading it. */
#ifndef TEND_STORE_REGISTRY_READ_H
#define TEND_STORE_REGISTRY_READ_H

#include "store/db.h"

/* The model exists, and the version when number is not 0; else NOT_FOUND with the nearest there
 * is. */
tend_status tend_registry_require(tend_db *db, const char *model, int64_t number, tend_error *err) TEND_MUST_USE;
/* NOT_FOUND: the (existing) model has no such alias; names those there are. */
tend_status tend_registry_no_alias(tend_db *db, const char *model, const char *alias, tend_error *err);

#endif
