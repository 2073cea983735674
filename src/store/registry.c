/* Changing the registry; registry_read.c reads it. Every change is one transaction with its row
 * of the audit trail. */
#include "store/registry.h"

#include "base/clock.h"
#include "base/text.h"
#include "store/audit_write.h"
#include "store/db.h"
#include "store/registry_read.h"

#include <stdio.h>
#include <string.h>

static const char *const stages[] = {"none", "staging", "production", "archived"};

/* Registering */

tend_status tend_registry_number(tend_store *store, const char *model, const tend_digest *bundle, int64_t *out_number, bool *out_found,
                                 tend_error *err) {
    return tend_db_ask(&store->db, "SELECT number FROM version WHERE model = ? AND bundle = ?", DB_BIND(DB_TEXT(model), DB_DIGEST(bundle)),
                       out_number, out_found, err);
}

static tend_status insert_version(tend_store *store, const tend_version_new *v, int64_t number, tend_error *err) {
    int64_t now = tend_clock_micros();
    uint64_t size;
    TEND_TRY_WRAP(tend_objects_size(&store->objects, &v->bundle, &size, err), err, "registering a version of '%s'", v->model);
    TEND_TRY(tend_db_run(&store->db, "INSERT INTO model (name, created) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
                         DB_BIND(DB_TEXT(v->model), DB_INT(now)), err));
    return tend_db_run(&store->db,
                       "INSERT INTO version (model, number, bundle, size, run, created, gates, stage, metrics,"
                       " description)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, 'none', ?, ?)",
                       DB_BIND(DB_TEXT(v->model), DB_INT(number), DB_DIGEST(&v->bundle), DB_INT(size), DB_TEXT(v->run), DB_INT(now),
                               DB_TEXT(tend_gates_name(v->gates)), DB_TEXT(v->metrics ? v->metrics : "{}"),
                               DB_TEXT(v->description ? v->description : "")),
                       err);
}

static tend_status do_register(tend_store *store, const tend_version_new *v, int64_t *out_number, bool *out_new, tend_error *err) {
    char hex[TEND_DIGEST_HEX];
    int64_t number;
    bool known, any;
    TEND_TRY(tend_registry_number(store, v->model, &v->bundle, &number, &known, err));
    if (!known) {
        TEND_TRY(
            tend_db_ask(&store->db, "SELECT max(number) FROM version WHERE model = ?", DB_BIND(DB_TEXT(v->model)), &number, &any, err));
        number++;
        TEND_TRY(insert_version(store, v, number, err));
        tend_digest_format(&v->bundle, hex);
        TEND_TRY(tend_audit_add(
            &store->db,
            &(tend_audit_entry){.who = v->who, .action = "register", .model = v->model, .number = number, .after = hex, .why = v->why},
            err));
    }
    *out_number = number;
    *out_new = !known;
    return TEND_OK;
}

tend_status tend_registry_register(tend_store *store, const tend_version_new *version, int64_t *out_number, bool *out_new,
                                   tend_error *err) {
    int64_t number;
    bool is_new;
    TEND_TRY(tend_name_check("model name", version->model, err));
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_SYNC, err));
    TEND_TRY(tend_db_end(&store->db, do_register(store, version, &number, &is_new, err), err));
    *out_number = number;
    if (out_new)
        *out_new = is_new;
    return TEND_OK;
}

/* Aliases */

/* Where the alias points now; 0: nowhere. */
static tend_status read_alias(tend_db *db, const char *model, const char *alias, int64_t *out_number, tend_error *err) {
    bool found;
    return tend_db_ask(db, "SELECT number FROM alias WHERE model = ? AND name = ?", DB_BIND(DB_TEXT(model), DB_TEXT(alias)), out_number,
                       &found, err);
}

typedef struct alias_change {
    const char *action, *model, *alias, *who, *why;
    int64_t from, to;
} alias_change;

static tend_status move_alias(tend_db *db, const alias_change *c, tend_error *err) {
    char before[24] = "", after[24];
    if (c->from)
        snprintf(before, sizeof before, "%lld", (long long)c->from);
    snprintf(after, sizeof after, "%lld", (long long)c->to);
    TEND_TRY(tend_db_run(db,
                         "INSERT INTO alias (model, name, number, updated) VALUES (?, ?, ?, ?)"
                         " ON CONFLICT (model, name) DO UPDATE SET number = excluded.number, updated ="
                         " excluded.updated",
                         DB_BIND(DB_TEXT(c->model), DB_TEXT(c->alias), DB_INT(c->to), DB_INT(tend_clock_micros())), err));
    return tend_audit_add(db,
                          &(tend_audit_entry){.who = c->who,
                                              .action = c->action,
                                              .model = c->model,
                                              .number = c->to,
                                              .alias = c->alias,
                                              .before = before,
                                              .after = after,
                                              .why = c->why},
                          err);
}

static tend_status do_promote(tend_db *db, alias_change *c, tend_error *err) {
    TEND_TRY(tend_registry_require(db, c->model, c->to, err));
    TEND_TRY(read_alias(db, c->model, c->alias, &c->from, err));
    return c->from == c->to ? TEND_OK : move_alias(db, c, err);
}

tend_status tend_registry_promote(tend_store *store, const char *model, int64_t number, const char *alias, const char *who, const char *why,
                                  tend_error *err) {
    alias_change c = {.action = "promote", .model = model, .alias = alias, .who = who, .why = why, .to = number};
    TEND_TRY(tend_name_check("alias", alias, err));
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_SYNC, err));
    return tend_db_end(&store->db, do_promote(&store->db, &c, err), err);
}

/* The trail as a stack: a promotion puts a version on it, a rollback takes one off. What lies
 * below the top is where to go back to; 0 when nothing does. */
static tend_status find_previous(tend_db *db, const char *model, const char *alias, int64_t *out_number, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_db_rows rows;
    int64_t *stack = NULL;
    size_t n = 0;
    TEND_TRY(tend_db_select(&rows, db,
                            "SELECT action = 'rollback', number FROM audit WHERE model = ? AND alias = ? ORDER BY"
                            " sequence",
                            DB_BIND(DB_TEXT(model), DB_TEXT(alias)), err));
    while (tend_db_next(&rows)) {
        if (tend_db_int(&rows, 0)) {
            n -= n > 0;
            continue;
        }
        stack = tend_db_grow(arena, stack, n, sizeof *stack);
        stack[n++] = tend_db_int(&rows, 1);
    }
    *out_number = n > 1 ? stack[n - 2] : 0;
    return tend_db_close_rows(&rows, err);
}

static tend_status do_rollback(tend_db *db, alias_change *c, tend_error *err) {
    TEND_TRY(tend_registry_require(db, c->model, 0, err));
    TEND_TRY(read_alias(db, c->model, c->alias, &c->from, err));
    if (c->from == 0)
        return tend_registry_no_alias(db, c->model, c->alias, err);
    TEND_TRY(find_previous(db, c->model, c->alias, &c->to, err));
    if (c->to == 0) {
        tend_status status =
            TEND_FAIL(err, REFUSED, "'%s@%s' is version %lld and was no other before", c->model, c->alias, (long long)c->from);
        return tend_error_hint(err, status, "`tend models promote` can point it at any version");
    }
    return move_alias(db, c, err);
}

tend_status tend_registry_rollback(tend_store *store, const char *model, const char *alias, const char *who, const char *why,
                                   int64_t *out_number, tend_error *err) {
    alias_change c = {.action = "rollback", .model = model, .alias = alias, .who = who, .why = why};
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_SYNC, err));
    TEND_TRY(tend_db_end(&store->db, do_rollback(&store->db, &c, err), err));
    *out_number = c.to;
    return TEND_OK;
}

/* What may change in a version */

static tend_status check_stage(const char *stage, tend_error *err) {
    size_t n = sizeof stages / sizeof *stages;
    for (size_t i = 0; i < n; i++)
        if (strcmp(stage, stages[i]) == 0)
            return TEND_OK;
    const char *nearest = tend_text_nearest(stage, stages, n);
    tend_status status = TEND_FAIL(err, INVALID, "there is no stage '%s': none, staging, production and archived are", stage);
    return nearest ? tend_error_hint(err, status, "did you mean '%s'?", nearest) : status;
}

static tend_status read_field(tend_db *db, const char *sql, const char *model, int64_t number, tend_arena *arena, const char **out_text,
                              tend_error *err) {
    tend_db_rows rows;
    *out_text = "";
    TEND_TRY(tend_db_select(&rows, db, sql, DB_BIND(DB_TEXT(model), DB_INT(number)), err));
    if (tend_db_next(&rows))
        *out_text = tend_db_text(&rows, 0, arena);
    return tend_db_close_rows(&rows, err);
}

static tend_status do_set_stage(tend_db *db, tend_audit_entry *e, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_TRY(tend_registry_require(db, e->model, e->number, err));
    TEND_TRY(read_field(db, "SELECT stage FROM version WHERE model = ? AND number = ?", e->model, e->number, arena, &e->before, err));
    if (strcmp(e->before, e->after) == 0)
        return TEND_OK;
    TEND_TRY(tend_db_run(db, "UPDATE version SET stage = ? WHERE model = ? AND number = ?",
                         DB_BIND(DB_TEXT(e->after), DB_TEXT(e->model), DB_INT(e->number)), err));
    return tend_audit_add(db, e, err);
}

tend_status tend_registry_set_stage(tend_store *store, const char *model, int64_t number, const char *stage, const char *who,
                                    const char *why, tend_error *err) {
    tend_audit_entry e = {.action = "stage", .model = model, .number = number, .after = stage, .who = who, .why = why};
    TEND_TRY(check_stage(stage, err));
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_SYNC, err));
    return tend_db_end(&store->db, do_set_stage(&store->db, &e, err), err);
}

static tend_status do_describe(tend_db *db, tend_audit_entry *e, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_TRY(tend_registry_require(db, e->model, e->number, err));
    TEND_TRY(read_field(db, "SELECT description FROM version WHERE model = ? AND number = ?", e->model, e->number, arena, &e->before, err));
    if (strcmp(e->before, e->after) == 0)
        return TEND_OK;
    TEND_TRY(tend_db_run(db, "UPDATE version SET description = ? WHERE model = ? AND number = ?",
                         DB_BIND(DB_TEXT(e->after), DB_TEXT(e->model), DB_INT(e->number)), err));
    return tend_audit_add(db, e, err);
}

tend_status tend_registry_describe(tend_store *store, const char *model, int64_t number, const char *description, const char *who,
                                   tend_error *err) {
    tend_audit_entry e = {.action = "describe", .model = model, .number = number, .after = description, .who = who};
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_SYNC, err));
    return tend_db_end(&store->db, do_describe(&store->db, &e, err), err);
}

static tend_status do_note(tend_db *db, tend_audit_entry *e, tend_error *err) {
    TEND_TRY(tend_registry_require(db, e->model, 0, err));
    return tend_audit_add(db, e, err);
}

tend_status tend_registry_note_routes(tend_store *store, const char *model, const char *routes, const char *who, const char *why,
                                      tend_error *err) {
    tend_audit_entry e = {.action = "routes", .model = model, .after = routes, .who = who, .why = why};
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_SYNC, err));
    return tend_db_end(&store->db, do_note(&store->db, &e, err), err);
}
