#include "support/suite.h"

#include "base/dict.h"
#include "base/hash.h"

/* FIPS 180-4 examples. */
TEST(sha256_gives_the_standard_values) {
    char hex[TEND_DIGEST_HEX];
    tend_digest d = tend_digest_of("abc", 3);
    tend_digest_format(&d, hex);
    ASSERT_STR_EQ(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    d = tend_digest_of("", 0);
    tend_digest_format(&d, hex);
    ASSERT_STR_EQ(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    char million[1000];
    memset(million, 'a', sizeof million);
    tend_sha256 state;
    tend_sha256_init(&state);
    for (int i = 0; i < 1000; i++)
        tend_sha256_update(&state, million, sizeof million);
    d = tend_sha256_final(&state);
    tend_digest_format(&d, hex);
    ASSERT_STR_EQ(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static tend_digest two_fields(const char *a, const char *b) {
    tend_sha256 state;
    tend_sha256_init(&state);
    tend_sha256_text(&state, a);
    tend_sha256_text(&state, b);
    return tend_sha256_final(&state);
}

TEST(fields_do_not_run_together) {
    tend_digest x = two_fields("ab", "c"), y = two_fields("a", "bc"), z = two_fields(NULL, "c"), e = two_fields("", "c");
    ASSERT_FALSE(tend_digest_eq(&x, &y));
    ASSERT_FALSE(tend_digest_eq(&z, &e));
    y = two_fields("ab", "c");
    ASSERT_TRUE(tend_digest_eq(&x, &y));
}

TEST(digests_parse_back) {
    tend_digest d = tend_digest_of("x", 1), parsed;
    char hex[TEND_DIGEST_HEX];
    tend_digest_format(&d, hex);
    ASSERT_TRUE(tend_digest_parse(hex, &parsed));
    ASSERT_TRUE(tend_digest_eq(&d, &parsed));
    hex[10] = 'g';
    ASSERT_FALSE(tend_digest_parse(hex, &parsed));
    hex[10] = '\0';
    ASSERT_FALSE(tend_digest_parse(hex, &parsed));
    ASSERT_FALSE(tend_digest_parse("", &parsed));
    ASSERT_FALSE(tend_digest_parse("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85500", &parsed));
}

/* From a second implementation in Python with big integers. The values are part of the hashing
 * transform's format: they must never change. */
TEST(hash64_is_stable_for_ever) {
    unsigned char counted[17];
    for (size_t i = 0; i < sizeof counted; i++)
        counted[i] = (unsigned char)i;
    const char *fox = "The quick brown fox jumps over the lazy dog";
    ASSERT_TRUE(tend_hash64("", 0, 0) == 0x2372e3e342d222eb);
    ASSERT_TRUE(tend_hash64("", 0, 42) == 0x5d1a5178052dcc43);
    ASSERT_TRUE(tend_hash64("a", 1, 0) == 0x1c58f987247a511e);
    ASSERT_TRUE(tend_hash64("abcdefgh", 8, 0) == 0xc1dcaa8a4daed5ec);
    ASSERT_TRUE(tend_hash64("abcdefghi", 9, 42) == 0x282f5a77328a0694);
    ASSERT_TRUE(tend_hash64(counted, 16, 0) == 0x6f6a9f53dfb00cae);
    ASSERT_TRUE(tend_hash64(counted, 17, 0) == 0xffeda1ec54968f04);
    ASSERT_TRUE(tend_hash64(fox, strlen(fox), 42) == 0xf6c57a186a38c036);
}

/* One flipped bit of the input changes each bit of the hash with probability 1/2: over 64 * 64
 * pairs and 64 inputs each of the 4096 rates has a standard deviation of 1/16. */
TEST(hash64_spreads_single_bits) {
    static int flips[128][64];
    memset(flips, 0, sizeof flips);
    for (uint64_t n = 0; n < 256; n++) {
        uint64_t key[2] = {n * 0x9E3779B97F4A7C15, n};
        uint64_t before = tend_hash64(key, sizeof key, 0);
        for (int bit = 0; bit < 128; bit++) {
            key[bit / 64] ^= UINT64_C(1) << (bit % 64);
            uint64_t changed = before ^ tend_hash64(key, sizeof key, 0);
            key[bit / 64] ^= UINT64_C(1) << (bit % 64);
            for (int k = 0; k < 64; k++)
                flips[bit][k] += (int)(changed >> k & 1);
        }
    }
    for (int bit = 0; bit < 128; bit++)
        for (int k = 0; k < 64; k++)
            ASSERT_NEAR(flips[bit][k] / 256.0, 0.5, 0.2); /* 6.4 standard deviations */
}

TEST(a_dictionary_numbers_keys_in_order) {
    TEND_AUTO(tend_dict) *dict = tend_dict_new();
    bool is_new;
    ASSERT_EQ(tend_dict_find(dict, "a", 1), -1);
    ASSERT_EQ(tend_dict_add(dict, "a", 1, &is_new), 0);
    ASSERT_TRUE(is_new);
    ASSERT_EQ(tend_dict_add(dict, "", 0, NULL), 1);
    ASSERT_EQ(tend_dict_add(dict, "a\0b", 3, NULL), 2);
    ASSERT_EQ(tend_dict_add(dict, "a", 1, &is_new), 0);
    ASSERT_FALSE(is_new);
    ASSERT_EQ(tend_dict_count(dict), 3);
    ASSERT_EQ(tend_dict_find(dict, "", 0), 1);
    ASSERT_EQ(tend_dict_key(dict, 1).size, 0);
    ASSERT_TRUE(tend_str_eq(tend_dict_key(dict, 2), (tend_str){"a\0b", 3}));
}

TEST(a_large_dictionary_finds_every_key) {
    TEND_AUTO(tend_dict) *dict = tend_dict_new();
    enum { N = 50000 };
    char key[32];
    for (int64_t i = 0; i < N; i++) {
        int size = snprintf(key, sizeof key, "key-%lld", (long long)(i * 7919 % 1000003));
        ASSERT_EQ(tend_dict_add(dict, key, (size_t)size, NULL), i);
    }
    for (int64_t i = 0; i < N; i++) {
        int size = snprintf(key, sizeof key, "key-%lld", (long long)(i * 7919 % 1000003));
        ASSERT_EQ(tend_dict_find(dict, key, (size_t)size), i);
        ASSERT_TRUE(tend_str_is(tend_dict_key(dict, i), key));
    }
    ASSERT_EQ(tend_dict_find(dict, "key-x", 5), -1);
    ASSERT_EQ(tend_dict_count(dict), N);
}
