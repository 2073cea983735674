/* Our tree predictor against XGBoost's own in-place prediction, on the same model, rows, thread and
 * run.
 *
 *     bench_trees [CASE] [PATH]      one case (see `cases`), one instruction set; default: all
 *
 * Models are trained here once and kept in $TMPDIR/tend-bench-trees. XGBoost gets its fastest
 * documented mode: a reused proxy DMatrix. Rounds are interleaved (theirs, ours, theirs, ...);
 * medians and the spread of the ratio are printed. Every margin of every row is compared, as bits.
 */
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
    fprintf(stderr, "bench_trees: %s: %s\n", what, why);
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

typedef struct peer {
    BoosterHandle booster;
    DMatrixHandle proxy;
    unsigned features;
} peer;

static const float *peer_margins(peer *p, const float *x, size_t n) {
    char array[256];
    snprintf(array, sizeof array, "{\"data\":[%zu,true],\"shape\":[%zu,%u],\"typestr\":\"<f4\",\"version\":3}", (size_t)x, n, p->features);
    const bst_ulong *shape;
    bst_ulong dims;
    const float *out;
    XGB(XGBoosterPredictFromDense(p->booster, array,
                                  "{\"type\":1,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,"
                                  "\"strict_shape\":false,\"missing\":NaN,\"cache_id\":0}",
                                  p->proxy, &shape, &dims, &out));
    return out;
}

typedef struct timing {
    double theirs, ours, low, high; /* seconds per row; spread of the ratio */
} timing;

static int compare(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

enum { ROUNDS = 9 };

typedef struct subject {
    peer *p;
    const tend_tree_plan *plan;
    const float *x;
    float *out;
    size_t rows, features, groups;
} subject;

static double time_theirs(const subject *s, size_t batch, size_t rows) {
    double begin = now();
    for (size_t i = 0; i + batch <= rows; i += batch)
        peer_margins(s->p, s->x + i * s->features, batch);
    return (now() - begin) / (double)rows;
}

static double time_ours(const subject *s, size_t batch, size_t rows) {
    double begin = now();
    for (size_t i = 0; i + batch <= rows; i += batch)
        tend_tree_plan_margins(s->plan, s->x + i * s->features, batch, s->features, s->out + i * s->groups, NULL);
    return (now() - begin) / (double)rows;
}

static timing race(const subject *s, size_t batch, size_t rows) {
    double theirs[ROUNDS], ours[ROUNDS], ratio[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        theirs[i] = time_theirs(s, batch, rows / 4 >= batch ? rows / 4 / batch * batch : batch);
        ours[i] = time_ours(s, batch, rows);
        ratio[i] = theirs[i] / ours[i];
    }
    qsort(theirs, ROUNDS, sizeof *theirs, compare);
    qsort(ours, ROUNDS, sizeof *ours, compare);
    qsort(ratio, ROUNDS, sizeof *ratio, compare);
    return (timing){theirs[ROUNDS / 2], ours[ROUNDS / 2], ratio[1], ratio[ROUNDS - 2]};
}

static size_t count_different(const subject *s, size_t batch, size_t rows) {
    size_t different = 0;
    const float *all = peer_margins(s->p, s->x, rows);
    memset(s->out, 0xff, rows * s->groups * sizeof *s->out);
    for (size_t i = 0; i < rows; i += batch) {
        size_t n = rows - i < batch ? rows - i : batch;
        tend_tree_plan_margins(s->plan, s->x + i * s->features, n, s->features, s->out + i * s->groups, NULL);
    }
    for (size_t i = 0; i < rows * s->groups; i++)
        different += memcmp(&all[i], &s->out[i], sizeof *all) != 0;
    return different;
}

static void run_path(const bench_case *c, const tend_trees *trees, peer *p, tend_tree_path path, const float *x) {
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO(tend_tree_plan) *plan = NULL;
    double begin = now();
    if (tend_trees_compile(trees, path, &plan, &err) != TEND_OK)
        die(c->name, err.message);
    double compiled = now() - begin;
    subject s = {.p = p, .plan = plan, .x = x, .rows = c->rows, .features = c->features, .groups = trees->n_groups};
    s.out = malloc(c->rows * s.groups * sizeof *s.out);
    static const size_t batches[] = {0, 1, 16, 100};
    size_t different = count_different(&s, c->rows, c->rows) + count_different(&s, 1, 2000) + count_different(&s, 65, 6500);
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        size_t batch = batches[i] ? batches[i] : c->rows, rows = batches[i] ? (batch == 1 ? 4000 : 8000) : c->rows;
        timing t = race(&s, batch, rows);
        printf("%-17s %-9s %6zu  %9.3f  %9.3f  %6.1fx  %5.1f..%-6.1f  %s", c->name, tend_tree_path_name(path), batch, t.theirs * 1e6,
               t.ours * 1e6, t.theirs / t.ours, t.low, t.high, different ? "DIFFERENT" : "equal");
        if (i == 0)
            printf("  (compile %.1f ms, scratch %zu KB)", compiled * 1e3, tend_tree_plan_scratch(plan) / 1024);
        printf("\n");
        fflush(stdout);
    }
    free(s.out);
}

static void time_load(const tend_trees *trees) {
    TEND_AUTO_BUF buf = TEND_BUF_INIT;
    tend_trees_save(trees, &buf);
    void *aligned = aligned_alloc(64, (buf.size + 63) / 64 * 64);
    memcpy(aligned, buf.data, buf.size);
    double best = 1e9;
    for (int i = 0; i < 5; i++) {
        tend_trees *loaded = NULL;
        double begin = now();
        if (tend_trees_load(aligned, buf.size, &loaded, NULL) != TEND_OK)
            die("load", "failed");
        double t = now() - begin;
        best = t < best ? t : best;
        tend_trees_free(loaded);
    }
    printf("# %u trees, %u nodes, %u sets: stored %.2f MB, load %.3f ms\n", trees->n_trees, trees->n_nodes, trees->n_sets,
           (double)buf.size / 1e6, best * 1e3);
    free(aligned);
}

static void run_case(const bench_case *c, const char *only) {
    size_t size = 0;
    void *bytes = read_model(c, &size);
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO(tend_trees) *trees = NULL;
    if (tend_trees_parse_ubj(bytes, size, &trees, &err) != TEND_OK)
        die(c->name, err.message);
    time_load(trees);
    peer p = {.features = c->features};
    XGB(XGBoosterCreate(NULL, 0, &p.booster));
    XGB(XGBoosterLoadModelFromBuffer(p.booster, bytes, size));
    XGB(XGBoosterSetParam(p.booster, "nthread", "1"));
    XGB(XGProxyDMatrixCreate(&p.proxy));
    float *x = make_rows(c, c->rows, 2, NULL);
    for (int path = TEND_TREE_PATH_PORTABLE; path < TEND_TREE_PATHS; path++)
        if (tend_tree_path_available((tend_tree_path)path) && (!only || strcmp(only, tend_tree_path_name((tend_tree_path)path)) == 0))
            run_path(c, trees, &p, (tend_tree_path)path, x);
    free(x);
    free(bytes);
    XGDMatrixFree(p.proxy);
    XGBoosterFree(p.booster);
}

int main(int argc, char **argv) {
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
        if (argc > 1 && strcmp(argv[1], "all") != 0 && strcmp(argv[1], cases[i].name) != 0)
            continue;
        size_t size;
        free(read_model(&cases[i], &size)); /* trained before we pin ourselves */
    }
    sched_setaffinity(0, sizeof one, &one);
    printf("case              path       batch  theirs us    ours us   ratio      spread  margins\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (argc <= 1 || strcmp(argv[1], "all") == 0 || strcmp(argv[1], cases[i].name) == 0)
            run_case(&cases[i], argc > 2 ? argv[2] : NULL);
    return 0;
}
