/* Feedback: what turned out to be true, by the id of the prediction. The server and the command line check and format it here, and append
 * it to the journal `.tend/feedback/<model>/` (docs/formats/predictions.md).
 */
#ifndef TEND_STORE_FEEDBACK_H
#define TEND_STORE_FEEDBACK_H

#include "base/text.h"

typedef struct tend_feedback {
    tend_str id, target; /* target as text, whatever it was written as */
    const char *who;     /* "" when nobody is named */
    int64_t micros;      /* when it was learned of */
} tend_feedback;

/* Appends one line with its newline. The id must be one; the target one of the classes, or, when there are none (a regression), a finite
 * number. INVALID names what is wrong and the nearest right thing, and appends nothing. */
tend_status tend_feedback_format(const tend_feedback *feedback, const char *const *classes, size_t n_classes, tend_buf *out,
                                 tend_error *err) TEND_MUST_USE;

#endif
