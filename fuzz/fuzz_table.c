#include "target.h"

#include "data/table.h"

#include <stdlib.h>

/* The checksums of the head and the description made right, so that what they guard is reached. */
static void seal(uint8_t *file, size_t size) {
    uint64_t total = size, meta;
    memcpy(&meta, file + 24, 8);
    if (meta > size - 48)
        return;
    memcpy(file + 16, &total, 8);
    uint64_t hash = tend_hash64(file + 48, meta, 1);
    memcpy(file + 32, &hash, 8);
    hash = tend_hash64(file, 40, 1);
    memcpy(file + 40, &hash, 8);
}

/* What loads must be a sound table, which saved and loaded again is the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_table *table = NULL, *again = NULL;
    uint8_t *file = tend_malloc(size);
    if (size)
        memcpy(file, data, size);
    if (size >= 48)
        seal(file, size);
    tend_status status = tend_table_load(file, size, arena, &table, &err);
    free(file);
    if (status != TEND_OK) {
        FUZZ_CHECK((err.code == TEND_CORRUPT || err.code == TEND_UNSUPPORTED) && err.message[0]);
        return 0;
    }
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    FUZZ_CHECK(tend_table_save(table, &bytes, &err) == TEND_OK);
    FUZZ_CHECK(tend_table_load(bytes.data, bytes.size, arena, &again, &err) == TEND_OK);
    tend_digest a = tend_table_digest(table), b = tend_table_digest(again);
    FUZZ_CHECK(tend_digest_eq(&a, &b));
    return 0;
}
