/* The key's serializer where nothing tells it: nothing is materialized yet, and the log announces no timers. The log says the key
 * group of each key, though, and that is a hash of the key (KeyGroupRangeAssignment): a serializer by which every change has a key
 * of the right key group, then a namespace and a value to the last byte, is the one. */
#include "savepoint/codec.h"
#include "savepoint/keyed_changelog.h"
#include "savepoint/murmur.h"

typedef int32_t hash_fn(struct rd *r); /* Java's hashCode of a key */

static int32_t hash_int(struct rd *r) { return rd_i32(r); }

static int32_t hash_long(struct rd *r)
{
    uint64_t v = (uint64_t)rd_i64(r);
    return (int32_t)(uint32_t)(v ^ v >> 32);
}

static int32_t hash_string(struct rd *r)
{
    uint32_t h = 0;
    for (uint32_t n = rd_varint32(r); n > 1 && rd_ok(r); n--) /* length + 1, then UTF-16 units */
        h = 31 * h + rd_varint32(r);
    return (int32_t)h;
}

#define BASE "org.apache.flink.api.common.typeutils.base."
static const struct {
    const char *snapshot_class;
    hash_fn *hash;
} candidates[] = {
    {BASE "StringSerializer$StringSerializerSnapshot", hash_string},
    {BASE "LongSerializer$LongSerializerSnapshot", hash_long},
    {BASE "IntSerializer$IntSerializerSnapshot", hash_int},
};
enum { CANDIDATES = sizeof candidates / sizeof *candidates, ENOUGH = 3 /* changes that must fit, at least */ };

/* Does this change fit? Only whole values are looked at behind the namespace. */
static bool fits(const struct change *ch, const struct state_info *info, const struct ser *key, hash_fn *hash,
                 int32_t max_parallelism)
{
    struct rd r = rd_of(ch->bytes.p + 3, ch->bytes.n - 3, 0), again = r;
    ser_read(key, &r, NULL);
    if (!rd_ok(&r) || murmur_key_hash(hash(&again)) % (uint32_t)max_parallelism != (uint32_t)ch->key_group)
        return false;
    ser_read(info->ns, &r, NULL);
    enum change_op op = ch->bytes.p[0];
    if (rd_live(&r) && (op == OP_SET || op == OP_SET_INTERNAL))
        ser_read(info->value, &r, NULL);
    bool whole = op == OP_SET || op == OP_SET_INTERNAL || op == OP_CLEAR;
    return rd_ok(&r) && (r.cut || !whole || !rd_left(&r));
}

const struct ser *changelog_guess_key(const struct changelog *c, int32_t max_parallelism, struct arena *a)
{
    const struct ser *key[CANDIDATES];
    size_t left = CANDIDATES, n = 0;
    for (size_t k = 0; k < CANDIDATES; k++)
        key[k] = ser_make(a, candidates[k].snapshot_class, 0, NULL);
    for (size_t i = 0; i < c->log.n && left; i++) {
        const struct change *ch = &c->log.v[i];
        if (ch->bytes.p[0] == OP_METADATA || ch->bytes.n < 3 || ch->state >= c->header.n ||
            c->header.states[ch->state].kind == KIND_TIMERS)
            continue;
        n++;
        for (size_t k = 0; k < CANDIDATES; k++)
            if (key[k] && !fits(ch, &c->header.states[ch->state], key[k], candidates[k].hash, max_parallelism)) {
                key[k] = NULL;
                left--;
            }
    }
    for (size_t k = 0; k < CANDIDATES && left == 1 && n >= ENOUGH; k++)
        if (key[k])
            return key[k];
    return NULL;
}
