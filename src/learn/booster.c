#include "learn/booster.h"

#include "base/thread.h"

#include <stdio.h>

void tend_booster_done(tend_booster *booster) {
    if (booster->handle)
        tend_xgb.XGBoosterFree(booster->handle);
    if (booster->train)
        tend_xgb.XGDMatrixFree(booster->train);
    if (booster->valid)
        tend_xgb.XGDMatrixFree(booster->valid);
    *booster = (tend_booster){0};
}

/* NumPy's array interface, in which the library takes its arrays. */
static void array_interface(const void *data, int64_t rows, int64_t columns, char out[160]) {
    snprintf(out, 160, "{\"data\":[%llu,true],\"shape\":[%lld,%lld],\"typestr\":\"<f4\",\"version\":3}",
             (unsigned long long)(uintptr_t)data, (long long)rows, (long long)columns);
}

static tend_status set_floats(DMatrixHandle matrix, const char *field, const double *values, int64_t n, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    float *floats = TEND_ARRAY(arena, float, n);
    for (int64_t i = 0; i < n; i++)
        floats[i] = (float)values[i];
    TEND_XGB(XGDMatrixSetFloatInfo(matrix, field, floats, (bst_ulong)n), err);
    return TEND_OK;
}

static tend_status set_feature_types(DMatrixHandle matrix, const tend_dataset *data, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char **types = TEND_ARRAY(arena, const char *, data->n_features);
    bool any = false;
    for (int j = 0; data->outputs && j < data->n_features; j++) {
        types[j] = data->outputs[j].categorical ? "c" : "q";
        any = any || data->outputs[j].categorical;
    }
    if (any)
        TEND_XGB(XGDMatrixSetStrFeatureInfo(matrix, "feature_type", types, (bst_ulong)data->n_features), err);
    return TEND_OK;
}

static tend_status make_matrix(const tend_dataset *data, int threads, DMatrixHandle *out, tend_error *err) {
    char array[160], config[64];
    array_interface(data->x, data->n, data->n_features, array);
    snprintf(config, sizeof config, "{\"missing\":NaN,\"nthread\":%d}", threads);
    TEND_XGB(XGDMatrixCreateFromDense(array, config, out), err);
    TEND_TRY(set_feature_types(*out, data, err));
    TEND_TRY(set_floats(*out, "label", data->y, data->n, err));
    if (data->weight)
        TEND_TRY(set_floats(*out, "weight", data->weight, data->n, err));
    return TEND_OK;
}

/* Threads cost more than they give on small tables. The model is the same on any number of them. */
static int threads_for(const tend_dataset *train, const tend_learn_options *options) {
    if (train->n * train->n_features < 200000)
        return 1;
    return options->threads > 0 ? options->threads : tend_thread_count();
}

tend_status tend_booster_init(tend_booster *booster, const tend_dataset *train, const tend_learn_options *options, tend_error *err) {
    int threads = threads_for(train, options);
    if (train->n_features == 0)
        return TEND_FAIL(err, INVALID, "there is no feature to learn from");
    TEND_TRY(tend_xgb_load(err));
    booster->n_outputs = options->task == TEND_TASK_MULTICLASS ? options->n_classes : 1;
    TEND_TRY(make_matrix(train, threads, &booster->train, err));
    if (options->valid)
        TEND_TRY(make_matrix(options->valid, threads, &booster->valid, err));
    DMatrixHandle known[2] = {booster->train, booster->valid};
    TEND_XGB(XGBoosterCreate(known, options->valid ? 2 : 1, &booster->handle), err);
    TEND_TRY(tend_booster_set(booster, "tree_method", "hist", err));
    TEND_TRY(tend_booster_set(booster, "disable_default_eval_metric", "1", err));
    TEND_TRY(tend_booster_set_number(booster, "nthread", threads, err));
    return tend_booster_set_number(booster, "seed", (double)(options->seed & 0x7fffffff), err);
}

tend_status tend_booster_set(tend_booster *booster, const char *name, const char *value, tend_error *err) {
    TEND_XGB(XGBoosterSetParam(booster->handle, name, value), err);
    return TEND_OK;
}

tend_status tend_booster_set_number(tend_booster *booster, const char *name, double value, tend_error *err) {
    char text[32];
    tend_text_format_double(value, text);
    return tend_booster_set(booster, name, text, err);
}

static tend_status check_cancelled(int round, tend_error *err) {
    return tend_cancel_requested() ? TEND_FAIL(err, CANCELLED, "the training was stopped after %d rounds", round) : TEND_OK;
}

tend_status tend_booster_boost(tend_booster *booster, int round, float *gradient, float *hessian, int64_t n, tend_error *err) {
    TEND_TRY(check_cancelled(round, err));
    TEND_XGB(XGBoosterBoostOneIter(booster->handle, booster->train, gradient, hessian, (bst_ulong)n), err);
    return TEND_OK;
}

tend_status tend_booster_update(tend_booster *booster, int round, tend_error *err) {
    TEND_TRY(check_cancelled(round, err));
    TEND_XGB(XGBoosterUpdateOneIter(booster->handle, round, booster->train), err);
    return TEND_OK;
}

tend_status tend_booster_margins(tend_booster *booster, DMatrixHandle data, const float **out, tend_error *err) {
    const bst_ulong *shape = NULL;
    bst_ulong dimensions = 0;
    TEND_XGB(XGBoosterPredictFromDMatrix(booster->handle, data,
                                         "{\"type\":1,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,"
                                         "\"strict_shape\":true}",
                                         &shape, &dimensions, out),
             err);
    return TEND_OK;
}

tend_status tend_booster_cut(tend_booster *booster, int n, tend_error *err) {
    BoosterHandle cut = NULL;
    TEND_XGB(XGBoosterSlice(booster->handle, 0, n, 1, &cut), err);
    tend_xgb.XGBoosterFree(booster->handle);
    booster->handle = cut;
    return TEND_OK;
}

tend_status tend_booster_import(tend_booster *booster, tend_link link, tend_predictor **out, tend_error *err) {
    bst_ulong size = 0;
    const char *bytes = NULL;
    TEND_XGB(XGBoosterSaveModelToBuffer(booster->handle, "{\"format\":\"ubj\"}", &size, &bytes), err);
    tend_trees *trees = NULL;
    TEND_TRY_WRAP(tend_trees_parse_ubj(bytes, size, &trees, err), err, "reading XGBoost's model");
    return tend_predictor_of_trees(trees, link, out, err);
}
