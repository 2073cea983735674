/* The transform table: one const row per transform.
 *
 * A row says everything about its transform: the name used in tend.yaml, the kinds of values it
 * takes and gives, its parameters (from which tend.yaml is checked and the reference is written),
 * and the functions that fit and apply it. Adding a transform is adding a row (transform.c lists
 * them).
 *
 * A stage is one transform in a chain, with its arguments and its fitted state. Whatever the
 * transform, the state is a list of doubles and a dictionary of texts, so that one pair of
 * functions saves and loads all (pipeline_file.c) and nothing in a file can be executed. A stage
 * either turns values into values (standardize, impute, age ...) and can be followed by another, or
 * ends the chain with any number of floats per row (one_hot, tfidf ...): it has `emit` then.
 *
 * Fitting and applying cannot fail: what could be wrong is found before (`fault` when a
 * chain is linked, `check` when it is loaded).
 */
#ifndef TEND_FEATURE_TRANSFORM_H
#define TEND_FEATURE_TRANSFORM_H

#include "base/dict.h"
#include "base/node.h"
#include "feature/pipeline.h"
#include "feature/values.h"

typedef enum tend_arg_type {
    TEND_ARG_INT,
    TEND_ARG_REAL,
    TEND_ARG_BOOL,
    TEND_ARG_CHOICE, /* one word of `choices` */
    TEND_ARG_SCALAR, /* any single value, kept as its text */
    TEND_ARG_TEXTS,  /* a list of texts; with `choices`, of those words */
    TEND_ARG_RANGE,  /* [low, high], two integers; one integer stands for both */
    TEND_ARG_TIME    /* a date or a timestamp */
} tend_arg_type;

typedef struct tend_arg_spec {
    const char *name;
    tend_arg_type type;
    double fallback;     /* CHOICE: the index; BOOL: 0 or 1; RANGE: both ends */
    double min, max;     /* inclusive; INT, REAL, RANGE */
    const char *choices; /* "mean|median" */
    const char *shown;   /* the default in words, where the number does not tell; or NULL */
    const char *help;
} tend_arg_spec;

typedef struct tend_arg {
    bool given;
    double number;      /* INT, REAL, BOOL, CHOICE, low end of RANGE */
    double upper;       /* RANGE */
    int64_t time;       /* TIME */
    const char *text;   /* SCALAR */
    const char **texts; /* TEXTS */
    int n_texts;
} tend_arg;

typedef struct tend_stage tend_stage;

/* What a fit sees beside the values. */
typedef struct tend_fit {
    tend_arena *arena; /* of the pipeline: fitted state goes here */
    tend_task task;
    int n_classes;
    const double *y; /* per row of the values; NULL when there is no target */
} tend_fit;

#define TEND_FEATURE_FOLDS 5

/* What applying a stage sees beside the values. */
typedef struct tend_run {
    tend_arena *scratch;
    float *out;    /* the branch's first output of the first row; NULL while fitting */
    size_t stride; /* floats from one row to the next */
    /* While the training matrix is made: the fold of each row, and per stage the state fitted
     * without each fold (TEND_FEATURE_FOLDS times n_numbers; NULL for stages that do not look at the
     * target). Else NULL. */
    const uint8_t *fold;
    double *const *without_fold;
} tend_run;

#define TEND_TAKES(kind)  (1u << (kind))
#define TEND_TAKES_NUMBER TEND_TAKES(TEND_VALUE_NUMBER)
#define TEND_TAKES_TEXT   TEND_TAKES(TEND_VALUE_TEXT)
#define TEND_TAKES_TIME   TEND_TAKES(TEND_VALUE_TIME)
#define TEND_TAKES_ANY    (TEND_TAKES_NUMBER | TEND_TAKES_TEXT | TEND_TAKES_TIME)

typedef enum tend_gives { TEND_GIVES_SAME, TEND_GIVES_NUMBER, TEND_GIVES_TEXT, TEND_GIVES_OUTPUTS } tend_gives;

typedef struct tend_transform {
    const char *name;
    const char *help;
    unsigned takes; /* kinds; numbers become text for a transform that takes text only */
    tend_gives gives;
    bool joins;      /* takes several columns as one (cross) */
    bool plain_name; /* an output is named after its column alone ("age"); else "age:log1p" */
    const tend_arg_spec *args;
    int n_args;

    /* What is wrong with the arguments for values of this kind; NULL: nothing. Optional. */
    const char *(*fault)(const tend_stage *stage, tend_value_kind kind);
    /* Optional; fills stage->numbers and stage->levels. */
    void (*fit)(tend_stage *stage, const tend_fit *fit, const tend_values *values);
    /* GIVES_SAME, NUMBER, TEXT: in place; NULL when values stay as they are. */
    void (*apply)(const tend_stage *stage, tend_run *run, tend_values *values);
    /* GIVES_OUTPUTS: width floats for row i at out + i * run->stride. */
    int (*width)(const tend_stage *stage);
    void (*emit)(const tend_stage *stage, tend_run *run, const tend_values *values, float *out);
    void (*name_output)(const tend_stage *stage, int i, tend_buf *out); /* appends to the column's name */
    /* The state fitted without each fold, TEND_FEATURE_FOLDS times n_numbers doubles, for transforms that
     * look at y. */
    double *(*fit_folds)(const tend_stage *stage, const tend_fit *fit, const tend_values *values, const uint8_t *fold);
    /* After a load: can this state be applied? Every row with a fit has it. */
    bool (*check)(const tend_stage *stage);
} tend_transform;

struct tend_stage {
    const tend_transform *transform;
    tend_arg *args;       /* n_args of the transform */
    tend_value_kind kind; /* of the values that arrive, after numbers became text where needed */
    int id;               /* counts the pipeline's stages */
    int indicator;        /* impute: where in the branch's outputs the missing mark goes; -1: nowhere */
    tend_span span;       /* in tend.yaml */
    double *numbers;
    int n_numbers;
    tend_dict *levels; /* NULL: none */
};

extern const tend_transform *const tend_transforms[];        /* NULL-terminated */
const tend_transform *tend_transform_find(const char *name); /* NULL: unknown */
const char *tend_transform_nearest(const char *name);        /* NULL: none is near */
/* All transforms as Markdown, one section each: the reference in docs/guide/features.md. */
void tend_transforms_reference(tend_buf *out);
const tend_arg_spec *tend_arg_find(const tend_transform *transform, const char *name);

extern const tend_transform tend_transform_passthrough, tend_transform_drop, tend_transform_cross, tend_transform_impute,
    tend_transform_standardize, tend_transform_robust_scale, tend_transform_min_max_scale, tend_transform_log1p,
    tend_transform_quantile_bin, tend_transform_uniform_bin, tend_transform_one_hot, tend_transform_ordinal, tend_transform_frequency,
    tend_transform_hash, tend_transform_target_encode, tend_transform_date_parts, tend_transform_age, tend_transform_tfidf;

/* A stage with default arguments. */
tend_stage *tend_stage_new(const tend_transform *transform, tend_arena *arena);
void tend_stage_init(tend_stage *stage, const tend_transform *transform, tend_arena *arena);
/* The kind that the stage receives when the one before gives `kind`: numbers become text where only
 * text is taken. False: the transform cannot take it. */
bool tend_stage_accepts(const tend_stage *stage, tend_value_kind kind, tend_value_kind *out_kind);
tend_value_kind tend_stage_gives(const tend_stage *stage); /* not for GIVES_OUTPUTS */
int tend_stage_width(const tend_stage *stage);             /* floats when it ends a chain */
/* Allocate the state: n zeros; an empty dictionary that lives as long as the arena. */
void tend_stage_numbers(tend_stage *stage, tend_arena *arena, int n);
void tend_stage_levels(tend_stage *stage, tend_arena *arena);
static inline int64_t tend_stage_level(const tend_stage *stage, tend_str text) { return tend_dict_find(stage->levels, text.at, text.size); }
static inline int tend_stage_n_levels(const tend_stage *stage) { return stage->levels ? (int)tend_dict_count(stage->levels) : 0; }
/* The word of a CHOICE or TEXTS spec at an index; -1 / NULL when there is none. */
int tend_choice_index(const char *choices, const char *word);
const char *tend_choice_word(const char *choices, int index, char out[48]);
/* A double as the nearest finite float: beyond the largest float it stays the largest. */
float tend_float_of(double v);

#endif
