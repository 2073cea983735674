/* Replays corpora without libFuzzer: every file, and many damaged copies of each (a byte changed,
 * the end cut off), which depend on the file alone, so that a failure can be had again. */
#include "target.h"

#include "base/fs.h"
#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>

enum { DAMAGED_COPIES = 300 };

static void run_exact(const char *data, size_t size) {
    /* A block of just this size: reading one byte too far is seen by the sanitizer. */
    uint8_t *copy = tend_malloc(size);
    if (size)
        memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_damaged(char *data, size_t size, tend_rng *rng) {
    static const char telling[] = "\0\"'{}[]:,-#&*!|>%@\\\n\t \xFF\x80"
                                  "0e9.";
    size_t at = (size_t)tend_rng_below(rng, size);
    char old = data[at];
    data[at] = tend_rng_below(rng, 2) ? (char)tend_rng_below(rng, 256) : telling[tend_rng_below(rng, sizeof telling)];
    run_exact(data, tend_rng_below(rng, 3) ? size : at);
    if (tend_rng_below(rng, 4) == 0) /* the next copies build on this one */
        return;
    data[at] = old;
}

static int run_file(const char *path) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    char *data;
    size_t size;
    if (tend_fs_read(path, 0, arena, &data, &size, &err) != TEND_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    run_exact(data, size);
    tend_rng rng;
    tend_rng_init(&rng, size, "fuzz");
    for (int i = 0; size > 0 && i < DAMAGED_COPIES; i++)
        run_damaged(data, size, &rng);
    return 0;
}

int main(int argc, char **argv) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    size_t n_files = 0;
    for (int i = 1; i < argc; i++) {
        char **paths;
        size_t n;
        tend_error err = TEND_ERROR_INIT;
        if (tend_fs_glob(argv[i], arena, &paths, &n, &err) != TEND_OK) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
        for (size_t k = 0; k < n; k++)
            if (run_file(paths[k]) != 0)
                return 1;
        n_files += n;
    }
    printf("%zu inputs, each with %d damaged copies\n", n_files, DAMAGED_COPIES);
    return n_files ? 0 : 1;
}
