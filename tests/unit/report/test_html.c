#include "report/html.h"
#include "report/svg.h"
#include "support/suite.h"

static const char *cleaned(const char *text, size_t max, tend_buf *buf) {
    tend_buf_clear(buf);
    text_clean(buf, text, max);
    return tend_buf_text(buf);
}

TEST(text_from_outside_becomes_plain_text) {
    TEND_AUTO_BUF buf = TEND_BUF_INIT;
    ASSERT_STR_EQ(cleaned("Zoë 猫 😀", 100, &buf), "Zoë 猫 😀");
    ASSERT_STR_EQ(cleaned("a\tb\nc", 100, &buf), "a b c");
    ASSERT_STR_EQ(cleaned("a\x01z\x7f", 100, &buf), "a\uFFFDz\uFFFD");
    ASSERT_STR_EQ(cleaned("\xff\xfeok\xc3", 100, &buf), "\uFFFD\uFFFDok\uFFFD");
    ASSERT_STR_EQ(cleaned("", 100, &buf), "");
}

TEST(long_text_is_cut_between_characters) {
    TEND_AUTO_BUF buf = TEND_BUF_INIT;
    ASSERT_STR_EQ(cleaned("äöüß", 2, &buf), "äö…");
    ASSERT_STR_EQ(cleaned("äöüß", 4, &buf), "äöüß");
    ASSERT_FALSE(text_clean(&buf, "abc", 3));
    ASSERT_TRUE(text_clean(&buf, "abcd", 3));
}

TEST(names_are_escaped_isolated_and_say_when_they_are_empty) {
    TEND_AUTO_BUF buf = TEND_BUF_INIT;
    html_name(&buf, "<b>\"x\" & 'y'");
    ASSERT_STR_EQ(tend_buf_text(&buf), "<bdi>&lt;b&gt;&quot;x&quot; &amp; &#39;y&#39;</bdi>");
    tend_buf_clear(&buf);
    html_name(&buf, "");
    ASSERT_STR_EQ(tend_buf_text(&buf), "<bdi>(empty)</bdi>");
}

/* Steps of 1, 2 and 5: the ranges are those one would draw by hand. */
TEST(axes_are_round) {
    double low, high;
    ASSERT_NEAR(svg_nice_step(0.3), 0.5, 1e-12);
    ASSERT_NEAR(svg_nice_step(7), 10, 1e-12);
    ASSERT_NEAR(svg_nice_step(20), 20, 1e-12);
    svg_range(0.13, 0.87, &low, &high);
    ASSERT_NEAR(low, 0, 1e-12);
    ASSERT_NEAR(high, 1, 1e-12);
    svg_range(5, 5, &low, &high);
    ASSERT_TRUE(low < 5 && high > 5);
    svg_range((double)NAN, 3, &low, &high);
    ASSERT_TRUE(low < high);
    svg_range(1e300, 1.1e300, &low, &high);
    ASSERT_TRUE(isfinite(low) && isfinite(high) && low < high);
}

TEST(coordinates_are_short_and_finite) {
    TEND_AUTO_BUF buf = TEND_BUF_INIT;
    const double values[] = {1.23456, -0.001, (double)NAN, 1e300};
    for (size_t i = 0; i < 4; i++) {
        svg_number(&buf, values[i]);
        tend_buf_putc(&buf, ' ');
    }
    ASSERT_STR_EQ(tend_buf_text(&buf), "1.23 0 0 100000 ");
}

TEST(long_lines_are_thinned_and_keep_their_end) {
    enum { N = 100000 };
    TEND_AUTO_BUF buf = TEND_BUF_INIT;
    svg_point *points = calloc(N, sizeof *points);
    for (int i = 0; i < N; i++)
        points[i] = (svg_point){i, i % 7};
    svg_plot plot = {.x1 = N - 1, .y1 = 7};
    svg_begin(&plot, &buf, "label");
    size_t before = buf.size;
    svg_line(&plot, points, N, "model");
    ASSERT_TRUE(buf.size - before < 5000);
    ASSERT_HAS(tend_buf_text(&buf), "366,"); /* 380 - 14: the right end of the frame */
    free(points);
}

/* What is never negative has no negative axis; shares end at 1. */
TEST(strips_have_sensible_ends) {
    strip_scale scale = STRIP_SCALE_INIT;
    strip_include(&scale, 0.86);
    strip_include(&scale, 0.999);
    strip_include(&scale, (double)NAN);
    strip_finish(&scale);
    ASSERT_TRUE(scale.low > 0.8 && scale.low <= 0.86);
    ASSERT_NEAR(scale.high, 1, 1e-9);
    scale = STRIP_SCALE_INIT;
    strip_finish(&scale);
    ASSERT_TRUE(scale.low < scale.high);
    scale = STRIP_SCALE_INIT;
    strip_include(&scale, -3);
    strip_finish_from_zero(&scale);
    ASSERT_TRUE(scale.low <= -3 && scale.high >= 0);
    scale = STRIP_SCALE_INIT;
    strip_include(&scale, 0);
    strip_finish(&scale);
    ASSERT_TRUE(scale.low < scale.high);
}
