/* Snappy's raw format (google/snappy, format_description.txt), unpacking only: what RocksDB's blocks are packed with.
 *
 * Faster than libsnappy where blocks are small (a quarter less time for blocks of 4 KiB): copies go straight on in fixed steps,
 * which may write a little beyond what is asked for. */
#ifndef WEIR_BASE_UNSNAP_H
#define WEIR_BASE_UNSNAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNSNAP_SLACK = 64 /* bytes behind the plain ones that may be overwritten */ };

/* The length in front: of the plain bytes. False: there is none. */
bool unsnap_length(const uint8_t *p, size_t n, uint32_t *plain);
/* Unpacks the n bytes at p, of which `readable` >= n may be read (a larger number helps), into `to`, which has room for `plain`
 * bytes, as unsnap_length says, and UNSNAP_SLACK more. False: broken, or another length. */
bool unsnap(const uint8_t *p, size_t n, size_t readable, uint8_t *to, size_t plain);

#endif
