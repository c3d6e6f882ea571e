/* What the codec files share. Declares every function that serializers.def names. */
#ifndef WEIR_SAVEPOINT_CODEC_H
#define WEIR_SAVEPOINT_CODEC_H

#include "savepoint/ser.h"

/* LinkedOptionalMapSerializer (flink-core): magic, i32 n, n * (utf name, bool [i32 len, key], bool [i32 len, value]). The frames
 * have lengths, so what cannot be read inside one loses nothing behind it. */
struct optmap_entry {
    const char *name;
    bool has_key, has_value;
    struct rd key, value;
};
uint32_t optmap_begin(struct ser_in *in); /* the number of entries; 0 and failed when it is none */
void optmap_next(struct ser_in *in, struct optmap_entry *e);
/* The snapshot in an entry's value frame; an unknown node when it is absent, unknown or malformed. */
struct ser *optmap_snapshot(struct ser_in *in, struct optmap_entry *e);

const char *class_simple(const char *cls); /* behind the last dot */

#define SER(cls, name, body, outer, length, read) \
    ser_body_fn outer;                            \
    ser_read_fn read;
#include "savepoint/serializers.def"
#undef SER

#endif
