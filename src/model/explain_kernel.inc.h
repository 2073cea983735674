/* One row through one tree (explain_trees.h has the mathematics). Included once per instruction set, with KERNEL(name) defined. Which way
 * a row goes is as good as random, so nothing branches on it. */

static inline __attribute__((always_inline)) bool KERNEL(right)(const tend_trees *trees, const shap_node *node, const float *x) {
    float v = x[node->feature >> SHAP_FEATURE_SHIFT];
    bool missing_right = (node->feature & SHAP_MISSING_RIGHT) & (v != v);
    if (node->feature & SHAP_CATEGORICAL)
        return missing_right || tend_trees_in_set(trees, node->at.set, v);
    return (v >= node->at.threshold) | missing_right;
}

static inline __attribute__((always_inline)) double KERNEL(share_cold)(const shap_node *node, bool right) {
    return fabs(node->share_left - (double)!right);
}

static inline __attribute__((always_inline)) const shap_vector *KERNEL(coefficients)(const shap_rule *rule, const shap_node *node,
                                                                                     bool satisfied, uint32_t runs) {
    uint32_t index = SHAP_DEAD ^ ((SHAP_DEAD ^ node->coefficients) & -(uint32_t)satisfied);
    return rule->coefficients + (size_t)index * 2 * runs;
}

static inline __attribute__((always_inline)) void KERNEL(down)(const tend_trees *trees, const shap_tree *tree, const float *x,
                                                               const shap_scratch *s, uint32_t runs) {
    shap_vector *restrict g = s->vectors;
    uint8_t *restrict satisfied_by = s->satisfied;
    shap_step *restrict steps = s->steps;
    for (uint32_t k = 0; k < runs; k++)
        g[k] = tree->rule->weight[k];
    for (uint32_t i = 0; i < tree->n_inner; i++) {
        const shap_node *node = &tree->nodes[i];
        bool right = KERNEL(right)(trees, node, x), satisfied = satisfied_by[node->link];
        satisfied_by[1 + 2 * i] = satisfied & !right;
        satisfied_by[2 + 2 * i] = satisfied & right;
        double z = KERNEL(share_cold)(node, right);
        shap_step step = {KERNEL(coefficients)(tree->rule, node, satisfied, runs), z, node->below.child[right], node->below.child[!right]};
        steps[i] = step;
        for (uint32_t k = 0; k < runs; k++) {
            shap_vector here = g[(size_t)i * runs + k], cold = step.a[k] * z * here;
            g[(size_t)step.cold * runs + k] = cold;
            g[(size_t)step.hot * runs + k] = here - cold;
        }
    }
}

static inline __attribute__((always_inline)) void KERNEL(last)(const tend_tree_shap *shap, const shap_tree *tree, const float *x,
                                                               const shap_scratch *s, shap_vector *phi, uint32_t runs) {
    for (uint32_t i = tree->n_inner; i < tree->n_inner + tree->n_last; i++) {
        const shap_node *node = &tree->nodes[i];
        bool right = KERNEL(right)(shap->trees, node, x), satisfied = s->satisfied[node->link];
        double z = KERNEL(share_cold)(node, right), hot = (double)node->below.leaf[right];
        double zd = z * (hot - (double)node->below.leaf[!right]);
        const shap_vector *a = KERNEL(coefficients)(tree->rule, node, satisfied, runs);
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

static inline __attribute__((always_inline)) void KERNEL(up)(const tend_tree_shap *shap, const shap_tree *tree, const shap_scratch *s,
                                                             shap_vector *phi, uint32_t runs) {
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

static inline __attribute__((always_inline)) void KERNEL(runs)(const tend_tree_shap *shap, const shap_tree *tree, const float *x,
                                                               const shap_scratch *s, shap_vector *phi, uint32_t runs) {
    KERNEL(down)(shap->trees, tree, x, s, runs);
    KERNEL(last)(shap, tree, x, s, phi, runs);
    KERNEL(up)(shap, tree, s, phi, runs);
}

/* phi[n_parts] of the tree's group. Trees of usual depth need one vector: that is compiled apart. */
static void KERNEL(tree)(const tend_tree_shap *shap, const shap_tree *tree, const float *x, const shap_scratch *s, shap_vector *phi) {
    if (tree->rule->runs == 1)
        KERNEL(runs)(shap, tree, x, s, phi, 1);
    else
        KERNEL(runs)(shap, tree, x, s, phi, tree->rule->runs);
}
