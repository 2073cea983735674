#include "store_fixture.h"

#include "store/cache.h"

#include <fcntl.h>
#include <sys/stat.h>

static tend_cache_entry *get(tend_store *store, const tend_digest *key, tend_arena *arena) {
    tend_error err = TEND_ERROR_INIT;
    tend_cache_entry *entry = NULL;
    ASSERT_OK(tend_cache_get(store, key, arena, &entry, &err), &err);
    return entry;
}

static tend_digest put_entry(tend_store *store, const char *name, const char *step, const char *output) {
    tend_error err = TEND_ERROR_INIT;
    tend_digest key = digest_of_text(name);
    tend_cache_output out = {.name = "table", .digest = put_text(store, output)};
    tend_cache_entry entry = {.key = key, .step = step, .outputs = &out, .n_outputs = 1};
    ASSERT_OK(tend_cache_put(store, &entry, &err), &err);
    return key;
}

TEST(an_entry_comes_back_as_it_was_put) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_digest key = digest_of_text("key");
    tend_cache_output outputs[] = {
        {"table", put_text(store, "t")}, {"bundle", put_text(store, "b")}, {"'; DROP TABLE cache; --", put_text(store, "x")}};
    tend_cache_entry entry = {.key = key, .step = "train", .meta = "{\"rows\": 3}", .outputs = outputs, .n_outputs = 3};
    ASSERT_NULL(get(store, &key, arena));
    ASSERT_OK(tend_cache_put(store, &entry, &err), &err);
    tend_cache_entry *back = get(store, &key, arena);
    ASSERT_NOT_NULL(back);
    ASSERT_STR_EQ(back->step, "train");
    ASSERT_STR_EQ(back->meta, "{\"rows\": 3}");
    ASSERT_EQ(back->n_outputs, 3);
    ASSERT_TRUE(back->created > 0 && back->used == back->created);
    for (int i = 0; i < 3; i++) {
        ASSERT_STR_EQ(back->outputs[i].name, outputs[i].name);
        ASSERT_TRUE(tend_digest_eq(&back->outputs[i].digest, &outputs[i].digest));
    }
    entry.meta = NULL;
    entry.n_outputs = 1;
    ASSERT_OK(tend_cache_put(store, &entry, &err), &err);
    back = get(store, &key, arena);
    ASSERT_STR_EQ(back->meta, "{}");
    ASSERT_EQ(back->n_outputs, 1);
    ASSERT_OK(tend_cache_remove(store, &key, &err), &err);
    ASSERT_OK(tend_cache_remove(store, &key, &err), &err);
    ASSERT_NULL(get(store, &key, arena));
}

TEST(an_entry_never_promises_what_is_not_there) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_cache_output gone = {"table", digest_of_text("never put")};
    tend_cache_entry entry = {.key = digest_of_text("k"), .step = "acquire", .outputs = &gone, .n_outputs = 1};
    ASSERT_FAILS(tend_cache_put(store, &entry, &err), &err, NOT_FOUND, "'table' of step acquire");
    ASSERT_NULL(get(store, &entry.key, arena));
    tend_digest key = put_entry(store, "other", "acquire", "rows"), object = digest_of_text("rows");
    ASSERT_NOT_NULL(get(store, &key, arena));
    ASSERT_OK(tend_objects_remove(tend_store_objects(store), &object, &err), &err);
    ASSERT_NULL(get(store, &key, arena));
}

TEST(two_outputs_of_one_name_are_refused_whole) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_digest object = put_text(store, "o");
    tend_cache_output twice[] = {{"table", object}, {"table", object}};
    tend_cache_entry entry = {.key = digest_of_text("k"), .step = "s", .outputs = twice, .n_outputs = 2};
    ASSERT_TRUE(tend_cache_put(store, &entry, &err) != TEND_OK);
    ASSERT_NULL(get(store, &entry.key, arena));
    entry.n_outputs = 1; /* the transaction has ended */
    ASSERT_OK(tend_cache_put(store, &entry, &err), &err);
}

TEST(entries_are_listed_by_step_newest_first) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_cache_entry *entries;
    size_t n;
    for (int i = 0; i < 20; i++) {
        setenv("TEND_NOW", tend_arena_printf(arena, "%d", 1000 + i), 1);
        put_entry(store, tend_arena_printf(arena, "k%d", i), i % 2 ? "train" : "acquire", "o");
    }
    unsetenv("TEND_NOW");
    ASSERT_OK(tend_cache_list(store, "train", 0, arena, &entries, &n, &err), &err);
    ASSERT_EQ(n, 10);
    for (size_t i = 0; i < n; i++)
        ASSERT_EQ(entries[i].created, 1019 - 2 * (int64_t)i);
    ASSERT_EQ(entries[3].n_outputs, 1);
    ASSERT_OK(tend_cache_list(store, NULL, 7, arena, &entries, &n, &err), &err);
    ASSERT_EQ(n, 7);
    ASSERT_STR_EQ(entries[1].step, "acquire");
}

TEST(touching_renews_old_entries_only) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    setenv("TEND_NOW", "2026-01-01T00:00:00Z", 1);
    tend_digest keys[2] = {put_entry(store, "a", "s", "o"), digest_of_text("unknown")};
    int64_t created = get(store, &keys[0], arena)->used;
    setenv("TEND_NOW", "2026-01-01T00:59:00Z", 1);
    ASSERT_OK(tend_cache_touch(store, keys, 2, &err), &err);
    ASSERT_EQ(get(store, &keys[0], arena)->used, created);
    setenv("TEND_NOW", "2026-01-01T01:01:00Z", 1);
    ASSERT_OK(tend_cache_touch(store, keys, 2, &err), &err);
    unsetenv("TEND_NOW");
    tend_cache_entry *entry = get(store, &keys[0], arena);
    ASSERT_EQ(entry->used - created, INT64_C(3660000000));
    ASSERT_EQ(entry->created, created);
    ASSERT_NULL(get(store, &keys[1], arena));
}

static tend_file_record record_of(const char *path, int64_t stamped_ns) {
    tend_error err = TEND_ERROR_INIT;
    tend_file_record record = {.path = path, .stamped_ns = stamped_ns, .digest = digest_of_text(path), .rows = 12};
    ASSERT_OK(tend_fs_stamp(path, &record.stamp, &err), &err);
    return record;
}

TEST(a_file_is_known_until_it_changes) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    const char *path = scratch_path(arena, "it's; a \"file\".csv");
    ASSERT_OK(tend_fs_write(path, "a\n", 2, 0644, &err), &err);
    tend_file_record record = record_of(path, tend_file_now() + 1000000000);
    tend_file_record asked = {.path = path, .stamp = record.stamp, .known = true};
    ASSERT_OK(tend_files_get(store, &asked, 1, &err), &err);
    ASSERT_FALSE(asked.known);
    ASSERT_OK(tend_files_put(store, &record, 1, &err), &err);
    ASSERT_OK(tend_files_get(store, &asked, 1, &err), &err);
    ASSERT_TRUE(asked.known && tend_digest_eq(&asked.digest, &record.digest));
    ASSERT_EQ(asked.rows, 12);
    /* each part of the stamp counts */
    for (int i = 0; i < 5; i++) {
        asked.stamp = record.stamp;
        uint64_t *parts[] = {&asked.stamp.size, &asked.stamp.inode, &asked.stamp.device};
        int64_t *times[] = {&asked.stamp.mtime_ns, &asked.stamp.ctime_ns};
        if (i < 3)
            *parts[i] += 1;
        else
            *times[i - 3] -= 1;
        ASSERT_OK(tend_files_get(store, &asked, 1, &err), &err);
        ASSERT_FALSE(asked.known);
    }
    asked = (tend_file_record){.path = "elsewhere", .stamp = record.stamp};
    ASSERT_OK(tend_files_get(store, &asked, 1, &err), &err);
    ASSERT_FALSE(asked.known);
}

/* Written twice within a kernel tick, a file can change without its stamp: such a stamp is not
 * remembered, and drops an older one. */
TEST(a_file_just_written_is_not_trusted) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    const char *path = scratch_path(arena, "new.csv");
    ASSERT_OK(tend_fs_write(path, "a\n", 2, 0644, &err), &err);
    tend_file_record record = record_of(path, 0);
    record.stamped_ns = record.stamp.ctime_ns + 50000001;
    ASSERT_OK(tend_files_put(store, &record, 1, &err), &err);
    ASSERT_OK(tend_files_get(store, &record, 1, &err), &err);
    ASSERT_TRUE(record.known);
    record.stamped_ns = record.stamp.ctime_ns + 49999999;
    ASSERT_OK(tend_files_put(store, &record, 1, &err), &err);
    ASSERT_OK(tend_files_get(store, &record, 1, &err), &err);
    ASSERT_FALSE(record.known);
}

TEST(many_files_go_in_one_batch) {
    enum { N = 2000 };
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_file_record *records = TEND_ARRAY(arena, tend_file_record, N), *back = TEND_ARRAY(arena, tend_file_record, N + 1);
    for (int i = 0; i < N; i++) {
        records[i] = (tend_file_record){.path = tend_arena_printf(arena, "data/%d.csv", i),
                                        .stamped_ns = INT64_MAX,
                                        .stamp = {.size = UINT64_MAX - i, .inode = i, .mtime_ns = -i},
                                        .rows = -1};
        records[i].digest = digest_of_text(records[i].path);
        back[i] = (tend_file_record){.path = records[i].path, .stamp = records[i].stamp};
    }
    back[N] = (tend_file_record){.path = "data/new.csv"};
    ASSERT_OK(tend_files_put(store, records, N, &err), &err);
    ASSERT_OK(tend_files_get(store, back, N + 1, &err), &err);
    for (int i = 0; i < N; i++)
        ASSERT_TRUE(back[i].known && back[i].rows == -1 && tend_digest_eq(&back[i].digest, &records[i].digest));
    ASSERT_FALSE(back[N].known);
}
