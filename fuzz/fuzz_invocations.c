/* Requests of MLflow's scoring protocol: JSON, or CSV when the first byte is no brace. */
#include "model.h"

#include "serve/mlflow.h"

static const char *pointer_of(void *ctx, tend_arena *arena, int64_t row, const char *column) {
    return serve_mlflow_pointer(ctx, arena, row, column);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    small_model *m = small_model_get();
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    serve_reading reading = {.inputs = m->inputs, .rows = m->rows, .arena = arena, .max_rows = 50};
    serve_mlflow_request r = {.reading = &reading, .arena = arena};
    tend_rows_clear(m->rows);
    if (size && data[0] != '{') {
        serve_mlflow_read_csv(&r, (tend_str){(const char *)data, size});
    } else {
        tend_json_pull pull = tend_json_pull_init((const char *)data, size, arena);
        if (!serve_mlflow_read_json(&r, &pull)) {
            FUZZ_CHECK(pull.fault && pull.at >= pull.begin && pull.at <= pull.end);
            return 0;
        }
    }
    for (int i = 0; i < r.n_faults; i++)
        FUZZ_CHECK(r.faults[i].pointer && r.faults[i].expected);
    FUZZ_CHECK(tend_rows_count(m->rows) <= 50);
    if (!r.n_faults)
        check_rows(m, pointer_of, &r, arena);
    return 0;
}
