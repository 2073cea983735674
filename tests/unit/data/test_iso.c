/* ISO 8601: what is read, what is refused, and the way back. */
#include "data/iso.h"

#include "support/suite.h"

static const int64_t DAY = INT64_C(86400000000);

TEST(dates) {
    int64_t days = 0;
    ASSERT_TRUE(tend_iso_parse_date(TEND_STR("1970-01-01"), &days) && days == 0);
    ASSERT_TRUE(tend_iso_parse_date(TEND_STR("2000-02-29"), &days) && days == 11016);
    ASSERT_TRUE(tend_iso_parse_date(TEND_STR("1969-12-31"), &days) && days == -1);
    static const char *const bad[] = {"",           "2001-02-29", "2000-13-01", "2000-00-10", "2000-1-1",  "2000-01-32", "2000-01-01 ",
                                      "2000/01/01", "20000101",   "2000-04-31", "2000-01-0",  "-200-01-01"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ASSERT_FALSE(tend_iso_parse_date(tend_str_of(bad[i]), &days));
}

TEST(timestamps) {
    int64_t micros = 0;
    bool date_only = false;
    ASSERT_TRUE(tend_iso_parse_timestamp(TEND_STR("1970-01-02"), &micros, &date_only) && micros == DAY && date_only);
    ASSERT_TRUE(tend_iso_parse_timestamp(TEND_STR("1970-01-01T01:00"), &micros, &date_only) && micros == DAY / 24 && !date_only);
    ASSERT_TRUE(tend_iso_parse_timestamp(TEND_STR("1970-01-01 00:00:01.5Z"), &micros, NULL) && micros == 1500000);
    ASSERT_TRUE(tend_iso_parse_timestamp(TEND_STR("1970-01-01T02:00:00+02:00"), &micros, NULL) && micros == 0);
    ASSERT_TRUE(tend_iso_parse_timestamp(TEND_STR("1969-12-31T19:00:00-0500"), &micros, NULL) && micros == 0);
    ASSERT_TRUE(tend_iso_parse_timestamp(TEND_STR("1970-01-01T00:00:00.1234567Z"), &micros, NULL) && micros == 123456);
    static const char *const bad[] = {"1970-01-01T",       "1970-01-01T24:00",     "1970-01-01T1:00",
                                      "1970-01-01T10:60",  "1970-01-01T10:00:00.", "1970-01-01T10:00:61",
                                      "1970-01-01T10:00x", "1970-01-01T10:00+",    "1970-01-01T10:00+99"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ASSERT_FALSE(tend_iso_parse_timestamp(tend_str_of(bad[i]), &micros, NULL));
}

TEST(what_is_written_reads_back) {
    for (int64_t v = -3 * DAY * 365; v < 3 * DAY * 365; v += DAY * 11 + 987654321) {
        TEND_AUTO_BUF text = TEND_BUF_INIT;
        int64_t back = 0;
        tend_iso_format(TEND_TIMESTAMP, v, &text);
        ASSERT_TRUE(tend_iso_parse_timestamp(tend_str_of(tend_buf_text(&text)), &back, NULL));
        ASSERT_EQ(back, v);
        tend_buf_clear(&text);
        tend_iso_format(TEND_DATE, v / DAY, &text);
        ASSERT_TRUE(tend_iso_parse_date(tend_str_of(tend_buf_text(&text)), &back));
        ASSERT_EQ(back, v / DAY);
    }
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_iso_format(TEND_TIMESTAMP, -1, &text);
    ASSERT_STR_EQ(tend_buf_text(&text), "1969-12-31T23:59:59.999999Z");
    tend_buf_clear(&text); /* the first and the last: numpy's datetime64[us] gives the latter */
    tend_iso_format(TEND_TIMESTAMP, INT64_MIN, &text);
    tend_iso_format(TEND_TIMESTAMP, INT64_MAX, &text);
    ASSERT_STR_EQ(tend_buf_text(&text), "-290308-12-21T19:59:05.224192Z294247-01-10T04:00:54.775807Z");
}
