#include "base/library.h"

#include "base/arena.h"
#include "base/fs.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder of the running program, or NULL where /proc is not mounted. */
static char *program_folder(tend_arena *arena) {
    char path[4096];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    if (size <= 0)
        return NULL;
    path[size] = '\0';
    return tend_path_dir(arena, path);
}

/* RTLD_DEEPBIND is not wanted: it breaks sanitizers. */
static void *try_file(const char *path) { return dlopen(path, RTLD_NOW | RTLD_LOCAL); }

static void *try_folder(tend_arena *arena, const char *folder, const char *const *names) {
    for (; folder && *names; names++) {
        char *path = tend_path_join(arena, folder, *names);
        void *handle = tend_fs_exists(path) ? try_file(path) : NULL;
        if (handle)
            return handle;
    }
    return NULL;
}

static void *try_system(const char *const *names) {
    void *handle = NULL;
    for (; *names && !handle; names++)
        handle = try_file(*names);
    return handle;
}

/* What the user names must work: falling back to another file would hide a mistake. */
static tend_status open_named(const tend_library_spec *spec, const char *named, tend_arena *arena, void **out, tend_error *err) {
    bool folder = tend_fs_is_dir(named);
    (void)dlerror();
    *out = folder ? try_folder(arena, named, spec->names) : try_file(named);
    if (*out)
        return TEND_OK;
    const char *why = dlerror();
    return tend_error_hint(err,
                           TEND_FAIL(err, UNSUPPORTED, "%s cannot be loaded from %s='%s': %s", spec->title, spec->variable, named,
                                     why ? why : "there is no such library in that folder"),
                           "%s must name the library or the folder that holds %s", spec->variable, spec->names[0]);
}

static tend_status open_library(const tend_library_spec *spec, void **out, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *named = getenv(spec->variable);
    if (named && *named)
        return open_named(spec, named, arena, out, err);
    const char *folder = program_folder(arena);
    void *handle = try_folder(arena, folder, spec->names);
    if (!handle && folder)
        handle = try_folder(arena, tend_path_join(arena, folder, "../lib/tend"), spec->names);
    if (!handle)
        handle = try_system(spec->names);
    if (!handle)
        return tend_error_hint(err,
                               TEND_FAIL(err, UNSUPPORTED,
                                         "%s is not installed: %s was found neither beside the "
                                         "program nor in the system's folders",
                                         spec->title, spec->names[0]),
                               "%s, or set %s to the library's file or folder", spec->remedy, spec->variable);
    *out = handle;
    return TEND_OK;
}

tend_status tend_library_load(const tend_library_spec *spec, void **functions, tend_error *err) {
    void *handle = NULL;
    TEND_TRY(open_library(spec, &handle, err));
    for (const char *const *name = spec->functions; *name; name++)
        if (!dlsym(handle, *name)) {
            dlclose(handle);
            return tend_error_hint(err,
                                   TEND_FAIL(err, UNSUPPORTED, "%s is too old or too new: it has no function '%s'", spec->title, *name),
                                   "%s", spec->remedy);
        }
    for (size_t i = 0; spec->functions[i]; i++)
        functions[i] = dlsym(handle, spec->functions[i]);
    return TEND_OK;
}
