/* Permutation importance: what the metric loses when one feature says nothing any more. */
#include "base/rng.h"
#include "base/thread.h"
#include "learn/evaluate.h"

#include <math.h>
#include <stdlib.h>

enum { SAMPLE_MAX = 5000, DEFAULT_REPEATS = 3, CHUNK = 256 };

/* The matrix columns that one feature made; they are shuffled together, so that what a one-hot row
 * says stays possible. */
typedef struct group {
    const char *feature;
    int *columns;
    int n_columns;
} group;

typedef struct job {
    const tend_model *model;
    const tend_metric *metric;
    const float *x; /* the sample */
    const double *y;
    int64_t n;
    int width, repeats;
    uint64_t seed;
    group *groups;
    int n_groups;
    double whole;   /* the metric as it is */
    double *losses; /* [n_groups][repeats] */
} job;

typedef struct ranked {
    const char *feature;
    double mean, low, high;
    int position;
} ranked;

static int find_groups(const tend_output *outputs, int width, tend_arena *arena, group **out) {
    group *groups = TEND_ARRAY(arena, group, width);
    int n = 0;
    for (int c = 0; c < width; c++) {
        int g = 0;
        while (g < n && strcmp(groups[g].feature, outputs[c].source) != 0)
            g++;
        if (g == n)
            groups[n++] = (group){.feature = outputs[c].source, .columns = TEND_ARRAY(arena, int, width - c)};
        groups[g].columns[groups[g].n_columns++] = c;
    }
    *out = groups;
    return n;
}

/* Rows [begin, begin + n) with the group's columns taken from other rows. */
static void fill_chunk(const job *j, const group *g, const int64_t *from, int64_t begin, int64_t n, float *out) {
    memcpy(out, j->x + begin * j->width, sizeof *out * (size_t)n * (size_t)j->width);
    for (int64_t i = 0; g && i < n; i++)
        for (int c = 0; c < g->n_columns; c++)
            out[i * j->width + g->columns[c]] = j->x[from[begin + i] * j->width + g->columns[c]];
}

static int32_t decide(const job *j, const double *scores) {
    if (j->model->task == TEND_TASK_BINARY)
        return scores[0] >= j->model->threshold;
    int32_t best = 0;
    for (int32_t k = 1; k < j->model->n_classes; k++)
        best = scores[k] > scores[best] ? k : best;
    return best;
}

/* The metric with the group's columns from the rows `from`; `g` NULL: as they are. */
static double metric_with(const job *j, const group *g, const int64_t *from) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    int k = j->model->predictor->n_groups;
    double *scores = TEND_ARRAY(arena, double, j->n *k);
    float *chunk = TEND_ARRAY(arena, float, CHUNK * j->width), *margins = TEND_ARRAY(arena, float, CHUNK *k);
    for (int64_t begin = 0; begin < j->n; begin += CHUNK) {
        int64_t n = j->n - begin < CHUNK ? j->n - begin : CHUNK;
        fill_chunk(j, g, from, begin, n, chunk);
        tend_predictor_margins(j->model->predictor, chunk, n, margins);
        tend_predictor_scores(j->model->predictor, margins, n, scores + begin * k);
    }
    tend_scored scored = {.n = j->n, .y = j->y, .score = scores, .scores = scores};
    if (j->model->task != TEND_TASK_REGRESSION) {
        int32_t *decided = TEND_ARRAY(arena, int32_t, j->n);
        for (int64_t i = 0; i < j->n; i++)
            decided[i] = decide(j, scores + i * k);
        scored.decided = decided;
        scored.n_classes = j->model->n_classes;
    }
    return j->metric->compute(&scored);
}

/* A stream per feature name and repeat: a further feature changes no other's importance. */
static void importance_task(void *ctx, size_t task) {
    job *j = ctx;
    if (tend_cancel_requested())
        return;
    const group *g = &j->groups[task / (size_t)j->repeats];
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    int64_t *from = TEND_ARRAY(arena, int64_t, j->n);
    for (int64_t i = 0; i < j->n; i++)
        from[i] = i;
    tend_rng rng;
    tend_rng_init(&rng, j->seed, tend_arena_printf(arena, "importance %zu %s", task % (size_t)j->repeats, g->feature));
    tend_rng_shuffle(&rng, from, (size_t)j->n);
    double value = metric_with(j, g, from);
    j->losses[task] = j->metric->greater_is_better ? j->whole - value : value - j->whole;
}

/* A sample without replacement, in row order. */
static void take_sample(job *j, const float *x, const double *y, int64_t n, tend_arena *arena) {
    j->n = n < SAMPLE_MAX ? n : SAMPLE_MAX;
    float *some_x = TEND_ARRAY(arena, float, tend_mul_or_die((size_t)j->n, (size_t)j->width));
    double *some_y = TEND_ARRAY(arena, double, j->n);
    tend_rng rng;
    tend_rng_init(&rng, j->seed, "importance rows");
    int64_t taken = 0;
    for (int64_t i = 0; i < n && taken < j->n; i++) {
        if (tend_rng_below(&rng, (uint64_t)(n - i)) >= (uint64_t)(j->n - taken))
            continue;
        memcpy(some_x + taken * j->width, x + i * j->width, sizeof *x * (size_t)j->width);
        some_y[taken++] = y[i];
    }
    j->x = some_x;
    j->y = some_y;
}

static int compare_ranked(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->mean != y->mean)
        return x->mean < y->mean ? 1 : -1;
    return x->position - y->position;
}

static ranked summarise(const job *j, int g) {
    const double *losses = j->losses + (size_t)g * (size_t)j->repeats;
    ranked r = {.feature = j->groups[g].feature, .low = losses[0], .high = losses[0], .position = g};
    for (int i = 0; i < j->repeats; i++) {
        r.mean += losses[i] / j->repeats;
        r.low = fmin(r.low, losses[i]);
        r.high = fmax(r.high, losses[i]);
    }
    return r;
}

static tend_node *to_node(const job *j, tend_arena *arena, tend_arena *scratch) {
    ranked *all = TEND_ARRAY(scratch, ranked, j->n_groups);
    for (int g = 0; g < j->n_groups; g++)
        all[g] = summarise(j, g);
    qsort(all, (size_t)j->n_groups, sizeof *all, compare_ranked);
    tend_node *list = tend_node_new_list(arena);
    for (int g = 0; g < j->n_groups; g++) {
        tend_node *node = tend_node_push(list, tend_node_new_map(arena));
        tend_node_set_string(arena, node, "feature", all[g].feature);
        tend_node_set_double(arena, node, "importance", all[g].mean);
        tend_node_set_double(arena, node, "low", all[g].low);
        tend_node_set_double(arena, node, "high", all[g].high);
    }
    return list;
}

tend_status tend_importance(const tend_model *model, const float *x, const double *y, int64_t n, const tend_metric *metric, int repeats,
                            uint64_t seed, tend_arena *arena, tend_node **out, tend_error *err) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    job j = {.model = model,
             .metric = metric,
             .width = tend_pipeline_width(model->pipeline),
             .repeats = repeats > 0 ? repeats : DEFAULT_REPEATS,
             .seed = seed};
    take_sample(&j, x, y, n, scratch);
    j.whole = metric_with(&j, NULL, NULL);
    if (isnan(j.whole))
        return TEND_FAIL(err, INVALID, "no importance can be taken: %s is undefined on the %lld rows (%s)", metric->name, (long long)j.n,
                         metric->help);
    j.n_groups = find_groups(tend_pipeline_outputs(model->pipeline), j.width, scratch, &j.groups);
    size_t n_tasks = (size_t)j.n_groups * (size_t)j.repeats;
    j.losses = TEND_ARRAY(scratch, double, n_tasks);
    tend_parallel_for(n_tasks, 0, importance_task, &j);
    if (tend_cancel_requested())
        return TEND_FAIL(err, CANCELLED, "stopped while taking importance");
    *out = to_node(&j, arena, scratch);
    return TEND_OK;
}
