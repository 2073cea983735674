/* The Kolmogorov-Smirnov test against scipy 1.17.1 (ks_2samp, kstwo.sf; values as printed by repr). */
#include "stats/ks.h"

#include "base/rng.h"
#include "support/suite.h"

static const double x7[] = {1, 2, 2, 3, 5, 8, 13}, y6[] = {2, 3, 4, 4, 9, 20};

TEST(a_small_case_with_ties) {
    tend_ks_test t = tend_ks_2samp(x7, 7, y6, 6, TEND_KS_AUTO);
    ASSERT_NEAR(t.statistic, 0.2619047619047619, 1e-15);
    ASSERT_NEAR(t.p, 0.9254079254079255, 1e-13);
    ASSERT_NEAR(t.location, 2, 0);
    ASSERT_NEAR(tend_ks_2samp(x7, 7, y6, 6, TEND_KS_ASYMPTOTIC).p, 0.9585357952704892, 1e-12);
}

TEST(exact_p_values) {
    static const struct {
        double d;
        size_t nx, ny;
        double p, relative;
    } cases[] = {
        {0.5, 4, 6, 0.5523809523809524, 1e-13},       {1.0, 5, 5, 0.007936507936507936, 1e-13},
        {0.3, 20, 20, 0.33559098126008213, 1e-12},    {0.2, 50, 70, 0.16898185316263306, 1e-12},
        {0.1, 400, 500, 0.021943929144191892, 1e-11}, {0.5, 100, 100, 1.0024645454361508e-11, 1e-12},
        {0.04, 1000, 900, 0.4216285367828574, 1e-11},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ASSERT_NEAR(tend_ks_exact_p(cases[i].d, cases[i].nx, cases[i].ny), cases[i].p, cases[i].p * cases[i].relative);
        ASSERT_NEAR(tend_ks_exact_p(cases[i].d, cases[i].ny, cases[i].nx), cases[i].p, cases[i].p * cases[i].relative);
    }
    ASSERT_NEAR(tend_ks_exact_p(0, 5, 5), 1, 0);
}

/* With n equal values on each side and D = 1 only two of the C(2n, n) orders qualify. */
TEST(the_exact_tail_keeps_its_digits) { ASSERT_NEAR(tend_ks_exact_p(1, 20, 20) * 137846528820.0 / 2, 1, 1e-12); }

TEST(one_sample_tail) {
    static const double cases[][3] = {
        {0.5, 1, 1.0},
        {0.6, 3, 0.14400000000000004},
        {0.2, 10, 0.7487190399999999},
        {0.1, 50, 0.6623112704658186},
        {0.3, 50, 0.00017353260202718738},
        {0.05, 100, 0.9532159710635725},
        {0.02, 332, 0.9990517658276123},
        {0.0110770532607766, 332, 0.9999999999914502},
        {0.06, 332, 0.17582535871496718},
        {0.1, 332, 0.0024197951624916445},
        {0.326863, 332, 4.35698544582502e-32},
        {0.01, 2000, 0.9871373661366796},
        {0.02, 2000, 0.3953133626892045},
        {0.03, 2000, 0.05354694793932557},
        {0.004, 20000, 0.9048968240702959},
        {0.008, 20000, 0.15371596723031855},
        {0.002, 500000, 0.036582179671620585},
        {0.9, 20, 2.0006866455078037e-20},
        {0.15, 139, 0.0033999069984010214},
        {0.15, 141, 0.0031058623613645147},
    };
    /* scipy takes Pelz & Good's series where this takes the exact matrix: they part in the seventh digit */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ASSERT_NEAR(tend_ks_one_sample_sf(cases[i][0], cases[i][1]), cases[i][2], cases[i][2] * 3e-6);
}

TEST(the_tail_falls_with_d_across_all_methods) {
    static const double sizes[] = {2, 9, 100, 141, 400, 3000, 150000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        double last = 1;
        for (double z = 0.2; z < 4; z += 0.01) {
            double p = tend_ks_one_sample_sf(z / sqrt(sizes[i]), sizes[i]);
            ASSERT_TRUE(p <= last + 1e-6 && p >= 0);
            last = p;
        }
    }
}

TEST(equal_samples_differ_by_nothing_and_separate_ones_by_all) {
    double x[] = {3, 1, 2}, y[] = {30, 10, 20, NAN};
    ASSERT_NEAR(tend_ks_2samp(x, 3, x, 3, TEND_KS_AUTO).statistic, 0, 0);
    ASSERT_NEAR(tend_ks_2samp(x, 3, x, 3, TEND_KS_AUTO).p, 1, 0);
    ASSERT_NEAR(tend_ks_2samp(x, 3, y, 4, TEND_KS_AUTO).statistic, 1, 0);
    ASSERT_NEAR(tend_ks_2samp(x, 3, y, 4, TEND_KS_AUTO).p, 0.1, 1e-14); /* 2 / C(6, 3) */
}

TEST(empty_samples_have_no_statistic) {
    double x[] = {1, NAN};
    tend_ks_test t = tend_ks_2samp(x, 1, x + 1, 1, TEND_KS_AUTO);
    ASSERT_TRUE(isnan(t.statistic) && isnan(t.p));
    ASSERT_TRUE(isnan(tend_ks_one_sample_sf(NAN, 5)) && isnan(tend_ks_one_sample_sf(0.1, 0)));
}

/* Under the null the p-value is uniform, up to the steps of its discrete distribution. */
TEST(p_values_are_calibrated) {
    tend_rng rng;
    tend_rng_init(&rng, 7, "ks");
    int below = 0;
    for (int round = 0; round < 400; round++) {
        double x[60], y[80];
        for (int i = 0; i < 60; i++)
            x[i] = tend_rng_uniform(&rng);
        for (int i = 0; i < 80; i++)
            y[i] = tend_rng_uniform(&rng);
        below += tend_ks_2samp(x, 60, y, 80, TEND_KS_EXACT).p <= 0.1;
    }
    ASSERT_NEAR(below, 40, 18); /* sd 6 */
}
