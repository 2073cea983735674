/* Objects: bytes kept under their own SHA-256, each once, in a folder.
 *
 * The object with digest abcdef… is the file `<folder>/ab/cdef…`; its content is the object and
 * nothing else, so that `sha256sum` proves it and any tool reads it. Objects are never changed.
 * They are not compressed: tables and bundles, which are nearly all of the bytes, are packed
 * already, and a plain file can be mapped.
 *
 * A put is whole or absent after any crash. Every read is checked against the digest: a flipped
 * byte is CORRUPT, with the path. A tend_objects is a path and may be used by any number of threads
 * and processes at once.
 *
 *     tend_objects objects = {".tend/objects"};
 *     tend_digest id;
 *     TEND_TRY(tend_objects_put(&objects, bytes, size, &id, err));
 *     TEND_TRY(tend_objects_get(&objects, &id, arena, &copy, &copy_size, err));
 */
#ifndef TEND_STORE_OBJECTS_H
#define TEND_STORE_OBJECTS_H

#include "base/fs.h"

typedef struct tend_objects {
    const char *folder; /* borrowed; made at the first put */
} tend_objects;

typedef struct tend_object {
    tend_digest digest;
    uint64_t size;
    int64_t modified_ns; /* of the last put; UTC since 1970 */
} tend_object;

/* Idempotent: an object that is there is compared, its time renewed (so that gc sees it as
 * young), and written again only when it was damaged. */
tend_status tend_objects_put(const tend_objects *objects, const void *data, size_t size, tend_digest *out_digest,
                             tend_error *err) TEND_MUST_USE;
/* A copy of a file. IO when the file changes while it is read. out_size may be NULL. */
tend_status tend_objects_put_file(const tend_objects *objects, const char *path, tend_digest *out_digest, uint64_t *out_size,
                                  tend_error *err) TEND_MUST_USE;
/* NOT_FOUND, or CORRUPT when the content has another digest; both name the path and what to do.
 * The copy is NUL-terminated beyond its size. */
tend_status tend_objects_get(const tend_objects *objects, const tend_digest *digest, tend_arena *arena, char **out_data, size_t *out_size,
                             tend_error *err) TEND_MUST_USE;
/* The same without a copy; unmap with tend_fs_unmap. */
tend_status tend_objects_map(const tend_objects *objects, const tend_digest *digest, tend_map *out_map, tend_error *err) TEND_MUST_USE;
/* Reads the object and compares. */
tend_status tend_objects_verify(const tend_objects *objects, const tend_digest *digest, tend_error *err) TEND_MUST_USE;
bool tend_objects_has(const tend_objects *objects, const tend_digest *digest); /* a regular file is there; not read */
tend_status tend_objects_size(const tend_objects *objects, const tend_digest *digest, uint64_t *out_size, tend_error *err) TEND_MUST_USE;
/* Verified, then written to `path` atomically, with mode 0644. */
tend_status tend_objects_export(const tend_objects *objects, const tend_digest *digest, const char *path, tend_error *err) TEND_MUST_USE;
/* Where it is or would be. For reading by other programs; never write there. */
char *tend_objects_path(const tend_objects *objects, const tend_digest *digest, tend_arena *arena);
/* For gc. A missing object is fine. */
tend_status tend_objects_remove(const tend_objects *objects, const tend_digest *digest, tend_error *err) TEND_MUST_USE;
/* Sorted by digest. Files with other names are left out. No folder: none. */
tend_status tend_objects_list(const tend_objects *objects, tend_arena *arena, tend_object **out_items, size_t *out_n,
                              tend_error *err) TEND_MUST_USE;
/* What a crash left behind: paths in the object folders whose names are no object's, last
 * changed before `before_ns`. */
tend_status tend_objects_list_leftovers(const tend_objects *objects, int64_t before_ns, tend_arena *arena, char ***out_paths, size_t *out_n,
                                        tend_error *err) TEND_MUST_USE;

#endif
