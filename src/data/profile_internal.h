/* What a profile is made of. Private to profile*.c. */
#ifndef TEND_DATA_PROFILE_INTERNAL_H
#define TEND_DATA_PROFILE_INTERNAL_H

#include "data/profile.h"
#include "stats/histogram.h"
#include "stats/hll.h"
#include "stats/kll.h"
#include "stats/moments.h"
#include "stats/topk.h"

enum { PROFILE_BLOCK = 4096 };

/* Finite numbers go through blocks of a fixed size, so that it does not matter how rows were split over tables. */
typedef struct profile_numbers {
    int64_t zeros, negatives, infinite;
    int64_t min_int, max_int; /* exact where a double would round; of whole numbers only */
    tend_moments moments;
    tend_histogram histogram;
    tend_kll *kll;
    double *pending; /* PROFILE_BLOCK, values that wait for a full block */
    size_t n_pending;
} profile_numbers;

typedef struct profile_text {
    int64_t min_length, max_length, total_length; /* in characters */
    tend_topk *topk;
} profile_text;

typedef struct profile_column {
    const char *name; /* in the profile's arena */
    tend_type type;
    int64_t count, missing;
    tend_hll *hll;
    profile_numbers numbers; /* all types but text */
    profile_text text;       /* text only */
} profile_column;

struct tend_profile {
    tend_arena *arena; /* names, and the summary */
    profile_column *columns;
    int n_columns;
    int64_t rows;
    tend_node *summary; /* a profile read from JSON has nothing but this */
};

void profile_column_init(profile_column *c, const char *name, tend_type type);
void profile_column_done(profile_column *c);
/* Rows `rows` (or the first n) of a table's column of a type that fits. */
void profile_column_add(profile_column *c, const tend_column *column, const int64_t *rows, int64_t n);
void profile_column_merge(profile_column *into, const profile_column *other);
/* INT becomes FLOAT. */
void profile_column_widen(profile_column *c);
static inline bool profile_is_text(const profile_column *c) { return c->type == TEND_STRING; }

/* The numbers with the pending ones worked in. `kll` may be the column's own: end with profile_settled_done. */
typedef struct profile_settled {
    tend_moments moments;
    tend_histogram histogram;
    const tend_kll *kll;
    tend_kll *own;
} profile_settled;
profile_settled profile_settle(const profile_numbers *n);
void profile_settled_done(profile_settled *s);

#endif
