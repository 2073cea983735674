#define OPENSSL_API_COMPAT 0x10100000L /* the plain SHA256_* functions, without the provider machinery */
#include "base/hash.h"

#include <openssl/sha.h>
#include <string.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(tend_sha256), "tend_sha256.opaque is too small");
_Static_assert(_Alignof(SHA256_CTX) <= _Alignof(tend_sha256), "tend_sha256.opaque is not aligned enough");

/* The context is copied in and out of the opaque words: no pointer of one type is read as another.
 */
void tend_sha256_init(tend_sha256 *state) {
    SHA256_CTX ctx;
    SHA256_Init(&ctx);
    *state = (tend_sha256){{0}};
    memcpy(state, &ctx, sizeof ctx);
}

void tend_sha256_update(tend_sha256 *state, const void *data, size_t size) {
    if (size == 0)
        return;
    SHA256_CTX ctx;
    memcpy(&ctx, state, sizeof ctx);
    SHA256_Update(&ctx, data, size);
    memcpy(state, &ctx, sizeof ctx);
}

static void update_u64(tend_sha256 *state, uint64_t v) {
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(v >> (8 * i));
    tend_sha256_update(state, bytes, sizeof bytes);
}

void tend_sha256_field(tend_sha256 *state, const void *data, size_t size) {
    update_u64(state, size);
    tend_sha256_update(state, data, size);
}

void tend_sha256_text(tend_sha256 *state, const char *text) {
    if (text)
        tend_sha256_field(state, text, strlen(text));
    else
        update_u64(state, UINT64_MAX); /* a length that no field has */
}

tend_digest tend_sha256_final(tend_sha256 *state) {
    SHA256_CTX ctx;
    memcpy(&ctx, state, sizeof ctx);
    tend_digest digest;
    SHA256_Final(digest.bytes, &ctx);
    return digest;
}

tend_digest tend_digest_of(const void *data, size_t size) {
    tend_sha256 state;
    tend_sha256_init(&state);
    tend_sha256_update(&state, data, size);
    return tend_sha256_final(&state);
}

void tend_digest_format(const tend_digest *digest, char out[TEND_DIGEST_HEX]) {
    static const char hex[] = "0123456789abcdef";
    for (int i = 0; i < 32; i++) {
        out[2 * i] = hex[digest->bytes[i] >> 4];
        out[2 * i + 1] = hex[digest->bytes[i] & 15];
    }
    out[64] = '\0';
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool tend_digest_parse(const char *hex, tend_digest *out) {
    tend_digest digest;
    for (int i = 0; i < 32; i++) {
        int high = hex_value(hex[2 * i]);
        int low = high < 0 ? -1 : hex_value(hex[2 * i + 1]);
        if (low < 0)
            return false;
        digest.bytes[i] = (uint8_t)(high << 4 | low);
    }
    if (hex[64])
        return false;
    *out = digest;
    return true;
}

bool tend_digest_eq(const tend_digest *a, const tend_digest *b) { return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0; }

/* The 64-bit hash: each 16 bytes are folded into the state by one 64x64 -> 128 bit multiplication
 * whose halves are xored. The constants are the fractional parts of the square roots of 2, 3, 5 and
 * 7 (nothing up the sleeve), made odd. */
#define K0 UINT64_C(0x6A09E667F3BCC909)
#define K1 UINT64_C(0xBB67AE8584CAA73B)
#define K2 UINT64_C(0x3C6EF372FE94F82B)
#define K3 UINT64_C(0xA54FF53A5F1D36F1)

__extension__ typedef unsigned __int128 u128;

static uint64_t fold(uint64_t a, uint64_t b) {
    u128 product = (u128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load64(const uint8_t *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

/* Up to 8 bytes, little-endian, zeros above. */
static uint64_t load_tail(const uint8_t *p, size_t size) {
    uint64_t v = 0;
    for (size_t i = 0; i < size; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

uint64_t tend_hash64(const void *data, size_t size, uint64_t seed) {
    const uint8_t *p = data;
    uint64_t state = fold(seed ^ K0, (uint64_t)size ^ K1);
    size_t left = size;
    for (; left > 16; left -= 16, p += 16)
        state = fold(load64(p) ^ K2 ^ state, load64(p + 8) ^ K3) ^ (state * K1);
    uint64_t a = left >= 8 ? load64(p) : load_tail(p, left);
    uint64_t b = left > 8 ? load_tail(p + 8, left - 8) : 0;
    state = fold(a ^ K2 ^ state, b ^ K3) ^ (state * K1);
    return fold(state ^ K0, (uint64_t)size ^ K3);
}
