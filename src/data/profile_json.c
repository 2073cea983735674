/* Profiles as JSON. */
#include "data/iso.h"
#include "data/profile_internal.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_TOP = 100 };

static const struct {
    const char *name;
    double q;
} quantiles[] = {{"0.01", 0.01}, {"0.05", 0.05}, {"0.25", 0.25}, {"0.5", 0.5}, {"0.75", 0.75}, {"0.95", 0.95}, {"0.99", 0.99}};
enum { N_QUANTILES = sizeof quantiles / sizeof quantiles[0] };

static bool is_time(tend_type type) { return type == TEND_DATE || type == TEND_TIMESTAMP; }

/* A value of the column: dates in ISO 8601, rounded to whole days or microseconds. */
static void set_value(tend_arena *arena, tend_node *map, const char *key, tend_type type, double v) {
    if (!is_time(type) || isnan(v)) {
        tend_node_set_double(arena, map, key, v);
        return;
    }
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_iso_format(type, (int64_t)llround(v), &text);
    tend_node_set_string(arena, map, key, tend_buf_text(&text));
}

static void extremes_to_node(const profile_column *c, const profile_settled *s, tend_node *map, tend_arena *arena) {
    if (c->type == TEND_INT && s->moments.n > 0) {
        tend_node_set_int(arena, map, "min", c->numbers.min_int);
        tend_node_set_int(arena, map, "max", c->numbers.max_int);
        return;
    }
    bool any = s->moments.n > 0;
    set_value(arena, map, "min", c->type, any ? s->moments.min : (double)NAN);
    set_value(arena, map, "max", c->type, any ? s->moments.max : (double)NAN);
}

static void quantiles_to_node(const profile_column *c, const profile_settled *s, tend_node *map, tend_arena *arena) {
    double q[N_QUANTILES], values[N_QUANTILES];
    for (int i = 0; i < N_QUANTILES; i++)
        q[i] = quantiles[i].q;
    tend_kll_quantiles(s->kll, q, N_QUANTILES, values);
    tend_node *node = tend_node_set_map(arena, map, "quantiles");
    for (int i = 0; i < N_QUANTILES; i++)
        set_value(arena, node, quantiles[i].name, c->type, values[i]);
    tend_node_set_bool(arena, map, "quantiles_exact", tend_kll_is_exact(s->kll));
}

static void histogram_to_node(const tend_histogram *h, tend_node *map, tend_arena *arena) {
    tend_node *node = tend_node_set_map(arena, map, "histogram");
    tend_node *edges = tend_node_set_list(arena, node, "edges"), *counts = tend_node_set_list(arena, node, "counts");
    for (int i = 0; h->n_bins > 0 && i <= h->n_bins; i++)
        tend_node_push(edges, tend_node_new_double(arena, tend_histogram_edge(h, i)));
    for (int i = 0; i < h->n_bins; i++)
        tend_node_push(counts, tend_node_new_int(arena, h->counts[i]));
}

static void numbers_to_node(const profile_column *c, tend_node *map, tend_arena *arena) {
    profile_settled s = profile_settle(&c->numbers);
    extremes_to_node(c, &s, map, arena);
    set_value(arena, map, "mean", c->type, s.moments.n > 0 ? s.moments.mean : (double)NAN);
    tend_node_set_double(arena, map, "sd", tend_moments_sd(&s.moments));
    quantiles_to_node(c, &s, map, arena);
    histogram_to_node(&s.histogram, map, arena);
    if (!is_time(c->type)) {
        tend_node_set_int(arena, map, "zeros", c->numbers.zeros);
        tend_node_set_int(arena, map, "negatives", c->numbers.negatives);
    }
    if (c->numbers.infinite > 0)
        tend_node_set_int(arena, map, "infinite", c->numbers.infinite);
    profile_settled_done(&s);
}

static void push_top(tend_node *list, tend_arena *arena, const char *value, int64_t count) {
    if (count == 0)
        return;
    tend_node *item = tend_node_push(list, tend_node_new_map(arena));
    tend_node_set_string(arena, item, "value", value);
    tend_node_set_int(arena, item, "count", count);
}

static void booleans_to_node(const profile_column *c, tend_node *map, tend_arena *arena) {
    int64_t n_false = c->numbers.zeros, n_true = c->count - n_false;
    tend_node_set_double(arena, map, "mean", c->count > 0 ? (double)n_true / (double)c->count : (double)NAN);
    tend_node *top = tend_node_set_list(arena, map, "top");
    if (n_true > n_false)
        push_top(top, arena, "true", n_true);
    push_top(top, arena, "false", n_false);
    if (n_true <= n_false)
        push_top(top, arena, "true", n_true);
}

static void text_to_node(const profile_column *c, tend_node *map, tend_arena *arena) {
    tend_topk_item *items = tend_calloc(MAX_TOP, sizeof *items);
    size_t n = tend_topk_items(c->text.topk, items, MAX_TOP);
    tend_node *top = tend_node_set_list(arena, map, "top");
    for (size_t i = 0; i < n; i++)
        push_top(top, arena, tend_arena_strndup(arena, items[i].key.at, items[i].key.size), items[i].count);
    free(items);
    if (tend_topk_error(c->text.topk) > 0)
        tend_node_set_int(arena, map, "top_error", tend_topk_error(c->text.topk));
    tend_node *length = tend_node_set_map(arena, map, "length");
    bool any = c->count > 0;
    tend_node_set_double(arena, length, "min", any ? (double)c->text.min_length : (double)NAN);
    tend_node_set_double(arena, length, "mean", any ? (double)c->text.total_length / (double)c->count : (double)NAN);
    tend_node_set_double(arena, length, "max", any ? (double)c->text.max_length : (double)NAN);
}

static tend_node *column_to_node(const profile_column *c, tend_arena *arena) {
    tend_node *map = tend_node_new_map(arena);
    tend_node_set_string(arena, map, "name", c->name);
    tend_node_set_string(arena, map, "type", tend_type_name(c->type));
    tend_node_set_int(arena, map, "count", c->count);
    tend_node_set_int(arena, map, "missing", c->missing);
    double distinct = tend_hll_count(c->hll);
    tend_node_set_int(arena, map, "distinct", (int64_t)fmin(round(distinct), (double)c->count));
    tend_node_set_bool(arena, map, "distinct_exact", tend_hll_is_exact(c->hll));
    if (profile_is_text(c))
        text_to_node(c, map, arena);
    else if (c->type == TEND_BOOL)
        booleans_to_node(c, map, arena);
    else
        numbers_to_node(c, map, arena);
    return map;
}

tend_node *tend_profile_to_node(const tend_profile *profile, tend_arena *arena) {
    if (profile->summary)
        return tend_node_copy(arena, profile->summary);
    tend_node *map = tend_node_new_map(arena);
    tend_node_set_int(arena, map, "rows", profile->rows);
    tend_node *columns = tend_node_set_list(arena, map, "columns");
    for (int i = 0; i < profile->n_columns; i++)
        tend_node_push(columns, column_to_node(&profile->columns[i], arena));
    return map;
}

static tend_status check_column_node(const tend_node *column, int i, tend_error *err) {
    tend_type type;
    const char *word = tend_node_string(tend_node_get(column, "type"), "");
    if (!tend_node_string(tend_node_get(column, "name"), NULL))
        return TEND_FAIL_AT(err, CORRUPT, column->span, "column %d of the profile has no name", i + 1);
    if (!tend_type_parse(word, &type))
        return TEND_FAIL_AT(err, CORRUPT, column->span, "column %d of the profile has the unknown type \"%s\"", i + 1, word);
    return TEND_OK;
}

tend_status tend_profile_from_node(const tend_node *node, tend_profile **out, tend_error *err) {
    const tend_node *columns = tend_node_get(node, "columns");
    int64_t rows = tend_node_int(tend_node_get(node, "rows"), -1);
    int i = 0;
    if (rows < 0 || !columns || columns->kind != TEND_NODE_LIST)
        return TEND_FAIL(err, CORRUPT, "expected a profile with rows and columns, found %s",
                         node ? tend_node_kind_name(node->kind) : "nothing");
    TEND_NODE_EACH(column, columns)
        TEND_TRY(check_column_node(column, i++, err));
    tend_profile *profile = tend_profile_new();
    profile->rows = rows;
    profile->summary = tend_node_copy(profile->arena, node);
    *out = profile;
    return TEND_OK;
}
