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

/* Hexadecimal digits with a 0 behind them; to has room for 2 n + 1. */
void digest_hex(const uint8_t *digest, size_t n, char *to);

/* SHA-256 of some bytes as digits. */
struct digest_text {
    char s[65];
};
struct digest_text sha256_text(const void *p, size_t n);

#endif
