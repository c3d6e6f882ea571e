#include "runtime/cold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/temp.h"
#include "runtime/cold_items.h"
#include "runtime/exec.h"
#include "runtime/exec_keyed.h"
#include "savepoint/keyed_native.h"
#include "savepoint/out_file.h"
#include "savepoint/rocks_kv.h"
#include "savepoint/write_form.h"

enum {
    BYTES_MOST = 64 << 20, /* that the database has of entries in memory, of each kstate */
    ENTRIES_MOST = 1 << 16
};

/* --- records of what the operator puts --- */

struct adding {
    struct cold *cold;
    uint32_t state, group;
};

static void begin_key(struct cold *c, uint32_t group)
{
    c->key.n = 0;
    if (keyed_prefix((int32_t)c->o->keyed->max_parallelism) == 2)
        buf_putc(&c->key, (uint8_t)(group >> 8));
    buf_putc(&c->key, (uint8_t)group);
}

static struct bytes bytes_of(const struct buf *b) { return (struct bytes){b->p, b->n}; }

static bool add_record(void *ctx, struct bytes key, struct bytes value, struct err *e)
{
    const struct adding *a = ctx;
    (void)e;
    begin_key(a->cold, a->group);
    buf_put(&a->cold->key, key.p, key.n);
    items_add(a->cold->items, a->state, bytes_of(&a->cold->key), value);
    return true;
}

static bool add_put(struct cold *c, struct form *form, const struct snap_keyed *x, struct err *e)
{
    const struct keyed_state *s = &c->o->keyed->states[x->state];
    struct adding a = {c, x->state, x->group};
    const struct entry en = {.header = c->header,
                             .info = &c->header->states[x->state],
                             .key_group = x->group,
                             .form = keyed_form_of(s->kind),
                             .key = x->key,
                             .ns = x->ns,
                             .user_key = x->user_key,
                             .value = x->value,
                             .file = "state"};
    return form_canonical(form, &en, add_record, &a, e);
}

static bool add_all(struct cold *c, const struct snap *s, struct err *e)
{
    struct form form = {0};
    bool ok = true;
    for (const struct snap_block *b = s->keyed; b; b = b->next)
        for (uint32_t i = 0; ok && i < b->n; i++)
            ok = add_put(c, &form, &b->k[i], e);
    buf_free(&form.key);
    buf_free(&form.value);
    items_sort(c->items);
    return ok;
}

/* What a snapshot has given (keyed_read): a list's elements and a map's values by themselves. */
static void add_taken(struct cold *c, const struct snap_keyed *x)
{
    const struct keyed_state *s = &c->o->keyed->states[x->state];
    struct cold_items *all = c->items;
    begin_key(c, x->group);
    buf_put(&c->key, x->key.p, x->key.n);
    buf_put(&c->key, x->ns.p, x->ns.n);
    buf_put(&c->key, x->user_key.p, x->user_key.n);
    struct bytes key = bytes_of(&c->key), delimiter = {(const uint8_t *)",", 1}, not_null = {(const uint8_t *)"", 1};
    const struct item *last = all->n ? &all->v[all->n - 1] : NULL;
    bool goes_on = s->kind == KIND_LIST && last && last->state == x->state && last->key_n == key.n &&
        !memcmp(all->bytes.p + last->at, key.p, key.n);
    if (goes_on)
        items_grow(all, delimiter);
    else
        items_add(all, x->state, key, s->kind == KIND_MAP ? not_null : (struct bytes){0});
    items_grow(all, x->value);
}

/* --- an entry goes to the database --- */

static void spill(struct kpages *p, struct kentry *e)
{
    struct cold *c = p->cold;
    struct kstate *k = p->of->state;
    struct kpage *page = kstate_page(k, e);
    struct snap s = {.a = &c->a};
    if (!kstate_lives(k, e)) {
        kstate_remove(k, e);
        return;
    }
    arena_reset(&c->a);
    items_clear(c->items);
    keyed_put(c->o, p->of, e, &s);
    if (!add_all(c, &s, &c->o->ev->e))
        return;
    items_write(c->items, page->kept, c->db);
    cold_released(k, e);
    page->kept = items_keep(c->items);
    p->bytes += page->kept ? page->kept->bytes : 0;
    page->touched = false;
}

static void look_at_time(const struct kpages *p)
{
    if (p->of->ttl)
        ttl_look(p->of->ttl, p->cold->o);
}

static bool too_many(const struct kpages *p, uint32_t entries, size_t bytes)
{
    const struct kstate *k = p->of->state;
    return k->n > entries || (k->n > 1 && p->bytes > bytes);
}

/* One after the other: whoever has not been asked for since the last time goes. */
static void trim(struct kpages *p)
{
    struct kstate *k = p->of->state;
    uint32_t most = p->cold->most;
    uint64_t left = 2 * (uint64_t)k->n + 1;
    look_at_time(p);
    while (left-- && too_many(p, most - most / 8, BYTES_MOST - BYTES_MOST / 8)) {
        struct kentry *e = p->hand ? p->hand : k->first;
        struct kpage *page = kstate_page(k, e);
        uint32_t n = k->n;
        p->hand = e->next;
        if (page->used) {
            page->used = false;
            continue;
        }
        if (page->touched)
            spill(p, e);
        if (k->n == n)
            kstate_forget(k, e);
    }
}

void cold_trim(struct op *o)
{
    struct cold *c = o->keyed->cold;
    for (uint32_t i = 0; !c->whole && i < o->keyed->n_entries; i++)
        if (o->keyed->entries[i].ttl)
            atomic_store_explicit(&c->now, o->keyed->entries[i].ttl->now, memory_order_relaxed);
    for (uint32_t i = 0; !c->whole && i < o->keyed->n_entries; i++)
        if (too_many(&c->pages[i], c->most, BYTES_MOST))
            trim(&c->pages[i]);
    if (!op_failed(o))
        rocks_kv_write(c->db, &o->ev->e);
}

/* --- snapshots --- */

struct follow {
    struct cold *cold;
    uint32_t state, at;
};

static void put_item(const struct cold *c, const struct item *i)
{
    rocks_kv_put(c->db, i->state, item_key(i, c->items->bytes.p), item_value(i, c->items->bytes.p));
}

static bool follow(void *ctx, struct bytes key, struct bytes value, struct err *e)
{
    struct follow *f = ctx;
    const struct cold_items *now = f->cold->items;
    const uint8_t *bytes = now->bytes.p;
    const struct item theirs = {f->state, (uint32_t)key.n, (uint32_t)value.n, 0};
    int c = 1;
    (void)e;
    for (; f->at < now->n && now->v[f->at].state == f->state; f->at++) {
        c = item_compare(&now->v[f->at], bytes, &theirs, key.p);
        if (c >= 0)
            break;
        put_item(f->cold, &now->v[f->at]);
    }
    if (f->at == now->n || now->v[f->at].state != f->state || c) {
        rocks_kv_delete(f->cold->db, f->state, key);
        return true;
    }
    struct bytes mine = item_value(&now->v[f->at], bytes);
    if (mine.n != value.n || (mine.n && memcmp(mine.p, value.p, mine.n) != 0))
        put_item(f->cold, &now->v[f->at]);
    f->at++;
    return true;
}

/* The database gets what has changed since the last time, which is found by going through both. */
static bool follow_all(struct cold *c, const struct snap *s, struct err *e)
{
    struct follow f = {.cold = c};
    bool ok;
    items_clear(c->items);
    ok = add_all(c, s, e);
    for (f.state = 0; ok && f.state < c->header->n; f.state++) {
        ok = rocks_kv_walk(c->db, f.state, (struct bytes){0}, follow, &f, e);
        for (; ok && f.at < c->items->n && c->items->v[f.at].state == f.state; f.at++)
            put_item(c, &c->items->v[f.at]);
    }
    items_free(c->items);
    return ok;
}

static void spill_touched(struct kpages *p)
{
    struct kstate *k = p->of->state;
    look_at_time(p);
    for (struct kentry *e = k->first, *next; e && !op_failed(p->cold->o); e = next) {
        next = e->next;
        if (kstate_page(k, e)->touched)
            spill(p, e);
    }
}

static bool count_files(struct snap *s, struct err *e)
{
    struct native_db db = {0};
    bool ok = native_list(&db, s->database, s->a, e);
    for (uint32_t i = 0; ok && i < db.n; i++)
        s->database_bytes += db.files[i].size;
    return ok;
}

void cold_snapshot(struct op *o, uint64_t checkpoint, struct snap *to)
{
    struct cold *c = o->keyed->cold;
    struct err *e = &o->ev->e;
    bool ok = true;
    if (c->whole) {
        op_snapshot(o, checkpoint, to);
        while (op_snapshot_go_on(o, UINT32_MAX))
            ;
        ok = follow_all(c, to, e);
        snap_forget_keyed(to);
    } else {
        if (o->class->snapshot)
            o->class->snapshot(o, checkpoint, to);
        for (uint32_t i = 0; i < o->keyed->n_entries; i++)
            spill_touched(&c->pages[i]);
    }
    to->database = arena_printf(to->a, "%s/chk-%llu", c->dir, (unsigned long long)checkpoint);
    if (!ok || op_failed(o) || !rocks_kv_checkpoint(c->db, to->database, e) || !count_files(to, e))
        err_in(e, "node %lld (%s)", (long long)o->node->id, o->node->type);
}

/* --- opening --- */

/* Whoever looks at an entry by its key alone need not have it in memory. */
static bool is_whole(const struct keyed *k)
{
    uint32_t covered = 0;
    for (uint32_t i = 0; i < k->n_entries; i++) {
        covered += k->entries[i].end - k->entries[i].first;
        if (!k->entries[i].form->by_key || k->entries[i].form->timers)
            return true;
    }
    return covered != k->n;
}

bool cold_open(struct op *o, struct err *e)
{
    struct keyed *k = o->keyed;
    if (!o->job->rocks || !k || !k->n || k->why.kind != ERR_NONE)
        return true;
    struct cold *c = k->cold = arena_alloc(o->a, sizeof *c);
    struct uuid id = uuid_random();
    memcpy(c->backend, id.s, sizeof c->backend);
    c->o = o;
    c->whole = is_whole(k);
    c->most = o->job->rocks_entries ? o->job->rocks_entries : ENTRIES_MOST;
    c->items = arena_alloc(o->a, sizeof *c->items);
    for (uint32_t i = 0; !c->whole && i < k->n_entries; i++) {
        c->pages[i] = (struct kpages){.cold = c, .of = &k->entries[i]};
        kstate_paged(k->entries[i].state, &c->pages[i]);
    }
    return (c->header = keyed_header_of(k, o->a, e)) != NULL;
}

static enum rocks_lookup lookup(const struct keyed_state *s)
{
    return s->kind == KIND_TIMERS ? ROCKS_IN_ORDER : s->kind == KIND_MAP || s->ns != KEYED_VOID ? ROCKS_BY_PREFIX : ROCKS_BY_KEY;
}

/* What has expired (ttl_over). */
static bool is_over(const void *ctx, struct bytes value)
{
    const struct cold_ttl *t = ctx;
    if (value.n < t->at + sizeof(int64_t))
        return false;
    int64_t written = (int64_t)be64(value.p + t->at);
    return written <= INT64_MAX - t->ms && written + t->ms <= atomic_load_explicit(&t->cold->now, memory_order_relaxed);
}

static bool open_database(struct cold *c, const char *path, struct err *e)
{
    const struct keyed *k = c->o->keyed;
    c->families = arena_array(c->o->a, k->n + 1, sizeof *c->families);
    c->ttls = arena_array(c->o->a, k->n + 1, sizeof *c->ttls);
    for (uint32_t i = 0; i < k->n; i++) {
        const struct keyed_state *s = &k->states[i];
        c->families[i] = (struct rocks_family){.name = s->name, .lookup = lookup(s), .ctx = &c->ttls[i]};
        if (!s->ttl || c->whole || s->kind == KIND_LIST)
            continue;
        c->ttls[i] = (struct cold_ttl){c, s->ttl->ms, s->kind == KIND_MAP}; /* behind whether it is NULL */
        c->families[i].gone = is_over;
    }
    c->db = rocks_kv_open(path, keyed_prefix((int32_t)k->max_parallelism), c->families, k->n, e);
    return c->db != NULL;
}

static bool take_entries(void *ctx, struct snap *s, struct err *e)
{
    struct cold *c = ctx;
    items_clear(c->items);
    for (struct snap_block *b = s->keyed; b; b = b->next)
        for (uint32_t i = 0; i < b->n; i++)
            if (ks_is_mine(c->o, &b->k[i]))
                add_taken(c, &b->k[i]);
    for (uint32_t i = 0; i < c->items->n; i++)
        put_item(c, &c->items->v[i]);
    snap_forget_keyed(s);
    arena_reset(s->a);
    return e->kind == ERR_NONE;
}

/* Entry by entry, of handles that have some of its key groups. */
static bool read_handles(struct cold *c, const struct snapshot *from, const struct meta_operator *op, struct err *e)
{
    struct snap s = {.a = &c->a};
    bool ok = true;
    for (uint32_t i = 0; ok && i < op->n; i++)
        ok = keyed_read(from, op, &op->subtasks[i].keyed, c->o, &s, take_entries, c, e);
    return ok && rocks_kv_write(c->db, e);
}

/* The one handle that has this subtask's key groups and no others, whose database can be gone on with as it is; or none. */
static const struct meta_keyed *own_handle(const struct cold *c, const struct meta_operator *op)
{
    const struct meta_keyed *own = NULL;
    uint32_t first, n;
    ks_groups(c->o, &first, &n);
    for (uint32_t i = 0; i < op->n; i++) {
        const struct meta_keyed *h = &op->subtasks[i].keyed;
        if (h->tag == HANDLE_NULL || (uint32_t)h->kg_first >= first + n || (uint32_t)h->kg_first + h->kg_count <= first)
            continue;
        bool same =
            (h->tag == HANDLE_INCREMENTAL_V2 || h->tag == HANDLE_INCREMENTAL) && (uint32_t)h->kg_first == first && h->kg_count == n;
        if (own || !same)
            return NULL;
        own = h;
    }
    return op->max_parallelism == (int32_t)c->o->keyed->max_parallelism ? own : NULL;
}

/* Tables that lie where the job's own checkpoints have theirs are named again by the next one. */
static void know(struct cold *c, const struct meta_keyed *h, const char *shared, struct arena *a)
{
    struct meta_keyed mine = {.shared = arena_array(a, h->n_shared + 1, sizeof *mine.shared)};
    size_t n = shared ? strlen(shared) : 0;
    for (uint32_t i = 0; n && i < h->n_shared; i++) {
        const char *path = files_path(&h->shared[i].stream);
        if (path && !strncmp(path, shared, n) && path[n] == '/' && !strchr(path + n + 1, '/'))
            mine.shared[mine.n_shared++] = h->shared[i];
    }
    files_keep(&c->known, &mine);
    memcpy(c->backend, h->backend_id, strlen(h->backend_id) < sizeof c->backend ? strlen(h->backend_id) + 1 : 0);
}

static bool begin_from(struct cold *c, const char *path, const struct snapshot *from, const struct meta_operator *op, struct err *e)
{
    const struct meta_keyed *h = own_handle(c, op);
    struct arena a = {0};
    bool linked = false, ok = !h || keyed_link(from, op, h, c->o, path, &linked, &a, e);
    if (ok && linked)
        know(c, h, c->o->job->checkpoints.shared, &a);
    arena_free(&a);
    return ok && open_database(c, path, e) && (linked || c->whole || read_handles(c, from, op, e));
}

bool cold_begin(struct op *o, const struct snapshot *from, const struct meta_operator *op, struct err *e)
{
    struct cold *c = o->keyed->cold;
    struct buf path = {0};
    if (!(c->dir = cold_dir_make(o->job->rocks_dir, &c->held, e)))
        return false;
    buf_printf(&path, "%s/db", c->dir);
    bool ok = (!mkdir(buf_cstr(&path), 0777) || err_set(e, ERR_IO, "%s: %s", buf_cstr(&path), strerror(errno))) &&
        (op ? begin_from(c, buf_cstr(&path), from, op, e) : open_database(c, buf_cstr(&path), e));
    buf_free(&path);
    return ok;
}

void cold_close(struct op *o)
{
    struct cold *c = o->keyed->cold;
    if (!c)
        return;
    rocks_kv_close(c->db);
    if (c->dir)
        close(c->held);
    temp_remove(c->dir);
    files_known_free(&c->known);
    files_known_free(&c->fresh);
    items_free(c->items);
    buf_free(&c->key);
    buf_free(&c->value);
    arena_free(&c->a);
}
