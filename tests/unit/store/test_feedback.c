#include "support/suite.h"

#include "store/feedback.h"
#include "store/prediction_id.h"

static const char *const CLASSES[] = {">50K", "<=50K", "quote\"d"};
enum { MICROS_BASE = 1795883560 };

static tend_status format(const char *id, const char *target, size_t n_classes, tend_buf *out, tend_error *err) {
    tend_feedback f = {
        .id = tend_str_of(id), .target = tend_str_of(target), .who = "claims", .micros = MICROS_BASE * INT64_C(1000000) + 123};
    tend_buf_clear(out);
    return tend_feedback_format(&f, CLASSES, n_classes, out, err);
}

TEST(lines) {
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_error err = TEND_ERROR_INIT;
    const char *id = "01M8HG0V5VVTPVXVR000000AJ2";
    ASSERT_OK(format(id, ">50K", 3, &out, &err), &err);
    ASSERT_STR_EQ(
        tend_buf_text(&out),
        "{\"id\":\"01M8HG0V5VVTPVXVR000000AJ2\",\"time\":\"2026-11-28T16:32:40.000123Z\",\"target\":\">50K\",\"who\":\"claims\"}\n");
    ASSERT_OK(format(id, "quote\"d", 3, &out, &err), &err);
    ASSERT_HAS(tend_buf_text(&out), "\"target\":\"quote\\\"d\",");
    ASSERT_OK(format("01M8HG0V5VVTPVXVR000000AJ2.3", "12.50", 0, &out, &err), &err);
    ASSERT_HAS(tend_buf_text(&out), ".3\",");
    ASSERT_HAS(tend_buf_text(&out), "\"target\":12.5,");
    ASSERT_OK(format(id, "-1e300", 0, &out, &err), &err);
    ASSERT_HAS(tend_buf_text(&out), "\"target\":-1e+300,");
}

TEST(what_is_wrong_is_named) {
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_error err = TEND_ERROR_INIT;
    const char *id = "01M8HG0V5VVTPVXVR000000AJ2";
    ASSERT_FAILS(format("01M8HG0V5VVTPVXVR000000AJ0", ">50K", 3, &out, &err), &err, INVALID,
                 "'01M8HG0V5VVTPVXVR000000AJ0' is not the id of a prediction");
    ASSERT_FAILS(format("", ">50K", 3, &out, &err), &err, INVALID, "there is no id");
    ASSERT_FAILS(format(id, ">50k", 3, &out, &err), &err, INVALID, "'>50k' is not a class of the model");
    ASSERT_STR_EQ(err.hint, "did you mean '>50K'?");
    ASSERT_FAILS(format(id, "something else", 3, &out, &err), &err, INVALID, "not a class");
    ASSERT_STR_EQ(err.hint, "the classes are '>50K', '<=50K', 'quote\"d'");
    ASSERT_FAILS(format(id, "", 3, &out, &err), &err, INVALID, "there is no target");
    for (const char *const *word = (const char *const[]){"nan", "inf", "1e999", "12,5", "x", "1 ", NULL}; *word; word++)
        ASSERT_FAILS(format(id, *word, 0, &out, &err), &err, INVALID, "expected a number as the target");
    ASSERT_EQ(out.size, 0);
}
