#include "learn/split.h"

#include "base/dict.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>

/* ---- shared: units of a split, dealt out stratum by stratum ---- */

typedef struct dealt {
    double when;
    int64_t row;
} dealt;

static int by_when(const void *a, const void *b) {
    const dealt *x = a, *y = b;
    if (x->when != y->when)
        return x->when < y->when ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Rows from marks: 0 train, 1 test, anything else neither. */
static void rows_of_marks(const uint8_t *mark, int64_t n, tend_arena *arena, tend_split *out) {
    out->train = TEND_ARRAY(arena, int64_t, n + 1);
    out->test = TEND_ARRAY(arena, int64_t, n + 1);
    out->n_train = out->n_test = 0;
    for (int64_t i = 0; i < n; i++) {
        if (mark[i] == 0)
            out->train[out->n_train++] = i;
        else if (mark[i] == 1)
            out->test[out->n_test++] = i;
    }
}

static tend_status check_sides(const tend_split *split, const tend_split_options *o, tend_error *err) {
    if (split->n_train && split->n_test)
        return TEND_OK;
    return TEND_FAIL_AT(err, DATA, o->span, "the split leaves no row to %s (%lld train, %lld test)",
                        split->n_train ? "test on" : "train on", (long long)split->n_train, (long long)split->n_test);
}

/* ---- random ---- */

/* The stratum of each row: the class, or the value of the column that is asked for. */
static tend_status strata(const tend_table *table, const double *y, int n_classes, const tend_split_options *o, tend_arena *arena,
                          int64_t **out, int64_t *out_n, tend_error *err) {
    int64_t *of = TEND_ARRAY(arena, int64_t, table->n_rows + 1);
    *out = of;
    *out_n = n_classes ? n_classes : 1;
    if (!o->stratify) {
        for (int64_t i = 0; i < table->n_rows; i++)
            of[i] = isnan(y[i]) || !n_classes ? 0 : (int64_t)y[i];
        return TEND_OK;
    }
    const tend_column *column;
    tend_status status = tend_table_need(table, o->stratify, &column, err);
    if (status != TEND_OK)
        return tend_error_at(err, status, o->span);
    TEND_AUTO(tend_dict) *dict = tend_dict_new();
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    for (int64_t i = 0; i < table->n_rows; i++) {
        tend_buf_clear(&text);
        tend_column_format(column, i, &text);
        of[i] = tend_dict_add(dict, tend_buf_text(&text), text.size, NULL);
    }
    *out_n = tend_dict_count(dict);
    return TEND_OK;
}

/* Each class needs a row on both sides; a value of the stratify column with one row only trains. */
static tend_status check_classes(const double *y, int64_t n, int n_classes, const tend_split_options *o, tend_error *err) {
    if (!n_classes)
        return TEND_OK;
    int64_t *counts = tend_calloc((size_t)n_classes + 1, sizeof *counts);
    for (int64_t i = 0; i < n; i++)
        if (!isnan(y[i]))
            counts[(int)y[i]]++;
    tend_status status = TEND_OK;
    for (int c = 0; c < n_classes && status == TEND_OK; c++)
        if (counts[c] == 1)
            status = tend_error_hint(
                err, TEND_FAIL_AT(err, DATA, o->span, "class number %d of the target has 1 row: it cannot both train and test", c + 1),
                "merge it with another class, or leave the row out with data.select");
    free(counts);
    return status;
}

static tend_status split_random(const tend_table *table, const double *y, int n_classes, const tend_split_options *o, tend_arena *arena,
                                uint8_t *mark, tend_error *err) {
    int64_t *of, n_strata;
    TEND_TRY(check_classes(y, table->n_rows, n_classes, o, err));
    TEND_TRY(strata(table, y, n_classes, o, arena, &of, &n_strata, err));
    int64_t *order = TEND_ARRAY(arena, int64_t, table->n_rows + 1), n = 0;
    for (int64_t i = 0; i < table->n_rows; i++)
        if (!isnan(y[i]))
            order[n++] = i;
    tend_rng rng;
    tend_rng_init(&rng, o->seed, "split");
    tend_rng_shuffle(&rng, order, (size_t)n);
    /* In shuffled order the k-th row of a stratum tests when the running quota passes a whole number: each stratum's share is exact to one
     * row. */
    int64_t *size = TEND_ARRAY(arena, int64_t, n_strata + 1), *seen = TEND_ARRAY(arena, int64_t, n_strata + 1);
    for (int64_t k = 0; k < n; k++)
        size[of[order[k]]]++;
    for (int64_t k = 0; k < n; k++) {
        int64_t s = of[order[k]], tests = (int64_t)llround((double)size[s] * o->test_share);
        if (tests == 0 && size[s] > 1 && n_classes && !o->stratify)
            tests = 1;
        if (tests == size[s] && size[s] > 1)
            tests--;
        mark[order[k]] = seen[s]++ < tests;
    }
    return TEND_OK;
}

/* ---- by time, by group, by row numbers ---- */

static tend_status split_time(const tend_table *table, const double *y, const tend_split_options *o, tend_arena *arena, uint8_t *mark,
                              tend_error *err) {
    const tend_column *column;
    tend_status status = tend_table_need(table, o->column, &column, err);
    if (status != TEND_OK)
        return tend_error_at(err, status, o->span);
    if (column->type == TEND_STRING)
        return TEND_FAIL_AT(err, CONFIG, o->span, "%s is text: a split by time needs dates, timestamps or numbers", o->column);
    if (column->n_missing)
        return TEND_FAIL_AT(err, DATA, o->span, "%s is missing in %lld rows: they have no place in time", o->column,
                            (long long)column->n_missing);
    dealt *order = TEND_ARRAY(arena, dealt, table->n_rows + 1);
    int64_t n = 0;
    for (int64_t i = 0; i < table->n_rows; i++)
        if (!isnan(y[i]))
            order[n++] = (dealt){tend_column_double(column, i), i};
    qsort(order, (size_t)n, sizeof *order, by_when);
    /* Rows of the same moment stay on one side, the newer. */
    int64_t first = n - (int64_t)llround((double)n * o->test_share);
    while (first > 0 && first < n && order[first - 1].when == order[first].when)
        first--;
    for (int64_t k = 0; k < n; k++)
        mark[order[k].row] = k >= first;
    return TEND_OK;
}

static tend_status split_group(const tend_table *table, const double *y, const tend_split_options *o, tend_arena *arena, uint8_t *mark,
                               tend_error *err) {
    tend_split_options named = *o;
    named.stratify = o->column;
    int64_t *of, n_groups;
    TEND_TRY(strata(table, y, 0, &named, arena, &of, &n_groups, err));
    int64_t *size = TEND_ARRAY(arena, int64_t, n_groups + 1), *order = TEND_ARRAY(arena, int64_t, n_groups + 1), n = 0, tested = 0;
    for (int64_t i = 0; i < table->n_rows; i++)
        if (!isnan(y[i])) {
            size[of[i]]++;
            n++;
        }
    for (int64_t g = 0; g < n_groups; g++)
        order[g] = g;
    tend_rng rng;
    tend_rng_init(&rng, o->seed, "split");
    tend_rng_shuffle(&rng, order, (size_t)n_groups);
    uint8_t *tests = TEND_ARRAY(arena, uint8_t, n_groups + 1);
    double quota = (double)n * o->test_share;
    for (int64_t k = 0; k < n_groups && (double)tested < quota; k++)
        if ((double)(tested + size[order[k]]) <= quota + (double)size[order[k]] / 2) {
            tests[order[k]] = 1;
            tested += size[order[k]];
        }
    for (int64_t i = 0; i < table->n_rows; i++)
        if (!isnan(y[i]))
            mark[i] = tests[of[i]];
    return TEND_OK;
}

static tend_status split_rows(const tend_table *table, const double *y, const tend_split_options *o, uint8_t *mark, tend_error *err) {
    for (int64_t i = 0; i < table->n_rows; i++)
        mark[i] = isnan(y[i]) ? 2 : 0;
    for (int64_t k = 0; k < o->n_rows; k++) {
        int64_t row = o->rows[k];
        if (row < 0 || row >= table->n_rows)
            return TEND_FAIL_AT(err, DATA, o->span, "row number %lld is out of range: the table has %lld rows, counted from 0",
                                (long long)row, (long long)table->n_rows);
        if (mark[row] == 0)
            mark[row] = 1;
    }
    return TEND_OK;
}

tend_status tend_split_make(const tend_table *table, const double *y, int n_classes, const tend_split_options *options, tend_arena *arena,
                            tend_split *out, tend_error *err) {
    uint8_t *mark = TEND_ARRAY(arena, uint8_t, table->n_rows + 1);
    memset(mark, 2, (size_t)table->n_rows);
    switch (options->kind) {
    case TEND_SPLIT_RANDOM: TEND_TRY(split_random(table, y, n_classes, options, arena, mark, err)); break;
    case TEND_SPLIT_TIME: TEND_TRY(split_time(table, y, options, arena, mark, err)); break;
    case TEND_SPLIT_GROUP: TEND_TRY(split_group(table, y, options, arena, mark, err)); break;
    case TEND_SPLIT_ROWS: TEND_TRY(split_rows(table, y, options, mark, err)); break;
    }
    tend_split split;
    rows_of_marks(mark, table->n_rows, arena, &split);
    TEND_TRY(check_sides(&split, options, err));
    *out = split;
    return TEND_OK;
}

/* ---- folds ---- */

typedef struct grouped {
    uint64_t group;
    int64_t row;
} grouped;

static int by_group(const void *a, const void *b) {
    const grouped *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Each group, in random order, goes to the fold that has the fewest rows. */
static void folds_by_group(const uint64_t *group, int64_t n, int n_folds, tend_rng *rng, int32_t *out) {
    grouped *sorted = tend_malloc(((size_t)n + 1) * sizeof *sorted);
    int64_t *starts = tend_malloc(((size_t)n + 2) * sizeof *starts), *order = tend_malloc(((size_t)n + 1) * sizeof *order), n_groups = 0;
    int64_t *size = tend_calloc((size_t)n_folds, sizeof *size);
    for (int64_t i = 0; i < n; i++)
        sorted[i] = (grouped){group[i], i};
    qsort(sorted, (size_t)n, sizeof *sorted, by_group);
    for (int64_t i = 0; i < n; i++)
        if (!i || sorted[i].group != sorted[i - 1].group)
            starts[n_groups++] = i;
    starts[n_groups] = n;
    for (int64_t g = 0; g < n_groups; g++)
        order[g] = g;
    tend_rng_shuffle(rng, order, (size_t)n_groups);
    for (int64_t k = 0; k < n_groups; k++) {
        int fold = 0;
        for (int f = 1; f < n_folds; f++)
            if (size[f] < size[fold])
                fold = f;
        for (int64_t i = starts[order[k]]; i < starts[order[k] + 1]; i++) {
            out[sorted[i].row] = fold;
            size[fold]++;
        }
    }
    free(sorted);
    free(starts);
    free(order);
    free(size);
}

tend_status tend_folds_make(const double *y, int64_t n, int n_classes, const uint64_t *group, int n_folds, uint64_t seed, int32_t *out_fold,
                            tend_error *err) {
    if (n < n_folds)
        return TEND_FAIL(err, DATA, "%lld rows cannot make %d folds", (long long)n, n_folds);
    tend_rng rng;
    tend_rng_init(&rng, seed, "folds");
    if (group) {
        folds_by_group(group, n, n_folds, &rng, out_fold);
        return TEND_OK;
    }
    int64_t *order = tend_malloc(((size_t)n + 1) * sizeof *order);
    for (int64_t i = 0; i < n; i++)
        order[i] = i;
    tend_rng_shuffle(&rng, order, (size_t)n);
    /* Class by class, dealt out in turn, each class going on where the one before stopped: shares and sizes are even to one row. */
    int32_t next = 0;
    for (int c = 0; c < (n_classes ? n_classes : 1); c++)
        for (int64_t k = 0; k < n; k++)
            if (!n_classes || (int)y[order[k]] == c) {
                out_fold[order[k]] = next;
                next = (next + 1) % n_folds;
            }
    free(order);
    return TEND_OK;
}
