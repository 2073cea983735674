/* Scored rows for the metric tests, from a small generator (Numerical Recipes' 32-bit linear
 * congruential one) that is as easily written in Python: the reference values in the tests were
 * computed by scikit-learn 1.9.1 and scipy 1.17.1 on the same rows. */
#ifndef TEND_TESTS_METRIC_CASES_H
#define TEND_TESTS_METRIC_CASES_H

#include "stats/metric.h"
#include "support/suite.h"

typedef struct rows {
    tend_scored scored;
    double *y, *score, *scores, *weight;
    int32_t *decided;
} rows;

static inline double next_uniform(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state / 4294967296.0;
}

static inline rows rows_new(int64_t n, int n_classes) {
    rows r = {
        .y = calloc((size_t)n + 1, sizeof(double)),
        .score = calloc((size_t)n + 1, sizeof(double)),
        .scores = calloc((size_t)n * (size_t)n_classes + 1, sizeof(double)),
        .weight = calloc((size_t)n + 1, sizeof(double)),
        .decided = calloc((size_t)n + 1, sizeof(int32_t)),
    };
    r.scored = (tend_scored){.n = n, .n_classes = n_classes, .y = r.y, .score = r.score, .decided = r.decided};
    r.scored.scores = n_classes > 2 ? r.scores : NULL;
    return r;
}

static inline void rows_free(rows *r) {
    free(r->y);
    free(r->score);
    free(r->scores);
    free(r->weight);
    free(r->decided);
}

/* Scores in steps of 1/64, so that many are equal; whole weights 0 to 3, not yet put to use. */
static inline rows binary_rows(int64_t n, uint32_t seed) {
    rows r = rows_new(n, 2);
    for (int64_t i = 0; i < n; i++) {
        r.y[i] = next_uniform(&seed) < 0.3;
        double a = next_uniform(&seed), b = next_uniform(&seed);
        r.score[i] = floor((a + b + (r.y[i] == 1 ? 0.6 : 0)) / 2.6 * 64) / 64;
        r.weight[i] = floor(next_uniform(&seed) * 4);
        r.decided[i] = r.score[i] >= 0.5;
    }
    return r;
}

enum { MANY = 4 };

static inline rows multi_rows(int64_t n, uint32_t seed) {
    rows r = rows_new(n, MANY);
    for (int64_t i = 0; i < n; i++) {
        double a = next_uniform(&seed), b = next_uniform(&seed), sum = 0;
        int truth = (int)(a * b * MANY);
        double *p = r.scores + i * MANY;
        for (int k = 0; k < MANY; k++)
            sum += p[k] = next_uniform(&seed) + 0.05 + (k == truth ? 0.7 : 0);
        for (int k = 0; k < MANY; k++) {
            p[k] /= sum;
            r.decided[i] = p[k] > p[r.decided[i]] ? k : r.decided[i];
        }
        r.y[i] = truth;
        r.weight[i] = floor(next_uniform(&seed) * 4);
    }
    return r;
}

static inline rows number_rows(int64_t n, uint32_t seed) {
    rows r = rows_new(n, 0);
    for (int64_t i = 0; i < n; i++) {
        r.y[i] = 100 * next_uniform(&seed);
        double a = next_uniform(&seed), b = next_uniform(&seed);
        r.score[i] = r.y[i] + 20 * (a - 0.4) * b + 1;
        r.weight[i] = floor(next_uniform(&seed) * 4);
    }
    return r;
}

/* Row from[i] of r becomes row i. */
static inline rows rows_take(const rows *r, const int64_t *from, int64_t n) {
    int k = r->scored.n_classes;
    rows out = rows_new(n, k);
    for (int64_t i = 0; i < n; i++) {
        out.y[i] = r->y[from[i]];
        out.score[i] = r->score[from[i]];
        out.decided[i] = r->decided[from[i]];
        out.weight[i] = r->weight[from[i]];
        if (r->scored.scores)
            memcpy(out.scores + i * k, r->scores + from[i] * k, sizeof(double) * (size_t)k);
    }
    return out;
}

static inline double metric_of(const char *name, const tend_scored *scored) {
    const tend_metric *metric = tend_metric_find(name);
    ASSERT_NOT_NULL(metric);
    return metric->compute(scored);
}

#endif
