#include "learn/dataset.h"

#include <math.h>
#include <stdlib.h>

static tend_status check_features(const tend_dataset *data, tend_error *err) {
    for (int64_t i = 0; i < data->n; i++)
        for (int j = 0; j < data->n_features; j++)
            if (isinf(data->x[i * data->n_features + j]))
                return tend_error_hint(err,
                                       TEND_FAIL(err, INVALID, "the feature '%s' is infinite (or beyond 3.4e38) in training row %lld",
                                                 data->outputs ? data->outputs[j].name : "?", (long long)i + 1),
                                       "give its column a range in data.expect, or a transform that tames it "
                                       "(quantile bins, log1p)");
    return TEND_OK;
}

static tend_status check_targets(const tend_dataset *data, const tend_learn_options *options, tend_error *err) {
    for (int64_t i = 0; i < data->n; i++) {
        double y = data->y[i];
        if (!isfinite(y))
            return TEND_FAIL(err, INVALID, "the target of training row %lld is not a finite number", (long long)i + 1);
        if (options->task != TEND_TASK_REGRESSION && !(y >= 0 && y < options->n_classes && y == floor(y)))
            return TEND_FAIL(err, INVALID, "the target of training row %lld is class %g, expected 0 to %d", (long long)i + 1, y,
                             options->n_classes - 1);
    }
    return TEND_OK;
}

static tend_status check_weights(const tend_dataset *data, tend_error *err) {
    double sum = 0;
    for (int64_t i = 0; data->weight && i < data->n; i++) {
        if (!(data->weight[i] >= 0 && isfinite(data->weight[i])))
            return TEND_FAIL(err, INVALID, "the weight of training row %lld is %g, expected 0 or more", (long long)i + 1, data->weight[i]);
        sum += data->weight[i];
    }
    if (data->weight && sum == 0)
        return TEND_FAIL(err, INVALID, "all training rows have weight 0");
    return TEND_OK;
}

tend_status tend_dataset_check(const tend_dataset *data, const tend_learn_options *options, tend_error *err) {
    if (data->n <= 0)
        return TEND_FAIL(err, INVALID, "there are no training rows");
    if (data->n_features < 0 || (options->task == TEND_TASK_MULTICLASS && options->n_classes < 2))
        return TEND_FAIL(err, BUG, "a training problem with %d features and %d classes", data->n_features, options->n_classes);
    if (options->valid && options->valid->n_features != data->n_features)
        return TEND_FAIL(err, BUG, "the validation rows have %d features, the training rows %d", options->valid->n_features,
                         data->n_features);
    TEND_TRY(check_features(data, err));
    TEND_TRY(check_targets(data, options, err));
    return check_weights(data, err);
}

double tend_dataset_mean(const tend_dataset *data) {
    double sum = 0, total = 0;
    for (int64_t i = 0; i < data->n; i++) {
        double w = tend_dataset_weight(data, i);
        sum += w * data->y[i];
        total += w;
    }
    return sum / total;
}

typedef struct weighted {
    double y, weight;
} weighted;

static int by_y(const void *a, const void *b) {
    const weighted *left = a, *right = b;
    return (left->y > right->y) - (left->y < right->y);
}

double tend_dataset_median(const tend_dataset *data) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    weighted *rows = TEND_ARRAY(arena, weighted, data->n);
    double total = 0, seen = 0;
    for (int64_t i = 0; i < data->n; i++) {
        rows[i] = (weighted){data->y[i], tend_dataset_weight(data, i)};
        total += rows[i].weight;
    }
    qsort(rows, (size_t)data->n, sizeof *rows, by_y);
    int64_t i = 0;
    while (i < data->n - 1 && (seen += rows[i].weight) < total / 2)
        i++;
    return rows[i].y;
}

void tend_dataset_shares(const tend_dataset *data, int n_classes, double *shares) {
    double total = 0;
    memset(shares, 0, (size_t)n_classes * sizeof *shares);
    for (int64_t i = 0; i < data->n; i++) {
        shares[(int)data->y[i]] += tend_dataset_weight(data, i);
        total += tend_dataset_weight(data, i);
    }
    for (int k = 0; k < n_classes; k++)
        shares[k] /= total;
}
