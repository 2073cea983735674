/* Contributions of a model's features: the sums of its predictor's, made exact. */
#include "model/explain.h"

#include "base/dict.h"
#include "model/explain_trees.h"

#include <math.h>
#include <stdlib.h>

struct tend_explainer {
    const tend_model *model;
    uint32_t *part_of; /* per column of the matrix */
    const char **parts;
    int n_parts;
    double *base; /* [n_groups], rounded to float */
    tend_tree_shap *shap;
    tend_arena *arena;
};

/* Features in the order of their first output. */
static void name_parts(tend_explainer *e) {
    const tend_output *outputs = tend_pipeline_outputs(e->model->pipeline);
    int width = tend_pipeline_width(e->model->pipeline);
    TEND_AUTO(tend_dict) *names = tend_dict_new();
    e->part_of = TEND_ARRAY(e->arena, uint32_t, width);
    e->parts = TEND_ARRAY(e->arena, const char *, width);
    for (int i = 0; i < width; i++) {
        bool is_new = false;
        e->part_of[i] = (uint32_t)tend_dict_add(names, outputs[i].source, strlen(outputs[i].source), &is_new);
        if (is_new)
            e->parts[e->n_parts++] = outputs[i].source;
    }
}

static double linear_base(const tend_linear *linear, int group) {
    double base = linear->bias[group];
    for (int j = 0; j < linear->n_features; j++)
        base += linear->weight[(size_t)group * (size_t)linear->n_features + (size_t)j] * linear->fill[j];
    return base;
}

tend_explainer *tend_explainer_new(const tend_model *model) {
    tend_arena *arena = tend_arena_new();
    tend_explainer *e = TEND_NEW(arena, tend_explainer);
    *e = (tend_explainer){.model = model, .arena = arena};
    name_parts(e);
    const tend_predictor *predictor = model->predictor;
    e->base = TEND_ARRAY(arena, double, predictor->n_groups);
    if (predictor->kind == TEND_PREDICTOR_TREES)
        e->shap = tend_tree_shap_new(predictor->trees, e->part_of, (uint32_t)e->n_parts);
    for (int g = 0; g < predictor->n_groups; g++)
        e->base[g] = (double)(float)(e->shap ? tend_tree_shap_base(e->shap)[g] : linear_base(predictor->linear, g));
    return e;
}

void tend_explainer_free(tend_explainer *e) {
    if (!e)
        return;
    tend_tree_shap_free(e->shap);
    tend_arena_free(e->arena);
}

const tend_model *tend_explainer_model(const tend_explainer *e) { return e->model; }
int tend_explainer_n_parts(const tend_explainer *e) { return e->n_parts; }
const char *tend_explainer_part(const tend_explainer *e, int i) { return e->parts[i]; }

static void linear_row(const tend_explainer *e, const float *x, double *out) {
    const tend_linear *linear = e->model->predictor->linear;
    const double *weight = linear->weight;
    for (int g = 0; g < linear->n_groups; g++, out += e->n_parts)
        for (int j = 0; j < linear->n_features; j++, weight++)
            if (!isnan(x[j]))
                out[e->part_of[j]] += *weight * ((double)x[j] - linear->fill[j]);
}

/* The promise of the header for one row and group. With all absolute terms and the margin below 2^e, multiples of 2^(e - 51) below
 * 2^(e + 2) are exact in doubles, and so is every sum of the terms, even after the largest took what is left over. */
static void make_exact(double margin, double *base, double *values, int n) {
    double size = fabs(margin) + fabs(*base);
    for (int i = 0; i < n; i++)
        size += fabs(values[i]);
    if (!isfinite(margin) || !isfinite(size)) {
        *base = margin;
        memset(values, 0, (size_t)n * sizeof *values);
        return;
    }
    int exponent = 0;
    frexp(size, &exponent);
    double rounder = ldexp(1.5, exponent + 1); /* doubles near this are 2^(exponent - 51) apart */
    double left = (margin + rounder) - rounder, *largest = base;
    *base = (*base + rounder) - rounder;
    left -= *base;
    for (int i = 0; i < n; i++) {
        values[i] = (values[i] + rounder) - rounder;
        left -= values[i];
        if (values[i] != 0 && (largest == base || fabs(values[i]) > fabs(*largest)))
            largest = &values[i];
    }
    *largest += left;
}

void tend_explain_rows(const tend_explainer *e, const float *x, int64_t n, const float *margins, double *out_base, double *out_values,
                       tend_arena *scratch) {
    const tend_predictor *predictor = e->model->predictor;
    size_t groups = (size_t)predictor->n_groups, parts = (size_t)e->n_parts;
    if (e->shap) {
        tend_tree_shap_rows(e->shap, x, (size_t)n, out_values, scratch);
    } else {
        memset(out_values, 0, (size_t)n * groups * parts * sizeof *out_values);
        for (int64_t i = 0; i < n; i++)
            linear_row(e, x + i * predictor->n_features, out_values + (size_t)i * groups * parts);
    }
    for (size_t i = 0; i < (size_t)n * groups; i++) {
        out_base[i] = e->base[i % groups];
        make_exact((double)margins[i], &out_base[i], out_values + i * parts, e->n_parts);
    }
}
