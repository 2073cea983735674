#include "model/model.h"

#include "support/suite.h"

static tend_predictor *linear_of(int n_features, int n_groups, tend_link link) {
    tend_linear *linear = tend_linear_new(n_features, n_groups);
    for (int g = 0; g < n_groups; g++)
        linear->bias[g] = 0.5 * g - 0.25;
    for (int i = 0; i < n_features * n_groups; i++)
        linear->weight[i] = 1.0 / (i + 2);
    return tend_predictor_of_linear(linear, link);
}

static void scores_of(tend_link link, int n_groups, const float *margins, double *out) {
    tend_predictor shape = {.link = link, .n_groups = n_groups};
    tend_predictor_scores(&shape, margins, 1, out);
}

TEST(each_link_gives_what_it_says) {
    double out[3];
    scores_of(TEND_LINK_IDENTITY, 1, (float[]){-3.5F}, out);
    ASSERT_TRUE(out[0] == -3.5);
    scores_of(TEND_LINK_LOGISTIC, 1, (float[]){0}, out);
    ASSERT_TRUE(out[0] == 0.5);
    scores_of(TEND_LINK_EXP, 1, (float[]){0}, out);
    ASSERT_TRUE(out[0] == 1.0);
    scores_of(TEND_LINK_SOFTMAX, 3, (float[]){1, 1, 1}, out);
    ASSERT_NEAR(out[0] + out[1] + out[2], 1, 1e-15);
    ASSERT_TRUE(out[0] == out[2]);
}

TEST(probabilities_are_cut_and_sum_to_one) {
    double out[3];
    scores_of(TEND_LINK_PROBABILITY, 1, (float[]){-1e-7F}, out);
    ASSERT_TRUE(out[0] == 0);
    scores_of(TEND_LINK_PROBABILITY, 1, (float[]){1.0000001F}, out);
    ASSERT_TRUE(out[0] == 1);
    scores_of(TEND_LINK_PROBABILITY, 3, (float[]){-0.5F, 0.5F, 1.5F}, out);
    ASSERT_TRUE(out[0] == 0);
    ASSERT_NEAR(out[1], 1.0 / 3, 1e-15);
    ASSERT_NEAR(out[2], 2.0 / 3, 1e-15);
    scores_of(TEND_LINK_PROBABILITY, 3, (float[]){0, -1, 0}, out);
    ASSERT_NEAR(out[1], 1.0 / 3, 1e-15); /* nothing is known */
}

TEST(what_is_saved_predicts_the_same) {
    TEND_AUTO(tend_predictor) *before = linear_of(4, 3, TEND_LINK_SOFTMAX);
    TEND_AUTO_BUF saved = TEND_BUF_INIT, again = TEND_BUF_INIT;
    tend_predictor_save(before, &saved);
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO(tend_predictor) *after = NULL;
    ASSERT_OK(tend_predictor_load(saved.data, saved.size, &after, &err), &err);
    float x[8] = {1, 2, NAN, 4, -1, 0, 5, 1e6F}, a[6], b[6];
    tend_predictor_margins(before, x, 2, a);
    tend_predictor_margins(after, x, 2, b);
    ASSERT_MEM_EQ(a, b, sizeof a);
    ASSERT_EQ(after->link, TEND_LINK_SOFTMAX);
    ASSERT_EQ(after->n_features, 4);
    tend_predictor_save(after, &again);
    ASSERT_EQ(saved.size, again.size);
    ASSERT_MEM_EQ(saved.data, again.data, saved.size);
}

TEST(what_is_no_predictor_is_refused) {
    TEND_AUTO(tend_predictor) *p = linear_of(2, 1, TEND_LINK_IDENTITY);
    TEND_AUTO_BUF saved = TEND_BUF_INIT;
    tend_predictor_save(p, &saved);
    tend_predictor *out = NULL;
    tend_error err = TEND_ERROR_INIT;
    for (size_t size = 0; size < saved.size; size++) {
        char *copy = malloc(size + 1);
        memcpy(copy, saved.data, size);
        ASSERT_FAILS(tend_predictor_load(copy, size, &out, &err), &err, CORRUPT, "predictor");
        free(copy);
    }
    static const size_t places[] = {0, 3, 4, 7, 8, 40, 63};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        saved.data[places[i]] = (char)(saved.data[places[i]] ^ 0x40);
        ASSERT_FAILS(tend_predictor_load(saved.data, saved.size, &out, &err), &err, CORRUPT, "predictor");
        saved.data[places[i]] = (char)(saved.data[places[i]] ^ 0x40);
    }
}
