/* Save and load: the same pipeline comes back, and no bytes whatever can do harm. */
#include "unit/feature/feature_case.h"
#include "base/rng.h"

#define TABLE                                            \
    "n:number,b:boolean,c:string,t:string,d:date\n"      \
    "1,true,a,sunny room,2020-01-01\n,false,b,the room " \
    "view,2020-02-03\n3,,a,\"\",\n4,true,,garden,2021-05-05\n"
#define YAML                                                                                     \
    "n: [{impute: {value: -1, indicator: true}}, robust_scale]\nm: {from: n, transform: "        \
    "uniform_bin}\nb: one_hot\n"                                                                 \
    "c: target_encode\nf: {from: c, transform: frequency}\no: {from: c, transform: ordinal, "    \
    "levels: [b, a]}\n"                                                                          \
    "x: {from: [c, b], transform: [cross, {hash: 4}]}\nt: [{impute: \"\"}, {tfidf: "             \
    "{max_features: 5, ngrams: [1, 2]}}]\n"                                                      \
    "d: [{impute: 2019-01-01}, {date_parts: {cyclic: true, parts: [month, year]}}]\n"            \
    "e: {from: d, transform: age, reference: 2022-01-01, unit: hours}\ng: {from: n, transform: " \
    "[log1p, min_max_scale]}\n"                                                                  \
    "s: {from: n, transform: standardize}\nq: {from: n, transform: quantile_bin}\np: {from: n, " \
    "transform: passthrough}\n"

static tend_pipeline *fit_all(tend_arena *arena, const tend_table *table) {
    static const double y[] = {0, 2, 1, 1};
    tend_pipeline_options options = case_options(arena, table, YAML, y);
    options.task = TEND_TASK_MULTICLASS;
    options.n_classes = 3;
    return case_fit_with(arena, table, &options);
}

TEST(a_loaded_pipeline_is_the_saved_one) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, TABLE);
    tend_pipeline *p = fit_all(arena, table);
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    TEND_AUTO_BUF again = TEND_BUF_INIT;
    tend_pipeline_save(p, &bytes);
    TEND_AUTO(tend_pipeline) *loaded = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_pipeline_load(bytes.data, bytes.size, &loaded, &err), &err);
    tend_pipeline_save(loaded, &again);
    ASSERT_EQ(again.size, bytes.size);
    ASSERT_MEM_EQ(again.data, bytes.data, bytes.size);
    int width = tend_pipeline_width(p);
    ASSERT_EQ(tend_pipeline_width(loaded), width);
    for (int i = 0; i < width; i++) {
        ASSERT_STR_EQ(tend_pipeline_outputs(loaded)[i].name, tend_pipeline_outputs(p)[i].name);
        ASSERT_STR_EQ(tend_pipeline_outputs(loaded)[i].columns, tend_pipeline_outputs(p)[i].columns);
        ASSERT_STR_EQ(tend_pipeline_outputs(loaded)[i].source, tend_pipeline_outputs(p)[i].source);
    }
    ASSERT_MEM_EQ(case_apply(arena, loaded, table), case_apply(arena, p, table), (size_t)(4 * width) * sizeof(float));
    ASSERT_TRUE(tend_node_equal(tend_pipeline_to_node(loaded, arena), tend_pipeline_to_node(p, arena)));
}

/* Whatever loads must also be able to run. */
static void load_and_run(const void *bytes, size_t size, const tend_table *table) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_pipeline) *p = NULL;
    tend_error err = TEND_ERROR_INIT;
    tend_status status = tend_pipeline_load(bytes, size, &p, &err);
    ASSERT_TRUE((status == TEND_OK) == (p != NULL));
    tend_binding binding;
    if (!p) {
        ASSERT_TRUE(err.code == status && *err.message);
        return;
    }
    if (tend_pipeline_width(p) > 5000 || tend_pipeline_bind(p, table, arena, &binding, NULL) != TEND_OK)
        return;
    float *x = TEND_ARRAY(arena, float, table->n_rows *tend_pipeline_width(p) + 1);
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    ASSERT_OK(tend_pipeline_apply(p, table, &binding, 0, table->n_rows, x, scratch, &err), &err);
    tend_pipeline_to_node(p, arena);
}

TEST(truncated_bytes_are_refused) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, TABLE);
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_pipeline_save(fit_all(arena, table), &bytes);
    for (size_t size = 0; size < bytes.size; size++) {
        char *part = tend_malloc(size); /* of its own, so that a sanitizer sees a byte too far */
        memcpy(part, bytes.data, size);
        tend_pipeline *p = NULL;
        tend_error err = TEND_ERROR_INIT;
        ASSERT_TRUE(tend_pipeline_load(part, size, &p, &err) != TEND_OK);
        ASSERT_NULL(p);
        free(part);
    }
    tend_buf_putc(&bytes, 'x');
    tend_pipeline *p = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(tend_pipeline_load(bytes.data, bytes.size, &p, &err), &err, CORRUPT, "damaged");
}

TEST(flipped_bytes_do_no_harm) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, TABLE);
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_pipeline_save(fit_all(arena, table), &bytes);
    static const unsigned char masks[] = {0x01, 0x80, 0xff, 0x7f};
    for (size_t at = 0; at < bytes.size; at++)
        for (size_t m = 0; m < sizeof masks; m++) {
            bytes.data[at] = (char)(bytes.data[at] ^ masks[m]);
            load_and_run(bytes.data, bytes.size, table);
            bytes.data[at] = (char)(bytes.data[at] ^ masks[m]);
        }
}

TEST(random_damage_does_no_harm) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = case_table(arena, TABLE);
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_pipeline_save(fit_all(arena, table), &bytes);
    tend_rng rng;
    tend_rng_init(&rng, 5, "damage");
    char *copy = tend_malloc(bytes.size);
    for (int round = 0; round < 3000; round++) {
        memcpy(copy, bytes.data, bytes.size);
        for (uint64_t hits = 1 + tend_rng_below(&rng, 6); hits > 0; hits--)
            copy[tend_rng_below(&rng, bytes.size)] = (char)tend_rng_below(&rng, 256);
        load_and_run(copy, bytes.size, table);
    }
    free(copy);
}

TEST(a_newer_version_is_said_to_be_newer) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_pipeline_save(fit_all(arena, case_table(arena, TABLE)), &bytes);
    bytes.data[8] = 2;
    tend_pipeline *p = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(tend_pipeline_load(bytes.data, bytes.size, &p, &err), &err, UNSUPPORTED, "version 2");
    ASSERT_FAILS(tend_pipeline_load("nothing", 7, &p, &err), &err, CORRUPT, "not a feature pipeline");
}
