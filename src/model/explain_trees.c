/* Laying an ensemble out for the walks of explain_kernel.inc.h. */
#include "model/explain_plan.h"

#include <stdlib.h>

/* One tree while it is laid out; arrays over its nodes. Edge 1 + 2 * node + side leads to a side; 0 is none. */
typedef struct layout {
    const tend_trees *trees;
    const int32_t *feature;
    const uint32_t *left;
    uint32_t begin, size, n_inner, n_last, n_beside, longest; /* most different features on a path */
    uint32_t *parent, *place, *link, *different, *last_edge;  /* last_edge[n_features] of the path being walked */
    uint8_t *visits;
    double *share_left, *mean, *product; /* product per edge: of the feature's shares so far */
} layout;

static layout new_layout(const tend_trees *trees, tend_arena *arena) {
    uint32_t n = 1;
    for (uint32_t t = 0; t < trees->n_trees; t++)
        n = trees->tree_begin[t + 1] - trees->tree_begin[t] > n ? trees->tree_begin[t + 1] - trees->tree_begin[t] : n;
    return (layout){.trees = trees,
                    .parent = TEND_ARRAY(arena, uint32_t, n),
                    .place = TEND_ARRAY(arena, uint32_t, n),
                    .link = TEND_ARRAY(arena, uint32_t, n),
                    .different = TEND_ARRAY(arena, uint32_t, n),
                    .last_edge = TEND_ARRAY(arena, uint32_t, trees->n_features),
                    .visits = TEND_ARRAY(arena, uint8_t, n),
                    .share_left = TEND_ARRAY(arena, double, n),
                    .mean = TEND_ARRAY(arena, double, n),
                    .product = TEND_ARRAY(arena, double, 1 + 2 * (size_t)n)};
}

static bool is_split(const layout *l, uint32_t node) { return l->feature[node] >= 0; }
static bool is_inner(const layout *l, uint32_t node) {
    return is_split(l, node) && (is_split(l, l->left[node]) || is_split(l, l->left[node] + 1));
}

/* Covers come from files: whatever they are, a share is one. */
static double share_of(const layout *l, uint32_t node) {
    double a = (double)l->trees->cover[l->begin + l->left[node]], b = (double)l->trees->cover[l->begin + l->left[node] + 1];
    double share = a / (a + b);
    return share >= 0 && share <= 1 ? share : 0.5;
}

static void start(layout *l, uint32_t tree) {
    const tend_trees *t = l->trees;
    l->begin = t->tree_begin[tree];
    l->size = t->tree_begin[tree + 1] - l->begin;
    l->feature = t->feature + l->begin;
    l->left = t->left + l->begin;
    l->n_inner = l->n_last = l->n_beside = l->longest = 0;
    memset(l->visits, 0, l->size);
    for (uint32_t i = l->size; i-- > 0;) {
        l->mean[i] = (double)t->value[l->begin + i];
        if (!is_split(l, i))
            continue;
        uint32_t left = l->left[i];
        l->share_left[i] = share_of(l, i);
        l->mean[i] = l->share_left[i] * l->mean[left] + (1 - l->share_left[i]) * l->mean[left + 1];
        l->parent[left] = l->parent[left + 1] = i;
        l->n_inner += is_inner(l, i);
        l->n_last += !is_inner(l, i);
    }
}

/* In depth-first order: for each split the last edge of its path that asked for the same feature. */
static void find_links(layout *l) {
    for (uint32_t node = 0;;) {
        if (is_split(l, node) && l->visits[node] < 2) {
            uint32_t *last = &l->last_edge[l->feature[node]], side = l->visits[node]++;
            if (side == 0)
                l->link[node] = *last;
            *last = 1 + 2 * node + side;
            node = l->left[node] + side;
            continue;
        }
        if (is_split(l, node))
            l->last_edge[l->feature[node]] = l->link[node];
        if (node == 0)
            return;
        node = l->parent[node];
    }
}

static void number_places(layout *l) {
    uint32_t inner = 0, last = l->n_inner;
    l->different[0] = 0;
    for (uint32_t i = 0; i < l->size; i++) {
        if (is_split(l, i)) {
            uint32_t left = l->left[i], edge = 1 + 2 * i;
            double before = l->link[i] ? l->product[l->link[i]] : 1;
            l->product[edge] = before * l->share_left[i];
            l->product[edge + 1] = before * (1 - l->share_left[i]);
            l->different[left] = l->different[left + 1] = l->different[i] + (l->link[i] == 0);
            l->longest = l->different[left] > l->longest ? l->different[left] : l->longest;
            l->place[i] = is_inner(l, i) ? inner++ : last++;
        } else if (i && is_inner(l, l->parent[i])) {
            l->place[i] = l->n_inner + l->n_last + l->n_beside++;
        }
    }
}

static shap_node make_node(const layout *l, uint32_t i, shap_rule *rule) {
    const tend_trees *t = l->trees;
    uint32_t at = l->begin + i, left = l->left[i], link = l->link[i];
    bool categorical = t->flags[at] & TEND_TREE_CATEGORICAL;
    shap_node node = {.share_left = l->share_left[i]};
    node.feature = (uint32_t)l->feature[i] << SHAP_FEATURE_SHIFT | (t->flags[at] & TEND_TREE_DEFAULT_LEFT ? 0 : SHAP_MISSING_RIGHT) |
                   (categorical ? SHAP_CATEGORICAL : 0);
    if (categorical)
        node.at.set = t->set[at];
    else
        node.at.threshold = t->value[at];
    node.link = link ? 1 + 2 * l->place[(link - 1) / 2] + (link - 1) % 2 : 0;
    node.coefficients = link ? tend_shap_rule_add(rule, l->product[link]) : SHAP_FRESH;
    for (uint32_t side = 0; side < 2; side++)
        if (is_inner(l, i))
            node.below.child[side] = l->place[left + side];
        else
            node.below.leaf[side] = t->value[at - i + left + side];
    return node;
}

static void put_tree(tend_tree_shap *shap, const layout *l, uint32_t group) {
    uint32_t runs = (l->longest + 2 * SHAP_LANES - 1) / (2 * SHAP_LANES);
    shap_rule *rule = tend_shap_rule(shap, runs < SHAP_MOST_RUNS ? runs : SHAP_MOST_RUNS);
    shap_node *nodes = tend_arena_alloc_aligned(shap->arena, (l->n_inner + l->n_last) * sizeof *nodes, 64);
    float *beside = TEND_ARRAY(shap->arena, float, l->n_beside);
    bool has_sets = false;
    for (uint32_t i = 0; i < l->size; i++)
        if (is_split(l, i)) {
            nodes[l->place[i]] = make_node(l, i, rule);
            has_sets = has_sets || nodes[l->place[i]].feature & SHAP_CATEGORICAL;
        } else if (is_inner(l, l->parent[i])) {
            beside[l->place[i] - l->n_inner - l->n_last] = l->trees->value[l->begin + i];
        }
    shap->shap_trees[shap->n_trees++] = (shap_tree){rule, nodes, beside, l->n_inner, l->n_last, l->n_beside, group, has_sets};
    size_t vectors = (size_t)(l->n_inner + l->n_last + l->n_beside) * rule->runs;
    shap->most_vectors = vectors > shap->most_vectors ? vectors : shap->most_vectors;
    shap->most_splits = l->n_inner + l->n_last > shap->most_splits ? l->n_inner + l->n_last : shap->most_splits;
    shap->most_inner = l->n_inner > shap->most_inner ? l->n_inner : shap->most_inner;
}

tend_tree_shap *tend_tree_shap_new(const tend_trees *trees, const uint32_t *part_of, uint32_t n_parts) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    tend_arena *arena = tend_arena_new();
    tend_tree_shap *shap = TEND_NEW(arena, tend_tree_shap);
    *shap = (tend_tree_shap){.trees = trees, .n_parts = n_parts, .arena = arena, .wide = tend_tree_path_available(TEND_TREE_PATH_AVX2)};
    shap->part_of = tend_arena_memdup(arena, part_of, trees->n_features * sizeof *part_of);
    shap->shap_trees = TEND_ARRAY(arena, shap_tree, trees->n_trees);
    shap->base = TEND_ARRAY(arena, double, trees->n_groups);
    for (uint32_t g = 0; g < trees->n_groups; g++)
        shap->base[g] = (double)trees->base_margin[g];
    layout l = new_layout(trees, scratch);
    for (uint32_t t = 0; t < trees->n_trees; t++) {
        start(&l, t);
        shap->base[trees->tree_group[t]] += l.mean[0];
        if (!is_split(&l, 0))
            continue;
        find_links(&l);
        number_places(&l);
        put_tree(shap, &l, trees->tree_group[t]);
    }
    return shap;
}

void tend_tree_shap_free(tend_tree_shap *shap) {
    if (!shap)
        return;
    for (uint32_t i = 0; i <= SHAP_MOST_RUNS; i++)
        free(shap->rules[i].coefficients);
    tend_arena_free(shap->arena);
}

const double *tend_tree_shap_base(const tend_tree_shap *shap) { return shap->base; }
