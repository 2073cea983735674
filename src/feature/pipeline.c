/* A fitted pipeline: what it is made of, and the names and places of its outputs. */
#include "feature/plan.h"

const char *tend_task_name(tend_task task) {
    static const char *const names[] = {"regression", "binary", "multiclass"};
    return names[task];
}

bool tend_task_parse(const char *word, tend_task *out) {
    static const struct {
        const char *word;
        tend_task task;
    } words[] = {
        {"regression", TEND_TASK_REGRESSION}, {"binary", TEND_TASK_BINARY},          {"binary_classification", TEND_TASK_BINARY},
        {"multiclass", TEND_TASK_MULTICLASS}, {"multi_class", TEND_TASK_MULTICLASS}, {"multiclass_classification", TEND_TASK_MULTICLASS},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, word) == 0) {
            *out = words[i].task;
            return true;
        }
    return false;
}

void tend_pipeline_free(tend_pipeline *pipeline) {
    if (pipeline)
        tend_arena_free(pipeline->arena); /* the pipeline itself lives there */
}

int tend_pipeline_width(const tend_pipeline *pipeline) { return pipeline->width; }

const tend_output *tend_pipeline_outputs(const tend_pipeline *pipeline) { return pipeline->outputs; }

int tend_pipeline_n_inputs(const tend_pipeline *pipeline) { return pipeline->n_inputs; }

const char *tend_pipeline_input(const tend_pipeline *pipeline, int i, tend_type *out_type) {
    if (out_type)
        *out_type = pipeline->inputs[i].type;
    return pipeline->inputs[i].name;
}

/* Numbers the stages and gives those that mark missing values their place. */
static void place_stages(tend_pipeline *p, tend_branch *branch, tend_stage *stages, int n) {
    for (int s = 0; s < n; s++) {
        stages[s].id = p->n_stages++;
        stages[s].indicator = -1;
        const tend_arg_spec *spec = tend_arg_find(stages[s].transform, "indicator");
        if (spec && stages[s].args[spec - stages[s].transform->args].number != 0)
            stages[s].indicator = branch->n_indicators++;
    }
}

static tend_status place_branch(tend_pipeline *p, tend_branch *branch, tend_error *err) {
    branch->first = p->width;
    branch->n_indicators = 0;
    for (int a = 0; a < branch->n_arms; a++)
        place_stages(p, branch, branch->arms[a].stages, branch->arms[a].n_stages);
    place_stages(p, branch, branch->stages, branch->n_stages);
    branch->width = branch->n_indicators + tend_stage_width(&branch->stages[branch->n_stages - 1]);
    if (branch->width > TEND_MAX_OUTPUTS - p->width)
        return TEND_FAIL(err, LIMIT, "the features give more than %d outputs", TEND_MAX_OUTPUTS);
    p->width += branch->width;
    return TEND_OK;
}

static const char *joined_columns(const tend_pipeline *p, const tend_feature *feature) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    TEND_AUTO(tend_dict) *seen = tend_dict_new();
    for (int b = 0; b < feature->n_branches; b++)
        for (int a = 0; a < feature->branches[b].n_arms; a++) {
            const char *name = p->inputs[feature->branches[b].arms[a].input].name;
            bool is_new;
            tend_dict_add(seen, name, strlen(name), &is_new);
            if (is_new)
                tend_buf_printf(&text, "%s%s", text.size ? ", " : "", name);
        }
    return tend_arena_strdup(p->arena, tend_buf_text(&text));
}

static void append_name(const tend_branch *branch, int i, tend_buf *out) {
    const tend_stage *last = &branch->stages[branch->n_stages - 1];
    tend_buf_puts(out, branch->base);
    if (i < branch->n_indicators) {
        tend_buf_puts(out, ":missing");
        if (branch->n_indicators > 1)
            tend_buf_printf(out, "(%d)", i + 1);
    } else if (last->transform->name_output) {
        last->transform->name_output(last, i - branch->n_indicators, out);
    } else if (!last->transform->plain_name) {
        tend_buf_printf(out, ":%s", last->transform->name);
    }
}

/* A name that is taken already (two features over one column) says whose it is, or else which
 * output it is. */
static const char *unique_name(tend_pipeline *p, tend_dict *names, const char *feature, int output, tend_buf *name) {
    size_t size = name->size;
    bool is_new;
    tend_dict_add(names, tend_buf_text(name), name->size, &is_new);
    if (!is_new) {
        tend_buf_printf(name, " (%s)", feature);
        tend_dict_add(names, tend_buf_text(name), name->size, &is_new);
    }
    for (int number = output; !is_new; number++) {
        name->size = size;
        tend_buf_printf(name, " (%d)", number);
        tend_dict_add(names, tend_buf_text(name), name->size, &is_new);
    }
    return tend_arena_strndup(p->arena, tend_buf_text(name), name->size);
}

static void name_outputs(tend_pipeline *p) {
    TEND_AUTO(tend_dict) *names = tend_dict_new();
    TEND_AUTO_BUF name = TEND_BUF_INIT;
    p->outputs = TEND_ARRAY(p->arena, tend_output, p->width);
    for (int f = 0; f < p->n_features; f++) {
        tend_feature *feature = &p->features[f];
        feature->columns = joined_columns(p, feature);
        for (int b = 0; b < feature->n_branches; b++)
            for (int i = 0; i < feature->branches[b].width; i++) {
                int output = feature->branches[b].first + i;
                tend_buf_clear(&name);
                append_name(&feature->branches[b], i, &name);
                const char *unique = unique_name(p, names, feature->name, output, &name);
                p->outputs[output] = (tend_output){unique, feature->name, feature->columns, false};
            }
    }
}

tend_status tend_pipeline_layout(tend_pipeline *p, tend_error *err) {
    p->width = p->n_stages = 0;
    for (int f = 0; f < p->n_features; f++)
        for (int b = 0; b < p->features[f].n_branches; b++)
            TEND_TRY(place_branch(p, &p->features[f].branches[b], err));
    name_outputs(p);
    return TEND_OK;
}

static void push_stages(tend_node *list, const tend_stage *stages, int n, tend_arena *arena) {
    for (int s = 0; s < n; s++) {
        tend_node *node = tend_node_push(list, tend_node_new_map(arena));
        tend_node_set_string(arena, node, "name", stages[s].transform->name);
        tend_node *args = tend_args_to_node(&stages[s], arena);
        TEND_NODE_EACH(arg, args)
            tend_node_set(arena, node, arg->key, tend_node_copy(arena, arg));
    }
}

/* The transforms of one branch; several branches with the same chain (one per column) are told
 * once. */
static void push_branch(tend_node *list, const tend_branch *branch, tend_arena *arena) {
    push_stages(list, branch->arms[0].stages, branch->arms[0].n_stages, arena);
    if (branch->n_arms > 1) {
        tend_node *node = tend_node_push(list, tend_node_new_map(arena));
        tend_node_set_string(arena, node, "name", tend_transform_cross.name);
    }
    push_stages(list, branch->stages, branch->n_stages, arena);
}

static tend_node *feature_node(const tend_pipeline *p, const tend_feature *feature, tend_arena *arena) {
    tend_node *node = tend_node_new_map(arena);
    tend_node_set_string(arena, node, "name", feature->name);
    tend_node *from = tend_node_set_list(arena, node, "from");
    tend_node *transforms = tend_node_set_list(arena, node, "transforms");
    TEND_AUTO(tend_dict) *seen = tend_dict_new();
    int outputs = 0;
    for (int b = 0; b < feature->n_branches; b++) {
        const tend_branch *branch = &feature->branches[b];
        outputs += branch->width;
        bool another_column = b && branch->arms[0].input != feature->branches[b - 1].arms[0].input;
        for (int a = 0; a < branch->n_arms; a++) {
            const char *name = p->inputs[branch->arms[a].input].name;
            bool is_new;
            tend_dict_add(seen, name, strlen(name), &is_new);
            if (is_new)
                tend_node_push(from, tend_node_new_string(arena, name));
        }
        if (!another_column)
            push_branch(transforms, branch, arena);
    }
    tend_node_set_int(arena, node, "outputs", outputs);
    tend_node_set_bool(arena, node, "inferred", feature->inferred);
    tend_node_set_string(arena, node, "why", feature->inferred ? feature->why : "declared in tend.yaml");
    return node;
}

tend_node *tend_pipeline_to_node(const tend_pipeline *p, tend_arena *arena) {
    tend_node *root = tend_node_new_map(arena);
    tend_node *features = tend_node_set_list(arena, root, "features");
    for (int f = 0; f < p->n_features; f++)
        tend_node_push(features, feature_node(p, &p->features[f], arena));
    tend_node *dropped = tend_node_set_list(arena, root, "dropped");
    for (int d = 0; d < p->n_dropped; d++) {
        tend_node *node = tend_node_push(dropped, tend_node_new_map(arena));
        tend_node_set_string(arena, node, "name", p->dropped[d].name);
        tend_node_set_string(arena, node, "why", p->dropped[d].why);
    }
    return root;
}
