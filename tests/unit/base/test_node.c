#include "support/suite.h"

#include "base/node.h"

static tend_node *sample(tend_arena *arena) {
    tend_node *root = tend_node_new_map(arena);
    tend_node_set_string(arena, root, "name", "census");
    tend_node_set_int(arena, root, "rows", 48842);
    tend_node_set_double(arena, root, "auc", 0.927);
    tend_node_set_bool(arena, root, "done", true);
    tend_node_set_string(arena, root, "note", NULL);
    tend_node *runs = tend_node_set_list(arena, root, "runs");
    tend_node *run = tend_node_push(runs, tend_node_new_map(arena));
    tend_node_set_string(arena, run, "id", "r1");
    tend_node_push(runs, tend_node_new_int(arena, -7));
    return root;
}

TEST(reading_gives_values_or_the_fallback) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const tend_node *root = sample(arena);
    ASSERT_STR_EQ(tend_node_string(tend_node_get(root, "name"), "?"), "census");
    ASSERT_EQ(tend_node_int(tend_node_get(root, "rows"), 0), 48842);
    ASSERT_NEAR(tend_node_double(tend_node_get(root, "auc"), 0), 0.927, 0);
    ASSERT_NEAR(tend_node_double(tend_node_get(root, "rows"), 0), 48842, 0);
    ASSERT_TRUE(tend_node_bool(tend_node_get(root, "done"), false));
    ASSERT_EQ(tend_node_get(root, "note")->kind, TEND_NODE_NULL);
    ASSERT_STR_EQ(tend_node_string(tend_node_path(root, "runs.0.id"), "?"), "r1");
    ASSERT_EQ(tend_node_int(tend_node_path(root, "runs.1"), 0), -7);
    ASSERT_NULL(tend_node_path(root, "runs.2"));
    ASSERT_NULL(tend_node_path(root, "runs.-1"));
    ASSERT_NULL(tend_node_path(root, "name.x"));
    ASSERT_TRUE(tend_node_path(root, "") == root);
    ASSERT_EQ(tend_node_int(tend_node_get(root, "name"), 5), 5);
    ASSERT_EQ(tend_node_int(tend_node_get(root, "auc"), 5), 5);
    ASSERT_NULL(tend_node_get(NULL, "x"));
    ASSERT_NULL(tend_node_at(root, 0));
    ASSERT_STR_EQ(tend_node_scalar(NULL, "fallback"), "fallback");
    size_t n = 0;
    const tend_node *none = NULL;
    TEND_NODE_EACH(child, none)
        n++;
    ASSERT_EQ(n, 0);
}

TEST(setting_replaces_in_place) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_node *map = tend_node_new_map(arena);
    for (int i = 0; i < 3; i++)
        tend_node_set_int(arena, map, (const char *[]){"a", "b", "c"}[i], i);
    tend_node_set_string(arena, map, "b", "new");
    tend_node_set_int(arena, map, "c", 9);
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_json_format(map, 0, &out);
    ASSERT_STR_EQ(tend_buf_text(&out), "{\"a\":0,\"b\":\"new\",\"c\":9}");
    tend_node_remove(map, "c");
    tend_node_remove(map, "a");
    tend_node_remove(map, "missing");
    tend_node_set_int(arena, map, "d", 4);
    tend_buf_clear(&out);
    tend_json_format(map, 0, &out);
    ASSERT_STR_EQ(tend_buf_text(&out), "{\"b\":\"new\",\"d\":4}");
    ASSERT_EQ(map->count, 2);
}

TEST(large_maps_stay_right_through_changes) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_node *map = tend_node_new_map(arena);
    char key[16];
    for (int i = 0; i < 2000; i++) {
        snprintf(key, sizeof key, "k%d", i);
        tend_node_set_int(arena, map, key, i);
    }
    for (int i = 0; i < 2000; i += 3) {
        snprintf(key, sizeof key, "k%d", i);
        tend_node_set_int(arena, map, key, -i);
    }
    tend_node_remove(map, "k1000");
    tend_node_remove(map, "k1999");
    ASSERT_NULL(tend_node_get(map, "k1000"));
    tend_node_set_int(arena, map, "last", 1);
    ASSERT_EQ(map->count, 1999);
    ASSERT_STR_EQ(map->last->key, "last");
    for (int i = 0; i < 1999; i++) {
        snprintf(key, sizeof key, "k%d", i);
        if (i != 1000)
            ASSERT_EQ(tend_node_int(tend_node_get(map, key), 1 << 30), i % 3 ? i : -i);
    }
    ASSERT_NULL(tend_node_get(map, "k1000"));
    ASSERT_NULL(tend_node_get(map, "k1999"));
    const tend_node *copy = tend_node_copy(arena, map);
    ASSERT_TRUE(tend_node_equal(copy, map));
    ASSERT_EQ(tend_node_int(tend_node_get(copy, "k5"), 0), 5);
}

static tend_node *json(tend_arena *arena, const char *text) {
    tend_error err = TEND_ERROR_INIT;
    tend_node *node = NULL;
    ASSERT_OK(tend_json_parse(text, strlen(text), "t.json", arena, &node, &err), &err);
    return node;
}

TEST(equality_is_by_value) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {
        {"{\"a\":1,\"b\":[2,null]}", "{ \"b\" : [2.0, null], \"a\" : 1 }", true},
        {"[1,2]", "[2,1]", false},
        {"[1,2]", "[1,2,3]", false},
        {"{\"a\":1}", "{\"b\":1}", false},
        {"\"1\"", "1", false},
        {"\"a\\u0000b\"", "\"a\\u0000c\"", false},
        {"true", "false", false},
        {"null", "null", true},
        {"9007199254740993", "9007199254740992", false},
        {"{}", "[]", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ASSERT_EQ(tend_node_equal(json(arena, cases[i].a), json(arena, cases[i].b)), cases[i].equal);
    ASSERT_TRUE(tend_node_equal(NULL, NULL));
    ASSERT_FALSE(tend_node_equal(json(arena, "1"), NULL));
}

TEST(copies_are_deep) {
    TEND_AUTO(tend_arena) *other = tend_arena_new();
    tend_node *copy;
    {
        TEND_AUTO(tend_arena) *arena = tend_arena_new();
        copy = tend_node_copy(other, json(arena, "{\"a\": [1, {\"b\": \"text\"}], \"c\": 0.5}"));
    }
    ASSERT_STR_EQ(tend_node_string(tend_node_path(copy, "a.1.b"), "?"), "text");
    ASSERT_STR_EQ(tend_node_get(copy, "c")->span.file, "t.json");
    ASSERT_STR_EQ(tend_node_get(copy, "c")->key_span.file, "t.json");
    ASSERT_STR_EQ(tend_node_scalar(tend_node_get(copy, "c"), "?"), "0.5");
    ASSERT_NULL(tend_node_copy(other, NULL));
}

TEST(numbers_that_json_lacks_become_null) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    ASSERT_EQ(tend_node_new_double(arena, (double)NAN)->kind, TEND_NODE_NULL);
    ASSERT_EQ(tend_node_new_double(arena, (double)INFINITY)->kind, TEND_NODE_NULL);
    ASSERT_EQ(tend_node_new_double(arena, 1.5)->kind, TEND_NODE_FLOAT);
}
