/* A small model with expectations, and rows to fill, for the tests of this room. */
#ifndef TEND_TESTS_SERVE_CASE_H
#define TEND_TESTS_SERVE_CASE_H

#include "model/inputs.h"
#include "unit/model/model_case.h"

typedef struct serve_case {
    tend_arena *arena;
    tend_model *model;
    tend_inputs *inputs;
    tend_rows *rows;
} serve_case;

/* Columns age, town, score, member and born; or, `numbers`, age and score alone. */
static inline void case_open(serve_case *c, bool numbers) {
    static const char some[] = "age:integer,score:number\n39,1.5\n50,\n,2.5\n28,0.5\n61,3.5\n33,-1\n";
    static const char expect[] = "age: {type: integer, range: [0, 120], severity: error}\ntown: {type: string, values: [Bonn, Ulm]}\n"
                                 "score: {type: number}\nmember: {type: boolean}\nborn: {type: date}\nextra: {type: string}\n";
    c->arena = tend_arena_new();
    c->model = make_model(TEND_TASK_BINARY, case_table(c->arena, numbers ? some : people));
    tend_diags diags;
    tend_diags_init(&diags, c->arena);
    c->model->schema = tend_schema_parse(NULL, case_yaml(c->model->arena, expect), c->model->arena, &diags);
    ASSERT_EQ(diags.n_errors, 0);
    c->inputs = tend_inputs_new(c->model);
    c->rows = tend_rows_new(c->inputs);
}

static inline void case_close(serve_case *c) {
    tend_rows_free(c->rows);
    tend_inputs_free(c->inputs);
    tend_model_free(c->model);
    tend_arena_free(c->arena);
}

/* A cell as text; "-" when it is missing. */
static inline const char *shown_cell(const serve_case *c, int64_t row, const char *column) {
    const tend_column *found = &tend_rows_table(c->rows)->columns[tend_inputs_find(c->inputs, tend_str_of(column), 0)];
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    if (!tend_is_valid(found, row))
        return "-";
    tend_column_format(found, row, &text);
    return tend_arena_strdup(c->arena, tend_buf_text(&text));
}

#endif
