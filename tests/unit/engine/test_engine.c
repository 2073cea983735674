#include "engine/engine.h"

#include "support/suite.h"

/* Five people; one without an age, one without a town. */
static tend_table *people(tend_arena *arena) {
    static const int64_t ages[] = {39, 50, -1, 53, 28};
    static const char *const towns[] = {"Bonn", "Köln", "Bonn", NULL, "it's \"B\""};
    tend_table *table = tend_table_new(arena, 6, 5);
    tend_column_builder *b[6] = {
        tend_column_builder_new(arena, "age", TEND_INT),      tend_column_builder_new(arena, "town", TEND_STRING),
        tend_column_builder_new(arena, "score", TEND_FLOAT),  tend_column_builder_new(arena, "member", TEND_BOOL),
        tend_column_builder_new(arena, "born on", TEND_DATE), tend_column_builder_new(arena, "seen", TEND_TIMESTAMP)};
    for (int i = 0; i < 5; i++) {
        if (ages[i] < 0)
            tend_column_add_missing(b[0]);
        else
            tend_column_add_int(b[0], ages[i]);
        if (towns[i])
            tend_column_add_string(b[1], tend_str_of(towns[i]));
        else
            tend_column_add_missing(b[1]);
        tend_column_add_double(b[2], i == 1 ? (double)NAN : i * 1.5);
        tend_column_add_int(b[3], i % 2);
        tend_column_add_int(b[4], i - 2);
        tend_column_add_int(b[5], i * INT64_C(1000001));
    }
    for (int j = 0; j < 6; j++)
        tend_column_build(b[j], &table->columns[j]);
    return table;
}

typedef struct bench {
    tend_engine *engine;
    tend_arena *arena;
    tend_table *people;
} bench;

static bench bench_open(void) {
    bench b = {.arena = tend_arena_new()};
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_engine_open(&b.engine, &err), &err);
    b.people = people(b.arena);
    ASSERT_OK(tend_engine_register(b.engine, "people", b.people, &err), &err);
    return b;
}

static void bench_close(bench *b) {
    tend_engine_free(b->engine);
    tend_arena_free(b->arena);
}
#define BENCH __attribute__((cleanup(bench_close))) bench

static const tend_span place = {.file = "tend.yaml", .line = 12, .column = 5, .length = 1};

static tend_table *ask(bench *b, const char *sql) {
    tend_error err = TEND_ERROR_INIT;
    tend_table *out = NULL;
    ASSERT_OK(tend_engine_query(b->engine, sql, place, b->arena, &out, &err), &err);
    return out;
}

static tend_status ask_error(bench *b, const char *sql, tend_error *err) {
    tend_table *out = NULL;
    return tend_engine_query(b->engine, sql, place, b->arena, &out, err);
}

TEST(a_table_comes_back_as_it_went_in) {
    BENCH b = bench_open();
    tend_table *out = ask(&b, "SELECT * FROM people;\n");
    tend_digest in = tend_table_digest(b.people), back = tend_table_digest(out);
    ASSERT_EQ(out->n_rows, 5);
    ASSERT_TRUE(tend_digest_eq(&in, &back));
}

TEST(many_rows_come_back_in_order) {
    BENCH b = bench_open();
    enum { ROWS = 10007 };
    tend_table *table = tend_table_new(b.arena, 2, ROWS);
    tend_column_builder *n = tend_column_builder_new(b.arena, "n", TEND_INT), *t = tend_column_builder_new(b.arena, "t", TEND_STRING);
    for (int i = 0; i < ROWS; i++) {
        if (i % 7 == 3)
            tend_column_add_missing(n);
        else
            tend_column_add_int(n, i);
        char text[32];
        snprintf(text, sizeof text, i % 2 ? "%d" : "a longer text with number %d", i);
        tend_column_add_string(t, tend_str_of(text));
    }
    tend_column_build(n, &table->columns[0]);
    tend_column_build(t, &table->columns[1]);
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_engine_register(b.engine, "many", table, &err), &err);
    tend_digest in = tend_table_digest(table), back = tend_table_digest(ask(&b, "FROM many"));
    ASSERT_TRUE(tend_digest_eq(&in, &back));
    ASSERT_EQ(ask(&b, "SELECT count(*) AS n FROM many")->columns[0].ints[0], ROWS);
    ASSERT_EQ(ask(&b, "SELECT count(n) AS n FROM many")->columns[0].ints[0], ROWS - 1430);
}

TEST(a_name_can_be_registered_again) {
    BENCH b = bench_open();
    tend_error err = TEND_ERROR_INIT;
    tend_table *two = tend_table_slice(b.people, 0, 2, b.arena);
    ASSERT_OK(tend_engine_register(b.engine, "people", two, &err), &err);
    ASSERT_EQ(ask(&b, "SELECT * FROM people")->n_rows, 2);
    ASSERT_OK(tend_engine_register(b.engine, "two \"words\"", two, &err), &err);
    ASSERT_EQ(ask(&b, "SELECT * FROM \"two \"\"words\"\"\"")->n_rows, 2);
}

TEST(the_engines_types_become_ours) {
    BENCH b = bench_open();
    tend_table *t = ask(&b, "SELECT sum(age) AS huge, CAST(3.25 AS DECIMAL(8,2)) AS dec, CAST(7 AS UTINYINT) AS tiny, "
                            "CAST(18446744073709551615 AS UBIGINT) AS wide, TIMESTAMP_S '2020-01-01 00:00:01' AS s, "
                            "TIMESTAMP_MS '1969-12-31 23:59:59.5' AS ms, TIMESTAMP_NS '1969-12-31 23:59:59.123456789' "
                            "AS ns, "
                            "TIMESTAMPTZ '2020-06-01 00:00:00+02' AS tz, CAST('b' AS ENUM('a', 'b')) AS e, [1, 2] AS "
                            "l, "
                            "{'a': 1, 'b': 'x'} AS st, TIME '12:30:00' AS tm, NULL AS nothing, 1.5::FLOAT AS f, true "
                            "AS t FROM people");
    ASSERT_EQ(t->n_rows, 1);
    ASSERT_EQ(t->columns[0].ints[0], 170);
    ASSERT_NEAR(t->columns[1].floats[0], 3.25, 0);
    ASSERT_EQ(t->columns[2].ints[0], 7);
    ASSERT_EQ(t->columns[3].type, TEND_FLOAT);
    ASSERT_NEAR(t->columns[3].floats[0], 18446744073709551615.0, 0);
    ASSERT_EQ(t->columns[4].ints[0], INT64_C(1577836801000000));
    ASSERT_EQ(t->columns[5].ints[0], -500000);
    ASSERT_EQ(t->columns[6].ints[0], -876544); /* down, not towards zero */
    ASSERT_EQ(t->columns[7].ints[0], INT64_C(1590962400000000));
    const char *texts[] = {"b", "[1,2]", "{\"a\":1,\"b\":\"x\"}", "12:30:00"};
    for (int j = 0; j < 4; j++)
        ASSERT_TRUE(tend_str_is(tend_column_str(&t->columns[8 + j], 0), texts[j]));
    ASSERT_EQ(t->columns[12].n_missing, 1);
    ASSERT_NEAR(t->columns[13].floats[0], 1.5, 0);
    ASSERT_EQ(t->columns[14].type, TEND_BOOL);
    ASSERT_STR_EQ(t->columns[9].name, "l");
}

TEST(no_rows_still_have_columns) {
    BENCH b = bench_open();
    tend_table *t = ask(&b, "SELECT age, town FROM people WHERE age > 1000");
    ASSERT_EQ(t->n_rows, 0);
    ASSERT_EQ(t->n_columns, 2);
    ASSERT_EQ(t->columns[1].offsets[0], 0);
}

TEST(wrong_sql_is_placed_in_the_users_file) {
    BENCH b = bench_open();
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(ask_error(&b, "SELECT town,\n  agee + 1\nFROM people", &err), &err, CONFIG, "\"agee\" not found");
    ASSERT_STR_EQ(err.file, "tend.yaml");
    ASSERT_EQ(err.line, 13);
    ASSERT_EQ(err.column, 7);
    ASSERT_EQ(err.length, 4);
    ASSERT_STR_EQ(err.hint, "did you mean 'age'?");
    ASSERT_FAILS(ask_error(&b, "SELECT * FROM peple", &err), &err, CONFIG, "peple");
    ASSERT_HAS(err.hint, "people");
    ASSERT_EQ(err.column, 5 + 14);
    ASSERT_FAILS(ask_error(&b, "SELECT * FORM people", &err), &err, CONFIG, "syntax error");
    ASSERT_EQ(err.column, 5 + 14);
    ASSERT_FAILS(ask_error(&b, "SELECT foo(age) FROM people", &err), &err, CONFIG, "foo");
    ASSERT_FAILS(ask_error(&b, "SELECT CAST(town AS INTEGER) AS n FROM people", &err), &err, INVALID, "Bonn");
    ASSERT_NULL(strchr(err.message, '{'));
}

TEST(only_one_query_that_reads) {
    BENCH b = bench_open();
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(ask_error(&b, "", &err), &err, CONFIG, "no statement");
    ASSERT_FAILS(ask_error(&b, "SELECT 1; SELECT 2", &err), &err, CONFIG, "found 2");
    const char *changing[] = {"DROP TABLE people", "CREATE TABLE x AS SELECT 1", "INSERT INTO people SELECT * FROM people",
                              "SET threads = 4", "SET enable_external_access = true"};
    for (size_t i = 0; i < sizeof changing / sizeof *changing; i++)
        ASSERT_FAILS(ask_error(&b, changing[i], &err), &err, CONFIG, "gives rows");
    ASSERT_FAILS(ask_error(&b, "SELECT age AS a, town AS a FROM people", &err), &err, CONFIG, "two columns named 'a'");
}

TEST(no_file_and_no_network_can_be_reached) {
    BENCH b = bench_open();
    tend_error err = TEND_ERROR_INIT;
    const char *reaching[] = {"SELECT * FROM '/etc/passwd'", "SELECT * FROM read_csv('/etc/passwd')", "FROM read_text('/etc/passwd')",
                              "SELECT * FROM glob('/*')",    "COPY people TO '/tmp/tend-test.csv'",   "ATTACH '/tmp/tend-test.db'"};
    for (size_t i = 0; i < sizeof reaching / sizeof *reaching; i++)
        ASSERT_FAILS(ask_error(&b, reaching[i], &err), &err, CONFIG, "SQL");
    ASSERT_FAILS(ask_error(&b, "SELECT * FROM '/etc/passwd'", &err), &err, CONFIG, "may not read");
    ASSERT_HAS(err.hint, "data.sources");
    ASSERT_TRUE(ask_error(&b, "INSTALL httpfs", &err) != TEND_OK);
}

TEST(names_that_differ_by_case_are_refused) {
    BENCH b = bench_open();
    tend_table *table = tend_table_slice(b.people, 0, 2, b.arena);
    table->columns[1].name = "AGE";
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(tend_engine_register(b.engine, "x", table, &err), &err, INVALID, "'AGE'");
}

TEST(conditions_are_true_false_or_unknown) {
    BENCH b = bench_open();
    tend_error err = TEND_ERROR_INIT;
    uint8_t out[5];
    ASSERT_OK(tend_engine_condition(b.engine, b.people, "age >= 40 -- a comment", place, out, &err), &err);
    ASSERT_MEM_EQ(out, ((uint8_t[]){0, 1, 2, 1, 0}), 5);
    ASSERT_OK(tend_engine_condition(b.engine, b.people, "CASE WHEN town = 'Bonn' THEN 1 ELSE 0 END;", place, out, &err), &err);
    ASSERT_MEM_EQ(out, ((uint8_t[]){1, 0, 1, 0, 0}), 5);
    ASSERT_OK(tend_engine_condition(b.engine, b.people, "\"born on\" < DATE '1970-01-01' OR town LIKE '%)%'", place, out, &err), &err);
    ASSERT_MEM_EQ(out, ((uint8_t[]){1, 1, 0, 2, 0}), 5);
    ASSERT_OK(tend_engine_condition(b.engine, b.people, "NULL", place, out, &err), &err);
    ASSERT_MEM_EQ(out, ((uint8_t[]){2, 2, 2, 2, 2}), 5);
}

TEST(numbers_and_texts_by_row) {
    BENCH b = bench_open();
    tend_error err = TEND_ERROR_INIT;
    double out[5];
    ASSERT_OK(tend_engine_numbers(b.engine, b.people, "age * 1.5", place, out, &err), &err);
    ASSERT_NEAR(out[0], 58.5, 0);
    ASSERT_TRUE(isnan(out[2]));
    ASSERT_OK(tend_engine_numbers(b.engine, b.people, "age > 30", place, out, &err), &err);
    ASSERT_TRUE(out[0] == 1 && out[4] == 0);
    tend_column text;
    ASSERT_OK(tend_engine_texts(b.engine, b.people, "CASE WHEN age > 40 THEN 'old' END", place, b.arena, &text, &err), &err);
    ASSERT_TRUE(tend_str_is(tend_column_str(&text, 1), "old"));
    ASSERT_EQ(text.n_missing, 3);
    ASSERT_OK(tend_engine_texts(b.engine, b.people, "age + 1", place, b.arena, &text, &err), &err);
    ASSERT_TRUE(tend_str_is(tend_column_str(&text, 0), "40"));
    ASSERT_EQ(text.n_missing, 1);
}

TEST(windows_give_values_in_the_tables_order) {
    BENCH b = bench_open();
    tend_error err = TEND_ERROR_INIT;
    double out[5];
    ASSERT_OK(tend_engine_numbers(b.engine, b.people, "row_number() OVER (PARTITION BY town ORDER BY seen DESC)", place, out, &err), &err);
    double want[5] = {2, 1, 1, 1, 1}; /* Bonn has rows 0 and 2 */
    for (int i = 0; i < 5; i++)
        ASSERT_NEAR(out[i], want[i], 0);
}

TEST(what_is_no_expression_is_refused) {
    BENCH b = bench_open();
    tend_error err = TEND_ERROR_INIT;
    uint8_t out[5];
    struct {
        const char *text, *part;
    } wrong[] = {{"", "no expression"},
                 {"age > 3; DROP TABLE people", "several statements"},
                 {"age) FROM people WHERE (true", "closes nothing"},
                 {"(age > 3", "is not closed"},
                 {"agee > 3", "agee"},
                 {"count(*) > 3", "one value per row"},
                 {"age > 3, town = 'Bonn'", "condition"},
                 {"age > > 3", "syntax error"},
                 {"town", "true or false"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ASSERT_FAILS(tend_engine_condition(b.engine, b.people, wrong[i].text, place, out, &err), &err, CONFIG, wrong[i].part);
        ASSERT_EQ(err.line, 12);
    }
    ASSERT_FAILS(tend_engine_condition(b.engine, b.people, "town = 'x' AND\n  agee > 3", place, out, &err), &err, CONFIG, "agee");
    ASSERT_EQ(err.line, 13);
    ASSERT_EQ(err.column, 7);
    double number[5];
    ASSERT_FAILS(tend_engine_numbers(b.engine, b.people, "town", place, number, &err), &err, CONFIG, "a number");
}

TEST(the_version_is_known_after_the_first_open) {
    BENCH b = bench_open();
    ASSERT_TRUE(tend_engine_version()[0] == 'v');
}
