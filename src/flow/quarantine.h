/* The quarantine file: the rows that were put aside, as CSV: reason, place, and the row itself. Private to the flow room. */
#ifndef TEND_FLOW_QUARANTINE_H
#define TEND_FLOW_QUARANTINE_H

#include "data/check.h"

enum { TEND_ASIDE_BY_CHECK = 1, TEND_ASIDE_NO_TARGET, TEND_ASIDE_DUPLICATE };

/* `aside`: per row, what the run itself put aside and why (0: not); NULL: nothing. Rows of the check come first. Appends. */
void tend_quarantine_format(const tend_table *table, const tend_check *check, const uint8_t *aside, tend_buf *out);

#endif
