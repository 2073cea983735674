/* Finding three characters in 64 bytes at a time. */
#include "data/csv_scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Bytes equal to `c` become their top bit (Mycroft's test, made exact for every byte value). */
static inline uint64_t equal_bytes(uint64_t v, char c) {
    uint64_t x = v ^ (UINT64_C(0x0101010101010101) * (unsigned char)c);
    return ~(((x & UINT64_C(0x7F7F7F7F7F7F7F7F)) + UINT64_C(0x7F7F7F7F7F7F7F7F)) | x | UINT64_C(0x7F7F7F7F7F7F7F7F));
}

/* Eight top bits to the low byte. */
static inline uint64_t gather_top(uint64_t v) { return (v >> 7) * UINT64_C(0x0102040810204080) >> 56; }

unsigned tend_csv_mark_portable(const char *text, size_t n_words, const char marks[3], uint64_t *words) {
    uint64_t nul = 0, high = 0;
    for (size_t k = 0; k < n_words; k++) {
        uint64_t word = 0;
        for (size_t i = 0; i < 8; i++) {
            uint64_t v;
            memcpy(&v, text + k * TEND_CSV_BLOCK + i * 8, 8);
            nul |= equal_bytes(v, 0);
            high |= v & UINT64_C(0x8080808080808080);
            word |= gather_top(equal_bytes(v, marks[0]) | equal_bytes(v, marks[1]) | equal_bytes(v, marks[2])) << (i * 8);
        }
        words[k] = word;
    }
    return (nul ? TEND_CSV_SAW_NUL : 0u) | (high ? TEND_CSV_SAW_HIGH : 0u);
}

#if defined(__x86_64__)
static unsigned mark_sse2(const char *text, size_t n_words, const char marks[3], uint64_t *words) {
    const __m128i a = _mm_set1_epi8(marks[0]), b = _mm_set1_epi8(marks[1]), c = _mm_set1_epi8(marks[2]);
    const __m128i zero = _mm_setzero_si128();
    __m128i nul = zero, high = zero;
    for (size_t k = 0; k < n_words; k++) {
        uint64_t word = 0;
        for (int i = 0; i < 4; i++) {
            __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text + k * TEND_CSV_BLOCK + i * 16));
            __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, a), _mm_cmpeq_epi8(v, b)), _mm_cmpeq_epi8(v, c));
            word |= (uint64_t)(unsigned)_mm_movemask_epi8(hit) << (i * 16);
            nul = _mm_or_si128(nul, _mm_cmpeq_epi8(v, zero));
            high = _mm_or_si128(high, v);
        }
        words[k] = word;
    }
    return (_mm_movemask_epi8(nul) ? TEND_CSV_SAW_NUL : 0u) | (_mm_movemask_epi8(high) ? TEND_CSV_SAW_HIGH : 0u);
}

__attribute__((target("avx2"))) static unsigned mark_avx2(const char *text, size_t n_words, const char marks[3], uint64_t *words) {
    const __m256i a = _mm256_set1_epi8(marks[0]), b = _mm256_set1_epi8(marks[1]), c = _mm256_set1_epi8(marks[2]);
    const __m256i zero = _mm256_setzero_si256();
    __m256i nul = zero, high = zero;
    for (size_t k = 0; k < n_words; k++) {
        uint64_t word = 0;
        for (int i = 0; i < 2; i++) {
            __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(text + k * TEND_CSV_BLOCK + i * 32));
            __m256i hit = _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(v, a), _mm256_cmpeq_epi8(v, b)), _mm256_cmpeq_epi8(v, c));
            word |= (uint64_t)(unsigned)_mm256_movemask_epi8(hit) << (i * 32);
            nul = _mm256_or_si256(nul, _mm256_cmpeq_epi8(v, zero));
            high = _mm256_or_si256(high, v);
        }
        words[k] = word;
    }
    return (_mm256_movemask_epi8(nul) ? TEND_CSV_SAW_NUL : 0u) | (_mm256_movemask_epi8(high) ? TEND_CSV_SAW_HIGH : 0u);
}

static bool has_avx2(void) { return __builtin_cpu_supports("avx2"); }
tend_csv_mark_fn tend_csv_mark_best(void) { return has_avx2() ? mark_avx2 : mark_sse2; }
const char *tend_csv_mark_name(void) { return has_avx2() ? "avx2" : "sse2"; }
#else
tend_csv_mark_fn tend_csv_mark_best(void) { return tend_csv_mark_portable; }
const char *tend_csv_mark_name(void) { return "portable"; }
#endif

void tend_csv_marks_init(tend_csv_marks *m, const char *text, size_t size, size_t from, const char marks[3]) {
    m->text = text;
    m->size = size;
    memcpy(m->marks, marks, sizeof m->marks);
    m->fn = tend_csv_mark_best();
    m->base = from;
    m->n_words = m->next_word = 0;
    m->word = 0;
    m->word_base = from;
    m->seen = 0;
}

/* The last bytes, fewer than 64, from a copy padded with blanks: nothing is read past the end of a mapped file. */
static void mark_tail(tend_csv_marks *m, size_t left) {
    char block[TEND_CSV_BLOCK];
    memset(block, 'x', sizeof block);
    memcpy(block, m->text + m->base, left);
    m->seen |= m->fn(block, 1, m->marks, m->words);
    m->words[0] &= (UINT64_C(1) << left) - 1;
    m->n_words = 1;
}

static bool load_window(tend_csv_marks *m) {
    m->base += m->n_words * TEND_CSV_BLOCK;
    m->next_word = m->n_words = 0;
    if (m->base >= m->size)
        return false;
    size_t left = m->size - m->base;
    size_t n = left / TEND_CSV_BLOCK;
    if (n == 0) {
        mark_tail(m, left);
        return true;
    }
    m->n_words = n < TEND_CSV_WINDOW ? n : TEND_CSV_WINDOW;
    m->seen |= m->fn(m->text + m->base, m->n_words, m->marks, m->words);
    return true;
}

bool tend_csv_marks_refill(tend_csv_marks *m) {
    while (!m->word) {
        if (m->next_word == m->n_words && !load_window(m))
            return false;
        m->word = m->words[m->next_word];
        m->word_base = m->base + m->next_word++ * TEND_CSV_BLOCK;
    }
    return true;
}
