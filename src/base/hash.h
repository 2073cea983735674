/* Digests for identity (SHA-256, from OpenSSL's libcrypto) and a fast 64-bit hash for tables in memory.
 * Both depend on the bytes alone: the same on every machine.
 */
#ifndef TEND_BASE_HASH_H
#define TEND_BASE_HASH_H

#include "base/error.h"

typedef struct tend_digest {
    uint8_t bytes[32];
} tend_digest;

#define TEND_DIGEST_HEX 65 /* 64 digits and the NUL */

typedef struct tend_sha256 {
    uint64_t opaque[16];
} tend_sha256;

void tend_sha256_init(tend_sha256 *state);
void tend_sha256_update(tend_sha256 *state, const void *data, size_t size);
/* u64 length first, so that ("ab","c") and ("a","bc") differ. */
void tend_sha256_field(tend_sha256 *state, const void *data, size_t size);
void tend_sha256_text(tend_sha256 *state, const char *text); /* a field; NULL differs from "" */
tend_digest tend_sha256_final(tend_sha256 *state);
tend_digest tend_digest_of(const void *data, size_t size);
void tend_digest_format(const tend_digest *digest, char out[TEND_DIGEST_HEX]);
bool tend_digest_parse(const char *hex, tend_digest *out);
bool tend_digest_eq(const tend_digest *a, const tend_digest *b);

/* Not for hostile keys that could be chosen to collide on disk formats; its values never leave the process except
 * where a format says so (hashing transform: seed 0, stable for ever). */
uint64_t tend_hash64(const void *data, size_t size, uint64_t seed);

#endif
