/* How a MANIFEST is framed, and what its version edits are made of (db/log_format.h, db/version_edit.h). For sst_manifest*.c. */
#ifndef WEIR_SAVEPOINT_SST_MANIFEST_TAGS_H
#define WEIR_SAVEPOINT_SST_MANIFEST_TAGS_H

#include <stdint.h>

#define SST_COMPARATOR "leveldb.BytewiseComparator"

enum { LOG_BLOCK = 32 << 10, LOG_HEAD = 7 };
enum { LOG_FULL = 1, LOG_FIRST, LOG_MIDDLE, LOG_LAST };
enum { /* version_edit.h, Tag */
       TAG_COMPARATOR = 1,
       TAG_LOG_NUMBER,
       TAG_NEXT_FILE,
       TAG_LAST_SEQUENCE,
       TAG_COMPACT_CURSOR,
       TAG_DELETED_FILE,
       TAG_NEW_FILE,
       TAG_PREV_LOG = 9,
       TAG_MIN_LOG = 10,
       TAG_NEW_FILE2 = 100,
       TAG_NEW_FILE3 = 102,
       TAG_NEW_FILE4 = 103,
       TAG_FAMILY = 200,
       TAG_FAMILY_ADD = 201,
       TAG_FAMILY_DROP = 202,
       TAG_MAX_FAMILY = 203,
       TAG_ATOMIC_GROUP = 300,
       TAG_IGNORABLE = 1 << 13
};

/* A record's checksum, as it is written. */
static inline uint32_t log_mask(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

#endif
