/* Logs as SQL sees them: files of JSON records, read when a query asks for them. */
#include "engine/engine_private.h"

#include "engine/sql_error.h"

#include <stdlib.h>

/* Reading files is given up for all but these, and the engine lets nobody take that back. */
static tend_status allow_only(tend_duck_session *session, const char *const *paths, size_t n, tend_error *err) {
    TEND_AUTO_BUF sql = TEND_BUF_INIT;
    tend_buf_puts(&sql, "SET allowed_paths = [");
    for (size_t i = 0; i < n; i++) {
        tend_buf_puts(&sql, i ? ", " : "");
        tend_sql_quote(&sql, paths[i], '\'');
    }
    tend_buf_puts(&sql, "]");
    TEND_TRY(tend_duck_run(session, tend_buf_text(&sql), err));
    return tend_duck_run(session, "SET enable_external_access = false", err);
}

tend_status tend_engine_open_files(const char *const *paths, size_t n, tend_engine **out, tend_error *err) {
    TEND_AUTO(tend_engine) *engine = tend_calloc(1, sizeof *engine);
    TEND_TRY(tend_duck_open(&engine->session, true, err));
    TEND_TRY(allow_only(&engine->session, paths, n, err));
    TEND_TRY(tend_scan_register(&engine->session, &engine->scan, err));
    *out = TEND_STEAL(engine);
    return TEND_OK;
}

tend_status tend_engine_view(tend_engine *engine, const char *name, const char *sql, tend_error *err) {
    TEND_AUTO_BUF statement = TEND_BUF_INIT;
    tend_buf_puts(&statement, "CREATE OR REPLACE VIEW ");
    tend_sql_quote(&statement, name, '"');
    tend_buf_printf(&statement, " AS %s", sql);
    return tend_duck_run(&engine->session, tend_buf_text(&statement), err);
}

/* SELECT NULL::VARCHAR AS "id" … WHERE false: what a log that was never written looks like. */
static void select_nothing(const tend_engine_field *fields, int n_fields, tend_buf *sql) {
    tend_buf_puts(sql, "SELECT ");
    for (int i = 0; i < n_fields; i++) {
        tend_buf_printf(sql, "%sNULL::%s AS ", i ? ", " : "", fields[i].type);
        tend_sql_quote(sql, fields[i].name, '"');
    }
    tend_buf_puts(sql, " WHERE false");
}

/* The first field tells a record from a line that is none: of that the engine makes a row of NULLs. */
static void select_records(const char *const *paths, size_t n, const tend_engine_field *fields, int n_fields, tend_buf *sql) {
    tend_buf_puts(sql, "SELECT * FROM read_json([");
    for (size_t i = 0; i < n; i++) {
        tend_buf_puts(sql, i ? ", " : "");
        tend_sql_quote(sql, paths[i], '\'');
    }
    tend_buf_puts(sql, "], format = 'newline_delimited', ignore_errors = true, maximum_object_size = 67108864, columns = {");
    for (int i = 0; i < n_fields; i++) {
        tend_buf_puts(sql, i ? ", " : "");
        tend_sql_quote(sql, fields[i].name, '\'');
        tend_buf_printf(sql, ": '%s'", fields[i].type);
    }
    tend_buf_puts(sql, "}) WHERE ");
    tend_sql_quote(sql, fields[0].name, '"');
    tend_buf_puts(sql, " IS NOT NULL");
}

tend_status tend_engine_register_records(tend_engine *engine, const char *name, const char *const *paths, size_t n,
                                         const tend_engine_field *fields, int n_fields, tend_error *err) {
    TEND_AUTO_BUF sql = TEND_BUF_INIT;
    if (n)
        select_records(paths, n, fields, n_fields, &sql);
    else
        select_nothing(fields, n_fields, &sql);
    TEND_TRY_WRAP(tend_engine_view(engine, name, tend_buf_text(&sql), err), err, "showing the records '%s' to SQL", name);
    return TEND_OK;
}
