/* Paths, folders and patterns. */
#include "base/fs.h"

#include "base/fs_ops.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

char *tend_path_join(tend_arena *arena, const char *folder, const char *name) {
    size_t size = strlen(folder);
    if (*name == '/' || size == 0)
        return tend_arena_strdup(arena, name);
    return tend_arena_printf(arena, "%s%s%s", folder, folder[size - 1] == '/' ? "" : "/", name);
}

const char *tend_path_base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *tend_path_dir(tend_arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash)
        return tend_arena_strdup(arena, ".");
    return tend_arena_strndup(arena, path, slash == path ? 1 : (size_t)(slash - path));
}

typedef struct names {
    tend_arena *arena;
    char **at;
    size_t n, capacity;
} names;

static void add_name(names *list, const char *name) {
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 32;
        list->at = tend_arena_grow(list->arena, list->at, list->capacity * sizeof(char *), tend_mul_or_die(capacity, sizeof(char *)));
        list->capacity = capacity;
    }
    list->at[list->n++] = tend_arena_strdup(list->arena, name);
}

static int compare_names(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static void sort_names(names *list) {
    if (list->n > 1)
        qsort(list->at, list->n, sizeof(char *), compare_names);
}

tend_status tend_fs_list(const char *path, tend_arena *arena, char ***out_names, size_t *out_n, tend_error *err) {
    DIR *folder = opendir(path);
    if (!folder)
        return fs_fail(err, "list the folder", path, errno);
    names list = {.arena = arena};
    struct dirent *entry;
    while ((errno = 0, entry = readdir(folder)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            add_name(&list, entry->d_name);
    int error_number = errno;
    closedir(folder);
    if (error_number)
        return fs_fail(err, "list the folder", path, error_number);
    sort_names(&list);
    *out_names = list.at;
    *out_n = list.n;
    return TEND_OK;
}

static bool is_file(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static bool has_wildcard(const char *text) { return strpbrk(text, "*?[") != NULL; }

static const char *joined(tend_arena *arena, const char *folder, const char *name) {
    return *folder ? tend_path_join(arena, folder, name) : name;
}

/* Adds what `rest` (a relative pattern) names below `folder` ("" is the current one). Each wildcard
 * part is matched against its folder's names; hidden names only match a part that starts with a
 * dot. */
static tend_status expand(const char *folder, const char *rest, names *out, tend_error *err) {
    tend_arena *arena = out->arena;
    const char *slash = strchr(rest, '/');
    char *part = tend_arena_strndup(arena, rest, slash ? (size_t)(slash - rest) : strlen(rest));
    if (!has_wildcard(part)) {
        const char *path = joined(arena, folder, part);
        if (slash)
            return tend_fs_is_dir(path) ? expand(path, slash + 1, out, err) : TEND_OK;
        if (is_file(path))
            add_name(out, path);
        return TEND_OK;
    }
    char **entries;
    size_t n;
    TEND_TRY(tend_fs_list(*folder ? folder : ".", arena, &entries, &n, err));
    for (size_t i = 0; i < n; i++) {
        if ((entries[i][0] == '.' && part[0] != '.') || !tend_text_glob(part, entries[i]))
            continue;
        const char *path = joined(arena, folder, entries[i]);
        if (slash && tend_fs_is_dir(path))
            TEND_TRY(expand(path, slash + 1, out, err));
        else if (!slash && is_file(path))
            add_name(out, path);
    }
    return TEND_OK;
}

static tend_status files_in_folder(const char *folder, names *out, tend_error *err) {
    char **entries;
    size_t n;
    TEND_TRY(tend_fs_list(folder, out->arena, &entries, &n, err));
    for (size_t i = 0; i < n; i++) {
        const char *path = tend_path_join(out->arena, folder, entries[i]);
        if (entries[i][0] != '.' && entries[i][0] != '_' && is_file(path))
            add_name(out, path);
    }
    if (out->n == 0)
        return TEND_FAIL(err, NOT_FOUND, "no files in the folder '%s'", folder);
    return TEND_OK;
}

static tend_status no_match(const char *pattern, tend_arena *arena, tend_error *err) {
    if (!has_wildcard(pattern)) {
        if (tend_fs_exists(pattern))
            return TEND_FAIL(err, NOT_FOUND, "'%s' is neither a file nor a folder", pattern);
        return fs_fail(err, "read", pattern, ENOENT);
    }
    tend_status status = TEND_FAIL(err, NOT_FOUND, "no file matches '%s'", pattern);
    const char *folder = tend_path_dir(arena, pattern);
    char **entries;
    size_t n;
    if (has_wildcard(folder) || tend_fs_list(folder, arena, &entries, &n, NULL) != TEND_OK)
        return status;
    const char *nearest = tend_text_nearest(tend_path_base(pattern), (const char *const *)entries, n);
    if (!nearest && n > 0)
        nearest = entries[0];
    if (!nearest)
        return tend_error_hint(err, status, "the folder '%s' is empty", folder);
    return tend_error_hint(err, status, "the folder '%s' has '%s'%s", folder, nearest, n > 1 ? " and others" : "");
}

/* Splits off the root of an absolute pattern, which expand() does not know. */
static tend_status expand_pattern(const char *pattern, names *out, tend_error *err) {
    const char *rest = pattern + strspn(pattern, "/");
    return expand(rest > pattern ? "/" : "", rest, out, err);
}

tend_status tend_fs_glob(const char *pattern, tend_arena *arena, char ***out_paths, size_t *out_n, tend_error *err) {
    names list = {.arena = arena};
    if (tend_fs_is_dir(pattern))
        TEND_TRY(files_in_folder(pattern, &list, err));
    else if (is_file(pattern)) /* also a name that happens to hold a bracket */
        add_name(&list, pattern);
    else
        TEND_TRY(expand_pattern(pattern, &list, err));
    if (list.n == 0)
        return no_match(pattern, arena, err);
    sort_names(&list);
    *out_paths = list.at;
    *out_n = list.n;
    return TEND_OK;
}
