#include "told.h"

#include "data/schema.h"

static void format(const tend_schema *schema, tend_arena *arena, tend_buf *out) {
    tend_json_format(tend_schema_to_node(schema, arena), 0, out);
}

/* A sound schema comes back from the form that bundles hold. */
static void check_schema(const tend_schema *schema, tend_arena *arena) {
    TEND_AUTO_BUF text = TEND_BUF_INIT, text_again = TEND_BUF_INIT;
    tend_node *node = NULL;
    tend_schema *again = NULL;
    tend_error err = TEND_ERROR_INIT;
    format(schema, arena, &text);
    FUZZ_CHECK(tend_json_parse(tend_buf_text(&text), text.size, NULL, arena, &node, &err) == TEND_OK);
    FUZZ_CHECK(tend_schema_from_node(node, arena, &again, &err) == TEND_OK);
    format(again, arena, &text_again);
    FUZZ_CHECK(text.size == text_again.size && memcmp(text.data, text_again.data, text.size) == 0);
}

/* data.missing and data.expect of tend.yaml; or, as JSON, what a bundle holds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_node *json = NULL;
    tend_schema *stored = NULL;
    if (tend_json_parse((const char *)data, size, NULL, arena, &json, NULL) == TEND_OK &&
        tend_schema_from_node(json, arena, &stored, &err) == TEND_OK)
        check_schema(stored, arena);
    const tend_node *root = read_yaml(data, size, arena);
    if (!root || root->kind != TEND_NODE_MAP)
        return 0;
    tend_diags diags;
    tend_diags_init(&diags, arena);
    const tend_schema *schema = tend_schema_parse(tend_node_get(root, "missing"), tend_node_get(root, "expect"), arena, &diags);
    FUZZ_CHECK(schema);
    check_told(&diags);
    if (diags.n_errors == 0)
        check_schema(schema, arena);
    return 0;
}
