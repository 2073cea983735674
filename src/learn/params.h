/* Parameter specs in short form. Each learner's table and its enum of indices stand side by side in its own file. */
#ifndef TEND_LEARN_PARAMS_H
#define TEND_LEARN_PARAMS_H

#include "learn/learner.h"

/* default, [min, max], [search_min, search_max] */
#define TEND_PARAM_INT_ROW(NAME, FALLBACK, MIN, MAX, FROM, TO, LOG, HELP)                                                         \
    {                                                                                                                             \
        .name = NAME, .type = TEND_PARAM_INT, .fallback = FALLBACK, .min = MIN, .max = MAX, .search_min = FROM, .search_max = TO, \
        .log_scale = LOG, .help = HELP                                                                                            \
    }
#define TEND_PARAM_REAL_ROW(NAME, FALLBACK, MIN, MAX, FROM, TO, LOG, HELP)                                                         \
    {                                                                                                                              \
        .name = NAME, .type = TEND_PARAM_REAL, .fallback = FALLBACK, .min = MIN, .max = MAX, .search_min = FROM, .search_max = TO, \
        .log_scale = LOG, .help = HELP                                                                                             \
    }
#define TEND_PARAM_BOOL_ROW(NAME, FALLBACK, HELP) \
    { .name = NAME, .type = TEND_PARAM_BOOL, .fallback = FALLBACK, .max = 1, .help = HELP }
#define TEND_PARAM_CHOICE_ROW(NAME, FALLBACK, CHOICES, HELP) \
    { .name = NAME, .type = TEND_PARAM_CHOICE, .fallback = FALLBACK, .choices = CHOICES, .help = HELP }

/* The rows of the table in learners.c. */
extern const tend_learner tend_learner_xgboost, tend_learner_random_forest, tend_learner_logistic, tend_learner_ridge, tend_learner_lasso,
    tend_learner_baseline;

#endif
