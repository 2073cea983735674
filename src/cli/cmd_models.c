/* tend models: the registry. */
#include "cli/model_ref.h"

#include "base/clock.h"
#include "flow/version.h"
#include "store/audit.h"

#include <math.h>

/* ---- one model, wherever it is ---- */

tend_status cli_model_open(cli *c, const char *reference, cli_model *out, tend_error *err) {
    *out = (cli_model){0};
    if (tend_fs_exists(reference) && !tend_fs_is_dir(reference)) {
        out->title = tend_path_base(reference);
        return tend_bundle_open(reference, &out->bundle, err);
    }
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, false, &store, err));
    TEND_TRY(tend_registry_get(store, reference, c->arena, &out->version, err));
    out->registered = true;
    out->title = tend_arena_printf(c->arena, "%s/%lld", out->version.model, (long long)out->version.number);
    TEND_TRY(tend_objects_verify(tend_store_objects(store), &out->version.bundle, err));
    return tend_bundle_open(tend_objects_path(tend_store_objects(store), &out->version.bundle, c->arena), &out->bundle, err);
}

void cli_model_close(cli_model *model) { tend_bundle_close(model->bundle); }

/* ---- list ---- */

static tend_node *version_node(cli *c, const tend_version *v) {
    char hex[TEND_DIGEST_HEX], when[32];
    tend_digest_format(&v->bundle, hex);
    tend_clock_format(v->created, when);
    tend_node *node = tend_node_new_map(c->arena);
    tend_node_set_int(c->arena, node, "version", v->number);
    tend_node_set_string(c->arena, node, "sha256", hex);
    tend_node_set_int(c->arena, node, "size", (int64_t)v->size);
    tend_node_set_string(c->arena, node, "created", when);
    tend_node_set_string(c->arena, node, "run", v->run);
    tend_node_set_string(c->arena, node, "stage", v->stage);
    tend_node_set_string(c->arena, node, "gates", tend_gates_name(v->gates));
    tend_node *aliases = tend_node_set_list(c->arena, node, "aliases");
    for (size_t i = 0; i < v->n_aliases; i++)
        tend_node_push(aliases, tend_node_new_string(c->arena, v->aliases[i]));
    tend_node *metrics;
    if (v->metrics && tend_json_parse(v->metrics, strlen(v->metrics), NULL, c->arena, &metrics, NULL) == TEND_OK)
        tend_node_set(c->arena, node, "metrics", metrics);
    return node;
}

static const char *alias_list(cli *c, const tend_version *v) {
    tend_buf text = TEND_BUF_INIT;
    for (size_t i = 0; i < v->n_aliases; i++)
        tend_buf_printf(&text, "%s%s", i ? ", " : "", v->aliases[i]);
    const char *out = tend_arena_strdup(c->arena, tend_buf_text(&text));
    tend_buf_done(&text);
    return out;
}

static void version_row(cli *c, cli_table *table, const tend_version *v) {
    char when[32], size[32];
    tend_clock_format(v->created, when);
    cli_table_row(c, table, tend_arena_printf(c->arena, "%s/%lld", v->model, (long long)v->number), alias_list(c, v),
                  tend_gates_name(v->gates), tend_arena_strdup(c->arena, tend_text_bytes(v->size, size)), tend_arena_strdup(c->arena, when),
                  v->run ? v->run : "imported");
}

tend_status cmd_models_list(cli *c, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, false, &store, err));
    tend_model_entry *models;
    size_t n;
    TEND_TRY(tend_registry_models(store, c->arena, &models, &n, err));
    tend_node *doc = tend_node_new_map(c->arena), *list = tend_node_set_list(c->arena, doc, "models");
    const char *const head[] = {"version", "aliases", "gates", "size", "created", "run"};
    cli_table table = {.head = head, .n_columns = 6};
    for (size_t i = 0; i < n; i++) {
        tend_version *versions;
        size_t n_versions;
        TEND_TRY(tend_registry_versions(store, models[i].name, c->arena, &versions, &n_versions, err));
        tend_node *model = tend_node_push(list, tend_node_new_map(c->arena));
        tend_node_set_string(c->arena, model, "name", models[i].name);
        tend_node *aliases = tend_node_set_map(c->arena, model, "aliases");
        for (size_t k = 0; k < models[i].n_aliases; k++)
            tend_node_set_int(c->arena, aliases, models[i].aliases[k].name, models[i].aliases[k].number);
        tend_node *items = tend_node_set_list(c->arena, model, "versions");
        for (size_t k = 0; k < n_versions; k++) {
            tend_node_push(items, version_node(c, &versions[k]));
            version_row(c, &table, &versions[k]);
        }
    }
    if (c->json)
        cli_print_json(doc);
    if (!c->quiet && n)
        cli_table_print(c, &table);
    if (!c->quiet && !n)
        printf("No model is registered yet: `tend run` makes the first.\n");
    return TEND_OK;
}

/* ---- show ---- */

static void print_bundle(cli *c, const cli_model *m, const tend_node *manifest) {
    char size[32], hex[TEND_DIGEST_HEX];
    tend_digest_format(&m->bundle->digest, hex);
    printf("%s%s%s  %s, predicts %s (%s)\n", cli_paint(c, CLI_BOLD), m->title, cli_paint(c, CLI_PLAIN),
           tend_node_string(tend_node_get(manifest, "name"), ""), tend_node_string(tend_node_get(manifest, "target"), ""),
           tend_node_string(tend_node_get(manifest, "task"), ""));
    printf("  learner   %s\n", tend_node_string(tend_node_path(manifest, "learner.title"), "?"));
    printf("  trained   on %lld rows, tested on %lld\n", (long long)tend_node_int(tend_node_path(manifest, "rows.train"), 0),
           (long long)tend_node_int(tend_node_path(manifest, "rows.test"), 0));
    printf("  made by   tend %s from snapshot %.16s…\n", tend_node_string(tend_node_path(manifest, "provenance.tend"), "?"),
           tend_node_string(tend_node_path(manifest, "provenance.snapshot"), "?"));
    printf("  format    %u, directory sha256 %.16s…\n", m->bundle->format, hex);
    for (int i = 0; i < m->bundle->n_sections; i++)
        printf("  section   %-12s %10s\n", m->bundle->sections[i].name, tend_text_bytes(m->bundle->sections[i].size, size));
    TEND_NODE_EACH(metric, tend_node_path(manifest, "metrics.test")) {
        printf("  test      %-20s %.4f (%.4f–%.4f)\n", metric->key, tend_node_double(tend_node_get(metric, "value"), NAN),
               tend_node_double(tend_node_get(metric, "low"), NAN), tend_node_double(tend_node_get(metric, "high"), NAN));
    }
}

static tend_status history(cli *c, const char *model, tend_node *out, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, false, &store, err));
    tend_audit_entry *entries;
    size_t n;
    TEND_TRY(tend_audit_list(store, model, 20, c->arena, &entries, &n, err));
    for (size_t i = 0; i < n; i++) {
        char when[32];
        tend_clock_format(entries[i].at, when);
        tend_node *item = tend_node_push(out, tend_node_new_map(c->arena));
        tend_node_set_string(c->arena, item, "at", when);
        tend_node_set_string(c->arena, item, "who", entries[i].who);
        tend_node_set_string(c->arena, item, "action", entries[i].action);
        tend_node_set_int(c->arena, item, "version", entries[i].number);
        tend_node_set_string(c->arena, item, "alias", entries[i].alias);
        tend_node_set_string(c->arena, item, "stage", !strcmp(entries[i].action, "stage") ? entries[i].after : "");
        tend_node_set_string(c->arena, item, "why", entries[i].why);
    }
    return TEND_OK;
}

/* A word with a blank before it; "" stays "". */
static const char *spaced(cli *c, const tend_node *word) {
    const char *text = tend_node_string(word, "");
    return *text ? tend_arena_printf(c->arena, " %s", text) : "";
}

static void print_history(cli *c, const tend_node *trail) {
    TEND_NODE_EACH(e, trail) {
        const char *why = tend_node_string(tend_node_get(e, "why"), "");
        printf("  history   %s %s %s version %lld%s%s%s%s\n", tend_node_string(tend_node_get(e, "at"), ""),
               tend_node_string(tend_node_get(e, "who"), ""), tend_node_string(tend_node_get(e, "action"), ""),
               (long long)tend_node_int(tend_node_get(e, "version"), 0), spaced(c, tend_node_get(e, "alias")),
               spaced(c, tend_node_get(e, "stage")), *why ? ": " : "", why);
    }
}

static tend_status show(cli *c, const cli_model *m, tend_error *err) {
    tend_node *manifest, *doc = tend_node_new_map(c->arena);
    TEND_TRY(tend_bundle_verify(m->bundle, err));
    TEND_TRY(tend_bundle_manifest(m->bundle, c->arena, &manifest, err));
    tend_node *trail = tend_node_new_list(c->arena);
    if (m->registered) {
        tend_node_set(c->arena, doc, "registered", version_node(c, &m->version));
        TEND_TRY(history(c, m->version.model, trail, err));
        tend_node_set(c->arena, doc, "history", trail);
    }
    tend_node_set(c->arena, doc, "manifest", manifest);
    tend_node *sections = tend_node_set_list(c->arena, doc, "sections");
    for (int i = 0; i < m->bundle->n_sections; i++) {
        char hex[TEND_DIGEST_HEX];
        tend_digest_format(&m->bundle->sections[i].digest, hex);
        tend_node *item = tend_node_push(sections, tend_node_new_map(c->arena));
        tend_node_set_string(c->arena, item, "name", m->bundle->sections[i].name);
        tend_node_set_int(c->arena, item, "size", (int64_t)m->bundle->sections[i].size);
        tend_node_set_string(c->arena, item, "sha256", hex);
    }
    if (c->json)
        cli_print_json(doc);
    if (c->quiet)
        return TEND_OK;
    print_bundle(c, m, manifest);
    print_history(c, trail);
    return TEND_OK;
}

tend_status cmd_models_show(cli *c, tend_error *err) {
    cli_model m;
    tend_status status = cli_model_open(c, c->args[0], &m, err);
    if (status == TEND_OK)
        status = show(c, &m, err);
    cli_model_close(&m);
    return status;
}

/* ---- promote, rollback ---- */

static void say_alias(cli *c, const char *model, const char *alias, int64_t number) {
    if (c->json) {
        tend_node *doc = tend_node_new_map(c->arena);
        tend_node_set_string(c->arena, doc, "model", model);
        tend_node_set_string(c->arena, doc, "alias", alias);
        tend_node_set_int(c->arena, doc, "version", number);
        cli_print_json(doc);
    } else if (!c->quiet) {
        printf("%s@%s is version %lld now.\n", model, alias, (long long)number);
    }
}

tend_status cmd_models_promote(cli *c, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, true, &store, err));
    const char *alias = c->n_args > 1 ? c->args[1] : TEND_CHAMPION;
    tend_version version;
    TEND_TRY(tend_registry_get(store, c->args[0], c->arena, &version, err));
    TEND_TRY(tend_registry_promote(store, version.model, version.number, alias, tend_user_name(), cli_value(c, "why"), err));
    say_alias(c, version.model, alias, version.number);
    if (!c->quiet && version.gates == TEND_GATES_FAILED)
        fprintf(stderr, "note: this version failed a gate; `tend runs show %s` says which\n", version.run ? version.run : "");
    return TEND_OK;
}

tend_status cmd_models_rollback(cli *c, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, true, &store, err));
    const char *alias = c->n_args > 1 ? c->args[1] : TEND_CHAMPION;
    tend_model_ref ref;
    TEND_TRY(tend_model_ref_parse(c->args[0], &ref, err));
    if (ref.number)
        return tend_error_hint(err, TEND_FAIL(err, USAGE, "a rollback goes to the version before; it takes no number"),
                               "tend models promote %s %s", c->args[0], alias);
    int64_t number;
    TEND_TRY(tend_registry_rollback(store, ref.model, *ref.alias ? ref.alias : alias, tend_user_name(), cli_value(c, "why"), &number, err));
    say_alias(c, ref.model, *ref.alias ? ref.alias : alias, number);
    return TEND_OK;
}

/* ---- stage ---- */

tend_status cmd_models_stage(cli *c, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, true, &store, err));
    tend_version v;
    TEND_TRY(tend_registry_get(store, c->args[0], c->arena, &v, err));
    TEND_TRY(tend_registry_set_stage(store, v.model, v.number, c->args[1], tend_user_name(), cli_value(c, "why"), err));
    if (c->json) {
        TEND_TRY(tend_registry_get(store, c->args[0], c->arena, &v, err));
        cli_print_json(version_node(c, &v));
    } else if (!c->quiet) {
        printf("%s/%lld is in stage %s now.\n", v.model, (long long)v.number, c->args[1]);
    }
    return TEND_OK;
}

/* ---- files ---- */

tend_status cmd_models_export(cli *c, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, false, &store, err));
    tend_version v;
    TEND_TRY(tend_registry_get(store, c->args[0], c->arena, &v, err));
    const char *path = cli_value(c, "output");
    if (!path)
        path = tend_arena_printf(c->arena, "%s-%lld.tend", v.model, (long long)v.number);
    TEND_TRY(tend_objects_export(tend_store_objects(store), &v.bundle, path, err));
    if (c->json) {
        tend_node *doc = version_node(c, &v);
        tend_node_set_string(c->arena, doc, "file", path);
        cli_print_json(doc);
    } else if (!c->quiet) {
        char size[32];
        printf("%s: %s version %lld, %s\n", path, v.model, (long long)v.number, tend_text_bytes(v.size, size));
    }
    return TEND_OK;
}

static tend_status import(cli *c, tend_store *store, const cli_model *m, tend_error *err) {
    tend_node *manifest;
    TEND_TRY(tend_bundle_verify(m->bundle, err));
    TEND_AUTO(tend_model) *loaded = NULL;
    TEND_TRY(tend_bundle_load(m->bundle, &loaded, err));
    TEND_TRY(tend_bundle_manifest(m->bundle, c->arena, &manifest, err));
    tend_version_new version = {.model =
                                    cli_value(c, "name") ? cli_value(c, "name") : tend_node_string(tend_node_get(manifest, "name"), ""),
                                .who = tend_user_name(),
                                .why = cli_value(c, "why")};
    TEND_TRY(tend_name_check("model name", version.model, err));
    TEND_TRY(tend_objects_put_file(tend_store_objects(store), c->args[0], &version.bundle, NULL, err));
    TEND_AUTO_BUF metrics = TEND_BUF_INIT;
    if (tend_node_get(manifest, "metrics"))
        tend_json_format(tend_node_get(manifest, "metrics"), 0, &metrics);
    version.metrics = metrics.size ? tend_buf_text(&metrics) : NULL;
    int64_t number;
    bool is_new;
    TEND_TRY(tend_registry_register(store, &version, &number, &is_new, err));
    if (c->json) {
        tend_node *doc = tend_node_new_map(c->arena);
        tend_node_set_string(c->arena, doc, "name", version.model);
        tend_node_set_int(c->arena, doc, "version", number);
        tend_node_set_bool(c->arena, doc, "new", is_new);
        cli_print_json(doc);
    } else if (!c->quiet) {
        printf("%s/%lld%s\n", version.model, (long long)number, is_new ? "" : " (the same bytes were registered before)");
    }
    return TEND_OK;
}

tend_status cmd_models_import(cli *c, tend_error *err) {
    if (!tend_fs_exists(c->args[0]))
        return TEND_FAIL(err, NOT_FOUND, "%s: no such file", c->args[0]);
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, true, &store, err));
    cli_model m;
    tend_status status = cli_model_open(c, c->args[0], &m, err);
    if (status == TEND_OK)
        status = import(c, store, &m, err);
    cli_model_close(&m);
    return status;
}

/* ---- verify ---- */

static tend_status verify_one(cli *c, const char *reference, tend_node *list, tend_error *err) {
    cli_model m;
    tend_status status = cli_model_open(c, reference, &m, err);
    if (status == TEND_OK)
        status = tend_bundle_verify(m.bundle, err);
    tend_model *model = NULL;
    if (status == TEND_OK)
        status = tend_bundle_load(m.bundle, &model, err);
    if (status == TEND_OK) {
        tend_node_push(list, tend_node_new_string(c->arena, m.title));
        if (!c->quiet)
            printf("%s%s%s %s: every byte is as it was written\n", cli_paint(c, CLI_GREEN), "✓", cli_paint(c, CLI_PLAIN), m.title);
    }
    tend_model_free(model);
    cli_model_close(&m);
    return status;
}

static tend_status verify_all(cli *c, tend_node *list, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, false, &store, err));
    tend_model_entry *models;
    size_t n;
    TEND_TRY(tend_registry_models(store, c->arena, &models, &n, err));
    for (size_t i = 0; i < n; i++)
        for (int64_t number = 1; number <= models[i].latest; number++)
            TEND_TRY(verify_one(c, tend_arena_printf(c->arena, "%s/%lld", models[i].name, (long long)number), list, err));
    TEND_TRY(tend_audit_verify(store, err));
    if (!c->quiet)
        printf("%s✓%s the audit trail is whole\n", cli_paint(c, CLI_GREEN), cli_paint(c, CLI_PLAIN));
    return TEND_OK;
}

tend_status cmd_models_verify(cli *c, tend_error *err) {
    tend_node *doc = tend_node_new_map(c->arena), *list = tend_node_set_list(c->arena, doc, "verified");
    if (c->n_args)
        TEND_TRY(verify_one(c, c->args[0], list, err));
    else
        TEND_TRY(verify_all(c, list, err));
    if (c->json)
        cli_print_json(doc);
    return TEND_OK;
}
