/* The bytes of snapshots. */
#include "savepoint/ser_write.h"

#include "base/wr.h"
#include "savepoint/codec.h"

enum { COMPOSITE_MAGIC = 911108, NESTED_MAGIC = 1333245, NESTED_VERSION = 1, ENVELOPE = 2 };

bool put_utf(struct buf *to, const char *text, struct err *e)
{
    return wr_utfz(to, text) || err_set(e, ERR_UNSUPPORTED, "\"%.80s\": not UTF-8, or longer than 65535 bytes", text);
}

bool no_put(const struct ser *s, struct buf *to, struct err *e)
{
    (void)s;
    (void)to;
    (void)e;
    return true;
}

bool put_none(const struct ser *s, struct buf *to, struct err *e)
{
    (void)to;
    return err_set(e, ERR_UNSUPPORTED, "weir cannot make a snapshot of the serializer %s", s->snapshot_class);
}

void optmap_put(struct buf *to, uint32_t n)
{
    wr_u64(to, UINT64_C(0x000004F2C69A3D70));
    wr_u32(to, n);
}

void optmap_put_frame(struct buf *to, bool has, struct bytes frame)
{
    wr_u8(to, has);
    if (has)
        wr_bytes32(to, frame);
}

bool optmap_put_snapshot(struct buf *to, const struct ser *s, struct err *e)
{
    struct buf frame = {0};
    bool has = s->row || s->raw.n, ok = !has || ser_put(s, &frame, e);
    optmap_put_frame(to, has, (struct bytes){frame.p, frame.n});
    buf_free(&frame);
    return ok;
}

bool put_nested(const struct ser *s, struct buf *to, struct err *e)
{
    wr_i32(to, NESTED_MAGIC);
    wr_i32(to, NESTED_VERSION);
    wr_u32(to, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        if (!ser_put(s->kids[i], to, e))
            return false;
    return true;
}

static bool put_body(const struct ser *s, struct buf *to, struct err *e)
{
    switch (s->row->body) {
    case BODY_SIMPLE:
        return s->version > 2 || put_none(s, to, e); /* of Flink before 1.8 */
    case BODY_OWN:
        return s->row->put(s, to, e);
    case BODY_COMPOSITE:
        break;
    }
    if (s->version > 2) {
        wr_i32(to, COMPOSITE_MAGIC);
        wr_i32(to, s->outer_version);
    }
    return s->row->put(s, to, e) && put_nested(s, to, e);
}

bool ser_put(const struct ser *s, struct buf *to, struct err *e)
{
    if (!s)
        return err_set(e, ERR_UNSUPPORTED, "a nested serializer that was not read");
    if (s->raw.n) {
        wr_bytes(to, s->raw);
        return true;
    }
    if (!s->row || !s->row->put)
        return put_none(s, to, e);
    if (!put_utf(to, s->snapshot_class, e))
        return false;
    wr_i32(to, s->version);
    return put_body(s, to, e);
}

bool ser_seal(struct arena *a, struct ser *s, struct err *e)
{
    struct buf b = {0};
    bool ok = ser_put(s, &b, e);
    if (ok && !s->raw.n)
        s->raw = (struct bytes){(const uint8_t *)arena_strn(a, (const char *)b.p, b.n), b.n};
    buf_free(&b);
    return ok;
}

/* --- descriptions of states (StateMetaInfoSnapshotReadersWriters, format 7) --- */

static bool put_role(struct buf *to, const char *role, const struct ser *s, struct err *e)
{
    wr_utfz(to, role);
    wr_i32(to, ENVELOPE);
    return ser_put(s, to, e);
}

/* Flink writes a hash map, whose order depends on its size; nobody reads a meaning into it. */
static bool put_roles(const struct state_info *info, struct buf *to, struct err *e)
{
    bool broadcast = info->kind == KIND_BROADCAST, v2_map = info->v2 && info->kind == KIND_MAP;
    wr_u32(to, 1 + (info->ns != NULL) + (broadcast || v2_map));
    return (!broadcast || put_role(to, "KEY_SERIALIZER", info->user_key, e)) && put_role(to, "VALUE_SERIALIZER", info->value, e) &&
        (!info->ns || put_role(to, "NAMESPACE_SERIALIZER", info->ns, e)) &&
        (!v2_map || put_role(to, "USER_KEY_SERIALIZER", info->user_key, e));
}

static bool put_option(struct buf *to, const char *option, const char *value)
{
    wr_u32(to, 1);
    wr_utfz(to, option);
    return wr_utfz(to, value);
}

static bool put_info(const struct state_info *info, struct buf *to, struct err *e)
{
    enum { KEY_VALUE, OPERATOR, BROADCAST, PRIORITY_QUEUE, KEY_VALUE_V2 };
    static const char *const modes[] = {
        [OP_SPLIT_DISTRIBUTE] = "SPLIT_DISTRIBUTE", [OP_UNION] = "UNION", [OP_BROADCAST] = "BROADCAST"};
    if (!put_utf(to, info->name, e))
        return false;
    switch (info->kind) {
    case KIND_TIMERS:
        wr_i32(to, PRIORITY_QUEUE);
        wr_u32(to, 0);
        break;
    case KIND_OPERATOR_LIST:
    case KIND_BROADCAST:
        wr_i32(to, info->kind == KIND_BROADCAST ? BROADCAST : OPERATOR);
        put_option(to, "OPERATOR_STATE_DISTRIBUTION_MODE", modes[info->mode]);
        break;
    default:
        wr_i32(to, info->v2 ? KEY_VALUE_V2 : KEY_VALUE);
        put_option(to, "KEYED_STATE_TYPE", kind_name(info->kind));
    }
    return put_roles(info, to, e);
}

bool state_info_make(struct arena *a, struct state_info *info, struct err *e)
{
    struct buf b = {0};
    bool keyed = info->kind <= KIND_FOLDING;
    if (keyed && !info->ns)
        info->ns = ser_plain(a, "VoidNamespace");
    if (!keyed)
        info->ns = NULL;
    if (!keyed && info->kind != KIND_BROADCAST)
        info->user_key = NULL;
    info->element = NULL;
    bool ok = put_info(info, &b, e) || err_in(e, "state \"%s\"", info->name);
    if (ok) {
        info->raw = (struct bytes){(const uint8_t *)arena_strn(a, (const char *)b.p, b.n), b.n};
        info->lost = NULL;
        state_info_parts(info, a);
    }
    buf_free(&b);
    return ok;
}

/* The wrappers around the element made anew (lists, maps, those that add no bytes). */
static struct ser *with_element(struct arena *a, const struct ser *s, const struct ser *old, struct ser *element)
{
    if (s == old)
        return element;
    struct ser *clone = ser_clone(a, s);
    for (uint32_t i = 0; i < s->n; i++)
        if (s->kids[i] == old || i + 1 == s->n) {
            clone->kids[i] = with_element(a, s->kids[i], old, element);
            break;
        }
    return clone;
}

void state_info_set_element(struct arena *a, struct state_info *info, struct ser *element)
{
    info->value = with_element(a, info->value, info->element, element);
    info->element = element;
}
