/* A service over a small model, opened but not run, for the tests of this room. */
#ifndef TEND_TESTS_SERVICE_CASE_H
#define TEND_TESTS_SERVICE_CASE_H

#include "data/profile.h"
#include "model/bundle.h"
#include "serve/service.h"
#include "unit/model/model_case.h"

/* A bundle of the model over `people`, with the expectations of one line of JSON (NULL: inferred). Its path. */
static const char *case_bundle(tend_arena *arena, tend_task task, const char *schema) {
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO_BUF profile_bytes = TEND_BUF_INIT;
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    TEND_AUTO(tend_profile) *profile = tend_profile_new();
    tend_table *table = case_table(arena, people);
    TEND_AUTO(tend_model) *model = make_model(task, table);
    tend_node *manifest, *expectations;
    const char *facts = "{\"metrics\":{\"test\":{\"roc_auc\":{\"value\":0.9,\"low\":0.8,\"high\":0.95}}},\"rows\":{\"train\":6}}";
    if (schema) {
        ASSERT_OK(tend_json_parse(schema, strlen(schema), "schema", arena, &expectations, &err), &err);
        ASSERT_OK(tend_schema_from_node(expectations, model->arena, &model->schema, &err), &err);
    }
    ASSERT_OK(tend_json_parse(facts, strlen(facts), "manifest", arena, &manifest, &err), &err);
    ASSERT_OK(tend_profile_add(profile, table, NULL, table->n_rows, &err), &err);
    tend_profile_save(profile, &profile_bytes);
    ASSERT_OK(tend_bundle_save(model, manifest, profile_bytes.data, profile_bytes.size, &bytes, &err), &err);
    const char *path = tend_path_join(arena, suite_scratch(), "town.tend");
    ASSERT_OK(tend_fs_write(path, bytes.data, bytes.size, 0600, &err), &err);
    return path;
}

/* more: further keys of `serve`, beginning with a comma; may be "". */
static serve_service *case_service(tend_arena *arena, const char *bundle, const char *more) {
    tend_error err = TEND_ERROR_INIT;
    tend_serve_settings settings;
    tend_diags diags;
    tend_node *root;
    serve_service *service;
    const char *text = tend_arena_printf(arena, "{\"serve\":{\"model\":\"%s\",\"port\":0,\"workers\":2%s}}", bundle, more);
    tend_diags_init(&diags, arena);
    ASSERT_OK(tend_json_parse(text, strlen(text), "settings", arena, &root, &err), &err);
    tend_serve_settings_read(root, suite_scratch(), arena, &diags, &settings);
    ASSERT_NULL(diags.first);
    ASSERT_OK(serve_service_open(&settings, -1, &service, &err), &err);
    return service;
}

#endif
