/* Gauss-Legendre rules on [0, 1], and the coefficients of splits at their points. */
#include "model/explain_plan.h"

#include <stdlib.h>

/* cos of [0, pi], good to 1e-9: by arithmetic alone, so that the points are the same bits everywhere. */
static double rough_cos(double a) {
    double sum = 1, term = 1;
    for (int k = 1; k < 16; k++) {
        term *= -a * a / ((2 * k - 1) * (2 * k));
        sum += term;
    }
    return sum;
}

/* The i-th root of the Legendre polynomial P_n by Newton's method from Tricomi's approximation, and the weight there (Abramowitz &
 * Stegun 25.4.29). */
static void point(uint32_t n, uint32_t i, double *out_x, double *out_weight) {
    double x = rough_cos(3.14159265358979323846 * (i + 0.75) / (n + 0.5)), slope = 1;
    for (int round = 0; round < 8; round++) {
        double p = 1, before = 0;
        for (uint32_t k = 0; k < n; k++) {
            double next = ((2.0 * k + 1) * x * p - k * before) / (k + 1.0);
            before = p;
            p = next;
        }
        slope = n * (x * p - before) / (x * x - 1);
        x -= p / slope;
    }
    *out_x = x;
    *out_weight = 2 / ((1 - x * x) * slope * slope);
}

uint32_t tend_shap_rule_add(shap_rule *rule, double p) {
    size_t entry = (size_t)2 * rule->runs;
    if (rule->n == rule->capacity) {
        size_t capacity = rule->capacity ? 2 * rule->capacity : 64;
        shap_vector *more = aligned_alloc(64, tend_mul_or_die(capacity * entry, sizeof *more));
        if (rule->n)
            memcpy(more, rule->coefficients, rule->n * entry * sizeof *more);
        free(rule->coefficients);
        rule->coefficients = more;
        rule->capacity = capacity;
    }
    shap_vector *a = rule->coefficients + rule->n * entry;
    for (uint32_t k = 0; k < rule->runs; k++) {
        shap_vector f = rule->t[k] + (1 - rule->t[k]) * p;
        a[k] = (1 - rule->t[k]) * p / f;
        a[rule->runs + k] = p / (f * f);
    }
    return (uint32_t)rule->n++;
}

shap_rule *tend_shap_rule(tend_tree_shap *shap, uint32_t runs) {
    shap_rule *rule = &shap->rules[runs];
    if (rule->runs)
        return rule;
    uint32_t n = runs * SHAP_LANES;
    rule->runs = runs;
    rule->t = tend_arena_alloc_aligned(shap->arena, runs * sizeof *rule->t, 64);
    rule->weight = tend_arena_alloc_aligned(shap->arena, runs * sizeof *rule->weight, 64);
    for (uint32_t i = 0; i < n; i++) {
        double x = 0, weight = 0;
        point(n, i, &x, &weight);
        rule->t[i / SHAP_LANES][i % SHAP_LANES] = (1 - x) / 2;
        rule->weight[i / SHAP_LANES][i % SHAP_LANES] = weight / 2;
    }
    tend_shap_rule_add(rule, 1); /* SHAP_FRESH */
    tend_shap_rule_add(rule, 1); /* SHAP_DEAD, as below */
    shap_vector zero = {0}, *dead = rule->coefficients + (size_t)SHAP_DEAD * 2 * runs;
    for (uint32_t k = 0; k < runs; k++) {
        dead[k] = zero + 1;
        dead[runs + k] = zero;
    }
    return rule;
}
