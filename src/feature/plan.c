#include "feature/plan.h"

#include "feature/levels.h"

static const char *takes_words(unsigned takes) {
    switch (takes) {
    case TEND_TAKES_NUMBER: return "numbers";
    case TEND_TAKES_TEXT: return "text or numbers";
    case TEND_TAKES_TIME: return "dates";
    default: return "any values";
    }
}

/* What `what` holds, in a sentence such as "occupation is text". */
static const char *is_words(tend_value_kind kind) {
    static const char *const words[] = {"is a number", "is text", "is a date"};
    return words[kind];
}

static tend_status link_stage(tend_stage *stage, const tend_stage *before, const char *name, tend_value_kind kind, tend_error *err) {
    const char *what = stage->transform->name;
    if (before && before->transform->gives == TEND_GIVES_OUTPUTS)
        return TEND_FAIL_AT(err, CONFIG, stage->span, "%s ends a chain of transforms; %s cannot follow it", before->transform->name, what);
    const char *place = before && before->transform->gives != TEND_GIVES_SAME ? before->transform->name : name;
    if (!tend_stage_accepts(stage, kind, &stage->kind))
        return TEND_FAIL_AT(err, CONFIG, stage->span, "%s %s; %s takes %s", place, is_words(kind), what,
                            takes_words(stage->transform->takes));
    const char *fault = stage->transform->fault ? stage->transform->fault(stage, stage->kind) : NULL;
    if (fault)
        return TEND_FAIL_AT(err, CONFIG, stage->span, "%s of %s: %s", what, name, fault);
    return TEND_OK;
}

static tend_status link_chain(tend_stage *stages, int n, const char *name, tend_value_kind *kind, tend_error *err) {
    for (int s = 0; s < n; s++) {
        TEND_TRY(link_stage(&stages[s], s ? &stages[s - 1] : NULL, name, *kind, err));
        *kind = tend_stage_gives(&stages[s]);
    }
    return TEND_OK;
}

tend_status tend_branch_link(tend_branch *branch, const char *const *names, const tend_type *types, tend_error *err) {
    tend_value_kind kind = TEND_VALUE_TEXT;
    for (int a = 0; a < branch->n_arms; a++) {
        tend_arm *arm = &branch->arms[a];
        kind = tend_value_kind_of(types[a]);
        TEND_TRY(link_chain(arm->stages, arm->n_stages, names[a], &kind, err));
        bool joinable = !arm->n_stages || arm->stages[arm->n_stages - 1].transform->gives != TEND_GIVES_OUTPUTS;
        if (branch->n_arms > 1 && (kind == TEND_VALUE_TIME || !joinable))
            return TEND_FAIL(err, CONFIG, "%s cannot be crossed: a cross joins text and numbers", names[a]);
    }
    kind = branch->n_arms > 1 ? TEND_VALUE_TEXT : kind;
    TEND_TRY(link_chain(branch->stages, branch->n_stages, names[0], &kind, err));
    bool ends_in_text = kind != TEND_VALUE_NUMBER || !branch->n_stages;
    return ends_in_text ? TEND_FAIL(err, CONFIG, "%s does not end in numbers", names[0]) : TEND_OK;
}

static void *grown(tend_arena *arena, void *items, int n, int *capacity, size_t item) {
    if (n < *capacity)
        return items;
    int more = *capacity ? 2 * *capacity : 16;
    items = tend_arena_grow(arena, items, (size_t)*capacity * item, (size_t)more * item);
    *capacity = more;
    return items;
}

tend_feature *tend_plan_feature(tend_plan *plan, const char *name, bool inferred, const char *why) {
    tend_pipeline *p = plan->pipeline;
    p->features = grown(p->arena, p->features, p->n_features, &plan->feature_capacity, sizeof *p->features);
    tend_feature *feature = &p->features[p->n_features++];
    *feature = (tend_feature){.name = tend_arena_strdup(p->arena, name), .inferred = inferred};
    feature->why = tend_arena_strdup(p->arena, why ? why : "");
    return feature;
}

void tend_plan_drop(tend_plan *plan, const char *name, const char *why) {
    tend_pipeline *p = plan->pipeline;
    p->dropped = grown(p->arena, p->dropped, p->n_dropped, &plan->dropped_capacity, sizeof *p->dropped);
    p->dropped[p->n_dropped++] = (tend_dropped){tend_arena_strdup(p->arena, name), tend_arena_strdup(p->arena, why)};
}

static tend_stage *copy_stages(tend_arena *arena, const tend_stage *stages, int n, int room) {
    tend_stage *copy = TEND_ARRAY(arena, tend_stage, n + room);
    if (n)
        memcpy(copy, stages, (size_t)n * sizeof *copy);
    return copy; /* the arguments are shared: they never change */
}

/* A chain that leaves text or a date behind is completed: text becomes one_hot, a date its age. */
static void complete_chain(tend_branch *b, tend_value_kind kind, tend_arena *arena) {
    for (int s = 0; s < b->n_stages; s++) {
        tend_value_kind accepted;
        if (!tend_stage_accepts(&b->stages[s], kind, &accepted))
            return; /* linking will say so */
        b->stages[s].kind = accepted;
        kind = tend_stage_gives(&b->stages[s]);
    }
    if (kind == TEND_VALUE_TEXT)
        tend_stage_init(&b->stages[b->n_stages++], &tend_transform_one_hot, arena);
    else if (kind == TEND_VALUE_TIME)
        tend_stage_init(&b->stages[b->n_stages++], &tend_transform_age, arena);
    else if (!b->n_stages)
        tend_stage_init(&b->stages[b->n_stages++], &tend_transform_passthrough, arena);
}

/* Levels listed for ordinal that no training row has, and values that are not listed: slips of the
 * pen, most likely. */
static void review_levels(const tend_plan *plan, const tend_stage *stage, const tend_column *column) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    const tend_arg *listed = &stage->args[0];
    const int64_t *rows = plan->options->rows;
    tend_values values = {.arena = scratch, .n = rows ? plan->options->n_rows : plan->table->n_rows};
    tend_values_read(&values, column, column->type, rows, 0);
    tend_values_to_text(&values);
    tend_levels levels;
    tend_levels_count(&values, scratch, &levels);
    TEND_AUTO(tend_dict) *known = tend_dict_new();
    for (int l = 0; l < listed->n_texts; l++) {
        const char *text = listed->texts[l];
        tend_dict_add(known, text, strlen(text), NULL);
        if (tend_dict_find(levels.dict, text, strlen(text)) < 0)
            tend_diags_add(plan->diags, TEND_SEVERITY_WARNING, TEND_CONFIG, stage->span, "no training row has %s '%s', listed for ordinal",
                           column->name, text);
    }
    for (int l = 0; l < levels.n; l++) {
        tend_str text = levels.items[l].text;
        if (tend_dict_find(known, text.at, text.size) < 0)
            tend_diags_add(plan->diags, TEND_SEVERITY_WARNING, TEND_CONFIG, stage->span,
                           "%s '%.*s' is not listed for ordinal: it counts as missing (training rows: %lld)", column->name,
                           (int)(text.size < 200 ? text.size : 200), text.at, (long long)levels.items[l].n);
    }
}

static void review_branch(const tend_plan *plan, const tend_branch *branch) {
    for (int s = 0; branch->n_arms == 1 && s < branch->n_stages; s++) {
        const tend_stage *stage = &branch->stages[s];
        if (stage->transform == &tend_transform_ordinal && stage->args[0].given)
            review_levels(plan, stage, &plan->table->columns[branch->arms[0].input]);
        if (stage->transform->gives != TEND_GIVES_SAME)
            return;
    }
}

void tend_plan_branch(tend_plan *plan, tend_feature *feature, const int *columns, int n_columns, const tend_chain *chain,
                      const char *base) {
    tend_arena *arena = plan->pipeline->arena;
    tend_branch branch = {.n_arms = n_columns, .n_stages = chain->n_stages, .base = tend_arena_strdup(arena, base)};
    branch.arms = TEND_ARRAY(arena, tend_arm, n_columns);
    const char **names = TEND_ARRAY(arena, const char *, n_columns);
    tend_type *types = TEND_ARRAY(arena, tend_type, n_columns);
    for (int a = 0; a < n_columns; a++) {
        const tend_column *c = &plan->table->columns[columns[a]];
        branch.arms[a] = (tend_arm){columns[a], chain->n_before, copy_stages(arena, chain->before, chain->n_before, 0)};
        names[a] = c->name;
        types[a] = c->type;
    }
    branch.stages = copy_stages(arena, chain->stages, chain->n_stages, 1);
    complete_chain(&branch, n_columns > 1 ? TEND_VALUE_TEXT : tend_value_kind_of(types[0]), arena);
    tend_error err = TEND_ERROR_INIT;
    if (tend_branch_link(&branch, names, types, &err) != TEND_OK) {
        if (!err.line)
            tend_error_at(&err, err.code, chain->span);
        tend_diags_push(plan->diags, TEND_SEVERITY_ERROR, &err);
        return;
    }
    review_branch(plan, &branch);
    int n = feature->n_branches;
    feature->branches = tend_arena_grow(arena, feature->branches, (size_t)n * sizeof branch, (size_t)(n + 1) * sizeof branch);
    feature->branches[feature->n_branches++] = branch;
}
