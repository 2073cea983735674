/* Metrics of numbers. */
#include "stats/metric_rows.h"

#include <stdlib.h>

double tend_metric_mae(const tend_scored *s) {
    double sum = 0, total = 0;
    for (int64_t i = 0; i < s->n; i++) {
        double w = tend_weight_of(s, i);
        sum += w * fabs(s->score[i] - s->y[i]);
        total += w;
    }
    return tend_mean_of(sum, total);
}

static double mean_squared_error(const tend_scored *s) {
    double sum = 0, total = 0;
    for (int64_t i = 0; i < s->n; i++) {
        double w = tend_weight_of(s, i), e = s->score[i] - s->y[i];
        sum += w * e * e;
        total += w;
    }
    return tend_mean_of(sum, total);
}

double tend_metric_rmse(const tend_scored *s) { return sqrt(mean_squared_error(s)); }

/* Two passes: the mean first, so that a large offset of the truth costs no digits. */
double tend_metric_r2(const tend_scored *s) {
    double sum = 0, total = 0;
    for (int64_t i = 0; i < s->n; i++) {
        sum += tend_weight_of(s, i) * s->y[i];
        total += tend_weight_of(s, i);
    }
    double mean = sum / total, spread = 0;
    for (int64_t i = 0; i < s->n; i++)
        spread += tend_weight_of(s, i) * (s->y[i] - mean) * (s->y[i] - mean);
    return spread > 0 ? 1 - mean_squared_error(s) / (spread / total) : UNDEFINED;
}

double tend_metric_mape(const tend_scored *s) {
    double sum = 0, total = 0;
    for (int64_t i = 0; i < s->n; i++) {
        if (s->y[i] == 0)
            continue;
        double w = tend_weight_of(s, i);
        sum += w * fabs((s->score[i] - s->y[i]) / s->y[i]);
        total += w;
    }
    return tend_mean_of(sum, total);
}

/* ln(1 + x) for x >= 0; the quotient restores the digits that 1 + x drops (Kahan; Goldberg 1991,
 * theorem 4). */
static double log_of_one_plus(double x) {
    double u = 1 + x;
    return u == 1 ? x : tend_metric_log(u) * (x / (u - 1));
}

double tend_metric_rmsle(const tend_scored *s) {
    double sum = 0, total = 0;
    for (int64_t i = 0; i < s->n; i++) {
        double w = tend_weight_of(s, i);
        if (s->y[i] < 0 && w > 0)
            return UNDEFINED;
        if (!isfinite(s->y[i]) || !isfinite(s->score[i]))
            return UNDEFINED;
        double e = log_of_one_plus(fmax(s->score[i], 0)) - log_of_one_plus(fmax(s->y[i], 0));
        sum += w * e * e;
        total += w;
    }
    return total > 0 ? sqrt(sum / total) : UNDEFINED;
}

double tend_metric_max_error(const tend_scored *s) {
    double worst = UNDEFINED;
    for (int64_t i = 0; i < s->n; i++) {
        double e = fabs(s->score[i] - s->y[i]);
        if (isnan(e))
            return UNDEFINED;
        if (tend_weight_of(s, i) > 0 && !(worst >= e))
            worst = e;
    }
    return worst;
}

/* The absolute error that half of the weight lies at or below; the mean of two neighbours when half
 * falls between them. */
static double median_in_order(const tend_scored *s, const int32_t *order) {
    double total = 0, seen = 0, last = UNDEFINED;
    for (int64_t i = 0; i < s->n; i++)
        total += tend_weight_of(s, i);
    bool between = false;
    for (int64_t i = 0; i < s->n; i++) {
        double w = tend_weight_of(s, order[i]);
        if (!(w > 0))
            continue;
        double e = fabs(s->score[order[i]] - s->y[order[i]]);
        if (between)
            return (last + e) / 2;
        seen += w;
        last = e;
        if (seen > total / 2)
            return e;
        between = seen == total / 2;
    }
    return last;
}

double tend_metric_median_absolute_error(const tend_scored *s) {
    int32_t *own = s->order ? NULL : tend_scored_order(s);
    const int32_t *order = s->order ? s->order : own;
    /* A NaN error sorts last. */
    bool undefined = s->n > 0 && isnan(s->score[order[s->n - 1]] - s->y[order[s->n - 1]]);
    double median = undefined ? UNDEFINED : median_in_order(s, order);
    free(own);
    return median;
}
