/* Cryptographic digests, by libnettle. */
#ifndef WEIR_BASE_DIGEST_H
#define WEIR_BASE_DIGEST_H

#include "base/mem.h"

/* SHA-256, piece by piece. Zero-initialise; sha256_end releases. */
struct sha256 {
    void *state;
};
void sha256_add(struct sha256 *s, const void *p, size_t n);
void sha256_end(struct sha256 *s, uint8_t digest[32]);

/* All of some bytes at once; digest has room for DIGEST_MAX. How many bytes it takes. */
enum { DIGEST_MAX = 64 };
enum digest_kind { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA224, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };
size_t digest_bytes(enum digest_kind kind, const void *p, size_t n, uint8_t *digest);
/* HMAC with SHA-256 (RFC 2104). */
void hmac_sha256_of(const void *key, size_t key_n, const void *p, size_t n, uint8_t digest[32]);

/* Hexadecimal digits with a 0 behind them; to has room for 2 n + 1. */
void digest_hex(const uint8_t *digest, size_t n, char *to);

/* SHA-256 of some bytes as digits. */
struct digest_text {
    char s[65];
};
struct digest_text sha256_text(const void *p, size_t n);

#endif
