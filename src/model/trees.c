/* The canonical form of an ensemble: what makes it valid, and the plain walk that defines its
 * arithmetic. */
#include "model/trees.h"

#include <math.h>

void tend_trees_free(tend_trees *trees) {
    if (trees)
        tend_arena_free(trees->arena);
}

static tend_status check_split(const tend_trees *t, uint32_t tree, uint32_t node, tend_error *err) {
    uint32_t at = t->tree_begin[tree] + node;
    if (t->feature[at] < 0 || (uint32_t)t->feature[at] >= t->n_features)
        return TEND_FAIL(err, CORRUPT, "tree %u, node %u splits on feature %d, but the model has %u features", tree, node, t->feature[at],
                         t->n_features);
    bool categorical = t->flags[at] & TEND_TREE_CATEGORICAL;
    bool has_set = t->set && t->set[at] < t->n_sets;
    if (categorical != has_set || (t->set && !has_set && t->set[at] != UINT32_MAX))
        return TEND_FAIL(err, CORRUPT, "tree %u, node %u: its category set does not fit its kind of split", tree, node);
    if (!categorical && isnan(t->value[at]))
        return TEND_FAIL(err, CORRUPT, "tree %u, node %u has a threshold that is not a number", tree, node);
    return TEND_OK;
}

/* Breadth-first order makes the check a single pass: the children of each split are the next two
 * nodes that nobody has claimed yet. */
static tend_status check_tree(const tend_trees *t, uint32_t tree, tend_error *err) {
    uint32_t begin = t->tree_begin[tree], size = t->tree_begin[tree + 1] - begin, next = 1;
    const int32_t *feature = t->feature + begin;
    const uint32_t *left = t->left + begin;
    for (uint32_t i = 0; i < size; i++) {
        if (feature[i] == -1 && left[i] == 0 && t->flags[begin + i] == 0 && (!t->set || t->set[begin + i] == UINT32_MAX))
            continue; /* a leaf */
        if (left[i] != next || size - next < 2)
            return TEND_FAIL(err, CORRUPT, "tree %u, node %u of %u: left child %u is not the next free node %u", tree, i, size, left[i],
                             next);
        next += 2;
        TEND_TRY(check_split(t, tree, i, err));
    }
    if (next != size)
        return TEND_FAIL(err, CORRUPT, "tree %u has %u nodes, but its root reaches %u", tree, size, next);
    return TEND_OK;
}

static tend_status check_sets(const tend_trees *t, tend_error *err) {
    if (t->n_sets == 0 && t->n_set_words == 0 && !t->set)
        return TEND_OK;
    if (!t->set || !t->set_begin || t->set_begin[0] != 0 || t->set_begin[t->n_sets] != t->n_set_words)
        return TEND_FAIL(err, CORRUPT, "the category sets do not cover their %u words", t->n_set_words);
    for (uint32_t i = 0; i < t->n_sets; i++)
        if (t->set_begin[i] > t->set_begin[i + 1])
            return TEND_FAIL(err, CORRUPT, "category set %u ends before it begins", i);
    return TEND_OK;
}

tend_status tend_trees_check(const tend_trees *t, tend_error *err) {
    if (t->n_groups == 0 || t->n_features > INT32_MAX)
        return TEND_FAIL(err, CORRUPT, "a tree ensemble of %u features and %u groups", t->n_features, t->n_groups);
    if (t->tree_begin[0] != 0 || t->tree_begin[t->n_trees] != t->n_nodes)
        return TEND_FAIL(err, CORRUPT, "the trees do not cover their %u nodes", t->n_nodes);
    TEND_TRY(check_sets(t, err));
    for (uint32_t i = 0; i < t->n_trees; i++) {
        if (t->tree_group[i] >= t->n_groups)
            return TEND_FAIL(err, CORRUPT, "tree %u adds to group %u of %u", i, t->tree_group[i], t->n_groups);
        if (t->tree_begin[i] >= t->tree_begin[i + 1] || t->tree_begin[i + 1] > t->n_nodes)
            return TEND_FAIL(err, CORRUPT, "tree %u has no nodes", i);
        TEND_TRY(check_tree(t, i, err));
    }
    return TEND_OK;
}

uint32_t tend_trees_depth(const tend_trees *t, uint32_t tree) {
    /* In breadth-first order each level ends where the children of the level above end. */
    uint32_t begin = t->tree_begin[tree], level_end = 1, next_end = 1, depth = 0;
    for (uint32_t i = 0; i < t->tree_begin[tree + 1] - begin; i++) {
        if (i == level_end) {
            depth++;
            level_end = next_end;
        }
        if (t->feature[begin + i] >= 0)
            next_end = t->left[begin + i] + 2;
    }
    return depth;
}

bool tend_trees_in_set(const tend_trees *t, uint32_t set, float x) {
    if (!(x >= 0.0F) || x >= 16777216.0F)
        return false;
    uint32_t category = (uint32_t)x, word = category / 32;
    const uint32_t *words = t->set_words + t->set_begin[set];
    return word < t->set_begin[set + 1] - t->set_begin[set] && (words[word] >> (category % 32) & 1);
}

uint32_t tend_trees_leaf(const tend_trees *t, uint32_t tree, const float *x) { return tend_trees_walk(t, t->tree_begin[tree], 0, x); }

uint32_t tend_trees_walk(const tend_trees *t, uint32_t begin, uint32_t node, const float *x) {
    while (t->feature[begin + node] >= 0) {
        uint32_t at = begin + node;
        float v = x[t->feature[at]];
        bool right;
        if (isnan(v))
            right = !(t->flags[at] & TEND_TREE_DEFAULT_LEFT);
        else if (t->flags[at] & TEND_TREE_CATEGORICAL)
            right = tend_trees_in_set(t, t->set[at], v);
        else
            right = !(v < t->value[at]);
        node = t->left[at] + right;
    }
    return node;
}

void tend_trees_margins(const tend_trees *t, const float *x, size_t n, size_t stride, float *out) {
    for (size_t i = 0; i < n; i++, x += stride, out += t->n_groups) {
        memcpy(out, t->base_margin, t->n_groups * sizeof *out);
        for (uint32_t tree = 0; tree < t->n_trees; tree++)
            out[t->tree_group[tree]] += t->value[t->tree_begin[tree] + tend_trees_leaf(t, tree, x)];
    }
}
