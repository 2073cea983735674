#include "support/suite.h"

#include "base/node.h"

static tend_node *parse_size(tend_arena *arena, const char *text, size_t size) {
    tend_diags diags;
    tend_diags_init(&diags, arena);
    tend_error err = TEND_ERROR_INIT;
    tend_node *node = NULL;
    ASSERT_OK(tend_yaml_parse(text, size, "tend.yaml", &diags, &node, &err), &err);
    ASSERT_EQ(diags.n_errors, 0);
    return node;
}

static tend_node *parse(tend_arena *arena, const char *text) { return parse_size(arena, text, strlen(text)); }

static const char *as_json(tend_arena *arena, const char *text) {
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_json_format(parse(arena, text), 0, &out);
    return tend_arena_strdup(arena, tend_buf_text(&out));
}

TEST(plain_scalars_follow_the_core_schema) {
    static const struct {
        const char *text;
        tend_node_kind kind;
    } cases[] = {
        {"12", TEND_NODE_INT},
        {"-3", TEND_NODE_INT},
        {"+3", TEND_NODE_INT},
        {"0", TEND_NODE_INT},
        {"1.5", TEND_NODE_FLOAT},
        {"1e3", TEND_NODE_FLOAT},
        {".5", TEND_NODE_FLOAT},
        {"-2.", TEND_NODE_FLOAT},
        {"0.5", TEND_NODE_FLOAT},
        {"true", TEND_NODE_BOOL},
        {"False", TEND_NODE_BOOL},
        {"TRUE", TEND_NODE_BOOL},
        {"null", TEND_NODE_NULL},
        {"~", TEND_NODE_NULL},
        {"", TEND_NODE_NULL},
        {"yes", TEND_NODE_STRING},
        {"no", TEND_NODE_STRING},
        {"on", TEND_NODE_STRING},
        {"08080", TEND_NODE_STRING},
        {"-007", TEND_NODE_STRING},
        {"00.5", TEND_NODE_STRING},
        {"0x1F", TEND_NODE_STRING},
        {"0o17", TEND_NODE_STRING},
        {".inf", TEND_NODE_STRING},
        {".nan", TEND_NODE_STRING},
        {"1_000", TEND_NODE_STRING},
        {"2027-03-31", TEND_NODE_STRING},
        {"5ms", TEND_NODE_STRING},
        {"1e999", TEND_NODE_STRING},
        {"tRue", TEND_NODE_STRING},
        {"\"12\"", TEND_NODE_STRING},
        {"'true'", TEND_NODE_STRING},
        {"!!str 12", TEND_NODE_STRING},
        {"! 12", TEND_NODE_STRING},
        {"\"\"", TEND_NODE_STRING},
        {"99999999999999999999", TEND_NODE_FLOAT},
        {"|\n  12\n", TEND_NODE_STRING},
    };
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tend_node *root = parse(arena, tend_arena_printf(arena, "key: %s\n", cases[i].text));
        if (root->first->kind != cases[i].kind)
            fail_msg("%s: read as %s", cases[i].text, tend_node_kind_name(root->first->kind));
    }
}

TEST(texts_of_numbers_are_kept) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const tend_node *root = parse(arena, "zip: 08080\nrate: 0.10\nlong: 12345678901234567890\nplus: +5\n");
    ASSERT_STR_EQ(tend_node_string(tend_node_get(root, "zip"), "?"), "08080");
    ASSERT_STR_EQ(tend_node_scalar(tend_node_get(root, "rate"), "?"), "0.10");
    ASSERT_STR_EQ(tend_node_scalar(tend_node_get(root, "long"), "?"), "12345678901234567890");
    ASSERT_EQ(tend_node_int(tend_node_get(root, "plus"), 0), 5);
    ASSERT_STR_EQ(as_json(arena, "[+5, .5, 5., 0.10]"), "[5,0.5,5,0.10]");
}

TEST(structures_become_trees) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    ASSERT_STR_EQ(as_json(arena, "a: 1\nb: [x, 'y z', {c: 2}]\nd:\n  - e\n  - f: g\n    h: []\ni:\n"),
                  "{\"a\":1,\"b\":[\"x\",\"y "
                  "z\",{\"c\":2}],\"d\":[\"e\",{\"f\":\"g\",\"h\":[]}],\"i\":null}");
    ASSERT_STR_EQ(as_json(arena, "q: |\n  SELECT *\n  FROM t\nf: >-\n  one\n  two\ns: 'it''s'\nd: \"a\\tb\\u00e9\"\n"),
                  "{\"q\":\"SELECT *\\nFROM t\\n\",\"f\":\"one "
                  "two\",\"s\":\"it's\",\"d\":\"a\\tb\xC3\xA9\"}");
    ASSERT_STR_EQ(as_json(arena, "? a\n? b\n"), "{\"a\":null,\"b\":null}");
    ASSERT_STR_EQ(as_json(arena, "- [1, 2]\n- !!seq [3]\n- !!map {a: b}\n"), "[[1,2],[3],{\"a\":\"b\"}]");
    ASSERT_STR_EQ(as_json(arena, "\xEF\xBB\xBF"
                                 "a: 1\r\nb: 2\r\n"),
                  "{\"a\":1,\"b\":2}");
    ASSERT_STR_EQ(as_json(arena, "%YAML 1.2\n---\na: 1\n...\n"), "{\"a\":1}");
    ASSERT_STR_EQ(as_json(arena, "{\"json\": [true, null, 1.5e3]}"), "{\"json\":[true,null,1.5e3]}");
}

TEST(an_empty_document_is_null) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    static const char *const texts[] = {"", "\n\n", "# only a comment\n", "---\n", "--- ~\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ASSERT_EQ(parse(arena, texts[i])->kind, TEND_NODE_NULL);
}

static void has_span(const tend_node *node, unsigned line, unsigned column, unsigned length) {
    if (node->span.line != line || node->span.column != column || node->span.length != length)
        fail_msg("%s: span %u:%u+%u, want %u:%u+%u", node->key ? node->key : "-", node->span.line, node->span.column, node->span.length,
                 line, column, length);
}

TEST(spans_count_bytes_from_one) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const tend_node *root = parse(arena, "name: census\n"
                                         "caf\xC3\xA9: {\"q\": 'x y', z: \xC3\xA9}\n"
                                         "list:\n"
                                         "  - 12.5\n"
                                         "  - &a text\n"
                                         "none:\n"
                                         "sql: |\n"
                                         "  SELECT 1\n"
                                         "  FROM t\n"
                                         "empty: []\n");
    has_span(root, 1, 1, 0);
    has_span(tend_node_get(root, "name"), 1, 7, 6);
    has_span(tend_node_get(root, "caf\xC3\xA9"), 2, 8, 1);
    has_span(tend_node_path(root, "caf\xC3\xA9.q"), 2, 14, 5);
    has_span(tend_node_path(root, "caf\xC3\xA9.z"), 2, 24, 2);
    has_span(tend_node_path(root, "list.0"), 4, 5, 4);
    has_span(tend_node_path(root, "list.1"), 5, 8, 4);
    has_span(tend_node_get(root, "none"), 6, 1, 4); /* nothing is there: its key stands in */
    has_span(tend_node_get(root, "sql"), 8, 3, 8);  /* the first line of the text itself */
    has_span(tend_node_get(root, "empty"), 10, 8, 1);
    tend_span key = tend_node_path(root, "caf\xC3\xA9.q")->key_span;
    ASSERT_EQ(key.line * 10000 + key.column * 100 + key.length, 20000 + 900 + 3);
    key = tend_node_get(root, "sql")->key_span;
    ASSERT_EQ(key.line * 10000 + key.column * 100 + key.length, 70000 + 100 + 3);
}

TEST(aliases_copy_what_they_name) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    ASSERT_STR_EQ(as_json(arena, "a: &x [1, {b: 2}]\nc: *x\nd: &x 5\ne: *x\n"),
                  "{\"a\":[1,{\"b\":2}],\"c\":[1,{\"b\":2}],\"d\":5,\"e\":5}");
}

static tend_diags faults;
static const tend_error *fault(tend_arena *arena, const char *text, size_t size, unsigned want) {
    tend_diags_init(&faults, arena);
    tend_error err = TEND_ERROR_INIT;
    tend_node *node = (tend_node *)arena;
    tend_status status = tend_yaml_parse(text, size, "tend.yaml", &faults, &node, &err);
    ASSERT_EQ(status, TEND_CONFIG);
    ASSERT_NULL(node);
    if (faults.n_errors != want)
        fail_msg("%.40s: %zu errors, want %u; the first: %s", text, faults.n_errors, want, err.message);
    ASSERT_STR_EQ(err.message, faults.first->error.message);
    return &faults.first->error;
}

TEST(faults_are_told_with_their_place) {
    static const struct {
        const char *text, *part;
        unsigned line, column;
    } cases[] = {
        {"a: 1\nb: 2\na: 3\n", "duplicate key 'a' (first at line 1)", 3, 1},
        {"a: [1, 2\nb: 3\n", "without a closing bracket", 3, 1},
        {"a:\n\tb: 1\n", "tab character may not be used as indentation", 2, 1},
        {"a: 1\n b: 2\n", "multiline", 1, 4},
        {"a: \"abc\n", "without closing quote", 1, 5},
        {"\xC3\xA9: \"\xC3\xA9\\q\"\n", "invalid escape 'q'", 1, 8},
        {"a: b: c\n", "nested block mapping", 1, 5},
        {"a: @b\n", "cannot start with '@'", 1, 4},
        {"a: *b\n", "the alias '*b' refers to no anchor", 1, 4},
        {"a: &b [1, *b]\n", "stands inside what it refers to", 1, 11},
        {"a: 1\n---\nb: 2\n", "a second document starts here", 2, 1},
        {"? [a, b]\n: 1\n", "expected a text as the key, found a list", 1, 3},
        {": 3\n", "a key is missing here", 1, 1},
        {"a: !!int \"5\"\n", "the tag 'tag:yaml.org,2002:int' is not supported", 1, 10},
        {"a: !mine {b: 1}\n", "the tag '!mine' is not supported", 1, 10},
        {"ok: 1\nx: a\xFF\n", "the byte 0xFF is not valid UTF-8", 2, 5},
        {"\"a\\0b\": 1\n", "a key must not hold a NUL", 1, 1},
    };
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tend_error *err = fault(arena, cases[i].text, strlen(cases[i].text), 1);
        ASSERT_HAS(err->message, cases[i].part);
        ASSERT_STR_EQ(err->file, "tend.yaml");
        if (err->line != cases[i].line || err->column != cases[i].column)
            fail_msg("%s: told at %u:%u, want %u:%u", cases[i].text, err->line, err->column, cases[i].line, cases[i].column);
    }
    ASSERT_HAS(fault(arena, "a: \0b", 5, 1)->message, "NUL byte");
}

TEST(hints_say_what_to_do) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    ASSERT_HAS(fault(arena, "a:\n\tb: 1\n", 9, 1)->hint, "spaces");
    ASSERT_HAS(fault(arena, "x: &regions 1\na: *region\n", 24, 1)->hint, "did you mean '*regions'?");
    ASSERT_HAS(fault(arena, "a: *.csv\n", 9, 1)->hint, "quotes");
}

TEST(several_faults_are_told_at_once) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *text = "a: 1\na: 2\nb: *none\nc: !odd x\nd: [1\ne: 2\n";
    fault(arena, text, strlen(text), 4);
    static const unsigned lines[] = {2, 3, 4, 7};
    const tend_diag *diag = faults.first;
    for (int i = 0; i < 4; i++, diag = diag->next)
        ASSERT_EQ(diag->error.line, lines[i]);
}

TEST(earlier_diagnostics_do_not_count) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_diags diags;
    tend_diags_init(&diags, arena);
    tend_diags_add(&diags, TEND_SEVERITY_ERROR, TEND_IO, (tend_span){0}, "an older one");
    tend_node *node = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_yaml_parse("a: 1", 4, NULL, &diags, &node, &err), &err);
    ASSERT_NOT_NULL(node);
    ASSERT_FAILS(tend_yaml_parse("a: [", 4, NULL, &diags, &node, &err), &err, CONFIG, "flow sequence");
}

TEST(alias_bombs_are_defused) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_buf_puts(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
        tend_buf_printf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            tend_buf_printf(&text, "%s*a%d", k ? ", " : "", i - 1);
        tend_buf_puts(&text, "]\n");
    }
    ASSERT_HAS(fault(arena, text.data, text.size, 1)->message, "more than 10,000 values");
    ASSERT_TRUE(tend_arena_used(arena) < 64 << 20);
}

TEST(depth_is_bounded) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    for (int i = 0; i < 5000; i++)
        tend_buf_putc(&text, '[');
    fault(arena, text.data, text.size, 1);
    tend_buf_clear(&text);
    for (int i = 0; i < 100; i++)
        tend_buf_printf(&text, "%*sa:\n", i, "");
    fault(arena, text.data, text.size, 1);
    /* Aliases must not build what brackets may not. */
    tend_buf_clear(&text);
    tend_buf_puts(&text, "a0: &a0 [[[[[[[[[[x]]]]]]]]]]\n");
    for (int i = 1; i < 10; i++)
        tend_buf_printf(&text, "a%d: &a%d [[[[[[[[[[*a%d]]]]]]]]]]\n", i, i, i - 1);
    ASSERT_HAS(fault(arena, text.data, text.size, 1)->message, "64 levels");
}

TEST(scalars_are_quoted_when_they_must_be) {
    static const char *const plain[] = {"census", "a b", "x:y", "a#b", "h\xC3\xA9", "roc_auc@test", "a-b", "v1.2"};
    static const char *const quoted[] = {"",      "12",    "1.5",  "true", "null",       "~",  "yes",  "No", "08080", ">50K", "a: b",
                                         "a #b",  "- x",   "*x",   "&x",   "!x",         "a:", " a",   "a ", "a,b",   "[x]",  "{x}",
                                         "a\nb",  "x\x7F", "1:30", "0x1F", "2026-11-23", ".5", ".inf", "<<", "@x",    "`x",   "'x'",
                                         "\"x\"", "1e999", "%x",   "?",    "#x",         "|",  "a\tb", "---"};
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    for (size_t i = 0; i < sizeof plain / sizeof *plain + sizeof quoted / sizeof *quoted; i++) {
        bool is_plain = i < sizeof plain / sizeof *plain;
        const char *text = is_plain ? plain[i] : quoted[i - sizeof plain / sizeof *plain];
        TEND_AUTO_BUF out = TEND_BUF_INIT;
        tend_yaml_scalar(&out, text);
        if ((out.data[0] != '"') != is_plain)
            fail_msg("'%s' was written as %s", text, tend_buf_text(&out));
        const tend_node *root = parse(arena, tend_arena_printf(arena, "{k: %s}", tend_buf_text(&out)));
        ASSERT_EQ(root->first->kind, TEND_NODE_STRING);
        ASSERT_STR_EQ(root->first->text, text);
    }
}
