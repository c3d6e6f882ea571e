#include "savepoint/heap_resume.h"

#include "savepoint/keyhash.h"

enum { MAX_SEARCH = 1 << 20 }; /* bytes behind the value's start */

static bool key_fits(const struct heap_resume *h, const struct ser *key, struct rd *r)
{
    if (!keyhash_known(key)) {
        ser_read(key, r, NULL);
        return rd_live(r);
    }
    int32_t hash;
    return keyhash_read(key, r, &hash) && key_group_of_hash(hash, h->max_parallelism) == h->group;
}

enum fit { NO_FIT, FIT, FIT_OPAQUE /* and nothing is known of what stands behind it */ };

/* An entry of the state at r: its key belongs here, and its value can be walked or begins as the opaque one does. */
static enum fit entry_fits(const struct heap_resume *h, const struct state_info *info, struct rd *r, const uint8_t *opaque)
{
    if (info->kind == KIND_TIMERS) {
        struct rd key = *r;
        (void)rd_i64(&key);
        if (info->value->n != 2 || !key_fits(h, info->value->kids[0], &key))
            return NO_FIT;
        ser_read(info->value, r, NULL);
        return rd_live(r) ? FIT : NO_FIT;
    }
    if (info->ns->length == 0 && rd_left(r) && *r->p) /* the void namespace is a zero */
        return NO_FIT;
    ser_read(info->ns, r, NULL);
    if (!rd_live(r) || !key_fits(h, h->header->key, r))
        return NO_FIT;
    const uint8_t *value = r->p;
    bool head = rd_left(r) >= 2;
    ser_read(info->value, r, NULL);
    if (!r->cut)
        return rd_ok(r) ? FIT : NO_FIT;
    bool counted = info->kind == KIND_LIST || info->kind == KIND_MAP;
    return head && (info != h->info || counted || (value[0] == opaque[0] && value[1] == opaque[1])) ? FIT_OPAQUE : NO_FIT;
}

/* Does what stands at r follow the opaque value? Looked at are its next entries, up to one that is opaque itself. */
static bool rest_fits(const struct heap_resume *h, struct rd r, const uint8_t *opaque)
{
    enum { LOOK_AHEAD = 16 };
    const struct state_info *info = h->info;
    uint32_t entries = h->entries_left, states = h->states_left;
    uint32_t begun[LOOK_AHEAD];
    for (unsigned looks = 0; looks < LOOK_AHEAD; looks++) {
        if (entries) {
            enum fit fit = entry_fits(h, info, &r, opaque);
            if (fit != FIT)
                return fit == FIT_OPAQUE;
            entries--;
            begun[looks] = UINT32_MAX;
            continue;
        }
        if (!states)
            return rd_left(&r) == 0;
        uint32_t id = rd_u16(&r);
        entries = rd_u32(&r);
        if (!rd_ok(&r) || id >= h->header->n || h->seen[id] || entries > rd_left(&r))
            return false;
        for (unsigned i = 0; i < looks; i++)
            if (begun[i] == id)
                return false;
        begun[looks] = id;
        info = &h->header->states[id];
        states--;
    }
    return true;
}

const uint8_t *heap_resume(const struct heap_resume *h, const uint8_t *from, const uint8_t *end)
{
    const uint8_t *last = end - from > MAX_SEARCH ? from + MAX_SEARCH : end;
    if (!h->entries_left && !h->states_left)
        return end;
    for (const uint8_t *p = from + 1; p < last; p++)
        if (rest_fits(h, rd_of(p, (size_t)(end - p), 0), from))
            return p;
    return NULL;
}
