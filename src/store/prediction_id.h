/* The id of a prediction: 26 characters that sort by time, that no two processes give twice, and that tell a mistyped id from a real one.
 *
 *     01M8HG0V5VVTPVXVR000000AJ2        48 bits of milliseconds, 32 of the process, 40 of a counter, 8 of check; most significant first
 *
 * The characters are Crockford's base32 (digits and capitals without I L O U). The check, 0 to 250, makes the whole number leave 1 when it
 * is divided by 251: the prime divides no difference of two characters in one place, nor of two neighbours exchanged, so each such slip
 * is found, and 250 of 251 others. A row of a batch has its number behind the batch's id: "01M8….17".
 */
#ifndef TEND_STORE_PREDICTION_ID_H
#define TEND_STORE_PREDICTION_ID_H

#include "base/text.h"

#define TEND_PREDICTION_ID 27 /* 26 characters and the NUL */

/* `ms` since 1970 UTC; `instance` random, drawn when a process starts; `counter` its own. What is over 48 and 40 bits is cut. */
void tend_prediction_id_format(uint64_t ms, uint32_t instance, uint64_t counter, char out[TEND_PREDICTION_ID]);
/* Whether it is an id, exactly as it was given; row: of the suffix, 0 when there is none. */
bool tend_prediction_id_parse(tend_str text, uint64_t *out_ms, uint32_t *out_row);

#endif
