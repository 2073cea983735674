/* CSV: what the columns are. */
#include "unit/data/reading.h"

#include "data/iso.h"

TEST(the_types) {
    reading r = read_csv("b,i,f,s,d,t\ntrue,1,1.5,x,2020-02-29,2020-01-01 10:00:00\nFalse,-2,2e3,y,1999-12-31,2020-01-01T10:00:00.25Z\n");
    ASSERT_SHAPE(r, 2, 6);
    ASSERT_EQ(type_of(&r, "b"), TEND_BOOL);
    ASSERT_EQ(type_of(&r, "i"), TEND_INT);
    ASSERT_EQ(type_of(&r, "f"), TEND_FLOAT);
    ASSERT_EQ(type_of(&r, "s"), TEND_STRING);
    ASSERT_EQ(type_of(&r, "d"), TEND_DATE);
    ASSERT_EQ(type_of(&r, "t"), TEND_TIMESTAMP);
    ASSERT_EQ(r.table->columns[0].ints[0], 1);
    ASSERT_EQ(r.table->columns[1].ints[1], -2);
    ASSERT_NEAR(r.table->columns[2].floats[1], 2000, 0);
    ASSERT_EQ(r.table->columns[4].ints[1], 10956); /* days from 1970-01-01 to 1999-12-31 */
    ASSERT_EQ(r.table->columns[5].ints[0], INT64_C(1577872800000000));
    ASSERT_EQ(r.table->columns[5].ints[1], INT64_C(1577872800250000));
    reading_done(&r);
}

TEST(forms_of_numbers) {
    reading r = read_csv("x,k\n.097,a\n5.,b\n+1.5,c\n-1e-3,d\n1E+2,e\n 7 ,f\n\"8\",g\n");
    ASSERT_EQ(type_of(&r, "x"), TEND_FLOAT);
    static const double WANT[] = {.097, 5, 1.5, -1e-3, 100, 7, 8};
    for (int i = 0; i < 7; i++)
        ASSERT_NEAR(r.table->columns[0].floats[i], WANT[i], 0);
    reading_done(&r);
}

TEST(missing_values) {
    reading r = read_csv("i,f,s\n1,NA,x\n,2.5,\nNaN,null,None\n4,N/A,\"\"\n");
    ASSERT_SHAPE(r, 4, 3);
    ASSERT_EQ(type_of(&r, "i"), TEND_INT);
    ASSERT_EQ(type_of(&r, "f"), TEND_FLOAT);
    ASSERT_EQ(r.table->columns[0].n_missing, 2);
    ASSERT_EQ(r.table->columns[1].n_missing, 3);
    ASSERT_EQ(r.table->columns[2].n_missing, 3);
    ASSERT_TRUE(isnan(r.table->columns[1].floats[0]));
    ASSERT_EQ(r.table->columns[0].ints[1], 0);
    reading_done(&r);
}

TEST(named_missing_texts_are_the_only_ones) {
    static const char *const WORDS[] = {"?", "-999"};
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.missing = WORDS;
    o.n_missing = 2;
    reading r = read_text("a,b\n1,x\n?,NA\n-999,y\n4,?\n", &o);
    ASSERT_EQ(type_of(&r, "a"), TEND_INT);
    ASSERT_EQ(r.table->columns[0].n_missing, 2);
    ASSERT_STR_EQ(cell(&r, "b", 1), "NA");
    ASSERT_STR_EQ(cell(&r, "b", 3), "(missing)");
    reading_done(&r);
}

TEST(texts_that_look_missing_are_counted) {
    reading r = read_csv("n,s\n1,?\n?,x\n3,?\n?,Unknown\n");
    ASSERT_EQ(type_of(&r, "n"), TEND_STRING);
    ASSERT_EQ(tend_node_int(tend_node_get(tend_node_path(r.notes, "missing_like.?"), "n"), 0), 2);
    ASSERT_EQ(tend_node_int(tend_node_get(tend_node_path(r.notes, "missing_like.?"), "s"), 0), 2);
    ASSERT_EQ(tend_node_int(tend_node_get(tend_node_path(r.notes, "missing_like.Unknown"), "s"), 0), 1);
    ASSERT_HAS(note_on(&r, "n"), "2 of 4 values are not numbers (first: '?' at line 3)");
    reading_done(&r);
}

TEST(leading_zeros_are_codes) {
    reading r = read_csv("zip,n\n02208,0\n11300,10\n00000,-0\n");
    ASSERT_EQ(type_of(&r, "zip"), TEND_STRING);
    ASSERT_EQ(type_of(&r, "n"), TEND_INT);
    ASSERT_STR_EQ(cell(&r, "zip", 0), "02208");
    ASSERT_HAS(note_on(&r, "zip"), "leading zeros");
    reading_done(&r);
}

TEST(whole_numbers_beyond_64_bits_are_text) {
    reading r = read_csv("a,b\n9223372036854775807,9223372036854775808\n-9223372036854775808,1\n");
    ASSERT_EQ(type_of(&r, "a"), TEND_INT);
    ASSERT_EQ(r.table->columns[0].ints[1], INT64_MIN);
    ASSERT_EQ(type_of(&r, "b"), TEND_STRING);
    ASSERT_HAS(note_on(&r, "b"), "beyond 64 bits");
    reading_done(&r);
}

TEST(infinities_are_bad_cells) {
    reading r = read_csv("x,k\n1,a\ninf,b\n-Infinity,c\n2,d\n");
    ASSERT_EQ(type_of(&r, "x"), TEND_FLOAT);
    ASSERT_EQ(r.table->columns[0].n_missing, 2);
    ASSERT_EQ(r.bad.n_total, 2);
    ASSERT_EQ(r.bad.items[0].row, 1);
    ASSERT_EQ(r.bad.items[0].line, 3);
    ASSERT_STR_EQ(r.bad.items[0].column, "x");
    ASSERT_STR_EQ(r.bad.items[0].found, "inf");
    ASSERT_HAS(r.bad.items[0].reason, "infinite");
    reading_done(&r);
}

/* What becomes of a column is told by all of its values, however late the one that differs. */
static reading long_column(const char *usual, const char *last, int n) {
    tend_buf text = TEND_BUF_INIT;
    tend_buf_puts(&text, "a,v\n");
    for (int i = 0; i < n; i++)
        tend_buf_printf(&text, "%d,%s\n", i, usual);
    tend_buf_printf(&text, "%d,%s\n", n, last);
    reading r = read_text(tend_buf_text(&text), NULL);
    tend_buf_done(&text);
    return r;
}

TEST(a_late_value_changes_the_type) {
    static const struct {
        const char *usual, *last;
        tend_type type;
    } CASES[] = {
        {"1", "2.5", TEND_FLOAT},
        {"1", "x", TEND_STRING},
        {"1.5", "007", TEND_STRING},
        {"1", "-inf", TEND_FLOAT},
        {"true", "2", TEND_STRING},
        {"2020-01-01", "13/01/2020", TEND_STRING},
        {"01/02/2020", "13/01/2020", TEND_DATE},
        {"x", "5", TEND_STRING},
        {"", "5", TEND_INT},
        {"2020-01-01 00:00", "2020-01-01", TEND_STRING},
        {"1.5", "99999999999999999999", TEND_STRING},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        reading r = long_column(CASES[i].usual, CASES[i].last, 30000);
        ASSERT_SHAPE(r, 30001, 2);
        ASSERT_EQ(type_of(&r, "v"), CASES[i].type);
        ASSERT_EQ(type_of(&r, "a"), TEND_INT);
        ASSERT_EQ(r.bad.n_total, i == 3);
        reading_done(&r);
    }
}

TEST(nearly_numbers_are_told) {
    reading r = long_column("1.5", "abc", 3000);
    ASSERT_STR_EQ(note_on(&r, "v"), "1 of 3001 values is not a number (first: 'abc' at line 3002): kept as text");
    ASSERT_STR_EQ(cell(&r, "v", 0), "1.5");
    reading_done(&r);
}

TEST(forms_of_dates) {
    static const struct {
        const char *first, *second; /* both 1998-06-12 and 1998-07-30 */
        const char *form;
    } CASES[] = {
        {"12/06/1998", "30/07/1998", "dd/mm/yyyy"},    {"06/12/1998", "07/30/1998", "mm/dd/yyyy"},
        {"12.6.1998", "30.7.1998", "dd.mm.yyyy"},      {"1998/06/12", "1998/07/30", "yyyy/mm/dd"},
        {"Jun 12 1998", "Jul 30 1998", "Mon dd yyyy"}, {"June 12, 1998", "July 30, 1998", "Mon dd yyyy"},
        {"12-Jun-1998", "30-Jul-1998", "dd Mon yyyy"}, {"12 June 1998", "30 July 1998", "dd Mon yyyy"},
        {"12-06-1998", "30-07-1998", "dd-mm-yyyy"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "d;k\n%s;1\n%s;2\n", CASES[i].first, CASES[i].second);
        reading r = read_csv(text);
        ASSERT_EQ(type_of(&r, "d"), TEND_DATE);
        ASSERT_STR_EQ(cell(&r, "d", 0), "1998-06-12");
        ASSERT_STR_EQ(cell(&r, "d", 1), "1998-07-30");
        ASSERT_STR_EQ(tend_node_string(tend_node_get(tend_node_get(r.notes, "dates"), "d"), ""), CASES[i].form);
        reading_done(&r);
    }
}

TEST(times_of_day_behind_other_dates) {
    reading r = read_csv("t,k\n12/31/2019 11:59 PM,1\n1/1/2020 12:05 AM,2\n");
    ASSERT_EQ(type_of(&r, "t"), TEND_TIMESTAMP);
    ASSERT_STR_EQ(cell(&r, "t", 0), "2019-12-31T23:59:00Z");
    ASSERT_STR_EQ(cell(&r, "t", 1), "2020-01-01T00:05:00Z");
    reading_done(&r);
}

TEST(dates_that_do_not_exist_are_text) {
    reading r = read_csv("d,k\n2021-02-29,1\n2021-02-28,2\n");
    ASSERT_EQ(type_of(&r, "d"), TEND_STRING);
    reading_done(&r);
}

TEST(ambiguous_dates_stay_text) {
    reading r = read_csv("d,k\n01/02/2020,1\n03/04/2020,2\n");
    ASSERT_EQ(type_of(&r, "d"), TEND_STRING);
    ASSERT_HAS(note_on(&r, "d"), "dd/mm/yyyy or mm/dd/yyyy");
    reading_done(&r);
}

TEST(two_forms_of_dates_stay_text) {
    reading r = read_csv("d,k\n13/01/2020,1\n14/01/2020,2\n2020-01-15,3\n16/01/2020,4\n");
    ASSERT_EQ(type_of(&r, "d"), TEND_STRING);
    ASSERT_STR_EQ(note_on(&r, "d"), "3 values as dd/mm/yyyy, 1 as yyyy-mm-dd (first: line 4): kept as text");
    reading_done(&r);
}

TEST(headers_are_told_from_data) {
    static const struct {
        const char *text;
        bool header;
    } CASES[] = {
        {"a,b\n1,2\n3,4\n", true},
        {"1,2\n3,4\n5,6\n", false},
        {"x,1\ny,2\nz,3\n", false},
        {"name,city\nann,rome\nbob,oslo\n", true}, /* text only: a header, unless it repeats */
        {"yes,no\nno,yes\nyes,no\n", false},
        {"country,1990,1995,2000\nit,1,2,3\nno,4,5,6\n", true},
        {"country,1990,1995,2000,2005,x\nit,1.5,2,3,2,q\n", true},
        {"150,4,setosa\n5.1,3.5,1\n4.9,3.0,2\n", false}, /* one text over numbers, two numbers over numbers */
        {"2020-01-01,5\n2020-01-02,6\n", false},
        {"a,b", true},
        {"1,2", false},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        reading r = read_csv(CASES[i].text);
        ASSERT_READ(r);
        ASSERT_EQ(tend_node_bool(tend_node_get(r.notes, "header"), true), CASES[i].header);
        reading_done(&r);
    }
}

/* ---- with a schema ---- */

static tend_schema schema_of(tend_field *fields, int n) {
    return (tend_schema){.fields = fields, .n_fields = n, .min_rows = -1, .max_rows = -1};
}
#define FIELD(column, kind) \
    { .name = (column), .type = (kind), .has_type = true }

TEST(declared_types_win) {
    tend_field fields[] = {FIELD("zip", TEND_INT), FIELD("n", TEND_STRING), FIELD("f", TEND_INT), FIELD("b", TEND_BOOL)};
    tend_schema schema = schema_of(fields, 4);
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.schema = &schema;
    reading r = read_text("zip,n,f,b,free\n02208,1,3.0,yes,1\n11300,2,4,0,2\n", &o);
    ASSERT_SHAPE(r, 2, 5);
    ASSERT_EQ(r.table->columns[0].ints[0], 2208);
    ASSERT_EQ(type_of(&r, "n"), TEND_STRING);
    ASSERT_EQ(r.table->columns[2].ints[0], 3);
    ASSERT_EQ(r.table->columns[3].ints[0], 1);
    ASSERT_EQ(r.table->columns[3].ints[1], 0);
    ASSERT_EQ(type_of(&r, "free"), TEND_INT);
    ASSERT_EQ(r.bad.n_total, 0);
    reading_done(&r);
}

TEST(what_does_not_fit_is_a_bad_cell) {
    tend_field fields[] = {FIELD("age", TEND_INT), FIELD("x", TEND_FLOAT), FIELD("d", TEND_DATE)};
    tend_schema schema = schema_of(fields, 3);
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.schema = &schema;
    reading r = read_text("age,x,d\n1,2,2020-01-01\nold,1.5,2020-01-02\n2.5,inf,soon\n3,,2020-01-03 00:00\n", &o);
    ASSERT_SHAPE(r, 4, 3);
    ASSERT_EQ(r.bad.n_total, 4);
    static const struct {
        int row;
        const char *column, *found, *part;
    } WANT[] = {
        {1, "age", "old", "whole number"}, {2, "age", "2.5", "whole number"}, {2, "x", "inf", "infinite"}, {2, "d", "soon", "yyyy-mm-dd"}};
    for (int i = 0; i < 4; i++) {
        ASSERT_EQ(r.bad.items[i].row, WANT[i].row);
        ASSERT_EQ(r.bad.items[i].line, WANT[i].row + 2);
        ASSERT_STR_EQ(r.bad.items[i].column, WANT[i].column);
        ASSERT_STR_EQ(r.bad.items[i].found, WANT[i].found);
        ASSERT_HAS(r.bad.items[i].reason, WANT[i].part);
    }
    ASSERT_STR_EQ(cell(&r, "d", 3), "2020-01-03");
    reading_done(&r);
}

TEST(declared_dates_in_the_form_of_the_file) {
    tend_field fields[] = {FIELD("d", TEND_DATE)};
    tend_schema schema = schema_of(fields, 1);
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.schema = &schema;
    reading r = read_text("d,k\n13/01/2020,1\n02/03/2020,2\n2020-05-06,3\n01/14/2020,4\n20/12/2020,5\n", &o);
    ASSERT_SHAPE(r, 5, 2);
    ASSERT_STR_EQ(cell(&r, "d", 0), "2020-01-13");
    ASSERT_STR_EQ(cell(&r, "d", 1), "2020-03-02");
    ASSERT_STR_EQ(cell(&r, "d", 2), "2020-05-06");
    ASSERT_STR_EQ(cell(&r, "d", 3), "(missing)");
    ASSERT_EQ(r.bad.n_total, 1);
    ASSERT_HAS(r.bad.items[0].reason, "dd/mm/yyyy");
    reading_done(&r);
}

TEST(the_schemas_missing_texts_are_used) {
    tend_field fields[] = {FIELD("a", TEND_INT)};
    tend_schema schema = schema_of(fields, 1);
    const char *words[] = {"", "?"};
    schema.missing = words;
    schema.n_missing = 2;
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.schema = &schema;
    reading r = read_text("a,b\n1,x\n?,?\n", &o);
    ASSERT_EQ(r.table->columns[0].n_missing, 1);
    ASSERT_EQ(r.table->columns[1].n_missing, 1);
    ASSERT_EQ(r.bad.n_total, 0);
    reading_done(&r);
}
