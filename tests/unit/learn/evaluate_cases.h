/* Tables and scored rows for the tests of evaluation. */
#ifndef TEND_TESTS_EVALUATE_CASES_H
#define TEND_TESTS_EVALUATE_CASES_H

#include "base/rng.h"
#include "learn/evaluate.h"
#include "support/suite.h"

/* n rows, 2 classes: sex is worse predicted for "F" the larger `harm`; race has a rare value; age
 * 18 to 80; kind has 3 numbers; note is nearly unique; the target stands in the table too. */
typedef struct people {
    tend_arena *arena;
    tend_table *table;
    tend_scored scored;
    double *y, *score;
    int32_t *decided;
} people;

static inline void people_free(people *p) { tend_arena_free(p->arena); }

static inline people people_new(int64_t n, double harm) {
    people p = {.arena = tend_arena_new()};
    static const char *const names[] = {"sex", "race", "age", "kind", "note", "member", "salary"};
    static const tend_type types[] = {TEND_STRING, TEND_STRING, TEND_INT, TEND_FLOAT, TEND_STRING, TEND_BOOL, TEND_STRING};
    enum { COLUMNS = 7 };
    tend_column_builder *b[COLUMNS];
    for (int c = 0; c < COLUMNS; c++)
        b[c] = tend_column_builder_new(p.arena, names[c], types[c]);
    p.y = TEND_ARRAY(p.arena, double, n);
    p.score = TEND_ARRAY(p.arena, double, n);
    p.decided = TEND_ARRAY(p.arena, int32_t, n);
    tend_rng rng;
    tend_rng_init(&rng, 1, "people");
    for (int64_t i = 0; i < n; i++) {
        bool f = tend_rng_below(&rng, 3) == 0;
        tend_column_add_string(b[0], f ? TEND_STR("F") : TEND_STR("M"));
        if (i % 17 == 0)
            tend_column_add_missing(b[1]);
        else
            tend_column_add_string(b[1], i % 50 == 1 ? TEND_STR("rare") : i % 2 ? TEND_STR("white") : TEND_STR("black"));
        tend_column_add_int(b[2], 18 + (int64_t)tend_rng_below(&rng, 63));
        tend_column_add_double(b[3], (double)(i % 3) / 2);
        char note[32];
        snprintf(note, sizeof note, "note %lld", (long long)(i / 2));
        tend_column_add_string(b[4], tend_str_of(note));
        tend_column_add_int(b[5], i % 5 == 0);
        p.y[i] = tend_rng_uniform(&rng) < 0.3;
        tend_column_add_string(b[6], p.y[i] == 1 ? TEND_STR(">50K") : TEND_STR("<=50K"));
        double noise = tend_rng_uniform(&rng) + (f ? harm * tend_rng_uniform(&rng) : 0);
        p.score[i] = (0.5 * p.y[i] + noise) / (1.5 + (f ? harm : 0));
        p.decided[i] = p.score[i] >= 0.5;
    }
    p.table = tend_table_new(p.arena, COLUMNS, n);
    for (int c = 0; c < COLUMNS; c++)
        tend_column_build(b[c], &p.table->columns[c]);
    p.scored = (tend_scored){.n = n, .n_classes = 2, .y = p.y, .score = p.score, .decided = p.decided};
    return p;
}

static inline tend_evaluate_options people_options(void) {
    static const char *const classes[] = {"<=50K", ">50K"};
    return (tend_evaluate_options){
        .task = TEND_TASK_BINARY, .n_classes = 2, .classes = classes, .metric = "roc_auc", .target = "salary", .replicates = 60, .seed = 3};
}

/* A node from YAML, with the places of its values; it must be without fault. */
static inline tend_node *yaml(const char *text, tend_arena *arena) {
    tend_error err = TEND_ERROR_INIT;
    tend_diags diags;
    tend_diags_init(&diags, arena);
    tend_node *node = NULL;
    ASSERT_OK(tend_yaml_parse(text, strlen(text), "tend.yaml", &diags, &node, &err), &err);
    ASSERT_NOT_NULL(node);
    return node;
}

static inline tend_node *evaluate(const people *p, const tend_evaluate_options *options) {
    tend_error err = TEND_ERROR_INIT;
    tend_diags diags;
    tend_diags_init(&diags, p->arena);
    tend_node *out = NULL;
    ASSERT_OK(tend_evaluate(p->table, NULL, &p->scored, options, p->arena, &diags, &out, &err), &err);
    return out;
}

static inline tend_node *evaluate_sliced(const people *p, const char *slices) {
    tend_evaluate_options options = people_options();
    options.slices = yaml(slices, p->arena);
    return evaluate(p, &options);
}

/* The slice whose "by" reads like "sex=F, race=white"; NULL: none. */
static inline const tend_node *find_slice(const tend_node *document, const char *by) {
    TEND_NODE_EACH(slice, tend_node_get(document, "slices")) {
        char text[256] = "";
        TEND_NODE_EACH(one, tend_node_get(slice, "by")) {
            size_t at = strlen(text);
            snprintf(text + at, sizeof text - at, "%s%s=%s", at ? ", " : "", one->key, tend_node_string(one, "?"));
        }
        if (strcmp(text, by) == 0)
            return slice;
    }
    return NULL;
}

static inline double number_at(const tend_node *node, const char *path) {
    return tend_node_double(tend_node_path(node, path), (double)NAN);
}

#endif
