/* tend init: what a marker such as "?" is taken for. */
#include "base/fs.h"
#include "flow/flow.h"
#include "support/suite.h"

static const char *init(tend_arena *arena, const char *rows, const char *target) {
    tend_error err = TEND_ERROR_INIT;
    const char *data = tend_path_join(arena, suite_scratch(), "data.csv"), *path;
    ASSERT_OK(tend_fs_write(data, rows, strlen(rows), 0644, &err), &err);
    tend_init_options options = {.folder = suite_scratch(), .data = &data, .n_data = 1, .target = target, .force = true};
    tend_node *summary;
    ASSERT_OK(tend_flow_init(&options, arena, &path, &summary, &err), &err);
    char *text;
    size_t size;
    ASSERT_OK(tend_fs_read(path, 0, arena, &text, &size, &err), &err);
    return text;
}

TEST(a_marker_among_numbers_is_missing) {
    tend_arena *arena = tend_arena_new();
    const char *text = init(arena, "age,job,y\n31,?,1\n?,clerk,0\n44,smith,1\n52,?,0\n", "y");
    ASSERT_HAS(text, "\n  missing: [\"\", \"NA\", ");
    ASSERT_HAS(text, ", \"?\"]\n");
    ASSERT_HAS(text, "age: {type: integer");
    tend_arena_free(arena);
}

TEST(a_marker_among_words_is_a_word) {
    tend_arena *arena = tend_arena_new();
    const char *text = init(arena, "age,job,y\n31,?,1\n38,clerk,0\n44,smith,1\n52,?,0\n", "y");
    ASSERT_HAS(text, "# '?' stands in job (2). It is kept as a category of its own;");
    ASSERT_HAS(text, "\n  # missing: [\"\", \"NA\", \"?\"]\n");
    tend_arena_free(arena);
}
