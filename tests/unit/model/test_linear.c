#include "model/linear.h"

#include "support/suite.h"

static tend_linear *example(void) {
    tend_linear *linear = tend_linear_new(3, 2);
    double weight[6] = {1, 2, 3, -1, 0.5, 0}, fill[3] = {10, 20, 30};
    memcpy(linear->weight, weight, sizeof weight);
    memcpy(linear->fill, fill, sizeof fill);
    linear->bias[0] = 0.25;
    linear->bias[1] = -0.5;
    return linear;
}

TEST(margins_are_weighted_sums_with_fills) {
    TEND_AUTO(tend_linear) *linear = example();
    float x[6] = {1, 1, 1, NAN, 2, NAN}, out[4];
    tend_linear_margins(linear, x, 2, out);
    ASSERT_TRUE(out[0] == 6.25f);
    ASSERT_TRUE(out[1] == -1.0f);
    ASSERT_TRUE(out[2] == 104.25f); /* 0.25 + 10 + 4 + 90 */
    ASSERT_TRUE(out[3] == -9.5f);   /* -0.5 - 10 + 1 */
}

TEST(saved_and_loaded_is_the_same_bytes_again) {
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO(tend_linear) *linear = example();
    TEND_AUTO_BUF first = TEND_BUF_INIT, second = TEND_BUF_INIT;
    tend_linear_save(linear, &first);
    tend_linear *again = NULL;
    ASSERT_OK(tend_linear_load(first.data, first.size, &again, &err), &err);
    tend_linear_save(again, &second);
    ASSERT_EQ(first.size, second.size);
    ASSERT_MEM_EQ(first.data, second.data, first.size);
    tend_linear_free(again);
}

TEST(every_wrong_length_is_refused) {
    TEND_AUTO(tend_linear) *linear = example();
    TEND_AUTO_BUF saved = TEND_BUF_INIT;
    tend_linear_save(linear, &saved);
    for (size_t size = 0; size <= saved.size + 8; size++) {
        if (size == saved.size)
            continue;
        char *copy = calloc(1, size + 1);
        memcpy(copy, saved.data, size < saved.size ? size : saved.size);
        tend_error err = TEND_ERROR_INIT;
        tend_linear *out = NULL;
        ASSERT_FAILS(tend_linear_load(copy, size, &out, &err), &err, CORRUPT, "linear predictor");
        free(copy);
    }
}

TEST(a_weight_that_is_not_finite_is_refused) {
    TEND_AUTO(tend_linear) *linear = example();
    linear->weight[4] = (double)NAN;
    TEND_AUTO_BUF saved = TEND_BUF_INIT;
    tend_linear_save(linear, &saved);
    tend_error err = TEND_ERROR_INIT;
    tend_linear *out = NULL;
    ASSERT_FAILS(tend_linear_load(saved.data, saved.size, &out, &err), &err, CORRUPT, "not finite");
}

TEST(a_model_without_features_is_its_bias) {
    TEND_AUTO(tend_linear) *linear = tend_linear_new(0, 1);
    linear->bias[0] = 7;
    float out[2], none = 0;
    tend_linear_margins(linear, &none, 2, out);
    ASSERT_TRUE(out[0] == 7.0f && out[1] == 7.0f);
}
