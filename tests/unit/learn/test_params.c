#include "learn/learner.h"

#include "base/text.h"
#include "support/suite.h"

typedef struct parsed {
    tend_arena *arena;
    tend_diags diags;
    tend_trial_spec *trials;
    int n;
    tend_status status;
} parsed;

static void parsed_done(parsed *p) { tend_arena_free(p->arena); }
#define PARSED __attribute__((cleanup(parsed_done))) parsed

static parsed parse(const char *yaml, tend_task task) {
    parsed p = {.arena = tend_arena_new()};
    tend_diags_init(&p.diags, p.arena);
    tend_node *root = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_yaml_parse(yaml, strlen(yaml), "tend.yaml", &p.diags, &root, &err), &err);
    p.status = tend_trials_parse(tend_node_get(root, "learners"), task, p.arena, &p.diags, &p.trials, &p.n, NULL);
    return p;
}

TEST(names_and_parameters_are_read) {
    PARSED p = parse("learners: [xgboost, {xgboost: {max_depth: 4, eta: 0.05}}, {logistic: "
                     "{balanced: true}}, logistic]",
                     TEND_TASK_BINARY);
    ASSERT_EQ(p.status, TEND_OK);
    ASSERT_EQ(p.n, 4);
    const tend_learner *xgboost = tend_learner_find("xgboost");
    ASSERT_TRUE(p.trials[0].learner == xgboost && p.trials[1].learner == xgboost);
    ASSERT_NEAR(p.trials[0].params[tend_param_index(xgboost, "max_depth")], 6, 0);
    ASSERT_NEAR(p.trials[1].params[tend_param_index(xgboost, "max_depth")], 4, 0);
    ASSERT_NEAR(p.trials[1].params[tend_param_index(xgboost, "eta")], 0.05, 0);
    ASSERT_NEAR(p.trials[2].params[tend_param_index(p.trials[2].learner, "balanced")], 1, 0);
    ASSERT_EQ(p.trials[1].span.line, 1);
}

TEST(one_entry_need_not_be_a_list) {
    PARSED p = parse("learners: {ridge: {alpha: 3}}", TEND_TASK_REGRESSION);
    ASSERT_EQ(p.n, 1);
    ASSERT_NEAR(p.trials[0].params[0], 3, 0);
    PARSED none = parse("other: 1", TEND_TASK_BINARY);
    ASSERT_EQ(none.status, TEND_OK);
    ASSERT_EQ(none.n, 0);
}

TEST(every_fault_is_told_with_the_nearest_word) {
    PARSED p = parse("learners:\n"
                     "  - xgbost\n"
                     "  - {xgboost: {max_dept: 4, eta: 7, max_bin: many, objective: poisson}}\n"
                     "  - ridge\n"
                     "  - {logistic: {balanced: 1}}\n"
                     "  - {baseline: {strategy: mean}}\n"
                     "  - 3\n",
                     TEND_TASK_BINARY);
    ASSERT_EQ(p.status, TEND_CONFIG);
    static const struct {
        int line;
        const char *message, *hint;
    } want[] = {{2, "no learner 'xgbost'", "'xgboost'"},
                {3, "no parameter 'max_dept'", "'max_depth'"},
                {3, "xgboost.eta must be from 0.0001 to 1, found 7", ""},
                {3, "xgboost.max_bin must be a whole number", ""},
                {3, "no meaning for a binary problem", ""},
                {4, "'ridge' predicts numbers", "'logistic'"},
                {5, "logistic.balanced must be true or false", ""},
                {6, "mean and median are for numbers", ""},
                {7, "a learner is a name", ""}};
    const tend_diag *d = p.diags.first;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++, d = d->next) {
        ASSERT_NOT_NULL(d);
        ASSERT_EQ(d->error.line, want[i].line);
        ASSERT_HAS(d->error.message, want[i].message);
        ASSERT_HAS(d->error.hint, want[i].hint);
    }
    ASSERT_NULL(d);
}

TEST(choices_are_words) {
    PARSED p = parse("learners: [{xgboost: {objective: absolute_error}}]", TEND_TASK_REGRESSION);
    const tend_learner *xgboost = tend_learner_find("xgboost");
    tend_node *node = tend_params_to_node(xgboost, p.trials[0].params, p.arena);
    ASSERT_STR_EQ(tend_node_string(tend_node_get(node, "objective"), ""), "absolute_error");
    ASSERT_EQ(tend_node_int(tend_node_get(node, "max_depth"), 0), 6);
    PARSED wrong = parse("learners: [{xgboost: {objective: absolut_error}}]", TEND_TASK_REGRESSION);
    ASSERT_HAS(wrong.diags.first->error.hint, "'absolute_error'");
}

/* What is written of a trial reads back as the same trial. */
TEST(every_learners_defaults_go_round) {
    for (const tend_learner *const *l = tend_learners; *l; l++) {
        tend_task task = (*l)->tasks & 1U << TEND_TASK_REGRESSION ? TEND_TASK_REGRESSION : TEND_TASK_BINARY;
        TEND_AUTO(tend_arena) *arena = tend_arena_new();
        double *defaults = tend_params_default(*l, arena);
        tend_node *entry = tend_node_new_map(arena), *params = tend_params_to_node(*l, defaults, arena);
        for (int i = 0; i < (*l)->n_params; i++)
            if ((*l)->params[i].tasks && !((*l)->params[i].tasks & 1U << task))
                tend_node_remove(params, (*l)->params[i].name);
        tend_node_set(arena, entry, (*l)->name, params);
        tend_diags diags;
        tend_diags_init(&diags, arena);
        tend_trial_spec *trials = NULL;
        int n = 0;
        tend_error err = TEND_ERROR_INIT;
        ASSERT_OK(tend_trials_parse(entry, task, arena, &diags, &trials, &n, &err), &err);
        ASSERT_EQ(n, 1);
        ASSERT_MEM_EQ(trials[0].params, defaults, (size_t)(*l)->n_params * sizeof *defaults);
    }
}

TEST(every_row_of_the_table_is_whole) {
    for (const tend_learner *const *l = tend_learners; *l; l++) {
        ASSERT_TRUE((*l)->name && (*l)->title && (*l)->help && (*l)->tasks && (*l)->fit);
        ASSERT_TRUE(tend_learner_find((*l)->name) == *l);
        for (int i = 0; i < (*l)->n_params; i++) {
            const tend_param_spec *s = &(*l)->params[i];
            ASSERT_TRUE(s->name && s->help);
            bool choice = s->type == TEND_PARAM_CHOICE;
            ASSERT_TRUE(choice ? s->choices != NULL : s->fallback >= s->min && s->fallback <= s->max);
            ASSERT_EQ(tend_param_index(*l, s->name), i);
            if (s->search_min == s->search_max)
                continue; /* not searched */
            ASSERT_TRUE(s->search_min >= s->min && s->search_max <= s->max && s->search_min < s->search_max);
            ASSERT_TRUE(!s->log_scale || s->search_min > 0);
        }
    }
    ASSERT_NULL(tend_learner_find("nothing"));
}
