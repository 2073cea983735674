/* The inside of a pipeline, shared by the files that declare, infer, fit, apply and store one.
 *
 * A feature has branches; a branch reads one column, or several that are joined as text (its arms),
 * sends the values through its stages, and writes its outputs: the marks of its imputations first,
 * then what its last stage gives. A feature over two columns with a transform per column has two
 * branches; so has an inferred date (its parts, its age).
 */
#ifndef TEND_FEATURE_PLAN_H
#define TEND_FEATURE_PLAN_H

#include "feature/transform.h"

#define TEND_MAX_OUTPUTS 1000000

typedef struct tend_input {
    const char *name;
    tend_type type;
} tend_input;

typedef struct tend_arm {
    int input; /* while it is being declared: the table's column */
    int n_stages;
    tend_stage *stages;
} tend_arm;

typedef struct tend_branch {
    int n_arms; /* more than one: joined between the arms' stages and the branch's */
    tend_arm *arms;
    int n_stages; /* of the joined or only arm; at least one */
    tend_stage *stages;
    const char *base; /* what its outputs' names begin with */
    int first, width; /* among the pipeline's outputs */
    int n_indicators;
} tend_branch;

typedef struct tend_feature {
    const char *name, *why; /* why: for inferred ones, else "" */
    bool inferred;
    int n_branches;
    tend_branch *branches;
    const char *columns; /* made by layout */
} tend_feature;

typedef struct tend_dropped {
    const char *name, *why;
} tend_dropped;

struct tend_pipeline {
    tend_arena *arena;
    int n_inputs, n_features, n_dropped, n_stages, width;
    tend_input *inputs;
    tend_feature *features;
    tend_dropped *dropped;
    tend_output *outputs;
};

/* Sets the kind of every stage of the branch from the types of its inputs. An error says which
 * transform cannot take what. */
tend_status tend_branch_link(tend_branch *branch, const char *const *names, const tend_type *types, tend_error *err) TEND_MUST_USE;
/* Numbers the stages, places and names the outputs of a fitted or loaded pipeline. */
tend_status tend_pipeline_layout(tend_pipeline *pipeline, tend_error *err) TEND_MUST_USE;

/* What is being put together. */
typedef struct tend_plan {
    tend_pipeline *pipeline;
    const tend_table *table;
    const tend_pipeline_options *options;
    tend_diags *diags;
    bool *taken;    /* per column: dropped, declared or the target */
    bool rest_drop; /* columns that are not declared are left out */
    int feature_capacity, dropped_capacity;
} tend_plan;

tend_feature *tend_plan_feature(tend_plan *plan, const char *name, bool inferred, const char *why);
void tend_plan_drop(tend_plan *plan, const char *name, const char *why);
/* The transforms of a feature as declared: those before a cross (done to each column), and the
 * others. */
typedef struct tend_chain {
    tend_stage *before, *stages;
    int n_before, n_stages;
    bool joins; /* the columns become one; else each has a branch */
    tend_span span;
} tend_chain;
/* A branch over columns (of the table) with copies of the chain's stages, completed and linked; a
 * fault goes to diags, and the branch is left out. `base`: what its outputs' names begin with. */
void tend_plan_branch(tend_plan *plan, tend_feature *feature, const int *columns, int n_columns, const tend_chain *chain, const char *base);
void tend_plan_infer_column(tend_plan *plan, tend_feature *feature, int column); /* feature NULL: one of its own */
void tend_plan_infer_rest(tend_plan *plan);
void tend_plan_declared(tend_plan *plan, const tend_node *features);

/* The arguments of a stage from a map node; faults go to diags. Keys in `skip` (NULL-terminated)
 * are not looked at. */
void tend_args_parse(tend_stage *stage, const tend_node *map, const char *const *skip, tend_arena *arena, tend_diags *diags);
/* A single value for the first argument that takes it: {impute: median}, {impute: 0}. */
void tend_args_parse_short(tend_stage *stage, const tend_node *value, tend_arena *arena, tend_diags *diags);
/* The arguments that were given, as a map. */
tend_node *tend_args_to_node(const tend_stage *stage, tend_arena *arena);

/* Rows of a table for the pipeline's inputs: rows[0..n), or begin .. begin + n when rows is NULL.
 */
typedef struct tend_source {
    const tend_table *table;
    const int *column; /* per input */
    const int64_t *rows;
    int64_t begin, n;
} tend_source;
/* Reads an arm's column and runs its stages. */
void tend_arm_read(const tend_pipeline *pipeline, const tend_arm *arm, const tend_source *source, tend_run *run, tend_values *out);
/* Brings the kind of the values to that of the stage. */
void tend_stage_coerce(const tend_stage *stage, tend_values *values);
/* The arms' values as one text each, in out->texts; parts[n_arms][n]. */
void tend_join_texts(const tend_str *parts, int n_arms, tend_values *out);
/* The values that the branch's last stage receives. */
void tend_branch_read(const tend_pipeline *pipeline, const tend_branch *branch, const tend_source *source, tend_run *run, tend_values *out);
/* Fits every stage on the source's rows; y is per row of the source. Features in parallel. */
void tend_pipeline_fit_stages(tend_pipeline *pipeline, const tend_source *source, const tend_pipeline_options *options, const double *y);
/* The fold of each of n training rows, from the seed: TEND_FEATURE_FOLDS of nearly equal size. */
uint8_t *tend_feature_folds(int64_t n, uint64_t seed, tend_arena *arena);

#endif
