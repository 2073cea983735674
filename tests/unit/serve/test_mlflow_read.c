/* Requests of MLflow's scoring protocol in all their forms. */
#include "serve/mlflow.h"
#include "unit/serve/serve_case.h"

typedef struct reading_case {
    serve_case base;
    serve_reading reading;
    serve_mlflow_request request;
} reading_case;

static void begin(reading_case *c, bool numbers) {
    memset(c, 0, sizeof *c);
    case_open(&c->base, numbers);
    c->reading = (serve_reading){.inputs = c->base.inputs, .rows = c->base.rows, .arena = c->base.arena, .max_rows = 10};
    c->request = (serve_mlflow_request){.reading = &c->reading, .arena = c->base.arena};
}

static bool read_json(reading_case *c, const char *json, const char **out_fault) {
    tend_json_pull pull = tend_json_pull_init(json, strlen(json), c->base.arena);
    bool sound = serve_mlflow_read_json(&c->request, &pull);
    *out_fault = pull.fault;
    return sound;
}

/* The same two rows in every form. */
TEST(all_forms_give_the_same_rows) {
    static const char *const forms[][2] = {
        {"{\"dataframe_split\":{\"columns\":[\"score\",\"other\",\"age\"],\"index\":[0,1],\"data\":[[1.5,7,39],[NaN,8,50.0]]}}",
         "/dataframe_split/data/1/2"},
        {"{\"dataframe_split\":{\"data\":[[1.5,39],[NaN,50]],\"columns\":[\"score\",\"age\"]}}", "/dataframe_split/data/1/1"},
        {"{\"dataframe_records\":[{\"age\":39,\"score\":1.5,\"other\":{}},{\"score\":null,\"age\":50}],\"params\":{}}",
         "/dataframe_records/1/age"},
        {"{\"instances\":[{\"age\":39,\"score\":1.5},{\"score\":NaN,\"age\":50}]}", "/instances/1/age"},
        {"{\"instances\":[[39,1.5],[50,null]]}", "/instances/1/0"},
        {"{\"inputs\":{\"score\":[1.5,NaN],\"other\":3,\"age\":[[39],[50]]}}", "/inputs/age/1"},
        {"{\"inputs\":[[39,1.5],[50,NaN]]}", "/inputs/1/0"},
        {"{\"params\":null,\"inputs\":[{\"age\":39,\"score\":1.5},{\"score\":null,\"age\":50}]}", "/inputs/1/age"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        reading_case c;
        const char *fault;
        begin(&c, true);
        if (!read_json(&c, forms[i][0], &fault))
            fail_msg("%s: %s", forms[i][0], fault);
        ASSERT_EQ(c.request.n_faults, 0);
        ASSERT_EQ(tend_rows_count(c.base.rows), 2);
        ASSERT_EQ(tend_rows_n_faults(c.base.rows), 0);
        ASSERT_STR_EQ(shown_cell(&c.base, 0, "age"), "39");
        ASSERT_STR_EQ(shown_cell(&c.base, 1, "age"), "50");
        ASSERT_STR_EQ(shown_cell(&c.base, 0, "score"), "1.5");
        ASSERT_STR_EQ(shown_cell(&c.base, 1, "score"), "-");
        ASSERT_STR_EQ(serve_mlflow_pointer(&c.request, c.base.arena, 1, "age"), forms[i][1]);
        case_close(&c.base);
    }
}

TEST(csv_is_read_by_its_header) {
    reading_case c;
    begin(&c, true);
    serve_mlflow_read_csv(&c.request, TEND_STR("other,score,age\na,1.5,39\n\"b, c\",,50\n"));
    ASSERT_EQ(c.request.n_faults, 0);
    ASSERT_EQ(tend_rows_count(c.base.rows), 2);
    ASSERT_STR_EQ(shown_cell(&c.base, 1, "age"), "50");
    ASSERT_STR_EQ(shown_cell(&c.base, 1, "score"), "-");
    ASSERT_STR_EQ(serve_mlflow_pointer(&c.request, c.base.arena, 1, "age"), "/1/age");
    case_close(&c.base);
}

TEST(params_are_read) {
    reading_case c;
    const char *fault;
    begin(&c, true);
    ASSERT_TRUE(read_json(&c, "{\"params\":{\"explain\":true,\"temperature\":0.2,\"return\":\"full\"},\"instances\":[]}", &fault));
    ASSERT_TRUE(c.request.explain && c.request.full);
    case_close(&c.base);
}

TEST(missing_columns_are_named) {
    static const char *const bodies[] = {"{\"dataframe_split\":{\"columns\":[\"aeg\",\"score\"],\"data\":[[1,2]]}}",
                                         "{\"inputs\":{\"aeg\":[1],\"score\":[2]}}"};
    for (int i = 0; i < 2; i++) {
        reading_case c;
        const char *fault;
        begin(&c, true);
        ASSERT_TRUE(read_json(&c, bodies[i], &fault));
        ASSERT_EQ(c.request.n_faults, 1);
        ASSERT_STR_EQ(c.request.faults[0].expected, "a column 'age'");
        ASSERT_STR_EQ(c.request.faults[0].hint, "there is 'aeg'");
        ASSERT_EQ(tend_rows_count(c.base.rows), 0);
        case_close(&c.base);
    }
}

TEST(a_record_must_have_every_column) {
    reading_case c;
    const char *fault;
    begin(&c, true);
    ASSERT_TRUE(read_json(&c, "{\"dataframe_records\":[{\"age\":1,\"score\":2},{\"score\":\"2\"}]}", &fault));
    ASSERT_EQ(tend_rows_n_bad(c.base.rows), 1);
    ASSERT_EQ(tend_rows_n_faults(c.base.rows), 2);
    case_close(&c.base);
}

TEST(other_bodies_are_refused) {
    static const char *const cases[][2] = {
        {"", "the body is empty"},
        {"[]", "expected an object"},
        {"{\"instances\":[],\"inputs\":[]}", "found two"},
        {"{\"instances\":[],\"instances\":[]}", "found two"},
        {"{\"instances\":7}", "expected a list of rows"},
        {"{\"instances\":[7]}", "expected a row as an object"},
        {"{\"instances\":[[1]]}", "not a value for each column"},
        {"{\"dataframe_records\":[[1,2]]}", "expected a row as an object"},
        {"{\"dataframe_split\":{\"columns\":[\"age\",\"score\"],\"data\":[[1]]}}", "not a value for each column"},
        {"{\"dataframe_split\":{\"columns\":[],\"columns\":[]}}", "second time"},
        {"{\"dataframe_split\":{\"data\":[],\"data\":[]}}", "second time"},
        {"{\"dataframe_split\":[]}", "expected {\"columns\""},
        {"{\"inputs\":{\"age\":1}}", "expected a list of values"},
        {"{\"inputs\":{\"age\":[1],\"age\":[1]}}", "second time"},
        {"{\"params\":{\"explain\":1}}", "explain: expected true or false"},
        {"{\"params\":{\"return\":\"all\"}}", "return: expected"},
        {"{\"instances\":[{\"age\":Infinity}]}", "expected a value"},
        {"{\"instances\":[[1,2],[1,2],[1,2],[1,2],[1,2],[1,2],[1,2],[1,2],[1,2],[1,2],[1,2]]}", "too many rows"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        reading_case c;
        const char *fault;
        begin(&c, true);
        if (read_json(&c, cases[i][0], &fault))
            fail_msg("%s was taken", cases[i][0]);
        ASSERT_HAS(fault, cases[i][1]);
        case_close(&c.base);
    }
}

TEST(rows_as_lists_are_for_models_of_numbers) {
    reading_case c;
    const char *fault;
    begin(&c, false);
    ASSERT_FALSE(read_json(&c, "{\"inputs\":[[1,2,3,4,5]]}", &fault));
    ASSERT_HAS(fault, "for models that read numbers only");
    case_close(&c.base);
}

TEST(content_types_are_told_apart) {
    static const struct {
        const char *type;
        bool fine, csv;
    } cases[] = {{"application/json", true, false},
                 {"Application/JSON; charset=UTF-8", true, false},
                 {"application/json;charset=\"utf-8\";", true, false},
                 {"text/csv", true, true},
                 {"text/csv ; charset=utf-8", true, true},
                 {"", false, false},
                 {"text/plain", false, false},
                 {"application/json; charset=latin-1", false, false},
                 {"application/json; version=1", false, false}};
    bool csv;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ASSERT_EQ(serve_mlflow_content_fault(tend_str_of(cases[i].type), &csv) == NULL, cases[i].fine);
        ASSERT_EQ(csv, cases[i].csv);
    }
    ASSERT_NOT_NULL(serve_mlflow_content_fault((tend_str){NULL, 0}, &csv));
}
