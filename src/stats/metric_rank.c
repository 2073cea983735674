/* Metrics of the order of scores: ROC AUC, average precision, calibration error. */
#include "stats/metric_ranking.h"
#include "stats/metric_rows.h"

#include "base/arena.h"

#include <stdlib.h>

/* Rows ranked for one class: by the caller's order, or by one made here (freed with the ranker). */
typedef struct ranker {
    const tend_scored *scored;
    int32_t *own;
} ranker;

static ranker ranker_new(const tend_scored *s) {
    return (ranker){s, s->order ? NULL : tend_malloc(tend_mul_or_die((size_t)s->n + 1, sizeof(int32_t)))};
}

static tend_ranking rank_for(ranker *r, int positive) {
    const tend_scored *s = r->scored;
    int which = s->n_classes > 2 ? positive : 0;
    if (r->own)
        tend_scored_order_by(s, which, r->own);
    return tend_ranking_of(s, positive, r->own ? r->own : s->order + which * s->n);
}

/* NaN sorts last, so the last row tells. */
static bool has_nan(const tend_ranking *r) { return r->n > 0 && isnan(r->key[(size_t)r->order[r->n - 1] * r->stride]); }

/* The chance that a random positive scores above a random negative, ties counting half (Mann &
 * Whitney 1947). */
static double area_under_roc(tend_ranking ranking) {
    if (has_nan(&ranking))
        return UNDEFINED;
    double above = 0, positives = 0, negatives = 0;
    for (tend_tie tie; tend_ranking_next(&ranking, &tie);) {
        above += tie.negatives * (positives + tie.positives / 2);
        positives += tie.positives;
        negatives += tie.negatives;
    }
    return positives > 0 && negatives > 0 ? above / (positives * negatives) : UNDEFINED;
}

double tend_metric_roc_auc(const tend_scored *s) {
    ranker r = ranker_new(s);
    double sum = 0;
    int defined = 0;
    for (int k = s->n_classes == 2 ? 1 : 0; k < s->n_classes; k++) {
        tend_ranking ranking = rank_for(&r, k);
        double area = area_under_roc(ranking);
        if (isnan(area) && !has_nan(&ranking))
            continue;
        sum += area;
        defined++;
    }
    free(r.own);
    return tend_mean_of(sum, defined);
}

/* Sum over thresholds of (recall step) x precision, without interpolation. */
double tend_metric_pr_auc(const tend_scored *s) {
    ranker r = ranker_new(s);
    tend_ranking ranking = rank_for(&r, 1);
    double sum = has_nan(&ranking) ? UNDEFINED : 0, positives = 0, chosen = 0;
    for (tend_tie tie; tend_ranking_next(&ranking, &tie);) {
        positives += tie.positives;
        chosen += tie.positives + tie.negatives;
        if (tie.positives > 0)
            sum += tie.positives * (positives / chosen);
    }
    free(r.own);
    return tend_mean_of(sum, positives);
}

static double total_weight(const tend_scored *s) {
    double total = 0;
    for (int64_t i = 0; i < s->n; i++)
        total += tend_weight_of(s, i);
    return total;
}

bool tend_calibration_bins(const tend_scored *s, tend_calibration_bin out[TEND_CALIBRATION_BINS]) {
    double total = total_weight(s), seen = 0;
    if (!(total > 0))
        return false;
    ranker r = ranker_new(s);
    tend_ranking ranking = rank_for(&r, 1);
    bool defined = !has_nan(&ranking);
    if (defined)
        memset(out, 0, sizeof *out * TEND_CALIBRATION_BINS);
    for (tend_tie tie; defined && tend_ranking_next(&ranking, &tie);) {
        double w = tie.positives + tie.negatives;
        int at = (int)(TEND_CALIBRATION_BINS * ((seen + w / 2) / total));
        tend_calibration_bin *bin = &out[at < TEND_CALIBRATION_BINS ? at : TEND_CALIBRATION_BINS - 1];
        bin->weight += w;
        bin->score += w * tie.score;
        bin->positives += tie.positives;
        seen += w;
    }
    free(r.own);
    return defined;
}

double tend_metric_calibration_error(const tend_scored *s) {
    tend_calibration_bin bins[TEND_CALIBRATION_BINS];
    if (!tend_calibration_bins(s, bins))
        return UNDEFINED;
    double sum = 0, total = 0;
    for (int b = 0; b < TEND_CALIBRATION_BINS; b++) {
        sum += fabs(bins[b].score - bins[b].positives);
        total += bins[b].weight;
    }
    return sum / total;
}
