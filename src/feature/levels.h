/* The levels of texts: what the encoders of categories share. */
#ifndef TEND_FEATURE_LEVELS_H
#define TEND_FEATURE_LEVELS_H

#include "base/dict.h"
#include "feature/values.h"

typedef struct tend_level_count {
    tend_str text;
    int64_t n;
} tend_level_count;

typedef struct tend_levels {
    tend_level_count *items; /* sorted bytewise; the texts live in dict */
    int n;
    int64_t n_missing;
    tend_dict *dict; /* freed with the arena */
} tend_levels;

/* Counts the distinct texts. */
void tend_levels_count(const tend_values *values, tend_arena *arena, tend_levels *out);
/* All sorted as numbers when every one is a number; else as they are, bytewise. */
void tend_levels_sort_natural(tend_levels *levels);
/* The `most` most frequent with at least min_count rows (ties bytewise), sorted bytewise. Returns
 * how many were left out. */
int tend_levels_keep(tend_levels *levels, int most, int64_t min_count);

#endif
