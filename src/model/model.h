/* A model: everything between a row of a table and its prediction, in one immutable object: the input schema, the feature
 * pipeline, one predictor, the classes and the decision threshold. It is what a bundle holds and what `tend predict` and `tend serve` run.
 *
 * A predictor is a tree ensemble (model/trees.h) or a linear function (model/linear.h); both give margins, one per class group, and
 * the link turns margins into predictions. Threads: a loaded model is shared freely; each thread has its own scratch arena.
 */
#ifndef TEND_MODEL_MODEL_H
#define TEND_MODEL_MODEL_H

#include "data/reader.h"
#include "feature/pipeline.h"
#include "model/linear.h"
#include "model/trees.h"

/* From margins to scores. PROBABILITY is for learners whose margins are already probabilities up to rounding (a forest's mean of
 * leaf shares, a prior): cut to [0, 1] and, with several groups, divided by their sum. The numbers are stored in bundles. */
typedef enum tend_link { TEND_LINK_IDENTITY, TEND_LINK_LOGISTIC, TEND_LINK_SOFTMAX, TEND_LINK_EXP, TEND_LINK_PROBABILITY } tend_link;

/* A fitted predictor, the result of a learner. Owns what it points to. */
typedef struct tend_predictor {
    enum { TEND_PREDICTOR_TREES, TEND_PREDICTOR_LINEAR } kind;
    tend_trees *trees;
    tend_tree_plan *plan; /* compiled from trees */
    tend_linear *linear;
    tend_link link;
    int n_groups; /* margins per row: 1, or one per class */
    int n_features;
    void *bytes; /* what `trees` lies in when it was loaded; else NULL */
} tend_predictor;

/* Takes over what it is given, also on failure. */
tend_status tend_predictor_of_trees(tend_trees *trees, tend_link link, tend_predictor **out, tend_error *err) TEND_MUST_USE;
tend_predictor *tend_predictor_of_linear(tend_linear *linear, tend_link link);

void tend_predictor_free(tend_predictor *predictor);
TEND_DEFINE_AUTO(tend_predictor)
/* Margins of x[n][n_features] (row-major, NaN missing) into out[n][n_groups]. No allocation. */
void tend_predictor_margins(const tend_predictor *predictor, const float *x, int64_t n, float *out);
/* Margins to scores: LOGISTIC the probability of the positive class, SOFTMAX a probability per class, EXP and IDENTITY numbers, PROBABILITY
 * one or one per class. In double, by one portable implementation of exp (model/link.h), so that scores are the same bits on every machine.
 * out[n][n_groups]. */
void tend_predictor_scores(const tend_predictor *predictor, const float *margins, int64_t n, double *out);
void tend_predictor_save(const tend_predictor *predictor, tend_buf *out);
tend_status tend_predictor_load(const void *bytes, size_t size, tend_predictor **out, tend_error *err) TEND_MUST_USE;

typedef struct tend_model {
    const char *name, *target;
    tend_task task;
    int n_classes;
    const char *const *classes; /* text forms in class-index order; BINARY: index 1 is the positive class */
    double threshold;           /* BINARY: positive when the score is >= threshold */
    tend_schema *schema;
    tend_pipeline *pipeline;
    tend_predictor *predictor;
    tend_arena *arena; /* owns the strings, the schema and this struct */
} tend_model;

tend_model *tend_model_new(void); /* empty, with an arena of its own: for whoever trains or loads one */
/* Also the pipeline and the predictor; NULL is fine. */
void tend_model_free(tend_model *model);
TEND_DEFINE_AUTO(tend_model)

/* What a prediction is, for n rows. score: BINARY the probability of the positive class, REGRESSION the number; MULTICLASS
 * scores[n][n_classes] and the best class's probability in score. */
typedef struct tend_predictions {
    int64_t n;
    int32_t *class_index; /* classification only */
    double *score;
    double *scores; /* MULTICLASS, [n][n_classes], else NULL */
} tend_predictions;

tend_status tend_model_predict(const tend_model *model, const tend_table *table, tend_arena *arena, tend_predictions *out,
                               tend_error *err) TEND_MUST_USE;
/* What margins[n][n_groups] mean: written to the rows begin … begin + n of `out`, which has room for them. */
void tend_model_decide(const tend_model *model, const float *margins, int64_t begin, int64_t n, tend_arena *scratch, tend_predictions *out);
/* From a matrix that the pipeline already made. */
tend_status tend_model_predict_matrix(const tend_model *model, const float *x, int64_t n, tend_arena *arena, tend_predictions *out,
                                      tend_error *err) TEND_MUST_USE;

#endif
