/* What a bundle's sections mean: a model to sections and back. */
#include "model/bundle.h"

/* The keys of the manifest that are the model's own; everything else in it belongs to whoever saved
 * the bundle. */
static tend_node *manifest_of(const tend_model *model, const tend_node *extra, tend_arena *arena) {
    tend_node *manifest = tend_node_new_map(arena);
    tend_node_set_int(arena, manifest, "format", TEND_BUNDLE_FORMAT);
    tend_node_set_string(arena, manifest, "name", model->name);
    tend_node_set_string(arena, manifest, "target", model->target);
    tend_node_set_string(arena, manifest, "task", tend_task_name(model->task));
    if (model->task != TEND_TASK_REGRESSION) {
        tend_node *classes = tend_node_set_list(arena, manifest, "classes");
        for (int i = 0; i < model->n_classes; i++)
            tend_node_push(classes, tend_node_new_string(arena, model->classes[i]));
    }
    if (model->task == TEND_TASK_BINARY)
        tend_node_set_double(arena, manifest, "threshold", model->threshold);
    TEND_NODE_EACH(child, extra)
        tend_node_set(arena, manifest, child->key, tend_node_copy(arena, child));
    return manifest;
}

static tend_status check_extra(const tend_node *extra, tend_error *err) {
    static const char *const own[] = {"format", "name", "target", "task", "classes", "threshold"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (tend_node_get(extra, own[i]))
            return TEND_FAIL(err, BUG, "the manifest's key '%s' is written by tend itself", own[i]);
    return TEND_OK;
}

tend_status tend_bundle_save(const tend_model *model, const tend_node *manifest, const void *profile, size_t profile_size, tend_buf *out,
                             tend_error *err) {
    TEND_TRY(check_extra(manifest, err));
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF meta = TEND_BUF_INIT, schema = TEND_BUF_INIT, transforms = TEND_BUF_INIT, predictor = TEND_BUF_INIT;
    tend_json_format(manifest_of(model, manifest, arena), 2, &meta);
    tend_json_format(tend_schema_to_node(model->schema, arena), 2, &schema);
    tend_pipeline_save(model->pipeline, &transforms);
    tend_predictor_save(model->predictor, &predictor);
    const tend_buf *parts[] = {&meta, &schema, &transforms, &predictor};
    static const char *const names[] = {"manifest", "schema", "transforms", "predictor"};
    tend_bundle_section sections[5];
    for (int i = 0; i < 4; i++) {
        TEND_TRY(tend_buf_status(parts[i], err));
        sections[i] = (tend_bundle_section){.name = names[i], .data = tend_buf_text(parts[i]), .size = parts[i]->size};
    }
    sections[4] = (tend_bundle_section){.name = "profile", .data = profile ? profile : "", .size = profile ? profile_size : 0};
    tend_bundle_write(sections, 5, out);
    return tend_buf_status(out, err);
}

static tend_status need(const tend_bundle *bundle, const char *name, const tend_bundle_section **out, tend_error *err) {
    *out = tend_bundle_find(bundle, name);
    if (!*out)
        return TEND_FAIL(err, CORRUPT, "the bundle '%s' has no section '%s'", bundle->name, name);
    return TEND_OK;
}

static tend_status parse_json(const tend_bundle *bundle, const char *name, tend_arena *arena, tend_node **out, tend_error *err) {
    const tend_bundle_section *section = NULL;
    TEND_TRY(need(bundle, name, &section, err));
    tend_digest found = tend_digest_of(section->data, section->size);
    if (!tend_digest_eq(&found, &section->digest))
        return TEND_FAIL(err, CORRUPT, "'%s' is damaged: section '%s' does not have the digest that the directory gives", bundle->name,
                         name);
    TEND_TRY_WRAP(tend_json_parse(section->data, section->size, bundle->name, arena, out, err), err, "reading the bundle's section '%s'",
                  name);
    return TEND_OK;
}

tend_status tend_bundle_manifest(const tend_bundle *bundle, tend_arena *arena, tend_node **out, tend_error *err) {
    return parse_json(bundle, "manifest", arena, out, err);
}

static tend_status load_classes(const tend_node *manifest, tend_model *model, tend_error *err) {
    const tend_node *classes = tend_node_get(manifest, "classes");
    size_t n = classes && classes->kind == TEND_NODE_LIST ? classes->count : 0;
    if (n < 2 || n > 100000 || (model->task == TEND_TASK_BINARY) != (n == 2))
        return TEND_FAIL(err, CORRUPT, "the manifest of a %s model names %zu classes", tend_task_name(model->task), n);
    const char **names = TEND_ARRAY(model->arena, const char *, n);
    TEND_NODE_EACH(child, classes) {
        if (child->kind != TEND_NODE_STRING)
            return TEND_FAIL(err, CORRUPT, "the manifest names a class that is no string");
        names[model->n_classes++] = tend_arena_strdup(model->arena, child->text);
    }
    model->classes = names;
    return TEND_OK;
}

static tend_status load_manifest(const tend_bundle *bundle, tend_model *model, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_node *manifest = NULL;
    TEND_TRY(tend_bundle_manifest(bundle, arena, &manifest, err));
    const char *name = tend_node_string(tend_node_get(manifest, "name"), NULL);
    const char *target = tend_node_string(tend_node_get(manifest, "target"), NULL);
    if (!name || !target || !tend_task_parse(tend_node_string(tend_node_get(manifest, "task"), ""), &model->task))
        return TEND_FAIL(err, CORRUPT, "the manifest of '%s' lacks the name, the target or the task", bundle->name);
    model->name = tend_arena_strdup(model->arena, name);
    model->target = tend_arena_strdup(model->arena, target);
    if (model->task == TEND_TASK_REGRESSION)
        return TEND_OK;
    model->threshold = tend_node_double(tend_node_get(manifest, "threshold"), 0.5);
    return load_classes(manifest, model, err);
}

static tend_status load_schema(const tend_bundle *bundle, tend_model *model, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_node *node = NULL;
    TEND_TRY(parse_json(bundle, "schema", arena, &node, err));
    return tend_schema_from_node(tend_node_copy(model->arena, node), model->arena, &model->schema, err);
}

static tend_status load_functions(const tend_bundle *bundle, tend_model *model, tend_error *err) {
    const tend_bundle_section *transforms = NULL, *predictor = NULL;
    TEND_TRY(need(bundle, "transforms", &transforms, err));
    TEND_TRY(need(bundle, "predictor", &predictor, err));
    TEND_TRY(tend_pipeline_load(transforms->data, transforms->size, &model->pipeline, err));
    return tend_predictor_load(predictor->data, predictor->size, &model->predictor, err);
}

/* Each part was checked by itself; together they must be one function. */
static tend_status check_fit(const tend_model *model, tend_error *err) {
    int width = tend_pipeline_width(model->pipeline);
    int groups = model->task == TEND_TASK_MULTICLASS ? model->n_classes : 1;
    if (width != model->predictor->n_features)
        return TEND_FAIL(err, CORRUPT, "the transforms give %d features, the predictor takes %d", width, model->predictor->n_features);
    if (groups != model->predictor->n_groups)
        return TEND_FAIL(err, CORRUPT, "the predictor gives %d outputs, a %s model of %d classes needs %d", model->predictor->n_groups,
                         tend_task_name(model->task), model->n_classes, groups);
    return TEND_OK;
}

tend_status tend_bundle_load(const tend_bundle *bundle, tend_model **out, tend_error *err) {
    TEND_TRY(tend_bundle_verify(bundle, err));
    TEND_AUTO(tend_model) *model = tend_model_new();
    TEND_TRY(load_manifest(bundle, model, err));
    TEND_TRY(load_schema(bundle, model, err));
    TEND_TRY(load_functions(bundle, model, err));
    TEND_TRY(check_fit(model, err));
    *out = TEND_STEAL(model);
    return TEND_OK;
}
