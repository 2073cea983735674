#include "support/suite.h"

#include "http/rate.h"

static int take_many(tend_rate *rate, const char *key, double now, int n) {
    int taken = 0;
    double wait;
    for (int i = 0; i < n; i++)
        taken += tend_rate_take(rate, tend_str_of(key), now, &wait);
    return taken;
}

TEST(a_burst_and_then_the_rate) {
    TEND_AUTO(tend_rate) *rate = tend_rate_new(10, 5, 100);
    double wait = 0;
    ASSERT_EQ(take_many(rate, "a", 100, 20), 5);
    ASSERT_FALSE(tend_rate_take(rate, TEND_STR("a"), 100, &wait));
    ASSERT_NEAR(wait, 0.1, 1e-9);
    ASSERT_TRUE(tend_rate_take(rate, TEND_STR("a"), 100 + wait, &wait)); /* the wait it tells is enough */
    ASSERT_EQ(wait, 0);
    ASSERT_EQ(take_many(rate, "b", 100, 20), 5);  /* others have their own */
    ASSERT_EQ(take_many(rate, "a", 1000, 20), 5); /* no more than a burst gathers */
}

TEST(over_time_no_more_than_the_rate) {
    TEND_AUTO(tend_rate) *rate = tend_rate_new(50, 3, 10);
    int taken = 0;
    for (int i = 0; i < 100000; i++) /* ten seconds, a try each 0.1 ms */
        taken += take_many(rate, "k", 5 + i * 1e-4, 1);
    ASSERT_TRUE(taken >= 500 && taken <= 503);
}

TEST(forgets_who_was_full_longest) {
    TEND_AUTO(tend_rate) *rate = tend_rate_new(1, 10, 4);
    /* "debtor" owes most, the others only pass by. */
    ASSERT_EQ(take_many(rate, "debtor", 0, 20), 10);
    for (int i = 0; i < 1000; i++) {
        char key[32];
        snprintf(key, sizeof key, "passer%d", i);
        ASSERT_EQ(take_many(rate, key, 0.0001 * i, 1), 1);
    }
    ASSERT_EQ(take_many(rate, "debtor", 0.5, 5), 0);    /* still known */
    ASSERT_EQ(take_many(rate, "passer0", 0.5, 20), 10); /* forgotten: full again */
}

TEST(behaves_as_single_buckets_would) {
    enum { KEYS = 40 };
    TEND_AUTO(tend_rate) *rate = tend_rate_new(3, 4, KEYS);
    double tokens[KEYS], last[KEYS] = {0}, now = 0;
    for (int i = 0; i < KEYS; i++)
        tokens[i] = 4;
    uint32_t state = 1;
    for (int i = 0; i < 20000; i++) {
        state = state * 1664525u + 1013904223u; /* Numerical Recipes' generator */
        now += (state >> 20) * 1e-6;
        int key = (int)((state >> 8) % KEYS);
        double gained = tokens[key] + (now - last[key]) * 3;
        tokens[key] = gained > 4 ? 4 : gained;
        last[key] = now;
        char name[16];
        snprintf(name, sizeof name, "%d", key);
        double wait;
        bool may = tend_rate_take(rate, tend_str_of(name), now, &wait);
        if (fabs(tokens[key] - 1) > 1e-6)
            ASSERT_EQ(may, tokens[key] >= 1);
        tokens[key] -= may;
    }
}
