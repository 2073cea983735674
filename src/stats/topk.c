#include "stats/topk.h"

#include "base/arena.h"

#include <stdlib.h>

enum { CAPACITY = 1024, SLOTS = 2 * CAPACITY, KEPT_BYTES = 256 };

typedef struct entry {
    uint64_t hash;
    size_t at; /* of the key in `keys` */
    uint32_t size, kept;
    int64_t count;
} entry;

struct tend_topk {
    entry *entries;
    size_t n;
    uint16_t *slots; /* entry + 1; 0: free */
    tend_buf keys;
    int64_t total, error;
};

tend_topk *tend_topk_new(void) {
    tend_topk *topk = tend_calloc(1, sizeof *topk);
    topk->entries = tend_calloc(CAPACITY, sizeof *topk->entries);
    topk->slots = tend_calloc(SLOTS, sizeof *topk->slots);
    return topk;
}

void tend_topk_free(tend_topk *topk) {
    if (!topk)
        return;
    free(topk->entries);
    free(topk->slots);
    tend_buf_done(&topk->keys);
    free(topk);
}

int64_t tend_topk_total(const tend_topk *topk) { return topk->total; }
int64_t tend_topk_error(const tend_topk *topk) { return topk->error; }
size_t tend_topk_size(const tend_topk *topk) { return topk->n; }

/* A key on its way in: what is kept of it, and what tells it from others. */
typedef struct probe {
    const char *bytes;
    uint64_t hash;
    uint32_t size, kept;
} probe;

/* Where the text is cut, no character of UTF-8 is torn. */
static probe probe_of(tend_str key, uint64_t hash) {
    size_t kept = key.size;
    if (kept > KEPT_BYTES)
        for (kept = KEPT_BYTES; kept > KEPT_BYTES - 4 && ((unsigned char)key.at[kept] & 0xC0) == 0x80;)
            kept--;
    return (probe){key.at, hash, (uint32_t)key.size, (uint32_t)kept};
}

static bool is_key(const tend_topk *topk, const entry *e, const probe *p) {
    return e->hash == p->hash && e->size == p->size && e->kept == p->kept &&
           (e->kept == 0 || memcmp(topk->keys.data + e->at, p->bytes, e->kept) == 0);
}

static uint16_t *find_slot(const tend_topk *topk, const probe *p) {
    size_t at = p->hash & (SLOTS - 1);
    while (topk->slots[at] && !is_key(topk, &topk->entries[topk->slots[at] - 1], p))
        at = (at + 1) & (SLOTS - 1);
    return &topk->slots[at];
}

static void append(tend_topk *topk, uint16_t *slot, const probe *p, int64_t count) {
    topk->entries[topk->n++] = (entry){p->hash, topk->keys.size, p->size, p->kept, count};
    tend_buf_append(&topk->keys, p->bytes, p->kept);
    *slot = (uint16_t)topk->n;
}

static int compare_counts(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Of a full table. */
static int64_t median_count(const tend_topk *topk) {
    int64_t counts[CAPACITY] = {0};
    for (size_t i = 0; i < topk->n; i++)
        counts[i] = topk->entries[i].count;
    bool equal = true; /* the usual case of a column of unique values */
    for (size_t i = 1; i < topk->n && equal; i++)
        equal = counts[i] == counts[0];
    if (equal)
        return counts[0];
    qsort(counts, topk->n, sizeof *counts, compare_counts);
    return counts[topk->n / 2];
}

/* Takes the median count from every counter; at least half of them leave. */
static void reduce(tend_topk *topk) {
    int64_t cut = median_count(topk);
    tend_buf old = topk->keys;
    size_t n = topk->n;
    topk->keys = TEND_BUF_INIT;
    topk->n = 0;
    topk->error += cut;
    memset(topk->slots, 0, SLOTS * sizeof *topk->slots);
    for (size_t i = 0; i < n; i++) {
        const entry e = topk->entries[i];
        const probe p = {tend_buf_text(&old) + e.at, e.hash, e.size, e.kept};
        if (e.count > cut)
            append(topk, find_slot(topk, &p), &p, e.count - cut);
    }
    tend_buf_done(&old);
}

static bool add(tend_topk *topk, const probe *p, int64_t count) {
    uint16_t *slot = find_slot(topk, p);
    topk->total += count;
    if (*slot) {
        topk->entries[*slot - 1].count += count;
        return false;
    }
    if (topk->n == CAPACITY) {
        reduce(topk);
        slot = find_slot(topk, p);
    }
    append(topk, slot, p, count);
    return true;
}

bool tend_topk_add(tend_topk *topk, tend_str key, uint64_t hash, int64_t count) {
    const probe p = probe_of(key, hash);
    return add(topk, &p, count);
}

void tend_topk_merge(tend_topk *into, const tend_topk *other) {
    int64_t total = into->total + other->total;
    for (size_t i = 0; i < other->n; i++) {
        const entry *e = &other->entries[i];
        const probe p = {tend_buf_text(&other->keys) + e->at, e->hash, e->size, e->kept};
        add(into, &p, e->count);
    }
    into->total = total;
    into->error += other->error;
}

static int compare_items(const void *a, const void *b) {
    const tend_topk_item *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return tend_str_compare(x->key, y->key);
}

size_t tend_topk_items(const tend_topk *topk, tend_topk_item *out, size_t n) {
    tend_topk_item *all = tend_calloc(topk->n + 1, sizeof *all);
    for (size_t i = 0; i < topk->n; i++)
        all[i] = (tend_topk_item){{tend_buf_text(&topk->keys) + topk->entries[i].at, topk->entries[i].kept}, topk->entries[i].count};
    qsort(all, topk->n, sizeof *all, compare_items);
    n = n < topk->n ? n : topk->n;
    if (n > 0)
        memcpy(out, all, n * sizeof *out);
    free(all);
    return n;
}

/* Entries in their order of arrival: it decides nothing later, but equal streams give equal bytes. */
void tend_topk_save(const tend_topk *topk, tend_buf *out) {
    tend_buf_u64(out, (uint64_t)topk->total);
    tend_buf_u64(out, (uint64_t)topk->error);
    tend_buf_u32(out, (uint32_t)topk->n);
    for (size_t i = 0; i < topk->n; i++) {
        const entry *e = &topk->entries[i];
        tend_buf_u64(out, e->hash);
        tend_buf_u64(out, (uint64_t)e->count);
        tend_buf_u32(out, e->size);
        tend_buf_u32(out, e->kept);
        tend_buf_append(out, tend_buf_text(&topk->keys) + e->at, e->kept);
    }
}

static bool load_entry(tend_topk *topk, tend_cursor *c) {
    uint64_t hash = tend_cursor_u64(c);
    int64_t count = (int64_t)tend_cursor_u64(c);
    uint32_t size = tend_cursor_u32(c), kept = tend_cursor_u32(c);
    bool whole = kept == size && size <= KEPT_BYTES, cut = size > KEPT_BYTES && kept <= KEPT_BYTES && kept > KEPT_BYTES - 5;
    const char *bytes = whole || cut ? tend_cursor_bytes(c, kept) : NULL;
    const probe p = {bytes, hash, size, kept};
    uint16_t *slot = bytes && count > 0 ? find_slot(topk, &p) : NULL;
    if (!slot || *slot)
        return false;
    append(topk, slot, &p, count);
    return true;
}

tend_topk *tend_topk_load(tend_cursor *c) {
    tend_topk *topk = tend_topk_new();
    topk->total = (int64_t)tend_cursor_u64(c);
    topk->error = (int64_t)tend_cursor_u64(c);
    uint32_t n = tend_cursor_u32(c);
    bool good = !c->failed && topk->total >= 0 && topk->error >= 0 && n <= CAPACITY;
    int64_t left = topk->total;
    for (uint32_t i = 0; good && i < n; i++) {
        good = load_entry(topk, c) && topk->entries[i].count <= left;
        left -= good ? topk->entries[i].count : 0;
    }
    if (good && !c->failed && topk->error <= left)
        return topk;
    tend_topk_free(topk);
    return NULL;
}
