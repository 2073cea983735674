/* Ensembles and rows grown at random, made to be awkward. */
#ifndef TEND_TESTS_TREES_GROWER_H
#define TEND_TESTS_TREES_GROWER_H

#include "model/trees.h"
#include "support/suite.h"

#include <float.h>
#include <stdlib.h>

/* An ensemble under construction, grown at random. */
typedef struct grower {
    tend_trees t;
    int32_t feature[1 << 16];
    float value[1 << 16], cover[1 << 16], gain[1 << 16], base[16];
    uint32_t left[1 << 16], set[1 << 16], tree_begin[1024], tree_group[1024], set_begin[4096], set_words[8192];
    uint8_t flags[1 << 16];
    uint64_t state;
} grower;

static inline double uniform(grower *g) {
    g->state = g->state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(g->state >> 11) / 9007199254740992.0;
}
static inline uint32_t below(grower *g, uint32_t n) { return (uint32_t)(uniform(g) * n); }

typedef struct shape {
    uint32_t trees, features, groups, depth, cuts; /* distinct thresholds per feature */
    double stop;                                   /* chance that a node above the last level is a leaf */
    double categorical;                            /* chance of a categorical split */
} shape;

static inline float threshold(grower *g, const shape *s) {
    static const float odd[] = {0.0F, -0.0F, 1e-40F, -1e-40F, FLT_MAX, -FLT_MAX, INFINITY, -INFINITY, 1, 2};
    uint32_t k = below(g, s->cuts);
    if (k < sizeof odd / sizeof *odd)
        return odd[k];
    return ((float)k - (float)s->cuts / 2) / 8;
}

static inline void grow_set(grower *g, uint32_t at) {
    uint32_t words = below(g, 4);
    g->flags[at] |= TEND_TREE_CATEGORICAL;
    g->set[at] = g->t.n_sets++;
    for (uint32_t i = 0; i < words; i++)
        g->set_words[g->t.n_set_words++] = (uint32_t)(uniform(g) * 4294967295.0);
    g->set_begin[g->t.n_sets] = g->t.n_set_words;
}

static inline void grow_tree(grower *g, const shape *s, uint32_t tree) {
    uint32_t begin = g->t.n_nodes, next = 1, level_end = 1, depth = 0;
    uint32_t limit = tree % 7 == 3 ? below(g, s->depth + 1) : s->depth;
    for (uint32_t i = 0; i < next; i++) {
        if (i == level_end) {
            depth++;
            level_end = next;
        }
        uint32_t at = begin + i;
        g->feature[at] = -1;
        g->set[at] = UINT32_MAX;
        g->value[at] = (float)(uniform(g) - 0.5) * (1 + (float)(tree % 5));
        if (depth >= limit || next > 3000 || (i > 0 && uniform(g) < s->stop))
            continue;
        g->feature[at] = (int32_t)below(g, s->features);
        g->value[at] = threshold(g, s);
        g->flags[at] = uniform(g) < 0.5 ? TEND_TREE_DEFAULT_LEFT : 0;
        g->left[at] = next;
        next += 2;
        if (uniform(g) < s->categorical && g->t.n_sets < 4000 && g->t.n_set_words < 8000)
            grow_set(g, at);
    }
    g->t.n_nodes += next;
    g->tree_begin[tree + 1] = g->t.n_nodes;
    g->tree_group[tree] = tree % 3 == 2 ? below(g, s->groups) : tree % s->groups;
}

static inline grower *grow(const shape *s, uint64_t seed) {
    grower *g = calloc(1, sizeof *g);
    g->state = seed;
    g->t = (tend_trees){.n_trees = s->trees,
                        .n_features = s->features,
                        .n_groups = s->groups,
                        .base_margin = g->base,
                        .tree_begin = g->tree_begin,
                        .tree_group = g->tree_group,
                        .feature = g->feature,
                        .value = g->value,
                        .left = g->left,
                        .cover = g->cover,
                        .gain = g->gain,
                        .set_begin = g->set_begin,
                        .set_words = g->set_words,
                        .flags = g->flags};
    for (uint32_t i = 0; i < s->groups; i++)
        g->base[i] = (float)uniform(g);
    for (uint32_t i = 0; i < s->trees; i++)
        grow_tree(g, s, i);
    if (g->t.n_sets)
        g->t.set = g->set;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_trees_check(&g->t, &err), &err);
    return g;
}

static inline float value_for(grower *g, const shape *s) {
    static const float odd[] = {NAN,    0.0F, -0.0F, 1e-40F, -1e-40F, FLT_MAX, -FLT_MAX, INFINITY, -INFINITY,
                                1e-45F, -1,   -0.5F, 31,     32,      63.5F,   95,       96,       16777216};
    double kind = uniform(g);
    if (kind < 0.1)
        return NAN;
    if (kind < 0.3)
        return odd[below(g, sizeof odd / sizeof *odd)];
    if (kind < 0.6) /* exactly on a threshold */
        return ((float)below(g, s->cuts) - (float)s->cuts / 2) / 8;
    return (float)(uniform(g) - 0.5) * (float)s->cuts / 4;
}

#endif
