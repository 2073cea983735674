/* The formats, and which files a path of the user's stands for. */
#include "base/fs.h"
#include "base/text.h"
#include "engine/engine.h"
#include "flow/flow.h"

const tend_format *const tend_formats[] = {&tend_format_csv, &tend_format_json, &tend_format_ndjson, &tend_format_parquet, NULL};

/* In a folder a README.txt is no delivery. */
static bool looks_like_data(const char *path) { return tend_format_by_name(tend_formats, path) && !tend_text_has_suffix(path, ".txt"); }

tend_status tend_data_files(const char *path, tend_arena *arena, char ***out_files, size_t *out_n, tend_error *err) {
    TEND_TRY(tend_fs_glob(path, arena, out_files, out_n, err));
    if (!tend_fs_is_dir(path))
        return TEND_OK;
    char **kept = TEND_ARRAY(arena, char *, *out_n);
    size_t n = 0;
    for (size_t i = 0; i < *out_n; i++)
        if (looks_like_data((*out_files)[i]))
            kept[n++] = (*out_files)[i];
    if (n) {
        *out_files = kept;
        *out_n = n;
    }
    return TEND_OK;
}
