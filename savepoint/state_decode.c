#include "savepoint/state_decode.h"

#include "savepoint/codec.h"

static bool fault(const struct rd *r, const struct place *p, const char *what, struct err *e)
{
    return err_set(e, ERR_CORRUPT, "%s: %s of state \"%s\": %s, at offset %llu", p->file, what, p->info->name, r->why,
                   (unsigned long long)r->bad_at);
}

static bool finish(struct rd *r, const struct place *p, const char *what, uint32_t *opaque, struct err *e)
{
    if (rd_live(r) && rd_left(r))
        rd_fail(r, "bytes left over behind it");
    *opaque += r->opaque;
    return rd_ok(r) || fault(r, p, what, e);
}

bool decode_span(const struct ser *s, struct bytes b, const struct place *p, const char *what, struct sink *out, uint32_t *opaque,
                 struct err *e)
{
    struct rd r = rd_of(b.p, b.n, p->at);
    ser_read(s, &r, out);
    return finish(&r, p, what, opaque, e);
}

static struct place place_of(const struct entry *en) { return (struct place){en->file, en->at, en->info}; }

bool decode_key(const struct entry *en, struct sink *out, uint32_t *opaque, struct err *e)
{
    if (en->why && !en->header->key->row) {
        struct rd r = rd_of(en->key.p, en->key.n, 0);
        ser_opaque_rest(&r, out, en->header->key->snapshot_class, en->why);
        *opaque += 1;
        return true;
    }
    struct place p = place_of(en);
    return decode_span(en->header->key, en->key, &p, "key", out, opaque, e);
}

/* What stands inside a key that could not be split (entry.why): its bytes were reported with the key's. */
static bool in_the_key(const struct entry *en, struct bytes part, const struct ser *s, struct sink *out, uint32_t *opaque)
{
    if (!en->why || part.n)
        return false;
    sink_opaque(out, s->snapshot_class, (const uint8_t *)"", 0, en->why);
    *opaque += 1;
    return true;
}

bool decode_ns(const struct entry *en, struct sink *out, uint32_t *opaque, struct err *e)
{
    if (in_the_key(en, en->ns, en->info->ns, out, opaque))
        return true;
    struct place p = place_of(en);
    return decode_span(en->info->ns, en->ns, &p, "namespace", out, opaque, e);
}

/* ListDelimitedSerializer: elements with one ',' between them. */
static uint64_t delimited(const struct ser *element, struct rd *r, struct sink *out)
{
    uint64_t n = 0;
    sink_begin(out, BOX_ARRAY);
    while (rd_live(r) && rd_left(r)) {
        ser_read(element, r, out);
        n++;
        if (rd_live(r) && rd_left(r) && rd_u8(r) != ',')
            rd_fail(r, "no delimiter between two list elements");
    }
    sink_end(out, BOX_ARRAY);
    return n;
}

static uint64_t counted_map(const struct state_info *info, struct rd *r, struct sink *out)
{
    uint32_t n = rd_count(r, 1), i = 0;
    sink_begin(out, BOX_PAIRS);
    for (; i < n && rd_live(r); i++) {
        ser_read(info->user_key, r, out);
        if (!rd_live(r) || rd_bool(r))
            sink_null(out);
        else
            ser_read(info->element, r, out);
    }
    sink_end(out, BOX_PAIRS);
    return i;
}

static uint64_t counted_list(const struct state_info *info, struct rd *r, struct sink *out)
{
    uint32_t n = rd_count(r, 0), i = 0;
    sink_begin(out, BOX_ARRAY);
    for (; i < n && rd_live(r); i++)
        ser_read(info->element, r, out);
    sink_end(out, BOX_ARRAY);
    return i;
}

bool decode_value(const struct entry *en, struct sink *out, uint32_t *opaque, uint64_t *elements, struct err *e)
{
    struct place p = place_of(en);
    struct rd r = rd_of(en->value.p, en->value.n, en->at);
    *elements = 1;
    if (en->form != FORM_MAP_ENTRY && in_the_key(en, en->value, en->info->value, out, opaque))
        return true;
    switch (en->form) {
    case FORM_VALUE:
        ser_read(en->info->element, &r, out);
        break;
    case FORM_LIST_DELIM:
        *elements = delimited(en->info->element, &r, out);
        break;
    case FORM_LIST_COUNT:
        *elements = counted_list(en->info, &r, out);
        break;
    case FORM_MAP_COUNT:
        *elements = counted_map(en->info, &r, out);
        break;
    case FORM_MAP_ENTRY:
        if (!in_the_key(en, en->user_key, en->info->user_key, out, opaque) &&
            !decode_span(en->info->user_key, en->user_key, &p, "map key", out, opaque, e))
            return false;
        if (rd_bool(&r)) {
            sink_null(out);
            r.p = r.end; /* the heap backend adds the serializer's own null form, RocksDB nothing */
        } else {
            ser_read(en->info->element, &r, out);
        }
        break;
    case FORM_TIMER:
        ser_read(en->info->value, &r, out);
        break;
    }
    return finish(&r, &p, "value", opaque, e);
}

static struct bytes part(const struct ser *s, struct rd *r)
{
    const uint8_t *from = r->p;
    if (rd_live(r))
        ser_read(s, r, NULL);
    return (struct bytes){from, (size_t)(r->p - from)};
}

bool timer_split(const struct entry *en, struct timer *t, struct err *e)
{
    const struct ser *s = en->info->value;
    *t = (struct timer){0};
    if (!s->row || s->n != 2)
        return true;
    struct place p = place_of(en);
    struct rd r = rd_of(en->value.p, en->value.n, en->at);
    uint32_t ignored = 0; /* whoever decodes the parts counts what is opaque */
    t->timestamp = (int64_t)((uint64_t)rd_i64(&r) ^ UINT64_C(1) << 63);
    t->key_ser = s->kids[0];
    t->key = part(t->key_ser, &r);
    bool none = s->kids[1]->row && s->kids[1]->row->read == read_null_byte;
    t->ns_ser = none || r.cut ? NULL : s->kids[1]; /* nothing is left behind an opaque key */
    t->ns = part(s->kids[1], &r);
    return finish(&r, &p, "timer", &ignored, e);
}

bool decode_timer(const struct entry *en, struct sink *out, uint32_t *opaque, struct err *e)
{
    struct timer t;
    struct place p = place_of(en);
    if (!timer_split(en, &t, e))
        return false;
    if (!t.key_ser) {
        sink_keyz(out, "value");
        return decode_span(en->info->value, en->value, &p, "timer", out, opaque, e);
    }
    sink_key(out, "key", 3);
    if (!decode_span(t.key_ser, t.key, &p, "timer's key", out, opaque, e))
        return false;
    if (t.ns_ser) {
        sink_key(out, "ns", 2);
        if (!decode_span(t.ns_ser, t.ns, &p, "timer's namespace", out, opaque, e))
            return false;
    }
    sink_key(out, "timestamp", 9);
    sink_int(out, t.timestamp);
    return true;
}
