/* From a changelog's changes to one record for each piece of state that they touch (ChangelogBackendLogApplier and its
 * StateChangeAppliers). */
#include <stdlib.h>
#include <string.h>

#include "savepoint/keyed_changelog.h"

enum { UNANNOUNCED = UINT32_MAX, IDS = 1 << 16, MAX_DESCRIPTIONS = 1 << 20 /* states, each time they are announced */ };

/* --- states --- */

static bool same_state(const struct state_info *a, const struct state_info *b)
{
    return !strcmp(a->name, b->name) && a->kind == b->kind && a->v2 == b->v2 && ser_same(a->ns, b->ns) &&
        ser_same(a->value, b->value);
}

/* The index of an equal state in the header, which gets it when it is new. Its array has room (see build_header). */
static uint32_t add_state(struct changelog *c, const struct state_info *info)
{
    struct keyed_header *h = &c->header;
    uint32_t first = h->n;
    for (uint32_t i = 0; i < h->n; i++) {
        if (same_state(&h->states[i], info))
            return i;
        if (first == h->n && !strcmp(h->states[i].name, info->name) &&
            (h->states[i].kind == KIND_TIMERS) == (info->kind == KIND_TIMERS))
            first = i;
    }
    h->states[h->n] = *info;
    c->first[h->n] = first;
    if (info->lost && !h->lost)
        h->lost = info->lost;
    return h->n++;
}

/* METADATA: i32 format, metaInfo, for key-value states TTL configuration and default value, then i16 id and i8 type. The last two
 * are found from the end, so that nothing in between need be known. */
static bool announce(struct changelog *c, struct change *change, const struct snapshot *s, struct err *e)
{
    struct rd r = rd_of(change->bytes.p, change->bytes.n, change->at);
    struct ser_in in = {.r = &r, .a = c->arena, .flink2 = s->meta.version >= 5, .told = s->opts.told};
    (void)rd_u8(&r);
    int32_t format = rd_i32(&r);
    if (rd_ok(&r) && format != 6 && format != 7)
        rd_fail(&r, "a state description in a format that weir does not know");
    struct state_info info = {0};
    if (rd_ok(&r) && state_info_read(&info, &in) && (info.v2 || info.kind == KIND_FOLDING || info.kind >= KIND_OPERATOR_LIST))
        rd_fail(&r, "a kind of state that a changelog cannot have");
    if (rd_ok(&r) && change->bytes.n < 8)
        rd_short(&r);
    if (!rd_ok(&r))
        return err_set(e, ERR_CORRUPT, "%s: changelog: %s, at offset %llu", change->file, r.why, (unsigned long long)r.bad_at);
    change->state = add_state(c, &info);
    return true;
}

/* What the logs call a state by is a number of their own. */
static bool find_states(struct changelog *c, struct keyed_part *p, struct err *e)
{
    uint32_t *ids = mem_alloc(IDS * sizeof *ids);
    for (size_t i = 0; i < IDS; i++)
        ids[i] = UNANNOUNCED;
    bool ok = true;
    for (size_t i = 0; i < c->log.n && ok; i++) {
        struct change *ch = &c->log.v[i];
        const uint8_t *at = ch->bytes.p;
        if (*at == OP_METADATA) {
            ok = announce(c, ch, p->snapshot, e);
            if (ok)
                ids[be16(at + ch->bytes.n - 3)] = ch->state;
        } else {
            ch->state = ch->bytes.n < 3 ? UNANNOUNCED : ids[be16(at + 1)];
        }
    }
    free(ids);
    return ok;
}

static const struct ser *key_of_timers(const struct keyed_header *h)
{
    for (uint32_t i = 0; i < h->n; i++) {
        const struct ser *timer = h->states[i].kind == KIND_TIMERS ? h->states[i].value : NULL;
        if (timer && timer->row && timer->n == 2 && timer->kids[0]->row)
            return timer->kids[0];
    }
    return NULL;
}

/* The states as they are seen by changes that cannot be taken apart: no key, no namespace, a value that is not known. */
static void build_loose_header(struct changelog *c, struct arena *a)
{
    const struct keyed_header *h = &c->header;
    c->loose_header = *h;
    if (h->key->row)
        c->loose_header.key = ser_make_unknown(a, "?");
    c->loose_header.states = arena_array(a, h->n, sizeof *h->states);
    const struct ser *value = ser_make_unknown(a, "a change in the changelog");
    for (uint32_t i = 0; i < h->n; i++)
        c->loose_header.states[i] = (struct state_info){
            .name = h->states[i].name, .kind = KIND_VALUE, .value = value, .element = value, .lost = h->states[i].lost};
}

/* The union of what the materialized handles and the log know. */
static bool build_header(struct changelog *c, struct keyed_part *p, struct err *e)
{
    size_t room = 0;
    for (uint32_t i = 0; i < c->n_bases; i++)
        room += c->bases[i]->header->n;
    for (size_t i = 0; i < c->log.n; i++)
        room += c->log.v[i].bytes.p[0] == OP_METADATA;
    if (room > MAX_DESCRIPTIONS)
        return err_set(e, ERR_LIMIT, "%s: a changelog that describes its states %zu times", p->snapshot->location, room);
    struct keyed_header *h = &c->header;
    h->version = 6;
    h->states = arena_array(&p->arena, room, sizeof *h->states);
    c->first = arena_array(&p->arena, room, sizeof *c->first);
    c->base_states = arena_array(&p->arena, room, sizeof *c->base_states);
    size_t k = 0;
    for (uint32_t i = 0; i < c->n_bases; i++) {
        const struct keyed_header *base = c->bases[i]->header;
        if (!h->key || !h->key->row)
            h->key = base->key;
        if (base->lost && !h->lost)
            h->lost = base->lost;
        for (uint32_t j = 0; j < base->n; j++)
            c->base_states[k++] = add_state(c, &base->states[j]);
    }
    if (!find_states(c, p, e))
        return false;
    if (!h->key || !h->key->row) {
        const struct ser *key = key_of_timers(h);
        if (!key && p->op->max_parallelism > 0)
            key = changelog_guess_key(c, p->op->max_parallelism, &p->arena);
        if (key)
            h->key = key;
        else if (!h->key)
            h->key =
                ser_make_unknown(&p->arena, "the key's, which a log without timers does not tell before anything is materialized");
        if (!h->key->row && !h->lost)
            h->lost = h->key->snapshot_class;
    }
    c->opaque = arena_array(&p->arena, h->n, sizeof *c->opaque);
    c->touched = arena_array(&p->arena, h->n, sizeof *c->touched);
    c->why = arena_array(&p->arena, h->n, sizeof *c->why);
    build_loose_header(c, &p->arena);
    return true;
}

const struct state_info *changelog_opaque(struct changelog *c, const struct state_info *info, const char *why)
{
    uintptr_t at = (uintptr_t)info, from = (uintptr_t)c->header.states;
    if (at < from || at >= from + c->header.n * sizeof *info)
        return info; /* it is a twin already */
    size_t i = (size_t)(info - c->header.states);
    if (!c->opaque[i]) {
        struct state_info *twin = arena_alloc(c->arena, sizeof *twin);
        *twin = *info;
        twin->kind = KIND_VALUE;
        twin->element = twin->value = ser_make_unknown(c->arena, why);
        c->opaque[i] = twin;
    }
    return c->opaque[i];
}

/* --- records --- */

static uint64_t mix(uint64_t h, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * UINT64_C(0x100000001b3);
    return (h ^ n) * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t hash_of(uint32_t state, struct bytes key, struct bytes ns, const struct bytes *sub)
{
    uint64_t h = mix(mix(UINT64_C(0xcbf29ce484222325) ^ state, key.p, key.n), ns.p, ns.n);
    h = sub ? mix(h + 1, sub->p, sub->n) : h;
    return h ^ h >> 32;
}

static bool same_bytes(struct bytes a, struct bytes b) { return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n)); }

static struct record *look(const struct changelog *c, uint64_t h, uint32_t state, struct bytes key, struct bytes ns,
                           const struct bytes *sub)
{
    struct record *r = c->size ? c->table[h & (c->size - 1)] : NULL;
    while (r &&
           !(r->hash == h && r->state == state && r->has_sub == !!sub && same_bytes(r->key, key) && same_bytes(r->ns, ns) &&
             (!sub || same_bytes(r->sub, *sub))))
        r = r->chain;
    return r;
}

struct record *changelog_find(const struct changelog *c, uint32_t state, struct bytes key, struct bytes ns, const struct bytes *sub)
{
    return look(c, hash_of(state, key, ns, sub), state, key, ns, sub);
}

static void grow_table(struct changelog *c)
{
    free(c->table);
    c->size = c->size ? c->size * 2 : 1024;
    c->table = mem_zalloc(c->size * sizeof *c->table);
    for (size_t i = 0; i < c->n_recs; i++) {
        struct record **slot = &c->table[c->recs[i]->hash & (c->size - 1)];
        c->recs[i]->chain = *slot;
        *slot = c->recs[i];
    }
}

static struct record *record(struct changelog *c, struct arena *a, uint32_t state, struct bytes key, struct bytes ns,
                             const struct bytes *sub)
{
    uint64_t h = hash_of(state, key, ns, sub);
    struct record *r = look(c, h, state, key, ns, sub);
    if (r)
        return r;
    if (c->n_recs == c->cap_recs) {
        c->cap_recs = c->cap_recs ? c->cap_recs * 2 : 256;
        c->recs = mem_grow(c->recs, c->cap_recs, sizeof *c->recs);
    }
    if (c->n_recs >= c->size)
        grow_table(c);
    r = arena_alloc(a, sizeof *r);
    *r = (struct record){
        .hash = h, .state = state, .key = key, .ns = ns, .has_sub = sub != NULL, .chain = c->table[h & (c->size - 1)]};
    if (sub)
        r->sub = *sub;
    c->table[h & (c->size - 1)] = r;
    c->recs[c->n_recs++] = r;
    c->touched[state] = true;
    return r;
}

/* --- data changes --- */

struct applying {
    struct changelog *c;
    struct arena *a;
    const struct change *change;
    const struct state_info *info;
    uint32_t state; /* the first of its name */
    struct rd r;
    struct bytes key, ns;
};

/* The bytes of one value of s. */
static struct bytes span(struct rd *r, const struct ser *s)
{
    const uint8_t *from = r->p;
    ser_read(s, r, NULL);
    return (struct bytes){from, (size_t)(r->p - from)};
}

static struct bytes rest(struct rd *r)
{
    struct bytes b = {r->p, rd_left(r)};
    r->p = r->end;
    return b;
}

static void put(const struct applying *ap, struct record *r, struct bytes value, bool null)
{
    r->info = ap->info;
    r->value = value;
    r->null = null;
    r->key_group = (uint32_t)ap->change->key_group;
    r->file = ap->change->file;
    r->at = ap->change->at;
}

static void add_late(struct applying *ap, enum change_op op, struct record *rec, struct record **sources, uint32_t n)
{
    struct changelog *c = ap->c;
    if (c->n_late == c->cap_late) {
        c->cap_late = c->cap_late ? c->cap_late * 2 : 256;
        c->late = mem_grow(c->late, c->cap_late, sizeof *c->late);
    }
    c->late[c->n_late++] = (struct late){.op = op,
                                         .rec = rec,
                                         .info = ap->info,
                                         .bytes = rest(&ap->r),
                                         .sources = sources,
                                         .n = n,
                                         .file = ap->change->file,
                                         .at = ap->change->at};
}

static void apply_timers(struct applying *ap, enum change_op op)
{
    struct rd *r = &ap->r;
    uint32_t n = 1;
    if (op == OP_ADD_ELEMENT)
        n = rd_count(r, 1);
    else if (op != OP_REMOVE_ELEMENT)
        rd_fail(r, "an operation that timers do not have");
    for (uint32_t i = 0; i < n && rd_live(r); i++) {
        struct bytes timer = span(r, ap->info->value);
        if (!rd_live(r))
            return;
        struct record *rec = record(ap->c, ap->a, ap->state, (struct bytes){0}, (struct bytes){0}, &timer);
        if (op == OP_ADD_ELEMENT)
            put(ap, rec, timer, false);
        else
            rec->info = NULL;
    }
}

static void put_entry(struct applying *ap, struct record *scope, bool flagged)
{
    struct rd *r = &ap->r;
    struct bytes key = span(r, ap->info->user_key), value = {0};
    bool null = flagged && rd_live(r) && rd_bool(r);
    if (rd_live(r) && !null)
        value = flagged ? span(r, ap->info->element) : rest(r);
    if (!rd_live(r))
        return;
    struct record *rec = record(ap->c, ap->a, ap->state, ap->key, ap->ns, &key);
    rec->scope = scope;
    rec->epoch = scope->epoch;
    put(ap, rec, value, null);
}

static void apply_map(struct applying *ap, enum change_op op)
{
    struct rd *r = &ap->r;
    struct record *scope = record(ap->c, ap->a, ap->state, ap->key, ap->ns, NULL);
    scope->key_group = (uint32_t)ap->change->key_group;
    switch (op) {
    case OP_CLEAR:
        scope->epoch++;
        break;
    case OP_ADD:
        for (uint32_t n = rd_count(r, 1); n && rd_live(r); n--)
            put_entry(ap, scope, true);
        break;
    case OP_ADD_ELEMENT:
    case OP_ADD_OR_UPDATE_ELEMENT:
        put_entry(ap, scope, false);
        break;
    case OP_REMOVE_ELEMENT: {
        struct bytes key = span(r, ap->info->user_key);
        if (!rd_live(r))
            return;
        struct record *rec = record(ap->c, ap->a, ap->state, ap->key, ap->ns, &key);
        rec->scope = scope;
        rec->info = NULL;
        break;
    }
    default:
        rd_fail(r, "an operation that maps do not have");
    }
}

static void merge_namespaces(struct applying *ap)
{
    struct rd *r = &ap->r;
    struct bytes target = span(r, ap->info->ns);
    uint32_t n = rd_live(r) ? rd_count(r, 1) : 0;
    struct record **sources = arena_array(ap->a, n, sizeof *sources);
    for (uint32_t i = 0; i < n && rd_live(r); i++) {
        struct bytes ns = span(r, ap->info->ns);
        if (!rd_live(r))
            return;
        sources[i] = record(ap->c, ap->a, ap->state, ap->key, ns, NULL);
        sources[i]->key_group = (uint32_t)ap->change->key_group;
    }
    if (!rd_live(r))
        return;
    struct record *rec = record(ap->c, ap->a, ap->state, ap->key, target, NULL);
    rec->key_group = (uint32_t)ap->change->key_group;
    add_late(ap, OP_MERGE_NS, rec, sources, n);
}

static void apply_single(struct applying *ap, enum change_op op)
{
    bool list = ap->info->kind == KIND_LIST;
    if (op == OP_MERGE_NS && ap->info->kind != KIND_VALUE) {
        merge_namespaces(ap);
        return;
    }
    if (op != OP_CLEAR && op != OP_SET && op != OP_SET_INTERNAL && !(list && (op == OP_ADD || op == OP_ADD_ELEMENT))) {
        rd_fail(&ap->r, "an operation that a state of this kind does not have");
        return;
    }
    struct record *rec = record(ap->c, ap->a, ap->state, ap->key, ap->ns, NULL);
    rec->key_group = (uint32_t)ap->change->key_group;
    if (ap->info->kind != KIND_VALUE)
        add_late(ap, op, rec, NULL, 0);
    else if (op == OP_CLEAR)
        rec->info = NULL;
    else
        put(ap, rec, rest(&ap->r), false);
}

static void add_loose(struct applying *ap, const char *why)
{
    struct changelog *c = ap->c;
    if (c->n_loose == c->cap_loose) {
        c->cap_loose = c->cap_loose ? c->cap_loose * 2 : 64;
        c->loose = mem_grow(c->loose, c->cap_loose, sizeof *c->loose);
    }
    c->loose[c->n_loose++] = (struct loose){ap->change, ap->state};
    c->why[ap->state] = why;
}

static bool apply(struct changelog *c, const struct change *change, struct keyed_part *p, struct err *e)
{
    struct applying ap = {.c = c, .a = &p->arena, .change = change, .r = rd_of(change->bytes.p, change->bytes.n, change->at)};
    struct rd *r = &ap.r;
    enum change_op op = rd_u8(r);
    if (op == OP_METADATA)
        return true;
    if (change->key_group < p->handle->kg_first || (uint32_t)(change->key_group - p->handle->kg_first) >= p->handle->kg_count)
        return true; /* as Flink: after rescaling a log has changes of others, too */
    (void)rd_u16(r);
    if (rd_ok(r) && change->state == UNANNOUNCED)
        rd_fail(r, "a change of a state that the log has not announced");
    const char *why = "the changelog has changes that weir cannot take apart: a serializer is not known";
    if (rd_ok(r)) {
        ap.info = &c->header.states[change->state];
        ap.state = c->first[change->state];
        if (ap.info->kind == KIND_TIMERS) {
            apply_timers(&ap, op);
        } else {
            ap.key = span(r, c->header.key);
            if (r->cut)
                why = "the changelog's keys cannot be told from its values: their serializer is not known";
            if (rd_live(r))
                ap.ns = span(r, ap.info->ns);
            if (rd_live(r) && ap.info->kind == KIND_MAP)
                apply_map(&ap, op);
            else if (rd_live(r))
                apply_single(&ap, op);
        }
    }
    if (r->cut)
        add_loose(&ap, why);
    else if (rd_ok(r) && rd_left(r))
        rd_fail(r, "bytes left over behind a change");
    if (rd_ok(r))
        return true;
    return err_set(e, ERR_CORRUPT, "%s: changelog: %s, at offset %llu", change->file, r->why, (unsigned long long)r->bad_at);
}

static int compare(struct bytes a, struct bytes b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

/* By key group, state, key, namespace; a map in front of its entries. */
static int in_order(const void *x, const void *y)
{
    const struct record *a = *(struct record *const *)x, *b = *(struct record *const *)y;
    if (a->key_group != b->key_group)
        return a->key_group < b->key_group ? -1 : 1;
    if (a->state != b->state)
        return a->state < b->state ? -1 : 1;
    int c = compare(a->key, b->key);
    c = c ? c : compare(a->ns, b->ns);
    c = c ? c : a->has_sub - b->has_sub;
    return c ? c : compare(a->sub, b->sub);
}

bool changelog_index(struct changelog *c, struct keyed_part *p, struct err *e)
{
    if (!build_header(c, p, e))
        return false;
    bool ok = true;
    for (size_t i = 0; i < c->log.n && ok; i++)
        ok = apply(c, &c->log.v[i], p, e);
    for (size_t i = 0; i < c->n_recs; i++) /* an entry goes with its map, also where it was only removed */
        if (c->recs[i]->scope)
            c->recs[i]->key_group = c->recs[i]->scope->key_group;
    if (c->n_recs)
        qsort(c->recs, c->n_recs, sizeof *c->recs, in_order);
    for (size_t i = 0; i < c->n_recs; i++)
        c->recs[i]->index = i;
    return ok;
}
