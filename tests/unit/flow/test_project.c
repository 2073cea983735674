/* tend.yaml: what is read, what is refused, and where the finger points. */
#include "support/suite.h"

#include "flow/config.h"
#include "flow/project.h"

static tend_arena *arena;
static tend_diags diags;

static tend_status parse(const char *text, const char *const *sets, int n_sets, tend_project **out, tend_error *err) {
    tend_arena_free(arena);
    arena = tend_arena_new();
    tend_diags_init(&diags, arena);
    return tend_project_parse(".", "tend.yaml", text, sets, n_sets, arena, &diags, out, err);
}

static const tend_diag *diag_with(const char *part) {
    for (const tend_diag *d = diags.first; d; d = d->next)
        if (strstr(d->error.message, part))
            return d;
    return NULL;
}

static const char *const good = "name: p\n"
                                "problem: {target: y, task: binary, metric: roc_auc, goal: 0.9}\n"
                                "data:\n"
                                "  sources: {a: data/*.csv}\n"
                                "  split: {by: random, test: 0.25, seed: 7}\n"
                                "train: {folds: 5}\n";

TEST(reads_a_project_with_defaults) {
    tend_error err = TEND_ERROR_INIT;
    tend_project *p;
    ASSERT_OK(parse(good, NULL, 0, &p, &err), &err);
    ASSERT_STR_EQ(p->name, "p");
    ASSERT_STR_EQ(p->target, "y");
    ASSERT_TRUE(p->has_task && p->task == TEND_TASK_BINARY);
    ASSERT_NEAR(p->goal, 0.9, 0);
    ASSERT_NEAR(p->test_share, 0.25, 0);
    ASSERT_EQ(p->seed, 7);
    ASSERT_EQ(p->folds, 5);
    ASSERT_NEAR(p->valid_share, 0.2, 0);
    ASSERT_TRUE(p->refit);
    ASSERT_NEAR(p->threshold, 0.5, 0);
    ASSERT_EQ(p->n_sources, 1);
    ASSERT_EQ(p->sources[0].n_from, 1);
    ASSERT_STR_EQ(p->sources[0].from[0], "data/*.csv");
}

TEST(reports_all_faults_at_once_with_their_places) {
    tend_error err = TEND_ERROR_INIT;
    tend_project *p;
    const char *text = "name: p\n"
                       "problm: {}\n"
                       "problem: {target: y, metric: roc_acu, deadline: soon}\n"
                       "data:\n"
                       "  sources: {a: x.csv}\n"
                       "  split: {by: rndom, test: 1.5}\n"
                       "train: {folds: many}\n";
    ASSERT_FAILS(parse(text, NULL, 0, &p, &err), &err, CONFIG, "unknown key 'problm'");
    ASSERT_EQ(diags.n_errors, 6);
    const tend_diag *metric = diag_with("unknown metric 'roc_acu'");
    ASSERT_NOT_NULL(metric);
    ASSERT_HAS(metric->error.hint, "roc_auc");
    ASSERT_EQ(metric->error.line, 3);
    ASSERT_EQ(metric->error.column, 30);
    ASSERT_HAS(diag_with("unknown key 'problm'")->error.hint, "problem");
    ASSERT_HAS(diag_with("data.split.by is 'rndom'")->error.hint, "random");
    ASSERT_EQ(diag_with("data.split.test is 1.5")->error.line, 6);
    ASSERT_NOT_NULL(diag_with("train.folds must be a whole number"));
    ASSERT_NOT_NULL(diag_with("problem.deadline is 'soon'"));
}

TEST(names_the_sections_of_later_versions) {
    tend_error err = TEND_ERROR_INIT;
    tend_project *p;
    char text[512];
    snprintf(text, sizeof text, "%smonitor: {port: 8080}\n", good);
    ASSERT_FAILS(parse(text, NULL, 0, &p, &err), &err, UNSUPPORTED, "'monitor' is not supported by this version");
}

TEST(several_sources_need_a_select) {
    tend_error err = TEND_ERROR_INIT;
    tend_project *p;
    ASSERT_FAILS(parse("name: p\nproblem: {target: y}\ndata: {sources: {a: a.csv, b: [b.csv, c.csv]}}\n", NULL, 0, &p, &err), &err, CONFIG,
                 "several sources need data.select");
    ASSERT_OK(parse("name: p\nproblem: {target: y}\ndata: {sources: {a: a.csv, b: [b.csv, c.csv]}, select: SELECT 1}\n", NULL, 0, &p, &err),
              &err);
    ASSERT_EQ(p->sources[1].n_from, 2);
}

TEST(overrides_replace_make_and_name_themselves) {
    tend_error err = TEND_ERROR_INIT;
    tend_project *p;
    const char *const sets[] = {"data.split.seed=99", "evaluate.min_slice=5", "problem.question=why?"};
    ASSERT_OK(parse(good, sets, 3, &p, &err), &err);
    ASSERT_EQ(p->seed, 99);
    ASSERT_EQ(p->min_slice, 5);
    ASSERT_STR_EQ(p->question, "why?");
    const char *const wrong[] = {"data.split.test=2"};
    ASSERT_FAILS(parse(good, wrong, 1, &p, &err), &err, CONFIG, "data.split.test is 2");
    ASSERT_HAS(err.file, "--set data.split.test");
    const char *const shapeless[] = {"nonsense"};
    ASSERT_FAILS(parse(good, shapeless, 1, &p, &err), &err, USAGE, "expected KEY=VALUE");
}

TEST(every_row_of_the_table_is_in_the_json_schema) {
    tend_arena *scratch = tend_arena_new();
    tend_node *schema = tend_project_json_schema(scratch);
    for (int i = 0; i < tend_project_keys.n; i++) {
        const tend_node *at = schema;
        char path[128];
        snprintf(path, sizeof path, "%s", tend_project_keys.rows[i].path);
        for (char *part = path, *dot; part; part = dot) {
            dot = strchr(part, '.');
            if (dot)
                *dot++ = '\0';
            at = !strcmp(part, "*") ? tend_node_get(at, "additionalProperties") : tend_node_get(tend_node_get(at, "properties"), part);
            ASSERT_NOT_NULL(at);
        }
        ASSERT_STR_EQ(tend_node_string(tend_node_get(at, "description"), ""), tend_project_keys.rows[i].help);
    }
    tend_arena_free(scratch);
}

TEST(units_of_durations_and_sizes) {
    double ms;
    int64_t bytes;
    ASSERT_TRUE(tend_key_duration("5ms", &ms) && ms == 5);
    ASSERT_TRUE(tend_key_duration("2s", &ms) && ms == 2000);
    ASSERT_FALSE(tend_key_duration("5 parsecs", &ms));
    ASSERT_TRUE(tend_key_size("20MB", &bytes) && bytes == 20000000);
    ASSERT_TRUE(tend_key_size("1GiB", &bytes) && bytes == 1073741824);
    ASSERT_FALSE(tend_key_size("20 stones", &bytes));
    ASSERT_FALSE(tend_key_size("9999999999999999GB", &bytes)); /* more than an int64 holds */
}
