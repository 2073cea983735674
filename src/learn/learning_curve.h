/* Is the data enough? A learning curve: the score of models trained on growing parts of the data,
 * and what the power law through it promises for more.
 *
 *     score(n) = a - b n^-c
 *
 * (Hestness et al. 2017; Viering & Loog 2022 find the three-parameter power law the most reliable
 * of the simple forms.) The caller trains on the parts, always testing on the same rows; three
 * sizes are needed, five or more spread by factors of about two are better.
 */
#ifndef TEND_LEARN_LEARNING_CURVE_H
#define TEND_LEARN_LEARNING_CURVE_H

#include "base/node.h"
#include "stats/metric.h"

typedef struct tend_learning_curve {
    const tend_metric *metric;
    double a;                     /* the score with endless data */
    double b;                     /* > 0 where greater is better, < 0 where less is; 0: no trend */
    double c;                     /* how fast */
    double noise;                 /* how far the points lie from the curve (root mean square) */
    double n;                     /* the largest size */
    double now, doubled, tenfold; /* the curve at n, 2n and 10n rows */
    double worth;                 /* the gain that was held worth having */
    enum { TEND_DATA_ENOUGH, TEND_DATA_NOT_ENOUGH, TEND_DATA_UNCLEAR } answer;
} tend_learning_curve;

/* Least squares over a grid of c in [0.05, 2], with the trend never against the metric's direction
 * and `a` never beyond its best value. `worth`: the smallest gain worth doubling the data for; 0:
 * half a percent of the present score.
 * ENOUGH: doubling should gain less than that; UNCLEAR: the noise is larger than both.
 * INVALID: fewer than three sizes, a size that is not positive, a score that is not finite. */
tend_status tend_learning_curve_fit(const double *n, const double *score, int k, const tend_metric *metric, double worth,
                                    tend_learning_curve *out, tend_error *err) TEND_MUST_USE;
double tend_learning_curve_at(const tend_learning_curve *curve, double n);
/* "Doubling the data should add about 0.003 roc_auc (0.928 to 0.931), ten times the data about
 * 0.008: the data is enough." */
const char *tend_learning_curve_sentence(const tend_learning_curve *curve, tend_arena *arena);
/* {"metric", "points": [[n, score] …], "fit": {"a", "b", "c", "noise"},
 *  "forecast": [{"rows", "score"} …] (now, x2, x10), "enough": "yes" | "no" | "unclear",
 *  "sentence"} */
tend_node *tend_learning_curve_to_node(const tend_learning_curve *curve, const double *n, const double *score, int k, tend_arena *arena);

#endif
