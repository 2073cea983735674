/* A row that is typical of what a model was trained on: the median of numbers and dates, the most frequent level of texts, from the
 * reference profile; where there is none, something that the expectations allow. No person's data. */
#ifndef TEND_SERVE_EXAMPLE_H
#define TEND_SERVE_EXAMPLE_H

#include "base/node.h"
#include "model/inputs.h"

/* An object with a value for each input, in their order. profile may be NULL. */
const tend_node *serve_example_row(const tend_inputs *inputs, const tend_node *profile, tend_arena *arena);

#endif
