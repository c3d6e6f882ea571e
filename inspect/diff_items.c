#include "inspect/diff_items.h"

#include <string.h>

#include "base/jsonw.h"
#include "savepoint/murmur.h"
#include "savepoint/sst_xxh3.h"
#include "savepoint/state_decode.h"

/* --- items of a part --- */

struct walk {
    const struct snapshot *snapshot;
    const struct part *part;
    item_fn *fn;
    void *ctx;
};

static bool malformed(const struct rd *r, const struct state_info *info, const char *file, struct err *e)
{
    return err_set(e, ERR_CORRUPT, "%s: state \"%s\": %s, at offset %llu", file, info->name, r->why, (unsigned long long)r->bad_at);
}

/* One value read past: its span. */
static struct bytes read_span(const struct ser *s, struct rd *r)
{
    const uint8_t *from = r->p;
    ser_read(s, r, NULL);
    return (struct bytes){from, rd_ok(r) ? (size_t)(r->p - from) : 0};
}

/* i32 n, n * (user key, [bool isNull,] value): heap maps, and broadcast states, whose values cannot be null. */
static bool map_items(struct walk *w, struct item it, struct rd *r, bool nulls, const char *file, struct err *e)
{
    it.user_key_ser = it.info->user_key;
    it.value_ser = it.info->element;
    for (uint32_t n = rd_count(r, nulls ? 1 : 0); n && rd_live(r); n--) {
        it.user_key = read_span(it.user_key_ser, r);
        it.form = nulls && rd_live(r) && rd_bool(r) ? ITEM_NULL : ITEM_VALUE;
        it.value = it.form == ITEM_VALUE && rd_live(r) ? read_span(it.value_ser, r) : (struct bytes){r->p, 0};
        if (rd_ok(r) && !w->fn(w->ctx, &it, e))
            return false;
    }
    return rd_ok(r) || malformed(r, it.info, file, e);
}

static bool timer_item(struct walk *w, struct item it, const struct entry *en, struct err *e)
{
    struct timer t;
    if (!timer_split(en, &t, e))
        return false;
    it.timed = t.key_ser || t.ns_ser;
    it.key_ser = it.timed ? t.key_ser : en->info->value;
    it.key = it.timed ? t.key : en->value;
    it.ns_ser = t.ns_ser;
    it.ns = t.ns;
    it.timestamp = t.timestamp;
    it.form = ITEM_NONE;
    return w->fn(w->ctx, &it, e);
}

static bool on_entry(void *ctx, struct entry *en, struct err *e)
{
    struct walk *w = ctx;
    if (!entry_split(en, e))
        return false;
    struct item it = {
        .info = en->info, .key_group = en->key_group, .value_ser = en->info->element, .value = en->value, .form = ITEM_VALUE};
    if (en->form == FORM_TIMER)
        return timer_item(w, it, en, e);
    it.key_ser = en->header->key;
    it.key = en->key;
    if (entry_has_ns(en)) {
        it.ns_ser = en->info->ns;
        it.ns = en->ns;
    }
    struct rd r = rd_of(en->value.p, en->value.n, en->at);
    switch (en->form) {
    case FORM_MAP_COUNT:
        return map_items(w, it, &r, true, en->file, e);
    case FORM_MAP_ENTRY:
        it.user_key_ser = en->info->user_key;
        it.user_key = en->user_key;
        it.form = rd_bool(&r) ? ITEM_NULL : ITEM_VALUE;
        it.value = (struct bytes){r.p, it.form == ITEM_NULL ? 0 : rd_left(&r)};
        break;
    case FORM_LIST_COUNT:
        if (en->value.n >= 4 && !be32(en->value.p))
            return true;
        it.form = ITEM_LIST_COUNT;
        break;
    case FORM_LIST_DELIM:
        it.form = ITEM_LIST_DELIM;
        break;
    case FORM_VALUE:
    case FORM_TIMER:
        break;
    }
    return w->fn(w->ctx, &it, e);
}

static bool on_element(void *ctx, const struct state_info *info, struct bytes element, uint64_t at, struct err *e)
{
    struct walk *w = ctx;
    struct item it = {.info = info, .key_group = -1};
    struct rd r = rd_of(element.p, element.n, at);
    if (info->kind == KIND_BROADCAST)
        return map_items(w, it, &r, false, w->snapshot->location, e);
    it.key_ser = info->element;
    it.key = element;
    return w->fn(w->ctx, &it, e);
}

static bool operator_items(struct walk *w, struct err *e)
{
    struct opstate_part *p;
    if (!opstate_open(&p, w->snapshot, w->part->op, &w->part->subtask->managed, e))
        return false;
    bool ok = true;
    for (uint32_t i = 0; ok && i < p->n; i++)
        if (p->states[i].kind != KIND_BROADCAST || first_broadcast(w->part, p->states[i].name))
            ok = opstate_walk(p, i, on_element, w, e);
    opstate_close(p);
    return ok;
}

bool items_walk(const struct snapshot *s, const struct part *p, item_fn *fn, void *ctx, struct err *e)
{
    struct walk w = {s, p, fn, ctx};
    if (p->kind == PART_OPERATOR)
        return operator_items(&w, e);
    bool ok = part_entries(s, p, on_entry, &w, e);
    if (!ok && p->kind == PART_RAW_KEYED &&
        e->kind == ERR_UNSUPPORTED) { /* raw state of the operator's own, which has no entries */
        *e = (struct err){0};
        ok = true;
    }
    return ok;
}

/* --- digests --- */

static void put_part(struct buf *b, const struct ser *s, struct bytes v)
{
    uint32_t n = s ? (uint32_t)v.n + 1 : 0;
    buf_reserve(b, sizeof n + v.n);
    memcpy(b->p + b->n, &n, sizeof n);
    if (v.n)
        memcpy(b->p + b->n + sizeof n, v.p, v.n);
    b->n += sizeof n + v.n;
}

static void digest_128(const void *p, size_t n, uint64_t out[2])
{
    uint8_t h[16];
    murmur3_x64_128(p, n, h);
    memcpy(out, h, sizeof h);
}

uint64_t digest_of(const void *p, size_t n)
{
    uint64_t h[2];
    digest_128(n ? p : "", n, h);
    return h[0];
}

/* Values are only compared under one key. */
static uint64_t value_hash(const void *p, size_t n) { return sst_xxh3(n ? p : "", n); }

/* The elements without what stands between them; the bytes as they are when they cannot be told apart. */
static uint64_t list_digest(const struct item *it)
{
    struct rd r = rd_of(it->value.p, it->value.n, 0);
    uint32_t left = it->form == ITEM_LIST_COUNT ? rd_count(&r, 0) : UINT32_MAX;
    uint64_t all = 0;
    while (left && rd_live(&r) && (it->form == ITEM_LIST_COUNT || rd_left(&r))) {
        struct bytes element = read_span(it->value_ser, &r);
        all = (all ^ value_hash(element.p, element.n)) * UINT64_C(0x9e3779b97f4a7c15); /* by their order, too */
        all ^= all >> 32;
        left--;
        if (it->form == ITEM_LIST_DELIM && rd_live(&r) && rd_left(&r) && rd_u8(&r) != ',')
            rd_fail(&r, "no delimiter");
    }
    return rd_live(&r) ? all : value_hash(it->value.p, it->value.n);
}

static uint64_t value_digest(const struct item *it)
{
    switch (it->form) {
    case ITEM_VALUE:
        return value_hash(it->value.p, it->value.n);
    case ITEM_LIST_COUNT:
    case ITEM_LIST_DELIM:
        return list_digest(it);
    case ITEM_NULL:
        return 1;
    case ITEM_NONE:
        break;
    }
    return 0;
}

struct digest item_digest(const struct item *it, struct buf *b)
{
    struct digest d;
    if (!it->ns_ser && !it->user_key_ser && !it->timed) { /* there is nothing that the key could be taken for */
        digest_128(it->key.n ? (const void *)it->key.p : "", it->key.n, d.key);
        d.value = value_digest(it);
        return d;
    }
    b->n = 0;
    put_part(b, it->key_ser, it->key);
    put_part(b, it->ns_ser, it->ns);
    put_part(b, it->user_key_ser, it->user_key);
    if (it->timed)
        buf_put(b, &it->timestamp, sizeof it->timestamp);
    digest_128(b->p, b->n, d.key);
    d.value = value_digest(it);
    return d;
}

/* --- texts --- */

static bool part_text(const struct ser *s, struct bytes v, struct json_sink *json)
{
    if (!s)
        return false;
    struct rd r = rd_of(v.p, v.n, 0);
    size_t at = json->out->n;
    ser_read(s, &r, &json->sink);
    if (rd_ok(&r))
        return true;
    json_sink_reset(json);
    json->out->n = at;
    sink_opaque(&json->sink, s->snapshot_class, v.p, v.n, r.why);
    return true;
}

bool item_key_text(const struct item *it, struct json_sink *json)
{
    if (!it->timed)
        return part_text(it->key_ser, it->key, json);
    buf_puts(json->out, "{\"timestamp\":");
    jsonw_digits(json->out, it->timestamp);
    buf_puts(json->out, ",\"key\":");
    if (!part_text(it->key_ser, it->key, json))
        buf_puts(json->out, "null");
    buf_putc(json->out, '}');
    return true;
}

bool item_ns_text(const struct item *it, struct json_sink *json) { return part_text(it->ns_ser, it->ns, json); }

bool item_user_key_text(const struct item *it, struct json_sink *json) { return part_text(it->user_key_ser, it->user_key, json); }

static void list_text(const struct item *it, struct json_sink *json)
{
    struct rd r = rd_of(it->value.p, it->value.n, 0);
    size_t at = json->out->n;
    uint32_t left = it->form == ITEM_LIST_COUNT ? rd_count(&r, 0) : UINT32_MAX;
    sink_begin(&json->sink, BOX_ARRAY);
    while (left && rd_live(&r) && (it->form == ITEM_LIST_COUNT || rd_left(&r))) {
        ser_read(it->value_ser, &r, &json->sink);
        left--;
        if (it->form == ITEM_LIST_DELIM && rd_live(&r) && rd_left(&r) && rd_u8(&r) != ',')
            rd_fail(&r, "no delimiter between two list elements");
    }
    sink_end(&json->sink, BOX_ARRAY);
    if (rd_ok(&r))
        return;
    json_sink_reset(json);
    json->out->n = at;
    sink_opaque(&json->sink, it->value_ser->snapshot_class, it->value.p, it->value.n, r.why);
}

bool item_value_text(const struct item *it, struct json_sink *json)
{
    switch (it->form) {
    case ITEM_VALUE:
        return part_text(it->value_ser, it->value, json);
    case ITEM_NULL:
        sink_null(&json->sink);
        return true;
    case ITEM_LIST_COUNT:
    case ITEM_LIST_DELIM:
        list_text(it, json);
        return true;
    case ITEM_NONE:
        break;
    }
    return false;
}

struct digest item_text_digest(const struct item *it, struct json_sink *json)
{
    struct digest d;
    struct buf *b = json->out;
    b->n = 0;
    bool (*const parts[])(const struct item *, struct json_sink *) = {item_key_text, item_ns_text, item_user_key_text};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        parts[i](it, json);
        buf_putc(b, '\n');
    }
    digest_128(b->p, b->n, d.key);
    b->n = 0;
    d.value = item_value_text(it, json) ? digest_of(b->p, b->n) : 0;
    return d;
}
