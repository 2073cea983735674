/* Writing runs; runs_read.c reads them. */
#include "store/runs.h"

#include "base/clock.h"
#include "store/db.h"
#include "store/process.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static const char *const status_words[] = {
#define X(name, word) word,
    TEND_RUN_STATUSES(X)
#undef X
};

const char *tend_run_status_name(tend_run_status status) {
    return (unsigned)status < TEND_RUN_STATUS_COUNT ? status_words[status] : "unknown";
}

bool tend_run_status_parse(const char *word, tend_run_status *out) {
    for (int i = 0; i < TEND_RUN_STATUS_COUNT; i++)
        if (strcmp(word, status_words[i]) == 0) {
            *out = (tend_run_status)i;
            return true;
        }
    return false;
}

/* "2026-11-23T01:26:25Z" → "20261123-012625-3f9a" */
static tend_status make_id(int64_t now, char out[TEND_RUN_ID], tend_error *err) {
    char iso[32];
    uint16_t random;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return TEND_FAIL(err, IO, "the system gives no random numbers");
    tend_clock_format(now, iso);
    snprintf(out, TEND_RUN_ID, "%.4s%.2s%.2s-%.2s%.2s%.2s-%04x", iso, iso + 5, iso + 8, iso + 11, iso + 14, iso + 17, (unsigned)random);
    return TEND_OK;
}

static tend_status insert_run(tend_db *db, const char *id, int64_t now, const tend_run_start *start, tend_error *err) {
    char user[256], host[256];
    tend_process self = tend_process_self();
    tend_process_user(user);
    tend_process_host(host);
    return tend_db_run(db,
                       "INSERT INTO run (id, project, experiment, parent, status, started, command, user, host,"
                       " git_commit,"
                       " git_dirty, version, config_digest, pid, pid_started, boot)"
                       " VALUES (?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                       DB_BIND(DB_TEXT(id), DB_TEXT(start->project), DB_TEXT(start->experiment), DB_TEXT(start->parent), DB_INT(now),
                               DB_TEXT(start->command), DB_TEXT(start->user ? start->user : user),
                               DB_TEXT(start->host ? start->host : host), DB_TEXT(start->git_commit), DB_INT(start->git_dirty),
                               DB_TEXT(start->version), DB_DIGEST(&start->config_digest), DB_INT(self.pid), DB_INT(self.started),
                               DB_TEXT(self.boot)),
                       err);
}

/* 65,536 ids a second: a taken one is drawn again. */
static tend_status insert_new(tend_db *db, const tend_run_start *start, char id[TEND_RUN_ID], tend_error *err) {
    int64_t now = tend_clock_micros(), one;
    bool taken = true;
    for (int i = 0; i < 1000 && taken; i++) {
        TEND_TRY(make_id(now, id, err));
        TEND_TRY(tend_db_ask(db, "SELECT 1 FROM run WHERE id = ?", DB_BIND(DB_TEXT(id)), &one, &taken, err));
    }
    return taken ? TEND_FAIL(err, LIMIT, "too many runs were started within one second") : insert_run(db, id, now, start, err);
}

tend_status tend_runs_start(tend_store *store, const tend_run_start *start, char out_id[TEND_RUN_ID], tend_error *err) {
    char id[TEND_RUN_ID];
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_LAZY, err));
    TEND_TRY(tend_db_end(&store->db, insert_new(&store->db, start, id, err), err));
    memcpy(out_id, id, sizeof id);
    return TEND_OK;
}

static tend_status require_running(tend_db *db, const char *id, tend_error *err) {
    int64_t ended;
    bool found;
    TEND_TRY(tend_db_ask(db, "SELECT status != 'running' FROM run WHERE id = ?", DB_BIND(DB_TEXT(id)), &ended, &found, err));
    if (!found)
        return TEND_FAIL(err, NOT_FOUND, "there is no run '%s'", id);
    return ended ? TEND_FAIL(err, REFUSED, "the run '%s' has ended: its record is final", id) : TEND_OK;
}

static tend_status add_step(tend_db *db, const char *id, const tend_run_step *step, tend_error *err) {
    TEND_TRY(require_running(db, id, err));
    TEND_TRY(tend_db_run(db, "DELETE FROM run_output WHERE run = ? AND step = ?", DB_BIND(DB_TEXT(id), DB_TEXT(step->name)), err));
    TEND_TRY(tend_db_run(db,
                         "INSERT INTO run_step (run, position, name, status, key, seconds, reason)"
                         " VALUES (?1, (SELECT count(*) FROM run_step WHERE run = ?1), ?2, ?3, ?4, ?5, ?6)"
                         " ON CONFLICT (run, name) DO UPDATE SET status = excluded.status, key = excluded.key,"
                         " seconds = excluded.seconds, reason = excluded.reason",
                         DB_BIND(DB_TEXT(id), DB_TEXT(step->name), DB_TEXT(step->status), DB_DIGEST(&step->key), DB_REAL(step->seconds),
                                 DB_TEXT(step->reason)),
                         err));
    for (size_t i = 0; i < step->n_outputs; i++)
        TEND_TRY(tend_db_run(
            db, "INSERT INTO run_output (run, step, position, name, digest) VALUES (?, ?, ?, ?, ?)",
            DB_BIND(DB_TEXT(id), DB_TEXT(step->name), DB_INT(i), DB_TEXT(step->outputs[i].name), DB_DIGEST(&step->outputs[i].digest)),
            err));
    return TEND_OK;
}

tend_status tend_runs_add_step(tend_store *store, const char *id, const tend_run_step *step, tend_error *err) {
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_LAZY, err));
    return tend_db_end(&store->db, add_step(&store->db, id, step, err), err);
}

static tend_status add_params(tend_db *db, const char *id, const tend_run_param *params, size_t n, tend_error *err) {
    TEND_TRY(require_running(db, id, err));
    for (size_t i = 0; i < n; i++)
        TEND_TRY(tend_db_run(db,
                             "INSERT INTO run_param (run, name, value) VALUES (?, ?, ?)"
                             " ON CONFLICT (run, name) DO UPDATE SET value = excluded.value",
                             DB_BIND(DB_TEXT(id), DB_TEXT(params[i].name), DB_TEXT(params[i].value)), err));
    return TEND_OK;
}

tend_status tend_runs_add_params(tend_store *store, const char *id, const tend_run_param *params, size_t n, tend_error *err) {
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_LAZY, err));
    return tend_db_end(&store->db, add_params(&store->db, id, params, n, err), err);
}

static tend_status add_metrics(tend_db *db, const char *id, const tend_run_metric *metrics, size_t n, tend_error *err) {
    TEND_TRY(require_running(db, id, err));
    for (size_t i = 0; i < n; i++) {
        const tend_run_metric *m = &metrics[i];
        TEND_TRY(tend_db_run(db,
                             "INSERT INTO run_metric (run, name, split, step, value, low, high) VALUES (?, ?, ?, ?,"
                             " ?, ?, ?)"
                             " ON CONFLICT (run, name, split, step) DO UPDATE SET value = excluded.value, low ="
                             " excluded.low,"
                             " high = excluded.high",
                             DB_BIND(DB_TEXT(id), DB_TEXT(m->name), DB_TEXT(m->split ? m->split : ""), DB_INT(m->step), DB_REAL(m->value),
                                     DB_REAL(m->low), DB_REAL(m->high)),
                             err));
    }
    return TEND_OK;
}

tend_status tend_runs_add_metrics(tend_store *store, const char *id, const tend_run_metric *metrics, size_t n, tend_error *err) {
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_LAZY, err));
    return tend_db_end(&store->db, add_metrics(&store->db, id, metrics, n, err), err);
}

static tend_status finish(tend_db *db, const char *id, const tend_run_finish *f, tend_error *err) {
    TEND_TRY(require_running(db, id, err));
    return tend_db_run(
        db, "UPDATE run SET status = ?, ended = ?, lock = ?, document = ? WHERE id = ?",
        DB_BIND(DB_TEXT(tend_run_status_name(f->status)), DB_INT(tend_clock_micros()), DB_TEXT(f->lock), DB_TEXT(f->document), DB_TEXT(id)),
        err);
}

tend_status tend_runs_finish(tend_store *store, const char *id, const tend_run_finish *f, tend_error *err) {
    if (f->status == TEND_RUN_RUNNING || (unsigned)f->status >= TEND_RUN_INTERRUPTED)
        return TEND_FAIL(err, INVALID, "a run cannot end as '%s'", tend_run_status_name(f->status));
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_SYNC, err));
    return tend_db_end(&store->db, finish(&store->db, id, f, err), err);
}
