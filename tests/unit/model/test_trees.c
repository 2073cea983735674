#include "model/trees.h"
#include "model/trees_ubj.h"
#include "support/suite.h"
#include "trees_fixture.h"

#include <stdlib.h>

static uint8_t *from_hex(const char *hex, size_t *size) {
    *size = strlen(hex) / 2;
    uint8_t *bytes = malloc(*size);
    for (size_t i = 0; i < *size; i++) {
        char two[3] = {hex[2 * i], hex[2 * i + 1], 0};
        bytes[i] = (uint8_t)strtoul(two, NULL, 16);
    }
    return bytes;
}

static tend_trees *import(const char *hex) {
    size_t size;
    uint8_t *bytes = from_hex(hex, &size);
    tend_error err = TEND_ERROR_INIT;
    tend_trees *trees = NULL;
    ASSERT_OK(tend_trees_parse_ubj(bytes, size, &trees, &err), &err);
    free(bytes);
    return trees;
}

TEST(imported_models_give_xgboosts_margins_to_the_last_bit) {
    for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++) {
        TEND_AUTO(tend_trees) *trees = import(fixtures[i].model);
        ASSERT_EQ(trees->n_features, 3);
        ASSERT_EQ(trees->n_groups, fixtures[i].groups);
        float x[N_PROBES * 3], out[N_PROBES * 3];
        memcpy(x, probes, sizeof x);
        tend_trees_margins(trees, x, N_PROBES, 3, out);
        ASSERT_MEM_EQ(out, fixtures[i].margins, N_PROBES * fixtures[i].groups * sizeof(float));
    }
}

TEST(every_path_gives_xgboosts_margins) {
    for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++) {
        TEND_AUTO(tend_trees) *trees = import(fixtures[i].model);
        for (int path = TEND_TREE_PATH_AUTO; path < TEND_TREE_PATHS; path++) {
            if (!tend_tree_path_available((tend_tree_path)path))
                continue;
            TEND_AUTO(tend_tree_plan) *plan = NULL;
            tend_error err = TEND_ERROR_INIT;
            ASSERT_OK(tend_trees_compile(trees, (tend_tree_path)path, &plan, &err), &err);
            float x[N_PROBES * 3], out[N_PROBES * 3];
            memcpy(x, probes, sizeof x);
            size_t row = fixtures[i].groups;
            tend_tree_plan_margins(plan, x, N_PROBES, 3, out, NULL);
            ASSERT_MEM_EQ(out, fixtures[i].margins, N_PROBES * row * sizeof(float));
            for (size_t r = 0; r < N_PROBES; r++)
                tend_tree_plan_margins(plan, x + 3 * r, 1, 3, out + r * row, NULL);
            ASSERT_MEM_EQ(out, fixtures[i].margins, N_PROBES * row * sizeof(float));
        }
    }
}

TEST(import_keeps_structure) {
    TEND_AUTO(tend_trees) *trees = import(categorical_model);
    ASSERT_EQ(trees->n_trees, 2);
    ASSERT_TRUE(trees->n_sets > 0);
    ASSERT_NEAR(trees->base_margin[0], -0.84729785, 1e-7); /* log(0.3 / 0.7) */
    ASSERT_EQ(tend_trees_depth(trees, 0), 3);
    /* cover of a split is the sum of its children's */
    ASSERT_NEAR(trees->cover[0], trees->cover[1] + trees->cover[2], 1e-3);
    ASSERT_TRUE(trees->gain[0] > 0);
    TEND_AUTO(tend_trees) *forest = import(forest_model);
    ASSERT_EQ(forest->n_trees, 3);
    TEND_AUTO(tend_trees) *classes = import(softprob_model);
    ASSERT_EQ(classes->n_trees, 6);
    ASSERT_EQ(classes->tree_group[4], 1);
}

TEST(other_boosters_are_refused_by_name) {
    size_t size;
    uint8_t *bytes = from_hex(dart_model, &size);
    tend_error err = TEND_ERROR_INIT;
    tend_trees *trees = NULL;
    ASSERT_FAILS(tend_trees_parse_ubj(bytes, size, &trees, &err), &err, UNSUPPORTED, "'dart'");
    ASSERT_NULL(trees);
    free(bytes);
    ASSERT_FAILS(tend_trees_parse_ubj("{}", 2, &trees, &err), &err, CORRUPT, "not an XGBoost model");
    ASSERT_FAILS(tend_trees_parse_ubj("", 0, &trees, &err), &err, CORRUPT, "ends in the middle");
}

/* Whatever bytes arrive, what is accepted can be run. */
static void run_if_accepted(const uint8_t *bytes, size_t size, bool ubj) {
    tend_trees *trees = NULL;
    tend_error err = TEND_ERROR_INIT;
    tend_status status = ubj ? tend_trees_parse_ubj(bytes, size, &trees, &err) : tend_trees_load(bytes, size, &trees, &err);
    if (status != TEND_OK) {
        ASSERT_TRUE(err.message[0] != 0);
        return;
    }
    if (trees->n_features < 100 && trees->n_groups < 100) {
        float x[2 * 100] = {0.5F, NAN, -1, 7}, out[2 * 100];
        TEND_AUTO(tend_tree_plan) *plan = NULL;
        ASSERT_OK(tend_trees_compile(trees, TEND_TREE_PATH_AUTO, &plan, &err), &err);
        tend_tree_plan_margins(plan, x, 2, 100, out, NULL);
    }
    tend_trees_free(trees);
}

static void cut_everywhere(const uint8_t *bytes, size_t size, bool ubj) {
    for (size_t n = 0; n < size; n++) {
        uint8_t *copy = malloc(n ? n : 1); /* exact, so that the sanitizer sees one byte too far */
        memcpy(copy, bytes, n);
        tend_trees *trees = NULL;
        tend_status status = ubj ? tend_trees_parse_ubj(copy, n, &trees, NULL) : tend_trees_load(copy, n, &trees, NULL);
        ASSERT_TRUE(status != TEND_OK);
        free(copy);
    }
}

static void flip_everywhere(const uint8_t *bytes, size_t size, bool ubj) {
    static const uint8_t flips[] = {0x01, 0x80, 0xff};
    uint8_t *copy = malloc(size);
    for (size_t i = 0; i < size; i++)
        for (size_t f = 0; f < sizeof flips; f++) {
            memcpy(copy, bytes, size);
            copy[i] ^= flips[f];
            run_if_accepted(copy, size, ubj);
        }
    free(copy);
}

TEST(corrupt_ubjson_never_gets_through) {
    size_t size;
    uint8_t *bytes = from_hex(categorical_model, &size);
    cut_everywhere(bytes, size, true);
    flip_everywhere(bytes, size, true);
    free(bytes);
}

/* Each set listing all categories again would make a small file work for hours. */
TEST(category_sets_that_overlap_are_refused) {
    size_t size;
    uint8_t *bytes = from_hex(categorical_model, &size);
    static const uint8_t sizes[] = {41, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3}; /* of 45 */
    uint8_t *at = memmem(bytes, size, sizes, sizeof sizes);
    ASSERT_NOT_NULL(at);
    at[8] = 4;
    tend_error err = TEND_ERROR_INIT;
    tend_trees *trees = NULL;
    ASSERT_FAILS(tend_trees_parse_ubj(bytes, size, &trees, &err), &err, CORRUPT, "overlap");
    free(bytes);
}

TEST(corrupt_stored_trees_never_get_through) {
    TEND_AUTO(tend_trees) *trees = import(categorical_model);
    TEND_AUTO_BUF buf = TEND_BUF_INIT;
    tend_trees_save(trees, &buf);
    cut_everywhere((const uint8_t *)buf.data, buf.size, false);
    flip_everywhere((const uint8_t *)buf.data, buf.size, false);
}

TEST(stored_trees_come_back_the_same) {
    for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++) {
        TEND_AUTO(tend_trees) *trees = import(fixtures[i].model);
        TEND_AUTO_BUF first = TEND_BUF_INIT, second = TEND_BUF_INIT;
        tend_trees_save(trees, &first);
        tend_trees *loaded = NULL;
        tend_error err = TEND_ERROR_INIT;
        ASSERT_OK(tend_trees_load(first.data, first.size, &loaded, &err), &err);
        tend_trees_save(loaded, &second);
        ASSERT_EQ(first.size, second.size);
        ASSERT_MEM_EQ(first.data, second.data, first.size);
        float x[N_PROBES * 3], out[N_PROBES * 3];
        memcpy(x, probes, sizeof x);
        tend_trees_margins(loaded, x, N_PROBES, 3, out);
        ASSERT_MEM_EQ(out, fixtures[i].margins, N_PROBES * fixtures[i].groups * sizeof(float));
        tend_trees_free(loaded);
    }
}

TEST(a_newer_format_is_unsupported) {
    TEND_AUTO(tend_trees) *trees = import(poisson_model);
    TEND_AUTO_BUF buf = TEND_BUF_INIT;
    tend_trees_save(trees, &buf);
    buf.data[8] = 9;
    tend_trees *loaded = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(tend_trees_load(buf.data, buf.size, &loaded, &err), &err, UNSUPPORTED, "format 9");
}

TEST(ubjson_values) {
    static const uint8_t text[] = "{i\x01"
                                  "aU\xff"
                                  "i\x01"
                                  "bI\xff\xfe"
                                  "i\x01"
                                  "cd\x3f\x80\0\0i\x01"
                                  "dSi\x02hii\x01"
                                  "e[$l#i\x02\0\0\0\x07\xff\xff\xff\xff"
                                  "i\x01"
                                  "f[TFZ]i\x01"
                                  "g{#i\x00i\x01h[#i\x01L\0\0\0\x01\0\0\0\0}";
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_ubj *root = NULL;
    ASSERT_OK(tend_ubj_parse(text, sizeof text - 1, arena, &root, &err), &err);
    ASSERT_EQ(root->count, 8);
    ASSERT_EQ(tend_ubj_get(root, "a")->integer, 255);
    ASSERT_EQ(tend_ubj_get(root, "b")->integer, -2);
    ASSERT_NEAR(tend_ubj_get(root, "c")->real, 1, 0);
    ASSERT_MEM_EQ(tend_ubj_get(root, "d")->bytes, "hi", 2);
    ASSERT_EQ(tend_ubj_int(tend_ubj_get(root, "e"), 0), 7);
    ASSERT_EQ(tend_ubj_int(tend_ubj_get(root, "e"), 1), -1);
    ASSERT_EQ(tend_ubj_get(root, "f")->count, 3);
    ASSERT_EQ(tend_ubj_get(root, "g")->count, 0);
    ASSERT_EQ(tend_ubj_get(root, "h")->first->integer, 1LL << 32);
    ASSERT_NULL(tend_ubj_get(root, "i"));
    ASSERT_NULL(tend_ubj_get(tend_ubj_get(root, "a"), "x"));
}

TEST(ubjson_limits) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_ubj *root = NULL;
    char deep[200];
    memset(deep, '[', sizeof deep);
    ASSERT_FAILS(tend_ubj_parse(deep, sizeof deep, arena, &root, &err), &err, LIMIT, "nested");
    ASSERT_FAILS(tend_ubj_parse("[$Z#L\x7f\xff\xff\xff\xff\xff\xff\xff", 13, arena, &root, &err), &err, UNSUPPORTED, "type");
    ASSERT_FAILS(tend_ubj_parse("[$d#L\x7f\xff\xff\xff\xff\xff\xff\xff", 13, arena, &root, &err), &err, CORRUPT, "ends");
    ASSERT_FAILS(tend_ubj_parse("[#i\xff", 4, arena, &root, &err), &err, CORRUPT, "negative");
    ASSERT_FAILS(tend_ubj_parse("?", 1, arena, &root, &err), &err, CORRUPT, "0x3f");
    ASSERT_FAILS(tend_ubj_parse("[$i]", 4, arena, &root, &err), &err, CORRUPT, "no count");
}
