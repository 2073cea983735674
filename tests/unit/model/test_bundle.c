#include "model/bundle.h"

#include "support/suite.h"

static const tend_bundle_section three[] = {
    {.name = "manifest", .data = "{\"name\": \"x\"}", .size = 13},
    {.name = "empty", .data = "", .size = 0},
    {.name = "predictor", .data = "0123456789012345678901234567890123456789012345678901234567890123456789", .size = 70},
};

static tend_status open_and_verify(const void *bytes, size_t size, tend_error *err) {
    TEND_AUTO(tend_bundle) *bundle = NULL;
    TEND_TRY(tend_bundle_parse(bytes, size, "x.tend", &bundle, err));
    return tend_bundle_verify(bundle, err);
}

TEST(sections_come_back_as_they_went_in) {
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_bundle_write(three, 3, &out);
    TEND_AUTO(tend_bundle) *bundle = NULL;
    ASSERT_OK(tend_bundle_parse(out.data, out.size, "x.tend", &bundle, &err), &err);
    ASSERT_OK(tend_bundle_verify(bundle, &err), &err);
    ASSERT_EQ(bundle->n_sections, 3);
    for (int i = 0; i < 3; i++) {
        const tend_bundle_section *found = tend_bundle_find(bundle, three[i].name);
        ASSERT_NOT_NULL(found);
        ASSERT_EQ(found->size, three[i].size);
        ASSERT_MEM_EQ(found->data, three[i].data, three[i].size);
        ASSERT_EQ(((const char *)found->data - out.data) % 64, 0);
    }
    ASSERT_NULL(tend_bundle_find(bundle, "predict"));
}

TEST(equal_contents_give_equal_bytes_and_another_byte_another_identity) {
    TEND_AUTO_BUF a = TEND_BUF_INIT, b = TEND_BUF_INIT, c = TEND_BUF_INIT;
    tend_bundle_section changed[3];
    memcpy(changed, three, sizeof three);
    changed[2].data = "1123456789012345678901234567890123456789012345678901234567890123456789";
    tend_bundle_write(three, 3, &a);
    tend_bundle_write(three, 3, &b);
    tend_bundle_write(changed, 3, &c);
    ASSERT_EQ(a.size, b.size);
    ASSERT_MEM_EQ(a.data, b.data, a.size);
    ASSERT_TRUE(memcmp(a.data + 32, c.data + 32, 32) != 0); /* the identity is at byte 32 */
}

TEST(each_flipped_byte_is_found) {
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_bundle_write(three, 3, &out);
    for (size_t i = 0; i < out.size; i++)
        for (int bit = 0; bit < 8; bit += 7) {
            out.data[i] = (char)(out.data[i] ^ (1 << bit));
            tend_error err = TEND_ERROR_INIT;
            tend_status status = open_and_verify(out.data, out.size, &err);
            if (status != TEND_CORRUPT && !(status == TEND_UNSUPPORTED && i >= 8 && i < 12))
                fail_msg("byte %zu, bit %d: status %s", i, bit, tend_status_name(status));
            out.data[i] = (char)(out.data[i] ^ (1 << bit));
        }
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(open_and_verify(out.data, out.size, &err), &err);
}

TEST(each_length_but_the_right_one_is_refused) {
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_bundle_write(three, 3, &out);
    for (size_t size = 0; size < out.size; size++) {
        char *copy = malloc(size + 1);
        memcpy(copy, out.data, size);
        tend_error err = TEND_ERROR_INIT;
        ASSERT_FAILS(open_and_verify(copy, size, &err), &err, CORRUPT, "x.tend");
        free(copy);
    }
    tend_buf_u8(&out, 0);
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(open_and_verify(out.data, out.size, &err), &err, CORRUPT, "bytes");
}

TEST(a_newer_format_says_so) {
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_bundle_write(three, 3, &out);
    out.data[8] = 2;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(open_and_verify(out.data, out.size, &err), &err, UNSUPPORTED, "format 2");
    ASSERT_HAS(err.hint, "newer tend");
}

TEST(a_file_that_is_something_else_is_named) {
    char path[512];
    snprintf(path, sizeof path, "%s/notes.txt", suite_scratch());
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_fs_write(path, "hello, world", 12, 0644, &err), &err);
    tend_bundle *bundle = NULL;
    ASSERT_FAILS(tend_bundle_open(path, &bundle, &err), &err, CORRUPT, "is not a bundle");
    ASSERT_FAILS(tend_bundle_open("/nowhere/x.tend", &bundle, &err), &err, NOT_FOUND, "x.tend");
    ASSERT_OK(tend_fs_write(path, "", 0, 0644, &err), &err);
    ASSERT_FAILS(tend_bundle_open(path, &bundle, &err), &err, CORRUPT, "is not a bundle");
}

TEST(a_bundle_from_a_file_is_mapped_and_read) {
    char path[512];
    snprintf(path, sizeof path, "%s/three.tend", suite_scratch());
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_bundle_write(three, 3, &out);
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_fs_write(path, out.data, out.size, 0644, &err), &err);
    TEND_AUTO(tend_bundle) *bundle = NULL;
    ASSERT_OK(tend_bundle_open(path, &bundle, &err), &err);
    ASSERT_OK(tend_bundle_verify(bundle, &err), &err);
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_node *manifest = NULL;
    ASSERT_OK(tend_bundle_manifest(bundle, arena, &manifest, &err), &err);
    ASSERT_STR_EQ(tend_node_string(tend_node_get(manifest, "name"), ""), "x");
}
