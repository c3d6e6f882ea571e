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
/* The other side: begin with the number of entries; then for each a name, and the two frames, of which either may be absent. */
void optmap_put(struct buf *to, uint32_t n);
void optmap_put_frame(struct buf *to, bool has, struct bytes frame);
/* A frame that holds a snapshot; absent when nothing is known of it. */
bool optmap_put_snapshot(struct buf *to, const struct ser *s, struct err *e);
/* DataOutput#writeUTF; ERR_UNSUPPORTED for text that is too long, or no UTF-8. */
bool put_utf(struct buf *to, const char *text, struct err *e);
/* The nested serializers of a composite, as ser_parse_nested reads them. */
bool put_nested(const struct ser *s, struct buf *to, struct err *e);

/* The snapshot in an entry's value frame; an unknown node when it is absent, unknown or malformed. */
struct ser *optmap_snapshot(struct ser_in *in, struct optmap_entry *e);

const char *class_simple(const char *cls); /* behind the last dot */

/* Sets s->length by the row's rule, when the kids are there. */
void ser_set_length(struct ser *s);

/* For values of which weir writes only what it has shown as bytes, and snapshots that it cannot make anew. */
ser_write_fn write_shown;
ser_write_fn write_told; /* s->extra: the declaration (told.h) */
ser_put_fn put_none;

#define SER(cls, name, body, outer, put, length, read, write) \
    ser_body_fn outer;                                        \
    ser_put_fn put;                                           \
    ser_read_fn read;                                         \
    ser_write_fn write;
#include "savepoint/serializers.def"
#undef SER

#endif
