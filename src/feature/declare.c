/* The `features` node of tend.yaml. A feature is
 *
 *     name: transform                          the column of that name
 *     name: [transform, {transform: {…}}]      a chain
 *     name: {from: column or [columns], transform: one or a chain, the parameters of a single one}
 *     name: {transform: {…}}                   a single transform as a map
 *
 * and `drop`, `rest` are not features. Every fault is told; a faulty feature is left out of the
 * plan.
 */
#include "feature/plan.h"

static const char *const not_args[] = {"from", "transform", NULL};
enum { MAX_CHAIN = 32 };

#define complain(plan, span, ...) tend_diags_add((plan)->diags, TEND_SEVERITY_ERROR, TEND_CONFIG, (span), __VA_ARGS__)

static const char *nearest_column(const tend_table *table, const char *name) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char **names = TEND_ARRAY(arena, const char *, table->n_columns);
    for (int c = 0; c < table->n_columns; c++)
        names[c] = table->columns[c].name;
    return tend_text_nearest(name, names, (size_t)table->n_columns);
}

static int find_column(const tend_plan *plan, const char *name, tend_span span) {
    int column = tend_table_find(plan->table, name);
    if (column >= 0)
        return column;
    tend_error *err = complain(plan, span, "there is no column '%s'", name);
    const char *near = nearest_column(plan->table, name);
    if (near)
        tend_error_hint(err, TEND_CONFIG, "did you mean '%s'?", near);
    return -1;
}

static const tend_transform *find_transform(const tend_plan *plan, const char *name, tend_span span) {
    const tend_transform *transform = tend_transform_find(name);
    if (transform)
        return transform;
    tend_error *err = complain(plan, span, "there is no transform '%s'", name);
    const char *near = tend_transform_nearest(name);
    if (near)
        tend_error_hint(err, TEND_CONFIG, "did you mean '%s'?", near);
    return NULL;
}

static void parse_drop_item(tend_plan *plan, const tend_node *item) {
    const char *name = tend_node_scalar(item, NULL);
    if (!name) {
        complain(plan, item->span, "drop: expected a column's name, found %s", tend_node_kind_name(item->kind));
        return;
    }
    int column = find_column(plan, name, item->span);
    if (column < 0 || plan->taken[column])
        return;
    plan->taken[column] = true;
    tend_plan_drop(plan, name, "dropped in tend.yaml");
}

static void parse_drop(tend_plan *plan, const tend_node *node) {
    if (node->kind != TEND_NODE_LIST)
        parse_drop_item(plan, node);
    else
        TEND_NODE_EACH(item, node)
            parse_drop_item(plan, item);
}

static void parse_rest(tend_plan *plan, const tend_node *node) {
    const char *word = tend_node_scalar(node, "");
    plan->rest_drop = strcmp(word, "drop") == 0;
    if (!plan->rest_drop && strcmp(word, "infer") != 0)
        complain(plan, node->span, "rest: expected 'drop' or 'infer', found '%s'", word);
}

typedef struct links {
    tend_stage items[MAX_CHAIN];
    int n;
    bool faulty;
} links;

static void add_link(tend_plan *plan, links *chain, const char *name, tend_span span, const tend_node *args, bool whole_map) {
    const tend_transform *transform = find_transform(plan, name, span);
    if (!transform || chain->n == MAX_CHAIN) {
        if (transform)
            complain(plan, span, "a chain has at most %d transforms", MAX_CHAIN);
        chain->faulty = true;
        return;
    }
    tend_stage *stage = &chain->items[chain->n++];
    tend_arena *arena = plan->pipeline->arena;
    tend_stage_init(stage, transform, arena);
    stage->span = span;
    size_t before = plan->diags->n_errors;
    if (args && args->kind == TEND_NODE_MAP)
        tend_args_parse(stage, args, whole_map ? not_args : NULL, arena, plan->diags);
    else if (args && args->kind != TEND_NODE_NULL)
        tend_args_parse_short(stage, args, arena, plan->diags);
    chain->faulty |= plan->diags->n_errors > before;
}

/* log1p, {impute: {value: 0}}, {impute: median}, {transform: impute, value: 0} */
static void parse_link(tend_plan *plan, const tend_node *node, links *chain) {
    const tend_node *named = node->kind == TEND_NODE_MAP ? tend_node_get(node, "transform") : NULL;
    if (node->kind == TEND_NODE_STRING)
        add_link(plan, chain, node->text, node->span, NULL, false);
    else if (named && named->kind == TEND_NODE_STRING)
        add_link(plan, chain, named->text, named->span, node, true);
    else if (node->kind == TEND_NODE_MAP && node->count == 1)
        add_link(plan, chain, node->first->key, node->first->key_span, node->first, false);
    else {
        complain(plan, node->span, "expected a transform, such as 'log1p' or '{impute: median}', found %s",
                 tend_node_kind_name(node->kind));
        chain->faulty = true;
    }
}

static void parse_chain(tend_plan *plan, const tend_node *node, links *chain) {
    if (node->kind != TEND_NODE_LIST) {
        parse_link(plan, node, chain);
        return;
    }
    TEND_NODE_EACH(item, node)
        parse_link(plan, item, chain);
}

/* A map names its transform under `transform`, or is the transform itself: {standardize: {}}. */
static void parse_transforms(tend_plan *plan, const tend_node *node, links *chain) {
    if (node->kind != TEND_NODE_MAP) {
        if (node->kind != TEND_NODE_NULL)
            parse_chain(plan, node, chain);
        return;
    }
    const tend_node *named = tend_node_get(node, "transform");
    if (named && named->kind == TEND_NODE_STRING) {
        add_link(plan, chain, named->text, named->span, node, true);
        return;
    }
    if (named)
        parse_chain(plan, named, chain);
    TEND_NODE_EACH(child, node) {
        if (strcmp(child->key, "from") == 0 || child == named)
            continue;
        if (!named && !chain->n && tend_transform_find(child->key)) {
            add_link(plan, chain, child->key, child->key_span, child, false);
            continue;
        }
        tend_error *err = complain(plan, child->key_span, "unknown key '%s' of a feature", child->key);
        tend_error_hint(err, TEND_CONFIG,
                        "a feature has 'from' and 'transform'; the parameters of a transform in a list stand "
                        "with it: [{impute: {value: 0}}, log1p]");
        chain->faulty = true;
    }
}

typedef struct columns {
    int *items, n;
    bool faulty;
} columns;

static void add_column(tend_plan *plan, columns *from, const char *name, tend_span span) {
    int column = find_column(plan, name, span);
    bool is_target = column >= 0 && plan->options->target && strcmp(name, plan->options->target) == 0;
    if (is_target)
        complain(plan, span, "'%s' is the target: it cannot be a feature", name);
    from->faulty |= column < 0 || is_target;
    if (column >= 0 && !is_target)
        from->items[from->n++] = column;
}

static columns parse_from(tend_plan *plan, const tend_node *node) {
    const tend_node *from = node->kind == TEND_NODE_MAP ? tend_node_get(node, "from") : NULL;
    bool list = from && from->kind == TEND_NODE_LIST;
    columns out = {.items = TEND_ARRAY(plan->pipeline->arena, int, list ? from->count : 1)};
    if (!from) {
        add_column(plan, &out, node->key, node->key_span);
        return out;
    }
    for (const tend_node *item = list ? from->first : from; item; item = list ? item->next : NULL) {
        const char *name = tend_node_scalar(item, NULL);
        if (name)
            add_column(plan, &out, name, item->span);
        else
            complain(plan, item->span, "from: expected a column's name, found %s", tend_node_kind_name(item->kind));
        out.faulty |= !name;
    }
    if (list && !from->count)
        complain(plan, from->span, "from: expected at least one column, found an empty list");
    out.faulty |= list && !from->count;
    return out;
}

static void take_columns(tend_plan *plan, const columns *from, const tend_node *node) {
    for (int i = 0; i < from->n; i++) {
        const char *name = plan->table->columns[from->items[i]].name;
        for (int d = 0; d < plan->pipeline->n_dropped; d++)
            if (strcmp(plan->pipeline->dropped[d].name, name) == 0)
                complain(plan, node->key_span, "'%s' is under 'drop' and in the feature '%s'", name, node->key);
        plan->taken[from->items[i]] = true;
    }
}

static void drop_columns(tend_plan *plan, const columns *from) {
    for (int i = 0; i < from->n; i++)
        tend_plan_drop(plan, plan->table->columns[from->items[i]].name, "dropped in tend.yaml");
}

/* Splits the links at a cross. False, with a fault, when it cannot stand there. */
static bool split_chain(const tend_plan *plan, links *chain, int n_columns, tend_span span, tend_chain *out) {
    *out = (tend_chain){.stages = chain->items, .n_stages = chain->n, .span = span};
    for (int s = 0; s < chain->n; s++) {
        const tend_transform *t = chain->items[s].transform;
        if (t == &tend_transform_drop) {
            complain(plan, chain->items[s].span, "drop stands alone: nothing can be done to a column that is left out");
            return false;
        }
        if (!t->joins)
            continue;
        if (out->joins || n_columns < 2) {
            complain(plan, chain->items[s].span, "%s joins two or more columns, once; name them with 'from: [a, b]'", t->name);
            return false;
        }
        *out = (tend_chain){chain->items, chain->items + s + 1, s, chain->n - s - 1, true, span};
    }
    return true;
}

static void add_branches(tend_plan *plan, tend_feature *feature, const columns *from, links *declared) {
    tend_span span = declared->n ? declared->items[0].span : (tend_span){0};
    tend_chain chain;
    if (!split_chain(plan, declared, from->n, span, &chain))
        return;
    if (chain.joins) {
        tend_plan_branch(plan, feature, from->items, from->n, &chain, feature->name);
        return;
    }
    for (int i = 0; i < from->n; i++) {
        const char *column = plan->table->columns[from->items[i]].name;
        tend_plan_branch(plan, feature, &from->items[i], 1, &chain, from->n > 1 ? column : feature->name);
    }
}

static void parse_feature(tend_plan *plan, const tend_node *node) {
    columns from = parse_from(plan, node);
    links chain = {.n = 0};
    parse_transforms(plan, node, &chain);
    take_columns(plan, &from, node);
    if (from.faulty || chain.faulty)
        return;
    if (chain.n == 1 && chain.items[0].transform == &tend_transform_drop) {
        drop_columns(plan, &from);
        return;
    }
    tend_feature *feature = tend_plan_feature(plan, node->key, false, NULL);
    if (chain.n)
        add_branches(plan, feature, &from, &chain);
    for (int i = 0; !chain.n && i < from.n; i++)
        tend_plan_infer_column(plan, feature, from.items[i]);
}

static bool is_rest(const tend_node *node) { return strcmp(node->key, "rest") == 0 && node->kind == TEND_NODE_STRING; }

void tend_plan_declared(tend_plan *plan, const tend_node *features) {
    if (!features || features->kind == TEND_NODE_NULL)
        return;
    if (features->kind != TEND_NODE_MAP) {
        complain(plan, features->span, "features: expected a map of features, found %s", tend_node_kind_name(features->kind));
        return;
    }
    const tend_node *drop = tend_node_get(features, "drop");
    if (drop)
        parse_drop(plan, drop);
    TEND_NODE_EACH(node, features)
        if (is_rest(node))
            parse_rest(plan, node);
        else if (node != drop)
            parse_feature(plan, node);
}
