/* The pull parser against the one that makes trees: what one takes, the other takes, with the same values; and its own promises. */
#include "base/node.h"
#include "data/json_pull.h"
#include "support/suite.h"

/* The document as a tree, by walking it. NULL: a fault. */
static tend_node *walk(tend_json_pull *p, tend_arena *arena) {
    tend_json_value v;
    tend_str key;
    if (!tend_json_scalar(p, &v))
        return NULL;
    switch (v.kind) {
    case TEND_JSON_STRING: {
        tend_node *node = tend_node_new_string(arena, "");
        node->text = tend_arena_strndup(arena, v.string.at, v.string.size);
        node->text_size = v.string.size;
        return node;
    }
    case TEND_JSON_INT: return tend_node_new_int(arena, v.whole);
    case TEND_JSON_DOUBLE: return tend_node_new_double(arena, v.number);
    case TEND_JSON_BOOL: return tend_node_new_bool(arena, v.truth);
    case TEND_JSON_OBJECT: {
        tend_node *map = tend_node_new_map(arena);
        tend_json_enter_object(p);
        while (tend_json_next_key(p, &key)) {
            tend_node *item = walk(p, arena);
            if (!item)
                return NULL;
            tend_node_set(arena, map, tend_arena_strndup(arena, key.at, key.size), item);
        }
        return p->fault ? NULL : map;
    }
    case TEND_JSON_ARRAY: {
        tend_node *list = tend_node_new_list(arena);
        tend_json_enter_array(p);
        while (tend_json_next_item(p)) {
            tend_node *item = walk(p, arena);
            if (!item)
                return NULL;
            tend_node_push(list, item);
        }
        return p->fault ? NULL : list;
    }
    case TEND_JSON_NULL:
    case TEND_JSON_NONE: break;
    }
    return tend_node_new(arena, TEND_NODE_NULL);
}

static tend_node *pulled(const char *text, size_t size, tend_arena *arena, tend_json_pull *p) {
    *p = tend_json_pull_init(text, size, arena);
    tend_node *node = walk(p, arena);
    return node && tend_json_pull_end(p) ? node : NULL;
}

static void check_same(const char *text, size_t size) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_json_pull p;
    tend_node *tree = NULL, *node = pulled(text, size, arena, &p);
    tend_status status = tend_json_parse(text, size, NULL, arena, &tree, NULL);
    if ((node != NULL) != (status == TEND_OK))
        fail_msg("'%.*s': pull %s, tree %s", (int)size, text, node ? "takes it" : p.fault, tend_status_name(status));
    if (node)
        ASSERT_TRUE(tend_node_equal(node, tree));
}

static const char *const documents[] = {"{}",
                                        "[]",
                                        " [ 1 , -2.5e3 , true,false,null, \"a\\u00e9\\n\\ud83d\\ude00\" ] ",
                                        "{\"a\":{\"b\":[{}]},\"c d\":\"\"}",
                                        "0",
                                        "-0",
                                        "\"x\"",
                                        "9223372036854775807",
                                        "9223372036854775808",
                                        "-9223372036854775808",
                                        "1e308",
                                        "1e309",
                                        "0.1e-400",
                                        "[1,]",
                                        "{\"a\":1,}",
                                        "{a:1}",
                                        "[01]",
                                        "[1.]",
                                        "[.5]",
                                        "[+1]",
                                        "[1e]",
                                        "[-]",
                                        "tru",
                                        "nulll",
                                        "\"a\nb\"",
                                        "\"\\x\"",
                                        "\"\\ud800\"",
                                        "\"\\udc00\"",
                                        "\"\\ud800\\u0041\"",
                                        "\"abc",
                                        "{\"a\"",
                                        "{\"a\":",
                                        "{\"a\":1",
                                        "[",
                                        "",
                                        " ",
                                        "[1 2]",
                                        "{\"a\" 1}",
                                        "1 2",
                                        "\xef\xbb\xbf{}",
                                        "\"\xc3\x28\"",
                                        "\"\xed\xa0\x80\"",
                                        "\"12345678\"",
                                        "\"1234567\\n\"",
                                        "\"12345678\xc3\xa9 and a longer text behind it\"",
                                        "\"1234567\x01\"",
                                        "NaN",
                                        "Infinity",
                                        "[\"\\u12\"]"};

TEST(takes_and_refuses_what_the_tree_parser_does) {
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        if (strncmp(documents[i], "\xef\xbb\xbf", 3) == 0) /* files may begin with a mark, requests may not */
            continue;
        check_same(documents[i], strlen(documents[i]));
    }
}

TEST(one_wrong_byte_anywhere_is_judged_alike) {
    static const char text[] = "{\"age\":39,\"town\":\"Bonn \\u00fc\",\"x\":[1.5e2,null,true],\"y\":{\"z\":-0.25}}";
    static const char bytes[] = "{}[]\",:\\ 0e-.tn\x01\x80u";
    for (size_t at = 0; at < sizeof text - 1; at++)
        for (size_t b = 0; b < sizeof bytes - 1; b++) {
            char copy[sizeof text];
            memcpy(copy, text, sizeof text);
            copy[at] = bytes[b];
            check_same(copy, sizeof text - 1);
        }
    for (size_t size = 0; size < sizeof text - 1; size++)
        check_same(text, size);
}

TEST(depth_is_bounded_and_a_fault_has_its_place) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF deep = TEND_BUF_INIT;
    tend_json_pull p;
    for (int i = 0; i < 100; i++)
        tend_buf_putc(&deep, '[');
    ASSERT_NULL(pulled(deep.data, deep.size, arena, &p));
    ASSERT_STR_EQ(p.fault, "nested too deeply");
    ASSERT_EQ(tend_json_pull_offset(&p), TEND_JSON_PULL_DEPTH);
    static const char text[] = "{\"a\": 1,\n \"b\": x}";
    int line, column;
    ASSERT_NULL(pulled(text, sizeof text - 1, arena, &p));
    tend_json_pull_place(&p, &line, &column);
    ASSERT_EQ(line, 2);
    ASSERT_EQ(column, 7);
}

TEST(skipping_gives_the_text_of_a_value) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    static const char text[] = "[ {\"a\": [1, {}]} , 2 ]";
    tend_json_pull p = tend_json_pull_init(text, sizeof text - 1, arena);
    tend_str raw;
    ASSERT_FALSE(tend_json_enter_object(&p));
    ASSERT_TRUE(tend_json_enter_array(&p));
    ASSERT_TRUE(tend_json_next_item(&p));
    ASSERT_TRUE(tend_json_skip(&p, &raw));
    ASSERT_TRUE(tend_str_is(raw, "{\"a\": [1, {}]}"));
    ASSERT_TRUE(tend_json_next_item(&p));
    ASSERT_TRUE(tend_json_skip(&p, &raw));
    ASSERT_TRUE(tend_str_is(raw, "2"));
    ASSERT_FALSE(tend_json_next_item(&p));
    ASSERT_TRUE(tend_json_pull_end(&p));
}
