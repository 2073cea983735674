/* What must hold for any document: faults that can be shown, each with a message in UTF-8. */
#ifndef TEND_FUZZ_TOLD_H
#define TEND_FUZZ_TOLD_H

#include "target.h"

#include "base/node.h"

static inline void check_told(const tend_diags *diags) {
    for (const tend_diag *d = diags->first; d; d = d->next) {
        const char *message = d->error.message, *hint = d->error.hint;
        FUZZ_CHECK(message[0] && tend_utf8_is_valid(message, strlen(message), NULL));
        FUZZ_CHECK(tend_utf8_is_valid(hint, strlen(hint), NULL));
        FUZZ_CHECK(d->error.code != TEND_BUG);
    }
}

/* NULL when it is no YAML. */
static inline tend_node *read_yaml(const uint8_t *data, size_t size, tend_arena *arena) {
    tend_diags diags;
    tend_diags_init(&diags, arena);
    tend_node *node = NULL;
    TEND_IGNORE(tend_yaml_parse((const char *)data, size, "fuzz.yaml", &diags, &node, NULL));
    check_told(&diags);
    return node;
}

#endif
