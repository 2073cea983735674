#include "base/rng.h"

#include "base/hash.h"

#include <math.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128;

static uint64_t splitmix64(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void tend_rng_init(tend_rng *rng, uint64_t seed, const char *stream) {
    uint64_t state = tend_hash64(stream, strlen(stream), seed);
    for (int i = 0; i < 4; i++)
        rng->s[i] = splitmix64(&state);
}

static uint64_t rotate_left(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

uint64_t tend_rng_next(tend_rng *rng) {
    uint64_t *s = rng->s;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

double tend_rng_uniform(tend_rng *rng) { return (double)(tend_rng_next(rng) >> 11) * 0x1p-53; }

/* The upper half of a 64x64 bit product is a number in [0, n); the few products whose lower half
 * falls into the incomplete last interval are drawn again. */
uint64_t tend_rng_below(tend_rng *rng, uint64_t n) {
    u128 product = (u128)tend_rng_next(rng) * n;
    if ((uint64_t)product < n) {
        uint64_t incomplete = -n % n;
        while ((uint64_t)product < incomplete)
            product = (u128)tend_rng_next(rng) * n;
    }
    return (uint64_t)(product >> 64);
}

/* ln(x) for x in (0, 1] from additions, multiplications and divisions alone: the C library's log
 * may differ in the last bit between versions and processors, and samples must not. x = m * 2^e
 * with m in [sqrt(1/2), sqrt(2)), ln m = 2 artanh((m - 1) / (m + 1)) by its series, whose terms
 * shrink by 0.03 each. */
static double portable_log(double x) {
    int e;
    double m = frexp(x, &e);
    if (m < M_SQRT1_2) {
        m *= 2;
        e--;
    }
    double s = (m - 1) / (m + 1);
    double s2 = s * s;
    double sum = 0;
    for (int k = 25; k >= 1; k -= 2)
        sum = sum * s2 + 1.0 / k;
    return e * M_LN2 + 2 * s * sum;
}

/* Marsaglia's polar method; the second of each pair is dropped, so that the state stays four words.
 */
double tend_rng_normal(tend_rng *rng) {
    for (;;) {
        double u = 2 * tend_rng_uniform(rng) - 1;
        double v = 2 * tend_rng_uniform(rng) - 1;
        double r = u * u + v * v;
        if (r > 0 && r < 1)
            return u * sqrt(-2 * portable_log(r) / r);
    }
}

void tend_rng_shuffle(tend_rng *rng, int64_t *items, size_t n) {
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)tend_rng_below(rng, i);
        int64_t t = items[i - 1];
        items[i - 1] = items[j];
        items[j] = t;
    }
}
