#include "flow/train.h"

#include <math.h>
#include <stdlib.h>

typedef struct dated {
    double when;
    int64_t row;
} dated;

static int by_date(const void *a, const void *b) {
    const dated *x = a, *y = b;
    if (x->when != y->when)
        return x->when < y->when ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Consecutive blocks of time; with one held-out part the newest share, else n_folds + 1 equal blocks. */
static void folds_by_time(const tend_column *column, const tend_split *split, double share, tend_arena *arena, tend_held_out *h) {
    dated *order = TEND_ARRAY(arena, dated, split->n_train + 1);
    for (int64_t i = 0; i < split->n_train; i++)
        order[i] = (dated){tend_column_double(column, split->train[i]), i};
    qsort(order, (size_t)split->n_train, sizeof *order, by_date);
    for (int64_t k = 0; k < split->n_train; k++) {
        double at = (double)k / (double)split->n_train;
        h->fold[order[k].row] = h->n_folds == 1 ? at >= 1 - share : (int32_t)(at * (h->n_folds + 1));
    }
    h->first = 1;
    h->ordered = true;
}

static uint64_t *group_hashes(const tend_column *column, const tend_split *split, tend_arena *arena) {
    uint64_t *group = TEND_ARRAY(arena, uint64_t, split->n_train + 1);
    tend_buf text = TEND_BUF_INIT;
    for (int64_t i = 0; i < split->n_train; i++) {
        tend_buf_clear(&text);
        tend_column_format(column, split->train[i], &text);
        group[i] = tend_hash64(tend_buf_text(&text), text.size, 0);
    }
    tend_buf_done(&text);
    return group;
}

tend_status tend_held_out_make(const tend_project *project, const tend_table *table, const tend_split *split, const double *y,
                               int n_classes, tend_arena *arena, tend_held_out *out, tend_error *err) {
    tend_held_out h = {.n_folds = project->folds > 1 ? project->folds : 1};
    h.fold = TEND_ARRAY(arena, int32_t, split->n_train + 1);
    h.position = TEND_ARRAY(arena, int64_t, split->n_train + 1);
    const tend_column *column = NULL;
    if (project->split_by == TEND_SPLIT_TIME || project->split_by == TEND_SPLIT_GROUP)
        TEND_TRY(tend_table_need(table, project->split_column, &column, err));
    if (project->split_by == TEND_SPLIT_TIME) {
        folds_by_time(column, split, project->valid_share, arena, &h);
    } else {
        const uint64_t *group = column ? group_hashes(column, split, arena) : NULL;
        int parts = h.n_folds > 1 ? h.n_folds : (int)fmax(2, round(1 / project->valid_share));
        TEND_TRY(tend_folds_make(y, split->n_train, n_classes, group, parts, project->seed, h.fold, err));
    }
    for (int64_t i = 0; i < split->n_train; i++) {
        bool held = h.fold[i] >= h.first && h.fold[i] < h.first + h.n_folds;
        h.position[i] = held ? h.n++ : -1;
    }
    *out = h;
    return TEND_OK;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double tend_best_threshold(const tend_scored *scored, const tend_metric *metric, tend_arena *arena) {
    enum { CANDIDATES = 200 };
    if (!scored->n)
        return 0.5;
    double *sorted = tend_arena_memdup(arena, scored->score, (size_t)scored->n * sizeof(double));
    qsort(sorted, (size_t)scored->n, sizeof(double), by_value);
    tend_scored trial = *scored;
    int32_t *decided = TEND_ARRAY(arena, int32_t, scored->n);
    trial.decided = decided;
    double best = 0.5, best_value = NAN;
    for (int k = 0; k < CANDIDATES; k++) {
        double threshold = sorted[(int64_t)((double)k / CANDIDATES * (double)scored->n)];
        if (!(threshold > 0 && threshold < 1))
            continue;
        for (int64_t i = 0; i < scored->n; i++)
            decided[i] = scored->score[i] >= threshold;
        double value = metric->compute(&trial);
        bool better = isnan(best_value) || (metric->greater_is_better ? value > best_value : value < best_value);
        if (better || (value == best_value && fabs(threshold - 0.5) < fabs(best - 0.5))) {
            best = threshold;
            best_value = value;
        }
    }
    return best;
}
