/* Walking small nodes without branches: a step loads a node and one of the row's bytes, and adds
 * their comparison to the left child's index. A leaf leads to itself. Several walks go side by
 * side, so that their loads overlap. */
#include "model/trees_plan.h"

enum { SIDE = 8, SURE = 6 };

/* Where one walk is: its tree's first node, its row's bytes, the node relative to the tree. */
typedef struct walker {
    const void *nodes;
    const uint8_t *bytes;
    uint32_t at;
} walker;

#define WALK_INLINE static inline __attribute__((always_inline))

WALK_INLINE uint32_t step_narrow(const walker *w) {
    uint32_t node = ((const uint32_t *)w->nodes)[w->at];
    return (node >> 16) + (w->bytes[node & 0xff] > (node >> 8 & 0xff));
}

WALK_INLINE uint32_t step_wide(const walker *w) {
    uint64_t node;
    memcpy(&node, (const tree_node *)w->nodes + w->at, sizeof node);
    return (uint32_t)node + (uint32_t)(w->bytes[(node >> 32) & 0xffff] > node >> 48);
}

WALK_INLINE void step_all(walker w[SIDE], bool narrow) {
    _Pragma("GCC unroll 8") for (int i = 0; i < SIDE; i++) w[i].at = narrow ? step_narrow(&w[i]) : step_wide(&w[i]);
}

WALK_INLINE uint64_t progress(const walker w[SIDE]) {
    uint64_t sum = 0;
    _Pragma("GCC unroll 8") for (int i = 0; i < SIDE; i++) sum += w[i].at;
    return sum;
}

/* At least `levels` steps, or until all stand on leaves: indices only grow, so then their sum
 * stays. */
WALK_INLINE void walk(walker w[SIDE], uint32_t levels, bool narrow) {
    uint32_t sure = levels < SURE ? levels : SURE;
    for (uint32_t i = 0; i < sure; i++)
        step_all(w, narrow);
    uint64_t before = progress(w);
    for (uint32_t i = sure; i < levels; i += 2) {
        step_all(w, narrow);
        step_all(w, narrow);
        uint64_t now = progress(w);
        if (now == before)
            break;
        before = now;
    }
}

/* The node from which a tree's links count. */
static uint32_t origin_of(const tend_tree_plan *plan, uint32_t root) { return plan->flat ? 0 : root; }

static const void *nodes_of(const tend_tree_plan *plan, uint32_t root) {
    uint32_t origin = origin_of(plan, root);
    return plan->narrow ? (const void *)(plan->narrow + origin) : (const void *)(plan->nodes + origin);
}

WALK_INLINE void walk_row(const tend_tree_plan *plan, const uint8_t *bytes, float *out, bool narrow) {
    const float *value = plan->trees->value;
    for (uint32_t i = 0; i < plan->n_trees; i += SIDE) {
        uint32_t n = plan->n_trees - i < SIDE ? plan->n_trees - i : SIDE, levels = 0;
        const tree_entry *e = &plan->entries[i];
        walker w[SIDE];
        for (uint32_t j = 0; j < SIDE; j++) {
            const tree_entry *tree = &e[j < n ? j : 0];
            w[j] = (walker){nodes_of(plan, tree->root), bytes, tree->root - origin_of(plan, tree->root)};
            levels = tree->depth > levels ? tree->depth : levels;
        }
        walk(w, levels, narrow);
        for (uint32_t j = 0; j < n; j++)
            out[e[j].group] += value[origin_of(plan, e[j].root) + w[j].at];
    }
}

/* Flat nodes: the walks share one base, so that eight of them stand in registers. */
WALK_INLINE void step_flat(const uint32_t *nodes, const uint8_t *bytes, uint32_t at[SIDE]) {
    _Pragma("GCC unroll 8") for (int i = 0; i < SIDE; i++) {
        uint32_t node = nodes[at[i]];
        at[i] = (node >> 16) + (bytes[(uint8_t)node] > (uint8_t)(node >> 8));
    }
}

__attribute__((noinline)) /* registers of its own */
static void
walk_row_flat(const tend_tree_plan *plan, const uint8_t *bytes, float *out) {
    const float *value = plan->trees->value;
    const uint32_t *nodes = plan->narrow;
    for (uint32_t i = 0; i < plan->n_trees; i += SIDE) {
        uint32_t n = plan->n_trees - i < SIDE ? plan->n_trees - i : SIDE, levels = 0, at[SIDE];
        const tree_entry *e = &plan->entries[i];
        _Pragma("GCC unroll 8") for (uint32_t j = 0; j < SIDE; j++) {
            const tree_entry *tree = &e[j < n ? j : 0];
            at[j] = tree->root;
            levels = tree->depth > levels ? tree->depth : levels;
        }
        for (uint32_t level = 0; level < levels; level++)
            step_flat(nodes, bytes, at);
        _Pragma("GCC unroll 8") for (uint32_t j = 0; j < SIDE; j++) {
            if (j < n)
                out[e[j].group] += value[at[j]];
        }
    }
}

void tend_tree_walk_row(const tend_tree_plan *plan, const uint8_t *bytes, float *out) {
    memcpy(out, plan->trees->base_margin, plan->n_groups * sizeof *out);
    if (plan->flat && !plan->any_deep)
        walk_row_flat(plan, bytes, out);
    else if (plan->narrow)
        walk_row(plan, bytes, out, true);
    else
        walk_row(plan, bytes, out, false);
}

static void walk_plain(const tend_tree_plan *plan, const tree_entry *tree, const uint8_t *numbers, tree_block *block) {
    const uint16_t *number_at = plan->kernel->number_at, *sum_at = plan->kernel->sum_at;
    float *sums = block->sums + (size_t)tree->group * TEND_TREE_ROWS;
    for (size_t r = 0; r < block->n; r++) {
        uint32_t exit = plan->exits[tree->leaves + numbers[number_at ? number_at[r] : r]];
        uint32_t leaf = tend_trees_walk(plan->trees, tree->root, exit, block->x + r * block->stride);
        sums[sum_at ? sum_at[r] : r] += plan->trees->value[tree->root + leaf];
    }
}

WALK_INLINE void walk_deep(const tend_tree_plan *plan, const tree_entry *tree, const uint8_t *numbers, tree_block *block, bool narrow) {
    const void *nodes = nodes_of(plan, tree->root);
    uint32_t origin = origin_of(plan, tree->root), first = tree->root - origin;
    const float *value = plan->trees->value + origin;
    const uint32_t *exits = plan->exits + tree->leaves;
    const uint16_t *number_at = plan->kernel->number_at, *sum_at = plan->kernel->sum_at;
    float *sums = block->sums + (size_t)tree->group * TEND_TREE_ROWS;
    for (size_t r = 0; r < block->n; r += SIDE) {
        size_t n = block->n - r < SIDE ? block->n - r : SIDE;
        walker w[SIDE];
        for (size_t j = 0; j < SIDE; j++) {
            size_t row = r + (j < n ? j : 0);
            w[j] = (walker){nodes, block->bytes + row * plan->n_bytes, first + exits[numbers[number_at ? number_at[row] : row]]};
        }
        walk(w, tree->deep, narrow);
        for (size_t j = 0; j < n; j++)
            sums[sum_at ? sum_at[r + j] : r + j] += value[w[j].at];
    }
}

void tend_tree_walk_deep(const tend_tree_plan *plan, const tree_entry *tree, const uint8_t *numbers, tree_block *block) {
    if (plan->plain)
        walk_plain(plan, tree, numbers, block);
    else if (plan->narrow)
        walk_deep(plan, tree, numbers, block, true);
    else
        walk_deep(plan, tree, numbers, block, false);
}
