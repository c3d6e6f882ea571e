/* Murmur3 as Flink uses it: operator ids of uids (x64 128), key groups of key hashes (32-bit finisher). */
#ifndef WEIR_SAVEPOINT_MURMUR_H
#define WEIR_SAVEPOINT_MURMUR_H

#include <stddef.h>
#include <stdint.h>

/* Guava's Hashing.murmur3_128(0) as bytes: h1, then h2, each little-endian. */
void murmur3_x64_128(const void *data, size_t n, uint8_t out[16]);
/* MathUtils#murmurHash (flink-core) of a Java hashCode: never negative. */
uint32_t murmur_key_hash(int32_t hash_code);

#endif
