/* The table file: what goes in comes out, equal tables are equal bytes, and no damage passes. */
#include "data/table.h"
#include "support/suite.h"

#include "base/rng.h"

static tend_table *random_table(tend_arena *arena, int64_t n, bool places) {
    tend_rng rng;
    tend_rng_init(&rng, (uint64_t)n, "table");
    tend_table *t = tend_table_new(arena, TEND_TYPE_COUNT + 1, n);
    for (int i = 0; i <= TEND_TYPE_COUNT; i++) {
        tend_type type = (tend_type)(i % TEND_TYPE_COUNT);
        tend_column_builder *b = tend_column_builder_new(arena, i < TEND_TYPE_COUNT ? tend_type_name(type) : "", type);
        for (int64_t row = 0; row < n; row++) {
            if (i % 2 && tend_rng_below(&rng, 7) == 0)
                tend_column_add_missing(b);
            else if (type == TEND_FLOAT)
                tend_column_add_double(b, tend_rng_normal(&rng));
            else if (type == TEND_STRING)
                tend_column_add_string(b, (tend_str){"\xC3\xA9 some, \"text\"\n of any length at all", (size_t)tend_rng_below(&rng, 30)});
            else
                tend_column_add_int(b, type == TEND_BOOL ? (int64_t)tend_rng_below(&rng, 2) : (int64_t)tend_rng_next(&rng) >> 20);
        }
        tend_column_build(b, &t->columns[i]);
    }
    if (!places)
        return t;
    static const char *const FILES[] = {"a.csv", "b.csv"};
    uint32_t *line = TEND_ARRAY(arena, uint32_t, n);
    uint16_t *part = TEND_ARRAY(arena, uint16_t, n);
    for (int64_t row = 0; row < n; row++) {
        part[row] = row > n / 2;
        line[row] = (uint32_t)(row % (n / 2 + 1)) + 2;
    }
    t->line = line;
    t->part = part;
    t->files = FILES;
    t->n_files = 2;
    return t;
}

static void assert_same(const tend_table *a, const tend_table *b) {
    tend_digest x = tend_table_digest(a), y = tend_table_digest(b);
    ASSERT_TRUE(tend_digest_eq(&x, &y));
    ASSERT_EQ(a->n_files, b->n_files);
    ASSERT_EQ(a->line != NULL, b->line != NULL);
    ASSERT_EQ(a->part != NULL, b->part != NULL);
    for (int64_t i = 0; a->line && i < a->n_rows; i++)
        ASSERT_EQ(a->line[i], b->line[i]);
    for (int64_t i = 0; a->part && i < a->n_rows; i++)
        ASSERT_EQ(a->part[i], b->part[i]);
}

TEST(there_and_back) {
    static const int64_t SIZES[] = {0, 1, 7, 8, 1000, 300000}; /* the last: several blocks */
    for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
        TEND_AUTO(tend_arena) *arena = tend_arena_new();
        tend_table *t = random_table(arena, SIZES[i], i % 2), *back = NULL;
        TEND_AUTO_BUF bytes = TEND_BUF_INIT;
        tend_error err = TEND_ERROR_INIT;
        ASSERT_OK(tend_table_save(t, &bytes, &err), &err);
        ASSERT_OK(tend_table_load(bytes.data, bytes.size, arena, &back, &err), &err);
        assert_same(t, back);
        for (int c = 0; c < t->n_columns; c++)
            ASSERT_EQ(back->columns[c].n_missing, t->columns[c].n_missing);
    }
}

TEST(missing_floats_are_nan_again) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_column_builder *b = tend_column_builder_new(arena, "f", TEND_FLOAT);
    tend_column_add_missing(b);
    tend_column_add_double(b, -0.0);
    tend_table *t = tend_table_new(arena, 1, 2), *back = NULL;
    tend_column_build(b, &t->columns[0]);
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_table_save(t, &bytes, &err), &err);
    ASSERT_OK(tend_table_load(bytes.data, bytes.size, arena, &back, &err), &err);
    ASSERT_TRUE(isnan(back->columns[0].floats[0]));
    ASSERT_TRUE(signbit(back->columns[0].floats[1]));
}

TEST(equal_tables_are_equal_bytes) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *t = random_table(arena, 5000, false);
    tend_table *parts[] = {t, t}, *joined = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_table_concat(parts, 2, arena, &joined, &err), &err);
    TEND_AUTO_BUF a = TEND_BUF_INIT, b = TEND_BUF_INIT;
    ASSERT_OK(tend_table_save(t, &a, &err), &err);
    ASSERT_OK(tend_table_save(tend_table_slice(joined, 5000, 5000, arena), &b, &err), &err);
    ASSERT_EQ(a.size, b.size);
    ASSERT_MEM_EQ(a.data, b.data, a.size);
}

TEST(every_flipped_byte_is_found) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *t = random_table(arena, 60, true), *back = NULL;
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_table_save(t, &bytes, &err), &err);
    for (size_t i = 0; i < bytes.size; i++)
        for (int bit = 0; bit < 8; bit += 7) {
            bytes.data[i] ^= (char)(1 << bit);
            ASSERT_FAILS(tend_table_load(bytes.data, bytes.size, arena, &back, &err), &err, CORRUPT, "table file");
            bytes.data[i] ^= (char)(1 << bit);
        }
}

TEST(every_cut_is_found) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *t = random_table(arena, 60, true), *back = NULL;
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_table_save(t, &bytes, &err), &err);
    for (size_t size = 0; size < bytes.size; size++) {
        char *copy = malloc(size + 1); /* so that a read past the end is seen */
        memcpy(copy, bytes.data, size);
        ASSERT_FAILS(tend_table_load(copy, size, arena, &back, &err), &err, CORRUPT, "table file");
        free(copy);
    }
    tend_buf_putc(&bytes, 'x');
    ASSERT_FAILS(tend_table_load(bytes.data, bytes.size, arena, &back, &err), &err, CORRUPT, "table file");
}

/* The checksums made right again, as someone who means harm would. */
static void seal(tend_buf *bytes) {
    uint64_t meta_size, total = bytes->size;
    memcpy(&meta_size, bytes->data + 24, 8);
    memcpy(bytes->data + 16, &total, 8);
    uint64_t hash = tend_hash64(bytes->data + 48, meta_size, 1);
    memcpy(bytes->data + 32, &hash, 8);
    hash = tend_hash64(bytes->data, 40, 1);
    memcpy(bytes->data + 40, &hash, 8);
}

TEST(hostile_files_with_right_checksums_are_refused) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *t = random_table(arena, 60, true), *back = NULL;
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_table_save(t, &bytes, &err), &err);
    uint64_t meta_size;
    memcpy(&meta_size, bytes.data + 24, 8);
    int refused = 0, same = 0;
    for (size_t i = 48; i < 48 + meta_size; i++)
        for (int k = 0; k < 3; k++) {
            char before = bytes.data[i];
            bytes.data[i] = (char)(k == 0 ? 0xFF : k == 1 ? 0 : before + 1);
            if (bytes.data[i] == before)
                continue;
            seal(&bytes);
            tend_status status = tend_table_load(bytes.data, bytes.size, arena, &back, &err);
            if (status == TEND_OK)
                same++; /* a name or a type of the same width: another table, but a sound one */
            else
                refused++;
            ASSERT_TRUE(status == TEND_OK || status == TEND_CORRUPT);
            bytes.data[i] = before;
        }
    ASSERT_TRUE(refused > same);
    /* 2^63 rows, and a thousand million columns */
    uint64_t rows = UINT64_C(1) << 63;
    memcpy(bytes.data + 48, &rows, 8);
    seal(&bytes);
    ASSERT_FAILS(tend_table_load(bytes.data, bytes.size, arena, &back, &err), &err, CORRUPT, "impossible size");
    uint32_t columns = 1000000;
    rows = 60;
    memcpy(bytes.data + 48, &rows, 8);
    memcpy(bytes.data + 56, &columns, 4);
    seal(&bytes);
    ASSERT_FAILS(tend_table_load(bytes.data, bytes.size, arena, &back, &err), &err, CORRUPT, "impossible size");
}

TEST(a_newer_version_says_so) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *t = random_table(arena, 3, false), *back = NULL;
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_table_save(t, &bytes, &err), &err);
    bytes.data[8] = 2;
    seal(&bytes);
    ASSERT_FAILS(tend_table_load(bytes.data, bytes.size, arena, &back, &err), &err, UNSUPPORTED, "version 2");
    ASSERT_FAILS(tend_table_load("hello", 5, arena, &back, &err), &err, CORRUPT, "not a table file");
}

/* Version 1 as it was released: n = 1.5, missing, -2; s = "ab", "", "c"; lines 2, 3 and 5 of x.csv. Must load for ever. */
static const char VERSION_1[] =
    "\x54\x45\x4E\x44\x54\x42\x4C\x0A\x01\x00\x00\x00\x00\x00\x00\x00\x02\x01\x00\x00\x00\x00\x00\x00\x9E\x00\x00\x00"
    "\x00\x00\x00\x00\xD9\x11\xBD\x8A\x20\xC5\xBC\xE7\x65\x3A\x64\x3E\x7A\xDD\xF3\x7A\x03\x00\x00\x00\x00\x00\x00\x00"
    "\x02\x00\x00\x00\x01\x00\x00\x00\x6E\x02\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00"
    "\x00\x00\x73\x03\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x05\x00\x00\x00"
    "\x78\x2E\x63\x73\x76\x01\x05\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\xD0\x0D\x82\xE5\x94\x7E"
    "\x48\x8B\x18\x00\x00\x00\x18\x00\x00\x00\x07\x67\x55\x8C\xDC\x77\x6C\x54\x0C\x00\x00\x00\x0C\x00\x00\x00\x40\x49"
    "\x7F\xB9\x6C\xBC\xF3\x2C\x03\x00\x00\x00\x03\x00\x00\x00\x71\x03\x29\xD1\x6F\x61\xB8\xEC\x0C\x00\x00\x00\x0C\x00"
    "\x00\x00\x90\xF7\x1F\xCE\x9F\x14\xA4\x76\x05\x00\x00\x00\x00\x00\x00\xF8\x3F\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\xC0\x02\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x61\x62\x63\x02\x00\x00\x00\x01\x00"
    "\x00\x00\x02\x00\x00\x00";

TEST(version_1_still_loads) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *t = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_table_load(VERSION_1, sizeof VERSION_1 - 1, arena, &t, &err), &err);
    ASSERT_EQ(t->n_rows, 3);
    ASSERT_STR_EQ(t->columns[0].name, "n");
    ASSERT_NEAR(t->columns[0].floats[0], 1.5, 0);
    ASSERT_FALSE(tend_is_valid(&t->columns[0], 1));
    ASSERT_NEAR(t->columns[0].floats[2], -2, 0);
    ASSERT_TRUE(tend_str_is(tend_column_str(&t->columns[1], 0), "ab"));
    ASSERT_TRUE(tend_str_is(tend_column_str(&t->columns[1], 2), "c"));
    ASSERT_EQ(t->line[2], 5);
    ASSERT_STR_EQ(t->files[0], "x.csv");
}
