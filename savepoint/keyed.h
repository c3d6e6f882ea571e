/* Keyed state, whatever holds it: canonical streams, heap streams, database files, changelogs. All give the same entries.
 *
 * The bytes of an entry are bounded spans; decoding them is the consumer's choice (state_decode.h). */
#ifndef WEIR_SAVEPOINT_KEYED_H
#define WEIR_SAVEPOINT_KEYED_H

#include "savepoint/meta.h"
#include "savepoint/ser.h"
#include "savepoint/source.h"
#include "savepoint/state_kind.h"

/* RegisteredStateMetaInfo (StateMetaInfoSnapshotReadersWriters, formats 6 and 7). */
struct state_info {
    const char *name;
    enum state_kind kind;
    bool v2;              /* KEY_VALUE_V2, asynchronous state of 2.0+ */
    enum op_mode mode;    /* operator and broadcast states */
    const struct ser *ns; /* namespace serializer; NULL for timers and operator states */
    const struct ser
        *value; /* VALUE_SERIALIZER as written: LIST a list serializer, MAP a map serializer (v2: element, user value) */
    const struct ser *element;  /* LIST: the element; MAP: the user value; TIMERS: NULL; others: value */
    const struct ser *user_key; /* MAP: user key; broadcast: key */
    bool ttl;
    bool has_ns;      /* a namespace other than the void one */
    const char *lost; /* a serializer class that weir does not know and that cut the description, or NULL */
    struct bytes raw; /* the metaInfo as it was read; lives as long as what it was read from (headers: the part) */
};

/* KeyedBackendSerializationProxy. */
struct keyed_header {
    int32_t version;
    bool compressed;
    const struct ser *key;
    uint32_t n;
    struct state_info *states; /* index = state id in the streams */
    const char *lost;          /* first unknown serializer class, or NULL */
};

/* How the value bytes of an entry lie. */
enum entry_form {
    FORM_VALUE,      /* one value of info->element */
    FORM_LIST_DELIM, /* elements joined by ',' (canonical, RocksDB) */
    FORM_LIST_COUNT, /* i32 count, elements (heap, changelog) */
    FORM_MAP_ENTRY,  /* user_key span; value = bool isNull, value */
    FORM_MAP_COUNT,  /* the whole map: i32 count, count * (key, bool isNull, [value]) (heap) */
    FORM_TIMER       /* value = the queue element: i64 timestamp with flipped sign bit, key, namespace */
};

struct entry {
    const struct keyed_header *header;
    const struct state_info *info;
    uint32_t key_group;
    enum entry_form form;
    struct bytes key, ns, user_key, value; /* spans of their serializers' bytes; valid during the call */
    struct bytes raw_key;                  /* canonical and RocksDB: the composite key, to be split by entry_split; else n = 0 */
    uint8_t prefix;                        /* bytes of key group in front of raw_key: 1 or 2 */
    uint64_t at;                           /* position of the value in its file, for messages */
    const char *file;
    const char *why; /* set when the key could not be split: it (or the namespace) then holds, opaque, what stands behind it, too */
    uint32_t more;   /* heap, with why: so many further entries of the state are in the value, unframed */
};

/* Fills key, ns, user_key (timers: value) from raw_key when it is not done yet. False: the bytes are malformed. */
bool entry_split(struct entry *en, struct err *e);

/* Called for each entry, in the holder's order. False stops the walk (with e set, or quietly when it is not). */
typedef bool entry_fn(void *ctx, struct entry *en, struct err *e);

/* Reads a header from [r->p, r->end). exact: the header ends where r ends, which lets the reader find its way again behind a
 * serializer class that it does not know. Everything lives in the arena. flink2, told: see ser_in. */
bool keyed_header_read(struct keyed_header *h, struct rd *r, bool exact, int flink2, const struct told *told, struct arena *a);
/* One metaInfo, as it also stands in changelogs; format is 6 or 7. */
bool state_info_read(struct state_info *info, struct ser_in *in);
/* Sets element, user_key, has_ns and ttl from kind, v2, ns and value. */
void state_info_parts(struct state_info *info, struct arena *a);
/* The form in which one entry's value lies when each map entry stands alone (canonical streams, RocksDB). */
enum entry_form entry_form_flat(enum state_kind k);

#endif
