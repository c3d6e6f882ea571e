/* For wellknown*.c only: reading bytes that have no serializer snapshot, and reporting members of the object that is open. */
#ifndef WEIR_SAVEPOINT_WELLKNOWN_IN_H
#define WEIR_SAVEPOINT_WELLKNOWN_IN_H

#include "base/mem.h"
#include "base/rd.h"
#include "savepoint/sink.h"

/* Where an envelope stands. It nests in this order only, so the depth has a limit. */
enum place {
    IN_SPLIT,
    IN_ENUMERATOR,
    IN_WRITER,
    IN_BUCKET,
    IN_COMMITTER,
    IN_COMMITTABLE,
    IN_PROGRESS,
    IN_PENDING,
    IN_RECOVERABLE,
    IN_OTHER
};

/* Bytes that must fit: whatever does not makes r fail. out is NULL while that is tried. */
struct in {
    struct rd r;
    struct sink *out;
    struct arena *a;
    int32_t version; /* of the envelope */
};

/* Members. A name of NULL: the value alone, in an array. */
void m_utf(struct in *in, const char *name);            /* DataOutput#writeUTF */
const char *m_topic(struct in *in, const char *name);   /* the same, a name that Kafka allows */
void m_text(struct in *in, const char *name, size_t n); /* n bytes of UTF-8 */
void m_i16(struct in *in, const char *name);
int32_t m_i32(struct in *in, const char *name);
void m_i64(struct in *in, const char *name);
void m_i64_le(struct in *in, const char *name);
/* Little-endian, as ByteBuffers of the file connectors are; a length is checked to fit. */
uint32_t in_le32(struct in *in);
uint32_t in_length_le(struct in *in);
/* One of n words, by its number. */
void m_word(struct in *in, const char *name, const char *const *words, int32_t n);
/* A boolean that is 0 or 1; anything else does not fit. */
bool in_flag(struct in *in);
/* i32 that must be `magic`. */
void in_magic(struct in *in, uint32_t magic);
void in_magic_le(struct in *in, uint32_t magic);

void in_begin(struct in *in, const char *name, enum sink_box box);
void in_end(struct in *in, enum sink_box box);

/* What an envelope of that version holds, by the rows of wellknown.def: members version, and as and value, or bytes. */
void m_content(struct in *in, const char *name, enum place place, int32_t version, struct bytes b);
/* i32 version, i32 n, n bytes. */
void m_envelope(struct in *in, const char *name, enum place place);
/* i32 version, i32 count, count * (i32 n, n bytes): calls each for every one; reported as an array. */
typedef void each_fn(struct in *in, int32_t version, struct bytes b);
void m_list(struct in *in, const char *name, each_fn *each);
/* A reader over the bytes of one of these, to be joined with in_join. */
struct in in_sub(struct in *in, int32_t version, struct bytes b);
void in_join(struct in *in, struct in *sub);

typedef void content_fn(struct in *in);
#define STATE(name, fn) content_fn fn;
#define CONTENT(place, first, last, name, fn) content_fn fn;
#include "savepoint/wellknown.def"
#undef STATE
#undef CONTENT

#endif
