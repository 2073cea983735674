#include "learn/forest_bins.h"

#include "base/thread.h"

#include <math.h>
#include <stdlib.h>

typedef struct bins_job {
    tend_bins *bins;
    const tend_dataset *data;
    int most_cuts;
} bins_job;

static int by_value(const void *a, const void *b) {
    float left = *(const float *)a, right = *(const float *)b;
    return (left > right) - (left < right);
}

/* Small non-negative whole numbers, as a categorical output promises; else it is cut like a number.
 */
static bool has_codes(const float *sorted, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        if (!(sorted[i] >= 0 && sorted[i] < TEND_BIN_MISSING && sorted[i] == floorf(sorted[i])))
            return false;
    return n > 0;
}

/* Above `low`, at or below `high`: half way where a float lies there. */
static float cut_between(float low, float high) {
    float middle = low + (high - low) / 2;
    return middle > low && middle < high ? middle : high;
}

static int64_t count_distinct(const float *sorted, int64_t n) {
    int64_t distinct = n > 0;
    for (int64_t i = 1; i < n; i++)
        distinct += sorted[i] != sorted[i - 1];
    return distinct;
}

/* A cut is due when the rows since the last one make up an even share of what is left. */
static int choose_cuts(const float *sorted, int64_t n, int most, float *cuts) {
    bool all = count_distinct(sorted, n) <= most + 1;
    int n_cuts = 0;
    int64_t last = 0;
    for (int64_t i = 1; i < n && n_cuts < most; i++) {
        if (sorted[i] == sorted[i - 1])
            continue;
        if (!all && (i - last) * (most - n_cuts + 1) < n - last)
            continue;
        cuts[n_cuts++] = cut_between(sorted[i - 1], sorted[i]);
        last = i;
    }
    return n_cuts;
}

static uint8_t code_of(const tend_bin_feature *f, float x) {
    if (isnan(x))
        return TEND_BIN_MISSING;
    if (f->categorical)
        return (uint8_t)x;
    int low = 0, high = f->n_cuts;
    while (low < high) {
        int middle = (low + high) / 2;
        if (f->cuts[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint8_t)low;
}

static void bin_feature(void *ctx, size_t j) {
    const bins_job *job = ctx;
    const tend_dataset *data = job->data;
    tend_bin_feature *f = &job->bins->features[j];
    float *sorted = tend_malloc((size_t)data->n * sizeof *sorted);
    int64_t n = 0;
    for (int64_t i = 0; i < data->n; i++)
        if (!isnan(data->x[i * data->n_features + (int64_t)j]))
            sorted[n++] = data->x[i * data->n_features + (int64_t)j];
    qsort(sorted, (size_t)n, sizeof *sorted, by_value);
    f->categorical = data->outputs && data->outputs[j].categorical && has_codes(sorted, n);
    f->n_cuts = f->categorical ? 0 : choose_cuts(sorted, n, job->most_cuts, f->cuts);
    f->has_missing = n < data->n;
    free(sorted);
    uint8_t *codes = job->bins->codes + j * (size_t)data->n;
    for (int64_t i = 0; i < data->n; i++)
        codes[i] = code_of(f, data->x[i * data->n_features + (int64_t)j]);
}

void tend_bins_make(tend_bins *bins, const tend_dataset *data, int most_cuts, int threads, tend_arena *arena) {
    *bins = (tend_bins){.n = data->n, .p = data->n_features};
    bins->codes = TEND_ARRAY(arena, uint8_t, tend_mul_or_die((size_t)data->n, (size_t)data->n_features));
    bins->features = TEND_ARRAY(arena, tend_bin_feature, data->n_features);
    for (int j = 0; j < data->n_features; j++)
        bins->features[j].cuts = TEND_ARRAY(arena, float, most_cuts);
    bins_job job = {.bins = bins, .data = data, .most_cuts = most_cuts};
    tend_parallel_for((size_t)data->n_features, threads, bin_feature, &job);
}
