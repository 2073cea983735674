/* Tables and pipelines for the tests of the feature room, written as text. */
#ifndef TEND_TESTS_FEATURE_CASE_H
#define TEND_TESTS_FEATURE_CASE_H

#include "base/node.h"
#include "data/iso.h"
#include "feature/pipeline.h"
#include "support/suite.h"

static inline void case_add_cell(tend_column_builder *b, tend_type type, tend_str cell) {
    int64_t i = 0;
    double d = 0;
    if (tend_str_is(cell, "\"\""))
        tend_column_add_string(b, TEND_STR(""));
    else if (!cell.size)
        tend_column_add_missing(b);
    else if (type == TEND_STRING)
        tend_column_add_string(b, cell);
    else if (type == TEND_FLOAT && tend_text_parse_double(cell, true, &d))
        tend_column_add_double(b, d);
    else if (type == TEND_BOOL)
        tend_column_add_int(b, tend_str_is(cell, "true"));
    else if ((type == TEND_INT && tend_text_parse_int(cell, &i)) || (type == TEND_DATE && tend_iso_parse_date(cell, &i)) ||
             (type == TEND_TIMESTAMP && tend_iso_parse_timestamp(cell, &i, NULL)))
        tend_column_add_int(b, i);
    else
        fail_msg("cell '%.*s' does not fit its column", (int)cell.size, cell.at);
}

/* Cell `column` of a line. */
static inline tend_str case_cell(const char *line, int column) {
    for (; column > 0; column--)
        line = strchr(line, ',') + 1;
    return (tend_str){line, strcspn(line, ",\n")};
}

/* "age:integer,city:string\n1,Oslo\n,Rome\n": an empty cell is missing, "" an empty text. */
static inline tend_table *case_table(tend_arena *arena, const char *text) {
    int64_t n_rows = -1;
    for (const char *at = text; *at; at++)
        n_rows += *at == '\n';
    int n_columns = 1;
    for (const char *at = text; *at != '\n'; at++)
        n_columns += *at == ',';
    tend_table *table = tend_table_new(arena, n_columns, n_rows);
    for (int c = 0; c < n_columns; c++) {
        tend_str head = case_cell(text, c);
        const char *colon = memchr(head.at, ':', head.size);
        tend_type type = TEND_STRING;
        char *word = tend_arena_strndup(arena, colon + 1, head.size - (size_t)(colon + 1 - head.at));
        assert_true(tend_type_parse(word, &type));
        tend_column_builder *b = tend_column_builder_new(arena, tend_arena_strndup(arena, head.at, (size_t)(colon - head.at)), type);
        const char *line = strchr(text, '\n') + 1;
        for (int64_t r = 0; r < n_rows; r++, line = strchr(line, '\n') + 1)
            case_add_cell(b, type, case_cell(line, c));
        tend_column_build(b, &table->columns[c]);
    }
    return table;
}

static inline const tend_node *case_yaml(tend_arena *arena, const char *yaml) {
    if (!yaml)
        return NULL;
    tend_diags *diags = TEND_NEW(arena, tend_diags);
    tend_diags_init(diags, arena);
    tend_node *node = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_yaml_parse(yaml, strlen(yaml), "tend.yaml", diags, &node, &err), &err);
    return node;
}

static inline tend_pipeline_options case_options(tend_arena *arena, const tend_table *table, const char *yaml, const double *y) {
    int64_t *rows = TEND_ARRAY(arena, int64_t, table->n_rows);
    for (int64_t i = 0; i < table->n_rows; i++)
        rows[i] = i;
    return (tend_pipeline_options){.features = case_yaml(arena, yaml), .y = y, .rows = rows, .n_rows = table->n_rows, .seed = 42};
}

static inline void case_free_pipeline(void *p) { tend_pipeline_free(p); }

/* Fitted on all rows, freed with the arena. */
static inline tend_pipeline *case_fit_with(tend_arena *arena, const tend_table *table, const tend_pipeline_options *options) {
    tend_diags diags;
    tend_diags_init(&diags, arena);
    tend_pipeline *p = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_pipeline_fit(table, options, &diags, &p, &err), &err);
    tend_arena_defer(arena, case_free_pipeline, p);
    return p;
}

static inline tend_pipeline *case_fit(tend_arena *arena, const tend_table *table, const char *yaml) {
    tend_pipeline_options options = case_options(arena, table, yaml, NULL);
    return case_fit_with(arena, table, &options);
}

static inline float *case_apply(tend_arena *arena, const tend_pipeline *p, const tend_table *table) {
    tend_error err = TEND_ERROR_INIT;
    tend_binding binding;
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    ASSERT_OK(tend_pipeline_bind(p, table, arena, &binding, &err), &err);
    float *out = TEND_ARRAY(arena, float, table->n_rows *tend_pipeline_width(p));
    memset(out, 0xee, (size_t)(table->n_rows * tend_pipeline_width(p)) * sizeof *out);
    ASSERT_OK(tend_pipeline_apply(p, table, &binding, 0, table->n_rows, out, scratch, &err), &err);
    return out;
}

static inline int case_output(const tend_pipeline *p, const char *name) {
    for (int i = 0; i < tend_pipeline_width(p); i++)
        if (strcmp(tend_pipeline_outputs(p)[i].name, name) == 0)
            return i;
    for (int i = 0; i < tend_pipeline_width(p); i++)
        print_message("  output %d: %s\n", i, tend_pipeline_outputs(p)[i].name);
    fail_msg("no output '%s'", name);
    return -1;
}

/* The named output of every row against reference values; NAN expects a missing value. */
static inline void case_expect(const tend_pipeline *p, const float *x, const char *output, const double *want, int n) {
    int at = case_output(p, output), width = tend_pipeline_width(p);
    for (int i = 0; i < n; i++) {
        float got = x[i * width + at];
        if (isnan(want[i]) ? !isnan(got) : !(fabs((double)got - want[i]) <= 1e-6 * fmax(1, fabs(want[i]))))
            fail_msg("%s, row %d: got %.9g, want %.9g", output, i, (double)got, want[i]);
    }
}
#define EXPECT_OUTPUT(p, x, output, ...)                                             \
    do {                                                                             \
        const double want_[] = {__VA_ARGS__};                                        \
        case_expect((p), (x), (output), want_, (int)(sizeof want_ / sizeof *want_)); \
    } while (0)

#endif
