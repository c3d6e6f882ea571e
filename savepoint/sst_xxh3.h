/* XXH3, 64 bits, seed 0 (xxHash fast digest algorithm, specification 0.2.0): the checksum of newer RocksDB tables. */
#ifndef WEIR_SAVEPOINT_SST_XXH3_H
#define WEIR_SAVEPOINT_SST_XXH3_H

#include <stddef.h>
#include <stdint.h>

uint64_t sst_xxh3(const void *p, size_t n);

#endif
