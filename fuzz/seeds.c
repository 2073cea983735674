/* Writes the sound files of the binary corpora into a folder: fuzz_seeds fuzz/corpus */
#include "rows.h"

#include "base/fs.h"
#include "data/profile.h"
#include "model/bundle.h"
#include "unit/model/trees_fixture.h"

#include <stdio.h>
#include <stdlib.h>

static const char *folder;
static tend_arena *arena;

/* These files are ours: whatever fails here is a bug. */
static void must(tend_status status, const tend_error *err) {
    if (status != TEND_OK) {
        fprintf(stderr, "%s\n", err->message);
        exit(1);
    }
}

static void put(const char *kind, const char *name, const void *data, size_t size) {
    tend_error err = TEND_ERROR_INIT;
    const char *path = tend_arena_printf(arena, "%s/%s/%s", folder, kind, name);
    must(tend_fs_mkdirs(tend_arena_printf(arena, "%s/%s", folder, kind), &err), &err);
    must(tend_fs_write(path, data, size, 0644, &err), &err);
    printf("%6zu %s\n", size, path);
}

static const char *const FEATURES[] = {
    "{rest: drop, price: standardize}",
    "{name: {transform: [{impute: {value: \"\"}}, {tfidf: {max_features: 8, ngrams: [1, 2]}}]}, "
    "rest: drop}",
    "{age: {transform: [impute, log1p]}, price: {transform: [{impute: {strategy: median, indicator: "
    "true}}, robust_scale]}, born: {transform: date_parts, parts: [year, month], cyclic: true}, "
    "seen: {transform: age, unit: years}, name: one_hot}",
    "{ages: {from: [age, price], transform: [{quantile_bin: {bins: 4}}, cross, {hash: {buckets: "
    "4}}]}, name: {transform: [ordinal, min_max_scale]}, price: uniform_bin, rest: drop}",
    "{name: target_encode, age: {transform: frequency}, rest: infer}",
};
enum { N_FEATURES = sizeof FEATURES / sizeof *FEATURES };

static const double y[ODD_ROWS] = {0, 1, 0, 1, 1, 0, 0, 1, 1, 0};
static const int64_t rows[ODD_ROWS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

static tend_pipeline *pipeline_of(const char *yaml, tend_task task) {
    tend_error err = TEND_ERROR_INIT;
    tend_diags diags;
    tend_diags_init(&diags, arena);
    tend_node *features = NULL;
    tend_pipeline *pipeline = NULL;
    must(tend_yaml_parse(yaml, strlen(yaml), "seeds", &diags, &features, &err), &err);
    tend_pipeline_options options = {
        .features = features, .target = "flag", .task = task, .n_classes = 2, .y = y, .rows = rows, .n_rows = ODD_ROWS, .seed = 1};
    must(tend_pipeline_fit(table_of_types(arena), &options, &diags, &pipeline, &err), &err);
    return pipeline;
}

static void put_pipelines(void) {
    for (int i = 0; i < N_FEATURES; i++) {
        TEND_AUTO(tend_pipeline) *pipeline = pipeline_of(FEATURES[i], TEND_TASK_BINARY);
        TEND_AUTO_BUF out = TEND_BUF_INIT;
        tend_pipeline_save(pipeline, &out);
        put("pipeline", tend_arena_printf(arena, "features-%d.bin", i), out.data, out.size);
    }
}

static uint8_t *from_hex(const char *hex, size_t *out_size) {
    *out_size = strlen(hex) / 2;
    uint8_t *bytes = TEND_ARRAY(arena, uint8_t, *out_size);
    for (size_t i = 0; i < *out_size; i++) {
        char two[3] = {hex[2 * i], hex[2 * i + 1], 0};
        bytes[i] = (uint8_t)strtoul(two, NULL, 16);
    }
    return bytes;
}

static void put_predictor(const char *name, const tend_predictor *predictor) {
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_predictor_save(predictor, &out);
    put("predictor", tend_arena_printf(arena, "%s.bin", name), out.data, out.size);
}

static void put_trees(const char *name, const char *hex, tend_link link) {
    size_t size;
    const uint8_t *bytes = from_hex(hex, &size);
    put("ubj", tend_arena_printf(arena, "%s.ubj", name), bytes, size);
    tend_error err = TEND_ERROR_INIT;
    tend_trees *trees = NULL;
    if (tend_trees_parse_ubj(bytes, size, &trees, &err) != TEND_OK)
        return; /* DART */
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_trees_save(trees, &out);
    put("trees", tend_arena_printf(arena, "%s.bin", name), out.data, out.size);
    TEND_AUTO(tend_predictor) *predictor = NULL;
    must(tend_predictor_of_trees(trees, link, &predictor, &err), &err);
    put_predictor(name, predictor);
}

static tend_linear *linear_of(int n_features, int n_groups) {
    tend_linear *linear = tend_linear_new(n_features, n_groups);
    for (int i = 0; i < n_features * n_groups; i++)
        linear->weight[i] = (i * 7 % 11 - 5) * 0.05;
    return linear;
}

static void put_bundle(const char *name, const char *yaml, tend_task task) {
    static const char *const classes[] = {"no", "yes", "perhaps"};
    static const tend_link links[] = {TEND_LINK_IDENTITY, TEND_LINK_LOGISTIC, TEND_LINK_SOFTMAX};
    int n = task == TEND_TASK_BINARY ? 2 : 3;
    TEND_AUTO(tend_model) *model = tend_model_new();
    model->name = "seed";
    model->target = "flag";
    model->task = task;
    model->n_classes = task == TEND_TASK_REGRESSION ? 0 : n;
    model->classes = classes;
    model->threshold = 0.5;
    model->schema = tend_schema_infer(table_of_types(arena), model->arena);
    model->pipeline = pipeline_of(yaml, task == TEND_TASK_REGRESSION ? task : TEND_TASK_BINARY);
    model->predictor =
        tend_predictor_of_linear(linear_of(tend_pipeline_width(model->pipeline), task == TEND_TASK_MULTICLASS ? n : 1), links[task]);
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_error err = TEND_ERROR_INIT;
    tend_node *manifest = tend_node_new_map(arena);
    must(tend_bundle_save(model, manifest, NULL, 0, &out, &err), &err);
    put("bundle", tend_arena_printf(arena, "%s.tend", name), out.data, out.size);
}

static void put_profile(const char *name, tend_profile *profile) {
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_profile_save(profile, &out);
    put("profile", tend_arena_printf(arena, "%s.bin", name), out.data, out.size);
}

/* More rows than a sketch holds exactly. */
static void put_sketch(const char *name, tend_type type, int n) {
    tend_table *table = tend_table_new(arena, 1, n);
    tend_column_builder *b = tend_column_builder_new(arena, "c", type);
    for (int i = 0; i < n; i++) {
        if (type == TEND_STRING)
            tend_column_add_string(b, tend_str_of(tend_arena_printf(arena, "v%d", i)));
        else
            tend_column_add_int(b, i % 40);
    }
    tend_column_build(b, &table->columns[0]);
    TEND_AUTO(tend_profile) *profile = tend_profile_new();
    tend_error err = TEND_ERROR_INIT;
    must(tend_profile_add(profile, table, NULL, n, &err), &err);
    put_profile(name, profile);
}

static void put_profiles(void) {
    TEND_AUTO(tend_profile) *profile = tend_profile_new(), *summary = NULL;
    put_profile("empty", profile);
    tend_error err = TEND_ERROR_INIT;
    must(tend_profile_add(profile, table_of_types(arena), NULL, ODD_ROWS, &err), &err);
    put_profile("types", profile);
    must(tend_profile_from_node(tend_profile_to_node(profile, arena), &summary, &err), &err);
    put_profile("summary", summary);
    put_sketch("levels", TEND_INT, 4200);
    put_sketch("registers", TEND_STRING, 1025);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
        return 2;
    }
    folder = argv[1];
    arena = tend_arena_new();
    put_pipelines();
    static const tend_link links[] = {TEND_LINK_IDENTITY, TEND_LINK_LOGISTIC, TEND_LINK_EXP, TEND_LINK_SOFTMAX, TEND_LINK_PROBABILITY};
    for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++)
        put_trees(fixtures[i].name, fixtures[i].model, links[i]);
    put_trees("dart", dart_model, TEND_LINK_IDENTITY);
    TEND_AUTO(tend_predictor) *linear = tend_predictor_of_linear(linear_of(4, 3), TEND_LINK_SOFTMAX);
    put_predictor("linear", linear);
    put_bundle("binary", FEATURES[2], TEND_TASK_BINARY);
    put_bundle("multiclass", FEATURES[3], TEND_TASK_MULTICLASS);
    put_bundle("regression", FEATURES[1], TEND_TASK_REGRESSION);
    put_profiles();
    tend_arena_free(arena);
    return 0;
}
