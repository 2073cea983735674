/* The kernel in plain C: vectors of 16 bytes where the machine has them, whatever it is. */
#include "model/trees_plan.h"

#define TREE_VECTOR 16
#define TREE_INLINE static inline __attribute__((always_inline))
#define TREE_FN     static
#include "model/trees_kernel.inc.h"

/* Eight planes of bits to a byte for each row. */
static void planes_to_numbers(const uint8_t *planes, unsigned levels, size_t n, uint8_t *numbers) {
    for (size_t i = 0; i < n; i += 8) {
        uint64_t m = 0;
        for (unsigned p = 0; p < levels; p++)
            m |= (uint64_t)planes[p * TEND_TREE_MASK + i / 8] << (8 * p);
        m = tend_tree_transpose8(m);
        memcpy(numbers + i, &m, sizeof m);
    }
}

static void sum_chunk(const tend_tree_plan *plan, const tree_chunk *chunk, tree_block *block) {
    _Alignas(64) uint8_t planes[TEND_TREE_PLANES * TEND_TREE_MASK];
    size_t used = used_bytes(block->n);
    for (uint32_t i = chunk->first_tree; i < chunk->first_tree + chunk->n_trees; i++) {
        const tree_entry *e = &plan->entries[i];
        tree_planes(plan, e, block, used, planes);
        planes_to_numbers(planes, e->levels, block->n, block->numbers);
        if (e->deep) {
            tend_tree_walk_deep(plan, e, block->numbers, block);
            continue;
        }
        const float *leaves = plan->leaves + e->leaves;
        float *sums = block->sums + (size_t)e->group * TEND_TREE_ROWS;
        for (size_t r = 0; r < block->n; r++)
            sums[r] += leaves[block->numbers[r]];
    }
}

static void sum_row(const tend_tree_plan *plan, const float *x, uint8_t *bytes, float *out) {
    tend_tree_row_bytes(plan, x, bytes);
    tend_tree_walk_row(plan, bytes, out);
}

const tree_kernel tend_tree_kernel_portable = {
    .bin = tend_tree_bin_block, .masks = make_masks, .sum = sum_chunk, .row = sum_row, .few = 24};
