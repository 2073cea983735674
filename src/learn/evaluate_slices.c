/* Metrics of parts of the rows: by the values of columns and their crosses. */
#include "base/dict.h"
#include "learn/evaluate_parts.h"

#include <stdlib.h>

enum {
    SLICE_REPLICATES = 200,
    SLICE_BLOCK_ROWS = 5000, /* there may be hundreds of slices: each may cost less than the whole */
    AUTO_LEVELS_MIN = 2,
    AUTO_LEVELS_MAX = 20,
};

/* The rows of each slice of one spec, one slice after another. */
typedef struct partition {
    int n_columns, n_slices;
    const tend_levels *levels[TEND_SLICE_COLUMNS_MAX];
    int32_t (*key)[TEND_SLICE_COLUMNS_MAX]; /* [n_slices] levels; -1 for "(other)" */
    int64_t *begin;                         /* [n_slices + 1] into rows */
    int64_t *rows;                          /* positions in scored */
} partition;

typedef struct combination {
    int32_t key[TEND_SLICE_COLUMNS_MAX];
    int64_t rows;
    int64_t number;
} combination;

/* By levels, column by column: levels are already in a telling order. */
static int compare_keys(const void *a, const void *b) {
    const combination *x = a, *y = b;
    for (int c = 0; c < TEND_SLICE_COLUMNS_MAX; c++)
        if (x->key[c] != y->key[c])
            return x->key[c] < y->key[c] ? -1 : 1;
    return 0;
}

static int compare_support(const void *a, const void *b) {
    const combination *x = a, *y = b;
    if (x->rows != y->rows)
        return x->rows < y->rows ? 1 : -1;
    return compare_keys(a, b);
}

/* The combinations of levels that occur, and which one each row has. */
static combination *find_combinations(const tend_evaluation *e, const partition *p, int32_t *of_row, int64_t *out_n, tend_arena *scratch) {
    TEND_AUTO(tend_dict) *dict = tend_dict_new();
    for (int64_t i = 0; i < e->scored->n; i++) {
        int32_t key[TEND_SLICE_COLUMNS_MAX] = {0};
        for (int c = 0; c < p->n_columns; c++)
            key[c] = p->levels[c]->level[i];
        of_row[i] = (int32_t)tend_dict_add(dict, key, sizeof key, NULL);
    }
    *out_n = tend_dict_count(dict);
    combination *found = TEND_ARRAY(scratch, combination, *out_n);
    for (int64_t k = 0; k < *out_n; k++) {
        memcpy(found[k].key, tend_dict_key(dict, k).at, sizeof found[k].key);
        found[k].number = k;
    }
    for (int64_t i = 0; i < e->scored->n; i++)
        found[of_row[i]].rows++;
    return found;
}

/* A single column's levels are few by now; of many combinations the most frequent keep a slice of
 * their own. */
static int64_t choose_slices(combination *found, int64_t n, int n_columns) {
    int64_t kept = n;
    if (n_columns > 1 && n > TEND_SLICE_LEVELS_MAX) {
        qsort(found, (size_t)n, sizeof *found, compare_support);
        kept = TEND_SLICE_LEVELS_MAX;
    }
    qsort(found, (size_t)kept, sizeof *found, compare_keys);
    return kept;
}

static partition partition_rows(const tend_evaluation *e, const tend_levels *const *levels, int n_columns, tend_arena *scratch) {
    partition p = {.n_columns = n_columns};
    for (int c = 0; c < n_columns; c++)
        p.levels[c] = levels[c];
    int32_t *of_row = TEND_ARRAY(scratch, int32_t, e->scored->n);
    int64_t n_found;
    combination *found = find_combinations(e, &p, of_row, &n_found, scratch);
    int64_t kept = choose_slices(found, n_found, n_columns);
    p.n_slices = (int)(kept + (n_found > kept));
    p.key = tend_arena_alloc(scratch, tend_mul_or_die(sizeof *p.key, (size_t)p.n_slices));
    p.begin = TEND_ARRAY(scratch, int64_t, p.n_slices + 1);
    p.rows = TEND_ARRAY(scratch, int64_t, e->scored->n);
    int64_t *slice_of = TEND_ARRAY(scratch, int64_t, n_found);
    memset(p.key, 0xff, sizeof *p.key * (size_t)p.n_slices);
    for (int64_t k = 0; k < n_found; k++) {
        int64_t slice = k < kept ? k : kept;
        slice_of[found[k].number] = slice;
        p.begin[slice + 1] += found[k].rows;
        if (k < kept)
            memcpy(p.key[k], found[k].key, sizeof p.key[k]);
    }
    for (int s = 0; s < p.n_slices; s++)
        p.begin[s + 1] += p.begin[s];
    int64_t *at = tend_arena_memdup(scratch, p.begin, sizeof *p.begin * ((size_t)p.n_slices + 1));
    for (int64_t i = 0; i < e->scored->n; i++)
        p.rows[at[slice_of[of_row[i]]]++] = i;
    return p;
}

static tend_node *slice_name(const tend_evaluation *e, const partition *p, int slice) {
    tend_node *by = tend_node_new_map(e->arena);
    for (int c = 0; c < p->n_columns; c++) {
        int32_t level = p->key[slice][c];
        tend_node_set_string(e->arena, by, p->levels[c]->column, level < 0 ? "(other)" : p->levels[c]->label[level]);
    }
    return by;
}

static int replicates_for(const tend_evaluation *e, int64_t n) {
    if (n < e->min_slice)
        return -1;
    int asked = e->options->replicates;
    return asked == 0 || asked > SLICE_REPLICATES ? SLICE_REPLICATES : asked;
}

static tend_status evaluate_slice(const tend_evaluation *e, const partition *p, int slice, tend_node **out, tend_error *err) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    int64_t n = p->begin[slice + 1] - p->begin[slice];
    tend_scored rows = tend_scored_take(e->scored, p->rows + p->begin[slice], n, scratch);
    tend_bootstrap_options options = {.replicates = replicates_for(e, n), .seed = e->options->seed, .block_rows = SLICE_BLOCK_ROWS};
    tend_estimate estimates[TEND_EVALUATE_METRICS_MAX];
    TEND_TRY(tend_bootstrap(&rows, e->metrics, e->n_metrics, &options, estimates, err));
    tend_node *node = tend_node_new_map(e->arena);
    tend_node_set(e->arena, node, "by", slice_name(e, p, slice));
    tend_node_set_int(e->arena, node, "n", n);
    if (rows.n_classes == 2) {
        int64_t positives = 0;
        for (int64_t i = 0; i < n; i++)
            positives += rows.y[i] == 1;
        tend_node_set_int(e->arena, node, "positives", positives);
    }
    tend_node_set(e->arena, node, "metrics", tend_estimates_to_node(e, estimates));
    if (n < e->min_slice)
        tend_node_set_bool(e->arena, node, "small", true);
    *out = node;
    return TEND_OK;
}

/* Levels are made once per column, however many specs use it. */
typedef struct level_cache {
    tend_levels *levels; /* per column of the table; label NULL: not yet */
} level_cache;

static const tend_levels *cached_levels(const tend_evaluation *e, level_cache *cache, const tend_column *column) {
    tend_levels *levels = &cache->levels[column - e->table->columns];
    if (!levels->label)
        *levels = tend_levels_of(e, column);
    return levels;
}

static tend_status add_slices(const tend_evaluation *e, const tend_slice_spec *spec, level_cache *cache, tend_node *slices,
                              tend_error *err) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    const tend_levels *levels[TEND_SLICE_COLUMNS_MAX];
    for (int c = 0; c < spec->n_columns; c++)
        levels[c] = cached_levels(e, cache, spec->columns[c]);
    partition p = partition_rows(e, levels, spec->n_columns, scratch);
    for (int s = 0; s < p.n_slices; s++) {
        tend_node *slice;
        TEND_TRY(evaluate_slice(e, &p, s, &slice, err));
        tend_node_push(slices, slice);
    }
    return TEND_OK;
}

static bool is_worth_slicing(const tend_evaluation *e, level_cache *cache, const tend_column *column) {
    if (column->type != TEND_STRING && column->type != TEND_BOOL)
        return false;
    if (e->options->target && strcmp(column->name, e->options->target) == 0)
        return false;
    int n = cached_levels(e, cache, column)->n;
    return n >= AUTO_LEVELS_MIN && n <= AUTO_LEVELS_MAX;
}

static int automatic_specs(const tend_evaluation *e, level_cache *cache, tend_slice_spec **out) {
    *out = TEND_ARRAY(e->arena, tend_slice_spec, TEND_AUTO_SLICES_MAX);
    int n = 0;
    for (int c = 0; c < e->table->n_columns && n < TEND_AUTO_SLICES_MAX; c++)
        if (is_worth_slicing(e, cache, &e->table->columns[c]))
            (*out)[n++] = (tend_slice_spec){.columns = {&e->table->columns[c]}, .n_columns = 1};
    return n;
}

static void set_counts(const tend_evaluation *e, const tend_node *slices, tend_node *out) {
    int64_t small = 0;
    TEND_NODE_EACH(slice, slices)
        small += tend_node_bool(tend_node_get(slice, "small"), false);
    tend_node *counts = tend_node_set_map(e->arena, out, "slice_counts");
    tend_node_set_int(e->arena, counts, "total", (int64_t)slices->count);
    tend_node_set_int(e->arena, counts, "small", small);
    tend_node_set_int(e->arena, counts, "min_slice", e->min_slice);
}

tend_status tend_evaluate_slices(const tend_evaluation *e, tend_diags *diags, tend_node *out, tend_error *err) {
    level_cache cache = {TEND_ARRAY(e->arena, tend_levels, e->table->n_columns)};
    tend_slice_spec *specs;
    int n_specs;
    size_t n_errors_before = diags->n_errors;
    if (tend_slices_are_automatic(e->options->slices)) {
        n_specs = automatic_specs(e, &cache, &specs);
    } else {
        n_specs = tend_slice_specs_parse(e->options->slices, e->table, e->arena, diags, &specs);
        if (diags->n_errors > n_errors_before)
            return tend_diags_status(diags, err);
    }
    tend_node *slices = tend_node_set_list(e->arena, out, "slices");
    for (int i = 0; i < n_specs; i++)
        TEND_TRY(add_slices(e, &specs[i], &cache, slices, err));
    set_counts(e, slices, out);
    tend_node_set(e->arena, out, "worst_slices", tend_worst_slices(e, slices));
    return TEND_OK;
}
