/* What a column's name says. Names are cut into words at anything but letters and digits, and where a capital follows a small
 * letter: "customerId", "customer_id" and "Customer ID" are all "customer", "id". */
#ifndef TEND_DATA_NAME_H
#define TEND_DATA_NAME_H

#include <stdbool.h>

/* Whether a word of the name is one of `words` (lower case, separated by blanks). Case does not matter. */
bool tend_name_has_word(const char *name, const char *words);
/* Whether the name says "identifier": its first or last word is id, uuid, guid or key. */
bool tend_name_is_id(const char *name);

#endif
