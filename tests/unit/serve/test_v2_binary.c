/* The binary tensor extension: bytes behind the JSON. */
#include "serve/v2.h"
#include "unit/serve/serve_case.h"

static bool read_binary(serve_v2_request *r, const char *json, const void *tail, size_t size) {
    tend_json_pull pull = tend_json_pull_init(json, strlen(json), r->arena);
    ASSERT_TRUE(serve_v2_read(r, &pull));
    serve_v2_take_binary(r, (tend_str){tail, size});
    return serve_v2_check(r) && !r->n_faults;
}

static const char *input(tend_arena *arena, const char *name, const char *datatype, int n, size_t size) {
    return tend_arena_printf(arena, "{\"name\":\"%s\",\"shape\":[%d],\"datatype\":\"%s\",\"parameters\":{\"binary_data_size\":%zu}}", name,
                             n, datatype, size);
}

/* One value for each column, in the narrowest form that holds it. */
TEST(every_datatype_is_read) {
    static const struct {
        const char *datatype;
        size_t size;
        unsigned char bytes[8];
        const char *age;
    } cases[] = {{"UINT8", 1, {100}, "100"},
                 {"UINT16", 2, {100, 0}, "100"},
                 {"UINT32", 4, {100, 0, 0, 0}, "100"},
                 {"UINT64", 8, {100, 0, 0, 0, 0, 0, 0, 0}, "100"},
                 {"INT8", 1, {100}, "100"},
                 {"INT16", 2, {100, 0}, "100"},
                 {"INT32", 4, {100, 0, 0, 0}, "100"},
                 {"INT64", 8, {100, 0, 0, 0, 0, 0, 0, 0}, "100"},
                 {"FP16", 2, {0x40, 0x56}, "100"}, /* 0x5640: 2^(21 - 15) * (1 + 576 / 1024) */
                 {"FP32", 4, {0, 0, 0xC8, 0x42}, "100"},
                 {"FP64", 8, {0, 0, 0, 0, 0, 0, 0x59, 0x40}, "100"},
                 {"FP16", 2, {0x00, 0x7E}, "-"}, /* NaN: missing */
                 {"FP32", 4, {0, 0, 0xC0, 0x7F}, "-"},
                 {"BYTES", 7, {3, 0, 0, 0, '1', '0', '0'}, "100"}};
    serve_case c;
    case_open(&c, true);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        serve_v2_request r = {.arena = c.arena, .inputs = c.inputs, .max_rows = 10};
        const char *json =
            tend_arena_printf(c.arena, "{\"inputs\":[{\"name\":\"score\",\"shape\":[1],\"datatype\":\"FP64\",\"data\":[1]},%s]}",
                              input(c.arena, "age", cases[i].datatype, 1, cases[i].size));
        ASSERT_TRUE(read_binary(&r, json, cases[i].bytes, cases[i].size));
        tend_rows_clear(c.rows);
        serve_v2_fill(&r, c.rows);
        ASSERT_EQ(tend_rows_n_faults(c.rows), 0);
        ASSERT_STR_EQ(shown_cell(&c, 0, "age"), cases[i].age);
    }
    case_close(&c);
}

TEST(tensors_follow_each_other) {
    serve_case c;
    case_open(&c, false);
    TEND_AUTO_BUF tail = TEND_BUF_INIT;
    for (int64_t v = 30; v < 32; v++)
        tend_buf_u64(&tail, (uint64_t)v);
    tend_buf_str(&tail, "Bonn");
    tend_buf_str(&tail, "\xFF");
    tend_buf_f32(&tail, 0.1F);
    tend_buf_f32(&tail, NAN);
    tend_buf_append(&tail, "\1\0", 2);
    tend_buf_str(&tail, "1980-02-01");
    tend_buf_str(&tail, "");
    const char *json = tend_arena_printf(c.arena, "{\"inputs\":[%s,%s,%s,%s,%s]}", input(c.arena, "age", "INT64", 2, 16),
                                         input(c.arena, "town", "BYTES", 2, 13), input(c.arena, "score", "FP32", 2, 8),
                                         input(c.arena, "member", "BOOL", 2, 2), input(c.arena, "born", "BYTES", 2, 18));
    serve_v2_request r = {.arena = c.arena, .inputs = c.inputs, .max_rows = 10};
    ASSERT_TRUE(read_binary(&r, json, tail.data, tail.size));
    serve_v2_fill(&r, c.rows);
    ASSERT_STR_EQ(shown_cell(&c, 1, "age"), "31");
    ASSERT_STR_EQ(shown_cell(&c, 0, "town"), "Bonn");
    ASSERT_STR_EQ(shown_cell(&c, 0, "member"), "true");
    ASSERT_STR_EQ(shown_cell(&c, 1, "score"), "-");
    ASSERT_STR_EQ(shown_cell(&c, 0, "born"), "1980-02-01");
    ASSERT_TRUE(tend_rows_table(c.rows)->columns[tend_inputs_find(c.inputs, TEND_STR("score"), 0)].floats[0] == (double)0.1F);
    ASSERT_EQ(tend_rows_n_faults(c.rows), 1);
    ASSERT_STR_EQ(tend_rows_faults(c.rows)[0].found, "bytes that are not UTF-8");
    case_close(&c);
}

TEST(sizes_must_fit) {
    static const struct {
        const char *datatype;
        size_t size, tail;
        const char *expected;
    } cases[] = {{"INT64", 8, 7, "8 bytes behind the JSON"},
                 {"INT64", 7, 7, "whole values of INT64"},
                 {"INT64", 16, 16, "1 values, as the shape says"},
                 {"INT64", 8, 9, "nothing behind the last tensor"},
                 {"BYTES", 5, 5, "whole values of BYTES"}};
    static const unsigned char bytes[16] = {2};
    serve_case c;
    case_open(&c, true);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        serve_v2_request r = {.arena = c.arena, .inputs = c.inputs, .max_rows = 10};
        const char *json = tend_arena_printf(c.arena, "{\"inputs\":[%s]}", input(c.arena, "age", cases[i].datatype, 1, cases[i].size));
        bool there = false;
        ASSERT_FALSE(read_binary(&r, json, bytes, cases[i].tail));
        for (int f = 0; f < r.n_faults && !there; f++)
            there = strstr(r.faults[f].expected, cases[i].expected) != NULL;
        if (!there)
            fail_msg("case %zu: nothing is said of %s", i, cases[i].expected);
    }
    case_close(&c);
}
