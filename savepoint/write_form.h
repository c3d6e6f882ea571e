/* Entries of keyed state from one form into the other: canonical records (a composite key, a value; one for each map entry) and the
 * heap backend's (a value for each key and namespace). Bytes are moved, not decoded; a list or a map is walked, since its elements
 * are framed differently. */
#ifndef WEIR_SAVEPOINT_WRITE_FORM_H
#define WEIR_SAVEPOINT_WRITE_FORM_H

#include "savepoint/keyed.h"

struct form {
    struct buf key, value; /* scratch; buf_free both */
};

/* Gives the canonical records of an entry: key, without the key group in front, and value; none for an empty list or map
 * (SerializedCompositeKeyBuilder, ListDelimitedSerializer). ERR_UNSUPPORTED where that takes a serializer that is not known. */
typedef bool record_fn(void *ctx, struct bytes key, struct bytes value, struct err *e);
bool form_canonical(struct form *f, const struct entry *en, record_fn *fn, void *ctx, struct err *e);

/* Do the bytes of a split entry in a form of its own end where its serializers say? In a heap stream nothing else tells where the next
 * one begins. ERR_CORRUPT when not. What is not known is taken as it is. */
bool form_check(const struct entry *en, struct err *e);
/* The heap backend's value of an entry in any form but FORM_MAP_ENTRY; valid until the next call. */
bool form_heap(struct form *f, const struct entry *en, struct bytes *value, struct err *e);
/* One entry of a heap map: user key, bool isNull, value unless it is null. */
void form_heap_map(struct buf *to, const struct entry *en);

#endif
