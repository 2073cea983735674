/* A small model over columns of every type, for the tests of this room. */
#ifndef TEND_TESTS_MODEL_CASE_H
#define TEND_TESTS_MODEL_CASE_H

#include "model/model.h"
#include "unit/feature/feature_case.h"

static const char people[] = "age:integer,town:string,score:number,member:boolean,born:date\n"
                             "39,Bonn,1.5,true,1980-02-01\n50,Ulm,,false,1970-03-04\n,Bonn,2.5,true,1999-12-31\n"
                             "28,Ulm,0.5,,2001-01-01\n61,,3.5,true,\n33,Bonn,-1,false,1988-08-08\n";

static const double number_y[] = {1, 2, 3, 4, 5, 6}, class_y[] = {0, 1, 0, 1, 0, 1}, three_y[] = {0, 1, 2, 1, 0, 2};

/* Weights by rule: what is predicted matters less here than that it is always the same. */
static tend_model *make_model(tend_task task, const tend_table *table) {
    static const char *const classes[] = {"no", "yes", "perhaps"};
    tend_model *model = tend_model_new();
    model->name = "town-model";
    model->target = "answer";
    model->task = task;
    model->n_classes = task == TEND_TASK_REGRESSION ? 0 : task == TEND_TASK_BINARY ? 2 : 3;
    model->classes = classes;
    model->threshold = 0.4;
    tend_pipeline_options options = case_options(model->arena, table, NULL, task == TEND_TASK_REGRESSION ? number_y : class_y);
    options.task = task;
    options.n_classes = model->n_classes;
    options.y = task == TEND_TASK_REGRESSION ? number_y : task == TEND_TASK_BINARY ? class_y : three_y;
    tend_diags diags;
    tend_diags_init(&diags, model->arena);
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_pipeline_fit(table, &options, &diags, &model->pipeline, &err), &err);
    model->schema = tend_schema_infer(table, model->arena);
    int width = tend_pipeline_width(model->pipeline), groups = task == TEND_TASK_MULTICLASS ? 3 : 1;
    tend_linear *linear = tend_linear_new(width, groups);
    for (int i = 0; i < width * groups; i++)
        linear->weight[i] = ((i * 7) % 11 - 5) * 0.05;
    tend_link links[] = {TEND_LINK_IDENTITY, TEND_LINK_LOGISTIC, TEND_LINK_SOFTMAX};
    model->predictor = tend_predictor_of_linear(linear, links[task]);
    return model;
}

#endif
