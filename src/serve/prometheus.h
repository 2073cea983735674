/* Writing Prometheus' text format, 0.0.4: families of series, each with its help and type once, then its samples.
 *
 *     serve_family(out, "tend_predictions_total", "counter", "Rows that were predicted");
 *     serve_sample(out, "tend_predictions_total", labels, 2, 17);
 */
#ifndef TEND_SERVE_PROMETHEUS_H
#define TEND_SERVE_PROMETHEUS_H

#include "base/text.h"

typedef struct serve_label {
    const char *name, *value;
} serve_label;

void serve_family(tend_buf *out, const char *name, const char *type, const char *help);
void serve_sample(tend_buf *out, const char *name, const serve_label *labels, int n, double value);

#endif
