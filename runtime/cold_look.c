/* Entries of a kstate that are in memory or in the database: for kstate.c. */
#include <stdlib.h>
#include <string.h>

#include "runtime/cold.h"
#include "runtime/cold_items.h"
#include "runtime/keygroup.h"
#include "savepoint/rocks_kv.h"

struct looking {
    struct cold *cold;
    uint32_t state;
};

static bool found(void *ctx, struct bytes key, struct bytes value, struct err *e)
{
    struct looking *l = ctx;
    (void)e;
    items_add(l->cold->items, l->state, key, value);
    return true;
}

static struct bytes bytes_of(const struct buf *b) { return (struct bytes){b->p, b->n}; }

/* The key group and the key. How long the first is comes back. */
static size_t make_prefix(struct cold *c, const union cell *key, const uint8_t *null)
{
    const struct keyed *k = c->o->keyed;
    size_t group = keyed_prefix((int32_t)k->max_parallelism);
    c->key.n = 0;
    buf_put(&c->key, "\0\0", group);
    ks_put_row(&c->key, k->key_types, k->n_keys, key, null);
    uint32_t g = key_group_of_bytes(c->key.p + group + 4, c->key.n - group - 4, k->max_parallelism);
    c->key.p[0] = (uint8_t)(group == 2 ? g >> 8 : g);
    c->key.p[group - 1] = (uint8_t)g;
    return group;
}

/* What the database has of the key, in items. */
static bool read_key(struct cold *c, const struct keyed_entries *of, struct err *e)
{
    const struct keyed *k = c->o->keyed;
    size_t prefix = c->key.n;
    bool ok = true;
    items_clear(c->items);
    for (uint32_t s = of->first; ok && s < of->end; s++) {
        struct looking l = {c, s};
        bool is;
        c->key.n = prefix;
        if (k->states[s].kind == KIND_TIMERS)
            continue;
        if (k->states[s].kind == KIND_MAP || k->states[s].ns != KEYED_VOID) {
            ok = rocks_kv_walk(c->db, s, bytes_of(&c->key), found, &l, e);
            continue;
        }
        buf_putc(&c->key, 0); /* the void namespace */
        c->value.n = 0;
        ok = rocks_kv_get(c->db, s, bytes_of(&c->key), &c->value, &is, e);
        if (ok && is)
            items_add(c->items, s, bytes_of(&c->key), bytes_of(&c->value));
    }
    c->key.n = prefix;
    return ok;
}

static void take_list(struct cold *c, const struct ser *element, struct snap_keyed x, struct snap *to)
{
    struct rd in = rd_of(x.value.p, x.value.n, 0);
    while (rd_live(&in) && rd_left(&in)) {
        const uint8_t *from = in.p;
        ser_read(element, &in, NULL);
        x.value = (struct bytes){from, (size_t)(in.p - from)};
        snap_put_keyed(to, &x);
        if (rd_left(&in))
            rd_take(&in, 1);
    }
    if (!rd_ok(&in))
        op_fail(c->o, ERR_CORRUPT, "state \"%s\": %s", c->o->keyed->states[x.state].name, in.why);
}

/* Those items as entries of a snapshot, which point into them. */
static void make_snap(struct cold *c, size_t group, struct snap *to)
{
    static const size_t longs[] = {[KEYED_VOID] = 1, [KEYED_LONG] = 8, [KEYED_WINDOW] = 16}; /* bytes of a namespace */
    const struct keyed *k = c->o->keyed;
    const uint8_t *bytes = c->items->bytes.p;
    for (uint32_t i = 0; i < c->items->n; i++) {
        const struct item *item = &c->items->v[i];
        const struct keyed_state *s = &k->states[item->state];
        struct bytes key = item_key(item, bytes), value = item_value(item, bytes);
        size_t ns = c->key.n + longs[s->ns];
        bool map = s->kind == KIND_MAP;
        if (key.n < ns || (map && (!value.n || value.p[0])))
            continue;
        struct snap_keyed x = {.state = item->state,
                               .key = {key.p + group, c->key.n - group},
                               .ns = {key.p + c->key.n, longs[s->ns]},
                               .user_key = {key.p + ns, key.n - ns},
                               .value = {value.p + map, value.n - map}};
        if (s->kind == KIND_LIST)
            take_list(c, c->header->states[item->state].element, x, to);
        else
            snap_put_keyed(to, &x);
    }
}

static void take(struct kpages *p, const struct snap *s, struct err *e)
{
    struct op *o = p->cold->o;
    uint32_t passes = p->of->form->passes;
    for (uint32_t pass = 0; pass < (passes ? passes : 1) && e->kind == ERR_NONE; pass++) {
        struct ks_walk w = ks_walk_of(o, s);
        while (ks_next(&w, e))
            keyed_take(o, &w.entry, pass);
        ks_walk_end(&w);
    }
}

static struct kentry *load(struct kstate *k, const union cell *key, const uint8_t *null)
{
    struct kpages *p = k->pages;
    struct cold *c = p->cold;
    struct err e = {0};
    struct kentry *at = NULL;
    arena_reset(&c->a);
    struct snap s = {.a = &c->a};
    size_t group = make_prefix(c, key, null);
    bool ok = rocks_kv_write(c->db, &e) && read_key(c, p->of, &e);
    if (ok && c->items->n) {
        struct kept *kept = items_keep(c->items);
        make_snap(c, group, &s);
        p->loading = true;
        take(p, &s, &e);
        at = kstate_find(k, key, null);
        if (at && p->of->form->settle && e.kind == ERR_NONE) {
            p->of->form->settle(c->o, p->of, at, &e);
            at = kstate_find(k, key, null);
        }
        p->loading = false;
        p->found = kept;
        if (at)
            cold_made(k, at);
    }
    if (e.kind != ERR_NONE)
        op_fail(c->o, e.kind, "%s", e.text);
    return at;
}

struct kentry *cold_look(struct kstate *k, struct kentry *e, const union cell *key, const uint8_t *null)
{
    if (k->pages->loading)
        return e;
    if (!e)
        e = load(k, key, null);
    if (e)
        kstate_page(k, e)->touched = kstate_page(k, e)->used = true;
    return e;
}

void cold_leave(struct kpages *p)
{
    free(p->found);
    p->found = NULL;
}

void cold_made(struct kstate *k, struct kentry *e)
{
    struct kpages *p = k->pages;
    struct kpage *page = kstate_page(k, e);
    if (p->loading)
        return;
    *page = (struct kpage){p->found, true, true};
    p->bytes += p->found ? p->found->bytes : 0;
    p->found = NULL;
}

void cold_removed(struct kstate *k, struct kentry *e)
{
    const struct kept *kept = kstate_page(k, e)->kept;
    for (uint32_t i = 0; kept && i < kept->n; i++)
        rocks_kv_delete(k->pages->cold->db, kept->v[i].state, item_key(&kept->v[i], kept_bytes(kept)));
}

void cold_gone(struct kstate *k, struct kentry *e)
{
    if (k->pages->hand == e)
        k->pages->hand = e->next;
    cold_released(k, e);
}

void cold_released(struct kstate *k, struct kentry *e)
{
    struct kpage *page = kstate_page(k, e);
    struct kpages *p = k->pages;
    p->bytes -= page->kept ? page->kept->bytes : 0;
    free(page->kept);
    page->kept = NULL;
}
