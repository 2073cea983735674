#include "support/suite.h"

#include "base/fs.h"
#include "base/text.h"
#include "base/thread.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *in_scratch(tend_arena *arena, const char *name) { return tend_path_join(arena, suite_scratch(), name); }

static void put(const char *path, const char *text) {
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_fs_write(path, text, strlen(text), 0644, &err), &err);
}

static void holds(tend_arena *arena, const char *path, const char *want) {
    tend_error err = TEND_ERROR_INIT;
    char *data = NULL;
    size_t size = 0;
    ASSERT_OK(tend_fs_read(path, 0, arena, &data, &size, &err), &err);
    ASSERT_STR_EQ(data, want);
    ASSERT_EQ(size, strlen(want));
}

static size_t count_names(tend_arena *arena, const char *folder) {
    tend_error err = TEND_ERROR_INIT;
    char **names;
    size_t n = 0;
    ASSERT_OK(tend_fs_list(folder, arena, &names, &n, &err), &err);
    return n;
}

TEST(files_are_written_and_read_back) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *path = in_scratch(arena, "new/folders/a.txt");
    put(path, "one");
    holds(arena, path, "one");
    put(path, "");
    holds(arena, path, "");
    ASSERT_TRUE(tend_fs_exists(path));
    ASSERT_FALSE(tend_fs_is_dir(path));
    ASSERT_EQ(count_names(arena, tend_path_dir(arena, path)), 1);
    struct stat info;
    ASSERT_EQ(stat(path, &info), 0);
    ASSERT_EQ(info.st_mode & 0777 & ~0644u, 0);
}

TEST(large_files_and_devices_are_read_whole) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    size_t size = 3000001;
    char *data = tend_arena_alloc(arena, size), *back;
    for (size_t i = 0; i < size; i++)
        data[i] = (char)(i * 7919 >> 3);
    const char *path = in_scratch(arena, "large");
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_fs_write(path, data, size, 0600, &err), &err);
    size_t back_size;
    ASSERT_OK(tend_fs_read(path, size, arena, &back, &back_size, &err), &err);
    ASSERT_EQ(back_size, size);
    ASSERT_MEM_EQ(back, data, size);
    ASSERT_FAILS(tend_fs_read(path, size - 1, arena, &back, &back_size, &err), &err, LIMIT, "3.0 MB");
    ASSERT_FAILS(tend_fs_read("/dev/zero", 1000000, arena, &back, &back_size, &err), &err, LIMIT, "larger than");
    tend_map map;
    ASSERT_OK(tend_fs_map(path, &map, &err), &err);
    ASSERT_EQ(map.size, size);
    ASSERT_MEM_EQ(map.data, data, size);
    tend_fs_unmap(&map);
    ASSERT_NULL(map.data);
    tend_digest digest, want = tend_digest_of(data, size);
    uint64_t digest_size;
    ASSERT_OK(tend_fs_digest(path, &digest, &digest_size, &err), &err);
    ASSERT_TRUE(tend_digest_eq(&digest, &want));
    ASSERT_EQ(digest_size, size);
}

TEST(an_empty_file_maps_to_nothing) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *path = in_scratch(arena, "empty");
    put(path, "");
    tend_map map = {"x", 1};
    ASSERT_OK(tend_fs_map(path, &map, NULL), NULL);
    ASSERT_NULL(map.data);
    ASSERT_EQ(map.size, 0);
    tend_fs_unmap(&map);
}

TEST(errors_name_the_path_the_reason_and_the_nearest_file) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    put(in_scratch(arena, "census.csv"), "x");
    tend_error err = TEND_ERROR_INIT;
    char *data;
    const char *missing = in_scratch(arena, "cenus.csv");
    ASSERT_FAILS(tend_fs_read(missing, 0, arena, &data, NULL, &err), &err, NOT_FOUND, "cenus.csv': no such file");
    ASSERT_HAS(err.hint, "census.csv");
    ASSERT_FAILS(tend_fs_read(suite_scratch(), 0, arena, &data, NULL, &err), &err, IO, "it is a folder");
    tend_map map;
    ASSERT_FAILS(tend_fs_map(suite_scratch(), &map, &err), &err, IO, "it is a folder");
    const char *through = in_scratch(arena, "census.csv/x/y");
    ASSERT_FAILS(tend_fs_write(through, "", 0, 0644, &err), &err, IO, "a part of the path is a file");
    ASSERT_FAILS(tend_fs_mkdirs(in_scratch(arena, "census.csv"), &err), &err, IO, "not a folder");
    tend_digest digest;
    ASSERT_FAILS(tend_fs_digest(missing, &digest, NULL, &err), &err, NOT_FOUND, "cenus");
    tend_file_stamp stamp;
    ASSERT_FAILS(tend_fs_stamp(missing, &stamp, &err), &err, NOT_FOUND, "cenus");
    ASSERT_FAILS(tend_fs_rename(missing, in_scratch(arena, "b"), &err), &err, NOT_FOUND, "cenus");
}

/* The promise of tend_fs_write: whatever fails, and at whichever call, the file is the old one or
 * the new one, whole, and nothing else is left in the folder. */
TEST(a_failed_write_leaves_the_old_file_whole) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *path = in_scratch(arena, "file");
    tend_error err = TEND_ERROR_INIT;
    int n_failures = 0;
    for (int n = 1;; n++) {
        put(path, "the old text");
        tend_fs_fail_at("any", n, ENOSPC);
        tend_status status = tend_fs_write(path, "the new text, longer", 20, 0644, &err);
        tend_fs_fail_at(NULL, 0, 0);
        ASSERT_EQ(count_names(arena, suite_scratch()), 1);
        char *data;
        ASSERT_OK(tend_fs_read(path, 0, arena, &data, NULL, NULL), NULL);
        if (status == TEND_OK) {
            ASSERT_STR_EQ(data, "the new text, longer");
            break;
        }
        ASSERT_FAILS(status, &err, IO, "file': the disk is full");
        ASSERT_TRUE(strcmp(data, "the old text") == 0 || strcmp(data, "the new text, longer") == 0);
        n_failures++;
    }
    ASSERT_EQ(n_failures, 6); /* open, write, fsync, rename; open and fsync of the folder */
}

TEST(each_operation_can_be_made_to_fail) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    const char *path = in_scratch(arena, "f");
    put(path, "text");
    tend_fs_fail_at("mmap", 1, ENOMEM);
    tend_map map;
    ASSERT_FAILS(tend_fs_map(path, &map, &err), &err, IO, "not enough memory");
    tend_fs_fail_at("mkdir", 2, EROFS);
    ASSERT_FAILS(tend_fs_mkdirs(in_scratch(arena, "a/b/c"), &err), &err, IO, "a/b': the file system is read-only");
    tend_fs_fail_at("open", 1, EACCES);
    char *data;
    ASSERT_FAILS(tend_fs_read(path, 0, arena, &data, NULL, &err), &err, IO, "permission denied");
    holds(arena, path, "text"); /* it fails once only */
    tend_fs_fail_at("write", 1, EINTR);
    put(path, "once more"); /* an interrupted call is made again */
    holds(arena, path, "once more");
    tend_fs_fail_at("rename", 1, 12345);
    ASSERT_FAILS(tend_fs_rename(path, in_scratch(arena, "g"), &err), &err, IO, "system error 12345");
    tend_fs_fail_at(NULL, 0, 0);
    ASSERT_OK(tend_fs_rename(path, in_scratch(arena, "g"), &err), &err);
    ASSERT_FALSE(tend_fs_exists(path));
    ASSERT_OK(tend_fs_remove(path, &err), &err);
    ASSERT_OK(tend_fs_remove(in_scratch(arena, "g"), &err), &err);
    ASSERT_FALSE(tend_fs_exists(in_scratch(arena, "g")));
}

TEST(a_stamp_changes_with_the_file) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *path = in_scratch(arena, "f");
    tend_file_stamp a, b;
    put(path, "x");
    ASSERT_OK(tend_fs_stamp(path, &a, NULL), NULL);
    ASSERT_OK(tend_fs_stamp(path, &b, NULL), NULL);
    ASSERT_MEM_EQ(&a, &b, sizeof a);
    put(path, "y");
    ASSERT_OK(tend_fs_stamp(path, &b, NULL), NULL);
    ASSERT_EQ(b.size, 1);
    ASSERT_TRUE(memcmp(&a, &b, sizeof a) != 0);
}

static const char *glob_names(tend_arena *arena, const char *pattern) {
    tend_error err = TEND_ERROR_INIT;
    char **paths;
    size_t n;
    ASSERT_OK(tend_fs_glob(in_scratch(arena, pattern), arena, &paths, &n, &err), &err);
    size_t skip = strlen(suite_scratch()) + 1;
    char *all = tend_arena_strdup(arena, "");
    for (size_t i = 0; i < n; i++)
        all = tend_arena_printf(arena, "%s%s%s", all, i ? " " : "", paths[i] + skip);
    return all;
}

TEST(patterns_name_files) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    static const char *const files[] = {"d/b.csv", "d/a.csv", "d/.hidden.csv", "d/_tmp.csv", "d/e/c.csv", "e/a.csv", "e/x[1].csv"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        put(in_scratch(arena, files[i]), "x");
    ASSERT_OK(tend_fs_mkdirs(in_scratch(arena, "empty"), NULL), NULL);
    ASSERT_STR_EQ(glob_names(arena, "d/*.csv"), "d/_tmp.csv d/a.csv d/b.csv");
    ASSERT_STR_EQ(glob_names(arena, "d"), "d/a.csv d/b.csv");
    ASSERT_STR_EQ(glob_names(arena, "*/a.csv"), "d/a.csv e/a.csv");
    ASSERT_STR_EQ(glob_names(arena, "d/?/c.csv"), "d/e/c.csv");
    ASSERT_STR_EQ(glob_names(arena, "e/x[1].csv"), "e/x[1].csv");
    ASSERT_STR_EQ(glob_names(arena, "d/.h*"), "d/.hidden.csv");
    ASSERT_STR_EQ(glob_names(arena, "d/a.csv"), "d/a.csv");
    tend_error err = TEND_ERROR_INIT;
    char **paths;
    size_t n;
    ASSERT_FAILS(tend_fs_glob(in_scratch(arena, "d/*.parquet"), arena, &paths, &n, &err), &err, NOT_FOUND, "d/*.parquet");
    ASSERT_HAS(err.hint, "d' has '");
    ASSERT_FAILS(tend_fs_glob(in_scratch(arena, "d/aa.csv"), arena, &paths, &n, &err), &err, NOT_FOUND, "d/aa.csv");
    ASSERT_HAS(err.hint, "d/a.csv");
    ASSERT_FAILS(tend_fs_glob(in_scratch(arena, "empty"), arena, &paths, &n, &err), &err, NOT_FOUND, "no files");
    ASSERT_FAILS(tend_fs_glob(in_scratch(arena, "empty/*"), arena, &paths, &n, &err), &err, NOT_FOUND, "no file");
    ASSERT_HAS(err.hint, "is empty");
    ASSERT_FAILS(tend_fs_glob("/dev/null", arena, &paths, &n, &err), &err, NOT_FOUND, "neither a file nor a folder");
}

TEST(relative_patterns_stay_relative) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    put(in_scratch(arena, "data/a.csv"), "x");
    char before[4096], **paths = NULL;
    size_t n = 0;
    ASSERT_NOT_NULL(getcwd(before, sizeof before));
    ASSERT_EQ(chdir(suite_scratch()), 0);
    tend_error err = TEND_ERROR_INIT;
    tend_status status = tend_fs_glob("dat*/*.csv", arena, &paths, &n, &err);
    tend_status write_status = tend_fs_write("plain.txt", "x", 1, 0644, &err);
    ASSERT_EQ(chdir(before), 0);
    ASSERT_OK(status, &err);
    ASSERT_OK(write_status, &err);
    ASSERT_EQ(n, 1);
    ASSERT_STR_EQ(paths[0], "data/a.csv");
}

TEST(paths_join_and_split) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    ASSERT_STR_EQ(tend_path_join(arena, "a", "b"), "a/b");
    ASSERT_STR_EQ(tend_path_join(arena, "a/", "b"), "a/b");
    ASSERT_STR_EQ(tend_path_join(arena, "a", "/b"), "/b");
    ASSERT_STR_EQ(tend_path_join(arena, "", "b"), "b");
    ASSERT_STR_EQ(tend_path_base("a/b.csv"), "b.csv");
    ASSERT_STR_EQ(tend_path_base("b.csv"), "b.csv");
    ASSERT_STR_EQ(tend_path_dir(arena, "a/b/c"), "a/b");
    ASSERT_STR_EQ(tend_path_dir(arena, "c"), ".");
    ASSERT_STR_EQ(tend_path_dir(arena, "/c"), "/");
}

TEST(a_lock_is_exclusive_and_names_its_holder) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *path = in_scratch(arena, ".tend/lock");
    tend_error err = TEND_ERROR_INIT;
    tend_lock first = TEND_LOCK_INIT, second = TEND_LOCK_INIT;
    ASSERT_OK(tend_lock_acquire(&first, path, 0, &err), &err);
    ASSERT_FAILS(tend_lock_acquire(&second, path, 0, &err), &err, BUSY, "held by pid ");
    ASSERT_HAS(err.message, tend_arena_printf(arena, "pid %d (test_base_fs", (int)getpid()));
    ASSERT_FAILS(tend_lock_acquire(&second, path, 30, &err), &err, BUSY, "held by");
    ASSERT_EQ(second.fd, -1);
    tend_lock_release(&first);
    tend_lock_release(&first);
    ASSERT_OK(tend_lock_acquire(&second, path, 0, &err), &err);
    tend_lock_release(&second);
}

TEST(the_lock_of_a_killed_process_is_free) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *path = in_scratch(arena, "lock");
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        tend_lock lock = TEND_LOCK_INIT;
        tend_status status = tend_lock_acquire(&lock, path, 0, NULL);
        char code = (char)status;
        if (write(ready[1], &code, 1) == 1)
            pause();
        _exit(0);
    }
    char code = 1;
    ASSERT_EQ(read(ready[0], &code, 1), 1);
    close(ready[0]);
    close(ready[1]);
    tend_error err = TEND_ERROR_INIT;
    tend_lock lock = TEND_LOCK_INIT;
    tend_status while_alive = tend_lock_acquire(&lock, path, 0, &err);
    kill(child, SIGKILL);
    tend_status after = tend_lock_acquire(&lock, path, 5000, &err);
    waitpid(child, NULL, 0);
    ASSERT_EQ(code, TEND_OK);
    ASSERT_EQ(while_alive, TEND_BUSY);
    ASSERT_OK(after, &err);
    tend_lock_release(&lock);
}
