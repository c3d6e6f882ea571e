/* Java's hashCode of keys, from their serialized bytes, and the key group that follows from it. */
#ifndef WEIR_SAVEPOINT_KEYHASH_H
#define WEIR_SAVEPOINT_KEYHASH_H

#include "savepoint/ser.h"

/* Can the hash of such keys be computed? Not where it is the user's code (POJOs, Kryo) or the identity (enums, arrays). Rows: of those
 * that have no names, as rows have which Flink has read; see keyhash_guess.h for whoever wants to be sure. */
bool keyhash_known(const struct ser *s);
/* Reads one key and gives its hashCode; false when it is not known or r fails. */
bool keyhash_read(const struct ser *s, struct rd *r, int32_t *hash);
/* The same for a field of a key, whose serializer is known to be keyhash_known. */
bool keyhash_part(const struct ser *s, struct rd *r, uint32_t *hash);
/* KeyGroupRangeAssignment#computeKeyGroupForKeyHash (flink-runtime). */
uint32_t key_group_of_hash(int32_t hash, int32_t max_parallelism);

#endif
