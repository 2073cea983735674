#include "report/figure.h"

#include "support/suite.h"

#define ASSERT_FIGURE(call, want)      \
    do {                               \
        char out[FIGURE_SIZE];         \
        ASSERT_STR_EQ((call), (want)); \
    } while (0)

TEST(four_digits_are_enough) {
    ASSERT_FIGURE(figure(0, out), "0");
    ASSERT_FIGURE(figure(1, out), "1");
    ASSERT_FIGURE(figure(12.5, out), "12.5");
    ASSERT_FIGURE(figure(0.123456, out), "0.1235");
    ASSERT_FIGURE(figure(1234.567, out), "1,235");
    ASSERT_FIGURE(figure(12345678, out), "12,345,678");
    ASSERT_FIGURE(figure(-0.00012345, out), "−0.0001235");
    ASSERT_FIGURE(figure(9.9999999, out), "10");
}

TEST(very_large_and_very_small_numbers_take_powers) {
    ASSERT_FIGURE(figure(1e30, out), "1e30");
    ASSERT_FIGURE(figure(-2.5e-9, out), "−2.5e-9");
    ASSERT_FIGURE(figure(5e-324, out), "4.94e-324");
    ASSERT_FIGURE(figure(1.7976931348623157e308, out), "1.8e308");
    ASSERT_FIGURE(figure_fixed(1e18, 3, out), "1e18");
}

TEST(what_is_no_number_is_a_dash) {
    ASSERT_FIGURE(figure((double)NAN, out), "–");
    ASSERT_FIGURE(figure((double)INFINITY, out), "∞");
    ASSERT_FIGURE(figure(-(double)INFINITY, out), "−∞");
    ASSERT_FIGURE(figure_percent((double)NAN, out), "–");
    ASSERT_FIGURE(figure_estimate((estimate){(double)NAN, (double)NAN, (double)NAN}, out), "–");
}

TEST(fixed_decimals_round_and_never_say_minus_zero) {
    ASSERT_FIGURE(figure_fixed(2.0049, 2, out), "2.00");
    ASSERT_FIGURE(figure_fixed(0.995, 1, out), "1.0");
    ASSERT_FIGURE(figure_fixed(-0.04, 1, out), "0.0");
    ASSERT_FIGURE(figure_fixed(1234567.8, 1, out), "1,234,567.8");
    ASSERT_FIGURE(figure_fixed(0.0502, 3, out), "0.050");
}

TEST(percentages_tell_nothing_from_next_to_nothing) {
    ASSERT_FIGURE(figure_percent(0, out), "0\u00a0%");
    ASSERT_FIGURE(figure_percent(0.0001, out), "<0.1\u00a0%");
    ASSERT_FIGURE(figure_percent(0.1234, out), "12.3\u00a0%");
    ASSERT_FIGURE(figure_percent(0.99999, out), ">99.9\u00a0%");
    ASSERT_FIGURE(figure_percent(1, out), "100\u00a0%");
}

/* The half width of the interval is 0.007: a third decimal still says something, a fourth does not. */
TEST(an_interval_decides_the_decimals) {
    ASSERT_FIGURE(figure_estimate((estimate){0.92812, 0.92099, 0.93512}, out), "0.928 (0.921–0.935)");
    ASSERT_FIGURE(figure_estimate((estimate){0.05, -0.1, 0.2}, out), "0.05 (−0.10 to 0.20)");
    ASSERT_FIGURE(figure_estimate((estimate){54321.9, 50000, 60000}, out), "54,322 (50,000–60,000)");
    ASSERT_FIGURE(figure_estimate((estimate){0.5, (double)NAN, (double)NAN}, out), "0.5");
    ASSERT_FIGURE(figure_interval((estimate){0.5, (double)NAN, 1}, out), "");
}

TEST(words_follow_the_number) {
    ASSERT_FIGURE(figure_plural(1, "row", "rows", out), "1 row");
    ASSERT_FIGURE(figure_plural(1234, "row", "rows", out), "1,234 rows");
    ASSERT_FIGURE(figure_plural(0, "row", "rows", out), "0 rows");
}
