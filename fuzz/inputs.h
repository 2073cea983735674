/* The table that a loaded pipeline asks for. */
#ifndef TEND_FUZZ_INPUTS_H
#define TEND_FUZZ_INPUTS_H

#include "rows.h"

#include "feature/pipeline.h"

static inline tend_table *rows_for(const tend_pipeline *pipeline, tend_arena *arena) {
    int n = tend_pipeline_n_inputs(pipeline);
    tend_table *table = tend_table_new(arena, n, ODD_ROWS);
    for (int i = 0; i < n; i++) {
        tend_type type;
        const char *name = tend_pipeline_input(pipeline, i, &type);
        odd_column(arena, name, type, &table->columns[i]);
    }
    return table;
}

#endif
