/* Private to gates: one condition as it was written. */
#ifndef TEND_LEARN_GATES_PARSE_H
#define TEND_LEARN_GATES_PARSE_H

#include "learn/evaluate.h"

typedef enum tend_gate_over { TEND_GATE_WHOLE, TEND_GATE_MIN, TEND_GATE_MAX, TEND_GATE_MEAN } tend_gate_over;
typedef enum tend_gate_op { TEND_GATE_GE, TEND_GATE_GT, TEND_GATE_LE, TEND_GATE_LT, TEND_GATE_EQ } tend_gate_op;

typedef struct tend_gate {
    tend_gate_over over; /* WHOLE: all rows; else that of the slices */
    const tend_metric *metric;
    tend_gate_op op;
    double limit;
    const char *limit_text; /* as written */
} tend_gate;

/* Faults go to diags, with the columns of the word at fault; false when there is one. `tasks`: the
 * metrics allowed (TEND_METRIC_…). */
bool tend_gate_parse(const tend_node *node, unsigned tasks, tend_diags *diags, tend_gate *out);

#endif
