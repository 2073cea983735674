#include "engine/statement.h"

#include "base/dict.h"
#include "base/thread.h"
#include "engine/result.h"

static tend_status wrong_number(idx_t n, const tend_sql_source *source, tend_error *err) {
    tend_status status = n == 0 ? TEND_FAIL(err, CONFIG, "SQL: there is no statement")
                                : TEND_FAIL(err, CONFIG, "SQL: expected one statement, found %llu", (unsigned long long)n);
    return source ? tend_error_at(err, status, source->where) : status;
}

static tend_status extract(tend_duck_session *session, const char *sql, const tend_sql_source *source, duckdb_extracted_statements *out,
                           tend_error *err) {
    idx_t n = tend_duck.duckdb_extract_statements(session->connection, sql, out);
    if (n == 1)
        return TEND_OK;
    const char *message = n == 0 ? tend_duck.duckdb_extract_statements_error(*out) : NULL;
    return message ? tend_sql_fail(message, source, err) : wrong_number(n, source, err);
}

static tend_status check_kind(duckdb_prepared_statement prepared, const tend_sql_source *source, tend_error *err) {
    if (tend_duck.duckdb_prepared_statement_type(prepared) == DUCKDB_STATEMENT_TYPE_SELECT)
        return TEND_OK;
    tend_status status = tend_error_hint(err, TEND_FAIL(err, CONFIG, "SQL: expected a query that gives rows (SELECT …)"),
                                         "sources are only read: statements that create, change or set something are not run");
    return source ? tend_error_at(err, status, source->where) : status;
}

static tend_status prepare(tend_duck_session *session, const char *sql, const tend_sql_source *source, duckdb_prepared_statement *out,
                           tend_error *err) {
    duckdb_extracted_statements extracted = NULL;
    tend_status status = extract(session, sql, source, &extracted, err);
    if (status == TEND_OK && tend_duck.duckdb_prepare_extracted_statement(session->connection, extracted, 0, out) != DuckDBSuccess)
        status = tend_sql_fail(tend_duck.duckdb_prepare_error(*out), source, err);
    if (status == TEND_OK)
        status = check_kind(*out, source, err);
    tend_duck.duckdb_destroy_extracted(&extracted);
    return status;
}

static tend_status check_names(duckdb_prepared_statement prepared, const tend_sql_source *source, tend_error *err) {
    TEND_AUTO(tend_dict) *seen = tend_dict_new();
    idx_t n = tend_duck.duckdb_prepared_statement_column_count(prepared);
    for (idx_t j = 0; j < n; j++) {
        const char *name = tend_duck.duckdb_prepared_statement_column_name(prepared, j);
        bool fresh = true;
        tend_dict_add(seen, name, strlen(name), &fresh);
        tend_status status = TEND_OK;
        if (!fresh)
            status = tend_error_hint(err, TEND_FAIL(err, CONFIG, "SQL: the result has two columns named '%s'", name),
                                     "rename one (%s AS …), or join with USING", name);
        tend_duck.duckdb_free((void *)(uintptr_t)name);
        if (status != TEND_OK)
            return source ? tend_error_at(err, status, source->where) : status;
    }
    return TEND_OK;
}

/* The start of a column's expression in the outer query, the end follows from it. NULL: as it is.
 */
static const char *cast_of(duckdb_type type) {
    if (tend_result_converts(type))
        return NULL;
    bool nested = type == DUCKDB_TYPE_LIST || type == DUCKDB_TYPE_STRUCT || type == DUCKDB_TYPE_ARRAY || type == DUCKDB_TYPE_UNION;
    return nested ? "to_json" : "";
}

/* SELECT c0 AS "name", CAST(to_json(c1) AS VARCHAR) AS "other" FROM (…) AS q(c0, c1) */
static void wrap(duckdb_prepared_statement prepared, const char *sql, tend_buf *out) {
    TEND_AUTO_BUF columns = TEND_BUF_INIT;
    idx_t n = tend_duck.duckdb_prepared_statement_column_count(prepared);
    tend_buf_puts(out, "SELECT ");
    for (idx_t j = 0; j < n; j++) {
        const char *cast = cast_of(tend_duck.duckdb_prepared_statement_column_type(prepared, j)), *comma = j ? ", " : "";
        const char *name = tend_duck.duckdb_prepared_statement_column_name(prepared, j);
        unsigned long long number = j;
        if (cast)
            tend_buf_printf(out, "%sCAST(%s(c%llu) AS VARCHAR) AS ", comma, cast, number);
        else
            tend_buf_printf(out, "%sc%llu AS ", comma, number);
        tend_sql_quote(out, name, '"');
        tend_buf_printf(&columns, "%sc%llu", comma, number);
        tend_duck.duckdb_free((void *)(uintptr_t)name);
    }
    tend_buf_printf(out, " FROM (\n%s\n) AS q(%s)", sql, tend_buf_text(&columns));
}

static bool needs_casts(duckdb_prepared_statement prepared) {
    idx_t n = tend_duck.duckdb_prepared_statement_column_count(prepared);
    for (idx_t j = 0; j < n; j++)
        if (cast_of(tend_duck.duckdb_prepared_statement_column_type(prepared, j)))
            return true;
    return false;
}

/* The same rows with every column of a type that tables have. */
static tend_status prepare_casts(tend_statement *statement, tend_duck_session *session, const char *sql, tend_error *err) {
    TEND_AUTO_BUF wrapped = TEND_BUF_INIT;
    wrap(statement->prepared, sql, &wrapped);
    TEND_TRY(tend_buf_status(&wrapped, err));
    tend_duck.duckdb_destroy_prepare(&statement->prepared);
    return prepare(session, tend_buf_text(&wrapped), NULL, &statement->prepared, err);
}

static tend_status cancelled(tend_error *err) { return TEND_FAIL(err, CANCELLED, "the query was stopped"); }

/* Task by task, so that Ctrl-C is heard. */
static tend_status execute(tend_statement *statement, tend_error *err) {
    duckdb_pending_result pending = NULL;
    duckdb_pending_state state = DUCKDB_PENDING_RESULT_NOT_READY;
    bool ok = tend_duck.duckdb_pending_prepared_streaming(statement->prepared, &pending) == DuckDBSuccess;
    while (ok && !tend_cancel_requested() && !tend_duck.duckdb_pending_execution_is_finished(state))
        state = tend_duck.duckdb_pending_execute_task(pending);
    tend_status status = TEND_OK;
    if (!ok || state == DUCKDB_PENDING_ERROR)
        status = tend_sql_fail(tend_duck.duckdb_pending_error(pending), statement->source, err);
    else if (tend_cancel_requested())
        status = cancelled(err);
    else {
        statement->running = true;
        if (tend_duck.duckdb_execute_pending(pending, &statement->result) != DuckDBSuccess)
            status = tend_sql_fail(tend_duck.duckdb_result_error(&statement->result), statement->source, err);
    }
    tend_duck.duckdb_destroy_pending(&pending);
    return status;
}

tend_status tend_statement_start(tend_statement *statement, tend_duck_session *session, const char *sql, const tend_sql_source *source,
                                 tend_error *err) {
    *statement = (tend_statement){.source = source};
    TEND_TRY(prepare(session, sql, source, &statement->prepared, err));
    TEND_TRY(check_names(statement->prepared, source, err));
    if (needs_casts(statement->prepared))
        TEND_TRY(prepare_casts(statement, session, sql, err));
    return execute(statement, err);
}

tend_status tend_statement_next(tend_statement *statement, duckdb_data_chunk *out, tend_error *err) {
    if (tend_cancel_requested())
        return cancelled(err);
    *out = tend_duck.duckdb_fetch_chunk(statement->result);
    const char *message = *out ? NULL : tend_duck.duckdb_result_error(&statement->result);
    return message && *message ? tend_sql_fail(message, statement->source, err) : TEND_OK;
}

void tend_statement_done(tend_statement *statement) {
    if (statement->running)
        tend_duck.duckdb_destroy_result(&statement->result);
    if (statement->prepared)
        tend_duck.duckdb_destroy_prepare(&statement->prepared);
    *statement = (tend_statement){0};
}

static tend_status collect(tend_statement *statement, tend_result *result, tend_error *err) {
    duckdb_data_chunk chunk = NULL;
    TEND_TRY(tend_statement_next(statement, &chunk, err));
    while (chunk) {
        tend_status status = tend_result_add(result, chunk, err);
        tend_duck.duckdb_destroy_data_chunk(&chunk);
        TEND_TRY(status);
        TEND_TRY(tend_statement_next(statement, &chunk, err));
    }
    return TEND_OK;
}

tend_status tend_statement_table(tend_duck_session *session, const char *sql, const tend_sql_source *source, tend_arena *arena,
                                 tend_table **out, tend_error *err) {
    TEND_AUTO_STATEMENT statement;
    TEND_TRY(tend_statement_start(&statement, session, sql, source, err));
    tend_result result;
    tend_result_init(&result, &statement.result, false);
    tend_status status = collect(&statement, &result, err);
    if (status == TEND_OK)
        *out = tend_result_take(&result, arena);
    tend_result_done(&result);
    return status;
}
