#include "serve/runtime.h"

#include "base/fs.h"
#include "tend/tend.h"

#include <libfyaml.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

uint64_t serve_resident_bytes(void) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    char *text;
    size_t size;
    int64_t pages;
    /* "total resident shared …", in pages; see proc(5). */
    if (tend_fs_read("/proc/self/statm", 4096, arena, &text, &size, NULL) != TEND_OK)
        return 0;
    const char *at = strchr(text, ' ');
    if (!at || !tend_text_parse_int((tend_str){at + 1, strcspn(at + 1, " \n")}, &pages))
        return 0;
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

double serve_cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

tend_node *serve_runtime_versions(tend_arena *arena) {
    const char *const libraries[][2] = {{"libfyaml", fy_library_version()},
                                        {"OpenSSL", OpenSSL_version(OPENSSL_FULL_VERSION_STRING)},
                                        {"SQLite", sqlite3_libversion()},
                                        {"zlib", zlibVersion()},
                                        {"zstd", ZSTD_versionString()}};
    tend_node *node = tend_node_new_map(arena);
    tend_node_set_string(arena, node, "tend", TEND_VERSION);
#if defined(__clang__)
    tend_node_set_string(arena, node, "compiler", "clang " __clang_version__);
#else
    tend_node_set_string(arena, node, "compiler", "gcc " __VERSION__);
#endif
    tend_node *list = tend_node_set_list(arena, node, "dependencies");
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        tend_node *library = tend_node_push(list, tend_node_new_map(arena));
        tend_node_set_string(arena, library, "name", libraries[i][0]);
        tend_node_set_string(arena, library, "version", libraries[i][1]);
    }
    return node;
}
