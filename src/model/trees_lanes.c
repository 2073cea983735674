/* Laying an ensemble out for trees_lanes.h. */
#include "model/trees_lanes.h"

typedef struct lane_filler {
    tree_compiler *c;
    uint32_t levels, root, lane;
    uint8_t *places;
    float *leaves;
} lane_filler;

/* The splits of a subtree of `levels` levels stand left side, right side, itself. */
static void fill(lane_filler *f, uint32_t node, uint32_t levels, uint8_t *places, uint32_t path) {
    const tend_trees *t = f->c->trees;
    if (levels == 0) {
        f->leaves[f->lane << f->levels | path] = t->value[node];
        return;
    }
    size_t side = ((size_t)1 << (levels - 1)) - 1;
    bool split = t->feature[node] >= 0;
    uint32_t left = split ? f->root + t->left[node] : node;
    fill(f, left, levels - 1, places, path << 1);
    fill(f, left + split, levels - 1, places + side * 2 * TEND_TREE_LANES, path << 1 | 1);
    uint8_t *place = places + 2 * side * 2 * TEND_TREE_LANES;
    uint32_t narrow = f->c->plan->narrow[node];
    place[f->lane] = split ? (uint8_t)narrow : 0;
    place[TEND_TREE_LANES + f->lane] = split ? (uint8_t)(narrow >> 8) : 255;
}

static void fill_batch(tree_compiler *c, const tree_entry *entries, uint32_t n, tree_lane_batch *out) {
    lane_filler f = {.c = c};
    for (uint32_t i = 0; i < n; i++)
        f.levels = entries[i].depth > f.levels ? entries[i].depth : f.levels;
    size_t places = ((size_t)1 << f.levels) - 1, leaves = (size_t)TEND_TREE_LANES << f.levels;
    f.places = tend_arena_alloc_aligned(c->plan->arena, places * 2 * TEND_TREE_LANES, 64);
    f.leaves = tend_arena_alloc_aligned(c->plan->arena, leaves * sizeof(float), 64);
    for (size_t i = 0; i < leaves; i++)
        f.leaves[i] = -0.0F;
    for (f.lane = 0; f.lane < n; f.lane++) {
        f.root = entries[f.lane].root;
        fill(&f, f.root, f.levels, f.places, 0);
    }
    *out = (tree_lane_batch){.group = entries->group, .levels = f.levels, .places = f.places, .leaves = f.leaves};
}

void tend_tree_compile_lanes(tree_compiler *c) {
    tend_tree_plan *plan = c->plan;
    if (!plan->narrow || plan->n_bytes > TREE_LANE_BYTES)
        return;
    for (uint32_t i = 0; i < plan->n_trees; i++)
        if (plan->entries[i].depth > TEND_TREE_TOP)
            return;
    tree_lanes *lanes = TEND_NEW(plan->arena, tree_lanes);
    lanes->batches = TEND_ARRAY(plan->arena, tree_lane_batch, plan->n_trees);
    for (uint32_t i = 0, n; i < plan->n_trees; i += n) {
        const tree_entry *e = plan->entries + i;
        for (n = 1; i + n < plan->n_trees && n < TEND_TREE_LANES && e[n].group == e->group;)
            n++;
        fill_batch(c, e, n, &lanes->batches[lanes->n_batches++]);
    }
    plan->lanes = lanes;
}
