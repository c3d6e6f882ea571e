#include "savepoint/keyed.h"

#include <string.h>

#include "savepoint/codec.h"
#include "savepoint/javaio.h"
#include "savepoint/keyed_resume.h"

const char *kind_name(enum state_kind k)
{
    static const char *const names[] = {"VALUE",   "LIST",   "MAP",           "REDUCING", "AGGREGATING",
                                        "FOLDING", "TIMERS", "OPERATOR_LIST", "BROADCAST"};
    return names[k];
}

enum entry_form entry_form_flat(enum state_kind k)
{
    return k == KIND_LIST ? FORM_LIST_DELIM : k == KIND_MAP ? FORM_MAP_ENTRY : k == KIND_TIMERS ? FORM_TIMER : FORM_VALUE;
}

/* StateMetaInfoSnapshot.BackendStateType by ordinal; KEY_VALUE_V2 since 2.0. */
enum { TYPE_KEY_VALUE, TYPE_OPERATOR, TYPE_BROADCAST, TYPE_PRIORITY_QUEUE, TYPE_KEY_VALUE_V2 };

static const char *const roles[] = {"NAMESPACE_SERIALIZER", "VALUE_SERIALIZER", "KEY_SERIALIZER", "USER_KEY_SERIALIZER"};
enum role { ROLE_NS, ROLE_VALUE, ROLE_KEY, ROLE_USER_KEY, ROLE_NONE };

static enum role role_of(const char *name)
{
    for (int i = 0; i < ROLE_NONE; i++)
        if (!strcmp(name, roles[i]))
            return (enum role)i;
    return ROLE_NONE;
}

/* --- finding the way again behind an unknown serializer --- */

static bool utf_is(struct rd *r, const char *text)
{
    size_t n = rd_u16(r);
    const uint8_t *p = rd_take(r, n);
    return p && n == strlen(text) && !memcmp(p, text, n);
}

static bool looks_like_role(struct rd r)
{
    for (int i = 0; i < ROLE_NONE; i++) {
        struct rd at = r;
        if (utf_is(&at, roles[i]) && rd_i32(&at) == 2 && rd_ok(&at))
            return true;
    }
    return false;
}

/* Names of states are for people: control characters are numbers taken for a name. */
static bool is_name(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < ' ')
            return false;
    return true;
}

static bool looks_like_info(struct rd r)
{
    size_t n = rd_u16(&r);
    const uint8_t *name = rd_take(&r, n);
    int32_t type = rd_i32(&r), options = rd_i32(&r);
    if (!rd_ok(&r) || !n || type < 0 || type > TYPE_KEY_VALUE_V2 || !is_name(name, n))
        return false;
    if (options == 0) {
        int32_t count = rd_i32(&r);
        return type == TYPE_PRIORITY_QUEUE && count == 1 && looks_like_role(r);
    }
    struct rd again = r;
    return utf_is(&r, "KEYED_STATE_TYPE") || utf_is(&again, "OPERATOR_STATE_DISTRIBUTION_MODE");
}

static bool looks_like_infos(struct rd r)
{
    int16_t n = rd_i16(&r);
    return rd_ok(&r) && (n == 0 ? rd_left(&r) == 0 : n > 0 && looks_like_info(r));
}

/* Moves r to the first position that looks right; to its end when none does. */
static void resume(struct rd *r, bool (*looks_right)(struct rd))
{
    while (rd_left(r) && !looks_right(*r))
        r->p++;
}

void resume_at_info(struct rd *r) { resume(r, looks_like_info); }

void resume_at_infos(struct rd *r) { resume(r, looks_like_infos); }

/* --- metaInfo --- */

static const struct ser *or_unknown(struct arena *a, const struct ser *s) { return s ? s : ser_make_unknown(a, "?"); }

/* The serializer inside wrappers that add no bytes. */
static const struct ser *unwrap(const struct ser *s)
{
    while (s && s->row && s->row->read == read_inner && s->n)
        s = s->kids[0];
    return s;
}

static bool read_kind(struct rd *r, struct state_info *info, int32_t type, const char *option)
{
    if (type == TYPE_PRIORITY_QUEUE) {
        info->kind = KIND_TIMERS;
        return true;
    }
    if (type == TYPE_BROADCAST || type == TYPE_OPERATOR) {
        info->kind = type == TYPE_BROADCAST ? KIND_BROADCAST : KIND_OPERATOR_LIST;
        info->mode = !strcmp(option, "UNION") ? OP_UNION : type == TYPE_BROADCAST ? OP_BROADCAST : OP_SPLIT_DISTRIBUTE;
        return true;
    }
    for (int k = KIND_VALUE; k <= KIND_FOLDING; k++)
        if (!strcmp(option, kind_name((enum state_kind)k))) {
            info->kind = (enum state_kind)k;
            return true;
        }
    if (!strcmp(option, "UNKNOWN")) { /* StateDescriptor.Type.UNKNOWN, from Flink before 1.2 */
        info->kind = KIND_VALUE;
        return true;
    }
    rd_fail(r, "a kind of state that weir does not know");
    return false;
}

static bool is_void_namespace(const struct ser *s) { return s->row && s->row->read == read_null_byte && s->length == 0; }

void state_info_parts(struct state_info *info, struct arena *a)
{
    const struct ser *value = unwrap(info->value);
    info->element = value;
    if (info->kind == KIND_LIST && !info->v2)
        info->element = value && value->n == 1 ? value->kids[0] : NULL;
    if (info->kind == KIND_MAP && !info->v2) {
        bool map = value && value->n == 2;
        info->user_key = map ? value->kids[0] : NULL;
        info->element = map ? value->kids[1] : NULL;
    }
    if (info->kind == KIND_MAP || info->kind == KIND_BROADCAST)
        info->user_key = or_unknown(a, info->user_key);
    if (info->kind != KIND_OPERATOR_LIST && info->kind != KIND_BROADCAST && info->kind != KIND_TIMERS)
        info->ns = or_unknown(a, info->ns);
    info->value = or_unknown(a, info->value);
    info->element = or_unknown(a, info->element);
    info->has_ns = info->ns && !is_void_namespace(info->ns);
    const struct ser *e = unwrap(info->element);
    info->ttl = e->row && e->row->read == read_ttl;
}

bool state_info_read(struct state_info *info, struct ser_in *in)
{
    struct rd *r = in->r;
    const uint8_t *from = r->p;
    info->name = ser_utf(in);
    int32_t type = rd_i32(r);
    if (rd_ok(r) && (type < 0 || type > TYPE_KEY_VALUE_V2))
        rd_fail(r, "a type of state that weir does not know");
    info->v2 = type == TYPE_KEY_VALUE_V2;

    const char *option = "";
    for (uint32_t i = rd_count(r, 4); i && rd_ok(r); i--) {
        const char *key = ser_utf(in), *value = ser_utf(in);
        if (!strcmp(key, "KEYED_STATE_TYPE") || !strcmp(key, "OPERATOR_STATE_DISTRIBUTION_MODE"))
            option = value;
    }
    if (!rd_ok(r) || !read_kind(r, info, type, option))
        return false;

    for (uint32_t i = rd_count(r, 6); i && rd_ok(r); i--) {
        enum role role = role_of(ser_utf(in));
        struct ser *s = ser_parse_p(in);
        if (role == ROLE_NS)
            info->ns = s;
        else if (role == ROLE_VALUE)
            info->value = s;
        else if (role == ROLE_KEY || role == ROLE_USER_KEY)
            info->user_key = s;
        if (in->lost) {
            info->lost = in->lost;
            if (i > 1) { /* more roles of this state must follow */
                resume(r, looks_like_role);
                s->raw.n = (size_t)(r->p - s->raw.p);
                in->lost = NULL;
            }
        }
    }
    state_info_parts(info, in->a);
    info->raw = (struct bytes){from, (size_t)(r->p - from)};
    return rd_ok(r);
}

/* --- header --- */

bool keyed_header_read(struct keyed_header *h, struct rd *r, bool exact, int flink2, const struct told *told, struct arena *a)
{
    *h = (struct keyed_header){0};
    struct ser_in in = {.r = r, .a = a, .flink2 = flink2, .told = told};
    h->version = rd_i32(r);
    if (rd_ok(r) && h->version != 6)
        rd_fail(r,
                h->version > 0 && h->version < 6 ? "keyed state of Flink before 1.7, whose serializers need Java to be read"
                                                 : "not a keyed-state header (its version is not 6)");
    h->compressed = rd_bool(r);
    struct ser *key = ser_parse_p(&in);
    h->key = key;
    if (in.lost) {
        h->lost = in.lost;
        if (!exact) {
            rd_fail(r, "a key serializer that is not known");
            return false;
        }
        resume_at_infos(r);
        key->raw.n = (size_t)(r->p - key->raw.p);
        in.lost = NULL;
    }
    int16_t n = rd_i16(r);
    if (rd_ok(r) && n < 0)
        rd_fail(r, "negative number of states");
    if (!rd_ok(r))
        return false;
    h->n = (uint32_t)n;
    h->states = arena_array(a, h->n, sizeof *h->states);
    for (uint32_t i = 0; i < h->n && rd_ok(r); i++) {
        if (state_info_read(&h->states[i], &in) && (h->states[i].kind == KIND_OPERATOR_LIST || h->states[i].kind == KIND_BROADCAST))
            rd_fail(r, "an operator's list or broadcast state among the keyed ones");
        if (h->states[i].lost && !h->lost)
            h->lost = h->states[i].lost;
        if (!in.lost)
            continue;
        in.lost = NULL;
        if (i + 1 == h->n)
            r->p = exact ? r->end : r->p;
        else
            resume_at_info(r);
        h->states[i].raw.n = (size_t)(r->p - h->states[i].raw.p);
    }
    if (rd_ok(r) && exact && rd_left(r))
        rd_fail(r, "bytes between the header and the first key group");
    return rd_ok(r);
}

/* --- composite keys (SerializedCompositeKeyBuilder, CompositeKeySerializationUtils) --- */

/* Bytes of a namespace that always takes the same number, or 0. */
static size_t fixed_namespace(const struct ser *s) { return is_void_namespace(s) ? 1 : s->length > 0 ? (size_t)s->length : 0; }

static struct bytes walk(const struct ser *s, struct rd *r)
{
    const uint8_t *from = r->p;
    if (s->length > 0)
        (void)rd_take(r, (size_t)s->length);
    else
        ser_read(s, r, NULL);
    return (struct bytes){from, (size_t)(r->p - from)};
}

/* The length of the part just read, low byte first in as few bytes as it takes. */
static void length_suffix(struct rd *r, size_t n)
{
    do {
        if (rd_u8(r) != (n & 0xff))
            rd_fail(r, "length behind a key or namespace does not match it");
        n >>= 8;
    } while (n);
}

/* Without the key's serializer: a namespace of known length stands at the end when no user key does. */
static void split_from_end(struct entry *en, struct bytes all, const char *cls)
{
    size_t ns = en->info->kind == KIND_MAP ? 0 : fixed_namespace(en->info->ns);
    if (ns && all.n >= ns) {
        en->ns = (struct bytes){all.p + all.n - ns, ns};
        all.n -= ns;
    }
    en->key = all;
    en->why = cls;
}

bool entry_split(struct entry *en, struct err *e)
{
    if (!en->raw_key.n)
        return true;
    struct bytes all = {en->raw_key.p + en->prefix, en->raw_key.n - en->prefix};
    en->raw_key.n = 0;
    if (en->info->kind == KIND_TIMERS) {
        en->value = all;
        return true;
    }
    const struct ser *key = en->header->key, *ns = en->info->ns;
    bool ambiguous = key->length < 0 && ns->length < 0;
    struct rd r = rd_of(all.p, all.n, 0);
    en->key = walk(key, &r);
    if (r.cut) {
        split_from_end(en, all, "the key's serializer is not known");
        return true;
    }
    if (ambiguous)
        length_suffix(&r, en->key.n);
    en->ns = walk(ns, &r);
    if (r.cut) {
        en->why = "the namespace's serializer is not known";
        return true;
    }
    if (ambiguous)
        length_suffix(&r, en->ns.n);
    if (en->info->kind == KIND_MAP) {
        en->user_key = (struct bytes){r.p, rd_left(&r)};
        r.p = r.end;
    }
    if (rd_ok(&r) && rd_left(&r))
        rd_fail(&r, "bytes left over behind the key");
    return rd_ok(&r) ||
        err_set(e, ERR_CORRUPT, "%s: state \"%s\": key of the entry before offset %llu: %s", en->file, en->info->name,
                (unsigned long long)en->at, r.why);
}
