#include "stats/hll.h"

#include "base/arena.h"

#include <math.h>
#include <stdlib.h>

enum { INDEX_BITS = 12, REGISTERS = 1 << INDEX_BITS, RANKS = 64 - INDEX_BITS, MAX_EXACT = 1024, FIRST_SLOTS = 64 };

struct tend_hll {
    uint64_t *slots; /* exact: an open-addressing set of hashes, 0 free; NULL once there are registers */
    size_t n_slots, n;
    bool has_zero; /* the hash 0 cannot stand in a slot */
    uint8_t *registers;
};

tend_hll *tend_hll_new(void) {
    tend_hll *hll = tend_calloc(1, sizeof *hll);
    hll->n_slots = FIRST_SLOTS;
    hll->slots = tend_calloc(hll->n_slots, sizeof *hll->slots);
    return hll;
}

void tend_hll_free(tend_hll *hll) {
    if (!hll)
        return;
    free(hll->slots);
    free(hll->registers);
    free(hll);
}

bool tend_hll_is_exact(const tend_hll *hll) { return !hll->registers; }

/* The register is chosen by the upper bits; its rank is the place of the first one among the rest. */
static void add_register(uint8_t *registers, uint64_t hash) {
    uint64_t rest = hash << INDEX_BITS;
    uint8_t rank = (uint8_t)(rest ? __builtin_clzll(rest) + 1 : RANKS + 1);
    uint8_t *r = &registers[hash >> (64 - INDEX_BITS)];
    *r = rank > *r ? rank : *r;
}

static uint64_t *find_slot(uint64_t *slots, size_t n_slots, uint64_t hash) {
    size_t at = hash & (n_slots - 1);
    while (slots[at] && slots[at] != hash)
        at = (at + 1) & (n_slots - 1);
    return &slots[at];
}

static void to_registers(tend_hll *hll) {
    hll->registers = tend_calloc(REGISTERS, 1);
    for (size_t i = 0; i < hll->n_slots; i++)
        if (hll->slots[i])
            add_register(hll->registers, hll->slots[i]);
    if (hll->has_zero)
        add_register(hll->registers, 0);
    free(hll->slots);
    hll->slots = NULL;
}

static void grow(tend_hll *hll) {
    size_t n_slots = hll->n_slots * 2;
    uint64_t *slots = tend_calloc(n_slots, sizeof *slots);
    for (size_t i = 0; i < hll->n_slots; i++)
        if (hll->slots[i])
            *find_slot(slots, n_slots, hll->slots[i]) = hll->slots[i];
    free(hll->slots);
    hll->slots = slots;
    hll->n_slots = n_slots;
}

static void add_exact(tend_hll *hll, uint64_t hash) {
    uint64_t *slot = hash ? find_slot(hll->slots, hll->n_slots, hash) : NULL;
    if (slot ? *slot != 0 : hll->has_zero)
        return;
    if (slot)
        *slot = hash;
    else
        hll->has_zero = true;
    hll->n++;
    if (hll->n > MAX_EXACT)
        to_registers(hll);
    else if (2 * hll->n > hll->n_slots)
        grow(hll);
}

void tend_hll_add(tend_hll *hll, uint64_t hash) {
    if (hll->registers)
        add_register(hll->registers, hash);
    else
        add_exact(hll, hash);
}

void tend_hll_merge(tend_hll *into, const tend_hll *other) {
    if (!other->registers) {
        for (size_t i = 0; i < other->n_slots; i++)
            if (other->slots[i])
                tend_hll_add(into, other->slots[i]);
        if (other->has_zero)
            tend_hll_add(into, 0);
        return;
    }
    if (!into->registers)
        to_registers(into);
    for (int i = 0; i < REGISTERS; i++)
        if (other->registers[i] > into->registers[i])
            into->registers[i] = other->registers[i];
}

/* Ertl's σ and τ: series that converge to the last bit in a few steps. */
static double sigma(double x) {
    if (x == 1)
        return INFINITY;
    double y = 1, z = x, last;
    do {
        x *= x;
        last = z;
        z += x * y;
        y += y;
    } while (z != last);
    return z;
}

static double tau(double x) {
    if (x == 0 || x == 1)
        return 0;
    double y = 1, z = 1 - x, last;
    do {
        x = sqrt(x);
        last = z;
        y *= 0.5;
        z -= (1 - x) * (1 - x) * y;
    } while (z != last);
    return z / 3;
}

double tend_hll_count(const tend_hll *hll) {
    if (!hll->registers)
        return (double)hll->n;
    double m = REGISTERS;
    int counts[RANKS + 2] = {0};
    for (int i = 0; i < REGISTERS; i++)
        counts[hll->registers[i]]++;
    double z = m * tau(1 - counts[RANKS + 1] / m);
    for (int k = RANKS; k >= 1; k--)
        z = 0.5 * (z + counts[k]);
    z += m * sigma(counts[0] / m);
    return m * m / (2 * M_LN2 * z);
}

static int compare(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* u32: number of hashes, or UINT32_MAX before registers; hashes sorted, so that the order of arrival does not show. */
void tend_hll_save(const tend_hll *hll, tend_buf *out) {
    if (hll->registers) {
        tend_buf_u32(out, UINT32_MAX);
        tend_buf_append(out, hll->registers, REGISTERS);
        return;
    }
    uint64_t *sorted = tend_calloc(hll->n + 1, sizeof *sorted);
    size_t n = hll->has_zero;
    for (size_t i = 0; i < hll->n_slots; i++)
        if (hll->slots[i])
            sorted[n++] = hll->slots[i];
    qsort(sorted, n, sizeof *sorted, compare);
    tend_buf_u32(out, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        tend_buf_u64(out, sorted[i]);
    free(sorted);
}

static bool load_registers(tend_hll *hll, tend_cursor *c) {
    const uint8_t *bytes = tend_cursor_bytes(c, REGISTERS);
    for (int i = 0; bytes && i < REGISTERS; i++)
        if (bytes[i] > RANKS + 1)
            return false;
    if (bytes) {
        to_registers(hll);
        memcpy(hll->registers, bytes, REGISTERS);
    }
    return bytes != NULL;
}

tend_hll *tend_hll_load(tend_cursor *c) {
    tend_hll *hll = tend_hll_new();
    uint32_t n = tend_cursor_u32(c);
    bool good = n == UINT32_MAX ? load_registers(hll, c) : n <= MAX_EXACT;
    for (uint32_t i = 0; good && n != UINT32_MAX && i < n; i++)
        tend_hll_add(hll, tend_cursor_u64(c));
    if (good && !c->failed)
        return hll;
    tend_hll_free(hll);
    return NULL;
}
