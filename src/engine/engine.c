#include "engine/engine_private.h"

#include "engine/expression.h"
#include "engine/statement.h"

#include <stdlib.h>

tend_status tend_engine_open(tend_engine **out, tend_error *err) {
    TEND_AUTO(tend_engine) *engine = tend_calloc(1, sizeof *engine);
    TEND_TRY(tend_duck_open(&engine->session, false, err));
    TEND_TRY(tend_scan_register(&engine->session, &engine->scan, err));
    *out = TEND_STEAL(engine);
    return TEND_OK;
}

void tend_engine_free(tend_engine *engine) {
    if (!engine)
        return;
    tend_duck_close(&engine->session);
    free(engine);
}

const char *tend_engine_version(void) { return tend_duck.duckdb_library_version ? tend_duck.duckdb_library_version() : NULL; }

tend_status tend_engine_register(tend_engine *engine, const char *name, const tend_table *table, tend_error *err) {
    TEND_TRY_WRAP(tend_scan_check_names(table, err), err, "showing the table '%s' to SQL", name);
    if (table->n_columns == 0)
        return TEND_FAIL(err, INVALID, "the table '%s' has no columns", name);
    TEND_AUTO_BUF sql = TEND_BUF_INIT;
    tend_buf_puts(&sql, "CREATE OR REPLACE TABLE ");
    tend_sql_quote(&sql, name, '"');
    tend_buf_puts(&sql, " AS SELECT * FROM tend_scan()");
    engine->scan = (tend_scan){.table = table};
    TEND_TRY_WRAP(tend_duck_run(&engine->session, tend_buf_text(&sql), err), err, "showing the table '%s' to SQL", name);
    return TEND_OK;
}

/* Blanks and one semicolon behind the statement do not matter. */
static size_t trimmed(const char *sql) {
    size_t size = strlen(sql);
    while (size > 0 && strchr(" \t\r\n;", sql[size - 1]))
        size--;
    return size;
}

tend_status tend_engine_query(tend_engine *engine, const char *sql, tend_span where, tend_arena *arena, tend_table **out, tend_error *err) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    tend_sql_source source = {.text = sql, .size = trimmed(sql), .where = where};
    return tend_statement_table(&engine->session, tend_arena_strndup(scratch, sql, source.size), &source, arena, out, err);
}

static tend_status evaluate(tend_engine *engine, const tend_table *table, const char *expression, tend_span where, tend_arena *arena,
                            tend_column *out, tend_error *err) {
    tend_sql_source source = {.text = expression, .size = trimmed(expression), .where = where};
    return tend_expression_column(&engine->session, &engine->scan, table, &source, arena, out, err);
}

tend_status tend_engine_condition(tend_engine *engine, const tend_table *table, const char *expression, tend_span where, uint8_t *out,
                                  tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_column column;
    TEND_TRY(evaluate(engine, table, expression, where, arena, &column, err));
    if (!tend_type_is_numeric(column.type) && column.n_missing < column.n_rows)
        return tend_error_hint(
            err,
            TEND_FAIL_AT(err, CONFIG, where, "expected a condition, which is true or false; this gives a %s", tend_type_name(column.type)),
            "compare it with something: … = 'text', … >= DATE '2027-01-31'");
    for (int64_t i = 0; i < table->n_rows; i++)
        out[i] = tend_is_valid(&column, i) ? tend_column_double(&column, i) != 0 : 2;
    return TEND_OK;
}

tend_status tend_engine_numbers(tend_engine *engine, const tend_table *table, const char *expression, tend_span where, double *out,
                                tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_column column;
    TEND_TRY(evaluate(engine, table, expression, where, arena, &column, err));
    if (!tend_type_is_numeric(column.type) && column.n_missing < column.n_rows)
        return tend_error_hint(err, TEND_FAIL_AT(err, CONFIG, where, "expected a number; this gives a %s", tend_type_name(column.type)),
                               "CAST(… AS DOUBLE) makes a number of a text that looks like one");
    for (int64_t i = 0; i < table->n_rows; i++)
        out[i] = tend_column_double(&column, i);
    return TEND_OK;
}

static void as_text(const tend_column *column, tend_arena *arena, tend_column *out) {
    tend_column_builder *builder = tend_column_builder_new(arena, column->name, TEND_STRING);
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    for (int64_t i = 0; i < column->n_rows; i++) {
        tend_buf_clear(&text);
        tend_column_format(column, i, &text);
        if (tend_is_valid(column, i))
            tend_column_add_string(builder, (tend_str){tend_buf_text(&text), text.size});
        else
            tend_column_add_missing(builder);
    }
    tend_column_build(builder, out);
}

tend_status tend_engine_texts(tend_engine *engine, const tend_table *table, const char *expression, tend_span where, tend_arena *arena,
                              tend_column *out, tend_error *err) {
    tend_column column;
    TEND_TRY(evaluate(engine, table, expression, where, arena, &column, err));
    if (column.type == TEND_STRING)
        *out = column;
    else
        as_text(&column, arena, out);
    return TEND_OK;
}
