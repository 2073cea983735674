#include "serve/card.h"
#include "serve/handlers.h"
#include "service_case.h"

static const char *text_at(const tend_node *node, const char *path) { return tend_node_string(tend_node_path(node, path), "(none)"); }

TEST(a_card_says_what_a_model_is_and_reads) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(serve_service) *s = case_service(arena, case_bundle(arena, TEND_TASK_BINARY, NULL), "");
    const serve_endpoint *e = &s->deployment->endpoints[0];
    const tend_node *card = serve_card(s, e, arena);
    ASSERT_STR_EQ(text_at(card, "name"), "town-model");
    ASSERT_STR_EQ(text_at(card, "positive"), "yes");
    ASSERT_NEAR(tend_node_double(tend_node_get(card, "threshold"), 0), 0.4, 0);
    ASSERT_NEAR(tend_node_double(tend_node_path(card, "metrics.test.roc_auc.low"), 0), 0.8, 0);
    ASSERT_STR_EQ(text_at(card, "digest"), text_at(serve_card_head(e, arena), "digest"));
    ASSERT_STR_EQ(text_at(card, "links.predict"), "/models/town-model/predict");
    ASSERT_EQ(tend_node_get(card, "inputs")->count, 5);
    ASSERT_STR_EQ(text_at(card, "inputs.4.type"), "date");
    ASSERT_NEAR(tend_node_double(tend_node_path(card, "routes.0.share"), 0), 1, 0);
    /* A file is not of the registry: no run made it that we know of. */
    ASSERT_EQ(tend_node_get(card, "run")->kind, TEND_NODE_NULL);
}

/* Levels of six rows could tell who is among them. */
TEST(rare_levels_are_not_told) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(serve_service) *s = case_service(arena, case_bundle(arena, TEND_TASK_BINARY, NULL), "");
    const tend_node *town = serve_card_profile(s->deployment->versions[0], "town");
    ASSERT_EQ(tend_node_int(tend_node_path(town, "top.0.count"), 0), 3);
    ASSERT_EQ(serve_card_levels(town, arena)->count, 0);
    tend_node *column;
    const char *text = "{\"top\":[{\"value\":\"a\",\"count\":10},{\"value\":\"b\",\"count\":9}]}";
    ASSERT_OK(tend_json_parse(text, strlen(text), "t", arena, &column, NULL), NULL);
    ASSERT_EQ(serve_card_levels(column, arena)->count, 1);
}

TEST(an_endpoint_that_is_not_loaded_says_why) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    serve_endpoint e = {.name = "a b", .reference = "a b", .problem = "the file is gone"};
    const tend_node *brief = serve_card_brief(&e, arena);
    ASSERT_FALSE(tend_node_bool(tend_node_get(brief, "ready"), true));
    ASSERT_STR_EQ(text_at(brief, "problem"), "the file is gone");
    ASSERT_STR_EQ(text_at(brief, "links.self"), "/models/a%20b");
    ASSERT_NULL(tend_node_get(brief, "digest"));
    ASSERT_STR_EQ(serve_unready(&e), "the file is gone");
}
