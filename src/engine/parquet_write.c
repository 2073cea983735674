/* Writing Parquet in flat memory: the engine runs COPY on a thread of its own and pulls each batch
 * from the writer as it comes; what is held is one batch of ours and one row group of the engine's.
 */
#include "engine/engine.h"

#include "base/fs.h"
#include "engine/parquet.h"
#include "engine/scan.h"
#include "engine/sql_error.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct parquet_writer {
    tend_writer base;
    tend_duck_session session;
    tend_scan scan;
    tend_handover handover;
    pthread_t thread;
    bool started, joined;
    char *path, *part; /* part: what is written to until all is well */
    int n_columns;     /* of the first batch */
    char **names;
    tend_type *types;
    tend_status status; /* of the COPY, valid once joined */
    tend_error error;
} parquet_writer;

/* Row groups of about 16 million values bound what the engine holds. */
static long group_rows(int n_columns) {
    long rows = 16000000L / (n_columns > 0 ? n_columns : 1);
    return rows > 122880 ? 122880 : rows < 2048 ? 2048 : rows;
}

static void *copy_thread(void *ctx) {
    parquet_writer *w = ctx;
    TEND_AUTO_BUF sql = TEND_BUF_INIT;
    tend_buf_puts(&sql, "COPY (SELECT * FROM tend_scan()) TO ");
    tend_sql_quote(&sql, w->part, '\'');
    tend_buf_printf(&sql, " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE %ld)", group_rows(w->n_columns));
    w->status = tend_duck_run(&w->session, tend_buf_text(&sql), &w->error);
    pthread_mutex_lock(&w->handover.lock);
    w->handover.stopped = true;
    pthread_cond_broadcast(&w->handover.changed);
    pthread_mutex_unlock(&w->handover.lock);
    return NULL;
}

static tend_status start(parquet_writer *w, const tend_table *table, tend_error *err) {
    TEND_TRY(tend_scan_check_names(table, err));
    w->n_columns = table->n_columns;
    w->names = tend_calloc((size_t)table->n_columns + 1, sizeof *w->names);
    w->types = tend_calloc((size_t)table->n_columns + 1, sizeof *w->types);
    for (int j = 0; j < table->n_columns; j++) {
        w->names[j] = strdup(table->columns[j].name);
        w->types[j] = table->columns[j].type;
    }
    w->scan = (tend_scan){.table = table, .handover = &w->handover};
    w->handover.table = table;
    if (pthread_create(&w->thread, NULL, copy_thread, w) != 0)
        return TEND_FAIL(err, LIMIT, "no thread can be started to write '%s'", w->path);
    w->started = true;
    return TEND_OK;
}

static tend_status check_shape(const parquet_writer *w, const tend_table *table, tend_error *err) {
    if (table->n_columns != w->n_columns)
        return TEND_FAIL(err, INVALID, "'%s': a batch has %d columns, the first had %d", w->path, table->n_columns, w->n_columns);
    for (int j = 0; j < table->n_columns; j++)
        if (strcmp(table->columns[j].name, w->names[j]) != 0 || table->columns[j].type != w->types[j])
            return TEND_FAIL(err, INVALID, "'%s': column %d of a batch is %s (%s), in the first it was %s (%s)", w->path, j + 1,
                             table->columns[j].name, tend_type_name(table->columns[j].type), w->names[j], tend_type_name(w->types[j]));
    return TEND_OK;
}

/* Waits until the batch was taken in, or the COPY ended before its time. */
static bool wait_taken(parquet_writer *w) {
    pthread_mutex_lock(&w->handover.lock);
    while (w->handover.table && !w->handover.stopped)
        pthread_cond_wait(&w->handover.changed, &w->handover.lock);
    bool taken = !w->handover.stopped;
    pthread_mutex_unlock(&w->handover.lock);
    return taken;
}

static void end(parquet_writer *w, bool abandon) {
    if (!w->started || w->joined)
        return;
    pthread_mutex_lock(&w->handover.lock);
    w->handover.ended = true;
    w->handover.abandoned = abandon;
    pthread_cond_broadcast(&w->handover.changed);
    pthread_mutex_unlock(&w->handover.lock);
    pthread_join(w->thread, NULL);
    w->joined = true;
}

static tend_status copy_failed(parquet_writer *w, tend_error *err) {
    end(w, true);
    return TEND_FAIL(err, IO, "'%s' cannot be written: %s", w->path, w->error.message);
}

static tend_status write_batch(tend_writer *base, const tend_table *table, tend_error *err) {
    parquet_writer *w = base->state;
    if (w->joined)
        return copy_failed(w, err);
    if (w->started) {
        TEND_TRY(check_shape(w, table, err));
        pthread_mutex_lock(&w->handover.lock);
        w->handover.table = table;
        pthread_cond_broadcast(&w->handover.changed);
        pthread_mutex_unlock(&w->handover.lock);
    } else {
        TEND_TRY(start(w, table, err));
    }
    return wait_taken(w) ? TEND_OK : copy_failed(w, err);
}

static tend_status flush(const char *path, tend_error *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok ? TEND_OK : TEND_FAIL(err, IO, "'%s' cannot be brought to the disk", path);
}

static tend_status finish(tend_writer *base, tend_error *err) {
    parquet_writer *w = base->state;
    if (!w->started)
        return TEND_FAIL(err, INVALID, "'%s': a Parquet file needs columns, and no table was written", w->path);
    end(w, false);
    if (w->status != TEND_OK)
        return copy_failed(w, err);
    TEND_TRY(flush(w->part, err));
    return tend_fs_rename(w->part, w->path, err);
}

static void close_writer(tend_writer *base) {
    parquet_writer *w = base->state;
    end(w, true);
    tend_duck_close(&w->session);
    tend_fs_remove(w->part, NULL);
    pthread_mutex_destroy(&w->handover.lock);
    pthread_cond_destroy(&w->handover.changed);
    for (int j = 0; j < w->n_columns; j++)
        free(w->names[j]);
    free(w->names);
    free(w->types);
    free(w->path);
    free(w->part);
    free(w);
}

static char *part_of(const char *path) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    char *name = tend_arena_printf(arena, ".%s.%ld.part", tend_path_base(path), (long)getpid());
    return strdup(tend_path_join(arena, tend_path_dir(arena, path), name));
}

/* A folder that is missing or cannot be written to is told now, not after the first million rows.
 */
static tend_status try_place(const parquet_writer *w, tend_error *err) {
    TEND_TRY(tend_fs_write(w->part, "", 0, 0644, err));
    return tend_fs_remove(w->part, err);
}

tend_status tend_parquet_create(const char *path, tend_writer **out, tend_error *err) {
    if (strcmp(path, "-") == 0)
        return tend_error_hint(err, TEND_FAIL(err, UNSUPPORTED, "Parquet cannot be written to the standard output"),
                               "its index stands at the end: name a file with -o");
    parquet_writer *w = tend_calloc(1, sizeof *w);
    w->base = (tend_writer){.write = write_batch, .finish = finish, .close = close_writer, .state = w};
    pthread_mutex_init(&w->handover.lock, NULL);
    pthread_cond_init(&w->handover.changed, NULL);
    w->path = strdup(path);
    w->part = part_of(path);
    tend_status status = try_place(w, err);
    if (status == TEND_OK)
        status = tend_duck_open(&w->session, true, err);
    if (status == TEND_OK)
        status = tend_scan_register(&w->session, &w->scan, err);
    if (status != TEND_OK) {
        close_writer(&w->base);
        return status;
    }
    *out = &w->base;
    return TEND_OK;
}

const tend_format tend_format_parquet = {
    .name = "parquet",
    .suffixes = ".parquet .pq",
    .open = tend_parquet_open,
    .create = tend_parquet_create,
};
