/* What the encoders of values (codec_*_write.c) share: the other side of rd.h and sink.h.
 *
 * A writer is sticky as a reader is: the first value that does not fit fails it, and what is written afterwards is dropped. */
#ifndef WEIR_SAVEPOINT_ENCODE_H
#define WEIR_SAVEPOINT_ENCODE_H

#include "base/err.h"
#include "base/wr.h"
#include "savepoint/ser.h"
#include "savepoint/value.h"

/* A step of the path to the value being written, for messages; steps live on the stack. */
struct enc_step {
    const struct enc_step *up;
    const char *name; /* NULL: the item `i` */
    uint32_t i;
};

struct enc {
    struct buf *out;
    struct err *e;
    const struct enc_step *path;
    uint32_t depth;
    bool bad;
};

static inline bool enc_ok(const struct enc *w) { return !w->bad; }
/* The value does not fit: ERR_CONVERT, or (enc_unsupported) weir cannot write such: ERR_UNSUPPORTED. Both put the path in front. */
void enc_fail(struct enc *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void enc_unsupported(struct enc *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "<value> where a <type> must be": for values of a kind that never fits. */
void enc_wrong(struct enc *w, const struct value *v, const char *type);

/* One value of s; name (NULL: the item i) is its place in the one around it. */
void enc_value(struct enc *w, const struct ser *s, const struct value *v, const char *name, uint32_t i);
/* One level deeper, for encoders that call themselves; false (and failed) beyond VALUE_MAX_DEPTH. */
bool enc_enter(struct enc *w, struct enc_step *step, const char *name, uint32_t i);
void enc_leave(struct enc *w);

/* The value as a number, text, bytes …; false (and failed) when it is none. `type` is for messages. */
bool enc_int(struct enc *w, const struct value *v, int64_t min, int64_t max, const char *type, int64_t *to);
bool enc_real(struct enc *w, const struct value *v, const char *type, double *to);
bool enc_single(struct enc *w, const struct value *v, float *to);
bool enc_bool(struct enc *w, const struct value *v, bool *to);
bool enc_text(struct enc *w, const struct value *v, const char *type, struct bytes *to);
/* Bytes, or text "hex:…", which is put into scratch. */
bool enc_bytes(struct enc *w, const struct value *v, const char *type, struct buf *scratch, struct bytes *to);
struct decimal;
/* A decimal number from text, an int or a real (its shortest digits). The caller frees d->digits in any case. */
bool enc_decimal(struct enc *w, const struct value *v, struct decimal *d);
/* One UTF-16 unit. */
bool enc_char(struct enc *w, const struct value *v, uint16_t *unit);
/* The items of a list or set; enc_pairs: n keys and values in turn of a map, or of a list of pairs, which are put into `room`. */
bool enc_items(struct enc *w, const struct value *v, const char *type, const struct value **items, uint32_t *n);
bool enc_pairs(struct enc *w, const struct value *v, const char *type, struct buf *room, const struct value **items, uint32_t *n);
/* Members of an object by names in the order of the encoder; *to is NULL where there is none. Members beyond the names are passed over
 * when they begin with "$", and fail when they do not. */
bool enc_members(struct enc *w, const struct value *v, const char *type, const char *const *names, uint32_t n,
                 const struct value **to);
/* The kind (0 +I to 3 -D) and the n fields of a row: {"$row", "fields"} or the fields alone, a list, or (with names) an object, where
 * fields that are missing are NULL. */
bool enc_row(struct enc *w, const struct value *v, const char *const *names, uint32_t n, unsigned *kind,
             const struct value **fields);
/* A member, or NULL. */
const struct value *enc_member(const struct value *v, const char *name);

/* Counts and lengths of more than 2 GiB fail. */
void enc_count(struct enc *w, size_t n);

/* Modified UTF-8 and Flink's strings; malformed UTF-8 fails. */
void enc_flink_string(struct enc *w, struct bytes text);
void enc_utf(struct enc *w, struct bytes text);
/* Unsigned 7-bit groups, low first. */
void enc_varint(struct enc *w, uint64_t v);

/* Hex digits of either case into bytes; false: they are none. */
bool enc_unhex(struct buf *to, const char *s, size_t n);

#endif
