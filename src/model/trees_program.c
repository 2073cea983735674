/* Small trees of any shape as a short list of operations on masks.
 *
 * The leaves are numbered from left to right. Below a split only some bits of the number still
 * vary; each of them is one operation, (left & ~mask) | (right & mask), on slots of a mask's size.
 * Slot 0 is all zeros and slot 1 all ones: the bits of a single leaf. A tree of 31 leaves takes
 * about 70 operations for 512 rows, however deep it is. */
#include "model/trees_compile.h"

enum { FIRST_FREE = TREE_SLOT_PLANES + TEND_TREE_PLANES };

typedef struct assembler {
    const tree_compiler *c;
    uint32_t root, planes;
    uint32_t next_leaf, next_split;
    tree_op *ops;
    size_t n_ops;
    bool taken[TREE_SLOTS];
    bool failed; /* more slots or splits than there are */
} assembler;

typedef struct number { /* the slot of each bit */
    uint16_t bit[TEND_TREE_PLANES];
} number;

static uint16_t take_slot(assembler *a) {
    for (uint16_t i = FIRST_FREE; i < TREE_SLOTS; i++)
        if (!a->taken[i]) {
            a->taken[i] = true;
            return i;
        }
    a->failed = true;
    return FIRST_FREE;
}

static uint16_t choose(assembler *a, uint32_t split, uint16_t left, uint16_t right, int plane) {
    if (left == right && plane < 0)
        return left;
    a->taken[left] = a->taken[right] = false;
    uint16_t out = plane < 0 ? take_slot(a) : (uint16_t)(TREE_SLOT_PLANES + plane);
    a->ops[a->n_ops++] = (tree_op){.split = (uint16_t)split,
                                   .left = (uint16_t)(left * TEND_TREE_MASK),
                                   .right = (uint16_t)(right * TEND_TREE_MASK),
                                   .out = (uint16_t)(out * TEND_TREE_MASK)};
    return out;
}

static number assemble(assembler *a, uint32_t node, bool top) {
    const tend_trees *t = a->c->trees;
    number out = {{0}};
    if (t->feature[node] < 0) {
        uint32_t leaf = a->next_leaf++;
        for (uint32_t i = 0; i < a->planes; i++)
            out.bit[i] = leaf >> i & 1 ? TREE_SLOT_ONES : TREE_SLOT_ZEROS;
        return out;
    }
    uint32_t split = a->next_split++;
    number left = assemble(a, a->root + t->left[node], false);
    number right = assemble(a, a->root + t->left[node] + 1, false);
    for (uint32_t i = 0; i < a->planes; i++)
        out.bit[i] = choose(a, split, left.bit[i], right.bit[i], top ? (int)i : -1);
    return out;
}

static uint32_t bits_for(uint32_t leaves) {
    uint32_t bits = 1;
    while (1U << bits < leaves)
        bits++;
    return bits;
}

bool tend_tree_compile_program(tree_compiler *c, uint32_t tree, tree_entry *entry, size_t most_ops) {
    const tend_trees *t = c->trees;
    uint32_t leaves = (t->tree_begin[tree + 1] - t->tree_begin[tree]) / 2 + 1;
    if (leaves < 2 || leaves > 1U << TEND_TREE_PLANES)
        return false;
    tree_op ops[(1 << TEND_TREE_PLANES) * TEND_TREE_PLANES];
    assembler a = {.c = c, .root = t->tree_begin[tree], .planes = bits_for(leaves), .ops = ops};
    assemble(&a, a.root, true);
    if (a.failed || a.n_ops > most_ops)
        return false;
    entry->levels = a.planes;
    entry->n_splits = leaves - 1;
    entry->n_ops = (uint32_t)a.n_ops;
    entry->ops = tend_arena_memdup(c->plan->arena, ops, a.n_ops * sizeof *ops);
    return true;
}

static void list(const tree_compiler *c, const tree_entry *e, uint32_t node, uint64_t **questions, uint32_t **ends) {
    if (c->trees->feature[node] < 0) {
        *(*ends)++ = node;
        return;
    }
    *(*questions)++ = c->question[node];
    list(c, e, e->root + c->trees->left[node], questions, ends);
    list(c, e, e->root + c->trees->left[node] + 1, questions, ends);
}

void tend_tree_list_program(const tree_compiler *c, const tree_entry *entry, uint64_t *questions, uint32_t *ends) {
    list(c, entry, entry->root, &questions, &ends);
}
