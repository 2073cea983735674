/* The ways in which people write dates, beyond ISO 8601 (iso.h).
 *
 * One text can be read in more than one way ("01/02/2012"), so a text has a set of forms, and a column has a form only when
 * exactly one is left over all its values. A time of day may follow each: "31/12/2019 11:59 PM".
 */
#ifndef TEND_DATA_DATE_H
#define TEND_DATA_DATE_H

#include "base/text.h"

/* name, how it is written */
#define TEND_DATE_FORMS(X)      \
    X(ISO, "yyyy-mm-dd")        \
    X(YMD_SLASH, "yyyy/mm/dd")  \
    X(DMY_SLASH, "dd/mm/yyyy")  \
    X(MDY_SLASH, "mm/dd/yyyy")  \
    X(DMY_DOT, "dd.mm.yyyy")    \
    X(DMY_DASH, "dd-mm-yyyy")   \
    X(MDY_DASH, "mm-dd-yyyy")   \
    X(MONTH_DAY, "Mon dd yyyy") \
    X(DAY_MONTH, "dd Mon yyyy")

typedef enum tend_date_form {
#define X(name, written) TEND_DATE_##name,
    TEND_DATE_FORMS(X)
#undef X
        TEND_DATE_FORM_COUNT
} tend_date_form;

const char *tend_date_form_name(tend_date_form form); /* "dd/mm/yyyy" */
/* The forms that `s` can be, as a set of bits (1 << form); 0: it is no date. `out_time`: a time of day follows. */
unsigned tend_date_forms(tend_str s, bool *out_time);
/* `s` read in one form: microseconds since 1970-01-01, taken as UTC where no offset is given. */
bool tend_date_read(tend_str s, tend_date_form form, int64_t *out_micros, bool *out_time);

#define TEND_DAY_MICROS INT64_C(86400000000)

#endif
