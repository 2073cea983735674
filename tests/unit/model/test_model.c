/* A whole model: pipeline, predictor, bundle, and the public interface over it. */
#include "model/bundle.h"
#include "model/explain.h"
#include "tend/tend.h"
#include "unit/model/model_case.h"

static void bundle_of(const tend_model *model, tend_buf *out) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_node *manifest = tend_node_new_map(arena);
    tend_node_set_string(arena, manifest, "note", "made by a test");
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_bundle_save(model, manifest, "profile", 7, out, &err), &err);
}

static tend_model *loaded_from(const tend_buf *bytes) {
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO(tend_bundle) *bundle = NULL;
    tend_model *model = NULL;
    ASSERT_OK(tend_bundle_parse(bytes->data, bytes->size, "x.tend", &bundle, &err), &err);
    ASSERT_OK(tend_bundle_load(bundle, &model, &err), &err);
    return model;
}

static tend_predictions predict(const tend_model *model, const tend_table *table, tend_arena *arena) {
    tend_predictions out;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_model_predict(model, table, arena, &out, &err), &err);
    return out;
}

static void check_round_trip(tend_task task) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, people);
    TEND_AUTO(tend_model) *model = make_model(task, table);
    TEND_AUTO_BUF bytes = TEND_BUF_INIT, again = TEND_BUF_INIT;
    bundle_of(model, &bytes);
    TEND_AUTO(tend_model) *loaded = loaded_from(&bytes);
    ASSERT_STR_EQ(loaded->name, "town-model");
    ASSERT_STR_EQ(loaded->target, "answer");
    ASSERT_EQ(loaded->task, task);
    ASSERT_EQ(loaded->n_classes, model->n_classes);
    tend_predictions a = predict(model, table, arena), b = predict(loaded, table, arena);
    ASSERT_MEM_EQ(a.score, b.score, 6 * sizeof *a.score);
    if (task == TEND_TASK_MULTICLASS)
        ASSERT_MEM_EQ(a.scores, b.scores, 18 * sizeof *a.scores);
    bundle_of(loaded, &again);
    ASSERT_EQ(bytes.size, again.size);
    ASSERT_MEM_EQ(bytes.data, again.data, bytes.size);
}

TEST(a_bundle_holds_the_whole_model) {
    check_round_trip(TEND_TASK_REGRESSION);
    check_round_trip(TEND_TASK_BINARY);
    check_round_trip(TEND_TASK_MULTICLASS);
}

TEST(each_flipped_byte_of_a_models_bundle_is_found) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_model) *model = make_model(TEND_TASK_BINARY, case_table(arena, people));
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    bundle_of(model, &bytes);
    for (size_t i = 0; i < bytes.size; i++) {
        bytes.data[i] = (char)(bytes.data[i] ^ (1 << (i % 8)));
        tend_model *out = NULL;
        tend_fault fault;
        if (tend_model_open_bytes(bytes.data, bytes.size, &out, &fault) == 0)
            fail_msg("byte %zu of %zu can be changed unseen", i, bytes.size);
        bytes.data[i] = (char)(bytes.data[i] ^ (1 << (i % 8)));
    }
}

TEST(rows_predict_alike_alone_and_in_blocks) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *six = case_table(arena, people);
    TEND_AUTO(tend_model) *model = make_model(TEND_TASK_MULTICLASS, six);
    enum { ROWS = 20000 };
    int64_t *rows = TEND_ARRAY(arena, int64_t, ROWS);
    for (int i = 0; i < ROWS; i++)
        rows[i] = (i * 7 + i / 13) % 6;
    tend_predictions few = predict(model, six, arena), many = predict(model, tend_table_take(six, rows, ROWS, arena), arena);
    for (int i = 0; i < ROWS; i++) {
        ASSERT_MEM_EQ(many.scores + 3 * i, few.scores + 3 * rows[i], 3 * sizeof *few.scores);
        ASSERT_EQ(many.class_index[i], few.class_index[rows[i]]);
        ASSERT_TRUE(many.score[i] == many.scores[3 * i + many.class_index[i]]);
    }
    tend_predictions none = predict(model, tend_table_take(six, rows, 0, arena), arena);
    ASSERT_EQ(none.n, 0);
}

TEST(the_threshold_decides) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, people);
    TEND_AUTO(tend_model) *model = make_model(TEND_TASK_BINARY, table);
    tend_predictions p = predict(model, table, arena);
    model->threshold = p.score[2];
    tend_predictions q = predict(model, table, arena);
    for (int i = 0; i < 6; i++)
        ASSERT_EQ(q.class_index[i], p.score[i] >= p.score[2]);
}

TEST(a_missing_column_is_an_error_that_names_it) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, people);
    TEND_AUTO(tend_model) *model = make_model(TEND_TASK_BINARY, table);
    table->n_columns = 1;
    tend_predictions out;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_TRUE(tend_model_predict(model, table, arena, &out, &err) != TEND_OK);
    ASSERT_HAS(err.message, "town");
}

TEST(keys_of_tends_own_are_not_the_callers) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_model) *model = make_model(TEND_TASK_BINARY, case_table(arena, people));
    tend_node *manifest = tend_node_new_map(arena);
    tend_node_set_string(arena, manifest, "target", "x");
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(tend_bundle_save(model, manifest, NULL, 0, &out, &err), &err, BUG, "'target'");
}

/* ---- the public interface ---- */

static tend_model *public_model(tend_task task) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_model) *made = make_model(task, case_table(arena, people));
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    bundle_of(made, &bytes);
    char path[600];
    snprintf(path, sizeof path, "%s/public.tend", suite_scratch());
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_fs_write(path, bytes.data, bytes.size, 0644, &err), &err);
    tend_fault fault;
    tend_model *model = NULL;
    ASSERT_EQ(tend_model_open(path, &model, &fault), 0);
    return model;
}

TEST(the_public_row_is_the_tables_row) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, people);
    tend_model *model = public_model(TEND_TASK_BINARY);
    tend_predictions want = predict(model, table, arena);
    tend_row *row = tend_row_new(model);
    tend_prediction p;
    tend_fault fault = {0};
    for (int repeat = 0; repeat < 2; repeat++) {
        ASSERT_EQ(tend_row_set_number(row, "age", 39, &fault), 0);
        ASSERT_EQ(tend_row_set_text(row, "town", "Bonn", &fault), 0);
        ASSERT_EQ(tend_row_set_text(row, "score", "1.5", &fault), 0);
        ASSERT_EQ(tend_row_set_text(row, "member", "true", &fault), 0);
        ASSERT_EQ(tend_row_set_text(row, "born", "1980-02-01", &fault), 0);
        ASSERT_EQ(tend_row_predict(row, &p, &fault), 0);
        ASSERT_TRUE(p.score == want.score[0]);
        ASSERT_EQ(p.class_index, want.class_index[0]);
        ASSERT_STR_EQ(p.class_name, p.class_index ? "yes" : "no");
        ASSERT_NEAR(p.probabilities[0] + p.probabilities[1], 1, 1e-15);
        tend_row_clear(row);
        ASSERT_EQ(tend_row_set_number(row, "age", 50, NULL), 0);
        ASSERT_EQ(tend_row_set_text(row, "town", "Ulm", NULL), 0);
        ASSERT_EQ(tend_row_set_number(row, "member", 0, NULL), 0);
        ASSERT_EQ(tend_row_set_number(row, "born", 62, NULL), 0); /* 1970-03-04 */
        ASSERT_EQ(tend_row_predict(row, &p, &fault), 0);
        ASSERT_TRUE(p.score == want.score[1]);
    }
    tend_row_free(row);
    tend_model_close(model);
}

static void check_explanation(const tend_explanation *e, double margin) {
    double forward = e->base, backward = 0;
    for (int i = 0; i < e->n_features; i++) {
        forward += e->values[i];
        backward += e->values[e->n_features - 1 - i];
    }
    ASSERT_TRUE(e->margin == margin);
    ASSERT_TRUE(forward == margin);
    ASSERT_TRUE(backward + e->base == margin);
}

TEST(a_public_explanation_sums_to_the_margin_behind_the_score) {
    tend_model *model = public_model(TEND_TASK_BINARY);
    tend_row *row = tend_row_new(model);
    tend_explanation e;
    tend_prediction p;
    tend_fault fault = {0};
    ASSERT_EQ(tend_row_set_number(row, "age", 39, &fault), 0);
    ASSERT_EQ(tend_row_set_text(row, "town", "Ulm", &fault), 0);
    for (int repeat = 0; repeat < 2; repeat++) {
        ASSERT_EQ(tend_row_explain(row, -1, &e, &fault), 0);
        ASSERT_EQ(tend_row_predict(row, &p, &fault), 0);
        ASSERT_NEAR(p.score, 1 / (1 + exp(-e.margin)), 1e-12);
        check_explanation(&e, e.margin);
    }
    ASSERT_EQ(e.n_features, 5); /* the parts of a date and the levels of a town are one feature each */
    ASSERT_STR_EQ(e.features[0], "age");
    ASSERT_TRUE(e.values[0] != 0);
    ASSERT_EQ(tend_row_explain(row, 0, &e, &fault), 2);
    ASSERT_HAS(fault.message, "class 0");
    tend_row_free(row);
    tend_model_close(model);
}

TEST(each_of_several_classes_can_be_explained) {
    tend_model *model = public_model(TEND_TASK_MULTICLASS);
    tend_row *row = tend_row_new(model);
    tend_explanation chosen, e;
    tend_prediction p;
    tend_fault fault = {0};
    ASSERT_EQ(tend_row_set_number(row, "age", 50, &fault), 0);
    ASSERT_EQ(tend_row_predict(row, &p, &fault), 0);
    ASSERT_EQ(tend_row_explain(row, -1, &chosen, &fault), 0);
    double margin = chosen.margin, margins[3];
    for (int k = 0; k < 3; k++) {
        ASSERT_EQ(tend_row_explain(row, k, &e, &fault), 0);
        check_explanation(&e, e.margin);
        margins[k] = e.margin;
    }
    ASSERT_TRUE(margins[p.class_index] == margin);
    for (int k = 0; k < 3; k++)
        ASSERT_NEAR(log(p.probabilities[k] / p.probabilities[0]), margins[k] - margins[0], 1e-9);
    ASSERT_EQ(tend_row_explain(row, 3, &e, &fault), 2);
    tend_row_free(row);
    tend_model_close(model);
}

TEST(a_table_is_explained_as_its_rows_are) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *six = case_table(arena, people);
    TEND_AUTO(tend_model) *model = make_model(TEND_TASK_MULTICLASS, six);
    TEND_AUTO(tend_explainer) *explainer = tend_explainer_new(model);
    enum { ROWS = 2500 };
    int64_t *rows = TEND_ARRAY(arena, int64_t, ROWS);
    for (int i = 0; i < ROWS; i++)
        rows[i] = (i * 7 + i / 13) % 6;
    tend_table *many = tend_table_take(six, rows, ROWS, arena);
    tend_predictions p = predict(model, many, arena), few = predict(model, six, arena);
    double *base, *values, *few_base, *few_values;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_explain_table(explainer, many, p.class_index, arena, &base, &values, &err), &err);
    ASSERT_OK(tend_explain_table(explainer, six, few.class_index, arena, &few_base, &few_values, &err), &err);
    int parts = tend_explainer_n_parts(explainer);
    for (int i = 0; i < ROWS; i++) {
        ASSERT_TRUE(base[i] == few_base[rows[i]]);
        ASSERT_MEM_EQ(values + i * parts, few_values + rows[i] * parts, (size_t)parts * sizeof *values);
    }
    many->n_columns = 1;
    ASSERT_TRUE(tend_explain_table(explainer, many, p.class_index, arena, &base, &values, &err) != TEND_OK);
    ASSERT_HAS(err.message, "town");
}

TEST(public_texts_are_read_as_cells_of_a_file_are) {
    tend_model *model = public_model(TEND_TASK_BINARY);
    tend_row *row = tend_row_new(model);
    tend_prediction missing, given, present;
    tend_fault fault = {0};
    ASSERT_EQ(tend_row_predict(row, &missing, &fault), 0);
    ASSERT_EQ(tend_row_set_text(row, "town", "NA", &fault), 0);
    ASSERT_EQ(tend_row_set_text(row, "age", "n/a", &fault), 0);
    ASSERT_EQ(tend_row_predict(row, &given, &fault), 0);
    ASSERT_TRUE(given.score == missing.score);
    ASSERT_EQ(tend_row_set_text(row, "town", "Bonn", &fault), 0);
    ASSERT_EQ(tend_row_predict(row, &present, &fault), 0);
    ASSERT_TRUE(present.score != missing.score);
    tend_row_free(row);
    tend_model_close(model);
}

TEST(public_arrays_are_the_table) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_model *model = public_model(TEND_TASK_MULTICLASS);
    tend_predictions want = predict(model, case_table(arena, people), arena);
    static const double age[] = {39, 50, NAN, 28, 61, 33}, score[] = {1.5, NAN, 2.5, 0.5, 3.5, -1};
    static const char *const town[] = {"Bonn", "Ulm", "Bonn", "Ulm", NULL, "Bonn"};
    static const char *const member[] = {"true", "false", "true", NULL, "true", "false"};
    static const char *const born[] = {"1980-02-01", "1970-03-04", "1999-12-31", "2001-01-01", NULL, "1988-08-08"};
    tend_array arrays[] = {{"age", age, NULL},       {"score", score, NULL}, {"town", NULL, town},
                           {"member", NULL, member}, {"born", NULL, born},   {"unused", age, NULL}};
    double scores[6], probabilities[18];
    int32_t classes[6];
    tend_fault fault = {0};
    ASSERT_EQ(tend_model_predict_arrays(model, arrays, 6, 6, scores, classes, probabilities, &fault), 0);
    ASSERT_MEM_EQ(scores, want.score, sizeof scores);
    ASSERT_MEM_EQ(classes, want.class_index, sizeof classes);
    ASSERT_MEM_EQ(probabilities, want.scores, sizeof probabilities);
    ASSERT_EQ(tend_model_predict_arrays(model, arrays + 1, 5, 6, scores, NULL, NULL, &fault), 2);
    ASSERT_HAS(fault.message, "'age'");
    tend_model_close(model);
}

TEST(public_faults_name_the_input) {
    tend_model *model = public_model(TEND_TASK_REGRESSION);
    ASSERT_EQ(tend_model_n_inputs(model), 5);
    ASSERT_NULL(tend_model_input(model, 5, NULL));
    ASSERT_STR_EQ(tend_model_task(model), "regression");
    ASSERT_NULL(tend_model_class(model, 0));
    tend_row *row = tend_row_new(model);
    tend_fault fault = {0};
    ASSERT_EQ(tend_row_set_number(row, "agee", 1, &fault), 3);
    ASSERT_HAS(fault.hint, "'age'");
    ASSERT_EQ(tend_row_set_text(row, "age", "old", &fault), 2);
    ASSERT_HAS(fault.message, "expected a whole number, found \"old\"");
    ASSERT_EQ(tend_row_set_text(row, "born", "yesterday", &fault), 2);
    ASSERT_HAS(fault.message, "2027-03-31");
    ASSERT_EQ(tend_row_set_number(row, "town", 3, &fault), 2);
    ASSERT_EQ(tend_row_set_number(row, "member", 3, &fault), 2);
    tend_prediction p;
    ASSERT_EQ(tend_row_predict(row, &p, &fault), 0); /* everything missing is a row too */
    ASSERT_EQ(p.class_index, -1);
    tend_row_free(row);
    tend_model_close(model);
    tend_model *none = NULL;
    ASSERT_EQ(tend_model_open("/nowhere/x.tend", &none, &fault), 3);
    ASSERT_STR_EQ(tend_version(), TEND_VERSION);
}
