/* Every expectation with what became of it, those that held included. */
#include "data/check.h"

#include "table_kit.h"

static tend_node *outcomes_of(kit *k, const char *expect, const tend_check_options *options) {
    tend_error err = TEND_ERROR_INIT;
    tend_diags diags;
    tend_node *root = NULL;
    tend_diags_init(&diags, k->arena);
    ASSERT_OK(tend_yaml_parse(expect, strlen(expect), "tend.yaml", &diags, &root, &err), &err);
    tend_schema *schema = tend_schema_parse(NULL, root, k->arena, &diags);
    ASSERT_OK(tend_diags_status(&diags, &err), &err);
    tend_check check = {0};
    ASSERT_OK(tend_check_table(k->table, schema, options, k->arena, &check, &err), &err);
    return tend_check_outcomes(k->table, schema, &check, k->arena);
}

static void assert_outcomes(kit *k, const tend_node *list, const char *want) {
    (void)k;
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_json_format(list, 0, &text);
    ASSERT_STR_EQ(tend_buf_text(&text), want);
}

static kit people(void) {
    kit k = kit_new(2, 3);
    kit_texts(&k, "age", TEND_INT, CELLS("30", "-3", "40"));
    kit_texts(&k, "job", TEND_STRING, CELLS("a", "b", ""));
    return k;
}

TEST(rules_that_hold_and_rules_that_do_not) {
    kit k = people();
    assert_outcomes(
        &k,
        outcomes_of(&k,
                    "{rows: {min: 3, severity: warning}, age: {type: integer, range: [0, null], severity: warning}, job: {required: true}}",
                    NULL),
        "[{\"rule\":\"rows\",\"column\":null,\"expected\":{\"min\":3},\"holds\":true,\"rows\":0},"
        "{\"rule\":\"type\",\"column\":\"age\",\"expected\":\"integer\",\"holds\":true,\"rows\":0},"
        "{\"rule\":\"range\",\"column\":\"age\",\"expected\":[0,null],\"holds\":false,\"rows\":1},"
        "{\"rule\":\"required\",\"column\":\"job\",\"expected\":true,\"holds\":false,\"rows\":1}]");
    kit_done(&k);
}

TEST(what_was_not_checked_says_so) {
    kit k = people();
    assert_outcomes(
        &k, outcomes_of(&k, "{gone: {unique: true}, job: {drift: {test: kl, max: 0.2}}}", NULL),
        "[{\"rule\":\"unique\",\"column\":\"gone\",\"expected\":true,\"holds\":null},"
        "{\"rule\":\"drift\",\"column\":\"job\",\"expected\":{\"test\":\"kl\",\"max\":0.2,\"against\":\"reference\"},\"holds\":null}]");
    kit_done(&k);
}

static tend_status same_table(void *ctx, const char *name, tend_arena *arena, tend_table **out, tend_error *err) {
    (void)name;
    (void)arena;
    (void)err;
    *out = ctx;
    return TEND_OK;
}

TEST(a_drift_that_was_measured_has_its_value) {
    kit k = people();
    tend_check_options options = {.reference = same_table, .ctx = k.table};
    assert_outcomes(&k, outcomes_of(&k, "{job: {drift: {test: kl, max: 0.2}}}", &options),
                    "[{\"rule\":\"drift\",\"column\":\"job\",\"expected\":{\"test\":\"kl\",\"max\":0.2,\"against\":\"reference\"},"
                    "\"holds\":true,\"rows\":0,\"value\":0}]");
    kit_done(&k);
}
