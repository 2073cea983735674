/* The part of a kernel that is the same but for the width of its vectors, included by each kernel's
 * source with TREE_VECTOR  bytes of a vector: 16, 32 or 64 TREE_INLINE, TREE_FN  declaration
 * specifiers of inlined functions and of functions (the instruction set) It defines vec, make_masks
 * and tree_planes. */

typedef uint64_t vec __attribute__((vector_size(TREE_VECTOR), aligned(TREE_VECTOR), may_alias));

TREE_INLINE vec load(const void *p) { return *(const vec *)p; }
TREE_INLINE void store(void *p, vec v) { *(vec *)p = v; }
#ifndef TREE_MUX
/* bits of r where m, else of l */
TREE_INLINE vec mux(vec m, vec l, vec r) { return l ^ ((l ^ r) & m); }
#endif

/* Vectors that n rows fill, as bytes of a mask. */
TREE_INLINE size_t used_bytes(size_t n) { return ((n + 7) / 8 + TREE_VECTOR - 1) / TREE_VECTOR * TREE_VECTOR; }

/* The masks bin > k of all k below 2^planes - 1 (trees_plan.h, 2). */
TREE_FN void threshold_table(const vec *b, unsigned planes, vec *table) {
    table[0] = b[0];
    for (unsigned j = 1; j < planes; j++) {
        unsigned half = 1U << j;
        for (unsigned k = half - 1; k-- > 0;) {
            table[half + k] = b[j] & table[k];
            table[k] |= b[j];
        }
        table[half - 1] = b[j];
    }
}

TREE_INLINE vec one_threshold(const vec *b, unsigned planes, unsigned cut) {
    vec greater = {0};
    for (unsigned j = 0; j < planes; j++)
        greater = cut >> j & 1 ? b[j] & greater : b[j] | greater;
    return greater;
}

/* The masks of one column's splits, the part of the rows at `at`. */
TREE_FN void column_masks(const uint8_t *planes, vec missing, unsigned n_planes, const tree_split *splits, size_t n, uint8_t *out) {
    vec b[8], table[128];
    for (unsigned j = 0; j < n_planes; j++)
        b[j] = load(planes + j * TEND_TREE_MASK);
    bool few = n * n_planes < 1U << n_planes;
    vec top = b[n_planes - 1];
    unsigned half = 1U << (n_planes - 1);
    if (!few && n_planes > 1)
        threshold_table(b, n_planes - 1, table);
    for (size_t i = 0; i < n; i++) {
        unsigned cut = splits[i].cut;
        vec m = top;
        if (few)
            m = one_threshold(b, n_planes, cut);
        else if (cut < half - 1)
            m = top | table[cut];
        else if (cut >= half)
            m = top & table[cut - half];
        if (splits[i].missing_right)
            m |= missing;
        store(out + i * TEND_TREE_MASK, m);
    }
}

TREE_FN void numeric_masks(const tend_tree_plan *plan, uint32_t column, const tree_block *block, const tree_split *splits, size_t n,
                           size_t used, uint8_t *out) {
    const uint8_t *planes = (const uint8_t *)(block->planes + (size_t)column * TEND_TREE_PLANES * 8);
    const uint8_t *missing = (const uint8_t *)(block->missing + (size_t)column * 8);
    for (size_t at = 0; at < used; at += TREE_VECTOR)
        column_masks(planes + at, load(missing + at), plan->columns[column].planes, splits, n, out + at);
}

/* The masks of one categorical set (both default directions, as asked). */
TREE_FN void set_masks(const tend_tree_plan *plan, const tree_set *set, const tree_block *block, const tree_split *splits, size_t n,
                       size_t used, uint8_t *out) {
    const uint8_t *category = block->categories + (size_t)plan->categories[set->category].masks * TEND_TREE_MASK;
    _Alignas(64) uint8_t direct[TEND_TREE_MASK];
    if (!set->members)
        tend_tree_set_mask_direct(plan, set, block, direct);
    for (size_t at = 0; at < used; at += TREE_VECTOR) {
        vec m = {0};
        for (uint32_t i = 0; i < set->n_members; i++)
            m |= load(category + (TREE_CATEGORY_FIRST + (size_t)set->members[i]) * TEND_TREE_MASK + at);
        if (set->inverted)
            m = load(category + TREE_CATEGORY_KNOWN * TEND_TREE_MASK + at) & ~m;
        if (!set->members)
            m = load(direct + at);
        for (size_t i = 0; i < n; i++) {
            vec missing = load(category + TREE_CATEGORY_MISSING * TEND_TREE_MASK + at);
            store(out + i * TEND_TREE_MASK + at, splits[i].missing_right ? (vec)(m | missing) : m);
        }
    }
}

TREE_FN void make_masks(const tend_tree_plan *plan, const tree_chunk *chunk, tree_block *block) {
    size_t used = used_bytes(block->n);
    const tree_split *splits = plan->splits + chunk->first_split;
    uint8_t *out = block->masks + TEND_TREE_MASK;
    memset(block->masks, 0, TEND_TREE_MASK);
    memset(block->slots + TREE_SLOT_ZEROS * TEND_TREE_MASK, 0, TEND_TREE_MASK);
    memset(block->slots + TREE_SLOT_ONES * TEND_TREE_MASK, 0xff, TEND_TREE_MASK);
    for (uint32_t i = 0; i < chunk->n_runs; i++) {
        const tree_split_run *run = &plan->runs[chunk->first_run + i];
        if (run->column < plan->n_numeric)
            numeric_masks(plan, run->column, block, splits, run->n, used, out);
        else
            set_masks(plan, &plan->sets[run->column - plan->n_numeric], block, splits, run->n, used, out);
        splits += run->n;
        out += (size_t)run->n * TEND_TREE_MASK;
    }
}

/* Leaf number planes of a full subtree whose masks stand breadth-first in refs, lowest bit first.
 */
#define TREE_LEVEL(n, below)                                                                       \
    TREE_INLINE void level##n(const uint8_t *masks, const uint32_t *refs, size_t node, vec *out) { \
        vec l[n - 1], r[n - 1], m = load(masks + refs[node]);                                      \
        level##below(masks, refs, 2 * node + 1, l);                                                \
        level##below(masks, refs, 2 * node + 2, r);                                                \
        _Pragma("GCC unroll 8") for (int i = 0; i < n - 1; i++) out[i] = mux(m, l[i], r[i]);       \
        out[n - 1] = m;                                                                            \
    }
TREE_INLINE void level1(const uint8_t *masks, const uint32_t *refs, size_t node, vec *out) { out[0] = load(masks + refs[node]); }
TREE_LEVEL(2, 1)
TREE_LEVEL(3, 2)
TREE_LEVEL(4, 3)
TREE_LEVEL(5, 4)
TREE_LEVEL(6, 5)

#define TREE_SUBTREE(n)                                                                                           \
    TREE_FN __attribute__((noinline)) void subtree##n(const uint8_t *masks, const uint32_t *refs, uint8_t *out) { \
        vec planes[n];                                                                                            \
        level##n(masks, refs, 0, planes);                                                                         \
        _Pragma("GCC unroll 8") for (int i = 0; i < n; i++) store(out + i * TEND_TREE_MASK, planes[i]);           \
    }
TREE_SUBTREE(1)
TREE_SUBTREE(2)
TREE_SUBTREE(3)
TREE_SUBTREE(4)
TREE_SUBTREE(5)
TREE_SUBTREE(6)

/* Two halves of `levels` planes each under a split with mask m. */
TREE_FN void join(vec m, unsigned levels, const uint8_t *left, const uint8_t *right, uint8_t *out) {
    for (unsigned i = 0; i < levels; i++)
        store(out + i * TEND_TREE_MASK, mux(m, load(left + i * TEND_TREE_MASK), load(right + i * TEND_TREE_MASK)));
    store(out + levels * TEND_TREE_MASK, m);
}

enum { SUBTREE_REFS = (1 << TEND_TREE_TOP) - 1 };

TREE_FN void subtree7(const uint8_t *masks, uint32_t top, const uint32_t *below, uint8_t *out) {
    _Alignas(64) uint8_t half[2][TEND_TREE_PLANES * TEND_TREE_MASK];
    subtree6(masks, below, half[0]);
    subtree6(masks, below + SUBTREE_REFS, half[1]);
    join(load(masks + top), 6, half[0], half[1], out);
}

TREE_FN void subtree8(const uint8_t *masks, const uint32_t *top, const uint32_t *below, uint8_t *out) {
    _Alignas(64) uint8_t half[2][TEND_TREE_PLANES * TEND_TREE_MASK];
    subtree7(masks, top[1], below, half[0]);
    subtree7(masks, top[2], below + 2 * SUBTREE_REFS, half[1]);
    join(load(masks + top[0]), 7, half[0], half[1], out);
}

TREE_FN void run_program(const tree_op *ops, size_t n_ops, const uint32_t *refs, const uint8_t *masks, uint8_t *slots) {
    for (size_t i = 0; i < n_ops; i++)
        store(slots + ops[i].out, mux(load(masks + refs[ops[i].split]), load(slots + ops[i].left), load(slots + ops[i].right)));
}

/* The planes of all rows' leaf numbers: out[level][64 bytes], for 1 to 8 levels. */
TREE_FN void tree_planes(const tend_tree_plan *plan, const tree_entry *e, const tree_block *block, size_t used, uint8_t *out) {
    const uint32_t *refs = plan->refs + e->refs;
    for (size_t at = 0; at < used; at += TREE_VECTOR) {
        const uint8_t *masks = block->masks + at;
        uint8_t *to = out + at;
        if (e->n_ops) {
            run_program(e->ops, e->n_ops, refs, masks, block->slots + at);
            for (uint32_t i = 0; i < e->levels; i++)
                store(to + i * TEND_TREE_MASK, load(block->slots + (TREE_SLOT_PLANES + i) * TEND_TREE_MASK + at));
            continue;
        }
        switch (e->levels) {
        case 1: subtree1(masks, refs, to); break;
        case 2: subtree2(masks, refs, to); break;
        case 3: subtree3(masks, refs, to); break;
        case 4: subtree4(masks, refs, to); break;
        case 5: subtree5(masks, refs, to); break;
        case 6: subtree6(masks, refs, to); break;
        case 7: subtree7(masks, refs[0], refs + 1, to); break;
        case 8: subtree8(masks, refs, refs + 3, to); break;
        default: break;
        }
    }
}
