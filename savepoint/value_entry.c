/* Values of entries, in each of the forms in which they lie (keyed.h). */
#include <stdlib.h>

#include "savepoint/encode.h"
#include "savepoint/value_encode.h"

static void joined(struct enc *w, const struct ser *element, const struct value *v)
{
    const struct value *items;
    uint32_t n;
    if (!enc_items(w, v, "a list", &items, &n))
        return;
    for (uint32_t i = 0; i < n && enc_ok(w); i++) {
        if (i)
            wr_u8(w->out, ',');
        enc_value(w, element, &items[i], NULL, i);
    }
}

static void counted(struct enc *w, const struct ser *element, const struct value *v)
{
    const struct value *items;
    uint32_t n;
    if (!enc_items(w, v, "a list", &items, &n))
        return;
    enc_count(w, n);
    for (uint32_t i = 0; i < n && enc_ok(w); i++)
        enc_value(w, element, &items[i], NULL, i);
}

static void map_value(struct enc *w, const struct ser *s, const struct value *v, uint32_t i)
{
    wr_u8(w->out, v->kind == VAL_NULL);
    if (v->kind != VAL_NULL)
        enc_value(w, s, v, NULL, i);
}

static void counted_map(struct enc *w, const struct state_info *info, const struct value *v)
{
    struct buf room = {0};
    const struct value *items;
    uint32_t n;
    if (enc_pairs(w, v, "a map", &room, &items, &n)) {
        enc_count(w, n);
        for (uint32_t i = 0; i < n && enc_ok(w); i++) {
            enc_value(w, info->user_key, &items[2 * i], NULL, i);
            map_value(w, info->element, &items[2 * i + 1], i);
        }
    }
    buf_free(&room);
}

bool value_encode_as(const struct state_info *info, enum entry_form form, const struct value *v, struct buf *out, struct err *e)
{
    size_t from = out->n;
    struct enc w = {.out = out, .e = e};
    switch (form) {
    case FORM_VALUE:
        enc_value(&w, info->element, v, "", 0);
        break;
    case FORM_LIST_DELIM:
        joined(&w, info->element, v);
        break;
    case FORM_LIST_COUNT:
        counted(&w, info->element, v);
        break;
    case FORM_MAP_ENTRY:
        map_value(&w, info->element, v, 0);
        break;
    case FORM_MAP_COUNT:
        counted_map(&w, info, v);
        break;
    case FORM_TIMER:
        enc_value(&w, info->value, v, "", 0);
        break;
    }
    if (w.bad)
        out->n = from;
    return !w.bad;
}

/* --- the way back --- */

/* The next value of s in r, as value_decode reads one. */
static bool next(struct value_sink *to, const struct ser *s, struct rd *r, struct value *v, struct err *e)
{
    const uint8_t *from = r->p;
    struct rd walk = *r;
    ser_read(s, &walk, NULL);
    bool ok = rd_ok(&walk) && value_decode(to, s, (struct bytes){from, (size_t)(walk.p - from)}, v, e);
    *r = walk;
    return ok;
}

/* The elements of a list or the keys and values of a map, gathered before their number is known. */
struct gathered {
    struct value *items;
    uint32_t n, cap;
};

static struct value *room(struct gathered *g)
{
    if (g->n == g->cap) {
        g->cap = g->cap ? g->cap * 2 : 16;
        g->items = mem_grow(g->items, g->cap, sizeof *g->items);
    }
    g->items[g->n] = value_null();
    return &g->items[g->n++];
}

static bool list_of(struct gathered *g, struct value_sink *to, const struct entry *en, struct rd *r, struct err *e)
{
    bool delimited = en->form == FORM_LIST_DELIM;
    uint32_t left = delimited ? UINT32_MAX : rd_count(r, 0);
    while (rd_live(r) && (delimited ? rd_left(r) : left--)) {
        if (!next(to, en->info->element, r, room(g), e))
            return false;
        if (delimited && rd_live(r) && rd_left(r) && rd_u8(r) != ',')
            rd_fail(r, "no delimiter between two list elements");
    }
    return rd_ok(r);
}

static bool map_of(struct gathered *g, struct value_sink *to, const struct entry *en, struct rd *r, struct err *e)
{
    for (uint32_t left = rd_count(r, 1); left && rd_live(r); left--) {
        if (!next(to, en->info->user_key, r, room(g), e))
            return false;
        struct value *v = room(g);
        if (rd_live(r) && !rd_bool(r) && !next(to, en->info->element, r, v, e))
            return false;
    }
    return rd_ok(r);
}

bool value_decode_as(struct value_sink *to, const struct entry *en, struct value *v, struct err *e)
{
    struct rd r = rd_of(en->value.p, en->value.n, en->at);
    struct gathered g = {0};
    bool map = en->form == FORM_MAP_COUNT, null, ok;
    switch (en->form) {
    case FORM_LIST_DELIM:
    case FORM_LIST_COUNT:
        ok = list_of(&g, to, en, &r, e);
        break;
    case FORM_MAP_COUNT:
        ok = map_of(&g, to, en, &r, e);
        break;
    case FORM_MAP_ENTRY: /* behind a null the heap backend's canonical form has more */
        null = rd_bool(&r);
        *v = value_null();
        ok = null ? rd_ok(&r) : next(to, en->info->element, &r, v, e);
        if (null)
            r.p = r.end;
        break;
    default:
        return value_decode(to, en->form == FORM_TIMER ? en->info->value : en->info->element, en->value, v, e);
    }
    if (ok && rd_live(&r) && rd_left(&r))
        rd_fail(&r, "bytes left over behind it");
    if (rd_ok(&r) && ok && en->form != FORM_MAP_ENTRY) {
        *v = value_list(to->a, map ? VAL_MAP : VAL_LIST, g.n);
        v->pairs = map;
        if (g.n)
            memcpy(v->items, g.items, g.n * sizeof *g.items);
    }
    free(g.items);
    return (ok && rd_ok(&r)) ||
        err_set(e, ERR_CORRUPT, "%s: value of state \"%s\": %s, at offset %llu", en->file, en->info->name,
                r.why ? r.why : "malformed", (unsigned long long)r.bad_at);
}

/* --- broadcast state (HeapBroadcastState#write): i32 n, n * (key, value) --- */

bool value_encode_broadcast(const struct state_info *info, const struct value *v, struct buf *out, struct err *e)
{
    size_t from = out->n;
    struct enc w = {.out = out, .e = e};
    struct buf pairs = {0};
    const struct value *items;
    uint32_t n;
    if (enc_pairs(&w, v, "a map", &pairs, &items, &n)) {
        enc_count(&w, n);
        for (uint32_t i = 0; i < n && enc_ok(&w); i++) {
            enc_value(&w, info->user_key, &items[2 * i], NULL, i);
            enc_value(&w, info->element, &items[2 * i + 1], NULL, i);
        }
    }
    buf_free(&pairs);
    if (w.bad)
        out->n = from;
    return !w.bad;
}

bool value_decode_broadcast(struct value_sink *to, const struct state_info *info, struct bytes b, struct value *v, struct err *e)
{
    struct rd r = rd_of(b.p, b.n, 0);
    struct gathered g = {0};
    bool ok = true;
    for (uint32_t left = rd_count(&r, 0); ok && left && rd_live(&r); left--)
        ok = next(to, info->user_key, &r, room(&g), e) && (!rd_live(&r) || next(to, info->element, &r, room(&g), e));
    if (ok && rd_live(&r) && rd_left(&r))
        rd_fail(&r, "bytes left over behind it");
    *v = value_list(to->a, VAL_MAP, g.n + g.n % 2);
    v->pairs = true;
    if (g.n)
        memcpy(v->items, g.items, g.n * sizeof *g.items);
    free(g.items);
    return (ok && rd_ok(&r)) ||
        err_set(e, ERR_CORRUPT, "broadcast state \"%s\": %s, at its byte %llu", info->name, r.why ? r.why : "malformed",
                (unsigned long long)r.bad_at);
}
