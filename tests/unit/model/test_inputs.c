/* Rows value by value: the same verdicts and the same bits as a file that is read, checked and predicted as a table. */
#include "base/fs.h"
#include "base/rng.h"
#include "data/check.h"
#include "model/inputs_plan.h"
#include "unit/model/model_case.h"

static const char expectations[] = "age: {type: integer, range: [0, 120], required: true, severity: error}\n"
                                   "town: {type: string, values: [Bonn, Ulm], severity: quarantine}\n"
                                   "score: {type: number, range: [-5, null], severity: warning}\n"
                                   "member: {type: boolean}\n"
                                   "born: {type: date, range: [1900-01-01, 2020-12-31], severity: error}\n";

static tend_model *model_with(const char *expect, tend_arena *arena) {
    tend_model *model = make_model(TEND_TASK_BINARY, case_table(arena, people));
    tend_diags diags;
    tend_diags_init(&diags, arena);
    model->schema = tend_schema_parse(NULL, case_yaml(model->arena, expect), model->arena, &diags);
    ASSERT_EQ(diags.n_errors, 0);
    return model;
}

static const char *const cells[5][10] = {
    {"39", " 50 ", "0", "121", "-1", "39.0", "39.5", "old", "", "NA"},
    {"Bonn", "Ulm", " Bonn ", "Berlin", "", "n/a", "ulm", "Bonn", "\"Ulm\"", "NA"},
    {"1.5", "-7", "1e3", "inf", "abc", "", "2.", "-0.0", "1,5", "nan"},
    {"true", "False", "yes", "0", "2", "", "maybe", "T", "NA", "1"},
    {"1980-02-01", "1970-03-04", "1899-12-31", "2021-01-01", "yesterday", "", "2001-02-30", "1999-12-31", "null", "1999-12"},
};

static void random_csv(tend_buf *csv, int n, uint64_t seed) {
    tend_rng rng;
    tend_rng_init(&rng, seed, "cells");
    tend_buf_puts(csv, "age,town,score,member,born\n");
    for (int i = 0; i < n; i++)
        for (int c = 0; c < 5; c++) {
            const char *cell = cells[c][tend_rng_next(&rng) % 10];
            bool quote = strchr(cell, ',') && cell[0] != '"';
            tend_buf_printf(csv, quote ? "\"%s\"%c" : "%s%c", cell, c == 4 ? '\n' : ',');
        }
}

static void set_row(tend_rows *rows, const char *line) {
    tend_rows_begin(rows);
    int c = 0;
    while (c < 5) {
        size_t size = line[0] == '"' ? strcspn(line + 1, "\"") : strcspn(line, ",\n");
        ASSERT_TRUE(tend_rows_set_cell(rows, c++, (tend_str){line + (line[0] == '"'), size}));
        line += size + (line[0] == '"' ? 3 : 1);
    }
    tend_rows_end(rows, true);
}

TEST(rows_are_judged_and_predicted_as_a_file_is) {
    enum { N = 3000 };
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_model) *model = model_with(expectations, arena);
    TEND_AUTO_BUF csv = TEND_BUF_INIT;
    random_csv(&csv, N, 11);
    char path[600];
    snprintf(path, sizeof path, "%s/cells.csv", suite_scratch());
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_fs_write(path, csv.data, csv.size, 0644, &err), &err);
    tend_read_options options = TEND_READ_OPTIONS_INIT;
    options.schema = model->schema;
    options.missing = model->schema->missing;
    options.n_missing = model->schema->n_missing;
    options.separator = ',';
    options.quote = '"';
    tend_bad_rows bad;
    tend_bad_rows_init(&bad, arena);
    tend_table *table = NULL;
    const tend_format *const formats[] = {&tend_format_csv, NULL};
    ASSERT_OK(tend_read_file(formats, path, &options, arena, &bad, &table, NULL, &err), &err);
    ASSERT_EQ(table->n_rows, N);
    tend_check check = {0};
    ASSERT_OK(tend_check_table(table, model->schema, &(tend_check_options){.bad = &bad}, arena, &check, &err), &err);
    tend_predictions want;
    ASSERT_OK(tend_model_predict(model, table, arena, &want, &err), &err);

    TEND_AUTO(tend_inputs) *inputs = tend_inputs_new(model);
    TEND_AUTO(tend_rows) *rows = tend_rows_new(inputs);
    const char *line = strchr(csv.data, '\n') + 1;
    for (int i = 0; i < N; i++, line = strchr(line, '\n') + 1)
        set_row(rows, line);
    const tend_predictions *got;
    ASSERT_OK(tend_rows_predict(rows, &got, &err), &err);
    ASSERT_EQ(got->n, N);
    int64_t n_bad = 0;
    for (int i = 0; i < N; i++) {
        ASSERT_EQ(tend_rows_is_bad(rows, i), check.bad_row[i]);
        n_bad += check.bad_row[i];
        ASSERT_MEM_EQ(&got->score[i], &want.score[i], sizeof(double));
    }
    ASSERT_EQ(tend_rows_n_bad(rows), n_bad);
    ASSERT_TRUE(n_bad > N / 2 && n_bad < N);
    /* One after the other, in rows that are used again, each gives the same. */
    line = strchr(csv.data, '\n') + 1;
    for (int i = 0; i < 300; i++, line = strchr(line, '\n') + 1) {
        tend_rows_clear(rows);
        set_row(rows, line);
        ASSERT_OK(tend_rows_predict(rows, &got, &err), &err);
        ASSERT_MEM_EQ(&got->score[0], &want.score[i], sizeof(double));
        ASSERT_EQ(tend_rows_is_bad(rows, 0), check.bad_row[i]);
    }
}

static const tend_input_fault *only_fault(tend_rows *rows) {
    ASSERT_EQ(tend_rows_n_faults(rows), 1);
    return tend_rows_faults(rows);
}

TEST(faults_say_what_was_found_and_expected) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_model) *model = model_with(expectations, arena);
    TEND_AUTO(tend_inputs) *inputs = tend_inputs_new(model);
    TEND_AUTO(tend_rows) *rows = tend_rows_new(inputs);
    tend_rows_begin(rows);
    ASSERT_TRUE(tend_rows_set_int(rows, 0, 39));
    ASSERT_TRUE(tend_rows_set_string(rows, 1, TEND_STR("Ulmm")));
    ASSERT_FALSE(tend_rows_end(rows, false));
    const tend_input_fault *f = only_fault(rows);
    ASSERT_STR_EQ(f->rule, "values");
    ASSERT_STR_EQ(f->found, "\"Ulmm\"");
    ASSERT_STR_EQ(f->expected, "one of \"Bonn\", \"Ulm\"");
    ASSERT_STR_EQ(f->hint, "did you mean \"Ulm\"?");
    tend_rows_forgive(rows);
    ASSERT_FALSE(tend_rows_set_string(rows, 1, TEND_STR("Ulm"))); /* for the second time */
    ASSERT_TRUE(tend_rows_end(rows, false));
    ASSERT_EQ(tend_rows_n_bad(rows), 0);

    tend_rows_clear(rows);
    tend_rows_begin(rows);
    tend_rows_set_string(rows, 0, TEND_STR("39"));
    ASSERT_FALSE(tend_rows_end(rows, false));
    ASSERT_STR_EQ(only_fault(rows)->hint, "send 39 without quotes");
    ASSERT_STR_EQ(only_fault(rows)->expected, "a whole number");

    tend_rows_clear(rows);
    tend_rows_begin(rows);
    tend_rows_set_double(rows, 0, 130);
    tend_rows_set_double(rows, 2, -6.25);
    tend_rows_set_bool(rows, 2 + 1, true);
    ASSERT_FALSE(tend_rows_end(rows, true)); /* age out of range, score warned, town and born not given */
    ASSERT_EQ(tend_rows_n_faults(rows), 4);
    f = tend_rows_faults(rows);
    ASSERT_STR_EQ(f[0].expected, "at most 120");
    ASSERT_STR_EQ(f[1].rule, "absent");
    ASSERT_EQ(f[2].severity, TEND_RULE_WARNING);
    ASSERT_STR_EQ(f[2].found, "-6.25");
    ASSERT_EQ(f[3].input, 4);
}

/* A server fills the same rows for as long as it runs. */
TEST(values_held_against_a_pattern_leave_nothing_behind) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_model) *model = model_with("town: {type: string, pattern: '*n'}\n", arena);
    TEND_AUTO(tend_inputs) *inputs = tend_inputs_new(model);
    TEND_AUTO(tend_rows) *rows = tend_rows_new(inputs);
    tend_rows_begin(rows);
    tend_rows_set_string(rows, tend_inputs_find(inputs, TEND_STR("town"), 0), TEND_STR("Bonn"));
    ASSERT_TRUE(tend_rows_end(rows, false));
    tend_rows_clear(rows);
    ASSERT_EQ(tend_arena_used(rows->texts), 0);
}

TEST(names_are_found_in_and_out_of_order) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_model) *model = model_with(expectations, arena);
    TEND_AUTO(tend_inputs) *inputs = tend_inputs_new(model);
    for (int i = 0; i < tend_inputs_count(inputs); i++) {
        tend_str name = tend_str_of(tend_inputs_name(inputs, i));
        ASSERT_EQ(tend_inputs_find(inputs, name, i), i);
        ASSERT_EQ(tend_inputs_find(inputs, name, 0), i);
        ASSERT_EQ(tend_inputs_find(inputs, name, 99), i);
    }
    ASSERT_EQ(tend_inputs_find(inputs, TEND_STR("ag"), 0), -1);
    ASSERT_STR_EQ(tend_inputs_nearest(inputs, TEND_STR("agee")), "age");
}
