/* The models and rows of the benches against XGBoost: trained here once and kept in $TMPDIR/tend-bench-trees. */
#ifndef TEND_BENCH_MODELS_H
#define TEND_BENCH_MODELS_H

#include "model/trees.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <xgboost/c_api.h>

#define XGB(call)                              \
    do {                                       \
        if ((call) != 0)                       \
            die("xgboost", XGBGetLastError()); \
    } while (0)

typedef struct bench_case {
    const char *name;
    unsigned trees, depth, features, categorical, classes; /* classes: 0 regression, 1 binary */
    unsigned train_rows, rows;
    unsigned leaves; /* grow leaf by leaf up to this many; 0: level by level */
    bool forest;
} bench_case;

static const bench_case cases[] = {
    {"500x6", 500, 6, 28, 0, 1, 60000, 64000, 0, false},        {"100x6", 100, 6, 28, 0, 1, 60000, 64000, 0, false},
    {"1000x31", 1000, 0, 15, 0, 0, 60000, 32000, 31, false},    {"100x31", 100, 0, 5, 0, 0, 60000, 64000, 31, false},
    {"300x8", 300, 8, 28, 0, 1, 60000, 32000, 0, false},        {"forest200x15", 200, 15, 28, 0, 0, 100000, 16000, 0, true},
    {"multi10x50x6", 50, 6, 28, 0, 10, 30000, 32000, 0, false}, {"categorical200x6", 200, 6, 12, 6, 1, 60000, 32000, 0, false},
    {"wide100x4", 100, 4, 400, 0, 1, 8000, 8000, 0, false},
};

static const char *folder;

static void die(const char *what, const char *why) {
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

static uint64_t state;
static double uniform(void) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(state >> 11) / 9007199254740992.0;
}

static float *make_rows(const bench_case *c, size_t n, uint64_t seed, float *labels) {
    float *x = malloc(n * c->features * sizeof *x);
    state = seed;
    for (size_t i = 0; i < n; i++) {
        double z = 0;
        for (unsigned j = 0; j < c->features; j++) {
            bool category = j < c->categorical;
            double v = category ? floor(uniform() * (5 + 11 * j)) : uniform() + uniform() + uniform() - 1.5;
            bool missing = uniform() < 0.05;
            x[i * c->features + j] = missing ? NAN : (float)v;
            if (!missing && j < 28)
                z += category ? sin(7 * v) / 2 : j % 3 == 0 ? v : j % 3 == 1 ? v * v - 0.2 : sin(5 * v) * 0.4;
        }
        z += (uniform() - 0.5) * 2;
        if (labels)
            labels[i] = c->classes == 0 ? (float)z : c->classes == 1 ? (float)(z > 1) : (float)((int)fabs(3 * z) % (int)c->classes);
    }
    return x;
}

static void set(BoosterHandle b, const char *key, double v) {
    char text[64];
    snprintf(text, sizeof text, "%g", v);
    XGB(XGBoosterSetParam(b, key, text));
}

static void configure(BoosterHandle b, const bench_case *c) {
    XGB(XGBoosterSetParam(b, "tree_method", "hist"));
    XGB(XGBoosterSetParam(b, "objective", c->classes == 0 ? "reg:squarederror" : c->classes == 1 ? "binary:logistic" : "multi:softprob"));
    if (c->classes > 1)
        set(b, "num_class", c->classes);
    set(b, "max_depth", c->depth);
    set(b, "nthread", 2);
    if (c->leaves) {
        XGB(XGBoosterSetParam(b, "grow_policy", "lossguide"));
        set(b, "max_leaves", c->leaves);
    }
    if (c->forest) {
        set(b, "num_parallel_tree", c->trees);
        set(b, "subsample", 0.63);
        set(b, "colsample_bynode", 0.4);
        set(b, "eta", 1);
    } else {
        set(b, "eta", 0.1);
    }
}

static void train(const bench_case *c, const char *path) {
    float *y = malloc(c->train_rows * sizeof *y), *x = make_rows(c, c->train_rows, 1, y);
    DMatrixHandle d;
    BoosterHandle b;
    XGB(XGDMatrixCreateFromMat(x, c->train_rows, c->features, NAN, &d));
    XGB(XGDMatrixSetFloatInfo(d, "label", y, c->train_rows));
    if (c->categorical) {
        const char *types[512];
        for (unsigned j = 0; j < c->features; j++)
            types[j] = j < c->categorical ? "c" : "q";
        XGB(XGDMatrixSetStrFeatureInfo(d, "feature_type", types, c->features));
    }
    XGB(XGBoosterCreate(&d, 1, &b));
    configure(b, c);
    for (int i = 0; i < (c->forest ? 1 : (int)c->trees); i++)
        XGB(XGBoosterUpdateOneIter(b, i, d));
    bst_ulong size;
    const char *bytes;
    XGB(XGBoosterSaveModelToBuffer(b, "{\"format\":\"ubj\"}", &size, &bytes));
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes, 1, size, f) != size || fclose(f) != 0)
        die(path, "cannot be written");
    XGBoosterFree(b);
    XGDMatrixFree(d);
    free(x);
    free(y);
}

static void *read_model(const bench_case *c, size_t *size) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s.ubj", folder, c->name);
    FILE *f = fopen(path, "rb");
    if (!f) {
        fprintf(stderr, "training %s ...\n", c->name);
        train(c, path);
        f = fopen(path, "rb");
    }
    if (!f)
        die(path, "cannot be read");
    fseek(f, 0, SEEK_END);
    *size = (size_t)ftell(f);
    rewind(f);
    void *bytes = malloc(*size);
    if (fread(bytes, 1, *size, f) != *size)
        die(path, "cannot be read");
    fclose(f);
    return bytes;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int compare(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool is_wanted(const bench_case *c, const char *only) { return !only || strcmp(only, "all") == 0 || strcmp(only, c->name) == 0; }

/* Trains what is not there yet, then keeps to one CPU. `only`: one case, or NULL. */
static void prepare(const char *only) {
    static char path[256];
    const char *tmp = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/tend-bench-trees", tmp ? tmp : "/tmp");
    mkdir(path, 0777);
    folder = path;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(1, &one);
    setenv("OMP_NUM_THREADS", "2", 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size;
        if (is_wanted(&cases[i], only))
            free(read_model(&cases[i], &size));
    }
    sched_setaffinity(0, sizeof one, &one);
}

#endif
