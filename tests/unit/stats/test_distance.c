/* Distances against scipy 1.17.1 (entropy, jensenshannon, wasserstein_distance) and, on real data, against the reference file. */
#include "stats/distance.h"

#include "base/node.h"
#include "stats/bins.h"
#include "stats/chisquare.h"
#include "stats/ks.h"
#include "stats/sort.h"
#include "support/suite.h"

static const double p[] = {10, 20, 30, 0, 40}, q[] = {15, 15, 30, 10, 30};

TEST(reference_values) {
    ASSERT_NEAR(tend_kl_divergence(p, q, 5, 2), 0.1905262494951908, 1e-15);
    ASSERT_NEAR(tend_kl_divergence(p, q, 5, 0), 0.1320627326602522, 1e-15);
    ASSERT_NEAR(tend_kl_divergence(p, q, 5, M_E), 0.1320627326602522, 1e-15);
    ASSERT_TRUE(isinf(tend_kl_divergence(q, p, 5, 2)));
    ASSERT_NEAR(tend_js_distance(p, q, 5, 2), 0.24776279840844645, 1e-15);
    ASSERT_NEAR(tend_js_distance(p, q, 5, 0), 0.20627606028828718, 1e-15);
    ASSERT_NEAR(tend_hellinger(p, q, 5), 0.2406455289220598, 1e-15); /* by its formula in numpy */
    ASSERT_NEAR(tend_linf(p, q, 5), 0.1, 1e-15);
    ASSERT_NEAR(tend_psi(q, p, 5, 0), 0.7535103186434909, 1e-14); /* by its formula in numpy, zero -> 1e-4 */
    ASSERT_NEAR(tend_psi(q, p, 5, 1e-4), 0.7535103186434909, 1e-14);
    static const double x[] = {1, 2, 2, 3, 5, 8, 13}, y[] = {2, 3, 4, 4, 9, 20};
    ASSERT_NEAR(tend_wasserstein1(x, 7, y, 6), 2.333333333333333, 1e-14);
}

TEST(equal_distributions_are_at_distance_zero) {
    double scaled[5];
    for (int i = 0; i < 5; i++)
        scaled[i] = q[i] / 7;
    ASSERT_NEAR(tend_kl_divergence(q, scaled, 5, 2), 0, 1e-15);
    ASSERT_NEAR(tend_psi(q, scaled, 5, 0), 0, 1e-15);
    ASSERT_NEAR(tend_js_distance(q, scaled, 5, 2), 0, 1e-7);
    ASSERT_NEAR(tend_hellinger(q, scaled, 5), 0, 1e-15);
    ASSERT_NEAR(tend_linf(q, scaled, 5), 0, 1e-15);
    ASSERT_NEAR(tend_wasserstein1(q, 5, q, 5), 0, 0);
}

TEST(disjoint_distributions_are_at_the_largest_distance) {
    static const double a[] = {1, 0}, b[] = {0, 3};
    ASSERT_NEAR(tend_js_distance(a, b, 2, 2), 1, 1e-15);
    ASSERT_NEAR(tend_hellinger(a, b, 2), 1, 1e-15);
    ASSERT_NEAR(tend_linf(a, b, 2), 1, 0);
}

TEST(what_is_no_distribution_has_no_distance) {
    static const double zero[] = {0, 0}, bad[] = {1, -1}, nan[] = {1, NAN}, good[] = {1, 1};
    ASSERT_TRUE(isnan(tend_kl_divergence(zero, good, 2, 2)) && isnan(tend_kl_divergence(good, bad, 2, 2)));
    ASSERT_TRUE(isnan(tend_psi(good, nan, 2, 0)) && isnan(tend_psi(good, good, 0, 0)));
    ASSERT_TRUE(isnan(tend_js_distance(good, zero, 2, 2)) && isnan(tend_hellinger(bad, good, 2)) && isnan(tend_linf(good, nan, 2)));
    ASSERT_TRUE(isnan(tend_wasserstein1(good, 2, good, 0)));
}

TEST(wasserstein_is_a_shift) {
    double x[50], y[50];
    for (int i = 0; i < 50; i++) {
        x[i] = (i * 37) % 50;
        y[i] = x[i] + 2.5;
    }
    ASSERT_NEAR(tend_wasserstein1(x, 50, y, 50), 2.5, 1e-12);
    ASSERT_NEAR(tend_wasserstein1(y, 50, x, 50), 2.5, 1e-12);
}

TEST(chi_square_tests) {
    static const double observed[] = {16, 18, 16, 14, 12, 12}, flat[] = {1, 1, 1, 1, 1, 1}, expected[] = {16, 16, 16, 16, 16, 8};
    tend_chi2_test t = tend_chi2_goodness(observed, flat, 6);
    ASSERT_NEAR(t.statistic, 2, 1e-14);
    ASSERT_NEAR(t.p, 0.8491450360846096, 1e-13);
    ASSERT_NEAR(tend_chi2_goodness(observed, expected, 6).p, 0.6233876277495822, 1e-13);
    static const double table[] = {10, 10, 20, 20, 20, 20}, square[] = {12, 5, 3, 9};
    t = tend_chi2_contingency(table, 2, 3);
    ASSERT_NEAR(t.statistic, 2.7777777777777777, 1e-14);
    ASSERT_NEAR(t.p, 0.24935220877729622, 1e-14);
    ASSERT_NEAR(t.df, 2, 0);
    ASSERT_NEAR(tend_chi2_contingency(square, 2, 2).p, 0.015534341414683461, 1e-14);
}

TEST(chi_square_of_little) {
    static const double one[] = {618}, zero[] = {0, 5}, some[] = {3, 2}, pair[] = {618, 719}, gap[] = {3, 0, 4, 5, 0, 6};
    ASSERT_TRUE(isnan(tend_chi2_goodness(one, one, 1).p));
    ASSERT_NEAR(tend_chi2_goodness(some, zero, 2).p, 0, 0); /* a level that should not exist */
    ASSERT_NEAR(tend_chi2_contingency(pair, 2, 1).p, 1, 0);
    ASSERT_NEAR(tend_chi2_contingency(gap, 2, 3).df, 1, 0);
    ASSERT_TRUE(isnan(tend_chi2_goodness(zero, zero, 1).statistic) && isnan(tend_chi2_contingency(zero, 1, 1).p));
}

TEST(bins) {
    double sorted[100], cuts[9], counts[10] = {0};
    for (int i = 0; i < 100; i++)
        sorted[i] = i;
    ASSERT_EQ(tend_bins_quantile(sorted, 100, 10, cuts), 9);
    ASSERT_NEAR(cuts[0], 9.9, 1e-12); /* numpy.quantile(range(100), 0.1) */
    tend_bins_count(cuts, 9, sorted, 100, counts);
    for (int i = 0; i < 10; i++)
        ASSERT_NEAR(counts[i], 10, 0);
    ASSERT_EQ(tend_bins_find(cuts, 9, -1e9), 0);
    ASSERT_EQ(tend_bins_find(cuts, 9, INFINITY), 9);
    double same[] = {4, 4, 4};
    ASSERT_EQ(tend_bins_quantile(same, 3, 10, cuts), 0);
    ASSERT_EQ(tend_bins_quantile(same, 0, 10, cuts), 0);
    ASSERT_EQ(tend_bins_distinct(same, 3, 10, cuts), 0);
    ASSERT_EQ(tend_bins_distinct(sorted, 10, 10, cuts), 9);
    ASSERT_TRUE(tend_bins_distinct(sorted, 11, 10, cuts) == SIZE_MAX);
    ASSERT_EQ(tend_bins_equal(0, 10, 5, cuts), 4);
    ASSERT_NEAR(cuts[0], 2, 0);
    ASSERT_EQ(tend_bins_equal(3, 3, 5, cuts), 0);
    ASSERT_EQ(tend_bins_sturges(1337), 12); /* ceil(log2(1337) + 1) */
}

/* ---- real data: UCI bike sharing, hour by hour ---- */

enum { MAX_ROWS = 20000, MAX_FIELDS = 17 };

typedef struct hours {
    char names[MAX_FIELDS][32];
    double *columns[MAX_FIELDS]; /* dteday as yyyymmdd */
    int n_fields, n_rows;
} hours;

static double field_value(char *text) {
    if (strlen(text) != 10 || text[4] != '-')
        return strtod(text, NULL);
    return (double)(atoi(text) * 10000 + atoi(text + 5) * 100 + atoi(text + 8));
}

static void read_hours(const char *path, hours *h) {
    char line[512];
    FILE *file = fopen(path, "r");
    ASSERT_NOT_NULL(file);
    for (int row = -1; fgets(line, sizeof line, file); row++) {
        line[strcspn(line, "\r\n")] = '\0';
        int i = 0;
        for (char *rest = line, *text; (text = strsep(&rest, ",")); i++) {
            if (row < 0) {
                snprintf(h->names[i], sizeof h->names[i], "%s", text);
                h->columns[i] = calloc(MAX_ROWS, sizeof(double));
                h->n_fields = i + 1;
            } else {
                h->columns[i][row] = field_value(text);
                h->n_rows = row + 1;
            }
        }
    }
    fclose(file);
}

static const double *column_of(const hours *h, const char *name) {
    for (int i = 0; i < h->n_fields; i++)
        if (strcmp(h->names[i], name) == 0)
            return h->columns[i];
    return NULL;
}

typedef struct samples {
    double *reference, *current;
    size_t n_reference, n_current;
} samples;

/* 1: reference, 2: current, 0: neither. */
typedef int (*window)(const hours *h, int row);
static int january_february(const hours *h, int row) {
    double day = column_of(h, "dteday")[row];
    return day <= 20110128 ? 1 : day <= 20110228 ? 2 : 0;
}
static int winter_summer(const hours *h, int row) {
    double season = column_of(h, "season")[row];
    return season == 1 ? 1 : season == 3 ? 2 : 0;
}

static samples take(const hours *h, const char *name, window which) {
    samples s = {calloc(MAX_ROWS, sizeof(double)), calloc(MAX_ROWS, sizeof(double)), 0, 0};
    const double *values = column_of(h, name);
    for (int i = 0; i < h->n_rows; i++) {
        if (which(h, i) == 1)
            s.reference[s.n_reference++] = values[i];
        else if (which(h, i) == 2)
            s.current[s.n_current++] = values[i];
    }
    return s;
}

/* Counts of both sides in bins: Evidently's choice (each value of a reference with at most 20, else Sturges over both), or deciles. */
static size_t count_both(const samples *s, const double *cuts, size_t n_cuts, double *reference, double *current) {
    memset(reference, 0, (n_cuts + 1) * sizeof *reference);
    memset(current, 0, (n_cuts + 1) * sizeof *current);
    tend_bins_count(cuts, n_cuts, s->reference, s->n_reference, reference);
    tend_bins_count(cuts, n_cuts, s->current, s->n_current, current);
    return n_cuts + 1;
}

static void check_feature(const tend_node *want, const samples *s) {
    double cuts[2048], reference[2048], current[2048];
    size_t n_both = s->n_reference + s->n_current, n;
    double *both = calloc(n_both, sizeof *both);
    memcpy(both, s->reference, s->n_reference * sizeof *both);
    memcpy(both + s->n_reference, s->current, s->n_current * sizeof *both);
    tend_sort_doubles(both, n_both);
    double *sorted = tend_sorted_copy(s->reference, s->n_reference, &n);
    size_t few = tend_bins_distinct(sorted, n, 20, cuts);
    size_t n_cuts = few == SIZE_MAX ? tend_bins_equal(both[0], both[n_both - 1], tend_bins_sturges(n_both), cuts)
                                    : tend_bins_distinct(both, n_both, 2048, cuts);
    size_t bins = count_both(s, cuts, n_cuts, reference, current);
    ASSERT_NEAR(tend_psi(reference, current, bins, 0), tend_node_double(tend_node_get(want, "psi_evidently"), -1), 1e-9);
    ASSERT_NEAR(tend_js_distance(reference, current, bins, 2), tend_node_double(tend_node_get(want, "js_distance_base2_evidently"), -1),
                1e-9);
    n_cuts = tend_bins_quantile(sorted, n, 10, cuts);
    bins = count_both(s, cuts, n_cuts, reference, current);
    ASSERT_NEAR(tend_psi(reference, current, bins, 1e-4), tend_node_double(tend_node_get(want, "psi_quantile10"), -1), 1e-9);
    ASSERT_NEAR(tend_wasserstein1(s->reference, s->n_reference, s->current, s->n_current),
                tend_node_double(tend_node_get(want, "wasserstein"), -1), 1e-9);
    tend_ks_test ks = tend_ks_2samp(s->reference, s->n_reference, s->current, s->n_current, TEND_KS_ASYMPTOTIC);
    double ks_p = tend_node_double(tend_node_get(want, "ks_p_asymp"), -1);
    ASSERT_NEAR(ks.statistic, tend_node_double(tend_node_get(want, "ks_D"), -1), 1e-12);
    ASSERT_NEAR(ks.p, ks_p, ks_p * 5e-6 + 1e-300); /* see test_ks.c */
    free(sorted);
    free(both);
}

static void check_case(const tend_node *cases, const char *name, const hours *h, window which) {
    const tend_node *features = tend_node_get(tend_node_get(cases, name), "features");
    ASSERT_TRUE(features != NULL && features->count > 3);
    TEND_NODE_EACH(want, features) {
        if (strcmp(tend_node_string(tend_node_get(want, "type"), ""), "num") != 0)
            continue;
        samples s = take(h, want->key, which);
        ASSERT_EQ(s.n_reference, tend_node_int(tend_node_get(want, "n_ref"), -1));
        ASSERT_EQ(s.n_current, tend_node_int(tend_node_get(want, "n_cur"), -1));
        check_feature(want, &s);
        free(s.reference);
        free(s.current);
    }
}

static tend_node *read_json(const char *path, tend_arena *arena) {
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    char block[4096];
    tend_node *node = NULL;
    FILE *file = fopen(path, "r");
    ASSERT_NOT_NULL(file);
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
        for (size_t i = 0; i < n; i++) { /* Python writes NaN, which JSON has not */
            if (i + 3 <= n && memcmp(block + i, "NaN", 3) == 0)
                memcpy(block + i, "-99", 3);
            tend_buf_putc(&text, block[i]);
        }
    fclose(file);
    ASSERT_OK(tend_json_parse(tend_buf_text(&text), text.size, path, arena, &node, &err), &err);
    return node;
}

static double count_of(const tend_node *counts, const char *key) { return tend_node_double(tend_node_get(counts, key), 0); }

/* Counts of levels are in the file itself. */
static void check_levels(const tend_node *want) {
    const tend_node *old = tend_node_get(want, "counts_ref"), *new = tend_node_get(want, "counts_cur");
    double counts[2 * 256];
    size_t n = 0, both = 0;
    double reference[256], current[256];
    TEND_NODE_EACH(level, old) {
        reference[n] = level->kind == TEND_NODE_INT ? (double)level->integer : 0;
        current[n++] = count_of(new, level->key);
    }
    TEND_NODE_EACH(level, new) {
        if (!tend_node_get(old, level->key)) {
            reference[n] = 0;
            current[n++] = (double)level->integer;
        }
    }
    for (size_t i = 0; i < n; i++) {
        both += reference[i] > 0;
        counts[i] = reference[i];
        counts[n + i] = current[i];
    }
    const tend_node *kl = tend_node_get(want, "kl_base2_cur_vs_ref");
    double value = tend_kl_divergence(current, reference, n, 2);
    if (isfinite(value))
        ASSERT_NEAR(value, tend_node_double(kl, -1), 1e-12);
    ASSERT_NEAR(tend_linf(reference, current, n), tend_node_double(tend_node_get(want, "l_infinity"), -1), 1e-12);
    ASSERT_NEAR(tend_js_distance(reference, current, n, 2), tend_node_double(tend_node_get(want, "js_distance_base2"), -1), 1e-9);
    ASSERT_NEAR(tend_psi(reference, current, n, 0), tend_node_double(tend_node_get(want, "psi_evidently"), -1), 1e-9);
    double p_want = tend_node_double(tend_node_get(want, "chi2_contingency_p"), -1);
    ASSERT_NEAR(tend_chi2_contingency(counts, 2, n).p, p_want, fabs(p_want) * 1e-9 + 1e-12);
    double g_want = tend_node_double(tend_node_get(want, "chisquare_p"), -99);
    if (both == n && g_want >= 0)
        ASSERT_NEAR(tend_chi2_goodness(current, reference, n).p, g_want, g_want * 1e-9 + 1e-12);
}

TEST(drift_of_real_data_is_what_scipy_finds) {
    const char *answers = suite_shared("known-answers/drift_reference.json"), *data = suite_shared("bike-sharing/hour.csv");
    if (!answers || !data)
        SKIP();
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    static hours h;
    char path[512];
    snprintf(path, sizeof path, "%s", suite_shared("bike-sharing/hour.csv"));
    read_hours(path, &h);
    ASSERT_EQ(h.n_rows, 17379);
    const tend_node *cases = tend_node_get(read_json(suite_shared("known-answers/drift_reference.json"), arena), "cases");
    check_case(cases, "bike_jan_vs_feb_2011", &h, january_february);
    check_case(cases, "bike_winter_vs_summer", &h, winter_summer);
    for (int i = 0; i < h.n_fields; i++)
        free(h.columns[i]);
}

TEST(drift_of_levels_is_what_scipy_finds) {
    const char *answers = suite_shared("known-answers/drift_reference.json");
    if (!answers)
        SKIP();
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    int n = 0;
    TEND_NODE_EACH(one, tend_node_get(read_json(answers, arena), "cases"))
        TEND_NODE_EACH(want, tend_node_get(one, "features"))
            if (tend_node_get(want, "counts_ref")) {
                check_levels(want);
                n++;
            }
    ASSERT_TRUE(n > 10);
}
