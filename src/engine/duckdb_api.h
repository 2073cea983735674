/* DuckDB's C library, loaded on first use: its functions through one table. Private to the room. */
#ifndef TEND_ENGINE_DUCKDB_API_H
#define TEND_ENGINE_DUCKDB_API_H

#include "base/error.h"

#include <duckdb.h>

/* clang-format off */
#define TEND_DUCK_FUNCTIONS(X)                                                                            \
    X(duckdb_library_version)                                                                             \
    X(duckdb_create_config) X(duckdb_set_config) X(duckdb_destroy_config)                                 \
    X(duckdb_open_ext) X(duckdb_close) X(duckdb_connect) X(duckdb_disconnect) X(duckdb_free)              \
    X(duckdb_query) X(duckdb_destroy_result) X(duckdb_result_error)                                       \
    X(duckdb_extract_statements) X(duckdb_extract_statements_error) X(duckdb_destroy_extracted)           \
    X(duckdb_prepare_extracted_statement) X(duckdb_prepare_error) X(duckdb_destroy_prepare)               \
    X(duckdb_prepared_statement_type)                                                                     \
    X(duckdb_pending_prepared_streaming) X(duckdb_pending_execute_task) X(duckdb_pending_error)           \
    X(duckdb_pending_execution_is_finished) X(duckdb_execute_pending) X(duckdb_destroy_pending)           \
    X(duckdb_column_count) X(duckdb_column_name) X(duckdb_column_logical_type) X(duckdb_fetch_chunk)      \
    X(duckdb_prepared_statement_column_count) X(duckdb_prepared_statement_column_name)                    \
    X(duckdb_prepared_statement_column_type)                                                              \
    X(duckdb_data_chunk_get_size) X(duckdb_data_chunk_set_size) X(duckdb_data_chunk_get_vector)           \
    X(duckdb_destroy_data_chunk)                                                                          \
    X(duckdb_vector_get_data) X(duckdb_vector_get_validity) X(duckdb_vector_ensure_validity_writable)     \
    X(duckdb_vector_assign_string_element_len) X(duckdb_vector_size)                                      \
    X(duckdb_create_logical_type) X(duckdb_destroy_logical_type) X(duckdb_get_type_id)                    \
    X(duckdb_decimal_scale) X(duckdb_decimal_internal_type)                                               \
    X(duckdb_enum_internal_type) X(duckdb_enum_dictionary_value) X(duckdb_enum_dictionary_size)           \
    X(duckdb_create_table_function) X(duckdb_destroy_table_function) X(duckdb_table_function_set_name)    \
    X(duckdb_table_function_set_extra_info)                        \
    X(duckdb_table_function_set_bind) X(duckdb_table_function_set_init)                                   \
    X(duckdb_table_function_set_function) X(duckdb_table_function_supports_projection_pushdown)           \
    X(duckdb_register_table_function)                                                                     \
    X(duckdb_bind_get_extra_info) X(duckdb_bind_add_result_column)           \
    X(duckdb_bind_set_bind_data) X(duckdb_bind_set_cardinality) X(duckdb_bind_set_error)                  \
    X(duckdb_init_get_bind_data) X(duckdb_init_set_init_data) X(duckdb_init_get_column_count)             \
    X(duckdb_init_get_column_index) X(duckdb_init_set_max_threads)                                        \
    X(duckdb_function_get_bind_data) X(duckdb_function_get_init_data) X(duckdb_function_set_error)
/* clang-format on */

#define X(name) __typeof__(&name) name;
typedef struct tend_duck_api {
    TEND_DUCK_FUNCTIONS(X)
} tend_duck_api;
#undef X

extern tend_duck_api tend_duck; /* empty before tend_duck_load */
tend_status tend_duck_load(tend_error *err) TEND_MUST_USE;

/* One database in memory with one connection: one thread, insertion order kept, no extensions, no network. */
typedef struct tend_duck_session {
    duckdb_database database;
    duckdb_connection connection;
    char folder[128]; /* private, for what does not fit in memory; made and removed here */
} tend_duck_session;

/* `files`: SQL may read and write files; only for statements that are ours alone. */
tend_status tend_duck_open(tend_duck_session *session, bool files, tend_error *err) TEND_MUST_USE;
void tend_duck_close(tend_duck_session *session);
/* A statement of ours whose result does not matter. */
tend_status tend_duck_run(tend_duck_session *session, const char *sql, tend_error *err) TEND_MUST_USE;

#endif
