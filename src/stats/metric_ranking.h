/* Walking rows from the highest score down, one group of equal scores at a time: what the ROC and
 * precision-recall curves, their areas and the calibration bins have in common. Rows with equal
 * scores cannot be told apart by any threshold, so they are one step; this is also what makes the
 * results independent of the order of rows.
 *
 *     tend_scored_order_by(&scored, 0, order);
 *     tend_ranking ranking = tend_ranking_of(&scored, 1, order);
 *     for (tend_tie tie; tend_ranking_next(&ranking, &tie);)
 *         …
 */
#ifndef TEND_STATS_METRIC_RANKING_H
#define TEND_STATS_METRIC_RANKING_H

#include "stats/metric.h"

typedef struct tend_ranking {
    const double *key, *y, *weight;
    size_t stride; /* of key */
    const int32_t *order;
    int64_t n, at;
    double positive; /* the class that counts as positive */
} tend_ranking;

typedef struct tend_tie {
    double score;
    double positives, negatives; /* weights */
} tend_tie;

/* The number of orders that tend_scored_order holds: 1, or one per class. */
static inline int tend_scored_n_orders(const tend_scored *scored) { return scored->n_classes > 2 ? scored->n_classes : 1; }

/* The order for one class (multi-class; else `which` is 0) into out[n]: one part of
 * tend_scored_order. */
void tend_scored_order_by(const tend_scored *scored, int which, int32_t *out);

/* `positive`: a class; binary: 1. `order`: that class's order of the rows. Borrows both. */
static inline tend_ranking tend_ranking_of(const tend_scored *scored, int positive, const int32_t *order) {
    bool many = scored->n_classes > 2;
    return (tend_ranking){
        .key = many ? scored->scores + positive : scored->score,
        .stride = many ? (size_t)scored->n_classes : 1,
        .y = scored->y,
        .weight = scored->weight,
        .order = order,
        .n = scored->n,
        .positive = positive,
    };
}

static inline bool tend_ranking_next(tend_ranking *r, tend_tie *out) {
    if (r->at >= r->n)
        return false;
    *out = (tend_tie){.score = r->key[(size_t)r->order[r->at] * r->stride]};
    do {
        int32_t row = r->order[r->at];
        double w = r->weight ? r->weight[row] : 1;
        bool positive = r->y[row] == r->positive;
        out->positives += positive ? w : 0;
        out->negatives += positive ? 0 : w;
        r->at++;
    } while (r->at < r->n && r->key[(size_t)r->order[r->at] * r->stride] == out->score);
    return true;
}

/* The bins of the calibration error: 10 of equal count. A group of equal scores goes whole into the
 * bin that holds its middle, so that neither the order of rows nor how a weight is spread over
 * copies matters; a bin may therefore be empty. */
enum { TEND_CALIBRATION_BINS = 10 };
typedef struct tend_calibration_bin {
    double weight, score, positives; /* sums; score is weighted */
} tend_calibration_bin;
/* Binary. False, and nothing written, when there is no weight or a score is NaN. */
bool tend_calibration_bins(const tend_scored *scored, tend_calibration_bin out[TEND_CALIBRATION_BINS]);

#endif
