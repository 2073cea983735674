/* libtend: load a model that tend trained, and predict. Plain C11, no global state, nothing but
 * libc and libm behind it.
 *
 *     tend_fault fault;
 *     tend_model *model;
 *     if (tend_model_open("census.tend", &model, &fault) != 0)
 *         return fprintf(stderr, "%s\n", fault.message), fault.code;
 *     tend_row *row = tend_row_new(model);
 *     tend_row_set_number(row, "age", 39, NULL);
 *     tend_row_set_text(row, "occupation", "Sales", NULL);
 *     tend_prediction p;
 *     if (tend_row_predict(row, &p, &fault) == 0)
 *         printf("%s (%.3f)\n", p.class_name, p.score);
 *     tend_row_free(row);
 *     tend_model_close(model);
 *
 * A model is a bundle file, the thing that `tend models export` writes. Loading one checks every
 * byte against its digests and never runs code. The same transforms and the same arithmetic run
 * here as in training and in `tend predict`: equal inputs give equal bits.
 *
 * Threads: a model is immutable and may be used by any number of threads at once. A row belongs to
 * one thread at a time. Errors: functions return 0, or the code that is also in the caller's fault
 * (NULL is fine): 2 an input that does not fit, 3 not found, 4 a limit, 5 a file that cannot be
 * read or is damaged, 70 a bug in tend. Outputs are written only on success.
 */
#ifndef TEND_TEND_H
#define TEND_TEND_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TEND_API __attribute__((visibility("default")))
#else
#define TEND_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define TEND_VERSION "0.1.0"
/* The version of the library that runs: "0.1.0". */
TEND_API const char *tend_version(void);

/* What went wrong: one sentence, and what to do about it (may be empty). */
typedef struct tend_fault {
    int code;
    char message[640];
    char hint[320];
} tend_fault;

/* ---- models ---- */

typedef struct tend_model tend_model;

/* Opens a bundle; close the model when no row of it is left. */
TEND_API int tend_model_open(const char *path, tend_model **out_model, tend_fault *fault);
/* The same from memory, which may be freed afterwards: a model compiled into the program, or
 * fetched. */
TEND_API int tend_model_open_bytes(const void *bytes, size_t size, tend_model **out_model, tend_fault *fault);
TEND_API void tend_model_close(tend_model *model); /* NULL is fine */

/* Strings live as long as the model. */
TEND_API const char *tend_model_name(const tend_model *model);
TEND_API const char *tend_model_target(const tend_model *model); /* the column it predicts */
TEND_API const char *tend_model_task(const tend_model *model);   /* "regression", "binary" or "multiclass" */
/* The classes in the order of the probabilities; 0 for regression. Of two, index 1 is the positive
 * one. */
TEND_API int tend_model_n_classes(const tend_model *model);
TEND_API const char *tend_model_class(const tend_model *model, int index); /* NULL: out of range */
/* Two classes: the score from which on the decision is the positive class. */
TEND_API double tend_model_threshold(const tend_model *model);

/* What an input holds. A date is "2027-03-31" or days since 1970-01-01, a timestamp
 * "2027-03-31T08:00:00Z" or microseconds since then. */
typedef enum tend_input_kind {
    TEND_INPUT_NUMBER,
    TEND_INPUT_TEXT,
    TEND_INPUT_BOOLEAN,
    TEND_INPUT_DATE,
    TEND_INPUT_TIMESTAMP
} tend_input_kind;

/* The columns the model reads, by index or by name. */
TEND_API int tend_model_n_inputs(const tend_model *model);
TEND_API const char *tend_model_input(const tend_model *model, int index, tend_input_kind *out_kind); /* NULL: out of range */

/* ---- one row ---- */

/* Values for one prediction after another. What is not set is missing. */
typedef struct tend_row tend_row;

TEND_API tend_row *tend_row_new(const tend_model *model);
TEND_API void tend_row_free(tend_row *row);  /* NULL is fine */
TEND_API void tend_row_clear(tend_row *row); /* everything missing again */
/* A number for any input but a text; NaN is missing. Booleans take 0 and 1, whole numbers no fraction. */
TEND_API int tend_row_set_number(tend_row *row, const char *input, double value, tend_fault *fault);
/* A text for any input, as a cell of a CSV file: the words that the schema reads as missing ("?", "NA") are
 * missing; numbers, dates and booleans ("true", "false") are read from it. It is
 * copied; NULL is missing. */
TEND_API int tend_row_set_text(tend_row *row, const char *input, const char *value, tend_fault *fault);

typedef struct tend_prediction {
    double score;                /* regression: the number; two classes: the positive one's probability; more: the
                                    chosen one's */
    int class_index;             /* -1 for regression */
    const char *class_name;      /* NULL for regression; lives as long as the model */
    const double *probabilities; /* one per class, NULL for regression; lives until the row's next
                                    prediction */
    int n_probabilities;
} tend_prediction;

/* The row is held against the expectations that the model was trained with: what breaks one of severity `error` or
 * `quarantine` is a fault, as it is in `tend predict`; warnings pass. */
TEND_API int tend_row_predict(tend_row *row, tend_prediction *out, tend_fault *fault);

/* What each feature contributed to a prediction: Shapley values of the margin, the number that a
 * score is made from. Units: log-odds of the positive class for most classifiers of two classes (the
 * score is 1 / (1 + exp(-margin))), log-probabilities up to a constant for more, the logarithm of the
 * number where the model predicts through exp, else the number or the probability itself (forests).
 * base plus the values, added in any order, is the margin exactly, as long as that is not 2^-26 times
 * smaller than what it is the sum of. Features are those of tend.yaml: columns, unless it combines
 * some. */
typedef struct tend_explanation {
    double margin, base; /* base: what the margin is on average, before anything is known of the row */
    int n_features;
    const char *const *features; /* live as long as the row */
    const double *values;        /* one per feature; live until the row's next explanation */
} tend_explanation;

/* Predicts and explains. Of more than two classes, class_index says whose margin, -1 that of the
 * chosen class; otherwise it is -1. The first call on a row lays the model out for it, at about the
 * price of loading it: keep the row. Each call costs some dozens of predictions. */
TEND_API int tend_row_explain(tend_row *row, int class_index, tend_explanation *out, tend_fault *fault);

/* ---- many rows ---- */

/* A column: either numbers (NaN missing) or texts (NULL missing), n_rows of them. */
typedef struct tend_array {
    const char *input;
    const double *numbers;
    const char *const *texts;
} tend_array;

/* Every input must be there once; arrays that the model does not read are ignored. Any of the
 * outputs may be NULL: scores[n_rows], class_indexes[n_rows] (classification) and
 * probabilities[n_rows][n_classes]. Runs on all processors. */
TEND_API int tend_model_predict_arrays(const tend_model *model, const tend_array *arrays, int n_arrays, size_t n_rows, double *scores,
                                       int32_t *class_indexes, double *probabilities, tend_fault *fault);

#ifdef __cplusplus
}
#endif

#endif
