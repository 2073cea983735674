/* Explanations: what each column contributed to one prediction, as Shapley values of the margin.
 *
 * Tree ensembles: path-dependent TreeSHAP (Lundberg et al. 2020, "From local explanations to global understanding for trees",
 * algorithm 2), with the covers that the trees were trained with, so the values are XGBoost's pred_contribs up to rounding. Linear
 * models: weight times the distance from the stored fill (the training mean), which are the Shapley values of independent columns.
 *
 * The values of a pipeline's outputs are summed over the feature they belong to (tend_output.source): one value per feature
 * of tend.yaml, not one per one-hot column. The promise: base plus the values, summed as doubles in any order, is the
 * margin exactly, bit for bit: all terms are multiples of one power of two small enough for the margin and large enough
 * for the sum, and what rounding leaves over goes to the largest term.
 *
 * Threads: an explainer is immutable and shared; each thread has its own scratch.
 */
#ifndef TEND_MODEL_EXPLAIN_H
#define TEND_MODEL_EXPLAIN_H

#include "model/model.h"

typedef struct tend_explainer tend_explainer;

/* The model must outlive it. Cheap enough for loading time (one pass over the nodes). */
tend_explainer *tend_explainer_new(const tend_model *model);
void tend_explainer_free(tend_explainer *explainer);
TEND_DEFINE_AUTO(tend_explainer)
int tend_explainer_n_parts(const tend_explainer *explainer); /* features */
const char *tend_explainer_part(const tend_explainer *explainer, int i);

/* x[n_features] one row of the pipeline's matrix, margins[n_groups] as tend_predictor_margins gave them. out_base[n_groups];
 * out_values[n_groups][n_parts]. */
void tend_explain_row(const tend_explainer *explainer, const float *x, const float *margins, double *out_base, double *out_values,
                      tend_arena *scratch);

#endif
