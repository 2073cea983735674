/* From thresholds and category sets to columns of at most 255 cuts, and from each node to its
 * question. */
#include "model/trees_compile.h"

#include <math.h>
#include <stdlib.h>

/* feature, then the threshold's bits in an order that integers keep; -0 and +0 are one threshold.
 */
static uint64_t cut_key(int32_t feature, float value) {
    uint32_t bits;
    value += 0.0F;
    memcpy(&bits, &value, sizeof bits);
    bits ^= bits >> 31 ? UINT32_MAX : 1U << 31;
    return (uint64_t)(uint32_t)feature << 32 | bits;
}

static float cut_value(uint64_t key) {
    uint32_t bits = (uint32_t)key;
    float value;
    bits ^= bits >> 31 ? 1U << 31 : UINT32_MAX;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static int compare_keys(const void *a, const void *b) {
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

typedef struct key_list {
    uint64_t *keys; /* sorted, distinct */
    size_t n;
    uint32_t *column; /* of each key */
    uint8_t *cut;
} key_list;

static bool is_numeric(const tend_trees *t, uint32_t node) { return t->feature[node] >= 0 && !(t->flags[node] & TEND_TREE_CATEGORICAL); }

static key_list collect_keys(const tree_compiler *c) {
    const tend_trees *t = c->trees;
    key_list list = {.keys = TEND_ARRAY(c->arena, uint64_t, t->n_nodes)};
    size_t n = 0;
    for (uint32_t i = 0; i < t->n_nodes; i++)
        if (is_numeric(t, i))
            list.keys[n++] = cut_key(t->feature[i], t->value[i]);
    qsort(list.keys, n, sizeof *list.keys, compare_keys);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || list.keys[i] != list.keys[i - 1])
            list.keys[list.n++] = list.keys[i];
    list.column = TEND_ARRAY(c->arena, uint32_t, list.n);
    list.cut = TEND_ARRAY(c->arena, uint8_t, list.n);
    return list;
}

static size_t find_key(const key_list *list, uint64_t key) {
    size_t low = 0, high = list->n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (list->keys[middle] <= key)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Category sets: nodes that ask for the same set of the same feature share a column. */
typedef struct set_entry {
    const tend_trees *t;
    uint32_t node;
} set_entry;

static int compare_sets(const void *a, const void *b) {
    const set_entry *x = a, *y = b;
    const tend_trees *t = x->t;
    if (t->feature[x->node] != t->feature[y->node])
        return t->feature[x->node] < t->feature[y->node] ? -1 : 1;
    uint32_t i = t->set[x->node], j = t->set[y->node];
    uint32_t m = t->set_begin[i + 1] - t->set_begin[i], n = t->set_begin[j + 1] - t->set_begin[j];
    if (m != n)
        return m < n ? -1 : 1;
    return m ? memcmp(t->set_words + t->set_begin[i], t->set_words + t->set_begin[j], m * sizeof(uint32_t)) : 0;
}

static size_t collect_sets(const tree_compiler *c, set_entry **out) {
    const tend_trees *t = c->trees;
    size_t n = 0;
    if (!t->set)
        return 0;
    *out = TEND_ARRAY(c->arena, set_entry, t->n_nodes);
    for (uint32_t i = 0; i < t->n_nodes; i++)
        if (t->flags[i] & TEND_TREE_CATEGORICAL)
            (*out)[n++] = (set_entry){t, i};
    qsort(*out, n, sizeof **out, compare_sets);
    return n;
}

static size_t count_set_columns(const set_entry *sets, size_t n) {
    size_t columns = 0;
    for (size_t i = 0; i < n; i++)
        columns += i == 0 || compare_sets(&sets[i - 1], &sets[i]) != 0;
    return columns;
}

/* Consecutive keys of one feature, 255 at a time. */
static size_t assign_columns(key_list *list) {
    size_t columns = 0, start = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (i == 0 || list->keys[i] >> 32 != list->keys[start] >> 32 || i - start == TEND_TREE_CUTS) {
            start = i;
            columns++;
        }
        list->column[i] = (uint32_t)columns - 1;
        list->cut[i] = (uint8_t)(i - start);
    }
    return columns;
}

static uint32_t padded_cuts(uint32_t planes) { return planes <= 4 ? 16 : 1U << planes; }

static uint16_t planes_for(uint32_t n_cuts) {
    uint16_t planes = 1;
    while (1U << planes < n_cuts + 1)
        planes++;
    return planes;
}

/* The numeric columns come first; their cuts and pivots are laid out for vector search. */
static void lay_out_cuts(tree_compiler *c, const key_list *list, size_t n_numeric) {
    tend_tree_plan *plan = c->plan;
    for (size_t i = 0; i < list->n; i++) {
        tree_column *column = &plan->columns[list->column[i]];
        *column = (tree_column){.feature = (uint32_t)(list->keys[i] >> 32), .set = UINT32_MAX, .n_cuts = (uint16_t)(list->cut[i] + 1)};
    }
    size_t total = 0;
    for (size_t i = 0; i < n_numeric; i++) {
        tree_column *column = &plan->columns[i];
        column->planes = planes_for(column->n_cuts);
        column->cuts = (uint32_t)total;
        column->pivots = (uint32_t)(total + padded_cuts(column->planes));
        total += padded_cuts(column->planes) + 16;
    }
    plan->cuts = tend_arena_alloc_aligned(plan->arena, (total + 16) * sizeof(float), 64);
    for (size_t i = 0; i < total + 16; i++)
        plan->cuts[i] = NAN;
    for (size_t i = 0; i < list->n; i++) {
        const tree_column *column = &plan->columns[list->column[i]];
        uint32_t cut = list->cut[i];
        plan->cuts[column->cuts + cut] = cut_value(list->keys[i]);
        if (cut % 16 == 0 && cut > 0)
            plan->cuts[column->pivots + cut / 16 - 1] = cut_value(list->keys[i]);
    }
}

static void add_set_columns(tree_compiler *c, const set_entry *sets, size_t n, size_t first) {
    const tend_trees *t = c->trees;
    size_t column = first - 1;
    for (size_t i = 0; i < n; i++) {
        uint32_t node = sets[i].node;
        if (i == 0 || compare_sets(&sets[i - 1], &sets[i]) != 0)
            c->plan->columns[++column] =
                (tree_column){.feature = (uint32_t)t->feature[node], .set = t->set[node], .n_cuts = 1, .planes = 1};
        c->question[node] = tree_set_questions(c->plan) + 2 * (column - first);
    }
}

/* Completes the questions with the default direction, and gives a byte to every variant that is
 * asked for. */
static tend_status assign_bytes(tree_compiler *c) {
    tend_tree_plan *plan = c->plan;
    for (uint32_t i = 0; i < plan->n_columns; i++)
        plan->columns[i].byte_left = plan->columns[i].byte_right = TEND_TREE_NONE;
    for (uint32_t i = 0; i < c->trees->n_nodes; i++) {
        if (c->question[i] == TREE_LEAF)
            continue;
        c->question[i] |= !(c->trees->flags[i] & TEND_TREE_DEFAULT_LEFT);
        if (plan->plain && (c->trees->flags[i] & TEND_TREE_CATEGORICAL))
            continue;
        tree_column *column = &plan->columns[tree_question_column(plan, c->question[i])];
        *(tree_question_missing_right(c->question[i]) ? &column->byte_right : &column->byte_left) = 0;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < plan->n_columns; i++) {
        if (plan->columns[i].byte_left != TEND_TREE_NONE)
            plan->columns[i].byte_left = (uint16_t)n++;
        if (plan->columns[i].byte_right != TEND_TREE_NONE)
            plan->columns[i].byte_right = (uint16_t)n++;
        if (n >= TEND_TREE_NONE)
            return TEND_FAIL(c->err, LIMIT, "the ensemble asks more than %d different columns of cuts", TEND_TREE_NONE);
    }
    plan->n_bytes = n ? n : 1;
    return TEND_OK;
}

tend_status tend_tree_compile_columns(tree_compiler *c) {
    const tend_trees *t = c->trees;
    set_entry *sets = NULL;
    key_list list = collect_keys(c);
    size_t n_sets = collect_sets(c, &sets), n_numeric = assign_columns(&list);
    size_t n = n_numeric + count_set_columns(sets, n_sets);
    c->plan->n_numeric = (uint32_t)n_numeric;
    c->plan->n_columns = (uint32_t)n;
    c->plan->columns = TEND_ARRAY(c->plan->arena, tree_column, n);
    c->question = TEND_ARRAY(c->arena, uint64_t, t->n_nodes);
    lay_out_cuts(c, &list, n_numeric);
    for (uint32_t i = 0; i < t->n_nodes; i++) {
        c->question[i] = TREE_LEAF;
        if (!is_numeric(t, i))
            continue;
        size_t key = find_key(&list, cut_key(t->feature[i], t->value[i]));
        c->question[i] = (uint64_t)list.column[key] << 9 | (uint64_t)list.cut[key] << 1;
    }
    add_set_columns(c, sets, n_sets, n_numeric);
    tend_tree_compile_categories(c);
    return assign_bytes(c);
}
