/* Which values are frequent: the summary of Misra & Gries (1982), isomorphic to space-saving and mergeable (Agarwal et al.
 * 2012, "Mergeable summaries").
 *
 * Keeps up to 1,024 distinct keys with a count each. While no more have come, everything is exact. When the table is full,
 * the median count is taken from all counters and those at zero leave. Then, with E = tend_topk_error():
 *     count <= true count <= count + E,   E <= total / 512,
 * so every key that makes up more than 0.2 % of the stream is there. Keys are bytes; of a key longer than 256 bytes the
 * first 256 are kept for display, its hash tells it from others. Deterministic; the order of merges can matter once the
 * summary is not exact.
 */
#ifndef TEND_STATS_TOPK_H
#define TEND_STATS_TOPK_H

#include "base/text.h"

typedef struct tend_topk tend_topk;

typedef struct tend_topk_item {
    tend_str key; /* borrowed from the summary */
    int64_t count;
} tend_topk_item;

tend_topk *tend_topk_new(void);
void tend_topk_free(tend_topk *topk);
/* `hash` is tend_hash64(key, 0), computed by the caller, who often needs it too. True when the key was not in the summary:
 * it may be new. */
bool tend_topk_add(tend_topk *topk, tend_str key, uint64_t hash, int64_t count);
void tend_topk_merge(tend_topk *into, const tend_topk *other);
int64_t tend_topk_total(const tend_topk *topk);
int64_t tend_topk_error(const tend_topk *topk); /* 0: exact */
/* The most frequent first, equal counts by key; at most n. Returns how many. */
size_t tend_topk_items(const tend_topk *topk, tend_topk_item *out, size_t n);
size_t tend_topk_size(const tend_topk *topk); /* keys in the summary */
/* Deterministic bytes. load returns NULL when they are broken. */
void tend_topk_save(const tend_topk *topk, tend_buf *out);
tend_topk *tend_topk_load(tend_cursor *c);

#endif
