/* Sketches: KLL, HyperLogLog, frequent items, moments, histogram. Exact while small, within their stated errors when large, mergeable,
 * deterministic, and safe against broken bytes. */
#include "base/hash.h"
#include "base/rng.h"
#include "stats/histogram.h"
#include "stats/hll.h"
#include "stats/kll.h"
#include "stats/moments.h"
#include "stats/sort.h"
#include "stats/topk.h"
#include "support/suite.h"

/* ---- streams ---- */

typedef double (*stream)(tend_rng *rng, int64_t i, int64_t n);
static double uniform(tend_rng *rng, int64_t i, int64_t n) { return (void)i, (void)n, tend_rng_uniform(rng); }
static double skewed(tend_rng *rng, int64_t i, int64_t n) { return (void)i, (void)n, exp(3 * tend_rng_normal(rng)); }
static double rising(tend_rng *rng, int64_t i, int64_t n) { return (void)rng, (void)n, (double)i; }
static double falling(tend_rng *rng, int64_t i, int64_t n) { return (void)rng, (double)(n - i); }
static double sawtooth(tend_rng *rng, int64_t i, int64_t n) { return (void)rng, (void)n, (double)(i % 1024); }
static double lumps(tend_rng *rng, int64_t i, int64_t n) { return (void)i, (void)n, (double)tend_rng_below(rng, 7); }
static const stream streams[] = {uniform, skewed, rising, falling, sawtooth, lumps};
enum { N_STREAMS = sizeof streams / sizeof streams[0] };

static double *fill(stream s, int64_t n, uint64_t seed) {
    tend_rng rng;
    double *values = malloc((size_t)n * sizeof *values);
    tend_rng_init(&rng, seed, "test");
    for (int64_t i = 0; i < n; i++)
        values[i] = s(&rng, i, n);
    return values;
}

/* The largest distance between the share of values <= v, true and sketched, over 99 quantiles. */
static double rank_error(const tend_kll *kll, const double *sorted, size_t n) {
    double worst = 0;
    for (int i = 1; i < 100; i++) {
        double v = sorted[n * (size_t)i / 100];
        size_t at = n * (size_t)i / 100, end = at;
        while (end < n && sorted[end] == v)
            end++;
        worst = fmax(worst, fabs(tend_kll_rank(kll, v) - (double)end / (double)n));
    }
    return worst;
}

/* ---- KLL ---- */

TEST(kll_is_exact_while_small) {
    static const double q[] = {0, 0.01, 0.25, 0.5, 0.77, 1};
    double *values = fill(uniform, 4096, 1), *sorted = malloc(4096 * sizeof *sorted);
    for (size_t n = 1; n <= 4096; n = n * 3 + 1) {
        tend_kll *kll = tend_kll_new();
        double got[6];
        tend_kll_add(kll, values, n);
        memcpy(sorted, values, n * sizeof *sorted);
        tend_sort_doubles(sorted, n);
        tend_kll_quantiles(kll, q, 6, got);
        for (int i = 0; i < 6; i++)
            ASSERT_NEAR(got[i], tend_quantile_sorted(sorted, n, q[i]), 0);
        ASSERT_TRUE(tend_kll_is_exact(kll));
        tend_kll_free(kll);
    }
    free(values);
    free(sorted);
}

TEST(kll_rank_error_is_below_one_percent) {
    static const int64_t sizes[] = {5000, 50000, 600000};
    for (int s = 0; s < N_STREAMS; s++)
        for (int k = 0; k < 3; k++) {
            double *values = fill(streams[s], sizes[k], 3);
            tend_kll *kll = tend_kll_new();
            tend_kll_add(kll, values, (size_t)sizes[k]);
            tend_sort_doubles(values, (size_t)sizes[k]);
            ASSERT_FALSE(tend_kll_is_exact(kll));
            ASSERT_EQ(tend_kll_count(kll), sizes[k]);
            ASSERT_TRUE(rank_error(kll, values, (size_t)sizes[k]) < 0.01);
            ASSERT_NEAR(tend_kll_quantile(kll, 0), values[0], 0);
            ASSERT_NEAR(tend_kll_quantile(kll, 1), values[sizes[k] - 1], 0);
            tend_kll_free(kll);
            free(values);
        }
}

TEST(kll_merges_keep_the_error) {
    enum { PARTS = 37, EACH = 9001, N = PARTS * EACH };
    double *values = fill(skewed, N, 5);
    tend_kll *all = tend_kll_new();
    for (int i = 0; i < PARTS; i++) {
        tend_kll *part = tend_kll_new();
        tend_kll_add(part, values + i * EACH, (size_t)(i % 3 ? EACH : 100)); /* some exact, some not */
        tend_kll_add(part, values + i * EACH + (i % 3 ? EACH : 100), (size_t)(i % 3 ? 0 : EACH - 100));
        tend_kll_merge(all, part);
        tend_kll_free(part);
    }
    tend_sort_doubles(values, N);
    ASSERT_EQ(tend_kll_count(all), N);
    ASSERT_TRUE(rank_error(all, values, N) < 0.01);
    tend_kll_add(all, values, N);
    ASSERT_TRUE(rank_error(all, values, N) < 0.01); /* the same values again: the same ranks */
    tend_kll_free(all);
    free(values);
}

TEST(kll_small_merges_stay_exact) {
    double a[] = {5, 1, 4}, b[] = {2, 3};
    tend_kll *x = tend_kll_new(), *y = tend_kll_new();
    tend_kll_add(x, a, 3);
    tend_kll_add(y, b, 2);
    tend_kll_merge(x, y);
    ASSERT_TRUE(tend_kll_is_exact(x));
    ASSERT_NEAR(tend_kll_quantile(x, 0.5), 3, 0);
    ASSERT_NEAR(tend_kll_rank(x, 3.5), 0.6, 1e-15);
    tend_kll_free(x);
    tend_kll_free(y);
}

static void kll_bytes(const tend_kll *kll, tend_buf *out) {
    tend_buf_clear(out);
    tend_kll_save(kll, out);
}

TEST(kll_does_not_depend_on_how_calls_are_split) {
    enum { N = 700000 };
    double *values = fill(uniform, N, 9);
    tend_kll *whole = tend_kll_new(), *parts = tend_kll_new();
    TEND_AUTO_BUF a = TEND_BUF_INIT, b = TEND_BUF_INIT;
    tend_kll_add(whole, values, N);
    for (size_t i = 0, step = 1; i < N; i += step, step = step * 2 % 10007 + 1)
        tend_kll_add(parts, values + i, i + step < N ? step : N - i);
    kll_bytes(whole, &a);
    kll_bytes(parts, &b);
    ASSERT_EQ(a.size, b.size);
    ASSERT_MEM_EQ(a.data, b.data, a.size);
    ASSERT_TRUE(a.size < 16000);
    tend_kll_free(whole);
    tend_kll_free(parts);
    free(values);
}

TEST(kll_goes_on_after_a_reload) {
    enum { N = 300000 };
    double *values = fill(uniform, 2 * N, 11);
    tend_kll *kll = tend_kll_new();
    TEND_AUTO_BUF a = TEND_BUF_INIT, b = TEND_BUF_INIT;
    tend_kll_add(kll, values, N);
    kll_bytes(kll, &a);
    tend_cursor c = tend_cursor_init(a.data, a.size);
    tend_kll *back = tend_kll_load(&c);
    ASSERT_NOT_NULL(back);
    tend_kll_add(kll, values + N, N);
    tend_kll_add(back, values + N, N);
    kll_bytes(kll, &a);
    kll_bytes(back, &b);
    ASSERT_EQ(a.size, b.size);
    ASSERT_MEM_EQ(a.data, b.data, a.size);
    tend_kll_free(kll);
    tend_kll_free(back);
    free(values);
}

TEST(kll_of_nothing_and_of_nan) {
    double values[] = {NAN, NAN, 7, NAN};
    tend_kll *kll = tend_kll_new();
    ASSERT_TRUE(isnan(tend_kll_quantile(kll, 0.5)) && isnan(tend_kll_rank(kll, 0)));
    tend_kll_add(kll, values, 2);
    ASSERT_EQ(tend_kll_count(kll), 0);
    tend_kll_add(kll, values, 4);
    ASSERT_EQ(tend_kll_count(kll), 1);
    ASSERT_NEAR(tend_kll_quantile(kll, 0.9), 7, 0);
    ASSERT_TRUE(isnan(tend_kll_quantile(kll, 1.1)) && isnan(tend_kll_quantile(kll, NAN)));
    tend_kll_free(kll);
}

/* ---- HyperLogLog ---- */

TEST(hll_is_exact_while_small) {
    tend_hll *hll = tend_hll_new();
    for (uint64_t i = 0; i < 3000; i++)
        tend_hll_add(hll, tend_hll_hash(i % 1024));
    tend_hll_add(hll, tend_hll_hash(5));
    ASSERT_TRUE(tend_hll_is_exact(hll));
    ASSERT_NEAR(tend_hll_count(hll), 1024, 0);
    tend_hll_add(hll, 0);
    ASSERT_FALSE(tend_hll_is_exact(hll));
    tend_hll_free(hll);
}

/* Relative error 1.6 % (one standard deviation): no size off by more than four of them, and no bias over all. */
TEST(hll_error_is_as_stated) {
    double sum = 0;
    int n = 0;
    tend_hll *hll = tend_hll_new();
    uint64_t next = 1;
    for (double size = 2000; size < 3e6; size *= 1.3) {
        while (next <= (uint64_t)size)
            tend_hll_add(hll, tend_hll_hash(next++ * UINT64_C(0x9e3779b97f4a7c15)));
        double error = tend_hll_count(hll) / (double)(next - 1) - 1;
        ASSERT_NEAR(error, 0, 4 * 0.01625);
        sum += error;
        n++;
    }
    ASSERT_NEAR(sum / n, 0, 0.02);
    tend_hll_free(hll);
}

TEST(hll_merge_is_union_in_any_order) {
    tend_hll *a = tend_hll_new(), *b = tend_hll_new(), *all = tend_hll_new();
    for (uint64_t i = 0; i < 50000; i++) {
        tend_hll_add(i % 3 ? a : b, tend_hll_hash(i));
        tend_hll_add(all, tend_hll_hash(i));
    }
    TEND_AUTO_BUF x = TEND_BUF_INIT, y = TEND_BUF_INIT;
    tend_hll_merge(b, a);
    tend_hll_save(b, &x);
    tend_hll_save(all, &y);
    ASSERT_EQ(x.size, y.size);
    ASSERT_MEM_EQ(x.data, y.data, x.size);
    tend_cursor c = tend_cursor_init(x.data, x.size);
    tend_hll *back = tend_hll_load(&c);
    ASSERT_NEAR(tend_hll_count(back), tend_hll_count(all), 0);
    tend_hll_free(a);
    tend_hll_free(b);
    tend_hll_free(all);
    tend_hll_free(back);
}

TEST(hll_of_small_sets_merges_exactly) {
    tend_hll *a = tend_hll_new(), *b = tend_hll_new();
    for (uint64_t i = 0; i < 100; i++) {
        tend_hll_add(a, i); /* the hash 0 among them */
        tend_hll_add(b, i + 50);
    }
    tend_hll_merge(a, b);
    ASSERT_NEAR(tend_hll_count(a), 150, 0);
    tend_hll_free(a);
    tend_hll_free(b);
}

/* ---- frequent items ---- */

static bool add_word(tend_topk *topk, int word, int64_t count) {
    char text[24];
    tend_str key = {text, (size_t)snprintf(text, sizeof text, "w%d", word)};
    return tend_topk_add(topk, key, tend_hash64(key.at, key.size, 0), count);
}

TEST(topk_is_exact_while_small) {
    tend_topk *topk = tend_topk_new();
    tend_topk_item items[3];
    for (int i = 0; i < 1024; i++)
        ASSERT_TRUE(add_word(topk, i, 1));
    ASSERT_FALSE(add_word(topk, 900, 5));
    ASSERT_FALSE(add_word(topk, 7, 2));
    ASSERT_EQ(tend_topk_items(topk, items, 3), 3);
    ASSERT_TRUE(tend_str_is(items[0].key, "w900") && items[0].count == 6);
    ASSERT_TRUE(tend_str_is(items[1].key, "w7") && items[1].count == 3);
    ASSERT_TRUE(tend_str_is(items[2].key, "w0")); /* equal counts: by key */
    ASSERT_EQ(tend_topk_error(topk), 0);
    ASSERT_EQ(tend_topk_total(topk), 1031);
    tend_topk_free(topk);
}

/* Word w occurs about n / (w + 1) times among many that occur once; every guarantee of the header is held against the true counts. */
static void zipf(tend_topk *topk, int64_t *truth, int n, uint64_t seed) {
    tend_rng rng;
    tend_rng_init(&rng, seed, "zipf");
    for (int i = 0; i < n; i++) {
        int word = (int)(1 / (tend_rng_uniform(&rng) + 1.1e-5));
        if (tend_rng_below(&rng, 2))
            word = 100000 + (int)tend_rng_below(&rng, 900000);
        truth[word]++;
        add_word(topk, word, 1);
    }
}

static void assert_guarantees(const tend_topk *topk, const int64_t *truth, int n_words) {
    static tend_topk_item items[1024];
    size_t n = tend_topk_items(topk, items, 1024), frequent = 0, found = 0;
    ASSERT_TRUE(tend_topk_error(topk) > 0);
    ASSERT_TRUE(tend_topk_error(topk) <= tend_topk_total(topk) / 512);
    for (size_t i = 0; i < n; i++) {
        int64_t want = truth[atoi(tend_str_is(items[i].key, "") ? "0" : items[i].key.at + 1)];
        ASSERT_TRUE(items[i].count <= want && want <= items[i].count + tend_topk_error(topk));
        found += want > tend_topk_error(topk);
    }
    for (int w = 0; w < n_words; w++)
        frequent += truth[w] > tend_topk_error(topk);
    ASSERT_EQ(found, frequent); /* no frequent word was lost */
}

TEST(topk_guarantees_hold) {
    int64_t *truth = calloc(1000000, sizeof *truth);
    tend_topk *topk = tend_topk_new();
    zipf(topk, truth, 300000, 1);
    assert_guarantees(topk, truth, 1000000);
    tend_topk_free(topk);
    free(truth);
}

TEST(topk_guarantees_survive_merging) {
    int64_t *truth = calloc(1000000, sizeof *truth);
    tend_topk *all = tend_topk_new();
    for (uint64_t part = 0; part < 8; part++) {
        tend_topk *topk = tend_topk_new();
        zipf(topk, truth, 40000, part);
        tend_topk_merge(all, topk);
        tend_topk_free(topk);
    }
    assert_guarantees(all, truth, 1000000);
    tend_topk_free(all);
    free(truth);
}

TEST(topk_long_keys_are_told_apart_and_cut_between_characters) {
    char a[400], b[400];
    memset(a, 'x', sizeof a);
    memcpy(a + 255, "\xc3\xa9", 2);
    memcpy(b, a, sizeof a);
    b[399] = 'y';
    tend_topk *topk = tend_topk_new(), *other = tend_topk_new();
    tend_topk_add(topk, (tend_str){a, 400}, tend_hash64(a, 400, 0), 1);
    tend_topk_add(topk, (tend_str){b, 400}, tend_hash64(b, 400, 0), 1);
    tend_topk_add(topk, (tend_str){a, 400}, tend_hash64(a, 400, 0), 1);
    tend_topk_add(topk, (tend_str){"", 0}, tend_hash64("", 0, 0), 1);
    tend_topk_merge(other, topk);
    tend_topk_item items[3];
    ASSERT_EQ(tend_topk_items(other, items, 3), 3);
    ASSERT_EQ(items[0].count, 2);
    ASSERT_EQ(items[0].key.size, 255);
    TEND_AUTO_BUF bytes = TEND_BUF_INIT, again = TEND_BUF_INIT;
    tend_topk_save(other, &bytes);
    tend_cursor c = tend_cursor_init(bytes.data, bytes.size);
    tend_topk *back = tend_topk_load(&c);
    ASSERT_NOT_NULL(back);
    tend_topk_save(back, &again);
    ASSERT_MEM_EQ(again.data, bytes.data, bytes.size);
    tend_topk_free(topk);
    tend_topk_free(other);
    tend_topk_free(back);
}

/* ---- moments, histogram, sorting ---- */

TEST(moments_are_those_of_the_definition) {
    /* numpy: mean([1, 2, 4, 8]) = 3.75, std(ddof=1) = 3.095695936834452 */
    double values[] = {1, NAN, 2, 4, 8};
    tend_moments m;
    tend_moments_init(&m);
    ASSERT_TRUE(isnan(tend_moments_sd(&m)));
    tend_moments_add(&m, values, 5);
    ASSERT_EQ(m.n, 4);
    ASSERT_NEAR(m.mean, 3.75, 0);
    ASSERT_NEAR(tend_moments_sd(&m), 3.095695936834452, 1e-15);
    ASSERT_TRUE(m.min == 1 && m.max == 8);
}

TEST(moments_do_not_cancel_and_merge) {
    double *values = fill(uniform, 10000, 2);
    tend_moments all, parts, part;
    tend_moments_init(&all);
    tend_moments_init(&parts);
    for (int i = 0; i < 10000; i++)
        values[i] += 1e9;
    tend_moments_add(&all, values, 10000);
    for (int i = 0; i < 10000; i += 100) {
        tend_moments_init(&part);
        tend_moments_add(&part, values + i, 100);
        tend_moments_merge(&parts, &part);
    }
    ASSERT_NEAR(tend_moments_sd(&all), sqrt(1.0 / 12), 0.01);
    ASSERT_NEAR(tend_moments_sd(&parts), tend_moments_sd(&all), 1e-8);
    ASSERT_NEAR(parts.mean, all.mean, 1e-6);
    free(values);
}

static void assert_histogram(const tend_histogram *h, const double *values, size_t n) {
    int64_t counts[TEND_HISTOGRAM_BINS] = {0}, total = 0;
    for (size_t i = 0; i < n; i++)
        for (int b = 0; b < h->n_bins; b++)
            counts[b] += values[i] >= tend_histogram_edge(h, b) && values[i] < tend_histogram_edge(h, b + 1);
    for (int b = 0; b < h->n_bins; b++) {
        ASSERT_EQ(h->counts[b], counts[b]);
        total += counts[b];
    }
    ASSERT_EQ(total, n);
    ASSERT_TRUE(h->counts[0] > 0 && h->counts[h->n_bins - 1] > 0);
}

TEST(histograms_are_exact_and_independent_of_the_order) {
    for (int s = 0; s < N_STREAMS; s++) {
        enum { N = 5000 };
        double *values = fill(streams[s], N, 4);
        tend_histogram whole, backward, merged, part;
        tend_histogram_init(&whole, 0);
        tend_histogram_init(&backward, 0);
        tend_histogram_init(&merged, 0);
        tend_histogram_add(&whole, values, N);
        for (int i = N - 1; i >= 0; i--)
            tend_histogram_add(&backward, values + i, 1);
        for (int i = 0; i < N; i += 1000) {
            tend_histogram_init(&part, 0);
            tend_histogram_add(&part, values + i, 1000);
            tend_histogram_merge(&merged, &part);
        }
        assert_histogram(&whole, values, N);
        ASSERT_TRUE(whole.n_bins >= 7);
        ASSERT_MEM_EQ(&backward, &whole, sizeof whole);
        ASSERT_MEM_EQ(&merged, &whole, sizeof whole);
        free(values);
    }
}

TEST(histograms_of_odd_values) {
    double odd[] = {NAN, INFINITY, 3, -INFINITY}, wide[] = {-1.7e308, 1.7e308}, near[] = {1e15, 1e15 + 0.125}, same[] = {0, 0},
           tiny[] = {5e-324, 0};
    tend_histogram h;
    tend_histogram_init(&h, 0);
    tend_histogram_add(&h, odd, 2);
    ASSERT_EQ(h.n_bins, 0);
    tend_histogram_add(&h, odd, 4);
    ASSERT_EQ(h.n_bins, 1);
    tend_histogram_init(&h, 0);
    tend_histogram_add(&h, wide, 2);
    ASSERT_EQ(h.counts[0] + h.counts[h.n_bins - 1], 2);
    tend_histogram_init(&h, 0);
    tend_histogram_add(&h, near, 2);
    ASSERT_TRUE(h.n_bins > 1 && h.counts[0] == 1);
    tend_histogram_init(&h, 1);
    tend_histogram_add(&h, same, 2);
    ASSERT_TRUE(h.n_bins == 1 && h.counts[0] == 2 && tend_histogram_edge(&h, 0) == 0 && tend_histogram_edge(&h, 1) == 1);
    tend_histogram_init(&h, 0);
    tend_histogram_add(&h, tiny, 2);
    ASSERT_EQ(h.counts[0], 2);
}

TEST(sorting) {
    static const size_t sizes[] = {0, 1, 11, 12, 13, 500, 1024, 1025, 5000, 20000};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        size_t n = sizes[k];
        double *values = fill(skewed, (int64_t)n + 1, k), sum = 0, sorted_sum = 0;
        for (size_t i = 0; i < n; i += 3)
            values[i] = -values[i];
        for (size_t i = 0; i < n; i++)
            sum += fmod(values[i], 1);
        tend_sort_doubles(values, n);
        for (size_t i = 0; i < n; i++)
            sorted_sum += fmod(values[i], 1);
        for (size_t i = 1; i < n; i++)
            ASSERT_TRUE(values[i - 1] <= values[i]);
        ASSERT_NEAR(sorted_sum, sum, 1e-6);
        free(values);
    }
    double odd[] = {NAN, 1, -INFINITY, 0, -0.0, INFINITY, -1};
    tend_sort_doubles(odd, 7);
    ASSERT_TRUE(isinf(odd[0]) && odd[0] < 0 && odd[1] == -1 && signbit(odd[2]) && !signbit(odd[3]) && isinf(odd[5]) && isnan(odd[6]));
    size_t n;
    double *copy = tend_sorted_copy(odd, 7, &n);
    ASSERT_EQ(n, 6);
    free(copy);
}

TEST(quantiles_are_numpys) {
    /* numpy.quantile([1, 2, 4, 8], [0.1, 0.5, 0.9]) = [1.3, 3.0, 6.8] */
    static const double sorted[] = {1, 2, 4, 8};
    ASSERT_NEAR(tend_quantile_sorted(sorted, 4, 0.1), 1.3, 1e-15);
    ASSERT_NEAR(tend_quantile_sorted(sorted, 4, 0.5), 3, 0);
    ASSERT_NEAR(tend_quantile_sorted(sorted, 4, 0.9), 6.8, 1e-15);
    ASSERT_TRUE(isnan(tend_quantile_sorted(sorted, 0, 0.5)));
}

/* Every cut and many flips: no crash, no leak, and a cut is always noticed. */
TEST(broken_bytes_are_refused) {
    tend_kll *kll = tend_kll_new();
    tend_hll *hll = tend_hll_new();
    tend_topk *topk = tend_topk_new();
    double *values = fill(uniform, 6000, 8);
    tend_kll_add(kll, values, 6000);
    for (int i = 0; i < 300; i++) {
        tend_hll_add(hll, tend_hll_hash((uint64_t)i));
        add_word(topk, i, i + 1);
    }
    tend_buf bytes[3] = {TEND_BUF_INIT, TEND_BUF_INIT, TEND_BUF_INIT};
    tend_kll_save(kll, &bytes[0]);
    tend_hll_save(hll, &bytes[1]);
    tend_topk_save(topk, &bytes[2]);
    for (int k = 0; k < 3; k++)
        for (size_t i = 0; i < bytes[k].size; i += 7)
            for (int flip = 0; flip < 2; flip++) {
                char *copy = malloc(bytes[k].size);
                memcpy(copy, bytes[k].data, bytes[k].size);
                copy[i] = (char)(copy[i] ^ 0x81);
                tend_cursor c = tend_cursor_init(copy, flip ? bytes[k].size : i);
                tend_kll *a = k == 0 ? tend_kll_load(&c) : NULL;
                tend_hll *b = k == 1 ? tend_hll_load(&c) : NULL;
                tend_topk *t = k == 2 ? tend_topk_load(&c) : NULL;
                ASSERT_TRUE(flip || (!a && !b && !t));
                if (a)
                    tend_kll_add(a, values, 6000);
                if (t)
                    add_word(t, 3, 1);
                tend_kll_free(a);
                tend_hll_free(b);
                tend_topk_free(t);
                free(copy);
            }
    for (int k = 0; k < 3; k++)
        tend_buf_done(&bytes[k]);
    tend_kll_free(kll);
    tend_hll_free(hll);
    tend_topk_free(topk);
    free(values);
}
