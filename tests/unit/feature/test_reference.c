/* The guide holds the table's own words. */
#include "base/fs.h"
#include "feature/transform.h"
#include "support/suite.h"

TEST(the_guide_holds_the_reference) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    char *folder = tend_path_dir(arena, __FILE__), *text = NULL;
    char *path = tend_path_join(arena, folder, "../../../docs/guide/features.md");
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_fs_read(path, 0, arena, &text, NULL, &err), &err);
    TEND_AUTO_BUF reference = TEND_BUF_INIT;
    tend_transforms_reference(&reference);
    if (!strstr(text, tend_buf_text(&reference)))
        fail_msg("docs/guide/features.md does not hold this text:\n%s", tend_buf_text(&reference));
}
