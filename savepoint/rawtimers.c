#include "savepoint/rawtimers.h"

#include <string.h>

enum { TIMERS_VERSION = 2, KEPT = 64 /* services that are looked through for one seen before */ };

/* A timer service, as a header of two queues. The same one comes again in every key group, with snapshots of its own. */
struct service {
    const struct service *next;
    const char *name;
    const struct ser *key, *ns;
    struct keyed_header header;
    struct state_info queues[2]; /* event time, processing time */
};

struct reading {
    const struct snapshot *s;
    struct arena *a;
    const struct service *services;
    uint32_t n_services;
    struct buf timer; /* the form of the managed queues */
    const char *file;
    uint32_t key_group;
    entry_fn *fn;
    void *ctx;
};

static const struct service *service_of(struct reading *in, const char *name, struct ser *key, struct ser *ns)
{
    for (const struct service *s = in->services; s; s = s->next)
        if (!strcmp(s->name, name) && ser_same(s->key, key) && ser_same(s->ns, ns))
            return s;
    struct service *s = arena_alloc(in->a, sizeof *s);
    *s = (struct service){.name = name, .key = key, .ns = ns};
    s->header = (struct keyed_header){.version = 6, .key = key, .n = 2, .states = s->queues};
    struct ser *kids[2] = {key, ns};
    const struct ser *value = ser_make(in->a, "org.apache.flink.streaming.api.operators.TimerSerializerSnapshot", 2, kids);
    for (int i = 0; i < 2; i++) {
        const char *queue = arena_printf(in->a, "_timer_state/%s_%s", i ? "processing" : "event", name);
        s->queues[i] = (struct state_info){.name = queue, .kind = KIND_TIMERS, .value = value, .element = value};
    }
    if (in->n_services++ < KEPT) {
        s->next = in->services;
        in->services = s;
    }
    return s;
}

static bool give(struct reading *in, const struct service *s, int queue, struct bytes value, uint64_t at, const char *why,
                 struct err *e)
{
    struct entry en = {.header = &s->header,
                       .info = &s->queues[queue],
                       .key_group = in->key_group,
                       .form = FORM_TIMER,
                       .value = value,
                       .at = at,
                       .file = in->file,
                       .why = why};
    return in->fn(in->ctx, &en, e);
}

/* Key, namespace, i64 timestamp (LegacyTimerSerializer), given as TimerSerializer writes it. */
static bool read_timer(struct reading *in, const struct service *s, int queue, struct rd *r, struct err *e)
{
    const uint8_t *from = r->p;
    uint64_t at = rd_pos(r);
    ser_read(s->key, r, NULL);
    if (rd_live(r))
        ser_read(s->ns, r, NULL);
    size_t n = (size_t)(r->p - from);
    uint64_t ts = rd_live(r) ? __builtin_bswap64((uint64_t)rd_i64(r) ^ UINT64_C(1) << 63) : 0;
    if (!rd_ok(r))
        return true; /* the caller sees it */
    in->timer.n = 0;
    buf_put(&in->timer, &ts, sizeof ts);
    buf_put(&in->timer, from, n);
    return give(in, s, queue, (struct bytes){in->timer.p, in->timer.n}, at,
                r->cut ? "a serializer that is not known: the rest of its key group's timers cannot be framed" : NULL, e);
}

/* utf name, snapshots of key and namespace, timers of event time, of processing time: i32 n, n timers each. */
static bool read_service(struct reading *in, struct rd *r, struct err *e)
{
    struct ser_in ser = {.r = r, .a = in->a, .flink2 = in->s->meta.version >= 5, .told = in->s->opts.told};
    const char *name = ser_utf(&ser);
    struct ser *key = ser_parse(&ser), *ns = rd_ok(r) && !ser.lost ? ser_parse(&ser) : NULL;
    if (!rd_ok(r))
        return true;
    const struct service *s = service_of(in, name, key, ns ? ns : ser_make_unknown(in->a, ser.lost));
    if (ser.lost) { /* the end of its snapshot is not known */
        struct bytes rest = {r->p, rd_left(r)};
        r->cut = true;
        return give(in, s, 0, rest, rd_pos(r), "timers behind a serializer that is not known", e);
    }
    for (int queue = 0; queue < 2; queue++)
        for (uint32_t n = rd_count(r, 8); n && rd_live(r); n--)
            if (!read_timer(in, s, queue, r, e))
                return false;
    return true;
}

static bool read_group(struct reading *in, struct rd *r, struct err *e)
{
    if (rd_left(r) < 4 || memcmp(r->p, "\xf1\xcd\x85\x9f", 4))
        return err_set(e, ERR_UNSUPPORTED,
                       "%s: raw keyed state at offset %llu is not a timer service's: only the operator that wrote it can read it",
                       in->file, (unsigned long long)rd_pos(r));
    r->p += 4;
    int32_t version = rd_i32(r);
    if (rd_ok(r) && version != TIMERS_VERSION)
        return err_set(e, ERR_UNSUPPORTED, "%s: timers at offset %llu of version %d, as Flink before 1.8 wrote them", in->file,
                       (unsigned long long)rd_pos(r) - 8, (int)version);
    for (uint32_t n = rd_count(r, 16); n && rd_live(r); n--)
        if (!read_service(in, r, e))
            return false;
    if (rd_live(r) && rd_left(r))
        rd_fail(r, "bytes left over behind the timers of a key group");
    return rd_ok(r) ||
        err_set(e, ERR_CORRUPT, "%s: timers of key group %u: %s, at offset %llu", in->file, in->key_group, r->why,
                (unsigned long long)r->bad_at);
}

static int64_t offset_of(const struct meta_keyed *h, uint32_t i) { return (int64_t)be64(h->offsets + (size_t)8 * i); }

/* The next key group that something was written for (KeyGroupRangeOffsets: -1 means nothing). */
static uint32_t next_written(const struct meta_keyed *h, uint32_t i)
{
    while (i < h->kg_count && offset_of(h, i) == -1)
        i++;
    return i;
}

static bool walk_group(struct reading *in, struct blob *b, uint64_t off, uint64_t end, struct err *e)
{
    struct source src;
    if (!blob_source(b, off, end - off, &src, e))
        return false;
    bool ok = source_need(&src, end - off) || source_short(&src);
    if (ok) {
        struct rd r = rd_of(src.p, end - off, b->origin + off);
        ok = read_group(in, &r, e);
    }
    source_close(&src);
    return ok;
}

bool rawtimers_walk(const struct snapshot *s, const struct meta_operator *op, const struct meta_keyed *h, struct arena *a,
                    entry_fn *fn, void *ctx, struct err *e)
{
    if (h->tag != HANDLE_KEY_GROUPS && h->tag != HANDLE_KEY_GROUPS_V2)
        return err_set(e, ERR_CORRUPT, "%s: raw keyed state at offset %llu in a %s", s->location, (unsigned long long)h->at,
                       handle_name(h->tag));
    struct blob b = {0};
    struct reading in = {.s = s, .a = a, .fn = fn, .ctx = ctx};
    bool ok = blob_open(&b, s, &h->stream, e);
    in.file = ok ? arena_str(a, b.name) : NULL;
    for (uint32_t i = next_written(h, 0), next; i < h->kg_count && ok; i = next) {
        next = next_written(h, i + 1);
        in.key_group = (uint32_t)h->kg_first + i;
        int64_t off = offset_of(h, i);
        uint64_t end = next < h->kg_count && offset_of(h, next) > off ? (uint64_t)offset_of(h, next) : b.size;
        if (off < 0 || (uint64_t)off >= b.size || end > b.size)
            ok = err_set(e, ERR_CORRUPT, "%s: key group %u is said to be at offset %lld of %llu", b.name, in.key_group,
                         (long long)off, (unsigned long long)b.size);
        ok = ok && walk_group(&in, &b, (uint64_t)off, end, e);
    }
    if (!ok && e->kind != ERR_NONE)
        err_in(e, "operator %s", op->uid ? op->uid : op->hex);
    buf_free(&in.timer);
    blob_close(&b);
    return ok;
}
