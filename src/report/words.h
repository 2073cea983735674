/* What the program's names mean to someone who has never met them. */
#ifndef TEND_REPORT_WORDS_H
#define TEND_REPORT_WORDS_H

#include "base/buf.h"

typedef struct metric_words {
    const char *name, *title;
    bool greater_is_better;
    bool unit;           /* between 0 and 1 */
    const char *meaning; /* one sentence */
} metric_words;

const metric_words *words_metric(const char *name); /* NULL: none of ours */
const char *words_metric_title(const char *name);   /* the name itself when it is none of ours */
/* A sentence with the value in it: "Of 100 pairs of …, the model puts about 93 in the right order."; nothing when there
 * is none. */
void words_explain(tend_buf *out, const char *metric, double value);
const char *words_rule(const char *rule);           /* "leak.target" → "gives the target away" */
const char *words_transform(const char *transform); /* "one_hot" → "one column per value" */
const char *words_baseline(const char *name);       /* "majority" → "always the most frequent class" */
const char *words_type(const char *type);           /* "integer" → "whole number" */
const char *words_task(const char *task);           /* "binary" → "yes or no" */

#endif
