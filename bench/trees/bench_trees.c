/* Our tree predictor against XGBoost's own in-place prediction, on the same model, rows, thread and
 * run.
 *
 *     bench_trees [CASE] [PATH]      one case (see `cases`), one instruction set; default: all
 *
 * XGBoost gets its fastest
 * documented mode: a reused proxy DMatrix. Rounds are interleaved (theirs, ours, theirs, ...);
 * medians and the spread of the ratio are printed. Every margin of every row is compared, as bits.
 */
#include "models.h"

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
    const char *only = argc > 1 ? argv[1] : NULL;
    prepare(only);
    printf("case              path       batch  theirs us    ours us   ratio      spread  margins\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (is_wanted(&cases[i], only))
            run_case(&cases[i], argc > 2 ? argv[2] : NULL);
    return 0;
}
