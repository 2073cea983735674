#include "learn/stopping.h"

#include <math.h>

/* Metrics that move smoothly with the scores. Not the areas under curves: on few rows their best round is a matter of luck, often an early
 * one, whose probabilities are far too timid. */
static const char *const smooth[] = {"log_loss", "brier", "rmse", "mae", "median_absolute_error", "r2", "mape", "rmsle"};

static const tend_metric *loss_of(tend_task task) { return tend_metric_find(task == TEND_TASK_REGRESSION ? "rmse" : "log_loss"); }

static const tend_metric *choose(const tend_learn_options *options, int n_classes) {
    const tend_metric *metric = options->metric ? tend_metric_find(options->metric) : NULL;
    for (size_t i = 0; metric && i < sizeof smooth / sizeof *smooth; i++)
        if (strcmp(smooth[i], metric->name) == 0 && metric->tasks & tend_metric_task_bit(n_classes))
            return metric;
    return loss_of(options->task);
}

static tend_scored scored_of(const tend_dataset *data, int n_classes) {
    return (tend_scored){.n = data->n, .n_classes = n_classes, .y = data->y, .weight = data->weight};
}

static double measure(tend_stopping *s, tend_scored *scored, const float *margins) {
    tend_predictor_scores(&s->shape, margins, scored->n, s->scores);
    scored->score = s->scores;
    scored->scores = s->scores;
    return s->metric->compute(scored);
}

void tend_stopping_init(tend_stopping *stopping, const tend_dataset *train, const tend_learn_options *options, tend_link link, int n_groups,
                        tend_arena *arena) {
    int n_classes = options->task == TEND_TASK_REGRESSION ? 0 : options->task == TEND_TASK_BINARY ? 2 : options->n_classes;
    *stopping = (tend_stopping){
        .metric = choose(options, n_classes),
        .shape = {.link = link, .n_groups = n_groups},
        .train = scored_of(train, n_classes),
        .has_valid = options->valid && options->valid->n > 0,
        .best_round = -1,
        .arena = arena,
        .history = tend_node_new_list(arena),
    };
    int64_t n = train->n;
    if (stopping->has_valid) {
        stopping->valid = scored_of(options->valid, n_classes);
        n = options->valid->n > n ? options->valid->n : n;
    }
    stopping->scores = TEND_ARRAY(arena, double, tend_mul_or_die((size_t)n, (size_t)n_groups));
}

static bool better(const tend_stopping *s, double value) {
    return s->best_round < 0 || (s->metric->greater_is_better ? value > s->best : value < s->best);
}

/* A metric that is undefined on these rows (one class only …) cannot stop anything: the loss takes
 * its place. */
double tend_stopping_step(tend_stopping *stopping, int round, const float *valid_margins) {
    double value = measure(stopping, &stopping->valid, valid_margins);
    if (isnan(value)) {
        stopping->metric = loss_of(stopping->valid.n_classes ? TEND_TASK_BINARY : TEND_TASK_REGRESSION);
        stopping->best_round = -1;
        value = measure(stopping, &stopping->valid, valid_margins);
    }
    if (better(stopping, value)) {
        stopping->best = value;
        stopping->best_round = round;
    }
    return value;
}

void tend_stopping_note(tend_stopping *stopping, int round, const float *train_margins, const float *valid_margins) {
    tend_node *point = tend_node_new_map(stopping->arena);
    tend_node_set_int(stopping->arena, point, "step", round + 1);
    if (train_margins)
        tend_node_set_double(stopping->arena, point, "train", measure(stopping, &stopping->train, train_margins));
    if (valid_margins)
        tend_node_set_double(stopping->arena, point, "validation", measure(stopping, &stopping->valid, valid_margins));
    tend_node_push(stopping->history, point);
}
