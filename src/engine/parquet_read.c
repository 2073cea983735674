/* Reading Parquet: a stream of tables of the size asked for, in flat memory. */
#include "engine/parquet.h"

#include "base/fs.h"
#include "data/settle.h"
#include "engine/result.h"
#include "engine/statement.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct parquet_reader {
    tend_reader base;
    tend_duck_session session;
    tend_statement statement;
    tend_result pending;
    bool started, ended;
    bool given;        /* one table at least, so that an empty file still has its columns */
    tend_arena *arena; /* of the reader: paths, notes, missing words */
    const char *path;
    int fd; /* when the name would be read as a pattern; else -1 */
    tend_read_options options;
    tend_missing missing;
    int n_words; /* the user's words for "missing" */
    tend_bad_rows *bad;
} parquet_reader;

static void close_reader(tend_reader *base) {
    parquet_reader *r = base->state;
    if (r->started)
        tend_result_done(&r->pending);
    tend_statement_done(&r->statement);
    tend_duck_close(&r->session);
    if (r->fd >= 0)
        close(r->fd);
    tend_arena_free(r->arena);
    free(r);
}

/* The engine reads * ? [ in a name as a pattern; through the open file there is nothing to expand.
 */
static tend_status engine_path(parquet_reader *r, const char **out, tend_error *err) {
    *out = r->path;
    if (!strpbrk(r->path, "*?[{"))
        return TEND_OK;
    r->fd = open(r->path, O_RDONLY | O_CLOEXEC);
    if (r->fd < 0)
        return TEND_FAIL(err, NOT_FOUND, "'%s' cannot be opened", r->path);
    *out = tend_arena_printf(r->arena, "/proc/self/fd/%d", r->fd);
    return TEND_OK;
}

static tend_status unreadable(const char *path, const tend_error *inner, tend_error *err) {
    const char *reason = tend_text_has_prefix(inner->message, "SQL: ") ? inner->message + 5 : inner->message;
    return tend_error_hint(err, TEND_FAIL(err, DATA, "'%s' is not a readable Parquet file: %s", path, reason), "was it copied whole?");
}

/* All columns, or those that the schema names and the file has. */
static tend_status select_columns(parquet_reader *r, const char *path, bool named, tend_error *err) {
    TEND_AUTO_BUF sql = TEND_BUF_INIT;
    tend_buf_puts(&sql, named ? "SELECT COLUMNS(c -> list_contains([" : "SELECT *");
    for (int i = 0; named && i < r->options.schema->n_fields; i++) {
        tend_buf_puts(&sql, i ? ", " : "");
        tend_sql_quote(&sql, r->options.schema->fields[i].name, '\'');
    }
    tend_buf_puts(&sql, named ? "], c)) FROM read_parquet([" : " FROM read_parquet([");
    tend_sql_quote(&sql, path, '\'');
    tend_buf_puts(&sql, "], hive_partitioning = false)");
    return tend_statement_start(&r->statement, &r->session, tend_buf_text(&sql), NULL, err);
}

static tend_status start(parquet_reader *r, tend_error *err) {
    const char *path = NULL;
    TEND_TRY(engine_path(r, &path, err));
    tend_error inner = TEND_ERROR_INIT;
    bool named = r->options.only_named && r->options.schema && r->options.schema->n_fields > 0;
    tend_status status = select_columns(r, path, named, &inner);
    /* A file that has none of them is read whole, so that what is missing is told like in any other file. */
    if (named && status != TEND_OK && status != TEND_CANCELLED) {
        tend_statement_done(&r->statement);
        status = select_columns(r, path, false, &inner);
    }
    if (status == TEND_CANCELLED) {
        if (err)
            *err = inner;
        return status;
    }
    if (status != TEND_OK)
        return unreadable(r->path, &inner, err);
    tend_result_init(&r->pending, &r->statement.result, r->options.batch_rows > 0);
    r->started = true;
    return TEND_OK;
}

static tend_status fill(parquet_reader *r, tend_error *err) {
    while (!r->ended && (r->options.batch_rows == 0 || r->pending.n_rows < r->options.batch_rows)) {
        duckdb_data_chunk chunk = NULL;
        TEND_TRY_WRAP(tend_statement_next(&r->statement, &chunk, err), err, "reading '%s'", r->path);
        r->ended = chunk == NULL;
        if (!chunk)
            break;
        tend_status status = tend_result_add(&r->pending, chunk, err);
        tend_duck.duckdb_destroy_data_chunk(&chunk);
        TEND_TRY_WRAP(status, err, "reading '%s'", r->path);
    }
    return TEND_OK;
}

/* Whole numbers where numbers are declared need no detour. */
static void ints_to_floats(tend_column *column, tend_arena *arena) {
    double *floats = TEND_ARRAY(arena, double, column->n_rows);
    for (int64_t i = 0; i < column->n_rows; i++)
        floats[i] = tend_column_double(column, i);
    column->type = TEND_FLOAT;
    column->floats = floats;
    column->ints = NULL;
}

static tend_column text_of(const tend_column *column, tend_arena *arena) {
    tend_column_builder *builder = tend_column_builder_new(arena, column->name, TEND_STRING);
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    for (int64_t i = 0; i < column->n_rows; i++) {
        tend_buf_clear(&text);
        tend_column_format(column, i, &text);
        tend_column_add_string(builder, (tend_str){tend_buf_text(&text), text.size});
    }
    tend_column out;
    tend_column_build(builder, &out);
    return out;
}

/* The column as its declared type, by way of its text: each value that does not fit is noted and
 * missing. */
static void retype(parquet_reader *r, tend_table *table, int j, tend_arena *arena) {
    static const tend_plan as_text = {.type = TEND_STRING, .declared = true, .open = true};
    tend_column *column = &table->columns[j];
    const char *name = r->bad ? tend_arena_strdup(r->bad->arena, column->name) : column->name;
    const char *path = r->bad ? tend_arena_strdup(r->bad->arena, r->path) : r->path;
    *column = text_of(column, arena);
    tend_settle_column(table, j, &as_text, r->options.schema, &r->missing, r->bad, path, name, arena, r->base.notes);
}

/* Types that the schema declares, and texts that the user says mean "missing". */
static void settle(parquet_reader *r, tend_table *table, tend_arena *arena) {
    for (int j = 0; j < table->n_columns; j++) {
        tend_column *column = &table->columns[j];
        const tend_field *field = r->options.schema ? tend_schema_find(r->options.schema, column->name) : NULL;
        bool other = field && field->has_type && field->type != column->type;
        if (other && field->type == TEND_FLOAT && column->type == TEND_INT) {
            ints_to_floats(column, arena);
        } else if (other) {
            retype(r, table, j, arena);
        } else if (column->type == TEND_STRING && r->n_words > 0) {
            tend_column text = *column;
            tend_cell_faults none = {0};
            tend_convert_column(&text, (tend_plan){.type = TEND_STRING, .declared = true}, &r->missing, j, &none, arena, column);
            tend_cell_faults_done(&none);
        }
    }
}

static tend_status next(tend_reader *base, tend_arena *arena, tend_table **out, tend_error *err) {
    parquet_reader *r = base->state;
    TEND_TRY(fill(r, err));
    bool first = !r->given;
    *out = NULL;
    if (r->pending.n_rows == 0 && !first)
        return TEND_OK;
    tend_table *table = tend_result_take(&r->pending, arena);
    settle(r, table, arena);
    r->given = true;
    *out = table;
    return TEND_OK;
}

/* The user's words for "missing", and the empty text, which stands for the file's own NULL on the
 * way. */
static void init_missing(parquet_reader *r) {
    const tend_read_options *o = &r->options;
    const char *const *words = o->missing ? o->missing : o->schema ? (const char *const *)o->schema->missing : NULL;
    r->n_words = words ? o->missing ? o->n_missing : o->schema->n_missing : 0;
    const char **all = TEND_ARRAY(r->arena, const char *, r->n_words + 1);
    for (int i = 0; i < r->n_words; i++)
        all[i] = words[i];
    all[r->n_words] = "";
    tend_missing_init(&r->missing, all, r->n_words + 1, r->arena);
}

tend_status tend_parquet_open(const char *path, const tend_read_options *options, tend_bad_rows *bad, tend_reader **out, tend_error *err) {
    static const tend_read_options defaults = TEND_READ_OPTIONS_INIT;
    tend_file_stamp stamp;
    TEND_TRY(tend_fs_stamp(path, &stamp, err));
    parquet_reader *r = tend_calloc(1, sizeof *r);
    *r = (parquet_reader){.bad = bad, .fd = -1, .arena = tend_arena_new(), .options = options ? *options : defaults};
    r->base = (tend_reader){.next = next, .close = close_reader, .state = r, .notes = tend_node_new_map(r->arena)};
    r->path = tend_arena_strdup(r->arena, path);
    init_missing(r);
    tend_status status = tend_duck_open(&r->session, true, err);
    if (status == TEND_OK)
        status = start(r, err);
    if (status != TEND_OK) {
        close_reader(&r->base);
        return status;
    }
    *out = &r->base;
    return TEND_OK;
}
