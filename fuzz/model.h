/* A small model over a column of each type, made once, and rows for it. */
#ifndef TEND_FUZZ_MODEL_H
#define TEND_FUZZ_MODEL_H

#include "rows.h"

#include "data/schema.h"
#include "model/inputs.h"

typedef struct small_model {
    tend_arena *arena;
    tend_model *model;
    tend_inputs *inputs;
    tend_rows *rows;
} small_model;

static inline small_model *small_model_of(tend_arena *arena) {
    static const double y[ODD_ROWS] = {0, 1, 0, 1, 1, 0, 0, 1, 1, 0};
    static const int64_t numbers[ODD_ROWS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const char *const classes[] = {"no", "yes"};
    small_model *m = TEND_NEW(arena, small_model);
    tend_table *table = table_of_types(arena);
    tend_diags diags;
    tend_error err = TEND_ERROR_INIT;
    tend_diags_init(&diags, arena);
    m->arena = arena;
    m->model = tend_model_new();
    m->model->name = "small";
    m->model->target = "answer";
    m->model->task = TEND_TASK_BINARY;
    m->model->n_classes = 2;
    m->model->classes = classes;
    m->model->threshold = 0.5;
    m->model->schema = tend_schema_infer(table, m->model->arena);
    tend_pipeline_options options = {
        .target = "answer", .task = TEND_TASK_BINARY, .n_classes = 2, .y = y, .rows = numbers, .n_rows = ODD_ROWS, .seed = 1};
    FUZZ_CHECK(tend_pipeline_fit(table, &options, &diags, &m->model->pipeline, &err) == TEND_OK);
    tend_linear *linear = tend_linear_new(tend_pipeline_width(m->model->pipeline), 1);
    m->model->predictor = tend_predictor_of_linear(linear, TEND_LINK_LOGISTIC);
    m->inputs = tend_inputs_new(m->model);
    m->rows = tend_rows_new(m->inputs);
    return m;
}

/* The model of all inputs of a target; never freed. */
static inline small_model *small_model_get(void) {
    static small_model *made;
    if (!made)
        made = small_model_of(tend_arena_new());
    return made;
}

/* What was filled is predicted; the faults have places and words. */
static inline void check_rows(small_model *m, const char *(*pointer)(void *ctx, tend_arena *arena, int64_t row, const char *column),
                              void *ctx, tend_arena *arena) {
    const tend_predictions *predictions;
    tend_error err = TEND_ERROR_INIT;
    const tend_input_fault *faults = tend_rows_faults(m->rows);
    for (int i = 0; i < tend_rows_n_faults(m->rows); i++) {
        FUZZ_CHECK(faults[i].row < tend_rows_count(m->rows) && faults[i].expected);
        FUZZ_CHECK(pointer(ctx, arena, faults[i].row, tend_inputs_name(m->inputs, faults[i].input))[0] == '/');
        FUZZ_CHECK(!faults[i].found || tend_utf8_is_valid(faults[i].found, strlen(faults[i].found), NULL));
    }
    if (!tend_rows_n_bad(m->rows) && tend_rows_count(m->rows))
        FUZZ_CHECK(tend_rows_predict(m->rows, &predictions, &err) == TEND_OK && predictions->n == tend_rows_count(m->rows));
}

#endif
