#include "data/table.h"
#include "support/suite.h"

#include "base/log.h"

static tend_column ints_column(tend_arena *arena, const char *name, int n, int64_t missing_at) {
    tend_column_builder *b = tend_column_builder_new(arena, name, TEND_INT);
    for (int i = 0; i < n; i++) {
        if (i == missing_at)
            tend_column_add_missing(b);
        else
            tend_column_add_int(b, i * 10);
    }
    tend_column c;
    tend_column_build(b, &c);
    return c;
}

/* One column of each type and 20 rows; every fifth value is missing in some. */
static tend_table *sample(tend_arena *arena) {
    enum { N = 20 };
    tend_table *t = tend_table_new(arena, TEND_TYPE_COUNT, N);
    for (int type = 0; type < TEND_TYPE_COUNT; type++) {
        tend_column_builder *b = tend_column_builder_new(arena, tend_type_name((tend_type)type), (tend_type)type);
        for (int i = 0; i < N; i++) {
            if (type > 1 && i % 5 == 4)
                tend_column_add_missing(b);
            else if (type == TEND_FLOAT)
                tend_column_add_double(b, i / 3.0);
            else if (type == TEND_STRING)
                tend_column_add_string(b, (tend_str){"abcdefghijklmnopqrstuvwxyz", (size_t)i});
            else
                tend_column_add_int(b, type == TEND_BOOL ? i % 2 : type == TEND_TIMESTAMP ? i * INT64_C(3600000000) : i * 100);
        }
        tend_column_build(b, &t->columns[type]);
    }
    return t;
}

static const char *text_of(const tend_column *c, int64_t row) {
    static tend_buf text;
    tend_buf_clear(&text);
    tend_column_format(c, row, &text);
    return tend_buf_text(&text);
}

TEST(type_names) {
    tend_type type;
    for (int i = 0; i < TEND_TYPE_COUNT; i++) {
        ASSERT_TRUE(tend_type_parse(tend_type_name((tend_type)i), &type));
        ASSERT_EQ(type, i);
    }
    ASSERT_STR_EQ(tend_type_name(TEND_FLOAT), "number");
    static const struct {
        const char *word;
        tend_type type;
    } OTHERS[] = {{"float", TEND_FLOAT}, {"int", TEND_INT}, {"bool", TEND_BOOL}, {"text", TEND_STRING}, {"datetime", TEND_TIMESTAMP}};
    for (size_t i = 0; i < 5; i++) {
        ASSERT_TRUE(tend_type_parse(OTHERS[i].word, &type));
        ASSERT_EQ(type, OTHERS[i].type);
    }
    ASSERT_FALSE(tend_type_parse("blob", &type));
}

TEST(values_as_text_and_as_doubles) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *t = sample(arena);
    ASSERT_STR_EQ(text_of(&t->columns[TEND_BOOL], 1), "true");
    ASSERT_STR_EQ(text_of(&t->columns[TEND_INT], 3), "300");
    ASSERT_STR_EQ(text_of(&t->columns[TEND_FLOAT], 1), "0.3333333333333333");
    ASSERT_STR_EQ(text_of(&t->columns[TEND_STRING], 3), "abc");
    ASSERT_STR_EQ(text_of(&t->columns[TEND_DATE], 1), "1970-04-11"); /* day 100 */
    ASSERT_STR_EQ(text_of(&t->columns[TEND_TIMESTAMP], 1), "1970-01-01T01:00:00Z");
    ASSERT_STR_EQ(text_of(&t->columns[TEND_FLOAT], 4), "");
    ASSERT_NEAR(tend_column_double(&t->columns[TEND_INT], 3), 300, 0);
    ASSERT_TRUE(isnan(tend_column_double(&t->columns[TEND_FLOAT], 4)));
    ASSERT_TRUE(isnan(tend_column_double(&t->columns[TEND_STRING], 3)));
    tend_column_builder *b = tend_column_builder_new(arena, "x", TEND_INT);
    tend_column_add_int(b, INT64_MIN);
    tend_column_add_int(b, INT64_MAX);
    tend_column c;
    tend_column_build(b, &c);
    ASSERT_STR_EQ(text_of(&c, 0), "-9223372036854775808");
    ASSERT_STR_EQ(text_of(&c, 1), "9223372036854775807");
}

TEST(builders_keep_missing_values_apart) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_column full = ints_column(arena, "a", 9, -1), gap = ints_column(arena, "b", 9, 8);
    ASSERT_NULL(full.valid);
    ASSERT_EQ(gap.n_missing, 1);
    ASSERT_FALSE(tend_is_valid(&gap, 8));
    ASSERT_TRUE(tend_is_valid(&gap, 7));
    ASSERT_EQ(gap.ints[8], 0);
    tend_column_builder *b = tend_column_builder_new(arena, "f", TEND_FLOAT);
    tend_column_add_double(b, NAN);
    tend_column f;
    tend_column_build(b, &f);
    ASSERT_EQ(f.n_missing, 1);
    tend_column_builder *none = tend_column_builder_new(arena, "s", TEND_STRING);
    tend_column s;
    tend_column_build(none, &s);
    ASSERT_EQ(s.n_rows, 0);
    ASSERT_EQ(s.offsets[0], 0);
}

TEST(finding_columns) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *t = sample(arena);
    const tend_column *c;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_EQ(tend_table_find(t, "number"), TEND_FLOAT);
    ASSERT_EQ(tend_table_find(t, "nothing"), -1);
    ASSERT_NULL(tend_table_column(t, "nothing"));
    ASSERT_OK(tend_table_need(t, "date", &c, &err), &err);
    ASSERT_STR_EQ(c->name, "date");
    ASSERT_FAILS(tend_table_need(t, "nunber", &c, &err), &err, NOT_FOUND, "'nunber'");
    ASSERT_HAS(err.hint, "'number'");
    ASSERT_FAILS(tend_table_need(t, "zzzzzzzzz", &c, &err), &err, NOT_FOUND, "zzz");
    ASSERT_HAS(err.hint, "boolean, integer");
}

TEST(taking_rows) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *t = sample(arena);
    const int64_t rows[] = {19, 0, 4, 4, 7};
    tend_table *taken = tend_table_take(t, rows, 5, arena);
    ASSERT_EQ(taken->n_rows, 5);
    for (int c = 0; c < t->n_columns; c++)
        for (int i = 0; i < 5; i++) {
            char want[64];
            snprintf(want, sizeof want, "%s", text_of(&t->columns[c], rows[i]));
            ASSERT_STR_EQ(text_of(&taken->columns[c], i), want);
            ASSERT_EQ(tend_is_valid(&taken->columns[c], i), tend_is_valid(&t->columns[c], rows[i]));
        }
    ASSERT_EQ(taken->columns[TEND_FLOAT].n_missing, 3);
    const int64_t fine[] = {0, 1};
    ASSERT_NULL(tend_table_take(t, fine, 2, arena)->columns[TEND_FLOAT].valid);
}

TEST(slices_are_views) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *t = sample(arena);
    for (int64_t begin = 0; begin <= 20; begin++)
        for (int64_t n = 0; begin + n <= 20; n++) {
            tend_table *view = tend_table_slice(t, begin, n, arena);
            ASSERT_EQ(view->n_rows, n);
            for (int c = 0; c < t->n_columns; c++) {
                int64_t missing = 0;
                for (int64_t i = 0; i < n; i++) {
                    ASSERT_EQ(tend_is_valid(&view->columns[c], i), tend_is_valid(&t->columns[c], begin + i));
                    missing += !tend_is_valid(&view->columns[c], i);
                    ASSERT_TRUE(tend_table_row_equal(view, i, t, begin + i));
                }
                ASSERT_EQ(view->columns[c].n_missing, missing);
            }
        }
}

TEST(selecting_columns) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *t = sample(arena), *out = NULL;
    const char *names[] = {"string", "integer"}, *wrong[] = {"strin"};
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_table_select(t, names, 2, arena, &out, &err), &err);
    ASSERT_EQ(out->n_columns, 2);
    ASSERT_STR_EQ(out->columns[0].name, "string");
    ASSERT_TRUE(out->columns[1].ints == t->columns[TEND_INT].ints);
    ASSERT_FAILS(tend_table_select(t, wrong, 1, arena, &out, &err), &err, NOT_FOUND, "strin");
}

static char warnings[4096];
static void keep_warning(void *ctx, const tend_log_event *event) {
    (void)ctx;
    if (event->kind == TEND_LOG_WARNING)
        snprintf(warnings + strlen(warnings), sizeof warnings - strlen(warnings), "%s\n", event->what);
}

static tend_table *one_column(tend_arena *arena, tend_column c) {
    tend_table *t = tend_table_new(arena, 1, c.n_rows);
    t->columns[0] = c;
    return t;
}

TEST(one_under_the_other) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *a = sample(arena), *b = sample(arena), *out = NULL;
    b->n_columns = 2; /* lacks the others */
    tend_table *parts[] = {a, b};
    tend_error err = TEND_ERROR_INIT;
    tend_log_set_sink(keep_warning, NULL);
    warnings[0] = '\0';
    ASSERT_OK(tend_table_concat(parts, 2, arena, &out, &err), &err);
    tend_log_set_sink(NULL, NULL);
    ASSERT_EQ(out->n_rows, 40);
    ASSERT_EQ(out->n_columns, TEND_TYPE_COUNT);
    ASSERT_EQ(out->columns[TEND_INT].ints[21], 100);
    ASSERT_EQ(out->columns[TEND_STRING].n_missing, 4 + 20);
    ASSERT_HAS(warnings, "'string'");
    ASSERT_NULL(out->line);
}

TEST(types_that_differ_are_joined) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *source = sample(arena), *out = NULL;
    static const struct {
        tend_type first, second, joined;
        const char *text; /* of the first row of the second part, joined */
    } CASES[] = {{TEND_INT, TEND_FLOAT, TEND_FLOAT, "0"},
                 {TEND_FLOAT, TEND_INT, TEND_FLOAT, "0"},
                 {TEND_INT, TEND_STRING, TEND_STRING, ""},
                 {TEND_STRING, TEND_DATE, TEND_STRING, "1970-01-01"},
                 {TEND_BOOL, TEND_INT, TEND_STRING, "0"}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        tend_column a = source->columns[CASES[i].first], b = source->columns[CASES[i].second];
        a.name = b.name = "x";
        tend_table *parts[] = {one_column(arena, a), one_column(arena, b)};
        tend_error err = TEND_ERROR_INIT;
        ASSERT_OK(tend_table_concat(parts, 2, arena, &out, &err), &err);
        ASSERT_EQ(out->columns[0].type, CASES[i].joined);
        ASSERT_STR_EQ(text_of(&out->columns[0], 20), CASES[i].text);
    }
}

TEST(a_column_of_nothing_takes_the_others_type) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_column_builder *b = tend_column_builder_new(arena, "x", TEND_STRING);
    for (int i = 0; i < 3; i++)
        tend_column_add_missing(b);
    tend_column empty, dates = sample(arena)->columns[TEND_DATE];
    tend_column_build(b, &empty);
    dates.name = "x";
    for (int first = 0; first < 2; first++) {
        tend_table *parts[] = {one_column(arena, first ? empty : dates), one_column(arena, first ? dates : empty)}, *out = NULL;
        tend_error err = TEND_ERROR_INIT;
        ASSERT_OK(tend_table_concat(parts, 2, arena, &out, &err), &err);
        ASSERT_EQ(out->columns[0].type, TEND_DATE);
        ASSERT_EQ(out->columns[0].n_missing, 3 + 4);
    }
}

TEST(places_are_joined) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *files[] = {"data/a.csv", "data/b.csv"};
    const uint32_t lines[] = {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21};
    tend_table *parts[2], *out = NULL;
    for (int i = 0; i < 2; i++) {
        parts[i] = sample(arena);
        parts[i]->files = &files[i];
        parts[i]->n_files = 1;
        parts[i]->line = lines;
    }
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_table_concat(parts, 2, arena, &out, &err), &err);
    TEND_AUTO_BUF where = TEND_BUF_INIT;
    tend_table_where(out, 21, &where);
    tend_buf_putc(&where, ' ');
    tend_table_where(out, 0, &where);
    tend_buf_putc(&where, ' ');
    tend_table_where(sample(arena), 0, &where);
    ASSERT_STR_EQ(tend_buf_text(&where), "data/b.csv:3 data/a.csv:2 row 1");
}

TEST(equal_rows_have_equal_hashes_whatever_the_type) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    static const tend_type TYPES[] = {TEND_INT, TEND_FLOAT, TEND_STRING};
    tend_table *t[3];
    for (int k = 0; k < 3; k++) {
        tend_column_builder *b = tend_column_builder_new(arena, "x", TYPES[k]);
        for (int i = 0; i < 4; i++) {
            if (i == 3)
                tend_column_add_missing(b);
            else if (k == 0)
                tend_column_add_int(b, i * 7);
            else if (k == 1)
                tend_column_add_double(b, i * 7);
            else
                tend_column_add_string(b, i == 0 ? TEND_STR("0") : i == 1 ? TEND_STR("7") : TEND_STR("14"));
        }
        tend_column c;
        tend_column_build(b, &c);
        t[k] = one_column(arena, c);
    }
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            for (int i = 0; i < 4; i++)
                for (int j = 0; j < 4; j++) {
                    ASSERT_EQ(tend_table_row_equal(t[a], i, t[b], j), i == j);
                    ASSERT_EQ(tend_table_row_hash(t[a], i) == tend_table_row_hash(t[b], j), i == j);
                }
}

TEST(the_digest_is_of_the_content) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *a = sample(arena), *b = sample(arena);
    tend_digest x = tend_table_digest(a), y = tend_table_digest(b);
    ASSERT_TRUE(tend_digest_eq(&x, &y));
    /* The same rows by another way: a slice in the middle of a larger table. */
    tend_table *parts[] = {a, b, a}, *joined = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_table_concat(parts, 3, arena, &joined, &err), &err);
    y = tend_table_digest(tend_table_slice(joined, 20, 20, arena));
    ASSERT_TRUE(tend_digest_eq(&x, &y));
    /* Any other name, type, value or missing mark is another digest. */
    for (int change = 0; change < 4; change++) {
        tend_table *t = sample(arena);
        if (change == 0)
            t->columns[3].name = "strings";
        if (change == 1)
            t->columns[TEND_DATE].type = TEND_INT;
        int64_t *slots = tend_arena_memdup(arena, t->columns[TEND_INT].ints, 20 * 8);
        slots[19] += change == 2;
        t->columns[TEND_INT].ints = slots;
        if (change == 3) {
            uint8_t *valid = tend_arena_memdup(arena, t->columns[TEND_FLOAT].valid, 3);
            valid[0] ^= 2;
            t->columns[TEND_FLOAT].valid = valid;
        }
        y = tend_table_digest(t);
        ASSERT_FALSE(tend_digest_eq(&x, &y));
    }
}
