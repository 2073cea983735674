#include "model/model.h"

#include "base/thread.h"

#include <stdlib.h>

/* Rows of one task. Large enough that a task's own scratch costs nothing, small enough that a
 * matrix stays in the cache. */
#define BLOCK 4096

typedef struct predict_job {
    const tend_model *model;
    const tend_table *table; /* NULL: x is given */
    const tend_binding *binding;
    const float *x;
    tend_predictions *out;
    tend_status *status; /* per block; errors are kept for the first failing block only */
    tend_error *errors;
} predict_job;

static void decide_binary(const tend_model *model, const double *scores, int64_t begin, int64_t n, tend_predictions *out) {
    for (int64_t i = 0; i < n; i++) {
        out->score[begin + i] = scores[i];
        out->class_index[begin + i] = scores[i] >= model->threshold;
    }
}

static void decide_multiclass(const tend_model *model, const double *scores, int64_t begin, int64_t n, tend_predictions *out) {
    int k = model->n_classes;
    memcpy(out->scores + begin * k, scores, (size_t)(n * k) * sizeof *scores);
    for (int64_t i = 0; i < n; i++) {
        const double *row = scores + i * k;
        int best = 0;
        for (int g = 1; g < k; g++)
            best = row[g] > row[best] ? g : best;
        out->class_index[begin + i] = best;
        out->score[begin + i] = row[best];
    }
}

void tend_model_decide(const tend_model *model, const float *margins, int64_t begin, int64_t n, tend_arena *scratch,
                       tend_predictions *out) {
    double *scores = TEND_ARRAY(scratch, double, (size_t)n *(size_t)model->predictor->n_groups);
    tend_predictor_scores(model->predictor, margins, n, scores);
    if (model->task == TEND_TASK_BINARY)
        decide_binary(model, scores, begin, n, out);
    else if (model->task == TEND_TASK_MULTICLASS)
        decide_multiclass(model, scores, begin, n, out);
    else
        memcpy(out->score + begin, scores, (size_t)n * sizeof *scores);
}

static void finish_rows(const tend_model *model, const float *x, int64_t begin, int64_t n, tend_arena *scratch, tend_predictions *out) {
    float *margins = TEND_ARRAY(scratch, float, (size_t)n *(size_t)model->predictor->n_groups);
    tend_predictor_margins(model->predictor, x, n, margins);
    tend_model_decide(model, margins, begin, n, scratch, out);
}

static tend_status predict_rows(const predict_job *job, int64_t begin, int64_t n, tend_error *err) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    const float *x = job->x ? job->x + begin * job->model->predictor->n_features : NULL;
    TEND_AUTO(tend_arena) *inner = job->table ? tend_arena_new() : NULL;
    if (job->table) {
        float *made = TEND_ARRAY(scratch, float, (size_t)n *(size_t)job->model->predictor->n_features);
        TEND_TRY(tend_pipeline_apply(job->model->pipeline, job->table, job->binding, begin, n, made, inner, err));
        x = made;
    }
    finish_rows(job->model, x, begin, n, scratch, job->out);
    return TEND_OK;
}

static void predict_block(void *ctx, size_t i) {
    const predict_job *job = ctx;
    int64_t begin = (int64_t)i * BLOCK, left = job->out->n - begin;
    job->status[i] = predict_rows(job, begin, left < BLOCK ? left : BLOCK, &job->errors[i]);
}

static void allocate(const tend_model *model, int64_t n, tend_arena *arena, tend_predictions *out) {
    *out = (tend_predictions){.n = n};
    out->score = TEND_ARRAY(arena, double, n);
    if (model->task != TEND_TASK_REGRESSION)
        out->class_index = TEND_ARRAY(arena, int32_t, n);
    if (model->task == TEND_TASK_MULTICLASS)
        out->scores = TEND_ARRAY(arena, double, tend_mul_or_die((size_t)n, (size_t)model->n_classes));
}

/* The error of the lowest failing block: the same one on any number of threads. */
static tend_status run_blocks(predict_job *job, tend_error *err) {
    size_t n_blocks = (size_t)((job->out->n + BLOCK - 1) / BLOCK);
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    job->status = TEND_ARRAY(arena, tend_status, n_blocks);
    job->errors = TEND_ARRAY(arena, tend_error, n_blocks);
    tend_parallel_for(n_blocks, 0, predict_block, job);
    for (size_t i = 0; i < n_blocks; i++)
        if (job->status[i] != TEND_OK) {
            if (err)
                *err = job->errors[i];
            return job->status[i];
        }
    return TEND_OK;
}

static tend_status predict(predict_job *job, tend_arena *arena, int64_t n, tend_predictions *out, tend_error *err) {
    tend_predictions made;
    allocate(job->model, n, arena, &made);
    job->out = &made;
    tend_status status = n <= BLOCK ? predict_rows(job, 0, n, err) : run_blocks(job, err);
    job->out = NULL;
    if (status == TEND_OK)
        *out = made;
    return status;
}

tend_status tend_model_predict(const tend_model *model, const tend_table *table, tend_arena *arena, tend_predictions *out,
                               tend_error *err) {
    tend_binding binding;
    TEND_TRY(tend_pipeline_bind(model->pipeline, table, arena, &binding, err));
    predict_job job = {.model = model, .table = table, .binding = &binding};
    return predict(&job, arena, table->n_rows, out, err);
}

tend_status tend_model_predict_matrix(const tend_model *model, const float *x, int64_t n, tend_arena *arena, tend_predictions *out,
                                      tend_error *err) {
    predict_job job = {.model = model, .x = x};
    return predict(&job, arena, n, out, err);
}

tend_model *tend_model_new(void) {
    tend_arena *arena = tend_arena_new();
    tend_model *model = TEND_NEW(arena, tend_model);
    model->arena = arena;
    return model;
}

void tend_model_free(tend_model *model) {
    if (!model)
        return;
    tend_pipeline_free(model->pipeline);
    tend_predictor_free(model->predictor);
    tend_arena_free(model->arena); /* and with it the model */
}
