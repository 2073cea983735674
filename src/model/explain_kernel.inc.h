/* One row through one tree (explain_trees.h has the mathematics). Included once per instruction set, with KERNEL(name) defined. Which way
 * a row goes is as good as random, so nothing branches on it. */

#define KERNEL_INLINE static inline __attribute__((always_inline))

KERNEL_INLINE void KERNEL(decide)(const tend_tree_shap *shap, const shap_tree *tree, const float *x, uint32_t *restrict right) {
    const shap_node *nodes = tree->nodes;
    uint32_t n = tree->n_inner + tree->n_last;
    for (uint32_t i = 0; i < n; i++) {
        float v = x[nodes[i].feature >> SHAP_FEATURE_SHIFT];
        right[i] = (uint32_t)(v >= nodes[i].at.threshold) | (nodes[i].feature & (uint32_t)(v != v) & SHAP_MISSING_RIGHT);
    }
    for (uint32_t i = 0; tree->has_sets && i < n; i++) {
        float v = x[nodes[i].feature >> SHAP_FEATURE_SHIFT];
        if (nodes[i].feature & SHAP_CATEGORICAL)
            right[i] = v != v ? nodes[i].feature & SHAP_MISSING_RIGHT : tend_trees_in_set(shap->trees, nodes[i].at.set, v);
    }
}

KERNEL_INLINE double KERNEL(share_cold)(const shap_node *node, uint32_t right) { return fabs(node->share_left - (double)(int)(right ^ 1)); }

KERNEL_INLINE const shap_vector *KERNEL(coefficients)(const shap_rule *rule, const shap_node *node, uint32_t satisfied, uint32_t runs) {
    return rule->coefficients + (size_t)(SHAP_DEAD ^ ((SHAP_DEAD ^ node->coefficients) & satisfied)) * 2 * runs;
}

KERNEL_INLINE void KERNEL(down)(const shap_tree *tree, const shap_scratch *s, uint32_t runs) {
    shap_vector *restrict g = s->vectors;
    uint32_t *restrict satisfied = s->satisfied;
    shap_step *restrict steps = s->steps;
    for (uint32_t k = 0; k < runs; k++)
        g[k] = tree->rule->weight[k];
    for (uint32_t i = 0; i < tree->n_inner; i++) {
        const shap_node *node = &tree->nodes[i];
        uint32_t right = s->right[i], mask = satisfied[node->link];
        satisfied[1 + 2 * i] = mask & (right - 1);
        satisfied[2 + 2 * i] = mask & (0 - right);
        double z = KERNEL(share_cold)(node, right);
        const shap_vector *a = KERNEL(coefficients)(tree->rule, node, mask, runs);
        uint32_t hot = node->below.child[right], cold = node->below.child[right ^ 1];
        steps[i] = (shap_step){a, z, hot, cold};
        for (uint32_t k = 0; k < runs; k++) {
            shap_vector here = g[(size_t)i * runs + k], to_cold = a[k] * z * here;
            g[(size_t)cold * runs + k] = to_cold;
            g[(size_t)hot * runs + k] = here - to_cold;
        }
    }
}

KERNEL_INLINE void KERNEL(last)(const tend_tree_shap *shap, const shap_tree *tree, const shap_scratch *s, shap_vector *restrict phi,
                                uint32_t runs) {
    for (uint32_t i = tree->n_inner; i < tree->n_inner + tree->n_last; i++) {
        const shap_node *node = &tree->nodes[i];
        uint32_t right = s->right[i];
        double hot = (double)node->below.leaf[right];
        double zd = KERNEL(share_cold)(node, right) * (hot - (double)node->below.leaf[right ^ 1]);
        const shap_vector *a = KERNEL(coefficients)(tree->rule, node, s->satisfied[node->link], runs);
        shap_vector *to = &phi[shap->part_of[node->feature >> SHAP_FEATURE_SHIFT]], *g = s->vectors + (size_t)i * runs, sum = *to;
        for (uint32_t k = 0; k < runs; k++) {
            sum += g[k] * (a[runs + k] * zd);
            g[k] = hot - a[k] * zd;
        }
        *to = sum;
    }
    shap_vector *h = s->vectors + (size_t)(tree->n_inner + tree->n_last) * runs, zero = {0};
    for (uint32_t i = 0; i < tree->n_beside; i++)
        for (uint32_t k = 0; k < runs; k++)
            *h++ = zero + (double)tree->beside[i];
}

KERNEL_INLINE void KERNEL(up)(const tend_tree_shap *shap, const shap_tree *tree, const shap_scratch *s, shap_vector *restrict phi,
                              uint32_t runs) {
    for (uint32_t i = tree->n_inner; i-- > 0;) {
        const shap_step *step = &s->steps[i];
        shap_vector *to = &phi[shap->part_of[tree->nodes[i].feature >> SHAP_FEATURE_SHIFT]], *g = s->vectors, sum = *to;
        for (uint32_t k = 0; k < runs; k++) {
            shap_vector hot = g[(size_t)step->hot * runs + k], zd = step->share_cold * (hot - g[(size_t)step->cold * runs + k]);
            sum += g[(size_t)i * runs + k] * (step->a[runs + k] * zd);
            g[(size_t)i * runs + k] = hot - step->a[k] * zd;
        }
        *to = sum;
    }
}

KERNEL_INLINE void KERNEL(runs)(const tend_tree_shap *shap, const shap_tree *tree, const float *x, const shap_scratch *s, shap_vector *phi,
                                uint32_t runs) {
    KERNEL(decide)(shap, tree, x, s->right);
    KERNEL(down)(tree, s, runs);
    KERNEL(last)(shap, tree, s, phi, runs);
    KERNEL(up)(shap, tree, s, phi, runs);
}

/* phi[n_parts] of the tree's group. Trees of usual depth need one vector: that is compiled apart. */
static void KERNEL(tree)(const tend_tree_shap *shap, const shap_tree *tree, const float *x, const shap_scratch *s, shap_vector *phi) {
    if (tree->rule->runs == 1)
        KERNEL(runs)(shap, tree, x, s, phi, 1);
    else
        KERNEL(runs)(shap, tree, x, s, phi, tree->rule->runs);
}

#undef KERNEL_INLINE
