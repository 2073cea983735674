/* Logs in SQL: packed and plain, torn, empty; and nothing but these files can be read. */
#include "engine/engine.h"

#include "base/fs.h"
#include "support/suite.h"

static const tend_engine_field FIELDS[] = {{"id", "VARCHAR"}, {"time", "TIMESTAMP"}, {"value", "JSON"}};
enum { N_FIELDS = 3 };

static const char *write_file(tend_arena *arena, const char *name, const char *text) {
    tend_error err = TEND_ERROR_INIT;
    const char *path = tend_path_join(arena, suite_scratch(), name);
    ASSERT_OK(tend_fs_write(path, text, strlen(text), 0644, &err), &err);
    return path;
}

static tend_table *ask(tend_engine *engine, tend_arena *arena, const char *sql) {
    tend_error err = TEND_ERROR_INIT;
    tend_table *out = NULL;
    ASSERT_OK(tend_engine_query(engine, sql, (tend_span){0}, arena, &out, &err), &err);
    return out;
}

static const char *cell(tend_arena *arena, const tend_table *table, int64_t row, int column) {
    tend_buf text = TEND_BUF_INIT;
    if (!tend_is_valid(&table->columns[column], row))
        return "NULL";
    tend_column_format(&table->columns[column], row, &text);
    const char *out = tend_arena_strdup(arena, tend_buf_text(&text));
    tend_buf_done(&text);
    return out;
}

TEST(records_are_read_and_torn_lines_left_out) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *paths[] = {write_file(arena, "a'1.ndjson",
                                      "{\"id\":\"a\",\"time\":\"2026-11-28T16:32:40.123456Z\",\"value\":\">50K\",\"more\":1}\n"
                                      "{\"value\":1}\nno json\n\n{\"id\":\"b\",\"time\":\"soon\",\"value\":{\"x\":null}}\n"),
                           write_file(arena, "b.ndjson", "{\"id\":\"c\",\"value\":1.5}\n{\"id\":\"d\",\"val")};
    TEND_AUTO(tend_engine) *engine = NULL;
    ASSERT_OK(tend_engine_open_files(paths, 2, &engine, &err), &err);
    ASSERT_OK(tend_engine_register_records(engine, "log", paths, 2, FIELDS, N_FIELDS, &err), &err);
    ASSERT_OK(tend_engine_view(engine, "short", "SELECT id, value->>'$' AS text FROM log", &err), &err);
    tend_table *table = ask(engine, arena, "SELECT * FROM log");
    ASSERT_EQ(table->n_rows, 3);
    ASSERT_STR_EQ(cell(arena, table, 0, 0), "a");
    ASSERT_EQ(table->columns[1].type, TEND_TIMESTAMP);
    ASSERT_EQ(table->columns[1].ints[0] % 1000000, 123456);
    ASSERT_STR_EQ(cell(arena, table, 1, 1), "NULL");
    ASSERT_STR_EQ(cell(arena, table, 1, 2), "{\"x\":null}");
    ASSERT_STR_EQ(cell(arena, table, 2, 0), "c");
    table = ask(engine, arena, "SELECT text FROM short");
    ASSERT_STR_EQ(cell(arena, table, 0, 0), ">50K");
    ASSERT_STR_EQ(cell(arena, table, 2, 0), "1.5");
}

TEST(no_files_give_no_rows) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO(tend_engine) *engine = NULL;
    ASSERT_OK(tend_engine_open_files(NULL, 0, &engine, &err), &err);
    ASSERT_OK(tend_engine_register_records(engine, "log", NULL, 0, FIELDS, N_FIELDS, &err), &err);
    tend_table *table = ask(engine, arena, "SELECT * FROM log");
    ASSERT_EQ(table->n_rows, 0);
    ASSERT_EQ(table->n_columns, N_FIELDS);
    ASSERT_EQ(table->columns[1].type, TEND_TIMESTAMP);
}

TEST(other_files_stay_out_of_reach) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *path = write_file(arena, "mine.ndjson", "{\"id\":\"a\"}\n"), *secret = write_file(arena, "secret.csv", "x\n1\n");
    tend_table *table;
    TEND_AUTO(tend_engine) *engine = NULL;
    ASSERT_OK(tend_engine_open_files(&path, 1, &engine, &err), &err);
    ASSERT_OK(tend_engine_register_records(engine, "log", &path, 1, FIELDS, N_FIELDS, &err), &err);
    for (const char *const *form = (const char *const[]){"SELECT * FROM '%s'", "SELECT * FROM read_csv('%s')",
                                                         "SELECT * FROM read_text('%s')", "SELECT * FROM glob('%s')", NULL};
         *form; form++) {
        TEND_AUTO_BUF sql = TEND_BUF_INIT;
        const char *at = strstr(*form, "%s");
        tend_buf_append(&sql, *form, (size_t)(at - *form));
        tend_buf_puts(&sql, secret);
        tend_buf_puts(&sql, at + 2);
        ASSERT_FAILS(tend_engine_query(engine, tend_buf_text(&sql), (tend_span){0}, arena, &table, &err), &err, CONFIG, "SQL");
    }
    ASSERT_FAILS(tend_engine_query(engine, "SET enable_external_access = true", (tend_span){0}, arena, &table, &err), &err, CONFIG, "SQL");
}
