#include "serve/shadow.h"

#include "base/clock.h"
#include "base/log.h"
#include "serve/read_json.h"
#include "store/prediction_id.h"

#include <stdlib.h>

enum { MAX_JOBS = 4096, MAX_BYTES = 64 << 20 };

typedef struct job {
    struct job *next;
    serve_version *version; /* a reference */
    serve_log *log;
    int64_t at, first; /* rows of earlier batches of the same stream */
    char id[TEND_PREDICTION_ID];
    size_t size;
    char rows[]; /* a JSON list of objects; null: a row that was not answered */
} job;

struct serve_shadow {
    serve_service *service;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    job *first, **last;
    int n;
    size_t bytes;
    bool stop;
    atomic_llong missed;
    tend_arena *scratch;
};

static bool read_rows(serve_reading *reading, tend_json_pull *p) {
    tend_json_enter_array(p);
    while (tend_json_next_item(p)) {
        if (tend_json_peek(p) != TEND_JSON_NULL) {
            if (!serve_read_row(reading, p))
                return false;
            continue;
        }
        tend_json_skip(p, NULL);
        tend_rows_begin(reading->rows);
        tend_rows_fail(reading->rows, tend_rows_count(reading->rows) - 1);
    }
    return tend_json_pull_end(p);
}

static void answer(serve_shadow *shadow, const job *j) {
    serve_version *v = j->version;
    int lane = shadow->service->n_lanes - 1;
    tend_rows *rows = v->lanes[lane].rows;
    const tend_predictions *predictions;
    tend_error err = TEND_ERROR_INIT;
    int64_t before = (int64_t)(tend_clock_seconds() * 1e9);
    tend_arena_clear(shadow->scratch);
    tend_rows_clear(rows);
    serve_reading reading = {.inputs = v->inputs, .rows = rows, .arena = shadow->scratch, .lenient = true};
    tend_json_pull pull = tend_json_pull_init(j->rows, j->size, shadow->scratch);
    if (!read_rows(&reading, &pull) || tend_rows_predict(rows, &predictions, &err) != TEND_OK) {
        tend_log(TEND_LOG_WARNING, "the shadow %s could not answer: %s", v->title, pull.fault ? pull.fault : err.message);
        return;
    }
    int64_t spent = (int64_t)(tend_clock_seconds() * 1e9) - before;
    serve_record record = {.id = j->id,
                           .model = v->model,
                           .version = v->version,
                           .number = v->number,
                           .route = "shadow",
                           .at = j->at,
                           .first = j->first,
                           .latency_us = spent / 1000};
    serve_log_add(j->log, lane, &record, rows, v->inputs, predictions);
    serve_version_count(v, lane, SERVE_SHADOW, predictions->n - tend_rows_n_bad(rows), false, spent);
}

static void free_job(job *j) {
    serve_version_unref(j->version);
    free(j);
}

/* The next job; NULL: it is over. */
static job *take(serve_shadow *shadow) {
    pthread_mutex_lock(&shadow->lock);
    while (!shadow->first && !shadow->stop)
        pthread_cond_wait(&shadow->wake, &shadow->lock);
    job *j = shadow->first;
    if (j) {
        shadow->first = j->next;
        if (!shadow->first)
            shadow->last = &shadow->first;
        shadow->n--;
        shadow->bytes -= j->size;
    }
    pthread_mutex_unlock(&shadow->lock);
    return j;
}

static void *run(void *ctx) {
    serve_shadow *shadow = ctx;
    for (job *j; (j = take(shadow));) {
        answer(shadow, j);
        serve_logs_flush(shadow->service->logs, shadow->service->n_lanes - 1);
        free_job(j);
    }
    return NULL;
}

serve_shadow *serve_shadow_new(serve_service *service) {
    serve_shadow *shadow = tend_calloc(1, sizeof *shadow);
    shadow->service = service;
    shadow->last = &shadow->first;
    shadow->scratch = tend_arena_new();
    pthread_mutex_init(&shadow->lock, NULL);
    pthread_cond_init(&shadow->wake, NULL);
    return shadow;
}

void serve_shadow_free(serve_shadow *shadow) {
    if (!shadow)
        return;
    pthread_mutex_lock(&shadow->lock);
    shadow->stop = true;
    pthread_cond_signal(&shadow->wake);
    pthread_mutex_unlock(&shadow->lock);
    if (shadow->started)
        pthread_join(shadow->thread, NULL);
    pthread_mutex_destroy(&shadow->lock);
    pthread_cond_destroy(&shadow->wake);
    tend_arena_free(shadow->scratch);
    free(shadow);
}

int64_t serve_shadow_missed(const serve_shadow *shadow) { return atomic_load_explicit(&shadow->missed, memory_order_relaxed); }

/* Queues a job; false: no room. The thread starts with the first. */
static bool put(serve_shadow *shadow, job *j) {
    pthread_mutex_lock(&shadow->lock);
    bool room = shadow->n < MAX_JOBS && shadow->bytes + j->size <= MAX_BYTES;
    if (room && !shadow->started)
        shadow->started = room = pthread_create(&shadow->thread, NULL, run, shadow) == 0;
    if (room) {
        *shadow->last = j;
        shadow->last = &j->next;
        shadow->n++;
        shadow->bytes += j->size;
        pthread_cond_signal(&shadow->wake);
    }
    pthread_mutex_unlock(&shadow->lock);
    return room;
}

void serve_shadow_add(serve_shadow *shadow, const serve_endpoint *e, const serve_record *record, const tend_rows *rows) {
    if (!e->n_shadows || !e->log)
        return;
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    for (int64_t row = 0; row < tend_rows_count(rows); row++) {
        tend_buf_putc(&text, row ? ',' : '[');
        if (tend_rows_is_bad(rows, row))
            tend_buf_append(&text, "null", 4);
        else
            serve_features_json(rows, row, &text);
    }
    tend_buf_putc(&text, ']');
    for (int i = 0; i < e->n_shadows; i++) {
        job *j = tend_malloc(sizeof *j + text.size);
        *j = (job){.version = serve_version_ref(e->shadows[i]), .log = e->log, .at = record->at, .first = record->first, .size = text.size};
        memcpy(j->id, record->id, sizeof j->id);
        memcpy(j->rows, text.data, text.size);
        if (put(shadow, j))
            continue;
        atomic_fetch_add_explicit(&shadow->missed, 1, memory_order_relaxed);
        free_job(j);
    }
}
