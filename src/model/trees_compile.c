/* Laying an ensemble out: trees by group and in chunks, masks numbered, full layouts, nodes of the
 * walk. */
#include "model/trees_compile.h"

#include <stdlib.h>

/* The cheapest of the three layouts. An operation of a program costs about as much as two splits of
 * a full one. */
static tree_entry choose_layout(tree_compiler *c, uint32_t tree) {
    const tend_trees *t = c->trees;
    uint32_t depth = tend_trees_depth(t, tree);
    tree_entry e = {.group = t->tree_group[tree], .root = t->tree_begin[tree], .depth = depth, .levels = depth};
    bool full = depth <= TEND_TREE_FULL;
    if (tend_tree_compile_program(c, tree, &e, full ? ((1U << depth) - 1) / 2 : SIZE_MAX) || full)
        return e;
    e.levels = TEND_TREE_TOP;
    e.deep = depth - TEND_TREE_TOP;
    return e;
}

/* Stable by group, so that each group's sum keeps its order. */
static void order_trees(tree_compiler *c) {
    const tend_trees *t = c->trees;
    tend_tree_plan *plan = c->plan;
    uint32_t *begin = TEND_ARRAY(c->arena, uint32_t, t->n_groups + 1);
    plan->entries = TEND_ARRAY(plan->arena, tree_entry, t->n_trees);
    for (uint32_t i = 0; i < t->n_trees; i++)
        begin[t->tree_group[i] + 1]++;
    for (uint32_t g = 0; g < t->n_groups; g++)
        begin[g + 1] += begin[g];
    for (uint32_t i = 0; i < t->n_trees; i++) {
        tree_entry e = choose_layout(c, i);
        plan->entries[begin[e.group]++] = e;
        plan->any_deep |= e.deep > 0;
    }
}

static uint32_t top_levels(const tree_entry *e) { return e->levels > TEND_TREE_TOP ? e->levels - TEND_TREE_TOP : 0; }

static size_t ref_count(const tree_entry *e) {
    if (e->n_ops)
        return e->n_splits;
    uint32_t top = top_levels(e);
    return (1U << top) - 1 + ((size_t)1 << top) * ((1U << (e->levels - top)) - 1);
}

/* Where the mask of the split at `depth` with the given path from the root (a bit per level) stands
 * in the layout. */
static size_t ref_index(const tree_entry *e, uint32_t depth, uint32_t path) {
    uint32_t top = top_levels(e);
    if (depth < top)
        return (1U << depth) - 1 + path;
    uint32_t below = depth - top, subtree = path >> below, inner = path & ((1U << below) - 1);
    return (1U << top) - 1 + (size_t)subtree * ((1U << (e->levels - top)) - 1) + (1U << below) - 1 + inner;
}

/* The questions of the laid-out part of a tree, in layout order; TREE_LEAF under a shallower leaf.
 * `ends` gets the node that each path ends at. */
typedef struct layout {
    uint64_t questions[255];
    uint32_t ends[256];
} layout;

static void lay_out(const tree_compiler *c, const tree_entry *e, layout *out) {
    if (e->n_ops) {
        memset(out->ends, 0, sizeof out->ends);
        tend_tree_list_program(c, e, out->questions, out->ends);
        return;
    }
    uint32_t level[256] = {e->root};
    for (uint32_t depth = 0; depth < e->levels; depth++)
        for (uint32_t path = 1U << depth; path-- > 0;) {
            uint32_t node = level[path];
            bool split = c->trees->feature[node] >= 0;
            out->questions[ref_index(e, depth, path)] = c->question[node];
            level[2 * path] = split ? e->root + c->trees->left[node] : node;
            level[2 * path + 1] = level[2 * path] + split;
        }
    memcpy(out->ends, level, sizeof level);
}

/* Which questions the open chunk has; a set by stamps, then sorted to number its masks. */
typedef struct chunker {
    tree_compiler *c;
    uint32_t *stamp; /* [tree_questions]: number of the last chunk that asked */
    uint32_t *mask;  /* [tree_questions] */
    uint64_t *asked; /* questions of the open chunk */
    size_t n_asked, ref_total, leaf_total, exit_total;
} chunker;

static size_t count_new(const chunker *k, const layout *l, size_t n, uint32_t chunk) {
    size_t fresh = 0;
    for (size_t i = 0; i < n; i++)
        fresh += l->questions[i] != TREE_LEAF && k->stamp[l->questions[i]] != chunk;
    return fresh;
}

static void ask(chunker *k, const layout *l, size_t n, uint32_t chunk) {
    for (size_t i = 0; i < n; i++)
        if (l->questions[i] != TREE_LEAF && k->stamp[l->questions[i]] != chunk) {
            k->stamp[l->questions[i]] = chunk;
            k->asked[k->n_asked++] = l->questions[i];
        }
}

static int compare_questions(const void *a, const void *b) {
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Appends the chunk's splits, column by column, and numbers their masks. */
static void close_chunk(chunker *k, tree_chunk *chunk, uint32_t *n_runs, uint32_t *n_splits) {
    tend_tree_plan *plan = k->c->plan;
    qsort(k->asked, k->n_asked, sizeof *k->asked, compare_questions);
    chunk->first_run = *n_runs;
    chunk->first_split = *n_splits;
    chunk->n_splits = (uint32_t)k->n_asked;
    for (size_t i = 0; i < k->n_asked; i++) {
        uint64_t q = k->asked[i];
        if (i == 0 || tree_question_column(plan, q) != tree_question_column(plan, k->asked[i - 1]))
            plan->runs[(*n_runs)++] = (tree_split_run){.column = tree_question_column(plan, q)};
        plan->runs[*n_runs - 1].n++;
        plan->splits[(*n_splits)++] = (tree_split){tree_question_cut(plan, q), tree_question_missing_right(q)};
        k->mask[q] = (uint32_t)(i + 1);
    }
    chunk->n_runs = *n_runs - chunk->first_run;
    if (k->n_asked + 1 > plan->max_masks)
        plan->max_masks = (uint32_t)k->n_asked + 1;
}

static void fill_refs(chunker *k, const tree_chunk *chunk) {
    tend_tree_plan *plan = k->c->plan;
    for (uint32_t i = chunk->first_tree; i < chunk->first_tree + chunk->n_trees; i++) {
        const tree_entry *e = &plan->entries[i];
        layout l;
        lay_out(k->c, e, &l);
        for (size_t j = 0; j < ref_count(e); j++)
            plan->refs[e->refs + j] = l.questions[j] == TREE_LEAF ? 0 : k->mask[l.questions[j]] * TEND_TREE_MASK;
    }
}

static void place_trees(chunker *k) {
    tend_tree_plan *plan = k->c->plan;
    for (uint32_t i = 0; i < plan->n_trees; i++) {
        tree_entry *e = &plan->entries[i];
        e->refs = (uint32_t)k->ref_total;
        k->ref_total += ref_count(e);
        size_t ends = e->levels > TEND_TREE_TOP ? (size_t)1 << e->levels : TEND_TREE_LANES;
        e->leaves = (uint32_t)(e->deep ? k->exit_total : k->leaf_total);
        *(e->deep ? &k->exit_total : &k->leaf_total) += ends;
    }
}

static void make_chunks(chunker *k) {
    tend_tree_plan *plan = k->c->plan;
    uint32_t n_runs = 0, n_splits = 0, first = 0;
    for (uint32_t i = 0; i <= plan->n_trees; i++) {
        layout l;
        size_t n = 0;
        if (i < plan->n_trees) {
            lay_out(k->c, &plan->entries[i], &l);
            n = ref_count(&plan->entries[i]);
        }
        uint32_t number = plan->n_chunks + 1;
        bool full = i > first && k->n_asked + count_new(k, &l, n, number) > TEND_TREE_MASKS;
        if (full || (i == plan->n_trees && i > first)) {
            tree_chunk *chunk = &plan->chunks[plan->n_chunks++];
            *chunk = (tree_chunk){.first_tree = first, .n_trees = i - first};
            close_chunk(k, chunk, &n_runs, &n_splits);
            fill_refs(k, chunk);
            first = i;
            k->n_asked = 0;
            number++;
        }
        ask(k, &l, n, number);
    }
}

static void fill_ends(const chunker *k) {
    tend_tree_plan *plan = k->c->plan;
    for (uint32_t i = 0; i < plan->n_trees; i++) {
        const tree_entry *e = &plan->entries[i];
        layout l;
        lay_out(k->c, e, &l);
        if (e->deep) {
            for (uint32_t j = 0; j < TEND_TREE_LANES; j++)
                plan->exits[e->leaves + j] = l.ends[j] - e->root;
            continue;
        }
        float *leaves = plan->leaves + e->leaves;
        uint32_t n = e->n_ops ? e->n_splits + 1 : 1U << e->levels;
        for (uint32_t j = 0; j < n; j++)
            leaves[j] = k->c->trees->value[l.ends[j]];
        for (uint32_t j = 0; j < 1U << e->levels; j += TEND_TREE_LANES)
            if (plan->kernel->arrange)
                plan->kernel->arrange(leaves + j);
    }
}

static tree_node make_node(const tree_compiler *c, uint32_t at, uint32_t root) {
    uint64_t q = c->question[at];
    if (q == TREE_LEAF)
        return (tree_node){.child = at - root, .cut = 255};
    const tree_column *column = &c->plan->columns[tree_question_column(c->plan, q)];
    return (tree_node){.child = c->trees->left[at],
                       .cut = tree_question_cut(c->plan, q),
                       .byte = tree_question_missing_right(q) ? column->byte_right : column->byte_left};
}

static bool fits_narrow(const tree_compiler *c) {
    bool fits = c->plan->n_bytes <= 256;
    for (uint32_t i = 0; i < c->trees->n_trees; i++)
        fits &= c->trees->tree_begin[i + 1] - c->trees->tree_begin[i] <= 1U << 16;
    return fits;
}

static void fill_nodes(tree_compiler *c) {
    const tend_trees *t = c->trees;
    tend_tree_plan *plan = c->plan;
    plan->flat = fits_narrow(c) && t->n_nodes <= 1U << 16;
    if (fits_narrow(c))
        plan->narrow = tend_arena_alloc_aligned(plan->arena, t->n_nodes * sizeof *plan->narrow, 64);
    else
        plan->nodes = tend_arena_alloc_aligned(plan->arena, t->n_nodes * sizeof *plan->nodes, 64);
    for (uint32_t tree = 0; tree < t->n_trees; tree++)
        for (uint32_t i = t->tree_begin[tree]; i < t->tree_begin[tree + 1]; i++) {
            tree_node node = make_node(c, i, t->tree_begin[tree]);
            if (plan->narrow)
                plan->narrow[i] = node.byte | (uint32_t)node.cut << 8 | (node.child + (plan->flat ? t->tree_begin[tree] : 0)) << 16;
            else
                plan->nodes[i] = node;
        }
}

static void lay_out_all(tree_compiler *c) {
    tend_tree_plan *plan = c->plan;
    chunker k = {.c = c};
    place_trees(&k);
    plan->refs = TEND_ARRAY(plan->arena, uint32_t, k.ref_total);
    plan->leaves = tend_arena_alloc_aligned(plan->arena, k.leaf_total * sizeof(float), 64);
    plan->exits = TEND_ARRAY(plan->arena, uint32_t, k.exit_total);
    plan->chunks = TEND_ARRAY(plan->arena, tree_chunk, plan->n_trees);
    /* No chunk asks a question twice, and no tree more than its splits. */
    plan->runs = TEND_ARRAY(plan->arena, tree_split_run, k.ref_total);
    plan->splits = TEND_ARRAY(plan->arena, tree_split, k.ref_total);
    k.stamp = TEND_ARRAY(c->arena, uint32_t, tree_questions(plan));
    k.mask = TEND_ARRAY(c->arena, uint32_t, tree_questions(plan));
    k.asked = TEND_ARRAY(c->arena, uint64_t, TEND_TREE_MASKS + 256);
    plan->max_masks = 1;
    make_chunks(&k);
    fill_ends(&k);
    if (!plan->plain)
        fill_nodes(c);
}

static bool supported(tend_tree_path path) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (path == TEND_TREE_PATH_AVX2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
    if (path == TEND_TREE_PATH_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("gfni") &&
               __builtin_cpu_supports("bmi2");
#endif
    return path <= TEND_TREE_PATH_PORTABLE;
}

bool tend_tree_path_available(tend_tree_path path) { return supported(path); }

const char *tend_tree_path_name(tend_tree_path path) {
    static const char *const names[TEND_TREE_PATHS] = {"auto", "reference", "portable", "avx2", "avx512"};
    return (unsigned)path < TEND_TREE_PATHS ? names[path] : "unknown";
}

static const tree_kernel *kernel_of(tend_tree_path path) {
#if defined(__x86_64__)
    if (path == TEND_TREE_PATH_AVX512)
        return &tend_tree_kernel_avx512;
    if (path == TEND_TREE_PATH_AVX2)
        return &tend_tree_kernel_avx2;
#endif
    return path == TEND_TREE_PATH_PORTABLE ? &tend_tree_kernel_portable : NULL;
}

static tend_tree_path best_path(void) {
    for (int path = TEND_TREE_PATH_AVX512; path > TEND_TREE_PATH_PORTABLE; path--)
        if (supported((tend_tree_path)path))
            return (tend_tree_path)path;
    return TEND_TREE_PATH_PORTABLE;
}

tend_status tend_trees_compile(const tend_trees *trees, tend_tree_path path, tend_tree_plan **out, tend_error *err) {
    if (path == TEND_TREE_PATH_AUTO)
        path = best_path();
    if (!supported(path))
        return TEND_FAIL(err, UNSUPPORTED, "this machine cannot run the '%s' tree kernels", tend_tree_path_name(path));
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    tend_arena *arena = tend_arena_new();
    TEND_AUTO(tend_tree_plan) *plan = TEND_NEW(arena, tend_tree_plan);
    *plan = (tend_tree_plan){
        .trees = trees, .arena = arena, .path = path, .kernel = kernel_of(path), .n_trees = trees->n_trees, .n_groups = trees->n_groups};
    if (plan->kernel) {
        tree_compiler c = {.plan = plan, .trees = trees, .arena = scratch, .err = err};
        TEND_TRY(tend_tree_compile_columns(&c));
        order_trees(&c);
        lay_out_all(&c);
        if (plan->kernel->compile)
            plan->kernel->compile(&c);
    }
    plan->scratch_size = tend_tree_block_size(plan);
    *out = TEND_STEAL(plan);
    return TEND_OK;
}

void tend_tree_plan_free(tend_tree_plan *plan) {
    if (!plan)
        return;
    for (size_t i = 0; i < sizeof plan->lent / sizeof *plan->lent; i++)
        free(plan->lent[i]);
    tend_arena_free(plan->arena);
}

tend_tree_path tend_tree_plan_path(const tend_tree_plan *plan) { return plan->path; }
