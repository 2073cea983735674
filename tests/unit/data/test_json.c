#include "unit/data/reading.h"

static reading read_json(const char *text) { return read_bytes("in.json", text, strlen(text), NULL); }
static reading read_lines(const char *text) { return read_bytes("in.ndjson", text, strlen(text), NULL); }

TEST(a_list_of_objects) {
    reading r = read_json("[{\"a\": 1, \"b\": \"x\", \"c\": true},\n {\"a\": 2.5, \"b\": null, \"c\": false}]");
    ASSERT_SHAPE(r, 2, 3);
    ASSERT_EQ(type_of(&r, "a"), TEND_FLOAT);
    ASSERT_EQ(type_of(&r, "b"), TEND_STRING);
    ASSERT_EQ(type_of(&r, "c"), TEND_BOOL);
    ASSERT_STR_EQ(cell(&r, "b", 1), "(missing)");
    ASSERT_EQ(r.table->line[1], 2);
    reading_done(&r);
}

TEST(columns_in_order_of_first_appearance) {
    reading r = read_lines("{\"b\": 1}\n{\"c\": 2, \"a\": 3}\n\n{\"b\": 4, \"a\": 5}\n");
    ASSERT_SHAPE(r, 3, 3);
    ASSERT_STR_EQ(r.table->columns[0].name, "b");
    ASSERT_STR_EQ(r.table->columns[1].name, "c");
    ASSERT_STR_EQ(r.table->columns[2].name, "a");
    ASSERT_STR_EQ(cell(&r, "b", 1), "(missing)");
    ASSERT_STR_EQ(cell(&r, "a", 0), "(missing)");
    ASSERT_STR_EQ(cell(&r, "a", 2), "5");
    ASSERT_EQ(r.table->line[2], 4);
    reading_done(&r);
}

TEST(objects_within_objects) {
    reading r = read_json("[{\"a\": {\"x\": 1, \"y\": {\"z\": [1, 2]}}, \"l\": [\"p\", {\"q\": 1}]}]");
    ASSERT_SHAPE(r, 1, 3);
    ASSERT_STR_EQ(cell(&r, "a.x", 0), "1");
    ASSERT_STR_EQ(cell(&r, "a.y", 0), "{\"z\":[1,2]}");
    ASSERT_STR_EQ(cell(&r, "l", 0), "[\"p\",{\"q\":1}]");
    reading_done(&r);
}

TEST(texts_that_are_sometimes_numbers) {
    reading r = read_json("[{\"t\": \"Ran\"}, {\"t\": 1776}, {\"t\": \"2020\"}, {\"t\": 1.50}]");
    ASSERT_EQ(type_of(&r, "t"), TEND_STRING);
    ASSERT_STR_EQ(cell(&r, "t", 1), "1776");
    ASSERT_STR_EQ(cell(&r, "t", 3), "1.50"); /* as it was written */
    reading_done(&r);
}

TEST(quoted_numbers_are_text_and_told) {
    reading r = read_json("[{\"zip\": \"10115\", \"m\": \"1\"}, {\"zip\": \"20095\", \"m\": 2}]");
    ASSERT_EQ(type_of(&r, "zip"), TEND_STRING);
    ASSERT_HAS(note_on(&r, "zip"), "in quotes");
    ASSERT_EQ(type_of(&r, "m"), TEND_STRING);
    ASSERT_HAS(note_on(&r, "m"), "mixed");
    reading_done(&r);
}

TEST(dates_are_found_in_texts) {
    reading r = read_json("[{\"d\": \"Jun 12 1998\", \"t\": \"2020-01-01T00:00:00Z\"}, {\"d\": \"Aug 07 1998\", \"t\": null}]");
    ASSERT_EQ(type_of(&r, "d"), TEND_DATE);
    ASSERT_STR_EQ(cell(&r, "d", 1), "1998-08-07");
    ASSERT_EQ(type_of(&r, "t"), TEND_TIMESTAMP);
    reading_done(&r);
}

TEST(tables_by_column) {
    static const char *const TEXTS[] = {
        "{\"columns\": [\"a\", \"b\"], \"index\": [0, 1], \"data\": [[1, \"x\"], [2, \"y\"]]}",
        "{\"a\": [1, 2], \"b\": [\"x\", \"y\"]}",
        "{\"a\": {\"0\": 1, \"1\": 2}, \"b\": {\"0\": \"x\", \"1\": \"y\"}}",
        "{\"count\": 2, \"rows\": [{\"a\": 1, \"b\": \"x\"}, {\"a\": 2, \"b\": \"y\"}]}",
        "{\"a\": 1, \"b\": \"x\"}\n{\"a\": 2, \"b\": \"y\"}\n",
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        reading r = read_json(TEXTS[i]);
        ASSERT_SHAPE(r, 2, 2);
        ASSERT_EQ(type_of(&r, "a"), TEND_INT);
        ASSERT_STR_EQ(cell(&r, "a", 1), "2");
        ASSERT_STR_EQ(cell(&r, "b", 1), "y");
        reading_done(&r);
    }
}

TEST(faults_have_a_place) {
    static const struct {
        const char *text, *part;
        unsigned line, column;
    } CASES[] = {
        {"[{\"a\": 1},\n {\"a\": }]", "expected a value", 2, 8},
        {"[{\"a\": 1}\n {\"a\": 2}]", "expected ',' or ']'", 2, 2},
        {"[{\"a\": 1}, 5]", "expected an object", 1, 12},
        {"[{\"a\": 1}] x", "nothing behind the list", 1, 12},
        {"[{\"a\": 1}, ", "expected an object, found the end of the file", 1, 12},
        {"7", "expected a list of objects", 1, 1},
        {"{\"a\": [1, 2], \"b\": [1]}", "has 1 values where 'a' has 2", 1, 20},
        {"{\"columns\": [\"a\"], \"data\": [[1, 2]]}", "one for each column", 1, 29},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        reading r = read_json(CASES[i].text);
        ASSERT_REFUSED(r, DATA, CASES[i].part);
        ASSERT_EQ(r.err.line, CASES[i].line);
        ASSERT_EQ(r.err.column, CASES[i].column);
        reading_done(&r);
    }
}

TEST(a_line_that_is_no_object_is_a_bad_row) {
    reading r = read_lines("{\"a\": 1}\nnot json\n[1]\n{\"a\": 2}\n{\"a\": 3\n");
    ASSERT_SHAPE(r, 2, 1);
    ASSERT_EQ(r.bad.n_total, 3);
    ASSERT_EQ(r.bad.items[0].line, 2);
    ASSERT_EQ(r.bad.items[0].row, -1);
    ASSERT_STR_EQ(r.bad.items[0].found, "not json");
    ASSERT_HAS(r.bad.items[1].reason, "expected an object");
    ASSERT_EQ(r.bad.items[2].line, 5);
    reading_done(&r);
}

TEST(two_keys_for_one_column) {
    reading r = read_json("[{\"a.b\": 1, \"a\": {\"b\": 2}}]");
    ASSERT_REFUSED(r, UNSUPPORTED, "'a.b'");
    reading_done(&r);
}

TEST(nothing_at_all) {
    reading none = read_json("[]"), empty = read_json("");
    ASSERT_SHAPE(none, 0, 0);
    ASSERT_REFUSED(empty, DATA, "is empty");
    reading_done(&none);
    reading_done(&empty);
}

TEST(declared_types_hold_for_json_too) {
    tend_field fields[] = {{.name = "n", .type = TEND_INT, .has_type = true}, {.name = "s", .type = TEND_STRING, .has_type = true}};
    tend_schema schema = {.fields = fields, .n_fields = 2, .min_rows = -1, .max_rows = -1};
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.schema = &schema;
    const char *text = "{\"n\": \"7\", \"s\": 1}\n{\"n\": \"x\", \"s\": 2}\n";
    reading r = read_bytes("in.ndjson", text, strlen(text), &o);
    ASSERT_EQ(type_of(&r, "n"), TEND_INT);
    ASSERT_EQ(r.table->columns[0].ints[0], 7);
    ASSERT_EQ(type_of(&r, "s"), TEND_STRING);
    ASSERT_EQ(r.bad.n_total, 1);
    ASSERT_EQ(r.bad.items[0].line, 2);
    ASSERT_STR_EQ(r.bad.items[0].found, "x");
    reading_done(&r);
}

TEST(batches_have_the_columns_of_the_whole_file) {
    tend_buf text = TEND_BUF_INIT;
    for (int i = 0; i < 20000; i++)
        tend_buf_printf(&text, i < 19000 ? "{\"a\": %d}\n" : "{\"a\": %d.5, \"late\": \"x\"}\n", i);
    reading whole = read_lines(tend_buf_text(&text));
    ASSERT_SHAPE(whole, 20000, 2);
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.batch_rows = 3000;
    tend_error err = TEND_ERROR_INIT;
    tend_reader *reader;
    tend_table *table, *tables[20], *joined = NULL;
    int n = 0;
    ASSERT_OK(tend_format_ndjson.open(whole.path, &o, NULL, &reader, &err), &err);
    for (;;) {
        ASSERT_OK(reader->next(reader, whole.arena, &table, &err), &err);
        if (!table)
            break;
        ASSERT_EQ(table->n_columns, 2);
        ASSERT_EQ(table->columns[0].type, TEND_FLOAT);
        tables[n++] = table;
    }
    reader->close(reader);
    ASSERT_EQ(n, 7);
    ASSERT_OK(tend_table_concat(tables, n, whole.arena, &joined, &err), &err);
    tend_digest a = tend_table_digest(whole.table), b = tend_table_digest(joined);
    ASSERT_TRUE(tend_digest_eq(&a, &b));
    reading_done(&whole);
    tend_buf_done(&text);
}
