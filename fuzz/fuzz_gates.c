#include "rows.h"
#include "told.h"

#include "learn/evaluate.h"

static const char EVALUATION[] = "{\"n\": 90, \"metrics\": {}, \"slice_counts\": {\"min_slice\": 30}, \"slices\": ["
                                 "{\"by\": {\"a\": \"x\"}, \"n\": 40, \"metrics\": {\"mae\": {\"value\": 2}, \"roc_auc\": {\"value\": "
                                 "0.5}}}, {\"by\": {\"a\": null}, \"n\": 2, \"small\": true, \"metrics\": {\"f1\": {\"value\": null}}}]}";

/* evaluate.gates: what passes the check can be judged. */
static void check_gates(const tend_node *gates, tend_task task, tend_arena *arena) {
    tend_diags diags;
    tend_diags_init(&diags, arena);
    tend_gates_check(gates, task, &diags);
    check_told(&diags);
    tend_node *evaluation = NULL;
    tend_gate_result *results = NULL;
    tend_error err = TEND_ERROR_INIT;
    int n = 0;
    FUZZ_CHECK(tend_json_parse(EVALUATION, strlen(EVALUATION), NULL, arena, &evaluation, &err) == TEND_OK);
    tend_status status = tend_gates_apply(gates, evaluation, arena, &results, &n, &err);
    FUZZ_CHECK(status == TEND_OK || diags.n_errors > 0);
    for (int i = 0; status == TEND_OK && i < n; i++)
        FUZZ_CHECK(results[i].message && results[i].gate);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const tend_node *root = read_yaml(data, size, arena);
    if (!root || root->kind != TEND_NODE_MAP)
        return 0;
    for (int task = TEND_TASK_REGRESSION; task <= TEND_TASK_MULTICLASS; task++)
        check_gates(tend_node_get(root, "gates"), (tend_task)task, arena);
    tend_diags diags;
    tend_diags_init(&diags, arena);
    tend_slices_check(tend_node_get(root, "slices"), table_of_types(arena), &diags);
    check_told(&diags);
    return 0;
}
