/* trees_lanes.h with AVX-512 VBMI. */
#include "model/trees_lanes.h"

#if defined(__x86_64__)
#include "model/trees_target.h"

#include <immintrin.h>

TREE_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,gfni,bmi2,popcnt")

#define LANES_INLINE static inline __attribute__((always_inline))

/* The row's bytes in 1, 2 or 4 registers. */
typedef struct row {
    __m512i part[4];
} row;

/* The batch before this one: its leaf values are added while this one's masks are made, because a
 * sum in tree order is a chain of additions that leaves the rest of the machine idle. */
typedef struct pending {
    const float *leaves;
    const uint8_t *numbers;
    size_t stride;
    float sum;
} pending;

LANES_INLINE void add_some(pending *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        p->sum += p->leaves[*p->numbers++];
        p->leaves += p->stride;
    }
}

LANES_INLINE __mmask64 goes_right(const row *r, int parts, const uint8_t *place) {
    __m512i which = _mm512_load_si512(place), cut = _mm512_load_si512(place + 64), v;
    if (parts == 1) {
        v = _mm512_permutexvar_epi8(which, r->part[0]);
    } else {
        v = _mm512_permutex2var_epi8(r->part[0], which, r->part[1]);
        if (parts == 4)
            v = _mm512_mask_mov_epi8(v, _mm512_movepi8_mask(which), _mm512_permutex2var_epi8(r->part[2], which, r->part[3]));
    }
    return _mm512_cmpgt_epu8_mask(v, cut);
}

/* Leaf numbers below a subtree of n levels; `share` values of the pending batch are added at each
 * lowest split. */
LANES_INLINE __m512i numbers1(const row *r, int parts, const uint8_t *place, pending *p, size_t share) {
    __m512i v = _mm512_maskz_mov_epi8(goes_right(r, parts, place), _mm512_set1_epi8(1));
    add_some(p, share);
    return v;
}
#define LANES_LEVEL(n, below)                                                                                  \
    LANES_INLINE __m512i numbers##n(const row *r, int parts, const uint8_t *place, pending *p, size_t share) { \
        enum { SIDE = ((1 << (n - 1)) - 1) * 128 };                                                            \
        __m512i left = numbers##below(r, parts, place, p, share);                                              \
        __m512i right = numbers##below(r, parts, place + SIDE, p, share);                                      \
        right = _mm512_or_si512(right, _mm512_set1_epi8(1 << (n - 1)));                                        \
        return _mm512_mask_mov_epi8(left, goes_right(r, parts, place + 2 * SIDE), right);                      \
    }
LANES_LEVEL(2, 1)
LANES_LEVEL(3, 2)
LANES_LEVEL(4, 3)
LANES_LEVEL(5, 4)
LANES_LEVEL(6, 5)

LANES_INLINE void batch_numbers(const row *r, int parts, const tree_lane_batch *b, pending *p, uint8_t *numbers) {
    __m512i v = _mm512_setzero_si512();
    switch (b->levels) {
    case 0: add_some(p, 64); break;
    case 1: v = numbers1(r, parts, b->places, p, 64); break;
    case 2: v = numbers2(r, parts, b->places, p, 32); break;
    case 3: v = numbers3(r, parts, b->places, p, 16); break;
    case 4: v = numbers4(r, parts, b->places, p, 8); break;
    case 5: v = numbers5(r, parts, b->places, p, 4); break;
    default: v = numbers6(r, parts, b->places, p, 2); break;
    }
    _mm512_store_si512(numbers, v);
}

LANES_INLINE void sum_batches(const tend_tree_plan *plan, const row *r, int parts, float *out) {
    static const float nothing = -0.0F;
    static const uint8_t zeros[64];
    _Alignas(64) uint8_t numbers[2][64];
    uint32_t group = 0;
    pending p = {.leaves = &nothing, .numbers = zeros, .sum = plan->trees->base_margin[0]};
    for (uint32_t i = 0; i < plan->lanes->n_batches; i++) {
        const tree_lane_batch *b = &plan->lanes->batches[i];
        batch_numbers(r, parts, b, &p, numbers[i % 2]);
        if (b->group != group) {
            out[group] = p.sum;
            group = b->group;
            p.sum = out[group];
        }
        p = (pending){.leaves = b->leaves, .numbers = numbers[i % 2], .stride = (size_t)1 << b->levels, .sum = p.sum};
    }
    add_some(&p, 64);
    out[group] = p.sum;
}

static void sum1(const tend_tree_plan *plan, const row *r, float *out) { sum_batches(plan, r, 1, out); }
static void sum2(const tend_tree_plan *plan, const row *r, float *out) { sum_batches(plan, r, 2, out); }
static void sum4(const tend_tree_plan *plan, const row *r, float *out) { sum_batches(plan, r, 4, out); }

void tend_tree_lanes_sum(const tend_tree_plan *plan, const uint8_t *bytes, float *out) {
    memcpy(out, plan->trees->base_margin, plan->n_groups * sizeof *out);
    row r = {.part = {_mm512_load_si512(bytes)}};
    if (plan->n_bytes <= 64) {
        sum1(plan, &r, out);
        return;
    }
    for (int i = 1; i < 4; i++)
        r.part[i] = _mm512_load_si512(bytes + 64 * i);
    if (plan->n_bytes <= 128)
        sum2(plan, &r, out);
    else
        sum4(plan, &r, out);
}

TREE_TARGET_END
#endif
