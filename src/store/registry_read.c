#include "store/registry_read.h"

#include "base/text.h"
#include "store/registry.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN = 8 };

const char *tend_gates_name(tend_gates gates) {
    return gates == TEND_GATES_PASSED ? "passed" : gates == TEND_GATES_FAILED ? "failed" : "none";
}

static tend_gates parse_gates(const char *word) {
    return strcmp(word, "passed") == 0 ? TEND_GATES_PASSED : strcmp(word, "failed") == 0 ? TEND_GATES_FAILED : TEND_GATES_NONE;
}

/* What is not there */

typedef struct names {
    const char **at;
    size_t n;
} names;

static tend_status read_names(tend_db *db, const char *sql, const tend_db_value *values, int n, tend_arena *arena, names *out,
                              tend_error *err) {
    tend_db_rows rows;
    *out = (names){0};
    TEND_TRY(tend_db_select(&rows, db, sql, values, n, err));
    while (tend_db_next(&rows)) {
        out->at = tend_db_grow(arena, out->at, out->n, sizeof *out->at);
        out->at[out->n++] = tend_db_text(&rows, 0, arena);
    }
    return tend_db_close_rows(&rows, err);
}

/* "did you mean 'x'?", or what there is. */
static tend_status suggest(tend_status status, const char *word, const char *what, const names *list, tend_error *err) {
    const char *nearest = tend_text_nearest(word, list->at, list->n);
    if (nearest)
        return tend_error_hint(err, status, "did you mean '%s'?", nearest);
    tend_buf text = {.max = 250};
    for (size_t i = 0; i < list->n && i < SHOWN; i++)
        tend_buf_printf(&text, "%s%s", i ? ", " : "", list->at[i]);
    tend_error_hint(err, status, "%s: %s%s", what, tend_buf_text(&text), list->n > SHOWN ? " …" : "");
    tend_buf_done(&text);
    return status;
}

static tend_status no_model(tend_db *db, const char *model, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    names list;
    tend_status status = TEND_FAIL(err, NOT_FOUND, "there is no model '%s'", model);
    if (read_names(db, "SELECT name FROM model ORDER BY name", DB_NONE, arena, &list, NULL) != TEND_OK)
        return status;
    if (list.n == 0)
        return tend_error_hint(err, status, "no model is registered yet: `tend run` does it");
    return suggest(status, model, "there are", &list, err);
}

static tend_status no_version(const char *model, int64_t number, int64_t latest, tend_error *err) {
    tend_status status = TEND_FAIL(err, NOT_FOUND, "the model '%s' has no version %lld", model, (long long)number);
    if (latest == 1)
        return tend_error_hint(err, status, "there is version 1");
    return tend_error_hint(err, status, "there are versions 1 to %lld", (long long)latest);
}

tend_status tend_registry_no_alias(tend_db *db, const char *model, const char *alias, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    names list;
    tend_status status = TEND_FAIL(err, NOT_FOUND, "the model '%s' has no alias '%s'", model, alias);
    if (read_names(db, "SELECT name FROM alias WHERE model = ? ORDER BY name", DB_BIND(DB_TEXT(model)), arena, &list, NULL) != TEND_OK)
        return status;
    if (list.n == 0)
        return tend_error_hint(err, status, "it has none: `tend models promote %s/1 %s` sets it", model, alias);
    return suggest(status, alias, "it has", &list, err);
}

static tend_status no_champion(tend_db *db, const char *model, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    names list;
    tend_status status = TEND_FAIL(err, NOT_FOUND, "the model '%s' has no champion, and no version was named", model);
    if (read_names(db, "SELECT model || '/' || number FROM version WHERE model = ? ORDER BY number DESC", DB_BIND(DB_TEXT(model)), arena,
                   &list, NULL) != TEND_OK)
        return status;
    return suggest(status, "", "name one of", &list, err);
}

tend_status tend_registry_require(tend_db *db, const char *model, int64_t number, tend_error *err) {
    int64_t latest;
    bool found;
    TEND_TRY(tend_db_ask(db, "SELECT max(number) FROM version WHERE model = ?", DB_BIND(DB_TEXT(model)), &latest, &found, err));
    if (!found)
        return no_model(db, model, err);
    if (number == 0)
        return TEND_OK;
    return number < 0 || number > latest ? no_version(model, number, latest, err) : TEND_OK;
}

/* What is there */

#define VERSION_COLUMNS "model, number, bundle, size, run, created, gates, stage, metrics, description"

static void read_version(tend_db_rows *rows, tend_arena *arena, tend_version *out) {
    *out = (tend_version){
        .model = tend_db_text(rows, 0, arena),
        .number = tend_db_int(rows, 1),
        .size = (uint64_t)tend_db_int(rows, 3),
        .run = tend_db_text(rows, 4, arena),
        .created = tend_db_int(rows, 5),
        .gates = parse_gates(tend_db_text(rows, 6, arena)),
        .stage = tend_db_text(rows, 7, arena),
        .metrics = tend_db_text(rows, 8, arena),
        .description = tend_db_text(rows, 9, arena),
    };
    out->bundle = tend_db_digest(rows, 2);
}

static tend_status read_aliases_of(tend_db *db, tend_arena *arena, tend_version *version, tend_error *err) {
    names list;
    TEND_TRY(read_names(db, "SELECT name FROM alias WHERE model = ? AND number = ? ORDER BY name",
                        DB_BIND(DB_TEXT(version->model), DB_INT(version->number)), arena, &list, err));
    version->aliases = list.at;
    version->n_aliases = list.n;
    return TEND_OK;
}

/* The number that a reference means. */
static tend_status resolve(tend_db *db, const tend_model_ref *ref, int64_t *out_number, tend_error *err) {
    bool found;
    const char *alias = *ref->alias ? ref->alias : TEND_CHAMPION;
    TEND_TRY(tend_registry_require(db, ref->model, ref->number, err));
    *out_number = ref->number;
    if (ref->number)
        return TEND_OK;
    TEND_TRY(tend_db_ask(db, "SELECT number FROM alias WHERE model = ? AND name = ?", DB_BIND(DB_TEXT(ref->model), DB_TEXT(alias)),
                         out_number, &found, err));
    if (found)
        return TEND_OK;
    return *ref->alias ? tend_registry_no_alias(db, ref->model, alias, err) : no_champion(db, ref->model, err);
}

static tend_status get_version(tend_db *db, const tend_model_ref *ref, tend_arena *arena, tend_version *out, tend_error *err) {
    int64_t number;
    tend_db_rows rows;
    TEND_TRY(resolve(db, ref, &number, err));
    TEND_TRY(tend_db_select(&rows, db, "SELECT " VERSION_COLUMNS " FROM version WHERE model = ? AND number = ?",
                            DB_BIND(DB_TEXT(ref->model), DB_INT(number)), err));
    bool found = tend_db_next(&rows);
    if (found)
        read_version(&rows, arena, out);
    TEND_TRY(tend_db_close_rows(&rows, err));
    if (!found)
        return tend_db_damaged(db, err, "version %lld of '%s' is missing", (long long)number, ref->model);
    return read_aliases_of(db, arena, out, err);
}

/* One read transaction: the alias must not move between finding its version and reading it. */
tend_status tend_registry_get(tend_store *store, const char *reference, tend_arena *arena, tend_version *out_version, tend_error *err) {
    tend_model_ref ref;
    tend_version found;
    TEND_TRY(tend_model_ref_parse(reference, &ref, err));
    TEND_TRY(tend_db_run(&store->db, "BEGIN", DB_NONE, err));
    TEND_TRY(tend_db_end(&store->db, get_version(&store->db, &ref, arena, &found, err), err));
    *out_version = found;
    return TEND_OK;
}

tend_status tend_registry_versions(tend_store *store, const char *model, tend_arena *arena, tend_version **out_versions, size_t *out_n,
                                   tend_error *err) {
    tend_db_rows rows;
    tend_version *versions = NULL;
    size_t n = 0;
    TEND_TRY(tend_registry_require(&store->db, model, 0, err));
    TEND_TRY(tend_db_select(&rows, &store->db, "SELECT " VERSION_COLUMNS " FROM version WHERE model = ? ORDER BY number DESC",
                            DB_BIND(DB_TEXT(model)), err));
    while (tend_db_next(&rows)) {
        versions = tend_db_grow(arena, versions, n, sizeof *versions);
        read_version(&rows, arena, &versions[n++]);
    }
    TEND_TRY(tend_db_close_rows(&rows, err));
    for (size_t i = 0; i < n; i++)
        TEND_TRY(read_aliases_of(&store->db, arena, &versions[i], err));
    *out_versions = versions;
    *out_n = n;
    return TEND_OK;
}

static tend_status read_model_aliases(tend_db *db, tend_arena *arena, tend_model_entry *model, tend_error *err) {
    tend_db_rows rows;
    tend_alias *aliases = NULL;
    size_t n = 0;
    TEND_TRY(tend_db_select(&rows, db, "SELECT name, number, updated FROM alias WHERE model = ? ORDER BY name",
                            DB_BIND(DB_TEXT(model->name)), err));
    while (tend_db_next(&rows)) {
        aliases = tend_db_grow(arena, aliases, n, sizeof *aliases);
        aliases[n].name = tend_db_text(&rows, 0, arena);
        aliases[n].number = tend_db_int(&rows, 1);
        aliases[n++].updated = tend_db_int(&rows, 2);
    }
    model->aliases = aliases;
    model->n_aliases = n;
    return tend_db_close_rows(&rows, err);
}

tend_status tend_registry_models(tend_store *store, tend_arena *arena, tend_model_entry **out_models, size_t *out_n, tend_error *err) {
    tend_db_rows rows;
    tend_model_entry *models = NULL;
    size_t n = 0;
    TEND_TRY(tend_db_select(&rows, &store->db,
                            "SELECT name, created, (SELECT max(number) FROM version v WHERE v.model = m.name)"
                            " FROM model m ORDER BY name",
                            DB_NONE, err));
    while (tend_db_next(&rows)) {
        models = tend_db_grow(arena, models, n, sizeof *models);
        models[n].name = tend_db_text(&rows, 0, arena);
        models[n].created = tend_db_int(&rows, 1);
        models[n++].latest = tend_db_int(&rows, 2);
    }
    TEND_TRY(tend_db_close_rows(&rows, err));
    for (size_t i = 0; i < n; i++)
        TEND_TRY(read_model_aliases(&store->db, arena, &models[i], err));
    *out_models = models;
    *out_n = n;
    return TEND_OK;
}
