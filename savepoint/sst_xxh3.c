#include "savepoint/sst_xxh3.h"

#include <string.h>

#include "base/rd.h"

#define P32_1 0x9E3779B1ull
#define P32_2 0x85EBCA77ull
#define P32_3 0xC2B2AE3Dull
#define P64_1 0x9E3779B185EBCA87ull
#define P64_2 0xC2B2AE3D27D4EB4Full
#define P64_3 0x165667B19E3779F9ull
#define P64_4 0x85EBCA77C2B2AE63ull
#define P64_5 0x27D4EB2F165667C5ull
#define MX1 0x165667919E3779F9ull
#define MX2 0x9FB21C651E98DF25ull

enum { STRIPE = 64, BLOCK = 1024, SECRET = 192 };

static const uint8_t secret[SECRET] = {
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c, 0xde, 0xd4, 0x6d, 0xe9,
    0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f, 0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78,
    0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21, 0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6,
    0x81, 0x3a, 0x26, 0x4c, 0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8, 0xa8, 0xfa, 0x76, 0x3f,
    0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d, 0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31,
    0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64, 0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff,
    0xfa, 0x13, 0x63, 0xeb, 0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce, 0x45, 0xcb, 0x3a, 0x8f,
    0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
};

static uint64_t rotl(uint64_t v, int by) { return v << by | v >> (64 - by); }

static uint64_t fold(uint64_t a, uint64_t b)
{
    unsigned __int128 m = (unsigned __int128)a * b;
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static uint64_t avalanche(uint64_t x)
{
    x = (x ^ x >> 37) * MX1;
    return x ^ x >> 32;
}

static uint64_t avalanche64(uint64_t x)
{
    x = (x ^ x >> 33) * P64_2;
    x = (x ^ x >> 29) * P64_3;
    return x ^ x >> 32;
}

static uint64_t small(const uint8_t *p, size_t n)
{
    if (!n)
        return avalanche64(le64(secret + 56) ^ le64(secret + 64));
    if (n <= 3) {
        uint32_t all = p[n - 1] | (uint32_t)n << 8 | (uint32_t)p[0] << 16 | (uint32_t)p[n >> 1] << 24;
        return avalanche64((le32(secret) ^ le32(secret + 4)) ^ all);
    }
    if (n <= 8) {
        uint64_t v = (le64(secret + 8) ^ le64(secret + 16)) ^ (le32(p + n - 4) | (uint64_t)le32(p) << 32);
        v = (v ^ rotl(v, 49) ^ rotl(v, 24)) * MX2;
        v = (v ^ ((v >> 35) + n)) * MX2;
        return v ^ v >> 28;
    }
    uint64_t low = (le64(secret + 24) ^ le64(secret + 32)) ^ le64(p);
    uint64_t high = (le64(secret + 40) ^ le64(secret + 48)) ^ le64(p + n - 8);
    return avalanche(n + __builtin_bswap64(low) + high + fold(low, high));
}

static uint64_t mix(const uint8_t *p, size_t at) { return fold(le64(p) ^ le64(secret + at), le64(p + 8) ^ le64(secret + at + 8)); }

static uint64_t medium(const uint8_t *p, size_t n)
{
    uint64_t acc = n * P64_1;
    if (n <= 128) {
        for (size_t i = ((n - 1) >> 5) + 1; i-- > 0;)
            acc += mix(p + i * 16, i * 32) + mix(p + n - i * 16 - 16, i * 32 + 16);
        return avalanche(acc);
    }
    for (size_t i = 0; i < 8; i++)
        acc += mix(p + i * 16, i * 16);
    acc = avalanche(acc);
    for (size_t i = 8; i < n >> 4; i++)
        acc += mix(p + i * 16, (i - 8) * 16 + 3);
    return avalanche(acc + mix(p + n - 16, 119));
}

static inline void accumulate(uint64_t acc[8], const uint8_t *p, const uint8_t *key)
{
    uint64_t lane[8], word[8];
    memcpy(lane, p, sizeof lane);
    memcpy(word, key, sizeof word);
    for (int i = 0; i < 8; i++) {
        uint64_t v = lane[i] ^ word[i];
        acc[i] += lane[i ^ 1] + (uint64_t)(uint32_t)v * (v >> 32);
    }
}

static uint64_t large(const uint8_t *p, size_t n)
{
    uint64_t acc[8] = {P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1};
    size_t left = n;
    for (; left > BLOCK; p += BLOCK, left -= BLOCK) {
        for (size_t i = 0; i < BLOCK / STRIPE; i++)
            accumulate(acc, p + i * STRIPE, secret + i * 8);
        for (int i = 0; i < 8; i++)
            acc[i] = (acc[i] ^ acc[i] >> 47 ^ le64(secret + SECRET - STRIPE + i * 8)) * P32_1;
    }
    for (size_t i = 0; i < (left - 1) / STRIPE; i++)
        accumulate(acc, p + i * STRIPE, secret + i * 8);
    accumulate(acc, p + left - STRIPE, secret + SECRET - 71);
    uint64_t out = n * P64_1;
    for (int i = 0; i < 8; i += 2)
        out += fold(acc[i] ^ le64(secret + 11 + i * 8), acc[i + 1] ^ le64(secret + 19 + i * 8));
    return avalanche(out);
}

uint64_t sst_xxh3(const void *p, size_t n) { return n <= 16 ? small(p, n) : n <= 240 ? medium(p, n) : large(p, n); }
