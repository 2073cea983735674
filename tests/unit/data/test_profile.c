/* Profiles: exact on small tables, the same however rows were split, mergeable, and back from JSON and bytes. */
#include "data/profile.h"

#include "base/rng.h"
#include "table_kit.h"

static tend_profile *profile_of(const kit *k) {
    tend_error err = TEND_ERROR_INIT;
    tend_profile *p = tend_profile_new();
    ASSERT_OK(tend_profile_add(p, k->table, NULL, k->table->n_rows, &err), &err);
    return p;
}

static const tend_node *column(const tend_profile *p, tend_arena *arena, int i) {
    return tend_node_at(tend_node_get(tend_profile_to_node(p, arena), "columns"), (size_t)i);
}

static void assert_json(const tend_profile *p, tend_arena *arena, int i, const char *want) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_json_format(column(p, arena, i), 0, &text);
    ASSERT_STR_EQ(tend_buf_text(&text), want);
}

static void assert_same(const tend_profile *a, const tend_profile *b, tend_arena *arena) {
    TEND_AUTO_BUF x = TEND_BUF_INIT, y = TEND_BUF_INIT;
    tend_json_format(tend_profile_to_node(a, arena), 2, &x);
    tend_json_format(tend_profile_to_node(b, arena), 2, &y);
    ASSERT_STR_EQ(tend_buf_text(&x), tend_buf_text(&y));
}

TEST(each_type_has_its_facts) {
    kit k = kit_new(5, 5);
    kit_texts(&k, "n", TEND_INT, CELLS("1", "2", "4", "8", ""));
    kit_texts(&k, "x", TEND_FLOAT, CELLS("-0.5", "0", "0.5", "inf", ""));
    kit_texts(&k, "b", TEND_BOOL, CELLS("1", "0", "1", "", ""));
    kit_texts(&k, "s", TEND_STRING, CELLS("ab", "ab", "\xc3\xa9", "", "c"));
    kit_texts(&k, "d", TEND_DATE, CELLS("0", "1", "2", "3", ""));
    tend_profile *p = profile_of(&k);
    ASSERT_EQ(tend_profile_rows(p), 5);
    /* numpy: quantile([1, 2, 4, 8], q), mean 3.75, std(ddof=1) 3.095695936834452 */
    assert_json(p, k.arena, 0,
                "{\"name\":\"n\",\"type\":\"integer\",\"count\":4,\"missing\":1,\"distinct\":4,\"distinct_exact\":true,\"min\":1,\"max\":8,"
                "\"mean\":3.75,\"sd\":3.095695936834452,\"quantiles\":{\"0.01\":1.03,\"0.05\":1.15,\"0.25\":1.75,\"0.5\":3,\"0.75\":5,"
                "\"0.95\":7.399999999999999,\"0.99\":7.879999999999999},\"quantiles_exact\":true,"
                "\"histogram\":{\"edges\":[1,2,3,4,5,6,7,8,9],\"counts\":[1,1,0,1,0,0,0,1]},"
                "\"zeros\":0,\"negatives\":0}");
    const tend_node *x = column(p, k.arena, 1);
    ASSERT_EQ(tend_node_int(tend_node_get(x, "infinite"), 0), 1);
    ASSERT_EQ(tend_node_int(tend_node_get(x, "count"), 0), 4);
    ASSERT_EQ(tend_node_int(tend_node_get(x, "zeros"), 0), 1);
    ASSERT_EQ(tend_node_int(tend_node_get(x, "negatives"), 0), 1);
    ASSERT_NEAR(tend_node_double(tend_node_get(x, "max"), 0), 0.5, 0);
    assert_json(p, k.arena, 2,
                "{\"name\":\"b\",\"type\":\"boolean\",\"count\":3,\"missing\":2,\"distinct\":2,\"distinct_exact\":true,"
                "\"mean\":0.6666666666666666,\"top\":[{\"value\":\"true\",\"count\":2},{\"value\":\"false\",\"count\":1}]}");
    assert_json(p, k.arena, 3,
                "{\"name\":\"s\",\"type\":\"string\",\"count\":4,\"missing\":1,\"distinct\":3,\"distinct_exact\":true,"
                "\"top\":[{\"value\":\"ab\",\"count\":2},{\"value\":\"c\",\"count\":1},{\"value\":\"\xc3\xa9\",\"count\":1}],"
                "\"length\":{\"min\":1,\"mean\":1.5,\"max\":2}}");
    const tend_node *d = column(p, k.arena, 4);
    ASSERT_STR_EQ(tend_node_string(tend_node_get(d, "max"), ""), "1970-01-04");
    ASSERT_STR_EQ(tend_node_string(tend_node_get(tend_node_get(d, "quantiles"), "0.75"), ""), "1970-01-03"); /* 2.25 days */
    tend_profile_free(p);
    kit_done(&k);
}

TEST(nothing_has_no_mean) {
    kit k = kit_new(3, 2);
    kit_texts(&k, "x", TEND_FLOAT, CELLS("", ""));
    kit_texts(&k, "s", TEND_STRING, CELLS("", ""));
    kit_texts(&k, "b", TEND_BOOL, CELLS("", ""));
    tend_profile *p = profile_of(&k), *none = tend_profile_new();
    const tend_node *x = column(p, k.arena, 0);
    ASSERT_EQ(tend_node_get(x, "mean")->kind, TEND_NODE_NULL);
    ASSERT_EQ(tend_node_get(x, "min")->kind, TEND_NODE_NULL);
    ASSERT_EQ(tend_node_int(tend_node_get(x, "missing"), 0), 2);
    ASSERT_EQ(tend_node_path(column(p, k.arena, 1), "length.mean")->kind, TEND_NODE_NULL);
    ASSERT_EQ(tend_node_get(tend_profile_to_node(none, k.arena), "columns")->count, 0);
    tend_profile_free(p);
    tend_profile_free(none);
    kit_done(&k);
}

TEST(large_integers_are_not_rounded) {
    kit k = kit_new(1, 3);
    kit_texts(&k, "n", TEND_INT, CELLS("9007199254740993", "-9223372036854775808", "9007199254740992"));
    tend_profile *p = profile_of(&k);
    ASSERT_EQ(tend_node_int(tend_node_get(column(p, k.arena, 0), "max"), 0), INT64_C(9007199254740993));
    ASSERT_EQ(tend_node_int(tend_node_get(column(p, k.arena, 0), "min"), 0), INT64_MIN);
    ASSERT_EQ(tend_node_int(tend_node_get(column(p, k.arena, 0), "distinct"), 0), 3);
    tend_profile_free(p);
    kit_done(&k);
}

/* ---- larger ---- */

enum { N = 20000 };
static double uniform(int64_t i) {
    tend_rng rng;
    tend_rng_init(&rng, (uint64_t)i, "u");
    return i % 97 == 0 ? (double)NAN : tend_rng_uniform(&rng);
}
static double serial(int64_t i) { return (double)i * 3; }
static const char *level(int64_t i) { return i % 10 == 0 ? NULL : i % 3 ? "often" : "seldom"; }
static const char *unique(int64_t i) {
    static char text[24];
    snprintf(text, sizeof text, "row %d", (int)i);
    return text;
}

static kit large(void) {
    kit k = kit_new(4, N);
    kit_numbers(&k, "u", TEND_FLOAT, uniform);
    kit_numbers(&k, "i", TEND_INT, serial);
    kit_strings(&k, "level", level);
    kit_strings(&k, "unique", unique);
    return k;
}

TEST(large_columns_are_summed_up_within_their_errors) {
    kit k = large();
    tend_profile *p = profile_of(&k);
    const tend_node *u = column(p, k.arena, 0), *i = column(p, k.arena, 1), *s = column(p, k.arena, 2), *t = column(p, k.arena, 3);
    const tend_node *quantiles = tend_node_get(u, "quantiles");
    ASSERT_NEAR(tend_node_double(tend_node_get(quantiles, "0.5"), 0), 0.5, 0.02);
    ASSERT_NEAR(tend_node_double(tend_node_get(quantiles, "0.95"), 0), 0.95, 0.02);
    ASSERT_FALSE(tend_node_bool(tend_node_get(u, "quantiles_exact"), true));
    ASSERT_NEAR(tend_node_double(tend_node_get(u, "mean"), 0), 0.5, 0.01);
    ASSERT_NEAR(tend_node_double(tend_node_get(i, "mean"), 0), 1.5 * (N - 1), 1e-6);
    ASSERT_NEAR(tend_node_double(tend_node_get(i, "distinct"), 0), N, N * 0.05);
    int64_t total = 0;
    TEND_NODE_EACH(count, tend_node_path(i, "histogram.counts"))
        total += count->integer;
    ASSERT_EQ(total, N);
    ASSERT_EQ(tend_node_int(tend_node_path(s, "top.0.count"), 0), 12000);
    ASSERT_STR_EQ(tend_node_string(tend_node_path(s, "top.0.value"), ""), "often");
    ASSERT_NULL(tend_node_get(s, "top_error"));
    ASSERT_TRUE(tend_node_int(tend_node_get(t, "top_error"), 0) > 0);
    tend_profile_free(p);
    kit_done(&k);
}

TEST(batches_of_any_size_give_the_same_profile) {
    kit k = large();
    tend_error err = TEND_ERROR_INIT;
    tend_profile *whole = profile_of(&k), *parts = tend_profile_new();
    for (int64_t at = 0, n = 1; at < N; at += n, n = n * 5 % 4999 + 1) {
        n = at + n < N ? n : N - at;
        tend_table *batch = tend_table_slice(k.table, at, n, k.arena);
        ASSERT_OK(tend_profile_add(parts, batch, NULL, n, &err), &err);
    }
    assert_same(whole, parts, k.arena);
    tend_profile_free(parts);
    int64_t rows[N];
    for (int64_t i = 0; i < N; i++)
        rows[i] = i;
    parts = tend_profile_new();
    ASSERT_OK(tend_profile_add(parts, k.table, rows, N / 3, &err), &err);
    ASSERT_OK(tend_profile_add(parts, k.table, rows + N / 3, N - N / 3, &err), &err);
    assert_same(whole, parts, k.arena);
    tend_profile_free(whole);
    tend_profile_free(parts);
    kit_done(&k);
}

TEST(merging_adds_up) {
    kit k = large();
    tend_error err = TEND_ERROR_INIT;
    tend_profile *whole = profile_of(&k), *merged = tend_profile_new();
    for (int64_t at = 0; at < N; at += 1777) {
        tend_profile *part = tend_profile_new();
        int64_t n = at + 1777 < N ? 1777 : N - at;
        ASSERT_OK(tend_profile_add(part, tend_table_slice(k.table, at, n, k.arena), NULL, n, &err), &err);
        ASSERT_OK(tend_profile_merge(merged, part, &err), &err);
        tend_profile_free(part);
    }
    ASSERT_EQ(tend_profile_rows(merged), N);
    for (int c = 0; c < 4; c++) {
        const tend_node *a = column(whole, k.arena, c), *b = column(merged, k.arena, c);
        static const char *const exact[] = {"count", "missing", "distinct", "min", "max", "histogram", "zeros", "negatives", "length"};
        for (size_t i = 0; i < sizeof exact / sizeof exact[0]; i++) {
            const tend_node *x = tend_node_get(a, exact[i]), *y = tend_node_get(b, exact[i]);
            ASSERT_TRUE((!x && !y) || tend_node_equal(x, y));
        }
        ASSERT_NEAR(tend_node_double(tend_node_get(b, "mean"), 0), tend_node_double(tend_node_get(a, "mean"), 0), 1e-9);
        ASSERT_NEAR(tend_node_double(tend_node_get(b, "sd"), 0), tend_node_double(tend_node_get(a, "sd"), 0), 1e-6);
    }
    ASSERT_NEAR(tend_node_double(tend_node_get(tend_node_get(column(merged, k.arena, 0), "quantiles"), "0.25"), 0), 0.25, 0.02);
    tend_profile_free(whole);
    tend_profile_free(merged);
    kit_done(&k);
}

TEST(integers_and_numbers_go_together) {
    kit a = kit_new(1, 2), b = kit_new(1, 2), c = kit_new(1, 2), d = kit_new(1, 2);
    kit_texts(&a, "x", TEND_INT, CELLS("1", "2"));
    kit_texts(&b, "x", TEND_FLOAT, CELLS("2", "2.5"));
    kit_texts(&c, "x", TEND_STRING, CELLS("2", "2.5"));
    kit_texts(&d, "y", TEND_INT, CELLS("2", "2"));
    tend_error err = TEND_ERROR_INIT;
    tend_profile *p = profile_of(&a), *q = profile_of(&c);
    ASSERT_OK(tend_profile_add(p, b.table, NULL, 2, &err), &err);
    ASSERT_STR_EQ(tend_node_string(tend_node_get(column(p, a.arena, 0), "type"), ""), "number");
    ASSERT_EQ(tend_node_int(tend_node_get(column(p, a.arena, 0), "distinct"), 0), 3);
    ASSERT_FAILS(tend_profile_add(p, c.table, NULL, 2, &err), &err, INVALID,
                 "column 'x' is of type string, but the profile has it as number");
    ASSERT_FAILS(tend_profile_merge(p, q, &err), &err, INVALID, "type string");
    ASSERT_FAILS(tend_profile_add(p, d.table, NULL, 2, &err), &err, NOT_FOUND, "'x'");
    ASSERT_EQ(tend_profile_rows(p), 4);
    tend_profile_free(p);
    tend_profile_free(q);
    kit_done(&a);
    kit_done(&b);
    kit_done(&c);
    kit_done(&d);
}

TEST(bytes_give_the_profile_back) {
    kit k = large();
    tend_error err = TEND_ERROR_INIT;
    tend_profile *p = profile_of(&k), *back = NULL;
    TEND_AUTO_BUF bytes = TEND_BUF_INIT, again = TEND_BUF_INIT;
    tend_profile_save(p, &bytes);
    ASSERT_OK(tend_profile_load(bytes.data, bytes.size, &back, &err), &err);
    assert_same(p, back, k.arena);
    tend_profile_save(back, &again);
    ASSERT_EQ(again.size, bytes.size);
    ASSERT_MEM_EQ(again.data, bytes.data, bytes.size);
    ASSERT_OK(tend_profile_merge(back, p, &err), &err);
    ASSERT_EQ(tend_profile_rows(back), 2 * N);
    tend_profile_free(p);
    tend_profile_free(back);
    kit_done(&k);
}

TEST(broken_bytes_are_refused) {
    kit k = kit_new(2, 3);
    kit_texts(&k, "x", TEND_FLOAT, CELLS("1", "2", ""));
    kit_texts(&k, "s", TEND_STRING, CELLS("a", "b", ""));
    tend_error err = TEND_ERROR_INIT;
    tend_profile *p = profile_of(&k), *back = NULL;
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_profile_save(p, &bytes);
    for (size_t i = 0; i < bytes.size; i++) {
        ASSERT_TRUE(tend_profile_load(bytes.data, i, &back, &err) != TEND_OK);
        bytes.data[i] = (char)(bytes.data[i] ^ 0x10);
        ASSERT_TRUE(tend_profile_load(bytes.data, bytes.size, &back, &err) != TEND_OK);
        /* as if the writer had gone wrong: the checksum fits what is broken */
        uint64_t hash = tend_hash64(bytes.data, bytes.size - 8, 0);
        char *forged = malloc(bytes.size);
        memcpy(forged, bytes.data, bytes.size - 8);
        memcpy(forged + bytes.size - 8, &hash, 8);
        tend_profile *odd = NULL;
        if (tend_profile_load(forged, bytes.size, &odd, &err) == TEND_OK)
            tend_profile_to_node(odd, k.arena);
        tend_profile_free(odd);
        free(forged);
        bytes.data[i] = (char)(bytes.data[i] ^ 0x10);
    }
    ASSERT_NULL(back);
    tend_profile_free(p);
    kit_done(&k);
}

TEST(json_gives_the_summary_back) {
    kit k = large();
    tend_error err = TEND_ERROR_INIT;
    tend_profile *p = profile_of(&k), *summary = NULL, *loaded = NULL;
    ASSERT_OK(tend_profile_from_node(tend_profile_to_node(p, k.arena), &summary, &err), &err);
    assert_same(p, summary, k.arena);
    ASSERT_FAILS(tend_profile_add(summary, k.table, NULL, 1, &err), &err, UNSUPPORTED, "summary only");
    ASSERT_FAILS(tend_profile_merge(p, summary, &err), &err, UNSUPPORTED, "summary only");
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_profile_save(summary, &bytes);
    ASSERT_OK(tend_profile_load(bytes.data, bytes.size, &loaded, &err), &err);
    assert_same(p, loaded, k.arena);
    tend_profile *none = NULL;
    ASSERT_FAILS(tend_profile_from_node(NULL, &none, &err), &err, CORRUPT, "found nothing");
    ASSERT_FAILS(tend_profile_from_node(tend_node_new_map(k.arena), &none, &err), &err, CORRUPT, "rows and columns");
    tend_profile_free(p);
    tend_profile_free(summary);
    tend_profile_free(loaded);
    kit_done(&k);
}
