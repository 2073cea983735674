/* docs/guide/serving.md names every address with its role, and every series. */
#include "serve/handlers.h"
#include "service_case.h"

static const char *read_guide(tend_arena *arena) {
    tend_error err = TEND_ERROR_INIT;
    char *text;
    size_t size;
    const char *path = tend_path_join(arena, tend_path_dir(arena, __FILE__), "../../../docs/guide/serving.md");
    ASSERT_OK(tend_fs_read(path, 0, arena, &text, &size, &err), &err);
    return text;
}

TEST(names_every_address) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *guide = read_guide(arena);
    for (int i = 0; i < serve_n_routes; i++) {
        const serve_route *r = &serve_routes[i];
        const char *role = r->role ? serve_role_name(r->role) : "anyone";
        ASSERT_HAS(guide, tend_arena_printf(arena, "| %s | `%s` | %s |", tend_http_method_name(r->method), r->pattern, role));
    }
}

TEST(names_every_series) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(serve_service) *s = case_service(arena, case_bundle(arena, TEND_TASK_BINARY, NULL), "");
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    const char *guide = read_guide(arena);
    serve_metrics_write(s, s->deployment, arena, &out);
    for (const char *at = tend_buf_text(&out); (at = strstr(at, "# TYPE ")); at += 7)
        ASSERT_HAS(guide, tend_arena_printf(arena, "\n| `%.*s` |", (int)strcspn(at + 7, " "), at + 7));
}
