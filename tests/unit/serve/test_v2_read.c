/* Requests of the Open Inference Protocol in JSON: what becomes of their tensors, and what is said about what is wrong. */
#include "serve/v2.h"
#include "unit/serve/serve_case.h"

static serve_v2_request request_of(const serve_case *c) {
    return (serve_v2_request){.arena = c->arena, .inputs = c->inputs, .max_rows = 100};
}

static bool read_json(serve_v2_request *r, const char *json, const char **out_fault) {
    tend_json_pull pull = tend_json_pull_init(json, strlen(json), r->arena);
    bool sound = serve_v2_read(r, &pull);
    *out_fault = pull.fault;
    return sound && serve_v2_check(r);
}

/* Two rows, each tensor with its keys in another order. */
static const char two[] = "{\"inputs\":[{\"data\":[39,null],\"name\":\"age\",\"datatype\":\"INT64\",\"shape\":[2]},"
                          "{\"name\":\"town\",\"shape\":[2,1],\"datatype\":\"BYTES\",\"data\":[[\"Bonn\"],[\"\"]]},"
                          "{\"name\":\"score\",\"shape\":[2],\"data\":[0.1,-2],\"datatype\":\"FP32\"},"
                          "{\"shape\":[2],\"name\":\"member\",\"datatype\":\"BOOL\",\"data\":[true,false]},"
                          "{\"name\":\"born\",\"shape\":[2],\"datatype\":\"BYTES\",\"data\":[\"1980-02-01\",null],"
                          "\"parameters\":{\"content_type\":\"datetime\"}}],"
                          "\"id\":\"r-1\",\"parameters\":{\"explain\":true,\"content_type\":\"pd\",\"sequence_id\":7},"
                          "\"outputs\":[{\"name\":\"prediction\",\"parameters\":{\"binary_data\":true}},{\"name\":\"probability\"}]}";

TEST(tensors_become_rows) {
    serve_case c;
    const char *fault;
    case_open(&c, false);
    serve_v2_request r = request_of(&c);
    ASSERT_TRUE(read_json(&r, two, &fault));
    serve_v2_fill(&r, c.rows);
    ASSERT_EQ(tend_rows_count(c.rows), 2);
    ASSERT_EQ(tend_rows_n_faults(c.rows), 0);
    ASSERT_STR_EQ(shown_cell(&c, 0, "age"), "39");
    ASSERT_STR_EQ(shown_cell(&c, 1, "age"), "-");
    ASSERT_STR_EQ(shown_cell(&c, 0, "town"), "Bonn");
    ASSERT_STR_EQ(shown_cell(&c, 1, "town"), "-");
    ASSERT_STR_EQ(shown_cell(&c, 0, "member"), "true");
    ASSERT_STR_EQ(shown_cell(&c, 0, "born"), "1980-02-01");
    ASSERT_STR_EQ(shown_cell(&c, 1, "born"), "-");
    case_close(&c);
}

TEST(a_value_of_a_float_is_that_float) {
    serve_case c;
    const char *fault;
    case_open(&c, false);
    serve_v2_request r = request_of(&c);
    ASSERT_TRUE(read_json(&r, two, &fault));
    serve_v2_fill(&r, c.rows);
    double found = tend_rows_table(c.rows)->columns[tend_inputs_find(c.inputs, TEND_STR("score"), 0)].floats[0];
    ASSERT_TRUE(found == (double)0.1F);
    case_close(&c);
}

TEST(what_belongs_to_the_request_is_read) {
    serve_case c;
    const char *fault;
    case_open(&c, false);
    serve_v2_request r = request_of(&c);
    ASSERT_TRUE(read_json(&r, two, &fault));
    ASSERT_TRUE(tend_str_is(r.id, "r-1") && r.explain && !r.binary_output);
    ASSERT_EQ(r.n_outputs, 2);
    ASSERT_EQ(r.outputs[0].binary, 1);
    ASSERT_EQ(r.outputs[1].binary, -1);
    ASSERT_STR_EQ(serve_v2_pointer(&r, c.arena, 1, "score"), "/inputs/2/data/1");
    case_close(&c);
}

TEST(texts_fill_columns_of_any_type) {
    serve_case c;
    const char *fault;
    case_open(&c, true);
    serve_v2_request r = request_of(&c);
    ASSERT_TRUE(read_json(&r,
                          "{\"inputs\":[{\"name\":\"age\",\"shape\":[3],\"datatype\":\"BYTES\",\"data\":[\" 7\",\"NA\",\"x\"]},"
                          "{\"name\":\"score\",\"shape\":[3],\"datatype\":\"BYTES\",\"data\":[\"MS41\",\"\",\"Mg==\"],"
                          "\"parameters\":{\"content_type\":\"base64\"}}]}",
                          &fault));
    serve_v2_fill(&r, c.rows);
    ASSERT_STR_EQ(shown_cell(&c, 0, "age"), "7");
    ASSERT_STR_EQ(shown_cell(&c, 1, "age"), "-");
    ASSERT_STR_EQ(shown_cell(&c, 0, "score"), "1.5");
    ASSERT_STR_EQ(shown_cell(&c, 2, "score"), "2");
    ASSERT_EQ(tend_rows_n_faults(c.rows), 1);
    ASSERT_STR_EQ(tend_rows_faults(c.rows)[0].expected, "a whole number");
    case_close(&c);
}

TEST(a_model_of_numbers_takes_one_tensor) {
    serve_case c;
    const char *fault;
    case_open(&c, true);
    static const char *const forms[] = {"[[39,1.5],[50,null]]", "[39,1.5,50,null]"};
    for (int i = 0; i < 2; i++) {
        serve_v2_request r = request_of(&c);
        const char *json =
            tend_arena_printf(c.arena, "{\"inputs\":[{\"name\":\"predict\",\"shape\":[2,2],\"datatype\":\"FP64\",\"data\":%s}]}", forms[i]);
        ASSERT_TRUE(read_json(&r, json, &fault));
        tend_rows_clear(c.rows);
        serve_v2_fill(&r, c.rows);
        ASSERT_STR_EQ(shown_cell(&c, 1, "age"), "50");
        ASSERT_STR_EQ(shown_cell(&c, 0, "score"), "1.5");
        ASSERT_STR_EQ(shown_cell(&c, 1, "score"), "-");
        ASSERT_STR_EQ(serve_v2_pointer(&r, c.arena, 1, "score"), i ? "/inputs/0/data/3" : "/inputs/0/data/1/1");
    }
    case_close(&c);
}

/* Documents that are none of the protocol: the pull parser's fault. */
TEST(the_form_is_checked) {
    static const char *const cases[][2] = {
        {"", "the body is empty"},
        {"[]", "expected an object"},
        {"{\"inputs\":{}}", "expected inputs as a list"},
        {"{\"inputs\":[3]}", "expected an input as an object"},
        {"{\"inputs\":[],\"inputs\":[]}", "second time"},
        {"{\"inputs\":[{\"name\":7}]}", "expected a name as a string"},
        {"{\"inputs\":[{\"data\":[[[1]]]}]}", "nested deeper"},
        {"{\"inputs\":[{\"data\":1}]}", "expected a list of values"},
        {"{\"inputs\":[],\"id\":3}", "expected the id as a string"},
        {"{\"inputs\":[],\"outputs\":7}", "expected outputs as a list"},
        {"{\"inputs\":[{\"parameters\":{\"binary_data_size\":-1}}]}", "expected a number of bytes"},
        {"{\"parameters\":{\"explain\":1}}", "expected true or false"},
        {"{\"inputs\":[{\"data\":[NaN]}]}", "expected a value"},
        {"{\"inputs\":[]} x", "something follows"},
    };
    serve_case c;
    case_open(&c, false);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        serve_v2_request r = request_of(&c);
        const char *fault;
        ASSERT_FALSE(read_json(&r, cases[i][0], &fault));
        ASSERT_NOT_NULL(fault);
        ASSERT_HAS(fault, cases[i][1]);
    }
    case_close(&c);
}

/* One request with everything wrong: each fault has its place. */
TEST(every_fault_is_told_with_its_place) {
    static const char json[] = "{\"inputs\":[{\"name\":\"age\",\"shape\":[2],\"datatype\":\"INT8\",\"data\":[300,1.5]},"
                               "{\"name\":\"twon\",\"shape\":[2],\"datatype\":\"BYTES\",\"data\":[\"a\",\"b\"]},"
                               "{\"name\":\"score\",\"shape\":[3],\"datatype\":\"FP64\",\"data\":[1,2,3]},"
                               "{\"name\":\"member\",\"shape\":[2],\"datatype\":\"BOOLEAN\",\"data\":[true,false]},"
                               "{\"name\":\"age\",\"shape\":[2],\"datatype\":\"INT64\",\"data\":[1]},"
                               "{\"name\":\"born\",\"shape\":[2],\"datatype\":\"INT64\",\"data\":[1,2]},"
                               "{\"name\":\"extra\",\"shape\":[2,2],\"datatype\":\"BYTES\",\"data\":[]}]}";
    static const char *const expected[][2] = {{"/inputs/1/name", "a column of the model"},
                                              {"/inputs/4/name", "each column once"},
                                              {"/inputs", "an input 'town' (BYTES)"},
                                              {"/inputs/0/data/0", "a whole number from -128 to 127"},
                                              {"/inputs/0/data/1", "a whole number from -128 to 127"},
                                              {"/inputs/2/shape", "2 rows, as the first input has"},
                                              {"/inputs/3/datatype", "a datatype"},
                                              {"/inputs/4/data", "2 values, as the shape says"},
                                              {"/inputs/5/datatype", "BYTES"},
                                              {"/inputs/6/shape", "[n] or [n, 1]"}};
    serve_case c;
    const char *fault;
    case_open(&c, false);
    serve_v2_request r = request_of(&c);
    ASSERT_FALSE(read_json(&r, json, &fault));
    ASSERT_EQ(r.n_faults, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        bool there = false;
        for (int f = 0; f < r.n_faults && !there; f++)
            there = !strcmp(r.faults[f].pointer, expected[i][0]) && strstr(r.faults[f].expected, expected[i][1]);
        if (!there)
            fail_msg("no fault %s: %s", expected[i][0], expected[i][1]);
    }
    ASSERT_HAS(r.faults[0].hint, "did you mean 'town'?");
    case_close(&c);
}

TEST(limits_hold) {
    static const char *const cases[][2] = {
        {"{\"inputs\":[{\"name\":\"age\",\"shape\":[101],\"datatype\":\"INT64\",\"data\":[]}]}", "at most 100 rows"},
        {"{\"inputs\":[{\"name\":\"m\",\"shape\":[9223372036854775807,2],\"datatype\":\"FP64\",\"data\":[]}]}", "at most 100 rows"},
        {"{\"inputs\":[{\"name\":\"m\",\"shape\":[1,3],\"datatype\":\"FP64\",\"data\":[1,2,3]}]}", "[n, 2]"},
        {"{\"inputs\":[{\"name\":\"age\",\"shape\":[1],\"datatype\":\"FP16\",\"data\":[1]}]}", "FP32 or FP64"},
        {"{\"inputs\":[{\"name\":\"age\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1e39]}]}", "a number that a float holds"},
        {"{\"inputs\":[{\"name\":\"age\",\"shape\":[1],\"datatype\":\"INT64\"}]}", "a list of values"},
        {"{\"inputs\":[{\"name\":\"age\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[1],\"parameters\":{\"content_type\":\"str\"}}]}",
         "pd or np"},
        {"{}", "a list of inputs"},
    };
    serve_case c;
    case_open(&c, true);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        serve_v2_request r = request_of(&c);
        const char *fault;
        bool there = false;
        ASSERT_FALSE(read_json(&r, cases[i][0], &fault));
        for (int f = 0; f < r.n_faults && !there; f++)
            there = strstr(r.faults[f].expected, cases[i][1]) != NULL;
        if (!there)
            fail_msg("%s: nothing is said of %s", cases[i][0], cases[i][1]);
    }
    case_close(&c);
}

TEST(values_beyond_the_rows_that_are_allowed_are_not_kept) {
    serve_case c;
    const char *fault;
    case_open(&c, true);
    TEND_AUTO_BUF json = TEND_BUF_INIT;
    tend_buf_puts(&json, "{\"inputs\":[{\"name\":\"age\",\"data\":[0");
    for (int i = 0; i < 2000; i++)
        tend_buf_puts(&json, ",0");
    tend_buf_puts(&json, "]}]}");
    serve_v2_request r = request_of(&c);
    ASSERT_FALSE(read_json(&r, tend_buf_text(&json), &fault));
    ASSERT_HAS(fault, "more values");
    case_close(&c);
}
