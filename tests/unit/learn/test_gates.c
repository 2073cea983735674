/* Gates: what holds, what is said, and where a fault is. */
#include "evaluate_cases.h"

/* Two large slices, one small and bad, one where roc_auc is undefined. */
static const char EVALUATION[] = "{\"n\": 6513,"
                                 " \"metrics\": {"
                                 "  \"roc_auc\": {\"value\": 0.913, \"low\": 0.905, \"high\": 0.921},"
                                 "  \"calibration_error\": {\"value\": 0.03},"
                                 "  \"pr_auc\": {\"value\": null, \"low\": null, \"high\": null},"
                                 "  \"f1\": {\"value\": 0.91996}},"
                                 " \"slice_counts\": {\"total\": 4, \"small\": 1, \"min_slice\": 30},"
                                 " \"slices\": ["
                                 "  {\"by\": {\"sex\": \"Female\"}, \"n\": 2126,"
                                 "   \"metrics\": {\"roc_auc\": {\"value\": 0.84}, \"calibration_error\": {\"value\": 0.02}}},"
                                 "  {\"by\": {\"sex\": \"Male\", \"race\": \"White\"}, \"n\": 4000,"
                                 "   \"metrics\": {\"roc_auc\": {\"value\": 0.9}, \"calibration_error\": {\"value\": 0.06}}},"
                                 "  {\"by\": {\"race\": \"Other\"}, \"n\": 12, \"small\": true,"
                                 "   \"metrics\": {\"roc_auc\": {\"value\": 0.2}, \"calibration_error\": {\"value\": 0.5}}},"
                                 "  {\"by\": {\"race\": \"Rare\"}, \"n\": 90,"
                                 "   \"metrics\": {\"roc_auc\": {\"value\": null}, \"calibration_error\": {\"value\": 0.01}}}]}";

static const tend_node *evaluation(tend_arena *arena) {
    tend_error err = TEND_ERROR_INIT;
    tend_node *node = NULL;
    ASSERT_OK(tend_json_parse(EVALUATION, strlen(EVALUATION), "evaluation.json", arena, &node, &err), &err);
    return node;
}

static tend_gate_result apply(const char *gate, tend_arena *arena) {
    tend_node *list = tend_node_new_list(arena);
    tend_node_push(list, tend_node_new_string(arena, gate));
    tend_error err = TEND_ERROR_INIT;
    tend_gate_result *out = NULL;
    int n = 0;
    ASSERT_OK(tend_gates_apply(list, evaluation(arena), arena, &out, &n, &err), &err);
    ASSERT_EQ(n, 1);
    ASSERT_STR_EQ(out[0].gate, gate);
    return out[0];
}

TEST(operators) {
    static const struct {
        const char *gate;
        bool passed;
        const char *message;
    } cases[] = {
        {"roc_auc >= 0.92", false, "roc_auc is 0.913, below 0.92"},
        {"roc_auc >= 0.9", true, "roc_auc is 0.913, at least 0.9"},
        {"roc_auc >= 0.913", true, "roc_auc is 0.913, at least 0.913"},
        {"roc_auc > 0.913", false, "roc_auc is 0.913, not above 0.913"},
        {"roc_auc>0.9", true, "roc_auc is 0.913, above 0.9"},
        {"calibration_error <= 0.05", true, "calibration_error is 0.03, at most 0.05"},
        {"calibration_error <= 2e-2", false, "calibration_error is 0.03, above 2e-2"},
        {"calibration_error < 0.03", false, "calibration_error is 0.03, not below 0.03"},
        {"  calibration_error  <  .04 ", true, "calibration_error is 0.03, below .04"},
        {"calibration_error == 0.03", true, "calibration_error is 0.03, exactly 0.03"},
        {"calibration_error == 0.04", false, "calibration_error is 0.03, not 0.04"},
        {"f1 >= 0.92", false, "f1 is 0.91996, below 0.92"}, /* not "0.92, below 0.92" */
    };
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tend_gate_result r = apply(cases[i].gate, arena);
        ASSERT_EQ(r.passed, cases[i].passed);
        ASSERT_STR_EQ(r.message, cases[i].message);
    }
}

TEST(slices_that_are_small_or_undefined_do_not_count_and_it_says_so) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_gate_result r = apply("min(slice.roc_auc) >= 0.85", arena);
    ASSERT_FALSE(r.passed);
    ASSERT_NEAR(r.value, 0.84, 0);
    ASSERT_NEAR(r.limit, 0.85, 0);
    ASSERT_STR_EQ(r.message, "the worst slice (sex=Female, n=2,126) has roc_auc 0.84, below 0.85; "
                             "1 slice under 30 rows and 1 slice where it is "
                             "undefined not counted");
    r = apply("max( slice.calibration_error ) < 0.1", arena);
    ASSERT_TRUE(r.passed);
    ASSERT_HAS(r.message, "the worst slice (sex=Male, race=White, n=4,000) has calibration_error "
                          "0.06, below 0.1; 1 slice under 30 rows not counted");
    r = apply("max(slice.roc_auc) <= 1", arena);
    ASSERT_HAS(r.message, "the best slice (sex=Male, race=White, n=4,000) has roc_auc 0.9, at most 1");
    r = apply("mean(slice.roc_auc) > 0.88", arena);
    ASSERT_FALSE(r.passed);
    ASSERT_HAS(r.message, "the mean roc_auc of 2 slices is 0.87, not above 0.88");
}

TEST(an_undefined_metric_fails_with_the_reason) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_gate_result r = apply("pr_auc <= 1", arena);
    ASSERT_FALSE(r.passed);
    ASSERT_TRUE(isnan(r.value));
    ASSERT_HAS(r.message, "pr_auc is undefined on these 6513 rows");
    r = apply("min(slice.f1) >= 0", arena);
    ASSERT_FALSE(r.passed);
    ASSERT_HAS(r.message, "no slice to take f1 of");
}

TEST(gates_meet_the_real_document) {
    people p = people_new(2000, 3);
    tend_evaluate_options options = people_options();
    const tend_node *doc = evaluate(&p, &options);
    const tend_node *gates = yaml("- \"roc_auc >= 0.5\"\n- min(slice.roc_auc) >= 0.99\n", p.arena);
    tend_error err = TEND_ERROR_INIT;
    tend_gate_result *out = NULL;
    int n = 0;
    ASSERT_OK(tend_gates_apply(gates, doc, p.arena, &out, &n, &err), &err);
    ASSERT_EQ(n, 2);
    ASSERT_TRUE(out[0].passed);
    ASSERT_FALSE(out[1].passed);
    ASSERT_EQ(out[1].span.line, 2);
    double least = 1;
    TEND_NODE_EACH(slice, tend_node_get(doc, "slices"))
        if (!tend_node_bool(tend_node_get(slice, "small"), false))
            least = fmin(least, number_at(slice, "metrics.roc_auc.value"));
    ASSERT_NEAR(out[1].value, least, 0);
    people_free(&p);
}

TEST(no_gates_are_none) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_gate_result *out = NULL;
    int n = -1;
    ASSERT_OK(tend_gates_apply(NULL, evaluation(arena), arena, &out, &n, &err), &err);
    ASSERT_EQ(n, 0);
    ASSERT_OK(tend_gates_apply(tend_node_new_list(arena), evaluation(arena), arena, &out, &n, &err), &err);
    ASSERT_EQ(n, 0);
    ASSERT_FAILS(tend_gates_apply(yaml("[roc_auc]", arena), evaluation(arena), arena, &out, &n, &err), &err, CONFIG, "found the end");
}

/* What is written, what is said, the hint's beginning ("" for none), and the columns at fault
 * counted in the text from 1. */
TEST(faults_have_a_place_and_the_nearest_word) {
    static const struct {
        const char *gate, *message, *hint;
        uint32_t column, length;
    } cases[] = {
        {"roc_acu >= 0.9", "unknown metric 'roc_acu'", "did you mean 'roc_auc'?", 1, 7},
        {"quality >= 0.9", "unknown metric 'quality'", "the metrics are roc_auc, pr_auc", 1, 7},
        {"rmse < 3", "the metric 'rmse' is one of numbers", "the metrics are", 1, 4},
        {"roc_auc => 0.9", "expected >=, >, <=, < or ==, found '=>'", "did you mean '>='?", 9, 2},
        {"roc_auc 0.9", "expected >=, >, <=, < or ==, found '0.9'", "", 9, 3},
        {"roc_auc >= high", "expected a number, found 'high'", "", 12, 4},
        {"recall >= 5%", "expected a number, found '5%'", "metrics are fractions: 5% is 0.05", 11, 2},
        {"recall >=", "expected a number, found the end", "", 10, 1},
        {"roc_auc >= 0.9 and f1 > 0.5", "expected the end of the gate, found 'and'", "one condition each", 16, 12},
        {"mim(slice.f1) > 0.5", "expected min, max or mean, found 'mim'", "did you mean 'min'?", 1, 3},
        {"min(slice.f2) > 0.5", "unknown metric 'f2'", "did you mean 'f1'?", 11, 2},
        {"min(f1) > 0.5", "expected slice.METRIC, found 'f1'", "a gate reads like", 5, 2},
        {"min(slice.f1 > 0.5", "expected ')', found '>'", "", 14, 1},
        {"slice.f1 > 0.5", "a metric of slices stands in min(), max() or mean()", "write min(slice.f1)", 1, 8},
        {"", "expected a metric, found the end", "a gate reads like", 1, 1},
        {">= 0.5", "expected a metric, found '>='", "a gate reads like", 1, 2},
    };
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tend_diags diags;
        tend_diags_init(&diags, arena);
        const tend_node *gates = yaml(tend_arena_printf(arena, "[\"%s\"]", cases[i].gate), arena);
        tend_gates_check(gates, TEND_TASK_BINARY, &diags);
        ASSERT_TRUE(diags.n_errors >= 1);
        const tend_error *err = &diags.first->error;
        ASSERT_HAS(err->message, cases[i].message);
        ASSERT_HAS(err->hint, cases[i].hint);
        ASSERT_EQ(err->line, 1);
        ASSERT_EQ(err->column, cases[i].column + 2); /* the bracket and the quote */
        ASSERT_EQ(err->length, cases[i].length);
    }
}

TEST(all_faults_are_told_at_once) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_diags diags;
    tend_diags_init(&diags, arena);
    const tend_node *gates = yaml("gates:\n  - rocauc >= x\n  - 5\n  - mae < 3\n  - accuracy > 0.5\n", arena)->first;
    tend_gates_check(gates, TEND_TASK_BINARY, &diags);
    ASSERT_EQ(diags.n_errors, 4); /* the first gate has two */
    ASSERT_EQ(diags.first->error.line, 2);
    ASSERT_EQ(diags.first->error.column, 5); /* not quoted */
    ASSERT_EQ(diags.first->next->error.column, 15);
    ASSERT_HAS(diags.first->next->next->error.message, "expected a gate, found");
    ASSERT_EQ(diags.last->error.line, 4);
    tend_diags_init(&diags, arena);
    tend_gates_check(yaml("[mae < 3, \"min(slice.r2) >= 0\"]", arena), TEND_TASK_REGRESSION, &diags);
    ASSERT_EQ(diags.n_errors, 0);
}
