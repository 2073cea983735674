/* What inputs.c and the files of the rows share. Private to the room. */
#ifndef TEND_MODEL_INPUTS_PLAN_H
#define TEND_MODEL_INPUTS_PLAN_H

#include "base/dict.h"
#include "data/convert.h"
#include "model/inputs.h"

typedef struct input_plan {
    const char *name;
    size_t name_size;
    tend_str json_key;
    tend_type type;
    tend_plan read;          /* how a cell's text is read */
    const tend_field *field; /* expectations; NULL: none */
    tend_dict *allowed;      /* the texts of field->values; NULL: any */
} input_plan;

struct tend_inputs {
    const tend_model *model;
    int n;
    input_plan *plans;
    tend_dict *names;
    tend_missing missing;
    tend_arena *arena;
};

/* One column of the rows, in memory of its own that grows. */
typedef struct row_column {
    int64_t *ints;    /* or */
    double *floats;   /* or */
    int64_t *offsets; /* with */
    char *bytes;
    size_t size, capacity; /* of bytes */
    uint8_t *valid;
    int64_t n_missing;
    bool given; /* in the newest row */
} row_column;

struct tend_rows {
    const tend_inputs *inputs;
    int64_t n, capacity; /* rows */
    row_column *columns;
    uint8_t *bad; /* per row */
    int64_t n_bad;
    tend_input_fault *faults;
    int n_faults, fault_capacity;
    int row_faults; /* faults of the newest row begin here */
    bool row_bad;
    tend_table table;
    tend_binding binding;
    bool bound;
    float *x, *margins;
    tend_predictions predictions;
    int64_t predicted_capacity;
    tend_arena *arena;   /* as long as the rows */
    tend_arena *texts;   /* of faults; until clear */
    tend_arena *scratch; /* of one prediction */
};

/* inputs_check.c: adds a fault to the newest row. */
void tend_rows_fault(tend_rows *rows, int input, const char *rule, tend_rule_severity severity, const char *found, const char *expected,
                     const char *hint);
/* A text as it is shown in a fault: in quotes (or none), cut. */
const char *tend_rows_quote(tend_rows *rows, tend_str s, const char *quote);
/* The expectations of one value of the newest row, that is given. */
void tend_rows_check_value(tend_rows *rows, int input);

#endif
