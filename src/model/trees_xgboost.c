/* XGBoost's model file, read into the canonical form. Written for the files of 1.6 to 3.x; checked
 * bit for bit against 1.7.4. Nodes are renumbered breadth-first, which also drops the nodes that
 * pruning left behind. */
#include "base/text.h"
#include "model/trees.h"
#include "model/trees_ubj.h"

#include <math.h>

/* A model may list huge category numbers in few bytes: the sets together may take this many words.
 */
#define MAX_SET_WORDS (1U << 22)

typedef enum base_kind { BASE_IDENTITY, BASE_LOGIT, BASE_LOG } base_kind;

/* How an objective turns base_score into a margin (ProbToMargin in XGBoost's src/objective). */
static const struct {
    const char *prefix;
    base_kind kind;
} objectives[] = {
    {"binary:logistic", BASE_LOGIT}, {"binary:logitraw", BASE_IDENTITY},
    {"reg:logistic", BASE_LOGIT},    {"binary:hinge", BASE_IDENTITY},
    {"count:poisson", BASE_LOG},     {"reg:gamma", BASE_LOG},
    {"reg:tweedie", BASE_LOG},       {"survival:", BASE_LOG},
    {"reg:", BASE_IDENTITY},         {"multi:", BASE_IDENTITY},
    {"rank:", BASE_IDENTITY},
};

typedef struct builder {
    tend_trees *t;
    tend_error *err;
    tend_arena *arena; /* temporary */
    uint32_t n_nodes, n_sets, n_set_words, set_capacity;
    int32_t *feature;
    float *value, *cover, *gain;
    uint32_t *left, *set, *tree_begin, *tree_group, *set_begin, *set_words;
    uint8_t *flags;
    uint32_t *order; /* our node -> XGBoost's, for the tree at hand */
    size_t n_listed; /* categories in its sets so far */
} builder;

/* The arrays of one tree, as they lie in the file. */
typedef struct source {
    uint32_t index;
    size_t n;
    const tend_ubj *left, *right, *feature, *condition, *default_left, *type, *cover, *gain;
    const tend_ubj *cat_nodes, *cat_segments, *cat_sizes, *cats;
    uint32_t *set_of; /* node -> entry of cat_nodes, or UINT32_MAX; NULL without categorical splits */
} source;

static tend_status text_number(const tend_ubj *object, const char *key, double fallback, double *out, tend_error *err) {
    const tend_ubj *v = tend_ubj_get(object, key);
    *out = fallback;
    if (!v)
        return TEND_OK;
    if (v->kind == TEND_UBJ_INT || v->kind == TEND_UBJ_REAL) {
        *out = v->real;
        return TEND_OK;
    }
    if (v->kind != TEND_UBJ_STRING || !tend_text_parse_double((tend_str){(const char *)v->bytes, v->count}, false, out))
        return TEND_FAIL(err, CORRUPT, "the model's '%s' is not a number", key);
    return TEND_OK;
}

static tend_status text_count(const tend_ubj *object, const char *key, double limit, uint32_t *out, tend_error *err) {
    double v = 0;
    TEND_TRY(text_number(object, key, 0, &v, err));
    if (!(v >= 0 && v <= limit) || v != floor(v))
        return TEND_FAIL(err, CORRUPT, "the model's '%s' is %g, expected a whole number from 0 to %.0f", key, v, limit);
    *out = (uint32_t)v;
    return TEND_OK;
}

static tend_status typed(const tend_ubj *tree, const source *s, const char *key, bool floating, size_t want, const tend_ubj **out,
                         tend_error *err) {
    const tend_ubj *a = tend_ubj_get(tree, key);
    if (!a || a->kind != TEND_UBJ_TYPED)
        return TEND_FAIL(err, CORRUPT, "tree %u has no array '%s'", s->index, key);
    if ((a->type == 'd' || a->type == 'D') != floating)
        return TEND_FAIL(err, CORRUPT, "tree %u: '%s' holds the wrong kind of number", s->index, key);
    if (want != SIZE_MAX && a->count != want)
        return TEND_FAIL(err, CORRUPT, "tree %u: '%s' has %zu entries for %zu nodes", s->index, key, a->count, want);
    *out = a;
    return TEND_OK;
}

static tend_status open_categories(builder *b, const tend_ubj *tree, source *s) {
    const tend_ubj *nodes = tend_ubj_get(tree, "categories_nodes");
    if (!nodes || nodes->count == 0)
        return TEND_OK;
    TEND_TRY(typed(tree, s, "categories_nodes", false, SIZE_MAX, &s->cat_nodes, b->err));
    TEND_TRY(typed(tree, s, "categories_segments", false, nodes->count, &s->cat_segments, b->err));
    TEND_TRY(typed(tree, s, "categories_sizes", false, nodes->count, &s->cat_sizes, b->err));
    TEND_TRY(typed(tree, s, "categories", false, SIZE_MAX, &s->cats, b->err));
    s->set_of = TEND_ARRAY(b->arena, uint32_t, s->n);
    memset(s->set_of, 0xff, s->n * sizeof *s->set_of);
    for (size_t i = 0; i < nodes->count; i++) {
        int64_t node = tend_ubj_int(s->cat_nodes, i);
        if (node < 0 || (size_t)node >= s->n)
            return TEND_FAIL(b->err, CORRUPT, "tree %u: categories of node %lld, which does not exist", s->index, (long long)node);
        s->set_of[node] = (uint32_t)i;
    }
    return TEND_OK;
}

static tend_status open_tree(builder *b, const tend_ubj *tree, uint32_t index, source *s) {
    *s = (source){.index = index};
    b->n_listed = 0;
    uint32_t leaf_size = 0;
    TEND_TRY(text_count(tend_ubj_get(tree, "tree_param"), "size_leaf_vector", UINT32_MAX, &leaf_size, b->err));
    if (leaf_size > 1)
        return TEND_FAIL(b->err, UNSUPPORTED, "tree %u has vector leaves (multi_strategy=multi_output_tree)", index);
    TEND_TRY(typed(tree, s, "left_children", false, SIZE_MAX, &s->left, b->err));
    s->n = s->left->count;
    if (s->n == 0)
        return TEND_FAIL(b->err, CORRUPT, "tree %u has no nodes", index);
    TEND_TRY(typed(tree, s, "right_children", false, s->n, &s->right, b->err));
    TEND_TRY(typed(tree, s, "split_indices", false, s->n, &s->feature, b->err));
    TEND_TRY(typed(tree, s, "split_conditions", true, s->n, &s->condition, b->err));
    TEND_TRY(typed(tree, s, "default_left", false, s->n, &s->default_left, b->err));
    TEND_TRY(typed(tree, s, "sum_hessian", true, s->n, &s->cover, b->err));
    TEND_TRY(typed(tree, s, "loss_changes", true, s->n, &s->gain, b->err));
    if (tend_ubj_get(tree, "split_type"))
        TEND_TRY(typed(tree, s, "split_type", false, s->n, &s->type, b->err));
    return open_categories(b, tree, s);
}

/* The categories of one split as a bit set behind the sets so far. */
static tend_status add_set(builder *b, const source *s, uint32_t entry, uint32_t *out) {
    int64_t begin = tend_ubj_int(s->cat_segments, entry), size = tend_ubj_int(s->cat_sizes, entry);
    if (begin < 0 || size < 0 || (uint64_t)begin > s->cats->count || (uint64_t)size > s->cats->count - (uint64_t)begin)
        return TEND_FAIL(b->err, CORRUPT, "tree %u: a category set lies outside 'categories'", s->index);
    b->n_listed += (size_t)size;
    if (b->n_listed > s->cats->count) /* or the work would be nodes times categories */
        return TEND_FAIL(b->err, CORRUPT, "tree %u: its category sets overlap", s->index);
    int64_t highest = -1;
    for (int64_t i = 0; i < size; i++) {
        int64_t category = tend_ubj_int(s->cats, (size_t)(begin + i));
        if (category < 0 || category >= 1 << 24)
            return TEND_FAIL(b->err, CORRUPT, "tree %u: category %lld, expected 0 to 2^24 - 1", s->index, (long long)category);
        highest = category > highest ? category : highest;
    }
    uint32_t words = (uint32_t)((highest + 32) / 32), first = b->n_set_words;
    if (words > MAX_SET_WORDS - first)
        return TEND_FAIL(b->err, LIMIT, "the model's category sets are too large (more than %u words)", MAX_SET_WORDS);
    if (first + words > b->set_capacity) {
        b->set_capacity = 2 * (first + words);
        b->set_words = tend_arena_grow(b->arena, b->set_words, first * 4UL, b->set_capacity * 4UL);
    }
    memset(b->set_words + first, 0, words * 4UL);
    for (int64_t i = 0; i < size; i++) {
        uint32_t category = (uint32_t)tend_ubj_int(s->cats, (size_t)(begin + i));
        b->set_words[first + category / 32] |= 1U << (category % 32);
    }
    b->n_set_words += words;
    *out = b->n_sets++;
    b->set_begin[b->n_sets] = b->n_set_words;
    return TEND_OK;
}

static tend_status add_split(builder *b, const source *s, uint32_t at, uint32_t node, int64_t left, int64_t right, uint32_t *next) {
    if (left < 0 || right < 0 || (size_t)left >= s->n || (size_t)right >= s->n || *next + 2 > s->n)
        return TEND_FAIL(b->err, CORRUPT, "tree %u, node %u of %zu: children %lld and %lld", s->index, node, s->n, (long long)left,
                         (long long)right);
    int64_t feature = tend_ubj_int(s->feature, node) & 0x7fffffff; /* old files keep default_left in the top bit */
    if (feature >= b->t->n_features)
        return TEND_FAIL(b->err, CORRUPT, "tree %u, node %u splits on feature %lld of %u", s->index, node, (long long)feature,
                         b->t->n_features);
    b->feature[at] = (int32_t)feature;
    b->left[at] = *next;
    b->order[(*next)++] = (uint32_t)left;
    b->order[(*next)++] = (uint32_t)right;
    b->flags[at] = tend_ubj_int(s->default_left, node) ? TEND_TREE_DEFAULT_LEFT : 0;
    b->gain[at] = (float)tend_ubj_real(s->gain, node);
    if (!s->type || tend_ubj_int(s->type, node) == 0)
        return TEND_OK;
    if (!s->set_of || s->set_of[node] == UINT32_MAX)
        return TEND_FAIL(b->err, CORRUPT, "tree %u, node %u: a categorical split without categories", s->index, node);
    b->flags[at] |= TEND_TREE_CATEGORICAL;
    b->value[at] = 0;
    return add_set(b, s, s->set_of[node], &b->set[at]);
}

static tend_status add_tree(builder *b, const source *s) {
    uint32_t next = 1, i;
    b->order[0] = 0;
    for (i = 0; i < next; i++) {
        uint32_t node = b->order[i], at = b->n_nodes + i;
        int64_t left = tend_ubj_int(s->left, node), right = tend_ubj_int(s->right, node);
        b->feature[at] = -1;
        b->set[at] = UINT32_MAX;
        b->value[at] = (float)tend_ubj_real(s->condition, node);
        b->cover[at] = (float)tend_ubj_real(s->cover, node);
        if (left != -1 || right != -1)
            TEND_TRY(add_split(b, s, at, node, left, right, &next));
    }
    b->n_nodes += i;
    b->tree_begin[s->index + 1] = b->n_nodes;
    return TEND_OK;
}

static tend_status base_margin_of(builder *b, const tend_ubj *learner, float score, float *out) {
    const tend_ubj *name = tend_ubj_get(tend_ubj_get(learner, "objective"), "name");
    if (!name || name->kind != TEND_UBJ_STRING)
        return TEND_FAIL(b->err, CORRUPT, "the model does not name its objective");
    for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++) {
        size_t size = strlen(objectives[i].prefix);
        if (name->count < size || memcmp(name->bytes, objectives[i].prefix, size) != 0)
            continue;
        base_kind kind = objectives[i].kind;
        if ((kind == BASE_LOGIT && !(score > 0.0F && score < 1.0F)) || (kind == BASE_LOG && !(score > 0.0F)))
            return TEND_FAIL(b->err, CORRUPT, "base_score %g is impossible for %s", (double)score, objectives[i].prefix);
        *out = kind == BASE_LOGIT ? -logf(1.0F / score - 1.0F) : kind == BASE_LOG ? logf(score) : score;
        return TEND_OK;
    }
    return TEND_FAIL(b->err, UNSUPPORTED, "XGBoost objective '%.*s'", (int)(name->count < 60 ? name->count : 60),
                     (const char *)name->bytes);
}

/* "5E-1", or since XGBoost 3.1 a list: "[5E-1,2E-1]". */
static tend_status read_base(builder *b, const tend_ubj *learner) {
    const tend_ubj *v = tend_ubj_get(tend_ubj_get(learner, "learner_model_param"), "base_score");
    if (!v || v->kind != TEND_UBJ_STRING)
        return TEND_FAIL(b->err, CORRUPT, "the model has no base_score");
    tend_str text = {(const char *)v->bytes, v->count};
    if (text.size >= 2 && text.at[0] == '[' && text.at[text.size - 1] == ']')
        text = (tend_str){text.at + 1, text.size - 2};
    float *out = TEND_ARRAY(b->t->arena, float, b->t->n_groups);
    uint32_t n = 0;
    for (bool more = true; more; n++) {
        const char *comma = memchr(text.at, ',', text.size);
        tend_str item = {text.at, comma ? (size_t)(comma - text.at) : text.size};
        double score = 0;
        if (n == b->t->n_groups || !tend_text_parse_double(item, false, &score))
            return TEND_FAIL(b->err, CORRUPT, "the model's base_score cannot be read");
        TEND_TRY(base_margin_of(b, learner, (float)score, &out[n]));
        more = comma != NULL;
        if (more)
            text = (tend_str){comma + 1, text.size - item.size - 1};
    }
    if (n != 1 && n != b->t->n_groups)
        return TEND_FAIL(b->err, CORRUPT, "the model has %u base scores for %u groups", n, b->t->n_groups);
    for (; n < b->t->n_groups; n++)
        out[n] = out[0];
    b->t->base_margin = out;
    return TEND_OK;
}

static tend_status read_shape(builder *b, const tend_ubj *learner) {
    const tend_ubj *param = tend_ubj_get(learner, "learner_model_param");
    uint32_t classes = 0, targets = 0;
    TEND_TRY(text_count(param, "num_feature", INT32_MAX, &b->t->n_features, b->err));
    TEND_TRY(text_count(param, "num_class", 1 << 20, &classes, b->err));
    TEND_TRY(text_count(param, "num_target", 1 << 20, &targets, b->err));
    b->t->n_groups = classes > targets ? classes : targets;
    if (b->t->n_groups == 0)
        b->t->n_groups = 1;
    return TEND_OK;
}

static tend_status read_groups(builder *b, const tend_ubj *model) {
    const tend_ubj *info = tend_ubj_get(model, "tree_info");
    if (!info || (info->kind != TEND_UBJ_ARRAY && info->kind != TEND_UBJ_TYPED) || info->count != b->t->n_trees)
        return TEND_FAIL(b->err, CORRUPT, "'tree_info' does not name a group for each of %u trees", b->t->n_trees);
    const tend_ubj *entry = info->first;
    for (uint32_t i = 0; i < b->t->n_trees; i++) {
        int64_t group = entry ? entry->integer : tend_ubj_int(info, i);
        if (group < 0 || group >= b->t->n_groups)
            return TEND_FAIL(b->err, CORRUPT, "tree %u adds to group %lld of %u", i, (long long)group, b->t->n_groups);
        b->tree_group[i] = (uint32_t)group;
        entry = entry ? entry->next : NULL;
    }
    return TEND_OK;
}

static tend_status find_model(const tend_ubj *root, const tend_ubj **learner, const tend_ubj **model, tend_error *err) {
    *learner = tend_ubj_get(root, "learner");
    const tend_ubj *booster = tend_ubj_get(*learner, "gradient_booster"), *name = tend_ubj_get(booster, "name");
    if (!name || name->kind != TEND_UBJ_STRING)
        return TEND_FAIL(err, CORRUPT, "not an XGBoost model: there is no learner.gradient_booster.name");
    if (name->count != 6 || memcmp(name->bytes, "gbtree", 6) != 0)
        return TEND_FAIL(err, UNSUPPORTED, "XGBoost booster '%.*s'; only 'gbtree' can be imported",
                         (int)(name->count < 40 ? name->count : 40), (const char *)name->bytes);
    *model = tend_ubj_get(booster, "model");
    const tend_ubj *trees = tend_ubj_get(*model, "trees");
    if (!trees || trees->kind != TEND_UBJ_ARRAY || trees->count > UINT32_MAX / 2)
        return TEND_FAIL(err, CORRUPT, "the XGBoost model has no list of trees");
    return TEND_OK;
}

/* Room for every node that the file lists; those that pruning left behind stay unused. */
static tend_status make_room(builder *b, const tend_ubj *trees) {
    size_t nodes = 0, sets = 0, largest = 0;
    for (const tend_ubj *tree = trees->first; tree; tree = tree->next) {
        const tend_ubj *left = tend_ubj_get(tree, "left_children"), *cat = tend_ubj_get(tree, "categories_nodes");
        size_t n = left ? left->count : 0;
        nodes += n;
        largest = n > largest ? n : largest;
        sets += cat ? cat->count : 0;
    }
    if (nodes > INT32_MAX || sets > INT32_MAX)
        return TEND_FAIL(b->err, LIMIT, "the model has %zu nodes; at most 2^31 - 1 can be imported", nodes);
    tend_arena *arena = b->t->arena;
    b->feature = TEND_ARRAY(arena, int32_t, nodes);
    b->value = TEND_ARRAY(arena, float, nodes);
    b->cover = TEND_ARRAY(arena, float, nodes);
    b->gain = TEND_ARRAY(arena, float, nodes);
    b->left = TEND_ARRAY(arena, uint32_t, nodes);
    b->set = TEND_ARRAY(arena, uint32_t, nodes);
    b->flags = TEND_ARRAY(arena, uint8_t, nodes);
    b->tree_begin = TEND_ARRAY(arena, uint32_t, trees->count + 1);
    b->tree_group = TEND_ARRAY(arena, uint32_t, trees->count);
    /* A hostile file may point several nodes at one entry: bounded by the nodes, not by the
     * entries. */
    b->set_begin = TEND_ARRAY(arena, uint32_t, (sets ? nodes : 0) + 1);
    b->order = TEND_ARRAY(b->arena, uint32_t, largest + 2);
    return TEND_OK;
}

static void publish(builder *b) {
    tend_trees *t = b->t;
    t->n_nodes = b->n_nodes;
    t->n_sets = b->n_sets;
    t->n_set_words = b->n_set_words;
    t->feature = b->feature;
    t->value = b->value;
    t->cover = b->cover;
    t->gain = b->gain;
    t->left = b->left;
    t->flags = b->flags;
    t->tree_begin = b->tree_begin;
    t->tree_group = b->tree_group;
    t->set_begin = b->set_begin;
    t->set_words = tend_arena_memdup(t->arena, b->set_words, b->n_set_words * 4UL);
    t->set = b->n_sets ? b->set : NULL;
}

static tend_status import(builder *b, const tend_ubj *root) {
    const tend_ubj *learner = NULL, *model = NULL;
    TEND_TRY(find_model(root, &learner, &model, b->err));
    const tend_ubj *trees = tend_ubj_get(model, "trees");
    b->t->n_trees = (uint32_t)trees->count;
    TEND_TRY(read_shape(b, learner));
    TEND_TRY(read_base(b, learner));
    TEND_TRY(make_room(b, trees));
    TEND_TRY(read_groups(b, model));
    uint32_t index = 0;
    for (const tend_ubj *tree = trees->first; tree; tree = tree->next) {
        source s;
        TEND_TRY(open_tree(b, tree, index++, &s));
        TEND_TRY(add_tree(b, &s));
    }
    publish(b);
    return tend_trees_check(b->t, b->err);
}

tend_status tend_trees_parse_ubj(const void *bytes, size_t size, tend_trees **out, tend_error *err) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    tend_arena *arena = tend_arena_new();
    tend_trees *trees = TEND_NEW(arena, tend_trees);
    trees->arena = arena;
    TEND_AUTO(tend_trees) *owner = trees;
    tend_ubj *root = NULL;
    TEND_TRY(tend_ubj_parse(bytes, size, scratch, &root, err));
    builder b = {.t = trees, .err = err, .arena = scratch};
    b.set_words = tend_arena_alloc(scratch, 0);
    TEND_TRY(import(&b, root));
    *out = TEND_STEAL(owner);
    return TEND_OK;
}
