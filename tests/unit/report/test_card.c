#include "report/report.h"

#include "report_case.h"

static char *card_of(const tend_node *run, tend_arena *arena) {
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_report_card(run, &out);
    return tend_arena_strdup(arena, tend_buf_text(&out));
}

static const char *const sections[] = {"## Model details\n",
                                       "## Intended use\n",
                                       "## Training data\n",
                                       "## Evaluation data\n",
                                       "## Metrics\n",
                                       "## Ethical considerations\n",
                                       "## Caveats and recommendations\n"};

static void assert_sections(const char *card) {
    const char *at = card;
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        at = strstr(at, sections[i]);
        ASSERT_NOT_NULL(at);
    }
}

TEST(all_seven_sections_are_filled_from_the_run) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *card = card_of(case_load("binary.json", arena), arena);
    assert_sections(card);
    ASSERT_HAS(card, "`census`, version 3, predicts `salary`, a decision between two classes.");
    ASSERT_HAS(card, "The model learned from 26,048 rows of a table with 15 columns. 24 rows were put aside before");
    ASSERT_HAS(card, "judged on 6,513 rows");
    ASSERT_HAS(card, "| roc_auc | 0.889 | 0.876–0.901 |");
    ASSERT_HAS(card, "- **failed**: `roc_auc >= 0.92`");
    ASSERT_HAS(card, "the data is enough");
    ASSERT_HAS(card, "Training stopped by itself after 412 rounds.");
    ASSERT_NULL(strstr(card, "`rounds` 0"));
    ASSERT_HAS(card, "it looks like an identifier");
    ASSERT_NULL(strstr(card, "fill `problem.question`"));
}

TEST(what_is_not_stated_is_said_to_be_missing) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *card = card_of(case_parse("{}", arena), arena);
    assert_sections(card);
    ASSERT_HAS(card, "fill `problem.question` in tend.yaml");
    ASSERT_HAS(card, "No metrics are in the record");
    ASSERT_HAS(card, "name them in `evaluate.gates`");
    ASSERT_HAS(card, "name columns in `evaluate.slices`");
}

/* By hand: of 100 women 20 are positive, half of them found, a tenth of the other 80 taken for it: (10 + 8) / 100 = 18
 * %. Of 200 men 100, (80 + 20) / 200 = 50 %. */
TEST(differences_between_groups_are_computed) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *card =
        card_of(case_parse("{\"split\": {\"task\": \"binary\"}, \"evaluation\": {\"metric\": \"accuracy\", \"slices\": ["
                           "{\"by\": {\"sex\": \"F\"}, \"n\": 100, \"positives\": 20, \"metrics\": {\"accuracy\": {\"value\": "
                           "0.82, \"low\": 0.72, \"high\": 0.92},"
                           " \"recall\": {\"value\": 0.5}, \"specificity\": {\"value\": 0.9}}},"
                           "{\"by\": {\"sex\": \"M\"}, \"n\": 200, \"positives\": 100, \"metrics\": {\"accuracy\": {\"value\": "
                           "0.8, \"low\": 0.7, \"high\": 0.9},"
                           " \"recall\": {\"value\": 0.8}, \"specificity\": {\"value\": 0.8}}},"
                           "{\"by\": {\"sex\": \"X\"}, \"n\": 3, \"positives\": 3, \"small\": true, \"metrics\": "
                           "{\"accuracy\": {\"value\": 0}}}],"
                           "\"slice_counts\": {\"total\": 3, \"small\": 1, \"min_slice\": 30}}}",
                           arena),
                arena);
    ASSERT_HAS(card, "- By `sex` (3 groups, 1 too small to compare):");
    ASSERT_HAS(card, "accuracy goes from 0.80 for `M` (200 rows) to 0.82 for `F` (100 rows), a gap of 0.02.");
    ASSERT_HAS(card, "selection rate goes from 18.0\u00a0% for `F` (100 rows) to 50.0\u00a0% for `M` (200 rows), a gap "
                     "of 32 points.");
    ASSERT_HAS(card, "true positive rate goes from 50.0\u00a0% for `F` (100 rows) to 80.0\u00a0% for `M` (200 rows), a "
                     "gap of 30 points.");
    ASSERT_HAS(card, "false positive rate goes from 10.0\u00a0% for `F` (100 rows) to 20.0\u00a0% for `M` (200 rows), "
                     "a gap of 10 points.");
    ASSERT_HAS(card, "1 group has fewer than 30 rows");
}

TEST(text_from_outside_cannot_become_markup) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *card = card_of(case_parse("{\"problem\": {\"name\": \"a`b|c\", \"question\": \"# <script> *x* "
                                          "[l](u)\\n## Metrics\\n\", \"target\": \"y\\n\\n# z\"}}",
                                          arena),
                               arena);
    ASSERT_HAS(card, "\\# &lt;script&gt; \\*x\\* \\[l\\](u) \\#\\# Metrics");
    ASSERT_HAS(card, "`a'b/c`");
    ASSERT_HAS(card, "`y  # z`");
    ASSERT_NULL(strstr(card, "<script"));
    assert_sections(card);
}

TEST(a_card_is_short_however_large_the_run) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_node *run = case_load("binary.json", arena);
    static const char *const lists[] = {"profile.columns", "evaluation.slices", "check.anomalies", "evaluation.gates",
                                        "snapshot.sources.census"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        tend_node *list = (tend_node *)(uintptr_t)tend_node_path(run, lists[i]);
        size_t n = list->count;
        for (size_t k = 0; k < 300 * n; k++)
            tend_node_push(list, tend_node_copy(arena, tend_node_at(list, k % n)));
    }
    const char *card = card_of(run, arena);
    assert_sections(card);
    ASSERT_TRUE(strlen(card) < 100000);
    ASSERT_STR_EQ(card, card_of(run, arena));
}
