#include "support/suite.h"

#include "base/rng.h"

/* First values of xoshiro256** from the state 1, 2, 3, 4, as the authors' C code gives them. */
TEST(the_generator_is_xoshiro256starstar) {
    tend_rng rng = {{1, 2, 3, 4}};
    ASSERT_TRUE(tend_rng_next(&rng) == 11520);
    ASSERT_TRUE(tend_rng_next(&rng) == 0);
    ASSERT_TRUE(tend_rng_next(&rng) == 1509978240);
    ASSERT_TRUE(tend_rng_next(&rng) == UINT64_C(1215971899390074240));
}

TEST(streams_and_seeds_are_independent) {
    tend_rng a, b, c, again;
    tend_rng_init(&a, 1, "split");
    tend_rng_init(&b, 1, "folds");
    tend_rng_init(&c, 2, "split");
    tend_rng_init(&again, 1, "split");
    uint64_t x = tend_rng_next(&a);
    ASSERT_TRUE(x == tend_rng_next(&again));
    ASSERT_TRUE(x != tend_rng_next(&b));
    ASSERT_TRUE(x != tend_rng_next(&c));
}

TEST(uniform_has_the_moments_of_the_unit_interval) {
    tend_rng rng;
    tend_rng_init(&rng, 7, "uniform");
    enum { N = 200000 };
    double sum = 0, squares = 0;
    for (int i = 0; i < N; i++) {
        double u = tend_rng_uniform(&rng);
        ASSERT_TRUE(u >= 0 && u < 1);
        sum += u;
        squares += u * u;
    }
    ASSERT_NEAR(sum / N, 0.5, 5 * 0.2887 / sqrt(N));
    ASSERT_NEAR(squares / N, 1.0 / 3, 5 * 0.2981 / sqrt(N));
}

TEST(below_is_unbiased) {
    tend_rng rng;
    tend_rng_init(&rng, 7, "below");
    enum { N = 60000, SIDES = 6 };
    int counts[SIDES] = {0};
    for (int i = 0; i < N; i++)
        counts[tend_rng_below(&rng, SIDES)]++;
    for (int i = 0; i < SIDES; i++)
        ASSERT_NEAR(counts[i], N / SIDES, 5 * sqrt(N / 6.0 * 5 / 6));
    ASSERT_EQ(tend_rng_below(&rng, 1), 0);
    /* Three quarters of the range: a plain modulo would draw the lower third twice as often, and a
     * product without rejection the multiples of three. */
    uint64_t n = UINT64_C(3) << 62;
    int low = 0, threes = 0;
    for (int i = 0; i < 18000; i++) {
        uint64_t x = tend_rng_below(&rng, n);
        low += x < n / 3;
        threes += x % 3 == 0;
    }
    ASSERT_NEAR(low, 6000, 5 * 63.2);
    ASSERT_NEAR(threes, 6000, 5 * 63.2);
}

/* From a second implementation in Python with math.log; the last bits may differ, as they do
 * between libraries. */
TEST(normal_draws_are_stable) {
    static const double want[] = {1.255930415393206, -1.1864772101368932, -1.5565480771037883, 0.1886332765302866, -0.7694301369690378};
    tend_rng rng;
    tend_rng_init(&rng, 7, "normal");
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        ASSERT_NEAR(tend_rng_normal(&rng), want[i], 1e-14);
}

TEST(normal_has_the_moments_of_the_normal_distribution) {
    tend_rng rng;
    tend_rng_init(&rng, 7, "normal");
    enum { N = 200000 };
    double m1 = 0, m2 = 0, m4 = 0;
    int beyond2 = 0;
    for (int i = 0; i < N; i++) {
        double x = tend_rng_normal(&rng);
        m1 += x;
        m2 += x * x;
        m4 += x * x * x * x;
        beyond2 += fabs(x) > 2;
    }
    ASSERT_NEAR(m1 / N, 0, 5 / sqrt(N));
    ASSERT_NEAR(m2 / N, 1, 5 * sqrt(2) / sqrt(N));
    ASSERT_NEAR(m4 / N, 3, 5 * sqrt(96) / sqrt(N));
    ASSERT_NEAR((double)beyond2 / N, 0.0455003, 5 * 0.2084 / sqrt(N)); /* 2 * (1 - Phi(2)) */
}

TEST(shuffling_keeps_the_items_and_reaches_every_order) {
    tend_rng rng;
    tend_rng_init(&rng, 7, "shuffle");
    int seen[27] = {0};
    for (int i = 0; i < 6000; i++) {
        int64_t items[3] = {0, 1, 2};
        tend_rng_shuffle(&rng, items, 3);
        ASSERT_EQ((1 << items[0]) | (1 << items[1]) | (1 << items[2]), 7);
        seen[items[0] * 9 + items[1] * 3 + items[2]]++;
    }
    int orders = 0;
    for (int i = 0; i < 27; i++) {
        orders += seen[i] > 0;
        if (seen[i])
            ASSERT_NEAR(seen[i], 1000, 5 * 28.9);
    }
    ASSERT_EQ(orders, 6);
    tend_rng_shuffle(&rng, NULL, 0);
}
