#include "feature/levels.h"

#include <stdlib.h>

static int by_text(const void *a, const void *b) {
    return tend_str_compare(((const tend_level_count *)a)->text, ((const tend_level_count *)b)->text);
}

static int by_count(const void *a, const void *b) {
    const tend_level_count *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : tend_str_compare(x->text, y->text);
}

static void sort(tend_levels *levels, int (*compare)(const void *a, const void *b)) {
    if (levels->n)
        qsort(levels->items, (size_t)levels->n, sizeof *levels->items, compare);
}

static void free_dict(void *dict) { tend_dict_free(dict); }

void tend_levels_count(const tend_values *values, tend_arena *arena, tend_levels *out) {
    *out = (tend_levels){.dict = tend_dict_new()};
    tend_arena_defer(arena, free_dict, out->dict);
    size_t capacity = 64;
    out->items = TEND_ARRAY(arena, tend_level_count, capacity);
    for (int64_t i = 0; i < values->n; i++) {
        tend_str text = values->texts[i];
        if (!text.at) {
            out->n_missing++;
            continue;
        }
        size_t level = (size_t)tend_dict_add(out->dict, text.at, text.size, NULL);
        if (level == capacity) {
            out->items = tend_arena_grow(arena, out->items, capacity * sizeof *out->items, 2 * capacity * sizeof *out->items);
            capacity *= 2;
        }
        out->items[level].n++;
    }
    out->n = (int)tend_dict_count(out->dict);
    for (int l = 0; l < out->n; l++)
        out->items[l].text = tend_dict_key(out->dict, l);
    sort(out, by_text);
}

static int by_number(const void *a, const void *b) {
    const tend_level_count *x = a, *y = b;
    double p = 0, q = 0;
    tend_text_parse_double(x->text, true, &p);
    tend_text_parse_double(y->text, true, &q);
    return p != q ? (p > q) - (p < q) : tend_str_compare(x->text, y->text);
}

void tend_levels_sort_natural(tend_levels *levels) {
    for (int l = 0; l < levels->n; l++) {
        double number;
        if (!tend_text_parse_double(levels->items[l].text, false, &number))
            return;
    }
    sort(levels, by_number);
}

int tend_levels_keep(tend_levels *levels, int most, int64_t min_count) {
    int before = levels->n;
    sort(levels, by_count);
    while (levels->n && levels->items[levels->n - 1].n < min_count)
        levels->n--;
    levels->n = levels->n < most ? levels->n : most;
    sort(levels, by_text);
    return before - levels->n;
}
