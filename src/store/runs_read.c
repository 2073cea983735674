#include "store/runs.h"

#include "base/text.h"
#include "store/db.h"
#include "store/process.h"

#include <math.h>
#include <stdio.h>

enum { SHOWN_IDS = 5, NEAR_IDS = 200 };

#define RUN_COLUMNS                                                                             \
    "r.id, r.project, r.experiment, r.parent, r.status, r.started, r.ended, r.command, r.user," \
    " r.host, r.git_commit, r.git_dirty, r.version, r.config_digest, r.pid, r.pid_started, r.boot"
enum { AFTER_COLUMNS = 17 };

/* As stored, except that a run whose process has gone was interrupted. */
static tend_run_status read_status(const tend_db_rows *rows, const char *host, tend_arena *arena) {
    tend_run_status status;
    tend_process process = {.pid = tend_db_int(rows, 14), .started = tend_db_int(rows, 15)};
    if (!tend_run_status_parse(tend_db_text(rows, 4, arena), &status))
        return TEND_RUN_FAILED;
    if (status != TEND_RUN_RUNNING)
        return status;
    snprintf(process.boot, sizeof process.boot, "%s", tend_db_text(rows, 16, arena));
    return tend_process_is_alive(&process, host) ? TEND_RUN_RUNNING : TEND_RUN_INTERRUPTED;
}

static void read_run(tend_db_rows *rows, tend_arena *arena, tend_run_record *out) {
    *out = (tend_run_record){
        .id = tend_db_text(rows, 0, arena),
        .project = tend_db_text(rows, 1, arena),
        .experiment = tend_db_text(rows, 2, arena),
        .parent = tend_db_text(rows, 3, arena),
        .started = tend_db_int(rows, 5),
        .ended = tend_db_int(rows, 6),
        .command = tend_db_text(rows, 7, arena),
        .user = tend_db_text(rows, 8, arena),
        .host = tend_db_text(rows, 9, arena),
        .git_commit = tend_db_text(rows, 10, arena),
        .git_dirty = tend_db_int(rows, 11) != 0,
        .version = tend_db_text(rows, 12, arena),
        .metric = (double)NAN,
    };
    out->config_digest = tend_db_digest(rows, 13);
    out->status = read_status(rows, out->host, arena);
}

/* One run by what was typed */

/* The ids, at most `n`, that a question gives, newest first. */
static tend_status read_ids(tend_db *db, const char *sql, const char *reference, tend_arena *arena, const char **out_ids, size_t max,
                            size_t *out_n, tend_error *err) {
    tend_db_rows rows;
    size_t n = 0;
    TEND_TRY(tend_db_select(&rows, db, sql, DB_BIND(DB_TEXT(reference)), err));
    while (n < max && tend_db_next(&rows))
        out_ids[n++] = tend_db_text(&rows, 0, arena);
    *out_n = n;
    return tend_db_close_rows(&rows, err);
}

static tend_status unknown_run(tend_db *db, const char *reference, tend_arena *arena, tend_error *err) {
    const char *ids[NEAR_IDS];
    size_t n;
    tend_status status = TEND_FAIL(err, NOT_FOUND, "there is no run '%s'", reference);
    if (read_ids(db, "SELECT id FROM run WHERE ?1 IS NOT NULL ORDER BY started DESC, id DESC", reference, arena, ids, NEAR_IDS, &n, NULL) !=
        TEND_OK)
        return status;
    if (n == 0)
        return tend_error_hint(err, status, "there is none at all yet: `tend run` makes one");
    const char *nearest = tend_text_nearest(reference, ids, n);
    return tend_error_hint(err, status, nearest ? "did you mean '%s'?" : "the last one is '%s'", nearest ? nearest : ids[0]);
}

static tend_status ambiguous_run(const char *reference, const char *const *ids, size_t n, tend_error *err) {
    tend_buf list = {.max = 200};
    for (size_t i = 0; i < n && i < SHOWN_IDS; i++)
        tend_buf_printf(&list, "%s%s", i ? ", " : "", ids[i]);
    tend_status status =
        TEND_FAIL(err, USAGE, "'%s' could be more than one run: %s%s", reference, tend_buf_text(&list), n > SHOWN_IDS ? " …" : "");
    tend_buf_done(&list);
    return tend_error_hint(err, status, "give more of the id");
}

static tend_status resolve(tend_db *db, const char *reference, tend_arena *arena, const char **out_id, tend_error *err) {
    const char *ids[SHOWN_IDS + 1];
    size_t n = 0;
    if (strcmp(reference, "last") == 0)
        TEND_TRY(
            read_ids(db, "SELECT id FROM run WHERE ?1 = 'last' ORDER BY started DESC, id DESC LIMIT 1", reference, arena, ids, 1, &n, err));
    else if (*reference)
        TEND_TRY(read_ids(db,
                          "SELECT id FROM run WHERE substr(id, 1, length(?1)) = ?1 OR substr(id, -length(?1)) ="
                          " ?1"
                          " ORDER BY id = ?1 DESC, started DESC, id DESC",
                          reference, arena, ids, SHOWN_IDS + 1, &n, err));
    if (n == 0)
        return unknown_run(db, reference, arena, err);
    if (n > 1 && strcmp(ids[0], reference) != 0)
        return ambiguous_run(reference, ids, n, err);
    *out_id = ids[0];
    return TEND_OK;
}

tend_status tend_runs_get(tend_store *store, const char *reference, tend_arena *arena, tend_run_record *out_run, tend_error *err) {
    const char *id = NULL;
    tend_db_rows rows;
    tend_run_record run = {0};
    TEND_TRY(resolve(&store->db, reference, arena, &id, err));
    TEND_TRY(tend_db_select(&rows, &store->db, "SELECT " RUN_COLUMNS ", r.lock, r.document FROM run r WHERE r.id = ?", DB_BIND(DB_TEXT(id)),
                            err));
    if (tend_db_next(&rows)) {
        read_run(&rows, arena, &run);
        run.lock = tend_db_text(&rows, AFTER_COLUMNS, arena);
        run.document = tend_db_text(&rows, AFTER_COLUMNS + 1, arena);
    }
    TEND_TRY(tend_db_close_rows(&rows, err));
    *out_run = run;
    return TEND_OK;
}

/* Many */

#define LIST_FROM                                                                                                   \
    "SELECT " RUN_COLUMNS ", (SELECT m.value FROM run_metric m WHERE m.run = r.id AND m.name = ?1 AND m.split = ?2" \
    " ORDER BY m.step DESC LIMIT 1) AS metric FROM run r WHERE (?3 IS NULL OR r.project = ?3)"                      \
    " AND (?4 IS NULL OR r.experiment = ?4) AND (?5 IS NULL OR r.status = ?5)"                                      \
    " AND r.started >= ?6 AND r.started < ?7"

static const char *const list_sql[] = {
    [TEND_RUNS_NEWEST] = LIST_FROM " ORDER BY r.started DESC, r.id DESC",
    [TEND_RUNS_HIGHEST] = LIST_FROM " ORDER BY metric DESC NULLS LAST, r.started DESC, r.id DESC",
    [TEND_RUNS_LOWEST] = LIST_FROM " ORDER BY metric ASC NULLS LAST, r.started DESC, r.id DESC",
};

/* What is stored for a status: the interrupted ones are among the running. */
static const char *stored_status(const tend_run_status *status) {
    if (!status)
        return NULL;
    return tend_run_status_name(*status == TEND_RUN_INTERRUPTED ? TEND_RUN_RUNNING : *status);
}

tend_status tend_runs_list(tend_store *store, const tend_run_query *query, tend_arena *arena, tend_run_record **out_runs, size_t *out_n,
                           tend_error *err) {
    tend_db_rows rows;
    tend_run_record *runs = NULL;
    size_t n = 0;
    TEND_TRY(tend_db_select(&rows, &store->db, list_sql[query->order],
                            DB_BIND(DB_TEXT(query->metric), DB_TEXT(query->split ? query->split : "test"), DB_TEXT(query->project),
                                    DB_TEXT(query->experiment), DB_TEXT(stored_status(query->status)), DB_INT(query->since),
                                    DB_INT(query->until ? query->until : INT64_MAX)),
                            err));
    while ((!query->limit || n < query->limit) && tend_db_next(&rows)) {
        runs = tend_db_grow(arena, runs, n, sizeof *runs);
        read_run(&rows, arena, &runs[n]);
        runs[n].metric = tend_db_real(&rows, AFTER_COLUMNS);
        if (!query->status || runs[n].status == *query->status)
            n++;
    }
    TEND_TRY(tend_db_close_rows(&rows, err));
    *out_runs = runs;
    *out_n = n;
    return TEND_OK;
}

/* Parts of one run */

static tend_status read_outputs(tend_db *db, const char *id, tend_arena *arena, tend_run_step *step, tend_error *err) {
    tend_db_rows rows;
    tend_run_output *outputs = NULL;
    size_t n = 0;
    TEND_TRY(tend_db_select(&rows, db, "SELECT name, digest FROM run_output WHERE run = ? AND step = ? ORDER BY position",
                            DB_BIND(DB_TEXT(id), DB_TEXT(step->name)), err));
    while (tend_db_next(&rows)) {
        outputs = tend_db_grow(arena, outputs, n, sizeof *outputs);
        outputs[n].name = tend_db_text(&rows, 0, arena);
        outputs[n++].digest = tend_db_digest(&rows, 1);
    }
    step->outputs = outputs;
    step->n_outputs = n;
    return tend_db_close_rows(&rows, err);
}

tend_status tend_runs_steps(tend_store *store, const char *id, tend_arena *arena, tend_run_step **out_steps, size_t *out_n,
                            tend_error *err) {
    tend_db_rows rows;
    tend_run_step *steps = NULL;
    size_t n = 0;
    TEND_TRY(tend_db_select(&rows, &store->db, "SELECT name, status, key, seconds, reason FROM run_step WHERE run = ? ORDER BY position",
                            DB_BIND(DB_TEXT(id)), err));
    while (tend_db_next(&rows)) {
        steps = tend_db_grow(arena, steps, n, sizeof *steps);
        tend_run_step *step = &steps[n++];
        step->name = tend_db_text(&rows, 0, arena);
        step->status = tend_db_text(&rows, 1, arena);
        step->key = tend_db_digest(&rows, 2);
        step->seconds = tend_db_real(&rows, 3);
        step->reason = tend_db_text(&rows, 4, arena);
    }
    TEND_TRY(tend_db_close_rows(&rows, err));
    for (size_t i = 0; i < n; i++)
        TEND_TRY(read_outputs(&store->db, id, arena, &steps[i], err));
    *out_steps = steps;
    *out_n = n;
    return TEND_OK;
}

tend_status tend_runs_params(tend_store *store, const char *id, tend_arena *arena, tend_run_param **out_params, size_t *out_n,
                             tend_error *err) {
    tend_db_rows rows;
    tend_run_param *params = NULL;
    size_t n = 0;
    TEND_TRY(tend_db_select(&rows, &store->db, "SELECT name, value FROM run_param WHERE run = ? ORDER BY name", DB_BIND(DB_TEXT(id)), err));
    while (tend_db_next(&rows)) {
        params = tend_db_grow(arena, params, n, sizeof *params);
        params[n].name = tend_db_text(&rows, 0, arena);
        params[n++].value = tend_db_text(&rows, 1, arena);
    }
    TEND_TRY(tend_db_close_rows(&rows, err));
    *out_params = params;
    *out_n = n;
    return TEND_OK;
}

tend_status tend_runs_metrics(tend_store *store, const char *id, tend_arena *arena, tend_run_metric **out_metrics, size_t *out_n,
                              tend_error *err) {
    tend_db_rows rows;
    tend_run_metric *metrics = NULL;
    size_t n = 0;
    TEND_TRY(tend_db_select(&rows, &store->db,
                            "SELECT name, split, step, value, low, high FROM run_metric WHERE run = ?"
                            " ORDER BY name, split, step",
                            DB_BIND(DB_TEXT(id)), err));
    while (tend_db_next(&rows)) {
        metrics = tend_db_grow(arena, metrics, n, sizeof *metrics);
        metrics[n++] = (tend_run_metric){
            .name = tend_db_text(&rows, 0, arena),
            .split = tend_db_text(&rows, 1, arena),
            .step = tend_db_int(&rows, 2),
            .value = tend_db_real(&rows, 3),
            .low = tend_db_real(&rows, 4),
            .high = tend_db_real(&rows, 5),
        };
    }
    TEND_TRY(tend_db_close_rows(&rows, err));
    *out_metrics = metrics;
    *out_n = n;
    return TEND_OK;
}
