#include "model/link.h"
#include "model/model.h"

#include <math.h>
#include <stdlib.h>

#define HEADER_SIZE 64 /* so that the trees behind it stay aligned */

void tend_predictor_free(tend_predictor *predictor) {
    if (!predictor)
        return;
    tend_tree_plan_free(predictor->plan);
    tend_trees_free(predictor->trees);
    tend_linear_free(predictor->linear);
    free(predictor->bytes);
    free(predictor);
}

static tend_status compile(tend_predictor *predictor, tend_error *err) {
    TEND_TRY(tend_trees_compile(predictor->trees, TEND_TREE_PATH_AUTO, &predictor->plan, err));
    predictor->n_groups = (int)predictor->trees->n_groups;
    predictor->n_features = (int)predictor->trees->n_features;
    return TEND_OK;
}

tend_status tend_predictor_of_trees(tend_trees *trees, tend_link link, tend_predictor **out, tend_error *err) {
    TEND_AUTO(tend_predictor) *predictor = tend_calloc(1, sizeof *predictor);
    predictor->kind = TEND_PREDICTOR_TREES;
    predictor->link = link;
    predictor->trees = trees;
    TEND_TRY(compile(predictor, err));
    *out = TEND_STEAL(predictor);
    return TEND_OK;
}

tend_predictor *tend_predictor_of_linear(tend_linear *linear, tend_link link) {
    tend_predictor *predictor = tend_calloc(1, sizeof *predictor);
    predictor->kind = TEND_PREDICTOR_LINEAR;
    predictor->link = link;
    predictor->linear = linear;
    predictor->n_groups = linear->n_groups;
    predictor->n_features = linear->n_features;
    return predictor;
}

void tend_predictor_margins(const tend_predictor *predictor, const float *x, int64_t n, float *out) {
    if (predictor->kind == TEND_PREDICTOR_TREES)
        tend_tree_plan_margins(predictor->plan, x, (size_t)n, (size_t)predictor->n_features, out, NULL);
    else
        tend_linear_margins(predictor->linear, x, n, out);
}

/* Probabilities up to rounding: none below 0 or above 1; of several, a whole that sums to 1. */
static void as_probabilities(double *p, int n) {
    double sum = 0;
    for (int g = 0; g < n; g++) {
        p[g] = p[g] > 0 ? fmin(p[g], 1.0) : 0.0;
        sum += p[g];
    }
    for (int g = 0; n > 1 && g < n; g++)
        p[g] = sum > 0 ? p[g] / sum : 1.0 / n;
}

static void link_row(tend_link link, double *row, int n) {
    switch (link) {
    case TEND_LINK_SOFTMAX: tend_softmax(row, n); return;
    case TEND_LINK_PROBABILITY: as_probabilities(row, n); return;
    case TEND_LINK_LOGISTIC:
        for (int g = 0; g < n; g++)
            row[g] = tend_logistic(row[g]);
        return;
    case TEND_LINK_EXP:
        for (int g = 0; g < n; g++)
            row[g] = tend_exp(row[g]);
        return;
    case TEND_LINK_IDENTITY: return;
    }
}

void tend_predictor_scores(const tend_predictor *predictor, const float *margins, int64_t n, double *out) {
    int k = predictor->n_groups;
    for (int64_t i = 0; i < n; i++) {
        double *row = out + i * k;
        for (int g = 0; g < k; g++)
            row[g] = (double)margins[i * k + g];
        link_row(predictor->link, row, k);
    }
}

void tend_predictor_save(const tend_predictor *predictor, tend_buf *out) {
    size_t begin = out->size;
    tend_buf_u32(out, (uint32_t)predictor->kind);
    tend_buf_u32(out, (uint32_t)predictor->link);
    while (!out->overflow && out->size < begin + HEADER_SIZE)
        tend_buf_u8(out, 0);
    if (predictor->kind == TEND_PREDICTOR_TREES)
        tend_trees_save(predictor->trees, out);
    else
        tend_linear_save(predictor->linear, out);
}

static tend_status load_trees(tend_predictor *predictor, const uint8_t *payload, size_t size, tend_error *err) {
    predictor->bytes = aligned_alloc(64, (size + 63) / 64 * 64);
    if (!predictor->bytes)
        return TEND_FAIL(err, LIMIT, "there is no memory for a predictor of %zu bytes", size);
    memcpy(predictor->bytes, payload, size);
    TEND_TRY(tend_trees_load(predictor->bytes, size, &predictor->trees, err));
    return compile(predictor, err);
}

static tend_status load_linear(tend_predictor *predictor, const uint8_t *payload, size_t size, tend_error *err) {
    TEND_TRY(tend_linear_load(payload, size, &predictor->linear, err));
    predictor->n_groups = predictor->linear->n_groups;
    predictor->n_features = predictor->linear->n_features;
    return TEND_OK;
}

static tend_status check_header(tend_cursor *c, tend_predictor *predictor, tend_error *err) {
    uint32_t kind = tend_cursor_u32(c), link = tend_cursor_u32(c);
    const uint8_t *zeros = tend_cursor_bytes(c, HEADER_SIZE - 8);
    if (c->failed || c->at == c->size)
        return TEND_FAIL(err, CORRUPT, "the predictor has only %zu bytes", c->size);
    if (kind > TEND_PREDICTOR_LINEAR || link > TEND_LINK_PROBABILITY)
        return TEND_FAIL(err, CORRUPT, "the predictor is of an unknown kind (%u, link %u)", kind, link);
    for (int i = 0; i < HEADER_SIZE - 8; i++)
        if (zeros[i])
            return TEND_FAIL(err, CORRUPT, "the predictor's header is not zero at byte %d", i + 8);
    predictor->kind = kind == TEND_PREDICTOR_TREES ? TEND_PREDICTOR_TREES : TEND_PREDICTOR_LINEAR;
    predictor->link = (tend_link)link;
    return TEND_OK;
}

tend_status tend_predictor_load(const void *bytes, size_t size, tend_predictor **out, tend_error *err) {
    tend_cursor c = tend_cursor_init(bytes, size);
    TEND_AUTO(tend_predictor) *predictor = tend_calloc(1, sizeof *predictor);
    TEND_TRY(check_header(&c, predictor, err));
    const uint8_t *payload = (const uint8_t *)bytes + c.at;
    if (predictor->kind == TEND_PREDICTOR_TREES)
        TEND_TRY(load_trees(predictor, payload, size - c.at, err));
    else
        TEND_TRY(load_linear(predictor, payload, size - c.at, err));
    *out = TEND_STEAL(predictor);
    return TEND_OK;
}
