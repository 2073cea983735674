#include "ensemble.h"

#include <stdlib.h>

/* The stored form, used in place. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    void *bytes = NULL;
    FUZZ_CHECK(posix_memalign(&bytes, 64, size) == 0);
    if (size)
        memcpy(bytes, data, size);
    tend_trees *trees = NULL;
    tend_error err = TEND_ERROR_INIT;
    if (tend_trees_load(bytes, size, &trees, &err) == TEND_OK)
        check_ensemble(trees);
    else
        FUZZ_CHECK((err.code == TEND_CORRUPT || err.code == TEND_UNSUPPORTED) && err.message[0]);
    tend_trees_free(trees);
    free(bytes);
    return 0;
}
