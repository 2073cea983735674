#include "target.h"

#include "base/node.h"

/* Each text, key or value, must come back from the form in which tend writes it. */
static void check_texts(const tend_node *node, tend_arena *arena) {
    if (node->kind == TEND_NODE_STRING && strlen(node->text) == node->text_size && tend_utf8_is_valid(node->text, node->text_size, NULL)) {
        TEND_AUTO_BUF text = TEND_BUF_INIT;
        tend_buf_puts(&text, "k: ");
        tend_yaml_scalar(&text, node->text);
        tend_diags diags;
        tend_diags_init(&diags, arena);
        tend_node *again = NULL;
        FUZZ_CHECK(tend_yaml_parse(tend_buf_text(&text), text.size, NULL, &diags, &again, NULL) == TEND_OK);
        FUZZ_CHECK(tend_node_equal(tend_node_get(again, "k"), node));
    }
    TEND_NODE_EACH(child, node)
        check_texts(child, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_diags diags;
    tend_diags_init(&diags, arena);
    tend_error err = TEND_ERROR_INIT;
    tend_node *node = NULL;
    if (tend_yaml_parse((const char *)data, size, "fuzz.yaml", &diags, &node, &err) != TEND_OK) {
        FUZZ_CHECK(!node && diags.n_errors > 0 && err.message[0]);
        return 0;
    }
    FUZZ_CHECK(node && diags.n_errors == 0);
    if (size < 4096)
        check_texts(node, arena);
    return 0;
}
