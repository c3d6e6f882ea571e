/* A stream of bytes read forward through a window: mapped file, remote object, inline bytes, or any of them through Snappy.
 *
 * [p, end) is contiguous and valid until the next source_need/source_skip. Over mapped or inline bytes nothing is copied: the
 * window of inline bytes is all there is, that of a mapped file moves on in strides of 16 MiB so that the pages behind it can be
 * given back. Otherwise it is refilled and grows only as far as one caller asks for at once and bytes really arrive. */
#ifndef WEIR_SAVEPOINT_SOURCE_H
#define WEIR_SAVEPOINT_SOURCE_H

#include "savepoint/store.h"

struct source {
    const uint8_t *p, *end;
    uint64_t pos;                  /* position of `end` in the (plain) stream, counted from where it was opened + origin */
    bool (*fill)(struct source *); /* appends bytes behind end, keeping [p, end); false at the end of the stream or on an error */
    struct err *e;                 /* set by fill when it fails for another reason than the end */
    struct store_file *file;
    uint64_t next, limit; /* file positions: next byte to read, end of the stream */
    uint64_t kept;        /* mapped files: the pages before this file position have been given back */
    const char *name;     /* for messages */
    uint8_t *own;         /* window buffer, owned */
    size_t cap;
    struct source *inner; /* Snappy: the framed bytes; owned */
    bool framed;          /* Snappy: the stream identifier has been seen */
};

/* Bytes [off, off + len) of an open file. The file and e outlive the source. ERR_CORRUPT, and an empty stream, when the file is
 * too short for that. */
void source_file(struct source *s, struct store_file *f, uint64_t off, uint64_t len, struct err *e);
/* Bytes in memory, named for messages; origin is the position of p[0] that messages count from. */
void source_bytes(struct source *s, const void *p, size_t n, const char *name, uint64_t origin, struct err *e);
/* Puts Snappy's framing format (snappy-java SnappyFramedInputStream; checksums are verified) on top of *s, in place: afterwards s
 * gives the plain bytes. With need_identifier false the stream may start with a chunk at once (compressed operator state). */
void source_snappy(struct source *s, bool need_identifier);
void source_close(struct source *s);

static inline size_t source_have(const struct source *s) { return (size_t)(s->end - s->p); }
/* Position of p, for messages and for framing by offset (plain bytes for a Snappy source). */
static inline uint64_t source_pos(const struct source *s) { return s->pos - source_have(s); }

/* Makes n bytes contiguous at s->p. False at the end of the stream (s->e is set only when reading failed); the window then holds
 * all that is left, however much was asked for. */
bool source_grow(struct source *s, size_t n);
static inline bool source_need(struct source *s, size_t n) { return __builtin_expect(source_have(s) >= n, 1) || source_grow(s, n); }
/* Goes n bytes forward, without making room for them. False as in source_grow; the stream is then at its end. */
bool source_skip(struct source *s, uint64_t n);
/* "ends too early", with name and position; returns false. Keeps an error that is set already. */
bool source_short(struct source *s);

#endif
