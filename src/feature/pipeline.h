/* The feature pipeline: from a table's columns to the float matrix that predictors read.
 *
 * A pipeline is a list of features; each takes one or more source columns through a chain of transforms (rows of the transform
 * table, feature/transform.h) and gives one or more float outputs. It is fitted on training rows only, is immutable after, and is
 * stored in the bundle; the very same code applies it to a million rows or to one. A missing value that no transform
 * imputes is NaN in the output (trees have a branch for it, linear predictors a stored fill).
 *
 *     features:                                # tend.yaml; all optional, inferred per type when absent
 *       drop: [fnlgt]
 *       capital: {from: [capital_gain, capital_loss], transform: log1p}
 *       occupation: {transform: target_encode, smoothing: 20}
 *       name: {transform: [{impute: {value: ""}}, {tfidf: {max_features: 30}}]}
 *       rest: drop                             # what is not named is left out; the default infers it
 *
 * Threads: a fitted pipeline may be used by many threads at once, each with its own scratch.
 */
#ifndef TEND_FEATURE_PIPELINE_H
#define TEND_FEATURE_PIPELINE_H

#include "base/diag.h"
#include "base/node.h"
#include "data/schema.h"
#include "data/table.h"

typedef enum tend_task { TEND_TASK_REGRESSION, TEND_TASK_BINARY, TEND_TASK_MULTICLASS } tend_task;
const char *tend_task_name(tend_task task);             /* "regression", "binary", "multiclass" */
bool tend_task_parse(const char *word, tend_task *out); /* also "classification" forms: binary_classification … */

typedef struct tend_pipeline tend_pipeline;

/* One column of the matrix. */
typedef struct tend_output {
    const char *name;    /* "age", "workclass=Private", "name:tfidf(cozy)", "last_review:age" */
    const char *source;  /* the feature it belongs to: importance is summed over it */
    const char *columns; /* the source columns, separated by ", " */
    bool categorical;    /* small non-negative integer codes without order */
} tend_output;

typedef struct tend_pipeline_options {
    const tend_node *features; /* the `features` node of tend.yaml; may be NULL */
    const char *target;        /* never a feature */
    tend_task task;
    int n_classes;       /* MULTICLASS */
    const double *y;     /* per table row: class index 0 … or the number; used by target encoding only */
    const int64_t *rows; /* the training rows */
    int64_t n_rows;
    uint64_t seed;
} tend_pipeline_options;

/* Resolves the features (declared, then inferred for every other column), with all faults in diags: unknown columns, transforms,
 * parameters (nearest right word), a transform that cannot take the column's type. Then fits. */
tend_status tend_pipeline_fit(const tend_table *table, const tend_pipeline_options *options, tend_diags *diags, tend_pipeline **out,
                              tend_error *err) TEND_MUST_USE;
void tend_pipeline_free(tend_pipeline *pipeline);
TEND_DEFINE_AUTO(tend_pipeline)
/* Only the faults, without fitting: what `tend status` and a dry run need. */
tend_status tend_pipeline_check(const tend_table *table, const tend_pipeline_options *options, tend_diags *diags, tend_error *err);

int tend_pipeline_width(const tend_pipeline *pipeline);
const tend_output *tend_pipeline_outputs(const tend_pipeline *pipeline); /* width of them */
/* The source columns the pipeline reads, by name and expected type: the model's input schema. */
int tend_pipeline_n_inputs(const tend_pipeline *pipeline);
const char *tend_pipeline_input(const tend_pipeline *pipeline, int i, tend_type *out_type);
/* {"features": [{"name", "from": […], "transforms": [{"name", parameters…}], "outputs": n, "inferred": true, "why": "…"}], "dropped": […]}
 */
tend_node *tend_pipeline_to_node(const tend_pipeline *pipeline, tend_arena *arena);

/* Binds the pipeline to a table's columns once (by name; order does not matter; further columns are ignored). A missing
 * column or one of a type that cannot be converted is an error naming it; INT and FLOAT convert into each other, everything converts to
 * text. */
typedef struct tend_binding {
    int *column; /* per input: index in the table */
} tend_binding;
tend_status tend_pipeline_bind(const tend_pipeline *pipeline, const tend_table *table, tend_arena *arena, tend_binding *out,
                               tend_error *err) TEND_MUST_USE;
/* Rows [begin, begin+n) into out[n][width] (row-major). `scratch` is cleared and used. */
tend_status tend_pipeline_apply(const tend_pipeline *pipeline, const tend_table *table, const tend_binding *binding, int64_t begin,
                                int64_t n, float *out, tend_arena *scratch, tend_error *err) TEND_MUST_USE;
/* The training matrix: as apply for the rows it was fitted on (options.rows, in order), except that target encodings are out of
 * fold (5 folds by seed), so that no row sees its own target. Parallel, deterministic. out[n_rows][width]. */
tend_status tend_pipeline_apply_training(const tend_pipeline *pipeline, const tend_table *table, const tend_pipeline_options *options,
                                         float *out, tend_error *err) TEND_MUST_USE;
/* Any rows, in parallel: out[n][width]. */
tend_status tend_pipeline_apply_rows(const tend_pipeline *pipeline, const tend_table *table, const int64_t *rows, int64_t n, float *out,
                                     tend_error *err) TEND_MUST_USE;

/* The bundle's "transforms" section (docs/formats/bundle.md). Deterministic; load checks everything and never runs code. */
void tend_pipeline_save(const tend_pipeline *pipeline, tend_buf *out);
tend_status tend_pipeline_load(const void *bytes, size_t size, tend_pipeline **out, tend_error *err) TEND_MUST_USE;

#endif
