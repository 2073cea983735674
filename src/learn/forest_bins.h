/* The training matrix of a forest in one byte per value, column by column. Private to the forest.
 *
 * A numeric feature is cut at up to 254 places between its values (all of them when it has few,
 * else at even shares of the rows); a value's code is the number of cuts at or below it, so `x <
 * cut[c - 1]` is exactly `code < c`. A category is its own code. 255 is missing.
 */
#ifndef TEND_LEARN_FOREST_BINS_H
#define TEND_LEARN_FOREST_BINS_H

#include "learn/dataset.h"

#define TEND_BIN_MISSING   255
#define TEND_BIN_MOST_CUTS 254

typedef struct tend_bin_feature {
    float *cuts; /* rising */
    int n_cuts;
    bool categorical; /* without cuts */
    bool has_missing;
} tend_bin_feature;

typedef struct tend_bins {
    int64_t n;
    int p;
    uint8_t *codes; /* [p][n] */
    tend_bin_feature *features;
} tend_bins;

void tend_bins_make(tend_bins *bins, const tend_dataset *data, int most_cuts, int threads, tend_arena *arena);

#endif
