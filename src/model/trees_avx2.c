/* The kernel for AVX2: half a mask is one register. */
#include "model/trees_plan.h"

#if defined(__x86_64__)
#include "model/trees_target.h"

#include <immintrin.h>
#include <math.h>

TREE_TARGET_BEGIN("avx2,bmi2,popcnt")

#define TREE_VECTOR 32
#define TREE_INLINE static inline __attribute__((always_inline))
#define TREE_FN     static
#include "model/trees_kernel.inc.h"

/* ---- rows to bins ---- */

enum { PART = 64, HALF = TEND_TREE_ROWS / 2 };

TREE_INLINE uint32_t count_cuts(const float *cuts, __m256 x) {
    uint32_t low = (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(_mm256_load_ps(cuts), x, _CMP_LE_OQ));
    uint32_t high = (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(_mm256_load_ps(cuts + 8), x, _CMP_LE_OQ));
    return (uint32_t)_mm_popcnt_u32(low | high << 8);
}

/* Two looks, at every 16th cut and then at 16 neighbours. Missing is 0: it compares with nothing.
 */
TREE_INLINE uint32_t find_bin(const float *cuts, const float *pivots, float x) {
    __m256 v = _mm256_set1_ps(x);
    uint32_t part = 16 * count_cuts(pivots, v);
    return part + count_cuts(cuts + part, v);
}

/* With few cuts it is faster to compare 8 values with each. */
static void bins_few(const float *cuts, size_t n_cuts, const float *values, uint8_t *bins) {
    for (size_t r = 0; r < PART; r += 8) {
        __m256 v = _mm256_load_ps(values + r);
        __m256i count = _mm256_setzero_si256();
        for (size_t i = 0; i < n_cuts; i++)
            count = _mm256_sub_epi32(count, _mm256_castps_si256(_mm256_cmp_ps(_mm256_broadcast_ss(cuts + i), v, _CMP_LE_OQ)));
        __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(count), _mm256_extracti128_si256(count, 1));
        _mm_storel_epi64((__m128i *)(void *)(bins + r), _mm_packus_epi16(words, words));
    }
}

static void bins_many(const float *cuts, const float *pivots, const float *values, uint8_t *bins) {
    for (size_t r = 0; r < PART; r++)
        bins[r] = (uint8_t)find_bin(cuts, pivots, values[r]);
}

static void bin_values(const tend_tree_plan *plan, const tree_column *c, const float *values, uint8_t *bins) {
    if (c->n_cuts <= 12)
        bins_few(plan->cuts + c->cuts, c->n_cuts, values, bins);
    else
        bins_many(plan->cuts + c->cuts, plan->cuts + c->pivots, values, bins);
}

TREE_INLINE uint64_t missing_of(const float *values) {
    uint64_t missing = 0;
    for (unsigned i = 0; i < 8; i++) {
        __m256 v = _mm256_load_ps(values + 8 * i);
        missing |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(v, v, _CMP_UNORD_Q)) << (8 * i);
    }
    return missing;
}

/* The top bits of 64 bins make a plane's word; then the next bits move up. */
TREE_INLINE void store_planes(const uint8_t *bins, unsigned planes, uint64_t *out) {
    __m256i low = _mm256_load_si256((const __m256i *)(const void *)bins);
    __m256i high = _mm256_load_si256((const __m256i *)(const void *)(bins + 32));
    for (unsigned p = 8; p-- > 0;) {
        if (p < planes)
            out[p * 8] = (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
        low = _mm256_add_epi8(low, low);
        high = _mm256_add_epi8(high, high);
    }
}

/* One feature's values of up to 64 rows, side by side. */
TREE_INLINE void collect(const float *x, size_t stride, size_t rows, float *values) {
    for (size_t r = 0; r < rows; r++)
        values[r] = x[r * stride];
    for (size_t r = rows; r < PART; r++)
        values[r] = 0;
}

static void bin_block(const tend_tree_plan *plan, tree_block *block) {
    size_t stride = block->stride;
    size_t parts = used_bytes(block->n) / 8;
    for (size_t part = 0; part < parts; part++) {
        size_t rows = part * PART >= block->n ? 0 : block->n - part * PART < PART ? block->n - part * PART : PART;
        const float *from = block->x + part * PART * stride;
        for (uint32_t i = 0; i < plan->n_numeric; i++) {
            const tree_column *c = &plan->columns[i];
            _Alignas(32) uint8_t bins[PART];
            if (i == 0 || c->feature != plan->columns[i - 1].feature)
                collect(from + c->feature, stride, rows, block->tile);
            bin_values(plan, c, block->tile, bins);
            uint64_t missing = missing_of(block->tile);
            block->missing[(size_t)i * 8 + part] = missing;
            store_planes(bins, c->planes, block->planes + (size_t)i * 64 + part);
            if (plan->any_deep)
                tend_tree_column_bytes(plan, i, bins, missing, rows, block->bytes + part * PART * plan->n_bytes);
        }
    }
}

/* ---- leaf numbers and leaf values ---- */

/* The bits of each 8 x 8 matrix (tend_tree_transpose8), four at once. */
TREE_INLINE __m256i transpose8(__m256i m) {
    __m256i t = _mm256_and_si256(_mm256_xor_si256(m, _mm256_srli_epi64(m, 7)), _mm256_set1_epi64x(0x00aa00aa00aa00aa));
    m = _mm256_xor_si256(m, _mm256_xor_si256(t, _mm256_slli_epi64(t, 7)));
    t = _mm256_and_si256(_mm256_xor_si256(m, _mm256_srli_epi64(m, 14)), _mm256_set1_epi64x(0x0000cccc0000cccc));
    m = _mm256_xor_si256(m, _mm256_xor_si256(t, _mm256_slli_epi64(t, 14)));
    t = _mm256_and_si256(_mm256_xor_si256(m, _mm256_srli_epi64(m, 28)), _mm256_set1_epi64x(0x00000000f0f0f0f0));
    return _mm256_xor_si256(m, _mm256_xor_si256(t, _mm256_slli_epi64(t, 28)));
}

TREE_INLINE __m256i load_plane(const uint8_t *planes, int i) {
    return _mm256_load_si256((const __m256i *)(const void *)(planes + i * TEND_TREE_MASK));
}

/* Planes of 256 rows to numbers: register k has, in lane L, rows 128 L + 16 k and the following 15.
 */
TREE_INLINE void planes_to_numbers(const uint8_t *planes, bool eight, uint8_t *numbers) {
    __m256i pair[4][2], low, high;
    for (int i = 0; i < 4; i++) {
        __m256i a = i < 3 || eight ? load_plane(planes, 2 * i) : _mm256_setzero_si256();
        __m256i b = i < 3 || eight ? load_plane(planes, 2 * i + 1) : _mm256_setzero_si256();
        pair[i][0] = _mm256_unpacklo_epi8(a, b);
        pair[i][1] = _mm256_unpackhi_epi8(a, b);
    }
    _Pragma("GCC unroll 4") for (int i = 0; i < 4; i++) {
        int h = i / 2;
        low = i % 2 ? _mm256_unpackhi_epi16(pair[0][h], pair[1][h]) : _mm256_unpacklo_epi16(pair[0][h], pair[1][h]);
        high = i % 2 ? _mm256_unpackhi_epi16(pair[2][h], pair[3][h]) : _mm256_unpacklo_epi16(pair[2][h], pair[3][h]);
        __m256i *out = (__m256i *)(void *)(numbers + 64 * i);
        _mm256_store_si256(out, transpose8(_mm256_unpacklo_epi32(low, high)));
        _mm256_store_si256(out + 1, transpose8(_mm256_unpackhi_epi32(low, high)));
    }
}

/* 64 leaf values as four tables of bytes. */
static void arrange(float leaves[TEND_TREE_LANES]) {
    uint32_t bits[TEND_TREE_LANES];
    uint8_t bytes[4][TEND_TREE_LANES];
    memcpy(bits, leaves, sizeof bits);
    for (int i = 0; i < TEND_TREE_LANES; i++)
        for (int b = 0; b < 4; b++)
            bytes[b][i] = (uint8_t)(bits[i] >> (8 * b));
    memcpy(leaves, bytes, sizeof bytes);
}

TREE_INLINE void add_to(float *sums, __m256i bits) {
    _mm256_store_ps(sums, _mm256_add_ps(_mm256_load_ps(sums), _mm256_castsi256_ps(bits)));
}

/* Adds the leaf values of 32 rows. Values are fetched 16 at a time: a number that is not among the
 * 16 becomes an index with its top bit set, which fetches zero. */
TREE_INLINE void add_values(const float *leaves, int sixteens, __m256i numbers, float *sums) {
    __m256i byte[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
    _Pragma("GCC unroll 4") for (int q = 0; q < sixteens; q++) {
        const uint8_t *table = (const uint8_t *)(leaves + q / 4 * TEND_TREE_LANES) + q % 4 * 16;
        __m256i index = _mm256_adds_epu8(_mm256_xor_si256(numbers, _mm256_set1_epi8((char)(q << 4))), _mm256_set1_epi8(0x70));
        _Pragma("GCC unroll 4") for (int b = 0; b < 4; b++) {
            __m128i part = _mm_load_si128((const __m128i *)(const void *)(table + b * TEND_TREE_LANES));
            byte[b] = _mm256_or_si256(byte[b], _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(part), index));
        }
    }
    __m256i a = _mm256_unpacklo_epi8(byte[0], byte[1]), b = _mm256_unpacklo_epi8(byte[2], byte[3]);
    __m256i c = _mm256_unpackhi_epi8(byte[0], byte[1]), d = _mm256_unpackhi_epi8(byte[2], byte[3]);
    add_to(sums, _mm256_unpacklo_epi16(a, b));
    add_to(sums + 8, _mm256_unpackhi_epi16(a, b));
    add_to(sums + 16, _mm256_unpacklo_epi16(c, d));
    add_to(sums + 24, _mm256_unpackhi_epi16(c, d));
}

TREE_INLINE void add_half(const float *leaves, int sixteens, const uint8_t *numbers, float *sums) {
    for (int k = 0; k < 8; k++)
        add_values(leaves, sixteens, _mm256_load_si256((const __m256i *)(const void *)(numbers + 32 * k)), sums + 32 * k);
}

static void add_tree(const tend_tree_plan *plan, const tree_entry *e, const uint8_t *numbers, float *sums) {
    const float *leaves = plan->leaves + e->leaves;
    switch (e->levels) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4: add_half(leaves, 1, numbers, sums); break;
    case 5: add_half(leaves, 2, numbers, sums); break;
    case 6: add_half(leaves, 4, numbers, sums); break;
    case 7: add_half(leaves, 8, numbers, sums); break;
    default: add_half(leaves, 16, numbers, sums); break;
    }
}

static void sum_chunk(const tend_tree_plan *plan, const tree_chunk *chunk, tree_block *block) {
    _Alignas(64) uint8_t planes[TEND_TREE_PLANES * TEND_TREE_MASK];
    size_t used = used_bytes(block->n);
    for (uint32_t i = chunk->first_tree; i < chunk->first_tree + chunk->n_trees; i++) {
        const tree_entry *e = &plan->entries[i];
        float *sums = block->sums + (size_t)e->group * TEND_TREE_ROWS;
        if (e->levels != TEND_TREE_TOP)
            memset(planes, 0, sizeof planes);
        tree_planes(plan, e, block, used, planes);
        for (size_t half = 0; half < used / TREE_VECTOR; half++) {
            uint8_t *numbers = block->numbers + half * HALF;
            if (e->levels <= TEND_TREE_TOP)
                planes_to_numbers(planes + half * TREE_VECTOR, false, numbers);
            else
                planes_to_numbers(planes + half * TREE_VECTOR, true, numbers);
            if (!e->deep)
                add_tree(plan, e, numbers, sums + half * HALF);
        }
        if (e->deep)
            tend_tree_walk_deep(plan, e, block->numbers, block);
    }
}

/* ---- one row ---- */

static void sum_row(const tend_tree_plan *plan, const float *x, uint8_t *bytes, float *out) {
    for (uint32_t i = 0; i < plan->n_columns; i++) {
        const tree_column *c = &plan->columns[i];
        float v = x[c->feature];
        uint32_t bin = c->set != UINT32_MAX ? tend_trees_in_set(plan->trees, c->set, v)
                       : c->n_cuts <= 16    ? count_cuts(plan->cuts + c->cuts, _mm256_set1_ps(v))
                                            : find_bin(plan->cuts + c->cuts, plan->cuts + c->pivots, v);
        tend_tree_put_bytes(c, bin, isnan(v), bytes);
    }
    tend_tree_walk_row(plan, bytes, out);
}

TREE_TARGET_END

/* Where rows stand in numbers and sums (planes_to_numbers, add_values). */
#define ROW_NUMBER(r) ((uint16_t)((r) / 256 * 256 + (r) / 16 % 8 * 32 + (r) / 128 % 2 * 16 + (r) % 16))
#define ROW_SUM(r)    ((uint16_t)((r) / 256 * 256 + (r) / 16 % 8 * 32 + (r) % 16 / 4 * 8 + (r) / 128 % 2 * 4 + (r) % 4))
static const uint16_t number_at[TEND_TREE_ROWS] = {TREE_ROWS512(ROW_NUMBER)};
static const uint16_t sum_at[TEND_TREE_ROWS] = {TREE_ROWS512(ROW_SUM)};

const tree_kernel tend_tree_kernel_avx2 = {.arrange = arrange,
                                           .bin = bin_block,
                                           .masks = make_masks,
                                           .sum = sum_chunk,
                                           .row = sum_row,
                                           .sum_at = sum_at,
                                           .number_at = number_at,
                                           .few = 24};
#endif
