#include "engine/duckdb_api.h"

#include "base/library.h"
#include "engine/sql_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

tend_duck_api tend_duck;

static const char *const function_names[] = {
#define X(name) #name,
    TEND_DUCK_FUNCTIONS(X)
#undef X
        NULL};

static const char *const file_names[] = {"libduckdb.so", "libduckdb.dylib", NULL};

static const tend_library_spec spec = {
    .title = "the SQL engine DuckDB",
    .variable = "TEND_DUCKDB",
    .names = file_names,
    .functions = function_names,
    .remedy = "put DuckDB's library (libduckdb.so, 1.4 or later) beside the program",
};

tend_status tend_duck_load(tend_error *err) {
    if (tend_duck.duckdb_open_ext)
        return TEND_OK;
    void *functions[sizeof function_names / sizeof *function_names];
    TEND_TRY(tend_library_load(&spec, functions, err));
    _Static_assert(sizeof tend_duck == (sizeof function_names / sizeof *function_names - 1) * sizeof(void *), "one pointer per function");
    memcpy(&tend_duck, functions, sizeof tend_duck);
    return TEND_OK;
}

/* Half of the machine: the other half is for tables in our own memory. What does not fit is
 * spilled. */
static void memory_limit(char out[32]) {
    double bytes = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    snprintf(out, 32, "%.0fMB", bytes > 0 ? bytes / 2 / 1e6 : 1000.0);
}

static tend_status make_folder(tend_duck_session *session, tend_error *err) {
    const char *parent = getenv("TMPDIR");
    int size = snprintf(session->folder, sizeof session->folder, "%s/tend-sql-XXXXXX", parent && *parent ? parent : "/tmp");
    if (size < (int)sizeof session->folder && mkdtemp(session->folder))
        return TEND_OK;
    session->folder[0] = '\0';
    return tend_error_hint(err, TEND_FAIL(err, IO, "no folder for temporary files can be made in '%s'", parent ? parent : "/tmp"),
                           "set TMPDIR to a folder that can be written");
}

static tend_status open_database(tend_duck_session *session, bool files, tend_error *err) {
    char memory[32], *message = NULL;
    memory_limit(memory);
    /* External access last: nothing about files can be set after it is off. */
    const char *settings[][2] = {{"threads", "1"},
                                 {"preserve_insertion_order", "true"},
                                 {"autoinstall_known_extensions", "false"},
                                 {"autoload_known_extensions", "false"},
                                 {"memory_limit", memory},
                                 {"temp_directory", session->folder},
                                 {"enable_external_access", files ? "true" : "false"}};
    duckdb_config config = NULL;
    bool ok = tend_duck.duckdb_create_config(&config) == DuckDBSuccess;
    for (size_t i = 0; ok && i < sizeof settings / sizeof *settings; i++)
        ok = tend_duck.duckdb_set_config(config, settings[i][0], settings[i][1]) == DuckDBSuccess;
    ok = ok && tend_duck.duckdb_open_ext(NULL, &session->database, config, &message) == DuckDBSuccess &&
         tend_duck.duckdb_connect(session->database, &session->connection) == DuckDBSuccess;
    tend_status status = ok ? TEND_OK : TEND_FAIL(err, BUG, "the SQL engine does not start: %s", message ? message : "no reason given");
    if (message)
        tend_duck.duckdb_free(message);
    tend_duck.duckdb_destroy_config(&config);
    return status;
}

tend_status tend_duck_open(tend_duck_session *session, bool files, tend_error *err) {
    *session = (tend_duck_session){0};
    TEND_TRY(tend_duck_load(err));
    tend_status status = make_folder(session, err);
    if (status == TEND_OK)
        status = open_database(session, files, err);
    if (status == TEND_OK)
        status = tend_duck_run(session, "SET errors_as_json = true", err);
    if (status == TEND_OK)
        status = tend_duck_run(session, "SET TimeZone = 'UTC'", err);
    if (status != TEND_OK)
        tend_duck_close(session);
    return status;
}

void tend_duck_close(tend_duck_session *session) {
    if (session->connection)
        tend_duck.duckdb_disconnect(&session->connection);
    if (session->database)
        tend_duck.duckdb_close(&session->database);
    if (session->folder[0])
        rmdir(session->folder);
    *session = (tend_duck_session){0};
}

tend_status tend_duck_run(tend_duck_session *session, const char *sql, tend_error *err) {
    duckdb_result result;
    tend_status status = TEND_OK;
    if (tend_duck.duckdb_query(session->connection, sql, &result) != DuckDBSuccess)
        status = tend_sql_fail(tend_duck.duckdb_result_error(&result), NULL, err);
    tend_duck.duckdb_destroy_result(&result);
    return status;
}
