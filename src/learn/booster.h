/* A training in XGBoost: matrices in, rounds, our predictor out. Private to the room.
 *
 * One training at a time in a process: XGBoost draws its samples from one generator.
 */
#ifndef TEND_LEARN_BOOSTER_H
#define TEND_LEARN_BOOSTER_H

#include "learn/dataset.h"
#include "learn/xgboost_api.h"

typedef struct tend_booster {
    BoosterHandle handle;
    DMatrixHandle train, valid; /* valid NULL: none */
    int n_outputs;              /* margins per row */
} tend_booster;

void tend_booster_done(tend_booster *booster);
static inline void tend_booster_auto_done(tend_booster *booster) { tend_booster_done(booster); }
#define TEND_AUTO_BOOSTER __attribute__((cleanup(tend_booster_auto_done))) tend_booster

/* Loads the library, copies the rows into it, and sets what every training has in common: hist
 * trees, seed, threads. */
tend_status tend_booster_init(tend_booster *booster, const tend_dataset *train, const tend_learn_options *options,
                              tend_error *err) TEND_MUST_USE;
tend_status tend_booster_set(tend_booster *booster, const char *name, const char *value, tend_error *err) TEND_MUST_USE;
/* Shortest exact text of the number. */
tend_status tend_booster_set_number(tend_booster *booster, const char *name, double value, tend_error *err) TEND_MUST_USE;
tend_status tend_booster_update(tend_booster *booster, int round, tend_error *err) TEND_MUST_USE;
/* A round on derivatives of the loss that the caller took, one pair per training row and output. */
tend_status tend_booster_boost(tend_booster *booster, int round, float *gradient, float *hessian, int64_t n, tend_error *err) TEND_MUST_USE;
/* Margins of a matrix by all rounds so far, [n][n_outputs]; borrowed until the next call. */
tend_status tend_booster_margins(tend_booster *booster, DMatrixHandle data, const float **out, tend_error *err) TEND_MUST_USE;
/* Keeps rounds [0, n). */
tend_status tend_booster_cut(tend_booster *booster, int n, tend_error *err) TEND_MUST_USE;
/* The model as our own predictor; every margin has the same bits. */
tend_status tend_booster_import(tend_booster *booster, tend_link link, tend_predictor **out, tend_error *err) TEND_MUST_USE;

#endif
