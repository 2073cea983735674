/* ISO 8601 dates and times as numbers: days since 1970-01-01, and microseconds UTC. */
#ifndef TEND_DATA_ISO_H
#define TEND_DATA_ISO_H

#include "data/table.h"

/* "2027-03-31": a day that exists, nothing around it. */
bool tend_iso_parse_date(tend_str s, int64_t *out_days);
/* "2027-03-31", or with a time after "T" or one blank: HH:MM, optional :SS, optional fraction (digits after the sixth are cut),
 * optional "Z" or offset (+02:00). Without an offset it is UTC. `out_date_only` (may be NULL): no time was given. */
bool tend_iso_parse_timestamp(tend_str s, int64_t *out_micros, bool *out_date_only);
/* Appends a DATE or TIMESTAMP value: "2027-03-31", "2027-03-31T08:00:00Z", with six decimals when they are not zero. */
void tend_iso_format(tend_type type, int64_t value, tend_buf *out);

#endif
