#include "support/suite.h"

#include "base/rng.h"
#include "base/text.h"

#include <float.h>

TEST(slices_compare_bytewise) {
    ASSERT_TRUE(tend_str_eq(TEND_STR("ab"), tend_str_of("ab")));
    ASSERT_FALSE(tend_str_eq(TEND_STR("ab"), TEND_STR("abc")));
    ASSERT_TRUE(tend_str_eq((tend_str){NULL, 0}, TEND_STR("")));
    ASSERT_TRUE(tend_str_compare(TEND_STR("a"), TEND_STR("ab")) < 0);
    ASSERT_TRUE(tend_str_compare(TEND_STR("\xFF"), TEND_STR("a")) > 0);
    ASSERT_EQ(tend_str_compare(TEND_STR("x"), TEND_STR("x")), 0);
    ASSERT_TRUE(tend_str_is(tend_str_trim(TEND_STR(" \t a b\r\n")), "a b"));
    ASSERT_EQ(tend_str_trim(TEND_STR("  ")).size, 0);
    ASSERT_TRUE(tend_text_has_prefix("tend.yaml", "tend"));
    ASSERT_FALSE(tend_text_has_prefix("te", "tend"));
    ASSERT_TRUE(tend_text_has_suffix("a.csv.gz", ".gz"));
    ASSERT_FALSE(tend_text_has_suffix("gz", ".gz"));
}

static bool int_of(const char *text, int64_t *out) { return tend_text_parse_int(tend_str_of(text), out); }

TEST(integers_parse_to_their_limits) {
    int64_t v = 0;
    ASSERT_TRUE(int_of("9223372036854775807", &v) && v == INT64_MAX);
    ASSERT_TRUE(int_of("-9223372036854775808", &v) && v == INT64_MIN);
    ASSERT_TRUE(int_of("+007", &v) && v == 7);
    static const char *const bad[] = {
        "", "-", "+", "1 ", " 1", "1.0", "9223372036854775808", "-9223372036854775809", "99999999999999999999", "0x10", "1e3"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT_FALSE(int_of(bad[i], &v));
    ASSERT_EQ(v, 7);
}

static bool double_of(const char *text, double *out) { return tend_text_parse_double(tend_str_of(text), false, out); }

/* Hard cases of rounding; the expected values are written in hexadecimal, so that no second decimal
 * conversion is trusted. 2.2250738585072011e-308 is the largest subnormal that once hung PHP and
 * Java; 9007199254740993 lies half-way. */
TEST(doubles_are_correctly_rounded) {
    static const struct {
        const char *text;
        double want;
    } cases[] = {
        {"0.1", 0x1.999999999999ap-4},
        {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
        {"9007199254740993", 0x1p53},
        {"9007199254740993.00000000000000000001", 0x1.0000000000001p53},
        {"1.7976931348623157e308", DBL_MAX},
        {"4.9406564584124654e-324", 0x1p-1074},
        {"2.4703282292062327208e-324", 0},
        {"1e23", 0x1.52d02c7e14af6p+76},
        {"123456789012345678901234567890", 0x1.8ee90ff6c373ep+96},
        {"0.000000000000000000000000000000000000001", 0x1.5c72fb1552d83p-130},
        {"-12.5e-1", -1.25},
        {".5", 0.5},
        {"5.", 5},
        {"+1e0", 1},
        {"0e99999", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double v = 42;
        ASSERT_TRUE(double_of(cases[i].text, &v));
        if (v != cases[i].want)
            fail_msg("%s: got %a, want %a", cases[i].text, v, cases[i].want);
    }
}

TEST(what_is_no_number_is_refused) {
    static const char *const bad[] = {"",
                                      ".",
                                      "-",
                                      "e5",
                                      "1e",
                                      "1e+",
                                      "1.2.3",
                                      "1,5",
                                      "0x1p3",
                                      "1 ",
                                      " 1",
                                      "--1",
                                      "nan",
                                      "inf",
                                      "1e400",
                                      "1_000",
                                      "1d5",
                                      "infinity",
                                      ("\xC2\xA0"
                                       "1")};
    double v = 42;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (double_of(bad[i], &v))
            fail_msg("'%s' was read as %g", bad[i], v);
    ASSERT_TRUE(v == 42);
}

TEST(infinities_and_nan_only_when_asked_for) {
    double v = 0;
    ASSERT_TRUE(tend_text_parse_double(TEND_STR("-Inf"), true, &v) && v < 0 && isinf(v));
    ASSERT_TRUE(tend_text_parse_double(TEND_STR("INFINITY"), true, &v) && v > 0 && isinf(v));
    ASSERT_TRUE(tend_text_parse_double(TEND_STR("NaN"), true, &v) && isnan(v));
    ASSERT_TRUE(tend_text_parse_double(TEND_STR("1e400"), true, &v) && isinf(v));
    ASSERT_FALSE(tend_text_parse_double(TEND_STR("infinit"), true, &v));
}

static const char *shown(double v) {
    static char text[32];
    size_t size = tend_text_format_double(v, text);
    ASSERT_EQ(size, strlen(text));
    return text;
}

/* The digits are those of Python's repr. */
TEST(doubles_are_shown_with_the_fewest_digits) {
    ASSERT_STR_EQ(shown(0.1), "0.1");
    ASSERT_STR_EQ(shown(0.1 + 0.2), "0.30000000000000004");
    ASSERT_STR_EQ(shown(-0.0), "-0");
    ASSERT_STR_EQ(shown(1e30), "1e+30");
    ASSERT_STR_EQ(shown(100), "100");
    ASSERT_STR_EQ(shown(123456789012345), "123456789012345");
    ASSERT_STR_EQ(shown(1e15), "1e+15");
    ASSERT_STR_EQ(shown(0.00001), "0.00001");
    ASSERT_STR_EQ(shown(0.000001), "1e-6");
    ASSERT_STR_EQ(shown(5e-324), "5e-324");
    ASSERT_STR_EQ(shown(DBL_MAX), "1.7976931348623157e+308");
    ASSERT_STR_EQ(shown(0x1p53), "9.007199254740992e+15");
    ASSERT_STR_EQ(shown(0x1p-1017), "7.120236347223045e-307"); /* not the nearest 16 digits, but they read back */
    ASSERT_STR_EQ(shown((double)NAN), "nan");
    ASSERT_STR_EQ(shown(-(double)INFINITY), "-inf");
    char text[32];
    tend_text_format_float(0.1f, text);
    ASSERT_STR_EQ(text, "0.1");
    tend_text_format_float(16777216.0f, text);
    ASSERT_STR_EQ(text, "16777216");
    tend_text_format_float(FLT_MAX, text);
    ASSERT_STR_EQ(text, "3.4028235e+38");
}

TEST(every_double_reads_back) {
    tend_rng rng;
    tend_rng_init(&rng, 1, "doubles");
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = tend_rng_next(&rng);
        double v, back;
        memcpy(&v, &bits, sizeof v);
        if (i % 2)
            v = rint(tend_rng_uniform(&rng) * 1e7) / 1e3;
        if (!isfinite(v))
            continue;
        ASSERT_TRUE(double_of(shown(v), &back));
        if (memcmp(&back, &v, sizeof v) != 0)
            fail_msg("%a became %a by way of %s", v, back, shown(v));
        float f, f_back;
        uint32_t half = (uint32_t)bits;
        memcpy(&f, &half, sizeof f);
        char text[32];
        tend_text_format_float(f, text);
        if (!isfinite(f))
            continue;
        f_back = strtof(text, NULL);
        ASSERT_TRUE(f_back == f);
    }
}

TEST(days_and_dates_are_inverse) {
    ASSERT_EQ(tend_days_from_civil(1970, 1, 1), 0);
    ASSERT_EQ(tend_days_from_civil(2000, 3, 1), 11017); /* date -d 2000-03-01 +%s / 86400 */
    ASSERT_EQ(tend_days_from_civil(1900, 1, 1), -25567);
    int64_t year;
    unsigned month, day;
    tend_civil_from_days(11016, &year, &month, &day);
    ASSERT_EQ(year * 10000 + month * 100 + day, 20000229);
    for (int64_t d = -800000; d < 800000; d += 37) {
        tend_civil_from_days(d, &year, &month, &day);
        ASSERT_TRUE(month >= 1 && month <= 12 && day >= 1 && day <= 31);
        ASSERT_EQ(tend_days_from_civil(year, month, day), d);
    }
    tend_civil_from_days(INT64_MAX, &year, &month, &day); /* by the same rule in Python's integers */
    ASSERT_TRUE(year == INT64_C(25252734927768524) && month == 7 && day == 27);
    tend_civil_from_days(INT64_MIN, &year, &month, &day);
    ASSERT_TRUE(year == -INT64_C(25252734927764585) && month == 6 && day == 7);
}

TEST(slips_find_the_word_that_was_meant) {
    static const char *const words[] = {"learning_rate", "max_depth", "rounds", "target", "row", NULL};
    ASSERT_STR_EQ(tend_text_nearest("lerning_rate", words, 6), "learning_rate");
    ASSERT_STR_EQ(tend_text_nearest("Max_Detph", words, 6), "max_depth");
    ASSERT_STR_EQ(tend_text_nearest("trget", words, 6), "target");
    ASSERT_STR_EQ(tend_text_nearest("rwo", words, 6), "row");
    ASSERT_NULL(tend_text_nearest("colour", words, 6));
    ASSERT_NULL(tend_text_nearest("", words, 6));
    ASSERT_NULL(tend_text_nearest("x", words, 0));
    char longest[200];
    memset(longest, 'a', sizeof longest);
    longest[199] = '\0';
    ASSERT_NULL(tend_text_nearest(longest, words, 6));
}

TEST(patterns_match_like_a_shell) {
    ASSERT_TRUE(tend_text_glob("census-*.csv", "census-2024.csv"));
    ASSERT_FALSE(tend_text_glob("census-*.csv", "census-2024.csv.gz"));
    ASSERT_TRUE(tend_text_glob("*a*b*c", "xxaxxbxbxc"));
    ASSERT_FALSE(tend_text_glob("*a*b*c", "xxaxxbxbx"));
    ASSERT_TRUE(tend_text_glob("?", "\xC3\xA9"));
    ASSERT_FALSE(tend_text_glob("?", "ab"));
    ASSERT_TRUE(tend_text_glob("[a-c][!0-9]", "bx"));
    ASSERT_FALSE(tend_text_glob("[a-c][!0-9]", "b7"));
    ASSERT_TRUE(tend_text_glob("[]x]", "]"));
    ASSERT_TRUE(tend_text_glob("[ab", "[ab"));
    ASSERT_TRUE(tend_text_glob("", ""));
    ASSERT_TRUE(tend_text_glob("**", ""));
    ASSERT_FALSE(tend_text_glob("", "a"));
}

/* Well-formed and ill-formed sequences of the Unicode standard, table 3-7 and its examples. */
TEST(utf8_is_checked_by_the_standard) {
    static const char *const good[] = {"",
                                       "abc",
                                       "\xC2\x80",
                                       "\xDF\xBF",
                                       "\xE0\xA0\x80",
                                       "\xED\x9F\xBF",
                                       "\xEE\x80\x80",
                                       "\xF0\x90\x80\x80",
                                       "\xF4\x8F\xBF\xBF",
                                       "12345678\xC3\xA9"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ASSERT_TRUE(tend_utf8_is_valid(good[i], strlen(good[i]), NULL));
    static const char *const bad[] = {
        "\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
        "\xFF", "\xC3",     "\xE2\x82", "\xC3(",        "\xF0\x9F\x98"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[32];
        size_t at = 99;
        snprintf(text, sizeof text, "0123456789%s", bad[i]);
        ASSERT_FALSE(tend_utf8_is_valid(text, strlen(text), &at));
        ASSERT_EQ(at, 10);
    }
    ASSERT_TRUE(tend_utf8_is_valid("a\0b", 3, NULL));
}

TEST(widths_are_terminal_columns) {
    ASSERT_EQ(tend_utf8_width("abc"), 3);
    ASSERT_EQ(tend_utf8_width("h\xC3\xA9"), 2);
    ASSERT_EQ(tend_utf8_width("e\xCC\x81"), 1);                /* combining acute */
    ASSERT_EQ(tend_utf8_width("\xE6\x97\xA5\xE6\x9C\xAC"), 4); /* two ideographs */
    ASSERT_EQ(tend_utf8_width("\xF0\x9F\x98\x80"), 2);         /* an emoji */
    ASSERT_EQ(tend_utf8_width("\xFF"), 1);
}

TEST(windows_1252_becomes_utf8) {
    TEND_AUTO_BUF b = TEND_BUF_INIT;
    tend_utf8_from_latin1(&b, "caf\xE9 \x80 \x93x\x94 \xFF", 13);
    ASSERT_STR_EQ(tend_buf_text(&b), "caf\xC3\xA9 \xE2\x82\xAC \xE2\x80\x9Cx\xE2\x80\x9D \xC3\xBF");
}

TEST(numbers_for_people) {
    char t[32];
    ASSERT_STR_EQ(tend_text_thousands(12345678, t), "12,345,678");
    ASSERT_STR_EQ(tend_text_thousands(-100, t), "-100");
    ASSERT_STR_EQ(tend_text_thousands(-1000, t), "-1,000");
    ASSERT_STR_EQ(tend_text_thousands(INT64_MIN, t), "-9,223,372,036,854,775,808");
    ASSERT_STR_EQ(tend_text_bytes(0, t), "0 B");
    ASSERT_STR_EQ(tend_text_bytes(999, t), "999 B");
    ASSERT_STR_EQ(tend_text_bytes(3140000, t), "3.1 MB");
    ASSERT_STR_EQ(tend_text_bytes(999999, t), "999.9 kB");
    ASSERT_STR_EQ(tend_text_bytes(UINT64_MAX, t), "18.4 EB");
    ASSERT_STR_EQ(tend_text_seconds(0.0000425, t), "42 us");
    ASSERT_STR_EQ(tend_text_seconds(0.085, t), "85 ms");
    ASSERT_STR_EQ(tend_text_seconds(3.2, t), "3.2 s");
    ASSERT_STR_EQ(tend_text_seconds(250, t), "4 min 10 s");
    ASSERT_STR_EQ(tend_text_seconds(59.97, t), "1 min 0 s");
    ASSERT_STR_EQ(tend_text_seconds(7325, t), "2 h 2 min");
    ASSERT_STR_EQ(tend_text_seconds((double)NAN, t), "0 us");
}

TEST(html_is_escaped) {
    TEND_AUTO_BUF b = TEND_BUF_INIT;
    tend_html_escape(&b, "<a href=\"x\">'1' & 2</a>");
    ASSERT_STR_EQ(tend_buf_text(&b), "&lt;a href=&quot;x&quot;&gt;&#39;1&#39; &amp; 2&lt;/a&gt;");
}

/* The fewest digits: the text reads back, the same number rounded to one digit less does not, and among texts of its length it is the
 * nearest, which is what printf prints. Over the magnitudes for which there are separate roads. */
TEST(doubles_are_printed_with_the_fewest_digits) {
    tend_rng rng;
    tend_rng_init(&rng, 11, "digits");
    for (int i = 0; i < 40000; i++) {
        double v = ldexp(tend_rng_uniform(&rng) + (i % 7 == 0), (int)tend_rng_below(&rng, 130) - 70), back = 0;
        if (i % 5 == 0)
            v = round(v * 1024) / 1024; /* ties: decimals that end in 5 */
        if (v == 0)
            continue;
        char text[32], shorter[40], same[40];
        size_t size = tend_text_format_double(v, text);
        ASSERT_TRUE(tend_text_parse_double((tend_str){text, size}, false, &back) && back == v);
        int n = 0, zeros = 0;
        for (size_t k = 0; k < size && text[k] != 'e'; k++) {
            bool digit = text[k] >= '0' && text[k] <= '9';
            n += digit && (n > 0 || text[k] != '0');
            zeros = !digit ? zeros : text[k] == '0' ? zeros + 1 : 0;
        }
        n -= zeros;
        snprintf(same, sizeof same, "%.*e", n - 1, v);
        bool nearest = strtod(same, NULL) == v; /* at a power of two it may not be, though one farther up is */
        ASSERT_TRUE(nearest || frexp(v, &(int){0}) == 0.5);
        snprintf(shorter, sizeof shorter, "%.*e", n > 1 ? n - 2 : 0, v);
        ASSERT_TRUE(n == 1 || strtod(shorter, NULL) != v);
        /* The digits themselves. */
        char ours[40] = "", theirs[40] = "";
        size_t a = 0, b = 0;
        for (size_t k = 0; k < size && text[k] != 'e' && a < (size_t)n; k++)
            if (text[k] >= '0' && text[k] <= '9' && (a > 0 || text[k] != '0'))
                ours[a++] = text[k];
        for (size_t k = 0; same[k] && same[k] != 'e'; k++)
            if (same[k] >= '0' && same[k] <= '9')
                theirs[b++] = same[k];
        for (; b > 1 && theirs[b - 1] == '0'; b--)
            theirs[b - 1] = '\0';
        if (nearest)
            ASSERT_STR_EQ(ours, theirs);
    }
}
