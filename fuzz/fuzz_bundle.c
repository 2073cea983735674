#include "inputs.h"

#include "model/bundle.h"

#include <stdlib.h>

enum { HEADER = 64, ENTRY = 80, MOST_SECTIONS = 64 };

/* The digests made right, so that what they guard is reached. */
static void seal(uint8_t *file, size_t size) {
    uint32_t n;
    uint64_t total = size;
    memcpy(&n, file + 12, sizeof n);
    if (n > MOST_SECTIONS || HEADER + (size_t)n * ENTRY > size)
        return;
    memcpy(file + 16, &total, sizeof total);
    for (uint8_t *entry = file + HEADER; entry < file + HEADER + (size_t)n * ENTRY; entry += ENTRY) {
        uint64_t place[2];
        memcpy(place, entry + 32, sizeof place);
        if (place[0] > size || place[1] > size - place[0])
            continue;
        tend_digest digest = tend_digest_of(file + place[0], (size_t)place[1]);
        memcpy(entry + 48, digest.bytes, sizeof digest.bytes);
    }
    tend_sha256 state;
    tend_sha256_init(&state);
    tend_sha256_update(&state, file, 32);
    tend_sha256_update(&state, file + HEADER, (size_t)n * ENTRY);
    tend_digest digest = tend_sha256_final(&state);
    memcpy(file + 32, digest.bytes, sizeof digest.bytes);
}

static void check_predict(const tend_model *model) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const tend_table *table = rows_for(model->pipeline, arena);
    tend_predictions out;
    tend_error err = TEND_ERROR_INIT;
    if (tend_model_predict(model, table, arena, &out, &err) != TEND_OK)
        return;
    FUZZ_CHECK(out.n == ODD_ROWS && out.score);
    for (int i = 0; out.class_index && i < ODD_ROWS; i++)
        FUZZ_CHECK(out.class_index[i] >= 0 && out.class_index[i] < model->n_classes);
}

static void check_bundle(const uint8_t *file, size_t size) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_bundle) *bundle = NULL;
    TEND_AUTO(tend_model) *model = NULL;
    tend_error err = TEND_ERROR_INIT;
    tend_node *manifest;
    tend_status status = tend_bundle_parse(file, size, "fuzz.tend", &bundle, &err);
    if (status == TEND_OK) {
        TEND_IGNORE(tend_bundle_manifest(bundle, arena, &manifest, NULL));
        status = tend_bundle_load(bundle, &model, &err);
    }
    if (status == TEND_OK) {
        check_predict(model);
        return;
    }
    FUZZ_CHECK(err.code != TEND_BUG && err.code == status);
    FUZZ_CHECK(err.message[0] && tend_utf8_is_valid(err.message, strlen(err.message), NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *file = tend_malloc(size);
    if (size)
        memcpy(file, data, size);
    check_bundle(file, size);
    if (size >= HEADER) {
        seal(file, size);
        check_bundle(file, size);
    }
    free(file);
    return 0;
}
