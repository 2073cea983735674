/* The predict call: rows one by one or in blocks of 512, and the working memory for it. */
#include "model/trees_plan.h"

#include <stdatomic.h>
#include <stdlib.h>

static size_t take(size_t *at, size_t size) {
    size_t begin = *at;
    *at = (begin + size + 63) / 64 * 64;
    return begin;
}

/* Carves a block's arrays from `memory`; returns the size they take. With NULL it only measures. */
static size_t carve(const tend_tree_plan *plan, uint8_t *memory, tree_block *out) {
    size_t at = 0;
    size_t masks = take(&at, (size_t)plan->max_masks * TEND_TREE_MASK);
    size_t sums = take(&at, (size_t)plan->n_groups * TEND_TREE_ROWS * sizeof(float));
    size_t planes = take(&at, (size_t)plan->n_numeric * TEND_TREE_PLANES * TEND_TREE_MASK);
    size_t missing = take(&at, (size_t)plan->n_numeric * TEND_TREE_MASK);
    size_t categories = take(&at, (size_t)plan->n_category_masks * TEND_TREE_MASK);
    size_t bytes = take(&at, (plan->any_deep ? (size_t)TEND_TREE_ROWS : 1) * plan->n_bytes + 256);
    size_t slots = take(&at, (size_t)TREE_SLOTS * TEND_TREE_MASK);
    size_t numbers = take(&at, (size_t)4 * TEND_TREE_ROWS);
    size_t tile = take(&at, (size_t)TEND_TREE_ROWS * 16 * sizeof(float));
    if (memory)
        *out = (tree_block){.masks = memory + masks,
                            .sums = (float *)(void *)(memory + sums),
                            .planes = (uint64_t *)(void *)(memory + planes),
                            .missing = (uint64_t *)(void *)(memory + missing),
                            .categories = memory + categories,
                            .bytes = memory + bytes,
                            .slots = memory + slots,
                            .numbers = memory + numbers,
                            .tile = (float *)(void *)(memory + tile)};
    return at;
}

size_t tend_tree_block_size(const tend_tree_plan *plan) { return plan->kernel ? carve(plan, NULL, NULL) + 64 : 0; }

size_t tend_tree_plan_scratch(const tend_tree_plan *plan) { return plan->scratch_size; }

static void block_sums(const tend_tree_plan *plan, tree_block *block, float *out) {
    const tree_kernel *kernel = plan->kernel;
    uint32_t groups = plan->n_groups;
    for (uint32_t g = 0; g < groups; g++)
        for (size_t r = 0; r < TEND_TREE_ROWS; r++)
            block->sums[g * (size_t)TEND_TREE_ROWS + r] = plan->trees->base_margin[g];
    kernel->bin(plan, block);
    tend_tree_bin_categories(plan, block);
    for (uint32_t i = 0; i < plan->n_chunks; i++) {
        kernel->masks(plan, &plan->chunks[i], block);
        kernel->sum(plan, &plan->chunks[i], block);
    }
    for (size_t r = 0; r < block->n; r++) {
        size_t at = kernel->sum_at ? kernel->sum_at[r] : r;
        for (uint32_t g = 0; g < groups; g++)
            out[r * groups + g] = block->sums[g * (size_t)TEND_TREE_ROWS + at];
    }
}

static void predict(const tend_tree_plan *plan, const float *x, size_t n, size_t stride, float *out, uint8_t *scratch) {
    tree_block block;
    carve(plan, scratch, &block);
    block.stride = stride;
    if (n <= plan->kernel->few && plan->plain) {
        tend_trees_margins(plan->trees, x, n, stride, out);
        return;
    }
    if (n <= plan->kernel->few) {
        for (size_t i = 0; i < n; i++)
            plan->kernel->row(plan, x + i * stride, block.bytes, out + i * plan->n_groups);
        return;
    }
    for (size_t i = 0; i < n; i += TEND_TREE_ROWS) {
        block.x = x + i * stride;
        block.n = n - i < TEND_TREE_ROWS ? n - i : TEND_TREE_ROWS;
        block_sums(plan, &block, out + i * plan->n_groups);
    }
}

/* A scratch that nobody uses, from the plan's few or fresh. */
static void *borrow(const tend_tree_plan *plan) {
    tend_tree_plan *p = (tend_tree_plan *)(uintptr_t)plan;
    for (size_t i = 0; i < sizeof p->lent / sizeof *p->lent; i++) {
        void *found = atomic_exchange_explicit(&p->lent[i], NULL, memory_order_acquire);
        if (found)
            return found;
    }
    return tend_malloc(plan->scratch_size);
}

static void give_back(const tend_tree_plan *plan, void *scratch) {
    tend_tree_plan *p = (tend_tree_plan *)(uintptr_t)plan;
    for (size_t i = 0; i < sizeof p->lent / sizeof *p->lent; i++) {
        void *nothing = NULL;
        if (atomic_compare_exchange_strong_explicit(&p->lent[i], &nothing, scratch, memory_order_release, memory_order_relaxed))
            return;
    }
    free(scratch);
}

void tend_tree_plan_margins(const tend_tree_plan *plan, const float *x, size_t n, size_t stride, float *out, void *scratch) {
    if (!plan->kernel) {
        tend_trees_margins(plan->trees, x, n, stride, out);
        return;
    }
    void *own = scratch ? NULL : borrow(plan);
    uint8_t *memory = scratch ? scratch : own;
    predict(plan, x, n, stride, out, memory + (64 - (uintptr_t)memory % 64) % 64);
    if (own)
        give_back(plan, own);
}
