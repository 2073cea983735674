#include "store/objects.h"

#include "base/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { PREFIX = 2, DIGITS = TEND_DIGEST_HEX - 1 };

char *tend_objects_path(const tend_objects *objects, const tend_digest *digest, tend_arena *arena) {
    char hex[TEND_DIGEST_HEX];
    tend_digest_format(digest, hex);
    return tend_arena_printf(arena, "%s/%.*s/%s", objects->folder, PREFIX, hex, hex + PREFIX);
}

static tend_status missing(const tend_objects *objects, const tend_digest *digest, tend_error *err) {
    char hex[TEND_DIGEST_HEX];
    tend_digest_format(digest, hex);
    tend_status status = TEND_FAIL(err, NOT_FOUND, "the object %s is not in '%s'", hex, objects->folder);
    return tend_error_hint(err, status, "`tend run` makes it again where the project is as it was then; else put a copy back");
}

static tend_status damaged(const char *path, const tend_digest *found, tend_error *err) {
    char hex[TEND_DIGEST_HEX];
    tend_digest_format(found, hex);
    tend_status status = TEND_FAIL(err, CORRUPT,
                                   "the object '%s' is damaged: its name says which SHA-256 its "
                                   "content must have, but it has %.12s…",
                                   path, hex);
    return tend_error_hint(err, status, "delete it: `tend run` makes it again where the project is as it was then; else put a copy back");
}

/* Maps without checking. */
static tend_status map_path(const tend_objects *objects, const tend_digest *digest, const char *path, tend_map *out_map, tend_error *err) {
    tend_status status = tend_fs_map(path, out_map, err);
    return status == TEND_NOT_FOUND ? missing(objects, digest, err) : status;
}

static const void *bytes_of(const tend_map *map) { return map->data ? map->data : ""; }

tend_status tend_objects_map(const tend_objects *objects, const tend_digest *digest, tend_map *out_map, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *path = tend_objects_path(objects, digest, arena);
    tend_map map;
    TEND_TRY(map_path(objects, digest, path, &map, err));
    tend_digest found = tend_digest_of(bytes_of(&map), map.size);
    if (!tend_digest_eq(&found, digest)) {
        tend_fs_unmap(&map);
        return damaged(path, &found, err);
    }
    *out_map = map;
    return TEND_OK;
}

tend_status tend_objects_get(const tend_objects *objects, const tend_digest *digest, tend_arena *arena, char **out_data, size_t *out_size,
                             tend_error *err) {
    tend_map map;
    TEND_TRY(tend_objects_map(objects, digest, &map, err));
    *out_data = tend_arena_strndup(arena, bytes_of(&map), map.size);
    *out_size = map.size;
    tend_fs_unmap(&map);
    return TEND_OK;
}

tend_status tend_objects_verify(const tend_objects *objects, const tend_digest *digest, tend_error *err) {
    tend_map map;
    TEND_TRY(tend_objects_map(objects, digest, &map, err));
    tend_fs_unmap(&map);
    return TEND_OK;
}

tend_status tend_objects_export(const tend_objects *objects, const tend_digest *digest, const char *path, tend_error *err) {
    tend_map map;
    TEND_TRY(tend_objects_map(objects, digest, &map, err));
    tend_status status = tend_fs_write(path, bytes_of(&map), map.size, 0644, err);
    tend_fs_unmap(&map);
    return status;
}

bool tend_objects_has(const tend_objects *objects, const tend_digest *digest) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *path = tend_objects_path(objects, digest, arena);
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

tend_status tend_objects_size(const tend_objects *objects, const tend_digest *digest, uint64_t *out_size, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_file_stamp stamp;
    tend_status status = tend_fs_stamp(tend_objects_path(objects, digest, arena), &stamp, err);
    if (status != TEND_OK)
        return status == TEND_NOT_FOUND ? missing(objects, digest, err) : status;
    *out_size = stamp.size;
    return TEND_OK;
}

/* True when the very same bytes are there and their time could be renewed. A file that went away
 * between the two (gc) or that is not ours to touch is simply written again. */
static bool is_there(const char *path, const void *data, size_t size) {
    tend_file_stamp stamp;
    tend_map map;
    if (tend_fs_stamp(path, &stamp, NULL) != TEND_OK || stamp.size != size || tend_fs_map(path, &map, NULL) != TEND_OK)
        return false;
    bool same = map.size == size && memcmp(bytes_of(&map), data, size) == 0;
    tend_fs_unmap(&map);
    return same && utimensat(AT_FDCWD, path, NULL, 0) == 0;
}

tend_status tend_objects_put(const tend_objects *objects, const void *data, size_t size, tend_digest *out_digest, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_digest digest = tend_digest_of(data, size);
    const char *path = tend_objects_path(objects, &digest, arena);
    if (!is_there(path, data, size))
        TEND_TRY(tend_fs_write(path, data, size, 0444, err));
    *out_digest = digest;
    return TEND_OK;
}

static bool same_stamp(const tend_file_stamp *a, const tend_file_stamp *b) {
    return a->size == b->size && a->inode == b->inode && a->device == b->device && a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

/* The bytes were hashed and then written: a file that changed between the two left an object
 * that is not what its name says. */
static tend_status changed(const tend_objects *objects, const tend_digest *digest, const char *path, tend_error *err) {
    if (tend_objects_verify(objects, digest, NULL) == TEND_CORRUPT)
        TEND_TRY(tend_objects_remove(objects, digest, err));
    tend_status status = TEND_FAIL(err, IO, "'%s' was changed by another program while it was read", path);
    return tend_error_hint(err, status, "try again when nothing writes to it");
}

tend_status tend_objects_put_file(const tend_objects *objects, const char *path, tend_digest *out_digest, uint64_t *out_size,
                                  tend_error *err) {
    tend_file_stamp before, after;
    tend_map map;
    tend_digest digest;
    TEND_TRY(tend_fs_stamp(path, &before, err));
    TEND_TRY(tend_fs_map(path, &map, err));
    size_t size = map.size;
    tend_status status = tend_objects_put(objects, bytes_of(&map), size, &digest, err);
    tend_fs_unmap(&map);
    TEND_TRY(status);
    TEND_TRY(tend_fs_stamp(path, &after, err));
    if (!same_stamp(&before, &after) || after.size != size)
        return changed(objects, &digest, path, err);
    *out_digest = digest;
    if (out_size)
        *out_size = size;
    return TEND_OK;
}

tend_status tend_objects_remove(const tend_objects *objects, const tend_digest *digest, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    return tend_fs_remove(tend_objects_path(objects, digest, arena), err);
}

static bool is_hex(const char *name, size_t n) { return strlen(name) == n && strspn(name, "0123456789abcdef") == n; }

/* One folder of the store. Objects go to `found`, other names to `others`; either may be NULL. */
typedef struct walk {
    const tend_objects *objects;
    tend_arena *arena, *scratch;
    tend_object *found;
    char **others;
    size_t n, capacity;
} walk;

static size_t make_room(walk *w, size_t item_size, void **items) {
    if (w->n == w->capacity) {
        size_t capacity = w->capacity ? 2 * w->capacity : 256;
        *items = tend_arena_grow(w->arena, *items, w->capacity * item_size, tend_mul_or_die(capacity, item_size));
        w->capacity = capacity;
    }
    return w->n++;
}

static void add_object(walk *w, const char *prefix, const char *rest, const char *path) {
    char hex[TEND_DIGEST_HEX];
    tend_object object;
    tend_file_stamp stamp;
    snprintf(hex, sizeof hex, "%s%s", prefix, rest);
    if (!tend_digest_parse(hex, &object.digest) || tend_fs_stamp(path, &stamp, NULL) != TEND_OK)
        return; /* removed by another process since it was listed */
    object.size = stamp.size;
    object.modified_ns = stamp.mtime_ns;
    void *items = w->found;
    size_t i = make_room(w, sizeof(tend_object), &items);
    w->found = items;
    w->found[i] = object;
}

static void add_leftover(walk *w, const char *path, int64_t before_ns) {
    tend_file_stamp stamp;
    if (tend_fs_is_dir(path) || tend_fs_stamp(path, &stamp, NULL) != TEND_OK || stamp.mtime_ns >= before_ns)
        return;
    void *items = w->others;
    size_t i = make_room(w, sizeof(char *), &items);
    w->others = items;
    w->others[i] = tend_arena_strdup(w->arena, path);
}

/* Visits every file one level down; before_ns < 0: wanted are objects, else leftovers older than
 * that. */
static tend_status visit(walk *w, int64_t before_ns, tend_error *err) {
    const char *folder = w->objects->folder;
    char **prefixes, **names;
    size_t n_prefixes, n_names;
    if (!tend_fs_is_dir(folder))
        return TEND_OK;
    TEND_TRY(tend_fs_list(folder, w->scratch, &prefixes, &n_prefixes, err));
    for (size_t i = 0; i < n_prefixes; i++) {
        const char *sub = tend_path_join(w->scratch, folder, prefixes[i]);
        if (!is_hex(prefixes[i], PREFIX) || !tend_fs_is_dir(sub))
            continue;
        TEND_TRY(tend_fs_list(sub, w->scratch, &names, &n_names, err));
        for (size_t k = 0; k < n_names; k++) {
            const char *path = tend_path_join(w->scratch, sub, names[k]);
            bool is_object = is_hex(names[k], DIGITS - PREFIX);
            if (is_object && before_ns < 0)
                add_object(w, prefixes[i], names[k], path);
            else if (!is_object && before_ns >= 0)
                add_leftover(w, path, before_ns);
        }
    }
    return TEND_OK;
}

tend_status tend_objects_list(const tend_objects *objects, tend_arena *arena, tend_object **out_items, size_t *out_n, tend_error *err) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    walk w = {.objects = objects, .arena = arena, .scratch = scratch};
    TEND_TRY(visit(&w, -1, err));
    *out_items = w.found;
    *out_n = w.n;
    return TEND_OK;
}

tend_status tend_objects_list_leftovers(const tend_objects *objects, int64_t before_ns, tend_arena *arena, char ***out_paths, size_t *out_n,
                                        tend_error *err) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    walk w = {.objects = objects, .arena = arena, .scratch = scratch};
    TEND_TRY(visit(&w, before_ns < 0 ? 0 : before_ns, err));
    *out_paths = w.others;
    *out_n = w.n;
    return TEND_OK;
}
