/* Explanations of a whole table, block by block. */
#include "base/thread.h"
#include "model/explain.h"

enum { BLOCK = 1024 };

typedef struct explain_job {
    const tend_explainer *explainer;
    const tend_model *model;
    const tend_table *table;
    const tend_binding *binding;
    const int32_t *class_index;
    double *base, *values;
    tend_status *status; /* per block */
    tend_error *errors;
} explain_job;

static tend_status explain_rows(const explain_job *job, int64_t begin, int64_t n, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    const tend_predictor *predictor = job->model->predictor;
    size_t groups = (size_t)predictor->n_groups, parts = (size_t)tend_explainer_n_parts(job->explainer), rows = (size_t)n;
    float *x = TEND_ARRAY(arena, float, rows *(size_t)predictor->n_features), *margins = TEND_ARRAY(arena, float, rows *groups);
    double *base = TEND_ARRAY(arena, double, rows *groups), *values = TEND_ARRAY(arena, double, rows *groups *parts);
    TEND_TRY(tend_pipeline_apply(job->model->pipeline, job->table, job->binding, begin, n, x, scratch, err));
    tend_predictor_margins(predictor, x, n, margins);
    tend_explain_rows(job->explainer, x, n, margins, base, values, scratch);
    for (size_t i = 0; i < rows; i++) {
        size_t row = (size_t)begin + i, group = groups > 1 ? (size_t)job->class_index[row] : 0;
        job->base[row] = base[i * groups + group];
        memcpy(job->values + row * parts, values + (i * groups + group) * parts, parts * sizeof *values);
    }
    return TEND_OK;
}

static void explain_block(void *ctx, size_t i) {
    const explain_job *job = ctx;
    int64_t begin = (int64_t)i * BLOCK, left = job->table->n_rows - begin;
    job->status[i] = explain_rows(job, begin, left < BLOCK ? left : BLOCK, &job->errors[i]);
}

tend_status tend_explain_table(const tend_explainer *explainer, const tend_table *table, const int32_t *class_index, tend_arena *arena,
                               double **out_base, double **out_values, tend_error *err) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    explain_job job = {.explainer = explainer, .model = tend_explainer_model(explainer), .table = table, .class_index = class_index};
    tend_binding binding;
    TEND_TRY(tend_pipeline_bind(job.model->pipeline, table, scratch, &binding, err));
    size_t n_blocks = (size_t)((table->n_rows + BLOCK - 1) / BLOCK);
    job.binding = &binding;
    job.base = TEND_ARRAY(arena, double, table->n_rows);
    job.values = TEND_ARRAY(arena, double, tend_mul_or_die((size_t)table->n_rows, (size_t)tend_explainer_n_parts(explainer)));
    job.status = TEND_ARRAY(scratch, tend_status, n_blocks);
    job.errors = TEND_ARRAY(scratch, tend_error, n_blocks);
    tend_parallel_for(n_blocks, 0, explain_block, &job);
    for (size_t i = 0; i < n_blocks; i++) /* the error of the lowest failing block, on any number of threads */
        if (job.status[i] != TEND_OK) {
            if (err)
                *err = job.errors[i];
            return job.status[i];
        }
    *out_base = job.base;
    *out_values = job.values;
    return TEND_OK;
}
