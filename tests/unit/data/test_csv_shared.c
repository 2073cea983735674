/* Real files, and two public sets of CSV corner cases with the answers beside them. Skipped where the data are absent. */
#include "unit/data/reading.h"

#include "base/fs.h"

#define OPEN_SHARED(r, name)                     \
    const char *shared_##r = suite_shared(name); \
    if (!shared_##r)                             \
        SKIP();                                  \
    reading r = read_path(shared_##r, NULL)

/* ---- csv-spectrum and RFC 4180 cases ---- */

static const char *json_path(tend_arena *arena, const char *path) {
    const char *name = tend_path_base(path);
    size_t stem = strlen(name) - 4;
    char *folder = tend_path_dir(arena, path);
    return tend_arena_printf(arena, "%s/../json/%.*s.json", folder, (int)stem, name);
}

static void compare_cell(const reading *r, int column, int64_t row, const tend_node *want, const char *path) {
    const tend_column *c = &r->table->columns[column];
    const char *got = tend_is_valid(c, row) ? cell(r, c->name, row) : "";
    if (strcmp(got, tend_node_string(want, "")) != 0)
        fail_msg("%s row %lld column %s: got '%s', want '%s'", path, (long long)row, c->name, got, tend_node_string(want, ""));
}

static void check_answer(const char *path, bool header) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    char *text;
    size_t size;
    tend_node *want;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_fs_read(json_path(arena, path), 0, arena, &text, &size, &err), &err);
    ASSERT_OK(tend_json_parse(text, size, path, arena, &want, &err), &err);
    if (want->kind == TEND_NODE_MAP) { /* one row without its list */
        tend_node *list = tend_node_new_list(arena);
        tend_node_push(list, want);
        want = list;
    }
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.header = header;
    reading r = read_path(path, &o);
    ASSERT_READ(r);
    ASSERT_EQ(r.bad.n_total, 0);
    ASSERT_EQ(r.table->n_rows, want->count);
    int64_t row = 0;
    TEND_NODE_EACH(record, want) {
        ASSERT_EQ(record->count, r.table->n_columns);
        int column = 0;
        TEND_NODE_EACH(value, record) {
            /* the first set's answer for this cell is not what its file holds */
            if (!strstr(path, "location_coordinates") || column > 0)
                compare_cell(&r, header ? tend_table_find(r.table, value->key) : column, row, value, path);
            column++;
        }
        row++;
    }
    reading_done(&r);
}

static void check_folder(const char *folder, bool always_header) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    char **paths;
    size_t n, checked = 0;
    ASSERT_OK(tend_fs_glob(tend_arena_printf(arena, "%s/*.csv", folder), arena, &paths, &n, &err), &err);
    for (size_t i = 0; i < n; i++) {
        const char *name = tend_path_base(paths[i]);
        if (tend_text_has_prefix(name, "bad-"))
            continue;
        check_answer(paths[i], always_header || tend_text_has_prefix(name, "header-"));
        checked++;
    }
    ASSERT_TRUE(checked >= 12);
}

TEST(csv_spectrum) {
    const char *folder = suite_shared("csv-torture/csv-spectrum/csvs");
    if (!folder)
        SKIP();
    check_folder(folder, true);
}

TEST(rfc4180_cases) {
    const char *folder = suite_shared("csv-torture/rfc4180-sineemore/csv");
    if (!folder)
        SKIP();
    check_folder(folder, false);
}

TEST(rfc4180_bad_cases_are_refused_or_put_aside) {
    if (!suite_shared("csv-torture/rfc4180-sineemore/csv"))
        SKIP();
    static const struct {
        const char *name, *part;
        tend_status status; /* OK: a bad row */
        unsigned line;
    } CASES[] = {
        {"bad-header-less-fields", "expected 3 fields, found 2", TEND_OK, 2},
        {"bad-header-more-fields", "expected 3 fields, found 4", TEND_OK, 2},
        {"bad-header-no-header", "is empty", TEND_DATA, 0},
        {"bad-missing-quote", "never closed", TEND_DATA, 2},
        {"bad-quotes-with-unescaped-quote", "closing quote", TEND_OK, 2},
        {"bad-unescaped-quote", "quote within an unquoted field", TEND_OK, 2},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char name[128];
        snprintf(name, sizeof name, "csv-torture/rfc4180-sineemore/csv/%s.csv", CASES[i].name);
        reading r = read_path(suite_shared(name), NULL);
        ASSERT_EQ(r.status, CASES[i].status);
        ASSERT_HAS(r.status ? r.err.message : r.bad.items[0].reason, CASES[i].part);
        ASSERT_EQ(r.status ? r.err.line : r.bad.items[0].line, CASES[i].line);
        reading_done(&r);
    }
    reading wrong = read_path(suite_shared("csv-torture/rfc4180-sineemore/csv/bad-header-wrong-header.csv"), NULL);
    const tend_column *column;
    ASSERT_READ(wrong);
    ASSERT_FAILS(tend_table_need(wrong.table, "foo", &column, &wrong.err), &wrong.err, NOT_FOUND, "'foo'");
    reading_done(&wrong);
}

/* ---- real files: rows and columns as their README states ---- */

TEST(shapes_of_real_files) {
    static const struct {
        const char *name;
        int64_t rows;
        int columns;
    } FILES[] = {
        {"messy/horse-colic.csv", 300, 28},
        {"messy/auto_imports.csv", 201, 26},
        {"messy/breast-cancer.csv", 286, 10},
        {"messy/weather_2012.csv", 8784, 8},
        {"messy/movies.json", 3201, 16},
        {"census/census.csv.gz", 32561, 15},
        {"nyc-airbnb/sample1.csv.gz", 20000, 16},
        {"nyc-airbnb/sample2.csv.gz", 48895, 16},
        {"wine-quality/winequality-red.csv", 1599, 12},
        {"vega-small/unemployment.tsv", 3218, 2},
        {"bike-sharing/hour.csv", 17379, 17},
        {"california-housing/housing.csv", 20640, 10},
        {"electricity/elec.csv.gz", 45312, 7},
        {"flights/flights_2001.csv.gz", 75000, 5},
        {"nyc-taxi/taxis.csv", 6433, 14},
        {"seaborn-small/planets.csv", 1035, 6},
        {"sklearn-toys/iris.csv", 150, 5},
        {"sklearn-toys/breast_cancer.csv", 569, 31},
        {"sklearn-toys/digits.csv.gz", 1797, 65},
        {"sklearn-toys/diabetes_data_raw.csv.gz", 442, 10},
        {"sklearn-toys/linnerud_exercise.csv", 20, 3},
        {"titanic/train.csv", 891, 12},
        {"vega-small/airports.csv", 3376, 7},
        {"german-credit/german.csv", 1000, 21},
    };
    if (!suite_shared("census"))
        SKIP();
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
        reading r = read_path(suite_shared(FILES[i].name), NULL);
        ASSERT_SHAPE(r, FILES[i].rows, FILES[i].columns);
        ASSERT_EQ(r.bad.n_total, 0);
        reading_done(&r);
    }
}

TEST(census) {
    OPEN_SHARED(r, "census/census.csv.gz");
    ASSERT_SHAPE(r, 32561, 15);
    ASSERT_STR_EQ(r.table->columns[4].name, "education-num");
    ASSERT_EQ(type_of(&r, "age"), TEND_INT);
    ASSERT_STR_EQ(cell(&r, "workclass", 0), "State-gov");
    ASSERT_STR_EQ(cell(&r, "salary", 32560), ">50K");
    ASSERT_EQ(tend_node_int(tend_node_get(tend_node_path(r.notes, "missing_like.?"), "workclass"), 0), 1836);
    ASSERT_EQ(tend_node_int(tend_node_get(tend_node_path(r.notes, "missing_like.?"), "native-country"), 0), 583);
    reading_done(&r);
}

TEST(montreal_bikes) {
    OPEN_SHARED(r, "messy/montreal_bikes_2012_latin1.csv");
    ASSERT_SHAPE(r, 310, 10);
    ASSERT_STR_EQ(r.table->columns[3].name, "C\xC3\xB4te-Sainte-Catherine");
    ASSERT_EQ(type_of(&r, "Date"), TEND_DATE);
    ASSERT_STR_EQ(cell(&r, "Date", 309), "2012-11-05");
    ASSERT_STR_EQ(cell(&r, "Rachel1", 309), "2430");
    ASSERT_EQ(r.bad.n_total, 0);
    ASSERT_STR_EQ(tend_node_string(tend_node_get(r.notes, "encoding"), ""), "latin-1");
    reading_done(&r);
}

TEST(movies) {
    OPEN_SHARED(r, "messy/movies.json");
    ASSERT_EQ(type_of(&r, "Title"), TEND_STRING);
    ASSERT_EQ(type_of(&r, "Release Date"), TEND_DATE);
    ASSERT_STR_EQ(cell(&r, "Release Date", 0), "1998-06-12");
    ASSERT_EQ(type_of(&r, "IMDB Rating"), TEND_FLOAT);
    const tend_column *title = tend_table_column(r.table, "Title");
    int numbers = 0;
    for (int64_t i = 0; i < title->n_rows; i++) {
        int64_t v;
        numbers += tend_text_parse_int(tend_column_str(title, i), &v);
    }
    ASSERT_TRUE(numbers >= 9); /* nine titles are numbers in the file */
    ASSERT_EQ(tend_table_column(r.table, "US DVD Sales")->n_missing, 2637);
    reading_done(&r);
}

TEST(airbnb_names_with_line_breaks) {
    OPEN_SHARED(r, "nyc-airbnb/sample1.csv.gz");
    const tend_column *name = tend_table_column(r.table, "name");
    int breaks = 0;
    for (int64_t i = 0; i < name->n_rows; i++) {
        tend_str s = tend_column_str(name, i);
        breaks += s.size && memchr(s.at, '\n', s.size) != NULL;
    }
    ASSERT_TRUE(breaks > 0);
    ASSERT_EQ(type_of(&r, "last_review"), TEND_DATE);
    ASSERT_EQ(type_of(&r, "price"), TEND_INT);
    reading_done(&r);
}
