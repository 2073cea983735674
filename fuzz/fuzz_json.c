#include "target.h"

#include "base/node.h"

/* What parses must, written out and parsed again, be the same tree. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_node *node = NULL, *again = NULL;
    if (tend_json_parse((const char *)data, size, "fuzz.json", arena, &node, &err) != TEND_OK) {
        FUZZ_CHECK(err.code == TEND_DATA && err.message[0] && err.line > 0 && err.column > 0);
        FUZZ_CHECK(tend_utf8_is_valid(err.message, strlen(err.message), NULL));
        return 0;
    }
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_json_format(node, (int)(size % 3), &text);
    FUZZ_CHECK(tend_json_parse(tend_buf_text(&text), text.size, NULL, arena, &again, NULL) == TEND_OK);
    FUZZ_CHECK(tend_node_equal(node, again));
    return 0;
}
