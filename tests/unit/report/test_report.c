#include "report/report.h"

#include "report_case.h"

enum { MEGABYTE = 1000 * 1000 };

typedef void (*render_fn)(const tend_node *document, tend_buf *out);

static const struct {
    const char *document;
    render_fn render;
} pages[] = {{"binary.json", tend_report_html}, {"regression.json", tend_report_html}, {"profile.json", tend_report_profile_html}};
enum { N_PAGES = sizeof pages / sizeof *pages };

static char *rendered(render_fn render, const tend_node *document, tend_arena *arena) {
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    render(document, &out);
    return tend_arena_strdup(arena, tend_buf_text(&out));
}

static void assert_lacks(const char *text, const char *part) {
    if (strstr(text, part))
        fail_msg("found what must not be there: %.120s", strstr(text, part));
}

/* ---- what is in it ---- */

TEST(a_decision_is_reported_from_the_question_to_the_provenance) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *html = rendered(tend_report_html, case_load("binary.json", arena), arena);
    static const char *const parts[] = {"Which adults earn more than 50,000 dollars a year",
                                        "<strong>Machine learning is worth it.</strong>",
                                        "version 3",
                                        "challenger",
                                        "id=\"data\"",
                                        "24 rows were put aside",
                                        "<bdi>separator</bdi> <code><bdi>,</bdi></code>",
                                        "looks like an identifier",
                                        "id=\"need\"",
                                        "today&#39;s rule",
                                        "id=\"enough\"",
                                        "the data is enough",
                                        "id=\"models\"",
                                        "stopped after round 412, <bdi>max_depth</bdi> 6",
                                        "random forest",
                                        "id=\"quality\"",
                                        "ROC curve",
                                        "Precision and recall",
                                        "Calibration",
                                        "Gains",
                                        "What is taken for what",
                                        "id=\"slices\"",
                                        "by <bdi>sex and race</bdi>",
                                        "id=\"importance\"",
                                        "id=\"features\"",
                                        "one yes/no feature per value",
                                        "id=\"columns\"",
                                        "Never-worked",
                                        "id=\"provenance\"",
                                        "a3f1c9d27b5e4f60"};
    const char *at = html;
    case_assert_html(html);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(parts[i], "Never-worked") != 0) { /* a rare level: not among the six shown */
            ASSERT_HAS(html, parts[i]);
        } else {
            ASSERT_NULL(strstr(html, parts[i]));
        }
    static const char *const order[] = {"id=\"data\"",   "id=\"need\"",       "id=\"enough\"",   "id=\"models\"",  "id=\"quality\"",
                                        "id=\"slices\"", "id=\"importance\"", "id=\"features\"", "id=\"columns\"", "id=\"provenance\""};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        at = strstr(at, order[i]);
        ASSERT_NOT_NULL(at);
    }
}

TEST(a_number_is_reported_with_its_errors) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *html = rendered(tend_report_html, case_load("regression.json", arena), arena);
    case_assert_html(html);
    ASSERT_HAS(html, "Predicting <bdi>price</bdi>");
    ASSERT_HAS(html, "mean absolute error is 33.1 (32.4–33.8)");
    ASSERT_HAS(html, "Predicted and actual");
    ASSERT_HAS(html, "actual minus predicted");
    ASSERT_HAS(html, "≤ 33.5");
    ASSERT_HAS(html, "The test rows are the latest ones, by the column <bdi>last_review</bdi>");
    assert_lacks(html, "ROC curve");
    assert_lacks(html, "id=\"enough\"");
}

/* Broken expectations first, then those that nothing could check, then the rest; column names stay text. */
TEST(expectations_are_listed_with_their_outcome) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_node *doc = case_load("regression.json", arena);
    tend_node *check = (tend_node *)(uintptr_t)tend_node_get(doc, "check");
    tend_node_set(arena, check, "expectations",
                  case_parse("[{\"rule\":\"rows\",\"column\":null,\"expected\":{\"min\":15001},\"holds\":true,\"rows\":0},"
                             "{\"rule\":\"drift\",\"column\":\"group\",\"expected\":{\"max\":0.2},\"holds\":null},"
                             "{\"rule\":\"range\",\"column\":\"<b>\",\"expected\":[40.5,null],\"holds\":false,\"rows\":1234}]",
                             arena));
    const char *html = rendered(tend_report_html, doc, arena);
    case_assert_html(html);
    const char *broken = strstr(html, "<bdi>&lt;b&gt;</bdi>");
    ASSERT_NOT_NULL(broken);
    const char *unchecked = strstr(broken, "drift {&quot;max&quot;:0.2}");
    ASSERT_NOT_NULL(unchecked);
    ASSERT_HAS(unchecked, "rows {&quot;min&quot;:15001}");
    ASSERT_HAS(html, "range [40.5,null]");
    ASSERT_HAS(html, "1,234");
}

TEST(a_profile_is_reported) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *html = rendered(tend_report_profile_html, case_load("profile.json", arena), arena);
    case_assert_html(html);
    ASSERT_HAS(html, "<bdi>census.csv</bdi>");
    ASSERT_HAS(html, "What goes with the target");
    ASSERT_HAS(html, "What goes together");
    ASSERT_HAS(html, "goes with the target</dt>");
    ASSERT_HAS(html, "32,561");
}

/* ---- one file, nothing fetched ---- */

TEST(nothing_is_fetched_and_nothing_runs) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    static const char *const banned[] = {"http:", "https:", "src=", "url(", "@import", "<script", "<link", "javascript:"};
    for (int p = 0; p < N_PAGES; p++) {
        const char *html = rendered(pages[p].render, case_load(pages[p].document, arena), arena);
        for (size_t i = 0; i < sizeof banned / sizeof *banned; i++)
            assert_lacks(html, banned[i]);
        ASSERT_HAS(html, "default-src 'none'");
    }
}

TEST(equal_documents_give_equal_bytes) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    for (int p = 0; p < N_PAGES; p++) {
        const char *one = rendered(pages[p].render, case_load(pages[p].document, arena), arena);
        ASSERT_STR_EQ(one, rendered(pages[p].render, case_load(pages[p].document, arena), arena));
    }
}

/* ---- what may be absent ---- */

TEST(an_empty_run_still_is_a_page) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    static const char *const documents[] = {"{}", "{\"problem\": {\"name\": \"x\"}}", "null", "[]", "{\"evaluation\": {\"metrics\": {}}}"};
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        case_assert_html(rendered(tend_report_html, case_parse(documents[i], arena), arena));
        case_assert_html(rendered(tend_report_profile_html, case_parse(documents[i], arena), arena));
    }
    case_assert_html(rendered(tend_report_html, NULL, arena));
}

TEST(each_part_may_be_absent) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const tend_node *whole = case_load("binary.json", arena);
    TEND_NODE_EACH(part, whole) {
        tend_node *document = tend_node_copy(arena, whole);
        tend_node_remove(document, part->key);
        case_assert_html(rendered(tend_report_html, document, arena));
    }
}

/* ---- hostile documents ---- */

static void replace_text(tend_node *node, const char *text, bool keys) {
    for (tend_node *child = node->first; child; child = child->next) {
        if (keys && child->key && child->kind == TEND_NODE_MAP && tend_node_get(child, "value"))
            child->key = text; /* the names of metrics */
        if (!strcmp(child->key ? child->key : "", "by"))
            for (tend_node *column = child->first; column; column = column->next)
                column->key = text;
        if (child->kind == TEND_NODE_STRING) {
            child->text = text;
            child->text_size = strlen(text);
        }
        replace_text(child, text, keys);
    }
}

static char *long_text(tend_arena *arena) {
    char *text = tend_arena_alloc(arena, 10001);
    memset(text, 'W', 10000);
    return text;
}

TEST(hostile_names_stay_text) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *const hostile[] = {"<script>alert(1)</script>",
                                   "\"><img src=x onerror=alert(1)>",
                                   "' onmouseover='x",
                                   "</style></title><h1>",
                                   "&lt;&amp;&#0;",
                                   "\u202Egnirts\u202C",
                                   "שלום عالم",
                                   "😀👩‍👩‍👧‍👦",
                                   "",
                                   "\x01\x02\n\r\t",
                                   "\xff\xfe\xc3",
                                   "%s%n%d",
                                   "{{}}",
                                   "a]]>b<!--",
                                   long_text(arena)};
    for (size_t h = 0; h < sizeof hostile / sizeof *hostile; h++)
        for (int p = 0; p < N_PAGES; p++) {
            tend_node *document = case_load(pages[p].document, arena);
            replace_text(document, hostile[h], true);
            const char *html = rendered(pages[p].render, document, arena);
            case_assert_html(html);
            assert_lacks(html, "<script");
            assert_lacks(html, "<img");
            ASSERT_TRUE(strlen(html) < MEGABYTE);
        }
}

/* Every value in turn becomes nothing, a text, a number out of this world, an empty list: whatever a document holds,
 * the page is a page. */
static const char *const strange[] = {"null", "\"text\"", "1e308", "-1e308", "-9223372036854775808", "9223372036854775807",
                                      "[]",   "{}",       "[[1]]"};

static void mutate(render_fn render, const tend_node *whole, tend_node *parent, size_t *count) {
    for (tend_node *child = parent->first; child; child = child->next) {
        if (++*count % 3 == 0) { /* a third of the places, each with one of the values: seconds, not minutes */
            TEND_AUTO(tend_arena) *arena = tend_arena_new();
            tend_node kept = *child;
            const tend_node *with = case_parse(strange[*count / 3 % (sizeof strange / sizeof *strange)], arena);
            *child = *with;
            child->key = kept.key;
            child->next = kept.next;
            TEND_AUTO_BUF out = TEND_BUF_INIT;
            render(whole, &out);
            case_assert_html(tend_buf_text(&out));
            TEND_AUTO_BUF card = TEND_BUF_INIT;
            if (render == tend_report_html)
                tend_report_card(whole, &card);
            *child = kept;
        }
        mutate(render, whole, child, count);
    }
}

TEST(values_of_any_kind_may_stand_anywhere) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    for (int p = 0; p < N_PAGES; p++) {
        tend_node *document = case_load(pages[p].document, arena);
        size_t count = (size_t)p;
        mutate(pages[p].render, document, document, &count);
        ASSERT_TRUE(count > 100);
    }
}

/* ---- size ---- */

static void repeat(tend_arena *arena, tend_node *list, size_t times) {
    size_t n = list->count;
    ASSERT_TRUE(n > 0);
    for (size_t t = 1; t < times; t++)
        for (size_t i = 0; i < n; i++)
            tend_node_push(list, tend_node_copy(arena, tend_node_at(list, i)));
}

/* What stops the training need not be the problem's metric: the axis says what is drawn. */
TEST(the_training_curve_is_named_by_what_it_measures) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_node *document = case_load("binary.json", arena);
    const char *figure = strstr(rendered(tend_report_html, document, arena), "Training, round by round");
    ASSERT_NOT_NULL(figure);
    figure = tend_arena_strndup(arena, figure, (size_t)(strstr(figure, "</figure>") - figure));
    ASSERT_HAS(figure, "log_loss");
    assert_lacks(figure, "roc_auc");
}

static tend_node *at_path(tend_node *document, const char *path) { return (tend_node *)(uintptr_t)tend_node_path(document, path); }

TEST(many_expectations_that_hold_are_folded_away) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    for (int n = 8; n <= 9; n++)
        for (int broken = 0; broken < 2; broken++) {
            tend_node *document = case_load("binary.json", arena),
                      *list = tend_node_set_list(arena, at_path(document, "check"), "expectations");
            for (int i = 0; i < n + broken; i++) {
                tend_node *e = tend_node_push(list, tend_node_new_map(arena));
                tend_node_set_string(arena, e, "rule", "range");
                tend_node_set_string(arena, e, "column", i < n ? "whole" : "torn");
                tend_node_set_bool(arena, e, "holds", i < n);
            }
            const char *html = rendered(tend_report_html, document, arena), *fold = strstr(html, "<details>");
            case_assert_html(html);
            ASSERT_EQ(fold != NULL, n == 9);
            if (fold)
                ASSERT_HAS(fold, broken ? "<summary>9 hold</summary>" : "<summary>All 9 hold</summary>");
            if (fold && broken) { /* what is broken is never hidden */
                ASSERT_TRUE(strstr(html, "torn") < fold);
                assert_lacks(fold, "torn");
            }
        }
}

TEST(a_page_is_small_however_large_the_run) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_node *document = case_load("binary.json", arena);
    static const char *const lists[] = {"profile.columns",         "evaluation.slices",    "evaluation.importance",
                                        "features.features",       "features.dropped",     "check.anomalies",
                                        "evaluation.curves.roc",   "evaluation.curves.pr", "evaluation.calibration",
                                        "split.classes",           "training.leaderboard", "training.history",
                                        "snapshot.sources.census", "provenance.files",     "evaluation.learning_curve.points",
                                        "evaluation.gates"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        repeat(arena, at_path(document, lists[i]), 300);
    const char *html = rendered(tend_report_html, document, arena);
    case_assert_html(html);
    ASSERT_TRUE(strlen(html) < MEGABYTE);
    ASSERT_HAS(html, "1,100 more columns are not shown"); /* 4 x 300, less 100 */
    ASSERT_HAS(html, "more groups, those with the fewest rows, are not shown");
    ASSERT_HAS(html, "more files are not shown");
}

TEST(a_profile_of_many_columns_is_small) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_node *document = case_load("profile.json", arena);
    repeat(arena, at_path(document, "profile.columns"), 2000);
    repeat(arena, at_path(document, "associations"), 500);
    repeat(arena, at_path(document, "correlations.columns"), 100);
    const char *html = rendered(tend_report_profile_html, document, arena);
    case_assert_html(html);
    ASSERT_TRUE(strlen(html) < MEGABYTE);
    ASSERT_HAS(html, "7,900 more columns are not shown");
}
