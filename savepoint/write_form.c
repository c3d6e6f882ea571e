#include "savepoint/write_form.h"

#include "base/wr.h"

static bool unknown(const struct ser *s, const char *what, struct err *e)
{
    return err_set(e, ERR_UNSUPPORTED, "where %s ends cannot be told (%s), and the other form cannot be made without it", what,
                   s->snapshot_class);
}

static bool malformed(const struct entry *en, const struct rd *r, struct err *e)
{
    return err_set(e, ERR_CORRUPT, "%s: %s, at offset %llu", en->file, r->why, (unsigned long long)r->bad_at);
}

static struct bytes bytes_of(const struct buf *b) { return (struct bytes){b->p, b->n}; }

/* Low byte first, as few as it takes. */
static void put_length(struct buf *b, size_t n)
{
    do {
        wr_u8(b, (uint8_t)n);
        n >>= 8;
    } while (n);
}

/* Key and namespace; the user key goes behind them. */
static bool put_composite(struct buf *b, const struct entry *en, struct err *e)
{
    const struct ser *key = en->header->key, *ns = en->info->ns;
    if (ns->length < 0 && !(ns->row && key->row)) /* whether there are lengths is a matter of both */
        return unknown(ns->row ? key : ns, ns->row ? "a key" : "a namespace", e);
    bool ambiguous = key->length < 0 && ns->length < 0;
    b->n = 0;
    wr_bytes(b, en->key);
    if (ambiguous)
        put_length(b, en->key.n);
    wr_bytes(b, en->ns);
    if (ambiguous)
        put_length(b, en->ns.n);
    return true;
}

static bool list_canonical(struct form *f, const struct entry *en, record_fn *fn, void *ctx, struct err *e)
{
    struct rd r = rd_of(en->value.p, en->value.n, en->at);
    f->value.n = 0;
    uint32_t n = rd_count(&r, 0);
    for (uint32_t i = 0; i < n && rd_live(&r); i++) {
        const uint8_t *from = r.p;
        ser_read(en->info->element, &r, NULL);
        if (i)
            wr_u8(&f->value, ',');
        buf_put(&f->value, from, (size_t)(r.p - from));
    }
    if (r.cut)
        return unknown(en->info->element, "a list's element", e);
    if (rd_ok(&r) && rd_left(&r))
        rd_fail(&r, "bytes left over behind a list");
    return rd_ok(&r) ? !n || fn(ctx, bytes_of(&f->key), bytes_of(&f->value), e) : malformed(en, &r, e);
}

static bool map_canonical(struct form *f, const struct entry *en, record_fn *fn, void *ctx, struct err *e)
{
    struct rd r = rd_of(en->value.p, en->value.n, en->at);
    size_t scope = f->key.n;
    uint32_t n = rd_count(&r, 1);
    for (uint32_t i = 0; i < n && rd_live(&r); i++) {
        const uint8_t *from = r.p;
        ser_read(en->info->user_key, &r, NULL);
        if (r.cut)
            return unknown(en->info->user_key, "a map's key", e);
        f->key.n = scope;
        buf_put(&f->key, from, (size_t)(r.p - from));
        from = r.p;
        if (!rd_bool(&r) && rd_live(&r))
            ser_read(en->info->element, &r, NULL);
        if (r.cut)
            return unknown(en->info->element, "a map's value", e);
        if (rd_ok(&r) && !fn(ctx, bytes_of(&f->key), (struct bytes){from, (size_t)(r.p - from)}, e))
            return false;
    }
    if (rd_ok(&r) && rd_left(&r))
        rd_fail(&r, "bytes left over behind a map");
    return rd_ok(&r) || malformed(en, &r, e);
}

bool form_canonical(struct form *f, const struct entry *en, record_fn *fn, void *ctx, struct err *e)
{
    if (en->raw_key.n)
        return fn(ctx, (struct bytes){en->raw_key.p + en->prefix, en->raw_key.n - en->prefix}, en->value, e);
    if (en->form == FORM_TIMER)
        return fn(ctx, en->value, (struct bytes){0}, e);
    if (!put_composite(&f->key, en, e))
        return false;
    switch (en->form) {
    case FORM_LIST_COUNT:
        return list_canonical(f, en, fn, ctx, e);
    case FORM_MAP_COUNT:
        return map_canonical(f, en, fn, ctx, e);
    case FORM_MAP_ENTRY:
        wr_bytes(&f->key, en->user_key);
        break;
    default:
        break;
    }
    return fn(ctx, bytes_of(&f->key), en->value, e);
}

static bool whole(const struct ser *s, struct bytes b, const struct entry *en, struct err *e)
{
    struct rd r = rd_of(b.p, b.n, en->at);
    ser_read(s, &r, NULL);
    if (rd_live(&r) && rd_left(&r))
        rd_fail(&r, "bytes left over behind it");
    return rd_ok(&r) || malformed(en, &r, e);
}

bool form_check(const struct entry *en, struct err *e)
{
    struct bytes value = en->value;
    if (en->form != FORM_TIMER && !(whole(en->header->key, en->key, en, e) && whole(en->info->ns, en->ns, en, e)))
        return false;
    switch (en->form) {
    case FORM_VALUE:
    case FORM_TIMER:
        return whole(en->info->value, value, en, e);
    case FORM_MAP_ENTRY:
        if (!value.n || !whole(en->info->user_key, en->user_key, en, e))
            return err_set(e, ERR_CORRUPT, "%s: an empty map value, at offset %llu", en->file, (unsigned long long)en->at);
        return value.p[0] || whole(en->info->element, (struct bytes){value.p + 1, value.n - 1}, en, e);
    default:
        return true;
    }
}

static bool list_heap(struct form *f, const struct entry *en, struct bytes *value, struct err *e)
{
    struct rd r = rd_of(en->value.p, en->value.n, en->at);
    uint32_t n = 0;
    f->value.n = 0;
    wr_u32(&f->value, 0);
    while (rd_live(&r) && rd_left(&r)) {
        const uint8_t *from = r.p;
        ser_read(en->info->element, &r, NULL);
        buf_put(&f->value, from, (size_t)(r.p - from));
        n++;
        if (rd_live(&r) && rd_left(&r) && rd_u8(&r) != ',')
            rd_fail(&r, "no delimiter between two list elements");
    }
    if (r.cut)
        return unknown(en->info->element, "a list's element", e);
    if (!rd_ok(&r))
        return malformed(en, &r, e);
    n = __builtin_bswap32(n);
    memcpy(f->value.p, &n, 4);
    *value = bytes_of(&f->value);
    return true;
}

bool form_heap(struct form *f, const struct entry *en, struct bytes *value, struct err *e)
{
    *value = en->value;
    return en->form != FORM_LIST_DELIM || list_heap(f, en, value, e);
}

void form_heap_map(struct buf *to, const struct entry *en)
{
    wr_bytes(to, en->user_key);
    bool null = en->value.n && en->value.p[0];
    wr_bytes(to, null ? (struct bytes){en->value.p, 1} : en->value); /* behind a null the heap backend's canonical form has more */
}
