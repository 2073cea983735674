#include "inputs.h"

/* A matrix of all rows together must be that of the rows one by one. */
static void check_apply(const tend_pipeline *pipeline, tend_arena *arena) {
    size_t width = (size_t)tend_pipeline_width(pipeline);
    if (width > 1000)
        return;
    const tend_table *table = rows_for(pipeline, arena);
    tend_binding binding;
    tend_error err = TEND_ERROR_INIT;
    if (tend_pipeline_bind(pipeline, table, arena, &binding, &err) != TEND_OK)
        return; /* two inputs of one name and different types */
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    float *whole = TEND_ARRAY(arena, float, ODD_ROWS *width), *one = TEND_ARRAY(arena, float, width);
    tend_status status = tend_pipeline_apply(pipeline, table, &binding, 0, ODD_ROWS, whole, scratch, &err);
    for (int64_t row = 0; status == TEND_OK && row < ODD_ROWS; row++) {
        FUZZ_CHECK(tend_pipeline_apply(pipeline, table, &binding, row, 1, one, scratch, &err) == TEND_OK);
        FUZZ_CHECK(memcmp(one, whole + (size_t)row * width, width * sizeof *one) == 0);
    }
}

/* What loads can be applied, described, saved, and loaded again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_pipeline) *pipeline = NULL, *again = NULL;
    tend_error err = TEND_ERROR_INIT;
    if (tend_pipeline_load(data, size, &pipeline, &err) != TEND_OK) {
        FUZZ_CHECK(err.message[0] && (err.code == TEND_CORRUPT || err.code == TEND_UNSUPPORTED || err.code == TEND_LIMIT));
        return 0;
    }
    TEND_AUTO_BUF bytes = TEND_BUF_INIT, bytes_again = TEND_BUF_INIT, json = TEND_BUF_INIT;
    tend_json_format(tend_pipeline_to_node(pipeline, arena), 0, &json);
    tend_pipeline_save(pipeline, &bytes);
    FUZZ_CHECK(tend_pipeline_load(bytes.data, bytes.size, &again, &err) == TEND_OK);
    tend_pipeline_save(again, &bytes_again);
    FUZZ_CHECK(bytes.size == bytes_again.size && memcmp(bytes.data, bytes_again.data, bytes.size) == 0);
    check_apply(pipeline, arena);
    return 0;
}
