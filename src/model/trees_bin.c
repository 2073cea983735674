/* Values to bins, and bins to bit planes: the portable way, which every kernel may fall back on. */
#include "model/trees_plan.h"

#include <math.h>

/* Counts the cuts <= x without a branch on the data. Cuts are padded with NaN, which no x reaches.
 */
static uint32_t bin_numeric(const float *cuts, uint32_t planes, float x) {
    uint32_t bin = 0;
    for (uint32_t step = 1U << (planes - 1); step > 0; step >>= 1)
        bin += step & -(uint32_t)(cuts[bin + step - 1] <= x);
    return bin;
}

uint32_t tend_tree_bin(const tend_tree_plan *plan, const tree_column *column, float x) {
    if (column->set != UINT32_MAX)
        return tend_trees_in_set(plan->trees, column->set, x);
    return bin_numeric(plan->cuts + column->cuts, column->planes, x);
}

void tend_tree_row_bytes(const tend_tree_plan *plan, const float *x, uint8_t *bytes) {
    for (uint32_t i = 0; i < plan->n_columns; i++) {
        const tree_column *column = &plan->columns[i];
        float v = x[column->feature];
        tend_tree_put_bytes(column, tend_tree_bin(plan, column, v), isnan(v), bytes);
    }
}

void tend_tree_column_bytes(const tend_tree_plan *plan, uint32_t column, const uint8_t *bins, uint64_t missing, size_t rows,
                            uint8_t *bytes) {
    for (size_t r = 0; r < rows; r++)
        tend_tree_put_bytes(&plan->columns[column], bins[r], missing >> r & 1, bytes + r * plan->n_bytes);
}

void tend_tree_column_planes(const tend_tree_plan *plan, uint32_t column, const uint8_t bins[TEND_TREE_ROWS], tree_block *block) {
    const tree_column *c = &plan->columns[column];
    uint8_t *planes = (uint8_t *)(block->planes + (size_t)column * TEND_TREE_PLANES * 8);
    for (size_t i = 0; i < TEND_TREE_MASK; i++) {
        uint64_t m;
        memcpy(&m, bins + 8 * i, sizeof m);
        m = tend_tree_transpose8(m);
        for (size_t p = 0; p < c->planes; p++)
            planes[p * TEND_TREE_MASK + i] = (uint8_t)(m >> (8 * p));
    }
    for (size_t r = 0; plan->any_deep && r < block->n; r += 64)
        tend_tree_column_bytes(plan, column, bins + r, block->missing[(size_t)column * 8 + r / 64], block->n - r < 64 ? block->n - r : 64,
                               block->bytes + r * plan->n_bytes);
}

void tend_tree_bin_block(const tend_tree_plan *plan, tree_block *block) {
    uint8_t bins[TEND_TREE_ROWS] = {0};
    for (uint32_t i = 0; i < plan->n_numeric; i++) {
        const tree_column *column = &plan->columns[i];
        const float *at = block->x + column->feature;
        uint64_t *missing = block->missing + (size_t)i * 8;
        memset(missing, 0, TEND_TREE_MASK);
        for (size_t r = 0; r < block->n; r++) {
            float v = at[r * block->stride];
            bins[r] = (uint8_t)tend_tree_bin(plan, column, v);
            missing[r / 64] |= (uint64_t)isnan(v) << (r % 64);
        }
        tend_tree_column_planes(plan, i, bins, block);
    }
}
