#include "serve/log.h"

#include "serve/out.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { MAX_LOGS = 4096 };

struct serve_log {
    const char *model;
    tend_journal *predictions, *feedback;
    bool refuses;
    serve_logs *logs;
    struct pending {
        _Alignas(64) tend_buf lines;
        int64_t n;
        bool listed;
    } pending[]; /* per lane */
};

struct serve_logs {
    const tend_serve_settings *settings;
    int n_lanes;
    atomic_int n; /* only grows; items below it never change */
    serve_log *items[MAX_LOGS];
    struct dirty {
        _Alignas(64) serve_log **items; /* logs with lines of this lane's round */
        int n, capacity;
    } * dirty;
    tend_arena *arena;
};

serve_logs *serve_logs_new(const tend_serve_settings *settings, int n_lanes) {
    tend_arena *arena = tend_arena_new();
    serve_logs *logs = TEND_NEW(arena, serve_logs);
    logs->settings = settings;
    logs->n_lanes = n_lanes;
    logs->arena = arena;
    logs->dirty = tend_arena_alloc_aligned(arena, (size_t)n_lanes * sizeof *logs->dirty, 64);
    return logs;
}

void serve_logs_free(serve_logs *logs) {
    if (!logs)
        return;
    for (int i = 0; i < logs->n; i++) {
        tend_journal_close(logs->items[i]->predictions);
        tend_journal_close(logs->items[i]->feedback);
        for (int lane = 0; lane < logs->n_lanes; lane++)
            tend_buf_done(&logs->items[i]->pending[lane].lines);
    }
    for (int lane = 0; lane < logs->n_lanes; lane++)
        free(logs->dirty[lane].items);
    tend_arena_free(logs->arena);
}

static tend_status open_journal(const serve_logs *logs, const char *kind, const char *model, tend_journal **out, tend_error *err) {
    const tend_serve_settings *s = logs->settings;
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_journal_options options = TEND_JOURNAL_OPTIONS_INIT;
    options.folder = tend_path_join(arena, s->folder, tend_arena_printf(arena, ".tend/%s/%s", kind, model));
    options.segment_bytes = (uint64_t)s->log_segment;
    options.sync_seconds = s->log_sync;
    bool feedback = !strcmp(kind, "feedback"); /* what people sent is kept */
    options.budget_bytes = feedback ? 0 : (uint64_t)s->log_budget;
    options.retention_seconds = feedback ? 0 : s->log_retention;
    return tend_journal_open(&options, out, err);
}

tend_status serve_logs_get(serve_logs *logs, const char *model, serve_log **out, tend_error *err) {
    for (int i = 0; i < logs->n; i++)
        if (!strcmp(logs->items[i]->model, model)) {
            *out = logs->items[i];
            return TEND_OK;
        }
    if (logs->n == MAX_LOGS)
        return TEND_FAIL(err, LIMIT, "more than %d models have been served", MAX_LOGS);
    serve_log *log = tend_arena_alloc_aligned(logs->arena, sizeof *log + (size_t)logs->n_lanes * sizeof log->pending[0], 64);
    log->model = tend_arena_strdup(logs->arena, model);
    log->refuses = logs->settings->log_refuses;
    log->logs = logs;
    TEND_TRY(open_journal(logs, "predictions", model, &log->predictions, err));
    tend_status status = open_journal(logs, "feedback", model, &log->feedback, err);
    if (status != TEND_OK) {
        tend_journal_close(log->predictions);
        return status;
    }
    logs->items[logs->n] = log;
    atomic_store_explicit(&logs->n, logs->n + 1, memory_order_release);
    *out = log;
    return TEND_OK;
}

bool serve_logs_flush(serve_logs *logs, int lane) {
    struct dirty *dirty = &logs->dirty[lane];
    bool kept = true;
    for (int i = 0; i < dirty->n; i++) {
        serve_log *log = dirty->items[i];
        struct pending *p = &log->pending[lane];
        bool written = !p->lines.overflow && tend_journal_append(log->predictions, tend_buf_text(&p->lines), p->lines.size, p->n);
        kept &= written || !log->refuses;
        if (p->lines.capacity > 4u << 20)
            tend_buf_done(&p->lines);
        tend_buf_clear(&p->lines);
        p->n = 0;
        p->listed = false;
    }
    dirty->n = 0;
    return kept;
}

void serve_logs_care(serve_logs *logs) {
    for (int i = 0; i < serve_logs_count(logs); i++) {
        tend_journal_care(logs->items[i]->predictions);
        tend_journal_care(logs->items[i]->feedback);
    }
}

void serve_logs_pack(serve_logs *logs) {
    for (int i = 0; i < serve_logs_count(logs); i++) {
        tend_journal_pack(logs->items[i]->predictions);
        tend_journal_pack(logs->items[i]->feedback);
    }
}

int serve_logs_count(const serve_logs *logs) { return atomic_load_explicit(&logs->n, memory_order_acquire); }
serve_log *serve_logs_at(const serve_logs *logs, int i) { return logs->items[i]; }
const char *serve_log_model(const serve_log *log) { return log->model; }
bool serve_log_refuses(const serve_log *log) { return log->refuses && tend_journal_is_full(log->predictions); }
tend_journal *serve_log_predictions(const serve_log *log) { return log->predictions; }
tend_journal *serve_log_feedback(const serve_log *log) { return log->feedback; }

static void list_dirty(serve_logs *logs, serve_log *log, int lane) {
    struct dirty *dirty = &logs->dirty[lane];
    if (dirty->n == dirty->capacity) {
        dirty->capacity = dirty->capacity ? 2 * dirty->capacity : 16;
        dirty->items = tend_realloc(dirty->items, (size_t)dirty->capacity * sizeof(serve_log *));
    }
    dirty->items[dirty->n++] = log;
    log->pending[lane].listed = true;
}

/* ---- lines ---- */

void serve_features_json(const tend_rows *rows, int64_t row, tend_buf *out) {
    const tend_table *table = tend_rows_table(rows);
    for (int c = 0; c < table->n_columns; c++) {
        const tend_column *column = &table->columns[c];
        tend_buf_putc(out, c ? ',' : '{');
        serve_put_str(out, tend_inputs_json_key(tend_rows_inputs(rows), c));
        if (!tend_is_valid(column, row))
            serve_put(out, "null");
        else if (column->type == TEND_STRING)
            serve_put_string(out, tend_column_str(column, row));
        else if (column->type == TEND_FLOAT)
            serve_put_double(out, column->floats[row]);
        else if (column->type == TEND_INT)
            serve_put_int(out, column->ints[row]);
        else if (column->type == TEND_BOOL)
            serve_put(out, column->ints[row] ? "true" : "false");
        else {
            tend_buf_putc(out, '"');
            tend_column_format(column, row, out);
            tend_buf_putc(out, '"');
        }
    }
    tend_buf_putc(out, table->n_columns ? '}' : '{');
    if (!table->n_columns)
        tend_buf_putc(out, '}');
}

void serve_outcome_json(const tend_model *model, const tend_predictions *p, int64_t row, tend_buf *out) {
    serve_put(out, ",\"prediction\":");
    if (model->task == TEND_TASK_REGRESSION) {
        serve_put_double(out, p->score[row]);
        return;
    }
    serve_put_string(out, tend_str_of(model->classes[p->class_index[row]]));
    if (model->task == TEND_TASK_BINARY) {
        serve_put(out, ",\"probability\":");
        serve_put_double(out, p->score[row]);
        return;
    }
    for (int k = 0; k < model->n_classes; k++) {
        serve_put(out, k ? "," : ",\"probabilities\":{");
        serve_put_string(out, tend_str_of(model->classes[k]));
        tend_buf_putc(out, ':');
        serve_put_double(out, p->scores[row * model->n_classes + k]);
    }
    tend_buf_putc(out, '}');
}

/* What is the same for all rows of a request, from behind the id to the features. */
static void put_middle(tend_buf *out, const serve_record *r) {
    serve_put(out, "\",\"time\":\"");
    serve_put_time(out, r->at);
    serve_put(out, "\",\"model\":");
    serve_put_string(out, tend_str_of(r->model));
    serve_put(out, ",\"version\":");
    if (r->number)
        serve_put_int(out, r->number);
    else
        serve_put_string(out, tend_str_of(r->version));
    serve_put(out, ",\"route\":");
    serve_put_string(out, tend_str_of(r->route));
    if (r->request.size) {
        serve_put(out, ",\"request\":");
        serve_put_string(out, r->request);
    }
    serve_put(out, ",\"latency_us\":");
    serve_put_int(out, r->latency_us);
    serve_put(out, ",\"features\":");
}

static void put_id(tend_buf *out, const serve_record *r, int64_t row) {
    serve_put(out, "{\"id\":\"");
    serve_put(out, r->id);
    if (r->first + row) {
        tend_buf_putc(out, '.');
        serve_put_int(out, r->first + row);
    }
}

void serve_log_add(serve_log *log, int lane, const serve_record *record, const tend_rows *rows, const tend_inputs *inputs,
                   const tend_predictions *predictions) {
    struct pending *pending = &log->pending[lane];
    tend_buf *out = &pending->lines;
    TEND_AUTO_BUF middle = TEND_BUF_INIT; /* of several rows: made once */
    if (predictions->n > 1)
        put_middle(&middle, record);
    for (int64_t row = 0; row < predictions->n; row++) {
        if (tend_rows_is_bad(rows, row))
            continue;
        put_id(out, record, row);
        if (middle.size)
            tend_buf_append(out, middle.data, middle.size);
        else
            put_middle(out, record);
        serve_features_json(rows, row, out);
        serve_outcome_json(tend_inputs_model(inputs), predictions, row, out);
        serve_put(out, "}\n");
        pending->n++;
    }
    if (!pending->listed && pending->n)
        list_dirty(log->logs, log, lane);
}
