#include "engine/engine.h"

#include "base/fs.h"
#include "support/suite.h"

static tend_table *numbered(tend_arena *arena, int64_t begin, int64_t n) {
    tend_table *table = tend_table_new(arena, 4, n);
    tend_column_builder *b[4] = {tend_column_builder_new(arena, "id", TEND_INT), tend_column_builder_new(arena, "name", TEND_STRING),
                                 tend_column_builder_new(arena, "x", TEND_FLOAT), tend_column_builder_new(arena, "day", TEND_DATE)};
    for (int64_t i = begin; i < begin + n; i++) {
        tend_column_add_int(b[0], i);
        char text[40];
        snprintf(text, sizeof text, "number %lld is here", (long long)i);
        if (i % 5 == 0)
            tend_column_add_missing(b[1]);
        else
            tend_column_add_string(b[1], tend_str_of(text));
        tend_column_add_double(b[2], i % 3 ? (double)i / 7 : (double)NAN);
        tend_column_add_int(b[3], i % 20000);
    }
    for (int j = 0; j < 4; j++)
        tend_column_build(b[j], &table->columns[j]);
    return table;
}

static const char *in_scratch(const char *name) {
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", suite_scratch(), name);
    return path;
}

static void write_numbers(const char *path, int64_t batches, int64_t rows) {
    tend_error err = TEND_ERROR_INIT;
    tend_writer *writer = NULL;
    ASSERT_OK(tend_format_parquet.create(path, &writer, &err), &err);
    for (int64_t i = 0; i < batches; i++) {
        TEND_AUTO(tend_arena) *arena = tend_arena_new();
        ASSERT_OK(writer->write(writer, numbered(arena, i * rows, rows), &err), &err);
    }
    ASSERT_OK(writer->finish(writer, &err), &err);
    writer->close(writer);
}

static tend_table *read_all(const char *path, const tend_read_options *options, tend_arena *arena, tend_bad_rows *bad) {
    tend_error err = TEND_ERROR_INIT;
    tend_reader *reader = NULL;
    tend_table *out = NULL;
    ASSERT_OK(tend_format_parquet.open(path, options, bad, &reader, &err), &err);
    ASSERT_OK(reader->next(reader, arena, &out, &err), &err);
    reader->close(reader);
    ASSERT_NOT_NULL(out);
    return out;
}

TEST(batches_come_back_as_one_table) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    write_numbers(in_scratch("a.parquet"), 7, 1000);
    tend_table *out = read_all(in_scratch("a.parquet"), NULL, arena, NULL);
    tend_digest want = tend_table_digest(numbered(arena, 0, 7000)), got = tend_table_digest(out);
    ASSERT_TRUE(tend_digest_eq(&want, &got));
}

TEST(equal_tables_give_equal_files) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    char *one = NULL, *two = NULL;
    size_t size = 0, again = 0;
    tend_error err = TEND_ERROR_INIT;
    write_numbers(in_scratch("one.parquet"), 3, 5000);
    ASSERT_OK(tend_fs_read(in_scratch("one.parquet"), 0, arena, &one, &size, &err), &err);
    write_numbers(in_scratch("two.parquet"), 3, 5000);
    ASSERT_OK(tend_fs_read(in_scratch("two.parquet"), 0, arena, &two, &again, &err), &err);
    ASSERT_EQ(size, again);
    ASSERT_MEM_EQ(one, two, size);
}

TEST(reading_in_batches_gives_the_same_rows) {
    write_numbers(in_scratch("b.parquet"), 3, 7000);
    tend_read_options options = TEND_READ_OPTIONS_INIT;
    options.batch_rows = 4096;
    tend_error err = TEND_ERROR_INIT;
    tend_reader *reader = NULL;
    ASSERT_OK(tend_format_parquet.open(in_scratch("b.parquet"), &options, NULL, &reader, &err), &err);
    int64_t seen = 0;
    for (;;) {
        TEND_AUTO(tend_arena) *arena = tend_arena_new();
        tend_table *batch = NULL;
        ASSERT_OK(reader->next(reader, arena, &batch, &err), &err);
        if (!batch)
            break;
        tend_digest want = tend_table_digest(numbered(arena, seen, batch->n_rows)), got = tend_table_digest(batch);
        ASSERT_TRUE(tend_digest_eq(&want, &got));
        ASSERT_TRUE(batch->n_rows < 4096 + 2048);
        seen += batch->n_rows;
    }
    ASSERT_EQ(seen, 21000);
    reader->close(reader);
}

TEST(an_empty_table_keeps_its_columns) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    write_numbers(in_scratch("empty.parquet"), 1, 0);
    tend_table *out = read_all(in_scratch("empty.parquet"), NULL, arena, NULL);
    ASSERT_EQ(out->n_rows, 0);
    ASSERT_EQ(out->n_columns, 4);
    ASSERT_STR_EQ(out->columns[3].name, "day");
    ASSERT_EQ(out->columns[3].type, TEND_DATE);
}

TEST(declared_types_hold_and_cells_that_break_them_are_noted) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    write_numbers(in_scratch("typed.parquet"), 1, 6);
    tend_field fields[] = {{.name = "id", .type = TEND_FLOAT, .has_type = true}, {.name = "name", .type = TEND_INT, .has_type = true}};
    tend_schema schema = {.fields = fields, .n_fields = 2};
    tend_read_options options = TEND_READ_OPTIONS_INIT;
    options.schema = &schema;
    tend_bad_rows bad;
    tend_bad_rows_init(&bad, arena);
    tend_table *out = read_all(in_scratch("typed.parquet"), &options, arena, &bad);
    ASSERT_EQ(out->columns[0].type, TEND_FLOAT);
    ASSERT_NEAR(out->columns[0].floats[3], 3, 0);
    ASSERT_EQ(out->columns[1].type, TEND_INT);
    ASSERT_EQ(out->columns[1].n_missing, 6);
    ASSERT_EQ(bad.n, 4); /* rows 0 and 5 were missing in the file */
    ASSERT_EQ(bad.items[0].row, 1);
    ASSERT_STR_EQ(bad.items[0].column, "name");
    ASSERT_HAS(bad.items[0].found, "number 1");
}

TEST(words_for_missing_are_missing) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    write_numbers(in_scratch("words.parquet"), 1, 6);
    const char *words[] = {"number 2 is here"};
    tend_read_options options = TEND_READ_OPTIONS_INIT;
    options.missing = words;
    options.n_missing = 1;
    tend_table *out = read_all(in_scratch("words.parquet"), &options, arena, NULL);
    ASSERT_EQ(out->columns[1].n_missing, 3); /* 0, 5 and this one */
    ASSERT_FALSE(tend_is_valid(&out->columns[1], 2));
    ASSERT_TRUE(tend_str_is(tend_column_str(&out->columns[1], 3), "number 3 is here"));
}

TEST(names_with_quotes_and_patterns_are_names) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *names[] = {"it's a[1]*.parquet", "a=b.parquet", "ü?.parquet"};
    for (int i = 0; i < 3; i++) {
        write_numbers(in_scratch(names[i]), 1, 10);
        ASSERT_EQ(read_all(in_scratch(names[i]), NULL, arena, NULL)->n_columns, 4);
    }
}

TEST(files_that_are_no_parquet_are_refused) {
    tend_error err = TEND_ERROR_INIT;
    tend_reader *reader = NULL;
    ASSERT_OK(tend_fs_write(in_scratch("text.parquet"), "a,b\n1,2\n", 8, 0644, &err), &err);
    ASSERT_FAILS(tend_format_parquet.open(in_scratch("text.parquet"), NULL, NULL, &reader, &err), &err, DATA, "text.parquet");
    ASSERT_OK(tend_fs_write(in_scratch("none.parquet"), "", 0, 0644, &err), &err);
    ASSERT_FAILS(tend_format_parquet.open(in_scratch("none.parquet"), NULL, NULL, &reader, &err), &err, DATA, "none.parquet");
    ASSERT_FAILS(tend_format_parquet.open(in_scratch("absent.parquet"), NULL, NULL, &reader, &err), &err, NOT_FOUND, "absent.parquet");
}

TEST(a_file_cut_anywhere_is_an_error_and_never_a_crash) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    char *bytes = NULL;
    size_t size = 0;
    tend_error err = TEND_ERROR_INIT;
    write_numbers(in_scratch("cut.parquet"), 1, 3000);
    ASSERT_OK(tend_fs_read(in_scratch("cut.parquet"), 0, arena, &bytes, &size, &err), &err);
    for (int part = 1; part < 8; part++) {
        tend_reader *reader = NULL;
        ASSERT_OK(tend_fs_write(in_scratch("cut.parquet"), bytes, size * (size_t)part / 8, 0644, &err), &err);
        ASSERT_FAILS(tend_format_parquet.open(in_scratch("cut.parquet"), NULL, NULL, &reader, &err), &err, DATA, "cut.parquet");
    }
}

TEST(a_writer_that_is_not_finished_leaves_nothing) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    char folder[600];
    snprintf(folder, sizeof folder, "%s/left", suite_scratch());
    ASSERT_OK(tend_fs_mkdirs(folder, &err), &err);
    tend_writer *writer = NULL;
    ASSERT_OK(tend_format_parquet.create(in_scratch("left/x.parquet"), &writer, &err), &err);
    ASSERT_OK(writer->write(writer, numbered(arena, 0, 5000), &err), &err);
    writer->close(writer);
    ASSERT_OK(tend_format_parquet.create(in_scratch("left/y.parquet"), &writer, &err), &err);
    ASSERT_FAILS(writer->finish(writer, &err), &err, INVALID, "no table was written");
    writer->close(writer);
    char **names = NULL;
    size_t n = 0;
    ASSERT_OK(tend_fs_list(folder, arena, &names, &n, &err), &err);
    ASSERT_EQ(n, 0);
}

TEST(batches_of_another_shape_are_refused) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_writer *writer = NULL;
    ASSERT_OK(tend_format_parquet.create(in_scratch("shape.parquet"), &writer, &err), &err);
    tend_table *table = numbered(arena, 0, 10), *other = numbered(arena, 10, 10);
    ASSERT_OK(writer->write(writer, table, &err), &err);
    other->columns[1].name = "nom";
    ASSERT_FAILS(writer->write(writer, other, &err), &err, INVALID, "nom");
    other->n_columns = 3;
    ASSERT_FAILS(writer->write(writer, other, &err), &err, INVALID, "3 columns");
    writer->close(writer);
    ASSERT_FAILS(tend_format_parquet.create("-", &writer, &err), &err, UNSUPPORTED, "standard output");
}

TEST(columns_that_nobody_names_are_left_out) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    write_numbers(in_scratch("named.parquet"), 1, 100);
    tend_field fields[] = {{.name = "day"}, {.name = "absent"}, {.name = "id", .has_type = true, .type = TEND_FLOAT}};
    tend_schema schema = {.fields = fields, .n_fields = 3, .min_rows = -1, .max_rows = -1};
    tend_read_options options = TEND_READ_OPTIONS_INIT;
    options.schema = &schema;
    options.only_named = true;
    tend_table *out = read_all(in_scratch("named.parquet"), &options, arena, NULL);
    ASSERT_EQ(out->n_columns, 2);
    ASSERT_STR_EQ(out->columns[0].name, "id");
    ASSERT_EQ(out->columns[0].type, TEND_FLOAT);
    ASSERT_NEAR(out->columns[0].floats[99], 99, 0);
    ASSERT_STR_EQ(out->columns[1].name, "day");
    /* With none of them the file is read whole: what is missing is told by whoever misses it. */
    schema.fields = &fields[1];
    schema.n_fields = 1;
    ASSERT_EQ(read_all(in_scratch("named.parquet"), &options, arena, NULL)->n_columns, 4);
}
