#include "told.h"

#include "flow/project.h"

enum { MOST_SETS = 4 };

/* tend.yaml; what stands behind a NUL are overrides, each ended by one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *text = tend_arena_strndup(arena, (const char *)data, size);
    const char *sets[MOST_SETS], *end = text + size;
    int n_sets = 0;
    for (const char *at = text + strlen(text) + 1; at < end && n_sets < MOST_SETS; at += strlen(at) + 1)
        sets[n_sets++] = at;
    tend_diags diags;
    tend_diags_init(&diags, arena);
    tend_project *project = NULL;
    tend_error err = TEND_ERROR_INIT;
    tend_status status = tend_project_parse("/nowhere", "tend.yaml", text, sets, n_sets, arena, &diags, &project, &err);
    check_told(&diags);
    FUZZ_CHECK(status != TEND_BUG && (status == TEND_OK) == (project != NULL));
    if (status != TEND_OK) {
        FUZZ_CHECK(err.message[0] && tend_utf8_is_valid(err.message, strlen(err.message), NULL));
        return 0;
    }
    FUZZ_CHECK(project->name && project->target && project->schema && project->n_sources > 0);
    FUZZ_CHECK(project->test_share > 0 && project->test_share < 1 && project->folds >= 0);
    TEND_AUTO_BUF print = TEND_BUF_INIT;
    static const char *const paths[] = {"data.split", "data.expect", "features", "train", "problem.goal"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        tend_project_fingerprint(project, paths[i], &print);
    return 0;
}
