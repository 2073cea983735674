/* Fast numbers, held against the C library's. */
#include "data/number.h"
#include "support/suite.h"

#include "base/rng.h"

static tend_str str(const char *text) { return tend_str_of(text); }

TEST(the_same_bits_as_strtod) {
    tend_rng rng;
    tend_rng_init(&rng, 1, "numbers");
    for (int i = 0; i < 200000; i++) {
        char text[64];
        uint64_t bits = tend_rng_next(&rng);
        double v;
        memcpy(&v, &bits, sizeof v);
        if (!isfinite(v))
            continue;
        unsigned long long whole = bits >> 20;
        int power = (int)(bits % 641) - 320;
        switch (i % 5) {
        case 0: snprintf(text, sizeof text, "%.17g", v); break;
        case 1: snprintf(text, sizeof text, "%.17g", tend_rng_normal(&rng) * 100); break;
        case 2: snprintf(text, sizeof text, "%llu.%llue%d", whole, whole & 0xFFFFF, power); break;
        case 3: snprintf(text, sizeof text, "%.6f", tend_rng_uniform(&rng) * 1e6); break;
        default: snprintf(text, sizeof text, "%llue%d", (unsigned long long)bits, power % 30); break;
        }
        double got, want = strtod(text, NULL);
        bool fits = tend_number_double(str(text), &got);
        ASSERT_EQ(fits, isfinite(want));
        if (fits && memcmp(&got, &want, sizeof got) != 0)
            fail_msg("%s: got %.17g, want %.17g", text, got, want);
    }
}

/* Half-way cases and the ends of the range, from the test data of "Number parsing at a gigabyte per second". */
TEST(hard_cases) {
    static const char *const TEXTS[] = {
        "9007199254740993",
        "9007199254740992.5",
        "1e23",
        "8.5e22",
        "2.2250738585072014e-308",
        "2.2250738585072011e-308",
        "4.9406564584124654e-324",
        "1.7976931348623157e308",
        "0.000000000000000000000000000000000000000000001",
        "1090544144181609348671888949248",
        "1090544144181609348835077142190",
        "5708990770823839207320493820740630171355185152",
        "6631236846766476e-316",
        "3.2535e-321",
        "100000000000000016777215",
        "100000000000000016777216",
        "0.1",
        "-0.0",
        "1e-400",
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        double got = 0, want = strtod(TEXTS[i], NULL);
        ASSERT_TRUE(tend_number_double(str(TEXTS[i]), &got));
        ASSERT_MEM_EQ(&got, &want, sizeof got);
    }
}

TEST(what_is_no_number) {
    static const char *const TEXTS[] = {"",     "-",   "+",   ".",  "e5", "1e",    "1e+", "1.2.3",   "1,5",
                                        "0x10", "inf", "nan", "1 ", " 1", "1e999", "--1", "12a45678"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        double d;
        int64_t v;
        ASSERT_FALSE(tend_number_double(str(TEXTS[i]), &d));
        ASSERT_FALSE(tend_number_int(str(TEXTS[i]), &v));
    }
}

TEST(whole_numbers) {
    static const struct {
        const char *text;
        int64_t want;
    } FITS[] = {{"0", 0},
                {"-7", -7},
                {"+12345678", 12345678},
                {"123456789012345678", INT64_C(123456789012345678)},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN}};
    int64_t v;
    for (size_t i = 0; i < sizeof FITS / sizeof FITS[0]; i++) {
        ASSERT_TRUE(tend_number_int(str(FITS[i].text), &v));
        ASSERT_EQ(v, FITS[i].want);
    }
    ASSERT_FALSE(tend_number_int(str("9223372036854775808"), &v));
    ASSERT_FALSE(tend_number_int(str("1.0"), &v));
}

TEST(codes_and_infinities) {
    ASSERT_TRUE(tend_number_is_code(str("02208")));
    ASSERT_TRUE(tend_number_is_code(str("00")));
    ASSERT_FALSE(tend_number_is_code(str("0")));
    ASSERT_FALSE(tend_number_is_code(str("0.5")));
    ASSERT_FALSE(tend_number_is_code(str("10")));
    ASSERT_TRUE(tend_number_is_infinite(str("-Inf")));
    ASSERT_TRUE(tend_number_is_infinite(str("infinity")));
    ASSERT_FALSE(tend_number_is_infinite(str("info")));
    ASSERT_FALSE(tend_number_is_infinite(str("nan")));
}
