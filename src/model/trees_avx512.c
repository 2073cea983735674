/* The kernel for AVX-512 with VBMI and GFNI: a mask of 512 rows is one register. */
#include "model/trees_lanes.h"

#if defined(__x86_64__)
#include "model/trees_target.h"

#include <immintrin.h>
#include <math.h>

TREE_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,gfni,bmi2,popcnt")

#define TREE_VECTOR 64
#define TREE_INLINE static inline __attribute__((always_inline))
#define TREE_FN     static
#define TREE_MUX
#define mux(m, l, r) ((vec)_mm512_ternarylogic_epi64((__m512i)(m), (__m512i)(l), (__m512i)(r), 0xac))
#include "model/trees_kernel.inc.h"

/* ---- rows to bins ---- */

enum { GROUP = 16, PART = 64 }; /* features and rows of a tile */

TREE_INLINE void transpose16(const float *x, size_t stride, size_t rows, __mmask16 features, float *tile) {
    __m512i a[16], b[16];
    for (size_t i = 0; i < 16; i++)
        a[i] = i < rows ? _mm512_castps_si512(_mm512_maskz_loadu_ps(features, x + i * stride)) : _mm512_setzero_si512();
    _Pragma("GCC unroll 8") for (int i = 0; i < 8; i++) {
        b[2 * i] = _mm512_unpacklo_epi32(a[2 * i], a[2 * i + 1]);
        b[2 * i + 1] = _mm512_unpackhi_epi32(a[2 * i], a[2 * i + 1]);
    }
    _Pragma("GCC unroll 4") for (int i = 0; i < 4; i++) {
        a[4 * i] = _mm512_unpacklo_epi64(b[4 * i], b[4 * i + 2]);
        a[4 * i + 1] = _mm512_unpackhi_epi64(b[4 * i], b[4 * i + 2]);
        a[4 * i + 2] = _mm512_unpacklo_epi64(b[4 * i + 1], b[4 * i + 3]);
        a[4 * i + 3] = _mm512_unpackhi_epi64(b[4 * i + 1], b[4 * i + 3]);
    }
    _Pragma("GCC unroll 4") for (int i = 0; i < 4; i++) {
        __m512i even_low = _mm512_shuffle_i32x4(a[i], a[4 + i], 0x88), even_high = _mm512_shuffle_i32x4(a[8 + i], a[12 + i], 0x88);
        __m512i odd_low = _mm512_shuffle_i32x4(a[i], a[4 + i], 0xdd), odd_high = _mm512_shuffle_i32x4(a[8 + i], a[12 + i], 0xdd);
        _mm512_storeu_si512(tile + i * PART, _mm512_shuffle_i32x4(even_low, even_high, 0x88));
        _mm512_storeu_si512(tile + (4 + i) * PART, _mm512_shuffle_i32x4(odd_low, odd_high, 0x88));
        _mm512_storeu_si512(tile + (8 + i) * PART, _mm512_shuffle_i32x4(even_low, even_high, 0xdd));
        _mm512_storeu_si512(tile + (12 + i) * PART, _mm512_shuffle_i32x4(odd_low, odd_high, 0xdd));
    }
}

TREE_INLINE uint32_t count_cuts(const float *cuts, __m512 x) {
    return (uint32_t)_mm_popcnt_u32(_mm512_cmp_ps_mask(_mm512_load_ps(cuts), x, _CMP_LE_OQ));
}

/* Two looks, at every 16th cut and then at 16 neighbours. Missing is 0: it compares with nothing.
 */
TREE_INLINE uint32_t find_bin(const float *cuts, const float *pivots, float x) {
    __m512 v = _mm512_set1_ps(x);
    uint32_t part = 16 * count_cuts(pivots, v);
    return part + count_cuts(cuts + part, v);
}

/* With few cuts it is faster to compare 16 values with each. */
static void bins_few(const float *cuts, size_t n_cuts, const float *values, uint8_t *bins) {
    for (size_t r = 0; r < PART; r += 16) {
        __m512 v = _mm512_loadu_ps(values + r);
        __m512i count = _mm512_setzero_si512();
        for (size_t i = 0; i < n_cuts; i++)
            count = _mm512_mask_add_epi32(count, _mm512_cmp_ps_mask(_mm512_set1_ps(cuts[i]), v, _CMP_LE_OQ), count, _mm512_set1_epi32(1));
        _mm_storeu_si128((__m128i *)(void *)(bins + r), _mm512_cvtepi32_epi8(count));
    }
}

static void bins_many(const float *cuts, const float *pivots, const float *values, uint8_t *bins) {
    _Pragma("GCC unroll 4") for (size_t r = 0; r < PART; r++) bins[r] = (uint8_t)find_bin(cuts, pivots, values[r]);
}

TREE_INLINE uint64_t missing_of(const float *values) {
    uint64_t missing = 0;
    for (unsigned i = 0; i < 4; i++) {
        __m512 v = _mm512_loadu_ps(values + 16 * i);
        missing |= (uint64_t)_mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q) << (16 * i);
    }
    return missing;
}

/* 64 bins to one 64-bit word of each plane. */
TREE_INLINE __m512i plane_words(const uint8_t *bins) {
    const __m512i reverse = _mm512_set1_epi64(0x0001020304050607), unit = _mm512_set1_epi64((long long)0x8040201008040201ULL);
    const __m512i gather = _mm512_set_epi64(0x3f372f271f170f07, 0x3e362e261e160e06, 0x3d352d251d150d05, 0x3c342c241c140c04,
                                            0x3b332b231b130b03, 0x3a322a221a120a02, 0x3931292119110901, 0x3830282018100800);
    const __m512i lanes = _mm512_set_epi64(0x0808080808080808, 0, 0x0808080808080808, 0, 0x0808080808080808, 0, 0x0808080808080808, 0);
    __m512i v = _mm512_shuffle_epi8(_mm512_loadu_si512(bins), _mm512_or_si512(reverse, lanes));
    return _mm512_permutexvar_epi8(gather, _mm512_gf2p8affine_epi64_epi8(unit, v, 0));
}

static void bin_column(const tend_tree_plan *plan, uint32_t column, const float *values, size_t part, size_t rows, tree_block *block) {
    const tree_column *c = &plan->columns[column];
    const float *cuts = plan->cuts + c->cuts;
    uint8_t bins[PART];
    if (c->n_cuts <= 24)
        bins_few(cuts, c->n_cuts, values, bins);
    else
        bins_many(cuts, plan->cuts + c->pivots, values, bins);
    uint64_t missing = missing_of(values);
    block->missing[(size_t)column * 8 + part] = missing;
    _mm512_store_si512(block->planes + ((size_t)column * 8 + part) * 8, plane_words(bins));
    if (plan->any_deep)
        tend_tree_column_bytes(plan, column, bins, missing, rows, block->bytes + part * PART * plan->n_bytes);
}

/* An 8 x 8 matrix of words in place: [part][plane] to [plane][part]. */
static void transpose_words(uint64_t *words) {
    __m512i a[8], b[8];
    for (int i = 0; i < 8; i++)
        a[i] = _mm512_load_si512(words + 8 * i);
    _Pragma("GCC unroll 4") for (int i = 0; i < 4; i++) {
        b[2 * i] = _mm512_unpacklo_epi64(a[2 * i], a[2 * i + 1]);
        b[2 * i + 1] = _mm512_unpackhi_epi64(a[2 * i], a[2 * i + 1]);
    }
    _Pragma("GCC unroll 2") for (int i = 0; i < 2; i++) {
        __m512i p = _mm512_shuffle_i64x2(b[i], b[2 + i], 0x88), q = _mm512_shuffle_i64x2(b[4 + i], b[6 + i], 0x88);
        __m512i s = _mm512_shuffle_i64x2(b[i], b[2 + i], 0xdd), t = _mm512_shuffle_i64x2(b[4 + i], b[6 + i], 0xdd);
        _mm512_store_si512(words + 8 * i, _mm512_shuffle_i64x2(p, q, 0x88));
        _mm512_store_si512(words + 8 * (2 + i), _mm512_shuffle_i64x2(s, t, 0x88));
        _mm512_store_si512(words + 8 * (4 + i), _mm512_shuffle_i64x2(p, q, 0xdd));
        _mm512_store_si512(words + 8 * (6 + i), _mm512_shuffle_i64x2(s, t, 0xdd));
    }
}

static void bin_block(const tend_tree_plan *plan, tree_block *block) {
    size_t stride = block->stride;
    const tree_column *columns = plan->columns;
    for (size_t part = 0; part * PART < block->n; part++) {
        size_t rows = block->n - part * PART < PART ? block->n - part * PART : PART;
        const float *from = block->x + part * PART * stride;
        for (uint32_t i = 0; i < plan->n_numeric;) {
            uint32_t group = columns[i].feature / GROUP, left = plan->trees->n_features - group * GROUP;
            __mmask16 features = (__mmask16)(left < GROUP ? (1U << left) - 1 : 0xffff);
            for (size_t r = 0; r < PART; r += 16)
                transpose16(from + r * stride + group * GROUP, stride, r < rows ? rows - r : 0, features, block->tile + r);
            for (; i < plan->n_numeric && columns[i].feature / GROUP == group; i++)
                bin_column(plan, i, block->tile + (columns[i].feature % GROUP) * (size_t)PART, part, rows, block);
        }
    }
    for (uint32_t i = 0; i < plan->n_numeric; i++)
        transpose_words(block->planes + (size_t)i * 64);
}

/* ---- leaf numbers and leaf values ---- */

/* Planes to numbers: byte matrices are transposed by unpacking, then their bits. Register k has, in
 * lane L, rows 128 L + 16 k and the following 15. */
TREE_INLINE void planes_to_numbers(const uint8_t *planes, bool eight, __m512i out[8]) {
    const __m512i unit = _mm512_set1_epi64((long long)0x8040201008040201ULL), zero = _mm512_setzero_si512();
    __m512i p[8], word[4][2], high[4], low[4];
    for (int i = 0; i < 8; i++)
        p[i] = i < 6 || eight ? _mm512_load_si512(planes + i * TEND_TREE_MASK) : zero;
    _Pragma("GCC unroll 4") for (int i = 0; i < 4; i++) {
        word[i][0] = _mm512_unpacklo_epi8(p[2 * i + 1], p[2 * i]);
        word[i][1] = _mm512_unpackhi_epi8(p[2 * i + 1], p[2 * i]);
    }
    _Pragma("GCC unroll 2") for (int i = 0; i < 2; i++) {
        high[2 * i] = _mm512_unpacklo_epi16(word[3][i], word[2][i]);
        high[2 * i + 1] = _mm512_unpackhi_epi16(word[3][i], word[2][i]);
        low[2 * i] = _mm512_unpacklo_epi16(word[1][i], word[0][i]);
        low[2 * i + 1] = _mm512_unpackhi_epi16(word[1][i], word[0][i]);
    }
    _Pragma("GCC unroll 4") for (int i = 0; i < 4; i++) {
        out[2 * i] = _mm512_gf2p8affine_epi64_epi8(unit, _mm512_unpacklo_epi32(high[i], low[i]), 0);
        out[2 * i + 1] = _mm512_gf2p8affine_epi64_epi8(unit, _mm512_unpackhi_epi32(high[i], low[i]), 0);
    }
}

/* 64 leaf values as two tables of 16-bit halves. */
static void arrange(float leaves[TEND_TREE_LANES]) {
    uint32_t bits[TEND_TREE_LANES];
    uint16_t halves[2 * TEND_TREE_LANES];
    memcpy(bits, leaves, sizeof bits);
    for (int i = 0; i < TEND_TREE_LANES; i++) {
        halves[i] = (uint16_t)bits[i];
        halves[TEND_TREE_LANES + i] = (uint16_t)(bits[i] >> 16);
    }
    memcpy(leaves, halves, sizeof halves);
}

typedef struct table {
    __m512i low[2], high[2];
} table;

TREE_INLINE table load_table(const float *leaves) {
    return (table){{_mm512_load_si512(leaves), _mm512_load_si512(leaves + 16)},
                   {_mm512_load_si512(leaves + 32), _mm512_load_si512(leaves + 48)}};
}

TREE_INLINE __m512 add_bits(__m512 sum, __m512i bits) { return _mm512_add_ps(sum, _mm512_castsi512_ps(bits)); }

/* Adds the values of 64 rows: the even rows' and the odd rows' halves, joined in two registers
 * each. */
TREE_INLINE void add_values(const table *t, __m512i numbers, __m512 sums[4]) {
    _Pragma("GCC unroll 2") for (int odd = 0; odd < 2; odd++) {
        __m512i index = odd ? _mm512_srli_epi16(numbers, 8) : numbers;
        __m512i low = _mm512_permutex2var_epi16(t->low[0], index, t->low[1]);
        __m512i high = _mm512_permutex2var_epi16(t->high[0], index, t->high[1]);
        sums[2 * odd] = add_bits(sums[2 * odd], _mm512_unpacklo_epi16(low, high));
        sums[2 * odd + 1] = add_bits(sums[2 * odd + 1], _mm512_unpackhi_epi16(low, high));
    }
}

TREE_INLINE void add_many_values(const float *leaves, unsigned tables, __m512i numbers, __m512 sums[4]) {
    for (int odd = 0; odd < 2; odd++) {
        __m512i index = odd ? _mm512_srli_epi16(numbers, 8) : _mm512_and_si512(numbers, _mm512_set1_epi16(255));
        __m512i low = _mm512_setzero_si512(), high = low;
        for (unsigned i = 0; i < tables; i++) {
            table t = load_table(leaves + i * TEND_TREE_LANES);
            __mmask32 here = _mm512_cmpeq_epi16_mask(_mm512_srli_epi16(index, 6), _mm512_set1_epi16((short)i));
            low = _mm512_mask_mov_epi16(low, here, _mm512_permutex2var_epi16(t.low[0], index, t.low[1]));
            high = _mm512_mask_mov_epi16(high, here, _mm512_permutex2var_epi16(t.high[0], index, t.high[1]));
        }
        sums[2 * odd] = add_bits(sums[2 * odd], _mm512_unpacklo_epi16(low, high));
        sums[2 * odd + 1] = add_bits(sums[2 * odd + 1], _mm512_unpackhi_epi16(low, high));
    }
}

TREE_INLINE void load_sums(const float *from, __m512 sums[4]) {
    for (int i = 0; i < 4; i++)
        sums[i] = _mm512_load_ps(from + 16 * i);
}
TREE_INLINE void store_sums(float *to, const __m512 sums[4]) {
    for (int i = 0; i < 4; i++)
        _mm512_store_ps(to + 16 * i, sums[i]);
}

static void add_tree(const tend_tree_plan *plan, const tree_entry *e, const uint8_t *numbers, float *sums) {
    const float *leaves = plan->leaves + e->leaves;
    unsigned tables = e->levels > TEND_TREE_TOP ? 1U << (e->levels - TEND_TREE_TOP) : 1;
    for (int k = 0; k < 8; k++) {
        __m512 s[4];
        load_sums(sums + 64 * k, s);
        add_many_values(leaves, tables, _mm512_load_si512(numbers + 64 * k), s);
        store_sums(sums + 64 * k, s);
    }
}

enum { TOGETHER = 4 };

/* Four trees of at most 64 leaves: their tables stay in registers, and the sums are loaded and
 * stored once. */
static void add_four(const tend_tree_plan *plan, const tree_entry *e, const uint8_t *numbers, float *sums) {
    table t[TOGETHER];
    for (int i = 0; i < TOGETHER; i++)
        t[i] = load_table(plan->leaves + e[i].leaves);
    for (int k = 0; k < 8; k++) {
        __m512 s[4];
        load_sums(sums + 64 * k, s);
        _Pragma("GCC unroll 4") for (int i = 0; i < TOGETHER; i++)
            add_values(&t[i], _mm512_load_si512(numbers + i * TEND_TREE_ROWS + 64 * k), s);
        store_sums(sums + 64 * k, s);
    }
}

static void find_numbers(const tend_tree_plan *plan, const tree_entry *e, const tree_block *block, uint8_t *numbers) {
    _Alignas(64) uint8_t planes[TEND_TREE_PLANES * TEND_TREE_MASK];
    __m512i out[8];
    tree_planes(plan, e, block, TEND_TREE_MASK, planes);
    if (e->levels != TEND_TREE_TOP)
        memset(planes + e->levels * TEND_TREE_MASK, 0, (TEND_TREE_PLANES - e->levels) * TEND_TREE_MASK);
    if (e->levels <= TEND_TREE_TOP)
        planes_to_numbers(planes, false, out);
    else
        planes_to_numbers(planes, true, out);
    for (int k = 0; k < 8; k++)
        _mm512_store_si512(numbers + 64 * k, out[k]);
}

static bool small(const tree_entry *e, uint32_t group) { return !e->deep && e->levels <= TEND_TREE_TOP && e->group == group; }

static bool four_small(const tree_entry *e, uint32_t left) {
    return left >= TOGETHER && small(e, e->group) && small(e + 1, e->group) && small(e + 2, e->group) && small(e + 3, e->group);
}

static void sum_chunk(const tend_tree_plan *plan, const tree_chunk *chunk, tree_block *block) {
    const tree_entry *entries = plan->entries + chunk->first_tree;
    for (uint32_t i = 0; i < chunk->n_trees;) {
        const tree_entry *e = &entries[i];
        float *sums = block->sums + (size_t)e->group * TEND_TREE_ROWS;
        if (four_small(e, chunk->n_trees - i)) {
            for (int j = 0; j < TOGETHER; j++)
                find_numbers(plan, e + j, block, block->numbers + j * TEND_TREE_ROWS);
            add_four(plan, e, block->numbers, sums);
            i += TOGETHER;
            continue;
        }
        find_numbers(plan, e, block, block->numbers);
        if (e->deep)
            tend_tree_walk_deep(plan, e, block->numbers, block);
        else
            add_tree(plan, e, block->numbers, sums);
        i++;
    }
}

/* ---- one row ---- */

static void row_bytes(const tend_tree_plan *plan, const float *x, uint8_t *bytes) {
    for (uint32_t i = 0; i < plan->n_columns; i++) {
        const tree_column *c = &plan->columns[i];
        float v = x[c->feature];
        uint32_t bin = c->set != UINT32_MAX ? tend_trees_in_set(plan->trees, c->set, v)
                       : c->n_cuts <= 16    ? count_cuts(plan->cuts + c->cuts, _mm512_set1_ps(v))
                                            : find_bin(plan->cuts + c->cuts, plan->cuts + c->pivots, v);
        tend_tree_put_bytes(c, bin, isnan(v), bytes);
    }
}

static void sum_row(const tend_tree_plan *plan, const float *x, uint8_t *bytes, float *out) {
    row_bytes(plan, x, bytes);
    if (plan->lanes)
        tend_tree_lanes_sum(plan, bytes, out);
    else
        tend_tree_walk_row(plan, bytes, out);
}

TREE_TARGET_END

/* Where rows stand in numbers and sums (planes_to_numbers, add_values). */
#define ROW_NUMBER(r) ((uint16_t)((r) / 16 % 8 * 64 + (r) / 128 * 16 + (r) % 16))
#define ROW_SUM(r)    ((uint16_t)((r) / 16 % 8 * 64 + ((r) % 2 * 2 + (r) % 16 / 8) * 16 + (r) / 128 * 4 + (r) % 8 / 2))
static const uint16_t number_at[TEND_TREE_ROWS] = {TREE_ROWS512(ROW_NUMBER)};
static const uint16_t sum_at[TEND_TREE_ROWS] = {TREE_ROWS512(ROW_SUM)};

const tree_kernel tend_tree_kernel_avx512 = {.arrange = arrange,
                                             .compile = tend_tree_compile_lanes,
                                             .bin = bin_block,
                                             .masks = make_masks,
                                             .sum = sum_chunk,
                                             .row = sum_row,
                                             .sum_at = sum_at,
                                             .number_at = number_at,
                                             .few = 48};
#endif
