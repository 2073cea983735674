/* CSV: the same table however it is cut: threads, batches, packing. */
#include "unit/data/reading.h"

#include "base/rng.h"

#include <zlib.h>
#include <zstd.h>

/* A table with everything that makes cutting hard: quoted line breaks, doubled quotes, missing values, ragged and blank rows. */
static void hard_text(tend_buf *out, int rows, uint64_t seed) {
    tend_rng rng;
    tend_rng_init(&rng, seed, "hard");
    tend_buf_puts(out, "id,x,k,text,day\n");
    for (int i = 0; i < rows; i++) {
        uint64_t dice = tend_rng_below(&rng, 40);
        if (dice == 0)
            tend_buf_puts(out, "\n");
        if (dice == 1)
            tend_buf_printf(out, "%d,1,2\n", i);
        tend_buf_printf(out, "%d,", i);
        if (dice != 2)
            tend_buf_printf(out, "%.17g", tend_rng_normal(&rng));
        tend_buf_printf(out, ",%s,", dice % 3 == 0 ? "red" : dice % 3 == 1 ? "\"gr\"\"een\"" : "NA");
        if (dice < 10)
            tend_buf_puts(out, "\"two\nlines, \"\"quoted\"\"\n\n\"");
        else
            tend_buf_printf(out, "plain %d", (int)dice);
        tend_buf_printf(out, ",%04d-%02d-%02d\n", 1990 + i % 40, 1 + i % 12, 1 + i % 28);
    }
}

static void assert_same_tables(const tend_table *a, const tend_table *b) {
    tend_digest x = tend_table_digest(a), y = tend_table_digest(b);
    ASSERT_EQ(a->n_rows, b->n_rows);
    ASSERT_TRUE(tend_digest_eq(&x, &y));
    for (int64_t i = 0; i < a->n_rows; i++)
        ASSERT_EQ(a->line[i], b->line[i]);
}

static void assert_same_bad(const tend_bad_rows *a, const tend_bad_rows *b) {
    ASSERT_EQ(a->n_total, b->n_total);
    for (int64_t i = 0; i < a->n; i++) {
        ASSERT_EQ(a->items[i].line, b->items[i].line);
        ASSERT_EQ(a->items[i].row, b->items[i].row);
        ASSERT_STR_EQ(a->items[i].reason, b->items[i].reason);
    }
}

TEST(threads_change_nothing) {
    tend_buf text = TEND_BUF_INIT;
    hard_text(&text, 40000, 1); /* several pieces */
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.threads = 1;
    reading one = read_bytes("in.csv", text.data, text.size, &o);
    ASSERT_SHAPE(one, 40000, 5);
    ASSERT_TRUE(one.bad.n_total > 500);
    for (int threads = 2; threads <= 5; threads += 3) {
        o.threads = threads;
        reading many = read_bytes("in.csv", text.data, text.size, &o);
        ASSERT_READ(many);
        assert_same_tables(one.table, many.table);
        assert_same_bad(&one.bad, &many.bad);
        reading_done(&many);
    }
    ASSERT_EQ(type_of(&one, "day"), TEND_DATE);
    ASSERT_EQ(one.table->columns[0].ints[39999], 39999); /* no gap where ragged rows were */
    reading_done(&one);
    tend_buf_done(&text);
}

/* All batches under each other. */
static tend_table *read_batches(const char *path, const tend_read_options *options, tend_bad_rows *bad, tend_arena *arena,
                                int64_t *out_most) {
    tend_error err = TEND_ERROR_INIT;
    const tend_format *format;
    tend_reader *reader;
    tend_table *tables[2000], *joined = NULL, *table = NULL;
    int n = 0;
    *out_most = 0;
    ASSERT_OK(tend_format_find(FORMATS, path, NULL, &format, &err), &err);
    ASSERT_OK(format->open(path, options, bad, &reader, &err), &err);
    for (;;) {
        ASSERT_OK(reader->next(reader, arena, &table, &err), &err);
        if (!table)
            break;
        assert_true(n < 2000);
        *out_most = table->n_rows > *out_most ? table->n_rows : *out_most;
        tables[n++] = table;
    }
    reader->close(reader);
    assert_true(n > 0);
    ASSERT_OK(tend_table_concat(tables, n, arena, &joined, &err), &err);
    return joined;
}

TEST(batches_are_the_whole_in_parts) {
    tend_buf text = TEND_BUF_INIT;
    hard_text(&text, 20000, 2);
    reading whole = read_bytes("in.csv", text.data, text.size, NULL);
    ASSERT_READ(whole);
    static const int64_t SIZES[] = {64, 999, 5000, 100000};
    for (size_t i = 0; i < 4; i++) {
        tend_arena *arena = tend_arena_new();
        tend_bad_rows bad;
        tend_bad_rows_init(&bad, arena);
        tend_read_options o = TEND_READ_OPTIONS_INIT;
        o.batch_rows = SIZES[i];
        int64_t most;
        tend_table *joined = read_batches(whole.path, &o, &bad, arena, &most);
        assert_same_tables(whole.table, joined);
        ASSERT_EQ(bad.n_total, whole.bad.n_total);
        ASSERT_TRUE(most <= SIZES[i]);
        tend_arena_free(arena);
    }
    reading_done(&whole);
    tend_buf_done(&text);
}

TEST(batches_larger_than_the_window) {
    tend_buf text = TEND_BUF_INIT;
    tend_buf_puts(&text, "n,s\n");
    for (int i = 0; i < 30000; i++)
        tend_buf_printf(&text, "%d,%0*d\n", i, 600 + i % 7, i); /* 18 MB: more than two windows */
    reading whole = read_bytes("in.csv", text.data, text.size, NULL);
    ASSERT_SHAPE(whole, 30000, 2);
    tend_arena *arena = tend_arena_new();
    tend_bad_rows bad;
    tend_bad_rows_init(&bad, arena);
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.batch_rows = 20000;
    int64_t most;
    tend_table *joined = read_batches(whole.path, &o, &bad, arena, &most);
    ASSERT_EQ(most, 20000);
    assert_same_tables(whole.table, joined);
    tend_arena_free(arena);
    reading_done(&whole);
    tend_buf_done(&text);
}

TEST(batches_of_declared_columns_need_no_first_pass) {
    tend_field fields[] = {{.name = "a", .type = TEND_FLOAT, .has_type = true}, {.name = "b", .type = TEND_STRING, .has_type = true}};
    tend_schema schema = {.fields = fields, .n_fields = 2, .min_rows = -1, .max_rows = -1};
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.schema = &schema;
    o.batch_rows = 2;
    reading place = {0};
    const char *text = "a,b\n1,x\n2,y\nz,3\n4,5\n5,\n";
    write_file(&place, "in.csv", text, strlen(text));
    tend_arena *arena = tend_arena_new();
    tend_bad_rows bad;
    tend_bad_rows_init(&bad, arena);
    int64_t most;
    tend_table *table = read_batches(place.path, &o, &bad, arena, &most);
    ASSERT_EQ(table->n_rows, 5);
    ASSERT_EQ(table->columns[0].type, TEND_FLOAT);
    ASSERT_EQ(table->columns[1].type, TEND_STRING);
    ASSERT_EQ(bad.n_total, 1);
    ASSERT_EQ(bad.items[0].row, 0); /* of the second batch */
    ASSERT_EQ(bad.items[0].line, 4);
    tend_arena_free(arena);
}

TEST(latin1_cr_and_blanks_in_batches) {
    static const char *const TEXTS[] = {"a;b\n1;caf\xE9\n2;x\n3;\xE9t\xE9\n", "a,b\r1,x\r2,y\r3,z\r", "a   b\n1  7 \n22 8\n3   9\n"};
    for (size_t i = 0; i < 3; i++) {
        reading whole = read_csv(TEXTS[i]);
        ASSERT_SHAPE(whole, 3, 2);
        tend_arena *arena = tend_arena_new();
        tend_bad_rows bad;
        tend_bad_rows_init(&bad, arena);
        tend_read_options o = TEND_READ_OPTIONS_INIT;
        o.batch_rows = 1;
        int64_t most;
        assert_same_tables(whole.table, read_batches(whole.path, &o, &bad, arena, &most));
        ASSERT_EQ(bad.n_total, 0);
        tend_arena_free(arena);
        reading_done(&whole);
    }
}

/* ---- packed files ---- */

static size_t pack_gzip(const char *data, size_t size, char *out, size_t room) {
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)size;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t n = z.total_out;
    deflateEnd(&z);
    return n;
}

TEST(packed_files_are_unpacked) {
    tend_buf text = TEND_BUF_INIT;
    hard_text(&text, 5000, 3);
    reading plain = read_bytes("in.csv", text.data, text.size, NULL);
    size_t room = text.size + 1000;
    char *packed = malloc(room);
    size_t n = pack_gzip(text.data, text.size / 2, packed, room); /* two members, as `cat a.gz b.gz` makes them */
    n += pack_gzip(text.data + text.size / 2, text.size - text.size / 2, packed + n, room - n);
    reading gz = read_bytes("in.csv.gz", packed, n, NULL);
    ASSERT_READ(gz);
    assert_same_tables(plain.table, gz.table);
    ASSERT_STR_EQ(tend_node_string(tend_node_get(gz.notes, "compression"), ""), "gzip");
    n = ZSTD_compress(packed, room, text.data, text.size, 3);
    assert_false(ZSTD_isError(n));
    reading zst = read_bytes("in.csv.zst", packed, n, NULL);
    ASSERT_READ(zst);
    assert_same_tables(plain.table, zst.table);
    ASSERT_STR_EQ(tend_node_string(tend_node_get(zst.notes, "compression"), ""), "zstd");
    tend_arena *arena = tend_arena_new();
    tend_bad_rows bad;
    tend_bad_rows_init(&bad, arena);
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.batch_rows = 700;
    int64_t most;
    assert_same_tables(plain.table, read_batches(zst.path, &o, &bad, arena, &most));
    tend_arena_free(arena);
    reading_done(&plain);
    reading_done(&gz);
    reading_done(&zst);
    free(packed);
    tend_buf_done(&text);
}

TEST(damaged_packed_files_are_refused_with_the_place) {
    tend_buf text = TEND_BUF_INIT;
    hard_text(&text, 3000, 4);
    char *packed = malloc(text.size + 1000);
    size_t n = pack_gzip(text.data, text.size, packed, text.size + 1000);
    reading cut = read_bytes("cut.csv.gz", packed, n / 2, NULL);
    ASSERT_REFUSED(cut, CORRUPT, "ends too early, after byte");
    reading tail = read_bytes("tail.csv.gz", packed, n - 3, NULL); /* all the data, but not all of the checksum */
    ASSERT_REFUSED(tail, CORRUPT, "ends too early");
    packed[n / 2] ^= 0x40;
    reading flipped = read_bytes("flip.csv.gz", packed, n, NULL);
    ASSERT_REFUSED(flipped, CORRUPT, "damaged near byte");
    n = ZSTD_compress(packed, text.size + 1000, text.data, text.size, 3);
    reading zst = read_bytes("cut.csv.zst", packed, n - 10, NULL);
    ASSERT_REFUSED(zst, CORRUPT, "zstd data ends too early");
    packed[n / 2] ^= 0x11;
    packed[n / 2 + 1] ^= 0x77;
    reading zst_flip = read_bytes("flip.csv.zst", packed, n, NULL);
    ASSERT_FALSE(zst_flip.status == TEND_OK && zst_flip.bad.n_total == 0);
    reading_done(&cut);
    reading_done(&tail);
    reading_done(&flipped);
    reading_done(&zst);
    reading_done(&zst_flip);
    free(packed);
    tend_buf_done(&text);
}

TEST(a_first_field_without_end_in_batches) {
    size_t n = (16 << 20) + 100;
    char *text = malloc(n);
    memset(text, 'x', n);
    memcpy(text, "a,b\n1,\"", 7);
    reading place = {0};
    write_file(&place, "in.csv", text, n);
    free(text);
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.batch_rows = 10;
    tend_arena *arena = tend_arena_new();
    tend_bad_rows bad;
    tend_bad_rows_init(&bad, arena);
    tend_error err = TEND_ERROR_INIT;
    tend_reader *reader;
    tend_status status = tend_format_csv.open(place.path, &o, &bad, &reader, &err);
    ASSERT_TRUE(status == TEND_LIMIT || status == TEND_DATA);
    ASSERT_EQ(err.line, 2);
    tend_arena_free(arena);
}

/* Only the columns that the schema names are read: types of the others need not be found out, and they cannot be in the way. */
TEST(columns_that_nobody_names_are_left_out) {
    tend_buf text = TEND_BUF_INIT;
    hard_text(&text, 9000, 3);
    tend_field fields[] = {{.name = "k", .has_type = true, .type = TEND_STRING}, {.name = "id"}};
    tend_schema schema = {.fields = fields, .n_fields = 2, .min_rows = -1, .max_rows = -1};
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    reading all = read_bytes("in.csv", text.data, text.size, &o);
    o.schema = &schema;
    o.only_named = true;
    for (int64_t batch = 0; batch <= 3000; batch += 3000) { /* whole, then in batches */
        o.batch_rows = batch;
        TEND_AUTO(tend_arena) *arena = tend_arena_new();
        tend_bad_rows bad;
        tend_bad_rows_init(&bad, arena);
        tend_reader *reader = NULL;
        tend_table *table = NULL;
        tend_error err = TEND_ERROR_INIT;
        ASSERT_OK(tend_format_csv.open(all.path, &o, &bad, &reader, &err), &err);
        ASSERT_OK(reader->next(reader, arena, &table, &err), &err);
        ASSERT_EQ(table->n_columns, 2);
        ASSERT_STR_EQ(table->columns[0].name, "id"); /* in the file's order */
        ASSERT_EQ(table->columns[0].type, TEND_INT);
        for (int64_t i = 0; i < table->n_rows; i++) {
            ASSERT_EQ(table->columns[0].ints[i], tend_table_column(all.table, "id")->ints[i]);
            ASSERT_TRUE(tend_str_eq(tend_column_str(&table->columns[1], i), tend_column_str(tend_table_column(all.table, "k"), i)));
            ASSERT_EQ(table->line[i], all.table->line[i]);
        }
        ASSERT_TRUE(bad.n > 0); /* ragged rows are told all the same */
        reader->close(reader);
    }
    reading_done(&all);
    tend_buf_done(&text);
}
