/* Our contributions against XGBoost's pred_contribs, on the same model, rows, thread and run.
 *
 *     bench_explain [CASE]      one case (bench/trees/models.h); default: all
 *
 * XGBoost's matrices are made beforehand: only its prediction is timed. Times are of the processor, since one thread works and others may
 * have the machine. Rounds are interleaved; medians and the spread of the ratio are printed. `difference` is the largest of all
 * contributions, relative to the largest contribution of its row.
 */
#include "models.h"

#include "model/explain_trees.h"

enum { ROUNDS = 7, MOST_SINGLE = 64 };

typedef struct subject {
    BoosterHandle booster;
    const tend_tree_shap *shap;
    const float *x;
    double *out;
    size_t rows, features, groups;
} subject;

static DMatrixHandle matrix_of(const subject *s, const bench_case *c, size_t row, size_t n) {
    DMatrixHandle d;
    XGB(XGDMatrixCreateFromMat(s->x + row * s->features, n, s->features, NAN, &d));
    const char *types[512];
    for (unsigned j = 0; j < c->features; j++)
        types[j] = j < c->categorical ? "c" : "q";
    if (c->categorical)
        XGB(XGDMatrixSetStrFeatureInfo(d, "feature_type", types, c->features));
    return d;
}

static const float *their_values(const subject *s, DMatrixHandle d) {
    const bst_ulong *shape;
    bst_ulong dims;
    const float *out;
    XGB(XGBoosterPredictFromDMatrix(s->booster, d,
                                    "{\"type\":2,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,\"strict_shape\":true}",
                                    &shape, &dims, &out));
    return out;
}

/* [row][group][features + 1], the base last. */
static double difference(const subject *s, const float *theirs, size_t rows) {
    double worst = 0;
    for (size_t i = 0; i < rows * s->groups; i++) {
        const double *ours = s->out + i * s->features, *base = tend_tree_shap_base(s->shap);
        const float *their = theirs + i * (s->features + 1);
        double largest = 1e-30, d = fabs(base[i % s->groups] - (double)their[s->features]);
        for (size_t j = 0; j < s->features; j++) {
            largest = fmax(largest, fabs((double)their[j]));
            d = fmax(d, fabs(ours[j] - (double)their[j]));
        }
        worst = fmax(worst, d / largest);
    }
    return worst;
}

static double spent(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double time_theirs(const subject *s, DMatrixHandle *d, size_t n, size_t batch) {
    double begin = spent();
    for (size_t i = 0; i < n; i++)
        their_values(s, d[i]);
    return (spent() - begin) / (double)(n * batch);
}

static double time_ours(const subject *s, size_t n, size_t batch, tend_arena *arena) {
    double begin = spent();
    for (size_t i = 0; i < n; i++) {
        tend_arena_clear(arena);
        tend_tree_shap_rows(s->shap, s->x + i * batch * s->features, batch, s->out, arena);
    }
    return (spent() - begin) / (double)(n * batch);
}

static void race(const subject *s, const bench_case *c, size_t n, size_t batch) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    double theirs[ROUNDS], ours[ROUNDS], ratio[ROUNDS];
    DMatrixHandle d[MOST_SINGLE];
    for (size_t i = 0; i < n; i++)
        d[i] = matrix_of(s, c, i * batch, batch);
    for (int i = 0; i < ROUNDS; i++) {
        theirs[i] = time_theirs(s, d, n, batch);
        ours[i] = time_ours(s, n, batch, arena);
        ratio[i] = theirs[i] / ours[i];
    }
    double worst = n == 1 ? difference(s, their_values(s, d[0]), batch) : 0;
    for (size_t i = 0; i < n; i++)
        XGDMatrixFree(d[i]);
    qsort(theirs, ROUNDS, sizeof *theirs, compare);
    qsort(ours, ROUNDS, sizeof *ours, compare);
    qsort(ratio, ROUNDS, sizeof *ratio, compare);
    printf("%-17s %6zu  %10.2f  %9.2f  %6.1fx  %5.1f..%-6.1f", c->name, batch, theirs[ROUNDS / 2] * 1e6, ours[ROUNDS / 2] * 1e6,
           theirs[ROUNDS / 2] / ours[ROUNDS / 2], ratio[1], ratio[ROUNDS - 2]);
    printf(n == 1 ? "  %.1e\n" : "\n", worst);
    fflush(stdout);
}

static void run_case(const bench_case *c) {
    size_t size = 0;
    void *bytes = read_model(c, &size);
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO(tend_trees) *trees = NULL;
    if (tend_trees_parse_ubj(bytes, size, &trees, &err) != TEND_OK)
        die(c->name, err.message);
    uint32_t part_of[512];
    for (uint32_t j = 0; j < c->features; j++)
        part_of[j] = j;
    double begin = now();
    TEND_AUTO(tend_tree_shap) *shap = tend_tree_shap_new(trees, part_of, c->features);
    printf("# %s: laid out in %.1f ms\n", c->name, (now() - begin) * 1e3);
    subject s = {.shap = shap, .rows = c->forest ? 40 : 200, .features = c->features, .groups = trees->n_groups};
    s.x = make_rows(c, s.rows, 2, NULL);
    s.out = malloc(s.rows * s.features * s.groups * sizeof *s.out);
    XGB(XGBoosterCreate(NULL, 0, &s.booster));
    XGB(XGBoosterLoadModelFromBuffer(s.booster, bytes, size));
    XGB(XGBoosterSetParam(s.booster, "nthread", "1"));
    race(&s, c, 1, s.rows);
    race(&s, c, c->forest ? 4 : 32, 1);
    XGBoosterFree(s.booster);
    free(s.out);
    free(bytes);
}

int main(int argc, char **argv) {
    const char *only = argc > 1 ? argv[1] : NULL;
    prepare(only);
    printf("case               batch   theirs us    ours us   ratio      spread  difference\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (is_wanted(&cases[i], only))
            run_case(&cases[i]);
    return 0;
}
