/* The stored form of an ensemble (docs/formats/trees.md): a header of 64 bytes, then the arrays in
 * a fixed order, each starting at a multiple of 64. Their places follow from the counts, so there
 * is nothing to parse. */
#include "model/trees.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "tree files are little-endian and used in place; a big-endian host needs a conversion here"
#endif

enum { VERSION = 1, HEADER = 64, ALIGN = 64, ARRAYS = 12 };
static const char magic[8] = {'T', 'E', 'N', 'D', 'T', 'R', 'E', 'E'};

typedef struct array {
    size_t member; /* where the pointer lies in a tend_trees */
    uint64_t size; /* bytes */
} array;

/* The arrays in the order in which they are stored; what an ensemble does not have has size 0. */
static void list_arrays(const tend_trees *t, array out[ARRAYS]) {
    uint64_t n = t->n_nodes, sets = t->n_sets;
    array list[ARRAYS] = {
        {offsetof(tend_trees, base_margin), t->n_groups * 4ULL},
        {offsetof(tend_trees, tree_begin), (t->n_trees + 1ULL) * 4},
        {offsetof(tend_trees, tree_group), t->n_trees * 4ULL},
        {offsetof(tend_trees, feature), n * 4},
        {offsetof(tend_trees, value), n * 4},
        {offsetof(tend_trees, left), n * 4},
        {offsetof(tend_trees, cover), n * 4},
        {offsetof(tend_trees, gain), n * 4},
        {offsetof(tend_trees, set), sets ? n * 4 : 0},
        {offsetof(tend_trees, set_begin), sets ? (sets + 1) * 4 : 0},
        {offsetof(tend_trees, set_words), t->n_set_words * 4ULL},
        {offsetof(tend_trees, flags), n},
    };
    memcpy(out, list, sizeof list);
}

void tend_trees_save(const tend_trees *trees, tend_buf *out) {
    size_t start = out->size;
    tend_buf_append(out, magic, sizeof magic);
    tend_buf_u32(out, VERSION);
    tend_buf_u32(out, trees->n_trees);
    tend_buf_u32(out, trees->n_features);
    tend_buf_u32(out, trees->n_groups);
    tend_buf_u32(out, trees->n_nodes);
    tend_buf_u32(out, trees->n_sets);
    tend_buf_u32(out, trees->n_set_words);
    static const char zeros[ALIGN];
    array arrays[ARRAYS];
    list_arrays(trees, arrays);
    for (int i = 0; i < ARRAYS; i++) {
        tend_buf_append(out, zeros, (ALIGN - (out->size - start) % ALIGN) % ALIGN);
        const void *data;
        memcpy(&data, (const char *)trees + arrays[i].member, sizeof data);
        tend_buf_append(out, data, arrays[i].size);
    }
}

static tend_status read_header(const void *bytes, size_t size, tend_trees *t, tend_error *err) {
    tend_cursor c = tend_cursor_init(bytes, size);
    const char *found = tend_cursor_bytes(&c, sizeof magic);
    uint32_t version = tend_cursor_u32(&c);
    t->n_trees = tend_cursor_u32(&c);
    t->n_features = tend_cursor_u32(&c);
    t->n_groups = tend_cursor_u32(&c);
    t->n_nodes = tend_cursor_u32(&c);
    t->n_sets = tend_cursor_u32(&c);
    t->n_set_words = tend_cursor_u32(&c);
    if (!found || memcmp(found, magic, sizeof magic) != 0 || c.failed || size < HEADER)
        return TEND_FAIL(err, CORRUPT, "not a stored tree ensemble: the header is missing");
    if (version != VERSION)
        return TEND_FAIL(err, UNSUPPORTED, "tree ensemble of format %u; this version reads format %d", version, VERSION);
    return TEND_OK;
}

static tend_status place_arrays(const uint8_t *bytes, size_t size, tend_trees *t, tend_error *err) {
    array arrays[ARRAYS];
    list_arrays(t, arrays);
    uint64_t at = HEADER;
    for (int i = 0; i < ARRAYS; i++) {
        at = (at + ALIGN - 1) / ALIGN * ALIGN;
        if (at > size || arrays[i].size > size - at)
            return TEND_FAIL(err, CORRUPT, "the tree ensemble is cut short: %zu bytes, its counts need more", size);
        const void *data = bytes + at;
        if (arrays[i].size)
            memcpy((char *)t + arrays[i].member, &data, sizeof data);
        at += arrays[i].size;
    }
    if (at != size)
        return TEND_FAIL(err, CORRUPT, "the tree ensemble has %zu bytes, its counts need %llu", size, (unsigned long long)at);
    return TEND_OK;
}

tend_status tend_trees_load(const void *bytes, size_t size, tend_trees **out, tend_error *err) {
    tend_arena *arena = tend_arena_new();
    tend_trees *trees = TEND_NEW(arena, tend_trees);
    trees->arena = arena;
    TEND_AUTO(tend_trees) *owner = trees;
    TEND_TRY(read_header(bytes, size, trees, err));
    if ((uintptr_t)bytes % ALIGN != 0)
        bytes = memcpy(tend_arena_alloc_aligned(arena, size, ALIGN), bytes, size);
    TEND_TRY(place_arrays(bytes, size, trees, err));
    TEND_TRY(tend_trees_check(trees, err));
    *out = TEND_STEAL(owner);
    return TEND_OK;
}
