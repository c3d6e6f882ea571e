/* CRC-32C (Castagnoli), as Snappy's framing format and LevelDB-like files use it. */
#ifndef WEIR_BASE_CRC32C_H
#define WEIR_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32c(const void *p, size_t n);

#endif
