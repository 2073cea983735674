#include "support/suite.h"

#include "base/node.h"
#include "base/rng.h"

static tend_node *parse(tend_arena *arena, const char *text) {
    tend_error err = TEND_ERROR_INIT;
    tend_node *node = NULL;
    ASSERT_OK(tend_json_parse(text, strlen(text), "t.json", arena, &node, &err), &err);
    return node;
}

static const char *formatted(const tend_node *node, int indent) {
    static tend_buf out;
    tend_buf_clear(&out);
    tend_json_format(node, indent, &out);
    static char text[8192];
    snprintf(text, sizeof text, "%s", tend_buf_text(&out));
    tend_buf_done(&out);
    return text;
}

TEST(values_have_their_kinds) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const tend_node *n = parse(arena, " {\"i\": -12, \"f\": 1.50, \"e\": 1E2, \"s\": \"x\", \"t\": true, \"n\": null,"
                                      "\"l\": [], \"m\": {}, \"big\": 12345678901234567890, \"z\": -0} ");
    ASSERT_EQ(n->count, 10);
    ASSERT_EQ(tend_node_get(n, "i")->integer, -12);
    ASSERT_EQ(tend_node_get(n, "i")->kind, TEND_NODE_INT);
    ASSERT_NEAR(tend_node_get(n, "f")->number, 1.5, 0);
    ASSERT_STR_EQ(tend_node_get(n, "f")->text, "1.50");
    ASSERT_EQ(tend_node_get(n, "e")->kind, TEND_NODE_FLOAT);
    ASSERT_TRUE(tend_node_get(n, "s")->quoted);
    ASSERT_EQ(tend_node_get(n, "t")->kind, TEND_NODE_BOOL);
    ASSERT_EQ(tend_node_get(n, "n")->kind, TEND_NODE_NULL);
    ASSERT_EQ(tend_node_get(n, "l")->kind, TEND_NODE_LIST);
    ASSERT_EQ(tend_node_get(n, "m")->kind, TEND_NODE_MAP);
    ASSERT_EQ(tend_node_get(n, "big")->kind, TEND_NODE_FLOAT);
    ASSERT_STR_EQ(tend_node_get(n, "big")->text, "12345678901234567890");
    ASSERT_TRUE(signbit(tend_node_get(n, "z")->number));
}

TEST(spans_point_into_the_text) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const tend_node *n = parse(arena, "{\n  \"caf\xC3\xA9\": [1,\n    22.5]\n}");
    const tend_node *list = n->first;
    ASSERT_STR_EQ(list->span.file, "t.json");
    ASSERT_EQ(list->key_span.line, 2);
    ASSERT_EQ(list->key_span.column, 3);
    ASSERT_EQ(list->key_span.length, 7);
    ASSERT_EQ(list->span.line, 2);
    ASSERT_EQ(list->span.column, 12);
    const tend_node *number = tend_node_at(list, 1);
    ASSERT_EQ(number->span.line, 3);
    ASSERT_EQ(number->span.column, 5);
    ASSERT_EQ(number->span.length, 4);
}

TEST(escapes_become_characters) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const tend_node *n = parse(arena, "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\"");
    ASSERT_STR_EQ(n->text, "\"\\/\b\f\n\r\tA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    n = parse(arena, "\"a\\u0000b\"");
    ASSERT_EQ(n->text_size, 3);
    ASSERT_MEM_EQ(n->text, "a\0b", 4);
}

TEST(what_is_wrong_is_told_with_its_place) {
    static const struct {
        const char *text, *part;
        unsigned line, column;
    } cases[] = {
        {"", "expected a value, found the end of the text", 1, 1},
        {"{\"a\": 1,\n \"b\" 2}", "expected ':' after a key, found '2'", 2, 6},
        {"{\"a\": 1\n \"b\": 2}", "expected ',' or '}' after a value, found '\"'", 2, 2},
        {"[1 2]", "expected ',' or ']' after a list's item, found '2'", 1, 4},
        {"[1,]", "expected a further entry after ',', found ']'", 1, 4},
        {"{\"a\":1,}", "expected a further entry after ',', found '}'", 1, 8},
        {"{a: 1}", "expected a key in double quotes, found 'a'", 1, 2},
        {"{'a': 1}", "expected a key in double quotes, found '''", 1, 2},
        {"[1", "found the end of the text", 1, 3},
        {"1 2", "expected nothing more after the value, found '2'", 1, 3},
        {"[tru]", "expected a value, found 't'", 1, 2},
        {"[truely]", "expected a value", 1, 2},
        {"NaN", "expected a value, found 'N'", 1, 1},
        {"[01]", "must not start with 0", 1, 2},
        {"[-]", "expected a digit, found ']'", 1, 3},
        {"[1.]", "expected a digit after the decimal point", 1, 4},
        {"[.5]", "expected a value, found '.'", 1, 2},
        {"[+1]", "expected a value, found '+'", 1, 2},
        {"[1e]", "expected a digit of the exponent", 1, 4},
        {"[1e999]", "too large", 1, 2},
        {"\"abc", "no closing quote", 1, 1},
        {"\"abc\\", "no closing quote", 1, 1},
        {"[\"a\tb\"]", "expected an escape such as \\n", 1, 4},
        {"\"a\nb\"", "found the byte 0x0A", 1, 3},
        {"\"\\x\"", "unknown escape", 1, 2},
        {"\"\\u12g4\"", "four hexadecimal digits", 1, 2},
        {"\"\\ud800\"", "second half", 1, 2},
        {"\"\\ud800\\u0041\"", "second half", 1, 2},
        {"\"\\udc00\"", "without the first", 1, 2},
        {"\"a\xFF\"", "the byte 0xFF is not valid UTF-8", 1, 3},
        {"\"\xED\xA0\x80\"", "not valid UTF-8", 1, 2},
        {"\xEF\xBB\xBF{}", "byte order mark", 1, 1},
        {"{\"a\":1,\n\"a\":2}", "duplicate key 'a' (first at line 1, column 2)", 2, 1},
        {"{\"a\\u0000b\":1}", "must not hold", 1, 2},
        {"/* c */ 1", "expected a value, found '/'", 1, 1},
        {"[\x01]", "found the byte 0x01", 1, 2},
        {"[\xC3\xA9]", "found '\xC3\xA9'", 1, 2},
    };
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tend_error err = TEND_ERROR_INIT;
        tend_node *node = NULL;
        tend_status status = tend_json_parse(cases[i].text, strlen(cases[i].text), "t.json", arena, &node, &err);
        ASSERT_FAILS(status, &err, DATA, cases[i].part);
        if (err.line != cases[i].line || err.column != cases[i].column)
            fail_msg("%s: told at %u:%u, want %u:%u", cases[i].text, err.line, err.column, cases[i].line, cases[i].column);
        ASSERT_STR_EQ(err.file, "t.json");
        ASSERT_NULL(node);
    }
}

TEST(habits_of_other_notations_get_a_hint) {
    static const struct {
        const char *text, *hint;
    } cases[] = {
        {"[NaN]", "use null"},
        {"[-Infinity]", "no infinity"},
        {"[None]", "null"},
        {"{\"a\": 'x'}", "double quotes"},
        {"[1, // one\n2]", "no comments"},
        {"[1,]", "take the comma"},
    };
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tend_error err = TEND_ERROR_INIT;
        tend_node *node;
        ASSERT_FAILS(tend_json_parse(cases[i].text, strlen(cases[i].text), NULL, arena, &node, &err), &err, DATA, "expected");
        ASSERT_HAS(err.hint, cases[i].hint);
    }
}

TEST(many_keys_are_checked_for_duplicates) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_buf_putc(&text, '{');
    for (int i = 0; i < 20000; i++)
        tend_buf_printf(&text, "\"k%d\":%d,\n", i, i);
    size_t size = text.size;
    tend_buf_puts(&text, "\"k12345\":0}");
    tend_node *node = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(tend_json_parse(text.data, text.size, NULL, arena, &node, &err), &err, DATA, "duplicate key 'k12345'");
    ASSERT_EQ(err.line, 20001);
    text.data[size + 2] = 'x';
    ASSERT_OK(tend_json_parse(text.data, text.size, NULL, arena, &node, &err), &err);
    ASSERT_EQ(tend_node_int(tend_node_get(node, "k19999"), 0), 19999);
}

TEST(depth_is_bounded) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    char text[200001];
    tend_error err = TEND_ERROR_INIT;
    tend_node *node = NULL;
    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    ASSERT_OK(tend_json_parse(text, 128, NULL, arena, &node, &err), &err);
    memset(text, '[', sizeof text);
    ASSERT_FAILS(tend_json_parse(text, sizeof text, NULL, arena, &node, &err), &err, DATA, "64 levels");
    ASSERT_EQ(err.column, 65);
}

TEST(formatting_is_compact_or_indented) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const tend_node *n = parse(arena, "{\"a\":[1,2.50,{}],\"b\":{\"c\":[],\"d\":\"x\\n\"}}");
    ASSERT_STR_EQ(formatted(n, 0), "{\"a\":[1,2.50,{}],\"b\":{\"c\":[],\"d\":\"x\\n\"}}");
    ASSERT_STR_EQ(formatted(n, 2), "{\n  \"a\": [\n    1,\n    2.50,\n    {}\n  ],\n  \"b\": {\n    \"c\": [],\n"
                                   "    \"d\": \"x\\n\"\n  }\n}");
    ASSERT_STR_EQ(formatted(NULL, 2), "null");
    ASSERT_STR_EQ(formatted(tend_node_new_double(arena, 0.1), 0), "0.1");
    ASSERT_STR_EQ(formatted(tend_node_new_int(arena, INT64_MIN), 0), "-9223372036854775808");
}

TEST(odd_texts_make_valid_json) {
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_json_escape(&out, "a\0\x01\x1F\x7F\"\\/\xC3\xA9", 10);
    ASSERT_STR_EQ(tend_buf_text(&out), "\"a\\u0000\\u0001\\u001f\\u007f\\\"\\\\/\xC3\xA9\"");
    tend_buf_clear(&out);
    tend_json_escape(&out, "x\xFFy\xC3\xA9\xE2\x82", 7);
    ASSERT_STR_EQ(tend_buf_text(&out), "\"x\xEF\xBF\xBDy\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

/* A tree of random shape and content. */
static tend_node *random_node(tend_arena *arena, tend_rng *rng, int depth) {
    switch (tend_rng_below(rng, depth > 5 ? 5 : 7)) {
    case 0: return tend_node_new(arena, TEND_NODE_NULL);
    case 1: return tend_node_new_bool(arena, tend_rng_next(rng) & 1);
    case 2: return tend_node_new_int(arena, (int64_t)(tend_rng_next(rng) >> tend_rng_below(rng, 64)));
    case 3: return tend_node_new_double(arena, tend_rng_normal(rng) * pow(10, (double)tend_rng_below(rng, 40) - 20));
    case 4: {
        char text[16] = {0};
        for (size_t i = 0; i < 15; i++)
            text[i] = (char)(1 + tend_rng_below(rng, 127));
        return tend_node_new_string(arena, text);
    }
    case 5: {
        tend_node *list = tend_node_new_list(arena);
        for (uint64_t n = tend_rng_below(rng, 5); n > 0; n--)
            tend_node_push(list, random_node(arena, rng, depth + 1));
        return list;
    }
    default: {
        tend_node *map = tend_node_new_map(arena);
        for (uint64_t n = tend_rng_below(rng, 20); n > 0; n--)
            tend_node_set(arena, map, tend_arena_printf(arena, "k\"%d", (int)n), random_node(arena, rng, depth + 1));
        return map;
    }
    }
}

TEST(what_is_formatted_parses_back_equal) {
    tend_rng rng;
    tend_rng_init(&rng, 3, "json");
    for (int i = 0; i < 500; i++) {
        TEND_AUTO(tend_arena) *arena = tend_arena_new();
        TEND_AUTO_BUF text = TEND_BUF_INIT;
        const tend_node *node = random_node(arena, &rng, 0);
        tend_json_format(node, i % 3, &text);
        tend_node *back = NULL;
        tend_error err = TEND_ERROR_INIT;
        ASSERT_OK(tend_json_parse(tend_buf_text(&text), text.size, NULL, arena, &back, &err), &err);
        ASSERT_TRUE(tend_node_equal(node, back));
        TEND_AUTO_BUF again = TEND_BUF_INIT;
        tend_json_format(back, i % 3, &again);
        ASSERT_STR_EQ(tend_buf_text(&again), tend_buf_text(&text));
    }
}
