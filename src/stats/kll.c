#include "stats/kll.h"

#include "base/arena.h"
#include "base/rng.h"
#include "stats/sort.h"

#include <math.h>
#include <stdlib.h>

enum {
    TOP_CAPACITY = 512, /* items on the top level; each level below has 2/3 of the one above */
    LEAST_CAPACITY = 8,
    EXACT = 4096,
    MAX_LEVELS = 60,
    SAMPLE_BITS = 17, /* one of 2^s values enters once n >= 2^(s + 17) */
    SAMPLE_FROM = 2 << SAMPLE_BITS
};

typedef struct level {
    double *items;
    size_t n, room; /* room: items that the memory holds */
    size_t full;    /* at so many it may be compacted */
} level;

struct tend_kll {
    tend_rng rng;
    int64_t n;
    double min, max;
    int n_levels;
    size_t n_items, limit; /* limit: items over all levels before some level is compacted */
    int sample;            /* s: new items stand for 2^s values, on level s */
    uint64_t group, pick;  /* values seen of the current group of 2^s, and which of them enters */
    level levels[MAX_LEVELS];
};

static size_t capacity_of(const tend_kll *kll, int h) {
    double size = TOP_CAPACITY;
    for (int depth = kll->n_levels - 1 - h; depth > 0 && size > LEAST_CAPACITY; depth--)
        size *= 2.0 / 3;
    return size > LEAST_CAPACITY ? (size_t)size : LEAST_CAPACITY;
}

static void set_levels(tend_kll *kll, int n_levels) {
    kll->n_levels = n_levels;
    kll->limit = 0;
    for (int h = 0; h < n_levels; h++) {
        kll->levels[h].full = capacity_of(kll, h);
        kll->limit += kll->levels[h].full;
    }
    if (n_levels == 1)
        kll->limit = EXACT;
}

tend_kll *tend_kll_new(void) {
    tend_kll *kll = tend_calloc(1, sizeof *kll);
    tend_rng_init(&kll->rng, 0, "kll");
    set_levels(kll, 1);
    kll->min = INFINITY;
    kll->max = -INFINITY;
    return kll;
}

void tend_kll_free(tend_kll *kll) {
    if (!kll)
        return;
    for (int i = 0; i < MAX_LEVELS; i++)
        free(kll->levels[i].items);
    free(kll);
}

int64_t tend_kll_count(const tend_kll *kll) { return kll->n; }
bool tend_kll_is_exact(const tend_kll *kll) { return kll->n_levels == 1; }

static void reserve(level *l, size_t more) {
    if (l->n + more <= l->room)
        return;
    l->room = l->n + more > 2 * l->room ? l->n + more : 2 * l->room;
    l->items = tend_realloc(l->items, tend_mul_or_die(l->room, sizeof *l->items));
}

/* Every second item, in sorted order, moves up; of an odd number the smallest stays behind. */
static void compact(tend_kll *kll, int h) {
    level *from = &kll->levels[h], *to = &kll->levels[h + 1];
    size_t odd = from->n & 1, half = from->n / 2;
    tend_sort_doubles(from->items, from->n);
    reserve(to, half);
    size_t start = odd + (tend_rng_next(&kll->rng) >> 63);
    for (size_t i = 0; i < half; i++)
        to->items[to->n++] = from->items[start + 2 * i];
    from->n = odd;
    kll->n_items -= half;
    if (h + 1 == kll->n_levels)
        set_levels(kll, kll->n_levels + 1);
}

/* The lowest full level is compacted until the whole fits; there is one as long as it does not. */
static void compress(tend_kll *kll) {
    while (kll->n_items >= kll->limit) {
        int h = 0;
        while (h < kll->n_levels - 1 && kll->levels[h].n < kll->levels[h].full)
            h++;
        if (h + 1 >= MAX_LEVELS)
            return;
        compact(kll, h);
    }
}

static void push(tend_kll *kll, const double *values, size_t n) {
    level *l = &kll->levels[kll->sample];
    reserve(l, n);
    memcpy(l->items + l->n, values, n * sizeof *values);
    l->n += n;
    kll->n_items += n;
}

static void start_group(tend_kll *kll) {
    int bits = 63 - __builtin_clzll((uint64_t)kll->n | 1) - SAMPLE_BITS;
    kll->group = 0;
    if (bits > kll->sample)
        kll->sample = bits;
    if (kll->n_levels <= kll->sample)
        set_levels(kll, kll->sample + 1);
    kll->pick = tend_rng_next(&kll->rng) >> (64 - kll->sample);
}

/* Everything enters, as far as there is room before the next compaction and before sampling starts. Returns how many it took. */
static size_t add_all(tend_kll *kll, const double *values, size_t n) {
    size_t room = kll->limit - kll->n_items, before = (size_t)(SAMPLE_FROM - kll->n);
    size_t take = n < room ? n : room;
    take = take < before ? take : before;
    push(kll, values, take);
    kll->n += (int64_t)take;
    return take;
}

/* One value of each group enters. Returns how many values it passed. */
static size_t add_sampled(tend_kll *kll, const double *values, size_t n) {
    size_t done = 0;
    while (done < n && kll->n_items < kll->limit) {
        if (kll->group == 0)
            start_group(kll);
        uint64_t left = (UINT64_C(1) << kll->sample) - kll->group;
        size_t take = n - done < left ? n - done : left;
        if (kll->pick >= kll->group && kll->pick - kll->group < take)
            push(kll, values + done + (kll->pick - kll->group), 1);
        kll->group = take == left ? 0 : kll->group + take;
        kll->n += (int64_t)take;
        done += take;
    }
    return done;
}

static size_t add_some(tend_kll *kll, const double *values, size_t n) {
    if (kll->n_items >= kll->limit)
        compress(kll);
    bool all = kll->n < SAMPLE_FROM && kll->sample == 0;
    return all ? add_all(kll, values, n) : add_sampled(kll, values, n);
}

static void add_numbers(tend_kll *kll, const double *values, size_t n) {
    for (size_t i = 0; i < n; i++) {
        kll->min = values[i] < kll->min ? values[i] : kll->min;
        kll->max = values[i] > kll->max ? values[i] : kll->max;
    }
    while (n > 0) {
        size_t taken = add_some(kll, values, n);
        values += taken;
        n -= taken;
    }
}

void tend_kll_add(tend_kll *kll, const double *values, size_t n) {
    for (size_t begin = 0, end; begin < n; begin = end + 1) { /* stretches between NaN */
        for (end = begin; end < n && !isnan(values[end]);)
            end++;
        add_numbers(kll, values + begin, end - begin);
    }
}

/* What of an unfinished group was not picked is lost: less than 2^-17 of n. */
void tend_kll_merge(tend_kll *into, const tend_kll *other) {
    int n_levels = other->n_levels > into->n_levels ? other->n_levels : into->n_levels;
    if (into->n + other->n > EXACT && n_levels == 1)
        n_levels = 2;
    set_levels(into, n_levels);
    for (int h = 0; h < other->n_levels; h++) {
        level *l = &into->levels[h];
        size_t n = other->levels[h].n;
        reserve(l, n);
        if (n > 0)
            memcpy(l->items + l->n, other->levels[h].items, n * sizeof *l->items);
        l->n += n;
        into->n_items += n;
    }
    into->n += other->n;
    into->min = other->min < into->min ? other->min : into->min;
    into->max = other->max > into->max ? other->max : into->max;
    if (into->n_levels > 1)
        compress(into);
}

/* ---- reading ---- */

typedef struct weighted {
    double value, weight;
} weighted;

static int compare(const void *a, const void *b) {
    double x = ((const weighted *)a)->value, y = ((const weighted *)b)->value;
    return (x > y) - (x < y);
}

/* All items in order, each weight replaced by the sum up to and with it. The caller frees them. */
static weighted *cumulated(const tend_kll *kll) {
    weighted *items = tend_malloc(tend_mul_or_die(kll->n_items + 1, sizeof *items));
    size_t n = 0;
    for (int h = 0; h < kll->n_levels; h++)
        for (size_t i = 0; i < kll->levels[h].n; i++)
            items[n++] = (weighted){kll->levels[h].items[i], ldexp(1, h)};
    qsort(items, n, sizeof *items, compare);
    for (size_t i = 1; i < n; i++)
        items[i].weight += items[i - 1].weight;
    return items;
}

/* The item that holds the order statistic number `at`, counted from 0 over all weights. */
static double statistic(const weighted *items, size_t n, double at) {
    size_t low = 0, high = n - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (items[middle].weight > at)
            high = middle;
        else
            low = middle + 1;
    }
    return items[low].value;
}

static double quantile_of(const tend_kll *kll, const weighted *items, double q) {
    size_t n = kll->n_items;
    if (!(q >= 0 && q <= 1))
        return (double)NAN;
    if (q == 0 || q == 1)
        return q == 0 ? kll->min : kll->max;
    double at = q * (items[n - 1].weight - 1), pair[2];
    pair[0] = statistic(items, n, floor(at));
    pair[1] = statistic(items, n, floor(at) + 1);
    double t = at - floor(at);
    return pair[0] == pair[1] ? pair[0] : t < 0.5 ? pair[0] + (pair[1] - pair[0]) * t : pair[1] - (pair[1] - pair[0]) * (1 - t);
}

void tend_kll_quantiles(const tend_kll *kll, const double *q, size_t n, double *out) {
    weighted *items = kll->n_items ? cumulated(kll) : NULL;
    for (size_t i = 0; i < n; i++)
        out[i] = items ? quantile_of(kll, items, q[i]) : (double)NAN;
    free(items);
}

double tend_kll_quantile(const tend_kll *kll, double q) {
    double out;
    tend_kll_quantiles(kll, &q, 1, &out);
    return out;
}

double tend_kll_rank(const tend_kll *kll, double v) {
    double below = 0, total = 0;
    for (int h = 0; h < kll->n_levels; h++)
        for (size_t i = 0; i < kll->levels[h].n; i++) {
            total += ldexp(1, h);
            below += kll->levels[h].items[i] <= v ? ldexp(1, h) : 0;
        }
    return total > 0 ? below / total : (double)NAN;
}

/* ---- saving ---- */

void tend_kll_save(const tend_kll *kll, tend_buf *out) {
    for (int i = 0; i < 4; i++)
        tend_buf_u64(out, kll->rng.s[i]);
    tend_buf_u64(out, (uint64_t)kll->n);
    tend_buf_f64(out, kll->min);
    tend_buf_f64(out, kll->max);
    tend_buf_u64(out, kll->group);
    tend_buf_u64(out, kll->pick);
    tend_buf_u32(out, (uint32_t)kll->sample);
    tend_buf_u32(out, (uint32_t)kll->n_levels);
    for (int h = 0; h < kll->n_levels; h++) {
        tend_buf_u32(out, (uint32_t)kll->levels[h].n);
        for (size_t i = 0; i < kll->levels[h].n; i++)
            tend_buf_f64(out, kll->levels[h].items[i]);
    }
}

static bool load_level(tend_kll *kll, level *l, tend_cursor *c) {
    uint32_t n = tend_cursor_u32(c);
    if (n > (c->size - c->at) / sizeof(double))
        return false;
    reserve(l, n);
    for (; l->n < n; l->n++) {
        double v = l->items[l->n] = tend_cursor_f64(c);
        if (!(v >= kll->min && v <= kll->max))
            return false;
    }
    kll->n_items += n;
    return true;
}

/* The values that the items stand for: all, up to what an unfinished group gives or takes. So there is always a level left
 * to compact into. */
static double weight_of(const tend_kll *kll) {
    double weight = 0;
    for (int h = 0; h < kll->n_levels; h++)
        weight += ldexp((double)kll->levels[h].n, h);
    return weight;
}

tend_kll *tend_kll_load(tend_cursor *c) {
    tend_kll *kll = tend_kll_new();
    for (int i = 0; i < 4; i++)
        kll->rng.s[i] = tend_cursor_u64(c);
    kll->n = (int64_t)tend_cursor_u64(c);
    kll->min = tend_cursor_f64(c);
    kll->max = tend_cursor_f64(c);
    kll->group = tend_cursor_u64(c);
    kll->pick = tend_cursor_u64(c);
    uint32_t sample = tend_cursor_u32(c), n_levels = tend_cursor_u32(c);
    bool good = !c->failed && kll->n >= 0 && kll->n < INT64_MAX / 2 && n_levels >= 1 && n_levels < MAX_LEVELS && sample < n_levels &&
                kll->group >> sample == 0 && kll->pick >> sample == 0;
    kll->sample = good ? (int)sample : 0;
    set_levels(kll, good ? (int)n_levels : 1);
    for (int h = 0; good && h < kll->n_levels; h++)
        good = load_level(kll, &kll->levels[h], c);
    good =
        good && (kll->n_levels > 1 || kll->n_items <= EXACT) && (kll->n_items > 0) == (kll->n > 0) && weight_of(kll) <= 2 * (double)kll->n;
    if (good && !c->failed)
        return kll;
    tend_kll_free(kll);
    return NULL;
}
