#include "base/dict.h"

#include "base/hash.h"

#include <stdlib.h>

typedef struct slot {
    uint32_t hash;   /* upper half of the key's hash: most misses are seen without touching the key */
    uint32_t number; /* of the key + 1; 0: free */
} slot;

struct tend_dict {
    slot *slots;
    size_t n_slots; /* a power of two */
    size_t count;
    size_t *ends; /* key i lies in bytes[ends[i - 1] .. ends[i]) */
    size_t ends_capacity;
    char *bytes;
    size_t bytes_capacity;
};

enum { FIRST_SLOTS = 16 };

tend_dict *tend_dict_new(void) {
    tend_dict *dict = tend_calloc(1, sizeof *dict);
    dict->n_slots = FIRST_SLOTS;
    dict->slots = tend_calloc(dict->n_slots, sizeof(slot));
    return dict;
}

void tend_dict_free(tend_dict *dict) {
    if (!dict)
        return;
    free(dict->slots);
    free(dict->ends);
    free(dict->bytes);
    free(dict);
}

int64_t tend_dict_count(const tend_dict *dict) { return (int64_t)dict->count; }

tend_str tend_dict_key(const tend_dict *dict, int64_t number) {
    size_t start = number > 0 ? dict->ends[number - 1] : 0;
    const char *bytes = dict->bytes ? dict->bytes : "";
    return (tend_str){bytes + start, dict->ends[number] - start};
}

static bool slot_holds(const tend_dict *dict, const slot *s, uint64_t hash, tend_str key) {
    return s->hash == (uint32_t)(hash >> 32) && tend_str_eq(tend_dict_key(dict, (int64_t)s->number - 1), key);
}

/* The slot that holds the key, or the free one where it belongs. */
static slot *find_slot(const tend_dict *dict, uint64_t hash, tend_str key) {
    size_t mask = dict->n_slots - 1;
    size_t i = (size_t)hash & mask;
    while (dict->slots[i].number && !slot_holds(dict, &dict->slots[i], hash, key))
        i = (i + 1) & mask;
    return &dict->slots[i];
}

/* The lower hash bits are not kept, so the keys are hashed again: cheaper than 8 more bytes in each
 * slot. */
static void grow_slots(tend_dict *dict) {
    free(dict->slots);
    dict->n_slots *= 2;
    dict->slots = tend_calloc(dict->n_slots, sizeof(slot));
    size_t mask = dict->n_slots - 1;
    for (size_t number = 0; number < dict->count; number++) {
        tend_str key = tend_dict_key(dict, (int64_t)number);
        uint64_t hash = tend_hash64(key.at, key.size, 0);
        size_t i = (size_t)hash & mask;
        while (dict->slots[i].number)
            i = (i + 1) & mask;
        dict->slots[i] = (slot){(uint32_t)(hash >> 32), (uint32_t)number + 1};
    }
}

static void *grown(void *old, size_t *capacity, size_t needed, size_t item) {
    if (needed <= *capacity)
        return old;
    *capacity = needed > 2 * *capacity ? needed : 2 * *capacity;
    return tend_realloc(old, tend_mul_or_die(*capacity, item));
}

static void append_key(tend_dict *dict, tend_str key) {
    size_t start = dict->count ? dict->ends[dict->count - 1] : 0;
    dict->ends = grown(dict->ends, &dict->ends_capacity, dict->count + 1, sizeof(size_t));
    dict->bytes = grown(dict->bytes, &dict->bytes_capacity, start + key.size, 1);
    if (key.size)
        memcpy(dict->bytes + start, key.at, key.size);
    dict->ends[dict->count++] = start + key.size;
}

int64_t tend_dict_add(tend_dict *dict, const void *key, size_t size, bool *out_new) {
    uint64_t hash = tend_hash64(key, size, 0);
    slot *s = find_slot(dict, hash, (tend_str){key, size});
    if (out_new)
        *out_new = s->number == 0;
    if (s->number)
        return (int64_t)s->number - 1;
    if (dict->count >= UINT32_MAX - 1)
        tend_mul_or_die(SIZE_MAX, 2); /* four billion keys: out of memory by any measure */
    append_key(dict, (tend_str){key, size});
    *s = (slot){(uint32_t)(hash >> 32), (uint32_t)dict->count};
    if (dict->count * 4 > dict->n_slots * 3)
        grow_slots(dict);
    return (int64_t)dict->count - 1;
}

int64_t tend_dict_find(const tend_dict *dict, const void *key, size_t size) {
    const slot *s = find_slot(dict, tend_hash64(key, size, 0), (tend_str){key, size});
    return (int64_t)s->number - 1;
}
