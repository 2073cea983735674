/* Dates as people write them; the days were counted with Python's datetime.date.toordinal. */
#include "data/date.h"
#include "support/suite.h"

#define DAY(n) ((n)*TEND_DAY_MICROS)

TEST(each_form) {
    static const struct {
        const char *text;
        tend_date_form form;
        int64_t micros;
        bool time;
    } CASES[] = {
        {"1998-06-12", TEND_DATE_ISO, DAY(10389), false},
        {"1998-06-12T10:30", TEND_DATE_ISO, DAY(10389) + INT64_C(37800000000), true},
        {"1998/6/12", TEND_DATE_YMD_SLASH, DAY(10389), false},
        {"12/06/1998", TEND_DATE_DMY_SLASH, DAY(10389), false},
        {"06/12/1998 10:30:00", TEND_DATE_MDY_SLASH, DAY(10389) + INT64_C(37800000000), true},
        {"12.6.1998", TEND_DATE_DMY_DOT, DAY(10389), false},
        {"12-06-1998", TEND_DATE_DMY_DASH, DAY(10389), false},
        {"Jun 12 1998", TEND_DATE_MONTH_DAY, DAY(10389), false},
        {"JUNE 12, 1998", TEND_DATE_MONTH_DAY, DAY(10389), false},
        {"12-jun-1998", TEND_DATE_DAY_MONTH, DAY(10389), false},
        {"29 Feb 2000", TEND_DATE_DAY_MONTH, DAY(11016), false},
        {"31/12/1969", TEND_DATE_DMY_SLASH, DAY(-1), false},
        {"1 Sept 2020 12:00 am", TEND_DATE_DAY_MONTH, DAY(18506), true},
        {"1 Sept 2020 12:00 PM", TEND_DATE_DAY_MONTH, DAY(18506) + INT64_C(43200000000), true},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        tend_str s = tend_str_of(CASES[i].text);
        int64_t micros = 0;
        bool time = false, also = false;
        ASSERT_TRUE(tend_date_read(s, CASES[i].form, &micros, &time));
        ASSERT_EQ(micros, CASES[i].micros);
        ASSERT_EQ(time, CASES[i].time);
        ASSERT_TRUE(tend_date_forms(s, &also) >> CASES[i].form & 1);
        ASSERT_EQ(also, CASES[i].time);
    }
}

TEST(one_text_several_forms) {
    bool time;
    unsigned both = 1u << TEND_DATE_DMY_SLASH | 1u << TEND_DATE_MDY_SLASH;
    ASSERT_EQ(tend_date_forms(TEND_STR("01/02/2012"), &time), both);
    ASSERT_EQ(tend_date_forms(TEND_STR("13/02/2012"), &time), 1u << TEND_DATE_DMY_SLASH);
    ASSERT_EQ(tend_date_forms(TEND_STR("02/13/2012"), &time), 1u << TEND_DATE_MDY_SLASH);
    ASSERT_EQ(tend_date_forms(TEND_STR("2012-02-13"), &time), 1u << TEND_DATE_ISO);
}

TEST(what_is_no_date) {
    static const char *const TEXTS[] = {"",
                                        "12",
                                        "1998-06-31",
                                        "29/02/2021",
                                        "13/13/2012",
                                        "01/02/12",
                                        "Juno 12 1998",
                                        "Mar 5",
                                        "12/06-1998",
                                        "1998-06-12x",
                                        "12/06/1998 25:00",
                                        "12/06/1998 13:00 PM",
                                        "00/01/2000",
                                        "Ma 12 1998",
                                        "1.2.3.4 5.6",
                                        "12345678",
                                        "12/06/1998 10"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        bool time;
        if (tend_date_forms(tend_str_of(TEXTS[i]), &time) != 0)
            fail_msg("'%s' was taken for a date", TEXTS[i]);
    }
}
