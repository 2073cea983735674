/* Reference values: Python 3.11's math module (glibc, correctly rounded within one unit). */
#include "feature/numeric.h"
#include "support/suite.h"

#include <math.h>

TEST(logarithm_is_that_of_the_library) {
    static const double x[] = {2, 0.1, 10, 1e-300, 1e300, 0.7071, 1.4143, 3.5, 1, 5e-324};
    static const double want[] = {0.6931471805599453,  -2.3025850929940455, 2.302585092994046,
                                  -690.7755278982137,  690.7755278982137,   -0.346583180371942,
                                  0.34663470904431704, 1.252762968495368,   0,
                                  -744.4400719213812};
    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        ASSERT_NEAR(tend_log_exact(x[i]), want[i], fabs(want[i]) * 4.5e-16);
    ASSERT_TRUE(isnan(tend_log_exact(-1)));
    ASSERT_TRUE(isinf(tend_log_exact(0)) && tend_log_exact(0) < 0);
}

TEST(log1p_keeps_small_numbers) {
    ASSERT_NEAR(tend_log1p_exact(1e-10), 9.999999999500001e-11, 1e-25);
    ASSERT_NEAR(tend_log1p_exact(0.5), 0.4054651081081644, 1e-16);
    ASSERT_NEAR(tend_log1p_exact(-0.5), -0.6931471805599453, 2e-16);
    ASSERT_NEAR(tend_log1p_exact(1e10), 23.025850930040455, 4e-15);
    ASSERT_TRUE(tend_log1p_exact(1e-300) == 1e-300);
    ASSERT_TRUE(isinf(tend_log1p_exact((double)INFINITY)));
}

TEST(sine_and_cosine_of_turns) {
    static const struct {
        int k, period;
        double sine, cosine;
    } cases[] = {{1, 12, 0.49999999999999994, 0.8660254037844387},
                 {5, 12, 0.49999999999999994, -0.8660254037844387},
                 {6, 7, -0.7818314824680299, 0.6234898018587334},
                 {23, 24, -0.25881904510252157, 0.9659258262890681},
                 {3, 7, 0.43388373911755823, -0.900968867902419},
                 {0, 5, 0, 1},
                 {1, 2, 0, -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double sine, cosine;
        tend_sin_cos_turn((double)cases[i].k / cases[i].period, &sine, &cosine);
        ASSERT_NEAR(sine, cases[i].sine, 1e-14);
        ASSERT_NEAR(cosine, cases[i].cosine, 1e-14);
    }
}

TEST(quantiles_interpolate_as_numpy_does) { /* numpy.quantile([1, 2, 4, 8], q) */
    static const double sorted[] = {1, 2, 4, 8};
    ASSERT_NEAR(tend_sorted_quantile(sorted, 4, 0), 1, 0);
    ASSERT_NEAR(tend_sorted_quantile(sorted, 4, 0.25), 1.75, 1e-15);
    ASSERT_NEAR(tend_sorted_quantile(sorted, 4, 0.5), 3, 1e-15);
    ASSERT_NEAR(tend_sorted_quantile(sorted, 4, 0.9), 6.8, 1e-15);
    ASSERT_NEAR(tend_sorted_quantile(sorted, 4, 1), 8, 0);
    ASSERT_NEAR(tend_sorted_quantile(sorted, 1, 0.3), 1, 0);
}
