#include "model/link.h"

#include "base/rng.h"
#include "support/suite.h"

/* Units in the last place between a double and the true value in long double (64-bit mantissa on
 * x86). */
static double ulps(double got, long double want) {
    int exponent = 0;
    (void)frexpl(want, &exponent);
    return fabs((double)(((long double)got - want) / ldexpl(1.0L, exponent - 53)));
}

TEST(exp_is_within_one_ulp) {
    tend_rng rng;
    tend_rng_init(&rng, 1, "exp");
    double worst = 0;
    for (int i = 0; i < 1000000; i++) {
        double wide = tend_rng_uniform(&rng) * 1416 - 707, near = tend_rng_uniform(&rng) * 4 - 2;
        worst = fmax(worst, ulps(tend_exp(wide), expl((long double)wide)));
        worst = fmax(worst, ulps(tend_exp(near), expl((long double)near)));
    }
    ASSERT_TRUE(worst < 1.0);
    ASSERT_TRUE(worst > 0.4); /* a test that compared nothing would find 0 */
}

TEST(exp_at_its_edges) {
    ASSERT_TRUE(tend_exp(0.0) == 1.0);
    ASSERT_NEAR(tend_exp(1.0), 0x1.5bf0a8b145769p+1, 4.5e-16); /* e */
    ASSERT_TRUE(tend_exp((double)INFINITY) == (double)INFINITY);
    ASSERT_TRUE(tend_exp(-(double)INFINITY) == 0.0);
    ASSERT_TRUE(isnan(tend_exp((double)NAN)));
    ASSERT_TRUE(tend_exp(709.78) < (double)INFINITY);
    ASSERT_TRUE(tend_exp(709.79) == (double)INFINITY);
    ASSERT_TRUE(tend_exp(-745.13) == 0x1p-1074); /* the smallest positive number */
    ASSERT_TRUE(tend_exp(-746.0) == 0.0);
    ASSERT_NEAR(tend_exp(-720.0) / 0x1p-1040, exp(-720.0) / 0x1p-1040, 1e-6);
}

TEST(logistic_is_stable_on_both_sides) {
    ASSERT_TRUE(tend_logistic(0) == 0.5);
    ASSERT_TRUE(tend_logistic(1000) == 1.0);
    ASSERT_TRUE(tend_logistic(-1000) == 0.0);
    ASSERT_TRUE(tend_logistic(-40) > 0);
    ASSERT_NEAR(tend_logistic(-40) / 4.248354255291589e-18, 1.0, 1e-14); /* scipy.special.expit(-40) */
    ASSERT_NEAR(tend_logistic(2.5), 0.9241418199787566, 2e-16);          /* scipy.special.expit(2.5) */
    for (double x = 0; x < 30; x += 0.37)
        ASSERT_NEAR(tend_logistic(x) + tend_logistic(-x), 1.0, 3e-16);
}

TEST(softmax_sums_to_one_whatever_the_size) {
    double x[3] = {1000, 1001, 999}, y[3] = {-1000, -999, -1001};
    tend_softmax(x, 3);
    tend_softmax(y, 3);
    /* scipy.special.softmax([0, 1, -1]) */
    double want[3] = {0.24472847105479767, 0.6652409557748219, 0.09003057317038046};
    for (int i = 0; i < 3; i++) {
        ASSERT_NEAR(x[i], want[i], 2e-16);
        ASSERT_TRUE(x[i] == y[i]);
    }
    double one[1] = {5};
    tend_softmax(one, 1);
    ASSERT_TRUE(one[0] == 1.0);
}
