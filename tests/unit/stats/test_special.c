/* Special functions and distributions against scipy 1.17.1 (scipy.special, scipy.stats; the values stand as printed by repr). */
#include "stats/special.h"

#include "support/suite.h"

static void assert_close(double got, double want, double relative) { ASSERT_NEAR(got, want, fabs(want) * relative + 1e-300); }

TEST(incomplete_gamma) {
    static const double cases[][4] = {
        {0.5, 0.1, 0.34527915398142317, 0.6547208460185768},
        {0.5, 2, 0.9544997361036415, 0.04550026389635857},
        {1, 1, 0.6321205588285577, 0.36787944117144245},
        {3, 1.5, 0.19115316946194183, 0.8088468305380582},
        {10, 3, 0.0011024881301154815, 0.9988975118698845},
        {10, 30, 0.9999928782491372, 7.121750862815593e-06},
        {100, 100, 0.5132987982791487, 0.48670120172085135},
        {1000, 900, 0.0005499022657117818, 0.9994500977342882},
        {100000.0, 100300.0, 0.8286363112512075, 0.17136368874879243},
        {0.0001, 0.001, 0.999367038254167, 0.0006329617458344913},
        {2.5, 60, 1.0, 3.1385797727553017e-24},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_close(tend_gamma_p(cases[i][0], cases[i][1]), cases[i][2], 2e-12);
        assert_close(tend_gamma_q(cases[i][0], cases[i][1]), cases[i][3], 1e-11);
    }
    ASSERT_NEAR(tend_gamma_p(2, 0), 0, 0);
    ASSERT_NEAR(tend_gamma_q(2, 0), 1, 0);
    ASSERT_NEAR(tend_gamma_q(2, INFINITY), 0, 0);
    ASSERT_TRUE(isnan(tend_gamma_p(0, 1)) && isnan(tend_gamma_p(1, -1)) && isnan(tend_gamma_p(NAN, 1)) && isnan(tend_gamma_q(1, NAN)));
}

TEST(incomplete_beta) {
    static const double cases[][4] = {
        {0.5, 0.5, 0.3, 0.36901011956554536},
        {2, 3, 0.4, 0.5247999999999999},
        {10, 0.5, 0.99, 0.6579281751567845},
        {50, 60, 0.4, 0.12470685834310022},
        {1000, 2000, 0.3, 4.0738279160507626e-05},
        {0.1, 5, 0.001, 0.6128983593749946},
        {1, 1, 0.25, 0.25},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_close(tend_beta_i(cases[i][0], cases[i][1], cases[i][2]), cases[i][3], 1e-11);
        ASSERT_NEAR(tend_beta_i(cases[i][1], cases[i][0], 1 - cases[i][2]), 1 - cases[i][3], 1e-13); /* I_x(a,b) = 1 - I_1-x(b,a) */
    }
    ASSERT_NEAR(tend_beta_i(2, 3, 0), 0, 0);
    ASSERT_NEAR(tend_beta_i(2, 3, 1), 1, 0);
    ASSERT_TRUE(isnan(tend_beta_i(-1, 3, 0.5)) && isnan(tend_beta_i(1, 3, 1.5)) && isnan(tend_beta_i(1, 3, NAN)));
}

TEST(the_normal) {
    static const double quantiles[][2] = {
        {1e-300, -37.0470962993612},  {1e-20, -9.262340089798409}, {1e-06, -4.753424308822899},
        {0.025, -1.9599639845400545}, {0.3, -0.5244005127080409},  {0.5, 0.0},
        {0.9, 1.2815515655446004},    {0.975, 1.959963984540054},  {0.999999999, 5.997807019601637},
    };
    static const double cdf[][2] = {{-10, 7.61985302416047e-24}, {-1.96, 0.024997895148220435}, {0, 0.5},
                                    {1, 0.8413447460685429},     {3, 0.9986501019683699},       {8, 0.9999999999999993}};
    for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++)
        assert_close(tend_normal_quantile(quantiles[i][0]), quantiles[i][1], 1e-13);
    for (size_t i = 0; i < sizeof cdf / sizeof cdf[0]; i++)
        assert_close(tend_normal_cdf(cdf[i][0]), cdf[i][1], 1e-13);
    ASSERT_TRUE(isinf(tend_normal_quantile(0)) && isinf(tend_normal_quantile(1)));
    ASSERT_TRUE(isnan(tend_normal_quantile(-0.1)) && isnan(tend_normal_quantile(NAN)) && isnan(tend_normal_cdf(NAN)));
}

TEST(students_t) {
    static const double cases[][4] = {
        {0, 1, 0.5, 0.5},
        {1, 1, 0.75, 0.25000000000000006},
        {2.5, 3, 0.9561466764959672, 0.04385332350403278},
        {-1.7, 10.5, 0.05925891291005722, 0.9407410870899428},
        {12, 4, 0.9998617857257485, 0.0001382142742514865},
        {1.96, 1000000.0, 0.9750019662073651, 0.024998033792634926},
        {40, 30, 1.0, 6.863022597203209e-28},
    };
    static const double quantiles[][3] = {{0.975, 1, 12.706204736174694},
                                          {0.975, 10, 2.228138851986274},
                                          {0.01, 3, -4.5407028585681335},
                                          {0.9999, 2.5, 34.867969321116306},
                                          {1e-10, 30, -9.377489780407144}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_close(tend_t_cdf(cases[i][0], cases[i][1]), cases[i][2], 1e-11);
        assert_close(tend_t_sf(cases[i][0], cases[i][1]), cases[i][3], 1e-11);
    }
    for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++)
        assert_close(tend_t_quantile(quantiles[i][0], quantiles[i][1]), quantiles[i][2], 1e-10);
    ASSERT_TRUE(isnan(tend_t_cdf(1, 0)) && isnan(tend_t_cdf(NAN, 3)) && isnan(tend_t_quantile(2, 3)));
    ASSERT_NEAR(tend_t_quantile(0.5, 7), 0, 0);
}

TEST(chi_square) {
    static const double cases[][4] = {
        {3.84, 1, 0.9499564787512949, 0.05004352124870519}, {0.5, 2, 0.22119921692859512, 0.7788007830714049},
        {100, 80, 0.935429631078867, 0.064570368921133},    {1000, 100, 1.0, 2.3060767380354624e-148},
        {5, 0.5, 0.99078625152046, 0.009213748479540037},
    };
    static const double quantiles[][3] = {
        {0.95, 1, 3.841458820694124}, {0.95, 10, 18.307038053275146}, {0.001, 5, 0.2102126026292192}, {0.999999, 200, 309.83809198992293}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_close(tend_chi2_cdf(cases[i][0], cases[i][1]), cases[i][2], 1e-12);
        assert_close(tend_chi2_sf(cases[i][0], cases[i][1]), cases[i][3], 1e-11);
    }
    for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++)
        assert_close(tend_chi2_quantile(quantiles[i][0], quantiles[i][1]), quantiles[i][2], 1e-10);
    ASSERT_NEAR(tend_chi2_sf(-1, 3), 1, 0);
    ASSERT_NEAR(tend_chi2_cdf(-1, 3), 0, 0);
    ASSERT_TRUE(isnan(tend_chi2_sf(1, 0)));
}

TEST(quantiles_undo_distribution_functions) {
    for (double p = 0.001; p < 1; p += 0.037) {
        assert_close(tend_normal_cdf(tend_normal_quantile(p)), p, 1e-13);
        for (double df = 0.5; df < 300; df *= 3) {
            assert_close(tend_chi2_cdf(tend_chi2_quantile(p, df), df), p, 1e-11);
            assert_close(tend_t_cdf(tend_t_quantile(p, df), df), p, 1e-11);
        }
    }
}
