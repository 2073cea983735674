/* Explanations: what each feature contributed to one prediction, as Shapley values of the margin.
 *
 * Tree ensembles: path-dependent TreeSHAP (Lundberg et al. 2020, "From local explanations to global understanding for trees",
 * algorithm 2), with the covers that the trees were trained with, so the values are XGBoost's pred_contribs up to rounding. Linear
 * models: weight times the distance from the stored fill (the training mean), which are the Shapley values of independent columns.
 *
 * The values of a pipeline's outputs are summed over the feature they belong to (tend_output.source): one value per feature
 * of tend.yaml, not one per one-hot column. The base is the margin expected before anything is known of a row: the mean over the
 * covers, or the margin at the fills, rounded to float so that it is the same for every row.
 *
 * The promise: base plus the values, summed as doubles in any order, is the margin exactly, bit for bit: all terms are multiples of one
 * power of two small enough for the margin and large enough for the sum, and what rounding leaves over goes to the largest value
 * (to the base where all values are 0). Doubles cannot keep it for a margin that is not 0 but below 2^-26 of the sum of the absolute
 * terms: there the sum, still the same in any order, is within 2^-51 of that sum of the margin. A margin that is not finite is all base.
 *
 * Threads: an explainer is immutable and shared; each thread has its own scratch.
 *
 *     TEND_AUTO(tend_explainer) *explainer = tend_explainer_new(model);
 *     tend_predictor_margins(model->predictor, x, n, margins);
 *     tend_explain_rows(explainer, x, n, margins, base, values, scratch);
 */
#ifndef TEND_MODEL_EXPLAIN_H
#define TEND_MODEL_EXPLAIN_H

#include "model/model.h"

typedef struct tend_explainer tend_explainer;

/* The model must outlive it. Cheap enough for loading time (a few passes over the nodes). */
tend_explainer *tend_explainer_new(const tend_model *model);
void tend_explainer_free(tend_explainer *explainer);
TEND_DEFINE_AUTO(tend_explainer)
const tend_model *tend_explainer_model(const tend_explainer *explainer);
int tend_explainer_n_parts(const tend_explainer *explainer); /* features */
const char *tend_explainer_part(const tend_explainer *explainer, int i);

/* x[n][n_features] rows of the pipeline's matrix, margins[n][n_groups] as tend_predictor_margins gave them. out_base[n][n_groups];
 * out_values[n][n_groups][n_parts]. A row gives the same bits alone and among others. */
void tend_explain_rows(const tend_explainer *explainer, const float *x, int64_t n, const float *margins, double *out_base,
                       double *out_values, tend_arena *scratch);
/* One explanation per row of a table, in parallel: of the margin of class_index[row] for more than two classes (what tend_model_predict
 * decided), else of the only margin. out_base[n_rows], out_values[n_rows][n_parts], in the arena. */
tend_status tend_explain_table(const tend_explainer *explainer, const tend_table *table, const int32_t *class_index, tend_arena *arena,
                               double **out_base, double **out_values, tend_error *err) TEND_MUST_USE;

#endif
