#include "ensemble.h"

/* XGBoost's own model file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    TEND_AUTO(tend_trees) *trees = NULL;
    tend_error err = TEND_ERROR_INIT;
    if (tend_trees_parse_ubj(data, size, &trees, &err) == TEND_OK) {
        check_ensemble(trees);
        return 0;
    }
    FUZZ_CHECK(err.code == TEND_CORRUPT || err.code == TEND_UNSUPPORTED || err.code == TEND_LIMIT);
    FUZZ_CHECK(err.message[0] && tend_utf8_is_valid(err.message, strlen(err.message), NULL));
    return 0;
}
