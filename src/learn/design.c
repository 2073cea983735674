#include "learn/design.h"

#include "base/thread.h"

#include <math.h>

typedef struct chunk_job {
    const tend_design *design;
    void (*fn)(void *ctx, int chunk, int64_t begin, int64_t end);
    void *ctx;
} chunk_job;

static void run_chunk(void *ctx, size_t i) {
    const chunk_job *job = ctx;
    int64_t begin = (int64_t)i * job->design->chunk_rows, end = begin + job->design->chunk_rows;
    job->fn(job->ctx, (int)i, begin, end < job->design->data->n ? end : job->design->data->n);
}

void tend_design_each(const tend_design *design, int threads, void (*fn)(void *ctx, int chunk, int64_t begin, int64_t end), void *ctx) {
    chunk_job job = {.design = design, .fn = fn, .ctx = ctx};
    tend_parallel_for((size_t)design->n_chunks, threads, run_chunk, &job);
}

/* Per chunk: weight, mean and sum of squares about the mean of each feature's present values. */
typedef struct moments {
    double weight, mean, squares;
} moments;

typedef struct moments_job {
    const tend_dataset *data;
    moments *parts; /* [n_chunks][n_features] */
} moments_job;

static void add_value(moments *m, double x, double w) {
    if (isnan(x) || w == 0)
        return;
    m->weight += w;
    double delta = x - m->mean;
    m->mean += delta * w / m->weight;
    m->squares += w * delta * (x - m->mean);
}

static void chunk_moments(void *ctx, int chunk, int64_t begin, int64_t end) {
    const moments_job *job = ctx;
    int p = job->data->n_features;
    moments *part = job->parts + (size_t)chunk * (size_t)p;
    for (int64_t i = begin; i < end; i++)
        for (int j = 0; j < p; j++)
            add_value(&part[j], (double)job->data->x[i * p + j], tend_dataset_weight(job->data, i));
}

/* Chan, Golub & LeVeque 1983, equation 1.5. */
static void merge(moments *into, const moments *m) {
    if (m->weight == 0)
        return;
    double total = into->weight + m->weight, delta = m->mean - into->mean;
    into->squares += m->squares + delta * delta * into->weight * m->weight / total;
    into->mean += delta * m->weight / total;
    into->weight = total;
}

/* The filled values add rows without deviation, so the variance is over all rows. */
static void standardise(tend_design *design, const moments *parts) {
    int p = design->data->n_features;
    for (int j = 0; j < p; j++) {
        moments m = {0};
        for (int c = 0; c < design->n_chunks; c++)
            merge(&m, &parts[(size_t)c * (size_t)p + (size_t)j]);
        double sd = sqrt(m.squares / design->total_weight);
        design->mean[j] = m.mean;
        design->scale[j] = sd > 1e-10 * fabs(m.mean) && sd > 1e-30 ? 1 / sd : 0;
    }
}

void tend_design_init(tend_design *design, const tend_dataset *data, int most_chunks, int threads, tend_arena *arena) {
    int64_t rows = (data->n + most_chunks - 1) / most_chunks;
    *design = (tend_design){.data = data, .chunk_rows = rows > 4096 ? rows : 4096};
    design->n_chunks = (int)((data->n + design->chunk_rows - 1) / design->chunk_rows);
    design->mean = TEND_ARRAY(arena, double, data->n_features);
    design->scale = TEND_ARRAY(arena, double, data->n_features);
    for (int64_t i = 0; i < data->n; i++)
        design->total_weight += tend_dataset_weight(data, i);
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    moments_job job = {.data = data};
    job.parts = TEND_ARRAY(scratch, moments, tend_mul_or_die((size_t)design->n_chunks, (size_t)data->n_features));
    tend_design_each(design, threads, chunk_moments, &job);
    standardise(design, job.parts);
}

void tend_design_rows(const tend_design *design, int64_t begin, int64_t n, double *z) {
    int p = design->data->n_features;
    const float *x = design->data->x + begin * p;
    for (int64_t i = 0; i < n; i++, x += p, z += p)
        for (int j = 0; j < p; j++)
            z[j] = isnan(x[j]) ? 0 : ((double)x[j] - design->mean[j]) * design->scale[j];
}

tend_linear *tend_design_fold(const tend_design *design, const double *coef, const double *bias, int n_groups) {
    int p = design->data->n_features;
    tend_linear *linear = tend_linear_new(p, n_groups);
    memcpy(linear->fill, design->mean, (size_t)p * sizeof(double));
    for (int g = 0; g < n_groups; g++) {
        linear->bias[g] = bias[g];
        for (int j = 0; j < p; j++) {
            double weight = coef[(size_t)g * (size_t)p + (size_t)j] * design->scale[j];
            linear->weight[(size_t)g * (size_t)p + (size_t)j] = weight;
            linear->bias[g] -= weight * design->mean[j];
        }
    }
    return linear;
}
