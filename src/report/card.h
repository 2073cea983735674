/* Inside this room: the parts of the model card (Markdown). */
#ifndef TEND_REPORT_CARD_H
#define TEND_REPORT_CARD_H

#include "report/report_parts.h"

void card_text(tend_buf *out, const char *text); /* escaped; one line; NULL: nothing */
void card_name(tend_buf *out, const char *name); /* in code style */
void card_ethics(const report *r);               /* section 6: differences between groups */
void card_caveats(const report *r);              /* section 7: anomalies, drift, learning curve, failed gates */

#endif
