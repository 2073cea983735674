#include "data/number.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

static inline unsigned digit_of(char c) { return (unsigned)(unsigned char)c - '0'; }

/* Eight digits at once (Lemire 2021, section 4): true when all eight bytes are digits. */
static inline bool eight_of(uint64_t v, uint64_t *out) {
    if (((v & UINT64_C(0xF0F0F0F0F0F0F0F0)) | (((v + UINT64_C(0x0606060606060606)) & UINT64_C(0xF0F0F0F0F0F0F0F0)) >> 4)) !=
        UINT64_C(0x3333333333333333))
        return false;
    v = (v & UINT64_C(0x0F0F0F0F0F0F0F0F)) * 2561 >> 8;
    v = (v & UINT64_C(0x00FF00FF00FF00FF)) * 6553601 >> 16;
    *out = (v & UINT64_C(0x0000FFFF0000FFFF)) * UINT64_C(42949672960001) >> 32;
    return true;
}

static inline bool eight_digits(const char *s, uint64_t *value) {
    uint64_t v, digits;
    memcpy(&v, s, 8);
    if (!eight_of(v, &digits))
        return false;
    *value = *value * 100000000 + digits;
    return true;
}

/* The last n < 8 digits before `end`, with what stands before them read along and masked: no loop whose end is to be guessed.
 * The eight bytes before `end` must be readable. */
static inline bool last_digits(const char *end, unsigned n, uint64_t *value) {
    static const uint32_t SCALE[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    uint64_t v, digits;
    memcpy(&v, end - 8, 8);
    uint64_t kept = n ? ~UINT64_C(0) << (64 - 8 * n) : 0;
    if (!eight_of((v & kept) | (UINT64_C(0x3030303030303030) & ~kept), &digits))
        return false;
    *value = *value * SCALE[n] + digits;
    return true;
}

static inline const char *take_digits(const char *at, const char *end, uint64_t *digits) {
    for (; at < end && digit_of(*at) <= 9; at++)
        *digits = *digits * 10 + digit_of(*at);
    return at;
}

bool tend_number_int(tend_str s, int64_t *out) {
    const char *at = s.at, *end = s.at + s.size;
    bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    if (at == end || end - at > 18)
        return tend_text_parse_int(s, out); /* nothing, or near the limits of 64 bits */
    uint64_t v = 0;
    if (end - at >= 8) {
        while (end - at >= 8 && eight_digits(at, &v))
            at += 8;
        if (end - at >= 8 || !last_digits(end, (unsigned)(end - at), &v))
            return false;
    } else if (take_digits(at, end, &v) != end) {
        return false;
    }
    *out = negative ? -(int64_t)v : (int64_t)v;
    return true;
}

/* ---- powers of five, 128 bits each ---- */

enum { MIN_POWER = -342, MAX_POWER = 308, LIMBS = 32 };
typedef struct power {
    uint64_t high, low;
} power;
static power powers[MAX_POWER - MIN_POWER + 1];
static pthread_once_t powers_once = PTHREAD_ONCE_INIT;
static atomic_bool powers_made; /* pthread_once is a call; this is a load */

/* A whole number of LIMBS 32-bit limbs, least significant first. */
typedef struct big {
    uint32_t limb[LIMBS * 2];
} big;

static int big_bits(const big *b) {
    for (int i = LIMBS * 2 - 1; i >= 0; i--)
        if (b->limb[i])
            return i * 32 + 32 - __builtin_clz(b->limb[i]);
    return 0;
}

/* The 64 bits that start at bit `from` (which may be negative: zeros). */
static uint64_t big_window(const big *b, int from) {
    uint64_t v = 0;
    for (int bit = 63; bit >= 0; bit--) {
        int at = from + bit;
        v = v << 1 | (at >= 0 ? b->limb[at / 32] >> (at % 32) & 1 : 0);
    }
    return v;
}

static power top_bits(const big *b) {
    int bits = big_bits(b);
    return (power){big_window(b, bits - 64), big_window(b, bits - 128)};
}

static void multiply_by_5(big *b) {
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS * 2; i++) {
        carry += (uint64_t)b->limb[i] * 5;
        b->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static void divide_by_5(big *b) {
    uint64_t rest = 0;
    for (int i = LIMBS * 2 - 1; i >= 0; i--) {
        rest = rest << 32 | b->limb[i];
        b->limb[i] = (uint32_t)(rest / 5);
        rest %= 5;
    }
}

/* 5^q cut to 128 bits; for negative q the reciprocal rounded up. Dividing 2^N by 5 again and again cuts exactly as one
 * division by 5^q would. */
static void make_powers(void) {
    big up = {{1}}, down = {{0}};
    for (int q = 0; q <= MAX_POWER; q++, multiply_by_5(&up))
        powers[q - MIN_POWER] = top_bits(&up);
    down.limb[LIMBS * 2 - 1] = UINT32_C(1) << 31;
    for (int q = -1; q >= MIN_POWER; q--) {
        divide_by_5(&down);
        power p = top_bits(&down);
        p.low++;
        p.high += p.low == 0;
        powers[q - MIN_POWER] = p;
    }
    atomic_store_explicit(&powers_made, true, memory_order_release);
}

/* ---- decimal to double ---- */

typedef struct decimal {
    uint64_t digits;
    int64_t exponent;
    ptrdiff_t n_digits; /* leading zeros count too: "0.00…12" takes a slower road, which is rare and right */
    bool negative;
} decimal;

static const double SMALL_POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The digits behind the point, which mostly go to the end of the text. */
static inline const char *take_fraction(const char *start, const char *at, const char *end, uint64_t *digits) {
    while (end - at >= 8 && eight_digits(at, digits))
        at += 8;
    if (end - at < 8 && end - start >= 8 && last_digits(end, (unsigned)(end - at), digits))
        return end;
    return take_digits(at, end, digits);
}

static bool take_exponent(const char *at, const char *end, decimal *d) {
    at++;
    bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    if (at == end)
        return false;
    int64_t exponent = 0;
    for (; at < end && digit_of(*at) <= 9; at++)
        exponent = exponent < 100000 ? exponent * 10 + digit_of(*at) : exponent;
    d->exponent += negative ? -exponent : exponent;
    return at == end;
}

static bool scan(tend_str s, decimal *d) {
    const char *at = s.at, *end = s.at + s.size;
    *d = (decimal){.negative = at < end && *at == '-'};
    at += at < end && (*at == '-' || *at == '+');
    const char *start = at;
    at = take_digits(at, end, &d->digits);
    d->n_digits = at - start;
    if (at < end && *at == '.') {
        const char *fraction = ++at;
        at = take_fraction(s.at, at, end, &d->digits);
        d->exponent = fraction - at;
        d->n_digits += at - fraction;
    }
    if (d->n_digits == 0)
        return false;
    if (at < end && (*at | 0x20) == 'e')
        return take_exponent(at, end, d);
    return at == end;
}

/* Lemire 2021, algorithm 1, without subnormal numbers: false where it cannot decide. */
static bool product(uint64_t w, int64_t q, double *out) {
    if (w == 0)
        return *out = 0, true;
    if (q < MIN_POWER || q > MAX_POWER)
        return false;
    if (!atomic_load_explicit(&powers_made, memory_order_acquire))
        pthread_once(&powers_once, make_powers);
    int zeros = __builtin_clzll(w);
    w <<= zeros;
    power p = powers[q - MIN_POWER];
    unsigned __int128 first = (unsigned __int128)w * p.high;
    uint64_t high = (uint64_t)(first >> 64), low = (uint64_t)first;
    if ((high & 0x1FF) == 0x1FF) {
        uint64_t more = (uint64_t)((unsigned __int128)w * p.low >> 64);
        low += more;
        high += low < more;
    }
    if (low == UINT64_MAX && (q < -27 || q > 55))
        return false;
    int upper = (int)(high >> 63), shift = upper + 64 - 52 - 3;
    uint64_t mantissa = high >> shift;
    int64_t exponent = ((152170 + 65536) * q >> 16) + 63 + upper - zeros + 1023;
    if (exponent <= 0 || exponent >= 2046)
        return false;
    if (low <= 1 && q >= -4 && q <= 23 && (mantissa & 3) == 1 && mantissa << shift == high)
        mantissa &= ~UINT64_C(1); /* exactly half way: to even */
    mantissa += mantissa & 1;
    mantissa >>= 1;
    if (mantissa >= UINT64_C(2) << 52) {
        mantissa = UINT64_C(1) << 52;
        exponent++;
    }
    uint64_t bits = (mantissa & ~(UINT64_C(1) << 52)) | (uint64_t)exponent << 52;
    memcpy(out, &bits, sizeof bits);
    return true;
}

bool tend_number_double(tend_str s, double *out) {
    decimal d;
    double v;
    if (!scan(s, &d))
        return false;
    /* By the number of digits, not by their value: within a column it is nearly always the same, so the branch costs nothing. */
    if (d.n_digits <= 15 && d.exponent >= -22 && d.exponent <= 22)
        v = d.exponent < 0 ? (double)d.digits / SMALL_POWERS[-d.exponent] : (double)d.digits * SMALL_POWERS[d.exponent];
    else if (d.n_digits > 19 || !product(d.digits, d.exponent, &v))
        return tend_text_parse_double(s, false, out);
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    bits |= (uint64_t)d.negative << 63; /* the sign of a random number is no branch to be guessed */
    memcpy(out, &bits, sizeof bits);
    return true;
}

bool tend_number_is_code(tend_str s) {
    size_t sign = s.size && (s.at[0] == '-' || s.at[0] == '+');
    if (s.size - sign < 2 || s.at[sign] != '0')
        return false;
    for (size_t i = sign; i < s.size; i++)
        if (digit_of(s.at[i]) > 9)
            return false;
    return true;
}

bool tend_number_is_infinite(tend_str s) {
    double v;
    size_t sign = s.size && (s.at[0] == '-' || s.at[0] == '+');
    if (s.size - sign < 3 || (s.at[sign] | 0x20) != 'i')
        return false;
    return tend_text_parse_double(s, true, &v) && isinf(v);
}
