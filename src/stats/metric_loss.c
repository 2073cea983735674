/* Metrics of probabilities themselves: log loss and Brier score. */
#include "stats/metric_rows.h"

#include <float.h>

/* x = m * 2^e with m in [sqrt(1/2), sqrt(2)); ln m = 2 artanh(s), s = (m - 1) / (m + 1), by its
 * series in s^2 <= 0.0295, whose twelfth term is below 2^-60. */
double tend_metric_log(double x) {
    static const double INVERSE_ODD[] = {1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13,
                                         1.0 / 11, 1.0 / 9,  1.0 / 7,  1.0 / 5,  1.0 / 3};
    /* ln 2 in two parts, the first with trailing zeros, so that e times it is exact. */
    static const double LN2_HIGH = 0x1.62e42fefap-1, LN2_LOW = 0x1.cf79abc9e3b3ap-40;
    int e;
    double m = frexp(x, &e);
    if (m < M_SQRT1_2) {
        m *= 2;
        e--;
    }
    double s = (m - 1) / (m + 1);
    double s2 = s * s;
    double sum = 0;
    for (size_t i = 0; i < sizeof INVERSE_ODD / sizeof *INVERSE_ODD; i++)
        sum = (sum + INVERSE_ODD[i]) * s2;
    return e * LN2_HIGH + (e * LN2_LOW + (2 * s * sum + 2 * s));
}

static double probability_of_truth(const tend_scored *s, int64_t i) {
    if (s->n_classes == 2)
        return s->y[i] == 1 ? s->score[i] : 1 - s->score[i];
    return s->scores[i * s->n_classes + (int64_t)s->y[i]];
}

static double clipped(double p) { return p < DBL_EPSILON ? DBL_EPSILON : p > 1 - DBL_EPSILON ? 1 - DBL_EPSILON : p; }

double tend_metric_log_loss(const tend_scored *s) {
    double sum = 0, total = 0;
    for (int64_t i = 0; i < s->n; i++) {
        double w = tend_weight_of(s, i);
        sum -= w * tend_metric_log(clipped(probability_of_truth(s, i)));
        total += w;
    }
    return tend_mean_of(sum, total);
}

static double squared_distance(const tend_scored *s, int64_t i) {
    if (s->n_classes == 2)
        return (s->score[i] - s->y[i]) * (s->score[i] - s->y[i]);
    double sum = 0;
    for (int k = 0; k < s->n_classes; k++) {
        double d = s->scores[i * s->n_classes + k] - (s->y[i] == k);
        sum += d * d;
    }
    return sum;
}

double tend_metric_brier(const tend_scored *s) {
    double sum = 0, total = 0;
    for (int64_t i = 0; i < s->n; i++) {
        double w = tend_weight_of(s, i);
        sum += w * squared_distance(s, i);
        total += w;
    }
    return tend_mean_of(sum, total);
}
