/* Private to src/store: adding to the audit trail, within the transaction of the change it tells
 * of. */
#ifndef TEND_STORE_AUDIT_WRITE_H
#define TEND_STORE_AUDIT_WRITE_H

#include "store/audit.h"
#include "store/db.h"

/* Sequence, time and digests are set here; any string may be NULL. */
tend_status tend_audit_add(tend_db *db, const tend_audit_entry *entry, tend_error *err) TEND_MUST_USE;

#endif
