/* The record of a run. Everything that differs from place to place (time, user, host, git) is here and in no digest. */
#include "flow/record.h"

#include "base/clock.h"
#include "flow/version.h"
#include "store/registry.h"
#include "store/runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- git, asked without a shell ---- */

static char *git_line(tend_flow *flow, const char *const *args) {
    int ends[2];
    if (pipe(ends) < 0)
        return NULL;
    pid_t pid = fork();
    if (pid < 0) {
        close(ends[0]);
        close(ends[1]);
        return NULL;
    }
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        if (!freopen("/dev/null", "w", stderr) || chdir(flow->project->folder) < 0)
            _exit(127);
        execvp("git", (char *const *)(uintptr_t)args);
        _exit(127);
    }
    close(ends[1]);
    tend_buf text = TEND_BUF_INIT;
    char chunk[512];
    for (ssize_t n; (n = read(ends[0], chunk, sizeof chunk)) > 0;)
        tend_buf_append(&text, chunk, (size_t)n);
    close(ends[0]);
    int state = 0;
    waitpid(pid, &state, 0);
    char *line = NULL;
    if (WIFEXITED(state) && WEXITSTATUS(state) == 0)
        line = tend_arena_strndup(flow->arena, tend_buf_text(&text), strcspn(tend_buf_text(&text), "\n"));
    tend_buf_done(&text);
    return line;
}

tend_status tend_record_start(tend_flow *flow, const char *command, char *out_id, tend_error *err) {
    const char *commit = git_line(flow, (const char *const[]){"git", "rev-parse", "HEAD", NULL});
    const char *dirty = commit ? git_line(flow, (const char *const[]){"git", "status", "--porcelain", "--untracked-files=no", NULL}) : NULL;
    tend_run_start start = {.project = flow->project->name,
                            .experiment = flow->project->name,
                            .command = command,
                            .user = tend_user_name(),
                            .git_commit = commit,
                            .git_dirty = dirty && *dirty,
                            .version = TEND_VERSION,
                            .config_digest = tend_digest_of(flow->project->text, strlen(flow->project->text))};
    return tend_runs_start(flow->store, &start, out_id, err);
}

/* ---- the document ---- */

static const char *step_word(tend_step_state state) {
    switch (state) {
    case TEND_STEP_CURRENT: return "cached";
    case TEND_STEP_DONE: return "run";
    case TEND_STEP_FAILED: return "failed";
    default: return "skipped";
    }
}

static void add_steps(tend_flow *flow, tend_node *doc) {
    tend_arena *arena = flow->arena;
    tend_node *list = tend_node_set_list(arena, doc, "steps");
    for (int i = 0; i < TEND_STEP_COUNT; i++) {
        const tend_step_record *r = &flow->steps[i];
        tend_node *item = tend_node_push(list, tend_node_new_map(arena));
        tend_node_set_string(arena, item, "name", r->report.name);
        tend_node_set_string(arena, item, "status", step_word(r->report.state));
        tend_node_set_double(arena, item, "seconds", round(r->report.seconds * 1e4) / 1e4);
        tend_node_set_string(arena, item, "summary", r->report.summary);
        if (r->report.reason)
            tend_node_set_string(arena, item, "reason", r->report.reason);
        tend_node *outputs = tend_node_set_map(arena, item, "outputs");
        for (int k = 0; k < r->n_outputs && r->current; k++) {
            char hex[TEND_DIGEST_HEX];
            tend_digest_format(&r->outputs[k].digest, hex);
            tend_node_set_string(arena, outputs, r->outputs[k].name, hex);
        }
    }
}

static void add_results(tend_flow *flow, tend_node *doc) {
    tend_arena *arena = flow->arena;
    tend_node *judged = NULL, *trained = NULL, *metrics = tend_node_set_map(arena, doc, "metrics");
    if (!flow->steps[TEND_STEP_EVALUATE].current || tend_flow_load_json(flow, TEND_STEP_EVALUATE, "result", &judged, NULL) != TEND_OK ||
        tend_flow_load_json(flow, TEND_STEP_TRAIN, "result", &trained, NULL) != TEND_OK)
        return;
    static const struct { const char *from, *to; } parts[] = {{"metrics", "test"}, {"slices", "slices"}};
    for (size_t i = 0; i < 2; i++)
        if (tend_node_get(judged, parts[i].from))
            tend_node_set(arena, metrics, parts[i].to, tend_node_copy(arena, tend_node_get(judged, parts[i].from)));
    if (tend_node_get(trained, "validation"))
        tend_node_set(arena, metrics, "validation", tend_node_copy(arena, tend_node_get(trained, "validation")));
    static const char *const keys[] = {"verdict", "gates", "importance", "learning_curve", "metric"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (tend_node_get(judged, keys[i]))
            tend_node_set(arena, doc, keys[i], tend_node_copy(arena, tend_node_get(judged, keys[i])));
    tend_node *gates = (tend_node *)(uintptr_t)tend_node_get(doc, "gates");
    const tend_node *limits = tend_node_get(flow->steps[TEND_STEP_REGISTER].meta, "limits");
    TEND_NODE_EACH(limit, limits)
        if (gates)
            tend_node_push(gates, tend_node_copy(arena, limit));
    for (const char *const *key = (const char *const[]){"learner", "params", "threshold", "leaderboard", NULL}; *key; key++)
        if (tend_node_get(trained, *key))
            tend_node_set(arena, doc, *key, tend_node_copy(arena, tend_node_get(trained, *key)));
}

static void add_model(tend_flow *flow, tend_node *doc) {
    const tend_digest *bundle = tend_flow_output(flow, TEND_STEP_REGISTER, "bundle");
    if (!bundle)
        return;
    char hex[TEND_DIGEST_HEX];
    tend_digest_format(bundle, hex);
    tend_node *model = tend_node_set_map(flow->arena, doc, "model");
    tend_node_set_string(flow->arena, model, "name", flow->project->name);
    tend_node_set_int(flow->arena, model, "version",
                      tend_node_int(tend_node_get(flow->steps[TEND_STEP_REGISTER].meta, "model_version"), 0));
    tend_node_set_string(flow->arena, model, "sha256", hex);
}

static void add_validation(tend_flow *flow, tend_node *doc) {
    tend_node *check;
    const tend_step_record *r = &flow->steps[TEND_STEP_VALIDATE];
    if (r->current && tend_flow_load_json(flow, TEND_STEP_VALIDATE, "check", &check, NULL) == TEND_OK)
        tend_node_set(flow->arena, doc, "data", check);
}

static tend_node *make_document(tend_flow *flow, const char *status, const tend_error *failure) {
    tend_arena *arena = flow->arena;
    tend_node *doc = tend_node_new_map(arena);
    tend_node_set_string(arena, doc, "id", flow->run_id);
    tend_node_set_string(arena, doc, "project", flow->project->name);
    tend_node_set_string(arena, doc, "status", status);
    if (failure && failure->code != TEND_OK) {
        tend_node *node = tend_node_set_map(arena, doc, "error");
        tend_node_set_string(arena, node, "code", tend_status_name(failure->code));
        tend_node_set_string(arena, node, "message", failure->message);
        if (*failure->hint)
            tend_node_set_string(arena, node, "hint", failure->hint);
    }
    add_steps(flow, doc);
    add_validation(flow, doc);
    add_results(flow, doc);
    add_model(flow, doc);
    tend_node_set_string(arena, doc, "configuration", flow->project->text);
    tend_node *overrides = tend_node_set_list(arena, doc, "overrides");
    for (int i = 0; i < flow->project->n_sets; i++)
        tend_node_push(overrides, tend_node_new_string(arena, flow->project->sets[i]));
    return doc;
}

/* ---- the end ---- */

static void note_metrics(tend_flow *flow, const tend_node *doc, const char *split) {
    const tend_node *map = tend_node_get(tend_node_get(doc, "metrics"), split);
    if (!map || !map->count)
        return;
    tend_run_metric *metrics = TEND_ARRAY(flow->arena, tend_run_metric, map->count);
    size_t n = 0;
    TEND_NODE_EACH(m, map)
        metrics[n++] = (tend_run_metric){.name = m->key,
                                         .split = split,
                                         .value = tend_node_double(tend_node_get(m, "value"), NAN),
                                         .low = tend_node_double(tend_node_get(m, "low"), NAN),
                                         .high = tend_node_double(tend_node_get(m, "high"), NAN)};
    TEND_IGNORE(tend_runs_add_metrics(flow->store, flow->run_id, metrics, n, NULL));
}

static void note_params(tend_flow *flow, const tend_node *doc) {
    const tend_node *params = tend_node_get(doc, "params");
    tend_run_param list[64];
    size_t n = 0;
    list[n++] = (tend_run_param){"learner", tend_node_string(tend_node_get(doc, "learner"), "")};
    TEND_NODE_EACH(p, params)
        if (n < 64) {
            tend_buf text = TEND_BUF_INIT;
            tend_json_format(p, 0, &text);
            list[n++] = (tend_run_param){p->key, tend_arena_strdup(flow->arena, tend_node_scalar(p, tend_buf_text(&text)))};
            tend_buf_done(&text);
        }
    if (params)
        TEND_IGNORE(tend_runs_add_params(flow->store, flow->run_id, list, n, NULL));
}

/* Nothing ran: the document is that of the newest run that finished. */
static tend_status last_document(tend_flow *flow, tend_node **out, tend_error *err) {
    tend_run_record record;
    *out = NULL;
    tend_status status = tend_runs_get(flow->store, "last", flow->arena, &record, NULL);
    if (status != TEND_OK || !record.document)
        return TEND_OK;
    return tend_json_parse(record.document, strlen(record.document), "the record of the last run", flow->arena, out, err);
}

tend_status tend_record_finish(tend_flow *flow, tend_status status, const tend_error *failure, bool refused, bool want_last,
                               tend_node **out_document, tend_error *err) {
    *out_document = NULL;
    if (!flow->run_id)
        return want_last ? last_document(flow, out_document, err) : TEND_OK;
    tend_run_status ended = status == TEND_CANCELLED ? TEND_RUN_CANCELLED
                            : status != TEND_OK      ? TEND_RUN_FAILED
                            : refused                ? TEND_RUN_REFUSED
                                                     : TEND_RUN_DONE;
    tend_node *doc = make_document(flow, tend_run_status_name(ended), failure);
    note_metrics(flow, doc, "test");
    note_metrics(flow, doc, "validation");
    note_params(flow, doc);
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_json_format(doc, 0, &text);
    TEND_AUTO_BUF lock = TEND_BUF_INIT;
    if (status == TEND_OK)
        tend_record_lock_text(flow, &lock);
    tend_run_finish finish = {.status = ended, .document = tend_buf_text(&text), .lock = lock.size ? tend_buf_text(&lock) : NULL};
    *out_document = doc;
    return tend_runs_finish(flow->store, flow->run_id, &finish, err);
}
