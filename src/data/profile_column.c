/* One column of a profile: taking values in, and merging. */
#include "data/profile_internal.h"

#include <math.h>
#include <stdlib.h>

static void numbers_init(profile_numbers *n, bool whole) {
    *n = (profile_numbers){.min_int = INT64_MAX, .max_int = INT64_MIN};
    tend_moments_init(&n->moments);
    tend_histogram_init(&n->histogram, whole);
    n->kll = tend_kll_new();
    n->pending = tend_malloc(PROFILE_BLOCK * sizeof *n->pending);
}

void profile_column_init(profile_column *c, const char *name, tend_type type) {
    *c = (profile_column){.name = name, .type = type, .hll = tend_hll_new()};
    if (type == TEND_STRING)
        c->text = (profile_text){.min_length = INT64_MAX, .topk = tend_topk_new()};
    else
        numbers_init(&c->numbers, type != TEND_FLOAT);
}

void profile_column_done(profile_column *c) {
    tend_hll_free(c->hll);
    tend_kll_free(c->numbers.kll);
    free(c->numbers.pending);
    tend_topk_free(c->text.topk);
}

/* ---- numbers ---- */

static void work_in(tend_moments *moments, tend_histogram *histogram, tend_kll *kll, const double *values, size_t n) {
    tend_moments_add(moments, values, n);
    tend_histogram_add(histogram, values, n);
    tend_kll_add(kll, values, n);
}

static void flush(profile_numbers *n) {
    work_in(&n->moments, &n->histogram, n->kll, n->pending, n->n_pending);
    n->n_pending = 0;
}

profile_settled profile_settle(const profile_numbers *n) {
    profile_settled s = {n->moments, n->histogram, n->kll, NULL};
    if (n->n_pending == 0)
        return s;
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_kll_save(n->kll, &bytes);
    tend_cursor cursor = tend_cursor_init(bytes.data, bytes.size);
    s.kll = s.own = tend_kll_load(&cursor);
    work_in(&s.moments, &s.histogram, s.own, n->pending, n->n_pending);
    return s;
}

void profile_settled_done(profile_settled *s) { tend_kll_free(s->own); }

static void add_finite(profile_numbers *n, double v) {
    n->zeros += v == 0;
    n->negatives += v < 0;
    n->pending[n->n_pending++] = v;
    if (n->n_pending == PROFILE_BLOCK)
        flush(n);
}

/* Whole numbers hash alike whether they came as integers or as floats; only integers that no double holds hash by themselves. */
static uint64_t hash_double(double v) {
    uint64_t bits;
    v = v == 0 ? 0 : v; /* -0 too */
    memcpy(&bits, &v, sizeof bits);
    return tend_hll_hash(bits);
}

static uint64_t hash_int(int64_t v) {
    double d = (double)v;
    bool exact = d < 0x1p63 && (int64_t)d == v;
    return exact ? hash_double(d) : tend_hll_hash((uint64_t)v ^ UINT64_C(0x5bf0a8b1457695e1));
}

static void add_ints(profile_column *c, const tend_column *column, const int64_t *rows, int64_t n) {
    profile_numbers *numbers = &c->numbers;
    for (int64_t k = 0; k < n; k++) {
        int64_t i = rows ? rows[k] : k;
        if (!tend_is_valid(column, i)) {
            c->missing++;
            continue;
        }
        int64_t v = column->ints[i];
        c->count++;
        numbers->min_int = v < numbers->min_int ? v : numbers->min_int;
        numbers->max_int = v > numbers->max_int ? v : numbers->max_int;
        tend_hll_add(c->hll, hash_int(v));
        add_finite(numbers, (double)v);
    }
}

static void add_floats(profile_column *c, const tend_column *column, const int64_t *rows, int64_t n) {
    profile_numbers *numbers = &c->numbers;
    for (int64_t k = 0; k < n; k++) {
        int64_t i = rows ? rows[k] : k;
        double v = column->floats[i];
        if (!tend_is_valid(column, i) || isnan(v)) {
            c->missing++;
            continue;
        }
        c->count++;
        tend_hll_add(c->hll, hash_double(v));
        if (isinf(v))
            numbers->infinite++;
        else
            add_finite(numbers, v);
    }
}

/* ---- text ---- */

/* Bytes of UTF-8 that start a character. */
static int64_t characters(tend_str s) {
    int64_t n = 0;
    for (size_t i = 0; i < s.size; i++)
        n += ((unsigned char)s.at[i] & 0xC0) != 0x80;
    return n;
}

static void add_texts(profile_column *c, const tend_column *column, const int64_t *rows, int64_t n) {
    profile_text *text = &c->text;
    for (int64_t k = 0; k < n; k++) {
        int64_t i = rows ? rows[k] : k;
        if (!tend_is_valid(column, i)) {
            c->missing++;
            continue;
        }
        tend_str s = tend_column_str(column, i);
        int64_t length = characters(s);
        uint64_t hash = tend_hash64(s.at, s.size, 0);
        c->count++;
        text->min_length = length < text->min_length ? length : text->min_length;
        text->max_length = length > text->max_length ? length : text->max_length;
        text->total_length += length;
        if (tend_topk_add(text->topk, s, hash, 1)) /* what is in the summary has been counted as distinct before */
            tend_hll_add(c->hll, hash);
    }
}

void profile_column_add(profile_column *c, const tend_column *column, const int64_t *rows, int64_t n) {
    if (column->type == TEND_STRING)
        add_texts(c, column, rows, n);
    else if (column->type == TEND_FLOAT)
        add_floats(c, column, rows, n);
    else
        add_ints(c, column, rows, n);
}

/* ---- merging ---- */

void profile_column_widen(profile_column *c) { c->type = TEND_FLOAT; }

static void merge_numbers(profile_numbers *into, const profile_numbers *other) {
    profile_settled s = profile_settle(other);
    flush(into);
    tend_moments_merge(&into->moments, &s.moments);
    tend_histogram_merge(&into->histogram, &s.histogram);
    tend_kll_merge(into->kll, s.kll);
    profile_settled_done(&s);
    into->zeros += other->zeros;
    into->negatives += other->negatives;
    into->infinite += other->infinite;
    into->min_int = other->min_int < into->min_int ? other->min_int : into->min_int;
    into->max_int = other->max_int > into->max_int ? other->max_int : into->max_int;
}

static void merge_text(profile_text *into, const profile_text *other) {
    into->min_length = other->min_length < into->min_length ? other->min_length : into->min_length;
    into->max_length = other->max_length > into->max_length ? other->max_length : into->max_length;
    into->total_length += other->total_length;
    tend_topk_merge(into->topk, other->topk);
}

void profile_column_merge(profile_column *into, const profile_column *other) {
    into->count += other->count;
    into->missing += other->missing;
    tend_hll_merge(into->hll, other->hll);
    if (profile_is_text(into))
        merge_text(&into->text, &other->text);
    else
        merge_numbers(&into->numbers, &other->numbers);
}
