#include "serve/openapi.h"
#include "serve/schema.h"
#include "service_case.h"

#include <ctype.h>

static const char expectations[] = "{\"missing\":[\"\",\"?\"],\"exact\":false,\"columns\":["
                                   "{\"name\":\"age\",\"type\":\"integer\",\"required\":true,\"range\":[0,120]},"
                                   "{\"name\":\"town\",\"type\":\"string\",\"required\":true},"
                                   "{\"name\":\"score\",\"type\":\"number\",\"range\":[-5,5],\"severity\":\"warning\"},"
                                   "{\"name\":\"born\",\"type\":\"date\",\"range\":[\"1900-01-01\",null]},"
                                   "{\"name\":\"answer\",\"values\":[\"no\",\"yes\"]},"
                                   "{\"name\":\"unused\",\"type\":\"string\"}],\"unique\":[],\"rules\":[]}";

static const char *method_of(const serve_route *route, tend_arena *arena) {
    char *method = tend_arena_strdup(arena, tend_http_method_name(route->method));
    for (char *at = method; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return method;
}

TEST(every_route_is_described) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(serve_service) *s = case_service(arena, case_bundle(arena, TEND_TASK_BINARY, NULL), "");
    const tend_node *document = serve_openapi(s, s->deployment, arena), *paths = tend_node_get(document, "paths");
    size_t n = 0;
    TEND_NODE_EACH(item, paths)
        n += item->count;
    ASSERT_EQ(n, serve_n_routes); /* with one model, each route is one operation */
    for (int i = 0; i < serve_n_routes; i++) {
        const serve_route *route = &serve_routes[i];
        const char *path = route->pattern, *name = strstr(path, "{name}");
        if (name && !strcmp(route->tag, "predict"))
            path = tend_arena_printf(arena, "%.*stown-model%s", (int)(name - path), path, name + 6);
        const tend_node *operation = tend_node_get(tend_node_get(paths, path), method_of(route, arena));
        if (!operation)
            fail_msg("%s is not described", route->pattern);
        ASSERT_HAS(tend_node_string(tend_node_get(operation, "summary"), ""), route->summary);
        ASSERT_NOT_NULL(tend_node_path(operation, "responses.200"));
    }
}

static const tend_node *property(const tend_node *row, const char *name) { return tend_node_get(tend_node_get(row, "properties"), name); }

static const char *shown(const tend_node *node, tend_arena *arena) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_json_format(node, 0, &text);
    return tend_arena_printf(arena, "%.*s", (int)strcspn(tend_buf_text(&text), "\n"), tend_buf_text(&text));
}

TEST(a_row_is_what_the_server_takes) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(serve_service) *s = case_service(arena, case_bundle(arena, TEND_TASK_BINARY, expectations), "");
    const tend_node *row = serve_schema_row(s->deployment->versions[0], arena);
    ASSERT_STR_EQ(shown(property(row, "age"), arena), "{\"type\":\"integer\",\"minimum\":0,\"maximum\":120}");
    ASSERT_STR_EQ(shown(property(row, "town"), arena),
                  "{\"type\":\"string\",\"not\":{\"enum\":[\"\",\"?\"]},\"pattern\":\"[^ \\\\t\\\\n\\\\r\\\\f\\\\v]\"}");
    ASSERT_STR_EQ(shown(property(row, "score"), arena), "{\"type\":[\"number\",\"null\"],\"description\":\"From -5 to 5. Anything else is "
                                                        "predicted, with a warning.\"}");
    ASSERT_STR_EQ(shown(property(row, "born"), arena),
                  "{\"type\":[\"string\",\"null\"],\"format\":\"date\",\"description\":\"At least 1900-01-01.\"}");
    ASSERT_STR_EQ(shown(property(row, "member"), arena), "{\"type\":[\"boolean\",\"null\"]}");
    ASSERT_EQ(tend_node_get(row, "required")->count, 5);
    ASSERT_FALSE(tend_node_bool(tend_node_get(row, "additionalProperties"), true));
    ASSERT_HAS(shown(property(row, "answer"), arena), "not read"); /* known, and let through */
    ASSERT_HAS(shown(property(row, "unused"), arena), "Not read");
    ASSERT_NOT_NULL(tend_node_path(row, "examples.0.age"));
}

TEST(an_answer_has_its_task_in_it) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    for (int task = TEND_TASK_REGRESSION; task <= TEND_TASK_MULTICLASS; task++) {
        TEND_AUTO(serve_service) *s = case_service(arena, case_bundle(arena, (tend_task)task, NULL), "");
        const tend_node *one = serve_schema_answer(s->deployment->versions[0], false, arena);
        const tend_node *list = serve_schema_answer(s->deployment->versions[0], true, arena);
        ASSERT_EQ(property(one, "probability") != NULL, task == TEND_TASK_BINARY);
        ASSERT_EQ(property(one, "probabilities") != NULL, task != TEND_TASK_REGRESSION);
        ASSERT_NOT_NULL(tend_node_path(list, "properties.predictions.items.properties.prediction"));
    }
}

TEST(patterns_become_regular_expressions) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    ASSERT_STR_EQ(serve_schema_pattern("A-??.*", arena), "^A-[\\s\\S][\\s\\S]\\.[\\s\\S]*$");
    ASSERT_STR_EQ(serve_schema_pattern("[a-z][!0-9](x)", arena), "^[a-z][^0-9]\\(x\\)$");
    ASSERT_STR_EQ(serve_schema_pattern("[", arena), "^\\[$");
}

TEST(names_become_segments) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    ASSERT_STR_EQ(serve_path_segment(arena, "a b/c\xc3\xa9?"), "a%20b%2Fc%C3%A9%3F");
    ASSERT_STR_EQ(serve_path_segment(arena, "census-income_2.1~x"), "census-income_2.1~x");
}

/* With tokens, whoever may not ask is told so in the document, and what is open is not. */
TEST(tokens_are_described_where_they_are_needed) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *path = tend_path_join(arena, suite_scratch(), "tokens"), *bundle = case_bundle(arena, TEND_TASK_BINARY, NULL);
    const char *line = "ann admin 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n";
    ASSERT_OK(tend_fs_write(path, line, strlen(line), 0600, &err), &err);
    TEND_AUTO(serve_service) *s = case_service(arena, bundle, tend_arena_printf(arena, ",\"tokens\":\"%s\"", path));
    const tend_node *document = serve_openapi(s, s->deployment, arena), *paths = tend_node_get(document, "paths");
    ASSERT_NOT_NULL(tend_node_path(document, "components.securitySchemes.bearer"));
    ASSERT_NOT_NULL(tend_node_path(tend_node_get(paths, "/metrics"), "get.security.0.bearer"));
    ASSERT_NOT_NULL(tend_node_path(tend_node_get(paths, "/metrics"), "get.responses.401"));
    ASSERT_NULL(tend_node_path(tend_node_get(paths, "/healthz"), "get.security"));
}
