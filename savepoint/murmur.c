#include "savepoint/murmur.h"

#include <string.h>

static uint64_t rotl64(uint64_t v, int n) { return v << n | v >> (64 - n); }

static uint64_t mix64(uint64_t k)
{
    k ^= k >> 33;
    k *= UINT64_C(0xff51afd7ed558ccd);
    k ^= k >> 33;
    k *= UINT64_C(0xc4ceb9fe1a85ec53);
    return k ^ k >> 33;
}

/* Up to 15 bytes as two little-endian numbers, without a call for each entry that is hashed. */
static void last_bytes(const uint8_t *p, size_t n, uint64_t k[2])
{
    uint32_t low, high;
    if (n >= 8) {
        memcpy(&k[0], p, 8);
        memcpy(&k[1], p + n - 8, 8);
        k[1] = n == 8 ? 0 : k[1] >> (128 - 8 * n);
    } else if (n >= 4) {
        memcpy(&low, p, 4);
        memcpy(&high, p + n - 4, 4);
        k[0] = low | (uint64_t)high << (8 * n - 32);
        k[1] = 0;
    } else {
        k[0] = n ? p[0] | (uint64_t)p[n / 2] << (n / 2 * 8) | (uint64_t)p[n - 1] << (n * 8 - 8) : 0;
        k[1] = 0;
    }
}

void murmur3_x64_128(const void *data, size_t n, uint8_t out[16])
{
    const uint64_t c1 = UINT64_C(0x87c37b91114253d5), c2 = UINT64_C(0x4cf5ad432745937f);
    const uint8_t *p = data;
    uint64_t h1 = 0, h2 = 0, k[2];
    size_t left = n;
    for (; left >= 16; p += 16, left -= 16) {
        memcpy(k, p, 16);
        h1 ^= rotl64(k[0] * c1, 31) * c2;
        h1 = (rotl64(h1, 27) + h2) * 5 + 0x52dce729;
        h2 ^= rotl64(k[1] * c2, 33) * c1;
        h2 = (rotl64(h2, 31) + h1) * 5 + 0x38495ab5;
    }
    last_bytes(p, left, k);
    h2 ^= rotl64(k[1] * c2, 33) * c1;
    h1 ^= rotl64(k[0] * c1, 31) * c2;
    h1 ^= n;
    h2 ^= n;
    h1 += h2;
    h2 += h1;
    h1 = mix64(h1);
    h2 = mix64(h2);
    h1 += h2;
    h2 += h1;
    memcpy(out, &h1, 8);
    memcpy(out + 8, &h2, 8);
}

static uint32_t rotl32(uint32_t v, int n) { return v << n | v >> (32 - n); }

uint32_t murmur_key_hash(int32_t hash_code)
{
    uint32_t c = (uint32_t)hash_code;
    c = rotl32(c * 0xCC9E2D51U, 15) * 0x1B873593U;
    c = rotl32(c, 13) * 5 + 0xE6546B64U;
    c ^= 4;
    c ^= c >> 16;
    c *= 0x85EBCA6BU;
    c ^= c >> 13;
    c *= 0xC2B2AE35U;
    c ^= c >> 16;
    return c == 0x80000000U ? 0 : c > 0x80000000U ? 0 - c : c;
}
