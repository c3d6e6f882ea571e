/* What the files that write Kryo's values share: the other side of codec_kryo.h. */
#ifndef WEIR_SAVEPOINT_CODEC_KRYO_OUT_H
#define WEIR_SAVEPOINT_CODEC_KRYO_OUT_H

#include "savepoint/codec_kryo.h"
#include "savepoint/encode.h"

/* A value being written. */
struct kryo_out {
    struct enc *w;
    const struct kryo *k;
    const char **names; /* classes written by their names, in order */
    uint32_t n_names;
};

/* codec_kryo_write_plain.c: Kryo's Output */
static inline void kryo_put_varint(struct kryo_out *o, uint32_t v) { enc_varint(o->w, v); }
/* At most 9 bytes, the ninth a whole one. */
void kryo_put_varlong(struct kryo_out *o, uint64_t v);
static inline uint32_t kryo_to_zigzag(int32_t v) { return (uint32_t)v << 1 ^ (v < 0 ? UINT32_MAX : 0); }
static inline uint64_t kryo_to_zigzag64(int64_t v) { return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0); }
/* Fixed numbers: big-endian in Kryo 2, little-endian in Kryo 5. */
static inline void kryo_put_16(struct kryo_out *o, uint16_t v) { wr_u16(o->w->out, o->k->v5 ? __builtin_bswap16(v) : v); }
static inline void kryo_put_32(struct kryo_out *o, uint32_t v) { wr_u32(o->w->out, o->k->v5 ? __builtin_bswap32(v) : v); }
static inline void kryo_put_64(struct kryo_out *o, uint64_t v) { wr_u64(o->w->out, o->k->v5 ? __builtin_bswap64(v) : v); }
/* A flag in the top bit, 6 bits, whether there are more in the next, then groups of 7 (Output#writeUtf8Length, #writeVarIntFlag). */
void kryo_put_flagged(struct kryo_out *o, bool flag, uint32_t v);
void kryo_put_string(struct kryo_out *o, struct bytes s);
/* K_INT to K_SHORT without K_STRING, and the elements of arrays of them. */
void kryo_put_number(struct kryo_out *o, const struct value *v, uint8_t form);
/* The body of forms that hold no objects. */
void kryo_put_plain(struct kryo_out *o, const struct kryo_class *c, const struct value *v);

/* codec_kryo_write_time.c: java.time; ERR_UNSUPPORTED for other forms. */
void kryo_put_time(struct kryo_out *o, const struct kryo_class *c, const struct value *v);
/* codec_kryo_write.c: DefaultClassResolver#writeClass */
void kryo_put_class(struct kryo_out *o, const struct kryo_class *c);

#endif
