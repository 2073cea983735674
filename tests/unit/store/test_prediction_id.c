#include "support/suite.h"

#include "base/rng.h"
#include "store/prediction_id.h"

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static bool is_id(const char *text) {
    uint64_t ms;
    uint32_t row;
    return tend_prediction_id_parse(tend_str_of(text), &ms, &row);
}

/* Computed apart: 1795883560123 * 2^80 + 0xdeadbeef * 2^48 + 42 * 2^8 + check in Python, base 32 by divmod. */
TEST(a_known_id) {
    char id[TEND_PREDICTION_ID];
    uint64_t ms;
    uint32_t row;
    tend_prediction_id_format(1795883560123, 0xdeadbeef, 42, id);
    ASSERT_STR_EQ(id, "01M8HG0V5VVTPVXVR000000AJ2");
    ASSERT_TRUE(tend_prediction_id_parse(tend_str_of(id), &ms, &row));
    ASSERT_EQ(ms, 1795883560123);
    ASSERT_EQ(row, 0);
}

TEST(extremes_come_back) {
    const uint64_t times[] = {0, 1, 0xffffffffffff}, counters[] = {0, 1, 0xffffffffff};
    const uint32_t instances[] = {0, 1, 0xffff, 0x10000, UINT32_MAX};
    for (size_t t = 0; t < 3; t++)
        for (size_t i = 0; i < 5; i++)
            for (size_t k = 0; k < 3; k++) {
                char id[TEND_PREDICTION_ID];
                uint64_t ms = 7;
                uint32_t row = 7;
                tend_prediction_id_format(times[t], instances[i], counters[k], id);
                ASSERT_EQ(strlen(id), 26);
                ASSERT_TRUE(tend_prediction_id_parse(tend_str_of(id), &ms, &row));
                ASSERT_EQ(ms, times[t]);
            }
}

TEST(ids_sort_by_time_and_then_by_counter) {
    char before[TEND_PREDICTION_ID], after[TEND_PREDICTION_ID];
    tend_rng rng;
    tend_rng_init(&rng, 1, "ids");
    for (int i = 0; i < 10000; i++) {
        uint64_t ms = tend_rng_next(&rng) >> (16 + i % 30), counter = tend_rng_below(&rng, 1u << 20);
        uint32_t instance = (uint32_t)tend_rng_next(&rng);
        tend_prediction_id_format(ms, instance, counter, before);
        tend_prediction_id_format(ms, instance, counter + 1, after);
        ASSERT_TRUE(strcmp(before, after) < 0);
        tend_prediction_id_format(ms + 1, (uint32_t)tend_rng_next(&rng), 0, after);
        ASSERT_TRUE(ms + 1 == 1ull << 48 || strcmp(before, after) < 0);
    }
}

TEST(every_wrong_character_and_every_exchange_of_neighbours_is_found) {
    tend_rng rng;
    tend_rng_init(&rng, 2, "ids");
    for (int round = 0; round < 200; round++) {
        char id[TEND_PREDICTION_ID], wrong[TEND_PREDICTION_ID];
        tend_prediction_id_format(tend_rng_next(&rng) >> 16, (uint32_t)tend_rng_next(&rng), tend_rng_next(&rng) >> 24, id);
        ASSERT_TRUE(is_id(id));
        for (int i = 0; i < 26; i++)
            for (const char *c = alphabet; *c; c++) {
                memcpy(wrong, id, sizeof id);
                wrong[i] = *c;
                ASSERT_EQ(is_id(wrong), *c == id[i]);
            }
        for (int i = 0; i + 1 < 26; i++) {
            memcpy(wrong, id, sizeof id);
            wrong[i] = id[i + 1];
            wrong[i + 1] = id[i];
            ASSERT_EQ(is_id(wrong), id[i] == id[i + 1]);
        }
    }
}

TEST(rows_of_a_batch) {
    char id[TEND_PREDICTION_ID], text[64];
    const struct {
        const char *suffix;
        bool valid;
        uint32_t row;
    } cases[] = {{"", true, 0},     {".1", true, 1},           {".999999999", true, 999999999},
                 {".", false, 0},   {".0", false, 0},          {".01", false, 0},
                 {"1", false, 0},   {".1x", false, 0},         {".1.2", false, 0},
                 {"-1", false, 0},  {".-1", false, 0},         {".+1", false, 0},
                 {". 1", false, 0}, {".1234567890", false, 0}, {" ", false, 0}};
    tend_prediction_id_format(1795883560123, 1, 2, id);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t ms;
        uint32_t row = 0;
        snprintf(text, sizeof text, "%s%s", id, cases[i].suffix);
        ASSERT_EQ(tend_prediction_id_parse(tend_str_of(text), &ms, &row), cases[i].valid);
        ASSERT_EQ(row, cases[i].row);
    }
}

TEST(what_is_no_id) {
    const char *texts[] = {
        "", "0", "00000000000000000000000000", "ZZZZZZZZZZZZZZZZZZZZZZZZZZ", "1795883560123", "01M8HG0V5VVTPVXVR000000AJ"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ASSERT_FALSE(is_id(texts[i]));
    char id[TEND_PREDICTION_ID];
    tend_prediction_id_format(1795883560123, 0xabcdef, 3, id);
    for (int i = 0; i < 26; i++) {
        char c = id[i];
        id[i] = '\0';
        uint64_t ms;
        uint32_t row;
        ASSERT_FALSE(tend_prediction_id_parse((tend_str){id, 26}, &ms, &row));
        id[i] = '\xc3';
        ASSERT_FALSE(is_id(id));
        id[i] = c;
    }
}
