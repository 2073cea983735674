/* Where the model is worst: slices by how far behind the whole they are for sure. */
#include "learn/evaluate_parts.h"
#include "stats/special.h"

#include <math.h>
#include <stdlib.h>

enum { WORST_MAX = 10 };

typedef struct candidate {
    const tend_node *slice;
    tend_estimate estimate;
    double gap;      /* how much worse than all rows, > 0 */
    double sure_gap; /* at the end of the interval that is nearer to all rows */
    double z;        /* gap in standard errors */
    size_t position;
} candidate;

static int compare_candidates(const void *a, const void *b) {
    const candidate *x = a, *y = b;
    if (x->sure_gap != y->sure_gap)
        return x->sure_gap < y->sure_gap ? 1 : -1;
    return (x->position > y->position) - (x->position < y->position);
}

/* False when the slice has no interval or the overall value is undefined. */
static bool assess(const tend_evaluation *e, const tend_node *slice, candidate *out) {
    const tend_node *node = tend_node_get(tend_node_get(slice, "metrics"), e->main->name);
    tend_estimate s = {tend_node_double(tend_node_get(node, "value"), (double)NAN),
                       tend_node_double(tend_node_get(node, "low"), (double)NAN),
                       tend_node_double(tend_node_get(node, "high"), (double)NAN)};
    double sign = e->main->greater_is_better ? 1 : -1;
    *out = (candidate){
        .slice = slice,
        .estimate = s,
        .gap = sign * (e->overall.value - s.value),
        .sure_gap = sign * (e->overall.value - (sign > 0 ? s.high : s.low)),
    };
    /* A 95 % interval is 2 x 1.96 standard errors wide. */
    out->z = out->gap / ((s.high - s.low) / (2 * 1.959963984540054));
    return !isnan(out->gap) && !isnan(out->sure_gap);
}

static tend_node *candidate_to_node(const tend_evaluation *e, const candidate *c, double least_z) {
    tend_arena *arena = e->arena;
    tend_node *node = tend_node_new_map(arena);
    tend_node_set(arena, node, "by", tend_node_copy(arena, tend_node_get(c->slice, "by")));
    tend_node_set_int(arena, node, "n", tend_node_int(tend_node_get(c->slice, "n"), 0));
    tend_node_set_string(arena, node, "metric", e->main->name);
    tend_node_set_double(arena, node, "value", c->estimate.value);
    tend_node_set_double(arena, node, "low", c->estimate.low);
    tend_node_set_double(arena, node, "high", c->estimate.high);
    tend_node_set_double(arena, node, "overall", e->overall.value);
    tend_node_set_double(arena, node, "gap", c->gap);
    tend_node_set_bool(arena, node, "significant", c->z > least_z);
    return node;
}

tend_node *tend_worst_slices(const tend_evaluation *e, const tend_node *slices) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    candidate *worse = TEND_ARRAY(scratch, candidate, slices->count);
    size_t n_seen = 0, n_worse = 0;
    TEND_NODE_EACH(slice, slices) {
        candidate c;
        if (!assess(e, slice, &c))
            continue;
        c.position = n_seen++;
        if (c.gap > 0)
            worse[n_worse++] = c;
    }
    qsort(worse, n_worse, sizeof *worse, compare_candidates);
    double least_z = n_seen ? tend_normal_quantile(1 - 0.05 / (double)n_seen) : 0;
    tend_node *list = tend_node_new_list(e->arena);
    for (size_t i = 0; i < n_worse && i < WORST_MAX; i++)
        tend_node_push(list, candidate_to_node(e, &worse[i], least_z));
    return list;
}
