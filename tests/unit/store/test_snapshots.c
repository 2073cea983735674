#include "store_fixture.h"

#include "store/snapshots.h"

static tend_digest put_snapshot(tend_store *store, const char *text, const char *now) {
    tend_error err = TEND_ERROR_INIT;
    tend_digest digest = put_text(store, text);
    setenv("TEND_NOW", now, 1);
    tend_snapshot snapshot = {.digest = digest, .rows = 10, .columns = 3, .manifest = "{\"sources\": []}"};
    ASSERT_OK(tend_snapshots_put(store, &snapshot, &err), &err);
    unsetenv("TEND_NOW");
    return digest;
}

TEST(a_snapshot_is_found_by_name_and_digest) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_snapshot got;
    char hex[TEND_DIGEST_HEX];
    tend_digest digest = put_snapshot(store, "rows", "1000");
    put_snapshot(store, "rows", "2000"); /* known: stays as it is */
    tend_digest_format(&digest, hex);
    ASSERT_OK(tend_snapshots_name(store, "reference", &digest, &err), &err);
    ASSERT_OK(tend_snapshots_name(store, "before", &digest, &err), &err);
    ASSERT_OK(tend_snapshots_get(store, "reference", arena, &got, &err), &err);
    ASSERT_TRUE(tend_digest_eq(&got.digest, &digest));
    ASSERT_EQ(got.rows, 10);
    ASSERT_EQ(got.columns, 3);
    ASSERT_EQ(got.created, 1000);
    ASSERT_STR_EQ(got.manifest, "{\"sources\": []}");
    ASSERT_EQ(got.n_names, 2);
    ASSERT_STR_EQ(got.names[0], "before");
    ASSERT_EQ(got.n_objects, 1);
    ASSERT_TRUE(tend_digest_eq(&got.objects[0], &digest));
    ASSERT_OK(tend_snapshots_get(store, hex, arena, &got, &err), &err);
    ASSERT_OK(tend_snapshots_get(store, tend_arena_strndup(arena, hex, 6), arena, &got, &err), &err);
    ASSERT_FAILS(tend_snapshots_get(store, tend_arena_strndup(arena, hex, 5), arena, &got, &err), &err, NOT_FOUND, "no snapshot");
    ASSERT_FAILS(tend_snapshots_get(store, "referense", arena, &got, &err), &err, NOT_FOUND, "referense");
    ASSERT_HAS(err.hint, "'reference'");
}

TEST(a_name_moves) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_snapshot got, *all;
    size_t n;
    tend_digest a = put_snapshot(store, "a", "1000"), b = put_snapshot(store, "b", "2000"), none = digest_of_text("c");
    ASSERT_OK(tend_snapshots_name(store, "reference", &a, &err), &err);
    ASSERT_OK(tend_snapshots_name(store, "reference", &b, &err), &err);
    ASSERT_OK(tend_snapshots_get(store, "reference", arena, &got, &err), &err);
    ASSERT_TRUE(tend_digest_eq(&got.digest, &b));
    ASSERT_OK(tend_snapshots_list(store, arena, &all, &n, &err), &err);
    ASSERT_EQ(n, 2);
    ASSERT_TRUE(tend_digest_eq(&all[0].digest, &b) && all[0].n_names == 1 && all[1].n_names == 0);
    ASSERT_FAILS(tend_snapshots_name(store, "reference", &none, &err), &err, NOT_FOUND, "reference");
    ASSERT_FAILS(tend_snapshots_name(store, "../x", &a, &err), &err, INVALID, "snapshot name");
    ASSERT_OK(tend_snapshots_unname(store, "reference", &err), &err);
    ASSERT_FAILS(tend_snapshots_unname(store, "reference", &err), &err, NOT_FOUND, "reference");
    ASSERT_FAILS(tend_snapshots_get(store, "reference", arena, &got, &err), &err, NOT_FOUND, "reference");
}

TEST(several_objects_make_one_snapshot) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_snapshot got;
    tend_digest objects[] = {put_text(store, "part 1"), put_text(store, "part 2"), put_text(store, "part 1")};
    tend_snapshot snapshot = {.digest = digest_of_text("manifest"), .objects = objects, .n_objects = 3};
    ASSERT_OK(tend_snapshots_put(store, &snapshot, &err), &err);
    char hex[TEND_DIGEST_HEX];
    tend_digest_format(&snapshot.digest, hex);
    ASSERT_OK(tend_snapshots_get(store, hex, arena, &got, &err), &err);
    ASSERT_EQ(got.n_objects, 3);
    ASSERT_TRUE(tend_digest_eq(&got.objects[1], &objects[1]));
    ASSERT_STR_EQ(got.manifest, "{}");
    objects[1] = digest_of_text("not there");
    snapshot.digest = digest_of_text("another");
    ASSERT_FAILS(tend_snapshots_put(store, &snapshot, &err), &err, NOT_FOUND, "recording a snapshot");
    tend_digest_format(&snapshot.digest, hex);
    ASSERT_FAILS(tend_snapshots_get(store, hex, arena, &got, &err), &err, NOT_FOUND, "no snapshot");
}

/* Two digests that begin alike: as many as it takes, since SHA-256 cannot be chosen. */
TEST(an_ambiguous_digest_asks_for_more) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_store) *store = scratch_store(arena);
    tend_error err = TEND_ERROR_INIT;
    tend_snapshot got;
    tend_digest object = put_text(store, "o"), digest = object;
    for (int i = 0; i < 2; i++) {
        digest.bytes[31] = (uint8_t)i;
        tend_snapshot snapshot = {.digest = digest, .objects = &object, .n_objects = 1};
        ASSERT_OK(tend_snapshots_put(store, &snapshot, &err), &err);
    }
    char hex[TEND_DIGEST_HEX];
    tend_digest_format(&digest, hex);
    ASSERT_FAILS(tend_snapshots_get(store, tend_arena_strndup(arena, hex, 20), arena, &got, &err), &err, USAGE, "more than one");
    ASSERT_OK(tend_snapshots_get(store, hex, arena, &got, &err), &err);
}
