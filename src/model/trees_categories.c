/* Categorical splits of a block: one mask per category of a feature, and a set's mask is the union
 * of its members'. */
#include "model/trees_compile.h"

#include <math.h>
#include <stdlib.h>

enum {
    MOST_CATEGORIES = 4096, /* of a feature; beyond, each row's category is looked up in each set */
    MOST_MASKS = 1 << 15,   /* of all features */
    MOST_BYTES = 48,        /* sets that are worth a byte of each row */
};

static uint32_t highest_category(const tend_trees *t, uint32_t set) {
    for (uint32_t word = t->set_begin[set + 1]; word-- > t->set_begin[set];)
        if (t->set_words[word])
            return 32 * (word - t->set_begin[set]) + 31 - (uint32_t)__builtin_clz(t->set_words[word]);
    return 0;
}

static bool has(const tend_trees *t, uint32_t set, uint32_t category) {
    uint32_t word = category / 32;
    return word < t->set_begin[set + 1] - t->set_begin[set] && (t->set_words[t->set_begin[set] + word] >> (category % 32) & 1);
}

/* The members, or those that are not when they are fewer. */
static void list_members(tree_compiler *c, tree_set *set, uint32_t n_categories) {
    uint32_t n = 0, kept = 0;
    for (uint32_t i = 0; i < n_categories; i++)
        n += has(c->trees, set->set, i);
    set->inverted = n > n_categories - n;
    set->n_members = set->inverted ? n_categories - n : n;
    uint16_t *members = TEND_ARRAY(c->plan->arena, uint16_t, set->n_members);
    for (uint32_t i = 0; i < n_categories; i++)
        if (has(c->trees, set->set, i) != set->inverted)
            members[kept++] = (uint16_t)i;
    set->members = members;
}

void tend_tree_compile_categories(tree_compiler *c) {
    tend_tree_plan *plan = c->plan;
    uint32_t n = plan->n_columns - plan->n_numeric;
    const tree_column *columns = plan->columns + plan->n_numeric;
    plan->sets = TEND_ARRAY(plan->arena, tree_set, n);
    plan->categories = TEND_ARRAY(plan->arena, tree_category, n);
    plan->plain = n > MOST_BYTES;
    for (uint32_t i = 0; i < n; i++) {
        if (i == 0 || columns[i].feature != columns[i - 1].feature)
            plan->categories[plan->n_categories++] = (tree_category){.feature = columns[i].feature};
        tree_category *category = &plan->categories[plan->n_categories - 1];
        uint32_t highest = highest_category(c->trees, columns[i].set);
        category->n = highest >= category->n ? highest + 1 : category->n;
        plan->sets[i] = (tree_set){.set = columns[i].set, .category = plan->n_categories - 1};
    }
    for (uint32_t i = 0; i < plan->n_categories; i++) {
        tree_category *category = &plan->categories[i];
        if (category->n > MOST_CATEGORIES || plan->n_category_masks + category->n > MOST_MASKS)
            category->n = 0;
        category->masks = plan->n_category_masks;
        plan->n_category_masks += category->n + 2;
    }
    for (uint32_t i = 0; i < n; i++)
        if (plan->categories[plan->sets[i].category].n)
            list_members(c, &plan->sets[i], plan->categories[plan->sets[i].category].n);
}

static void set_bit(uint8_t *masks, uint32_t mask, size_t row) {
    masks[mask * (size_t)TEND_TREE_MASK + row / 8] |= (uint8_t)(1U << (row % 8));
}

static void bin_category(const tree_category *category, const tree_block *block) {
    uint8_t *masks = block->categories + (size_t)category->masks * TEND_TREE_MASK;
    memset(masks, 0, (category->n + 2UL) * TEND_TREE_MASK);
    for (size_t r = 0; r < block->n; r++) {
        float v = block->x[r * block->stride + category->feature];
        if (isnan(v))
            set_bit(masks, TREE_CATEGORY_MISSING, r);
        else if (v >= 0.0F && v < (float)category->n) {
            set_bit(masks, TREE_CATEGORY_KNOWN, r);
            set_bit(masks, TREE_CATEGORY_FIRST + (uint32_t)v, r);
        }
    }
}

void tend_tree_bin_categories(const tend_tree_plan *plan, tree_block *block) {
    for (uint32_t i = 0; i < plan->n_categories; i++)
        bin_category(&plan->categories[i], block);
    if (!plan->any_deep || plan->plain)
        return;
    for (uint32_t i = plan->n_numeric; i < plan->n_columns; i++) {
        const tree_column *column = &plan->columns[i];
        for (size_t r = 0; r < block->n; r++) {
            float v = block->x[r * block->stride + column->feature];
            tend_tree_put_bytes(column, tend_trees_in_set(plan->trees, column->set, v), isnan(v), block->bytes + r * plan->n_bytes);
        }
    }
}

void tend_tree_set_mask_direct(const tend_tree_plan *plan, const tree_set *set, const tree_block *block, uint8_t *out) {
    uint32_t feature = plan->categories[set->category].feature;
    memset(out, 0, TEND_TREE_MASK);
    for (size_t r = 0; r < block->n; r++)
        if (tend_trees_in_set(plan->trees, set->set, block->x[r * block->stride + feature]))
            set_bit(out, 0, r);
}
