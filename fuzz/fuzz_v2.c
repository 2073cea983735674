/* Requests of the Open Inference Protocol: the JSON, or "LENGTH\n", JSON of that length, and binary tensors. */
#include "model.h"

#include "serve/v2.h"

static const char *pointer_of(void *ctx, tend_arena *arena, int64_t row, const char *column) {
    return serve_v2_pointer(ctx, arena, row, column);
}

static void split(const uint8_t *data, size_t size, tend_str *json, tend_str *tail) {
    size_t at = 0, length = 0;
    while (at < size && at < 6 && data[at] >= '0' && data[at] <= '9')
        length = 10 * length + (data[at++] - (size_t)'0');
    bool headed = at && at < size && data[at] == '\n';
    at = headed ? at + 1 : 0;
    length = headed && length < size - at ? length : size - at;
    *json = (tend_str){(const char *)data + at, length};
    *tail = (tend_str){(const char *)data + at + length, size - at - length};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    small_model *m = small_model_get();
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_str json, tail;
    split(data, size, &json, &tail);
    serve_v2_request r = {.arena = arena, .inputs = m->inputs, .max_rows = 50};
    tend_json_pull pull = tend_json_pull_init(json.at, json.size, arena);
    if (!serve_v2_read(&r, &pull)) {
        FUZZ_CHECK(pull.fault && pull.at >= pull.begin && pull.at <= pull.end);
        return 0;
    }
    serve_v2_take_binary(&r, tail);
    if (!serve_v2_check(&r)) {
        FUZZ_CHECK(r.n_faults > 0 && r.n_faults <= r.n_faults_total);
        for (int i = 0; i < r.n_faults; i++)
            FUZZ_CHECK(r.faults[i].pointer && r.faults[i].expected);
        return 0;
    }
    tend_rows_clear(m->rows);
    serve_v2_fill(&r, m->rows);
    FUZZ_CHECK(tend_rows_count(m->rows) == r.n_rows && r.n_rows <= 50);
    check_rows(m, pointer_of, &r, arena);
    return 0;
}
