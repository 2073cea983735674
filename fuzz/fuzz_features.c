#include "rows.h"
#include "told.h"

#include "feature/pipeline.h"

enum { MOST_WIDTH = 2000 };

/* What the check lets through can be fitted and, fitted, gives its matrix. */
static void check_fit(const tend_table *table, const tend_pipeline_options *options, tend_arena *arena) {
    TEND_AUTO(tend_pipeline) *pipeline = NULL;
    tend_diags diags;
    tend_diags_init(&diags, arena);
    tend_error err = TEND_ERROR_INIT;
    if (tend_pipeline_fit(table, options, &diags, &pipeline, &err) != TEND_OK) {
        FUZZ_CHECK(err.message[0] && err.code != TEND_BUG);
        return;
    }
    int width = tend_pipeline_width(pipeline);
    if (width > MOST_WIDTH)
        return;
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    TEND_AUTO(tend_pipeline) *again = NULL;
    tend_pipeline_save(pipeline, &bytes);
    FUZZ_CHECK(tend_pipeline_load(bytes.data, bytes.size, &again, &err) == TEND_OK);
    float *x = TEND_ARRAY(arena, float, ODD_ROWS *width), *y = TEND_ARRAY(arena, float, ODD_ROWS *width);
    FUZZ_CHECK(tend_pipeline_apply_rows(pipeline, table, options->rows, ODD_ROWS, x, &err) == TEND_OK);
    FUZZ_CHECK(tend_pipeline_apply_rows(again, table, options->rows, ODD_ROWS, y, &err) == TEND_OK);
    FUZZ_CHECK(memcmp(x, y, sizeof *x * ODD_ROWS * (size_t)width) == 0);
}

/* `features` of tend.yaml. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const tend_node *features = read_yaml(data, size, arena);
    if (!features)
        return 0;
    static const double y[ODD_ROWS] = {0, 1, 0, 1, 1, 0, 0, 1, 1, 0};
    static const int64_t rows[ODD_ROWS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    const tend_table *table = table_of_types(arena);
    tend_pipeline_options options = {.features = features,
                                     .target = "flag",
                                     .task = TEND_TASK_BINARY,
                                     .n_classes = 2,
                                     .y = y,
                                     .rows = rows,
                                     .n_rows = ODD_ROWS,
                                     .seed = 1};
    tend_diags diags;
    tend_diags_init(&diags, arena);
    tend_error err = TEND_ERROR_INIT;
    tend_status status = tend_pipeline_check(table, &options, &diags, &err);
    check_told(&diags);
    if (status == TEND_OK && diags.n_errors == 0)
        check_fit(table, &options, arena);
    return 0;
}
