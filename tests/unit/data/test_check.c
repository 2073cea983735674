/* Checks: each rule's anomaly, its sentence, its places; what goes to the quarantine and why. */
#include "data/check.h"
#include "data/reader.h"

#include "table_kit.h"

static tend_schema *schema_of(kit *k, const char *expect) {
    tend_error err = TEND_ERROR_INIT;
    tend_diags diags;
    tend_node *root = NULL;
    tend_diags_init(&diags, k->arena);
    ASSERT_OK(tend_yaml_parse(expect, strlen(expect), "tend.yaml", &diags, &root, &err), &err);
    tend_schema *s = tend_schema_parse(NULL, root, k->arena, &diags);
    ASSERT_OK(tend_diags_status(&diags, &err), &err);
    return s;
}

static tend_check check_with(kit *k, const char *expect, const tend_check_options *options) {
    tend_check check = {0};
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_check_table(k->table, schema_of(k, expect), options, k->arena, &check, &err), &err);
    return check;
}

static tend_check check(kit *k, const char *expect) { return check_with(k, expect, NULL); }

static void assert_anomaly(const tend_check *c, int i, const char *rule, int64_t rows, const char *message) {
    ASSERT_TRUE(i < c->n_anomalies);
    ASSERT_STR_EQ(c->anomalies[i].message, message);
    ASSERT_STR_EQ(c->anomalies[i].rule, rule);
    ASSERT_EQ(c->anomalies[i].n_rows, rows);
}

static kit places(void) {
    kit k = kit_new(3, 4);
    static const uint32_t lines[] = {2, 3, 5, 6};
    static const char *const files[] = {"data/a.csv"};
    kit_texts(&k, "age", TEND_INT, CELLS("30", "-3", "130", ""));
    kit_texts(&k, "job", TEND_STRING, CELLS("Private", "Privat", "", "State"));
    kit_texts(&k, "x", TEND_FLOAT, CELLS("-74.25", "-74.26", "0", "1"));
    k.table->line = lines;
    k.table->files = files;
    k.table->n_files = 1;
    return k;
}

TEST(a_good_table_has_no_anomalies) {
    kit k = places();
    tend_check c = check(&k, "{age: {type: integer, range: [-3, 130]}, x: {range: [-74.26, 1]}, rows: {min: 4, max: 4}}");
    ASSERT_EQ(c.n_anomalies + c.n_errors + c.n_warnings, 0);
    ASSERT_EQ(c.n_quarantine, 0);
    ASSERT_NULL(c.bad_row);
    kit_done(&k);
}

TEST(ranges_tell_the_side_the_count_and_the_first_place) {
    kit k = places();
    tend_check c = check(&k, "{age: {range: [0, 120]}, x: {range: [-74.25, null]}}");
    ASSERT_EQ(c.n_anomalies, 3);
    assert_anomaly(&c, 0, "range", 1, "age: 1 of 4 rows is below 0 (first: -3 at data/a.csv:3)");
    assert_anomaly(&c, 1, "range", 1, "age: 1 of 4 rows is above 120 (first: 130 at data/a.csv:5)");
    assert_anomaly(&c, 2, "range", 1, "x: 1 of 4 rows is below -74.25 (first: -74.26 at data/a.csv:3)");
    ASSERT_NEAR(c.anomalies[0].value, -3, 0);
    ASSERT_NEAR(c.anomalies[0].limit, 0, 0);
    ASSERT_EQ(c.anomalies[0].span.line, 1);
    ASSERT_EQ(c.n_errors, 3);
    ASSERT_EQ(c.n_quarantine, 2);
    ASSERT_EQ(c.quarantine[0].row, 1);
    ASSERT_STR_EQ(c.quarantine[0].reason, "age: -3 is below 0; x: -74.26 is below -74.25");
    ASSERT_STR_EQ(c.quarantine[0].file, "data/a.csv");
    ASSERT_EQ(c.quarantine[0].line, 3);
    ASSERT_STR_EQ(c.quarantine[1].reason, "age: 130 is above 120");
    ASSERT_EQ(c.bad_row[0], 0);
    ASSERT_EQ(c.bad_row[1], 1);
    ASSERT_EQ(c.bad_row[2], 1);
    kit_done(&k);
}

TEST(warnings_put_no_row_aside) {
    kit k = places();
    tend_check c = check(&k, "{age: {range: [0, 120], severity: warning}, x: {range: [-74.25, null], severity: quarantine}}");
    ASSERT_EQ(c.n_errors, 0);
    ASSERT_EQ(c.n_warnings, 3);
    ASSERT_EQ(c.n_quarantine, 1);
    ASSERT_STR_EQ(c.quarantine[0].reason, "x: -74.26 is below -74.25");
    kit_done(&k);
}

TEST(missing_values_break_only_required) {
    kit k = places();
    tend_check c = check(&k, "{age: {required: true}, job: {values: [Private, Privat, State]}}");
    ASSERT_EQ(c.n_anomalies, 1);
    assert_anomaly(&c, 0, "required", 1, "age: 1 of 4 rows is missing (first: data/a.csv:6)");
    ASSERT_STR_EQ(c.quarantine[0].reason, "age: missing");
    kit_done(&k);
}

TEST(values_name_the_odd_ones_and_the_nearest) {
    kit k = places();
    tend_check c = check(&k, "{job: {values: [Private, Public]}}");
    assert_anomaly(&c, 0, "values", 2,
                   "job: 2 of 4 rows (50.0%) have a value that is not allowed: \"Privat\" (1 row), \"State\" (1 row) "
                   "(first: data/a.csv:3)");
    ASSERT_HAS(c.anomalies[0].hint, "did you mean \"Private\"?");
    ASSERT_STR_EQ(c.quarantine[1].reason, "job: \"State\" is not an allowed value");
    kit_done(&k);
}

TEST(values_of_numbers_are_compared_as_numbers) {
    kit k = kit_new(2, 3);
    kit_texts(&k, "n", TEND_INT, CELLS("1", "2", "3"));
    kit_texts(&k, "f", TEND_FLOAT, CELLS("1", "2.5", "3"));
    ASSERT_EQ(check(&k, "{n: {values: [1.0, 2, 3e0]}, f: {values: [1.0, 2.50, 3]}}").n_anomalies, 0);
    tend_check c = check(&k, "{n: {values: [1, 2]}}");
    assert_anomaly(&c, 0, "values", 1, "n: 1 of 3 rows has a value that is not allowed: \"3\" (1 row) (first: row 3)");
    kit_done(&k);
}

TEST(dates_are_told_in_iso) {
    kit k = kit_new(2, 2);
    kit_texts(&k, "born", TEND_DATE, CELLS("0", "-40000"));
    kit_texts(&k, "at", TEND_STRING, CELLS("2020-05-01", "tomorrow"));
    tend_check c = check(&k, "{born: {type: date, range: [1900-01-01, null]}, at: {type: date, range: [2020-06-01, null]}}");
    ASSERT_EQ(c.n_anomalies, 3);
    assert_anomaly(&c, 0, "range", 1, "born: 1 of 2 rows is below 1900-01-01 (first: 1860-06-26 at row 2)");
    assert_anomaly(&c, 1, "type", 1, "at: 1 of 2 rows is not of type date (first: \"tomorrow\" at row 2)");
    assert_anomaly(&c, 2, "range", 1, "at: 1 of 2 rows is below 2020-06-01 (first: \"2020-05-01\" at row 1)");
    kit_done(&k);
}

TEST(types_of_tables_that_no_reader_checked) {
    kit k = kit_new(3, 3);
    kit_texts(&k, "i", TEND_FLOAT, CELLS("1", "2.5", ""));
    kit_texts(&k, "b", TEND_INT, CELLS("0", "1", "2"));
    kit_texts(&k, "s", TEND_STRING, CELLS("7", "seven", ""));
    tend_check c = check(&k, "{i: {type: integer}, b: {type: boolean}, s: {type: number, severity: warning}}");
    ASSERT_EQ(c.n_anomalies, 3);
    assert_anomaly(&c, 0, "type", 1, "i: 1 of 3 rows is not of type integer (first: 2.5 at row 2)");
    assert_anomaly(&c, 1, "type", 1, "b: 1 of 3 rows is not of type boolean (first: 2 at row 3)");
    assert_anomaly(&c, 2, "type", 1, "s: 1 of 3 rows is not of type number (first: \"seven\" at row 2)");
    ASSERT_EQ(c.anomalies[2].severity, TEND_RULE_QUARANTINE); /* a cell that cannot be read is never only a warning */
    ASSERT_EQ(check(&k, "{i: {type: number}, b: {type: number}, s: {type: string}}").n_anomalies, 0);
    kit_done(&k);
}

TEST(patterns) {
    kit k = kit_new(1, 3);
    kit_texts(&k, "code", TEND_STRING, CELLS("AB-1", "XB-2", ""));
    tend_check c = check(&k, "{code: {pattern: \"AB-*\"}}");
    assert_anomaly(&c, 0, "pattern", 1, "code: 1 of 3 rows is not of the form AB-* (first: \"XB-2\" at row 2)");
    kit_done(&k);
}

TEST(keys_of_one_and_of_several_columns) {
    kit k = kit_new(3, 5);
    kit_texts(&k, "id", TEND_INT, CELLS("1", "2", "1", "", ""));
    kit_texts(&k, "a", TEND_STRING, CELLS("x", "x", "y", "x", "x"));
    kit_texts(&k, "b", TEND_FLOAT, CELLS("1", "2", "1", "1", "1"));
    tend_check c = check(&k, "{id: {unique: true}, unique: [[a, b]]}");
    ASSERT_EQ(c.n_anomalies, 2);
    assert_anomaly(&c, 0, "unique", 1, "id: 1 of 5 rows repeats an earlier one (first: 1 at row 3, already at row 1)");
    assert_anomaly(&c, 1, "unique", 2, "a, b: 2 of 5 rows (40.0%) repeat an earlier one (first: row 4, already at row 1)");
    ASSERT_STR_EQ(c.quarantine[0].reason, "id: the same as in row 1");
    c = check(&k, "{unique: idd}");
    ASSERT_STR_EQ(c.anomalies[0].message, "idd: the data has no such column, so the key cannot be checked");
    ASSERT_HAS(c.anomalies[0].hint, "'id'");
    kit_done(&k);
}

TEST(rows_and_columns) {
    kit k = places();
    tend_check c = check(&k, "{rows: {min: 10000, severity: warning}, agee: {required: true}, y: {severity: warning}}");
    ASSERT_EQ(c.n_anomalies, 3);
    assert_anomaly(&c, 0, "rows", 0, "the table has 4 rows, fewer than the 10,000 allowed");
    assert_anomaly(&c, 1, "columns", 0, "agee: the data has no such column");
    ASSERT_HAS(c.anomalies[1].hint, "'age'");
    ASSERT_EQ(c.anomalies[1].severity, TEND_RULE_ERROR);
    ASSERT_EQ(c.anomalies[2].severity, TEND_RULE_WARNING);
    c = check(&k, "{columns: exact, x: {required: true}, age: {type: integer}}");
    ASSERT_EQ(c.n_anomalies, 2);
    assert_anomaly(&c, 0, "columns", 0, "job: the schema has no such column, and says `columns: exact`");
    assert_anomaly(&c, 1, "columns", 0, "x: the columns are not in the order of the schema");
    ASSERT_EQ(check(&k, "{columns: exact, age: {type: integer}, job: {type: string}, x: {type: number}}").n_anomalies, 0);
    kit_done(&k);
}

static tend_status odd_rows_break(void *ctx, const tend_table *table, const tend_sql_rule *rule, uint8_t *out, tend_error *err) {
    if (strcmp(rule->sql, "wrong") == 0)
        return TEND_FAIL(err, CONFIG, "no such column");
    for (int64_t i = 0; i < table->n_rows; i++)
        out[i] = (uint8_t)(i == 0 ? 2 : i % 2 == 0);
    *(int *)ctx += 1;
    return TEND_OK;
}

TEST(sql_rules_are_asked_above) {
    kit k = places();
    int calls = 0;
    tend_check_options options = {.sql = odd_rows_break, .ctx = &calls};
    tend_check c = check_with(&k, "{no_future: a <= b}", &options);
    assert_anomaly(&c, 0, "sql", 2, "no_future: 2 of 4 rows (50.0%) break \"a <= b\" (first: data/a.csv:3)");
    ASSERT_STR_EQ(c.quarantine[0].reason, "no_future: breaks \"a <= b\"");
    ASSERT_EQ(calls, 1);
    c = check(&k, "{no_future: a <= b}");
    ASSERT_HAS(c.anomalies[0].message, "not checked");
    tend_check broken = {0};
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(tend_check_table(k.table, schema_of(&k, "{r: wrong}"), &options, k.arena, &broken, &err), &err, CONFIG, "no such column");
    kit_done(&k);
}

TEST(what_the_reader_could_not_read_is_taken_over) {
    kit k = places();
    tend_bad_row items[] = {
        {"data/a.csv", 4, -1, NULL, "1,2", "expected 3 fields, found 2"},
        {"data/a.csv", 6, 3, "age", "abc", "expected an integer"},
    };
    tend_bad_rows bad = {.arena = k.arena, .items = items, .n = 2, .capacity = 2, .n_total = 2};
    tend_check_options options = {.bad = &bad};
    tend_check c = check_with(&k, "{age: {type: integer, required: true, severity: warning}}", &options);
    ASSERT_EQ(c.n_anomalies, 2); /* the unreadable cell is not missing as well */
    assert_anomaly(&c, 0, "unreadable", 1, "1 row cannot be read (first: data/a.csv:4: expected 3 fields, found 2)");
    assert_anomaly(&c, 1, "type", 1, "age: 1 cell cannot be read (first: data/a.csv:6: expected an integer, found \"abc\")");
    ASSERT_EQ(c.anomalies[1].severity, TEND_RULE_QUARANTINE);
    ASSERT_EQ(c.n_quarantine, 2);
    ASSERT_EQ(c.quarantine[0].row, 3);
    ASSERT_STR_EQ(c.quarantine[0].reason, "age: expected an integer, found \"abc\"");
    ASSERT_EQ(c.quarantine[1].row, -1);
    ASSERT_STR_EQ(c.quarantine[1].text, "1,2");
    ASSERT_EQ(c.quarantine[1].line, 4);
    kit_done(&k);
}

/* ---- drift ---- */

static tend_status give_reference(void *ctx, const char *name, tend_arena *arena, tend_table **out, tend_error *err) {
    (void)arena;
    if (strcmp(name, "gone") == 0)
        return TEND_FAIL(err, NOT_FOUND, "no snapshot 'gone'");
    *out = ctx;
    return TEND_OK;
}

static const char *half(int64_t i) { return i % 2 ? "b" : "a"; }
static const char *third(int64_t i) { return i % 3 ? "b" : "a"; }
static const char *novel(int64_t i) { return i == 7 ? "c" : half(i); }
static double low(int64_t i) { return (double)(i % 100); }
static double high(int64_t i) { return (double)(i % 100) + 30; }

TEST(drift_of_levels) {
    kit old = kit_new(1, 300), new = kit_new(1, 300);
    kit_strings(&old, "g", half);
    kit_strings(&new, "g", third);
    tend_check_options options = {.reference = give_reference, .ctx = old.table};
    /* scipy.stats.entropy([100, 200], [150, 150], base=2) = 0.0817041659455103 */
    tend_check c = check_with(&new, "{g: {drift: {test: kl, max: 0.08, against: may}}}", &options);
    assert_anomaly(&c, 0, "drift", 0,
                   "g: the KL divergence (base 2) against \"may\" is 0.0817, above 0.08; most changed: \"a\", from 50.0% to 33.3%");
    ASSERT_NEAR(c.anomalies[0].value, 0.0817041659455103, 1e-15);
    ASSERT_EQ(check_with(&new, "{g: {drift: {test: kl, max: 0.082}}}", &options).n_anomalies, 0);
    ASSERT_EQ(check_with(&new, "{g: {drift: {test: psi, max: 0.01}}}", &options).n_anomalies, 1);
    ASSERT_EQ(check_with(&new, "{g: {drift: {test: js, max: 0.01}}}", &options).n_anomalies, 1);
    ASSERT_HAS(check_with(&new, "{g: {drift: {test: ks, max: 0.01}}}", &options).anomalies[0].message, "compares numbers");
    ASSERT_EQ(check(&new, "{g: {drift: {test: kl, max: 0}}}").n_anomalies, 0); /* no reference yet */
    kit_done(&old);
    kit_done(&new);
}

TEST(a_new_level_makes_kl_infinite_and_is_named) {
    kit old = kit_new(1, 300), new = kit_new(1, 300);
    kit_strings(&old, "g", half);
    kit_strings(&new, "g", novel);
    tend_check_options options = {.reference = give_reference, .ctx = old.table};
    tend_check c = check_with(&new, "{g: {drift: {test: kl, max: 5}}}", &options);
    ASSERT_EQ(c.n_anomalies, 1);
    ASSERT_TRUE(isinf(c.anomalies[0].value));
    ASSERT_HAS(c.anomalies[0].message, "is inf, above 5; \"c\" does not occur in the reference");
    kit_done(&old);
    kit_done(&new);
}

TEST(drift_of_numbers) {
    kit old = kit_new(2, 1000), new = kit_new(2, 1000);
    kit_numbers(&old, "x", TEND_INT, low);
    kit_numbers(&old, "y", TEND_FLOAT, low);
    kit_numbers(&new, "x", TEND_INT, high);
    kit_numbers(&new, "y", TEND_FLOAT, low);
    tend_check_options options = {.reference = give_reference, .ctx = old.table};
    tend_check c = check_with(&new, "{x: {drift: {test: ks, max: 0.2}}, y: {drift: {test: ks, max: 0}}}", &options);
    ASSERT_EQ(c.n_anomalies, 1);
    ASSERT_NEAR(c.anomalies[0].value, 0.3, 1e-12); /* 30 of 100 values lie below the new minimum */
    c = check_with(&new, "{x: {drift: {test: psi, max: 0.25}}, y: {drift: {test: psi, max: 0}}}", &options);
    ASSERT_EQ(c.n_anomalies, 1);
    ASSERT_HAS(c.anomalies[0].message, "most changed: 89.1 and above, from 10.0% to 40.0%");
    tend_check broken = {0};
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(
        tend_check_table(new.table, schema_of(&new, "{x: {drift: {test: ks, max: 1, against: gone}}}"), &options, new.arena, &broken, &err),
        &err, NOT_FOUND, "gone");
    kit_done(&old);
    kit_done(&new);
}

TEST(drift_against_what_cannot_be_compared) {
    kit old = kit_new(1, 3), new = kit_new(2, 3);
    kit_texts(&old, "x", TEND_FLOAT, CELLS("", "", ""));
    kit_texts(&new, "x", TEND_FLOAT, CELLS("1", "2", "3"));
    kit_texts(&new, "y", TEND_FLOAT, CELLS("1", "2", "3"));
    tend_check_options options = {.reference = give_reference, .ctx = old.table};
    tend_check c = check_with(&new, "{x: {drift: {test: kl, max: 1}}, y: {drift: {test: ks, max: 1}}}", &options);
    ASSERT_EQ(c.n_anomalies, 2);
    ASSERT_HAS(c.anomalies[0].message, "one side has no values");
    ASSERT_HAS(c.anomalies[1].message, "\"reference\" has no such column");
    kit_done(&old);
    kit_done(&new);
}

TEST(tables_without_rows) {
    kit k = kit_new(2, 0);
    kit_texts(&k, "n", TEND_INT, CELLS(""));
    kit_texts(&k, "s", TEND_STRING, CELLS(""));
    tend_check c = check(&k, "{n: {type: integer, range: [0, 1], required: true, unique: true}, s: {values: [a], pattern: x*},"
                             " rows: {min: 1}, unique: [[n, s]]}");
    ASSERT_EQ(c.n_anomalies, 1);
    assert_anomaly(&c, 0, "rows", 0, "the table has 0 rows, fewer than the 1 allowed");
    kit_done(&k);
}

TEST(json_of_a_check) {
    kit k = places();
    tend_check c = check(&k, "{age: {range: [0, 120], severity: quarantine}}");
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_json_format(tend_check_to_node(&c, k.arena), 0, &text);
    ASSERT_HAS(tend_buf_text(&text),
               "{\"anomalies\":[{\"rule\":\"range\",\"column\":\"age\",\"severity\":\"quarantine\",\"rows\":1,\"value\":-3,\"limit\":0,"
               "\"message\":\"age: 1 of 4 rows is below 0 (first: -3 at data/a.csv:3)\",\"where\":\"tend.yaml:1:2\"}");
    ASSERT_HAS(tend_buf_text(&text), "\"quarantined\":2,\"errors\":0,\"warnings\":2}");
    kit_done(&k);
}

/* ---- real data: the weekly delivery of New York rentals ---- */

static tend_table *rentals(kit *k, const char *name) {
    static const tend_format *const formats[] = {&tend_format_csv, NULL};
    tend_error err = TEND_ERROR_INIT;
    tend_bad_rows bad;
    tend_table *all = NULL;
    tend_bad_rows_init(&bad, k->arena);
    ASSERT_OK(tend_read_file(formats, suite_shared(name), &TEND_READ_OPTIONS_INIT, k->arena, &bad, &all, NULL, &err), &err);
    ASSERT_EQ(bad.n, 0);
    const tend_column *price = tend_table_column(all, "price");
    int64_t *rows = TEND_ARRAY(k->arena, int64_t, all->n_rows), n = 0;
    for (int64_t i = 0; i < all->n_rows; i++)
        if (price->ints[i] >= 10 && price->ints[i] <= 350)
            rows[n++] = i;
    return tend_table_take(all, rows, n, k->arena);
}

TEST(the_second_delivery_of_rentals_breaks_one_rule_in_one_row) {
    if (!suite_shared("nyc-airbnb/sample2.csv.gz"))
        SKIP();
    static const char expect[] =
        "{rows: {min: 15000, max: 1000000}, price: {type: integer, range: [10, 350]}, longitude: {range: [-74.25, -73.50]},"
        " latitude: {range: [40.5, 41.2]}, neighbourhood_group: {values: [Bronx, Brooklyn, Manhattan, Queens, Staten Island],"
        " drift: {test: kl, max: 0.2}}}";
    kit k = kit_new(0, 0);
    tend_table *reference = rentals(&k, "nyc-airbnb/sample1.csv.gz");
    tend_check_options options = {.reference = give_reference, .ctx = reference};
    k.table = rentals(&k, "nyc-airbnb/sample2.csv.gz");
    ASSERT_EQ(reference->n_rows, 19001);
    ASSERT_EQ(k.table->n_rows, 46428);
    tend_check c = check_with(&k, expect, &options);
    ASSERT_EQ(c.n_anomalies, 1);
    ASSERT_HAS(c.anomalies[0].message, "latitude: 1 of 46,428 rows is below 40.5 (first: 40.49979 at ");
    ASSERT_EQ(c.n_quarantine, 1);
    ASSERT_EQ(tend_table_column(k.table, "id")->ints[c.quarantine[0].row], 10830083);
    ASSERT_STR_EQ(c.quarantine[0].reason, "latitude: 40.49979 is below 40.5");
    c = check_with(&k, "{neighbourhood_group: {drift: {test: kl, max: 0.0001}}}", &options);
    ASSERT_NEAR(c.anomalies[0].value, 0.00010943687636717798, 1e-12); /* scipy 1.10.1: entropy(new, reference, base=2) */
    kit_done(&k);
}
