/* The rules of one column, as rows of a table in check_rules.c. Private to check*.c. */
#ifndef TEND_DATA_CHECK_RULES_H
#define TEND_DATA_CHECK_RULES_H

#include "data/check_internal.h"

/* Every rule that the field states, over every row of its column. */
tend_status check_field(checker *c, const tend_field *field, const tend_column *column, tend_error *err) TEND_MUST_USE;

#endif
