/* From an entry's bytes to its decoded parts. */
#ifndef WEIR_SAVEPOINT_STATE_DECODE_H
#define WEIR_SAVEPOINT_STATE_DECODE_H

#include "savepoint/keyed.h"

/* Reports one value of s that takes exactly the span. Bytes left over, or a malformed value, are ERR_CORRUPT naming `what`, the
 * state and the place. *opaque grows by the values that could not be decoded. */
struct place {
    const char *file;
    uint64_t at;
    const struct state_info *info;
};
bool decode_span(const struct ser *s, struct bytes b, const struct place *place, const char *what, struct sink *out,
                 uint32_t *opaque, struct err *e);

bool decode_key(const struct entry *en, struct sink *out, uint32_t *opaque, struct err *e);
/* The namespace; for states that have one (state_info.has_ns). */
bool decode_ns(const struct entry *en, struct sink *out, uint32_t *opaque, struct err *e);
static inline bool entry_has_ns(const struct entry *en) { return en->info->has_ns; }
/* FORM_VALUE: a value. Lists: BOX_ARRAY. FORM_MAP_COUNT: BOX_PAIRS. FORM_MAP_ENTRY: the user key, then the user value (the caller
 * has opened BOX_PAIRS). FORM_TIMER is not for this: see decode_timer. *elements: list elements or map entries. */
bool decode_value(const struct entry *en, struct sink *out, uint32_t *opaque, uint64_t *elements, struct err *e);
/* The parts of a FORM_TIMER entry: a value each of the serializers, and the time. */
struct timer {
    const struct ser *key_ser, *ns_ser; /* NULL for the void namespace; both NULL: the timer's form is not known */
    struct bytes key, ns;
    int64_t timestamp;
};
bool timer_split(const struct entry *en, struct timer *t, struct err *e);
/* Members key, ns (unless void) and timestamp of an object that the caller has opened; of a timer of unknown form
 * the member value. */
bool decode_timer(const struct entry *en, struct sink *out, uint32_t *opaque, struct err *e);

#endif
