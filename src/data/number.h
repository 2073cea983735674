/* Numbers from text at the speed of a file: the same results as tend_text_parse_int and tend_text_parse_double, several times
 * faster on what data files hold.
 *
 * Sources: W. D. Clinger, "How to read floating point numbers accurately", 1990 (exact products of small numbers);
 * D. Lemire, "Number parsing at a gigabyte per second", 2021 (128-bit products with a table of powers of five). What neither
 * decides goes to tend_text_parse_double.
 */
#ifndef TEND_DATA_NUMBER_H
#define TEND_DATA_NUMBER_H

#include "base/text.h"

/* Digits with an optional sign; false when it is anything else or does not fit into 64 bits. */
bool tend_number_int(tend_str s, int64_t *out);
/* Decimal, optional exponent; false for anything else, "inf" and "nan" included, and for what is too large for a double. */
bool tend_number_double(tend_str s, double *out);
/* "02208": digits only, with a leading zero that a number would lose. */
bool tend_number_is_code(tend_str s);
/* "inf", "-Infinity" in any case. */
bool tend_number_is_infinite(tend_str s);

#endif
