#include "model/linear.h"

#include <math.h>
#include <stdlib.h>

#define MAX_FEATURES (1 << 24)
#define MAX_GROUPS   100000

static double *new_values(size_t n) { return tend_calloc(n ? n : 1, sizeof(double)); }

tend_linear *tend_linear_new(int n_features, int n_groups) {
    tend_linear *linear = tend_calloc(1, sizeof *linear);
    linear->n_features = n_features;
    linear->n_groups = n_groups;
    linear->bias = new_values((size_t)n_groups);
    linear->weight = new_values(tend_mul_or_die((size_t)n_features, (size_t)n_groups));
    linear->fill = new_values((size_t)n_features);
    return linear;
}

void tend_linear_free(tend_linear *linear) {
    if (!linear)
        return;
    free(linear->bias);
    free(linear->weight);
    free(linear->fill);
    free(linear);
}

static double margin_of(const tend_linear *linear, int group, const float *x) {
    const double *weight = linear->weight + (size_t)group * (size_t)linear->n_features;
    double sum = linear->bias[group];
    for (int j = 0; j < linear->n_features; j++)
        sum += weight[j] * (isnan(x[j]) ? linear->fill[j] : (double)x[j]);
    return sum;
}

void tend_linear_margins(const tend_linear *linear, const float *x, int64_t n, float *out) {
    for (int64_t i = 0; i < n; i++)
        for (int g = 0; g < linear->n_groups; g++)
            out[i * linear->n_groups + g] = (float)margin_of(linear, g, x + i * linear->n_features);
}

void tend_linear_save(const tend_linear *linear, tend_buf *out) {
    size_t p = (size_t)linear->n_features, k = (size_t)linear->n_groups;
    tend_buf_u32(out, (uint32_t)p);
    tend_buf_u32(out, (uint32_t)k);
    for (size_t i = 0; i < k; i++)
        tend_buf_f64(out, linear->bias[i]);
    for (size_t i = 0; i < k * p; i++)
        tend_buf_f64(out, linear->weight[i]);
    for (size_t i = 0; i < p; i++)
        tend_buf_f64(out, linear->fill[i]);
}

/* Reads n finite numbers; a weight that is not finite would turn every prediction into NaN without
 * a word. */
static bool read_values(tend_cursor *c, double *values, size_t n) {
    bool finite = true;
    for (size_t i = 0; i < n; i++) {
        values[i] = tend_cursor_f64(c);
        finite = finite && isfinite(values[i]);
    }
    return finite && !c->failed;
}

tend_status tend_linear_load(const void *bytes, size_t size, tend_linear **out, tend_error *err) {
    tend_cursor c = tend_cursor_init(bytes, size);
    uint64_t p = tend_cursor_u32(&c), k = tend_cursor_u32(&c);
    if (c.failed || p > MAX_FEATURES || k == 0 || k > MAX_GROUPS || (k * p + k + p) * 8 != size - 8)
        return TEND_FAIL(err, CORRUPT,
                         "the linear predictor has %zu bytes, which is not what %llu features and "
                         "%llu groups take",
                         size, (unsigned long long)p, (unsigned long long)k);
    TEND_AUTO(tend_linear) *linear = tend_linear_new((int)p, (int)k);
    if (!read_values(&c, linear->bias, k) || !read_values(&c, linear->weight, k * p) || !read_values(&c, linear->fill, p))
        return TEND_FAIL(err, CORRUPT, "the linear predictor holds a number that is not finite");
    *out = TEND_STEAL(linear);
    return TEND_OK;
}
