/* Real tables, when the shared data are there. */
#include "unit/feature/feature_case.h"

#include "data/reader.h"

static tend_table *read_shared(tend_arena *arena, const char *relative) {
    const char *path = suite_shared(relative);
    if (!path)
        SKIP();
    static const tend_format *const formats[] = {&tend_format_csv, NULL};
    tend_bad_rows bad;
    tend_bad_rows_init(&bad, arena);
    tend_read_options options = TEND_READ_OPTIONS_INIT;
    tend_table *table = NULL;
    tend_node *notes = NULL;
    tend_error err = TEND_ERROR_INIT;
    ASSERT_OK(tend_read_file(formats, path, &options, arena, &bad, &table, &notes, &err), &err);
    return table;
}

/* TfidfVectorizer(stop_words="english", max_features=30) of scikit-learn 1.9.1 on the names of the
 * rows whose number is no multiple of 5 (a missing name as ""): the same thirty terms. */
TEST(rental_names_have_the_terms_of_scikit_learn) {
    static const char *const terms[] = {"apartment", "apt",    "beautiful", "bed",     "bedroom", "bright",      "brooklyn", "central",
                                        "cozy",      "east",   "heart",     "home",    "large",   "location",    "loft",     "luxury",
                                        "manhattan", "modern", "near",      "new",     "nyc",     "park",        "private",  "room",
                                        "spacious",  "studio", "sunny",     "village", "west",    "williamsburg"};
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = read_shared(arena, "nyc-airbnb/sample1.csv.gz");
    const char *yaml = "name: [{impute: {value: \"\"}}, {tfidf: {max_features: 30}}]\n"
                       "last_review: [{impute: 2010-01-01}, age]\nrest: drop\n";
    tend_pipeline_options options = case_options(arena, table, yaml, NULL);
    int64_t *rows = TEND_ARRAY(arena, int64_t, table->n_rows), n = 0;
    for (int64_t i = 0; i < table->n_rows; i++)
        if (i % 5)
            rows[n++] = i;
    options.rows = rows;
    options.n_rows = n;
    tend_pipeline *p = case_fit_with(arena, table, &options);
    ASSERT_EQ(tend_pipeline_width(p), 31);
    char name[64];
    for (int t = 0; t < 30; t++) {
        snprintf(name, sizeof name, "name:tfidf(%s)", terms[t]);
        ASSERT_STR_EQ(tend_pipeline_outputs(p)[t].name, name);
    }
    float *x = case_apply(arena, p, table);
    int age = case_output(p, "last_review:age");
    ASSERT_NEAR(x[age], 43, 0); /* row 0: 2019-05-26; the newest date is 2019-07-08 */
}

/* With nothing declared: eight categories, six numbers, nothing dropped; "?" is a level like others.
 * The levels of each category are those of known-answers/p3_census.json. */
TEST(census_is_inferred) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table = read_shared(arena, "census/census.csv.gz");
    tend_pipeline_options options = case_options(arena, table, NULL, NULL);
    options.target = "salary";
    tend_pipeline *p = case_fit_with(arena, table, &options);
    ASSERT_EQ(tend_pipeline_n_inputs(p), 14);
    tend_node *node = tend_pipeline_to_node(p, arena);
    ASSERT_EQ(tend_node_get(node, "features")->count, 14);
    ASSERT_EQ(tend_node_get(node, "dropped")->count, 0);
    case_output(p, "education=Bachelors");
    case_output(p, "race=White");
    int pooled = 0, sexes = 0;
    for (int i = 0; i < tend_pipeline_width(p); i++) {
        pooled += strstr(tend_pipeline_outputs(p)[i].name, "=(rare)") != NULL;
        sexes += strncmp(tend_pipeline_outputs(p)[i].name, "sex=", 4) == 0;
    }
    ASSERT_EQ(sexes, 2);
    ASSERT_EQ(pooled, 3); /* workclass, occupation, native-country have levels with fewer than 10 rows */
}
