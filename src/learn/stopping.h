/* Early stopping: after each round, is the model still getting better on rows it does not learn
 * from?
 *
 * The measure is the problem's metric when that is a smooth function of the scores; a metric of
 * decisions (f1, accuracy) jumps from round to round, so the log loss or the squared error stands
 * for it. It is computed here, from margins, with the metrics of stats/.
 */
#ifndef TEND_LEARN_STOPPING_H
#define TEND_LEARN_STOPPING_H

#include "learn/learner.h"
#include "stats/metric.h"

typedef struct tend_stopping {
    const tend_metric *metric;
    tend_predictor shape; /* link and groups, for margins → scores */
    tend_scored train, valid;
    double *scores; /* room for the larger of the two */
    bool has_valid;
    double best;
    int best_round; /* from 0; -1 before the first */
    tend_arena *arena;
    tend_node *history;
} tend_stopping;

/* `train` and options->valid are borrowed; valid may be NULL: then nothing stops, and only the
 * history is kept. */
void tend_stopping_init(tend_stopping *stopping, const tend_dataset *train, const tend_learn_options *options, tend_link link, int n_groups,
                        tend_arena *arena);
/* The measure of margins of the validation rows after `round`; notes the best. */
double tend_stopping_step(tend_stopping *stopping, int round, const float *valid_margins);
/* Appends {"step": round + 1, "train": …, "validation": …} to the history; either may be NULL. */
void tend_stopping_note(tend_stopping *stopping, int round, const float *train_margins, const float *valid_margins);

#endif
