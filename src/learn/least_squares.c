#include "learn/least_squares.h"

#include <math.h>

#define MOST_FEATURES 8192
#define PARTS_BYTES   (256.0 * 1024 * 1024)

typedef struct gram_job {
    const tend_gram *gram;
    double *zz, *zy, *yy; /* one per chunk */
} gram_job;

/* Adds one row's products, lower triangle only. */
static void add_row(const double *z, int p, double wy, double w, double *zz, double *zy) {
    for (int j = 0; j < p; j++) {
        double wz = w * z[j];
        zy[j] += z[j] * wy;
        if (wz == 0)
            continue;
        double *row = zz + (size_t)j * (size_t)p;
        for (int k = 0; k <= j; k++)
            row[k] += wz * z[k];
    }
}

static void chunk_gram(void *ctx, int chunk, int64_t begin, int64_t end) {
    const gram_job *job = ctx;
    const tend_gram *gram = job->gram;
    const tend_dataset *data = gram->design.data;
    int p = gram->p;
    double *zz = job->zz + (size_t)chunk * (size_t)p * (size_t)p, *zy = job->zy + (size_t)chunk * (size_t)p;
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    double *z = TEND_ARRAY(arena, double, (size_t)TEND_DESIGN_BLOCK *(size_t)p);
    for (int64_t at = begin; at < end; at += TEND_DESIGN_BLOCK) {
        int64_t n = end - at < TEND_DESIGN_BLOCK ? end - at : TEND_DESIGN_BLOCK;
        tend_design_rows(&gram->design, at, n, z);
        for (int64_t i = 0; i < n; i++) {
            double w = tend_dataset_weight(data, at + i), y = data->y[at + i] - gram->mean_y;
            add_row(z + i * p, p, w * y, w, zz, zy);
            job->yy[chunk] += w * y * y;
        }
    }
}

static void add_chunks(tend_gram *gram, const gram_job *job) {
    size_t p = (size_t)gram->p;
    for (int c = 0; c < gram->design.n_chunks; c++) {
        for (size_t i = 0; i < p * p; i++)
            gram->zz[i] += job->zz[(size_t)c * p * p + i];
        for (size_t j = 0; j < p; j++)
            gram->zy[j] += job->zy[(size_t)c * p + j];
        gram->yy += job->yy[c];
    }
    for (size_t j = 0; j < p; j++)
        for (size_t k = 0; k < j; k++)
            gram->zz[k * p + j] = gram->zz[j * p + k];
}

tend_status tend_gram_init(tend_gram *gram, const tend_dataset *data, int threads, tend_arena *arena, tend_error *err) {
    size_t p = (size_t)data->n_features;
    if (p > MOST_FEATURES)
        return tend_error_hint(err,
                               TEND_FAIL(err, LIMIT, "linear least squares takes at most %d features, there are %zu", MOST_FEATURES, p),
                               "drop or hash features, or use xgboost");
    int chunks = (int)fmax(1, fmin(64, PARTS_BYTES / ((double)(p * p) * 8 + 8)));
    *gram = (tend_gram){.p = (int)p, .mean_y = tend_dataset_mean(data)};
    tend_design_init(&gram->design, data, chunks, threads, arena);
    gram->zz = TEND_ARRAY(arena, double, p *p);
    gram->zy = TEND_ARRAY(arena, double, p);
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    size_t n = (size_t)gram->design.n_chunks;
    gram_job job = {.gram = gram};
    job.zz = TEND_ARRAY(scratch, double, n *p *p);
    job.zy = TEND_ARRAY(scratch, double, n *p);
    job.yy = TEND_ARRAY(scratch, double, n);
    tend_design_each(&gram->design, threads, chunk_gram, &job);
    add_chunks(gram, &job);
    return TEND_OK;
}

/* Row j of the factor L of a = L L'. A pivot that is rounding error only marks a dependent feature:
 * its row stays 0. */
static void factor_row(const double *a, double penalty, double *l, int p, int j) {
    double *row = l + (size_t)j * (size_t)p;
    double pivot = a[(size_t)j * (size_t)p + (size_t)j] + penalty, whole = pivot;
    for (int k = 0; k < j; k++) {
        const double *other = l + (size_t)k * (size_t)p;
        if (other[k] == 0)
            continue;
        double sum = a[(size_t)j * (size_t)p + (size_t)k];
        for (int m = 0; m < k; m++)
            sum -= row[m] * other[m];
        row[k] = sum / other[k];
        pivot -= row[k] * row[k];
    }
    row[j] = pivot > 1e-11 * whole && pivot > 0 ? sqrt(pivot) : 0;
}

static void substitute(const double *l, int p, double *v) {
    for (int j = 0; j < p; j++) {
        const double *row = l + (size_t)j * (size_t)p;
        for (int k = 0; k < j; k++)
            v[j] -= row[k] * v[k];
        v[j] = row[j] > 0 ? v[j] / row[j] : 0;
    }
    for (int j = p - 1; j >= 0; j--) {
        double pivot = l[(size_t)j * (size_t)p + (size_t)j];
        for (int k = j + 1; k < p; k++)
            v[j] -= l[(size_t)k * (size_t)p + (size_t)j] * v[k];
        v[j] = pivot > 0 ? v[j] / pivot : 0;
    }
}

void tend_gram_solve(const tend_gram *gram, double penalty, double *coef, tend_arena *arena) {
    int p = gram->p;
    double *l = TEND_ARRAY(arena, double, (size_t)p *(size_t)p);
    for (int j = 0; j < p; j++)
        factor_row(gram->zz, penalty, l, p, j);
    memcpy(coef, gram->zy, (size_t)p * sizeof *coef);
    substitute(l, p, coef);
}

tend_predictor *tend_gram_predictor(const tend_gram *gram, const double *coef) {
    return tend_predictor_of_linear(tend_design_fold(&gram->design, coef, &gram->mean_y, 1), TEND_LINK_IDENTITY);
}
