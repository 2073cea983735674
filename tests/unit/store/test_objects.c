#include "store_fixture.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static tend_objects scratch_objects(tend_arena *arena) { return (tend_objects){scratch_path(arena, "objects")}; }

static size_t count_objects(const tend_objects *objects) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_object *items;
    size_t n = 0;
    ASSERT_OK(tend_objects_list(objects, arena, &items, &n, &err), &err);
    return n;
}

TEST(an_object_is_a_file_named_by_its_sha256) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_objects objects = scratch_objects(arena);
    tend_digest digest;
    char *data;
    size_t size;
    ASSERT_OK(tend_objects_put(&objects, "abc", 3, &digest, &err), &err);
    /* FIPS 180-4's example: the SHA-256 of "abc". */
    const char *path = scratch_path(arena, "objects/ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ASSERT_STR_EQ(tend_objects_path(&objects, &digest, arena), path);
    ASSERT_OK(tend_fs_read(path, 0, arena, &data, &size, &err), &err);
    ASSERT_STR_EQ(data, "abc");
    struct stat info;
    ASSERT_EQ(stat(path, &info), 0);
    ASSERT_EQ(info.st_mode & 0222, 0);
}

TEST(what_is_put_comes_back) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_objects objects = scratch_objects(arena);
    static const size_t sizes[] = {0, 1, 2, 4095, 4096, 70000, 1u << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        tend_error err = TEND_ERROR_INIT;
        tend_digest digest;
        char *bytes = tend_arena_alloc(arena, sizes[i]), *back;
        size_t size;
        uint64_t told;
        tend_map map;
        for (size_t k = 0; k < sizes[i]; k++)
            bytes[k] = (char)(k * 131 >> 3);
        ASSERT_OK(tend_objects_put(&objects, bytes, sizes[i], &digest, &err), &err);
        ASSERT_OK(tend_objects_get(&objects, &digest, arena, &back, &size, &err), &err);
        ASSERT_EQ(size, sizes[i]);
        ASSERT_MEM_EQ(back, bytes, size);
        ASSERT_EQ(back[size], '\0');
        ASSERT_OK(tend_objects_map(&objects, &digest, &map, &err), &err);
        ASSERT_EQ(map.size, size);
        ASSERT_TRUE(size == 0 || memcmp(map.data, bytes, size) == 0);
        tend_fs_unmap(&map);
        ASSERT_OK(tend_objects_size(&objects, &digest, &told, &err), &err);
        ASSERT_EQ(told, size);
        ASSERT_TRUE(tend_objects_has(&objects, &digest));
    }
    ASSERT_EQ(count_objects(&objects), sizeof sizes / sizeof *sizes);
}

TEST(the_same_bytes_are_kept_once_and_made_young) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_objects objects = scratch_objects(arena);
    tend_digest first, second;
    tend_file_stamp before, after;
    struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    ASSERT_OK(tend_objects_put(&objects, "same", 4, &first, &err), &err);
    const char *path = tend_objects_path(&objects, &first, arena);
    ASSERT_EQ(utimensat(AT_FDCWD, path, old, 0), 0);
    ASSERT_OK(tend_fs_stamp(path, &before, &err), &err);
    ASSERT_OK(tend_objects_put(&objects, "same", 4, &second, &err), &err);
    ASSERT_OK(tend_fs_stamp(path, &after, &err), &err);
    ASSERT_TRUE(tend_digest_eq(&first, &second));
    ASSERT_EQ(after.inode, before.inode);
    ASSERT_EQ(before.mtime_ns, INT64_C(1000000000000));
    ASSERT_TRUE(after.mtime_ns > INT64_C(1500000000000000000));
    ASSERT_EQ(count_objects(&objects), 1);
}

TEST(every_flipped_byte_is_found) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_objects objects = scratch_objects(arena);
    tend_digest digest;
    char *data = NULL, bytes[64];
    size_t size = 99;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    ASSERT_OK(tend_objects_put(&objects, bytes, sizeof bytes, &digest, &err), &err);
    const char *path = tend_objects_path(&objects, &digest, arena);
    ASSERT_EQ(chmod(path, 0644), 0);
    for (long i = 0; i < (long)sizeof bytes; i++) {
        flip_byte(path, i, 1 << (i % 8));
        ASSERT_FAILS(tend_objects_get(&objects, &digest, arena, &data, &size, &err), &err, CORRUPT, path);
        ASSERT_HAS(err.hint, "tend run");
        ASSERT_TRUE(data == NULL && size == 99);
        flip_byte(path, i, 1 << (i % 8));
    }
    ASSERT_OK(tend_objects_verify(&objects, &digest, &err), &err);
    ASSERT_EQ(truncate(path, 63), 0);
    ASSERT_FAILS(tend_objects_verify(&objects, &digest, &err), &err, CORRUPT, "is damaged");
}

TEST(putting_again_heals_a_damaged_object) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_objects objects = scratch_objects(arena);
    tend_digest digest;
    ASSERT_OK(tend_objects_put(&objects, "precious", 8, &digest, &err), &err);
    const char *path = tend_objects_path(&objects, &digest, arena);
    ASSERT_EQ(chmod(path, 0644), 0);
    flip_byte(path, 3, 0x10);
    ASSERT_FAILS(tend_objects_verify(&objects, &digest, &err), &err, CORRUPT, "is damaged");
    ASSERT_OK(tend_objects_put(&objects, "precious", 8, &digest, &err), &err);
    ASSERT_OK(tend_objects_verify(&objects, &digest, &err), &err);
}

TEST(a_missing_object_is_not_found) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_objects objects = scratch_objects(arena);
    tend_digest digest = digest_of_text("never put");
    char hex[TEND_DIGEST_HEX], *data;
    size_t size;
    uint64_t told;
    tend_digest_format(&digest, hex);
    ASSERT_FAILS(tend_objects_get(&objects, &digest, arena, &data, &size, &err), &err, NOT_FOUND, hex);
    ASSERT_FAILS(tend_objects_size(&objects, &digest, &told, &err), &err, NOT_FOUND, objects.folder);
    ASSERT_FAILS(tend_objects_export(&objects, &digest, scratch_path(arena, "out"), &err), &err, NOT_FOUND, hex);
    ASSERT_FALSE(tend_fs_exists(scratch_path(arena, "out")));
    ASSERT_FALSE(tend_objects_has(&objects, &digest));
    ASSERT_EQ(count_objects(&objects), 0);
    ASSERT_OK(tend_objects_remove(&objects, &digest, &err), &err);
}

TEST(files_go_in_and_out) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_objects objects = scratch_objects(arena);
    const char *in = scratch_path(arena, "in.csv"), *out = scratch_path(arena, "deep/er/out.csv");
    tend_digest digest, direct;
    uint64_t size;
    char *data;
    size_t n;
    ASSERT_OK(tend_fs_write(in, "a,b\n1,2\n", 8, 0644, &err), &err);
    ASSERT_OK(tend_objects_put_file(&objects, in, &digest, &size, &err), &err);
    direct = digest_of_text("a,b\n1,2\n");
    ASSERT_EQ(size, 8);
    ASSERT_TRUE(tend_digest_eq(&digest, &direct));
    ASSERT_OK(tend_objects_export(&objects, &digest, out, &err), &err);
    ASSERT_OK(tend_fs_read(out, 0, arena, &data, &n, &err), &err);
    ASSERT_STR_EQ(data, "a,b\n1,2\n");
    ASSERT_FAILS(tend_objects_put_file(&objects, scratch_path(arena, "none"), &digest, NULL, &err), &err, NOT_FOUND, "none");
    ASSERT_FAILS(tend_objects_put_file(&objects, suite_scratch(), &digest, NULL, &err), &err, IO, suite_scratch());
}

TEST(list_is_sorted_and_leaves_strangers_out) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_objects objects = scratch_objects(arena);
    tend_object *items;
    char **leftovers;
    size_t n;
    for (int i = 0; i < 600; i++) { /* a list looks at names only */
        tend_digest digest = digest_of_text(tend_arena_printf(arena, "object %d", i));
        const char *name = tend_objects_path(&objects, &digest, arena);
        ASSERT_OK(tend_fs_mkdirs(tend_path_dir(arena, name), &err), &err);
        FILE *file = fopen(name, "w");
        ASSERT_NOT_NULL(file);
        fclose(file);
    }
    const char *path = scratch_path(arena, "objects/00/left.tmp-1-2");
    ASSERT_OK(tend_fs_write(path, "half", 4, 0644, &err), &err);
    ASSERT_OK(tend_fs_write(scratch_path(arena, "objects/readme"), "?", 1, 0644, &err), &err);
    ASSERT_OK(tend_objects_list(&objects, arena, &items, &n, &err), &err);
    ASSERT_EQ(n, 600);
    for (size_t i = 1; i < n; i++)
        ASSERT_TRUE(memcmp(items[i - 1].digest.bytes, items[i].digest.bytes, 32) < 0);
    ASSERT_OK(tend_objects_list_leftovers(&objects, INT64_MAX, arena, &leftovers, &n, &err), &err);
    ASSERT_EQ(n, 1);
    ASSERT_STR_EQ(leftovers[0], path);
    ASSERT_OK(tend_objects_list_leftovers(&objects, 1000, arena, &leftovers, &n, &err), &err);
    ASSERT_EQ(n, 0);
}

/* Whichever call to the disk fails, the object is whole or absent, no temporary file stays, and
 * the same put works afterwards. */
TEST(a_failing_disk_leaves_nothing_half_written) {
    static const char *const operations[] = {"open", "write", "fsync", "rename", "mkdir", "any"};
    for (size_t op = 0; op < sizeof operations / sizeof *operations; op++)
        for (int n = 1; n <= 8; n++) {
            TEND_AUTO(tend_arena) *arena = tend_arena_new();
            tend_error err = TEND_ERROR_INIT;
            tend_objects objects = {scratch_path(arena, tend_arena_printf(arena, "%s-%d", operations[op], n))};
            tend_digest digest = {{0}}, want = digest_of_text("faulty");
            char **left;
            size_t n_left = 0;
            tend_fs_fail_at(operations[op], n, ENOSPC);
            tend_status status = tend_objects_put(&objects, "faulty", 6, &digest, &err);
            tend_fs_fail_at("any", 0, 0);
            tend_fs_fail_at(operations[op], 0, 0);
            if (status != TEND_OK) {
                ASSERT_EQ(status, TEND_IO);
                ASSERT_EQ(digest.bytes[0], 0);
            }
            if (status == TEND_OK || tend_objects_has(&objects, &want))
                ASSERT_OK(tend_objects_verify(&objects, &want, &err), &err);
            ASSERT_OK(tend_objects_list_leftovers(&objects, INT64_MAX, arena, &left, &n_left, &err), &err);
            ASSERT_EQ(n_left, 0);
            ASSERT_OK(tend_objects_put(&objects, "faulty", 6, &digest, &err), &err);
            ASSERT_OK(tend_objects_verify(&objects, &want, &err), &err);
        }
}

TEST(the_first_write_failing_is_told) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_objects objects = scratch_objects(arena);
    tend_digest digest;
    tend_fs_fail_at("write", 1, ENOSPC);
    tend_status status = tend_objects_put(&objects, "x", 1, &digest, &err);
    tend_fs_fail_at("write", 0, 0);
    ASSERT_FAILS(status, &err, IO, "objects/");
}
