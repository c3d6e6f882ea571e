#include "savepoint/write_streams.h"

#include <string.h>

#include "base/rd.h"
#include "base/snappy_frame.h"
#include "base/wr.h"
#include "savepoint/savepoint.h"

enum { DRAIN = 256 << 10, LAST_OF_STATE = 0x80, END_OF_GROUP = 0xFFFF, HEAP_HEAD = 6 /* i16 state, i32 count */ };

static void set_offset(struct stream_out *s, uint32_t group)
{
    uint64_t v = __builtin_bswap64(out_pos(&s->file));
    memcpy(s->offsets + (size_t)8 * (group - (uint32_t)s->opts.kg_first), &v, 8);
}

/* Puts the first n bytes of the block into the file; with compression whole chunks only, unless it is the last. */
static bool drain(struct stream_out *s, size_t n, bool last, struct err *e)
{
    size_t done = 0;
    if (!s->opts.compress) {
        done = n;
        if (!out_put(&s->file, s->block.p, n, e))
            return false;
    }
    while (done < n && (last || n - done >= SNAPPY_PLAIN_MAX)) {
        size_t chunk = n - done < SNAPPY_PLAIN_MAX ? n - done : SNAPPY_PLAIN_MAX;
        s->packed.n = 0;
        snappy_put(&s->packed, s->block.p + done, chunk);
        if (!out_put(&s->file, s->packed.p, s->packed.n, e))
            return false;
        done += chunk;
    }
    if (done)
        memmove(s->block.p, s->block.p + done, s->block.n - done);
    s->block.n -= done;
    return true;
}

static bool identifier(struct stream_out *s, struct err *e)
{
    if (!s->opts.compress)
        return true;
    s->packed.n = 0;
    snappy_put_identifier(&s->packed);
    return out_put(&s->file, s->packed.p, s->packed.n, e);
}

static bool out_of_order(uint32_t group, struct err *e)
{
    return err_set(e, ERR_CORRUPT, "key group %u comes twice, or behind a later one", group);
}

/* --- canonical (FullSnapshotAsyncWriter) --- */

static bool canonical_end_group(struct stream_out *s, struct err *e)
{
    if (!s->in_group)
        return true;
    s->block.p[s->last] |= LAST_OF_STATE;
    wr_u16(&s->block, END_OF_GROUP);
    s->in_group = false;
    return drain(s, s->block.n, true, e);
}

static bool canonical_group(struct stream_out *s, uint32_t group, struct err *e)
{
    if (s->next > group)
        return out_of_order(group, e);
    if (!canonical_end_group(s, e))
        return false;
    set_offset(s, group);
    s->in_group = true;
    s->group = group;
    s->next = group + 1;
    return identifier(s, e);
}

bool canonical_put(struct stream_out *s, uint32_t group, uint32_t state, struct bytes key, struct bytes value, struct err *e)
{
    struct buf *b = &s->block;
    bool fresh = !s->in_group || group != s->group;
    if (fresh && !canonical_group(s, group, e))
        return false;
    if (!fresh && state != s->state)
        b->p[s->last] |= LAST_OF_STATE;
    if (fresh || state != s->state)
        wr_u16(b, (uint16_t)state);
    s->state = state;

    uint8_t prefix = keyed_prefix(s->opts.max_parallelism);
    wr_u32(b, (uint32_t)(prefix + key.n));
    s->last = b->n;
    if (prefix == 2)
        wr_u8(b, (uint8_t)(group >> 8));
    wr_u8(b, (uint8_t)group);
    wr_bytes(b, key);
    wr_bytes32(b, value);
    if (s->last < DRAIN)
        return true;
    size_t n = b->n;
    bool ok = drain(s, s->last, false, e);
    s->last -= n - b->n;
    return ok;
}

bool canonical_end(struct stream_out *s, struct err *e) { return canonical_end_group(s, e); }

/* --- heap (HeapSnapshotStrategy) --- */

/* Into s->packed. It takes the same bytes whatever the count is. */
static void pack_head(struct stream_out *s, uint32_t state, uint32_t count)
{
    uint8_t head[HEAP_HEAD] = {(uint8_t)(state >> 8),  (uint8_t)state,        (uint8_t)(count >> 24),
                               (uint8_t)(count >> 16), (uint8_t)(count >> 8), (uint8_t)count};
    s->packed.n = 0;
    if (s->opts.compress)
        snappy_put_stored(&s->packed, head, sizeof head);
    else
        buf_put(&s->packed, head, sizeof head);
}

/* The head stands in the file at once, since the number of entries is not known before the end. */
static bool put_head(struct stream_out *s, uint32_t state, struct err *e)
{
    s->in_state = true;
    s->state = state;
    s->seen[state] = true;
    s->count = 0;
    if (!identifier(s, e))
        return false;
    s->count_at = out_pos(&s->file);
    pack_head(s, state, 0);
    return out_put(&s->file, s->packed.p, s->packed.n, e);
}

static bool end_state(struct stream_out *s, struct err *e)
{
    if (!s->in_state)
        return true;
    s->in_state = false;
    if (s->count > INT32_MAX)
        return err_set(e, ERR_LIMIT, "more than 2147483647 entries in one key group");
    if (!drain(s, s->block.n, true, e))
        return false;
    pack_head(s, s->state, (uint32_t)s->count);
    return out_patch(&s->file, s->count_at, s->packed.p, s->packed.n, e);
}

static bool heap_end_group(struct stream_out *s, struct err *e)
{
    bool ok = end_state(s, e);
    for (uint32_t i = 0; ok && s->in_group && !s->opaque && i < s->header->n; i++)
        if (!s->seen[i])
            ok = put_head(s, i, e) && end_state(s, e);
    s->in_group = s->opaque = false;
    return ok;
}

static bool heap_begin_group(struct stream_out *s, struct err *e)
{
    set_offset(s, s->next);
    s->group = s->next++;
    s->in_group = true;
    if (s->header->n)
        memset(s->seen, 0, s->header->n);
    uint32_t number = __builtin_bswap32(s->group);
    return out_put(&s->file, &number, sizeof number, e);
}

/* Every key group is there, also an empty one. */
static bool heap_groups_to(struct stream_out *s, uint64_t end, struct err *e)
{
    bool ok = true;
    while (ok && s->next < end)
        ok = heap_end_group(s, e) && heap_begin_group(s, e);
    return ok;
}

bool heap_state(struct stream_out *s, uint32_t group, uint32_t state, struct err *e)
{
    if (!s->in_group || group != s->group) {
        if (s->next > group)
            return out_of_order(group, e);
        if (!heap_groups_to(s, (uint64_t)group + 1, e))
            return false;
    }
    if (s->in_state && s->state == state)
        return true;
    if (s->seen[state])
        return err_set(e, ERR_CORRUPT, "it comes twice in key group %u", group);
    return end_state(s, e) && put_head(s, state, e);
}

bool heap_put(struct stream_out *s, struct bytes ns, struct bytes key, struct bytes value, uint32_t n, struct err *e)
{
    wr_bytes(&s->block, ns);
    wr_bytes(&s->block, key);
    wr_bytes(&s->block, value);
    s->count += n;
    return s->block.n < DRAIN || drain(s, s->block.n, false, e);
}

bool heap_end(struct stream_out *s, struct err *e)
{
    return heap_groups_to(s, (uint64_t)(uint32_t)s->opts.kg_first + s->opts.kg_count, e) && heap_end_group(s, e);
}
