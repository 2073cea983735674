#include "learn/forest_tree.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A share of a node's rows: weight, then the sum of each output. */
typedef double *sums;

typedef struct split {
    double gain;
    int feature, code; /* numeric: codes below go left */
    bool missing_left, categorical;
    uint32_t set[8];
} split;

typedef struct span {
    int64_t begin, end; /* of a node's rows in `rows` */
    int depth;
} span;

typedef struct grower {
    const tend_forest_rows *data;
    int k;     /* outputs */
    int width; /* k + 1 */
    int32_t *rows, *spare;
    double *weight, *value; /* of the node's rows, side by side */
    int *features;          /* shuffled piece by piece */
    double *cells;          /* [256][width], zero between uses */
    uint8_t seen[256];      /* codes that the node's rows have, zero between uses */
    sums whole, left;       /* of the node; of what goes left in the split at hand */
    tend_rng rng;
    tend_grown_tree *out;
    span *spans;
    int capacity;
    double parent; /* score of the node */
    split best;
} grower;

static double score(const double *s, int k) {
    double sum = 0;
    for (int i = 1; i <= k; i++)
        sum += s[i] * s[i];
    return sum / s[0];
}

static void add(double *into, const double *s, int width) {
    for (int i = 0; i < width; i++)
        into[i] += s[i];
}

/* Selection sampling (Knuth, volume 2, 3.4.2, algorithm S): the rows stay in order. */
static int64_t sample_rows(grower *g) {
    int64_t n = g->data->bins->n, want = (int64_t)ceil(g->data->row_share * (double)n), taken = 0;
    for (int64_t i = 0; i < n && taken < want; i++)
        if (tend_rng_uniform(&g->rng) * (double)(n - i) < (double)(want - taken))
            g->rows[taken++] = (int32_t)i;
    return taken;
}

/* Most features of a small node are alike in all its rows: that is found out without summing
 * anything. */
static bool is_varied(const grower *g, const uint8_t *codes, const span *s) {
    const int32_t *rows = g->rows;
    unsigned first = codes[rows[s->begin]];
    int64_t i = s->begin + 1;
    for (; i + 8 <= s->end; i += 8) {
        unsigned differs = 0;
        for (int k = 0; k < 8; k++)
            differs |= codes[rows[i + k]] ^ first;
        if (differs)
            return true;
    }
    for (; i < s->end; i++)
        if (codes[rows[i]] != first)
            return true;
    return false;
}

/* A feature with two values and none missing, as one-hot encoding makes them by the dozen: the same sums in four registers instead of
 * in memory, where each addition would wait for the one before. Adding 0 changes no bit of a sum. */
static void fill_two_cells(grower *g, const uint8_t *codes, const span *s) {
    static const double is_one[2] = {0, 1}, is_zero[2] = {1, 0};
    const int32_t *rows = g->rows + s->begin;
    const double *weight = g->weight, *value = g->value;
    double weight_0 = 0, weight_1 = 0, value_0 = 0, value_1 = 0;
    int64_t n = s->end - s->begin;
    for (int64_t i = 0; i < n; i++) {
        double one = is_one[codes[rows[i]]], zero = is_zero[codes[rows[i]]];
        weight_0 += weight[i] * zero;
        weight_1 += weight[i] * one;
        value_0 += value[i] * zero;
        value_1 += value[i] * one;
    }
    g->seen[0] = g->seen[1] = 1; /* the feature varies here */
    g->cells[0] = weight_0;
    g->cells[1] = value_0;
    g->cells[2] = weight_1;
    g->cells[3] = value_1;
}

static void fill_cells(grower *g, const uint8_t *codes, const span *s) {
    const int32_t *rows = g->rows + s->begin;
    int64_t n = s->end - s->begin;
    for (int64_t i = 0; i < n && g->k == 1; i++) {
        uint8_t code = codes[rows[i]];
        double *cell = g->cells + (size_t)code * 2;
        g->seen[code] = 1;
        cell[0] += g->weight[i];
        cell[1] += g->value[i];
    }
    for (int64_t i = 0; i < n && g->k > 1; i++) {
        uint8_t code = codes[rows[i]];
        double *cell = g->cells + (size_t)code * (size_t)g->width;
        g->seen[code] = 1;
        cell[0] += g->weight[i];
        cell[1 + g->data->slot[rows[i]]] += g->value[i];
    }
}

/* The codes seen, in rising order, without the missing one; their number. */
static int list_codes(const grower *g, uint8_t *codes) {
    int n = 0;
    for (int at = 0; at < 256; at += 8) {
        uint64_t eight;
        memcpy(&eight, g->seen + at, sizeof eight);
        for (int code = at; eight && code < at + 8; code++)
            if (g->seen[code] && code != TEND_BIN_MISSING)
                codes[n++] = (uint8_t)code;
    }
    return n;
}

static void clear_cells(grower *g, const uint8_t *codes, int n) {
    for (int i = 0; i < n; i++)
        memset(g->cells + (size_t)codes[i] * (size_t)g->width, 0, (size_t)g->width * sizeof(double));
    memset(g->cells + (size_t)TEND_BIN_MISSING * (size_t)g->width, 0, (size_t)g->width * sizeof(double));
    memset(g->seen, 0, sizeof g->seen);
}

/* Whether sending g->left to one side (and what is missing with it, or not) is better than the best
 * so far. */
static bool is_better(grower *g, bool missing_left) {
    const double *missing = g->cells + (size_t)TEND_BIN_MISSING * (size_t)g->width;
    double left = g->left[0] + (missing_left ? missing[0] : 0), right = g->whole[0] - left;
    if (left < g->data->min_leaf || right < g->data->min_leaf || left <= 0 || right <= 0)
        return false;
    double lefts = 0, rights = 0;
    for (int i = 1; i <= g->k; i++) {
        double l = g->left[i] + (missing_left ? missing[i] : 0), r = g->whole[i] - l;
        lefts += l * l;
        rights += r * r;
    }
    double gain = lefts / left + rights / right - g->parent;
    if (!(gain > g->best.gain))
        return false;
    g->best.gain = gain;
    g->best.missing_left = missing_left;
    return true;
}

/* With nothing missing here, a missing value later goes where most rows go. */
static bool try_sides(grower *g) {
    const double *missing = g->cells + (size_t)TEND_BIN_MISSING * (size_t)g->width;
    if (missing[0] > 0) {
        bool left = is_better(g, true), right = is_better(g, false);
        return left || right;
    }
    if (!is_better(g, false))
        return false;
    g->best.missing_left = g->left[0] > g->whole[0] - g->left[0];
    return true;
}

static void try_numeric(grower *g, int feature, const uint8_t *codes, int n) {
    memset(g->left, 0, (size_t)g->width * sizeof(double));
    /* Before the first code nothing but the missing values can go left. */
    for (int i = 0; i < n; i++) {
        bool found = try_sides(g);
        if (found) {
            g->best.feature = feature;
            g->best.categorical = false;
            g->best.code = i == 0 ? 0 : (codes[i - 1] + codes[i] + 1) / 2;
        }
        add(g->left, g->cells + (size_t)codes[i] * (size_t)g->width, g->width);
    }
}

static void sort_by_mean(const grower *g, uint8_t *codes, int n) {
    int output = 1;
    for (int i = 2; i <= g->k; i++)
        output = g->whole[i] > g->whole[output] ? i : output;
    for (int i = 1; i < n; i++) { /* few categories: insertion, stable */
        uint8_t code = codes[i];
        const double *cell = g->cells + (size_t)code * (size_t)g->width;
        int at = i;
        for (; at > 0; at--) {
            const double *other = g->cells + (size_t)codes[at - 1] * (size_t)g->width;
            if (other[output] * cell[0] <= cell[output] * other[0])
                break;
            codes[at] = codes[at - 1];
        }
        codes[at] = code;
    }
}

static void try_categories(grower *g, int feature, const uint8_t *codes, int n) {
    uint8_t order[256];
    memcpy(order, codes, (size_t)n);
    sort_by_mean(g, order, n);
    memset(g->left, 0, (size_t)g->width * sizeof(double));
    for (int i = 0; i < n; i++) {
        if (try_sides(g)) {
            g->best.feature = feature;
            g->best.categorical = true;
            memset(g->best.set, 0, sizeof g->best.set);
            for (int c = i; c < n; c++)
                g->best.set[order[c] >> 5] |= 1U << (order[c] & 31);
        }
        add(g->left, g->cells + (size_t)order[i] * (size_t)g->width, g->width);
    }
}

/* False when the node's rows are all alike in this feature. */
static bool try_feature(grower *g, int feature, const span *s) {
    const uint8_t *column = g->data->bins->codes + (size_t)feature * (size_t)g->data->bins->n;
    if (!is_varied(g, column, s))
        return false;
    uint8_t codes[256];
    const tend_bin_feature *f = &g->data->bins->features[feature];
    if (g->k == 1 && f->n_cuts == 1 && !f->has_missing)
        fill_two_cells(g, column, s);
    else
        fill_cells(g, column, s);
    int n = list_codes(g, codes);
    if (f->categorical)
        try_categories(g, feature, codes, n);
    else
        try_numeric(g, feature, codes, n);
    clear_cells(g, codes, n);
    return true;
}

/* Features are drawn until enough of them vary here, and further while none of them gives a split.
 */
static bool find_split(grower *g, const span *s) {
    int p = g->data->bins->p, tried = 0;
    int want = (int)fmax(1, ceil(g->data->feature_share * p - 1e-9));
    g->parent = score(g->whole, g->k);
    g->best = (split){.gain = 1e-12 * g->parent, .feature = -1};
    for (int drawn = 0; drawn < p && (tried < want || g->best.feature < 0); drawn++) {
        int at = drawn + (int)tend_rng_below(&g->rng, (uint64_t)(p - drawn));
        int feature = g->features[at];
        g->features[at] = g->features[drawn];
        g->features[drawn] = feature;
        tried += try_feature(g, feature, s);
    }
    return g->best.feature >= 0;
}

static bool goes_left(const split *b, unsigned code) {
    if (code == TEND_BIN_MISSING)
        return b->missing_left;
    return b->categorical ? !(b->set[code >> 5] >> (code & 31) & 1) : (int)code < b->code;
}

/* Both sides keep the order of their rows. */
static int64_t partition(grower *g, const span *s) {
    const uint8_t *codes = g->data->bins->codes + (size_t)g->best.feature * (size_t)g->data->bins->n;
    int64_t at = s->begin, spared = 0;
    for (int64_t i = s->begin; i < s->end; i++) {
        int32_t row = g->rows[i];
        if (goes_left(&g->best, codes[row]))
            g->rows[at++] = row;
        else
            g->spare[spared++] = row;
    }
    memcpy(g->rows + at, g->spare, (size_t)spared * sizeof *g->rows);
    return at;
}

static int push_node(grower *g, span s) {
    tend_grown_tree *t = g->out;
    if (t->n_nodes == g->capacity) {
        g->capacity = g->capacity ? 2 * g->capacity : 256;
        t->nodes = tend_realloc(t->nodes, (size_t)g->capacity * sizeof *t->nodes);
        t->mean = tend_realloc(t->mean, (size_t)g->capacity * (size_t)g->k * sizeof *t->mean);
        g->spans = tend_realloc(g->spans, (size_t)g->capacity * sizeof *g->spans);
    }
    t->nodes[t->n_nodes] = (tend_grown_node){.feature = -1};
    g->spans[t->n_nodes] = s;
    return t->n_nodes++;
}

static void sum_node(grower *g, int node) {
    span s = g->spans[node];
    memset(g->whole, 0, (size_t)g->width * sizeof(double));
    for (int64_t i = s.begin; i < s.end; i++) {
        int32_t row = g->rows[i];
        double w = g->weight[i - s.begin] = g->data->weight[row], v = g->value[i - s.begin] = g->data->value[row];
        g->whole[0] += w;
        g->whole[1 + (g->data->slot ? g->data->slot[row] : 0)] += v;
    }
    g->out->nodes[node].cover = (float)g->whole[0];
    for (int i = 0; i < g->k; i++)
        g->out->mean[(size_t)node * (size_t)g->k + (size_t)i] = g->whole[0] > 0 ? g->whole[i + 1] / g->whole[0] : 0;
}

static float threshold_of(const grower *g) {
    if (g->best.categorical)
        return 0;
    return g->best.code == 0 ? -FLT_MAX : g->data->bins->features[g->best.feature].cuts[g->best.code - 1];
}

static void split_node(grower *g, int node) {
    span s = g->spans[node];
    if (s.depth >= g->data->max_depth || g->whole[0] < 2 * g->data->min_leaf || !find_split(g, &s))
        return;
    int64_t middle = partition(g, &s);
    int left = push_node(g, (span){s.begin, middle, s.depth + 1});
    push_node(g, (span){middle, s.end, s.depth + 1});
    tend_grown_node *n = &g->out->nodes[node];
    n->feature = g->best.feature;
    n->threshold = threshold_of(g);
    n->left = (uint32_t)left;
    n->gain = (float)g->best.gain;
    n->missing_left = g->best.missing_left;
    n->categorical = g->best.categorical;
    memcpy(n->set, g->best.set, sizeof n->set);
}

static void prepare(grower *g, tend_arena *arena) {
    const tend_bins *bins = g->data->bins;
    g->rows = TEND_ARRAY(arena, int32_t, bins->n);
    g->spare = TEND_ARRAY(arena, int32_t, bins->n);
    g->weight = TEND_ARRAY(arena, double, bins->n);
    g->value = TEND_ARRAY(arena, double, bins->n);
    g->features = TEND_ARRAY(arena, int, bins->p);
    for (int j = 0; j < bins->p; j++)
        g->features[j] = j;
    g->cells = TEND_ARRAY(arena, double, 256 * (size_t)g->width);
    g->whole = TEND_ARRAY(arena, double, g->width);
    g->left = TEND_ARRAY(arena, double, g->width);
}

void tend_forest_grow(const tend_forest_rows *rows, int tree, tend_grown_tree *out) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    *out = (tend_grown_tree){0};
    grower g = {.data = rows, .k = rows->n_outputs, .width = rows->n_outputs + 1, .out = out};
    char stream[32];
    snprintf(stream, sizeof stream, "forest/%d", tree);
    tend_rng_init(&g.rng, rows->seed, stream);
    prepare(&g, arena);
    push_node(&g, (span){0, sample_rows(&g), 0});
    for (int node = 0; node < out->n_nodes; node++) {
        sum_node(&g, node);
        split_node(&g, node);
    }
    free(g.spans);
}
